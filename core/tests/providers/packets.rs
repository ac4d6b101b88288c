//! Packet protection: every cipher with every MAC that it takes.

use super::{bytes, hex, pairs, providers};
use aes_gcm::aead::AeadInOut;
use ctr::cipher::{KeyIvInit, StreamCipher};
use hmac::{KeyInit, Mac as _};
use sansh::crypto::{Cipher, CryptoError, DirectionKeys, Hash, Mac, Open, Provider, Seal};

/// AEADs and the longer keys first, and encrypt-then-MAC before MAC. "key length = 64 bytes" of hmac-sha2-512 (RFC 6668,
/// section 2).
#[test]
fn every_provider_offers_the_same_ciphers_and_macs_in_the_same_order() {
    for provider in providers() {
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
                ("aes192-ctr", 24, 16, false, 1 << 36),
                ("aes128-ctr", 16, 16, false, 1 << 36),
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
                ("hmac-sha2-512-etm@openssh.com", 64, 64, true, Hash::Sha512),
                ("hmac-sha2-256", 32, 32, false, Hash::Sha256),
                ("hmac-sha2-512", 64, 64, false, Hash::Sha512),
            ]
        );
    }
}

/// A cipher with its MAC, if it takes one, by place in the lists.
#[derive(Clone, Copy, Debug)]
pub(super) struct Suite {
    cipher: usize,
    mac: Option<usize>,
}

const fn aead(cipher: usize) -> Suite {
    Suite { cipher, mac: None }
}

const fn ctr(cipher: usize, mac: usize) -> Suite {
    Suite { cipher, mac: Some(mac) }
}

const GCM_256: Suite = aead(0);
const GCM_128: Suite = aead(1);
const CHACHA: Suite = aead(2);
const CTR_ETM: Suite = ctr(3, 0);
const CTR_MAC: Suite = ctr(3, 2);
/// Every cipher with every MAC.
pub(super) const SUITES: [Suite; 15] = [
    GCM_256,
    GCM_128,
    CHACHA,
    CTR_ETM,
    CTR_MAC,
    ctr(3, 1),
    ctr(3, 3),
    ctr(4, 0),
    ctr(4, 1),
    ctr(4, 2),
    ctr(4, 3),
    ctr(5, 0),
    ctr(5, 1),
    ctr(5, 2),
    ctr(5, 3),
];

impl Suite {
    fn cipher(self, provider: &dyn Provider) -> &'static dyn Cipher {
        provider.ciphers()[self.cipher]
    }
    fn mac(self, provider: &dyn Provider) -> Option<&'static dyn Mac> {
        self.mac.map(|place| provider.macs()[place])
    }
    pub(super) fn keys(self) -> Keys {
        let first = providers()[0];
        let cipher = self.cipher(first);
        Keys {
            key: bytes(1, cipher.key_len()),
            iv: bytes(2, cipher.iv_len()),
            mac: bytes(3, self.mac(first).map_or(0, |mac| mac.key_len())),
        }
    }
    pub(super) fn seal(self, provider: &dyn Provider, keys: &Keys) -> Box<dyn Seal> {
        self.cipher(provider).seal(&keys.lend(), self.mac(provider)).expect("a seal")
    }
    pub(super) fn open(self, provider: &dyn Provider, keys: &Keys) -> Box<dyn Open> {
        self.cipher(provider).open(&keys.lend(), self.mac(provider)).expect("an open")
    }
}

pub(super) struct Keys {
    key: Vec<u8>,
    iv: Vec<u8>,
    mac: Vec<u8>,
}

impl Keys {
    pub(super) fn lend(&self) -> DirectionKeys<'_> {
        DirectionKeys { key: &self.key, iv: &self.iv, mac: &self.mac }
    }
}

/// A packet with a payload of `n` bytes and the least padding that RFC 4253, section 6 allows, tag room behind it.
pub(super) fn packet(seal: &dyn Seal, n: usize) -> Vec<u8> {
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
    ctr: Option<Box<dyn Keystream>>,
}

