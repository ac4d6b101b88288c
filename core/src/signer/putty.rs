//! PuTTY's private key files, PPK 2 and 3 (the PuTTY manual, appendix C).
//!
//! ```text
//! PuTTY-User-Key-File-3: ssh-ed25519
//! Encryption: aes256-cbc               or none
//! Comment: …
//! Public-Lines: 2                      base64 of the public key blob
//! Key-Derivation: Argon2id             these six if encrypted, and only in PPK 3
//! Argon2-Memory: 8192                  KiB
//! Argon2-Passes: 13
//! Argon2-Parallelism: 1
//! Argon2-Salt: hex
//! Private-Lines: 1                     base64 of the private numbers
//! Private-MAC: hex                     over type, encryption, comment, public and private part in clear
//! ```
//!
//! PPK 3 takes cipher key, IV and MAC key from Argon2; PPK 2 from SHA-1 of the passphrase, with an IV of zeros. Without
//! encryption the MAC has no secret key and finds damage only.

use super::ecdsa::Ecdsa;
use super::ed25519::Ed25519;
use super::rsa::{Numbers, Rsa, positive};
use super::{BadKeyFile, Costs, FileFormat, Inner, PrivateKey, Protection, WriteError, Zeroizing, cipher, pem};
use crate::crypto::CryptoRng;
use crate::keys::{Certificate, OutOfMemory, PublicKey, encode};
use crate::wire::{Reader, Sink, SliceSink, put_mpint, put_string};
use alloc::string::String;
use alloc::vec::Vec;
use argon2::{Algorithm, Argon2, Params, Version};
use core::fmt::Write;
use hmac::{Hmac, KeyInit, Mac};
use sha1::{Digest, Sha1};
use sha2::Sha256;

/// Characters in a line.
const LINE: usize = 64;
const BLOCK: usize = 16;
/// Memory for Argon2 when writing, in KiB, as PuTTY has it.
const MEMORY: u32 = 8192;

/// The lines of a file.
struct Lines<'a>(&'a [u8]);

impl<'a> Lines<'a> {
    /// The value of the line that is due.
    fn field(&mut self, name: &str) -> Result<&'a [u8], BadKeyFile> {
        let (line, rest) = pem::split_line(self.0);
        let value = line.strip_prefix(name.as_bytes()).and_then(|line| line.strip_prefix(b":"));
        self.0 = rest;
        value.map(|value| value.strip_prefix(b" ").unwrap_or(value)).ok_or(BadKeyFile::Damaged)
    }

    fn number(&mut self, name: &str) -> Result<u32, BadKeyFile> {
        let text = core::str::from_utf8(self.field(name)?).map_err(|_| BadKeyFile::Damaged)?;
        text.parse().map_err(|_| BadKeyFile::Damaged)
    }

    /// The bytes of as many lines of base64 as the line that is due says.
    fn block(&mut self, name: &str) -> Result<Zeroizing<Vec<u8>>, BadKeyFile> {
        let count = self.number(name)?;
        let start = self.0;
        for _ in 0..count {
            if self.0.is_empty() {
                return Err(BadKeyFile::Frame);
            }
            self.0 = pem::split_line(self.0).1;
        }
        let length = start.len().saturating_sub(self.0.len());
        pem::decode(start.get(..length).unwrap_or_default())
    }
}

/// What the passphrase becomes: cipher key, IV, MAC key.
struct Keys {
    cipher: Zeroizing<[u8; 32]>,
    iv: Zeroizing<[u8; 16]>,
    mac: Zeroizing<[u8; 32]>,
    mac_len: usize,
}

impl Keys {
    fn empty() -> Self {
        let (cipher, iv, mac) = (Zeroizing::new([0; 32]), Zeroizing::new([0; 16]), Zeroizing::new([0; 32]));
        Keys { cipher, iv, mac, mac_len: 0 }
    }

