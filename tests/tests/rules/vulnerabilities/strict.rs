//! Strict key exchange (draft-ietf-sshm-strict-kex; OpenSSH PROTOCOL, section 1.9), and what it is for.

use crate::between::{Between, Way, plain};
use crate::hand::{Stand, error, ext_info, init, is_alive, kexinit_of, message, null_lists, re_exchange, reply};
use crate::keyed::{Keyed, Suite};
use sansh::error::Error;
use sansh::{Client, Server};
use sansh_testkit::raw::{Offer, Raw, kexinit, packet, strings};

/// What has no business in a first exchange.
fn strangers() -> Vec<Vec<u8>> {
    vec![
        message(2, &[&strings(&[b""])]),
        message(4, &[&[1], &strings(&[b"text", b""])]),
        message(3, &[&[0; 4]]),
        vec![200],
        ext_info(0, &[]),
        message(5, &[&strings(&[b"ssh-userauth"])]),
    ]
}

/// CVE-2023-48795 (Terrapin), CVE-2025-46712, russh f2354c7: under strict key exchange any message that is not of the
/// exchange ends the connection, in all three places, in both roles.
#[test]
fn nothing_foreign_passes_in_a_first_exchange() {
    fn check<R: Stand>(marker: &'static str) {
        for (n, stranger) in strangers().into_iter().enumerate() {
            for state in ["first-kexinit", "exchange", "newkeys"] {
                let mut raw = R::stand(state);
                raw.send(&stranger);
                if state == "first-kexinit" && n < 2 {
                    // Whether the exchange will be strict is not known yet; the KEXINIT that says so comes too late.
                    assert_eq!(error(&raw), None);
                    raw.send(&kexinit(Offer { kex: marker, follows: false }));
                    assert_eq!(error(&raw), Some(Error::NotStrict), "{stranger:?}");
                    continue;
                }
                let number = stranger[0];
                let expected = if number == 3 { Error::Unimplemented } else { Error::Unexpected { number } };
                assert_eq!(error(&raw), Some(expected), "{state}, server {}: {stranger:?}", R::IS_SERVER);
            }
        }
    }
    check::<Server>("null,kex-strict-c-v00@openssh.com");
    check::<Client>("null,kex-strict-s-v00@openssh.com");
}

/// CVE-2025-46712, russh f2354c7: each message of the exchange comes the one time that it is awaited.
#[test]
fn each_message_of_the_exchange_comes_once() {
    let again = kexinit(Offer { kex: "null,kex-strict-c-v00@openssh.com", follows: false });
    for (state, twice) in [
        ("exchange", again.clone()),
        ("exchange", message(21, &[])),
        ("newkeys", init()),
        ("newkeys", again.clone()),
        ("just-after-newkeys", message(21, &[])),
        ("just-after-newkeys", init()),
    ] {
        let mut raw = Server::stand(state);
        raw.send(&twice);
        assert_eq!(error(&raw), Some(Error::Unexpected { number: twice[0] }), "{state}");
    }
    for (state, twice) in [
        ("exchange", again.clone()),
        ("exchange", message(21, &[])),
        ("newkeys", reply()),
        ("newkeys", again),
        ("just-after-newkeys", message(21, &[])),
        ("just-after-newkeys", reply()),
    ] {
        let mut raw = Client::stand(state);
        raw.send(&twice);
        assert_eq!(error(&raw), Some(Error::Unexpected { number: twice[0] }), "{state}");
    }
}

/// The sequence number that an unknown message is answered with, right behind the first NEWKEYS.
fn number_behind_newkeys(kex: &'static str) -> u32 {
    let mut raw = Raw::server(|_| {});
    raw.send_ident();
    raw.send(&kexinit(Offer { kex, follows: false }));
    raw.send(&init());
    raw.new_keys();
    raw.take();
    raw.send(&[9]);
    let answer = raw.said.iter().find(|said| said[0] == 3).unwrap_or_else(|| panic!("{:?}", raw.app.end));
    u32::from_be_bytes(answer[1..5].try_into().expect("a number"))
}

