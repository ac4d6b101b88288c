//! `rsa-sha2-512` and `rsa-sha2-256` (RFC 8332): the rows, the parsing of both blobs, and the sizes that are refused
//! before any arithmetic.
//!
//! Both verify with the keys of type `ssh-rsa`. That name is no signature algorithm here: it signs with SHA-1.

use super::{positive, refused};
use crate::crypto::{CryptoError, Hash, SignatureAlgorithm, Verified};
use crate::wire::{Malformed, Reader};
use core::fmt;
use core::marker::PhantomData;

/// The type of the keys: "All aspects of the "ssh-rsa" format are kept" (RFC 8332, section 3).
const KEY_TYPE: &str = "ssh-rsa";

/// Moduli of fewer bits can be factored by somebody; those of more are there to burn time.
const MODULUS_BITS: core::ops::RangeInclusive<usize> = 2048..=Key::MAX_BITS;

/// An exponent costs as many squarings as it has bits. 65537 has 17, and AWS-LC takes no more than these.
const EXPONENT_BITS: usize = 33;

/// RSASSA-PKCS1-v1_5 verification (RFC 8017, section 8.2.2).
///
/// "a signature with RSASSA-PKCS1-v1_5 padding MUST NOT be verified by applying the RSA key to the signature, and then
/// parsing the output to extract the hash. [...] Verifiers MUST instead apply RSASSA-PKCS1-v1_5 padding to the expected
/// hash, then compare the encoded bytes with the output of the RSA operation" (RFC 8332, section 5.3).
pub(in crate::crypto) trait Rsa: 'static {
    /// `signature` is as long as the modulus, and a smaller number. `hash` is SHA-256 or SHA-512.
    fn verify(key: &Key<'_>, hash: Hash, message: &[u8], signature: &[u8]) -> Result<(), CryptoError>;
}

/// A public key of a size that is taken. Both are big-endian without a zero in front.
pub(in crate::crypto) struct Key<'a> {
    /// Odd, 2048 to 8192 bits.
    pub(in crate::crypto) modulus: &'a [u8],
    /// Odd, 3 or more, at most 33 bits.
    pub(in crate::crypto) exponent: &'a [u8],
}

impl<'a> Key<'a> {
    pub(in crate::crypto) const MAX_BITS: usize = 8192;
    /// Of a modulus, and so of a signature, in bytes.
    pub(in crate::crypto) const MAX_LEN: usize = Self::MAX_BITS / 8;

    /// Reads `string "ssh-rsa", mpint e, mpint n` (RFC 8332, section 3) and nothing behind them.
    fn read(blob: &'a [u8]) -> Result<Self, Malformed> {
        let mut blob = Reader::new(blob);
        let name = blob.string()?;
        let exponent = positive(blob.string()?)?;
        let modulus = positive(blob.string()?)?;
        blob.end()?;
        let sizes = MODULUS_BITS.contains(&bits(modulus)) && bits(exponent) <= EXPONENT_BITS;
        let values = is_odd(modulus) && is_odd(exponent) && exponent != [1];
        if name == KEY_TYPE.as_bytes() && sizes && values {
            Ok(Key { modulus, exponent })
        } else {
            Err(Malformed::Value)
        }
    }
}

/// A row.
pub(in crate::crypto) struct RsaRow<R> {
    name: &'static str,
    hash: Hash,
    primitive: PhantomData<fn() -> R>,
}

impl<R> RsaRow<R> {
    pub(in crate::crypto) const fn sha2_256() -> Self {
        RsaRow { name: "rsa-sha2-256", hash: Hash::Sha256, primitive: PhantomData }
    }
    pub(in crate::crypto) const fn sha2_512() -> Self {
        RsaRow { name: "rsa-sha2-512", hash: Hash::Sha512, primitive: PhantomData }
    }
}

impl<R> fmt::Debug for RsaRow<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

impl<R: Rsa> SignatureAlgorithm for RsaRow<R> {
    fn name(&self) -> &'static str {
        self.name
    }
    fn key_type(&self) -> &'static str {
        KEY_TYPE
    }
    /// A signature that is shorter than the modulus is filled up with zeros in front: some signers leave out the zeros
    /// that one in 256 begins with (RFC 8332, section 3 says nothing of the length; OpenSSH takes them as well).
    fn verify(&self, key: &[u8], message: &[u8], signature: &[u8]) -> Result<Verified, CryptoError> {
        let key = Key::read(key).map_err(refused)?;
        let mut signature = Reader::new(signature);
        // "the client MUST encode the same algorithm name in the signature as in SSH_MSG_USERAUTH_REQUEST -- either
        // "rsa-sha2-256" or "rsa-sha2-512"" (RFC 8332, section 3.2).
        let name = signature.string().map_err(refused)?;
        let value = signature.string().map_err(refused)?;
        signature.end().map_err(refused)?;
        let zeros = key.modulus.len().checked_sub(value.len()).ok_or(CryptoError::BadSignature)?;
        let mut padded = [0; Key::MAX_LEN];
        let padded = padded.get_mut(..key.modulus.len()).unwrap_or_default();
        padded.get_mut(zeros..).unwrap_or_default().copy_from_slice(value);
        // Of one length, so that the order of the bytes is that of the numbers.
        if name != self.name.as_bytes() || *padded >= *key.modulus {
            return Err(CryptoError::BadSignature);
        }
        R::verify(&key, self.hash, message, padded).map(|()| Verified::default())
    }
    fn accepts(&self, key: &[u8]) -> bool {
        Key::read(key).is_ok()
    }
}

/// Of a number without a zero byte in front.
fn bits(magnitude: &[u8]) -> usize {
    let unused = magnitude.first().map_or(0, |first| first.leading_zeros());
    magnitude.len().saturating_mul(8).saturating_sub(unused as usize)
}

fn is_odd(magnitude: &[u8]) -> bool {
    magnitude.last().is_some_and(|last| last & 1 == 1)
}
