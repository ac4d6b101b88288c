//! AES in counter mode by `aes` and `ctr`, HMAC by `hmac` and `sha2`.

use crate::crypto::common::ctr_hmac::{BLOCK, Hmac, Keystream};
use crate::crypto::{CryptoError, Hash};
use aes::cipher::consts::U16;
use aes::cipher::typenum::Unsigned;
use aes::cipher::{BlockCipherEncrypt, BlockSizeUser, KeyInit, KeyIvInit, KeySizeUser, StreamCipher};
use ctr::Ctr128BE;
use hmac::Mac as _;
use sha2::{Sha256, Sha512};
use zeroize::Zeroizing;

/// AES with a key of any length.
pub(super) struct AesCtr<A: BlockCipherEncrypt<BlockSize = U16>>(Ctr128BE<A>);

impl<A> Keystream for AesCtr<A>
where
    A: BlockCipherEncrypt + BlockSizeUser<BlockSize = U16> + KeyInit + Send + Sync + 'static,
{
    const KEY_LEN: usize = <A as KeySizeUser>::KeySize::USIZE;
    fn new(key: &[u8], iv: &[u8; BLOCK]) -> Result<Self, CryptoError> {
        Ctr128BE::new_from_slices(key, iv).map(AesCtr).map_err(|_| CryptoError::Failed)
    }
    fn apply(&mut self, blocks: &mut [u8]) -> Result<(), CryptoError> {
        self.0.try_apply_keystream(blocks).map_err(|_| CryptoError::Failed)
    }
}

/// HMAC with the hash that the row names. The key is hashed once; each packet starts from a copy of that state.
pub(super) enum HmacSha2 {
    Sha256(hmac::Hmac<Sha256>),
    Sha512(hmac::Hmac<Sha512>),
}

impl Hmac for HmacSha2 {
    fn new(hash: Hash, key: &[u8]) -> Result<Self, CryptoError> {
        let keyed = match hash {
            Hash::Sha256 => hmac::Hmac::new_from_slice(key).map(HmacSha2::Sha256),
            Hash::Sha512 => hmac::Hmac::new_from_slice(key).map(HmacSha2::Sha512),
            Hash::Sha384 => return Err(CryptoError::Failed),
        };
        keyed.map_err(|_| CryptoError::Failed)
    }
    fn tag(&self, first: &[u8], second: &[u8]) -> Zeroizing<[u8; Hash::MAX]> {
        let mut out = Zeroizing::new([0; Hash::MAX]);
        match self {
            HmacSha2::Sha256(keyed) => {
                let tag = keyed.clone().chain_update(first).chain_update(second).finalize().into_bytes();
                if let Some(front) = out.first_chunk_mut() {
                    *front = tag.into();
                }
            }
            HmacSha2::Sha512(keyed) => {
                *out = keyed.clone().chain_update(first).chain_update(second).finalize().into_bytes().into();
            }
        }
        out
    }
}
