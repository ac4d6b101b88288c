//! `ssh-mldsa44-ed25519@openssh.com`. ML-DSA itself has Wycheproof's vectors beside its code.

use super::signatures::{REFUSED, row};
use super::{providers, strings};
use ed25519_dalek::Signer;
use ml_dsa::{MlDsa44, SigningKey};
use sansh::crypto::Verified;
use sha2::{Digest, Sha512};

const NAME: &str = "ssh-mldsa44-ed25519@openssh.com";
const LABEL: &[u8] = b"COMPSIG-MLDSA44-Ed25519-SHA512";

fn post_quantum() -> SigningKey<MlDsa44> {
    SigningKey::from_seed(&[6; 32].into())
}

fn classical() -> ed25519_dalek::SigningKey {
    ed25519_dalek::SigningKey::from_bytes(&[5; 32])
}

fn key() -> Vec<u8> {
    let (first, second) = (post_quantum().expanded_key().verifying_key().encode(), classical().verifying_key());
    strings(&[NAME.as_bytes(), &[&first[..], second.as_bytes()].concat()])
}

/// draft-ietf-lamps-pq-composite-sigs: prefix, label, the length of a context that is empty, SHA-512.
fn covered(message: &[u8]) -> Vec<u8> {
    [b"CompositeAlgorithmSignatures2025", LABEL, &[0], &Sha512::digest(message)].concat()
}

fn signature(post_quantum_message: &[u8], context: &[u8], classical_message: &[u8]) -> Vec<u8> {
    let first = post_quantum().expanded_key().sign_deterministic(post_quantum_message, context).expect("signs");
    let second = classical().sign(classical_message);
    strings(&[NAME.as_bytes(), &[&first.encode()[..], &second.to_bytes()].concat()])
}

#[test]
fn both_signatures_make_one() {
    let covered = covered(b"message");
    let good = signature(&covered, LABEL, &covered);
    for provider in providers() {
        let row = row(provider, NAME);
        assert!(row.accepts(&key()));
        assert_eq!(row.verify(&key(), b"message", &good), Ok(Verified::default()), "{}", provider.name());
        assert_eq!(row.verify(&key(), b"messages", &good), REFUSED);
    }
}

#[test]
fn one_signature_of_the_two_is_not_enough() {
    let covered = covered(b"message");
    let wrong = [
        signature(b"another", LABEL, &covered),
        signature(&covered, LABEL, b"another"),
        signature(&covered, b"", &covered),
        signature(b"message", LABEL, b"message"),
        signature(b"message", b"", b"message"),
    ];
    for provider in providers() {
        for (n, signature) in wrong.iter().enumerate() {
            assert_eq!(row(provider, NAME).verify(&key(), b"message", signature), REFUSED, "{n}");
        }
    }
}

#[test]
fn changed_keys_and_signatures_are_refused() {
    let covered = covered(b"message");
    let (key, good) = (key(), signature(&covered, LABEL, &covered));
    let (in_key, in_signature) = (key.len() - 1344, good.len() - 2484);
    for provider in providers() {
        let row = row(provider, NAME);
        for at in (0..good.len()).step_by(50).chain([in_signature, in_signature + 2419, in_signature + 2420]) {
            let mut changed = good.clone();
            changed[at] ^= 1;
            assert_eq!(row.verify(&key, b"message", &changed), REFUSED, "{at}");
        }
        for at in (0..key.len()).step_by(50).chain([in_key, in_key + 1311, in_key + 1312]) {
            let mut changed = key.clone();
            changed[at] ^= 1;
            assert_eq!(row.verify(&changed, b"message", &good), REFUSED, "{at}");
        }
    }
}

#[test]
fn blobs_of_other_lengths_and_names_are_refused() {
    let covered = covered(b"message");
    let (key, good) = (key(), signature(&covered, LABEL, &covered));
    let wrong = |right: &[u8], value: &[u8]| {
        vec![
            vec![],
            right[..right.len() - 1].to_vec(),
            [right, &[0]].concat(),
            strings(&[NAME.as_bytes(), &value[1..]]),
            strings(&[NAME.as_bytes(), &[value, &[0]].concat()]),
            strings(&[NAME.as_bytes(), value, b""]),
            strings(&[NAME.as_bytes(), b""]),
            strings(&[b"ssh-ed25519", value]),
            strings(&[b"ssh-mldsa44", value]),
        ]
    };
    for provider in providers() {
        let row = row(provider, NAME);
        for key in wrong(&key, &key[key.len() - 1344..]) {
            assert!(!row.accepts(&key));
            assert_eq!(row.verify(&key, b"message", &good), REFUSED);
        }
        for signature in wrong(&good, &good[good.len() - 2484..]) {
            assert_eq!(row.verify(&key, b"message", &signature), REFUSED);
        }
    }
}
