//! `known_hosts`: is this the host's key? (sshd(8), SSH_KNOWN_HOSTS FILE FORMAT)
//!
//! It answers and does not decide: an unknown key may be shown to a person, a changed one should end the connection.
//! It makes lines to append, and writes no file. Certificates are not checked here; lines of authorities are known as
//! such and never match a plain key.

use super::lines::{self, BadLine, Why};
use super::pattern::{self, Case, Verdict};
use crate::crypto::CryptoRng;
use crate::keys::encode::{self, BadBase64};
use crate::keys::{BadKeyLine, PublicKey, PublicKeyLine};
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;
use hmac::{Hmac, KeyInit, Mac};
use sha1::Sha1;

/// The text of one or more files, borrowed.
#[derive(Clone, Copy)]
pub struct KnownHosts<'a> {
    text: &'a [u8],
}

/// What the file says about a host and a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Known {
    /// The key is the host's.
    Match,
    /// The host is known, with other keys: somebody may stand in between. `line` is the first that says otherwise.
    /// A key of a type not seen before counts as changed, so that nobody in between can ask for a fresh start.
    #[non_exhaustive]
    Changed {
        /// Line number, from 1.
        line: usize,
    },
    /// Nothing is known about the host.
    Unknown,
    /// The key is marked as revoked for the host. It must not be accepted, whatever other lines say.
    Revoked,
}

/// What stands in front of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Marker {
    /// Nothing: the key is the host's.
    None,
    /// `@cert-authority`: the key signs host certificates.
    CertAuthority,
    /// `@revoked`: the key must not be used.
    Revoked,
}

/// One line.
#[derive(Clone, PartialEq, Eq)]
pub struct Entry<'a> {
    line: usize,
    marker: Marker,
    hosts: Hosts<'a>,
    key: PublicKeyLine<'a>,
}

#[derive(Clone, PartialEq, Eq)]
enum Hosts<'a> {
    List(&'a str),
    Hashed { salt: Vec<u8>, hash: Vec<u8> },
}

/// What cannot be written as a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum CannotWrite {
    /// The host: it is empty, too long, or has blanks, commas, brackets or pattern characters.
    Host,
    /// The key.
    Key(BadKeyLine),
}

impl fmt::Display for CannotWrite {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            CannotWrite::Host => {
                f.write_str("a host name with blanks, commas, brackets or wildcards cannot be written down")
            }
            CannotWrite::Key(error) => error.fmt(f),
        }
    }
}

impl core::error::Error for CannotWrite {}

impl<'a> KnownHosts<'a> {
    /// Takes the text. Several files can be one text; lines are then counted through.
    #[must_use]
    pub fn new(text: &'a (impl AsRef<[u8]> + ?Sized)) -> Self {
        KnownHosts { text: text.as_ref() }
    }

    /// Is `key` the key of `host` at `port`? Port 22 is the plain name; for other ports the name is `[host]:port`, and
    /// plain names do not speak for it (nor does `[host]:22` for the plain name).
    /// To ask for an address as well is to ask twice.
    #[must_use]
    pub fn check(&self, host: &str, port: u16, key: &[u8]) -> Known {
        let mut known = Known::Unknown;
        for entry in self.entries_for(host, port) {
            let same = entry.key().blob() == key;
            match (entry.marker, same, known) {
                (Marker::Revoked, true, _) => return Known::Revoked,
                (Marker::None, true, _) => known = Known::Match,
                (Marker::None, false, Known::Unknown) => known = Known::Changed { line: entry.line },
                _ => {}
            }
        }
        known
    }

