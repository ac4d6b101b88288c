//! RSA private keys (RFC 8332). They are read, checked and written here; AWS-LC signs with them.
//!
//! There is no RSA arithmetic with secrets in pure Rust that is known to take the same time for all of them
//! (RUSTSEC-2023-0071), so that without the feature `aws_lc` an RSA key does not sign. What is computed here is the check
//! that the numbers of a file belong together.

use super::{BadKeyFile, GenerateError, Kind, Names, SignError, Zeroizing};
use crate::keys::encode;
use crate::wire::{Malformed, Reader, Sink, minimal_magnitude, put_mpint, put_string};
use alloc::vec::Vec;
use crypto_bigint::{BoxedUint, NonZero};

const NAMES: Names = Names {
    key: "ssh-rsa",
    algorithms: &["rsa-sha2-512", "rsa-sha2-256"],
    certified: &["rsa-sha2-512-cert-v01@openssh.com", "rsa-sha2-256-cert-v01@openssh.com"],
};
/// Shorter ones are broken (NIST SP 800-131A), longer ones take seconds.
const SIZES: core::ops::RangeInclusive<usize> = 2048..=8192;
const SIZE: BadKeyFile = BadKeyFile::Unsupported("an RSA key of fewer than 2048 or more than 8192 bits");
const EXPONENT: BadKeyFile = BadKeyFile::Unsupported("an RSA key with an even, tiny or very long public exponent");

/// The numbers, big-endian, without zeros in front.
pub(super) struct Rsa {
    pub(super) n: Vec<u8>,
    pub(super) e: Vec<u8>,
    pub(super) d: Zeroizing<Vec<u8>>,
    pub(super) p: Zeroizing<Vec<u8>>,
    pub(super) q: Zeroizing<Vec<u8>>,
    /// d mod (p-1).
    pub(super) dp: Zeroizing<Vec<u8>>,
    /// d mod (q-1).
    pub(super) dq: Zeroizing<Vec<u8>>,
    /// 1/q mod p.
    pub(super) iqmp: Zeroizing<Vec<u8>>,
    #[cfg(feature = "aws_lc")]
    pair: aws_lc_rs::rsa::KeyPair,
}

/// The numbers of a file, big-endian.
pub(super) struct Numbers<'a> {
    pub(super) n: &'a [u8],
    pub(super) e: &'a [u8],
    pub(super) d: &'a [u8],
    pub(super) p: &'a [u8],
    pub(super) q: &'a [u8],
    pub(super) iqmp: &'a [u8],
}

impl Rsa {
    /// Checks sizes before any arithmetic (CVE-2026-39829), then that the numbers belong together.
    pub(super) fn from_numbers(numbers: &Numbers<'_>) -> Result<Self, BadKeyFile> {
        let [n, e, d, p, q, iqmp] =
            [numbers.n, numbers.e, numbers.d, numbers.p, numbers.q, numbers.iqmp].map(minimal_magnitude);
        if !SIZES.contains(&bits(n)) {
            return Err(SIZE);
        }
        // 33 bits are what AWS-LC takes; nobody uses more than 17.
        if bits(e) > 33 || bits(e) < 2 || !is_odd(e) {
            return Err(EXPONENT);
        }
        if [d, p, q, iqmp].iter().any(|number| number.is_empty() || number.len() > n.len()) || !is_odd(p) || !is_odd(q)
        {
            return Err(BadKeyFile::Mismatch);
        }
        let [dp, dq] = check(n, e, d, p, q, iqmp).ok_or(BadKeyFile::Mismatch)?;
        let copy = |bytes: &[u8]| encode::written(|sink| sink.put(minimal_magnitude(bytes)));
        let secret = |bytes: &[u8]| copy(bytes).map(Zeroizing::new);
        let (dp, dq) = (secret(&dp)?, secret(&dq)?);
        Ok(Rsa {
            #[cfg(feature = "aws_lc")]
            pair: signing::pair(n, e, d, p, q, &dp, &dq, iqmp)?,
            n: copy(n)?,
            e: copy(e)?,
            d: secret(d)?,
            p: secret(p)?,
            q: secret(q)?,
            dp,
            dq,
            iqmp: secret(iqmp)?,
        })
    }

    #[cfg(feature = "aws_lc")]
    pub(super) fn generate(bits: u32) -> Result<Self, GenerateError> {
        signing::generate(bits)
    }

    #[cfg(not(feature = "aws_lc"))]
    pub(super) fn generate(_bits: u32) -> Result<Self, GenerateError> {
        Err(GenerateError::Unsupported("RSA keys are made with the feature `aws_lc` alone; use `ssh-keygen -t rsa`"))
    }

