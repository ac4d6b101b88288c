//! The fast provider: AWS-LC by `aws-lc-rs`. Needs `std` and a C compiler.
//!
//! It offers what the default provider offers, in the same order and with the same bytes on the wire; how SSH puts the
//! primitives together is in `common`. Two things differ, since AWS-LC does them itself:
//!
//! * It draws its ML-KEM keys and secrets from its own generator, so that two runs from one seed are not the same byte
//!   for byte. X25519 keys come from the argument.
//! * Its own heap, in C and in `aws-lc-rs`, is not allocated fallibly. [`Provider::state_bytes`] counts it.

mod chacha;
mod ctr_hmac;
mod digest;
mod ed25519;
mod gcm;
mod mlkem;
mod x25519;

use super::common::chacha::{ChaChaDirection, ChaChaRow};
use super::common::ctr_hmac::{CtrHmac, CtrRow, HmacRow};
use super::common::curve25519::{Curve25519Client, Curve25519Row};
use super::common::ed25519::Ed25519Row;
use super::common::gcm::{GcmDirection, GcmRow};
use super::common::mlkem_hybrid::{MlKemHybridClient, MlKemHybridRow};
use super::common::{largest, state_bytes};
use super::{Cipher, CryptoError, Digest, Hash, KexMethod, Mac, Provider, SignatureAlgorithm};
use alloc::boxed::Box;
use core::mem::size_of;

use chacha::ChaCha20Poly1305;
use ctr_hmac::{Aes256Ctr, HmacSha2};
use ed25519::Ed25519Verify;
use gcm::{Gcm128, Gcm256};
use mlkem::Decapsulation;
use x25519::Ephemeral;

/// The AWS-LC provider.
#[derive(Clone, Copy, Debug, Default)]
pub struct AwsLc;

const KEX: &[&dyn KexMethod] = &[
    &MlKemHybridRow::<Decapsulation, Ephemeral>::new(),
    &Curve25519Row::<Ephemeral>::new("curve25519-sha256"),
    &Curve25519Row::<Ephemeral>::new("curve25519-sha256@libssh.org"),
];

const CIPHERS: &[&dyn Cipher] = &[
    &GcmRow::<Gcm256>::new("aes256-gcm@openssh.com"),
    &GcmRow::<Gcm128>::new("aes128-gcm@openssh.com"),
    &ChaChaRow::<ChaCha20Poly1305>::new(),
    &CtrRow::<Aes256Ctr, HmacSha2>::new("aes256-ctr"),
];

const MACS: &[&dyn Mac] =
    &[&HmacRow::etm("hmac-sha2-256-etm@openssh.com", Hash::Sha256), &HmacRow::plain("hmac-sha2-256", Hash::Sha256)];

const SIGNATURES: &[&dyn SignatureAlgorithm] = &[&Ed25519Row::<Ed25519Verify>::new()];

impl Provider for AwsLc {
    fn name(&self) -> &'static str {
        "aws-lc"
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
        const KEX: usize = largest(&[
            size_of::<MlKemHybridClient<Decapsulation, Ephemeral>>(),
            size_of::<Curve25519Client<Ephemeral>>(),
        ]);
        const DIRECTION: usize = largest(&[
            size_of::<GcmDirection<Gcm256>>().saturating_add(gcm::C_HEAP),
            size_of::<GcmDirection<Gcm128>>().saturating_add(gcm::C_HEAP),
            size_of::<ChaChaDirection<ChaCha20Poly1305>>(),
            size_of::<CtrHmac<Aes256Ctr, HmacSha2>>(),
        ]);
        let kex = KEX.saturating_add(mlkem::C_HEAP).saturating_add(x25519::C_HEAP);
        state_bytes(kex, DIRECTION, DIRECTION, digest::BYTES.saturating_add(digest::C_HEAP))
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
        vectors::keystream::<Aes256Ctr>();
    }

    #[test]
    fn hmac_gives_the_answers_of_rfc_4231_and_wycheproof() {
        vectors::hmac::<HmacSha2>(&[Hash::Sha256, Hash::Sha384, Hash::Sha512]);
    }
}
