//! Lengths and counts that say more, or less, than is there.

use crate::hand::{Stand, error, global, login, message, numbers, samples};
use crate::keyed::{Keyed, Suite, suites};
use sansh::config::Config;
use sansh::crypto::Provider;
use sansh::error::{Error, IdentFault};
use sansh::{Client, Server};
use sansh_testalloc::{read, reset};
use sansh_testkit::apps::Answer;
use sansh_testkit::pair::RUSTCRYPTO;
use sansh_testkit::raw::{Raw, strings};
use sansh_testkit::told::{Attempt, Means, Reply, Seen, Unsettled};

/// Lengths that are too short for a packet, and such as make sums overflow.
const LENGTHS: [u32; 40] = [
    0,
    1,
    2,
    3,
    4,
    5,
    6,
    7,
    8,
    9,
    10,
    11,
    13,
    14,
    15,
    17,
    31,
    35_000,
    35_001,
    36_864,
    65_536,
    0x00ff_ffff,
    0x0100_0000,
    0x3fff_ffff,
    0x7fff_fff0,
    0x7fff_ffff,
    0x8000_0000,
    0x8000_0010,
    0xffff_ff00,
    0xffff_ffe0,
    0xffff_ffeb,
    0xffff_ffec,
    0xffff_fff0,
    0xffff_fff4,
    0xffff_fff8,
    0xffff_fffb,
    0xffff_fffc,
    0xffff_fffd,
    0xffff_fffe,
    0xffff_ffff,
];

/// CVE-2024-43410, GHSA-vgvv-x7xg-6cqg: a length alone reserves nothing: whatever it says, the connection holds what it held
/// before, and a length that cannot be ends it with the first bytes.
#[test]
fn a_declared_length_reserves_nothing() {
    for length in LENGTHS {
        let mut raw = Raw::server(|_| {});
        raw.send_ident();
        let before = read(0).live;
        reset(0);
        raw.send_bytes(&length.to_be_bytes());
        assert!(read(0).peak <= 0, "{length}: {} bytes more than {before}", read(0).peak);
        let plausible = length <= 34_996 && length % 8 == 4 && length >= 12;
        assert_eq!(error(&raw), (!plausible).then_some(Error::PacketLength), "{length}");
    }
}

/// CVE-2026-55200, CVE-2026-66035, GHSA-6c79-444r-wx26, GHSA-x4g5-mgfc-cxvv, GHSA-c4f7-cvfc-33j7: the same under every cipher
/// and MAC: the length field of a sealed packet is changed to each of these, which needs no key where it is encrypted by a
/// keystream. Nothing is read past, nothing is waited for that cannot come, nothing is allocated.
#[test]
fn bad_lengths_under_every_cipher() {
    for (cipher, mac) in suites(&RUSTCRYPTO) {
        for length in LENGTHS {
            let mut keyed = Keyed::open(true, Suite::both("curve25519-sha256", cipher, mac));
            // The buffers of the time behind the login are taken with the first packet.
            keyed.send(&global("x@test", true, b""));
            reset(crate::keyed::METER);
            let mut sealed = keyed.seal(&message(2, &[&strings(&[&[0; 20]])]));
            let (block, counts) = keyed.alignment();
            let tag = if mac.is_empty() { 16 } else { tag_len(mac) };
            let real = u32::try_from(sealed.len() - 4 - tag).expect("a packet");
            for (byte, (is, should)) in sealed.iter_mut().zip(real.to_be_bytes().into_iter().zip(length.to_be_bytes()))
            {
                *byte ^= is ^ should;
            }
            keyed.send_bytes(&sealed);
            let what = format!("{cipher} {mac}: {length}");
            let counted = u64::from(length) + if counts { 4 } else { 0 };
            let fits = u64::from(length) + 4 + tag as u64 <= 35_000;
            let least = if counts { 16 } else { block as u64 };
            if counted % block as u64 == 0 && counted >= least && fits {
                // It could be a packet: either too short a one for its tag, or one whose rest is awaited.
                let waits = u64::from(length) + 4 + tag as u64 > sealed.len() as u64;
                let expected = if waits { None } else { Some(Error::Integrity) };
                assert_eq!(keyed.app.end.as_ref().map(|end| end.error), expected, "{what}");
            } else {
                // Where the length was decrypted before anything was authenticated, a bad one looks like a bad MAC.
                let blind = counts && !mac.is_empty();
                let expected = if blind { Error::Integrity } else { Error::PacketLength };
                assert_eq!(keyed.app.end.as_ref().map(|end| end.error), Some(expected), "{what}");
            }
            assert!(read(crate::keyed::METER).peak <= 4096, "{what}: {}", read(crate::keyed::METER).peak);
        }
    }
}

