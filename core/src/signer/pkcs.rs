//! The formats of the PKCS family in PEM: PKCS#8 (RFC 5958), PKCS#1 (RFC 8017), SEC1 (RFC 5915), and OpenSSL's old
//! encryption of the last two.
//!
//! ```text
//! PRIVATE KEY            PrivateKeyInfo { algorithm, OCTET STRING { one of the two below, or a seed } }
//! ENCRYPTED PRIVATE KEY  { PBES2 { PBKDF2 or scrypt, AES-CBC or -GCM }, the above encrypted } (RFC 8018)
//! RSA PRIVATE KEY        RSAPrivateKey { n, e, d, p, q, d mod p-1, d mod q-1, 1/q mod p }
//! EC PRIVATE KEY         ECPrivateKey { scalar, curve, point }
//! ```
//!
//! DER is read and written by the crates `pkcs8`, `pkcs1` and `sec1`; what a file may cost is checked before they derive
//! anything. None of the formats has a comment.

use super::ecdsa::{Curve, Ecdsa, P256, P384, P521};
use super::ed25519::Ed25519;
use super::pem::{self, Pem};
use super::rsa::{Numbers, Rsa};
use super::{BadKeyFile, Costs, FileFormat, Inner, PrivateKey, Protection, WriteError, Zeroizing, cipher};
use crate::crypto::CryptoRng;
use crate::keys::encode;
use crate::wire::minimal_magnitude;
use alloc::string::String;
use alloc::vec::Vec;
use md5::{Digest, Md5};
use pkcs1::{RsaPrivateKeyRef, UintRef};
use pkcs8::der::asn1::{AnyRef, Null, ObjectIdentifier, OctetStringRef};
use pkcs8::der::{Decode, Encode};
use pkcs8::pkcs5::pbes2::{Kdf, Parameters};
use pkcs8::spki::AlgorithmIdentifierRef;
use pkcs8::{EncryptedPrivateKeyInfoRef, PrivateKeyInfoRef};
use sec1::{EcParameters, EcPrivateKey};

const RSA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.1");
const EC: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.2.1");
const ED25519: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.101.112");
/// Characters in a line (RFC 7468, section 2).
const LINE: usize = 64;
/// Iterations of PBKDF2 for each unit of effort, so that the usual effort of 24 gives 600,000.
pub(super) const ITERATIONS: u32 = 25_000;

/// Which of them it is, as the marker says.
#[derive(Clone, Copy)]
pub(super) enum Label {
    Pkcs8,
    EncryptedPkcs8,
    Pkcs1,
    Sec1,
}

pub(super) fn read(
    pem: &Pem<'_>,
    label: Label,
    passphrase: Option<&[u8]>,
    costs: &Costs,
) -> Result<PrivateKey, BadKeyFile> {
    let inner = match (label, pem.dek_info) {
        (Label::Pkcs8, None) => pkcs8(&pem.bytes)?,
        (Label::EncryptedPkcs8, None) => pkcs8(&open(&pem.bytes, needed(passphrase)?, costs)?)?,
        (Label::Pkcs1, None) => Inner::Rsa(pkcs1(&pem.bytes)?),
        (Label::Sec1, None) => sec1(&pem.bytes, None)?,
        (Label::Pkcs1 | Label::Sec1, Some(dek_info)) => {
            let bytes = open_traditional(&pem.bytes, dek_info, needed(passphrase)?)?;
            let inner = if matches!(label, Label::Pkcs1) { pkcs1(&bytes).map(Inner::Rsa) } else { sec1(&bytes, None) };
            // Nothing is authenticated, and one wrong passphrase in 256 leaves a padding that looks right.
            inner.map_err(|error| if error == BadKeyFile::Damaged { BadKeyFile::WrongPassphrase } else { error })?
        }
        _ => return Err(BadKeyFile::Damaged),
    };
    Ok(PrivateKey::new(inner, String::new())?)
}

fn needed(passphrase: Option<&[u8]>) -> Result<&[u8], BadKeyFile> {
    passphrase.ok_or(BadKeyFile::Encrypted)
}

fn damaged<E>(_: E) -> BadKeyFile {
    BadKeyFile::Damaged
}