    /// Two hashes for the cipher and one for the MAC. An empty passphrase gives the MAC key of a plain file.
    fn version_2(passphrase: &[u8]) -> Self {
        let mut keys = Self::empty();
        let hash = |n: u32| {
            Zeroizing::new(<[u8; 20]>::from(
                Sha1::new().chain_update(n.to_be_bytes()).chain_update(passphrase).finalize(),
            ))
        };
        let (first, second) = (hash(0), hash(1));
        for (to, from) in keys.cipher.iter_mut().zip(first.iter().chain(second.iter())) {
            *to = *from;
        }
        let mac = Sha1::new().chain_update(b"putty-private-key-file-mac-key").chain_update(passphrase).finalize();
        SliceSink::new(&mut *keys.mac).put(&mac);
        keys.mac_len = 20;
        keys
    }

    fn version_3(passphrase: &[u8], argon2: &Argon2<'_>, salt: &[u8]) -> Result<Self, argon2::Error> {
        let mut bytes = Zeroizing::new([0; 80]);
        argon2.hash_password_into(passphrase, salt, &mut *bytes)?;
        let mut keys = Self::empty();
        let (cipher, rest) = bytes.split_at(32);
        let (iv, mac) = rest.split_at(16);
        SliceSink::new(&mut *keys.cipher).put(cipher);
        SliceSink::new(&mut *keys.iv).put(iv);
        SliceSink::new(&mut *keys.mac).put(mac);
        keys.mac_len = 32;
        Ok(keys)
    }

    fn mac(&self) -> &[u8] {
        self.mac.get(..self.mac_len).unwrap_or_default()
    }
}

/// What the MAC covers.
fn covered(
    name: &[u8],
    encryption: &[u8],
    comment: &[u8],
    public: &[u8],
    private: &[u8],
) -> Result<Zeroizing<Vec<u8>>, OutOfMemory> {
    let bytes = encode::written(|sink| {
        for field in [name, encryption, comment, public, private] {
            put_string(sink, field);
        }
    })?;
    Ok(Zeroizing::new(bytes))
}

pub(super) fn read(text: &[u8], passphrase: Option<&[u8]>, costs: &Costs) -> Result<PrivateKey, BadKeyFile> {
    let mut lines = Lines(text);
    let (name, new) = if text.starts_with(b"PuTTY-User-Key-File-3:") {
        (lines.field("PuTTY-User-Key-File-3")?, true)
    } else if text.starts_with(b"PuTTY-User-Key-File-2:") {
        (lines.field("PuTTY-User-Key-File-2")?, false)
    } else {
        return Err(BadKeyFile::Unsupported("a PuTTY key file of another version than 2 and 3"));
    };
    let encryption = lines.field("Encryption")?;
    let encrypted = match encryption {
        b"none" => false,
        b"aes256-cbc" => true,
        _ => return Err(BadKeyFile::Unsupported("its cipher")),
    };
    let comment = lines.field("Comment")?;
    let public = lines.block("Public-Lines")?;
    let keys = match (encrypted, new) {
        (false, true) => Keys::empty(),
        (false, false) => Keys::version_2(b""),
        (true, true) => derive(&mut lines, passphrase, costs)?,
        (true, false) => Keys::version_2(passphrase.ok_or(BadKeyFile::Encrypted)?),
    };
    let mut private = lines.block("Private-Lines")?;
    let mac = lines.field("Private-MAC")?;
    if !lines.0.trim_ascii().is_empty() {
        return Err(BadKeyFile::Frame);
    }
    if encrypted {
        cipher::cbc_open(&*keys.cipher, &*keys.iv, &mut private)?;
    }
    let covered = covered(name, encryption, comment, &public, &private)?;
    if !fits(&keys, new, &covered, mac)? {
        return Err(if encrypted { BadKeyFile::WrongPassphrase } else { BadKeyFile::Damaged });
    }
    let key = private_part(name, &public, &private, encrypted)?;
    Ok(key.with_comment(&String::from_utf8_lossy(comment)))
}

