//! Key exchanges out of order, too often, or with other algorithms each time.

use crate::hand::{Stand, data, error, global, init, is_alive, message, numbers, re_exchange, reply};
use crate::keyed::{Keyed, Suite, suites};
use sansh::crypto::Provider;
use sansh::error::Error;
use sansh::{Client, SECOND, SendError, Server, Timer};
use sansh_testalloc::read;
use sansh_testkit::apps::Answer;
use sansh_testkit::pair::{Pair, RUSTCRYPTO};
use sansh_testkit::raw::{Offer, Raw, kexinit, strings};
use sansh_testkit::told::{Seen, Told};

/// Every message that some key exchange has, well-formed as far as it can be.
fn of_exchanges() -> Vec<Vec<u8>> {
    let group = [strings(&[&[0x7f; 256], &[2]])].concat();
    vec![
        kexinit(Offer { kex: "null", follows: false }),
        message(21, &[]),
        init(),
        reply(),
        message(31, &[&group]),
        message(32, &[&strings(&[&[5; 256]])]),
        message(33, &[&strings(&[b"key", &[5; 256], b"signature"])]),
        message(34, &[&numbers(&[2048, 3072, 8192])]),
        message(30, &[&numbers(&[2048])]),
    ]
}

/// CVE-2013-0176, CVE-2014-8132, CVE-2015-3146: every message of every key exchange in every state of one: it goes on with
/// the one that is awaited, and ends with any other.
#[test]
fn every_message_in_every_state() {
    fn check<R: Stand>(awaited: &[(&str, u8)]) {
        for state in ["first-kexinit", "exchange", "newkeys", "just-after-newkeys", "service", "auth", "open"] {
            for payload in of_exchanges() {
                let mut raw = R::stand(state);
                let events = raw.app.seen.len();
                raw.send(&payload);
                let number = payload[0];
                let got = error(&raw);
                let what = format!("{state}, server {}: {number}: {got:?}", R::IS_SERVER);
                if awaited.contains(&(state, number)) {
                    assert!(!matches!(got, Some(Error::Unexpected { .. } | Error::Bug)), "{what}");
                } else {
                    assert_eq!(got, Some(Error::Unexpected { number }), "{what}");
                    assert_eq!(raw.app.seen.len(), events + 1, "{what}");
                }
            }
        }
    }
    let anytime = |number| [("first-kexinit", number), ("just-after-newkeys", number), ("service", number)];
    let later = |number| [("auth", number), ("open", number)];
    let kexinits = [anytime(20).as_slice(), &later(20), &[("newkeys", 21)]].concat();
    check::<Server>(&[&kexinits[..], &[("exchange", 30)]].concat());
    check::<Client>(&[&kexinits[..], &[("exchange", 31)]].concat());
}

/// CVE-2016-10708, CVE-2006-4925: NEWKEYS before there are keys, and where no exchange runs.
#[test]
fn newkeys_without_keys() {
    fn check<R: Stand>() {
        for state in R::BEFORE_LOGIN.iter().chain(&["open"]).filter(|state| **state != "newkeys") {
            let mut raw = R::stand(state);
            raw.send(&message(21, &[]));
            assert_eq!(error(&raw), Some(Error::Unexpected { number: 21 }), "{state}, server {}", R::IS_SERVER);
        }
    }
    check::<Server>();
    check::<Client>();
    // Before an identification it is not even a message.
    let mut raw = Raw::server(|_| {});
    raw.send(&message(21, &[]));
    assert!(matches!(error(&raw), Some(Error::Ident(_))));
}

/// CVE-2026-84897, libssh a6b73219: a server has no ear for the group exchange's messages of a server (31, 33), nor for
/// those of a client (34, 32) unless it chose that method: nothing is computed for them.
#[test]
fn a_server_computes_nothing_for_a_group_it_is_sent() {
    for number in [31_u8, 32, 33, 34] {
        for state in ["exchange", "newkeys"] {
            let mut raw = Server::stand(state);
            let signs = raw.app.count(|seen| matches!(seen, Seen::Sign { .. }));
            raw.send(&message(number, &[&strings(&[&[0xff; 1024], &[2]])]));
            assert_eq!(error(&raw), Some(Error::Unexpected { number }), "{state}");
            assert_eq!(raw.app.count(|seen| matches!(seen, Seen::Sign { .. })), signs);
        }
    }
}