fn pkcs8(der: &[u8]) -> Result<Inner, BadKeyFile> {
    let info = PrivateKeyInfoRef::try_from(der).map_err(damaged)?;
    let key = info.private_key.as_bytes();
    match info.algorithm.oid {
        RSA => pkcs1(key).map(Inner::Rsa),
        EC => sec1(key, Some(info.algorithm.parameters_oid().map_err(damaged)?)),
        ED25519 => {
            // CurvePrivateKey ::= OCTET STRING (RFC 8410, section 7).
            let seed = <&OctetStringRef>::from_der(key).map_err(damaged)?.as_bytes();
            let key = Ed25519::from_seed(seed.try_into().map_err(damaged)?)?;
            let public = info.public_key.as_ref().map(|bits| bits.as_bytes().unwrap_or_default());
            if public.is_some_and(|public| !key.has_public(public)) {
                return Err(BadKeyFile::Mismatch);
            }
            Ok(Inner::Ed25519(key))
        }
        _ => Err(BadKeyFile::KeyType),
    }
}

/// The RSA key of a PrivateKeyInfo.
#[allow(dead_code, reason = "for the feature `aws_lc`")]
pub(super) fn rsa_of_pkcs8(der: &[u8]) -> Result<Rsa, BadKeyFile> {
    match pkcs8(der)? {
        Inner::Rsa(key) => Ok(key),
        _ => Err(BadKeyFile::KeyType),
    }
}

fn pkcs1(der: &[u8]) -> Result<Rsa, BadKeyFile> {
    let key = RsaPrivateKeyRef::try_from(der).map_err(damaged)?;
    if key.other_prime_infos.is_some() {
        return Err(BadKeyFile::Unsupported("an RSA key of more than two primes"));
    }
    let read = Rsa::from_numbers(&Numbers {
        n: key.modulus.as_bytes(),
        e: key.public_exponent.as_bytes(),
        d: key.private_exponent.as_bytes(),
        p: key.prime1.as_bytes(),
        q: key.prime2.as_bytes(),
        iqmp: key.coefficient.as_bytes(),
    })?;
    let same = |ours: &[u8], theirs: UintRef<'_>| ours == minimal_magnitude(theirs.as_bytes());
    if same(&read.dp, key.exponent1) && same(&read.dq, key.exponent2) { Ok(read) } else { Err(BadKeyFile::Mismatch) }
}

/// The curve stands inside, outside, or in both places.
fn sec1(der: &[u8], outside: Option<ObjectIdentifier>) -> Result<Inner, BadKeyFile> {
    fn key<C: Curve>(key: &EcPrivateKey<'_>) -> Result<Ecdsa<C>, BadKeyFile> {
        let read = Ecdsa::from_scalar(key.private_key)?;
        let fits = key.public_key.is_none_or(|point| read.has_public(point));
        if fits { Ok(read) } else { Err(BadKeyFile::Mismatch) }
    }
    let file = EcPrivateKey::try_from(der).map_err(damaged)?;
    let inside = file.parameters.as_ref().and_then(|curve| curve.named_curve());
    let curve = inside.or(outside).ok_or(BadKeyFile::Damaged)?;
    if outside.is_some_and(|outside| outside != curve) {
        return Err(BadKeyFile::Damaged);
    }
    let is = |oid| curve == ObjectIdentifier::new_unwrap(oid);
    if is(P256::OID) {
        key(&file).map(Inner::P256)
    } else if is(P384::OID) {
        key(&file).map(Inner::P384)
    } else if is(P521::OID) {
        key(&file).map(Inner::P521)
    } else {
        Err(BadKeyFile::KeyType)
    }
}

