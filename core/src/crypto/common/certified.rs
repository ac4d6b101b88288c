//! Certificates as keys (draft-ietf-sshm-cert-01, section 3): the row of a certificate over the row of its plain key.
//!
//! A signature by a certificate is one by the plain key inside, under the plain algorithm's name: "they are made and
//! formatted using the same rules for the underlying plain key type" (section 3.2). Whether the certificate is good is
//! not asked here: see `Certificate::check`.

use crate::crypto::{CryptoError, SignatureAlgorithm, Verified};
use crate::keys::{Certificate, PlainKey};
use core::fmt;

/// The row.
pub(in crate::crypto) struct CertifiedRow {
    name: &'static str,
    key_type: &'static str,
    plain: &'static dyn SignatureAlgorithm,
}

impl CertifiedRow {
    /// Of certificates whose algorithm is called as their type is.
    pub(in crate::crypto) const fn new(name: &'static str, plain: &'static dyn SignatureAlgorithm) -> Self {
        CertifiedRow { name, key_type: name, plain }
    }

    /// Of an algorithm with a name of its own: `rsa-sha2-512-cert-v01@openssh.com` of `ssh-rsa-cert-v01@openssh.com`.
    pub(in crate::crypto) const fn named(
        name: &'static str,
        key_type: &'static str,
        plain: &'static dyn SignatureAlgorithm,
    ) -> Self {
        CertifiedRow { name, key_type, plain }
    }

    /// The plain key, if this is a certificate of this row.
    fn plain_key(&self, certificate: &[u8]) -> Option<PlainKey> {
        let certificate = Certificate::parse(certificate).ok()?;
        let ours = certificate.key_type() == self.key_type && certificate.plain_type() == self.plain.key_type();
        ours.then(|| certificate.plain_key())
    }
}

impl fmt::Debug for CertifiedRow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

impl SignatureAlgorithm for CertifiedRow {
    fn name(&self) -> &'static str {
        self.name
    }
    fn key_type(&self) -> &'static str {
        self.key_type
    }
    fn verify(&self, key: &[u8], message: &[u8], signature: &[u8]) -> Result<Verified, CryptoError> {
        let plain = self.plain_key(key).ok_or(CryptoError::BadSignature)?;
        self.plain.verify(plain.blob(), message, signature)
    }
    fn accepts(&self, key: &[u8]) -> bool {
        self.plain_key(key).is_some_and(|plain| self.plain.accepts(plain.blob()))
    }
    fn certified(&self) -> Option<&'static dyn SignatureAlgorithm> {
        Some(self.plain)
    }
    fn for_hosts(&self) -> bool {
        self.plain.for_hosts()
    }
    fn by_default(&self) -> bool {
        self.plain.by_default()
    }
}