    /// The lines that speak about a host, markers of all kinds. A client may offer first the algorithms whose keys it
    /// finds here, so that a server with several keys shows the known one.
    pub fn entries_for<'q>(&self, host: &'q str, port: u16) -> impl Iterator<Item = Entry<'a>> + use<'a, 'q> {
        let name = lookup_name(host, port);
        self.entries().filter(move |entry| entry.speaks_of(&name))
    }

    /// All lines that can be read.
    pub fn entries(&self) -> impl Iterator<Item = Entry<'a>> + use<'a> {
        lines::meaningful(self.text).filter_map(|(line, text)| Entry::parse(line, text).ok())
    }

    /// The lines that cannot be read and count as absent. If one was meant to revoke a key, the key is not revoked.
    pub fn malformed(&self) -> impl Iterator<Item = BadLine> + use<'a> {
        lines::meaningful(self.text).filter_map(|(line, text)| Entry::parse(line, text).err())
    }
}

impl fmt::Debug for KnownHosts<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "KnownHosts({} bytes)", self.text.len())
    }
}

impl<'a> Entry<'a> {
    /// Line number, from 1.
    #[must_use]
    pub fn line(&self) -> usize {
        self.line
    }

    /// What stands in front.
    #[must_use]
    pub fn marker(&self) -> Marker {
        self.marker
    }

    /// The key of the host, of the authority, or the revoked one.
    #[must_use]
    pub fn key(&self) -> PublicKey<'_> {
        self.key.key()
    }

    /// What stands behind the key.
    #[must_use]
    pub fn comment(&self) -> &'a str {
        self.key.comment()
    }

    fn parse(line: usize, text: &'a str) -> Result<Self, BadLine> {
        let bad = |why| BadLine { line, why };
        let (first, rest) = lines::word(text);
        let (marker, (hosts, key)) = match first {
            "@cert-authority" => (Marker::CertAuthority, lines::word(rest)),
            "@revoked" => (Marker::Revoked, lines::word(rest)),
            _ if first.starts_with('@') => return Err(bad(Why::Marker)),
            _ => (Marker::None, (first, rest)),
        };
        let hosts = Hosts::parse(hosts).ok_or(bad(Why::Hosts))?;
        let key = PublicKeyLine::parse(key).map_err(|error| bad(Why::Key(error)))?;
        Ok(Entry { line, marker, hosts, key })
    }

    fn speaks_of(&self, name: &str) -> bool {
        match &self.hosts {
            Hosts::List(patterns) => pattern::comma_list(patterns, name, Case::Fold) == Verdict::Match,
            Hosts::Hashed { salt, hash } => name_hash(salt, name).as_slice() == hash,
        }
    }
}

impl fmt::Debug for Entry<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Entry(line {}, {:?}, {:?})", self.line, self.marker, self.key)
    }
}

impl<'a> Hosts<'a> {
    /// `|1|salt|hash` stands alone; anything else is a pattern-list.
    fn parse(text: &'a str) -> Option<Self> {
        let Some(hashed) = text.strip_prefix('|') else {
            let readable = text.split(',').all(|pattern| pattern.len() <= pattern::MAX);
            return readable.then_some(Hosts::List(text));
        };
        let (salt, hash) = hashed.strip_prefix("1|")?.split_once('|')?;
        let bytes = |text| match encode::from_base64(text) {
            Ok(bytes) => Some(bytes).filter(|bytes| bytes.len() == HASH_LEN),
            Err(BadBase64::Text | BadBase64::OutOfMemory) => None,
        };
        Some(Hosts::Hashed { salt: bytes(salt)?, hash: bytes(hash)? })
    }
}

/// Length of SHA-1's output, and of the salt.
const HASH_LEN: usize = 20;

/// HMAC-SHA1 of the name, keyed with the salt. It hides names from a casual reader, and protects nothing else.
fn name_hash(salt: &[u8], name: &str) -> [u8; HASH_LEN] {
    // A key of any length is good for HMAC; the error cannot come.
    let Ok(mut mac) = Hmac::<Sha1>::new_from_slice(salt) else { return [0; HASH_LEN] };
    mac.update(name.as_bytes());
    mac.finalize().into_bytes().into()
}

