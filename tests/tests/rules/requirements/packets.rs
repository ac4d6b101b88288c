//! RFC 4253, section 6: the binary packet, under every cipher and MAC.

use crate::hand::{global, message};
use crate::keyed::{Keyed, Suite, suites};
use sansh::crypto::{Hash, Provider};
use sansh::error::Error;
use sansh_testkit::pair::RUSTCRYPTO;
use sansh_testkit::raw::Raw;

const KEX: &str = "curve25519-sha256";

/// "Initially, compression MUST be none." "Initially, the MAC algorithm MUST be none." (RFC 4253, section 6) "Initially, no
/// MAC will be in effect, and its length MUST be zero." (RFC 4253, section 6.4): what is said up to NEWKEYS can be read as
/// it stands, and one packet begins where the other ends.
#[test]
fn the_first_packets_are_plain() {
    let mut keyed = Keyed::new(true, |_| {});
    keyed.begin(Suite::both(KEX, "aes256-gcm@openssh.com", ""));
    // Up to NEWKEYS, which is the last one without keys, all is read without a key.
    let numbers: Vec<u8> = keyed.said.iter().map(|said| said[0]).collect();
    assert_eq!(numbers, [20, 31, 21]);
}

/// "There MUST be at least four bytes of padding." "the length of the concatenation of 'packet_length', 'padding_length',
/// 'payload', and 'random padding' MUST be a multiple of the cipher block size or 8, whichever is larger." "This constraint
/// MUST be enforced, even when using stream ciphers." (RFC 4253, section 6): in what is sent, at each size of a payload.
#[test]
fn what_is_sent_is_padded() {
    for (cipher, mac) in suites(&RUSTCRYPTO) {
        let mut keyed = Keyed::open(true, Suite::both(KEX, cipher, mac));
        let (block, counts) = keyed.alignment();
        for size in 0..70 {
            keyed.take();
            // The answer carries what the question did.
            keyed.send(&message(192, &[&sansh_testkit::raw::strings(&[&vec![7; size]])]));
            let (length, padding) = keyed.last_layout;
            assert!(padding >= 4, "{cipher} {mac} {size}: padding of {padding}");
            let counted = length + if counts { 4 } else { 0 };
            assert_eq!(counted % block, 0, "{cipher} {mac} {size}: {counted} is no multiple of {block}");
            assert_eq!(keyed.said.last().map(Vec::len), Some(size + 5));
        }
    }
}

/// The same of what is received: "There MUST be at least four bytes of padding." "MUST be a multiple of the cipher block
/// size or 8, whichever is larger." "This constraint MUST be enforced, even when using stream ciphers." (RFC 4253, section 6)
#[test]
fn what_is_received_has_to_be_padded() {
    let payload = message(2, &[&sansh_testkit::raw::strings(&[&[0; 9]])]);
    for (cipher, mac) in suites(&RUSTCRYPTO) {
        let open = || Keyed::open(true, Suite::both(KEX, cipher, mac));
        let (block, counts) = open().alignment();
        let counted = 1 + payload.len() + if counts { 4 } else { 0 };
        // The least that reaches the block, even if it is less than four.
        let short = counted.next_multiple_of(block) - counted;
        for padding in 0..4 {
            let mut keyed = open();
            // Less than four: the block is reached by a longer payload.
            let longer = [&payload[..], &vec![0; short + block - padding]].concat();
            let sealed = keyed.seal_inner(&longer, padding, u8::try_from(padding).expect("small"));
            keyed.send_bytes(&sealed);
            assert_eq!(keyed.app.ended().error, Error::Padding, "{cipher} {mac}: {padding}");
        }
        if cipher.contains("ctr") {
            // Nothing but whole blocks can be sealed with it: see the lengths of `vulnerabilities`.
            continue;
        }
        for more in (1..block).filter(|more| more % 4 == 0 || block == 8) {
            let mut keyed = open();
            let padding = short + block + more;
            let sealed = keyed.seal_inner(&payload, padding, u8::try_from(padding).expect("small"));
            keyed.send_bytes(&sealed);
            assert_eq!(keyed.app.ended().error, Error::PacketLength, "{cipher} {mac}: {more} too many");
        }
    }
}

/// "All implementations MUST be able to process packets with an uncompressed payload length of 32768 bytes or less and a
/// total packet size of 35000 bytes or less" (RFC 4253, section 6.1).
#[test]
fn the_largest_packet_passes() {
    for (cipher, mac) in suites(&RUSTCRYPTO) {
        let mut keyed = Keyed::open(true, Suite::both(KEX, cipher, mac));
        let (block, counts) = keyed.alignment();
        let tag = keyed.tag_len();
        // An IGNORE whose payload is 32,768 bytes, and one whose whole packet is as large as it may be.
        let payload = vec![2; 32_768];
        let sealed = keyed.seal(&payload);
        keyed.send_bytes(&sealed);
        let uncounted = if counts { 0 } else { 4 };
        let counted = (35_000 - tag - uncounted) / block * block;
        let payload = vec![2; counted + uncounted - 5 - 200];
        let sealed = keyed.seal_inner(&payload, 200, 200);
        assert!((34_968..=35_000).contains(&sealed.len()), "{}", sealed.len());
        keyed.send_bytes(&sealed);
        keyed.send(&global("x@test", true, b""));
        assert_eq!(keyed.take().last(), Some(&vec![82]), "{cipher} {mac}: {:?}", keyed.app.end);
    }
    // And before there are keys.
    let mut raw = Raw::server(|_| {});
    raw.send_ident();
    raw.send(&vec![2; 32_768]);
    assert_eq!(raw.app.end, None);
}