/// CVE-2023-48795 (Terrapin), russh f2354c7: which markers make an exchange strict: either pair of names of the peer's
/// role, in its first KEXINIT; and then numbers start again at NEWKEYS.
#[test]
fn the_right_markers_and_no_others_reset_the_numbers() {
    for (kex, strict) in [
        ("null", false),
        ("null,kex-strict-c-v00@openssh.com", true),
        ("kex-strict-c-v00@openssh.com,null", true),
        ("null,kex-strict-c", true),
        ("null,kex-strict-c,kex-strict-c-v00@openssh.com", true),
        // The other role's, in other letters, and longer ones.
        ("null,kex-strict-s-v00@openssh.com", false),
        ("null,kex-strict-s", false),
        ("null,KEX-STRICT-C", false),
        ("null,kex-strict-c-v01@openssh.com", false),
    ] {
        // KEXINIT, INIT and NEWKEYS were 0, 1 and 2.
        assert_eq!(number_behind_newkeys(kex), if strict { 0 } else { 3 }, "{kex}");
    }
}

/// russh f2354c7: numbers start again at each later NEWKEYS, too, whatever the later KEXINITs say about it.
#[test]
fn numbers_start_again_at_each_newkeys() {
    let number = |raw: &mut Raw<Server>| {
        raw.take();
        raw.send(&[200]);
        let answer = raw.said.iter().find(|said| said[0] == 3).expect("UNIMPLEMENTED").clone();
        u32::from_be_bytes(answer[1..5].try_into().expect("a number"))
    };
    for marker in ["null", "null,kex-strict-c-v00@openssh.com"] {
        let mut raw = Server::stand("open");
        for _ in 0..3 {
            raw.send(&kexinit(Offer { kex: marker, follows: false }));
            raw.send(&init());
            raw.send(&message(21, &[]));
            assert_eq!(number(&mut raw), 0, "{marker}");
            assert_eq!(number(&mut raw), 1, "{marker}");
        }
    }
    // Without it they go on, even if a later KEXINIT asks for it.
    let mut raw = Raw::server(|_| {});
    raw.to_service(false);
    raw.send(&message(5, &[&strings(&[b"ssh-userauth"])]));
    raw.send(&sansh_testkit::raw::password("user", "right"));
    let before = number(&mut raw);
    raw.send(&kexinit(Offer { kex: "null,kex-strict-c-v00@openssh.com", follows: false }));
    raw.send(&init());
    raw.send(&message(21, &[]));
    assert_eq!(number(&mut raw), before + 4);
}

/// CVE-2023-48795 (Terrapin): the numbers are those that the tags are made with, in every cipher: a peer that does not
/// start again, or starts again unasked, is not understood.
#[test]
fn tags_are_made_with_the_numbers() {
    for (cipher, mac) in crate::keyed::suites(&sansh_testkit::pair::RUSTCRYPTO) {
        for strict in [true, false] {
            let suite = Suite::both("curve25519-sha256", cipher, mac);
            let mut keyed = Keyed::open(strict, suite);
            for _ in 0..3 {
                keyed.exchange(suite);
            }
            keyed.send(&crate::hand::global("x@test", true, b""));
            assert_eq!(keyed.take().last(), Some(&vec![82]), "{cipher} {mac}");
            if cipher.contains("gcm") {
                // Its nonce has a counter of its own.
                continue;
            }
            keyed.begin(suite);
            let newkeys = keyed.seal(&message(21, &[]));
            keyed.take_new_keys_wrongly();
            keyed.send_bytes(&newkeys);
            keyed.send(&crate::hand::global("x@test", true, b""));
            // The length field of ChaCha20-Poly1305 is made with the number, too.
            let end = keyed.app.ended().error;
            let known = end == Error::Integrity || end == Error::PacketLength && cipher.contains("chacha20");
            assert!(known, "{cipher} {mac}, strict {strict}: {end:?}");
        }
    }
}

