//! What both providers do in the same way: how SSH puts primitives together, written once.
//!
//! Each file here holds one construction of the protocol as a row that is generic over a small trait, the primitive
//! that it needs. A provider implements the trait over its library and names the row in its list. No primitive lives
//! here but the two that neither provider's library has, sntrup761 and powers modulo a prime; and no state but that of
//! the constructions: counters and nonces. The providers are the only callers.

pub(super) mod certified;
pub(super) mod chacha;
pub(super) mod ctr_hmac;
pub(super) mod curve25519;
pub(super) mod ecdh;
pub(super) mod ecdsa;
pub(super) mod ed25519;
pub(super) mod gcm;
pub(super) mod hybrid;
#[cfg(feature = "mldsa")]
pub(super) mod mldsa;
pub(super) mod modp;
mod modp_groups;
pub(super) mod rsa;
pub(super) mod security_key;
#[cfg(feature = "sntrup761")]
pub(super) mod sntrup761;
pub(super) mod webauthn;

#[cfg(test)]
pub(super) mod vectors;

use super::CryptoError;
use crate::wire::Malformed;

/// Length of the packet length field (RFC 4253, section 6).
const LENGTH: usize = 4;

/// A clear length field, or 0 if the bytes are not there: no packet is that short, so the caller refuses it.
fn clear_length(head: &[u8]) -> u32 {
    head.first_chunk().map_or(0, |length| u32::from_be_bytes(*length))
}

/// The magnitude of an `mpint` that is greater than zero, without its sign byte. "Unnecessary leading bytes with the value
/// 0 or 255 MUST NOT be included" (RFC 4251, section 5).
fn positive(mpint: &[u8]) -> Result<&[u8], Malformed> {
    match mpint {
        [0, magnitude @ ..] if magnitude.first().is_some_and(|first| *first >= 0x80) => Ok(magnitude),
        [1..0x80, ..] => Ok(mpint),
        _ => Err(Malformed::Value),
    }
}

/// A key or a signature that is not even one.
fn refused(_: Malformed) -> CryptoError {
    CryptoError::BadSignature
}

/// The heap of one connection: a running key exchange, two seals, two opens, a digest.
pub(super) const fn state_bytes(kex: usize, seal: usize, open: usize, digest: usize) -> usize {
    kex.saturating_add(seal.saturating_mul(2)).saturating_add(open.saturating_mul(2)).saturating_add(digest)
}

/// The largest of some sizes.
pub(super) const fn largest(sizes: &[usize]) -> usize {
    match sizes {
        [] => 0,
        [first, rest @ ..] => {
            let rest = largest(rest);
            if *first > rest { *first } else { rest }
        }
    }
}
