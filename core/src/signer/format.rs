//! Which file format a text is in, and which one is wished.

use super::{BadKeyFile, Costs, PrivateKey, WriteError, Zeroizing, openssh, pem, pkcs, putty};
use crate::crypto::CryptoRng;
use alloc::string::String;

/// The largest key file read. One with an RSA key of 8192 bits and a long comment takes less than a quarter.
pub(super) const MAX_FILE: usize = 64 * 1024;
/// The largest effort of a passphrase.
pub const MAX_EFFORT: u32 = 1024;

/// The file formats that are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum FileFormat {
    /// openssh-key-v1, which `ssh-keygen` writes: keys of all types. Encrypted with aes256-ctr.
    OpenSsh,
    /// PKCS#8 (RFC 5958), which OpenSSL writes: Ed25519, ECDSA and RSA. Encrypted with PBES2: PBKDF2 and AES-256-CBC.
    Pkcs8,
    /// PKCS#1 (RFC 8017, appendix A.1.2): RSA, never encrypted.
    Pkcs1,
    /// SEC1 (RFC 5915): ECDSA, never encrypted.
    Sec1,
    /// PuTTY's PPK 2, for PuTTY before 0.75: Ed25519, ECDSA and RSA. Never encrypted here: a single SHA-1 is no key
    /// derivation.
    Putty2,
    /// PuTTY's PPK 3: Ed25519, ECDSA and RSA. Encrypted with Argon2id and AES-256-CBC.
    Putty3,
}

/// Whether a key file is encrypted.
#[derive(Clone, Copy)]
#[non_exhaustive]
pub enum Protection<'a> {
    /// It is not.
    Plain,
    /// With a passphrase.
    Passphrase {
        /// Not empty.
        passphrase: &'a [u8],
        /// How hard each guess is, 1 to [`MAX_EFFORT`]: the rounds of `ssh-keygen -a`. 24 takes a tenth of a second.
        effort: u32,
    },
}

impl<'a> Protection<'a> {
    /// With a passphrase and the usual effort.
    #[must_use]
    pub fn passphrase(passphrase: &'a [u8]) -> Self {
        Protection::Passphrase { passphrase, effort: 24 }
    }
}

impl core::fmt::Debug for Protection<'_> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(if matches!(self, Protection::Plain) { "Plain" } else { "Passphrase(…)" })
    }
}

/// What a text is, as far as its first line says.
pub(super) enum Found<'a> {
    OpenSsh(&'a [u8]),
    Pkcs(&'a [u8], pkcs::Label),
    Putty(&'a [u8]),
}

pub(super) fn recognise(text: &[u8]) -> Result<Found<'_>, BadKeyFile> {
    if text.len() > MAX_FILE {
        return Err(BadKeyFile::TooLong);
    }
    let text = without_parameters(text.trim_ascii());
    let first = text.split(|byte| *byte == b'\n').next().unwrap_or_default();
    if first.starts_with(b"PuTTY-User-Key-File-") {
        return Ok(Found::Putty(text));
    }
    let known_as_public = [&b"ssh-"[..], b"ecdsa-", b"sk-", b"---- BEGIN SSH2 PUBLIC KEY", b"-----BEGIN PUBLIC KEY"];
    if known_as_public.iter().any(|start| first.starts_with(start)) {
        return Err(BadKeyFile::Public);
    }
    match pem::label(text) {
        Some(b"OPENSSH PRIVATE KEY") => Ok(Found::OpenSsh(text)),
        Some(b"PRIVATE KEY") => Ok(Found::Pkcs(text, pkcs::Label::Pkcs8)),
        Some(b"ENCRYPTED PRIVATE KEY") => Ok(Found::Pkcs(text, pkcs::Label::EncryptedPkcs8)),
        Some(b"RSA PRIVATE KEY") => Ok(Found::Pkcs(text, pkcs::Label::Pkcs1)),
        Some(b"EC PRIVATE KEY") => Ok(Found::Pkcs(text, pkcs::Label::Sec1)),
        Some(b"DSA PRIVATE KEY") => Err(BadKeyFile::KeyType),
        _ => Err(BadKeyFile::NotAKey),
    }
}

/// OpenSSL writes the curve before the key, where it says nothing that the key does not say.
fn without_parameters(text: &[u8]) -> &[u8] {
    const END: &[u8] = b"-----END EC PARAMETERS-----";
    if !text.starts_with(b"-----BEGIN EC PARAMETERS-----") {
        return text;
    }
    let at = text.windows(END.len()).position(|window| window == END);
    at.and_then(|at| text.get(at.saturating_add(END.len())..)).unwrap_or(text).trim_ascii()
}

pub(super) fn read(text: &[u8], passphrase: Option<&[u8]>, costs: &Costs) -> Result<PrivateKey, BadKeyFile> {
    match recognise(text)? {
        Found::OpenSsh(text) => openssh::read(&pem::parse(text)?.bytes, passphrase, costs),
        Found::Pkcs(text, label) => pkcs::read(&pem::parse(text)?, label, passphrase, costs),
        Found::Putty(text) => putty::read(text, passphrase, costs),
    }
}

pub(super) fn write(
    key: &PrivateKey,
    format: FileFormat,
    protection: Protection<'_>,
    random: &mut dyn CryptoRng,
) -> Result<Zeroizing<String>, WriteError> {
    if let Protection::Passphrase { passphrase, effort } = protection
        && (passphrase.is_empty() || !(1..=MAX_EFFORT).contains(&effort))
    {
        return Err(WriteError::Passphrase);
    }
    match format {
        FileFormat::OpenSsh => openssh::write(key, protection, random),
        FileFormat::Pkcs8 => pkcs::write_pkcs8(key, protection, random),
        FileFormat::Pkcs1 | FileFormat::Sec1 => match protection {
            Protection::Plain => pkcs::write_traditional(key, format),
            Protection::Passphrase { .. } => Err(WriteError::Passphrase),
        },
        FileFormat::Putty2 | FileFormat::Putty3 => putty::write(key, format, protection, random),
    }
}
