//! Whose certificates a host may show.

use super::{Entry, KnownHosts, Marker, lookup_name};
use crate::keys::PublicKey;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

/// The authorities of a host, out of one file or several, and what is revoked for it. Revocation wins, in whatever file
/// it stands.
#[derive(Clone, PartialEq, Eq)]
pub struct HostAuthorities {
    name: String,
    trusted: Vec<Vec<u8>>,
    revoked: Vec<Vec<u8>>,
}

impl HostAuthorities {
    pub(super) fn of(known: KnownHosts<'_>, host: &str, port: u16) -> Self {
        let none = HostAuthorities { name: lookup_name(host, port), trusted: Vec::new(), revoked: Vec::new() };
        none.and(known)
    }

    /// What a further file says about the same host is added.
    #[must_use]
    pub fn and(mut self, known: KnownHosts<'_>) -> Self {
        let name = core::mem::take(&mut self.name);
        for entry in known.entries().filter(|entry: &Entry<'_>| entry.speaks_of(&name)) {
            match entry.marker() {
                Marker::CertAuthority => self.trusted.push(entry.key().blob().to_vec()),
                Marker::Revoked => self.revoked.push(entry.key().blob().to_vec()),
                Marker::None => {}
            }
        }
        self.name = name;
        self
    }

    /// Whether there is none: a client then need not ask for certificates.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.trusted.is_empty()
    }

    /// Whether certificates of this authority count. One that is revoked is not trusted.
    #[must_use]
    pub fn trusts(&self, ca: PublicKey<'_>) -> bool {
        self.trusted.iter().any(|blob| blob == ca.blob()) && !self.revoked(ca)
    }

    /// Whether a key is revoked for the host: an authority's, or the one in a certificate.
    #[must_use]
    pub fn revoked(&self, key: PublicKey<'_>) -> bool {
        self.revoked.iter().any(|blob| blob == key.blob())
    }
}

impl fmt::Debug for HostAuthorities {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "HostAuthorities({}, {} trusted, {} revoked)", self.name, self.trusted.len(), self.revoked.len())
    }
}
