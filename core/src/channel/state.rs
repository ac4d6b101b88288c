//! The life of a channel (RFC 4254, sections 5.1 and 5.3).
//!
//! "When either party wishes to terminate the channel, it sends SSH_MSG_CHANNEL_CLOSE. Upon receiving this message, a
//! party MUST send back an SSH_MSG_CHANNEL_CLOSE unless it has already sent this message for the channel. The channel is
//! considered closed for a party when it has both sent and received SSH_MSG_CHANNEL_CLOSE."
//!
//! ```text
//!  Free --own OPEN written--> Opening --CONFIRMATION--> Open --CLOSE written and CLOSE seen--> Ended --told--> Free
//!                                \--FAILURE--> Ended
//!  Free --peer's OPEN--> Requested --accepted--> Confirming --CONFIRMATION written--> Open
//!                                \--refused--> Free
//! ```
//! The machine does not know its role, and not who opened.

use crate::connection::error::Error;

/// How far one direction is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Side {
    Data,
    Eof,
    Close,
}

/// Where a channel is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub(crate) enum State {
    #[default]
    Free,
    /// Our OPEN is written, the answer is due.
    Opening,
    /// The peer's OPEN waits for the application.
    Requested,
    /// The application accepted; our CONFIRMATION is due.
    Confirming,
    /// Both sides know it.
    Open { sent: Side, seen: Side },
    /// Over; the application has to be told.
    Ended,
}

/// What happens to a channel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Input {
    /// Our OPEN is written.
    OpenWritten,
    /// The peer's OPEN came.
    OpenSeen,
    /// The application accepted it.
    Accepted,
    /// The application refused it.
    RefusedHere,
    /// Our CONFIRMATION is written.
    ConfirmationWritten,
    /// The peer's CONFIRMATION came.
    ConfirmationSeen,
    /// The peer's FAILURE came.
    FailureSeen,
    /// CHANNEL_DATA or CHANNEL_EXTENDED_DATA came.
    DataSeen,
    /// WINDOW_ADJUST, a request, or a reply came.
    ControlSeen,
    /// EOF came.
    EofSeen,
    /// CLOSE came.
    CloseSeen,
    /// Our EOF is written.
    EofWritten,
    /// Our CLOSE is written.
    CloseWritten,
    /// The application was told the end.
    Told,
}

impl State {
    /// Open in both directions, as it begins.
    const BEGIN: State = State::Open { sent: Side::Data, seen: Side::Data };

    /// The next state. What a peer may not do is the error it is; what this side may not do is a bug.
    pub(crate) fn on(self, input: Input) -> Result<State, Error> {
        use Input::*;
        use Side::{Close, Data, Eof};
        use State::{Confirming, Ended, Free, Open, Opening, Requested};
        match (self, input) {
            (Free, OpenWritten) => Ok(Opening),
            (Free, OpenSeen) => Ok(Requested),
            (Requested, Accepted) => Ok(Confirming),
            (Requested, RefusedHere) => Ok(Free),
            (Confirming, ConfirmationWritten) => Ok(State::BEGIN),
            (Opening, ConfirmationSeen) => Ok(State::BEGIN),
            (Opening, FailureSeen) => Ok(Ended),
            (Open { seen: Data, .. }, DataSeen) => Ok(self),
            (Open { seen: Eof, .. }, DataSeen | EofSeen) => Err(Error::AfterEof),
            (Open { seen: Data | Eof, .. }, ControlSeen) => Ok(self),
            (Open { sent, seen: Data }, EofSeen) => Ok(Open { sent, seen: Eof }),
            (Open { sent: Close, seen: Data | Eof }, CloseSeen) => Ok(Ended),
            (Open { sent, seen: Data | Eof }, CloseSeen) => Ok(Open { sent, seen: Close }),
            (Open { sent: Data, seen }, EofWritten) => Ok(Open { sent: Eof, seen }),
            (Open { sent: Data | Eof, seen: Close }, CloseWritten) => Ok(Ended),
            (Open { sent: Data | Eof, seen }, CloseWritten) => Ok(Open { sent: Close, seen }),
            (Ended, Told) => Ok(Free),
            (_, ConfirmationSeen | FailureSeen | DataSeen | ControlSeen | EofSeen | CloseSeen) => {
                Err(Error::UnknownChannel)
            }
            _ => Err(Error::Bug),
        }
    }

    /// Whether a message about it may be sent.
    pub(crate) fn can_send(self) -> bool {
        matches!(self, State::Open { sent: Side::Data | Side::Eof, .. })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use Input::*;
    use std::{format, string::String};

    /// Every state by every input: the reviewed table. `!` is the peer's fault, `-` cannot happen.
    #[test]
    fn every_state_by_every_input() {
        let sides = [Side::Data, Side::Eof, Side::Close];
        let open = sides.iter().flat_map(|sent| sides.iter().map(move |seen| State::Open { sent: *sent, seen: *seen }));
        let states = [State::Free, State::Opening, State::Requested, State::Confirming, State::Ended];
        let inputs = [
            OpenWritten,
            OpenSeen,
            Accepted,
            RefusedHere,
            ConfirmationWritten,
            ConfirmationSeen,
            FailureSeen,
            DataSeen,
            ControlSeen,
            EofSeen,
            CloseSeen,
            EofWritten,
            CloseWritten,
            Told,
        ];
        let short = |state: State| match state {
            State::Open { sent, seen } => format!("{}{}", letter(sent), letter(seen)),
            other => format!("{other:?}")[..3].to_lowercase(),
        };
        let mut table = String::new();
        for state in states.into_iter().chain(open) {
            table += &format!("{:<4}", short(state));
            for input in inputs {
                let cell = match state.on(input) {
                    Ok(next) => short(next),
                    Err(Error::Bug) => "-".into(),
                    Err(Error::AfterEof) => "!eof".into(),
                    Err(_) => "!".into(),
                };
                table += &format!(" {cell:<4}");
            }
            table = table.trim_end().into();
            table += "\n";
        }
        // Columns: OPEN written, seen; accepted, refused; CONFIRMATION written, seen; FAILURE, data, control, EOF, CLOSE
        // seen; EOF, CLOSE written; told. `de`: we may send data, the peer has sent EOF.
        let reviewed = "\
fre  ope  req  -    -    -    !    !    !    !    !    !    -    -    -
ope  -    -    -    -    -    dd   end  !    !    !    !    -    -    -
req  -    -    con  fre  -    !    !    !    !    !    !    -    -    -
con  -    -    -    -    dd   !    !    !    !    !    !    -    -    -
end  -    -    -    -    -    !    !    !    !    !    !    -    -    fre
dd   -    -    -    -    -    !    !    dd   dd   de   dc   ed   cd   -
de   -    -    -    -    -    !    !    !eof de   !eof dc   ee   ce   -
dc   -    -    -    -    -    !    !    !    !    !    !    ec   end  -
ed   -    -    -    -    -    !    !    ed   ed   ee   ec   -    cd   -
ee   -    -    -    -    -    !    !    !eof ee   !eof ec   -    ce   -
ec   -    -    -    -    -    !    !    !    !    !    !    -    end  -
cd   -    -    -    -    -    !    !    cd   cd   ce   end  -    -    -
ce   -    -    -    -    -    !    !    !eof ce   !eof end  -    -    -
cc   -    -    -    -    -    !    !    !    !    !    !    -    -    -
";
        assert_eq!(table, reviewed, "\n{table}");
    }

    fn letter(side: Side) -> char {
        match side {
            Side::Data => 'd',
            Side::Eof => 'e',
            Side::Close => 'c',
        }
    }
}
