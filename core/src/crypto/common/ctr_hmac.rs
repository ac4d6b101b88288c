//! A cipher in counter mode (RFC 4344, section 4) with an HMAC (RFC 6668) beside it, in the two orders that SSH has.
//!
//! ```text
//! RFC 4253, section 6.4     length padlen payload padding   mac(sequence ‖ plaintext)
//!                           └───────── encrypted ───────┘
//! -etm@openssh.com          length padlen payload padding   mac(sequence ‖ length ‖ ciphertext)
//!                           clear  └──── encrypted ─────┘
//! ```
//!
//! The keystream runs on from packet to packet. Only whole blocks go through it, which is what the padding is for
//! (RFC 4253, section 6), so that no part of a block is ever left over. An unaligned packet is refused.
//!
//! Without `-etm` the length is inside the first block, which [`Open::length`] decrypts before the MAC can be known.

use super::{LENGTH, clear_length};
use crate::crypto::{Alignment, Cipher, CryptoError, DirectionKeys, Hash, Mac, Open, Seal, try_box};
use alloc::boxed::Box;
use core::fmt;
use core::marker::PhantomData;
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

pub(in crate::crypto) const BLOCK: usize = 16;

/// A block cipher of 16 bytes in counter mode: 128-bit big-endian counter, which wraps.
pub(in crate::crypto) trait Keystream: Sized + Send + Sync + 'static {
    const KEY_LEN: usize;
    fn new(key: &[u8], iv: &[u8; BLOCK]) -> Result<Self, CryptoError>;
    /// Goes over whole blocks.
    fn apply(&mut self, blocks: &mut [u8]) -> Result<(), CryptoError>;
}

/// HMAC under one key.
pub(in crate::crypto) trait Hmac: Sized + Send + Sync + 'static {
    fn new(hash: Hash, key: &[u8]) -> Result<Self, CryptoError>;
    /// The MAC of `first ‖ second`, at the front.
    fn tag(&self, first: &[u8], second: &[u8]) -> Zeroizing<[u8; Hash::MAX]>;
}

/// `hmac-sha2-256` and its kind. Their keys are as long as their tags (RFC 6668, section 2).
#[derive(Debug)]
pub(in crate::crypto) struct HmacRow {
    name: &'static str,
    hash: Hash,
    encrypt_then_mac: bool,
}

impl HmacRow {
    pub(in crate::crypto) const fn plain(name: &'static str, hash: Hash) -> Self {
        HmacRow { name, hash, encrypt_then_mac: false }
    }
    pub(in crate::crypto) const fn etm(name: &'static str, hash: Hash) -> Self {
        HmacRow { name, hash, encrypt_then_mac: true }
    }
}

impl Mac for HmacRow {
    fn name(&self) -> &'static str {
        self.name
    }
    fn key_len(&self) -> usize {
        self.hash.len()
    }
    fn tag_len(&self) -> usize {
        self.hash.len()
    }
    fn encrypt_then_mac(&self) -> bool {
        self.encrypt_then_mac
    }
    fn hash(&self) -> Hash {
        self.hash
    }
}

/// `aes256-ctr` and its kind.
pub(in crate::crypto) struct CtrRow<K, H> {
    name: &'static str,
    primitives: PhantomData<fn() -> (K, H)>,
}

impl<K, H> CtrRow<K, H> {
    pub(in crate::crypto) const fn new(name: &'static str) -> Self {
        CtrRow { name, primitives: PhantomData }
    }
}

impl<K, H> fmt::Debug for CtrRow<K, H> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

impl<K: Keystream, H: Hmac> Cipher for CtrRow<K, H> {
    fn name(&self) -> &'static str {
        self.name
    }
    fn key_len(&self) -> usize {
        K::KEY_LEN
    }
    fn iv_len(&self) -> usize {
        BLOCK
    }
    fn aead(&self) -> bool {
        false
    }
    fn bytes_per_key(&self) -> u64 {
        1 << 36
    }
    fn seal(&self, keys: &DirectionKeys<'_>, mac: Option<&dyn Mac>) -> Result<Box<dyn Seal>, CryptoError> {
        let sealing: Box<[_; 1]> = try_box(CtrHmac::<K, H>::new(keys, mac)?)?;
        Ok(sealing)
    }
    fn open(&self, keys: &DirectionKeys<'_>, mac: Option<&dyn Mac>) -> Result<Box<dyn Open>, CryptoError> {
        let opening: Box<[_; 1]> = try_box(CtrHmac::<K, H>::new(keys, mac)?)?;
        Ok(opening)
    }
}

/// One direction; both are alike. The primitives wipe their own keys.
pub(in crate::crypto) struct CtrHmac<K, H> {
    keystream: K,
    hmac: H,
    tag_len: usize,
    encrypt_then_mac: bool,
}