impl Oracle {
    fn new(suite: Suite, keys: Keys) -> Self {
        let ctr: Option<Box<dyn Keystream>> = match suite.cipher {
            3 => Some(Box::new(ctr::Ctr128BE::<aes::Aes256>::new_from_slices(&keys.key, &keys.iv).unwrap())),
            4 => Some(Box::new(ctr::Ctr128BE::<aes::Aes192>::new_from_slices(&keys.key, &keys.iv).unwrap())),
            5 => Some(Box::new(ctr::Ctr128BE::<aes::Aes128>::new_from_slices(&keys.key, &keys.iv).unwrap())),
            _ => None,
        };
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
        let (etm, long) = match self.suite.mac {
            Some(0) => (true, false),
            Some(1) => (true, true),
            Some(2) => (false, false),
            _ => (false, true),
        };
        let mut packet = clear.to_vec();
        self.ctr.as_mut().unwrap().go_over(&mut packet[if etm { 4 } else { 0 }..]);
        let covered = [&sequence.to_be_bytes()[..], if etm { &packet } else { clear }].concat();
        packet.extend(if long {
            hmac::Hmac::<sha2::Sha512>::new_from_slice(&self.keys.mac)
                .unwrap()
                .chain_update(&covered)
                .finalize()
                .into_bytes()
                .to_vec()
        } else {
            hmac::Hmac::<sha2::Sha256>::new_from_slice(&self.keys.mac)
                .unwrap()
                .chain_update(&covered)
                .finalize()
                .into_bytes()
                .to_vec()
        });
        packet
    }
}

/// Counter mode with a key of any length.
trait Keystream {
    fn go_over(&mut self, bytes: &mut [u8]);
}

impl<C: StreamCipher> Keystream for C {
    fn go_over(&mut self, bytes: &mut [u8]) {
        self.apply_keystream(bytes);
    }
}

/// Opens a whole packet as the transport does: the length from the head, and then the rest.
pub(super) fn open(opening: &mut dyn Open, sequence: u32, packet: &mut [u8]) -> Result<u32, CryptoError> {
    let head = opening.head();
    let length = opening.length(sequence, &mut packet[..head]);
    opening.open(sequence, packet).map(|()| length)
}

/// Payload sizes and the sequence number of the first: it wraps on the way.
fn sizes() -> impl Iterator<Item = (u32, usize)> {
    let sizes = (0..=300).chain([1000, 4095, 8100, 8192, 9000, 32768]).chain(0..20);
    sizes.enumerate().map(|(i, n)| (0xffff_ff00_u32.wrapping_add(i as u32), n))
}

/// "The value of 'mac' resulting from the MAC algorithm MUST be transmitted without encryption as the last part of the
/// packet" (RFC 4253, section 6.4).
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
            (ctr(4, 1), 16, false, 64, 4, false),
            (CTR_MAC, 16, true, 32, 16, true),
            (ctr(5, 3), 16, true, 64, 16, true),
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

/// CVE-2026-59847: a result that is read wrongly lets any tag pass. Each of its bits is flipped here, on each backend.
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

/// CVE-2026-46597: arithmetic on single bytes of the counter. "The invocation field is treated as a 64-bit integer" (RFC
/// 5647, section 7.1); the counters of RFC 4344, section 4 have 128 bits.
#[test]
fn counters_wrap_and_carry_nothing_beyond_themselves() {
    for provider in providers() {
        for (suite, iv) in [
            (GCM_256, hex("fffffffe fffffffffffffffe")),
            (GCM_128, hex("00000000 fffffffffffffffe")),
            (CTR_ETM, vec![0xff; 16]),
            (CTR_MAC, hex("00000000 00000000 ffffffff fffffffe")),
            (ctr(4, 1), hex("000000ff ffffffff ffffffff ffffffff")),
            (ctr(5, 3), hex("ffffffff ffffffff ffffffff fffffffd")),
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

/// "the total length of the concatenation of the packet length, padding length, payload, and padding MUST be a multiple
/// of the cipher's block size" (RFC 4344, section 4): a part of a block is not a packet.
#[test]
fn counter_mode_refuses_a_part_of_a_block() {
    for provider in providers() {
        for (suite, clear, tag) in [(CTR_ETM, 4, 32), (CTR_MAC, 0, 32), (ctr(4, 1), 4, 64), (ctr(5, 3), 0, 64)] {
            for n in (1..100).filter(|n| n % 16 != 0) {
                let mut unaligned = vec![0; clear + n + tag];
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
