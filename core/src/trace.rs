//! The notation: every message as one line, `C → S SSH CHANNEL_OPEN("session", 2, …)`.
//!
//! Off unless `Limits.trace` gives it room. The lines wait in a buffer of that size until the application takes them with
//! [`traced`](crate::Connection::traced); when it is full, further lines are lost, and the next that fits says so.
//! Secrets do not show: a password is `"…"`. Numbers of channels are the receiver's, as on the wire.

use crate::connection::error::Error;
use crate::message::{Context, TABLE, row};
use alloc::string::String;
use core::fmt::{self, Write};

/// One message in the notation.
///
/// `from_server`: who sends it. `method`: the key exchange or login that runs, on which the meaning of 30 to 49 and 60 to 79
/// depends; of numbers that mean nothing in it, the first meaning is shown. `payload` begins with the message number.
///
/// # Errors
/// Only those of `out`.
pub fn show(from_server: bool, method: Context, payload: &[u8], out: &mut dyn Write) -> fmt::Result {
    out.write_str(if from_server { "S → C SSH " } else { "C → S SSH " })?;
    let number = payload.first().copied().unwrap_or_default();
    let Some(row) = row(number, method).or_else(|| TABLE.iter().find(|row| row.number == number)) else {
        return write!(out, "{number}(… {} bytes)", payload.len());
    };
    write!(out, "{}(", row.name)?;
    match (row.show)(payload, out) {
        Ok(shown) => shown?,
        Err(what) => write!(out, "malformed: {what}")?,
    }
    out.write_str(")")
}

/// The lines that wait to be taken.
#[derive(Debug)]
pub(crate) struct Trace {
    lines: String,
    limit: usize,
    lost: u32,
    /// The key exchange's meaning of 30 to 49, and the login's of 60 to 79.
    pub(crate) exchange: Context,
    pub(crate) login: Context,
}

impl Trace {
    pub(crate) fn new(limit: u32) -> Result<Trace, Error> {
        let mut trace = Trace {
            lines: String::new(),
            limit: usize::try_from(limit).unwrap_or(0),
            lost: 0,
            exchange: Context::InitReply,
            login: Context::PublicKey,
        };
        trace.lines.try_reserve_exact(trace.limit).map_err(|_| Error::OutOfMemory)?;
        Ok(trace)
    }

    pub(crate) fn is_on(&self) -> bool {
        self.limit > 0
    }

    pub(crate) fn message(&mut self, from_server: bool, payload: &[u8]) {
        let of_login = payload.first().is_some_and(|number| *number >= 50);
        let method = if of_login { self.login } else { self.exchange };
        self.line(&|out| show(from_server, method, payload, out));
    }

    pub(crate) fn ident(&mut self, from_server: bool, ident: &[u8]) {
        let arrow = if from_server { "S → C" } else { "C → S" };
        self.line(&|out| write!(out, "{arrow} {}", ident.escape_ascii()));
    }

    fn line(&mut self, write: &dyn Fn(&mut dyn Write) -> fmt::Result) {
        if !self.is_on() {
            return;
        }
        let (before, lost) = (self.lines.len(), self.lost);
        let mut bounded = Bounded { lines: &mut self.lines, limit: self.limit };
        let said = if lost > 0 { writeln!(bounded, "({lost} lines lost)") } else { Ok(()) };
        if said.and_then(|()| write(&mut bounded)).and_then(|()| bounded.write_char('\n')).is_ok() {
            self.lost = 0;
        } else {
            self.lines.truncate(before);
            self.lost = lost.saturating_add(1);
        }
    }

    pub(crate) fn lines(&self) -> &str {
        &self.lines
    }

    pub(crate) fn taken(&mut self, n: usize) {
        if self.lines.is_char_boundary(n) {
            self.lines.drain(..n);
        }
    }
}

/// Appends within a capacity that is there already.
struct Bounded<'a> {
    lines: &'a mut String,
    limit: usize,
}

impl Write for Bounded<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        if self.lines.len().saturating_add(text.len()) > self.limit {
            return Err(fmt::Error);
        }
        self.lines.push_str(text);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::message::{ChannelData, ChannelOpen, Message, Rest, Text, UserauthRequest};
    use crate::wire::SliceSink;

    fn shown<'a>(message: &impl Message<'a>) -> String {
        let mut payload = [0; 300];
        let mut sink = SliceSink::new(&mut payload);
        message.write(&mut sink);
        let n = sink.written().expect("room");
        let mut line = String::new();
        show(false, Context::Always, &payload[..n], &mut line).expect("a string takes all");
        line
    }

    #[test]
    fn messages_show_in_the_notation_of_the_field() {
        let open = ChannelOpen::new(Text("session"), 2, 100, 200, Rest(b""));
        assert!(shown(&open).starts_with("C → S SSH CHANNEL_OPEN(\"session\", 2, 100, 200"), "{}", shown(&open));
        assert_eq!(shown(&ChannelData::new(1, b"whoami\n")), "C → S SSH CHANNEL_DATA(1, \"whoami\\n\")");
        assert!(shown(&ChannelData::new(1, &[b'x'; 200])).ends_with("…\" +160)"));
    }

    #[test]
    fn a_password_does_not_show() {
        let mut fields = std::vec![0, 0, 0, 0, 6];
        fields.extend(b"secret");
        let request =
            UserauthRequest::new(b"me", b"ssh-connection", Text("password"), crate::message::MethodFields(&fields));
        let line = shown(&request);
        assert!(line.contains("\"password\"") && line.contains('…') && !line.contains("secret"), "{line}");
    }

    #[test]
    fn a_full_buffer_loses_whole_lines_and_says_how_many() {
        let mut trace = Trace::new(90).expect("memory");
        for _ in 0..4 {
            trace.message(false, &[21]);
        }
        assert_eq!(trace.lines().lines().count(), 4);
        trace.message(false, &[21]);
        trace.message(false, &[21]);
        trace.taken(trace.lines().len());
        trace.message(true, &[21]);
        assert_eq!(trace.lines(), "(2 lines lost)\nS → C SSH NEWKEYS()\n");
    }
}
