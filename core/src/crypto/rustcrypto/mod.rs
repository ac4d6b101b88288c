//! The default provider: pure Rust, `no_std`, no C compiler, for every target.
//!
//! The primitives are the RustCrypto and dalek crates; how SSH puts them together is in `common`. Each file is one
//! primitive, this one the lists. All randomness comes from the argument, so that two runs from one seed are the same
//! byte for byte. Secrets are wiped when they go.

mod chacha;
mod ctr_hmac;
mod digest;
mod ecdsa;
mod ed25519;
mod gcm;
mod mlkem;
mod nist;
mod poly1305;
mod rsa;
mod x25519;

use super::common::certified::CertifiedRow;
use super::common::chacha::{ChaChaDirection, ChaChaRow};
use super::common::ctr_hmac::{CtrHmac, CtrRow, HmacRow};
use super::common::ecdh::{EcdhClient, EcdhRow};
use super::common::ecdsa::EcdsaRow;
use super::common::ed25519::Ed25519Row;
use super::common::gcm::{GcmDirection, GcmRow};
use super::common::hybrid::{HybridClient, HybridRow};
#[cfg(feature = "mldsa")]
use super::common::mldsa::MlDsaEd25519Row;
use super::common::modp::{GroupExchangeClient, GroupExchangeRow, ModpRow};
use super::common::rsa::RsaRow;
use super::common::security_key::{SkEcdsaRow, SkEd25519Row};
#[cfg(feature = "sntrup761")]
use super::common::sntrup761::Sntrup761;
use super::common::webauthn::WebauthnRow;
use super::common::{largest, state_bytes};
use super::{Cipher, CryptoError, Digest, Hash, KexMethod, Mac, Provider, SignatureAlgorithm};
use aes::{Aes128, Aes192, Aes256};
use alloc::boxed::Box;
use core::mem::size_of;

use chacha::ChaCha20Poly1305;
use ctr_hmac::{AesCtr, HmacSha2};
use ecdsa::{Ecdsa256, Ecdsa384, Ecdsa521};
use ed25519::Dalek;
use gcm::{Gcm128, Gcm256};
use mlkem::Seed768;
use nist::{P256, P384, P521};
use rsa::BigInt;
use x25519::Ephemeral;

/// The pure-Rust provider.
#[derive(Clone, Copy, Debug, Default)]
pub struct RustCrypto;

const KEX: &[&dyn KexMethod] = &[
    &HybridRow::<Seed768, Ephemeral>::new("mlkem768x25519-sha256"),
    #[cfg(feature = "sntrup761")]
    &HybridRow::<Sntrup761, Ephemeral>::new("sntrup761x25519-sha512"),
    #[cfg(feature = "sntrup761")]
    &HybridRow::<Sntrup761, Ephemeral>::new("sntrup761x25519-sha512@openssh.com"),
    &HybridRow::<Seed768, P256>::new("mlkem768nistp256-sha256"),
    &EcdhRow::<Ephemeral>::new("curve25519-sha256"),
    &EcdhRow::<Ephemeral>::new("curve25519-sha256@libssh.org"),
    &EcdhRow::<P256>::new("ecdh-sha2-nistp256"),
    &EcdhRow::<P384>::new("ecdh-sha2-nistp384"),
    &EcdhRow::<P521>::new("ecdh-sha2-nistp521"),
    &ModpRow::GROUP_16,
    &ModpRow::GROUP_18,
    &ModpRow::GROUP_14,
    &GroupExchangeRow,
];

const CIPHERS: &[&dyn Cipher] = &[
    &GcmRow::<Gcm256>::new("aes256-gcm@openssh.com"),
    &GcmRow::<Gcm128>::new("aes128-gcm@openssh.com"),
    &ChaChaRow::<ChaCha20Poly1305>::new(),
    &CtrRow::<AesCtr<Aes256>, HmacSha2>::new("aes256-ctr"),
    &CtrRow::<AesCtr<Aes192>, HmacSha2>::new("aes192-ctr"),
    &CtrRow::<AesCtr<Aes128>, HmacSha2>::new("aes128-ctr"),
];

