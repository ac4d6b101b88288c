//! openssh-key-v1 files: bytes to key and back (OpenSSH's PROTOCOL.key).
//!
//! ```text
//! -----BEGIN OPENSSH PRIVATE KEY-----
//! base64 of:  "openssh-key-v1" 0
//!             string cipher, string kdf, string { string salt, uint32 rounds }, uint32 keys
//!             string public key blob
//!             string { uint32 check, uint32 check, string type, the type's fields, string comment, 1 2 3 … }
//!             the cipher's tag
//! -----END OPENSSH PRIVATE KEY-----
//! ```
//!
//! No file is opened here. Reading is strict: a file that does not say the same thing in all its places is refused, with
//! what to do about it. Every buffer that held a secret is wiped.

use super::cipher::{self, AES256_CTR, FileCipher};
use super::{BadKeyFile, Costs, PrivateKey, Protection, WriteError, Zeroizing, pem};
use crate::crypto::CryptoRng;
use crate::keys::{OutOfMemory, encode};
use crate::wire::{Counter, Reader, Sink, put_string};
use alloc::string::String;
use alloc::vec::Vec;
use subtle::ConstantTimeEq;

const LABEL: &str = "OPENSSH PRIVATE KEY";
const MAGIC: &[u8] = b"openssh-key-v1\0";
/// The private section is a multiple of it when there is no cipher.
const BLOCK: usize = 8;
/// Characters in a line, as `ssh-keygen` writes them.
const LINE: usize = 70;
const SALT: usize = 16;

pub(super) fn read(bytes: &[u8], passphrase: Option<&[u8]>, costs: &Costs) -> Result<PrivateKey, BadKeyFile> {
    let mut file = Reader::new(bytes);
    if file.take(MAGIC.len()) != Ok(MAGIC) {
        return Err(BadKeyFile::Damaged);
    }
    let (cipher, kdf, kdf_options) = (file.string()?, file.string()?, file.string()?);
    if file.uint32()? != 1 {
        return Err(BadKeyFile::KeyCount);
    }
    let (public, private) = (file.string()?, file.string()?);
    if cipher == b"none" {
        if kdf != b"none" || !kdf_options.is_empty() {
            return Err(BadKeyFile::Damaged);
        }
        file.end()?;
        return read_private(public, private, BLOCK);
    }
    let cipher = FileCipher::find(cipher).ok_or(BadKeyFile::Unsupported("its cipher"))?;
    let tag = file.take(cipher.tag_len)?;
    file.end()?;
    if private.is_empty() || !private.len().is_multiple_of(cipher.block) {
        return Err(BadKeyFile::Damaged);
    }
    let passphrase = passphrase.filter(|passphrase| !passphrase.is_empty()).ok_or(BadKeyFile::Encrypted)?;
    let keys = derive(cipher, kdf, kdf_options, passphrase, costs)?;
    let keys = keys.get(..cipher.key_len.saturating_add(cipher.iv_len)).unwrap_or_default();
    let mut section = Zeroizing::new(encode::written(|sink| sink.put(private))?);
    cipher.open(keys, &mut section, tag)?;
    match read_private(public, &section, cipher.block) {
        // Without a tag, this is all that tells a wrong passphrase.
        Err(BadKeyFile::CheckNumbers) => Err(BadKeyFile::WrongPassphrase),
        other => other,
    }
}

