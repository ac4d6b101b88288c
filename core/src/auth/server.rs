//! The server's side of a login.
//!
//! "The server MUST process each request completely and acknowledge any failed requests with a SSH_MSG_USERAUTH_FAILURE
//! message before processing the next request" (RFC 4252, section 5.1). One request is judged at a time; the next stays
//! unread until its answer is written.
//!
//! ```text
//!  Service --SERVICE_REQUEST--> Idle --request--> Asked (verdict) --accepted--> Owes(Success) --written--> Done
//!                                ^  \--query--> Queried   ^  |      \--partial, denied--> Owes(Failure)
//!                                |                        |  +--questions--> Owes(Prompts) --written--> Prompted
//!                                |                        +---------------------------INFO_RESPONSE--------/ |
//!                                +--written-- Owes(PkOk, Failure, Change)                (as Idle) <--request+
//! ```

use super::{Authenticated, METHODS_MAX};
use crate::connection::error::Error;
use crate::keys::CertificateKind;
use crate::transport::Method;

/// Where logins are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub(crate) enum State {
    /// SERVICE_REQUEST is due.
    #[default]
    Service,
    /// A request may come.
    Idle,
    /// The application judges a login.
    Asked,
    /// The application says whether a key would do.
    Queried,
    /// An answer has to be written.
    Owes(Answer),
    /// Our questions are written: answers may come. So may another request, "in which case the server MUST abandon the
    /// previous authentication attempt and continue with the new one" (RFC 4252, section 5); "A SSH_MSG_USERAUTH_FAILURE
    /// message MUST NOT be sent for an aborted method" (RFC 4252, section 5.1).
    Prompted,
    /// Logged in.
    Done,
}

/// An answer to a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Answer {
    Success,
    Failure {
        partial: bool,
    },
    PkOk,
    /// INFO_REQUEST.
    Prompts,
    /// PASSWD_CHANGEREQ.
    Change,
}

/// What happens to logins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Input {
    /// SERVICE_REQUEST came and was accepted.
    Service,
    /// A request came that the application has to judge.
    Request,
    /// A query came that the application has to answer.
    Query,
    /// A request came that no application need see.
    Hopeless,
    /// Answers to our questions came.
    Response,
    /// Answers came that no application need see.
    HopelessResponse,
    /// The application's verdict, or its word on a key.
    Answered(Answer),
    /// The answer is written.
    Written,
}

impl State {
    /// The next state. A client's message out of turn is its fault.
    pub(crate) fn on(self, input: Input) -> Result<State, Error> {
        use Answer::{Change, Failure, PkOk, Prompts, Success};
        match (self, input) {
            // Once more is no harm: nothing of a login follows from it.
            (State::Service | State::Idle, Input::Service) => Ok(State::Idle),
            (State::Idle | State::Prompted, Input::Request) => Ok(State::Asked),
            (State::Idle | State::Prompted, Input::Query) => Ok(State::Queried),
            (State::Idle | State::Prompted, Input::Hopeless) => Ok(State::Owes(Failure { partial: false })),
            (State::Prompted, Input::Response) => Ok(State::Asked),
            (State::Prompted, Input::HopelessResponse) => Ok(State::Owes(Failure { partial: false })),
            // "The server MUST reply with an SSH_MSG_USERAUTH_SUCCESS, SSH_MSG_USERAUTH_FAILURE, or
            // SSH_MSG_USERAUTH_INFO_REQUEST message" (RFC 4256, section 3.1); "After receiving the response, the server
            // MUST send either an SSH_MSG_USERAUTH_SUCCESS, SSH_MSG_USERAUTH_FAILURE, or another
            // SSH_MSG_USERAUTH_INFO_REQUEST message" (RFC 4256, section 3.4).
            (State::Asked, Input::Answered(answer @ (Success | Failure { .. } | Prompts | Change))) => {
                Ok(State::Owes(answer))
            }
            (State::Queried, Input::Answered(answer @ (PkOk | Failure { partial: false }))) => Ok(State::Owes(answer)),
            (State::Owes(Success), Input::Written) => Ok(State::Done),
            (State::Owes(Failure { .. } | PkOk | Change), Input::Written) => Ok(State::Idle),
            // "The server MUST NOT send another SSH_MSG_USERAUTH_INFO_REQUEST before it has received the answer from
            // the client" (RFC 4256, section 3); "the server MUST NOT ever have more than one
            // SSH_MSG_USERAUTH_INFO_REQUEST message outstanding" (RFC 4256, section 3.2).
            (State::Owes(Prompts), Input::Written) => Ok(State::Prompted),
            (_, Input::Service) => Err(Error::Unexpected { number: 5 }),
            (_, Input::Request | Input::Query | Input::Hopeless) => Err(Error::Unexpected { number: 50 }),
            (_, Input::Response | Input::HopelessResponse) => Err(Error::Unexpected { number: 61 }),
            _ => Err(Error::Bug),
        }
    }

    /// What may arrive.
    pub(crate) fn method(self) -> Method {
        if self == State::Prompted { Method::Interactive } else { Method::Idle }
    }

    /// The next request stays unread; only a KEXINIT directly behind may pass.
    pub(crate) fn waits(self) -> bool {
        matches!(self, State::Asked | State::Queried | State::Owes(_))
    }

