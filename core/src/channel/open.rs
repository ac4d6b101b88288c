//! Channel types: what an open is for (RFC 4254, sections 5.1, 6.1, 6.3.2, 7.2; OpenSSH PROTOCOL, sections 2.3 and 2.4).

use super::tun::Layer;
use crate::message::{Field, Text};
use crate::wire::{Malformed, Reader, Sink, put_string};

/// `SSH_TUNID_ANY` (OpenSSH PROTOCOL, section 2.3).
const ANY_UNIT: u32 = 0x7fff_ffff;

/// What a channel is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Open<'a> {
    /// `session` (RFC 4254, section 6.1): client to server.
    Session,
    /// `direct-tcpip` (RFC 4254, section 7.2): client to server.
    DirectTcpip {
        /// Host to connect to.
        host: &'a [u8],
        /// Port to connect to.
        port: u32,
        /// Address the connection comes from.
        originator: &'a [u8],
        /// Port the connection comes from.
        originator_port: u32,
    },
    /// `forwarded-tcpip` (RFC 4254, section 7.2): server to client, for a forwarding that was asked for.
    ForwardedTcpip {
        /// Address that was connected to.
        address: &'a [u8],
        /// Port that was connected to.
        port: u32,
        /// Address the connection comes from.
        originator: &'a [u8],
        /// Port the connection comes from.
        originator_port: u32,
    },
    /// `direct-streamlocal@openssh.com` (OpenSSH PROTOCOL, section 2.4): client to server.
    DirectStreamlocal {
        /// Path of the Unix socket.
        path: &'a [u8],
    },
    /// `forwarded-streamlocal@openssh.com` (OpenSSH PROTOCOL, section 2.4): server to client, for a forwarding that was
    /// asked for.
    ForwardedStreamlocal {
        /// Path of the Unix socket that was connected to.
        path: &'a [u8],
    },
    /// `x11` (RFC 4254, section 6.3.2): server to client, if an `x11-req` was sent.
    X11 {
        /// Address the connection comes from.
        originator: &'a [u8],
        /// Port the connection comes from.
        originator_port: u32,
    },
    /// `auth-agent@openssh.com` (draft-ietf-sshm-ssh-agent, section 5.3): server to client, if an `auth-agent-req` was sent.
    AuthAgent,
    /// `tun@openssh.com` (OpenSSH PROTOCOL, section 2.3): client to server. Each packet of data is one
    /// [frame](super::tun).
    Tun {
        /// What is tunnelled.
        layer: Layer,
        /// Number of the server's interface; `None` lets the server choose.
        unit: Option<u32>,
    },
    /// Any other type, by name and raw body.
    Other {
        /// Channel type.
        kind: &'a str,
        /// The type's own fields.
        body: &'a [u8],
    },
}

/// Which side may open a channel of a built-in type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Opener {
    Client,
    Server,
    /// The type is not built in: the configuration decides.
    Listed,
}

