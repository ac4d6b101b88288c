//! `chacha20-poly1305@openssh.com`, which `aws-lc-rs` has as it is.

use crate::crypto::CryptoError;
use crate::crypto::common::chacha::{ChaChaPoly, KEY, TAG};
use aws_lc_rs::aead::chacha20_poly1305_openssh::{OpeningKey, SealingKey};

/// Both keys, for either direction: the two types hold the same.
pub(super) struct ChaCha20Poly1305 {
    sealing: SealingKey,
    opening: OpeningKey,
}

impl ChaChaPoly for ChaCha20Poly1305 {
    fn new(key: &[u8; KEY]) -> Self {
        ChaCha20Poly1305 { sealing: SealingKey::new(key), opening: OpeningKey::new(key) }
    }
    fn seal(&self, sequence: u32, covered: &mut [u8]) -> Result<[u8; TAG], CryptoError> {
        let mut tag = [0; TAG];
        self.sealing.seal_in_place(sequence, covered, &mut tag);
        Ok(tag)
    }
    fn length(&self, sequence: u32, encrypted: [u8; 4]) -> [u8; 4] {
        self.opening.decrypt_packet_length(sequence, encrypted)
    }
    fn open(&self, sequence: u32, covered: &mut [u8], tag: &[u8; TAG]) -> Result<(), CryptoError> {
        self.opening.open_in_place(sequence, covered, tag).map(|_| ()).map_err(|_| CryptoError::BadTag)
    }
}
