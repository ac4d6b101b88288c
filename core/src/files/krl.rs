//! What is revoked: OpenSSH's key revocation lists (PROTOCOL.krl), and files of public keys, one a line. A server's
//! `RevokedKeys` and a client's `RevokedHostKeys` name files of either kind.
//!
//! A list is read whole before it answers anything, and one that is not understood to its last byte is an error: whoever
//! revoked a key must not be ignored. Every question walks through the list again, so it takes time in proportion to the
//! list, and no memory.
//!
//! Signatures inside a list are refused, as OpenSSH has done since it gave them up in 9.4: a list is as good as the place
//! it comes from.

use super::lines::{self, BadLine, Why};
use crate::keys::{Authorities, Certificate, PublicKey, PublicKeyLine};
use crate::wire::{Malformed, Reader};
use core::fmt;
use sha1::Sha1;
use sha2::{Digest, Sha256};

/// Why a file of revoked keys cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum BadRevocations {
    /// It is no list of the format's version 1.
    Version,
    /// A field of the list.
    Malformed(Malformed),
    /// The list has a section that is not known here: a newer kind, a critical extension, or a signature.
    Section(u8),
    /// The list has a serial number 0, a range that ends before it begins, or a bitmap past the last number.
    Serial,
    /// A line of a file of keys.
    Line(BadLine),
}

impl fmt::Display for BadRevocations {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            BadRevocations::Version => f.write_str("it is no revocation list of a known version"),
            BadRevocations::Malformed(what) => write!(f, "the revocation list is damaged: {what}"),
            BadRevocations::Section(number) => {
                write!(f, "the revocation list has a section of type {number}, which is not supported here")
            }
            BadRevocations::Serial => f.write_str("the revocation list has serial numbers that cannot be"),
            BadRevocations::Line(line) => write!(f, "revoked keys: {line}"),
        }
    }
}

impl core::error::Error for BadRevocations {}

impl From<Malformed> for BadRevocations {
    fn from(what: Malformed) -> Self {
        BadRevocations::Malformed(what)
    }
}

/// A file of revoked keys of either kind, borrowed.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum RevokedKeys<'a> {
    /// A revocation list.
    List(Krl<'a>),
    /// Public keys, one a line.
    Lines(RevokedLines<'a>),
}

impl<'a> RevokedKeys<'a> {
    /// Reads a file; a revocation list is known by its first bytes.
    ///
    /// # Errors
    /// [`BadRevocations`]. Then nobody knows what is revoked, and nobody may come in.
    pub fn parse(bytes: &'a (impl AsRef<[u8]> + ?Sized)) -> Result<Self, BadRevocations> {
        let bytes = bytes.as_ref();
        match bytes.starts_with(MAGIC) {
            true => Krl::parse(bytes).map(RevokedKeys::List),
            false => RevokedLines::parse(bytes).map(RevokedKeys::Lines),
        }
    }

    /// Whether a key is revoked. A certificate is asked about as [`revokes_certificate`](Self::revokes_certificate) does.
    #[must_use]
    pub fn revokes_key(&self, key: PublicKey<'_>) -> bool {
        if let Ok(certificate) = Certificate::parse(key.blob()) {
            return self.revokes_certificate(&certificate);
        }
        match self {
            RevokedKeys::List(list) => list.revokes_plain(key),
            RevokedKeys::Lines(lines) => lines.revokes_plain(key),
        }
    }

    /// Whether a certificate is revoked: by its authority's key, its own key, its serial number or its key id.
    #[must_use]
    pub fn revokes_certificate(&self, certificate: &Certificate<'_>) -> bool {
        match self {
            RevokedKeys::List(list) => list.revokes_certificate(certificate),
            RevokedKeys::Lines(lines) => {
                lines.revokes_plain(certificate.authority()) || lines.revokes_plain(certificate.plain_key().key())
            }
        }
    }

    /// Authorities that trust as others do, and revoke this as well.
    #[must_use]
    pub fn added_to<'r>(&'r self, authorities: &'r dyn Authorities) -> WithRevoked<'r> {
        WithRevoked { authorities, revoked: self }
    }
}

/// Authorities and what is revoked beside: see [`RevokedKeys::added_to`].
#[derive(Clone, Copy)]
pub struct WithRevoked<'r> {
    authorities: &'r dyn Authorities,
    revoked: &'r RevokedKeys<'r>,
}