const MACS: &[&dyn Mac] = &[
    &HmacRow::etm("hmac-sha2-256-etm@openssh.com", Hash::Sha256),
    &HmacRow::etm("hmac-sha2-512-etm@openssh.com", Hash::Sha512),
    &HmacRow::plain("hmac-sha2-256", Hash::Sha256),
    &HmacRow::plain("hmac-sha2-512", Hash::Sha512),
];

const SIGNATURES: &[&dyn SignatureAlgorithm] = &[
    &Ed25519Row::<Dalek>::new(),
    &SkEd25519Row::<Dalek>::new(),
    &EcdsaRow::<Ecdsa256>::new(),
    &EcdsaRow::<Ecdsa384>::new(),
    &EcdsaRow::<Ecdsa521>::new(),
    &SkEcdsaRow::<Ecdsa256>::new(),
    &WebauthnRow::<Ecdsa256>::new(),
    &RsaRow::<BigInt>::sha2_512(),
    &RsaRow::<BigInt>::sha2_256(),
    &CertifiedRow::new("ssh-ed25519-cert-v01@openssh.com", &Ed25519Row::<Dalek>::new()),
    &CertifiedRow::new("sk-ssh-ed25519-cert-v01@openssh.com", &SkEd25519Row::<Dalek>::new()),
    &CertifiedRow::new("ecdsa-sha2-nistp256-cert-v01@openssh.com", &EcdsaRow::<Ecdsa256>::new()),
    &CertifiedRow::new("ecdsa-sha2-nistp384-cert-v01@openssh.com", &EcdsaRow::<Ecdsa384>::new()),
    &CertifiedRow::new("ecdsa-sha2-nistp521-cert-v01@openssh.com", &EcdsaRow::<Ecdsa521>::new()),
    &CertifiedRow::new("sk-ecdsa-sha2-nistp256-cert-v01@openssh.com", &SkEcdsaRow::<Ecdsa256>::new()),
    &CertifiedRow::named(
        "webauthn-sk-ecdsa-sha2-nistp256-cert-v01@openssh.com",
        "sk-ecdsa-sha2-nistp256-cert-v01@openssh.com",
        &WebauthnRow::<Ecdsa256>::new(),
    ),
    &CertifiedRow::named(
        "rsa-sha2-512-cert-v01@openssh.com",
        "ssh-rsa-cert-v01@openssh.com",
        &RsaRow::<BigInt>::sha2_512(),
    ),
    &CertifiedRow::named(
        "rsa-sha2-256-cert-v01@openssh.com",
        "ssh-rsa-cert-v01@openssh.com",
        &RsaRow::<BigInt>::sha2_256(),
    ),
    #[cfg(feature = "mldsa")]
    &MlDsaEd25519Row::<Dalek>::new(),
    #[cfg(feature = "mldsa")]
    &CertifiedRow::new("ssh-mldsa44-ed25519-cert-v01@openssh.com", &MlDsaEd25519Row::<Dalek>::new()),
];

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
        const KEX: usize = largest(&[
            size_of::<HybridClient<Seed768, Ephemeral>>(),
            size_of::<HybridClient<Seed768, P256>>(),
            size_of::<EcdhClient<Ephemeral>>(),
            size_of::<EcdhClient<P521>>(),
            size_of::<GroupExchangeClient>(),
            #[cfg(feature = "sntrup761")]
            size_of::<HybridClient<Sntrup761, Ephemeral>>(),
        ]);
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
        vectors::keystream::<AesCtr<Aes128>>();
        vectors::keystream::<AesCtr<Aes192>>();
        vectors::keystream::<AesCtr<Aes256>>();
    }

    #[test]
    fn hmac_gives_the_answers_of_rfc_4231_and_wycheproof() {
        vectors::hmac::<HmacSha2>(&[Hash::Sha256, Hash::Sha512]);
    }
}
