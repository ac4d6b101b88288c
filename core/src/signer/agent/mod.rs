//! The ssh-agent protocol (draft-ietf-sshm-ssh-agent) as a codec for both sides: bytes in, bytes out.
//!
//! No socket is opened here and nothing waits. [`Client`] asks an agent, wherever its bytes come from: a Unix socket, a
//! pipe, a forwarded channel. [`Agent`] is the side that answers, for programs with a store of their own (a hardware
//! module, a cloud service); [`Keyring`] is a store that is ready: keys in memory, constraints, session bindings, a lock.
//!
//! ```text
//!              Client::sign --transmit_buf--> bytes --> Agent::next --> Asked { request (lent), reply }
//!  Answer <-- Client::next <-- bytes <--transmit_buf-- Replying::signature <-- Keyring, or the application
//! ```
//!
//! The protocol has no security of its own: who can write to an agent can use its keys (section 8). What stands on the
//! wire is bounded before it is kept, and a request with anything unknown in it is refused whole: a constraint is never
//! dropped to make a key fit.

// One rule for names below: "section 3.6" is of draft-ietf-sshm-ssh-agent-15, "PROTOCOL.agent" is OpenSSH's.

#[allow(clippy::module_inception, reason = "the side is called so")]
mod agent;
mod buffer;
mod client;
mod constraints;
mod destination;
mod fields;
mod frames;
mod keyring;
mod lock;
mod message;
mod session_bind;

pub use agent::{Agent, AnswerError, Asked, Later, Replying};
pub use client::{Answer, BadAnswer, Client, SendError};
pub use constraints::{Certificates, Constraints};
pub use destination::{Destination, Destinations, Hop, KeySpec, KeySpecs, Place, Route};
pub use fields::KeyFields;
pub use frames::{BadFrame, Frames};
pub use keyring::{Keyring, NotAdded, Question, Session, Turn};
pub use message::{Identities, Identity, Names, Reply, Request, flag, number};
pub use session_bind::{Bindings, NotBound, SessionBind};

/// The longest message, without its length field: what OpenSSH takes and sends (`AGENT_MAX_LEN`).
pub const MAX_MESSAGE: usize = 256 * 1024;

/// The most keys in a list: what OpenSSH's programs take (`MAX_AGENT_IDENTITIES`).
pub const MAX_KEYS: usize = 2048;

/// The longest signature blob that a [`Client`] takes. RSA of 16384 bits makes 2 KiB, ML-DSA-44 with Ed25519 2.5 KiB.
pub const MAX_SIGNATURE: usize = 4096;

/// The extension that tells the extensions (section 3.8.1).
pub const QUERY: &str = "query";
/// The extension that binds a connection to an SSH session (PROTOCOL.agent, section 1).
pub const SESSION_BIND: &str = "session-bind@openssh.com";
