//! The NIST curves. Private keys come from the argument, as X25519's do.

use crate::crypto::common::ecdh::{Curve, draw, uncompressed};
use crate::crypto::{CryptoError, CryptoRng, Hash};
use aws_lc_rs::agreement::{self, PrivateKey, UnparsedPublicKey};
use zeroize::Zeroizing;

/// One `EVP_PKEY` with its key is less than this.
pub(super) const KEY_HEAP: usize = 512;
/// That, another with the peer's, and what the arithmetic takes, are less than this.
pub(super) const C_HEAP: usize = 2048;

macro_rules! curve {
    ($name:ident, $algorithm:ident, $hash:ident, $field:literal, $point:literal, $top:literal) => {
        /// An ephemeral key on this curve.
        pub(super) struct $name(PrivateKey);

        impl Curve for $name {
            const HASH: Hash = Hash::$hash;
            const PUBLIC: usize = $point;
            type Secret = [u8; $field];

            fn new(random: &mut dyn CryptoRng) -> Result<Self, CryptoError> {
                let take = |key: &[u8; $field]| PrivateKey::from_private_key(&agreement::$algorithm, key).ok();
                draw(random, $top, take).map($name)
            }
            fn public(&self, out: &mut [u8]) -> Result<(), CryptoError> {
                let out: &mut [u8; $point] = out.try_into().map_err(|_| CryptoError::Failed)?;
                let point = self.0.compute_public_key().map_err(|_| CryptoError::Failed)?;
                *out = point.as_ref().try_into().map_err(|_| CryptoError::Failed)?;
                Ok(())
            }
            /// "If a key fails validation, the key exchange MUST fail" (RFC 5656, section 4). AWS-LC checks that the
            /// point is on the curve; its neutral element has no encoding of this length.
            fn agree(&self, theirs: &[u8]) -> Result<Zeroizing<[u8; $field]>, CryptoError> {
                let theirs = UnparsedPublicKey::new(&agreement::$algorithm, uncompressed::<$point>(theirs)?);
                agreement::agree(&self.0, theirs, CryptoError::BadValue, |secret| {
                    secret.try_into().map(Zeroizing::new).map_err(|_| CryptoError::Failed)
                })
            }
        }
    };
}

curve!(P256, ECDH_P256, Sha256, 32, 65, 0xff);
curve!(P384, ECDH_P384, Sha384, 48, 97, 0xff);
curve!(P521, ECDH_P521, Sha512, 66, 133, 0x01);
