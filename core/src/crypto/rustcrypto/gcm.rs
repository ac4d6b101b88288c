//! AES-GCM by `aes-gcm`.

use crate::crypto::CryptoError;
use crate::crypto::common::gcm::{Gcm, NONCE, TAG};
use aes_gcm::{AeadInOut, Aes128Gcm, Aes256Gcm, KeyInit};

/// With 256 bits of key.
pub(super) struct Gcm256(Aes256Gcm);
/// With 128 bits of key.
pub(super) struct Gcm128(Aes128Gcm);

macro_rules! gcm {
    ($name:ident, $cipher:ident, $key_len:literal) => {
        impl Gcm for $name {
            const KEY_LEN: usize = $key_len;
            fn new(key: &[u8]) -> Result<Self, CryptoError> {
                $cipher::new_from_slice(key).map($name).map_err(|_| CryptoError::Failed)
            }
            fn seal(&self, nonce: [u8; NONCE], clear: &[u8], body: &mut [u8]) -> Result<[u8; TAG], CryptoError> {
                let sealed = self.0.encrypt_inout_detached(&nonce.into(), clear, body.into());
                sealed.map(Into::into).map_err(|_| CryptoError::Failed)
            }
            /// The tag is compared, in constant time, before anything is decrypted.
            fn open(
                &self,
                nonce: [u8; NONCE],
                clear: &[u8],
                body: &mut [u8],
                tag: &[u8; TAG],
            ) -> Result<(), CryptoError> {
                let opened = self.0.decrypt_inout_detached(&nonce.into(), clear, body.into(), &(*tag).into());
                opened.map_err(|_| CryptoError::BadTag)
            }
        }
    };
}

gcm!(Gcm256, Aes256Gcm, 32);
gcm!(Gcm128, Aes128Gcm, 16);
