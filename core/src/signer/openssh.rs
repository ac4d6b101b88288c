//! Plain openssh-key-v1 files: text to key and back (OpenSSH's PROTOCOL.key).
//!
//! ```text
//! -----BEGIN OPENSSH PRIVATE KEY-----
//! base64 of:  "openssh-key-v1" 0
//!             string cipher, string kdf, string kdf options, uint32 keys
//!             string public key blob
//!             string { uint32 check, uint32 check, string type, the type's fields, string comment, 1 2 3 … }
//! -----END OPENSSH PRIVATE KEY-----
//! ```
//!
//! No file is opened here and no passphrase is used. Reading is strict: a file that does not say the same thing in all
//! its places is refused, with what to do about it. Every buffer that held a secret is wiped.

use super::{PrivateKey, Zeroizing};
use crate::crypto::CryptoRng;
use crate::keys::{OutOfMemory, encode};
use crate::wire::{Counter, Malformed, Reader, Sink, SliceSink, put_string};
use alloc::string::String;
use alloc::vec::Vec;
use base64ct::{Base64, Encoding};
use core::fmt;
use subtle::ConstantTimeEq;

const BEGIN: &[u8] = b"-----BEGIN OPENSSH PRIVATE KEY-----";
const END: &[u8] = b"-----END OPENSSH PRIVATE KEY-----";
const MAGIC: &[u8] = b"openssh-key-v1\0";
/// The private section is a multiple of it when there is no cipher.
const BLOCK: usize = 8;
/// Characters in a line, as `ssh-keygen` writes them.
const LINE: usize = 70;
/// The largest key file read. One with an RSA key of 16384 bits and a long comment takes less than half.
const MAX_FILE: usize = 64 * 1024;

/// Why a text is not a key that can be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum BadKeyFile {
    /// There is no private key in it.
    NotAKey,
    /// It is a public key.
    Public,
    /// It is a private key in another file format (PEM of PKCS#1, PKCS#8 or SEC1, PuTTY).
    Format,
    /// It needs a passphrase.
    Encrypted,
    /// It is longer than any key file.
    TooLong,
    /// The end marker is missing, or text follows it.
    Frame,
    /// The text between the markers is not base64.
    Base64,
    /// A field does not fit, or bytes follow the last one.
    Damaged,
    /// It holds several keys, or none.
    KeyCount,
    /// The two check numbers differ.
    CheckNumbers,
    /// The padding is not 1, 2, 3, … up to the block.
    Padding,
    /// The public and the private half do not belong together.
    Mismatch,
    /// The key is of a type that does not sign here.
    KeyType,
    /// A fallible allocation failed.
    OutOfMemory,
}

impl fmt::Display for BadKeyFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            BadKeyFile::NotAKey => "this is not a private key file; make one with `ssh-keygen -t ed25519`",
            BadKeyFile::Public => "this is a public key; give the file of the private key, mostly without `.pub`",
            BadKeyFile::Format => {
                "the private key is in another file format; bring a copy of it into OpenSSH's with \
                 `ssh-keygen -p -f FILE` (PuTTY: `puttygen FILE -O private-openssh-new -o NEW`)"
            }
            BadKeyFile::Encrypted => {
                "the private key is encrypted with a passphrase, and encrypted keys come with a later version; take \
                 the passphrase off a copy with `ssh-keygen -p -f FILE`, or use a key without one"
            }
            BadKeyFile::TooLong => "the file is longer than any private key; is it the right one?",
            BadKeyFile::Frame => {
                "the file must end with the line `-----END OPENSSH PRIVATE KEY-----`, with no other text around the \
                 key; was it cut, or are there two keys in it?"
            }
            BadKeyFile::Base64 => "the text between the markers is not base64; copy the file again from its source",
            BadKeyFile::Damaged => "the key file is damaged; copy it again from its source",
            BadKeyFile::KeyCount => "the key file must hold exactly one key; put each into a file of its own",
            BadKeyFile::CheckNumbers => "the key file's two check numbers differ: it is damaged; copy it again",
            BadKeyFile::Padding => "the key file's padding is wrong: it is damaged; copy it again from its source",
            BadKeyFile::Mismatch => "the key file's public and private half differ; do not use it, make a new key",
            BadKeyFile::KeyType => {
                "the private key is of a type that this version cannot use; make one with `ssh-keygen -t ed25519`"
            }
            BadKeyFile::OutOfMemory => "out of memory",
        })
    }
}

impl core::error::Error for BadKeyFile {}

impl From<OutOfMemory> for BadKeyFile {
    fn from(_: OutOfMemory) -> Self {
        BadKeyFile::OutOfMemory
    }
}

impl From<Malformed> for BadKeyFile {
    fn from(_: Malformed) -> Self {
        BadKeyFile::Damaged
    }
}

pub(super) fn read(text: &[u8]) -> Result<PrivateKey, BadKeyFile> {
    if text.len() > MAX_FILE {
        return Err(BadKeyFile::TooLong);
    }
    let bytes = unarmour(text)?;
    let mut file = Reader::new(&bytes);
    if file.take(MAGIC.len()) != Ok(MAGIC) {
        return Err(BadKeyFile::Damaged);
    }
    let (cipher, kdf, kdf_options) = (file.string()?, file.string()?, file.string()?);
    if cipher != b"none" {
        return Err(BadKeyFile::Encrypted);
    }
    if kdf != b"none" || !kdf_options.is_empty() {
        return Err(BadKeyFile::Damaged);
    }
    if file.uint32()? != 1 {
        return Err(BadKeyFile::KeyCount);
    }
    let (public, private) = (file.string()?, file.string()?);
    file.end()?;
    read_private(public, private)
}

