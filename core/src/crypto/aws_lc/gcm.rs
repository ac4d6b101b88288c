//! AES-GCM with the caller's nonce and a separate tag.

use crate::crypto::CryptoError;
use crate::crypto::common::gcm::{Gcm, NONCE, TAG};
use aws_lc_rs::aead::{AES_128_GCM, AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};

/// One `EVP_AEAD_CTX`, with its union of key states, is less than this.
pub(super) const C_HEAP: usize = 1024;

/// With 256 bits of key.
pub(super) struct Gcm256(LessSafeKey);
/// With 128 bits of key.
pub(super) struct Gcm128(LessSafeKey);

macro_rules! gcm {
    ($name:ident, $algorithm:ident, $key_len:literal) => {
        impl Gcm for $name {
            const KEY_LEN: usize = $key_len;
            fn new(key: &[u8]) -> Result<Self, CryptoError> {
                let key = UnboundKey::new(&$algorithm, key).map_err(|_| CryptoError::Failed)?;
                Ok($name(LessSafeKey::new(key)))
            }
            fn seal(&self, nonce: [u8; NONCE], clear: &[u8], body: &mut [u8]) -> Result<[u8; TAG], CryptoError> {
                let nonce = Nonce::assume_unique_for_key(nonce);
                let tag = self.0.seal_in_place_separate_tag(nonce, Aad::from(clear), body);
                tag.ok().and_then(|tag| tag.as_ref().try_into().ok()).ok_or(CryptoError::Failed)
            }
            fn open(
                &self,
                nonce: [u8; NONCE],
                clear: &[u8],
                body: &mut [u8],
                tag: &[u8; TAG],
            ) -> Result<(), CryptoError> {
                let nonce = Nonce::assume_unique_for_key(nonce);
                let opened = self.0.open_in_place_separate_tag(nonce, Aad::from(clear), tag, body);
                opened.map(|_| ()).map_err(|_| CryptoError::BadTag)
            }
        }
    };
}

gcm!(Gcm256, AES_256_GCM, 32);
gcm!(Gcm128, AES_128_GCM, 16);
