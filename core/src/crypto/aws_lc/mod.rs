//! The fast provider: AWS-LC by `aws-lc-rs`. Needs `std` and a C compiler.
//!
//! It offers what the default provider offers, in the same order and with the same bytes on the wire; how SSH puts the
//! primitives together is in `common`. Two things differ, since AWS-LC does them itself:
//!
//! * It draws its ML-KEM keys and secrets from its own generator, so that two runs from one seed are not the same byte
//!   for byte. All other keys come from the argument.
//! * Its own heap, in C and in `aws-lc-rs`, is not allocated fallibly. [`Provider::state_bytes`] counts it.

mod chacha;
mod ctr_hmac;
mod digest;
mod ecdsa;
mod ed25519;
mod gcm;
mod mlkem;
mod nist;
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
use alloc::boxed::Box;
use core::mem::size_of;

use chacha::ChaCha20Poly1305;
use ctr_hmac::{Aes128Ctr, Aes192Ctr, Aes256Ctr, HmacSha2};
use ecdsa::{Ecdsa256, Ecdsa384, Ecdsa521};
use ed25519::Ed25519Verify;
use gcm::{Gcm128, Gcm256};
use mlkem::Decapsulation;
use nist::{P256, P384, P521};
use rsa::RsaVerify;
use x25519::Ephemeral;

/// The AWS-LC provider.
#[derive(Clone, Copy, Debug, Default)]
pub struct AwsLc;

const KEX: &[&dyn KexMethod] = &[
    &HybridRow::<Decapsulation, Ephemeral>::new("mlkem768x25519-sha256"),
    #[cfg(feature = "sntrup761")]
    &HybridRow::<Sntrup761, Ephemeral>::new("sntrup761x25519-sha512"),
    #[cfg(feature = "sntrup761")]
    &HybridRow::<Sntrup761, Ephemeral>::new("sntrup761x25519-sha512@openssh.com"),
    &HybridRow::<Decapsulation, P256>::new("mlkem768nistp256-sha256"),
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
    &CtrRow::<Aes256Ctr, HmacSha2>::new("aes256-ctr"),
    &CtrRow::<Aes192Ctr, HmacSha2>::new("aes192-ctr"),
    &CtrRow::<Aes128Ctr, HmacSha2>::new("aes128-ctr"),
];

const MACS: &[&dyn Mac] = &[
    &HmacRow::etm("hmac-sha2-256-etm@openssh.com", Hash::Sha256),
    &HmacRow::etm("hmac-sha2-512-etm@openssh.com", Hash::Sha512),
    &HmacRow::plain("hmac-sha2-256", Hash::Sha256),
    &HmacRow::plain("hmac-sha2-512", Hash::Sha512),
];

const SIGNATURES: &[&dyn SignatureAlgorithm] = &[
    &Ed25519Row::<Ed25519Verify>::new(),
    &SkEd25519Row::<Ed25519Verify>::new(),
    &EcdsaRow::<Ecdsa256>::new(),
    &EcdsaRow::<Ecdsa384>::new(),
    &EcdsaRow::<Ecdsa521>::new(),
    &SkEcdsaRow::<Ecdsa256>::new(),
    &WebauthnRow::<Ecdsa256>::new(),
    &RsaRow::<RsaVerify>::sha2_512(),
    &RsaRow::<RsaVerify>::sha2_256(),
    &CertifiedRow::new("ssh-ed25519-cert-v01@openssh.com", &Ed25519Row::<Ed25519Verify>::new()),
    &CertifiedRow::new("sk-ssh-ed25519-cert-v01@openssh.com", &SkEd25519Row::<Ed25519Verify>::new()),
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
        &RsaRow::<RsaVerify>::sha2_512(),
    ),
    &CertifiedRow::named(
        "rsa-sha2-256-cert-v01@openssh.com",
        "ssh-rsa-cert-v01@openssh.com",
        &RsaRow::<RsaVerify>::sha2_256(),
    ),
    #[cfg(feature = "mldsa")]
    &MlDsaEd25519Row::<Ed25519Verify>::new(),
    #[cfg(feature = "mldsa")]
    &CertifiedRow::new("ssh-mldsa44-ed25519-cert-v01@openssh.com", &MlDsaEd25519Row::<Ed25519Verify>::new()),
];

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
        // In a hybrid the curve's arithmetic runs while ML-KEM's key rests, and the other way round: the sum of the two
        // heaps never is.
        const KEX: usize = largest(&[
            size_of::<HybridClient<Decapsulation, P256>>().saturating_add(mlkem::C_HEAP).saturating_add(nist::KEY_HEAP),
            size_of::<EcdhClient<P521>>().saturating_add(nist::C_HEAP),
            size_of::<GroupExchangeClient>(),
            #[cfg(feature = "sntrup761")]
            size_of::<HybridClient<Sntrup761, Ephemeral>>().saturating_add(x25519::C_HEAP),
        ]);
        const DIRECTION: usize = largest(&[
            size_of::<GcmDirection<Gcm256>>().saturating_add(gcm::C_HEAP),
            size_of::<GcmDirection<Gcm128>>().saturating_add(gcm::C_HEAP),
            size_of::<ChaChaDirection<ChaCha20Poly1305>>(),
            size_of::<CtrHmac<Aes256Ctr, HmacSha2>>(),
        ]);
        state_bytes(KEX, DIRECTION, DIRECTION, digest::BYTES.saturating_add(digest::C_HEAP))
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
        vectors::keystream::<Aes128Ctr>();
        vectors::keystream::<Aes192Ctr>();
        vectors::keystream::<Aes256Ctr>();
    }

    #[test]
    fn hmac_gives_the_answers_of_rfc_4231_and_wycheproof() {
        vectors::hmac::<HmacSha2>(&[Hash::Sha256, Hash::Sha384, Hash::Sha512]);
    }
}
