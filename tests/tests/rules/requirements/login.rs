//! RFC 4252: user authentication.

use crate::hand::{Stand, data, error, login, message, open, public_key_fields};
use sansh::error::Error;
use sansh::{Client, Server};
use sansh_testkit::apps::Answer;
use sansh_testkit::pair::{Pair, key};
use sansh_testkit::raw::{NULL_KEY, Raw, password, strings};
use sansh_testkit::told::{Attempt, By, Means, Reply, Seen};

/// "The none method is reserved, and MUST NOT be listed as supported." (RFC 4252, section 4) "This 'method name' MUST NOT be
/// listed as supported by the server." (RFC 4252, section 5.2): not by the configuration, not by a verdict.
#[test]
fn none_is_never_listed() {
    for methods in ["none", "password,none", "none,publickey"] {
        let mut config = sansh::config::Config::<Server>::new(&sansh_testkit::pair::RUSTCRYPTO);
        assert!(config.methods(methods).is_err(), "{methods}");
        let mut raw = Raw::server(|_| {});
        raw.app.manner(|seen| matches!(seen, Seen::Login { .. }).then_some(Answer::Keep));
        raw.to_auth();
        raw.take();
        raw.send(&password("user", "x"));
        let question = raw.app.kept.pop_front().expect("a question");
        let refused = question.answer(&mut raw.conn, &Reply::Deny(methods.into()), 0);
        assert!(matches!(refused, Err(sansh_testkit::told::Unsettled::TooLong(_))), "{refused:?}");
        raw.pump();
        assert!(!raw.heard(51), "the question is still open");
    }
    let mut raw = Server::stand("auth");
    raw.send(&login(b"user", b"ssh-connection", b"none", b""));
    let said = raw.said.first().expect("a FAILURE").clone();
    assert!(said[0] == 51 && !said.windows(4).any(|part| part == b"none"), "{:?}", said.escape_ascii().to_string());
}

/// "The server MUST always reject this request, unless the client is to be granted access without any authentication, in
/// which case, the server MUST accept this request." (RFC 4252, section 4) "If no authentication is needed for the user, the
/// server MUST return SSH_MSG_USERAUTH_SUCCESS. Otherwise, the server MUST return SSH_MSG_USERAUTH_FAILURE and MAY return
/// with it a list of methods that may continue" (RFC 4252, section 5.2): as the application says about this user.
#[test]
fn none_is_answered_as_the_application_says() {
    for (admit, expected) in [(true, 52), (false, 51)] {
        let mut raw = Raw::server(|_| {});
        raw.app.manner(move |seen| match seen {
            Seen::Login { by: By::None, .. } if admit => Some(Answer::Now(Reply::Admit)),
            _ => None,
        });
        raw.to_auth();
        raw.take();
        raw.send(&login(b"user", b"ssh-connection", b"none", b""));
        assert_eq!(raw.said.iter().map(|said| said[0]).collect::<Vec<_>>(), [expected]);
        assert_eq!(raw.app.is_ready(), admit);
    }
}

/// "All authentication requests MUST use the following message format." (RFC 4252, section 5): what a client sends.
#[test]
fn requests_have_their_format() {
    let mut raw = Raw::client(|_| {});
    raw.to_auth();
    assert_eq!(raw.said.last(), Some(&password("user", "right")));
    let mut raw = Client::stand("probe");
    raw.send(&message(60, &[&strings(&[b"null", NULL_KEY])]));
    let signed = public_key_fields(b"null", NULL_KEY, Some(sansh_testkit::raw::NULL_SIGNATURE));
    assert_eq!(raw.said.last(), Some(&login(b"user", b"ssh-connection", b"publickey", &signed)));
}

