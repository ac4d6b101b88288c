//! Private keys.
//!
//! # Keys
//!
//! For programs that just have a key. A connection never holds a private key: it asks for signatures with
//! SANSH_EVENT_SIGN, and a key here, an agent or a hardware module answers it on one path. Where keys come from and go
//! to is in the section on key files.

use crate::entry::{self, Handle, Poison};
use crate::status::{Code, Code::*};
use crate::types::{sansh_bytes, sansh_status};
use core::ffi::{CStr, c_char};
use ssh::crypto::{Random, Seed};
use ssh::keys::Certificate;
use ssh::signer::{FileFormat, GenerateError, KeyKind, PrivateKey, Protection};

/// A private key in memory, with its comment and its certificate if it has one. Wiped when it is freed. Nothing changes
/// it: any number of threads may use it at once.
pub struct sansh_key {
    pub(crate) inner: PrivateKey,
    poison: Poison,
}

impl Handle for sansh_key {
    fn poison(&self) -> &Poison {
        &self.poison
    }
}

impl core::fmt::Debug for sansh_key {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("sansh_key")
    }
}

/// Room that is enough for a signature of sansh_key_sign(), by keys of every type and length.
pub const SANSH_SIGNATURE_ROOM: usize = 4096;
const _: () = assert!(SANSH_SIGNATURE_ROOM >= ssh::signer::agent::MAX_SIGNATURE);

/// The types of keys that are made here.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum sansh_key_kind {
    /// `ssh-ed25519`. Its length is always 256 bits.
    SANSH_KEY_ED25519 = 0,
    /// `ecdsa-sha2-nistp…`, of 256, 384 or 521 bits. The usual length is 256.
    SANSH_KEY_ECDSA = 1,
    /// `ssh-rsa`, of 2048, 3072, 4096 or 8192 bits. The usual length is 3072. Only where the library was built with
    /// aws-lc, which draws from its own random numbers.
    SANSH_KEY_RSA = 2,
    /// `ssh-mldsa44-ed25519@openssh.com`, where the library was built with it. It has no length to choose.
    SANSH_KEY_MLDSA44_ED25519 = 3,
}

const NO_KEY: *mut sansh_key = core::ptr::null_mut();

/// Makes a new Ed25519 key, at `*key`. Free it with sansh_key_free(). `seed` is SANSH_SEED_LEN secret bytes; NULL takes
/// them from the operating system. If it fails, `*key` is NULL.
///
/// SANSH_E_RANDOM, SANSH_E_NULL, SANSH_E_MEMORY.
///
/// Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sansh_key_generate(seed: *const u8, key: *mut *mut sansh_key) -> sansh_status {
    enter!(alone; out(key, NO_KEY), seed(seed); {
        let inner = PrivateKey::generate_ed25519(&mut random(seed)?)?;
        *key = given(inner)?;
        Ok(())
    })
}

/// As sansh_key_generate(), a key of `kind` (SANSH_KEY_…) and of `bits` bits; 0 is the usual length.
///
/// SANSH_E_ARGUMENT (no such kind, or a length that it does not have), SANSH_E_KEY_UNSUPPORTED (this library was built
/// without it: make the key with `ssh-keygen`), SANSH_E_RANDOM, SANSH_E_NULL, SANSH_E_MEMORY.
///
/// Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sansh_key_generate_kind(
    kind: i32,
    bits: u32,
    seed: *const u8,
    key: *mut *mut sansh_key,
) -> sansh_status {
    enter!(alone; out(key, NO_KEY), seed(seed); {
        let kind = key_kind(kind, bits).ok_or(SANSH_E_ARGUMENT)?;
        let inner = PrivateKey::generate(kind, &mut random(seed)?)?;
        *key = given(inner)?;
        Ok(())
    })
}

/// Wipes and frees a key. NULL is allowed.
///
/// Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sansh_key_free(key: *mut sansh_key) {
    enter!(free key)
}

/// The public half, as it travels (RFC 4253, section 6.6): the certificate if the key has one, else the plain key. Lent
/// until the key is freed.
///
/// Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sansh_key_public_blob(key: *const sansh_key) -> sansh_bytes {
    enter!(look key;; { Ok(key.inner.public_blob().into()) } else |_code| sansh_bytes::NONE)
}

/// The plain public key, whether there is a certificate or not. Lent until the key is freed.
///
/// Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sansh_key_plain_blob(key: *const sansh_key) -> sansh_bytes {
    enter!(look key;; { Ok(key.inner.plain_blob().into()) } else |_code| sansh_bytes::NONE)
}

/// The comment: a name for people, part of the key file, UTF-8. Lent until the key is freed.
///
/// Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sansh_key_comment(key: *const sansh_key) -> sansh_bytes {
    enter!(look key;; { Ok(key.inner.comment().into()) } else |_code| sansh_bytes::NONE)
}

