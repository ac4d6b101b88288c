//! Ed25519 by `ed25519-dalek`.

use crate::crypto::CryptoError;
use crate::crypto::common::ed25519::Ed25519;
use ed25519_dalek::{Signature, VerifyingKey};

/// Verifies.
pub(super) struct Dalek;

impl Ed25519 for Dalek {
    fn verify(key: &[u8; 32], message: &[u8], signature: &[u8; 64]) -> Result<(), CryptoError> {
        let key = VerifyingKey::from_bytes(key).map_err(|_| CryptoError::BadSignature)?;
        key.verify_strict(message, &Signature::from_bytes(signature)).map_err(|_| CryptoError::BadSignature)
    }
}
