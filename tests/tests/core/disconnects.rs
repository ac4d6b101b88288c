//! The table from error to DISCONNECT code, row by row: each error is provoked, the event says who was to blame, and the
//! code is read off the wire. Where encryption is not the subject, the other end is a raw peer over the null provider.

use sansh::error::{Blame, Error, IdentFault, List, code};
use sansh::message;
use sansh::wire::Malformed;
use sansh::{Disconnect, SECOND, Timer};
use sansh_testkit::apps::Answer;
use sansh_testkit::pair::Pair;
use sansh_testkit::raw::{NULL_KEY, NULL_SIGNATURE, Offer, Raw, kexinit, packet, password, payload, strings};
use sansh_testkit::told::{Opens, Reply, Seen, Told};

/// The connection has ended for this reason, has said so on the wire, and wants nothing more.
fn ended<R: Told>(raw: &mut Raw<R>, error: Error) {
    raw.pump();
    let end = raw.app.ended();
    assert_eq!(end.error, error, "{}", end.text);
    assert!(!end.state.is_empty());
    assert_eq!(raw.disconnect_code(), error.disconnect_code(), "{error:?}: {:?}", raw.said);
    if error.disconnect_code().is_some() {
        let last = raw.said.last().expect("a message");
        assert_eq!(last[0], 1, "DISCONNECT is the last that is sent");
        let text = error.row().2.as_bytes();
        assert!(last.windows(text.len()).any(|part| part == text), "{error:?}: {:?}", last.escape_ascii().to_string());
    }
    assert!(!raw.conn.wants().read, "nothing is read behind the end");
    assert!(raw.conn.next_event().is_none(), "no event behind Closed");
}

fn open_session(raw: &mut Raw<sansh::Server>, window: u32) {
    let mut bytes = vec![90];
    bytes.extend(strings(&[b"session"]));
    bytes.extend(5_u32.to_be_bytes());
    bytes.extend(window.to_be_bytes());
    bytes.extend(1000_u32.to_be_bytes());
    raw.send(&bytes);
    assert!(raw.heard(91), "no CHANNEL_OPEN_CONFIRMATION: {:?}", raw.said);
}

fn server() -> Raw<sansh::Server> {
    Raw::server(|_| {})
}

fn client() -> Raw<sansh::Client> {
    Raw::client(|_| {})
}

#[test]
fn identifications() {
    let long = [b"SSH-2.0-".as_slice(), &[b'x'; 300], b"\r\n"].concat();
    let cases: [(&[u8], IdentFault); 8] = [
        (b"SSH-1.5-old\r\n", IdentFault::Version),
        (b"SSH-3.0-new\r\n", IdentFault::Version),
        (b"SSH-1.99-both\r\n", IdentFault::Version),
        (&long, IdentFault::TooLong),
        (&[b'S'; 1000], IdentFault::NotSsh),
        (b"GET / HTTP/1.1\r\n", IdentFault::NotSsh),
        (b"SSH-2.0-nul\0nul\r\n", IdentFault::Text),
        (b"SSH-2.0-bell\x07\r\n", IdentFault::Text),
    ];
    for (bytes, fault) in cases {
        let mut raw = server();
        raw.send_bytes(bytes);
        let got = raw.app.ended().error;
        let either = bytes.len() == 1000 && got == Error::Ident(IdentFault::TooLong);
        ended(&mut raw, if either { got } else { Error::Ident(fault) });
    }
    for bytes in [b"SSH-1.5-old\r\n", b"SSH-3.0-new\r\n"] {
        let mut raw = client();
        raw.send_bytes(bytes);
        ended(&mut raw, Error::Ident(IdentFault::Version));
    }
}