/// The best signature algorithm of this key, for sansh_answer_login_public_key(): `ssh-ed25519`, `rsa-sha2-512`; of a
/// key with a certificate, `ssh-ed25519-cert-v01@openssh.com`. NUL-terminated, lives for ever. NULL if the key does not
/// sign here (it is a security key's, or RSA in a library without aws-lc), and for NULL.
///
/// Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sansh_key_algorithm(key: *const sansh_key) -> *const c_char {
    enter!(look key;; {
        algorithm(&key.inner, 0).map(CStr::as_ptr).ok_or(SANSH_E_OTHER)
    } else |_code| core::ptr::null())
}

/// The signature algorithm number `index` of this key, from 0, best first. An RSA key has several: a client takes the
/// first that the server accepts, a server offers all. NUL-terminated, lives for ever. NULL behind the last one, and
/// for NULL.
///
/// Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sansh_key_algorithm_at(key: *const sansh_key, index: usize) -> *const c_char {
    enter!(look key;; {
        algorithm(&key.inner, index).map(CStr::as_ptr).ok_or(SANSH_E_OTHER)
    } else |_code| core::ptr::null())
}

/// Signs a message, as SANSH_EVENT_SIGN asks for it: copies the blob of RFC 4253, section 6.6 to `signature`, a room of
/// `room` bytes, and its length to `*len`. SANSH_SIGNATURE_ROOM is enough. `algorithm` may be a certificate's, as the
/// event says it; the signature then bears the plain name.
///
/// SANSH_E_ALGORITHM (the key makes no signatures of this algorithm: sansh_key_algorithm_at()), SANSH_E_KEY_UNSUPPORTED
/// (the key does not sign here: take an agent), SANSH_E_KEY_FAULT (the signature did not verify and was thrown away:
/// this machine computes wrongly), SANSH_E_SPACE (nothing was copied, `*len` says how much is needed), SANSH_E_TEXT,
/// SANSH_E_NULL, SANSH_E_MEMORY, SANSH_E_POISONED.
///
/// Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sansh_key_sign(
    key: *const sansh_key,
    algorithm: *const u8,
    algorithm_len: usize,
    message: *const u8,
    message_len: usize,
    signature: *mut u8,
    room: usize,
    len: *mut usize,
) -> sansh_status {
    enter!(look key; bytes(algorithm, algorithm_len), bytes(message, message_len), room(signature, room, len); {
        let algorithm = core::str::from_utf8(algorithm).map_err(|_| SANSH_E_TEXT)?;
        let blob = key.inner.sign(algorithm, message)?;
        entry::fill(signature, len, &blob)
    })
}

/// A copy of a key that has this certificate, at `*certified`: from then on its public blob is the certificate, and its
/// algorithms are the certificate's. `key` stays as it is: free each of the two with sansh_key_free(). Only whose certificate it is is checked;
/// whether it is good for anything, the other side decides. If it fails, `*certified` is NULL.
///
/// SANSH_E_CERT_TYPE (not a certificate), SANSH_E_CERT_TOO_LONG, SANSH_E_CERT_FORM, SANSH_E_KEY_OTHER (it is for
/// another key), SANSH_E_NULL, SANSH_E_MEMORY, SANSH_E_POISONED.
///
/// Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sansh_key_with_certificate(
    key: *const sansh_key,
    blob: *const u8,
    blob_len: usize,
    certified: *mut *mut sansh_key,
) -> sansh_status {
    enter!(look key; out(certified, NO_KEY), bytes(blob, blob_len); {
        // Says more exactly what is wrong with the blob than the call that attaches it.
        Certificate::parse(blob)?;
        let inner = plain_copy(&key.inner)?.with_certificate(blob)?;
        *certified = given(inner)?;
        Ok(())
    })
}

/// A copy of a key with another comment, at `*named`. Control characters become blanks. `key` stays as it is, and both
/// are freed. If it fails, `*named` is NULL.
///
/// SANSH_E_TEXT (not UTF-8), SANSH_E_NULL, SANSH_E_MEMORY, SANSH_E_POISONED.
///
/// Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sansh_key_with_comment(
    key: *const sansh_key,
    comment: *const c_char,
    named: *mut *mut sansh_key,
) -> sansh_status {
    enter!(look key; out(named, NO_KEY), text(comment); {
        let inner = copy(&key.inner)?.with_comment(comment);
        *named = given(inner)?;
        Ok(())
    })
}

/// A key that C can hold.
pub(crate) fn given(inner: PrivateKey) -> Result<*mut sansh_key, Code> {
    entry::give(sansh_key { inner, poison: Poison::default() })
}

/// Random numbers of a seed, or of the operating system's.
pub(crate) fn random(seed: Option<&[u8; 32]>) -> Result<Random, Code> {
    let seed = match seed {
        Some(seed) => Seed::new(*seed),
        None => Seed::os().map_err(|_| SANSH_E_RANDOM)?,
    };
    Ok(Random::new(&seed))
}

