//! The one generator of a connection: cookies, padding, key shares and handle tags come from it.

use chacha20::ChaCha20Rng;
use core::convert::Infallible;
use core::fmt;
use rand_core::{Rng, SeedableRng, TryCryptoRng, TryRng};
use zeroize::{Zeroize, ZeroizeOnDrop};

/// 32 secret bytes, fresh for each connection. A seed used twice makes two connections share their keys.
#[derive(Zeroize, ZeroizeOnDrop)]
pub struct Seed([u8; 32]);

impl Seed {
    /// These bytes. They must come from a good source and be used once.
    #[must_use]
    pub fn new(bytes: [u8; 32]) -> Self {
        Seed(bytes)
    }

    /// From the operating system.
    ///
    /// # Errors
    /// Whatever the operating system says.
    #[cfg(feature = "getrandom")]
    pub fn os() -> Result<Self, getrandom::Error> {
        let mut bytes = [0; 32];
        getrandom::fill(&mut bytes)?;
        Ok(Seed(bytes))
    }
}

impl fmt::Debug for Seed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Seed(…)")
    }
}

/// ChaCha20 in counter mode over the [`Seed`].
pub struct Random(ChaCha20Rng);

impl Random {
    /// Starts the generator; the seed is used up.
    #[must_use]
    pub fn new(seed: &Seed) -> Self {
        Random(ChaCha20Rng::from_seed(seed.0))
    }

    /// Fills `bytes`.
    pub fn fill(&mut self, bytes: &mut [u8]) {
        self.0.fill_bytes(bytes);
    }

    /// A random number.
    pub fn number(&mut self) -> u32 {
        self.0.next_u32()
    }
}

impl TryRng for Random {
    type Error = Infallible;
    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        Ok(self.0.next_u32())
    }
    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        Ok(self.0.next_u64())
    }
    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Infallible> {
        self.0.fill_bytes(bytes);
        Ok(())
    }
}

impl TryCryptoRng for Random {}

impl fmt::Debug for Random {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Random(…)")
    }
}
