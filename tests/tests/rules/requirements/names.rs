//! RFC 4250 and 4251: booleans, names, codes.

use crate::hand::{Stand, about, data, error, global, kexinit_of, lists_of, login, message, null_lists, numbers, open};
use crate::hand::{open_server, server_with_session};
use sansh::error::{Error, List};
use sansh::{Client, Server};
use sansh_testkit::apps::Answer;
use sansh_testkit::pair::Pair;
use sansh_testkit::raw::{Raw, password, strings};
use sansh_testkit::told::{Attempt, Means, Reply, Requests, Seen};

/// "All non-zero values MUST be interpreted as TRUE;" (RFC 4251, section 5)
#[test]
fn any_byte_but_zero_is_true() {
    for byte in 0..=255_u8 {
        let mut raw = open_server();
        raw.send(&message(80, &[&strings(&[b"unknown@test"]), &[byte]]));
        assert_eq!(raw.said.len(), usize::from(byte != 0), "{byte}: {:?}", raw.said);
    }
}

/// "however, applications MUST NOT store values other than 0 and 1." (RFC 4251, section 5): every boolean that is sent.
#[test]
fn booleans_are_sent_as_0_and_1() {
    let mut raw = server_with_session(3, 1000);
    let channel = raw.app.asked_for();
    raw.app
        .request(channel, Requests::ExitSignal { signal: b"TERM".to_vec(), core_dumped: true, message: b"".to_vec() });
    raw.app.request(channel, Requests::ExitStatus(1));
    raw.app.bypassed = true;
    raw.app.global(sansh_testkit::pair::other_global("tell@test", true, b""));
    raw.app.global(sansh_testkit::pair::other_global("tell@test", false, b""));
    raw.pump();
    let said = raw.take();
    assert_eq!(said[0], global("tell@test", true, b""));
    assert_eq!(said[1], global("tell@test", false, b""));
    let signal = [strings(&[b"TERM"]), vec![1], strings(&[b"", b""])].concat();
    assert_eq!(said[2], crate::hand::request(3, "exit-signal", false, &signal));
    for (partial, reply) in [(0, Reply::Deny("password".into())), (1, Reply::Partial("password".into()))] {
        let mut raw = Raw::server(|_| {});
        raw.app.manner(move |seen| matches!(seen, Seen::Login { .. }).then(|| Answer::Now(reply.clone())));
        raw.to_auth();
        raw.take();
        raw.send(&password("user", "x"));
        assert_eq!(raw.said, [message(51, &[&strings(&[b"password"]), &[partial]])]);
    }
}

/// "all algorithm and method identifiers MUST be printable US-ASCII, non-empty strings no longer than 64 characters." (RFC
/// 4251, section 6) "A name MUST have a non-zero length, and it MUST NOT contain a comma" "all of the elements contained are
/// names and MUST be in US-ASCII." "Terminating null characters MUST NOT be used, neither for the individual names, nor for
/// the list as a whole." (RFC 4251, section 5): every name in what both ends send.
#[test]
fn names_are_sent_as_they_should_be() {
    let pair = Pair::builder().build();
    for said in [pair.client.conn.transmit_buf(), pair.server.conn.transmit_buf()] {
        let kexinit = crate::between::plain(said).1.swap_remove(0);
        for list in lists_of(&kexinit).iter().filter(|list| !list.is_empty()) {
            for name in list.split(|byte| *byte == b',') {
                assert!((1..=64).contains(&name.len()), "{}", name.escape_ascii());
                assert!(name.iter().all(u8::is_ascii_graphic), "{}", name.escape_ascii());
            }
        }
    }
    // What a program may want to say in such a list.
    for bad in ["a,,b", ",", "a,", "a b", "ä", "a\0"] {
        let mut config = sansh::config::Config::<Server>::new(&sansh_testkit::pair::RUSTCRYPTO);
        assert!(config.methods(bad).is_err(), "{bad:?}");
    }
}

/// The same of what is received: "A name MUST have a non-zero length, and it MUST NOT contain a comma" "all of the elements
/// contained are names and MUST be in US-ASCII." "Terminating null characters MUST NOT be used" (RFC 4251, section 5).
#[test]
fn lists_that_are_none_are_refused() {
    for bad in [b"null,,other".as_slice(), b",null", b"null,", b"null\0", b"null,\0", b"nu ll", b"\xff,null", b"null\n"]
    {
        for at in 0..10 {
            let mut lists = null_lists(b"null", b"null");
            lists[at] = bad;
            let mut raw = Raw::server(|_| {});
            raw.send_ident();
            raw.send(&kexinit_of(&lists, false));
            let what = sansh::wire::Malformed::NameList;
            assert_eq!(error(&raw), Some(Error::Malformed { number: 20, what }), "{} in {at}", bad.escape_ascii());
        }
    }
}

/// "Names MUST be case-sensitive." (RFC 4251, section 6)
#[test]
fn names_are_case_sensitive() {
    for (lists, list) in [(null_lists(b"NULL", b"null"), List::Kex), (null_lists(b"null", b"Null"), List::HostKey)] {
        let mut raw = Raw::server(|_| {});
        raw.send_ident();
        raw.send(&kexinit_of(&lists, false));
        assert_eq!(error(&raw), Some(Error::NothingInCommon(list)));
    }
    let mut raw = Server::stand("auth");
    raw.send(&login(b"user", b"ssh-connection", b"Password", &[vec![0], strings(&[b"right"])].concat()));
    assert!(raw.heard(51));
    raw.send(&login(b"user", b"SSH-Connection", b"password", &[vec![0], strings(&[b"right"])].concat()));
    assert!(!raw.app.is_ready() && !raw.app.saw(|seen| matches!(seen, Seen::Login { .. })));
    let mut raw = open_server();
    raw.send(&open("Session", 3, 1000, 1000, b""));
    assert!(raw.heard(92));
    raw.send(&global("Tell@test", true, b""));
    assert!(raw.heard(82));
}

