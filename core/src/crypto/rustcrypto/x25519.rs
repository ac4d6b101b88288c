//! X25519 by `x25519-dalek`.

use crate::crypto::common::curve25519::{LEN, X25519};
use crate::crypto::{CryptoError, CryptoRng};
use x25519_dalek::{PublicKey, ReusableSecret};
use zeroize::Zeroizing;

/// A private key: used once, though the type would allow more, and wiped where it lies.
pub(super) struct Ephemeral(ReusableSecret);

impl X25519 for Ephemeral {
    fn new(random: &mut dyn CryptoRng) -> Result<Self, CryptoError> {
        Ok(Ephemeral(ReusableSecret::random_from_rng(random)))
    }
    fn public(&self) -> Result<[u8; LEN], CryptoError> {
        Ok(PublicKey::from(&self.0).to_bytes())
    }
    fn secret(&self, theirs: &[u8; LEN]) -> Result<Zeroizing<[u8; LEN]>, CryptoError> {
        Ok(Zeroizing::new(self.0.diffie_hellman(&PublicKey::from(*theirs)).to_bytes()))
    }
}
