//! Why a connection ended: who is to blame, in which state, and what goes on the wire about it.

use super::Timer;
use crate::crypto::SignatureAlgorithm;
use crate::wire::{Malformed, NameList};
use core::fmt;

/// Who is to blame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Blame {
    /// The peer broke a rule.
    Peer,
    /// Both kept the rules and have nothing in common, or the network or the time ran out.
    Nobody,
    /// This side's application decided it, or called wrongly.
    Application,
    /// The cryptographic backend failed.
    Crypto,
    /// There was no memory.
    Memory,
    /// sansh did. Please report it.
    Bug,
}

/// What is wrong with an identification (RFC 4253, section 4.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum IdentFault {
    /// A line longer than 255 bytes.
    TooLong,
    /// Not `SSH-`, where it had to be.
    NotSsh,
    /// A protocol version other than 2.0 (or, from a server, 1.99).
    Version,
    /// A NUL or a control character inside.
    Text,
    /// More lines or bytes before it than `Limits` allows.
    TooMany,
}

/// One of the lists of a KEXINIT.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum List {
    /// `kex_algorithms`.
    Kex,
    /// `server_host_key_algorithms`.
    HostKey,
    /// `encryption_algorithms_client_to_server`.
    CipherClientToServer,
    /// `encryption_algorithms_server_to_client`.
    CipherServerToClient,
    /// `mac_algorithms_client_to_server`.
    MacClientToServer,
    /// `mac_algorithms_server_to_client`.
    MacServerToClient,
    /// `compression_algorithms_client_to_server`.
    CompressionClientToServer,
    /// `compression_algorithms_server_to_client`.
    CompressionServerToClient,
}

impl List {
    /// The name in the words of RFC 4253, section 7.1.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            List::Kex => "kex_algorithms",
            List::HostKey => "server_host_key_algorithms",
            List::CipherClientToServer => "encryption_algorithms_client_to_server",
            List::CipherServerToClient => "encryption_algorithms_server_to_client",
            List::MacClientToServer => "mac_algorithms_client_to_server",
            List::MacServerToClient => "mac_algorithms_server_to_client",
            List::CompressionClientToServer => "compression_algorithms_client_to_server",
            List::CompressionServerToClient => "compression_algorithms_server_to_client",
        }
    }
}

/// What ended the connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Error {
    /// The peer's identification.
    Ident(IdentFault),
    /// A packet's length is outside the limits or not a multiple of the block (RFC 4253, section 6).
    PacketLength,
    /// A packet's padding is shorter than four bytes or longer than the packet, or the packet is empty.
    Padding,
    /// A packet's MAC or tag does not fit.
    Integrity,
    /// A compressed stream cannot be read, or says more than a packet may.
    Compression,
    /// A message cannot be read.
    Malformed {
        /// Its number.
        number: u8,
        /// What is wrong.
        what: Malformed,
    },
    /// A message that may not come in this state, in this role.
    Unexpected {
        /// Its number.
        number: u8,
    },
    /// Strict key exchange: the peer's KEXINIT was not its first packet (draft-ietf-sshm-strict-kex, section 3.2).
    NotStrict,
    /// The peer's packet counter wrapped within the first key exchange, or with one key.
    SequenceWrapped,
    /// A re-exchange before login, more often than once.
    RekeyBeforeLogin,
    /// No algorithm in common.
    NothingInCommon(List),
    /// The peer's public value must be refused.
    BadKexValue,
    /// The server's key is not of the negotiated kind.
    HostKeyKind,
    /// The server's signature on the exchange does not verify.
    HostKeySignature,
    /// The application rejected the server's key, or did not answer.
    HostKeyRejected,
    /// The application declined to sign, or did not answer.
    SignatureDeclined,
    /// A service other than ssh-userauth was asked for, or another one accepted.
    Service,
    /// Too many failed attempts, questions about keys, or login messages.
    TooManyAttempts,
    /// The user or service changed after a partial success (RFC 4252, section 5).
    UserChanged,
    /// The application has no further credential.
    GaveUp,
    /// The server let a login in that proved nothing, and the configuration takes none such.
    TrivialLogin,
    /// The peer answered a message that matters with UNIMPLEMENTED.
    Unimplemented,
    /// A message for a channel that is not there, is not open yet, or is closed.
    UnknownChannel,
    /// More data than the window or the packet size allows.
    WindowExceeded,
    /// A window above 2^32-1 (RFC 4254, section 5.2).
    WindowOverflow,
    /// Data or EOF after EOF.
    AfterEof,
    /// A reply to no request.
    UnsolicitedReply,
    /// More of the same than a bounded ring holds: unknown messages, refused opens, banners, bytes before login.
    Flood,
    /// A deadline passed.
    Timeout(Timer),
    /// The peer said DISCONNECT.
    Disconnected {
        /// Its reason code (RFC 4250, section 4.2).
        code: u32,
    },
    /// The network's end of input came first.
    Eof,
    /// The application said [`disconnect`](crate::Connection::disconnect).
    Application {
        /// The reason code it gave.
        code: u32,
    },
    /// A call that breaks its contract: `received`, `transmitted` or `send` with more than was lent.
    Misuse,
    /// The cryptographic backend failed.
    Crypto,
    /// An allocation failed.
    OutOfMemory,
    /// An invariant of sansh does not hold.
    Bug,
}

