//! ML-KEM-768. All randomness is AWS-LC's own.

use crate::crypto::common::curve25519::LEN;
use crate::crypto::common::mlkem_hybrid::{CT, EK, MlKem768, SS};
use crate::crypto::{CryptoError, CryptoRng};
use aws_lc_rs::digest::{Context, SHA256};
use aws_lc_rs::kem::{Ciphertext, DecapsulationKey, EncapsulationKey, ML_KEM_768};
use zeroize::Zeroizing;

/// One `EVP_PKEY` with both expanded keys (1184 + 2400) and the seed (64), or one with the encapsulation key (1184), a
/// ciphertext (1088) and a secret, is less than this.
pub(super) const C_HEAP: usize = 5120;

/// A decapsulation key.
pub(super) struct Decapsulation(DecapsulationKey);

impl MlKem768 for Decapsulation {
    fn new(_: &mut dyn CryptoRng, public: &mut [u8; EK]) -> Result<Self, CryptoError> {
        let key = DecapsulationKey::generate(&ML_KEM_768).map_err(|_| CryptoError::Failed)?;
        let ours = key.encapsulation_key().and_then(|key| key.key_bytes()).map_err(|_| CryptoError::Failed)?;
        *public = ours.as_ref().try_into().map_err(|_| CryptoError::Failed)?;
        Ok(Decapsulation(key))
    }
    fn decapsulate(self, ciphertext: &[u8; CT]) -> Result<Zeroizing<[u8; SS]>, CryptoError> {
        let secret = self.0.decapsulate(Ciphertext::from(ciphertext.as_slice())).map_err(|_| CryptoError::BadValue)?;
        secret.as_ref().try_into().map(Zeroizing::new).map_err(|_| CryptoError::Failed)
    }
    /// AWS-LC checks the coefficients when it encapsulates.
    fn encapsulate(
        _: &mut dyn CryptoRng,
        theirs: &[u8; EK],
        ciphertext: &mut [u8; CT],
    ) -> Result<Zeroizing<[u8; SS]>, CryptoError> {
        let theirs = EncapsulationKey::new(&ML_KEM_768, theirs).map_err(|_| CryptoError::BadValue)?;
        let (sealed, secret) = theirs.encapsulate().map_err(|_| CryptoError::BadValue)?;
        *ciphertext = sealed.as_ref().try_into().map_err(|_| CryptoError::Failed)?;
        secret.as_ref().try_into().map(Zeroizing::new).map_err(|_| CryptoError::Failed)
    }
    fn combine(post_quantum: &[u8; SS], classical: &[u8; LEN]) -> Zeroizing<[u8; 32]> {
        let mut context = Context::new(&SHA256);
        context.update(post_quantum);
        context.update(classical);
        let mut out = Zeroizing::new([0; 32]);
        for (to, from) in out.iter_mut().zip(context.finish().as_ref()) {
            *to = *from;
        }
        out
    }
}
