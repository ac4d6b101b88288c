//! ECDSA.

use crate::crypto::CryptoError;
use crate::crypto::common::ecdsa::{self, Curve, Ecdsa};
use aws_lc_rs::digest::{Context, SHA256, SHA384, SHA512};
use aws_lc_rs::signature::UnparsedPublicKey;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED, ECDSA_P384_SHA384_FIXED, ECDSA_P521_SHA512_FIXED};

macro_rules! ecdsa {
    ($(#[$doc:meta])* $name:ident, $curve:ident, $algorithm:ident, $hash:ident) => {
        $(#[$doc])*
        pub(super) struct $name;

        impl Ecdsa for $name {
            const CURVE: &'static Curve = &ecdsa::$curve;
            fn verify(point: &[u8], message: &[&[u8]], signature: &[u8]) -> Result<(), CryptoError> {
                let mut context = Context::new(&$hash);
                for part in message {
                    context.update(part);
                }
                let key = UnparsedPublicKey::new(&$algorithm, point);
                key.verify_digest(&context.finish(), signature).map_err(|_| CryptoError::BadSignature)
            }
        }
    };
}

ecdsa!(
    /// With SHA-256.
    Ecdsa256,
    P256,
    ECDSA_P256_SHA256_FIXED,
    SHA256
);
ecdsa!(
    /// With SHA-384.
    Ecdsa384,
    P384,
    ECDSA_P384_SHA384_FIXED,
    SHA384
);
ecdsa!(
    /// With SHA-512.
    Ecdsa521,
    P521,
    ECDSA_P521_SHA512_FIXED,
    SHA512
);