/// The name under which a host stands in the file: lower case, and `[host]:port` if the port is not 22.
fn lookup_name(host: &str, port: u16) -> String {
    let host = host.to_ascii_lowercase();
    match port {
        0 | 22 => host,
        _ => format!("[{host}]:{port}"),
    }
}

/// The same for a name that is to be written: one that cannot end the field or become a pattern, marker or hash.
fn written_name(host: &str, port: u16) -> Result<String, CannotWrite> {
    let plain = |byte: u8| byte.is_ascii_graphic() && !b",*?!|#@[]".contains(&byte);
    if host.is_empty() || host.len() > 255 || !host.bytes().all(plain) {
        return Err(CannotWrite::Host);
    }
    Ok(lookup_name(host, port))
}

fn line(name: &str, key: PublicKey<'_>) -> Result<String, CannotWrite> {
    let key = key.line("").map_err(CannotWrite::Key)?;
    Ok(format!("{name} {key}\n"))
}

/// The line that makes `key` the key of `host` at `port`, to be appended to the file, with its newline. Whoever appends
/// it sees to it that the file ended with one.
///
/// # Errors
/// [`CannotWrite`].
pub fn line_for(host: &str, port: u16, key: PublicKey<'_>) -> Result<String, CannotWrite> {
    line(&written_name(host, port)?, key)
}

