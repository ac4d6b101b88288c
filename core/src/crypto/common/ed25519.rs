//! `ssh-ed25519` (RFC 8709): the row, the parsing of both blobs, and what is refused whatever the library says.

use crate::crypto::{CryptoError, SignatureAlgorithm, Verified};
use crate::wire::{Malformed, Reader};
use core::fmt;
use core::marker::PhantomData;

const NAME: &str = "ssh-ed25519";

/// Ed25519 verification (RFC 8032, section 5.1.7), without the cofactor, `S` below the group order.
pub(in crate::crypto) trait Ed25519: 'static {
    fn verify(key: &[u8; 32], message: &[u8], signature: &[u8; 64]) -> Result<(), CryptoError>;
}

/// The row.
pub(in crate::crypto) struct Ed25519Row<E> {
    primitive: PhantomData<fn() -> E>,
}

impl<E> Ed25519Row<E> {
    pub(in crate::crypto) const fn new() -> Self {
        Ed25519Row { primitive: PhantomData }
    }
}

impl<E> fmt::Debug for Ed25519Row<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(NAME)
    }
}

impl<E: Ed25519> SignatureAlgorithm for Ed25519Row<E> {
    fn name(&self) -> &'static str {
        NAME
    }
    fn key_type(&self) -> &'static str {
        NAME
    }
    fn verify(&self, key: &[u8], message: &[u8], signature: &[u8]) -> Result<Verified, CryptoError> {
        let key = named(key).map_err(|_| CryptoError::BadSignature)?;
        let signature = named(signature).map_err(|_| CryptoError::BadSignature)?;
        verify::<E>(key, message, signature).map(|()| Verified::default())
    }
    fn accepts(&self, key: &[u8]) -> bool {
        named::<32>(key).is_ok()
    }
}

/// Verifies, and refuses what the library might let pass.
pub(super) fn verify<E: Ed25519>(key: &[u8; 32], message: &[u8], signature: &[u8; 64]) -> Result<(), CryptoError> {
    if has_small_order(key) || signature.first_chunk().is_none_or(has_small_order) {
        return Err(CryptoError::BadSignature);
    }
    E::verify(key, message, signature)
}

/// `string "ssh-ed25519", string value` and nothing behind it: a key of 32 bytes (RFC 8709, section 4) or a signature
/// of 64 (section 6).
fn named<const N: usize>(blob: &[u8]) -> Result<&[u8; N], Malformed> {
    let mut blob = Reader::new(blob);
    let name = blob.string()?;
    let value = blob.string()?;
    blob.end()?;
    if name != NAME.as_bytes() {
        return Err(Malformed::Value);
    }
    value.try_into().map_err(|_| Malformed::Value)
}

/// Whether these bytes are a point of small order, in any encoding. Such a key or `R` has no secret behind it: under
/// some such keys one signature is good for every message. RFC 8032 lets them pass, libraries differ on them, and
/// nobody makes them in good faith.
fn has_small_order(point: &[u8; 32]) -> bool {
    // The sign of x, the top bit, says nothing about the order.
    let mut y = *point;
    let [.., last] = &mut y;
    *last &= 0x7f;
    SMALL_ORDER.contains(&y)
}

/// Their y, little-endian: 1 (order 1), -1 (order 2), 0 (order 4), the two of order 8, and 0 and 1 not reduced.
const SMALL_ORDER: [[u8; 32]; 7] = [
    around_p(0x01, 0x00, 0x00),
    around_p(0xec, 0xff, 0x7f),
    [0; 32],
    [
        0x26, 0xe8, 0x95, 0x8f, 0xc2, 0xb2, 0x27, 0xb0, 0x45, 0xc3, 0xf4, 0x89, 0xf2, 0xef, 0x98, 0xf0, 0xd5, 0xdf,
        0xac, 0x05, 0xd3, 0xc6, 0x33, 0x39, 0xb1, 0x38, 0x02, 0x88, 0x6d, 0x53, 0xfc, 0x05,
    ],
    [
        0xc7, 0x17, 0x6a, 0x70, 0x3d, 0x4d, 0xd8, 0x4f, 0xba, 0x3c, 0x0b, 0x76, 0x0d, 0x10, 0x67, 0x0f, 0x2a, 0x20,
        0x53, 0xfa, 0x2c, 0x39, 0xcc, 0xc6, 0x4e, 0xc7, 0xfd, 0x77, 0x92, 0xac, 0x03, 0x7a,
    ],
    around_p(0xed, 0xff, 0x7f),
    around_p(0xee, 0xff, 0x7f),
];

/// `first`, thirty times `middle`, `last`.
const fn around_p(first: u8, middle: u8, last: u8) -> [u8; 32] {
    let m = middle;
    [first, m, m, m, m, m, m, m, m, m, m, m, m, m, m, m, m, m, m, m, m, m, m, m, m, m, m, m, m, m, m, last]
}
