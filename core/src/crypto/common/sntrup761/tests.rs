//! Known answers, and what happens to ciphertexts that nobody made.

use super::*;
use crate::crypto::{Random, Seed};
use aes::cipher::{BlockCipherEncrypt, KeyInit};
use core::convert::Infallible;
use rand_core::{TryCryptoRng, TryRng};
use std::format;
use std::string::String;
use std::vec::Vec;

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn sha256(bytes: &[u8]) -> String {
    hex(&sha2::Sha256::digest(bytes))
}

/// The generator that NIST's known answers are drawn from: CTR_DRBG with AES-256 (SP 800-90A, section 10.2.1), without
/// derivation function. Every call is one request.
struct Drbg {
    key: [u8; 32],
    counter: u128,
}

impl Drbg {
    fn new(seed: &str) -> Self {
        let mut drbg = Drbg { key: [0; 32], counter: 0 };
        let seed: Vec<u8> =
            (0..seed.len()).step_by(2).map(|at| u8::from_str_radix(&seed[at..at + 2], 16).expect("hex")).collect();
        drbg.update(&seed);
        drbg
    }

    fn block(&mut self) -> [u8; 16] {
        self.counter = self.counter.wrapping_add(1);
        let mut block = self.counter.to_be_bytes().into();
        aes::Aes256::new(&self.key.into()).encrypt_block(&mut block);
        block.into()
    }

    fn update(&mut self, more: &[u8]) {
        let mut fresh = [self.block(), self.block(), self.block()].concat();
        for (to, from) in fresh.iter_mut().zip(more) {
            *to ^= from;
        }
        self.key.copy_from_slice(&fresh[..32]);
        self.counter = u128::from_be_bytes(fresh[32..].try_into().expect("16 bytes"));
    }
}

impl TryRng for Drbg {
    type Error = Infallible;
    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        let mut four = [0; 4];
        self.try_fill_bytes(&mut four).map(|()| u32::from_le_bytes(four))
    }
    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        let mut eight = [0; 8];
        self.try_fill_bytes(&mut eight).map(|()| u64::from_le_bytes(eight))
    }
    fn try_fill_bytes(&mut self, into: &mut [u8]) -> Result<(), Infallible> {
        for chunk in into.chunks_mut(16) {
            let block = self.block();
            chunk.copy_from_slice(&block[..chunk.len()]);
        }
        self.update(&[]);
        Ok(())
    }
}

impl TryCryptoRng for Drbg {}

/// The first two test vectors of draft-josefsson-ntruprime-streamlined-00, which are those of the submission to NIST:
/// SHA-256 of the whole secret key and of the ciphertext, and the shared secret.
#[test]
fn key_ciphertext_and_secret_are_those_of_the_known_answers() {
    let vectors = [
        [
            "061550234D158C5EC95595FE04EF7A25767F2E24CC2BC479D09D86DC9ABCFDE7056A8C266F9EF97ED08541DBD2E1FFA1",
            "8f8f45cef184cc93e387edc54720102e7f95247ec052ad8440d65c932d4f973d",
            "beec3df6e2d1d64eb7fa4c95605ff32aff38ab0e23ff79ff61bbc9832c31e885",
            "344ca5e25f6da5ea95e4a695b1c5446eca9859334532e4a9537669f012c743a2",
        ],
        [
            "D81C4D8D734FCBFBEADE3D3F8A039FAA2A2C9957E835AD55B22E75BF57BB556AC81ADDE6AEEB4A5A875C3BFCADFA958F",
            "243b86261ba6aca015d41da37f87efd5b94ac391ebba936c579f39cc295f7f0a",
            "033ae13a0c75c54cc47a14cbfcab8f88ab9e2995528e00a71514e5ef6e3d3bd0",
            "16c15126f734e51268ba916ce3b39a72e171ae79b8c2b6a68b34ab0dc5621b7e",
        ],
    ];
    for [seed, secret_key, ciphertext, secret] in vectors {
        let mut random = Drbg::new(seed);
        let mut public = [0; PUBLIC];
        let key = Sntrup761::new(&mut random, &mut public).expect("a key");
        let parts: [&[u8]; 5] = [&key.f, &key.g_inverse, &key.public, &key.rejected, &key.public_hash];
        assert_eq!(sha256(&parts.concat()), secret_key);
        assert_eq!(key.public, public);
        let mut sealed = [0; CIPHERTEXT];
        let ours = Sntrup761::encapsulate(&mut random, &public, &mut sealed).expect("encapsulates");
        assert_eq!(sha256(&sealed), ciphertext);
        assert_eq!(hex(&*ours), secret);
        assert_eq!(hex(&*key.decapsulate(&sealed).expect("decapsulates")), secret);
    }
}