/// [`line_for`] with the name hashed (`HashKnownHosts yes`).
///
/// # Errors
/// [`CannotWrite`].
pub fn hashed_line_for(
    host: &str,
    port: u16,
    key: PublicKey<'_>,
    random: &mut dyn CryptoRng,
) -> Result<String, CannotWrite> {
    let name = written_name(host, port)?;
    let mut salt = [0; HASH_LEN];
    random.fill_bytes(&mut salt);
    let mut hashed = String::from("|1|");
    let out_of_memory = |_| CannotWrite::Key(BadKeyLine::OutOfMemory);
    encode::push_base64(&mut hashed, &salt).map_err(out_of_memory)?;
    hashed.push('|');
    encode::push_base64(&mut hashed, &name_hash(&salt, &name)).map_err(out_of_memory)?;
    line(&hashed, key)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crypto::{Random, Seed};
    use crate::keys::ed25519_blob;
    use std::string::ToString;

    fn blob(n: u8) -> [u8; 51] {
        ed25519_blob(&[n; 32])
    }

    fn text(n: u8) -> String {
        PublicKey::new(&blob(n)).line("").unwrap()
    }

    #[test]
    fn names_lists_patterns_and_ports() {
        let file = format!(
            "# the hosts\n\na.example,10.0.0.1 {}\n*.lab,!gate.lab {} a comment\n[a.example]:2222\t{}\r\n",
            text(1),
            text(2),
            text(3)
        );
        let known = KnownHosts::new(&file);
        let cases = [
            ("a.example", 22, 1, Known::Match),
            ("A.Example", 22, 1, Known::Match),
            ("a.example", 0, 1, Known::Match),
            ("10.0.0.1", 22, 1, Known::Match),
            ("10.0.0.11", 22, 1, Known::Unknown),
            ("a.example", 22, 2, Known::Changed { line: 3 }),
            ("a.example", 2222, 3, Known::Match),
            ("a.example", 2222, 1, Known::Changed { line: 5 }),
            ("a.example", 2223, 1, Known::Unknown),
            ("x.lab", 22, 2, Known::Match),
            ("gate.lab", 22, 2, Known::Unknown),
            ("x.lab", 2222, 2, Known::Unknown),
        ];
        for (host, port, key, expected) in cases {
            assert_eq!(known.check(host, port, &blob(key)), expected, "{host} {port} {key}");
        }
        assert_eq!(known.malformed().count(), 0);
        assert_eq!(known.entries().nth(1).map(|entry| (entry.line(), entry.comment())), Some((4, "a comment")));
    }

    #[test]
    fn a_match_is_found_behind_other_keys_and_revocation_wins_everywhere() {
        let file = format!("h {}\nh {}\n@revoked * {}\nh {}\n", text(1), text(2), text(3), text(3));
        let known = KnownHosts::new(&file);
        assert_eq!(known.check("h", 22, &blob(2)), Known::Match);
        assert_eq!(known.check("h", 22, &blob(3)), Known::Revoked);
        assert_eq!(known.check("other", 22, &blob(3)), Known::Revoked);
        assert_eq!(known.check("other", 22, &blob(1)), Known::Unknown);
        assert_eq!(known.check("h", 22, b""), Known::Changed { line: 1 });
    }

    #[test]
    fn an_authority_is_no_host_key() {
        let file = format!("@cert-authority *.example {}\n", text(1));
        let known = KnownHosts::new(&file);
        assert_eq!(known.check("a.example", 22, &blob(1)), Known::Unknown);
        assert_eq!(known.check("a.example", 22, &blob(2)), Known::Unknown);
        assert_eq!(known.entries_for("a.example", 22).next().map(|e| e.marker()), Some(Marker::CertAuthority));
    }

    #[test]
    fn lines_that_cannot_be_read_are_named_and_skipped() {
        let salt = "AAAAAAAAAAAAAAAAAAAAAAAAAAA=";
        let key = text(1);
        let bad = [
            "h".to_string(),
            "h ssh-ed25519".into(),
            "h ssh-ed25519 AAAA".into(),
            format!("@unknown h {key}"),
            format!("@revoked {key}"),
            format!("|1|{salt} {key}"),
            format!("|2|{salt}|{salt} {key}"),
            format!("|1|{salt}|AAAA {key}"),
            format!("{} {key}", "*".repeat(2000)),
        ];
        let file = bad.join("\n");
        let known = KnownHosts::new(&file);
        assert_eq!(known.entries().count(), 0);
        assert!(known.malformed().map(|bad| bad.line).eq(1..=bad.len()));
        assert!(known.malformed().all(|bad| bad.to_string().starts_with("line ")));
        assert_eq!(known.check("h", 22, &blob(1)), Known::Unknown);
    }

    #[test]
    fn lines_to_append_are_found_again() {
        let key = blob(1);
        let key = PublicKey::new(&key);
        assert_eq!(line_for("Host", 22, key).unwrap(), format!("host {}\n", text(1)));
        assert_eq!(line_for("host", 2222, key).unwrap(), format!("[host]:2222 {}\n", text(1)));
        assert_eq!(line_for("::1", 22, key).unwrap(), format!("::1 {}\n", text(1)));
        let mut random = Random::new(&Seed::new([3; 32]));
        for (host, port) in [("host", 22), ("host", 2222), ("fe80::1%eth0", 22)] {
            let plain = line_for(host, port, key).unwrap();
            let hashed = hashed_line_for(host, port, key, &mut random).unwrap();
            assert!(hashed.starts_with("|1|") && !hashed.contains(host));
            for line in [plain, hashed] {
                assert_eq!(KnownHosts::new(&line).check(host, port, key.blob()), Known::Match);
                assert_eq!(KnownHosts::new(&line).check(host, 23, key.blob()), Known::Unknown);
            }
        }
    }

    #[test]
    fn no_host_name_writes_more_than_its_own_line() {
        let key = blob(1);
        for host in ["", "a b", "a\nb", "a,b", "*", "a?", "!a", "|1|a", "#a", "@revoked", "[a]", "ü", &"a".repeat(256)]
        {
            assert_eq!(line_for(host, 22, PublicKey::new(&key)), Err(CannotWrite::Host), "{host:?}");
        }
        let no_type = CannotWrite::Key(BadKeyLine::Type);
        assert_eq!(line_for("a", 22, PublicKey::new(b"\0\0\0\x03a\nb")), Err(no_type));
    }
}
