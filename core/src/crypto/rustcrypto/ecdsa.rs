//! ECDSA by `p256`, `p384` and `p521`.

use crate::crypto::CryptoError;
use crate::crypto::common::ecdsa::{self, Curve, Ecdsa};
use p256::ecdsa::signature::MultipartVerifier;

macro_rules! ecdsa {
    ($(#[$doc:meta])* $name:ident, $curve:ident, $library:ident) => {
        $(#[$doc])*
        pub(super) struct $name;

        impl Ecdsa for $name {
            const CURVE: &'static Curve = &ecdsa::$curve;
            fn verify(point: &[u8], message: &[&[u8]], signature: &[u8]) -> Result<(), CryptoError> {
                let key = $library::ecdsa::VerifyingKey::from_sec1_bytes(point);
                let signature = $library::ecdsa::Signature::from_slice(signature);
                match (key, signature) {
                    (Ok(key), Ok(signature)) => {
                        key.multipart_verify(message, &signature).map_err(|_| CryptoError::BadSignature)
                    }
                    _ => Err(CryptoError::BadSignature),
                }
            }
        }
    };
}

ecdsa!(
    /// With SHA-256.
    Ecdsa256,
    P256,
    p256
);
ecdsa!(
    /// With SHA-384.
    Ecdsa384,
    P384,
    p384
);
ecdsa!(
    /// With SHA-512.
    Ecdsa521,
    P521,
    p521
);
