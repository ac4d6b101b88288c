//! Messages that reach a handler which they must not reach: of the wrong role, or before their time.

use crate::hand::{
    Stand, data, error, ext_info, global, init, login, message, open, public_key_fields, reply, samples,
};
use sansh::error::Error;
use sansh::{Client, Server};
use sansh_testkit::apps::Answer;
use sansh_testkit::raw::{NULL_KEY, Raw, password, strings};
use sansh_testkit::told::{Reply, Seen};

/// What only a server sends: in a login, and in an exchange.
fn of_a_server() -> Vec<Vec<u8>> {
    vec![
        message(6, &[&strings(&[b"ssh-userauth"])]),
        message(6, &[&strings(&[b"ssh-connection"])]),
        reply(),
        message(51, &[&strings(&[b"password"]), &[0]]),
        message(51, &[&strings(&[b"password"]), &[1]]),
        message(52, &[]),
        message(53, &[&strings(&[b"hello", b""])]),
        message(60, &[&strings(&[b"null", NULL_KEY])]),
        // As INFO_REQUEST and as PASSWD_CHANGEREQ.
        message(60, &[&strings(&[b"name", b"instruction", b""]), &[0, 0, 0, 0]]),
        message(60, &[&strings(&[b"prompt", b""])]),
    ]
}

/// What only a client sends.
fn of_a_client() -> Vec<Vec<u8>> {
    let key = public_key_fields(b"null", NULL_KEY, Some(b"x"));
    vec![
        message(5, &[&strings(&[b"ssh-userauth"])]),
        message(5, &[&strings(&[b"ssh-connection"])]),
        init(),
        password("user", "right"),
        login(b"user", b"ssh-connection", b"none", b""),
        login(b"user", b"ssh-connection", b"publickey", &key),
        // As INFO_RESPONSE.
        message(61, &[&[0, 0, 0, 0]]),
        message(61, &[&[0, 0, 0, 1], &strings(&[b"right"])]),
    ]
}

fn refused<R: Stand>(states: &[&str], messages: &[Vec<u8>]) {
    for state in states {
        for message in messages {
            let mut raw = R::stand(state);
            let (ready, events) = (raw.app.is_ready(), raw.app.seen.len());
            raw.send(message);
            let what = format!("{state}, server {}: {message:?}", R::IS_SERVER);
            assert_eq!(error(&raw), Some(Error::Unexpected { number: message[0] }), "{what}");
            assert_eq!(raw.app.is_ready(), ready, "{what}");
            assert_eq!(raw.app.seen.len(), events + 1, "nothing but Closed is told: {what}: {:?}", raw.app.seen);
            assert!(raw.said.iter().all(|said| said[0] == 1), "{what}: {:?}", raw.said);
        }
    }
}

/// CVE-2018-10933, CVE-2018-1000805: a client says SUCCESS (or FAILURE, BANNER, PK_OK, SERVICE_ACCEPT) to a server, which
/// has no handler for it, in whatever state.
#[test]
fn a_server_hears_nothing_that_a_server_says() {
    refused::<Server>(Server::BEFORE_LOGIN, &of_a_server());
    refused::<Server>(&["open"], &of_a_server());
}

/// CVE-2018-1000805: nor has a client one for what clients say.
#[test]
fn a_client_hears_nothing_that_a_client_says() {
    refused::<Client>(Client::BEFORE_LOGIN, &of_a_client());
    refused::<Client>(&["open"], &of_a_client());
}

/// CVE-2018-10933: SUCCESS while the application decides about a login waits behind the decision, and is no answer to it.
#[test]
fn a_success_behind_an_open_question_is_no_verdict() {
    for verdict in [Reply::Deny(String::new()), Reply::Partial("password".into())] {
        let mut raw = Server::stand("asked");
        raw.send(&message(52, &[]));
        assert!(raw.app.end.is_none() && !raw.app.is_ready());
        let question = raw.app.kept.pop_front().expect("the login");
        question.answer(&mut raw.conn, &verdict, 0).expect("in time");
        raw.pump();
        assert_eq!(error(&raw), Some(Error::Unexpected { number: 52 }), "{verdict:?}");
        assert!(!raw.app.is_ready());
    }
}

