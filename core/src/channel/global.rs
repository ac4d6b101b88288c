//! Global requests (RFC 4254, sections 4 and 7.1; OpenSSH PROTOCOL, sections 2.2, 2.4 and 2.5).

use super::request::Sender;
use crate::keys::PublicKey;
use crate::message::{Field, Text};
use crate::wire::{Malformed, Reader, Sink, put_string};

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
    /// `streamlocal-forward@openssh.com` (OpenSSH PROTOCOL, section 2.4): client to server.
    StreamlocalForward {
        /// Path of the Unix socket to listen on.
        path: &'a [u8],
    },
    /// `cancel-streamlocal-forward@openssh.com` (OpenSSH PROTOCOL, section 2.4): client to server.
    CancelStreamlocalForward {
        /// Path of the forwarding.
        path: &'a [u8],
    },
    /// `no-more-sessions@openssh.com` (OpenSSH PROTOCOL, section 2.2): client to server, without an answer. From then on
    /// every `session` is refused.
    NoMoreSessions,
    /// `hostkeys-00@openssh.com` (OpenSSH PROTOCOL, section 2.5): server to client, without an answer. All host keys of
    /// the server. They prove nothing: what is new is asked for by `HostKeysProve`.
    HostKeys {
        /// The keys.
        keys: KeyList<'a>,
    },
    /// `hostkeys-prove-00@openssh.com` (OpenSSH PROTOCOL, section 2.5): client to server. The reply's data are signatures,
    /// which [`HostKeyProofs`](crate::keys::HostKeyProofs) checks. A server's core answers by itself: it asks for each
    /// signature by a `Sign` event.
    HostKeysProve {
        /// The keys to be proved.
        keys: KeyList<'a>,
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
            Global::StreamlocalForward { .. } => "streamlocal-forward@openssh.com",
            Global::CancelStreamlocalForward { .. } => "cancel-streamlocal-forward@openssh.com",
            Global::NoMoreSessions => "no-more-sessions@openssh.com",
            Global::HostKeys { .. } => "hostkeys-00@openssh.com",
            Global::HostKeysProve { .. } => "hostkeys-prove-00@openssh.com",
            Global::Other { name, .. } => name,
        }
    }

    pub(crate) fn want_reply(&self) -> bool {
        match self {
            Global::NoMoreSessions | Global::HostKeys { .. } => false,
            Global::Other { want_reply, .. } => *want_reply,
            _ => true,
        }
    }

    pub(crate) fn sender(&self) -> Sender {
        match self {
            Global::HostKeys { .. } => Sender::Server,
            Global::Other { .. } => Sender::Listed,
            _ => Sender::Client,
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
            "streamlocal-forward@openssh.com" => Global::StreamlocalForward { path: reader.string()? },
            "cancel-streamlocal-forward@openssh.com" => Global::CancelStreamlocalForward { path: reader.string()? },
            "no-more-sessions@openssh.com" => Global::NoMoreSessions,
            "hostkeys-00@openssh.com" => Global::HostKeys { keys: KeyList::parse(reader.rest())? },
            "hostkeys-prove-00@openssh.com" => Global::HostKeysProve { keys: KeyList::parse(reader.rest())? },
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
            Global::StreamlocalForward { path } | Global::CancelStreamlocalForward { path } => put_string(sink, path),
            Global::NoMoreSessions => {}
            Global::HostKeys { keys } | Global::HostKeysProve { keys } => keys.write(sink),
            Global::Other { body, .. } => sink.put(body),
        }
    }
}

/// Public keys one behind the other, each a `string`: as they came, or as the application lists them.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct KeyList<'a>(Keys<'a>);

#[derive(Clone, Copy, PartialEq, Eq)]
enum Keys<'a> {
    Encoded(&'a [u8]),
    Listed(&'a [&'a [u8]]),
}

impl<'a> KeyList<'a> {
    /// A list of these blobs.
    #[must_use]
    pub fn of(blobs: &'a [&'a [u8]]) -> Self {
        KeyList(Keys::Listed(blobs))
    }

    /// Reads the body of a request.
    ///
    /// # Errors
    /// [`Malformed`].
    pub fn parse(body: &'a [u8]) -> Result<Self, Malformed> {
        let mut reader = Reader::new(body);
        while !reader.is_empty() {
            reader.string()?;
        }
        Ok(KeyList(Keys::Encoded(body)))
    }

    /// The keys. A peer's may be any bytes.
    pub fn iter(&self) -> impl Iterator<Item = PublicKey<'a>> + use<'a> {
        let (mut reader, mut listed) = match self.0 {
            Keys::Encoded(body) => (Reader::new(body), [].iter()),
            Keys::Listed(blobs) => (Reader::new(&[]), blobs.iter()),
        };
        core::iter::from_fn(move || {
            let blob = listed.next().copied().or_else(|| reader.string().ok())?;
            Some(PublicKey::new(blob))
        })
    }

    fn write(&self, sink: &mut dyn Sink) {
        self.iter().for_each(|key| put_string(sink, key.blob()));
    }
}

impl core::fmt::Debug for KeyList<'_> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_list().entries(self.iter()).finish()
    }
}
