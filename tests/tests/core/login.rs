//! RFC 4252: who may in, by what, how often, and until when.

use sansh::SECOND;
use sansh::Timer;
use sansh::error::{Error, code};
use sansh::event::Purpose;
use sansh_testkit::apps::{Answer, Prompt};
use sansh_testkit::pair::{Pair, key};
use sansh_testkit::told::{Attempt, By, Means, Reply, Seen, Unsettled};

fn is_login(seen: &Seen) -> bool {
    matches!(seen, Seen::Login { .. })
}

/// What the client was told about its login, in order.
fn client_story(pair: &Pair) -> Vec<&Seen> {
    let about = |seen: &&Seen| {
        matches!(seen, Seen::LoginNeeded { .. } | Seen::Ready { .. } | Seen::Banner(_))
            || matches!(seen, Seen::Sign { purpose: Purpose::Login, .. })
    };
    pair.client.app.seen.iter().filter(about).collect()
}

fn needed(methods: Option<&str>, partial: bool) -> Seen {
    Seen::LoginNeeded { methods: methods.map(str::to_owned), partial }
}

#[test]
fn the_right_password_is_in_and_the_wrong_one_is_asked_again() {
    for prompt in [Prompt::Now, Prompt::Later, Prompt::Either] {
        let mut pair = Pair::builder().build();
        (pair.client.app.prompt, pair.server.app.prompt) = (prompt, prompt);
        pair.client.app.password("user", "wrong");
        pair.client.app.password("user", "right");
        pair.run();
        let ready = Seen::Ready { how: "password".into() };
        let story = [&needed(None, false), &needed(Some("publickey,password"), false), &ready];
        assert_eq!(client_story(&pair), story);
        let logins: Vec<_> = pair.server.app.seen.iter().filter(|seen| is_login(seen)).collect();
        let by = |password: &[u8]| Seen::Login { user: b"user".to_vec(), by: By::Password(password.into()), steps: 0 };
        assert_eq!(logins, [&by(b"wrong"), &by(b"right")]);
        let Some(Seen::Ready { how }) = pair.server.app.seen.last() else { panic!("no Ready: {}", pair.dump()) };
        assert!(how.contains("user") && how.contains("password"), "{how}");
        assert!(!how.contains("right"), "the password shows: {how}");
    }
}

#[test]
fn no_password_stands_in_a_trace() {
    let mut pair = Pair::builder().trace(60_000).build();
    pair.client.app.password("user", "sesame-wrong");
    pair.client.app.password("user", "right");
    pair.run();
    for log in [&pair.client.log, &pair.server.log] {
        assert!(log.contains("USERAUTH_REQUEST(\"user\", \"ssh-connection\", \"password\""), "{log}");
        assert!(!log.contains("sesame"), "{log}");
    }
}

#[test]
fn a_key_is_in_with_its_signature() {
    for probe in [false, true] {
        for prompt in [Prompt::Now, Prompt::Later] {
            let mut pair = Pair::builder().build();
            (pair.client.app.prompt, pair.server.app.prompt) = (prompt, prompt);
            pair.client.app.public_key("user", 7, probe);
            pair.run();
            let blob = key(7).public_blob().to_vec();
            let asked = pair.server.app.count(|seen| matches!(seen, Seen::KeyQuery { .. }));
            assert_eq!(asked, usize::from(probe));
            let by = By::PublicKey { algorithm: "ssh-ed25519".into(), key: blob.clone() };
            let login = Seen::Login { user: b"user".to_vec(), by, steps: 0 };
            assert_eq!(pair.server.app.count(|seen| **seen == login), 1);
            let signs = client_story(&pair)
                .into_iter()
                .filter(|seen| matches!(seen, Seen::Sign { key, .. } if *key == blob))
                .count();
            assert_eq!(signs, 1);
            assert_eq!(client_story(&pair).last(), Some(&&Seen::Ready { how: "publickey".into() }));
        }
    }
}

/// RFC 4252, section 7: "string session identifier", then the request up to the key; and, since sansh's server takes it,
/// OpenSSH PROTOCOL, section 3.1: the server's host key behind it.
#[test]
fn what_is_signed_is_what_the_rfc_says() {
    let mut pair = Pair::builder().build();
    pair.client.app.public_key("user", 7, false);
    pair.run();
    let message = pair.client.app.seen.iter().find_map(|seen| match seen {
        Seen::Sign { purpose: Purpose::Login, message, .. } => Some(message.clone()),
        _ => None,
    });
    let host_key = pair.client.app.seen.iter().find_map(|seen| match seen {
        Seen::HostKey { key } => Some(key.clone()),
        _ => None,
    });
    let string = |bytes: &[u8]| [&u32::try_from(bytes.len()).expect("short").to_be_bytes()[..], bytes].concat();
    let session = pair.server.conn.session_id().expect("exchanged");
    let names = [&b"user"[..], b"ssh-connection", b"publickey-hostbound-v00@openssh.com"].map(string).concat();
    let key = [&b"ssh-ed25519"[..], key(7).public_blob(), &host_key.expect("asked about")].map(string).concat();
    assert_eq!(message, Some([&string(session)[..], &[50], &names, &[1], &key].concat()));
}