/// CVE-2026-84897, libssh a6b73219: where the method is the group exchange, its messages come from the client that sends
/// them, each in its turn: 34, then 32.
#[test]
fn the_group_exchange_has_its_order() {
    let method = "diffie-hellman-group-exchange-sha256";
    let at_the_group = || {
        let mut keyed = Keyed::new(true, |config| {
            config.kex(method).unwrap();
        });
        let cipher = b"aes256-gcm@openssh.com".as_slice();
        let lists = [method.as_bytes(), b"ssh-ed25519", cipher, cipher, b"", b"", b"none", b"none", b"", b""];
        keyed.send(&crate::hand::kexinit_of(&lists, false));
        assert_eq!(keyed.app.end, None);
        keyed.take();
        keyed
    };
    let group = [strings(&[&[0x7f; 256]]), strings(&[&[2]])].concat();
    let of = |number: u8| match number {
        34 => message(34, &[&numbers(&[2048, 3072, 8192])]),
        31 => message(31, &[&group]),
        33 => message(33, &[&strings(&[b"key", &[5; 256], b"signature"])]),
        _ => message(number, &[&strings(&[&[5; 256]])]),
    };
    for number in 30..50 {
        let mut keyed = at_the_group();
        keyed.send(&of(number));
        if number == 34 {
            assert_eq!((keyed.app.end, keyed.said[0][0]), (None, 31), "a group, at once");
        } else {
            assert_eq!(keyed.app.ended().error, Error::Unexpected { number }, "in the place of the request");
        }
        let mut keyed = at_the_group();
        keyed.send(&of(34));
        keyed.send(&of(number));
        let end = keyed.app.end.as_ref().map(|end| end.error);
        assert_eq!(end, (number != 32).then_some(Error::Unexpected { number }), "in the place of INIT");
        let signed = keyed.app.saw(|seen| matches!(seen, Seen::Sign { .. }));
        assert_eq!(signed, number == 32);
    }
}

/// CVE-2016-8858: a second KEXINIT in one exchange ends it, in the first and in later ones; nothing is kept of either.
#[test]
fn a_second_kexinit_ends_the_exchange() {
    fn check<R: Stand>(states: &[&str]) {
        for state in states {
            let mut raw = R::stand(state);
            if *state == "open" {
                raw.send(&kexinit(Offer { kex: "null", follows: false }));
                assert_eq!(error(&raw), None);
            }
            let before = read(0).live;
            raw.send(&kexinit(Offer { kex: "null", follows: false }));
            assert_eq!(error(&raw), Some(Error::Unexpected { number: 20 }), "{state}");
            assert!(read(0).live <= before);
        }
    }
    check::<Server>(&["exchange", "newkeys", "open"]);
    check::<Client>(&["exchange", "newkeys", "open"]);
}

/// OpenSSH ca313fef2: before the login one re-exchange is answered, and no more.
#[test]
fn one_re_exchange_before_the_login() {
    let mut raw = Server::stand("auth");
    re_exchange(&mut raw);
    raw.send(&kexinit(Offer { kex: "null", follows: false }));
    assert_eq!(error(&raw), Some(Error::RekeyBeforeLogin));
    // The one that was answered disturbs no login.
    let mut raw = Server::stand("failed");
    re_exchange(&mut raw);
    raw.send(&sansh_testkit::raw::password("user", "right"));
    assert!(raw.app.is_ready());
}

/// CVE-2002-20001, CVE-2022-40735, CVE-2024-41996: who has not logged in makes a server compute one key agreement and one
/// signature for each of at most two exchanges, whatever is sent.
#[test]
fn few_agreements_before_the_login() {
    let mut raw = Raw::server(|_| {});
    raw.to_service(true);
    for _ in 0..100 {
        raw.send(&kexinit(Offer { kex: "null", follows: false }));
        raw.send(&init());
        raw.send(&init());
        raw.send(&message(21, &[]));
    }
    assert!(raw.app.end.is_some());
    let signs = raw.app.count(|seen| matches!(seen, Seen::Sign { .. }));
    assert!(signs <= 2, "{signs} signatures");
    assert!(raw.conn.counters().exchanges <= 2);
}

