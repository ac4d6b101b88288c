//! The NIST curves by `p256`, `p384` and `p521`.

use crate::crypto::common::ecdh::{Curve, draw, uncompressed};
use crate::crypto::{CryptoError, CryptoRng, Hash};
use zeroize::Zeroizing;

macro_rules! curve {
    ($name:ident, $library:ident, $hash:ident, $field:literal, $point:literal, $top:literal) => {
        /// An ephemeral key on this curve.
        pub(super) struct $name($library::SecretKey);

        impl Curve for $name {
            const HASH: Hash = Hash::$hash;
            const PUBLIC: usize = $point;
            type Secret = [u8; $field];

            fn new(random: &mut dyn CryptoRng) -> Result<Self, CryptoError> {
                draw::<$field, _>(random, $top, |key| $library::SecretKey::from_slice(key).ok()).map($name)
            }
            fn public(&self, out: &mut [u8]) -> Result<(), CryptoError> {
                let out: &mut [u8; $point] = out.try_into().map_err(|_| CryptoError::Failed)?;
                let point = $library::Sec1Point::from(self.0.public_key());
                *out = point.as_bytes().try_into().map_err(|_| CryptoError::Failed)?;
                Ok(())
            }
            /// "If a key fails validation, the key exchange MUST fail" (RFC 5656, section 4). These curves have no
            /// cofactor: what is on the curve and not its neutral element is a good point.
            fn agree(&self, theirs: &[u8]) -> Result<Zeroizing<[u8; $field]>, CryptoError> {
                let theirs = uncompressed::<$point>(theirs)?;
                let theirs = $library::PublicKey::from_sec1_bytes(theirs).map_err(|_| CryptoError::BadValue)?;
                Ok(Zeroizing::new((*self.0.diffie_hellman(&theirs).raw_secret_bytes()).into()))
            }
        }
    };
}

curve!(P256, p256, Sha256, 32, 65, 0xff);
curve!(P384, p384, Sha384, 48, 97, 0xff);
curve!(P521, p521, Sha512, 66, 133, 0x01);