/// Opens PBES2.
fn open(der: &[u8], passphrase: &[u8], costs: &Costs) -> Result<Zeroizing<Vec<u8>>, BadKeyFile> {
    let file = EncryptedPrivateKeyInfoRef::try_from(der)
        .map_err(|_| BadKeyFile::Unsupported("an encryption other than PBES2 with PBKDF2 or scrypt and AES"))?;
    let scheme = file.encryption_algorithm.pbes2().ok_or(BadKeyFile::Unsupported("PBES1, an encryption of 1993"))?;
    let affordable = match &scheme.kdf {
        Kdf::Pbkdf2(kdf) => kdf.iteration_count <= costs.pbkdf2_iterations,
        // "CPU/Memory cost parameter N, must be larger than 1, a power of 2" (RFC 7914, section 6). The crate reckons with
        // it before it looks.
        Kdf::Scrypt(kdf) if kdf.cost_parameter < 2 || !kdf.cost_parameter.is_power_of_two() => {
            return Err(BadKeyFile::Damaged);
        }
        Kdf::Scrypt(kdf) if kdf.block_size == 0 || kdf.parallelization == 0 => return Err(BadKeyFile::Damaged),
        Kdf::Scrypt(kdf) => {
            let block = u64::from(kdf.block_size).saturating_mul(128);
            kdf.parallelization <= costs.scrypt_runs
                && kdf.cost_parameter.saturating_mul(block) <= costs.scrypt_bytes
                && u64::from(kdf.parallelization).saturating_mul(block) <= costs.scrypt_bytes
        }
        _ => return Err(BadKeyFile::Unsupported("its key derivation")),
    };
    if !affordable {
        return Err(BadKeyFile::Cost);
    }
    let mut bytes = Zeroizing::new(encode::written(|sink| sink.put(file.encrypted_data.as_bytes()))?);
    let length = scheme.decrypt_in_place(passphrase, &mut bytes).map_err(|_| BadKeyFile::WrongPassphrase)?.len();
    bytes.truncate(length);
    // One wrong passphrase in 256 leaves a padding that looks right.
    if PrivateKeyInfoRef::try_from(bytes.as_slice()).is_err() {
        return Err(BadKeyFile::WrongPassphrase);
    }
    Ok(bytes)
}

/// Opens what `DEK-Info: AES-256-CBC,iv` says. The key is MD5 of passphrase and salt, which is no key derivation: such
/// files are read and never written.
fn open_traditional(bytes: &[u8], dek_info: &[u8], passphrase: &[u8]) -> Result<Zeroizing<Vec<u8>>, BadKeyFile> {
    let mut halves = dek_info.splitn(2, |byte| *byte == b',');
    let key_len = match halves.next() {
        Some(b"AES-128-CBC") => 16,
        Some(b"AES-192-CBC") => 24,
        Some(b"AES-256-CBC") => 32,
        _ => return Err(BadKeyFile::Unsupported("its cipher")),
    };
    let iv: [u8; 16] = from_hex(halves.next().unwrap_or_default()).ok_or(BadKeyFile::Damaged)?;
    let (salt, _) = iv.split_at(8);
    let mut key = Zeroizing::new([0; 32]);
    let mut half = Zeroizing::new([0; 16]);
    for (n, place) in key.chunks_mut(16).enumerate() {
        let mut hash = Md5::new();
        if n > 0 {
            hash.update(*half);
        }
        *half = hash.chain_update(passphrase).chain_update(salt).finalize().into();
        place.copy_from_slice(&*half);
    }
    let mut plain = Zeroizing::new(encode::written(|sink| sink.put(bytes))?);
    cipher::cbc_open(key.get(..key_len).unwrap_or_default(), &iv, &mut plain)?;
    let padding = plain.last().copied().unwrap_or_default();
    let length = plain.len().saturating_sub(usize::from(padding));
    let good = (1..=16).contains(&padding) && plain.iter().skip(length).all(|byte| *byte == padding);
    if !good {
        return Err(BadKeyFile::WrongPassphrase);
    }
    plain.truncate(length);
    Ok(plain)
}

/// `N` bytes in hexadecimal digits of either case.
pub(super) fn from_hex<const N: usize>(digits: &[u8]) -> Option<[u8; N]> {
    let mut bytes = [0; N];
    let (pairs, rest) = digits.as_chunks::<2>();
    if pairs.len() != N || !rest.is_empty() {
        return None;
    }
    for (byte, [high, low]) in bytes.iter_mut().zip(pairs) {
        let digit = |digit: u8| char::from(digit).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
        *byte = (digit(*high)? << 4) | digit(*low)?;
    }
    Some(bytes)
}