fn key(random: &mut Random) -> ([u8; PUBLIC], Sntrup761) {
    let mut public = [0; PUBLIC];
    let key = Sntrup761::new(random, &mut public).expect("a key");
    (public, key)
}

fn copy(key: &Sntrup761) -> Sntrup761 {
    let Sntrup761 { f, g_inverse, public, rejected, public_hash } = key;
    Sntrup761 { f: *f, g_inverse: *g_inverse, public: *public, rejected: *rejected, public_hash: *public_hash }
}

#[test]
fn both_sides_have_one_secret_and_no_two_exchanges_have() {
    let mut random = Random::new(&Seed::new([1; 32]));
    let mut seen = Vec::new();
    for _ in 0..10 {
        let (public, key) = key(&mut random);
        for _ in 0..3 {
            let mut sealed = [0; CIPHERTEXT];
            let secret = Sntrup761::encapsulate(&mut random, &public, &mut sealed).expect("encapsulates");
            assert_eq!(copy(&key).decapsulate(&sealed).expect("decapsulates"), secret);
            assert!(!seen.contains(&secret));
            seen.push(secret);
        }
    }
}

#[test]
fn another_ciphertext_gives_a_secret_that_is_only_the_keys() {
    let mut random = Random::new(&Seed::new([2; 32]));
    let (public, key) = key(&mut random);
    let mut sealed = [0; CIPHERTEXT];
    let secret = Sntrup761::encapsulate(&mut random, &public, &mut sealed).expect("encapsulates");
    for at in (0..CIPHERTEXT).step_by(61).chain([CIPHERTEXT - 1, ROUNDED - 1, ROUNDED]) {
        let mut other = sealed;
        other[at] ^= 1;
        let rejected = copy(&key).decapsulate(&other).expect("no error");
        assert_ne!(rejected, secret);
        // The draft: HASH(0, HASH(3, rho), ciphertext).
        let expected = sha512_half(0, &[&sha512_half(3, &[&key.rejected]), &other]);
        assert_eq!(*rejected, expected, "byte {at}");
    }
    for garbage in [[0; CIPHERTEXT], [0xff; CIPHERTEXT]] {
        let expected = sha512_half(0, &[&sha512_half(3, &[&key.rejected]), &garbage]);
        assert_eq!(*copy(&key).decapsulate(&garbage).expect("no error"), expected);
    }
}

fn sha512_half(first: u8, parts: &[&[u8]]) -> [u8; 32] {
    Sha512::digest([&[first], parts.concat().as_slice()].concat())[..32].try_into().expect("32 bytes")
}

#[test]
fn other_lengths_are_refused() {
    let mut random = Random::new(&Seed::new([3; 32]));
    let (public, key) = key(&mut random);
    let mut sealed = [0; CIPHERTEXT];
    for n in [0, 1, PUBLIC - 1] {
        let refused = Sntrup761::encapsulate(&mut random, &public[..n], &mut sealed);
        assert_eq!(refused.err(), Some(CryptoError::BadValue));
    }
    for n in [0, 1, ROUNDED, CIPHERTEXT - 1] {
        assert_eq!(copy(&key).decapsulate(&sealed[..n]).err(), Some(CryptoError::BadValue));
    }
}

/// Everything within 40 KiB, the thread's own needs and an unoptimized build's included.
#[test]
fn it_needs_little_stack() {
    let thread = std::thread::Builder::new().stack_size(40 * 1024).spawn(|| {
        let mut random = Random::new(&Seed::new([4; 32]));
        let (public, key) = key(&mut random);
        let mut sealed = [0; CIPHERTEXT];
        let secret = Sntrup761::encapsulate(&mut random, &public, &mut sealed).expect("encapsulates");
        secret == key.decapsulate(&sealed).expect("decapsulates")
    });
    assert!(thread.expect("a thread").join().expect("no panic"));
}