/// CVE-2018-7750, CVE-2018-7749, PYSEC-2018-108, CVE-2025-32433, GHSA-37cp-fgq5-7wc2, CVE-2012-6066, and the wolfSSH 1.4.17
/// release note (Mar 2024): no message of the connection protocol, and none that nobody knows, gets past a server before
/// the login is complete. "receiving one of them before authentication is complete is an error, to which the server MUST
/// respond by disconnecting, preferably with a proper disconnect message" (RFC 4252, section 6).
#[test]
fn nothing_from_80_on_passes_before_the_login() {
    let samples = samples();
    for state in Server::BEFORE_LOGIN {
        for number in 80..=255_u8 {
            let known = samples.iter().filter(|sample| sample[0] == number).cloned();
            for payload in known.chain([vec![number]]) {
                let mut raw = Server::stand(state);
                let events = raw.app.seen.len();
                raw.send(&payload);
                assert_eq!(error(&raw), Some(Error::Unexpected { number }), "{state}: {payload:?}");
                assert_eq!(raw.disconnect_code(), Some(2), "{state}: {payload:?}");
                assert_eq!(raw.app.seen.len(), events + 1, "{state}: {:?}", raw.app.seen);
            }
        }
    }
}

/// CVE-2025-32433, GHSA-37cp-fgq5-7wc2: the very attack, a channel and a command in one go right behind the key exchange.
#[test]
fn a_command_without_a_login_is_not_even_heard() {
    let mut raw = Server::stand("just-after-newkeys");
    raw.send(&open("session", 0, 1 << 20, 32_768, b""));
    raw.send(&crate::hand::request(0, "exec", true, &strings(&[b"file:write_file(\"/lab.txt\", <<\"pwned\">>)."])));
    assert_eq!(error(&raw), Some(Error::Unexpected { number: 90 }));
    assert!(!raw.app.saw(|seen| matches!(seen, Seen::Requested { .. } | Seen::Request { .. })));
}

/// CVE-2018-7750, from the other end: a client before SUCCESS hears nothing of the connection protocol either.
#[test]
fn a_client_opens_nothing_before_its_login() {
    let messages = [
        open("session", 0, 1000, 1000, b""),
        open("forwarded-tcpip", 0, 1000, 1000, &[strings(&[b"a"]), vec![0; 4], strings(&[b"b"]), vec![0; 4]].concat()),
        global("hostkeys-00@openssh.com", false, b""),
        global("tell@test", true, b""),
        data(0, b"data"),
    ];
    refused::<Client>(Client::BEFORE_LOGIN, &messages);
}

/// CVE-2025-14942: a service is asked for only under keys. A server takes no SERVICE_REQUEST and no login before NEWKEYS,
/// and a client says none.
#[test]
fn no_service_and_no_password_before_the_keys() {
    for state in ["first-kexinit", "exchange", "newkeys"] {
        for early in [message(5, &[&strings(&[b"ssh-userauth"])]), password("user", "right")] {
            let mut raw = Server::stand(state);
            raw.send(&early);
            assert_eq!(error(&raw), Some(Error::Unexpected { number: early[0] }), "{state}");
        }
    }
    // The client's password is ready all the time.
    let mut raw = Raw::client(|_| {});
    raw.to_kex(true);
    raw.reply(NULL_KEY);
    let said: Vec<u8> = raw.said.iter().map(|said| said[0]).collect();
    assert_eq!(said, [20, 30, 21], "nothing waits behind the client's own NEWKEYS before the server's");
    raw.new_keys();
    assert!(raw.heard(5) && !raw.heard(50), "the service is asked for, and the password waits for it: {:?}", raw.said);
}