    /// The proof, when SUCCESS is written.
    pub(crate) fn succeed(&mut self) -> Result<Authenticated, Error> {
        *self = self.on(Input::Written)?;
        if *self == State::Done { Ok(Authenticated(())) } else { Err(Error::Bug) }
    }
}

/// What an answer to a request has to fit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Password,
    Interactive,
    /// By a certificate, a user's or a host's: accepted only with its check.
    Certificate(CertificateKind),
    Other,
}

/// Logins of one connection: the state, the counts that end them, and the methods of the next FAILURE.
#[derive(Debug)]
pub(crate) struct Logins {
    pub(crate) state: State,
    pub(crate) messages: u32,
    pub(crate) failed: u32,
    /// The request being judged is a `none`.
    pub(crate) asks_methods: bool,
    pub(crate) probes: u32,
    /// By what the request being judged was made.
    pub(crate) kind: Kind,
    /// How many questions were asked, and how often in this attempt.
    pub(crate) prompts: usize,
    pub(crate) rounds: u32,
    /// A new password was asked for: only then may one come (CVE-2012-5975).
    pub(crate) change_asked: bool,
    /// Accepted steps of the present user.
    pub(crate) steps: usize,
    /// How much of the record is the user and the accepted steps; behind it stands the step being judged.
    pub(crate) accepted: usize,
    methods: [u8; METHODS_MAX],
    methods_len: u16,
}

impl Default for Logins {
    fn default() -> Self {
        Logins {
            state: State::default(),
            messages: 0,
            failed: 0,
            asks_methods: false,
            probes: 0,
            kind: Kind::Other,
            prompts: 0,
            rounds: 0,
            change_asked: false,
            steps: 0,
            accepted: 0,
            methods: [0; METHODS_MAX],
            methods_len: 0,
        }
    }
}

/// Whether these methods may be named in a FAILURE: a name-list, not too long, and never with "none", which
/// "is reserved, and MUST NOT be listed as supported" (RFC 4252, section 4), "MUST NOT be listed as supported by the server"
/// (RFC 4252, section 5.2).
pub(crate) fn fit(methods: &str) -> bool {
    let list = crate::wire::NameList::parse(methods.as_bytes());
    methods.len() <= METHODS_MAX && list.is_ok_and(|list| !list.contains("none"))
}

impl Logins {
    /// Keeps the methods that can continue, which [`fit`].
    pub(crate) fn go_on(&mut self, methods: &str) {
        if let (Some(place), Ok(len)) = (self.methods.get_mut(..methods.len()), u16::try_from(methods.len())) {
            place.copy_from_slice(methods.as_bytes());
            self.methods_len = len;
        }
    }

    /// The methods of the next FAILURE; empty for the configuration's.
    pub(crate) fn methods(&self) -> &[u8] {
        self.methods.get(..usize::from(self.methods_len)).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use Answer::*;
    use std::{format, string::String};

    /// Every state by every input: the reviewed table. `!` is the client's fault, `-` cannot happen.
    #[test]
    fn every_state_by_every_input() {
        let answers = [Success, Failure { partial: true }, Failure { partial: false }, PkOk, Prompts, Change];
        let states = [State::Service, State::Idle, State::Asked, State::Queried, State::Prompted, State::Done];
        let inputs =
            [Input::Service, Input::Request, Input::Query, Input::Hopeless, Input::Response, Input::HopelessResponse];
        let short = |state: State| match state {
            State::Owes(Failure { partial: true }) => "part".into(),
            State::Prompted => "pted".into(),
            State::Owes(answer) => format!("{answer:?}")[..4].to_lowercase(),
            other => format!("{other:?}")[..4].to_lowercase(),
        };
        let mut table = String::new();
        for state in states.into_iter().chain(answers.into_iter().map(State::Owes)) {
            table += &format!("{:<5}", short(state));
            let inputs = inputs.into_iter().chain(answers.into_iter().map(Input::Answered)).chain([Input::Written]);
            for input in inputs {
                let cell = match state.on(input) {
                    Ok(next) => short(next),
                    Err(Error::Bug) => "-".into(),
                    Err(_) => "!".into(),
                };
                table += &format!(" {cell:<4}");
            }
            table = table.trim_end().into();
            table += "\n";
        }
        // Columns: SERVICE_REQUEST; a request, a query, a hopeless one; answers, hopeless ones; answered SUCCESS, partial,
        // FAILURE, PK_OK, INFO_REQUEST, PASSWD_CHANGEREQ; written.
        let reviewed = "\
serv  idle !    !    !    !    !    -    -    -    -    -    -    -
idle  idle aske quer fail !    !    -    -    -    -    -    -    -
aske  !    !    !    !    !    !    succ part fail -    prom chan -
quer  !    !    !    !    !    !    -    -    fail pkok -    -    -
pted  !    aske quer fail aske fail -    -    -    -    -    -    -
done  !    !    !    !    !    !    -    -    -    -    -    -    -
succ  !    !    !    !    !    !    -    -    -    -    -    -    done
part  !    !    !    !    !    !    -    -    -    -    -    -    idle
fail  !    !    !    !    !    !    -    -    -    -    -    -    idle
pkok  !    !    !    !    !    !    -    -    -    -    -    -    idle
prom  !    !    !    !    !    !    -    -    -    -    -    -    pted
chan  !    !    !    !    !    !    -    -    -    -    -    -    idle
";
        assert_eq!(table, reviewed, "\n{table}");
    }
}
