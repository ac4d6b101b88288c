//! What a connection tells its application. Everything borrowed lives until the next `next_event`.

use super::ask::{Admission, Asking, Credential, Globally, HostKey, KeyQuery, Opening, Permission, Refusal, Signature};
use super::error::CloseReason;
use crate::keys::PublicKey;
use crate::wire::NameList;
use core::fmt;

use crate::channel::{Channel, Open, Request, Sent, Stream};

/// What a signature is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Purpose {
    /// A server's host key signs a key exchange (RFC 4253, section 8), re-exchanges too.
    KeyExchange,
    /// A user's key signs a login (RFC 4252, section 7).
    Login,
}

/// Events of a client.
pub mod client {
    use super::*;

    /// What a client is told.
    #[derive(Debug)]
    #[non_exhaustive]
    pub enum Event<'a> {
        /// The server proved that it holds this key; is it the server's? A byte-equal key at a re-exchange is not asked
        /// about again.
        HostKey {
            /// The key or certificate.
            key: PublicKey<'a>,
            /// The right to answer. Unanswered, the connection ends.
            ask: Asking<'a, HostKey>,
        },
        /// A credential is needed: right after SERVICE_ACCEPT, and after each FAILURE.
        LoginNeeded {
            /// Methods that can continue; `None` as long as the server has refused nothing. That is not always the first
            /// time: after a signature that was declined it is asked again. Remember what was tried.
            methods: Option<NameList<'a>>,
            /// The last attempt was right and more is needed.
            partial: bool,
            /// The right to answer. Unanswered, the connection ends.
            ask: Asking<'a, Credential>,
        },
        /// A signature by the user's private key is needed.
        Sign {
            /// What for.
            purpose: Purpose,
            /// Signature algorithm.
            algorithm: &'a str,
            /// The public half.
            key: PublicKey<'a>,
            /// What to sign.
            message: &'a [u8],
            /// The right to answer. Unanswered, another credential is asked for.
            ask: Asking<'a, Signature>,
        },
        /// Text for people, from a server that has not let the user in yet. Untrusted.
        Banner(&'a [u8]),
        /// The user is in.
        Ready {
            /// By which method; `none` proves nothing about the server's wishes.
            method: &'a str,
        },
        /// There is room again for an `open`, `request` or `global` that was refused with `Full` or `Rekeying`.
        Room,
        /// Something on a channel.
        Channel(Channel, channel::Event<'a>),
        /// A global request or a reply to one.
        Global(global::Event<'a>),
        /// The end. No event follows.
        Closed(CloseReason<'a>),
    }
}

/// Events of a server.
pub mod server {
    use super::*;

    /// What a server is told.
    #[derive(Debug)]
    #[non_exhaustive]
    pub enum Event<'a> {
        /// A signature by a host key is needed.
        Sign {
            /// What for.
            purpose: Purpose,
            /// Signature algorithm.
            algorithm: &'a str,
            /// The public half.
            key: PublicKey<'a>,
            /// What to sign.
            message: &'a [u8],
            /// The right to answer. Unanswered, the connection ends.
            ask: Asking<'a, Signature>,
        },
        /// A client asks whether a key would do; it has not proved that it holds it.
        KeyQuery {
            /// User name. Untrusted.
            user: &'a [u8],
            /// The key.
            key: PublicKey<'a>,
            /// The right to answer.
            ask: Asking<'a, KeyQuery>,
        },
        /// Somebody wants in.
        Login {
            /// User name. Untrusted until admitted.
            user: &'a [u8],
            /// By what. A public key comes only with its signature verified.
            method: Method<'a>,
            /// How many steps of this user were accepted partially before. A count, which the same method twice raises
            /// twice: which steps they were is the application's to remember.
            steps: usize,
            /// The right to answer.
            ask: Asking<'a, Admission>,
        },
        /// The user is in.
        Ready {
            /// Who, and by which steps.
            identity: Identity<'a>,
        },
        /// There is room again for an `open`, `request` or `global` that was refused with `Full` or `Rekeying`.
        Room,
        /// Something on a channel.
        Channel(Channel, channel::Event<'a>),
        /// A global request or a reply to one.
        Global(global::Event<'a>),
        /// The end. No event follows.
        Closed(CloseReason<'a>),
    }

    /// By what a user wants in.
    #[derive(Clone, Copy)]
    #[non_exhaustive]
    pub enum Method<'a> {
        /// RFC 4252, section 5.2: nothing. Accept only where nobody needs a proof.
        None,
        /// RFC 4252, section 8.
        Password(&'a [u8]),
        /// RFC 4252, section 7: the signature was verified.
        PublicKey {
            /// Signature algorithm.
            algorithm: &'a str,
            /// The key.
            key: PublicKey<'a>,
        },
        /// A method that the configuration names, unread.
        Other {
            /// Method name.
            method: &'a str,
            /// What follows it.
            fields: &'a [u8],
        },
    }

    impl fmt::Debug for Method<'_> {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            match self {
                Method::None => f.write_str("None"),
                Method::Password(_) => f.write_str("Password(…)"),
                Method::PublicKey { algorithm, key } => write!(f, "PublicKey({algorithm}, {key:?})"),
                Method::Other { method, .. } => write!(f, "Other({method}, …)"),
            }
        }
    }

    pub use crate::auth::{Identity, Step};
}

/// Events of a channel.
pub mod channel {
    use super::*;

    /// What happens on a channel.
    #[derive(Debug)]
    #[non_exhaustive]
    pub enum Event<'a> {
        /// The peer wants to open this channel.
        Requested {
            /// What for.
            open: Open<'a>,
            /// The right to answer. Unanswered, it is refused.
            ask: Asking<'a, Opening>,
        },
        /// The peer accepted ours.
        Opened {
            /// The confirmation's own fields.
            data: &'a [u8],
        },
        /// The peer refused ours. The handle is stale now.
        Refused(Refusal<'a>),
        /// A `writer` call that was refused is worth repeating.
        Writable,
        /// Data: exactly one CHANNEL_DATA or CHANNEL_EXTENDED_DATA. Nothing keeps it but the application; what it has
        /// used it may [`grant`](crate::Connection::grant) again.
        Data {
            /// Which stream.
            stream: Stream,
            /// The bytes.
            bytes: &'a [u8],
        },
        /// The peer requests something on this channel.
        Request {
            /// What.
            request: Request<'a>,
            /// The right to answer, if the peer wants one.
            ask: Option<Asking<'a, Permission>>,
        },
        /// The peer's answer to a request of ours.
        Replied {
            /// To which.
            to: Sent,
            /// Whether it was granted.
            ok: bool,
        },
        /// The peer sends no more data. Requests may still follow: an exit status often does, so a client waits for
        /// [`Closed`](Event::Closed) before it calls `close`.
        Eof,
        /// Both sides are done. The handle is stale now.
        Closed,
    }
}

/// Events of global requests.
pub mod global {
    use super::*;
    pub use crate::channel::Global;

    /// What happens with global requests.
    #[derive(Debug)]
    #[non_exhaustive]
    pub enum Event<'a> {
        /// The peer requests something.
        Requested {
            /// What.
            request: Global<'a>,
            /// The right to answer, if the peer wants one.
            ask: Option<Asking<'a, Globally>>,
        },
        /// The peer's answer to a request of ours.
        Replied {
            /// To which.
            to: Sent,
            /// Whether it was granted.
            ok: bool,
            /// The answer's own fields.
            data: &'a [u8],
        },
    }
}
