//! From a certificate to trust: every check, in one order, with one way out.
//!
//! A check that fails is a refusal, and so is one that could not be made. There is no third result.

use super::{CertError, Certificate, CertificateKind};
use crate::UnixTime;
use crate::crypto::{CryptoError, Provider};
use crate::keys::{PublicKey, Restrictions};
use crate::wire::Reader;
use alloc::vec::Vec;
use core::fmt;
use core::net::IpAddr;

/// Who may sign certificates, and what is revoked. Every call is about one decision: a client answers for the host that
/// it is about, a server for the user.
///
/// A closure `|ca: PublicKey<'_>| -> bool`, and a slice, array or vector of key blobs, trust those keys and revoke none.
pub trait Authorities {
    /// Whether this key may sign certificates for the decision at hand.
    fn trusts(&self, ca: PublicKey<'_>) -> bool;
    /// Whether this key is revoked. Asked about the authority's key, the certified key, and the certificate's own blob.
    fn revoked(&self, key: PublicKey<'_>) -> bool {
        let _ = key;
        false
    }
    /// Whether this certificate is revoked: by its serial number or key id, both of which are its authority's.
    fn revoked_certificate(&self, certificate: &Certificate<'_>) -> bool {
        let _ = certificate;
        false
    }
}

impl<F: Fn(PublicKey<'_>) -> bool> Authorities for F {
    fn trusts(&self, ca: PublicKey<'_>) -> bool {
        self(ca)
    }
}

impl<T: AsRef<[u8]>> Authorities for &[T] {
    fn trusts(&self, ca: PublicKey<'_>) -> bool {
        self.iter().any(|blob| blob.as_ref() == ca.blob())
    }
}

impl<T: AsRef<[u8]>, const N: usize> Authorities for [T; N] {
    fn trusts(&self, ca: PublicKey<'_>) -> bool {
        self.as_slice().trusts(ca)
    }
}

impl<T: AsRef<[u8]>> Authorities for Vec<T> {
    fn trusts(&self, ca: PublicKey<'_>) -> bool {
        self.as_slice().trusts(ca)
    }
}

/// What a certificate is checked against.
#[derive(Clone, Copy)]
#[non_exhaustive]
pub struct Check<'c> {
    /// The time, as the application knows it.
    pub at: UnixTime,
    /// What the certificate has to be for.
    pub kind: CertificateKind,
    /// The name that it has to speak for: the host's name or address as the client was asked to reach it, without a
    /// port; or the user's, or the principal that the server wants to see for the user.
    pub name: &'c [u8],
    /// Where the peer comes from. Without it, a certificate that is good from some addresses only is refused.
    pub source: Option<IpAddr>,
    /// Who may sign.
    pub authorities: &'c dyn Authorities,
    /// Whose algorithms verify the authority's signature: the configuration's.
    pub provider: &'c dyn Provider,
}

impl<'c> Check<'c> {
    /// A server's check of a user's certificate.
    #[must_use]
    pub fn user(
        name: &'c (impl AsRef<[u8]> + ?Sized),
        at: UnixTime,
        authorities: &'c dyn Authorities,
        provider: &'c dyn Provider,
    ) -> Self {
        Check { at, kind: CertificateKind::User, name: name.as_ref(), source: None, authorities, provider }
    }

    /// A client's check of a host's certificate.
    #[must_use]
    pub fn host(
        name: &'c (impl AsRef<[u8]> + ?Sized),
        at: UnixTime,
        authorities: &'c dyn Authorities,
        provider: &'c dyn Provider,
    ) -> Self {
        Check { at, kind: CertificateKind::Host, name: name.as_ref(), source: None, authorities, provider }
    }

    /// And the peer comes from there.
    #[must_use]
    pub fn coming_from(self, source: IpAddr) -> Self {
        Check { source: Some(source), ..self }
    }
}

impl fmt::Debug for Check<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (kind, name, at) = (self.kind, self.name.escape_ascii(), self.at.0);
        write!(f, "Check({kind} \"{name}\" at {at} from {:?} by {})", self.source, self.provider.name())
    }
}

/// A certificate that passed every check. Nothing else makes this value.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Checked<'a> {
    certificate: Certificate<'a>,
    restrictions: Restrictions<'a>,
}

impl<'a> Checked<'a> {
    /// The certificate.
    #[must_use]
    pub fn certificate(&self) -> &Certificate<'a> {
        &self.certificate
    }

    /// The certificate's bytes.
    #[must_use]
    pub fn blob(&self) -> &'a [u8] {
        self.certificate.blob()
    }

    /// What it was checked for.
    #[must_use]
    pub fn kind(&self) -> CertificateKind {
        self.certificate.kind()
    }

    /// What binds whoever comes in by it. They are the server's to keep.
    #[must_use]
    pub fn restrictions(&self) -> Restrictions<'a> {
        self.restrictions
    }
}

