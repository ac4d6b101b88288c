//! X25519.

use crate::crypto::common::curve25519::{LEN, X25519};
use crate::crypto::{CryptoError, CryptoRng};
use aws_lc_rs::agreement::{self, PrivateKey, UnparsedPublicKey};
use zeroize::Zeroizing;

/// One `EVP_PKEY` and its key are less than this.
#[cfg(feature = "sntrup761")]
pub(super) const C_HEAP: usize = 256;

/// A private key.
pub(super) struct Ephemeral(PrivateKey);

impl X25519 for Ephemeral {
    fn new(random: &mut dyn CryptoRng) -> Result<Self, CryptoError> {
        let mut key = Zeroizing::new([0; LEN]);
        random.fill_bytes(&mut *key);
        PrivateKey::from_private_key(&agreement::X25519, &*key).map(Ephemeral).map_err(|_| CryptoError::Failed)
    }
    fn public(&self) -> Result<[u8; LEN], CryptoError> {
        let public = self.0.compute_public_key().map_err(|_| CryptoError::Failed)?;
        public.as_ref().try_into().map_err(|_| CryptoError::Failed)
    }
    /// AWS-LC refuses a secret that is zero by itself.
    fn secret(&self, theirs: &[u8; LEN]) -> Result<Zeroizing<[u8; LEN]>, CryptoError> {
        let theirs = UnparsedPublicKey::new(&agreement::X25519, theirs);
        agreement::agree(&self.0, theirs, CryptoError::BadValue, |secret| {
            secret.try_into().map(Zeroizing::new).map_err(|_| CryptoError::Failed)
        })
    }
}