pub(super) fn write_pkcs8(
    key: &PrivateKey,
    protection: Protection<'_>,
    random: &mut dyn CryptoRng,
) -> Result<Zeroizing<String>, WriteError> {
    let der = pkcs8_of(key)?;
    let Protection::Passphrase { passphrase, effort } = protection else {
        return Ok(pem::armour("PRIVATE KEY", &der, LINE)?);
    };
    let (mut salt, mut iv) = ([0; 16], [0; 16]);
    random.fill_bytes(&mut salt);
    random.fill_bytes(&mut iv);
    let scheme = Parameters::generate_pbkdf2_sha256_aes256cbc(effort.saturating_mul(ITERATIONS), &salt, iv);
    let scheme = scheme.map_err(|_| WriteError::Passphrase)?;
    let sealed = scheme.encrypt(passphrase, &der).map_err(|_| WriteError::Passphrase)?;
    let encrypted_data = OctetStringRef::new(&sealed).map_err(no_room)?;
    let file = EncryptedPrivateKeyInfoRef { encryption_algorithm: scheme.into(), encrypted_data };
    Ok(pem::armour("ENCRYPTED PRIVATE KEY", &file.to_der().map_err(no_room)?, LINE)?)
}

/// PKCS#1 or SEC1.
pub(super) fn write_traditional(key: &PrivateKey, format: FileFormat) -> Result<Zeroizing<String>, WriteError> {
    let (label, der) = match (&key.inner, format) {
        (Inner::Rsa(key), FileFormat::Pkcs1) => ("RSA PRIVATE KEY", pkcs1_of(key)?),
        (Inner::P256(key), FileFormat::Sec1) => ("EC PRIVATE KEY", sec1_of(key, true)?),
        (Inner::P384(key), FileFormat::Sec1) => ("EC PRIVATE KEY", sec1_of(key, true)?),
        (Inner::P521(key), FileFormat::Sec1) => ("EC PRIVATE KEY", sec1_of(key, true)?),
        _ => return Err(WriteError::KeyType),
    };
    Ok(pem::armour(label, &der, LINE)?)
}

fn no_room<E>(_: E) -> WriteError {
    WriteError::OutOfMemory
}

fn pkcs8_of(key: &PrivateKey) -> Result<Zeroizing<Vec<u8>>, WriteError> {
    fn curve<C: Curve>(key: &Ecdsa<C>) -> Result<(ObjectIdentifier, Zeroizing<Vec<u8>>), WriteError> {
        Ok((ObjectIdentifier::new_unwrap(C::OID), sec1_of(key, false)?))
    }
    let (oid, parameters, content) = match &key.inner {
        Inner::Ed25519(key) => {
            let seed = OctetStringRef::new(key.seed()).map_err(no_room)?;
            (ED25519, None, Zeroizing::new(seed.to_der().map_err(no_room)?))
        }
        Inner::Rsa(key) => (RSA, None, pkcs1_of(key)?),
        Inner::P256(key) => curve(key).map(|(oid, der)| (EC, Some(oid), der))?,
        Inner::P384(key) => curve(key).map(|(oid, der)| (EC, Some(oid), der))?,
        Inner::P521(key) => curve(key).map(|(oid, der)| (EC, Some(oid), der))?,
        _ => return Err(WriteError::KeyType),
    };
    let parameters = match &parameters {
        Some(curve) => Some(AnyRef::from(curve)),
        // "the parameters field MUST have ASN.1 type NULL" (RFC 3279, section 2.3.1); Ed25519 has none (RFC 8410).
        None => (oid == RSA).then_some(AnyRef::from(Null)),
    };
    let private_key = OctetStringRef::new(&content).map_err(no_room)?;
    let info = PrivateKeyInfoRef::new(AlgorithmIdentifierRef { oid, parameters }, private_key);
    Ok(Zeroizing::new(info.to_der().map_err(no_room)?))
}

