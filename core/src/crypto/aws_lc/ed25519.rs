//! Ed25519.

use crate::crypto::CryptoError;
use crate::crypto::common::ed25519::Ed25519;
use aws_lc_rs::signature::{ED25519, UnparsedPublicKey};

/// Verifies.
pub(super) struct Ed25519Verify;

impl Ed25519 for Ed25519Verify {
    fn verify(key: &[u8; 32], message: &[u8], signature: &[u8; 64]) -> Result<(), CryptoError> {
        UnparsedPublicKey::new(&ED25519, key).verify(message, signature).map_err(|_| CryptoError::BadSignature)
    }
}