    /// `mpint n, e, d, iqmp, p, q`; the first two are in the certificate if there is one, the other way round.
    pub(super) fn read(fields: &mut Reader<'_>, public: Option<&[u8]>) -> Result<Self, BadKeyFile> {
        let (n, e) = match public {
            Some(blob) => {
                let mut blob = Reader::new(blob);
                let _name = blob.string()?;
                let (e, n) = (positive(&mut blob)?, positive(&mut blob)?);
                (n, e)
            }
            None => (positive(fields)?, positive(fields)?),
        };
        let (d, iqmp) = (positive(fields)?, positive(fields)?);
        let (p, q) = (positive(fields)?, positive(fields)?);
        Self::from_numbers(&Numbers { n, e, d, p, q, iqmp })
    }
}

/// A number that is not negative.
pub(super) fn positive<'a>(fields: &mut Reader<'a>) -> Result<&'a [u8], Malformed> {
    let number = fields.string()?;
    if number.first().is_some_and(|byte| *byte >= 0x80) { Err(Malformed::Value) } else { Ok(number) }
}

fn bits(magnitude: &[u8]) -> usize {
    let zeros = magnitude.first().map_or(0, |first| first.leading_zeros());
    magnitude.len().saturating_mul(8).saturating_sub(usize::try_from(zeros).unwrap_or(0))
}

fn is_odd(magnitude: &[u8]) -> bool {
    magnitude.last().is_some_and(|last| last & 1 == 1)
}

/// d mod (p-1) and d mod (q-1), if n = p·q, e·d = 1 modulo both p-1 and q-1, and iqmp·q = 1 modulo p. Whether p and q
/// are primes is not looked at: who made the file could as well have published its key.
fn check(n: &[u8], e: &[u8], d: &[u8], p: &[u8], q: &[u8], iqmp: &[u8]) -> Option<[Zeroizing<Vec<u8>>; 2]> {
    let precision = u32::try_from(n.len().checked_mul(8)?).ok()?;
    let number = |bytes| BoxedUint::from_be_slice(bytes, precision).ok().map(Zeroizing::new);
    let (n, e, d, p, q, iqmp) = (number(n)?, number(e)?, number(d)?, number(p)?, number(q)?, number(iqmp)?);
    let product = Zeroizing::new(Option::<BoxedUint>::from(p.checked_mul(&*q))?);
    let reduced = |prime: &BoxedUint| {
        let less_one = Zeroizing::new(non_zero(Zeroizing::new(prime.wrapping_sub(BoxedUint::one())))?);
        let reduced = Zeroizing::new(d.rem(&*less_one));
        let unit = Zeroizing::new(reduced.mul_mod(&e, &less_one));
        bool::from(unit.is_one()).then(|| Zeroizing::new(reduced.to_be_bytes().into_vec()))
    };
    let (dp, dq) = (reduced(&p)?, reduced(&q)?);
    let unit = Zeroizing::new(iqmp.mul_mod(&q, &Zeroizing::new(non_zero(p)?)));
    (*product == *n && bool::from(unit.is_one())).then_some([dp, dq])
}

fn non_zero(number: Zeroizing<BoxedUint>) -> Option<NonZero<BoxedUint>> {
    number.to_nz().into()
}

impl Kind for Rsa {
    fn names(&self) -> &'static Names {
        &NAMES
    }

    fn write(&self, sink: &mut dyn Sink, certified: bool) {
        if !certified {
            put_mpint(sink, &self.n);
            put_mpint(sink, &self.e);
        }
        for number in [&self.d, &self.iqmp, &self.p, &self.q] {
            put_mpint(sink, number);
        }
    }

    /// RFC 4253, section 6.6.
    fn write_public(&self, sink: &mut dyn Sink) {
        put_string(sink, NAMES.key.as_bytes());
        put_mpint(sink, &self.e);
        put_mpint(sink, &self.n);
    }

    #[cfg(not(feature = "aws_lc"))]
    fn ready(&self) -> Result<(), SignError> {
        Err(SignError::Unsupported("an RSA key needs the feature `aws_lc` to sign, or an agent"))
    }

    #[cfg(not(feature = "aws_lc"))]
    fn sign(&self, _algorithm: &'static str, _message: &[u8]) -> Result<Vec<u8>, SignError> {
        self.ready().and(Err(SignError::Algorithm))
    }

    #[cfg(feature = "aws_lc")]
    fn sign(&self, algorithm: &'static str, message: &[u8]) -> Result<Vec<u8>, SignError> {
        signing::sign(&self.pair, algorithm, message)
    }
}