#[test]
fn a_key_that_would_not_do_is_not_signed_with() {
    let mut pair = Pair::builder().build();
    pair.server.app.manner(|seen| matches!(seen, Seen::KeyQuery { .. }).then_some(Answer::Now(Reply::Fits(false))));
    pair.client.app.public_key("user", 7, true);
    pair.client.app.password("user", "right");
    pair.run();
    assert!(!client_story(&pair).iter().any(|seen| matches!(seen, Seen::Sign { .. })));
    assert_eq!(client_story(&pair).last(), Some(&&Seen::Ready { how: "password".into() }));
}

#[test]
fn a_signature_by_another_key_never_reaches_the_application() {
    let mut pair = Pair::builder().build();
    pair.client.app.manner(|seen| match seen {
        Seen::Sign { algorithm, message, .. } => {
            let signature = key(8).sign(algorithm, message).expect("a signature");
            Some(Answer::Now(Reply::Signature(Some(signature))))
        }
        _ => None,
    });
    pair.client.app.public_key("user", 7, false);
    pair.client.app.password("user", "wrong");
    pair.run();
    let logins: Vec<_> = pair.server.app.seen.iter().filter(|seen| is_login(seen)).collect();
    let by = By::Password(b"wrong".to_vec());
    assert_eq!(logins, [&Seen::Login { user: b"user".to_vec(), by, steps: 0 }]);
    assert!(!pair.server.app.is_ready() && !pair.client.app.is_ready());
}

#[test]
fn a_signature_that_is_declined_means_another_credential() {
    for answer in [Answer::Now(Reply::Signature(None)), Answer::Later(Reply::Signature(None)), Answer::Ignore] {
        for probe in [false, true] {
            let mut pair = Pair::builder().build();
            let answer = answer.clone();
            pair.client.app.manner(move |seen| matches!(seen, Seen::Sign { .. }).then(|| answer.clone()));
            pair.client.app.public_key("user", 7, probe);
            pair.client.app.password("user", "right");
            pair.run();
            assert!(pair.client.app.is_ready(), "{}", pair.dump());
            assert_eq!(pair.server.app.count(|seen| is_login(seen)), 1);
        }
    }
}

#[test]
fn who_declines_every_signature_comes_to_an_end() {
    let mut pair = Pair::builder()
        .limits(|limits| {
            limits.attempts = 5;
        })
        .build();
    pair.client.app.manner(|seen| matches!(seen, Seen::Sign { .. }).then_some(Answer::Ignore));
    for _ in 0..9 {
        pair.client.app.public_key("user", 7, false);
    }
    pair.run();
    assert_eq!(pair.client.app.count(|seen| matches!(seen, Seen::Sign { .. })), 5, "{}", pair.dump());
    assert_eq!(pair.client.app.ended().error, Error::GaveUp);
}

#[test]
fn none_asks_which_methods_there_are() {
    let mut pair = Pair::builder()
        .server(|config| {
            config.methods("password,publickey").unwrap();
        })
        .build();
    pair.client.app.attempts.push_back(Attempt { user: "user".into(), with: Means::None });
    pair.client.app.password("user", "right");
    pair.run();
    assert_eq!(client_story(&pair)[1], &needed(Some("password,publickey"), false));
    assert!(pair.client.app.is_ready());
}

#[test]
fn none_may_be_enough() {
    let mut pair = Pair::builder().build();
    pair.server.app.manner(|seen| is_login(seen).then_some(Answer::Now(Reply::Admit)));
    pair.client.app.attempts.push_back(Attempt { user: "user".into(), with: Means::None });
    pair.run();
    assert_eq!(client_story(&pair).last(), Some(&&Seen::Ready { how: "none".into() }));
    assert!(pair.server.app.is_ready());
}

#[test]
fn a_login_that_nobody_decides_is_denied() {
    let mut pair = Pair::builder().build();
    pair.server.app.manner(|seen| is_login(seen).then_some(Answer::Ignore));
    pair.client.app.password("user", "right");
    pair.run();
    assert_eq!(pair.client.app.ended().error, Error::GaveUp);
    assert_eq!(pair.server.app.ended().error, Error::Disconnected { code: code::AUTH_CANCELLED_BY_USER });
    assert!(!pair.server.app.is_ready());
}

