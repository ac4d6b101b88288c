//! `chacha20-poly1305@openssh.com`: the row and the framing (OpenSSH PROTOCOL.chacha20poly1305).
//!
//! The length is encrypted apart, under a key of its own, so that it can be read before the rest has come; the tag
//! covers it as it came. [`Open::length`] therefore leaves the bytes alone.

use super::LENGTH;
use crate::crypto::{Alignment, Cipher, CryptoError, DirectionKeys, Mac, Open, Seal, try_box};
use alloc::boxed::Box;
use core::fmt;
use core::marker::PhantomData;

pub(in crate::crypto) const TAG: usize = 16;
pub(in crate::crypto) const KEY: usize = 64;

/// The construction under one key.
pub(in crate::crypto) trait ChaChaPoly: Sized + Send + Sync + 'static {
    /// K_2, which is for the payload and the tag, and then K_1, which is for the length.
    fn new(key: &[u8; KEY]) -> Self;
    /// Encrypts `length ‖ body` and returns the tag. There is a length.
    fn seal(&self, sequence: u32, covered: &mut [u8]) -> Result<[u8; TAG], CryptoError>;
    /// The length, not yet authenticated.
    fn length(&self, sequence: u32, encrypted: [u8; LENGTH]) -> [u8; LENGTH];
    /// Checks `length ‖ body`, both encrypted, and then decrypts the body. There is a length.
    fn open(&self, sequence: u32, covered: &mut [u8], tag: &[u8; TAG]) -> Result<(), CryptoError>;
}

/// The row.
pub(in crate::crypto) struct ChaChaRow<C> {
    primitive: PhantomData<fn() -> C>,
}

impl<C> ChaChaRow<C> {
    pub(in crate::crypto) const fn new() -> Self {
        ChaChaRow { primitive: PhantomData }
    }
}

impl<C> fmt::Debug for ChaChaRow<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("chacha20-poly1305@openssh.com")
    }
}

impl<C: ChaChaPoly> Cipher for ChaChaRow<C> {
    fn name(&self) -> &'static str {
        "chacha20-poly1305@openssh.com"
    }
    fn key_len(&self) -> usize {
        KEY
    }
    fn iv_len(&self) -> usize {
        0
    }
    fn aead(&self) -> bool {
        true
    }
    fn bytes_per_key(&self) -> u64 {
        1 << 30
    }
    fn seal(&self, keys: &DirectionKeys<'_>, _: Option<&dyn Mac>) -> Result<Box<dyn Seal>, CryptoError> {
        let sealing: Box<[_; 1]> = try_box(ChaChaDirection(new::<C>(keys)?))?;
        Ok(sealing)
    }
    fn open(&self, keys: &DirectionKeys<'_>, _: Option<&dyn Mac>) -> Result<Box<dyn Open>, CryptoError> {
        let opening: Box<[_; 1]> = try_box(ChaChaDirection(new::<C>(keys)?))?;
        Ok(opening)
    }
}

fn new<C: ChaChaPoly>(keys: &DirectionKeys<'_>) -> Result<C, CryptoError> {
    keys.key.try_into().map(C::new).map_err(|_| CryptoError::Failed)
}

/// One direction; both are alike. The primitive wipes its own key.
pub(in crate::crypto) struct ChaChaDirection<C>(C);

const ALIGNMENT: Alignment = Alignment { block: 8, counts_length: false };

impl<C: ChaChaPoly> Seal for ChaChaDirection<C> {
    fn alignment(&self) -> Alignment {
        ALIGNMENT
    }
    fn tag_len(&self) -> usize {
        TAG
    }
    fn seal(&mut self, sequence: u32, packet: &mut [u8]) -> Result<(), CryptoError> {
        let (covered, tag) = packet.split_last_chunk_mut::<TAG>().ok_or(CryptoError::Failed)?;
        if covered.len() < LENGTH {
            return Err(CryptoError::Failed);
        }
        *tag = self.0.seal(sequence, covered)?;
        Ok(())
    }
}

impl<C: ChaChaPoly> Open for ChaChaDirection<C> {
    fn alignment(&self) -> Alignment {
        ALIGNMENT
    }
    fn tag_len(&self) -> usize {
        TAG
    }
    fn head(&self) -> usize {
        LENGTH
    }
    /// It was decrypted before the tag was there, but by a keystream of its own: a length that somebody changed says
    /// nothing about the payload, so that no answer to it can be an oracle.
    fn length_is_unauthenticated(&self) -> bool {
        false
    }
    fn length(&mut self, sequence: u32, head: &mut [u8]) -> u32 {
        head.first_chunk().map_or(0, |encrypted| u32::from_be_bytes(self.0.length(sequence, *encrypted)))
    }
    fn open(&mut self, sequence: u32, packet: &mut [u8]) -> Result<(), CryptoError> {
        let (covered, tag) = packet.split_last_chunk_mut::<TAG>().ok_or(CryptoError::BadTag)?;
        if covered.len() < LENGTH {
            return Err(CryptoError::BadTag);
        }
        self.0.open(sequence, covered, tag)
    }
}