/// Key and IV.
fn derive(
    cipher: &FileCipher,
    kdf: &[u8],
    options: &[u8],
    passphrase: &[u8],
    costs: &Costs,
) -> Result<Zeroizing<[u8; FileCipher::MAX_KEY_IV]>, BadKeyFile> {
    if kdf != b"bcrypt" {
        return Err(BadKeyFile::Unsupported("its key derivation"));
    }
    let mut options = Reader::new(options);
    let (salt, rounds) = (options.string()?, options.uint32()?);
    options.end()?;
    if rounds > costs.bcrypt_rounds {
        return Err(BadKeyFile::Cost);
    }
    let mut keys = Zeroizing::new([0; FileCipher::MAX_KEY_IV]);
    let wanted = keys.get_mut(..cipher.key_len.saturating_add(cipher.iv_len)).ok_or(BadKeyFile::Damaged)?;
    bcrypt_pbkdf::bcrypt_pbkdf(passphrase, salt, rounds, wanted).map_err(|_| BadKeyFile::Damaged)?;
    Ok(keys)
}

fn read_private(public: &[u8], section: &[u8], block: usize) -> Result<PrivateKey, BadKeyFile> {
    let mut private = Reader::new(section);
    if private.uint32()? != private.uint32()? {
        return Err(BadKeyFile::CheckNumbers);
    }
    let key = PrivateKey::read_fields(&mut private)?;
    if key.certificate().is_some() {
        return Err(BadKeyFile::Unsupported("a certificate inside the file, which belongs beside it"));
    }
    let comment = private.string()?;
    let padding = private.rest();
    let counts = padding.iter().zip(1..=u8::MAX).all(|(byte, expected)| *byte == expected);
    // "until the total length is a multiple of the cipher block size", counting 1, 2, 3 … 255 (PROTOCOL.key).
    if !counts || padding.len() > usize::from(u8::MAX) || !section.len().is_multiple_of(block) {
        return Err(BadKeyFile::Padding);
    }
    if !bool::from(key.public_blob().ct_eq(public)) {
        return Err(BadKeyFile::Mismatch);
    }
    Ok(key.with_comment(&String::from_utf8_lossy(comment)))
}

pub(super) fn write(
    key: &PrivateKey,
    protection: Protection<'_>,
    random: &mut dyn CryptoRng,
) -> Result<Zeroizing<String>, WriteError> {
    let bytes = match protection {
        Protection::Plain => {
            let private = private_section(key, BLOCK, random)?;
            file(key, "none", "none", b"", &private)?
        }
        Protection::Passphrase { passphrase, effort } => {
            let mut private = private_section(key, AES256_CTR.block, random)?;
            let mut salt = [0; SALT];
            random.fill_bytes(&mut salt);
            let options = encode::written(|sink| {
                put_string(sink, &salt);
                sink.put(&effort.to_be_bytes());
            })?;
            let mut keys = Zeroizing::new([0; 48]);
            let derived = bcrypt_pbkdf::bcrypt_pbkdf(passphrase, &salt, effort, &mut *keys);
            derived.map_err(|_| WriteError::Passphrase)?;
            let (cipher_key, iv) = keys.split_at(AES256_CTR.key_len);
            cipher::ctr(cipher_key, iv, &mut private).map_err(|_| WriteError::Passphrase)?;
            file(key, AES256_CTR.name(), "bcrypt", &options, &private)?
        }
    };
    Ok(pem::armour(LABEL, &bytes, LINE)?)
}

fn private_section(
    key: &PrivateKey,
    block: usize,
    random: &mut dyn CryptoRng,
) -> Result<Zeroizing<Vec<u8>>, OutOfMemory> {
    let check = random.next_u32().to_be_bytes();
    let content = |sink: &mut dyn Sink| {
        sink.put(&check);
        sink.put(&check);
        key.write_fields(sink);
        put_string(sink, key.comment().as_bytes());
    };
    let mut length = Counter::default();
    content(&mut length);
    let section = encode::written(|sink| {
        content(sink);
        let missing = length.0.next_multiple_of(block).saturating_sub(length.0);
        for (_, byte) in (0..missing).zip(1..=u8::MAX) {
            sink.put(&[byte]);
        }
    })?;
    Ok(Zeroizing::new(section))
}