/// "The server implementation MUST carefully check them in every message, and MUST flush any accumulated authentication
/// states if they change." "If it is unable to flush an authentication state, it MUST disconnect if the 'user name' or
/// 'service name' changes." "if the service does not exist, authentication MUST NOT be accepted." (RFC 4252, section 5)
#[test]
fn user_and_service_are_checked_in_every_message() {
    // Behind a partial success the change ends the connection.
    let right = [vec![0], strings(&[b"right"])].concat();
    for (user, service) in
        [(b"other".as_slice(), b"ssh-connection".as_slice()), (b"user", b"ssh-userauth"), (b"user", b"")]
    {
        let mut raw = Server::stand("partial");
        raw.send(&login(user, service, b"password", &right));
        assert_eq!(error(&raw), Some(Error::UserChanged));
        assert!(!raw.app.is_ready());
    }
    // A question about a key is no state of the next user's.
    let mut raw = Server::stand("queried");
    raw.send(&login(b"other", b"ssh-connection", b"password", &right));
    assert!(raw.app.saw(|seen| matches!(seen, Seen::Login { user, steps: 0, .. } if user == b"other")));
    for service in [b"ssh-userauth".as_slice(), b"none-such", b"", b"ssh-connection\0"] {
        let mut raw = Server::stand("auth");
        raw.send(&login(b"user", service, b"password", &right));
        assert!(!raw.heard(52) && !raw.app.is_ready());
        assert!(!raw.app.saw(|seen| matches!(seen, Seen::Login { .. })), "nobody is even asked");
    }
}

/// "If the server rejects the authentication request, it MUST respond with the following:" FAILURE, and "When the server
/// accepts authentication, it MUST respond with the following:" SUCCESS. "The value of 'partial success' MUST be TRUE if the
/// authentication request to which this is a response was successful. It MUST be FALSE if the request was not successfully
/// processed." (RFC 4252, section 5.1)
#[test]
fn each_request_has_its_answer() {
    for (reply, answer) in [
        (Reply::Admit, message(52, &[])),
        (Reply::Deny(String::new()), message(51, &[&strings(&[b"publickey,password"]), &[0]])),
        (Reply::Deny("hostbased".into()), message(51, &[&strings(&[b"hostbased"]), &[0]])),
        (Reply::Partial("publickey".into()), message(51, &[&strings(&[b"publickey"]), &[1]])),
    ] {
        let mut raw = Raw::server(|_| {});
        raw.app.manner(move |seen| matches!(seen, Seen::Login { .. }).then(|| Answer::Now(reply.clone())));
        raw.to_auth();
        raw.take();
        raw.send(&password("user", "whatever"));
        if answer[0] == 51 && answer.last() == Some(&0) {
            assert!(raw.said[0][0] == 51 && raw.said[0].last() == Some(&0), "{:?}", raw.said);
        } else {
            assert_eq!(raw.said, [answer]);
        }
    }
}

/// "The server MUST process each request completely and acknowledge any failed requests with a SSH_MSG_USERAUTH_FAILURE
/// message before processing the next request." (RFC 4252, section 5.1): requests that come in one go, and an application
/// that takes its time.
#[test]
fn one_request_is_processed_at_a_time() {
    let mut raw = Raw::server(|_| {});
    raw.app.manner(|seen| matches!(seen, Seen::Login { .. }).then_some(Answer::Keep));
    raw.to_auth();
    raw.take();
    for n in 0..4 {
        raw.send(&password("user", &format!("wrong {n}")));
    }
    for n in 0..4 {
        let asked = raw.app.count(|seen| matches!(seen, Seen::Login { .. }));
        assert_eq!((asked, raw.said.len()), (n + 1, n), "the next one waits for the answer");
        let question = raw.app.kept.pop_front().expect("a question");
        question.answer(&mut raw.conn, &Reply::Deny(String::new()), 0).expect("in time");
        raw.pump();
    }
    assert!(raw.said.len() == 4 && raw.said.iter().all(|said| said[0] == 51));
}