impl Authorities for WithRevoked<'_> {
    fn trusts(&self, ca: PublicKey<'_>) -> bool {
        self.authorities.trusts(ca)
    }
    fn revoked(&self, key: PublicKey<'_>) -> bool {
        self.authorities.revoked(key) || self.revoked.revokes_key(key)
    }
    fn revoked_certificate(&self, certificate: &Certificate<'_>) -> bool {
        self.authorities.revoked_certificate(certificate) || self.revoked.revokes_certificate(certificate)
    }
}

impl fmt::Debug for WithRevoked<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "WithRevoked({:?})", self.revoked)
    }
}

/// Public keys, one a line, each of which can be read. A certificate in a line stands for the key in it.
#[derive(Clone, Copy)]
pub struct RevokedLines<'a>(&'a [u8]);

impl<'a> RevokedLines<'a> {
    fn parse(text: &'a [u8]) -> Result<Self, BadRevocations> {
        for (line, text) in said(text) {
            let bad = |error| BadRevocations::Line(BadLine { line, why: Why::Key(error) });
            PublicKeyLine::parse(text).map_err(bad)?;
        }
        Ok(RevokedLines(text))
    }

    fn revokes_plain(&self, key: PublicKey<'_>) -> bool {
        said(self.0).any(|(_, text)| match PublicKeyLine::parse(text) {
            Ok(line) => match Certificate::parse(line.key().blob()) {
                Ok(certificate) => certificate.plain_key().key() == key,
                Err(_) => line.key() == key,
            },
            // It could be read before; now memory is out, and nobody knows.
            Err(_) => true,
        })
    }
}

/// The lines that are neither blank nor a comment. One that is not text says something as well: that it is not understood.
fn said(text: &[u8]) -> impl Iterator<Item = (usize, &str)> {
    let lines = (1_usize..).zip(text.split(|byte| *byte == b'\n'));
    let lines = lines.filter(|(_, line)| !line.trim_ascii().is_empty() && !lines::is_comment(line));
    lines.map(|(number, line)| (number, lines::meaning(line).unwrap_or_default()))
}

impl fmt::Debug for RevokedLines<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RevokedLines({} bytes)", self.0.len())
    }
}

/// A key revocation list that is understood to its last byte.
#[derive(Clone, Copy)]
pub struct Krl<'a> {
    version: u64,
    generated: u64,
    comment: &'a [u8],
    sections: Reader<'a>,
}

/// The first eight bytes.
const MAGIC: &[u8] = b"SSHKRL\n\0";

impl<'a> Krl<'a> {
    /// Reads a list.
    ///
    /// # Errors
    /// [`BadRevocations`]. Then nobody knows what is revoked, and nobody may come in.
    pub fn parse(bytes: &'a (impl AsRef<[u8]> + ?Sized)) -> Result<Self, BadRevocations> {
        let mut reader = Reader::new(bytes.as_ref());
        if reader.take(MAGIC.len()) != Ok(MAGIC) || reader.uint32() != Ok(1) {
            return Err(BadRevocations::Version);
        }
        let version = reader.uint64()?;
        let generated = reader.uint64()?;
        let _flags = reader.uint64()?;
        let _reserved = reader.string()?;
        let comment = reader.string()?;
        let krl = Krl { version, generated, comment, sections: reader };
        for entry in krl.entries() {
            entry?;
        }
        Ok(krl)
    }

    /// The number that whoever made it counts up.
    #[must_use]
    pub fn version(&self) -> u64 {
        self.version
    }

    /// When it was made, in seconds since 1970.
    #[must_use]
    pub fn generated(&self) -> crate::UnixTime {
        crate::UnixTime(self.generated)
    }

