//! Real SSH programs and libraries as peers, run by tests: OpenSSH's server, client and key generator; for the interop
//! matrix also Dropbear, TinySSH and the libraries of [`Library`].
//!
//! Every test owns what it starts: a [`Scratch`] directory with its own keys, an [`Sshd`] on a port that the kernel
//! picked, [`Ssh`] clients that read no file outside that directory. So tests run side by side, and what they started
//! ends with them. A program that is not installed is an [`Error`] naming its package, never a skipped test.
//!
//! ```text
//!   test --- Ssh -----> sansh server          Ssh::new
//!   sansh client -----> Sshd                  Sshd::connect
//!   test --- Ssh -----> Sshd                  Ssh::to, to prove the harness and as a reference
//! ```
//!
//! Tests fail by panicking (`expect`, `assert`): a server dropped by a panic prints its log.

mod account;
mod dropbear;
mod inetd;
mod jobs;
mod openssh;
mod probe;
mod process;
mod scratch;
mod ssh;
mod sshd;
mod tinyssh;

use core::fmt;
use core::time::Duration;
use std::time::Instant;

pub use dropbear::{DbLogin, Dropbear, dbclient};
pub use jobs::{Jobs, Library, Service, ServiceKeys};
pub use openssh::{OpenSsh, program, versions};
pub use probe::Offer;
pub use process::{Output, Running};
pub use scratch::{KeyPair, Scratch};
pub use ssh::Ssh;
pub use sshd::{Sshd, SshdBuilder};
pub use tinyssh::TinySsh;

/// How long a peer may take before a test gives up on it, unless the test says otherwise.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// Why a peer could not be used: one text that says what to do.
#[derive(Clone, Eq, PartialEq)]
pub struct Error(String);

impl Error {
    pub(crate) fn new(text: impl Into<String>) -> Error {
        Error(text.into())
    }

    /// For `map_err`: what was being done, then the cause.
    pub(crate) fn during<E: fmt::Display>(what: impl fmt::Display) -> impl FnOnce(E) -> Error {
        move |cause| Error(format!("{what}: {cause}"))
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// As [`fmt::Display`], so that `expect` shows the text with its line breaks.
impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl core::error::Error for Error {}

/// Asks `done` every few milliseconds until it says yes, or until the time is up; returns its last answer.
pub fn wait_until(patience: Duration, mut done: impl FnMut() -> bool) -> bool {
    let start = Instant::now();
    loop {
        if done() {
            return true;
        }
        if start.elapsed() >= patience {
            return false;
        }
        std::thread::sleep(Duration::from_millis(5));
    }
}
