//! RFC 4252: who the user is. A state machine for each side; nothing here reads a packet or writes one.
//!
//! A login is composed, and its record kept, in one fixed slot of `Limits.login` bytes. Crossing into trust takes an
//! [`Authenticated`], which only the two machines make: the client's on SUCCESS, the server's on the application's verdict.

pub(crate) mod client;
pub(crate) mod server;

use crate::keys::PublicKey;
use crate::wire::Reader;
use core::fmt;

/// The longest list of methods in a FAILURE.
pub(crate) const METHODS_MAX: usize = 256;
/// The service that a login is for (RFC 4252, section 5).
pub(crate) const CONNECTION: &[u8] = b"ssh-connection";
/// The service of logins.
pub(crate) const USERAUTH: &[u8] = b"ssh-userauth";
/// The longest user name.
pub(crate) const USER_MAX: usize = 256;
/// The longest password taken from a peer (CVE-2016-6515).
pub(crate) const PASSWORD_MAX: usize = 1024;

/// Proof that a login succeeded. The connection protocol opens only for one.
#[derive(Debug)]
pub(crate) struct Authenticated(());

/// Who logged in on a server, and by which steps.
#[derive(Clone, Copy)]
pub struct Identity<'a> {
    user: &'a [u8],
    steps: &'a [u8],
}

/// One accepted step of a login.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Step<'a> {
    /// Method name.
    pub method: &'a str,
    /// Signature algorithm; empty unless the method is `publickey`.
    pub algorithm: &'a str,
    /// The key whose signature was verified.
    pub key: Option<PublicKey<'a>>,
}

impl<'a> Identity<'a> {
    /// Reads the record: `string user`, then three strings a step.
    pub(crate) fn new(record: &'a [u8]) -> Option<Identity<'a>> {
        let mut reader = Reader::new(record);
        Some(Identity { user: reader.string().ok()?, steps: reader.rest() })
    }

    /// User name.
    #[must_use]
    pub fn user(&self) -> &'a [u8] {
        self.user
    }

    /// The accepted steps, in order.
    pub fn steps(&self) -> impl Iterator<Item = Step<'a>> + use<'a> {
        let mut reader = Reader::new(self.steps);
        core::iter::from_fn(move || {
            let mut text = || core::str::from_utf8(reader.string().ok()?).ok();
            let (method, algorithm) = (text()?, text()?);
            let key = reader.string().ok()?;
            Some(Step { method, algorithm, key: (!key.is_empty()).then(|| PublicKey::new(key)) })
        })
    }
}

impl fmt::Debug for Identity<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} by ", self.user.escape_ascii())?;
        f.debug_list().entries(self.steps().map(|step| step.method)).finish()
    }
}
