//! Which evidence a login rests on: which key, which signature over which text, which user, how often.

use crate::hand::{Stand, error, login, message, numbers, public_key_fields};
use sansh::error::Error;
use sansh::{Client, Server};
use sansh_testkit::apps::Answer;
use sansh_testkit::pair::{Pair, key};
use sansh_testkit::raw::{NULL_KEY, Raw, password, strings};
use sansh_testkit::told::{Attempt, By, Means, Reply, Seen, Unsettled};

/// A pair whose client is asked for its credentials, and whose question about it is the test's to answer.
fn at_the_login() -> Pair {
    let mut pair = Pair::builder().build();
    pair.client.app.manner(|seen| matches!(seen, Seen::LoginNeeded { .. }).then_some(Answer::Keep));
    pair.run();
    pair
}

/// The text that a `publickey` signature covers (RFC 4252, section 7), from its eight fields.
fn text(fields: &[Vec<u8>; 8]) -> Vec<u8> {
    let [session, number, user, service, method, signed, algorithm, key] = fields;
    [strings(&[session]), number.clone(), strings(&[user, service, method]), signed.clone(), strings(&[algorithm, key])]
        .concat()
}

/// The sunset commit 3f414c5 (Aug 2025): a login succeeds by a signature that was verified in that very request: over a
/// text in which any of the eight fields is another, or is left out, it does not.
#[test]
fn a_signature_covers_all_eight_fields() {
    let own = key(7);
    let mut pair = at_the_login();
    let right: [Vec<u8>; 8] = [
        pair.client.conn.session_id().expect("exchanged").to_vec(),
        vec![50],
        b"user".to_vec(),
        b"ssh-connection".to_vec(),
        b"publickey".to_vec(),
        vec![1],
        b"ssh-ed25519".to_vec(),
        own.public_blob().to_vec(),
    ];
    let mut wrong = Vec::new();
    for at in 0..8 {
        let mut other = right.clone();
        other[at][0] ^= 1;
        wrong.push(text(&other));
        other[at].clear();
        wrong.push(text(&other));
    }
    wrong.push([text(&right), vec![0]].concat());
    wrong.push(Vec::new());
    // The session identifier without its length, as some sign it.
    wrong.push(text(&right)[4..].to_vec());
    let mut attempts = 0;
    for signed in wrong.iter().chain([&text(&right)]) {
        if attempts == 18 {
            // The attempts of one connection are counted: the rest go on a connection of the same session identifier.
            pair = at_the_login();
            assert_eq!(pair.client.conn.session_id(), Some(&right[0][..]));
            attempts = 0;
        }
        attempts += 1;
        let signature = own.sign("ssh-ed25519", signed).expect("a signature");
        let fields = public_key_fields(b"ssh-ed25519", own.public_blob(), Some(&signature));
        let with = Means::Other { method: "publickey".into(), fields };
        pair.client.answer(&Reply::Try(Attempt { user: "user".into(), with }));
        pair.run();
        let is_right = *signed == text(&right);
        assert_eq!(pair.server.app.is_ready(), is_right, "{:?}", signed.escape_ascii().to_string());
        assert_eq!(pair.server.app.saw(|seen| matches!(seen, Seen::Login { .. })), is_right, "nobody is asked before");
    }
    assert!(pair.server.app.is_ready());
}

/// CVE-2024-45337: the key that a login is judged by is the one whose signature was verified in that request, not one that
/// was asked about before.
#[test]
fn the_key_that_signed_is_the_key_that_counts() {
    let (known, own) = (key(7).public_blob().to_vec(), key(8).public_blob().to_vec());
    let mut pair = Pair::builder().build();
    // The client asks about a key that it does not have, and signs with its own.
    pair.client.app.public_key("user", 7, true);
    pair.client.app.public_key("user", 8, false);
    let not_mine = known.clone();
    pair.client.app.manner(move |seen| match seen {
        Seen::Sign { key, .. } if *key == not_mine => Some(Answer::Now(Reply::Signature(None))),
        _ => None,
    });
    let only = known.clone();
    pair.server.app.manner(move |seen| match seen {
        Seen::Login { by: By::PublicKey { key, .. }, .. } if *key != only => {
            Some(Answer::Now(Reply::Deny(String::new())))
        }
        _ => None,
    });
    pair.run();
    assert!(pair.server.app.saw(|seen| matches!(seen, Seen::KeyQuery { key, .. } if *key == known)));
    let judged: Vec<_> = pair
        .server
        .app
        .seen
        .iter()
        .filter_map(|seen| match seen {
            Seen::Login { by: By::PublicKey { key, .. }, .. } => Some(key.clone()),
            _ => None,
        })
        .collect();
    assert_eq!(judged, [own]);
    assert!(!pair.server.app.is_ready());
}

