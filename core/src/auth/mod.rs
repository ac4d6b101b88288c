//! RFC 4252: who the user is. A state machine for each side; nothing here reads a packet or writes one.
//!
//! A login is composed, and its record kept, in one fixed slot of `Limits.login` bytes. Crossing into trust takes an
//! [`Authenticated`], which only the two machines make: the client's on SUCCESS, the server's on the application's verdict.

pub(crate) mod client;
pub(crate) mod record;
pub(crate) mod server;

use crate::crypto::SecurityKey;
use crate::keys::{Certificate, Conflict, PublicKey, Restrictions};
use crate::wire::Reader;
use core::fmt;

/// The longest list of methods in a FAILURE.
pub(crate) const METHODS_MAX: usize = 256;
/// The service that a login is for (RFC 4252, section 5).
pub(crate) const CONNECTION: &[u8] = b"ssh-connection";
/// The service of logins.
pub(crate) const USERAUTH: &[u8] = b"ssh-userauth";
/// Names of methods (RFC 4252, sections 7 and 9; RFC 4256; OpenSSH PROTOCOL, section 3.1).
pub(crate) const PUBLICKEY: &str = "publickey";
pub(crate) const HOSTBOUND: &str = "publickey-hostbound-v00@openssh.com";
pub(crate) const HOSTBASED: &str = "hostbased";
pub(crate) const INTERACTIVE: &str = "keyboard-interactive";
/// The most questions in one INFO_REQUEST, and the most INFO_REQUESTs of one attempt.
pub(crate) const PROMPTS_MAX: usize = 16;
pub(crate) const ROUNDS_MAX: u32 = 16;
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
    /// Method name. `publickey` also where the login was bound to the host key (`publickey-hostbound-v00@openssh.com`).
    pub method: &'a str,
    /// Signature algorithm; empty unless the method is `publickey` or `hostbased`.
    pub algorithm: &'a str,
    /// The key or certificate whose signature was verified.
    pub key: Option<PublicKey<'a>>,
    /// What a security key said beside signing.
    pub security_key: Option<SecurityKey>,
    /// `hostbased`: the client host's name, as the client said it.
    pub host: Option<&'a [u8]>,
    /// `hostbased`: the user's name on that host, as the client said it.
    pub host_user: Option<&'a [u8]>,
}

impl<'a> Step<'a> {
    /// The certificate, if the key is one. It was checked: a step by a certificate is accepted for no less.
    #[must_use]
    pub fn certificate(&self) -> Option<Certificate<'a>> {
        Certificate::parse(self.key?.blob()).ok()
    }

    /// Reads `method, algorithm, key, detail`, as [`Record`] writes them.
    fn read(reader: &mut Reader<'a>) -> Option<Step<'a>> {
        let mut text = || core::str::from_utf8(reader.string().ok()?).ok();
        let (method, algorithm) = (text()?, text()?);
        let key = reader.string().ok().map(|key| (!key.is_empty()).then(|| PublicKey::new(key)))?;
        let mut detail = Reader::new(reader.string().ok()?);
        let mut step = Step { method, algorithm, key, security_key: None, host: None, host_user: None };
        if method == HOSTBASED {
            step.host = detail.string().ok();
            step.host_user = detail.string().ok();
        } else if let (Ok(flags), Ok(counter)) = (detail.byte(), detail.uint32()) {
            step.security_key = Some(SecurityKey { flags, counter });
        }
        Some(step)
    }
}

impl<'a> Identity<'a> {
    /// Reads the record: `string user`, then four strings a step.
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
        core::iter::from_fn(move || Step::read(&mut reader))
    }

    /// What the user's certificates of all steps together still permit (CVE-2026-39828). Steps without a certificate restrict
    /// nothing here; what an `authorized_keys` line demands is the application's to keep.
    ///
    /// # Errors
    /// [`Conflict`] if two certificates force different commands: nothing can be run then.
    pub fn restrictions(&self) -> Result<Restrictions<'a>, Conflict> {
        let users = self.steps().filter(|step| step.method == PUBLICKEY);
        users.filter_map(|step| step.certificate()).try_fold(Restrictions::none(), |sum, certificate| {
            sum.and(Restrictions::of(&certificate).map_err(|_| Conflict::Unreadable)?)
        })
    }
}

impl fmt::Debug for Identity<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} by ", self.user.escape_ascii())?;
        f.debug_list().entries(self.steps().map(|step| step.method)).finish()
    }
}
