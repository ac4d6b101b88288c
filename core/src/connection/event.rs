//! What a connection tells its application. Everything borrowed lives until the next `next_event`.

use super::ask::{
    Admission, Answers, Asking, Credential, Globally, HostKey, KeyQuery, NewPassword, Opening, Permission, Refusal,
    Signature,
};
use super::error::CloseReason;
use crate::crypto::SecurityKey;
use crate::keys::PublicKey;
use crate::message::{Prompts, Responses};
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
    /// The client host's key signs a `hostbased` login (RFC 4252, section 9).
    HostBased,
    /// A server's host key proves itself (OpenSSH PROTOCOL, section 2.5).
    HostKeyProof,
}

/// Events of a client.
pub mod client {
    use super::*;

    /// What a server's host key signed: evidence for an agent that binds keys to hosts (OpenSSH PROTOCOL.agent, section 1).
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub struct Exchange<'a> {
        /// `H`; of the first exchange, it is the session identifier.
        pub hash: &'a [u8],
        /// The signature blob. It was verified.
        pub signature: &'a [u8],
    }

    /// What a client is told.
    #[derive(Debug)]
    #[non_exhaustive]
    pub enum Event<'a> {
        /// The server proved that it holds this key; is it the server's? A byte-equal key at a re-exchange is not asked
        /// about again.
        HostKey {
            /// The key, or a certificate: then [`Certificate::parse`](crate::keys::Certificate::parse) reads it.
            key: PublicKey<'a>,
            /// What the key has signed.
            exchange: Exchange<'a>,
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
        /// The server asks questions (RFC 4256, section 3.2).
        Prompts {
            /// Title. Untrusted, as all of this.
            name: &'a [u8],
            /// Text for people.
            instruction: &'a [u8],
            /// The questions. None still wants an empty answer.
            prompts: Prompts<'a>,
            /// The right to answer. Unanswered, the questions are refused and another credential is asked for.
            ask: Asking<'a, Answers>,
        },
        /// The password has expired, and the server wants a new one (RFC 4252, section 8).
        PasswordExpired {
            /// Text for people. Untrusted.
            prompt: &'a [u8],
            /// The right to answer. Unanswered, another credential is asked for.
            ask: Asking<'a, NewPassword>,
        },
        /// A signature by the user's private key, or the client host's, is needed.
        Sign {
            /// What for.
            purpose: Purpose,
            /// Signature algorithm, as the signature names it: a key's, where a certificate was offered.
            algorithm: &'a str,
            /// The public half, or its certificate.
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
            /// By which method; `none`, or a `keyboard-interactive` that asked nothing, proves nothing about the server's
            /// wishes (CVE-2021-36367): see [`Config::trivial_logins`](crate::Config::trivial_logins).
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
            /// Signature algorithm, as the signature names it.
            algorithm: &'a str,
            /// The public half, or its certificate.
            key: PublicKey<'a>,
            /// What to sign.
            message: &'a [u8],
            /// The right to answer. Unanswered, the connection ends; the proof of a host key is refused.
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
            /// This user's steps that were accepted partially before. Whether the same method counts twice is the
            /// application's to say.
            so_far: Identity<'a>,
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
        /// RFC 4252, section 8: the new password that was asked for. Whether the old one is right is still to be seen.
        NewPassword {
            /// The password that has expired.
            old: &'a [u8],
            /// The one that is to take its place.
            new: &'a [u8],
        },
        /// RFC 4252, section 7: the signature was verified.
        PublicKey {
            /// Signature algorithm: a certificate's, perhaps.
            algorithm: &'a str,
            /// The key or certificate.
            key: PublicKey<'a>,
            /// What a security key said beside signing.
            security_key: Option<SecurityKey>,
            /// The signature covers this server's host key (`publickey-hostbound-v00@openssh.com`).
            host_bound: bool,
        },
        /// RFC 4256: to begin with without `responses`, and then with the answers to the questions of the last
        /// [`Prompt`](crate::ask::Verdict::Prompt): as many as there were questions.
        Interactive {
            /// Hints of the client, comma-separated.
            submethods: &'a [u8],
            /// The answers.
            responses: Option<Responses<'a>>,
        },
        /// RFC 4252, section 9: the signature by the client host's key was verified. Whether that key is that host's, and
        /// whether its word on the user counts, is still to be seen.
        HostBased {
            /// Signature algorithm.
            algorithm: &'a str,
            /// The client host's key or certificate.
            key: PublicKey<'a>,
            /// The client host's name, as the client says it.
            host: &'a [u8],
            /// The user's name on that host, as the client says it.
            user: &'a [u8],
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
                Method::NewPassword { .. } => f.write_str("NewPassword(…)"),
                Method::PublicKey { algorithm, key, .. } => write!(f, "PublicKey({algorithm}, {key:?})"),
                Method::Interactive { responses, .. } => write!(f, "Interactive({responses:?})"),
                Method::HostBased { host, user, key, .. } => {
                    write!(f, "HostBased({}@{}, {key:?})", user.escape_ascii(), host.escape_ascii())
                }
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
