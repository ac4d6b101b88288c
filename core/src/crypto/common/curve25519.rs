//! X25519 as SSH uses it (RFC 8731), on either side and within the hybrids: the curve of `ecdh` that has its own rules.

use super::ecdh::Curve;
use crate::crypto::{CryptoError, CryptoRng, Hash};
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

/// Length of a public value, a private key and a secret (RFC 7748, section 5).
pub(in crate::crypto) const LEN: usize = 32;

/// An ephemeral X25519 key (RFC 7748, section 6.1), used once and wiped when it goes.
pub(in crate::crypto) trait X25519: Sized + Send + Sync + 'static {
    /// Its 32 bytes come from `random`.
    fn new(random: &mut dyn CryptoRng) -> Result<Self, CryptoError>;
    fn public(&self) -> Result<[u8; LEN], CryptoError>;
    /// The shared secret, which may be zero: callers go through [`Curve::agree`].
    fn secret(&self, theirs: &[u8; LEN]) -> Result<Zeroizing<[u8; LEN]>, CryptoError>;
}

impl<X: X25519> Curve for X {
    const HASH: Hash = Hash::Sha256;
    const PUBLIC: usize = LEN;
    type Secret = [u8; LEN];

    fn new(random: &mut dyn CryptoRng) -> Result<Self, CryptoError> {
        X::new(random)
    }
    fn public(&self, out: &mut [u8]) -> Result<(), CryptoError> {
        let out: &mut [u8; LEN] = out.try_into().map_err(|_| CryptoError::Failed)?;
        *out = X::public(self)?;
        Ok(())
    }
    /// "implementations MUST check whether the computed Diffie-Hellman shared secret is the all-zero value and abort if so":
    /// that is what a point of low order leads to. "Clients and servers MUST also abort if the length of the received public
    /// keys are not the expected lengths." (RFC 8731, section 3)
    fn agree(&self, theirs: &[u8]) -> Result<Zeroizing<[u8; LEN]>, CryptoError> {
        let secret = self.secret(theirs.try_into().map_err(|_| CryptoError::BadValue)?)?;
        if bool::from(secret.ct_eq(&[0; LEN])) { Err(CryptoError::BadValue) } else { Ok(secret) }
    }
}