/// Reason codes of DISCONNECT (RFC 4250, section 4.2.2).
pub mod code {
    /// `SSH_DISCONNECT_PROTOCOL_ERROR`.
    pub const PROTOCOL_ERROR: u32 = 2;
    /// `SSH_DISCONNECT_KEY_EXCHANGE_FAILED`.
    pub const KEY_EXCHANGE_FAILED: u32 = 3;
    /// `SSH_DISCONNECT_MAC_ERROR`.
    pub const MAC_ERROR: u32 = 5;
    /// `SSH_DISCONNECT_COMPRESSION_ERROR`.
    pub const COMPRESSION_ERROR: u32 = 6;
    /// `SSH_DISCONNECT_SERVICE_NOT_AVAILABLE`.
    pub const SERVICE_NOT_AVAILABLE: u32 = 7;
    /// `SSH_DISCONNECT_PROTOCOL_VERSION_NOT_SUPPORTED`.
    pub const PROTOCOL_VERSION_NOT_SUPPORTED: u32 = 8;
    /// `SSH_DISCONNECT_HOST_KEY_NOT_VERIFIABLE`.
    pub const HOST_KEY_NOT_VERIFIABLE: u32 = 9;
    /// `SSH_DISCONNECT_CONNECTION_LOST`.
    pub const CONNECTION_LOST: u32 = 10;
    /// `SSH_DISCONNECT_BY_APPLICATION`.
    pub const BY_APPLICATION: u32 = 11;
    /// `SSH_DISCONNECT_AUTH_CANCELLED_BY_USER`.
    pub const AUTH_CANCELLED_BY_USER: u32 = 13;
    /// `SSH_DISCONNECT_NO_MORE_AUTH_METHODS_AVAILABLE`.
    pub const NO_MORE_AUTH_METHODS_AVAILABLE: u32 = 14;
}

