//! For fuzzers: the bodies of the fuzz targets, and the sessions that their corpus is made of.
//!
//! Not part of the API. Each body takes any bytes, does what they say, and panics where a promise of the crate does not
//! hold; what it saw on the way comes back as [`Seen`], so that an ordinary test can say what a corpus reaches. There is
//! no cryptography in the connections here (see [`crypto::null`](crate::crypto::null)): every byte of the input counts.
//!
//! * [`server_before_login`], [`client_before_login`]: bytes from the network, from the first one on.
//! * [`server_after_login`], [`client_after_login`]: operations on both ends of a connection that is open.
//! * `messages`, `files`, `keys`, `private_keys`, `certificates`, `agent`: every parser.
#![allow(
    clippy::panic,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    clippy::disallowed_methods,
    clippy::disallowed_macros,
    reason = "a broken promise must panic here, and a fuzzer is no embedded program"
)]
#![allow(missing_docs, reason = "for fuzzers alone")]

mod after_login;
mod agent;
mod before_login;
mod certificates;
mod end;
mod input;
mod private_keys;
mod seeds;
mod texts;

use crate::{Client, Server};
use alloc::collections::BTreeSet;

pub use agent::agent;
pub use certificates::{certificate, certificates, krl};
pub use private_keys::private_keys;
pub use seeds::seeds;
pub use texts::{files, keys, messages};

/// What a run saw: (where, what), such as `("client event", "HostKey")` or `("server phase", "Open")`.
pub type Seen = BTreeSet<(&'static str, &'static str)>;

/// Feeds bytes to a server that nobody has logged in to.
pub fn server_before_login(data: &[u8]) -> Seen {
    before_login::run::<Server>(data)
}

/// Feeds bytes to a client that has not logged in.
pub fn client_before_login(data: &[u8]) -> Seen {
    before_login::run::<Client>(data)
}

/// Operates on an open connection; the server gets the injected messages.
pub fn server_after_login(data: &[u8]) -> Seen {
    after_login::run::<Server, Client>(data)
}

/// Operates on an open connection; the client gets the injected messages.
pub fn client_after_login(data: &[u8]) -> Seen {
    after_login::run::<Client, Server>(data)
}
