//! Channel requests and global requests (RFC 4254, sections 4, 6 and 7.1).

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

/// Which side may send a built-in request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sender {
    Client,
    Server,
    Listed,
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
            Request::ExitStatus(_) => "exit-status",
            Request::ExitSignal { .. } => "exit-signal",
            Request::Other { name, .. } => name,
        }
    }

    pub(crate) fn want_reply(&self) -> bool {
        match self {
            Request::Shell | Request::Exec { .. } | Request::Subsystem { .. } => true,
            Request::Env { .. } | Request::ExitStatus(_) | Request::ExitSignal { .. } => false,
            Request::Other { want_reply, .. } => *want_reply,
        }
    }

    pub(crate) fn sender(&self) -> Sender {
        match self {
            Request::Shell | Request::Exec { .. } | Request::Subsystem { .. } | Request::Env { .. } => Sender::Client,
            Request::ExitStatus(_) | Request::ExitSignal { .. } => Sender::Server,
            Request::Other { .. } => Sender::Listed,
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
            Request::Shell => {}
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

/// A global request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Global<'a> {
    /// `tcpip-forward` (section 7.1): client to server.
    TcpipForward {
        /// Address to listen on.
        address: &'a [u8],
        /// Port; 0 lets the server choose and say which.
        port: u32,
    },
    /// `cancel-tcpip-forward` (section 7.1): client to server.
    CancelTcpipForward {
        /// Address of the forwarding.
        address: &'a [u8],
        /// Its port.
        port: u32,
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

impl<'a> Global<'a> {
    /// The request's name on the wire.
    #[must_use]
    pub fn name(&self) -> &'a str {
        match self {
            Global::TcpipForward { .. } => "tcpip-forward",
            Global::CancelTcpipForward { .. } => "cancel-tcpip-forward",
            Global::Other { name, .. } => name,
        }
    }

    pub(crate) fn want_reply(&self) -> bool {
        match self {
            Global::TcpipForward { .. } | Global::CancelTcpipForward { .. } => true,
            Global::Other { want_reply, .. } => *want_reply,
        }
    }

    pub(crate) fn sender(&self) -> Sender {
        match self {
            Global::TcpipForward { .. } | Global::CancelTcpipForward { .. } => Sender::Client,
            Global::Other { .. } => Sender::Listed,
        }
    }

    /// Reads the fields behind name and `want_reply`.
    ///
    /// # Errors
    /// [`Malformed`].
    pub fn parse(name: &'a str, want_reply: bool, body: &'a [u8]) -> Result<Self, Malformed> {
        let mut reader = Reader::new(body);
        let request = match name {
            "tcpip-forward" => Global::TcpipForward { address: reader.string()?, port: reader.uint32()? },
            "cancel-tcpip-forward" => Global::CancelTcpipForward { address: reader.string()?, port: reader.uint32()? },
            _ => Global::Other { name, want_reply, body: reader.rest() },
        };
        reader.end()?;
        Ok(request)
    }

    /// GLOBAL_REQUEST as it is written.
    pub(crate) fn write(&self, sink: &mut dyn Sink) {
        sink.put(&[80]);
        Text(self.name()).write(sink);
        self.want_reply().write(sink);
        match *self {
            Global::TcpipForward { address, port } | Global::CancelTcpipForward { address, port } => {
                put_string(sink, address);
                port.write(sink);
            }
            Global::Other { body, .. } => sink.put(body),
        }
    }
}