/// OpenSSH 72b05ecd1 (10.4): behind its own KEXINIT a peer sends nothing of the layers above; it is not kept, it ends.
#[test]
fn nothing_follows_a_peers_own_kexinit() {
    for late in [
        data(0, b"late"),
        global("x@test", true, b""),
        crate::hand::open("session", 3, 100, 100, b""),
        crate::hand::request(0, "exec", true, &strings(&[b"late"])),
        message(192, &[&strings(&[b""])]),
    ] {
        for behind_init in [false, true] {
            let mut raw = crate::hand::server_with_session(3, 1000);
            raw.send(&kexinit(Offer { kex: "null", follows: false }));
            if behind_init {
                raw.send(&init());
            }
            let events = raw.app.seen.len();
            raw.send(&late);
            assert_eq!(error(&raw), Some(Error::Unexpected { number: late[0] }));
            assert_eq!(raw.app.seen.len(), events + 1, "{:?}", raw.app.seen);
        }
    }
}

/// CVE-2025-22869, dropbear d35cf537 (2026.92): a peer that begins an exchange and then stalls: what the application wants
/// to send comes back at once, nothing is queued, and the exchange has its time.
#[test]
fn a_stalled_exchange_holds_nothing() {
    let mut pair = Pair::builder()
        .server(|config| {
            config.kex_time(60 * SECOND);
        })
        .logged_in();
    let (_, theirs) = pair.session();
    // The client's KEXINIT goes, and then nothing.
    assert!(sansh::danger::send_payload(
        &mut pair.client.conn,
        &crate::hand::kexinit_of(
            &[
                b"curve25519-sha256",
                b"ssh-ed25519",
                b"aes256-gcm@openssh.com",
                b"aes256-gcm@openssh.com",
                b"hmac-sha2-256",
                b"hmac-sha2-256",
                b"none",
                b"none",
                b"",
                b"",
            ],
            false,
        )
    ));
    let sealed = pair.client.conn.transmit_buf().to_vec();
    pair.client.conn.transmitted(sealed.len());
    let now = pair.clock.now();
    let mut dice = sansh_testkit::dice::Dice::new(1);
    let weather = pair.weather;
    pair.up.write(&sealed, now, &weather, &mut dice);
    while pair.up.held() > 0 {
        // Only the server has its turn: the client is stalled.
        let place = pair.server.conn.recv_buf();
        let sansh_testkit::net::Found::Bytes(n) = pair.up.read(place, now) else { break };
        pair.server.conn.received(n, now);
    }
    assert!(pair.server.conn.next_event().is_none());
    let before = (read(1).live, pair.server.conn.transmit_buf().len());
    for _ in 0..10_000 {
        assert_eq!(pair.server.conn.writer(theirs, sansh::channel::Stream::Main).err(), Some(SendError::Rekeying));
        let request = sansh_testkit::pair::other_global("x@test", true, &[0; 1000]);
        assert_eq!(pair.server.conn.global(request.lend()).err(), Some(SendError::Rekeying));
    }
    assert_eq!((read(1).live, pair.server.conn.transmit_buf().len()), before);
    let due = pair.server.conn.next_timeout().expect("the exchange has its time");
    assert!(due <= now.plus(60 * SECOND));
    pair.server.conn.handle_timeout(now.plus(61 * SECOND));
    let Some(sansh::event::server::Event::Closed(reason)) = pair.server.conn.next_event() else { panic!("not closed") };
    assert_eq!(reason.error, Error::Timeout(Timer::KeyExchange));
}

/// CVE-2025-22869: requests of the peer that wait for their answers while it stalls in an exchange are counted, not kept.
#[test]
fn answers_that_wait_for_an_exchange_are_counted() {
    let mut raw = crate::hand::server_with_session(3, 1000);
    raw.app.manner(|seen| matches!(seen, Seen::Request { asked: true, .. }).then_some(Answer::Keep));
    let request = crate::hand::request(0, "env", true, &strings(&[b"NAME", b"value"]));
    raw.send(&request);
    let before = read(0).live;
    for _ in 0..10_000 {
        raw.send(&request);
    }
    raw.send(&kexinit(Offer { kex: "null", follows: false }));
    assert_eq!(error(&raw), None);
    assert!(read(0).live <= before + 4096, "{} bytes more", read(0).live - before);
    assert!(raw.app.kept.len() <= 32, "{} questions", raw.app.kept.len());
}