fn derive(lines: &mut Lines<'_>, passphrase: Option<&[u8]>, costs: &Costs) -> Result<Keys, BadKeyFile> {
    let flavour = match lines.field("Key-Derivation")? {
        b"Argon2id" => Algorithm::Argon2id,
        b"Argon2i" => Algorithm::Argon2i,
        b"Argon2d" => Algorithm::Argon2d,
        _ => return Err(BadKeyFile::Unsupported("its key derivation")),
    };
    let (memory, passes) = (lines.number("Argon2-Memory")?, lines.number("Argon2-Passes")?);
    let lanes = lines.number("Argon2-Parallelism")?;
    let digits = lines.field("Argon2-Salt")?;
    let work = u64::from(memory).saturating_mul(u64::from(passes));
    if memory > costs.argon2_kib || work > costs.argon2_work || lanes > costs.argon2_lanes {
        return Err(BadKeyFile::Cost);
    }
    let mut salt = [0; 64];
    let (pairs, rest) = digits.as_chunks::<2>();
    if pairs.len() > salt.len() || !rest.is_empty() {
        return Err(BadKeyFile::Damaged);
    }
    for (byte, pair) in salt.iter_mut().zip(pairs) {
        [*byte] = super::pkcs::from_hex(pair).ok_or(BadKeyFile::Damaged)?;
    }
    let passphrase = passphrase.ok_or(BadKeyFile::Encrypted)?;
    let parameters = Params::new(memory, passes, lanes, Some(80)).map_err(|_| BadKeyFile::Damaged)?;
    let argon2 = Argon2::new(flavour, Version::V0x13, parameters);
    let salt = salt.get(..pairs.len()).unwrap_or_default();
    Keys::version_3(passphrase, &argon2, salt).map_err(|error| match error {
        argon2::Error::OutOfMemory => BadKeyFile::OutOfMemory,
        _ => BadKeyFile::Damaged,
    })
}

fn fits(keys: &Keys, new: bool, covered: &[u8], digits: &[u8]) -> Result<bool, BadKeyFile> {
    if new {
        let tag: [u8; 32] = super::pkcs::from_hex(digits).ok_or(BadKeyFile::Damaged)?;
        let mac = Hmac::<Sha256>::new_from_slice(keys.mac()).map_err(|_| BadKeyFile::Damaged)?;
        Ok(mac.chain_update(covered).verify_slice(&tag).is_ok())
    } else {
        let tag: [u8; 20] = super::pkcs::from_hex(digits).ok_or(BadKeyFile::Damaged)?;
        let mac = Hmac::<Sha1>::new_from_slice(keys.mac()).map_err(|_| BadKeyFile::Damaged)?;
        Ok(mac.chain_update(covered).verify_slice(&tag).is_ok())
    }
}

/// The numbers, of which the public blob has some. A certificate can stand in the place of the public key.
fn private_part(name: &[u8], public: &[u8], private: &[u8], padded: bool) -> Result<PrivateKey, BadKeyFile> {
    let mut fields = Reader::new(private);
    let certificate = name.ends_with(super::CERTIFICATE).then(|| Certificate::parse(public)).transpose();
    let certificate = certificate.map_err(|_| BadKeyFile::Damaged)?;
    if PublicKey::new(public).key_type().as_bytes() != name {
        return Err(BadKeyFile::Mismatch);
    }
    let plain_key = certificate.as_ref().map(Certificate::plain_key);
    let plain_key = plain_key.as_ref().map_or(public, |key| key.blob());
    let inner = match certificate.map_or(name, |certificate| certificate.plain_type().as_bytes()) {
        b"ssh-ed25519" => {
            let seed = fields.string()?.try_into().map_err(|_| BadKeyFile::Damaged)?;
            Inner::Ed25519(Ed25519::from_seed(seed)?)
        }
        b"ecdsa-sha2-nistp256" => Inner::P256(Ecdsa::from_scalar(positive(&mut fields)?)?),
        b"ecdsa-sha2-nistp384" => Inner::P384(Ecdsa::from_scalar(positive(&mut fields)?)?),
        b"ecdsa-sha2-nistp521" => Inner::P521(Ecdsa::from_scalar(positive(&mut fields)?)?),
        b"ssh-rsa" => {
            let (d, p) = (positive(&mut fields)?, positive(&mut fields)?);
            let (q, iqmp) = (positive(&mut fields)?, positive(&mut fields)?);
            let mut blob = Reader::new(plain_key);
            let _name = blob.string()?;
            let (e, n) = (positive(&mut blob)?, positive(&mut blob)?);
            Inner::Rsa(Rsa::from_numbers(&Numbers { n, e, d, p, q, iqmp })?)
        }
        _ => return Err(BadKeyFile::KeyType),
    };
    // Behind the numbers there is what fills the last block, and nothing in a file that is not encrypted.
    if fields.remaining() >= BLOCK || !padded && fields.remaining() > 0 {
        return Err(BadKeyFile::Damaged);
    }
    let key = PrivateKey::new(inner, String::new())?;
    if key.plain_blob() != plain_key {
        return Err(BadKeyFile::Mismatch);
    }
    if certificate.is_some() { Ok(key.with_certificate(public)?) } else { Ok(key) }
}