/// CVE-2025-11625: a client goes past no NEWKEYS without the server's key, its signature, and the application's word.
#[test]
fn a_client_has_no_way_around_the_host_key() {
    // NEWKEYS in the place of REPLY.
    let mut raw = Client::stand("exchange");
    raw.send(&message(21, &[]));
    assert_eq!(error(&raw), Some(Error::Unexpected { number: 21 }));
    assert!(!raw.heard(21) && !raw.heard(5) && !raw.heard(50), "{:?}", raw.said);
    // A login's messages in the place of REPLY.
    for early in [message(6, &[&strings(&[b"ssh-userauth"])]), message(52, &[])] {
        let mut raw = Client::stand("exchange");
        raw.send(&early);
        assert_eq!(error(&raw), Some(Error::Unexpected { number: early[0] }));
        assert!(!raw.app.is_ready());
    }
    // While the application thinks, nothing leaves and nothing counts.
    let mut raw = Raw::client(|_| {});
    raw.app.manner(|seen| matches!(seen, Seen::HostKey { .. }).then_some(Answer::Keep));
    raw.to_kex(true);
    raw.take();
    raw.reply(NULL_KEY);
    raw.send(&message(21, &[]));
    raw.send(&message(6, &[&strings(&[b"ssh-userauth"])]));
    assert_eq!((raw.said.len(), raw.app.end.as_ref()), (0, None));
    let question = raw.app.kept.pop_front().expect("the host key");
    question.answer(&mut raw.conn, &Reply::Trust(false), 0).expect("in time");
    raw.pump();
    assert_eq!(error(&raw), Some(Error::HostKeyRejected));
    assert!(!raw.heard(21) && !raw.heard(5), "{:?}", raw.said);
}

/// CVE-2017-3204, CVE-2007-1099: a program that does not say that a host key is right says that it is wrong; a key that
/// changes is asked about again.
#[test]
fn a_host_key_that_nobody_speaks_for_is_refused() {
    let mut raw = Raw::client(|_| {});
    raw.app.manner(|seen| matches!(seen, Seen::HostKey { .. }).then_some(Answer::Ignore));
    raw.to_kex(true);
    raw.reply(NULL_KEY);
    assert_eq!(error(&raw), Some(Error::HostKeyRejected));
    assert!(!raw.heard(21) && !raw.heard(5), "{:?}", raw.said);
    // At a re-exchange: the accepted key passes, and any other needs a word of its own.
    let mut raw = Client::stand("open");
    raw.app.manner(|seen| matches!(seen, Seen::HostKey { .. }).then_some(Answer::Ignore));
    raw.send(&sansh_testkit::raw::kexinit(sansh_testkit::raw::Offer { kex: "null", follows: false }));
    raw.reply(b"\0\0\0\x04null, and another");
    assert_eq!(error(&raw), Some(Error::HostKeyRejected));
}

/// The paramiko 2.8.1 note: keys are equal if all their bytes are, at a re-exchange too.
#[test]
fn keys_are_told_apart_by_all_their_bytes() {
    let long = [b"\0\0\0\x04null".as_slice(), &[7; 40]].concat();
    let mut others = vec![long[..47].to_vec(), [&long[..], &[7]].concat()];
    others.extend((8..48).map(|at| {
        let mut other = long.clone();
        other[at] ^= 1;
        other
    }));
    for (n, second) in others.iter().chain([&long]).enumerate() {
        let mut raw = Raw::client(|_| {});
        raw.to_kex(true);
        raw.reply(&long);
        raw.new_keys();
        raw.send(&message(6, &[&strings(&[b"ssh-userauth"])]));
        raw.send(&message(52, &[]));
        raw.send(&sansh_testkit::raw::kexinit(sansh_testkit::raw::Offer { kex: "null", follows: false }));
        raw.reply(second);
        assert_eq!(error(&raw), None);
        let asked = raw.app.count(|seen| matches!(seen, Seen::HostKey { .. }));
        assert_eq!(asked, if *second == long { 1 } else { 2 }, "key {n}");
    }
}