fn file(
    key: &PrivateKey,
    cipher: &str,
    kdf: &str,
    options: &[u8],
    private: &[u8],
) -> Result<Zeroizing<Vec<u8>>, OutOfMemory> {
    let bytes = encode::written(|sink| {
        sink.put(MAGIC);
        put_string(sink, cipher.as_bytes());
        put_string(sink, kdf.as_bytes());
        put_string(sink, options);
        sink.put(&1_u32.to_be_bytes());
        put_string(sink, key.plain_blob());
        put_string(sink, private);
    })?;
    Ok(Zeroizing::new(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crypto::{Random, Seed};
    use crate::signer::format::MAX_FILE;
    use std::format;
    use std::string::ToString;

    fn unarmour(text: &[u8]) -> Result<Zeroizing<Vec<u8>>, BadKeyFile> {
        Ok(pem::parse(text.trim_ascii())?.bytes)
    }

    fn armour(bytes: &[u8]) -> Result<Zeroizing<String>, OutOfMemory> {
        pem::armour(LABEL, bytes, LINE)
    }

    fn key() -> PrivateKey {
        PrivateKey::generate_ed25519(&mut Random::new(&Seed::new([1; 32]))).unwrap().with_comment("me@here")
    }

    fn file() -> Zeroizing<String> {
        key().to_openssh(&mut Random::new(&Seed::new([2; 32]))).unwrap()
    }

    /// The file's bytes, changed and put back between the markers.
    fn changed(change: impl FnOnce(&mut Vec<u8>)) -> Result<PrivateKey, BadKeyFile> {
        let mut bytes = unarmour(file().as_bytes()).unwrap();
        change(&mut bytes);
        PrivateKey::from_openssh(armour(&bytes).unwrap().as_str())
    }

    fn position(bytes: &[u8], part: &[u8]) -> usize {
        bytes.windows(part.len()).position(|window| window == part).unwrap()
    }

    #[test]
    fn a_file_is_written_and_read() {
        for comment in ["", "a", "ab", "abc", "abcd", "abcde", "abcdef", "abcdefg", "abcdefgh", "grün"] {
            let key = key().with_comment(comment);
            let file = key.to_openssh(&mut Random::new(&Seed::new([2; 32]))).unwrap();
            assert!(file.capacity() == file.len(), "one allocation");
            assert!(file.lines().all(|line| line.len() <= LINE));
            let read = PrivateKey::from_openssh(file.as_str()).unwrap();
            assert_eq!((read.public_blob(), read.comment()), (key.public_blob(), comment));
            assert_eq!(read.sign("ssh-ed25519", b"x"), key.sign("ssh-ed25519", b"x"));
        }
    }

    #[test]
    fn line_ends_and_blanks_around_the_text_do_not_matter() {
        let windows = format!("\n {}\n\n", file().replace('\n', "\r\n"));
        assert!(PrivateKey::from_openssh(&windows).is_ok());
        let one_line = file().replace('\n', "").replace(" KEY-----", " KEY-----\n").replace("-----END", "\n-----END");
        assert!(PrivateKey::from_openssh(&one_line).is_ok());
    }

    #[test]
    fn nothing_secret_is_shown() {
        let shown = format!("{:?}", key());
        assert_eq!(shown, format!("PrivateKey(ssh-ed25519 {} …)", key().public_key()));
    }

    #[test]
    fn each_kind_of_damage_has_its_own_answer() {
        let check = |error, change: fn(&mut Vec<u8>)| assert_eq!(changed(change).map(|_| ()), Err(error));
        // Magic, cipher, kdf, number of keys, outer public key, check numbers, a trailing byte, a cut.
        check(BadKeyFile::Damaged, |b| b[14] = 1);
        check(BadKeyFile::Unsupported("its cipher"), |b| b[19] = b'x');
        check(BadKeyFile::Damaged, |b| b[27] = b'x');
        check(BadKeyFile::KeyCount, |b| b[38] = 2);
        check(BadKeyFile::KeyCount, |b| b[38] = 0);
        check(BadKeyFile::Mismatch, |b| b[60] ^= 1);
        check(BadKeyFile::CheckNumbers, |b| b[98] ^= 1);
        check(BadKeyFile::Damaged, |b| b.push(0));
        check(BadKeyFile::Damaged, |b| b.truncate(150));
        // 8 + 15 + 36 + 68 + 4 + 7 = 138 bytes, so the padding of "me@here" is 1 2 3 4 5 6.
        assert_eq!(changed(|b| *b.last_mut().unwrap() = 5).map(|_| ()), Err(BadKeyFile::Padding));
        assert_eq!(
            changed(|b| {
                b.pop();
                b[94..98].copy_from_slice(&143_u32.to_be_bytes());
            })
            .map(|_| ()),
            Err(BadKeyFile::Padding)
        );
        let mine = key();
        let public = &mine.public_blob()[19..];
        for nth in 0..3 {
            let damaged = changed(|b| {
                let first = position(b, public);
                let second = first + 32 + position(&b[first + 32..], public);
                let third = second + 32 + position(&b[second + 32..], public);
                b[[first, second, third][nth]] ^= 0x10;
            });
            assert_eq!(damaged.map(|_| ()), Err(BadKeyFile::Mismatch), "public half {nth}");
        }
        assert_eq!(
            changed(|b| {
                let at = b.len() - 60;
                b[at] ^= 1;
            })
            .map(|_| ()),
            Err(BadKeyFile::Mismatch),
            "seed"
        );
    }

    #[test]
    fn other_texts_are_told_apart() {
        let file = file();
        let not_a_key = BadKeyFile::NotAKey;
        let cases: [(String, BadKeyFile); 12] = [
            (String::new(), not_a_key),
            ("hello".into(), not_a_key),
            ("-----BEGIN CERTIFICATE-----\n".into(), not_a_key),
            ("-----BEGIN RSA PRIVATE KEY-----\n".into(), BadKeyFile::Format),
            ("-----BEGIN ENCRYPTED PRIVATE KEY-----\n".into(), BadKeyFile::Format),
            ("PuTTY-User-Key-File-3: ssh-ed25519\n".into(), BadKeyFile::Format),
            (key().public_key().line("x").unwrap(), BadKeyFile::Public),
            (file.replace("-----END", "-----E"), BadKeyFile::Frame),
            (format!("{}{}", *file, *file), BadKeyFile::Frame),
            (format!("{}x", *file), BadKeyFile::Frame),
            (file.replace("b3Blb", "b3B*b"), BadKeyFile::Base64),
            ("x".repeat(MAX_FILE + 1), BadKeyFile::TooLong),
        ];
        for (text, error) in &cases {
            assert_eq!(PrivateKey::from_openssh(text).map(|_| ()), Err(*error), "{text}");
            assert!(error.to_string().len() > 10);
        }
        // A file with an RSA key, as far as the type is read.
        let rsa = changed(|b| {
            let at = 98 + 8 + 4;
            b[at..at + 11].copy_from_slice(b"ssh-rsa\0\0\0\0");
        });
        assert_eq!(rsa.map(|_| ()), Err(BadKeyFile::KeyType));
    }

    #[test]
    fn no_byte_and_no_length_makes_it_panic() {
        let bytes = unarmour(file().as_bytes()).unwrap();
        for at in 0..bytes.len() {
            for value in [0, 1, 0x7f, 0xff, bytes[at] ^ 0x80] {
                let mut damaged = bytes.to_vec();
                damaged[at] = value;
                let _ = PrivateKey::from_openssh(armour(&damaged).unwrap().as_str());
            }
            assert!(PrivateKey::from_openssh(armour(&bytes[..at]).unwrap().as_str()).is_err());
        }
        let file = file();
        for at in 0..file.len() - 1 {
            assert!(PrivateKey::from_openssh(&file[..at]).is_err());
        }
    }
}