    /// Words of whoever made it.
    #[must_use]
    pub fn comment(&self) -> &'a [u8] {
        self.comment
    }

    fn revokes_certificate(&self, certificate: &Certificate<'_>) -> bool {
        let from = |ca: &[u8]| ca.is_empty() || ca == certificate.authority().blob();
        let serial = certificate.serial();
        let by_name = self.revocations().any(|revoked| match revoked {
            // 0 is the number of certificates that have none.
            Revoked::Serials { ca, first, last } => serial != 0 && (first..=last).contains(&serial) && from(ca),
            Revoked::Bitmap { ca, offset, bits } => serial != 0 && has_bit(bits, offset, serial) && from(ca),
            Revoked::KeyId { ca, id } => id == certificate.key_id() && from(ca),
            Revoked::Key(_) | Revoked::Sha1(_) | Revoked::Sha256(_) => false,
        });
        by_name || self.revokes_plain(certificate.authority()) || self.revokes_plain(certificate.plain_key().key())
    }

    fn revokes_plain(&self, key: PublicKey<'_>) -> bool {
        let sha1 = Sha1::digest(key.blob());
        let sha256 = Sha256::digest(key.blob());
        self.revocations().any(|revoked| match revoked {
            Revoked::Key(blob) => blob == key.blob(),
            Revoked::Sha1(hash) => hash == sha1.as_slice(),
            Revoked::Sha256(hash) => hash == sha256.as_slice(),
            Revoked::Serials { .. } | Revoked::Bitmap { .. } | Revoked::KeyId { .. } => false,
        })
    }

    fn revocations(&self) -> impl Iterator<Item = Revoked<'a>> + use<'a> {
        self.entries().map_while(Result::ok)
    }

    fn entries(&self) -> Entries<'a> {
        let nothing = Reader::new(&[]);
        Entries { sections: self.sections, ca: &[], certificates: nothing, list: (0, nothing) }
    }
}

impl fmt::Debug for Krl<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Krl(version {}, {} bytes)", self.version, self.sections.remaining())
    }
}

/// One thing that a list revokes. An empty `ca` is every authority.
enum Revoked<'a> {
    Key(&'a [u8]),
    Sha1(&'a [u8]),
    Sha256(&'a [u8]),
    Serials {
        ca: &'a [u8],
        first: u64,
        last: u64,
    },
    /// Bit n of a big-endian number is the serial `offset + n`.
    Bitmap {
        ca: &'a [u8],
        offset: u64,
        bits: &'a [u8],
    },
    KeyId {
        ca: &'a [u8],
        id: &'a [u8],
    },
}

/// Section types of PROTOCOL.krl, and the types of lists within a section of certificates.
mod section {
    pub(super) const CERTIFICATES: u8 = 1;
    pub(super) const EXPLICIT_KEY: u8 = 2;
    pub(super) const FINGERPRINT_SHA1: u8 = 3;
    pub(super) const FINGERPRINT_SHA256: u8 = 5;
    pub(super) const EXTENSION: u8 = 255;
    pub(super) const SERIAL_LIST: u8 = 0x20;
    pub(super) const SERIAL_RANGE: u8 = 0x21;
    pub(super) const SERIAL_BITMAP: u8 = 0x22;
    pub(super) const KEY_ID: u8 = 0x23;
    pub(super) const CERTIFICATE_EXTENSION: u8 = 0x39;
}

/// A walk through a list: sections, in a section of certificates lists, in each list entries.
struct Entries<'a> {
    sections: Reader<'a>,
    ca: &'a [u8],
    certificates: Reader<'a>,
    /// The type of the list at hand, and what is left of it.
    list: (u8, Reader<'a>),
}

impl<'a> Iterator for Entries<'a> {
    type Item = Result<Revoked<'a>, BadRevocations>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let step = if self.list.1.remaining() > 0 {
                self.entry().map(Some)
            } else if self.certificates.remaining() > 0 {
                self.enter_list().map(|()| None)
            } else if self.sections.remaining() > 0 {
                self.enter_section().map(|()| None)
            } else {
                return None;
            };
            match step {
                Ok(None) => {}
                Ok(Some(entry)) => return Some(Ok(entry)),
                Err(error) => {
                    // Nothing behind it means anything.
                    let nothing = Reader::new(&[]);
                    *self = Entries { sections: nothing, ca: &[], certificates: nothing, list: (0, nothing) };
                    return Some(Err(error));
                }
            }
        }
    }
}

impl<'a> Entries<'a> {
    fn enter_section(&mut self) -> Result<(), BadRevocations> {
        let number = self.sections.byte()?;
        let mut data = Reader::new(self.sections.string()?);
        match number {
            section::CERTIFICATES => {
                self.ca = data.string()?;
                let _reserved = data.string()?;
                self.certificates = data;
                Ok(())
            }
            section::EXPLICIT_KEY | section::FINGERPRINT_SHA1 | section::FINGERPRINT_SHA256 => {
                self.list = (number, data);
                Ok(())
            }
            section::EXTENSION => skip_extension(number, data),
            _ => Err(BadRevocations::Section(number)),
        }
    }

    fn enter_list(&mut self) -> Result<(), BadRevocations> {
        let number = self.certificates.byte()?;
        let data = Reader::new(self.certificates.string()?);
        match number {
            section::SERIAL_LIST | section::SERIAL_RANGE | section::SERIAL_BITMAP | section::KEY_ID => {
                self.list = (number, data);
                Ok(())
            }
            section::CERTIFICATE_EXTENSION => skip_extension(number, data),
            _ => Err(BadRevocations::Section(number)),
        }
    }