#[test]
fn lines_before_an_identification() {
    // Twenty lines are fine for a client (RFC 4253, section 4.2), and 1.99 is 2.0 (section 5.1).
    let mut raw = client();
    raw.send_bytes(&b"Welcome to the machine\r\n".repeat(20));
    raw.send_bytes(b"SSH-1.99-raw\r\n");
    assert!(raw.app.end.is_none(), "{:?}", raw.app.end);
    assert_eq!(raw.conn.peer().identification, b"SSH-1.99-raw");
    let mut raw = client();
    raw.send_bytes(&b"x\r\n".repeat(21));
    ended(&mut raw, Error::Ident(IdentFault::TooMany));
    // Many bytes in few lines.
    let mut raw = client();
    let line = [[b'x'; 900].as_slice(), b"\r\n"].concat();
    raw.send_bytes(&line.repeat(12));
    let got = raw.app.ended().error;
    assert!(matches!(got, Error::Ident(IdentFault::TooMany | IdentFault::TooLong)), "{got:?}");
    ended(&mut raw, got);
}

#[test]
fn packet_lengths() {
    for length in [0_u32, 1, 2, 3, 4, 5, 11, 13, 35_001, 0x7fff_ffff, 0xffff_ffff] {
        let mut raw = server();
        raw.send_ident();
        raw.send_bytes(&length.to_be_bytes());
        raw.send_bytes(&[0; 40]);
        let got = raw.app.ended().error;
        assert!(matches!(got, Error::PacketLength | Error::Padding), "{length}: {got:?}");
        if length > 35_000 || length == 0 || length == 13 {
            assert_eq!(got, Error::PacketLength, "{length}");
        }
        ended(&mut raw, got);
    }
}

#[test]
fn paddings() {
    for padding in [0_u8, 1, 3, 12, 200, 255] {
        let mut raw = server();
        raw.send_ident();
        let mut bytes = packet(&[2; 7], false);
        assert_eq!(bytes.len(), 16);
        bytes[4] = padding;
        raw.send_bytes(&bytes);
        ended(&mut raw, Error::Padding);
    }
    // A packet that is all padding has no message.
    let mut raw = server();
    raw.send_ident();
    let mut bytes = packet(&[2; 7], false);
    bytes[4] = 11;
    raw.send_bytes(&bytes);
    ended(&mut raw, Error::Padding);
}

#[test]
fn integrity() {
    let suites = [
        "chacha20-poly1305@openssh.com",
        "aes256-gcm@openssh.com",
        "aes128-gcm@openssh.com",
        "aes256-ctr",
        "aes256-ctr",
    ];
    for (n, cipher) in suites.into_iter().enumerate() {
        let mac = if n == 3 { "hmac-sha2-256" } else { "hmac-sha2-256-etm@openssh.com" };
        for at in [4_usize, 5, 12, 20, usize::MAX] {
            let mut pair = Pair::builder()
                .client(|config| {
                    config.ciphers(cipher).unwrap().macs(mac).unwrap();
                })
                .logged_in();
            pair.client.conn.global(sansh_testkit::pair::other_global("x@test", false, &[0; 50]).lend()).expect("room");
            let mut sealed = pair.client.conn.transmit_buf().to_vec();
            let at = at.min(sealed.len() - 1);
            sealed[at] ^= 0x10;
            let n = sealed.len();
            pair.client.conn.transmitted(n);
            let now = pair.clock.now();
            let (weather, mut dice) = (pair.weather, sansh_testkit::dice::Dice::new(1));
            assert_eq!(pair.up.write(&sealed, now, &weather, &mut dice), n);
            pair.run();
            assert_eq!(pair.server.app.ended().error, Error::Integrity, "{cipher} {mac} at {at}");
            assert_eq!(pair.client.app.ended().error, Error::Disconnected { code: code::MAC_ERROR });
        }
    }
}

