//! The default provider: pure Rust, `no_std`, no C compiler, for every target.
//!
//! The primitives are the RustCrypto and dalek crates; how SSH puts them together is in `common`. Each file is one
//! primitive, this one the lists. All randomness comes from the argument, so that two runs from one seed are the same
//! byte for byte. Secrets are wiped when they go.

mod chacha;
mod ctr_hmac;
mod digest;
mod ed25519;
mod gcm;
mod mlkem;
mod poly1305;
mod x25519;

use super::common::chacha::{ChaChaDirection, ChaChaRow};
use super::common::ctr_hmac::{CtrHmac, CtrRow, HmacRow};
use super::common::curve25519::{Curve25519Client, Curve25519Row};
use super::common::ed25519::Ed25519Row;
use super::common::gcm::{GcmDirection, GcmRow};
use super::common::mlkem_hybrid::{MlKemHybridClient, MlKemHybridRow};
use super::common::{largest, state_bytes};
use super::{Cipher, CryptoError, Digest, Hash, KexMethod, Mac, Provider, SignatureAlgorithm};
use aes::Aes256;
use alloc::boxed::Box;
use core::mem::size_of;

use chacha::ChaCha20Poly1305;
use ctr_hmac::{AesCtr, HmacSha2};
use ed25519::Dalek;
use gcm::{Gcm128, Gcm256};
use mlkem::Seed768;
use x25519::Ephemeral;

/// The pure-Rust provider.
#[derive(Clone, Copy, Debug, Default)]
pub struct RustCrypto;

const KEX: &[&dyn KexMethod] = &[
    &MlKemHybridRow::<Seed768, Ephemeral>::new(),
    &Curve25519Row::<Ephemeral>::new("curve25519-sha256"),
    &Curve25519Row::<Ephemeral>::new("curve25519-sha256@libssh.org"),
];

const CIPHERS: &[&dyn Cipher] = &[
    &GcmRow::<Gcm256>::new("aes256-gcm@openssh.com"),
    &GcmRow::<Gcm128>::new("aes128-gcm@openssh.com"),
    &ChaChaRow::<ChaCha20Poly1305>::new(),
    &CtrRow::<AesCtr<Aes256>, HmacSha2>::new("aes256-ctr"),
];

const MACS: &[&dyn Mac] =
    &[&HmacRow::etm("hmac-sha2-256-etm@openssh.com", Hash::Sha256), &HmacRow::plain("hmac-sha2-256", Hash::Sha256)];

const SIGNATURES: &[&dyn SignatureAlgorithm] = &[&Ed25519Row::<Dalek>::new()];

impl Provider for RustCrypto {
    fn name(&self) -> &'static str {
        "rustcrypto"
    }
    fn kex(&self) -> &'static [&'static dyn KexMethod] {
        KEX
    }
    fn ciphers(&self) -> &'static [&'static dyn Cipher] {
        CIPHERS
    }
    fn macs(&self) -> &'static [&'static dyn Mac] {
        MACS
    }
    fn signatures(&self) -> &'static [&'static dyn SignatureAlgorithm] {
        SIGNATURES
    }
    fn digest(&self, hash: Hash) -> Result<Box<dyn Digest>, CryptoError> {
        digest::new(hash)
    }
    fn state_bytes(&self) -> usize {
        const KEX: usize =
            largest(&[size_of::<MlKemHybridClient<Seed768, Ephemeral>>(), size_of::<Curve25519Client<Ephemeral>>()]);
        const DIRECTION: usize = largest(&[
            size_of::<GcmDirection<Gcm256>>(),
            size_of::<GcmDirection<Gcm128>>(),
            size_of::<ChaChaDirection<ChaCha20Poly1305>>(),
            size_of::<CtrHmac<AesCtr<Aes256>, HmacSha2>>(),
        ]);
        state_bytes(KEX, DIRECTION, DIRECTION, digest::BYTES)
    }
}

#[cfg(test)]
mod tests {
    use super::super::common::vectors;
    use super::*;

    #[test]
    fn gcm_gives_the_answers_of_nist_and_wycheproof() {
        vectors::gcm::<Gcm128>();
        vectors::gcm::<Gcm256>();
    }

    #[test]
    fn counter_mode_gives_the_answers_of_sp_800_38a() {
        vectors::keystream::<AesCtr<Aes256>>();
    }

    #[test]
    fn hmac_gives_the_answers_of_rfc_4231_and_wycheproof() {
        vectors::hmac::<HmacSha2>(&[Hash::Sha256, Hash::Sha512]);
    }
}
