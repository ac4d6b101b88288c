//! `known_hosts`: is this the host's key? (sshd(8), SSH_KNOWN_HOSTS FILE FORMAT)
//!
//! It answers and does not decide: an unknown key may be shown to a person, a changed one should end the connection.
//! It makes lines to append and texts with lines changed or taken out, and writes no file. Certificates are not checked
//! here: [`KnownHosts::authorities`] says whose certificates a host may show, and lines of authorities never match a
//! plain key.

use super::lines::{self, BadLine};

use alloc::collections::BTreeSet;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

mod authorities;
mod edit;
mod entry;
mod name;
mod write;

pub use authorities::HostAuthorities;
pub use edit::{Edited, hash_names, remove, replace};
pub use entry::{Entry, Marker};
pub use name::SALT_LEN;
pub use write::{CannotWrite, add_line, hashed_line_for, line_for};

use name::lookup_name;

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

impl Known {
    /// What two files say together: a revocation in one counts, then a match, for a host may have several keys, then a
    /// change. Of two changes the first is told.
    #[must_use]
    pub fn and(self, other: Known) -> Known {
        if other.weight() > self.weight() { other } else { self }
    }

    fn weight(self) -> u8 {
        match self {
            Known::Unknown => 0,
            Known::Changed { .. } => 1,
            Known::Match => 2,
            Known::Revoked => 3,
        }
    }
}

impl<'a> KnownHosts<'a> {
    /// Takes the text. Several files can be one text; lines are then counted through.
    #[must_use]
    pub fn new(text: &'a (impl AsRef<[u8]> + ?Sized)) -> Self {
        KnownHosts { text: text.as_ref() }
    }

    /// Is `key` the key of `host` at `port`? Port 22 is the plain name; for other ports the name is `[host]:port`, and
    /// plain names do not speak for it (nor does `[host]:22` for the plain name).
    /// To ask for an address as well is to ask twice; [`Known::and`] puts answers together.
    #[must_use]
    pub fn check(&self, host: &str, port: u16, key: &[u8]) -> Known {
        let mut known = Known::Unknown;
        for entry in self.entries_for(host, port) {
            let same = entry.key().blob() == key;
            match (entry.marker(), same) {
                (Marker::Revoked, true) => return Known::Revoked,
                (Marker::None, true) => known = Known::Match,
                (Marker::None, false) => known = known.and(Known::Changed { line: entry.line() }),
                _ => {}
            }
        }
        known
    }

    /// The lines that speak about a host, markers of all kinds.
    pub fn entries_for<'q>(&self, host: &'q str, port: u16) -> impl Iterator<Item = Entry<'a>> + use<'a, 'q> {
        let name = lookup_name(host, port);
        self.entries().filter(move |entry| entry.speaks_of(&name))
    }

    /// The types of the keys that the host is known by, each once, in the order of the file; keys that are revoked for
    /// it are left out. A client that puts their algorithms in front of its proposal is shown a key that it knows by a
    /// server with several; whoever sees the proposal can then tell hosts that are known from hosts that are not
    /// (CVE-2020-14145).
    #[must_use]
    pub fn key_types(&self, host: &str, port: u16) -> Vec<String> {
        let marked = |marker| self.entries_for(host, port).filter(move |entry| entry.marker() == marker);
        let revoked: BTreeSet<Vec<u8>> = marked(Marker::Revoked).map(|entry| entry.key().blob().to_vec()).collect();
        let mut types: Vec<String> = Vec::new();
        for entry in marked(Marker::None).filter(|entry| !revoked.contains(entry.key().blob())) {
            let name = entry.key().key_type();
            if !types.iter().any(|known| known == name) {
                types.push(String::from(name));
            }
        }
        types
    }

    /// Whose certificates `host` at `port` may show. A certificate names hosts too: whoever checks it compares `host`
    /// with them.
    #[must_use]
    pub fn authorities(&self, host: &str, port: u16) -> HostAuthorities {
        HostAuthorities::of(*self, host, port)
    }

    /// All lines that can be read.
    pub fn entries(&self) -> impl Iterator<Item = Entry<'a>> + use<'a> {
        lines::meaningful(self.text).filter_map(|line| lines::parsed(line, Entry::parse).ok())
    }

    /// The lines that cannot be read and count as absent. If one was meant to revoke a key, the key is not revoked.
    pub fn malformed(&self) -> impl Iterator<Item = BadLine> + use<'a> {
        lines::meaningful(self.text).filter_map(|line| lines::parsed(line, Entry::parse).err())
    }
}

impl fmt::Debug for KnownHosts<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "KnownHosts({} bytes)", self.text.len())
    }
}

#[cfg(test)]
mod tests;