impl<'a> Open<'a> {
    /// The channel type.
    #[must_use]
    pub fn kind(&self) -> &'a str {
        match self {
            Open::Session => "session",
            Open::DirectTcpip { .. } => "direct-tcpip",
            Open::ForwardedTcpip { .. } => "forwarded-tcpip",
            Open::DirectStreamlocal { .. } => "direct-streamlocal@openssh.com",
            Open::ForwardedStreamlocal { .. } => "forwarded-streamlocal@openssh.com",
            Open::X11 { .. } => "x11",
            Open::AuthAgent => "auth-agent@openssh.com",
            Open::Tun { .. } => "tun@openssh.com",
            Open::Other { kind, .. } => kind,
        }
    }

    /// "Client implementations SHOULD reject any session channel open requests" (RFC 4254, section 6.1), "direct TCP/IP
    /// channel" too (section 7.2); forwarded channels go the other way.
    pub(crate) fn opener(&self) -> Opener {
        match self {
            Open::Session | Open::DirectTcpip { .. } | Open::DirectStreamlocal { .. } | Open::Tun { .. } => {
                Opener::Client
            }
            Open::ForwardedTcpip { .. } | Open::ForwardedStreamlocal { .. } | Open::X11 { .. } | Open::AuthAgent => {
                Opener::Server
            }
            Open::Other { .. } => Opener::Listed,
        }
    }

    /// Reads the fields behind the type.
    ///
    /// # Errors
    /// [`Malformed`].
    pub fn parse(kind: &'a str, body: &'a [u8]) -> Result<Self, Malformed> {
        let mut reader = Reader::new(body);
        let open = match kind {
            "session" => Open::Session,
            "direct-tcpip" => Open::DirectTcpip {
                host: reader.string()?,
                port: reader.uint32()?,
                originator: reader.string()?,
                originator_port: reader.uint32()?,
            },
            "forwarded-tcpip" => Open::ForwardedTcpip {
                address: reader.string()?,
                port: reader.uint32()?,
                originator: reader.string()?,
                originator_port: reader.uint32()?,
            },
            "direct-streamlocal@openssh.com" => {
                let path = reader.string()?;
                // "string reserved, uint32 reserved" (OpenSSH PROTOCOL, section 2.4).
                reader.string()?;
                reader.uint32()?;
                Open::DirectStreamlocal { path }
            }
            "forwarded-streamlocal@openssh.com" => {
                let path = reader.string()?;
                // "string reserved" (OpenSSH PROTOCOL, section 2.4).
                reader.string()?;
                Open::ForwardedStreamlocal { path }
            }
            "x11" => Open::X11 { originator: reader.string()?, originator_port: reader.uint32()? },
            "auth-agent@openssh.com" => Open::AuthAgent,
            "tun@openssh.com" => {
                let layer = Layer::of(reader.uint32()?).ok_or(Malformed::Value)?;
                let unit = reader.uint32()?;
                Open::Tun { layer, unit: (unit != ANY_UNIT).then_some(unit) }
            }
            _ => Open::Other { kind, body: reader.rest() },
        };
        reader.end()?;
        Ok(open)
    }

    pub(crate) fn body(&self, sink: &mut dyn Sink) {
        let mut tcpip = |host: &[u8], port: u32, originator: &[u8], originator_port: u32| {
            put_string(sink, host);
            sink.put(&port.to_be_bytes());
            put_string(sink, originator);
            sink.put(&originator_port.to_be_bytes());
        };
        match *self {
            Open::Session | Open::AuthAgent => {}
            Open::ForwardedStreamlocal { path } => {
                put_string(sink, path);
                put_string(sink, b"");
            }
            Open::X11 { originator, originator_port } => {
                put_string(sink, originator);
                originator_port.write(sink);
            }
            Open::Tun { layer, unit } => {
                (layer as u32).write(sink);
                unit.unwrap_or(ANY_UNIT).write(sink);
            }
            Open::DirectTcpip { host, port, originator, originator_port } => {
                tcpip(host, port, originator, originator_port);
            }
            Open::ForwardedTcpip { address, port, originator, originator_port } => {
                tcpip(address, port, originator, originator_port);
            }
            Open::DirectStreamlocal { path } => {
                put_string(sink, path);
                sink.put(&[0; 8]);
            }
            Open::Other { body, .. } => sink.put(body),
        }
    }
}

/// CHANNEL_OPEN as it is written: the body comes from [`Open`], without a copy.
pub(crate) struct OpenMessage<'a> {
    pub(crate) open: Open<'a>,
    pub(crate) sender: u32,
    pub(crate) window: u32,
    pub(crate) max_packet: u32,
}

impl OpenMessage<'_> {
    pub(crate) fn write(&self, sink: &mut dyn Sink) {
        sink.put(&[90]);
        Text(self.open.kind()).write(sink);
        for number in [self.sender, self.window, self.max_packet] {
            number.write(sink);
        }
        self.open.body(sink);
    }
}