    fn entry(&mut self) -> Result<Revoked<'a>, BadRevocations> {
        let ca = self.ca;
        let (number, list) = &mut self.list;
        match *number {
            section::EXPLICIT_KEY => Ok(Revoked::Key(list.string()?)),
            section::FINGERPRINT_SHA1 => Ok(Revoked::Sha1(hash(list, 20)?)),
            section::FINGERPRINT_SHA256 => Ok(Revoked::Sha256(hash(list, 32)?)),
            section::SERIAL_LIST => {
                let serial = list.uint64()?;
                serials(ca, serial, serial)
            }
            section::SERIAL_RANGE => serials(ca, list.uint64()?, list.uint64()?),
            section::SERIAL_BITMAP => {
                let (offset, bits) = (list.uint64()?, list.string()?);
                list.end()?;
                bitmap(ca, offset, bits)
            }
            section::KEY_ID => Ok(Revoked::KeyId { ca, id: list.string()? }),
            other => Err(BadRevocations::Section(other)),
        }
    }
}

/// An extension is stepped over unless it says that it must not be.
fn skip_extension(number: u8, mut data: Reader<'_>) -> Result<(), BadRevocations> {
    let _name = data.string()?;
    let critical = data.boolean()?;
    let _contents = data.string()?;
    data.end()?;
    if critical { Err(BadRevocations::Section(number)) } else { Ok(()) }
}

fn hash<'a>(list: &mut Reader<'a>, length: usize) -> Result<&'a [u8], Malformed> {
    let hash = list.string()?;
    if hash.len() == length { Ok(hash) } else { Err(Malformed::Value) }
}

fn serials(ca: &[u8], first: u64, last: u64) -> Result<Revoked<'_>, BadRevocations> {
    if first == 0 || first > last {
        return Err(BadRevocations::Serial);
    }
    Ok(Revoked::Serials { ca, first, last })
}

/// The bitmap is an mpint, and positive.
fn bitmap<'a>(ca: &'a [u8], offset: u64, bits: &'a [u8]) -> Result<Revoked<'a>, BadRevocations> {
    if bits.first().is_some_and(|first| *first >= 0x80) {
        return Err(BadRevocations::Malformed(Malformed::Value));
    }
    let bits = crate::wire::minimal_magnitude(bits);
    let unset = bits.first().map_or(0, |first| first.leading_zeros());
    let used = u64::try_from(bits.len()).unwrap_or(u64::MAX).saturating_mul(8).saturating_sub(u64::from(unset));
    let past_the_end = used > 0 && offset.checked_add(used.saturating_sub(1)).is_none();
    if past_the_end || (offset == 0 && has_bit(bits, 0, 0)) {
        return Err(BadRevocations::Serial);
    }
    Ok(Revoked::Bitmap { ca, offset, bits })
}