/// The core's keys have no copy; one goes through the text of a file here, which is wiped.
pub(crate) fn copy(key: &PrivateKey) -> Result<PrivateKey, Code> {
    let copy = plain_copy(key)?;
    match key.certificate() {
        Some(blob) => Ok(copy.with_certificate(blob)?),
        None => Ok(copy),
    }
}

fn plain_copy(key: &PrivateKey) -> Result<PrivateKey, Code> {
    // The random numbers are the check numbers of a text that nobody sees.
    let text = key.write(FileFormat::OpenSsh, Protection::Plain, &mut Random::new(&Seed::new([0; 32])))?;
    Ok(PrivateKey::read(text.as_bytes(), None)?)
}

fn key_kind(kind: i32, bits: u32) -> Option<KeyKind> {
    use sansh_key_kind::*;
    match (kind, bits) {
        (n, 0 | 256) if n == SANSH_KEY_ED25519 as i32 => Some(KeyKind::Ed25519),
        (n, 0 | 256) if n == SANSH_KEY_ECDSA as i32 => Some(KeyKind::EcdsaP256),
        (n, 384) if n == SANSH_KEY_ECDSA as i32 => Some(KeyKind::EcdsaP384),
        (n, 521) if n == SANSH_KEY_ECDSA as i32 => Some(KeyKind::EcdsaP521),
        (n, 0) if n == SANSH_KEY_RSA as i32 => Some(KeyKind::Rsa(3072)),
        (n, 2048 | 3072 | 4096 | 8192) if n == SANSH_KEY_RSA as i32 => Some(KeyKind::Rsa(bits)),
        (n, 0) if n == SANSH_KEY_MLDSA44_ED25519 as i32 => Some(KeyKind::MlDsa44Ed25519),
        _ => None,
    }
}

/// The names of the core's signature algorithms with a NUL behind each.
const ALGORITHMS: &[&CStr] = &[
    c"ssh-ed25519",
    c"ecdsa-sha2-nistp256",
    c"ecdsa-sha2-nistp384",
    c"ecdsa-sha2-nistp521",
    c"rsa-sha2-512",
    c"rsa-sha2-256",
    c"ssh-mldsa44-ed25519@openssh.com",
    c"ssh-ed25519-cert-v01@openssh.com",
    c"ecdsa-sha2-nistp256-cert-v01@openssh.com",
    c"ecdsa-sha2-nistp384-cert-v01@openssh.com",
    c"ecdsa-sha2-nistp521-cert-v01@openssh.com",
    c"rsa-sha2-512-cert-v01@openssh.com",
    c"rsa-sha2-256-cert-v01@openssh.com",
    c"ssh-mldsa44-ed25519-cert-v01@openssh.com",
];

fn algorithm(key: &PrivateKey, index: usize) -> Option<&'static CStr> {
    let name = key.algorithms().get(index)?;
    ALGORITHMS.iter().copied().find(|known| known.to_bytes() == name.as_bytes())
}

impl From<GenerateError> for Code {
    fn from(error: GenerateError) -> Self {
        match error {
            GenerateError::Unsupported(_) => SANSH_E_KEY_UNSUPPORTED,
            GenerateError::Random => SANSH_E_RANDOM,
            GenerateError::OutOfMemory => SANSH_E_MEMORY,
            _ => SANSH_E_OTHER,
        }
    }
}

impl From<ssh::signer::BadCertificate> for Code {
    fn from(error: ssh::signer::BadCertificate) -> Self {
        use ssh::signer::BadCertificate;
        match error {
            BadCertificate::Malformed => SANSH_E_CERT_FORM,
            BadCertificate::OtherKey => SANSH_E_KEY_OTHER,
            BadCertificate::OutOfMemory => SANSH_E_MEMORY,
            _ => SANSH_E_OTHER,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_algorithm_of_every_key_has_its_c_text() {
        let kinds = [KeyKind::Ed25519, KeyKind::EcdsaP256, KeyKind::EcdsaP384, KeyKind::EcdsaP521, KeyKind::Rsa(2048)];
        for kind in kinds {
            let key = match PrivateKey::generate(kind, &mut random(Some(&[7; 32])).unwrap()) {
                Ok(key) => key,
                Err(GenerateError::Unsupported(_)) if kind == KeyKind::Rsa(2048) => continue,
                Err(error) => panic!("{kind:?}: {error}"),
            };
            assert!(!key.algorithms().is_empty());
            for (index, name) in key.algorithms().iter().enumerate() {
                assert_eq!(algorithm(&key, index).unwrap().to_str().unwrap(), *name);
                let certified = match name.split_once('@') {
                    Some((start, domain)) => format!("{start}-cert-v01@{domain}"),
                    None => format!("{name}-cert-v01@openssh.com"),
                };
                assert!(ALGORITHMS.iter().any(|known| known.to_str().unwrap() == certified), "{certified}");
            }
            assert_eq!(algorithm(&key, key.algorithms().len()), None);
            let again = copy(&key).unwrap();
            assert_eq!((again.public_blob(), again.comment()), (key.public_blob(), key.comment()));
        }
    }
}