/// "They MUST be encoded using ISO 10646 UTF-8" (RFC 4251, section 4.5): user names; and "it MUST convert the password to
/// ISO-10646 UTF-8 before transmitting," (RFC 4252, section 8): both are `str`, and so they go.
#[test]
fn user_names_and_passwords_are_utf_8() {
    let (user, secret) = ("Käthe\u{301}", "pässwörd\u{1f511}");
    let mut raw = Raw::client(|_| {});
    raw.app.attempts.clear();
    raw.app.attempts.push_back(Attempt { user: user.into(), with: Means::Password(secret.into()) });
    raw.to_auth();
    let fields = [vec![0], strings(&[secret.as_bytes()])].concat();
    let request = login(user.as_bytes(), b"ssh-connection", b"password", &fields);
    assert_eq!(raw.said.last(), Some(&request));
}

/// "Protocol packets containing the SSH_MSG_DISCONNECT message MUST have Disconnection Message 'reason code' values in the
/// range of 0x00000001 to 0xFFFFFFFF." (RFC 4250, section 4.2.1)
#[test]
fn a_disconnect_has_a_reason() {
    for code in [0, 1, 11, u32::MAX] {
        let mut raw = open_server();
        raw.conn.disconnect(sansh::Disconnect { code, text: "" });
        raw.pump();
        let said = raw.disconnect_code().expect("a DISCONNECT");
        assert!(said != 0 && (code == 0 || said == code), "{code}: {said}");
    }
}

/// "Protocol packets containing the SSH_MSG_CHANNEL_OPEN_FAILURE message MUST have Channel Connection Failure 'reason code'
/// values in the range of 0x00000001 to 0xFFFFFFFF." (RFC 4250, section 4.3.1)
#[test]
fn a_refusal_has_a_reason() {
    for reason in [0, 1, 4, u32::MAX] {
        let mut raw = open_server();
        raw.app.manner(move |seen| {
            matches!(seen, Seen::Requested { .. }).then(|| Answer::Now(Reply::Refuse { reason, text: Vec::new() }))
        });
        raw.send(&open("session", 3, 1000, 1000, b""));
        let said = raw.said.iter().find(|said| said[0] == 92).expect("a refusal");
        let got = u32::from_be_bytes(said[5..9].try_into().expect("a number"));
        assert!(got != 0 && (reason == 0 || got == reason), "{reason}: {got}");
    }
}

/// "if the server does not understand the proposed 'channel type', even if it is a locally defined 'channel type', then the
/// 'reason code' MUST be 0x00000003" (RFC 4250, section 4.3.4; RFC 4254, section 5.1).
#[test]
fn an_unknown_channel_type_has_reason_3() {
    for kind in ["foo@example.com", "", "sessions", "direct-tcpip@test", &"x".repeat(3000)] {
        let mut raw = open_server();
        raw.send(&open(kind, 0xdead_beef, 1000, 1000, b"whatever"));
        assert_eq!(raw.said, [about(92, 0xdead_beef, &[&numbers(&[3]), &strings(&[b"", b""])])], "{kind:?}");
        let mut raw = Client::stand("open");
        raw.send(&open(kind, 7, 1000, 1000, b"whatever"));
        assert_eq!(raw.said, [about(92, 7, &[&numbers(&[3]), &strings(&[b"", b""])])], "{kind:?}");
    }
}

/// "Protocol packets containing the SSH_MSG_CHANNEL_EXTENDED_DATA message MUST have Extended Channel Data Transfer
/// 'data_type_code' values in the range of 0x00000001 to 0xFFFFFFFF." (RFC 4250, section 4.4.1): stderr, 1.
#[test]
fn extended_data_has_a_type() {
    let mut raw = server_with_session(3, 1000);
    let channel = raw.app.asked_for();
    raw.app
        .act(channel, sansh_testkit::apps::Act::Send(sansh::channel::Stream::Stderr, b"err".iter().copied().collect()));
    raw.app.send(channel, b"out");
    raw.pump();
    assert_eq!(raw.said, [about(95, 3, &[&numbers(&[1]), &strings(&[b"err"])]), data(3, b"out")]);
}

/// "peers MUST rekey before a wrap of the sequence numbers." (RFC 4251, section 9.3.3): a re-exchange begins by the number of
/// packets, in either direction.
#[test]
fn packets_wear_keys_out() {
    let mut raw = Raw::server(|config| {
        config.rekey_packets(100);
    });
    raw.to_open();
    raw.take();
    let mut sent = 0;
    while !raw.heard(20) {
        raw.send(&message(2, &[]));
        sent += 1;
        assert!(sent <= 100, "no KEXINIT");
    }
    // And by those that are sent.
    let mut raw = Raw::server(|config| {
        config.rekey_packets(100);
    });
    raw.to_open();
    raw.send(&open("session", 3, 1 << 20, 1, b""));
    raw.take();
    let channel = raw.app.asked_for();
    while !raw.heard(20) {
        raw.app.send(channel, &[7]);
        raw.pump();
        assert!(raw.said.len() <= 100, "no KEXINIT");
    }
}
