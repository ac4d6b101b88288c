//! From a shared secret to keys (RFC 4253, section 7.2), and how much a key may still protect.

use super::negotiate::Suite;
use crate::connection::config::Settings;
use crate::crypto::{CryptoError, Digest, DirectionKeys, Hash, Open, Seal, SecretEncoding, SharedSecret};
use crate::wire::{Sink, put_mpint, put_string};
use alloc::boxed::Box;
use zeroize::Zeroizing;

/// Lets a hash take encoded values.
pub(crate) struct Hashing<'a>(pub(crate) &'a mut dyn Digest);

impl Sink for Hashing<'_> {
    fn put(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }
}

/// Writes `K` as the method encodes it.
pub(crate) fn put_secret(sink: &mut dyn Sink, secret: &SharedSecret, encoding: SecretEncoding) {
    match encoding {
        SecretEncoding::Mpint => put_mpint(sink, secret.as_bytes()),
        SecretEncoding::String => put_string(sink, secret.as_bytes()),
    }
}

/// What the keys of one exchange are derived from. The hash is the one of its kex method.
/// "The same hash algorithm MUST be used in key derivation" (RFC 4253, section 7.2).
pub(crate) struct Derive<'a> {
    pub(crate) digest: &'a mut dyn Digest,
    pub(crate) hash: Hash,
    pub(crate) secret: &'a SharedSecret,
    pub(crate) encoding: SecretEncoding,
    /// `H` of this exchange.
    pub(crate) exchange: &'a [u8],
    pub(crate) session: &'a [u8],
}

/// The longest key any cipher or MAC asks for.
const LONGEST: usize = 64;

impl Derive<'_> {
    /// `HASH(K || H || letter || session_id)`, and `HASH(K || H || K1 || …)` for what is longer.
    fn key(&mut self, letter: u8, out: &mut [u8]) {
        let mut block = Zeroizing::new([0; Hash::MAX]);
        let mut done = 0_usize;
        // "Encryption keys MUST be computed as HASH, of a known value and K"; "Key data MUST be taken from the
        // beginning of the hash output" (RFC 4253, section 7.2).
        while done < out.len() {
            put_secret(&mut Hashing(self.digest), self.secret, self.encoding);
            self.digest.update(self.exchange);
            if done == 0 {
                self.digest.update(&[letter]);
                self.digest.update(self.session);
            } else {
                self.digest.update(out.get(..done).unwrap_or_default());
            }
            self.digest.finish(&mut block);
            let n = self.hash.len().min(out.len().saturating_sub(done));
            let end = done.saturating_add(n);
            if let (Some(place), Some(bytes)) = (out.get_mut(done..end), block.get(..n)) {
                place.copy_from_slice(bytes);
            }
            done = end;
        }
    }

    fn material(&mut self, suite: &Suite, letters: [u8; 3]) -> Result<Material, CryptoError> {
        let mut material = Material {
            bytes: Zeroizing::new([[0; LONGEST]; 3]),
            lens: [suite.cipher.iv_len(), suite.cipher.key_len(), suite.mac.map_or(0, |mac| mac.key_len())],
        };
        for ((letter, place), len) in letters.into_iter().zip(material.bytes.iter_mut()).zip(material.lens) {
            self.key(letter, place.get_mut(..len).ok_or(CryptoError::Failed)?);
        }
        Ok(material)
    }

    /// The sealing direction of this suite; the letters are those of its direction.
    pub(crate) fn seal(&mut self, suite: &Suite, client_to_server: bool) -> Result<Box<dyn Seal>, CryptoError> {
        let material = self.material(suite, letters(client_to_server))?;
        suite.cipher.seal(&material.keys(), suite.mac)
    }

    /// The opening direction of this suite.
    pub(crate) fn open(&mut self, suite: &Suite, client_to_server: bool) -> Result<Box<dyn Open>, CryptoError> {
        let material = self.material(suite, letters(client_to_server))?;
        suite.cipher.open(&material.keys(), suite.mac)
    }
}

/// Letters of IV, encryption key and integrity key (RFC 4253, section 7.2).
fn letters(client_to_server: bool) -> [u8; 3] {
    if client_to_server { *b"ACE" } else { *b"BDF" }
}

struct Material {
    bytes: Zeroizing<[[u8; LONGEST]; 3]>,
    lens: [usize; 3],
}

impl Material {
    fn keys(&self) -> DirectionKeys<'_> {
        let [iv, key, mac] = &*self.bytes;
        let [iv_len, key_len, mac_len] = self.lens;
        DirectionKeys {
            key: key.get(..key_len).unwrap_or_default(),
            iv: iv.get(..iv_len).unwrap_or_default(),
            mac: mac.get(..mac_len).unwrap_or_default(),
        }
    }
}

/// What the keys of one direction have protected since they came into force.
#[derive(Debug, Default, Clone, Copy)]
pub(crate) struct Usage {
    pub(crate) bytes: u64,
    pub(crate) packets: u64,
}

impl Usage {
    pub(crate) fn add(&mut self, bytes: usize) {
        self.bytes = self.bytes.saturating_add(bytes as u64);
        self.packets = self.packets.saturating_add(1);
    }

    /// Whether a re-exchange is due: by the configuration, the cipher's strength (RFC 4344, section 3.2) or the number
    /// of packets (section 3.1).
    pub(crate) fn spent(&self, settings: &Settings, suite: &Suite) -> bool {
        self.bytes >= settings.rekey_bytes.min(suite.cipher.bytes_per_key()) || self.packets >= settings.rekey_packets
    }
}
