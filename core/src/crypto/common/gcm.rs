//! `aes128-gcm@openssh.com` and `aes256-gcm@openssh.com`: AES-GCM as RFC 5647 puts it around a packet.
//!
//! The length travels in clear and is the additional data; the tag of 16 bytes stands behind the padding (section 7.3).
//! The nonce is 4 fixed bytes and a counter of 8 bytes, which goes up by one with every packet and wraps (section 7.1).
//! The sequence number plays no part. The MAC is never negotiated: the names with `@openssh.com` are ciphers only
//! (OpenSSH PROTOCOL, section 1.6).

use super::{LENGTH, clear_length};
use crate::crypto::{Alignment, Cipher, CryptoError, DirectionKeys, Mac, Open, Seal, try_box};
use alloc::boxed::Box;
use core::fmt;
use core::marker::PhantomData;
use zeroize::{Zeroize, ZeroizeOnDrop};

pub(in crate::crypto) const TAG: usize = 16;
pub(in crate::crypto) const NONCE: usize = 12;

/// AES-GCM under one key.
pub(in crate::crypto) trait Gcm: Sized + Send + Sync + 'static {
    const KEY_LEN: usize;
    fn new(key: &[u8]) -> Result<Self, CryptoError>;
    fn seal(&self, nonce: [u8; NONCE], clear: &[u8], body: &mut [u8]) -> Result<[u8; TAG], CryptoError>;
    fn open(&self, nonce: [u8; NONCE], clear: &[u8], body: &mut [u8], tag: &[u8; TAG]) -> Result<(), CryptoError>;
}

/// The row.
pub(in crate::crypto) struct GcmRow<G> {
    name: &'static str,
    primitive: PhantomData<fn() -> G>,
}

impl<G> GcmRow<G> {
    pub(in crate::crypto) const fn new(name: &'static str) -> Self {
        GcmRow { name, primitive: PhantomData }
    }
}

impl<G> fmt::Debug for GcmRow<G> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

impl<G: Gcm> Cipher for GcmRow<G> {
    fn name(&self) -> &'static str {
        self.name
    }
    fn key_len(&self) -> usize {
        G::KEY_LEN
    }
    fn iv_len(&self) -> usize {
        NONCE
    }
    fn aead(&self) -> bool {
        true
    }
    fn bytes_per_key(&self) -> u64 {
        1 << 36
    }
    fn seal(&self, keys: &DirectionKeys<'_>, _: Option<&dyn Mac>) -> Result<Box<dyn Seal>, CryptoError> {
        let sealing: Box<[_; 1]> = try_box(GcmDirection::<G>::new(keys)?)?;
        Ok(sealing)
    }
    fn open(&self, keys: &DirectionKeys<'_>, _: Option<&dyn Mac>) -> Result<Box<dyn Open>, CryptoError> {
        let opening: Box<[_; 1]> = try_box(GcmDirection::<G>::new(keys)?)?;
        Ok(opening)
    }
}

/// One direction; both are alike. The primitive wipes its own key.
pub(in crate::crypto) struct GcmDirection<G> {
    key: G,
    nonce: Nonce,
}

impl<G: Gcm> GcmDirection<G> {
    fn new(keys: &DirectionKeys<'_>) -> Result<Self, CryptoError> {
        if keys.key.len() != G::KEY_LEN {
            return Err(CryptoError::Failed);
        }
        Ok(GcmDirection { key: G::new(keys.key)?, nonce: Nonce::new(keys.iv)? })
    }
}

const ALIGNMENT: Alignment = Alignment { block: 16, counts_length: false };

impl<G: Gcm> Seal for GcmDirection<G> {
    fn alignment(&self) -> Alignment {
        ALIGNMENT
    }
    fn tag_len(&self) -> usize {
        TAG
    }
    fn seal(&mut self, _: u32, packet: &mut [u8]) -> Result<(), CryptoError> {
        let (sealed, tag) = packet.split_last_chunk_mut::<TAG>().ok_or(CryptoError::Failed)?;
        let (length, body) = sealed.split_first_chunk_mut::<LENGTH>().ok_or(CryptoError::Failed)?;
        *tag = self.key.seal(self.nonce.next(), length, body)?;
        Ok(())
    }
}

impl<G: Gcm> Open for GcmDirection<G> {
    fn alignment(&self) -> Alignment {
        ALIGNMENT
    }
    fn tag_len(&self) -> usize {
        TAG
    }
    fn head(&self) -> usize {
        LENGTH
    }
    fn length_is_unauthenticated(&self) -> bool {
        false
    }
    fn length(&mut self, _: u32, head: &mut [u8]) -> u32 {
        clear_length(head)
    }
    fn open(&mut self, _: u32, packet: &mut [u8]) -> Result<(), CryptoError> {
        let (sealed, tag) = packet.split_last_chunk_mut::<TAG>().ok_or(CryptoError::BadTag)?;
        let (length, body) = sealed.split_first_chunk_mut::<LENGTH>().ok_or(CryptoError::BadTag)?;
        self.key.open(self.nonce.next(), length, body, tag)
    }
}

/// The fixed field and the invocation counter (RFC 5647, section 7.1).
#[derive(Zeroize, ZeroizeOnDrop)]
struct Nonce {
    fixed: [u8; 4],
    invocations: u64,
}

impl Nonce {
    fn new(iv: &[u8]) -> Result<Self, CryptoError> {
        let (fixed, counter) = iv.split_first_chunk::<4>().ok_or(CryptoError::Failed)?;
        let counter = <[u8; 8]>::try_from(counter).map_err(|_| CryptoError::Failed)?;
        Ok(Nonce { fixed: *fixed, invocations: u64::from_be_bytes(counter) })
    }

    fn next(&mut self) -> [u8; NONCE] {
        let [a, b, c, d] = self.fixed;
        let [e, f, g, h, i, j, k, l] = self.invocations.to_be_bytes();
        self.invocations = self.invocations.wrapping_add(1);
        [a, b, c, d, e, f, g, h, i, j, k, l]
    }
}
