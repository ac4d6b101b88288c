//! RSA by `crypto-bigint`: one power of a public number, which may take as long as it takes.
//!
//! The numbers lie on the stack, in the smallest of a few widths: up to 40 KiB of it for a modulus of 3072 bits, 60 KiB
//! for one of 8192.

use crate::crypto::common::rsa::{Key, Rsa};
use crate::crypto::{CryptoError, Hash};
use core::mem::size_of;
use crypto_bigint::modular::{FixedMontyForm, FixedMontyParams};
use crypto_bigint::{Limb, Odd, U2048, U3072, U4096, U8192, Uint, Word};
use sha2::{Digest, Sha256, Sha512};

/// DER of `DigestInfo` in front of the hash (RFC 8017, section 9.2, note 1).
const SHA256_INFO: [u8; 19] = [0x30, 0x31, 0x30, 0x0d, 6, 9, 0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, 1, 5, 0, 4, 0x20];
const SHA512_INFO: [u8; 19] = [0x30, 0x51, 0x30, 0x0d, 6, 9, 0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, 3, 5, 0, 4, 0x40];

/// Numbers as long as the longest modulus, big-endian.
type Number = [u8; Key::MAX_LEN];

/// Verifies.
pub(super) struct BigInt;

impl Rsa for BigInt {
    fn verify(key: &Key<'_>, hash: Hash, message: &[u8], signature: &[u8]) -> Result<(), CryptoError> {
        let expected = match hash {
            Hash::Sha256 => encoded(key, &SHA256_INFO, &Sha256::digest(message)),
            Hash::Sha512 => encoded(key, &SHA512_INFO, &Sha512::digest(message)),
            Hash::Sha384 => return Err(CryptoError::Failed),
        };
        let power = match key.modulus.len() {
            ..=256 => power::<{ U2048::LIMBS }>(key, signature),
            257..=384 => power::<{ U3072::LIMBS }>(key, signature),
            385..=512 => power::<{ U4096::LIMBS }>(key, signature),
            _ => power::<{ U8192::LIMBS }>(key, signature),
        };
        // "Verifiers MUST instead apply RSASSA-PKCS1-v1_5 padding to the expected hash, then compare the encoded bytes
        // with the output of the RSA operation" (RFC 8332, section 5.3).
        if power == Some(expected) { Ok(()) } else { Err(CryptoError::BadSignature) }
    }
}

/// EMSA-PKCS1-v1_5 (RFC 8017, section 9.2): 0, 1, as many 0xff as there is room for, 0, `info`, `hash`.
fn encoded(key: &Key<'_>, info: &[u8], hash: &[u8]) -> Number {
    let mut encoded = [0; Key::MAX_LEN];
    let behind = [&[0], info, hash];
    let mut from_back = encoded.iter_mut().rev().take(key.modulus.len().saturating_sub(1));
    // In this order, since a zip takes one more of its first when its second is at the end.
    for (from, to) in behind.iter().rev().flat_map(|part| part.iter().rev()).zip(from_back.by_ref()) {
        *to = *from;
    }
    let mut last = None;
    for to in from_back {
        *to = 0xff;
        last = Some(to);
    }
    if let Some(first) = last {
        *first = 1;
    }
    encoded
}

/// `base` to the power of the key's exponent, modulo its modulus. `None` if that is even. Not inlined, since the numbers of
/// all widths would then be on the stack at one time.
#[inline(never)]
fn power<const LIMBS: usize>(key: &Key<'_>, base: &[u8]) -> Option<Number> {
    let modulus = Odd::new(number::<LIMBS>(key.modulus)?).into_option()?;
    let power = squares(&FixedMontyParams::new_vartime(modulus), &number::<LIMBS>(base)?, key.exponent);
    let mut out = [0; Key::MAX_LEN];
    for (bytes, word) in out.rchunks_exact_mut(size_of::<Word>()).zip(power.as_words()) {
        bytes.copy_from_slice(&word.to_be_bytes());
    }
    Some(out)
}

/// A squaring for each bit of the exponent and a multiplication for each one. Not inlined either: what the parameters were
/// made with is off the stack again.
#[inline(never)]
fn squares<const LIMBS: usize>(params: &FixedMontyParams<LIMBS>, base: &Uint<LIMBS>, exponent: &[u8]) -> Uint<LIMBS> {
    let base = FixedMontyForm::new(base, params);
    let mut power = FixedMontyForm::one(params);
    for bit in exponent.iter().flat_map(|byte| (0..8).rev().map(move |place| byte >> place & 1)) {
        power = power.square();
        if bit == 1 {
            power = power.mul(&base);
        }
    }
    power.retrieve()
}

/// `None` if it is longer than `LIMBS`.
fn number<const LIMBS: usize>(bytes: &[u8]) -> Option<Uint<LIMBS>> {
    let mut padded = [0; Key::MAX_LEN];
    for (to, from) in padded.iter_mut().rev().zip(bytes.iter().rev()) {
        *to = *from;
    }
    let length = LIMBS.checked_mul(Limb::BYTES)?;
    let from = padded.len().checked_sub(length)?;
    (bytes.len() <= length).then(|| Uint::from_be_slice(padded.get(from..).unwrap_or_default()))
}
