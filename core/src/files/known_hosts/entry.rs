//! One line: a marker, host names, a key.

use super::name::{HASH_LEN, name_hash};
use crate::files::lines::{self, Why};
use crate::files::pattern::{self, Case, Verdict};
use crate::keys::encode::{self, BadBase64};
use crate::keys::{PublicKey, PublicKeyLine};
use alloc::vec::Vec;
use core::fmt;

/// What stands in front of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Marker {
    /// Nothing: the key is the host's.
    None,
    /// `@cert-authority`: the key signs host certificates.
    CertAuthority,
    /// `@revoked`: the key must not be used, not for a host and not by an authority.
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
pub(super) enum Hosts<'a> {
    List(&'a str),
    Hashed { salt: Vec<u8>, hash: Vec<u8> },
}

/// The most names and patterns on a line.
const MAX_NAMES: usize = 1024;

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

    /// The names and patterns with commas between them, or `None` if they are hashed.
    #[must_use]
    pub fn names(&self) -> Option<&'a str> {
        match self.hosts {
            Hosts::List(names) => Some(names),
            Hosts::Hashed { .. } => None,
        }
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

    pub(super) fn parse(line: usize, text: &'a str) -> Result<Self, Why> {
        let (first, rest) = lines::word(text);
        let (marker, (hosts, key)) = match first {
            "@cert-authority" => (Marker::CertAuthority, lines::word(rest)),
            "@revoked" => (Marker::Revoked, lines::word(rest)),
            _ if first.starts_with('@') => return Err(Why::Marker),
            _ => (Marker::None, (first, rest)),
        };
        let hosts = Hosts::parse(hosts).ok_or(Why::Hosts)?;
        let key = PublicKeyLine::parse(key).map_err(Why::Key)?;
        Ok(Entry { line, marker, hosts, key })
    }

    /// Whether the line is about the host with this lookup name.
    pub(super) fn speaks_of(&self, name: &str) -> bool {
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
            return (readable && text.split(',').count() <= MAX_NAMES).then_some(Hosts::List(text));
        };
        let (salt, hash) = hashed.strip_prefix("1|")?.split_once('|')?;
        let bytes = |text| match encode::from_base64(text) {
            Ok(bytes) => Some(bytes).filter(|bytes| bytes.len() == HASH_LEN),
            Err(BadBase64::Text | BadBase64::OutOfMemory) => None,
        };
        Some(Hosts::Hashed { salt: bytes(salt)?, hash: bytes(hash)? })
    }
}
