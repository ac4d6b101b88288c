//! Channel requests (RFC 4254, sections 5.4 and 6; RFC 4335; OpenSSH PROTOCOL, sections 2.1 and 3).

use super::modes::Modes;
use crate::message::{Field, Text};
use crate::wire::{Malformed, Reader, Sink, put_string};

/// A channel request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Request<'a> {
    /// `shell` (section 6.5).
    Shell,
    /// `exec` (section 6.5).
    Exec {
        /// The command line.
        command: &'a [u8],
    },
    /// `subsystem` (section 6.5).
    Subsystem {
        /// Its name.
        name: &'a [u8],
    },
    /// `env` (section 6.4). Sent without asking for an answer.
    Env {
        /// Variable.
        name: &'a [u8],
        /// Value.
        value: &'a [u8],
    },
    /// `pty-req` (section 6.2).
    Pty {
        /// `TERM`.
        term: &'a [u8],
        /// Dimensions of the terminal.
        size: Size,
        /// Terminal modes.
        modes: Modes<'a>,
    },
    /// `window-change` (section 6.7). Sent without asking for an answer.
    WindowChange(Size),
    /// `signal` (section 6.9). Sent without asking for an answer.
    Signal {
        /// Signal name without `SIG`: `TERM`, or `INFO` as OpenSSH sends it.
        name: &'a [u8],
    },
    /// `xon-xoff` (section 6.8): server to client. Sent without asking for an answer.
    XonXoff {
        /// The client may do flow control by itself.
        client_can_do: bool,
    },
    /// `break` (RFC 4335).
    Break {
        /// Milliseconds; 0 leaves the length to the receiver.
        milliseconds: u32,
    },
    /// `eow@openssh.com` (OpenSSH PROTOCOL, section 2.1): the sender reads no more data. Either way, on a session. Sent
    /// without asking for an answer, which it must never have.
    EndOfWrite,
    /// `x11-req` (section 6.3.1).
    X11 {
        /// Only one connection is to be forwarded.
        single_connection: bool,
        /// `MIT-MAGIC-COOKIE-1`.
        protocol: &'a [u8],
        /// The cookie, in hexadecimal digits.
        cookie: &'a [u8],
        /// Screen number.
        screen: u32,
    },
    /// `auth-agent-req@openssh.com` (draft-ietf-sshm-ssh-agent, section 5.2): connections to the agent may come back.
    AuthAgent,
    /// `exit-status` (section 6.10). Sent without asking for an answer.
    ExitStatus(u32),
    /// `exit-signal` (section 6.10). Sent without asking for an answer.
    ExitSignal {
        /// Signal name without `SIG`.
        signal: &'a [u8],
        /// Whether a core was dumped.
        core_dumped: bool,
        /// Text for people. A peer's is untrusted.
        message: &'a [u8],
    },
    /// Any other request, by name and raw body.
    Other {
        /// Request name.
        name: &'a str,
        /// Whether an answer is wanted.
        want_reply: bool,
        /// The request's own fields.
        body: &'a [u8],
    },
}

/// Dimensions of a terminal. "Zero dimension parameters MUST be ignored" (RFC 4254, section 6.2): characters override
/// pixels, and what is zero says nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Size {
    /// Width in characters.
    pub columns: u32,
    /// Height in rows.
    pub rows: u32,
    /// Width in pixels.
    pub width: u32,
    /// Height in pixels.
    pub height: u32,
}

impl Size {
    fn read(reader: &mut Reader<'_>) -> Result<Size, Malformed> {
        let [columns, rows] = [reader.uint32()?, reader.uint32()?];
        Ok(Size { columns, rows, width: reader.uint32()?, height: reader.uint32()? })
    }

    fn write(&self, sink: &mut dyn Sink) {
        for number in [self.columns, self.rows, self.width, self.height] {
            number.write(sink);
        }
    }
}

/// Which side may send a built-in request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sender {
    Client,
    Server,
    Both,
    Listed,
}

impl Sender {
    /// Whether this side takes it from the other; of what is not built in, what is `listed`.
    pub(crate) fn reaches(self, server: bool, listed: impl FnOnce() -> bool) -> bool {
        match self {
            Sender::Client => server,
            Sender::Server => !server,
            Sender::Both => true,
            Sender::Listed => listed(),
        }
    }
}

