//! The certified key, taken out of its certificate.

use super::blob::CertificateType;
use crate::keys::PublicKey;
use crate::wire::Sink as _;
use crate::wire::{SliceSink, put_string};
use core::fmt;

/// The plain key of a certificate, as a blob in a fixed room.
#[derive(Clone)]
pub struct PlainKey {
    bytes: [u8; Self::MAX],
    len: usize,
}

impl PlainKey {
    /// The room, in bytes: enough for an RSA key of 8192 bits (1,060 bytes with a usual exponent) and for ML-DSA-44 with
    /// Ed25519 (1,383 bytes).
    pub const MAX: usize = 2112;

    /// The key.
    #[must_use]
    pub fn key(&self) -> PublicKey<'_> {
        PublicKey::new(self.bytes.get(..self.len).unwrap_or_default())
    }

    /// The key's blob.
    #[must_use]
    pub fn blob(&self) -> &[u8] {
        self.key().blob()
    }

    pub(super) fn fits(certificate: &CertificateType, fields: &[u8]) -> bool {
        let length_field = 4_usize;
        length_field.saturating_add(certificate.plain.len()).saturating_add(fields.len()) <= Self::MAX
    }

    /// `string type` and the fields, which [`fits`](Self::fits).
    pub(super) fn new(certificate: &CertificateType, fields: &[u8]) -> Self {
        let mut plain = PlainKey { bytes: [0; Self::MAX], len: 0 };
        let mut sink = SliceSink::new(&mut plain.bytes);
        put_string(&mut sink, certificate.plain.as_bytes());
        sink.put(fields);
        plain.len = sink.written().unwrap_or_default();
        plain
    }
}

impl fmt::Display for PlainKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.key(), f)
    }
}

impl fmt::Debug for PlainKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.key(), f)
    }
}