/// "A client MUST NOT send a subsequent request if it has not received a response from the server for a previous request."
/// (RFC 4252, section 5.1)
#[test]
fn a_client_waits_for_its_answer() {
    let mut raw = Raw::client(|_| {});
    raw.app.password("user", "second");
    raw.app.password("user", "third");
    raw.to_auth();
    for n in 1..=3 {
        assert_eq!(raw.said.iter().filter(|said| said[0] == 50).count(), n);
        raw.wait(sansh::SECOND);
        raw.send(&message(2, &[]));
        raw.send(&message(53, &[&strings(&[b"banner", b""])]));
        assert_eq!(raw.said.iter().filter(|said| said[0] == 50).count(), n, "nothing without an answer");
        if n < 3 {
            raw.send(&message(51, &[&strings(&[b"password"]), &[0]]));
        }
    }
}

/// "SSH_MSG_USERAUTH_SUCCESS MUST be sent only once." "Any non-authentication messages sent by the client after the request
/// that resulted in SSH_MSG_USERAUTH_SUCCESS being sent MUST be passed to the service being run on top of this protocol."
/// (RFC 4252, section 5.1)
#[test]
fn what_follows_the_right_request_is_the_services() {
    let mut raw = Server::stand("auth");
    let story = [
        password("user", "right"),
        open("session", 3, 1000, 1000, b""),
        data(0, b"data"),
        password("user", "right"),
        password("other", "wrong"),
        login(b"user", b"ssh-connection", b"none", b""),
        data(0, b" and more"),
    ];
    let all: Vec<u8> = story.iter().flat_map(|payload| sansh_testkit::raw::packet(payload, true)).collect();
    raw.send_bytes(&all);
    assert_eq!(raw.said.iter().map(|said| said[0]).collect::<Vec<_>>(), [52, 91], "{:?}", raw.said);
    assert_eq!(raw.app.received(raw.app.asked_for(), sansh::channel::Stream::Main), b"data and more");
    assert_eq!(raw.app.count(|seen| matches!(seen, Seen::Ready { .. })), 1);
}

/// "publickey REQUIRED" (RFC 4252, section 5) "The only REQUIRED authentication 'method name' is publickey authentication.
/// All implementations MUST support this method;" "The server MUST check that the key is a valid authenticator for the user,
/// and MUST check that the signature is valid. If both hold, the authentication request MUST be accepted; otherwise, it MUST
/// be rejected." "The server MUST respond to this message with either SSH_MSG_USERAUTH_FAILURE or with the following:" PK_OK.
/// "When the server receives this message, it MUST check whether the supplied key is acceptable for authentication, and if
/// so, it MUST check whether the signature is correct." "The server MUST respond with SSH_MSG_USERAUTH_SUCCESS (if no more
/// authentications are needed), or SSH_MSG_USERAUTH_FAILURE (if the request failed, or more authentications are needed)."
/// (RFC 4252, section 7)
#[test]
fn a_key_counts_if_it_is_the_users_and_has_signed() {
    let known = key(7).public_blob().to_vec();
    for (signer, is_right, probe) in [(7, true, true), (7, true, false), (8, false, true), (8, false, false)] {
        let mut pair = Pair::builder().build();
        pair.client.app.public_key("user", signer, probe);
        let users = known.clone();
        pair.server.app.manner(move |seen| match seen {
            Seen::KeyQuery { key, .. } => Some(Answer::Now(Reply::Fits(*key == users))),
            Seen::Login { by: By::PublicKey { key, .. }, .. } => {
                Some(Answer::Now(if *key == users { Reply::Admit } else { Reply::Deny(String::new()) }))
            }
            _ => None,
        });
        pair.run();
        assert_eq!(pair.server.app.is_ready(), is_right, "{signer} {probe}");
        // A signature by another key is none, even for the user's key.
        let mut pair = Pair::builder().build();
        pair.client.app.public_key("user", signer, probe);
        pair.client.app.manner(move |seen| match seen {
            Seen::Sign { algorithm, message, .. } => {
                let signature = key(signer + 1).sign(algorithm, message).expect("a signature");
                Some(Answer::Now(Reply::Signature(Some(signature))))
            }
            _ => None,
        });
        pair.run();
        assert!(!pair.server.app.is_ready() && !pair.server.app.saw(|seen| matches!(seen, Seen::Login { .. })));
    }
    // The question, and both answers.
    for (fits, answer) in [
        (true, message(60, &[&strings(&[b"null", NULL_KEY])])),
        (false, message(51, &[&strings(&[b"publickey,password"]), &[0]])),
    ] {
        let mut raw = Raw::server(|_| {});
        raw.app.manner(move |seen| matches!(seen, Seen::KeyQuery { .. }).then_some(Answer::Now(Reply::Fits(fits))));
        raw.to_auth();
        raw.take();
        raw.send(&login(b"user", b"ssh-connection", b"publickey", &public_key_fields(b"null", NULL_KEY, None)));
        assert_eq!(raw.said[0][0], answer[0]);
        assert!(!fits || raw.said == [answer]);
    }
}