impl fmt::Debug for Checked<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Checked({:?})", self.certificate)
    }
}

impl<'a> Certificate<'a> {
    /// Checks everything that makes a certificate good for a decision. That the peer holds the certified key is another
    /// matter: the connection verifies it.
    ///
    /// # Errors
    /// [`CertError`]: the first check that failed. It must not be let in by this certificate; whether the plain key in it
    /// would do is a new question, to be asked from the beginning.
    pub fn check(self, check: Check<'_>) -> Result<Checked<'a>, CertError> {
        self.check_authority(&check)?;
        self.check_revocation(&check)?;
        self.check_purpose(&check)?;
        // "MUST ensure that no unsupported critical options are present" (draft-ietf-sshm-cert-01, section 3.1).
        let restrictions = Restrictions::of(&self)?;
        // "MUST perform any additional authorisation operations required by critical options" (section 3.1); "servers
        // MUST refuse connections from sources that are not listed" (section 2.4).
        restrictions.check_source(check.source)?;
        Ok(Checked { certificate: self, restrictions })
    }

    /// "MUST verify the CA signature over the certificate contents prior to making any authentication or authorisation
    /// decisions" (draft-ietf-sshm-cert-01, section 3.1).
    fn check_authority(&self, check: &Check<'_>) -> Result<(), CertError> {
        let ca = self.authority();
        if !check.authorities.trusts(ca) {
            return Err(CertError::UnknownAuthority);
        }
        let algorithm = Reader::new(self.signature()).string()?;
        // "SHOULD by default disallow … certificate signatures made using the ssh-rsa signature algorithm"
        // (draft-ietf-sshm-cert-01, section 6), whatever the provider has. A browser is no authority, and a certificate
        // is none either.
        let sha_1 = algorithm == b"ssh-rsa" || algorithm == b"ssh-dss";
        let mut rows = check.provider.signatures().iter().filter(|row| row.certified().is_none() && row.for_hosts());
        let row = rows
            .find(|row| row.name().as_bytes() == algorithm && row.key_type() == ca.key_type())
            .filter(|row| !sha_1 && row.accepts(ca.blob()))
            .ok_or(CertError::AuthorityAlgorithm)?;
        let verified = row.verify(ca.blob(), self.signed(), self.signature()).map_err(|error| match error {
            CryptoError::OutOfMemory | CryptoError::Failed => CertError::Crypto(error),
            _ => CertError::AuthoritySignature,
        })?;
        match verified.security_key {
            Some(key) if !key.user_present() => Err(CertError::AuthorityUntouched),
            _ => Ok(()),
        }
    }

    /// The authority's key, the certified key and the certificate: each may be revoked.
    fn check_revocation(&self, check: &Check<'_>) -> Result<(), CertError> {
        let plain = self.plain_key();
        let rows = check.provider.signatures().iter();
        // A key in a form that is not its only one would not be found among the revoked ones; no row accepts such.
        let mut rows = rows.filter(|row| row.certified().is_none() && row.key_type() == self.plain_type());
        if !rows.any(|row| row.accepts(plain.blob())) {
            return Err(CertError::Key);
        }
        if check.authorities.revoked(self.authority()) {
            return Err(CertError::RevokedAuthority);
        }
        if check.authorities.revoked(plain.key()) {
            return Err(CertError::RevokedKey);
        }
        if check.authorities.revoked(PublicKey::new(self.blob())) || check.authorities.revoked_certificate(self) {
            return Err(CertError::RevokedCertificate);
        }
        Ok(())
    }

    /// Role, time and name.
    fn check_purpose(&self, check: &Check<'_>) -> Result<(), CertError> {
        // "MUST check that the 'certificate role' matches the intended decision type (user or host authentication)"
        // (draft-ietf-sshm-cert-01, section 3.1).
        if self.kind() != check.kind {
            return Err(CertError::WrongRole);
        }
        // "MUST check the time against the certificate validity interval" (section 3.1). All ones is no end.
        if check.at < self.valid_after() {
            return Err(CertError::NotYetValid);
        }
        if check.at >= self.valid_before() && self.valid_before().0 != u64::MAX {
            return Err(CertError::Expired);
        }
        // "MUST verify that at least one of the listed certificate principals is accepted" (section 3.1). Where none is
        // listed there is none to accept: it is no certificate for everybody.
        if self.principals().is_empty() {
            return Err(CertError::NoPrincipals);
        }
        if !self.principals().name(check.kind, check.name) {
            return Err(CertError::WrongName);
        }
        Ok(())
    }
}