#[test]
fn malformed_messages() {
    let cases: [(&[u8], Malformed); 7] = [
        (&[94, 0, 0], Malformed::Truncated),
        (b"\x5e\0\0\0\0\0\0\0\x05abc", Malformed::Truncated),
        (b"\x5e\0\0\0\0\xff\xff\xff\xffabc", Malformed::Truncated),
        (b"\x5e\0\0\0\0\0\0\0\x01abc", Malformed::Trailing),
        (b"\x61\0\0\0\0\0", Malformed::Trailing),
        (b"\x50\0\0\0\x02\xff\xfe\0", Malformed::Value),
        (b"\x5a\0\0\0\x0cdirect-tcpip\0\0\0\x07\0\0\x10\0\0\0\x10\0\0\0\0\x05h", Malformed::Truncated),
    ];
    for (bytes, what) in cases {
        let mut raw = server();
        raw.to_open();
        open_session(&mut raw, 1000);
        raw.take();
        raw.send(bytes);
        ended(&mut raw, Error::Malformed { number: bytes[0], what });
    }
}

#[test]
fn malformed_key_exchange_messages() {
    for (bytes, what) in [
        (vec![20, 1, 2, 3], Malformed::Truncated),
        ([kexinit(Offer { kex: "null", follows: false }).as_slice(), &[0]].concat(), Malformed::Trailing),
    ] {
        let mut raw = server();
        raw.send_ident();
        raw.send(&bytes);
        ended(&mut raw, Error::Malformed { number: 20, what });
    }
    let mut raw = server();
    raw.to_kex(true);
    raw.send(&[30, 0, 0, 0, 40, 1]);
    ended(&mut raw, Error::Malformed { number: 30, what: Malformed::Truncated });
}

#[test]
fn messages_that_may_not_come() {
    let mut raw = server();
    raw.to_open();
    raw.take();
    raw.send(&payload(&message::UserauthSuccess::new()));
    ended(&mut raw, Error::Unexpected { number: 52 });
    // The attack that let clients in: a success before any login.
    let mut raw = server();
    raw.to_auth();
    raw.take();
    raw.send(&payload(&message::UserauthSuccess::new()));
    ended(&mut raw, Error::Unexpected { number: 52 });
    assert!(!raw.app.is_ready());
    // And the one that skipped it: channels before any login.
    let mut raw = server();
    raw.to_auth();
    raw.take();
    raw.send(b"\x5a\0\0\0\x07session\0\0\0\x09\0\0\x10\0\0\0\x10\0");
    ended(&mut raw, Error::Unexpected { number: 90 });
}

#[test]
fn not_strict() {
    for first in [[2_u8, 0, 0, 0, 0].as_slice(), &[4, 0, 0, 0, 0, 0, 0, 0, 0, 0]] {
        let mut raw = server();
        raw.send_ident();
        raw.send(first);
        assert!(raw.app.end.is_none(), "whether it is strict is not known yet");
        raw.send(&kexinit(Offer { kex: "null,kex-strict-c-v00@openssh.com", follows: false }));
        ended(&mut raw, Error::NotStrict);
        // Without strict key exchange it is in order.
        let mut raw = server();
        raw.send_ident();
        raw.send(first);
        raw.send(&kexinit(Offer { kex: "null", follows: false }));
        assert!(raw.app.end.is_none());
    }
}

#[test]
fn re_exchanges_before_login() {
    let mut raw = server();
    raw.to_auth();
    for _ in 0..2 {
        raw.take();
        raw.send(&kexinit(Offer { kex: "null", follows: false }));
        if raw.app.end.is_some() {
            break;
        }
        raw.send(&payload(&message::KexEcdhInit::new(&[1; 32])));
        raw.new_keys();
        assert!(raw.app.end.is_none(), "one is accepted: {:?}", raw.app.end);
    }
    ended(&mut raw, Error::RekeyBeforeLogin);
}