fn tag_len(name: &str) -> usize {
    RUSTCRYPTO.macs().iter().find(|mac| mac.name() == name).expect("a MAC").tag_len()
}

/// CVE-2021-43565: a packet with a right tag and nothing in it, under every cipher.
#[test]
fn an_empty_packet_under_every_cipher() {
    for (cipher, mac) in suites(&RUSTCRYPTO) {
        let mut keyed = Keyed::open(true, Suite::both("curve25519-sha256", cipher, mac));
        let (block, counts) = keyed.alignment();
        let padding = block * 2 - 1 - if counts { 4 } else { 0 };
        let sealed = keyed.seal_inner(b"", padding, u8::try_from(padding).expect("short"));
        keyed.send_bytes(&sealed);
        assert_eq!(keyed.app.ended().error, Error::Padding, "{cipher} {mac}");
    }
    // And before there is a cipher.
    let mut raw = Raw::server(|_| {});
    raw.send_ident();
    raw.send_bytes(&[0, 0, 0, 12, 11, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
    assert_eq!(error(&raw), Some(Error::Padding));
}

/// CVE-2019-3861: padding that is longer than its packet, or shorter than four bytes, plain and under every cipher.
#[test]
fn padding_that_cannot_be() {
    let payload = message(2, &[&strings(&[b"123"])]);
    for (cipher, mac) in suites(&RUSTCRYPTO) {
        let mut right = 0;
        for said in 0..=255_u8 {
            let mut keyed = Keyed::open(true, Suite::both("curve25519-sha256", cipher, mac));
            let (block, counts) = keyed.alignment();
            let counted = payload.len() + 1 + if counts { 4 } else { 0 };
            let padding = (counted + 4).next_multiple_of(block) - counted;
            let sealed = keyed.seal_inner(&payload, padding, said);
            keyed.send_bytes(&sealed);
            let possible = said >= 4 && usize::from(said) < payload.len() + padding;
            match keyed.app.end.as_ref().map(|end| end.error) {
                Some(Error::Padding) => assert!(!possible, "{cipher} {mac}: {said}"),
                // What remains is no IGNORE, or one that is cut off.
                other => {
                    assert!(possible, "{cipher} {mac}: {said}: {other:?}");
                    right += 1;
                }
            }
        }
        assert!(right > 0);
    }
}

/// What a connection made of one message.
fn outcome<R: Stand>(state: &str, payload: &[u8]) -> (Option<Error>, isize) {
    let mut raw = R::stand(state);
    if state == "open" {
        // The buffers of the time behind the login are taken with the first packet.
        raw.send(&global("x@test", true, b""));
    }
    reset(0);
    raw.send(payload);
    raw.pump();
    let peak = read(0).peak;
    let end = error(&raw);
    assert_ne!(end, Some(Error::Bug), "{state}: {payload:?}");
    (end, peak)
}

/// CVE-2019-3855, CVE-2026-48110, GHSA-4r3c-5hpg-58qr, CVE-2026-54700: each four bytes of each message become a length that
/// is too large, by one and by far: nothing panics, and nothing is allocated by it.
#[test]
fn every_length_inside_every_message() {
    fn check<R: Stand>(states: &[&str]) {
        let mut ended = 0;
        for state in states {
            for sample in samples() {
                for at in 1..sample.len().saturating_sub(3) {
                    let left = u32::try_from(sample.len() - at - 4).expect("short");
                    for wrong in [u32::MAX, 0x7fff_ffff, 0x8000_0000, 0xffff_fffb, left + 1] {
                        let mut payload = sample.clone();
                        payload[at..at + 4].copy_from_slice(&wrong.to_be_bytes());
                        let (end, peak) = outcome::<R>(state, &payload);
                        // What a login or an exchange takes is of a size that sansh has chosen.
                        assert!(peak <= 16 * 1024, "{state}: {payload:?}: {peak} bytes");
                        ended += usize::from(matches!(end, Some(Error::Malformed { .. })));
                    }
                }
            }
        }
        assert!(ended > 100, "{ended} were malformed, server {}", R::IS_SERVER);
    }
    check::<Server>(&["exchange", "auth", "open"]);
    check::<Client>(&["exchange", "auth", "probe", "open"]);
}

/// CVE-2019-3855: each message cut off at each byte, and with bytes behind its end.
#[test]
fn every_message_cut_off() {
    fn check<R: Stand>(states: &[&str]) {
        for state in states {
            for sample in samples() {
                for length in 1..sample.len() {
                    outcome::<R>(state, &sample[..length]);
                }
                outcome::<R>(state, &[&sample[..], &[0]].concat());
                outcome::<R>(state, &[&sample[..], &[0xff; 40]].concat());
            }
        }
    }
    check::<Server>(&["first-kexinit", "exchange", "auth", "open"]);
    check::<Client>(&["first-kexinit", "exchange", "auth", "probe", "open"]);
}

/// libssh2 issue #1815 (2026): the same with the conversation being shown: what cannot be read is shown as that.
#[test]
fn what_cannot_be_read_is_not_shown() {
    for sample in samples() {
        for at in 1..sample.len().saturating_sub(3) {
            let mut payload = sample.clone();
            payload[at..at + 4].copy_from_slice(&u32::MAX.to_be_bytes());
            let mut raw = Raw::server(|config| {
                let mut limits = config.bounds().clone();
                limits.trace = 4096;
                config.limits(limits).unwrap();
            });
            raw.to_open();
            let n = raw.conn.trace().len();
            raw.conn.traced(n);
            raw.send(&payload);
            assert!(!raw.conn.trace().is_empty(), "it is shown: {payload:?}");
            assert!(raw.conn.trace().is_ascii() || raw.conn.trace().contains('→'), "{}", raw.conn.trace());
        }
    }
}

/// CVE-2026-7598: a password and a user name whose lengths add up beyond 32 bits; and a client that is given more than it
/// can send says so.
#[test]
fn lengths_that_add_up_beyond_their_type() {
    let long = numbers(&[0xffff_fff0]);
    for fields in [
        [vec![0], long.clone(), b"x".to_vec()].concat(),
        [vec![1], strings(&[b"x"]), long.clone(), b"x".to_vec()].concat(),
    ] {
        let mut raw = Server::stand("auth");
        raw.send(&login(b"user", b"ssh-connection", b"password", &fields));
        assert!(matches!(error(&raw), Some(Error::Malformed { number: 50, .. })), "{:?}", error(&raw));
    }
    let mut raw = Server::stand("auth");
    raw.send(&message(50, &[&long, b"user", &strings(&[b"ssh-connection", b"none"])]));
    assert!(matches!(error(&raw), Some(Error::Malformed { number: 50, .. })));
    // The client's side: the question comes back.
    let mut raw = Raw::<Client>::client(|_| {});
    raw.app.manner(|seen| matches!(seen, Seen::LoginNeeded { .. }).then_some(Answer::Keep));
    raw.to_auth();
    let question = raw.app.kept.pop_front().expect("a question");
    let with = Means::Password("x".repeat(1 << 20));
    let refused = question.answer(&mut raw.conn, &Reply::Try(Attempt { user: "user".into(), with }), 0);
    assert!(matches!(refused, Err(Unsettled::TooLong(_))), "{refused:?}");
    assert_eq!(error(&raw), None);
}

/// CVE-2026-48108, GHSA-76r6-x97p-67vr: lines before an identification, without end in number or in length: both are
/// bounded, and memory is.
#[test]
fn lines_without_end() {
    for line in [b"hello\r\n".as_slice(), b"\n", &[b'x'; 1000], b"\0\n"] {
        reset(0);
        let mut raw = Raw::client(|_| {});
        let mut sent = 0;
        while raw.app.end.is_none() {
            sent += raw.send_bytes(line);
            assert!(sent < 100_000, "no end");
        }
        assert_eq!(error(&raw), Some(Error::Ident(IdentFault::TooMany)));
        assert!(sent <= 10_000, "{sent} bytes");
        assert!(read(0).peak < 64 * 1024, "{}", read(0).peak);
    }
    // A server takes none at all.
    let mut raw = Raw::server(|_| {});
    raw.send_bytes(b"hello\r\n");
    assert_eq!(error(&raw), Some(Error::Ident(IdentFault::NotSsh)));
}

/// CVE-2026-59842, CVE-2026-73429, GHSA-g9hv-x236-4qp3: a curve25519 value that is not 32 bytes long, in either role, before
/// any arithmetic: reason 3, and no panic.
#[test]
fn curve_values_of_the_wrong_length() {
    for length in [0, 1, 31, 33, 56, 64, 65, 30_000] {
        let mut keyed = Keyed::new(true, |_| {});
        keyed.send(&crate::hand::kexinit_of(
            &[
                b"curve25519-sha256,kex-strict-c-v00@openssh.com",
                b"ssh-ed25519",
                b"aes256-gcm@openssh.com",
                b"aes256-gcm@openssh.com",
                b"",
                b"",
                b"none",
                b"none",
                b"",
                b"",
            ],
            false,
        ));
        keyed.send(&message(30, &[&strings(&[&vec![9; length]])]));
        assert_eq!(keyed.app.ended().error, Error::BadKexValue, "{length}");
        assert_eq!(keyed.app.ended().error.disconnect_code(), Some(3));
        assert!(keyed.said.last().is_some_and(|said| said[..5] == [1, 0, 0, 0, 3]), "{:?}", keyed.said.last());
        // A client of the same method.
        let mut raw = Raw::<Client>::client(|config| {
            *config = Config::<Client>::new(&RUSTCRYPTO);
            config.kex("curve25519-sha256").unwrap();
        });
        raw.send_ident();
        raw.send(&crate::hand::kexinit_of(
            &[
                b"curve25519-sha256",
                b"ssh-ed25519",
                b"aes256-gcm@openssh.com",
                b"aes256-gcm@openssh.com",
                b"",
                b"",
                b"none",
                b"none",
                b"",
                b"",
            ],
            false,
        ));
        let key = sansh_testkit::pair::key(1);
        let signature = key.sign("ssh-ed25519", b"").expect("one");
        raw.send(&message(31, &[&strings(&[key.public_blob(), &vec![9; length], &signature])]));
        assert_eq!(error(&raw), Some(Error::BadKexValue), "{length}");
    }
}

/// GHSA-c4f7-cvfc-33j7, CVE-2026-66035: packets whose tags are right and whose size is not a multiple of the block.
#[test]
fn sealed_packets_of_the_wrong_size() {
    for (cipher, mac) in suites(&RUSTCRYPTO) {
        for more in 1..16 {
            let mut keyed = Keyed::open(true, Suite::both("curve25519-sha256", cipher, mac));
            let (block, _) = keyed.alignment();
            if more % block == 0 {
                continue;
            }
            // CTR seals whole blocks: there the packet is changed after it was sealed.
            let payload = message(2, &[&strings(&[&[0; 20]])]);
            if cipher.contains("ctr") {
                let mut sealed = keyed.seal(&payload);
                let length = sealed.len();
                sealed[3] ^= u8::try_from(more).expect("small");
                keyed.send_bytes(&sealed[..length - more % 4]);
            } else {
                let sealed = keyed.seal_inner(&payload, block + more, u8::try_from(block + more).expect("short"));
                let counted = sealed.len();
                if (counted - 4 - 16).is_multiple_of(block) {
                    continue;
                }
                keyed.send_bytes(&sealed);
            }
            let end = keyed.app.ended().error;
            assert!(matches!(end, Error::PacketLength | Error::Integrity), "{cipher} {mac} {more}: {end:?}");
        }
    }
}

/// CVE-2024-43410: declared lengths below the limit wait in the buffer that is there, on as many connections as one likes.
#[test]
fn a_thousand_waiting_packets() {
    let mut waiting = Vec::new();
    reset(0);
    for _ in 0..200 {
        let mut raw = Raw::server(|_| {});
        raw.send_ident();
        raw.send_bytes(&34_996_u32.to_be_bytes());
        raw.send_bytes(&[4; 12]);
        assert_eq!(error(&raw), None);
        waiting.push(raw);
    }
    assert!(read(0).live / 200 <= 64 * 1024, "{} bytes each", read(0).live / 200);
}