fn pkcs1_of(key: &Rsa) -> Result<Zeroizing<Vec<u8>>, WriteError> {
    let number = |bytes| UintRef::new(bytes).map_err(no_room);
    let file = RsaPrivateKeyRef {
        modulus: number(&key.n)?,
        public_exponent: number(&key.e)?,
        private_exponent: number(&key.d)?,
        prime1: number(&key.p)?,
        prime2: number(&key.q)?,
        exponent1: number(&key.dp)?,
        exponent2: number(&key.dq)?,
        coefficient: number(&key.iqmp)?,
        other_prime_infos: None,
    };
    Ok(Zeroizing::new(file.to_der().map_err(no_room)?))
}

/// `alone`: the curve is written inside, since nothing outside says it.
fn sec1_of<C: Curve>(key: &Ecdsa<C>, alone: bool) -> Result<Zeroizing<Vec<u8>>, WriteError> {
    let (scalar, point) = (key.scalar(), key.point());
    let curve = EcParameters::NamedCurve(ObjectIdentifier::new_unwrap(C::OID));
    let file = EcPrivateKey {
        private_key: scalar.as_bytes(),
        parameters: alone.then_some(curve),
        public_key: Some(point.as_bytes()),
    };
    Ok(Zeroizing::new(file.to_der().map_err(no_room)?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use pkcs8::pkcs5::pbes2::{EncryptionScheme, Pbkdf2Params, ScryptParams};
    use std::string::ToString;

    fn cost(kdf: impl Into<Kdf>, costs: &Costs) -> Result<(), BadKeyFile> {
        let scheme = Parameters { kdf: kdf.into(), encryption: EncryptionScheme::Aes256Cbc { iv: [0; 16] } };
        let encrypted_data = OctetStringRef::new(&[0; 32]).unwrap();
        let file = EncryptedPrivateKeyInfoRef { encryption_algorithm: scheme.into(), encrypted_data };
        let text = pem::armour("ENCRYPTED PRIVATE KEY", &file.to_der().unwrap(), LINE).unwrap();
        super::super::format::read(text.as_bytes(), Some(b"x"), costs).map(|_| ())
    }

    fn scrypt(n: u64, r: u16, p: u16) -> ScryptParams {
        let salt = (&[1; 16][..]).try_into().unwrap();
        ScryptParams { salt, cost_parameter: n, block_size: r, parallelization: p, key_length: None }
    }

    /// A file cannot ask for hours or for all memory: it is refused before anything is derived.
    #[test]
    fn what_a_file_may_cost_is_bounded() {
        let pbkdf2 = |iterations| Pbkdf2Params::hmac_sha256(iterations, &[1; 16]).unwrap();
        let most = Costs::FILES.pbkdf2_iterations;
        assert_eq!(cost(pbkdf2(most + 1), &Costs::FILES), Err(BadKeyFile::Cost));
        assert_eq!(cost(pbkdf2(Pbkdf2Params::MAX_ITERATION_COUNT), &Costs::FILES), Err(BadKeyFile::Cost));
        assert_eq!(cost(pbkdf2(1), &Costs::FILES), Err(BadKeyFile::WrongPassphrase));
        for (n, r, p) in [(1 << 22, 8, 1), (1 << 63, 8, 1), (1 << 62, u16::MAX, 1), (2, 8, 17), (2, 8, u16::MAX)] {
            assert_eq!(cost(scrypt(n, r, p), &Costs::FILES), Err(BadKeyFile::Cost), "{n} {r} {p}");
        }
        assert_eq!(cost(scrypt(16384, 8, 1), &Costs::FILES), Err(BadKeyFile::WrongPassphrase));
        for (n, r, p) in [(0, 8, 1), (1, 8, 1), (3, 8, 1), (2, 0, 1), (2, 8, 0)] {
            assert_eq!(cost(scrypt(n, r, p), &Costs::FILES), Err(BadKeyFile::Damaged), "{n} {r} {p}");
        }
        assert!(BadKeyFile::Cost.to_string().contains("effort"));
    }

    #[test]
    fn hexadecimal_digits_are_read() {
        assert_eq!(from_hex(b"00fFa0"), Some([0, 0xff, 0xa0]));
        for bad in [&b"00ff"[..], b"00ffa", b"00ffa000", b"00ffg0", b""] {
            assert_eq!(from_hex::<3>(bad), None);
        }
    }
}