#[test]
fn nothing_in_common() {
    let mut raw = server();
    raw.send_ident();
    raw.send(&kexinit(Offer { kex: "other,ext-info-c", follows: false }));
    ended(&mut raw, Error::NothingInCommon(List::Kex));
    let (ours, theirs) = raw.app.ended().offers.clone().expect("offers");
    assert!(ours.starts_with("null"), "{ours}");
    assert_eq!(theirs, "other,ext-info-c");
    let names = |n: usize| -> Vec<u8> {
        let list = |at: usize, own: &'static str| if at == n { "other" } else { own };
        let parse = |names: &'static str| sansh::wire::NameList::parse(names.as_bytes()).expect("a list");
        payload(&message::KexInit::new(
            message::Cookie([7; 16]),
            parse(list(0, "null")),
            parse(list(1, "null")),
            parse(list(2, "null")),
            parse(list(3, "null")),
            parse(""),
            parse(""),
            parse(list(6, "none")),
            parse(list(7, "none")),
            parse(""),
            parse(""),
            false,
            0,
        ))
    };
    let lists = [
        (1, List::HostKey),
        (2, List::CipherClientToServer),
        (3, List::CipherServerToClient),
        (6, List::CompressionClientToServer),
        (7, List::CompressionServerToClient),
    ];
    for (n, list) in lists {
        let mut raw = server();
        raw.send_ident();
        raw.send(&names(n));
        ended(&mut raw, Error::NothingInCommon(list));
        assert_eq!(raw.app.ended().error.blame(), Blame::Nobody);
        assert_eq!(raw.app.ended().offers.clone().expect("offers").1, "other");
    }
}

#[test]
fn public_values() {
    for length in [0, 31, 33, 2000] {
        let mut raw = server();
        raw.to_kex(true);
        raw.send(&payload(&message::KexEcdhInit::new(&vec![1; length])));
        ended(&mut raw, Error::BadKexValue);
        let mut raw = client();
        raw.to_kex(true);
        raw.send(&payload(&message::KexEcdhReply::new(NULL_KEY, &vec![1; length], NULL_SIGNATURE)));
        ended(&mut raw, Error::BadKexValue);
    }
}

#[test]
fn public_values_of_low_order() {
    // RFC 8731, section 3: "abort if the all-zero value is the result"; both for curve25519 alone and in the hybrid.
    for (kex, value) in [("curve25519-sha256", vec![0; 32]), ("mlkem768x25519-sha256", vec![0; 1184 + 32])] {
        let mut pair = Pair::builder()
            .client(|config| {
                config.kex(kex).unwrap();
            })
            .build();
        pair.client.app.patient = true;
        // The client's identification and KEXINIT go; then the test speaks in its place.
        let first = pair.client.conn.transmit_buf().to_vec();
        pair.client.conn.transmitted(first.len());
        let now = pair.clock.now();
        let bytes = [first, packet(&payload(&message::KexEcdhInit::new(&value)), false)].concat();
        let mut dice = sansh_testkit::dice::Dice::new(1);
        pair.up.write(&bytes, now, &pair.weather.clone(), &mut dice);
        pair.settle();
        assert_eq!(pair.server.app.ended().error, Error::BadKexValue, "{kex}");
        assert_eq!(pair.client.app.ended().error, Error::Disconnected { code: code::KEY_EXCHANGE_FAILED }, "{kex}");
    }
}

#[test]
fn host_keys() {
    let mut raw = client();
    raw.to_kex(true);
    raw.reply(b"\0\0\0\x05other");
    ended(&mut raw, Error::HostKeyKind);

    let mut raw = client();
    raw.app.manner(|seen| matches!(seen, Seen::HostKey { .. }).then_some(Answer::Now(Reply::Trust(false))));
    raw.to_kex(true);
    raw.reply(NULL_KEY);
    ended(&mut raw, Error::HostKeyRejected);

    let mut raw = server();
    raw.app.manner(|seen| matches!(seen, Seen::Sign { .. }).then_some(Answer::Now(Reply::Signature(None))));
    raw.to_kex(true);
    raw.send(&payload(&message::KexEcdhInit::new(&[1; 32])));
    ended(&mut raw, Error::SignatureDeclined);

    // The signature: handshake.rs, with real ones; here the code on the wire.
    let mut pair = Pair::builder().build();
    pair.server.app.manner(|seen| match seen {
        Seen::Sign { algorithm, .. } => {
            let own =
                sansh_testkit::pair::key(sansh_testkit::pair::HOST_KEY).sign(algorithm, b"not this").expect("one");
            Some(Answer::Now(Reply::Signature(Some(own))))
        }
        _ => None,
    });
    pair.run();
    assert_eq!(pair.client.app.ended().error, Error::HostKeySignature);
    let code = Error::HostKeySignature.disconnect_code().expect("a code");
    assert_eq!(pair.server.app.ended().error, Error::Disconnected { code });
}

