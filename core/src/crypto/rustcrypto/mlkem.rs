//! ML-KEM-768 by `ml-kem`.

use crate::crypto::common::curve25519::LEN;
use crate::crypto::common::mlkem_hybrid::{CT, EK, MlKem768, SS};
use crate::crypto::{CryptoError, CryptoRng};
use ml_kem::{Decapsulate, DecapsulationKey768, Encapsulate, EncapsulationKey768, KeyExport};
use sha2::{Digest as _, Sha256};
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

impl MlKem768 for Seed768 {
    fn new(random: &mut dyn CryptoRng, public: &mut [u8; EK]) -> Result<Self, CryptoError> {
        let mut seed = Seed768([0; 64]);
        random.fill_bytes(&mut seed.0);
        *public = seed.expand().encapsulation_key().to_bytes().into();
        Ok(seed)
    }
    fn decapsulate(self, ciphertext: &[u8; CT]) -> Result<Zeroizing<[u8; SS]>, CryptoError> {
        Ok(Zeroizing::new(self.expand().decapsulate(&(*ciphertext).into()).into()))
    }
    fn encapsulate(
        random: &mut dyn CryptoRng,
        theirs: &[u8; EK],
        ciphertext: &mut [u8; CT],
    ) -> Result<Zeroizing<[u8; SS]>, CryptoError> {
        let theirs = EncapsulationKey768::new(&(*theirs).into()).map_err(|_| CryptoError::BadValue)?;
        let (sealed, secret) = theirs.encapsulate_with_rng(random);
        *ciphertext = sealed.into();
        Ok(Zeroizing::new(secret.into()))
    }
    fn combine(post_quantum: &[u8; SS], classical: &[u8; LEN]) -> Zeroizing<[u8; 32]> {
        Zeroizing::new(Sha256::new().chain_update(post_quantum).chain_update(classical).finalize().into())
    }
}