/// The russh commit bca12c7 (May 2026): a client signs for the key and the algorithm that it asked about: PK_OK has to
/// name both, once, in answer to the question.
#[test]
fn pk_ok_has_to_name_what_was_asked() {
    let other = b"\0\0\0\x04null, another".as_slice();
    for (algorithm, key) in
        [(b"null".as_slice(), other), (b"null", b""), (b"null", &NULL_KEY[..7]), (b"other", NULL_KEY), (b"", NULL_KEY)]
    {
        let mut raw = Client::stand("probe");
        raw.send(&message(60, &[&strings(&[algorithm, key])]));
        assert_eq!(error(&raw), Some(Error::Unexpected { number: 60 }), "{algorithm:?} {key:?}");
        assert!(!raw.app.saw(|seen| matches!(seen, Seen::Sign { .. })));
    }
    let right = message(60, &[&strings(&[b"null", NULL_KEY])]);
    let mut raw = Client::stand("probe");
    raw.send(&right);
    assert!(raw.heard(50) && raw.app.count(|seen| matches!(seen, Seen::Sign { .. })) == 1);
    raw.send(&right);
    assert_eq!(error(&raw), Some(Error::Unexpected { number: 60 }), "twice");
    // While a password is judged, the same number asks for a new one: it is no word on any key.
    let mut raw = Client::stand("auth");
    raw.send(&right);
    assert!(!raw.app.saw(|seen| matches!(seen, Seen::Sign { .. })), "{:?}", raw.app.seen);
    for state in ["needed", "open"] {
        let mut raw = Client::stand(state);
        raw.send(&right);
        assert_eq!(error(&raw), Some(Error::Unexpected { number: 60 }), "unasked, {state}");
    }
}

/// CVE-2026-46705, GHSA-hpv4-5h6f-wqr3, and the wolfSSH 1.6.0 notes (2026): what one user has proved is no part of another's
/// login: behind a partial success a change of the user or of the service ends the connection.
#[test]
fn a_step_belongs_to_its_user() {
    for (user, service) in
        [(b"other".as_slice(), b"ssh-connection".as_slice()), (b"user", b"other"), (b"use", b"ssh-connection")]
    {
        let mut raw = Server::stand("partial");
        let before = raw.app.count(|seen| matches!(seen, Seen::Login { .. }));
        raw.send(&login(user, service, b"password", &[vec![0], strings(&[b"right"])].concat()));
        assert_eq!(error(&raw), Some(Error::UserChanged));
        assert!(!raw.app.is_ready());
        assert_eq!(raw.app.count(|seen| matches!(seen, Seen::Login { .. })), before);
    }
    // The same user goes on; and before anything is proved, users may change.
    let mut raw = Server::stand("partial");
    raw.send(&password("user", "right"));
    assert!(raw.app.is_ready());
    let mut raw = Server::stand("failed");
    raw.send(&password("other", "right"));
    assert!(raw.app.is_ready());
    let ready = raw.app.seen.iter().find_map(|seen| if let Seen::Ready { how } = seen { Some(how) } else { None });
    assert!(ready.expect("Ready").starts_with("other"), "{ready:?}");
}

/// GHSA-g6xm-f9xp-qq35: every failed request counts, of whatever method; the limit always ends the connection.
#[test]
fn every_failure_counts() {
    let bad_key = public_key_fields(b"null", b"\0\0\0\x05other", Some(b"x"));
    let requests = [
        password("user", "wrong"),
        login(b"user", b"ssh-connection", b"publickey", &bad_key),
        login(b"user", b"ssh-connection", b"gssapi-with-mic", &[0; 4]),
        login(b"user", b"other-service", b"none", b""),
        login(&[b'u'; 300], b"ssh-connection", b"password", &[0, 0, 0, 0, 0]),
    ];
    for first in 0..requests.len() {
        let mut raw = Server::stand("auth");
        let mut sent = 0;
        while raw.app.end.is_none() {
            raw.send(&requests[(first + sent) % requests.len()]);
            sent += 1;
            assert!(sent < 1000, "no end");
        }
        assert_eq!(error(&raw), Some(Error::TooManyAttempts));
        // "none" of another service asks for the methods, too, and is no attempt.
        assert!((20..=26).contains(&sent), "{sent} requests");
        assert_eq!(raw.disconnect_code(), Some(14));
    }
}