fn read_private(public: &[u8], section: &[u8]) -> Result<PrivateKey, BadKeyFile> {
    let mut private = Reader::new(section);
    if private.uint32()? != private.uint32()? {
        return Err(BadKeyFile::CheckNumbers);
    }
    let inner = PrivateKey::read_inner(private.string()?, &mut private)?;
    let comment = private.string()?;
    let padding = private.rest();
    let counts = padding.iter().zip(1..=u8::MAX).all(|(byte, expected)| *byte == expected);
    // "until the total length is a multiple of the cipher block size", counting 1, 2, 3 … 255 (PROTOCOL.key).
    if !counts || padding.len() > usize::from(u8::MAX) || !section.len().is_multiple_of(BLOCK) {
        return Err(BadKeyFile::Padding);
    }
    let key = PrivateKey::new(inner, String::new())?.with_comment(&String::from_utf8_lossy(comment));
    if !bool::from(key.public_blob().ct_eq(public)) {
        return Err(BadKeyFile::Mismatch);
    }
    Ok(key)
}

/// The bytes between the markers.
fn unarmour(text: &[u8]) -> Result<Zeroizing<Vec<u8>>, BadKeyFile> {
    let text = text.trim_ascii();
    let Some(body) = text.strip_prefix(BEGIN) else {
        return Err(what_it_is_instead(text));
    };
    let body = body.strip_suffix(END).ok_or(BadKeyFile::Frame)?;
    // Both markers are lines of their own, and nothing but base64 stands between them.
    if !body.starts_with(b"\n") && !body.starts_with(b"\r\n") || !body.ends_with(b"\n") || body.contains(&b'-') {
        return Err(BadKeyFile::Frame);
    }
    let mut encoded = Zeroizing::new(encode::zeros(body.len())?);
    let mut sink = SliceSink::new(&mut encoded);
    for line in body.split(|byte| *byte == b'\n') {
        sink.put(line.trim_ascii());
    }
    let length = sink.written().unwrap_or_default();
    encoded.truncate(length);
    let mut bytes = Zeroizing::new(encode::zeros(length)?);
    let decoded = Base64::decode(encoded.as_slice(), &mut bytes).map_err(|_| BadKeyFile::Base64)?.len();
    bytes.truncate(decoded);
    Ok(bytes)
}

fn what_it_is_instead(text: &[u8]) -> BadKeyFile {
    let first = text.split(|byte| *byte == b'\n').next().unwrap_or_default();
    let has = |part: &[u8]| first.windows(part.len()).any(|window| window == part);
    if first.starts_with(b"PuTTY-User-Key-File-") || has(b"PRIVATE KEY-----") {
        BadKeyFile::Format
    } else if [&b"ssh-"[..], b"ecdsa-", b"sk-", b"---- BEGIN SSH2 PUBLIC KEY"].iter().any(|p| first.starts_with(p)) {
        BadKeyFile::Public
    } else {
        BadKeyFile::NotAKey
    }
}

pub(super) fn write(key: &PrivateKey, random: &mut dyn CryptoRng) -> Result<Zeroizing<String>, OutOfMemory> {
    let check = random.next_u32().to_be_bytes();
    let content = |sink: &mut dyn Sink| {
        sink.put(&check);
        sink.put(&check);
        key.write_inner(sink);
        put_string(sink, key.comment().as_bytes());
    };
    let mut length = Counter::default();
    content(&mut length);
    let private = Zeroizing::new(encode::written(|sink| {
        content(sink);
        let missing = length.0.next_multiple_of(BLOCK).saturating_sub(length.0);
        for (_, byte) in (0..missing).zip(1..=u8::MAX) {
            sink.put(&[byte]);
        }
    })?);
    let bytes = Zeroizing::new(encode::written(|sink| {
        sink.put(MAGIC);
        put_string(sink, b"none");
        put_string(sink, b"none");
        put_string(sink, b"");
        sink.put(&1_u32.to_be_bytes());
        put_string(sink, key.public_blob());
        put_string(sink, &private);
    })?);
    armour(&bytes)
}

/// `bytes` between the markers, in one allocation.
fn armour(bytes: &[u8]) -> Result<Zeroizing<String>, OutOfMemory> {
    let mut encoded = Zeroizing::new(encode::zeros(Base64::encoded_len(bytes))?);
    let encoded = Base64::encode(bytes, &mut encoded).map_err(|_| OutOfMemory)?;
    let lines = encoded.len().div_ceil(LINE);
    let ends = 2;
    let room =
        [BEGIN.len(), END.len(), encoded.len(), lines, ends].iter().fold(0, |sum: usize, n| sum.saturating_add(*n));
    let mut text = Zeroizing::new(String::new());
    text.try_reserve_exact(room).map_err(|_| OutOfMemory)?;
    for line in core::iter::once(BEGIN).chain(encoded.as_bytes().chunks(LINE)).chain([END]) {
        text.push_str(core::str::from_utf8(line).unwrap_or_default());
        text.push('\n');
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crypto::{Random, Seed};
    use std::format;
    use std::string::ToString;

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
        check(BadKeyFile::Encrypted, |b| b[19] = b'x');
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