#[test]
fn services() {
    for name in [&b"ssh-connection"[..], b"other", b""] {
        let mut raw = server();
        raw.to_service(true);
        raw.take();
        raw.send(&payload(&message::ServiceRequest::new(name)));
        ended(&mut raw, Error::Service);
        let mut raw = client();
        raw.to_service(true);
        raw.take();
        raw.send(&payload(&message::ServiceAccept::new(name)));
        ended(&mut raw, Error::Service);
    }
}

#[test]
fn logins() {
    let mut raw = Raw::server(|config| {
        let mut limits = config.bounds().clone();
        limits.attempts = 3;
        config.limits(limits).unwrap();
    });
    raw.to_auth();
    raw.take();
    for _ in 0..3 {
        raw.send(&password("user", "wrong"));
    }
    ended(&mut raw, Error::TooManyAttempts);

    let mut raw = Raw::server(|config| {
        let mut limits = config.bounds().clone();
        limits.auth_messages = 10;
        config.limits(limits).unwrap();
    });
    raw.to_auth();
    raw.take();
    for _ in 0..11 {
        raw.send(&password("user", "wrong"));
    }
    ended(&mut raw, Error::TooManyAttempts);

    let mut raw = server();
    raw.app.manner(|seen| matches!(seen, Seen::Login { .. }).then_some(Answer::Now(Reply::Partial(String::new()))));
    raw.to_auth();
    raw.take();
    raw.send(&password("user", "right"));
    raw.send(&password("other", "right"));
    ended(&mut raw, Error::UserChanged);

    let mut raw = client();
    raw.app.attempts.clear();
    raw.to_auth();
    ended(&mut raw, Error::GaveUp);

    // A login for another service than ssh-connection "MUST NOT be accepted" (RFC 4252, section 5), and nobody is asked.
    let mut raw = server();
    raw.to_auth();
    raw.take();
    let mut request = vec![50];
    request.extend(strings(&[b"user", b"other-service", b"password"]));
    request.push(0);
    request.extend(strings(&[b"right"]));
    raw.send(&request);
    assert!(raw.heard(51) || raw.app.end.as_ref().is_some_and(|end| end.error == Error::Service), "{:?}", raw.said);
    assert!(!raw.heard(52) && !raw.app.saw(|seen| matches!(seen, Seen::Login { .. })));
}

#[test]
fn an_unimplemented_that_matters() {
    let unimplemented = payload(&message::Unimplemented::new(0));
    // A client's SERVICE_REQUEST and USERAUTH_REQUEST matter; so does everything in a key exchange.
    for stage in 0..4 {
        let mut raw = client();
        match stage {
            0 => raw.to_kex(true),
            1 => raw.to_kex(false),
            2 => raw.to_service(true),
            _ => raw.to_auth(),
        }
        raw.take();
        raw.send(&unimplemented);
        raw.pump();
        assert_eq!(raw.app.ended().error, Error::Unimplemented, "stage {stage}");
        assert_eq!(raw.disconnect_code(), Error::Unimplemented.disconnect_code(), "stage {stage}");
    }
    // To an open channel's request it is an answer that settles nothing, and no reason to end.
    let mut raw = client();
    raw.to_open();
    raw.send(&unimplemented);
    assert!(raw.app.end.is_none());
}