/// CVE-2023-48795 (Terrapin): somebody in the middle puts a message in before the keys, to take one away behind them.
#[test]
fn a_prefix_cannot_be_cut() {
    for cipher in ["chacha20-poly1305@openssh.com", "aes256-gcm@openssh.com", "aes256-ctr"] {
        for way in [Way::Up, Way::Down] {
            for place in 0..3 {
                let mut between = Between::new(|builder| {
                    builder.client(|config| {
                        config.ciphers(cipher).unwrap();
                    })
                });
                between.client.app.patient = true;
                let mut sent = 0;
                between.run(|through, bytes| {
                    if through != way {
                        return bytes;
                    }
                    sent += 1;
                    let extra = packet(&message(2, &[&strings(&[b""])]), false);
                    match (sent, place) {
                        (1, 0) => {
                            let (line, packets) = plain(&bytes);
                            let rest: Vec<u8> = packets.iter().flat_map(|payload| packet(payload, false)).collect();
                            [line, extra, rest].concat()
                        }
                        (1, 1) => [bytes, extra].concat(),
                        // In front of INIT or REPLY.
                        (2, 2) => [extra, bytes].concat(),
                        _ => bytes,
                    }
                });
                let found = if way == Way::Up { between.server.app.ended() } else { between.client.app.ended() };
                assert!(
                    matches!(found.error, Error::NotStrict | Error::Unexpected { number: 2 }),
                    "{cipher} {way:?} {place}: {}",
                    found.text
                );
                assert!(!between.server.app.is_ready() && !between.client.app.is_ready());
            }
        }
    }
}

/// CVE-2023-48795 (Terrapin): nor can the markers be taken away: both KEXINITs are signed.
#[test]
fn the_markers_cannot_be_taken_away() {
    for way in [Way::Up, Way::Down] {
        let mut between = Between::new(|builder| builder);
        between.client.app.patient = true;
        let mut first = true;
        between.run(|through, bytes| {
            if through != way || !core::mem::take(&mut first) {
                return bytes;
            }
            let (line, mut packets) = plain(&bytes);
            let text = packets[0].escape_ascii().to_string();
            assert!(text.contains("kex-strict-"), "{text}");
            for at in 0..packets[0].len() - 10 {
                if packets[0][at..].starts_with(b"kex-strict-") {
                    packets[0][at..at + 10].copy_from_slice(b"kex-lenien");
                }
            }
            let rest: Vec<u8> = packets.iter().flat_map(|payload| packet(payload, false)).collect();
            [line, rest].concat()
        });
        assert_eq!(between.client.app.ended().error, Error::HostKeySignature, "{way:?}");
        assert!(!between.server.app.is_ready());
    }
}

/// CVE-2023-46445, GHSA-cfc2-wr2v-gxm5: a packet that somebody takes away behind the keys is missed.
#[test]
fn a_missing_packet_is_missed() {
    let suite = Suite::both("curve25519-sha256", "chacha20-poly1305@openssh.com", "");
    for strict in [true, false] {
        let mut keyed = Keyed::new(strict, |_| {});
        keyed.exchange(suite);
        let _taken_away = keyed.seal(&ext_info(0, &[]));
        keyed.send(&message(5, &[&strings(&[b"ssh-userauth"])]));
        let end = keyed.app.ended().error;
        assert!(matches!(end, Error::Integrity | Error::PacketLength), "{end:?}");
    }
}

/// russh f2354c7: a marker is no method: alone it is nothing in common.
#[test]
fn a_marker_is_never_chosen() {
    for kex in [b"kex-strict-s-v00@openssh.com".as_slice(), b"kex-strict-c,ext-info-s", b"ext-info-s"] {
        let mut raw = Raw::server(|_| {});
        raw.send_ident();
        raw.send(&kexinit_of(&null_lists(kex, b"null"), false));
        assert_eq!(error(&raw), Some(Error::NothingInCommon(sansh::error::List::Kex)));
        assert_eq!(raw.disconnect_code(), Some(3));
    }
}

/// russh f2354c7: a re-exchange of a strict connection is not as strict as the first: IGNORE may come.
#[test]
fn a_re_exchange_takes_what_is_ignored() {
    let mut raw = Server::stand("open");
    raw.send(&kexinit(Offer { kex: "null", follows: false }));
    raw.send(&message(2, &[&strings(&[b""])]));
    raw.send(&init());
    raw.send(&message(4, &[&[1], &strings(&[b"text", b""])]));
    raw.send(&message(21, &[]));
    assert!(is_alive(&mut raw));
    re_exchange(&mut raw);
    assert!(is_alive(&mut raw));
}