fn two_steps(seen: &Seen) -> Option<Answer> {
    Some(Answer::Now(match seen {
        Seen::Login { by: By::PublicKey { .. }, steps: 0, .. } => Reply::Partial("password".into()),
        Seen::Login { by: By::Password(_), steps: 1, .. } => Reply::Admit,
        Seen::Login { .. } => Reply::Deny("publickey".into()),
        _ => return None,
    }))
}

#[test]
fn two_steps_are_both_needed() {
    let mut pair = Pair::builder().build();
    pair.server.app.manner(two_steps);
    pair.client.app.password("user", "right");
    pair.client.app.public_key("user", 7, false);
    pair.client.app.password("user", "right");
    pair.run();
    let story = client_story(&pair);
    assert_eq!(story[1], &needed(Some("publickey"), false));
    assert_eq!(story[3], &needed(Some("password"), true));
    assert_eq!(story[4], &Seen::Ready { how: "password".into() });
    let Some(Seen::Ready { how }) = pair.server.app.seen.last() else { panic!("no Ready: {}", pair.dump()) };
    assert!(how.contains("password") && how.contains("publickey"), "every step: {how}");
}

#[test]
fn the_user_cannot_change_between_two_steps() {
    let mut pair = Pair::builder().build();
    pair.server.app.manner(two_steps);
    pair.client.app.public_key("user", 7, false);
    pair.client.app.password("root", "right");
    pair.run();
    assert_eq!(pair.server.app.ended().error, Error::UserChanged);
    assert_eq!(pair.client.app.ended().error, Error::Disconnected { code: code::PROTOCOL_ERROR });
    assert!(!pair.server.app.is_ready());
}

#[test]
fn attempts_are_counted() {
    let mut pair = Pair::builder().limits(|limits| limits.attempts = 3).build();
    for _ in 0..10 {
        pair.client.app.password("user", "wrong");
    }
    pair.run();
    assert_eq!(pair.server.app.ended().error, Error::TooManyAttempts);
    let tried = pair.server.app.count(|seen| is_login(seen));
    assert_eq!(tried, 3);
    let code = code::NO_MORE_AUTH_METHODS_AVAILABLE;
    assert_eq!(pair.client.app.ended().error, Error::Disconnected { code });
}

#[test]
fn questions_about_keys_are_counted() {
    let mut pair = Pair::builder().limits(|limits| limits.probes = 4).build();
    pair.server.app.manner(|seen| matches!(seen, Seen::KeyQuery { .. }).then_some(Answer::Now(Reply::Fits(false))));
    for seed in 0..10 {
        pair.client.app.public_key("user", seed, true);
    }
    pair.run();
    assert_eq!(pair.server.app.count(|seen| matches!(seen, Seen::KeyQuery { .. })), 4);
    assert_eq!(pair.server.app.ended().error, Error::TooManyAttempts);
}

#[test]
fn a_login_has_its_time() {
    let mut pair = Pair::builder()
        .server(|config| {
            config.login_time(30 * SECOND);
        })
        .build();
    pair.client.app.manner(|seen| matches!(seen, Seen::LoginNeeded { .. }).then_some(Answer::Keep));
    pair.run();
    pair.wait(29 * SECOND);
    assert!(pair.server.app.end.is_none());
    pair.wait(2 * SECOND);
    assert_eq!(pair.server.app.ended().error, Error::Timeout(Timer::Login));
    let code = Error::Timeout(Timer::Login).disconnect_code().expect("a code");
    assert_eq!(pair.client.app.ended().error, Error::Disconnected { code });
}

#[test]
fn a_login_that_is_finished_has_no_deadline_left() {
    let mut pair = Pair::builder()
        .server(|config| {
            config.login_time(30 * SECOND);
        })
        .logged_in();
    pair.wait(300 * SECOND);
    assert!(pair.server.app.end.is_none() && pair.client.app.end.is_none());
}

#[test]
fn a_deadline_hits_a_server_that_hears_nothing_at_all() {
    let mut pair = Pair::builder()
        .server(|config| {
            config.login_time(30 * SECOND);
        })
        .build();
    pair.up.cut_at(u64::MAX);
    pair.weather.room = 0;
    pair.client.app.patient = true;
    pair.server.app.patient = true;
    pair.wait(31 * SECOND);
    assert_eq!(pair.server.app.ended().error, Error::Timeout(Timer::Login));
}

#[test]
fn a_key_exchange_has_its_time() {
    let mut pair = Pair::builder()
        .client(|config| {
            config.kex_time(10 * SECOND);
        })
        .build();
    pair.server.app.manner(|seen| matches!(seen, Seen::Sign { .. }).then_some(Answer::Keep));
    pair.run();
    pair.wait(9 * SECOND);
    assert!(pair.client.app.end.is_none());
    pair.wait(2 * SECOND);
    assert_eq!(pair.client.app.ended().error, Error::Timeout(Timer::KeyExchange));
    // The server reads on when its signature is there.
    pair.server.answer(&Reply::Signature(Some(b"too late".to_vec())));
    pair.run();
    assert_eq!(pair.server.app.ended().error, Error::Disconnected { code: code::KEY_EXCHANGE_FAILED });
}

