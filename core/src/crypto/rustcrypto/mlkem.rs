//! ML-KEM-768 by `ml-kem`.

use crate::crypto::common::hybrid::{Kem, SS};
use crate::crypto::{CryptoError, CryptoRng, Hash};
use ml_kem::{Decapsulate, DecapsulationKey768, Encapsulate, EncapsulationKey768, KeyExport};
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

/// A decapsulation key as its seed `d ‖ z` (FIPS 203, section 7.1). It is expanded twice, which costs a client some
/// 50 us per exchange and saves every connection 3 KiB of heap.
#[derive(Zeroize, ZeroizeOnDrop)]
pub(super) struct Seed768([u8; 64]);

impl Seed768 {
    fn expand(&self) -> DecapsulationKey768 {
        DecapsulationKey768::from_seed(self.0.into())
    }
}

impl Kem for Seed768 {
    const HASH: Hash = Hash::Sha256;
    const PUBLIC: usize = 1184;
    const CIPHERTEXT: usize = 1088;

    fn new(random: &mut dyn CryptoRng, public: &mut [u8]) -> Result<Self, CryptoError> {
        let public: &mut [u8; Self::PUBLIC] = public.try_into().map_err(|_| CryptoError::Failed)?;
        let mut seed = Seed768([0; 64]);
        random.fill_bytes(&mut seed.0);
        *public = seed.expand().encapsulation_key().to_bytes().into();
        Ok(seed)
    }
    /// Implicit rejection: FIPS 203, section 6.3.
    fn decapsulate(&self, ciphertext: &[u8]) -> Result<Zeroizing<[u8; SS]>, CryptoError> {
        let ciphertext: [u8; Self::CIPHERTEXT] = ciphertext.try_into().map_err(|_| CryptoError::BadValue)?;
        Ok(Zeroizing::new(self.expand().decapsulate(&ciphertext.into()).into()))
    }
    /// Checks `theirs` as FIPS 203, section 7.2 asks: a coefficient that is not below q is a bad value.
    fn encapsulate(
        random: &mut dyn CryptoRng,
        theirs: &[u8],
        ciphertext: &mut [u8],
    ) -> Result<Zeroizing<[u8; SS]>, CryptoError> {
        let theirs: [u8; Self::PUBLIC] = theirs.try_into().map_err(|_| CryptoError::BadValue)?;
        let ciphertext: &mut [u8; Self::CIPHERTEXT] = ciphertext.try_into().map_err(|_| CryptoError::Failed)?;
        let theirs = EncapsulationKey768::new(&theirs.into()).map_err(|_| CryptoError::BadValue)?;
        let (sealed, secret) = theirs.encapsulate_with_rng(random);
        *ciphertext = sealed.into();
        Ok(Zeroizing::new(secret.into()))
    }
}