/// The Go commit 5adb68b, and dropbear 2026.90 (SSHamble): requests that are no failures are bounded as well: questions about
/// keys by their own number, and all of a login together.
#[test]
fn every_request_counts() {
    let query = login(b"user", b"ssh-connection", b"publickey", &public_key_fields(b"null", NULL_KEY, None));
    let mut raw = Server::stand("auth");
    let mut sent = 0;
    while raw.app.end.is_none() {
        raw.send(&query);
        sent += 1;
        assert!(sent < 1000, "no end");
    }
    assert_eq!((error(&raw), sent), (Some(Error::TooManyAttempts), 16));
    assert_eq!(raw.app.count(|seen| matches!(seen, Seen::KeyQuery { .. })), 15);
    // What asks for the methods is no attempt.
    let none = login(b"user", b"ssh-connection", b"none", b"");
    let mut raw = Server::stand("auth");
    let mut sent = 0;
    while raw.app.end.is_none() {
        raw.send(&none);
        sent += 1;
        assert!(sent < 1000, "no end");
    }
    assert_eq!((error(&raw), sent), (Some(Error::TooManyAttempts), 129));
}

/// CVE-2026-59851: each method comes to the one question whether this user may come in, and "no" is the answer to all of
/// them.
#[test]
fn every_method_asks_whether_the_user_may_come_in() {
    for (n, request) in [
        login(b"user", b"ssh-connection", b"none", b""),
        password("user", "right"),
        login(b"user", b"ssh-connection", b"publickey", &public_key_fields(b"null", NULL_KEY, Some(b"x"))),
    ]
    .into_iter()
    .enumerate()
    {
        for answer in
            [Answer::Now(Reply::Deny(String::new())), Answer::Later(Reply::Deny(String::new())), Answer::Ignore]
        {
            let mut raw = Raw::server(|_| {});
            raw.app.manner(move |seen| matches!(seen, Seen::Login { .. }).then(|| answer.clone()));
            raw.to_auth();
            raw.take();
            raw.send(&request);
            assert_eq!(raw.app.count(|seen| matches!(seen, Seen::Login { .. })), 1, "method {n}");
            assert!(raw.heard(51) && !raw.heard(52) && !raw.app.is_ready(), "method {n}: {:?}", raw.said);
        }
    }
}

/// CVE-2020-29652, CVE-2025-58181: GSSAPI, which is not here, is a method that fails; its count of mechanisms is never read.
#[test]
fn gssapi_fails_and_costs_nothing() {
    for count in [0, 1, u32::MAX] {
        for method in ["gssapi-with-mic", "gssapi-keyex", "gssapi"] {
            let mut raw = Server::stand("auth");
            sansh_testalloc::reset(0);
            raw.send(&login(
                b"user",
                b"ssh-connection",
                method.as_bytes(),
                &[numbers(&[count]), strings(&[b"\x06\x09\x2a\x86\x48\x86\xf7\x12\x01\x02\x02"])].concat(),
            ));
            assert!(raw.heard(51) && error(&raw).is_none(), "{method}");
            assert!(sansh_testalloc::read(0).largest <= 8192 + 64, "{}", sansh_testalloc::read(0).largest);
            assert!(!raw.app.saw(|seen| matches!(seen, Seen::Login { .. })));
            // And the login goes on.
            raw.send(&password("user", "right"));
            assert!(raw.app.is_ready());
        }
    }
}

/// CVE-2012-5975: a request to change the password that nobody asked for, with a blank or wrong old one, is no way in.
#[test]
fn a_password_change_is_no_way_in() {
    for old in [b"".as_slice(), b"wrong", b"\0"] {
        for new in [b"right".as_slice(), b"", b"new"] {
            let mut raw = Server::stand("auth");
            let fields = [vec![1], strings(&[old, new])].concat();
            raw.send(&login(b"user", b"ssh-connection", b"password", &fields));
            assert!(raw.heard(51) && !raw.heard(52), "{:?}", raw.said);
            assert!(!raw.app.is_ready() && error(&raw).is_none());
        }
    }
}

/// CVE-2021-36367, CVE-2021-36369: a client is told by which method it got in, so that a server that lets it in by none can
/// be told from one that took the password; and a SUCCESS that answers nothing is refused.
#[test]
fn a_client_knows_how_it_got_in() {
    for (with, how) in [
        (Means::None, "none"),
        (Means::Password("right".into()), "password"),
        (Means::PublicKey { algorithm: "null".into(), key: NULL_KEY.to_vec(), probe: false }, "publickey"),
    ] {
        let mut raw = Raw::client(|_| {});
        raw.app.attempts.clear();
        raw.app.attempts.push_back(Attempt { user: "user".into(), with });
        raw.to_open();
        assert!(raw.app.saw(|seen| matches!(seen, Seen::Ready { how: said } if said == how)), "{how}");
    }
    for state in ["needed", "probe"] {
        let mut raw = Client::stand(state);
        raw.send(&message(52, &[]));
        assert_eq!(error(&raw), Some(Error::Unexpected { number: 52 }), "{state}");
        assert!(!raw.app.is_ready());
    }
    let mut raw = Client::stand("open");
    raw.send(&message(52, &[]));
    assert_eq!(error(&raw), Some(Error::Unexpected { number: 52 }), "twice");
}