/// CVE-2021-3634: each exchange has the hash of its own method: they change from exchange to exchange, over hashes of
/// different length, and the session identifier stays the first one.
#[test]
fn the_hash_belongs_to_the_exchange() {
    let mut by_hash = std::collections::BTreeMap::new();
    for row in RUSTCRYPTO.kex().iter().filter(|row| row.shape() == sansh::crypto::KexShape::InitReply) {
        by_hash.entry(row.hash().len()).or_insert_with(Vec::new).push(row.name());
    }
    let methods: Vec<&'static str> = by_hash.values().flatten().copied().collect();
    println!("{by_hash:?}");
    let suite = |kex| Suite::both(kex, "aes256-gcm@openssh.com", "");
    for first in by_hash.values().map(|names| names[0]) {
        let mut keyed = Keyed::open(true, suite(first));
        let session = keyed.session.clone();
        // Forwards and backwards: every length behind every other.
        for kex in methods.iter().chain(methods.iter().rev()) {
            keyed.exchange(suite(kex));
            assert_eq!(keyed.conn.session_id(), Some(&session[..]), "{kex}");
            keyed.send(&global("x@test", true, b""));
            assert_eq!(keyed.take().last(), Some(&vec![82]), "{kex}");
        }
    }
}

/// CVE-2013-4548: from every cipher and MAC to every other within one connection, and in either direction alone.
#[test]
fn ciphers_change_at_every_re_exchange() {
    let suites = suites(&RUSTCRYPTO);
    let kex = "curve25519-sha256";
    let mut keyed = Keyed::open(true, Suite::both(kex, suites[0].0, suites[0].1));
    for (n, from) in suites.iter().enumerate() {
        for to in &suites[n..] {
            for suite in [Suite { kex, up: *from, down: *to }, Suite { kex, up: *to, down: *from }] {
                keyed.exchange(suite);
                keyed.send(&global("x@test", true, &[7; 300]));
                assert_eq!(keyed.take().last(), Some(&vec![82]), "{suite:?}");
            }
        }
    }
    assert_eq!(keyed.app.end, None);
}

/// CVE-2020-1730: a connection that goes away in whatever state of a handshake, under whatever cipher, gives back what it
/// held.
#[test]
fn a_handshake_that_is_dropped_leaves_nothing() {
    for (cipher, mac) in suites(&RUSTCRYPTO) {
        for step in 0..6 {
            let before = read(crate::keyed::METER).live;
            let suite = Suite::both("curve25519-sha256", cipher, mac);
            let mut keyed = Keyed::new(true, |_| {});
            match step {
                0 => {}
                1 => keyed.begin(suite),
                2 => keyed.exchange(suite),
                3 => {
                    keyed.exchange(suite);
                    keyed.log_in();
                }
                _ => {
                    keyed.exchange(suite);
                    keyed.log_in();
                    keyed.begin(suite);
                    if step == 5 {
                        keyed.new_keys();
                        keyed.conn.disconnect(sansh::Disconnect::default());
                    }
                }
            }
            let Keyed { conn, config, .. } = keyed;
            sansh_testkit::alloc::watch(crate::keyed::METER, || drop(conn));
            // The configuration is made and dropped outside.
            drop(config);
            assert_eq!(read(crate::keyed::METER).live, before, "{cipher} {mac}, step {step}");
        }
    }
}

/// A re-exchange changes nothing above it: the same session, the same login.
#[test]
fn a_re_exchange_changes_no_login() {
    fn check<R: Told>(raw: &mut Raw<R>, exchange: impl Fn(&mut Raw<R>)) {
        let session = raw.conn.session_id().map(<[u8]>::to_vec);
        exchange(raw);
        assert_eq!(raw.conn.session_id().map(<[u8]>::to_vec), session);
        assert_eq!(raw.app.count(|seen| matches!(seen, Seen::Ready { .. })), 1);
        assert!(is_alive(raw));
    }
    check(&mut Server::stand("open"), re_exchange);
    check(&mut Client::stand("open"), |raw| {
        raw.send(&kexinit(Offer { kex: "null", follows: false }));
        raw.send(&reply());
        raw.send(&message(21, &[]));
    });
}
