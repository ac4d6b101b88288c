//! ML-KEM-768. All randomness is AWS-LC's own.

use crate::crypto::common::hybrid::{Kem, SS};
use crate::crypto::{CryptoError, CryptoRng, Hash};
use aws_lc_rs::kem::{Ciphertext, DecapsulationKey, EncapsulationKey, ML_KEM_768};
use zeroize::Zeroizing;

/// One `EVP_PKEY` with both expanded keys (1184 + 2400) and the seed (64), or one with the encapsulation key (1184), a
/// ciphertext (1088) and a secret, is less than this.
pub(super) const C_HEAP: usize = 5120;

/// A decapsulation key.
pub(super) struct Decapsulation(DecapsulationKey);

impl Kem for Decapsulation {
    const HASH: Hash = Hash::Sha256;
    const PUBLIC: usize = 1184;
    const CIPHERTEXT: usize = 1088;

    fn new(_: &mut dyn CryptoRng, public: &mut [u8]) -> Result<Self, CryptoError> {
        let public: &mut [u8; Self::PUBLIC] = public.try_into().map_err(|_| CryptoError::Failed)?;
        let key = DecapsulationKey::generate(&ML_KEM_768).map_err(|_| CryptoError::Failed)?;
        let ours = key.encapsulation_key().and_then(|key| key.key_bytes()).map_err(|_| CryptoError::Failed)?;
        *public = ours.as_ref().try_into().map_err(|_| CryptoError::Failed)?;
        Ok(Decapsulation(key))
    }
    /// Implicit rejection: FIPS 203, section 6.3.
    fn decapsulate(&self, ciphertext: &[u8]) -> Result<Zeroizing<[u8; SS]>, CryptoError> {
        let secret = self.0.decapsulate(Ciphertext::from(ciphertext)).map_err(|_| CryptoError::BadValue)?;
        secret.as_ref().try_into().map(Zeroizing::new).map_err(|_| CryptoError::Failed)
    }
    /// AWS-LC checks the coefficients when it encapsulates (FIPS 203, section 7.2).
    fn encapsulate(
        _: &mut dyn CryptoRng,
        theirs: &[u8],
        ciphertext: &mut [u8],
    ) -> Result<Zeroizing<[u8; SS]>, CryptoError> {
        let ciphertext: &mut [u8; Self::CIPHERTEXT] = ciphertext.try_into().map_err(|_| CryptoError::Failed)?;
        let theirs = EncapsulationKey::new(&ML_KEM_768, theirs).map_err(|_| CryptoError::BadValue)?;
        let (sealed, secret) = theirs.encapsulate().map_err(|_| CryptoError::BadValue)?;
        *ciphertext = sealed.as_ref().try_into().map_err(|_| CryptoError::Failed)?;
        secret.as_ref().try_into().map(Zeroizing::new).map_err(|_| CryptoError::Failed)
    }
}