/// CVE-2023-46445, GHSA-cfc2-wr2v-gxm5: EXT_INFO comes right behind the first NEWKEYS, from a server also right before
/// SUCCESS, and nowhere else: nobody without the keys can say what a server takes.
#[test]
fn extensions_come_in_their_place_alone() {
    let info = ext_info(1, &[(b"server-sig-algs", b"none-of-yours")]);
    refused::<Server>(
        &["first-kexinit", "exchange", "newkeys", "service", "auth", "failed", "open"],
        core::slice::from_ref(&info),
    );
    refused::<Client>(&["first-kexinit", "exchange", "newkeys", "service", "open"], core::slice::from_ref(&info));
    // Within a login it is taken back by whatever follows it that is not SUCCESS.
    for behind in
        [message(51, &[&strings(&[b"password"]), &[0]]), message(53, &[&strings(&[b"hello", b""])]), info.clone()]
    {
        let mut raw = Client::stand("auth");
        raw.send(&info);
        assert_eq!(error(&raw), None);
        raw.send(&behind);
        assert_eq!(error(&raw), Some(Error::Unexpected { number: 7 }), "{behind:?}");
    }
}

/// CVE-2023-46446, GHSA-c35q-ffpf-5qpm: a login that somebody slips in before the service was accepted, or into a key
/// exchange, is nobody's.
#[test]
fn a_login_slipped_in_early_is_refused() {
    for state in ["first-kexinit", "exchange", "newkeys", "just-after-newkeys", "service"] {
        let mut raw = Server::stand(state);
        raw.send(&password("mallory", "right"));
        assert_eq!(error(&raw), Some(Error::Unexpected { number: 50 }), "{state}");
        assert!(!raw.app.saw(|seen| matches!(seen, Seen::Login { .. })), "{state}");
    }
    let mut raw = Server::stand("auth");
    raw.send(&sansh_testkit::raw::kexinit(sansh_testkit::raw::Offer { kex: "null", follows: false }));
    raw.send(&password("mallory", "right"));
    assert_eq!(error(&raw), Some(Error::Unexpected { number: 50 }));
    assert!(!raw.app.saw(|seen| matches!(seen, Seen::Login { .. })));
}

/// CVE-2026-3497: an error inside a method ends the method or the connection; GSSAPI's own messages, which no method here
/// knows, end it in every state of a login.
#[test]
fn messages_of_a_method_that_is_not_there_end_the_connection() {
    for state in ["auth", "failed", "partial", "queried"] {
        for number in (60..80).chain([54, 55, 59]) {
            let mut raw = Server::stand(state);
            raw.send(&[number, 0, 0, 0, 1, 7]);
            assert_eq!(error(&raw), Some(Error::Unexpected { number }), "{state}");
            assert!(!raw.app.is_ready());
        }
    }
}

/// CVE-2014-1692, CVE-2016-0777: no half-finished extension can be reached: what a server is not configured for, it refuses
/// unseen.
#[test]
fn what_nobody_configured_is_not_there() {
    let mut raw = Server::stand("open");
    for name in ["roaming@appgate.com", "hostkeys-00@openssh.com", "x"] {
        raw.send(&global(name, true, &[0; 16]));
        assert_eq!(raw.take(), [[82]], "{name}");
    }
    raw.send(&open("jpake@openssh.com", 0, 1000, 1000, b""));
    assert!(raw.heard(92), "{:?}", raw.said);
    assert_eq!(error(&raw), None);
    assert!(!raw.app.saw(|seen| matches!(seen, Seen::Global { .. } | Seen::Requested { .. })));
    // And nothing of the kind is offered.
    let mut raw = Raw::server(|_| {});
    raw.send_ident();
    let kexinit = raw.said.iter().find(|said| said[0] == 20).expect("a KEXINIT");
    assert!(!kexinit.windows(6).any(|part| part == b"resume" || part == b"appgat"));
}