fn has_bit(bits: &[u8], offset: u64, serial: u64) -> bool {
    let Some(bit) = serial.checked_sub(offset) else { return false };
    let byte = usize::try_from(bit / 8).ok().and_then(|at| bits.iter().rev().nth(at));
    byte.is_some_and(|byte| byte & 1_u8.wrapping_shl((bit % 8) as u32) != 0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::keys::ed25519_blob;
    use std::format;
    use std::vec;
    use std::vec::Vec;

    fn string(bytes: &[u8]) -> Vec<u8> {
        [&u32::try_from(bytes.len()).unwrap().to_be_bytes(), bytes].concat()
    }

    fn list(sections: &[u8]) -> Vec<u8> {
        let header = [MAGIC, &[0, 0, 0, 1], &[0; 7], &[9], &[0; 16]].concat();
        [header, string(b""), string(b"words"), sections.to_vec()].concat()
    }

    fn section(number: u8, data: &[u8]) -> Vec<u8> {
        [&[number][..], &string(data)].concat()
    }

    fn certificates(number: u8, data: &[u8]) -> Vec<u8> {
        section(section::CERTIFICATES, &[string(b""), string(b""), section(number, data)].concat())
    }

    fn error(sections: &[u8]) -> Option<BadRevocations> {
        RevokedKeys::parse(&list(sections)).err()
    }

    #[test]
    fn a_list_is_understood_whole_or_not_used() {
        let empty = list(b"");
        let krl = Krl::parse(&empty).unwrap();
        assert_eq!((krl.version(), krl.comment(), krl.generated().0), (9, &b"words"[..], 0));
        for end in 0..empty.len() {
            assert!(Krl::parse(&empty[..end]).is_err(), "{end}");
        }
        let mut version = empty;
        version[11] = 2;
        assert_eq!(Krl::parse(&version).err(), Some(BadRevocations::Version));
        let truncated = Some(BadRevocations::Malformed(Malformed::Truncated));
        let value = Some(BadRevocations::Malformed(Malformed::Value));
        let serial = Some(BadRevocations::Serial);
        let extension = |critical: u8| [string(b"x@y"), vec![critical], string(b"z")].concat();
        let numbers = |numbers: &[u64]| numbers.iter().flat_map(|n| n.to_be_bytes()).collect::<Vec<_>>();
        let map = |offset: u64, bits: &[u8]| [offset.to_be_bytes().to_vec(), string(bits)].concat();
        for (sections, expected) in [
            (section(4, b""), Some(BadRevocations::Section(4))),
            (section(6, b""), Some(BadRevocations::Section(6))),
            (certificates(0x24, b""), Some(BadRevocations::Section(0x24))),
            (section(255, &extension(0)), None),
            (section(255, &extension(1)), Some(BadRevocations::Section(255))),
            (section(255, &extension(7)), Some(BadRevocations::Section(255))),
            (certificates(0x39, &extension(0)), None),
            (certificates(0x39, &extension(1)), Some(BadRevocations::Section(0x39))),
            (section(1, b""), truncated),
            (section(2, b"\0\0\0\x02a"), truncated),
            (section(3, &string(&[0; 19])), value),
            (section(5, &string(&[0; 20])), value),
            (certificates(0x20, &numbers(&[1, 2])), None),
            (certificates(0x20, &numbers(&[1, 0])), serial),
            (certificates(0x20, &[0; 7]), truncated),
            (certificates(0x21, &numbers(&[1, u64::MAX])), None),
            (certificates(0x21, &numbers(&[2, 1])), serial),
            (certificates(0x21, &numbers(&[0, 1])), serial),
            (certificates(0x21, &numbers(&[1])), truncated),
            (certificates(0x22, &map(0, &[2])), None),
            (certificates(0x22, &map(0, &[1])), serial),
            (certificates(0x22, &map(u64::MAX, &[1])), None),
            (certificates(0x22, &map(u64::MAX, &[2])), serial),
            (certificates(0x22, &map(1, &[0x80])), value),
            (certificates(0x22, &map(1, b"")), None),
            (certificates(0x22, &[map(1, b""), map(1, b"")].concat()), Some(Malformed::Trailing.into())),
        ] {
            assert_eq!(error(&sections), expected, "{sections:x?}");
        }
    }

    #[test]
    fn bits_count_from_the_end() {
        let bits = [0x01, 0x80];
        let set: Vec<u64> = (0..40).filter(|serial| has_bit(&bits, 10, *serial)).collect();
        assert_eq!(set, [17, 18]);
        assert!(has_bit(&[1], u64::MAX, u64::MAX) && !has_bit(&[0xff], 5, u64::MAX));
    }

    #[test]
    fn lines_revoke_their_keys_and_one_that_cannot_be_read_is_an_error() {
        let (one, two) = (ed25519_blob(&[1; 32]), ed25519_blob(&[2; 32]));
        let line = PublicKey::new(&one).line("gone").unwrap();
        let text = format!("# revoked\n\n  {line}\r\n");
        let revoked = RevokedKeys::parse(&text).unwrap();
        assert!(revoked.revokes_key(PublicKey::new(&one)) && !revoked.revokes_key(PublicKey::new(&two)));
        assert!(!RevokedKeys::parse("").unwrap().revokes_key(PublicKey::new(&one)));
        let bad = RevokedKeys::parse(&format!("{line}\nssh-ed25519 AAAA\n")).map(|_| ());
        assert!(matches!(bad, Err(BadRevocations::Line(BadLine { line: 2, .. }))), "{bad:?}");
        assert!(RevokedKeys::parse(b"SSHKRL\n\x01").is_err());
        // In UTF-16 it is no empty file.
        assert!(RevokedKeys::parse(b"\xff\xfes\0s\0h\0").is_err());
        let comments = [b"# \xfc\n", line.as_bytes(), b" J\xfcrgen\n"].concat();
        assert!(RevokedKeys::parse(&comments).unwrap().revokes_key(PublicKey::new(&one)));
    }
}
