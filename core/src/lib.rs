//! SSH-2 as a pure state machine: bytes in, bytes out, events out, answers in.
//!
//! No socket, no clock, no thread, no callback, no private key inside; memory bounded by one number.
//!
//! ```text
//!  network --> receive --> packet --> admit --+--> kex      \
//!                         (open in place)     +--> auth      >-- located --> event (lent) --> application
//!                                             +--> channel  /                ask  <-- answer --'
//!  network <-- transmit <-- packet (seal in place) <-- channel <-- writer <------------------ application
//! ```
//!
//! A [`Connection`] is the whole of one side. The rooms behind it, in the order of the data: [`wire`], [`message`],
//! [`crypto`], [`keys`], `transport`, `auth`, `channel`, `connection`; beside them [`trace`] (the notation).
#![no_std]
#![forbid(unsafe_code)]
#![cfg_attr(
    not(test),
    deny(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::indexing_slicing,
        clippy::panic,
        clippy::arithmetic_side_effects
    )
)]
#![cfg_attr(
    test,
    allow(clippy::disallowed_methods, clippy::disallowed_macros, reason = "a test allocates as it likes")
)]

extern crate alloc;
#[cfg(any(test, feature = "std"))]
extern crate std;

mod auth;
pub mod backlog;
pub mod channel;
mod connection;
pub mod crypto;
#[cfg(feature = "danger")]
pub mod danger;
#[cfg(feature = "files")]
#[allow(
    clippy::disallowed_methods,
    clippy::disallowed_macros,
    reason = "the application's own text, outside a connection"
)]
pub mod files;
#[cfg(feature = "fuzzing")]
#[doc(hidden)]
pub mod fuzzing;
pub mod keys;
pub mod message;
#[cfg(feature = "signer")]
pub mod signer;
pub mod trace;
mod transport;
pub mod wire;

pub use alloc::sync::Arc as Shared;
pub use backlog::Backlog;
pub use config::Config;
pub use connection::{
    Algorithms, Client, Connection, Counters, Disconnect, Flow, Instant, Limits, NewError, Peer, Role, SECOND,
    SendError, Server, Stale, Timer, UnixTime, Wants, Window, Writer,
};
pub use crypto::Seed;

/// What is decided before a connection begins.
pub mod config {
    pub use crate::connection::config::{Buffers, Config, ConfigError};
}
/// The right to answer.
pub mod ask {
    pub use crate::connection::ask::{
        Accept, Admission, Answers, Ask, Asking, Credential, Globally, Granted, HostKey, KeyQuery, Login, NewPassword,
        Opening, Permission, Question, Refusal, Signature, Trust, Unanswered, Verdict, With,
    };
}
/// What a connection tells its application.
pub mod event {
    pub use crate::connection::event::{Purpose, channel, client, global, server};
}
/// Why a connection ended.
pub mod error {
    pub use crate::connection::error::{Blame, CloseReason, Error, IdentFault, List, Offers, OwnNames, code};
}

/// The README's program compiles.
#[cfg(all(doctest, feature = "signer", feature = "getrandom", feature = "rustcrypto"))]
#[doc = include_str!("../../README.md")]
pub struct Readme;