impl<'a> Request<'a> {
    /// The request's name on the wire.
    #[must_use]
    pub fn name(&self) -> &'a str {
        match self {
            Request::Shell => "shell",
            Request::Exec { .. } => "exec",
            Request::Subsystem { .. } => "subsystem",
            Request::Env { .. } => "env",
            Request::Pty { .. } => "pty-req",
            Request::WindowChange(_) => "window-change",
            Request::Signal { .. } => "signal",
            Request::XonXoff { .. } => "xon-xoff",
            Request::Break { .. } => "break",
            Request::EndOfWrite => "eow@openssh.com",
            Request::X11 { .. } => "x11-req",
            Request::AuthAgent => "auth-agent-req@openssh.com",
            Request::ExitStatus(_) => "exit-status",
            Request::ExitSignal { .. } => "exit-signal",
            Request::Other { name, .. } => name,
        }
    }

    pub(crate) fn want_reply(&self) -> bool {
        use Request::{AuthAgent, Break, Exec, Other, Pty, Shell, Subsystem, X11};
        match self {
            Shell | Exec { .. } | Subsystem { .. } | Pty { .. } | Break { .. } | X11 { .. } | AuthAgent => true,
            Other { want_reply, .. } => *want_reply,
            _ => false,
        }
    }

    pub(crate) fn sender(&self) -> Sender {
        match self {
            Request::ExitStatus(_) | Request::ExitSignal { .. } | Request::XonXoff { .. } => Sender::Server,
            Request::EndOfWrite => Sender::Both,
            Request::Other { .. } => Sender::Listed,
            // "Client implementations SHOULD ignore" these (RFC 4254, sections 6.2 and 6.5).
            _ => Sender::Client,
        }
    }

    /// Whether it starts the one program of a session: "Only one of these requests can succeed per channel" (section 6.5).
    pub(crate) fn starts(&self) -> bool {
        matches!(self, Request::Shell | Request::Exec { .. } | Request::Subsystem { .. })
    }

    /// Reads the fields behind name and `want_reply`.
    ///
    /// # Errors
    /// [`Malformed`].
    pub fn parse(name: &'a str, want_reply: bool, body: &'a [u8]) -> Result<Self, Malformed> {
        let mut reader = Reader::new(body);
        let request = match name {
            "shell" => Request::Shell,
            "exec" => Request::Exec { command: reader.string()? },
            "subsystem" => Request::Subsystem { name: reader.string()? },
            "env" => Request::Env { name: reader.string()?, value: reader.string()? },
            "pty-req" => Request::Pty {
                term: reader.string()?,
                size: Size::read(&mut reader)?,
                // "MUST contain an 'encoded terminal modes' value" (RFC 4250, section 4.5.1): without it the message
                // cannot be read.
                modes: Modes::encoded(reader.string()?),
            },
            "window-change" => Request::WindowChange(Size::read(&mut reader)?),
            "signal" => Request::Signal { name: reader.string()? },
            "xon-xoff" => Request::XonXoff { client_can_do: reader.boolean()? },
            "break" => Request::Break { milliseconds: reader.uint32()? },
            "eow@openssh.com" => Request::EndOfWrite,
            "x11-req" => Request::X11 {
                single_connection: reader.boolean()?,
                protocol: reader.string()?,
                cookie: reader.string()?,
                screen: reader.uint32()?,
            },
            "auth-agent-req@openssh.com" => Request::AuthAgent,
            "exit-status" => Request::ExitStatus(reader.uint32()?),
            "exit-signal" => {
                let signal = reader.string()?;
                let core_dumped = reader.boolean()?;
                let message = reader.string()?;
                reader.string()?;
                Request::ExitSignal { signal, core_dumped, message }
            }
            _ => Request::Other { name, want_reply, body: reader.rest() },
        };
        reader.end()?;
        Ok(request)
    }

    /// CHANNEL_REQUEST as it is written.
    pub(crate) fn write(&self, recipient: u32, sink: &mut dyn Sink) {
        sink.put(&[98]);
        recipient.write(sink);
        Text(self.name()).write(sink);
        self.want_reply().write(sink);
        match *self {
            Request::Shell | Request::EndOfWrite | Request::AuthAgent => {}
            Request::Pty { term, size, modes } => {
                put_string(sink, term);
                size.write(sink);
                // "SSH_MSG_CHANNEL_REQUEST messages with a pty-req string MUST contain 'encoded terminal modes'" (RFC
                // 4250, section 4.5): at least the end of their list.
                modes.write(sink);
            }
            Request::WindowChange(size) => size.write(sink),
            Request::Signal { name } => put_string(sink, name),
            Request::XonXoff { client_can_do } => client_can_do.write(sink),
            Request::Break { milliseconds } => milliseconds.write(sink),
            Request::X11 { single_connection, protocol, cookie, screen } => {
                single_connection.write(sink);
                put_string(sink, protocol);
                put_string(sink, cookie);
                screen.write(sink);
            }
            Request::Exec { command } => put_string(sink, command),
            Request::Subsystem { name } => put_string(sink, name),
            Request::Env { name, value } => {
                put_string(sink, name);
                put_string(sink, value);
            }
            Request::ExitStatus(status) => status.write(sink),
            Request::ExitSignal { signal, core_dumped, message } => {
                put_string(sink, signal);
                core_dumped.write(sink);
                put_string(sink, message);
                put_string(sink, b"");
            }
            Request::Other { body, .. } => sink.put(body),
        }
    }
}
