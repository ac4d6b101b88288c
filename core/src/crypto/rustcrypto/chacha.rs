//! `chacha20-poly1305@openssh.com` by `chacha20` and Poly1305.
//!
//! ```text
//! nonce            0^32 ‖ BE64(sequence)         as the 96-bit nonce of RFC 8439
//! length           XOR keystream(K_1), block 0
//! Poly1305's key   the first half of keystream(K_2), block 0
//! body             XOR keystream(K_2), from block 1
//! tag              Poly1305(encrypted length ‖ encrypted body), without RFC 8439's padding and lengths
//! ```
//!
//! OpenSSH has a nonce of 64 bits and a counter of 64; a packet never comes near 2^32 blocks, so both start alike.

use super::poly1305;
use crate::crypto::CryptoError;
use crate::crypto::common::chacha::{ChaChaPoly, KEY, TAG};
use chacha20::cipher::array::Array;
use chacha20::cipher::{KeyIvInit, StreamCipherCore};
use chacha20::variants::Ietf;
use chacha20::{ChaChaCore, R20};
use subtle::ConstantTimeEq;
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

type Core = ChaChaCore<R20, Ietf>;

const BLOCK: usize = 64;

/// Both keys.
#[derive(Zeroize, ZeroizeOnDrop)]
pub(super) struct ChaCha20Poly1305 {
    payload: [u8; 32],
    length: [u8; 32],
}

/// The keystream of one payload. Its first blocks are made in one go: a vector unit makes four in the time of one, and
/// four are all that a small packet needs.
struct Payload {
    first: Zeroizing<[[u8; BLOCK]; 4]>,
    later: Core,
}

impl Payload {
    /// For a body of `len` bytes.
    fn new(key: &[u8; 32], sequence: u32, len: usize) -> Self {
        let mut later = keystream(key, sequence);
        let mut first = Zeroizing::new([[0; BLOCK]; 4]);
        let wanted = len.div_ceil(BLOCK).saturating_add(1).min(first.len());
        let (wanted, _) = first.split_at_mut(wanted);
        later.write_keystream_blocks(Array::cast_slice_from_core_mut(wanted));
        Payload { first, later }
    }

    /// Poly1305's: the first half of block 0.
    fn poly1305_key(&self) -> Zeroizing<[u8; 32]> {
        let mut key = Zeroizing::new([0; 32]);
        for (to, from) in key.iter_mut().zip(self.first.as_flattened()) {
            *to = *from;
        }
        key
    }

    /// Goes over the body, from block 1.
    fn apply(self, body: &mut [u8]) {
        let [_, first @ ..] = &*self.first;
        let first = first.as_flattened();
        for (byte, key) in body.iter_mut().zip(first) {
            *byte ^= *key;
        }
        if let Some((_, later)) = body.split_at_mut_checked(first.len()) {
            self.later.apply_keystream_partial(later.into());
        }
    }
}

fn keystream(key: &[u8; 32], sequence: u32) -> Core {
    let [a, b, c, d] = sequence.to_be_bytes();
    Core::new(key.into(), &[0, 0, 0, 0, 0, 0, 0, 0, a, b, c, d].into())
}

impl ChaChaPoly for ChaCha20Poly1305 {
    fn new(key: &[u8; KEY]) -> Self {
        let mut keys = ChaCha20Poly1305 { payload: [0; 32], length: [0; 32] };
        if let (Some(payload), Some(length)) = (key.first_chunk(), key.last_chunk()) {
            keys.payload = *payload;
            keys.length = *length;
        }
        keys
    }

    fn seal(&self, sequence: u32, covered: &mut [u8]) -> Result<[u8; TAG], CryptoError> {
        let (length, body) = covered.split_first_chunk_mut().ok_or(CryptoError::Failed)?;
        *length = self.length(sequence, *length);
        let payload = Payload::new(&self.payload, sequence, body.len());
        let key = payload.poly1305_key();
        payload.apply(body);
        Ok(poly1305::tag(&key, covered))
    }

    fn length(&self, sequence: u32, mut length: [u8; 4]) -> [u8; 4] {
        keystream(&self.length, sequence).apply_keystream_partial(length.as_mut_slice().into());
        length
    }

    fn open(&self, sequence: u32, covered: &mut [u8], tag: &[u8; TAG]) -> Result<(), CryptoError> {
        let payload = Payload::new(&self.payload, sequence, covered.len());
        if !bool::from(poly1305::tag(&payload.poly1305_key(), covered).ct_eq(tag)) {
            return Err(CryptoError::BadTag);
        }
        let (_, body) = covered.split_first_chunk_mut::<4>().ok_or(CryptoError::BadTag)?;
        payload.apply(body);
        Ok(())
    }
}