impl Error {
    /// Who is to blame, the reason code that goes on the wire (`None`: the peer is no longer listening), and the words
    /// that go with it. One row per error.
    #[must_use]
    pub fn row(self) -> (Blame, Option<u32>, &'static str) {
        use Blame::{Application, Memory, Nobody, Peer};
        use code::*;
        match self {
            Error::Ident(IdentFault::Version) => {
                (Nobody, Some(PROTOCOL_VERSION_NOT_SUPPORTED), "only protocol version 2.0 is spoken here")
            }
            Error::Ident(IdentFault::TooLong) => (Peer, Some(PROTOCOL_ERROR), "identification line too long"),
            Error::Ident(IdentFault::NotSsh) => (Peer, Some(PROTOCOL_ERROR), "not an SSH identification"),
            Error::Ident(IdentFault::Text) => (Peer, Some(PROTOCOL_ERROR), "control character in identification"),
            Error::Ident(IdentFault::TooMany) => (Peer, Some(PROTOCOL_ERROR), "too much before the identification"),
            Error::PacketLength => (Peer, Some(PROTOCOL_ERROR), "bad packet length"),
            Error::Padding => (Peer, Some(PROTOCOL_ERROR), "bad padding length"),
            Error::Integrity => (Peer, Some(MAC_ERROR), "packet corrupted"),
            Error::Malformed { .. } => (Peer, Some(PROTOCOL_ERROR), "malformed message"),
            Error::Unexpected { .. } => (Peer, Some(PROTOCOL_ERROR), "message not allowed now"),
            Error::NotStrict => (Peer, Some(PROTOCOL_ERROR), "strict key exchange: KEXINIT was not the first packet"),
            Error::SequenceWrapped => (Peer, Some(PROTOCOL_ERROR), "packet counter wrapped"),
            Error::RekeyBeforeLogin => (Peer, Some(PROTOCOL_ERROR), "re-exchange before login"),
            Error::NothingInCommon(list) => (
                Nobody,
                Some(KEY_EXCHANGE_FAILED),
                match list {
                    List::Kex => "no kex algorithm in common",
                    List::HostKey => "no host key algorithm in common",
                    List::CipherClientToServer => "no cipher client to server in common",
                    List::CipherServerToClient => "no cipher server to client in common",
                    List::MacClientToServer => "no MAC client to server in common",
                    List::MacServerToClient => "no MAC server to client in common",
                    List::CompressionClientToServer => "no compression client to server in common",
                    List::CompressionServerToClient => "no compression server to client in common",
                },
            ),
            Error::BadKexValue => (Peer, Some(KEY_EXCHANGE_FAILED), "invalid public value"),
            Error::HostKeyKind => (Peer, Some(KEY_EXCHANGE_FAILED), "host key is not of the negotiated algorithm"),
            Error::HostKeySignature => (Peer, Some(KEY_EXCHANGE_FAILED), "host key signature does not verify"),
            Error::HostKeyRejected => (Application, Some(HOST_KEY_NOT_VERIFIABLE), "host key not accepted"),
            Error::SignatureDeclined => (Application, Some(KEY_EXCHANGE_FAILED), "no host key signature"),
            Error::Service => (Peer, Some(SERVICE_NOT_AVAILABLE), "service not available"),
            Error::TooManyAttempts => (Peer, Some(NO_MORE_AUTH_METHODS_AVAILABLE), "too many authentication attempts"),
            Error::UserChanged => (Peer, Some(PROTOCOL_ERROR), "user or service changed after partial success"),
            Error::Compression => (Peer, Some(COMPRESSION_ERROR), "the compressed data cannot be read"),
            Error::TrivialLogin => {
                (Peer, Some(NO_MORE_AUTH_METHODS_AVAILABLE), "the server let a login in that proved nothing")
            }
            Error::GaveUp => (Application, Some(AUTH_CANCELLED_BY_USER), "the credentials are used up"),
            Error::Unimplemented => (Peer, Some(PROTOCOL_ERROR), "peer does not implement a needed message"),
            Error::UnknownChannel => (Peer, Some(PROTOCOL_ERROR), "unknown channel"),
            Error::WindowExceeded => (Peer, Some(PROTOCOL_ERROR), "data beyond window or packet size"),
            Error::WindowOverflow => (Peer, Some(PROTOCOL_ERROR), "window overflow"),
            Error::AfterEof => (Peer, Some(PROTOCOL_ERROR), "data after EOF"),
            Error::UnsolicitedReply => (Peer, Some(PROTOCOL_ERROR), "reply to no request"),
            Error::Flood => (Peer, Some(PROTOCOL_ERROR), "too many unanswerable messages"),
            Error::Timeout(Timer::KeyExchange) => (Nobody, Some(KEY_EXCHANGE_FAILED), "key exchange timed out"),
            Error::Timeout(Timer::Keepalive) => (Nobody, Some(CONNECTION_LOST), "peer does not answer"),
            Error::Timeout(_) => (Nobody, Some(BY_APPLICATION), "login timed out"),
            Error::Disconnected { .. } => (Nobody, None, "disconnected by the peer"),
            Error::Eof => (Nobody, None, "connection ended without a DISCONNECT"),
            Error::Application { code } => (Application, Some(code), "disconnected by the application"),
            Error::Misuse => (Application, Some(BY_APPLICATION), "a call with more bytes than were lent"),
            Error::Crypto => (Blame::Crypto, Some(BY_APPLICATION), "cryptographic failure"),
            Error::OutOfMemory => (Memory, Some(BY_APPLICATION), "out of memory"),
            Error::Bug => (Blame::Bug, Some(BY_APPLICATION), "internal error"),
        }
    }

