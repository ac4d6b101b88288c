//! Host key rotation (OpenSSH PROTOCOL, section 2.5): a server tells all its host keys, and proves that it holds those that
//! a client asks about.
//!
//! Each signature covers `string "hostkeys-prove-00@openssh.com", string session_id, string hostkey`. A client learns a key
//! only behind its proof: what [`HostKeys`](crate::channel::Global::HostKeys) says, anybody can say.

use super::{PublicKey, SignatureBlob};
use crate::crypto::{Hash, Provider};
use crate::wire::{Reader, Sink, SliceSink, put_string};
use alloc::vec::Vec;

/// The request by which keys are to be proved, and the text in front of what is signed.
pub(crate) const PROVE: &str = "hostkeys-prove-00@openssh.com";

/// The longest host key that can be proved: a certificate's blob may be 8 KiB.
pub(crate) const KEY_MAX: usize = 8 * 1024;

/// The reply to a [`HostKeysProve`](crate::channel::Global::HostKeysProve): one signature for each key, in order.
#[derive(Clone, Copy)]
pub struct HostKeyProofs<'a> {
    reply: &'a [u8],
}

impl<'a> HostKeyProofs<'a> {
    /// Takes the `data` of the `Replied` event.
    #[must_use]
    pub fn new(reply: &'a [u8]) -> Self {
        HostKeyProofs { reply }
    }

    /// Whether every one of these keys, which were asked about in this order, is proved, and nothing stands behind. `false`
    /// for anything else: none of the keys is to be learned then.
    #[must_use]
    pub fn prove<'k>(
        &self,
        keys: impl IntoIterator<Item = PublicKey<'k>>,
        session_id: &[u8],
        provider: &dyn Provider,
    ) -> bool {
        let mut reader = Reader::new(self.reply);
        let mut message = Vec::new();
        for key in keys {
            let Ok(blob) = reader.string() else { return false };
            let Some(message) = write(&mut message, session_id, key.blob()) else { return false };
            if !verifies(provider, key, message, blob) {
                return false;
            }
        }
        reader.is_empty()
    }
}

impl core::fmt::Debug for HostKeyProofs<'_> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "HostKeyProofs({} bytes)", self.reply.len())
    }
}

/// The algorithm is the one that the signature names: an RSA key has several.
fn verifies(provider: &dyn Provider, key: PublicKey<'_>, message: &[u8], blob: &[u8]) -> bool {
    let Ok(name) = SignatureBlob::named(blob) else { return false };
    let mut rows = provider.signatures().iter().filter(|row| row.certified().is_none() && row.name() == name);
    rows.any(|row| row.for_hosts() && row.accepts(key.blob()) && row.verify(key.blob(), message, blob).is_ok())
}

/// Writes what is signed into `into`, whose room is reused. `None` for a key that is too long, or without memory.
pub(crate) fn write<'m>(into: &'m mut Vec<u8>, session_id: &[u8], key: &[u8]) -> Option<&'m [u8]> {
    if key.len() > KEY_MAX || session_id.len() > Hash::MAX {
        return None;
    }
    let length = [PROVE.as_bytes(), session_id, key]
        .iter()
        .fold(0_usize, |sum, s| sum.saturating_add(s.len()).saturating_add(4));
    into.clear();
    into.try_reserve_exact(length).ok()?;
    into.resize(length, 0);
    let mut sink = SliceSink::new(into);
    put(&mut sink, session_id, key);
    sink.written()?;
    Some(into)
}

fn put(sink: &mut dyn Sink, session_id: &[u8], key: &[u8]) {
    [PROVE.as_bytes(), session_id, key].into_iter().for_each(|string| put_string(sink, string));
}
