//! The same checks on every provider: known answers, agreement byte for byte, refusals.
//!
//! Packets are compared with an oracle that `packets` builds from the specifications and the plain libraries, and then
//! between the providers. Primitives whose vectors do not fit into packets have them beside their code
//! (`crypto/common/vectors.rs`).
#![cfg(feature = "rustcrypto")]
#![allow(clippy::disallowed_methods, clippy::disallowed_macros, reason = "tests")]

mod ecdsa;
mod ed25519;
mod exchange;
mod hashes;
mod heap;
mod kex;
#[cfg(feature = "mldsa")]
mod mldsa;
#[cfg(feature = "null_provider")]
mod null;
mod packets;
mod rsa;
mod security_keys;
mod signatures;

use core::convert::Infallible;
use rand_core::{TryCryptoRng, TryRng};
use sansh::crypto::{Hash, Provider, Random, SecretEncoding, Seed};

fn providers() -> Vec<&'static dyn Provider> {
    vec![
        &sansh::crypto::rustcrypto::RustCrypto,
        #[cfg(feature = "aws_lc")]
        &sansh::crypto::aws_lc::AwsLc,
    ]
}

/// Every provider with every provider, itself included.
fn pairs() -> Vec<(&'static dyn Provider, &'static dyn Provider)> {
    providers().into_iter().flat_map(|a| providers().into_iter().map(move |b| (a, b))).collect()
}

fn hex(text: &str) -> Vec<u8> {
    let digits: Vec<u8> = text.bytes().filter(|b| !b.is_ascii_whitespace()).collect();
    digits.chunks_exact(2).map(|two| u8::from_str_radix(core::str::from_utf8(two).unwrap(), 16).unwrap()).collect()
}

fn random(seed: u8) -> Random {
    Random::new(&Seed::new([seed; 32]))
}

fn bytes(seed: u8, n: usize) -> Vec<u8> {
    let mut bytes = vec![0; n];
    random(seed).fill(&mut bytes);
    bytes
}

/// These byte strings, each behind its length (RFC 4251, section 5).
fn strings(fields: &[&[u8]]) -> Vec<u8> {
    fields.iter().flat_map(|field| [&(field.len() as u32).to_be_bytes(), *field].concat()).collect()
}

/// Gives these bytes, and nothing behind them.
struct Fixed<'a>(&'a [u8]);

impl TryRng for Fixed<'_> {
    type Error = Infallible;
    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        let mut four = [0; 4];
        self.try_fill_bytes(&mut four).map(|()| u32::from_le_bytes(four))
    }
    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        let mut eight = [0; 8];
        self.try_fill_bytes(&mut eight).map(|()| u64::from_le_bytes(eight))
    }
    fn try_fill_bytes(&mut self, into: &mut [u8]) -> Result<(), Infallible> {
        let (now, later) = self.0.split_at(into.len());
        into.copy_from_slice(now);
        self.0 = later;
        Ok(())
    }
}

impl TryCryptoRng for Fixed<'_> {}

#[test]
fn every_provider_offers_the_same_key_exchanges_in_the_same_order() {
    for provider in providers() {
        let kex: Vec<_> =
            provider.kex().iter().map(|k| (k.name(), k.hash(), k.secret_encoding(), k.public_len())).collect();
        let mpint = |name, hash, length| (name, hash, SecretEncoding::Mpint, length);
        let hybrid = |name, hash, length| (name, hash, SecretEncoding::String, length);
        assert_eq!(
            kex,
            vec![
                hybrid("mlkem768x25519-sha256", Hash::Sha256, 1216),
                #[cfg(feature = "sntrup761")]
                hybrid("sntrup761x25519-sha512", Hash::Sha512, 1190),
                #[cfg(feature = "sntrup761")]
                hybrid("sntrup761x25519-sha512@openssh.com", Hash::Sha512, 1190),
                hybrid("mlkem768nistp256-sha256", Hash::Sha256, 1249),
                mpint("curve25519-sha256", Hash::Sha256, 32),
                mpint("curve25519-sha256@libssh.org", Hash::Sha256, 32),
                mpint("ecdh-sha2-nistp256", Hash::Sha256, 65),
                mpint("ecdh-sha2-nistp384", Hash::Sha384, 97),
                mpint("ecdh-sha2-nistp521", Hash::Sha512, 133),
                mpint("diffie-hellman-group16-sha512", Hash::Sha512, 513),
                mpint("diffie-hellman-group18-sha512", Hash::Sha512, 1025),
                mpint("diffie-hellman-group14-sha256", Hash::Sha256, 257),
                mpint("diffie-hellman-group-exchange-sha256", Hash::Sha256, 1025),
            ]
        );
        let unasked: Vec<_> = provider.kex().iter().filter(|k| !k.by_default()).map(|k| k.name()).collect();
        assert_eq!(unasked, ["diffie-hellman-group-exchange-sha256"]);
    }
}
