//! What a server tells about its users, and what a guess costs.

use crate::hand::{Stand, error, login, public_key_fields};
use sansh::error::Error;
use sansh::{SECOND, Server, Timer};
use sansh_testkit::apps::Answer;
use sansh_testkit::raw::{NULL_KEY, Raw, password, strings};
use sansh_testkit::told::{By, Reply, Seen};

/// A server that knows one user, `alice`.
fn server() -> Raw<Server> {
    let mut raw = Raw::server(|_| {});
    raw.app.manner(|seen| match seen {
        Seen::KeyQuery { user, .. } => Some(Answer::Now(Reply::Fits(user == b"alice"))),
        Seen::Login { user, by, .. } => {
            let right = user == b"alice" && matches!(by, By::Password(password) if password == b"right");
            Some(Answer::Now(if right { Reply::Admit } else { Reply::Deny(String::new()) }))
        }
        _ => None,
    });
    raw.to_auth();
    raw.take();
    raw
}

/// CVE-2018-15473: a request is read to its end before anybody is asked about its user: what is wrong with it is answered
/// alike for users that exist and for those that do not.
#[test]
fn a_bad_request_tells_nothing_about_its_user() {
    let bad_fields: Vec<(&[u8], Vec<u8>)> = vec![
        (b"publickey", vec![]),
        (b"publickey", vec![1]),
        (b"publickey", [vec![1], strings(&[b"null"])].concat()),
        (b"publickey", [vec![1], strings(&[b"null", NULL_KEY])].concat()),
        (b"publickey", [vec![0], strings(&[b"null", NULL_KEY, b"x"])].concat()),
        (b"publickey", [vec![1], strings(&[b"null", NULL_KEY, b"x"]), vec![0]].concat()),
        (b"publickey", public_key_fields(b"null", b"", Some(b"x"))),
        (b"publickey", public_key_fields(b"other", NULL_KEY, None)),
        (b"password", vec![]),
        (b"password", vec![0]),
        (b"password", vec![0, 0, 0, 0, 9, b'x']),
        (b"password", [vec![0], strings(&[b"a", b"b"])].concat()),
        (b"none", vec![0]),
        (b"unknown", vec![1, 2, 3]),
        (b"", vec![]),
    ];
    for (method, fields) in bad_fields {
        let answers: Vec<_> = [b"alice", b"nemo_"]
            .into_iter()
            .map(|user| {
                let mut raw = server();
                raw.send(&login(user, b"ssh-connection", method, &fields));
                let asked = raw.app.saw(|seen| matches!(seen, Seen::KeyQuery { .. } | Seen::Login { .. }));
                assert!(!asked, "{method:?} {fields:?}: somebody was asked about the user");
                (error(&raw), raw.take())
            })
            .collect();
        assert_eq!(answers[0], answers[1], "{method:?} {fields:?}");
    }
}

/// CVE-2018-15599, CVE-2013-4434: a wrong password and a wrong key get the same messages for a user that exists and for one
/// that does not, as long as the application says the same.
#[test]
fn wrong_credentials_tell_nothing_about_their_user() {
    let signed = public_key_fields(b"null", NULL_KEY, Some(b"x"));
    let story = |user: &str| {
        let mut raw = server();
        for request in [
            password(user, "wrong"),
            login(user.as_bytes(), b"ssh-connection", b"publickey", &signed),
            login(user.as_bytes(), b"ssh-connection", b"none", b""),
        ] {
            raw.send(&request);
        }
        (raw.take(), raw.conn.counters(), error(&raw))
    };
    assert_eq!(story("alice"), story("nemo_"));
}

/// CVE-2026-48859: whatever is secret is compared in a time that does not depend on where it differs: the tags of packets
/// and the host key that was accepted; passwords are compared by the application alone.
#[test]
fn secrets_are_compared_in_constant_time() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../core/src");
    let mut compared = 0;
    for file in ["transport/kex.rs", "crypto/common/ctr_hmac.rs", "crypto/rustcrypto/chacha.rs"] {
        let text = std::fs::read_to_string(root.join(file)).expect("a source");
        compared += text.matches(".ct_eq(").count();
        // No `==` beside a tag or a fingerprint.
        for line in text.lines().filter(|line| line.contains("==") && !line.trim_start().starts_with("//")) {
            assert!(
                !line.contains("tag ==") && !line.contains("== tag") && !line.contains("trusted =="),
                "{file}: {line}"
            );
        }
    }
    assert!(compared >= 3, "{compared}");
}

/// CVE-2016-6515: a password of more than 1,024 bytes is refused before anybody hashes it.
#[test]
fn a_long_password_is_not_even_heard() {
    for (length, heard) in [(1024, true), (1025, false), (30_000, false)] {
        let mut raw = server();
        raw.send(&password("alice", &"x".repeat(length)));
        assert!(raw.heard(51) && error(&raw).is_none());
        assert_eq!(raw.app.saw(|seen| matches!(seen, Seen::Login { .. })), heard, "{length}");
    }
}

/// The AsyncSSH 1024-character user name cap: a user name of more than 256 bytes is refused unheard; what a name is, and how
/// it is normalised, is the application's to say, so that it comes as its bytes.
#[test]
fn a_long_user_name_is_not_even_heard() {
    for (length, heard) in [(256, true), (257, false), (30_000, false)] {
        let mut raw = server();
        raw.send(&password(&"u".repeat(length), "right"));
        assert!(raw.heard(51) && error(&raw).is_none());
        assert_eq!(raw.app.saw(|seen| matches!(seen, Seen::Login { .. })), heard, "{length}");
    }
    for name in [b"\xff\xfe".as_slice(), b"", b"a\0b", "\u{fb01}".as_bytes()] {
        let mut raw = server();
        raw.send(&login(name, b"ssh-connection", b"password", &[vec![0], strings(&[b"right"])].concat()));
        assert!(raw.app.saw(|seen| matches!(seen, Seen::Login { user, .. } if user == name)));
    }
}

/// CVE-2010-5107: a connection that does not log in says when it is to be dropped, however it is fed, and is dropped then.
#[test]
fn a_connection_without_a_login_has_its_deadline() {
    for state in ["first-kexinit", "exchange", "service", "auth", "failed", "asked"] {
        let mut raw = Server::stand(state);
        let mut waited = 0;
        while raw.app.end.is_none() {
            assert!(raw.conn.next_timeout().is_some(), "{state}");
            // A byte now and then changes nothing.
            raw.send_bytes(&[0]);
            raw.wait(SECOND);
            waited += 1;
            assert!(waited <= 121, "{state}: still there");
        }
        let timeout = matches!(error(&raw), Some(Error::Timeout(Timer::Login | Timer::KeyExchange)));
        assert!(timeout || waited < 121, "{state}: {:?}", error(&raw));
    }
}
