//! AES in counter mode, HMAC with SHA-2.

use crate::crypto::common::ctr_hmac::{BLOCK, Hmac, Keystream};
use crate::crypto::{CryptoError, Hash};
use aws_lc_rs::cipher::{AES_128, AES_192, AES_256, EncryptingKey, EncryptionContext, UnboundCipherKey};
use aws_lc_rs::hmac::{Context, HMAC_SHA256, HMAC_SHA384, HMAC_SHA512, Key};
use aws_lc_rs::iv::FixedLength;
use zeroize::Zeroizing;

macro_rules! ctr {
    ($(#[$doc:meta])* $name:ident, $algorithm:ident, $key_len:literal) => {
        $(#[$doc])*
        pub(super) struct $name {
            key: EncryptingKey,
            counter: u128,
        }

        /// `StreamingEncryptingKey` has no call that works in place, so the counter is kept here: only whole blocks come,
        /// and the next one starts where they end.
        impl Keystream for $name {
            const KEY_LEN: usize = $key_len;
            fn new(key: &[u8], iv: &[u8; BLOCK]) -> Result<Self, CryptoError> {
                let key = UnboundCipherKey::new(&$algorithm, key).and_then(EncryptingKey::ctr);
                let key = key.map_err(|_| CryptoError::Failed)?;
                Ok($name { key, counter: u128::from_be_bytes(*iv) })
            }
            fn apply(&mut self, blocks: &mut [u8]) -> Result<(), CryptoError> {
                let count = u128::try_from(blocks.len() / BLOCK).map_err(|_| CryptoError::Failed)?;
                let context = EncryptionContext::Iv128(FixedLength::from(self.counter.to_be_bytes()));
                self.key.less_safe_encrypt(blocks, context).map_err(|_| CryptoError::Failed)?;
                self.counter = self.counter.wrapping_add(count);
                Ok(())
            }
        }
    };
}

ctr!(
    /// With 128 bits of key.
    Aes128Ctr,
    AES_128,
    16
);
ctr!(
    /// With 192 bits of key.
    Aes192Ctr,
    AES_192,
    24
);
ctr!(
    /// With 256 bits of key.
    Aes256Ctr,
    AES_256,
    32
);

/// HMAC with the hash that the row names. The key is hashed once; each packet starts from a copy of that state.
pub(super) struct HmacSha2(Key);

impl Hmac for HmacSha2 {
    fn new(hash: Hash, key: &[u8]) -> Result<Self, CryptoError> {
        let algorithm = match hash {
            Hash::Sha256 => HMAC_SHA256,
            Hash::Sha384 => HMAC_SHA384,
            Hash::Sha512 => HMAC_SHA512,
        };
        Ok(HmacSha2(Key::new(algorithm, key)))
    }
    fn tag(&self, first: &[u8], second: &[u8]) -> Zeroizing<[u8; Hash::MAX]> {
        let mut context = Context::with_key(&self.0);
        context.update(first);
        context.update(second);
        let mut out = Zeroizing::new([0; Hash::MAX]);
        for (to, from) in out.iter_mut().zip(context.sign().as_ref()) {
            *to = *from;
        }
        out
    }
}