    /// Who is to blame.
    #[must_use]
    pub fn blame(self) -> Blame {
        self.row().0
    }

    /// The reason code of the DISCONNECT that tells the peer, if one is sent.
    #[must_use]
    pub fn disconnect_code(self) -> Option<u32> {
        self.row().1
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.row().2)?;
        match self {
            Error::Malformed { number, what } => write!(f, ": message {number}: {what}"),
            Error::Unexpected { number } => write!(f, ": message {number}"),
            Error::Disconnected { code } | Error::Application { code } => write!(f, ": reason {code}"),
            _ => Ok(()),
        }
    }
}

impl core::error::Error for Error {}

/// The last event's content.
#[derive(Clone, Copy)]
#[non_exhaustive]
pub struct CloseReason<'a> {
    /// What happened.
    pub error: Error,
    /// In which state: `first key exchange`, `login`, `open`, ….
    pub state: &'static str,
    /// After a failed negotiation: what each side offered in the list that failed.
    pub offers: Option<Offers<'a>>,
    /// The peer's own words, if it sent a DISCONNECT. Untrusted bytes.
    pub words: &'a [u8],
}

impl fmt::Display for CloseReason<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} (in state: {})", self.error, self.state)?;
        if let Some(offers) = &self.offers {
            write!(f, "; ours: {}; theirs: {}", offers.ours, offers.theirs.as_str())?;
        }
        if !self.words.is_empty() {
            write!(f, "; the peer says: {}", self.words.escape_ascii())?;
        }
        Ok(())
    }
}

impl fmt::Debug for CloseReason<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CloseReason({:?}: {self})", self.error)
    }
}

/// Both sides' offers in the list that has nothing in common.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Offers<'a> {
    /// Which list.
    pub list: List,
    /// Ours; shows itself as a name-list.
    pub ours: OwnNames<'a>,
    /// The peer's.
    pub theirs: NameList<'a>,
}

/// The names this side offers in one list; its `Display` is the name-list.
#[derive(Clone, Copy)]
pub struct OwnNames<'a> {
    pub(crate) settings: &'a super::config::Settings,
    pub(crate) list: List,
}

impl OwnNames<'_> {
    fn each(&self, f: &mut dyn FnMut(&'static str) -> fmt::Result) -> fmt::Result {
        let settings = self.settings;
        match self.list {
            List::Kex => settings.kex.rows().iter().try_for_each(|row| f(row.name())),
            List::HostKey => settings.host_key_algorithms().try_for_each(|row: &dyn SignatureAlgorithm| f(row.name())),
            List::CipherClientToServer | List::CipherServerToClient => {
                settings.ciphers.rows().iter().try_for_each(|row| f(row.name()))
            }
            List::MacClientToServer | List::MacServerToClient => {
                settings.macs.rows().iter().try_for_each(|row| f(row.name()))
            }
            List::CompressionClientToServer | List::CompressionServerToClient => {
                settings.compressions().iter().try_for_each(|name| f(name))
            }
        }
    }
}

impl fmt::Display for OwnNames<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut separator = "";
        self.each(&mut |name| {
            f.write_str(separator)?;
            separator = ",";
            f.write_str(name)
        })
    }
}

impl fmt::Debug for OwnNames<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}