#[cfg(feature = "aws_lc")]
mod signing {
    use super::*;
    use crate::keys::SignatureBlob;
    use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der};
    use aws_lc_rs::rand::SystemRandom;
    use aws_lc_rs::rsa::{KeyPair, KeyPairComponents, KeySize, PublicKeyComponents};
    use aws_lc_rs::signature::{self, KeyPair as _, RsaEncoding, RsaParameters, UnparsedPublicKey};

    #[allow(clippy::too_many_arguments, clippy::many_single_char_names, reason = "they are the numbers of a key")]
    pub(super) fn pair(
        n: &[u8],
        e: &[u8],
        d: &[u8],
        p: &[u8],
        q: &[u8],
        dp: &[u8],
        dq: &[u8],
        iqmp: &[u8],
    ) -> Result<KeyPair, BadKeyFile> {
        let public_key = PublicKeyComponents { n, e };
        let components = KeyPairComponents { public_key, d, p, q, dP: dp, dQ: dq, qInv: iqmp };
        KeyPair::from_components(&components).map_err(|_| BadKeyFile::Mismatch)
    }

    pub(super) fn generate(bits: u32) -> Result<Rsa, GenerateError> {
        let size = match bits {
            2048 => KeySize::Rsa2048,
            3072 => KeySize::Rsa3072,
            4096 => KeySize::Rsa4096,
            8192 => KeySize::Rsa8192,
            _ => return Err(GenerateError::Unsupported("an RSA key has 2048, 3072, 4096 or 8192 bits")),
        };
        let pair = KeyPair::generate(size).map_err(|_| GenerateError::Random)?;
        let der: Pkcs8V1Der<'static> = pair.as_der().map_err(|_| GenerateError::OutOfMemory)?;
        super::super::pkcs::rsa_of_pkcs8(der.as_ref()).map_err(|_| GenerateError::OutOfMemory)
    }

    pub(super) fn sign(pair: &KeyPair, algorithm: &'static str, message: &[u8]) -> Result<Vec<u8>, SignError> {
        let (encoding, parameters): (&'static dyn RsaEncoding, _) = if algorithm == "rsa-sha2-512" {
            (&signature::RSA_PKCS1_SHA512, &signature::RSA_PKCS1_2048_8192_SHA512)
        } else {
            (&signature::RSA_PKCS1_SHA256, &signature::RSA_PKCS1_2048_8192_SHA256)
        };
        let mut signature = encode::zeros(pair.public_modulus_len())?;
        pair.sign(encoding, &SystemRandom::new(), message, &mut signature).map_err(|_| SignError::Fault)?;
        checked(pair, parameters, message, &signature)?;
        Ok(SignatureBlob { algorithm, signature: &signature }.to_vec()?)
    }

    /// "Passive SSH Key Compromise via Lattices": one signature with a fault in one of its two halves gives both primes
    /// away, so that each is verified before anybody sees it.
    fn checked(
        pair: &KeyPair,
        parameters: &'static RsaParameters,
        message: &[u8],
        signature: &[u8],
    ) -> Result<(), SignError> {
        let key = UnparsedPublicKey::new(parameters, pair.public_key());
        key.verify(message, signature).map_err(|_| SignError::Fault)
    }

    #[cfg(test)]
    mod tests {
        use super::*;

        /// "Passive SSH Key Compromise via Lattices": a faulty signature does not leave.
        #[test]
        fn a_faulty_signature_is_not_given_out() {
            let key = generate(2048).unwrap();
            let blob = sign(&key.pair, "rsa-sha2-256", b"message").unwrap();
            let good = SignatureBlob::parse(&blob).unwrap().signature;
            let parameters = &signature::RSA_PKCS1_2048_8192_SHA256;
            assert_eq!(checked(&key.pair, parameters, b"message", good), Ok(()));
            for at in [0, 1, 100, 255] {
                let mut faulty = good.to_vec();
                faulty[at] ^= 1;
                assert_eq!(checked(&key.pair, parameters, b"message", &faulty), Err(SignError::Fault));
            }
            assert_eq!(checked(&key.pair, parameters, b"another", good), Err(SignError::Fault));
        }

        #[test]
        fn sizes_that_are_none_are_refused() {
            for bits in [0, 1024, 2049, 16384] {
                assert!(matches!(generate(bits), Err(GenerateError::Unsupported(_))), "{bits}");
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::vec;

    fn refused(n: &[u8], e: &[u8], prime: &[u8]) -> BadKeyFile {
        let numbers = Numbers { n, e, d: &[3], p: prime, q: prime, iqmp: &[1] };
        Rsa::from_numbers(&numbers).map(|_| ()).expect_err("no key")
    }

    /// CVE-2026-39829: the sizes are bounded before anything is computed with them.
    #[test]
    fn sizes_are_looked_at_first() {
        let f4 = &[1, 0, 1][..];
        for bytes in [0, 1, 64, 128, 255, 1025, 2048, 60_000] {
            assert_eq!(refused(&vec![0xff; bytes], f4, &[7]), SIZE, "{bytes} bytes");
        }
        let mut n = vec![0xff; 256];
        n[0] = 0x7f;
        assert_eq!(refused(&n, f4, &[7]), SIZE, "2047 bits");
        let n = vec![0xff; 256];
        for e in [&[][..], &[0], &[1], &[2], &[1, 0, 0], &[2, 0, 0, 0, 1], &[0xff; 60_000]] {
            assert_eq!(refused(&n, e, &[7]), EXPONENT);
        }
        for prime in [&[][..], &[0], &[1], &[2], &[7], &[0xff; 128], &[0xff; 256], &[0xff; 257], &[0xff; 60_000]] {
            assert_eq!(refused(&n, f4, prime), BadKeyFile::Mismatch);
            assert_eq!(refused(&vec![0xff; 1024], f4, prime), BadKeyFile::Mismatch);
        }
    }
}