/// Whether the format knows keys of this type.
fn has_place(key: &PrivateKey) -> bool {
    match &key.inner {
        Inner::Ed25519(_) | Inner::P256(_) | Inner::P384(_) | Inner::P521(_) | Inner::Rsa(_) => true,
        #[cfg(feature = "mldsa")]
        Inner::MlDsaEd25519(_) => false,
        Inner::SecurityKey(_) => false,
    }
}

fn write_numbers(key: &PrivateKey, sink: &mut dyn Sink) {
    match &key.inner {
        Inner::Ed25519(key) => put_string(sink, key.seed()),
        Inner::P256(key) => put_mpint(sink, key.scalar().as_bytes()),
        Inner::P384(key) => put_mpint(sink, key.scalar().as_bytes()),
        Inner::P521(key) => put_mpint(sink, key.scalar().as_bytes()),
        Inner::Rsa(key) => [&key.d, &key.p, &key.q, &key.iqmp].into_iter().for_each(|number| put_mpint(sink, number)),
        _ => {}
    }
}

pub(super) fn write(
    key: &PrivateKey,
    format: FileFormat,
    protection: Protection<'_>,
    random: &mut dyn CryptoRng,
) -> Result<Zeroizing<String>, WriteError> {
    if !has_place(key) {
        return Err(WriteError::KeyType);
    }
    let mut private = Zeroizing::new(encode::written(|sink| write_numbers(key, sink))?);
    let new = format == FileFormat::Putty3;
    let mut salt = [0; 16];
    let (keys, encryption, passes) = match (protection, new) {
        (Protection::Plain, true) => (Keys::empty(), "none", 0),
        (Protection::Plain, false) => (Keys::version_2(b""), "none", 0),
        (Protection::Passphrase { .. }, false) => return Err(WriteError::Passphrase),
        (Protection::Passphrase { passphrase, effort }, true) => {
            let length = private.len();
            let mut padded = Zeroizing::new(encode::zeros(length.next_multiple_of(BLOCK))?);
            random.fill_bytes(&mut padded);
            SliceSink::new(&mut padded).put(&private);
            private = padded;
            random.fill_bytes(&mut salt);
            let parameters = Params::new(MEMORY, effort, 1, Some(80)).map_err(|_| WriteError::Passphrase)?;
            let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, parameters);
            let keys = Keys::version_3(passphrase, &argon2, &salt).map_err(|_| WriteError::OutOfMemory)?;
            (keys, "aes256-cbc", effort)
        }
    };
    let name = key.kind().names().key;
    let public = key.plain_blob();
    let covered = covered(name.as_bytes(), encryption.as_bytes(), key.comment().as_bytes(), public, &private)?;
    if passes > 0 {
        cipher::cbc_seal(&*keys.cipher, &*keys.iv, &mut private).map_err(|_| WriteError::Passphrase)?;
    }
    let mut text = Zeroizing::new(String::new());
    let lengths = [pem::lines_len(public, LINE), pem::lines_len(&private, LINE), key.comment().len(), 512];
    let room = lengths.iter().fold(0, |sum: usize, length| sum.saturating_add(*length));
    text.try_reserve_exact(room).map_err(|_| WriteError::OutOfMemory)?;
    let version = if new { 3 } else { 2 };
    let no_room = |_| WriteError::OutOfMemory;
    write!(text, "PuTTY-User-Key-File-{version}: {name}\nEncryption: {encryption}\nComment: {}\n", key.comment())
        .map_err(no_room)?;
    writeln!(text, "Public-Lines: {}", pem::lines(public, LINE)).map_err(no_room)?;
    pem::push_lines(&mut text, public, LINE)?;
    if passes > 0 {
        write!(text, "Key-Derivation: Argon2id\nArgon2-Memory: {MEMORY}\nArgon2-Passes: {passes}\n")
            .map_err(no_room)?;
        write!(text, "Argon2-Parallelism: 1\nArgon2-Salt: ").map_err(no_room)?;
        push_hex(&mut text, &salt);
    }
    writeln!(text, "Private-Lines: {}", pem::lines(&private, LINE)).map_err(no_room)?;
    pem::push_lines(&mut text, &private, LINE)?;
    text.push_str("Private-MAC: ");
    if new {
        let mac = Hmac::<Sha256>::new_from_slice(keys.mac()).map_err(|_| WriteError::Passphrase)?;
        push_hex(&mut text, &mac.chain_update(&*covered).finalize().into_bytes());
    } else {
        let mac = Hmac::<Sha1>::new_from_slice(keys.mac()).map_err(|_| WriteError::Passphrase)?;
        push_hex(&mut text, &mac.chain_update(&*covered).finalize().into_bytes());
    }
    Ok(text)
}