#[test]
fn a_banner_is_shown_before_the_login() {
    let mut pair = Pair::builder().build();
    assert!(pair.server.conn.banner("too early").is_err());
    pair.server.app.manner(|seen| is_login(seen).then_some(Answer::Keep));
    pair.client.app.password("user", "right");
    pair.run();
    pair.server.conn.banner("Welcome\r\nhere").expect("room");
    pair.run();
    assert!(pair.client.app.saw(|seen| *seen == Seen::Banner(b"Welcome\r\nhere".to_vec())), "{}", pair.dump());
    pair.server.answer(&Reply::Admit);
    pair.run();
    assert!(pair.client.app.is_ready());
    assert!(pair.server.conn.banner("too late").is_err());
}

#[test]
fn banners_are_counted() {
    let mut pair = Pair::builder().limits(|limits| limits.banners = 5).build();
    pair.server.app.manner(|seen| is_login(seen).then_some(Answer::Keep));
    pair.client.app.password("user", "right");
    pair.run();
    for _ in 0..6 {
        sansh::danger::send_payload(&mut pair.server.conn, b"\x35\0\0\0\x02hi\0\0\0\0");
        pair.settle();
    }
    assert_eq!(pair.client.app.count(|seen| matches!(seen, Seen::Banner(_))), 5);
    assert_eq!(pair.client.app.ended().error, Error::Flood);
}

#[test]
fn a_login_that_is_being_decided_leaves_the_next_one_unread() {
    let mut pair = Pair::builder().build();
    pair.server.app.manner(|seen| is_login(seen).then_some(Answer::Keep));
    pair.client.app.password("user", "first");
    pair.run();
    assert_eq!(pair.server.app.count(|seen| is_login(seen)), 1);
    let mut second = b"\x32\0\0\0\x04user\0\0\0\x0essh-connection\0\0\0\x08password\0".to_vec();
    second.extend_from_slice(b"\0\0\0\x06second");
    sansh::danger::send_payload(&mut pair.client.conn, &second);
    pair.settle();
    assert_eq!(pair.server.app.count(|seen| is_login(seen)), 1, "the second waits");
    pair.client.app.patient = true;
    pair.server.answer(&Reply::Deny(String::new()));
    pair.settle();
    assert_eq!(pair.server.app.count(|seen| is_login(seen)), 2);
    let last = pair.server.app.seen.iter().rev().find(|seen| is_login(seen));
    assert!(matches!(last, Some(Seen::Login { by: By::Password(password), .. }) if password == b"second"));
}

#[test]
fn a_password_too_long_for_the_limits_comes_back() {
    let mut pair = Pair::builder().build();
    pair.client.app.manner(|seen| matches!(seen, Seen::LoginNeeded { .. }).then_some(Answer::Keep));
    pair.run();
    let question = pair.client.app.kept.pop_front().expect("the credential");
    let long = Attempt { user: "user".into(), with: Means::Password("x".repeat(20_000)) };
    let Err(Unsettled::TooLong(question)) = question.answer(&mut pair.client.conn, &Reply::Try(long), 0) else {
        panic!("20,000 bytes of password were taken")
    };
    let right = Attempt { user: "user".into(), with: Means::Password("right".into()) };
    question.answer(&mut pair.client.conn, &Reply::Try(right), 0).expect("the ask is still good");
    pair.run();
    assert!(pair.client.app.is_ready());
}

#[test]
fn other_methods_come_by_name_and_raw_fields_where_they_are_listed() {
    for listed in [true, false] {
        let mut pair = Pair::builder()
            .server(|config| {
                if listed {
                    config.other_methods("riddle@test").unwrap();
                }
            })
            .build();
        let with = Means::Other { method: "riddle@test".into(), fields: b"\0\0\0\x0242".to_vec() };
        pair.client.app.attempts.push_back(Attempt { user: "user".into(), with });
        pair.server.app.manner(|seen| match seen {
            Seen::Login { by: By::Other { .. }, .. } => Some(Answer::Now(Reply::Admit)),
            _ => None,
        });
        pair.run();
        assert_eq!(pair.server.app.is_ready(), listed, "{}", pair.dump());
        let by = By::Other { method: "riddle@test".into(), fields: b"\0\0\0\x0242".to_vec() };
        assert_eq!(pair.server.app.saw(|seen| matches!(seen, Seen::Login { by: b, .. } if *b == by)), listed);
        if !listed {
            assert_eq!(pair.client.app.ended().error, Error::GaveUp);
        }
    }
}