impl<K: Keystream, H: Hmac> CtrHmac<K, H> {
    fn new(keys: &DirectionKeys<'_>, mac: Option<&dyn Mac>) -> Result<Self, CryptoError> {
        let mac = mac.ok_or(CryptoError::Failed)?;
        let iv = keys.iv.try_into().map_err(|_| CryptoError::Failed)?;
        // A tag that is empty, or longer than the hash, would make the comparison in `open` say nothing.
        let fits = mac.tag_len() > 0 && mac.tag_len() <= mac.hash().len();
        if !fits || keys.key.len() != K::KEY_LEN || keys.mac.len() != mac.key_len() {
            return Err(CryptoError::Failed);
        }
        Ok(CtrHmac {
            keystream: K::new(keys.key, iv)?,
            hmac: H::new(mac.hash(), keys.mac)?,
            tag_len: mac.tag_len(),
            encrypt_then_mac: mac.encrypt_then_mac(),
        })
    }

    fn alignment(&self) -> Alignment {
        Alignment { block: BLOCK, counts_length: !self.encrypt_then_mac }
    }

    /// The packet without its tag, and the tag.
    fn split<'p>(&self, packet: &'p mut [u8]) -> Option<(&'p mut [u8], &'p mut [u8])> {
        packet.split_at_mut_checked(packet.len().checked_sub(self.tag_len)?)
    }

    fn tag(&self, sequence: u32, covered: &[u8], out: &mut [u8]) {
        let tag = self.hmac.tag(&sequence.to_be_bytes(), covered);
        for (to, from) in out.iter_mut().zip(tag.iter()) {
            *to = *from;
        }
    }

    fn check(&self, sequence: u32, covered: &[u8], tag: &[u8]) -> Result<(), CryptoError> {
        let ours = self.hmac.tag(&sequence.to_be_bytes(), covered);
        let ours = ours.get(..self.tag_len).ok_or(CryptoError::BadTag)?;
        if bool::from(ours.ct_eq(tag)) { Ok(()) } else { Err(CryptoError::BadTag) }
    }

    /// Whole blocks only; at least one, since no packet is shorter. "the total length of the concatenation of the packet
    /// length, padding length, payload, and padding MUST be a multiple of the cipher's block size" (RFC 4344, section 4).
    fn cipher(&mut self, blocks: &mut [u8]) -> Result<(), CryptoError> {
        if blocks.is_empty() || !blocks.len().is_multiple_of(BLOCK) {
            return Err(CryptoError::Failed);
        }
        self.keystream.apply(blocks)
    }
}

impl<K: Keystream, H: Hmac> Seal for CtrHmac<K, H> {
    fn alignment(&self) -> Alignment {
        CtrHmac::alignment(self)
    }
    fn tag_len(&self) -> usize {
        self.tag_len
    }
    fn seal(&mut self, sequence: u32, packet: &mut [u8]) -> Result<(), CryptoError> {
        let (covered, tag) = self.split(packet).ok_or(CryptoError::Failed)?;
        if self.encrypt_then_mac {
            let (_, body) = covered.split_first_chunk_mut::<LENGTH>().ok_or(CryptoError::Failed)?;
            self.cipher(body)?;
            self.tag(sequence, covered, tag);
            Ok(())
        } else {
            // "The value of 'mac' [...] MUST be transmitted without encryption as the last part of the packet" (RFC 4253,
            // section 6.4).
            self.tag(sequence, covered, tag);
            self.cipher(covered)
        }
    }
}

impl<K: Keystream, H: Hmac> Open for CtrHmac<K, H> {
    fn alignment(&self) -> Alignment {
        CtrHmac::alignment(self)
    }
    fn tag_len(&self) -> usize {
        self.tag_len
    }
    fn head(&self) -> usize {
        if self.encrypt_then_mac { LENGTH } else { BLOCK }
    }
    fn length_is_unauthenticated(&self) -> bool {
        !self.encrypt_then_mac
    }
    fn length(&mut self, _: u32, head: &mut [u8]) -> u32 {
        if !self.encrypt_then_mac {
            let decrypted = head.get_mut(..BLOCK).map(|block| self.keystream.apply(block));
            if !matches!(decrypted, Some(Ok(()))) {
                return 0;
            }
        }
        clear_length(head)
    }
    fn open(&mut self, sequence: u32, packet: &mut [u8]) -> Result<(), CryptoError> {
        let (covered, tag) = self.split(packet).ok_or(CryptoError::BadTag)?;
        if self.encrypt_then_mac {
            // Checked before anything is decrypted.
            self.check(sequence, covered, tag)?;
            let (_, body) = covered.split_first_chunk_mut::<LENGTH>().ok_or(CryptoError::BadTag)?;
            self.cipher(body).map_err(|_| CryptoError::BadTag)
        } else {
            // `length` has decrypted the first block, which may be all there is.
            let (_, rest) = covered.split_first_chunk_mut::<BLOCK>().ok_or(CryptoError::BadTag)?;
            if !rest.is_empty() {
                self.cipher(rest).map_err(|_| CryptoError::BadTag)?;
            }
            self.check(sequence, covered, tag)
        }
    }
}