/// Hexadecimal digits and a line end, into room that is there.
fn push_hex(text: &mut String, bytes: &[u8]) {
    for byte in bytes {
        for digit in [byte >> 4, byte & 15] {
            text.push(char::from_digit(u32::from(digit), 16).unwrap_or('0'));
        }
    }
    text.push('\n');
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crypto::{Random, Seed};

    /// A file cannot ask for hours or for all memory: it is refused before anything is derived.
    #[test]
    fn what_a_file_may_cost_is_bounded() {
        let random = &mut Random::new(&Seed::new([1; 32]));
        let key = PrivateKey::generate_ed25519(random).unwrap();
        let protection = Protection::Passphrase { passphrase: b"x", effort: 1 };
        let file = key.write(FileFormat::Putty3, protection, random).unwrap();
        let changed = |from: &str, to: &str| {
            assert!(file.contains(from));
            PrivateKey::read(&file.replace(from, to), Some(b"x")).map(|_| ())
        };
        assert_eq!(changed("Passes: 1", "Passes: 1"), Ok(()));
        for (from, to) in [
            ("Memory: 8192", "Memory: 262145"),
            ("Memory: 8192", "Memory: 4294967295"),
            ("Passes: 1", "Passes: 2049"),
            ("Passes: 1", "Passes: 4294967295"),
            ("Parallelism: 1", "Parallelism: 65"),
            ("Parallelism: 1", "Parallelism: 4294967295"),
        ] {
            assert_eq!(changed(from, to), Err(BadKeyFile::Cost), "{to}");
        }
        for (from, to) in [
            ("Memory: 8192", "Memory: 7"),
            ("Memory: 8192", "Memory: 4294967296"),
            ("Memory: 8192", "Memory: -1"),
            ("Passes: 1", "Passes: 0"),
            ("Parallelism: 1", "Parallelism: 0"),
            ("Argon2-Salt: ", "Argon2-Salt: 0"),
        ] {
            assert_eq!(changed(from, to), Err(BadKeyFile::Damaged), "{to}");
        }
    }
}