#[test]
fn channels() {
    let number = |n: u32| n.to_be_bytes();
    let message = |kind: u8, channel: u32, rest: &[u8]| [&[kind], number(channel).as_slice(), rest].concat();
    let data = |n: usize| message(94, 0, &strings(&[&vec![7; n]]));
    let cases: Vec<(Vec<Vec<u8>>, Error)> = vec![
        (vec![message(94, 99, &strings(&[b"x"]))], Error::UnknownChannel),
        (vec![message(96, 99, &[])], Error::UnknownChannel),
        (vec![message(97, 0xffff_ffff, &[])], Error::UnknownChannel),
        (vec![message(93, 99, &number(1))], Error::UnknownChannel),
        (vec![message(91, 99, &[number(1), number(1), number(1)].concat())], Error::UnknownChannel),
        (vec![message(92, 99, &[&number(1), strings(&[b"", b""]).as_slice()].concat())], Error::UnknownChannel),
        (vec![message(97, 0, &[]), data(1)], Error::UnknownChannel),
        (vec![message(97, 0, &[]), message(97, 0, &[])], Error::UnknownChannel),
        (vec![data(501)], Error::WindowExceeded),
        (vec![data(500), data(1)], Error::WindowExceeded),
        (vec![message(95, 0, &[&number(1), strings(&[&[0; 501]]).as_slice()].concat())], Error::WindowExceeded),
        (vec![message(93, 0, &number(0xffff_ffff))], Error::WindowOverflow),
        (vec![message(96, 0, &[]), data(1)], Error::AfterEof),
        (vec![message(96, 0, &[]), message(96, 0, &[])], Error::AfterEof),
        (vec![message(99, 0, &[])], Error::UnsolicitedReply),
        (vec![message(100, 0, &[])], Error::UnsolicitedReply),
        (vec![vec![81]], Error::UnsolicitedReply),
        (vec![vec![82]], Error::UnsolicitedReply),
    ];
    for (messages, error) in cases {
        let mut raw = server();
        raw.to_open();
        raw.app.window = 500;
        raw.app.grants = false;
        open_session(&mut raw, 1000);
        raw.take();
        let shown = format!("{messages:?}");
        for message in messages {
            raw.send(&message);
        }
        assert_eq!(raw.app.ended().error, error, "{shown}");
        ended(&mut raw, error);
    }
}

#[test]
fn a_packet_larger_than_was_advertised() {
    let mut raw = server();
    raw.to_open();
    raw.app.window = 1_000_000;
    open_session(&mut raw, 1000);
    let confirmation = raw.said.iter().rev().find(|said| said[0] == 91).expect("opened").clone();
    let advertised = u32::from_be_bytes(confirmation[13..17].try_into().expect("four")) as usize;
    assert!(advertised >= 32_768, "{advertised}");
    raw.take();
    raw.send(&[&[94, 0, 0, 0, 0], strings(&[&vec![7; advertised]]).as_slice()].concat());
    assert!(raw.app.end.is_none());
    raw.send(&[&[94, 0, 0, 0, 0], strings(&[&vec![7; advertised + 1]]).as_slice()].concat());
    ended(&mut raw, Error::WindowExceeded);
}

#[test]
fn floods() {
    // Unknown messages while the server cannot say so.
    let mut raw = server();
    raw.to_open();
    raw.take();
    raw.reads = false;
    for _ in 0..100_000 {
        if raw.app.end.is_some() {
            break;
        }
        raw.send(&[200, 1, 2, 3]);
    }
    raw.reads = true;
    ended(&mut raw, Error::Flood);
    // Bytes before a login.
    let mut raw = server();
    raw.to_auth();
    raw.take();
    let ignore = payload(&message::Ignore::new(message::Rest(&[0; 30_000])));
    for _ in 0..200 {
        if raw.app.end.is_some() {
            break;
        }
        raw.send(&ignore);
    }
    ended(&mut raw, Error::Flood);
}