/// "When encryption is in effect, the packet length, padding length, payload, and padding fields of each packet MUST be
/// encrypted with the given algorithm." (RFC 4253, section 6.3): nothing of a packet can be seen but, with an AES-GCM cipher
/// or a MAC over what is encrypted, its length (RFC 5647, section 7.2; OpenSSH PROTOCOL, section 1.5).
#[test]
fn nothing_of_a_packet_can_be_seen() {
    for (cipher, mac) in suites(&RUSTCRYPTO) {
        let mut keyed = Keyed::open(true, Suite::both(KEX, cipher, mac));
        let text = b"nothing of this can be seen on the way";
        for _ in 0..8 {
            keyed.send(&message(192, &[&sansh_testkit::raw::strings(&[text])]));
            assert!(keyed.said.last().is_some_and(|said| said.ends_with(text)));
            let sealed = &keyed.last_sealed;
            let seen = |part: &[u8]| sealed.windows(part.len()).any(|window| window == part);
            assert!(!text.windows(4).any(seen), "{cipher} {mac}");
        }
        let (length, _) = keyed.last_layout;
        let clear = keyed.last_sealed[..4] == u32::try_from(length).expect("a length").to_be_bytes();
        assert_eq!(clear, cipher.contains("gcm") || mac.contains("-etm@"), "{cipher} {mac}");
    }
}

/// "The ciphers in each direction MUST run independently of each other." "Implementations MUST allow the algorithm for each
/// direction to be independently selected" (RFC 4253, section 6.3). "The MAC algorithms for each direction MUST run
/// independently, and implementations MUST allow choosing the algorithm independently for both directions." (RFC 4253,
/// section 6.4): every pair, with more packets in one direction than in the other.
#[test]
fn each_direction_has_its_own_algorithms() {
    let suites = suites(&RUSTCRYPTO);
    for up in &suites {
        for down in &suites {
            let mut keyed = Keyed::open(true, Suite { kex: KEX, up: *up, down: *down });
            let names = |pair: &(&'static str, &'static str)| *pair;
            let got = keyed.conn.algorithms().expect("negotiated");
            assert_eq!((got.client_to_server, got.server_to_client), (names(up), names(down)));
            for _ in 0..5 {
                keyed.send(&message(2, &[b"up alone"]));
            }
            keyed.send(&global("x@test", true, b""));
            assert_eq!(keyed.take(), [[82]], "{up:?} {down:?}");
        }
    }
}

/// "The value of 'mac' resulting from the MAC algorithm MUST be transmitted without encryption as the last part of the
/// packet." (RFC 4253, section 6.4): the last bytes are HMAC(key, sequence number and plain packet), computed here from the
/// hash alone.
#[test]
fn the_mac_is_the_last_part_and_in_clear() {
    let mut checked = 0;
    for (cipher, mac) in suites(&RUSTCRYPTO) {
        let Some(row) = RUSTCRYPTO.macs().iter().find(|row| row.name() == mac && !row.encrypt_then_mac()) else {
            continue;
        };
        let mut keyed = Keyed::open(true, Suite::both(KEX, cipher, mac));
        keyed.send(&global("x@test", true, b""));
        let sequence = keyed.last_sequence.to_be_bytes();
        let tag = hmac(row.hash(), &keyed.down_mac, &[&sequence, &keyed.last_opened]);
        assert!(keyed.last_sealed.ends_with(&tag[..row.tag_len()]), "{cipher} {mac}");
        checked += 1;
    }
    assert!(checked > 0);
}

/// RFC 2104, over the provider's hash.
fn hmac(hash: Hash, key: &[u8], parts: &[&[u8]]) -> Vec<u8> {
    let block = if hash == Hash::Sha256 { 64 } else { 128 };
    let pad = |with: u8| (0..block).map(|at| key.get(at).copied().unwrap_or(0) ^ with).collect::<Vec<u8>>();
    let digest = |parts: &[&[u8]]| {
        let mut digest = RUSTCRYPTO.digest(hash).expect("a hash");
        parts.iter().for_each(|part| digest.update(part));
        let mut out = [0; Hash::MAX];
        digest.finish(&mut out);
        out[..hash.len()].to_vec()
    };
    let (inner, outer) = (pad(0x36), pad(0x5c));
    let inner = digest(&[&[&inner[..]], parts].concat());
    digest(&[&outer, &inner])
}