/// "The server MUST verify that the host key actually belongs to the client host named in the message, that the given user on
/// that host is allowed to log in, and that the 'signature' value is a valid signature on the appropriate value by the given
/// host key." (RFC 4252, section 9): over the whole request and the session identifier; and the application is asked about
/// host, user and key.
#[test]
fn a_host_vouches_by_its_signature() {
    let host = key(7);
    let mut pair = Pair::builder().build();
    pair.client.app.manner(|seen| matches!(seen, Seen::LoginNeeded { .. }).then_some(Answer::Keep));
    pair.server.app.manner(|seen| match seen {
        Seen::Login { by: By::HostBased { host, user, .. }, .. } => {
            let known = host == b"client.example." && user == b"there";
            Some(Answer::Now(if known { Reply::Admit } else { Reply::Deny(String::new()) }))
        }
        _ => None,
    });
    pair.run();
    let session = pair.client.conn.session_id().expect("exchanged").to_vec();
    let names = |host: &[u8], user: &[u8]| strings(&[b"ssh-ed25519", key(7).public_blob(), host, user]);
    let right = names(b"client.example.", b"there");
    let text = |session: &[u8], fields: &[u8]| {
        [strings(&[session]), login(b"user", b"ssh-connection", b"hostbased", fields)].concat()
    };
    let mut other_session = session.clone();
    other_session[0] ^= 1;
    for (fields, signed, heard, admitted) in [
        (&right, text(&other_session, &right), false, false),
        (&right, text(&session, &names(b"client.example.", b"other")), false, false),
        (&right, text(&session, &names(b"other.example.", b"there")), false, false),
        (&right, text(&session, &right)[4..].to_vec(), false, false),
        (&names(b"evil.example.", b"there"), text(&session, &names(b"evil.example.", b"there")), true, false),
        (&right, text(&session, &right), true, true),
    ] {
        let signature = host.sign("ssh-ed25519", &signed).expect("a signature");
        let fields = [&fields[..], &strings(&[&signature])].concat();
        let before = pair.server.app.count(|seen| matches!(seen, Seen::Login { .. }));
        let with = Means::Other { method: "hostbased".into(), fields };
        pair.client.answer(&Reply::Try(Attempt { user: "user".into(), with }));
        pair.run();
        let after = pair.server.app.count(|seen| matches!(seen, Seen::Login { .. }));
        assert_eq!((after > before, pair.server.app.is_ready()), (heard, admitted));
    }
}

/// "If the server does not support some algorithm, it MUST simply reject the request." (RFC 4252, section 7)
#[test]
fn an_unknown_algorithm_is_simply_rejected() {
    let long = vec![b'x'; 1000];
    for algorithm in [b"foo@bar".as_slice(), b"ssh-dss", b"ssh-rsa", b"", &long] {
        for signature in [None, Some(b"signature".as_slice())] {
            let mut raw = Server::stand("auth");
            let fields = public_key_fields(algorithm, NULL_KEY, signature);
            raw.send(&login(b"user", b"ssh-connection", b"publickey", &fields));
            assert!(raw.said.len() == 1 && raw.heard(51) && error(&raw).is_none());
        }
    }
}