#[test]
fn timeouts() {
    let mut raw = Raw::server(|config| {
        config.login_time(5 * SECOND);
    });
    raw.to_auth();
    raw.take();
    raw.wait(6 * SECOND);
    ended(&mut raw, Error::Timeout(Timer::Login));

    let mut raw = Raw::server(|config| {
        config.kex_time(5 * SECOND);
    });
    raw.to_kex(true);
    raw.take();
    raw.wait(6 * SECOND);
    ended(&mut raw, Error::Timeout(Timer::KeyExchange));

    let mut raw = Raw::client(|config| {
        config.keepalive(5 * SECOND, 2);
    });
    raw.to_open();
    raw.take();
    raw.wait(60 * SECOND);
    ended(&mut raw, Error::Timeout(Timer::Keepalive));
}

#[test]
fn a_disconnect_of_the_peer_needs_no_answer() {
    for stage in 0..4 {
        let mut raw = server();
        match stage {
            0 => raw.send_ident(),
            1 => raw.to_kex(true),
            2 => raw.to_auth(),
            _ => raw.to_open(),
        }
        raw.take();
        raw.send(&payload(&message::Disconnect::new(4711, b"bye\n", b"")));
        assert_eq!(raw.app.ended().words, b"bye\n");
        ended(&mut raw, Error::Disconnected { code: 4711 });
        assert_eq!(raw.said, Vec::<Vec<u8>>::new());
    }
}

#[test]
fn the_end_of_the_network_needs_none_either() {
    for stage in 0..5 {
        let mut raw = server();
        match stage {
            0 => {}
            1 => raw.send_ident(),
            2 => raw.to_kex(true),
            3 => raw.to_auth(),
            _ => raw.to_open(),
        }
        raw.take();
        raw.conn.received_eof(raw.clock.now());
        ended(&mut raw, Error::Eof);
        assert_eq!(raw.said, Vec::<Vec<u8>>::new());
    }
}

#[test]
fn the_application_says_what_it_likes() {
    for code in [11, 14, 4711] {
        let mut raw = server();
        raw.to_open();
        raw.take();
        raw.conn.disconnect(Disconnect { code, text: "because" });
        raw.pump();
        assert_eq!(raw.app.ended().error, Error::Application { code });
        let said = raw.said.last().expect("a DISCONNECT").clone();
        assert_eq!(said, payload(&message::Disconnect::new(code, b"because", b"")));
    }
}

#[test]
fn a_wrong_call_ends_the_connection() {
    let mut raw = server();
    raw.to_open();
    raw.take();
    let n = raw.conn.recv_buf().len();
    raw.conn.received(n + 1, raw.clock.now());
    ended(&mut raw, Error::Misuse);

    let mut raw = client();
    raw.to_open();
    let channel = sansh_testkit::apps::open(&mut raw.conn, &mut raw.app, &Opens::Session, 1000).expect("open");
    raw.pump();
    raw.send(&[&[91], [0_u32, 7, 1000, 1000].map(u32::to_be_bytes).concat().as_slice()].concat());
    assert!(raw.app.open.contains(&channel));
    raw.take();
    let mut writer = raw.conn.writer(channel, sansh::channel::Stream::Main).expect("room");
    let n = writer.space().len();
    writer.send(n + 1);
    ended(&mut raw, Error::Misuse);
}

/// Every error has a row; which of them are provoked above, and why the others are not.
#[test]
fn the_table_is_whole() {
    let not_provoked = [
        (Error::SequenceWrapped, "2^32 packets"),
        (Error::Crypto, "no provider here fails"),
        (Error::OutOfMemory, "tests/memory.rs"),
        (Error::Bug, "there is none to provoke"),
    ];
    for (error, why) in not_provoked {
        assert!(!why.is_empty());
        let (_, code, words) = error.row();
        assert!(code.is_some() && !words.is_empty(), "{error:?}");
    }
    for error in [Error::Disconnected { code: 1 }, Error::Eof] {
        assert_eq!(error.disconnect_code(), None, "{error:?}: nobody listens");
    }
}