/// CVE-2026-35387: an algorithm is allowed by its whole name: what is not listed is refused before anybody is asked, even
/// if the key would fit.
#[test]
fn an_algorithm_is_allowed_by_its_whole_name() {
    for name in ["nul", "null2", "NULL", "null-cert-v01@openssh.com", "", "null\0"] {
        for signature in [None, Some(b"x".as_slice())] {
            let mut raw = Server::stand("auth");
            let fields = public_key_fields(name.as_bytes(), NULL_KEY, signature);
            raw.send(&login(b"user", b"ssh-connection", b"publickey", &fields));
            assert!(raw.heard(51) && error(&raw).is_none(), "{name:?}: {:?}", raw.said);
            assert!(!raw.app.saw(|seen| matches!(seen, Seen::KeyQuery { .. } | Seen::Login { .. })));
        }
    }
}

/// A user certificate of the key with seed 7, made by the one with seed 9, for `user`, from these addresses alone.
fn certificate(addresses: &[u8]) -> Vec<u8> {
    let (own, authority) = (key(7), key(9));
    // A public key blob is `string type, string key`.
    let raw = &own.public_blob()[4 + 11 + 4..];
    let options = [strings(&[b"source-address"]), strings(&[&strings(&[addresses])])].concat();
    let mut signed = strings(&[b"ssh-ed25519-cert-v01@openssh.com", &[5; 32], raw]);
    signed.extend(1_u64.to_be_bytes());
    signed.extend(numbers(&[1]));
    signed.extend(strings(&[b"the key id", &strings(&[b"user"])]));
    signed.extend(0_u64.to_be_bytes());
    signed.extend(u64::MAX.to_be_bytes());
    signed.extend(strings(&[&options, b"", b"", authority.public_blob()]));
    let signature = authority.sign("ssh-ed25519", &signed).expect("a signature");
    [signed, strings(&[&signature])].concat()
}

/// CVE-2026-46595, CVE-2026-56854: no way leads past the restrictions of a certificate: whoever logs in by one gets in by its
/// check, which looks at the address, and by no plain word of the application's, be it the whole login or a part of it.
#[test]
fn no_word_leads_past_the_check_of_a_certificate() {
    let blob = certificate(b"192.0.2.0/24");
    for reply in [Reply::Admit, Reply::Partial("password".into())] {
        let mut pair = Pair::builder().build();
        let algorithm = "ssh-ed25519-cert-v01@openssh.com";
        let with = Means::PublicKey { algorithm: algorithm.into(), key: blob.clone(), probe: false };
        pair.client.app.attempts.push_back(Attempt { user: "user".into(), with });
        pair.client.app.manner(|seen| match seen {
            Seen::Sign { message, .. } => {
                let signature = key(7).sign("ssh-ed25519", message).expect("a signature");
                Some(Answer::Now(Reply::Signature(Some(signature))))
            }
            _ => None,
        });
        pair.server.app.manner(|seen| matches!(seen, Seen::Login { .. }).then_some(Answer::Keep));
        pair.run();
        let mut question = pair.server.app.kept.pop_front().expect("the signature was right");
        question = match question.answer(&mut pair.server.conn, &reply, 1) {
            Err(Unsettled::Unfit(question)) => question,
            other => panic!("{reply:?}: {other:?}"),
        };
        pair.settle();
        assert!(!pair.server.app.is_ready() && !pair.client.app.is_ready());
        question.answer(&mut pair.server.conn, &Reply::Deny(String::new()), 1).expect("no is always fit");
        pair.settle();
        assert!(!pair.server.app.is_ready());
        // The check itself, from nowhere that it knows.
        let certificate = sansh::keys::Certificate::parse(&blob).expect("a certificate");
        let authorities: &[Vec<u8>] = &[key(9).public_blob().to_vec()];
        let checked = |source: Option<&str>| {
            let mut check = sansh::keys::Check::user(
                "user",
                sansh::UnixTime(1_800_000_000),
                &authorities,
                &sansh_testkit::pair::RUSTCRYPTO,
            );
            check.source = source.map(|address| address.parse().expect("an address"));
            certificate.check(check).is_ok()
        };
        assert_eq!([checked(None), checked(Some("203.0.113.5")), checked(Some("192.0.2.7"))], [false, false, true]);
    }
}
