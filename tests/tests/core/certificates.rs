//! Certificates in a login and in a key exchange: nothing leads past their check.

use super::authority::{Authority, NOW};
use super::token;
use sansh::UnixTime;
use sansh::ask::{Trust, Unanswered, Verdict};
use sansh::crypto::SecurityKey;
use sansh::error::Error;
use sansh::keys::{Certificate, Check};
use sansh_testkit::apps::Answer;
use sansh_testkit::pair::{Pair, RUSTCRYPTO, key};
use sansh_testkit::told::{Bound, By, Detail, Means, Question, Reply, Seen, Unsettled};

const CERTIFIED: &str = "ssh-ed25519-cert-v01@openssh.com";

// ---- The server's.

/// A server whose one key is this certificate of the key of seed 1.
fn certified_server(certificate: &[u8]) -> Pair {
    let mut pair = Pair::builder()
        .server(|config| {
            config.host_key(certificate).expect("a host key");
        })
        .client(|config| {
            config.signatures(CERTIFIED).expect("signatures");
        })
        .build();
    pair.server.app.keys.push(key(1).with_certificate(certificate).expect("its certificate"));
    pair.client.app.password("user", "right");
    pair
}

#[test]
fn a_host_certificate_is_trusted_by_its_check() {
    let authority = Authority::new();
    let certificate = authority.certify(key(1).public_blob(), &["-h", "-n", "server.example"]);
    for later in [false, true] {
        let mut pair = certified_server(&certificate);
        let authorities = vec![authority.blob.clone()];
        pair.client.app.manner(move |seen| match seen {
            Seen::HostKey { key } => {
                let (blob, authorities) = (key.clone(), authorities.clone());
                let reply = Reply::TrustCertificate { blob, host: "server.example".into(), at: NOW, authorities };
                Some(if later { Answer::Later(reply) } else { Answer::Now(reply) })
            }
            _ => None,
        });
        pair.run();
        assert!(pair.client.app.is_ready(), "{}", pair.dump());
        assert_eq!(pair.client.conn.algorithms().expect("negotiated").host_key, CERTIFIED);
        assert!(pair.client.app.saw(|seen| *seen == Seen::HostKey { key: certificate.clone() }));
        // "byte-equal at a re-exchange is not asked about again".
        pair.client.conn.rekey();
        pair.run();
        assert_eq!(pair.client.app.count(|seen| matches!(seen, Seen::HostKey { .. })), 1);
    }
}

/// CVE-2014-2653: a client that knows the plain key may say so; the certificate then counts for nothing, and nothing
/// was checked in its place.
#[test]
fn a_host_certificate_may_be_taken_for_its_plain_key() {
    let authority = Authority::new();
    // Not even its role is right: all that counts is the key in it.
    for arguments in [&["-h", "-n", "server.example"][..], &["-h", "-n", "elsewhere", "-V", "19990101:20000101"]] {
        let mut pair = certified_server(&authority.certify(key(1).public_blob(), arguments));
        pair.run();
        assert!(pair.client.app.is_ready(), "{}", pair.dump());
    }
}

#[test]
fn a_host_certificate_that_nobody_trusts_ends_the_connection() {
    let authority = Authority::new();
    let certificate = authority.certify(key(1).public_blob(), &["-h", "-n", "server.example"]);
    for answer in [Answer::Now(Reply::Trust(false)), Answer::Later(Reply::Trust(false)), Answer::Ignore] {
        let mut pair = certified_server(&certificate);
        pair.client.app.manner(move |seen| matches!(seen, Seen::HostKey { .. }).then(|| answer.clone()));
        pair.run();
        assert_eq!(pair.client.app.ended().error, Error::HostKeyRejected);
    }
}

fn host_question(pair: &mut Pair) -> sansh::ask::Ask<sansh::ask::HostKey> {
    pair.client.app.manner(|seen| matches!(seen, Seen::HostKey { .. }).then_some(Answer::Keep));
    pair.run();
    match pair.client.app.kept.pop_front() {
        Some(Question::HostKey(ask)) => ask,
        other => panic!("{other:?} instead of the host key: {}", pair.dump()),
    }
}

#[test]
fn another_certificates_check_does_not_do_for_a_host() {
    let authority = Authority::new();
    let certificate = authority.certify(key(1).public_blob(), &["-h", "-n", "server.example"]);
    let other = authority.certify(key(2).public_blob(), &["-h", "-n", "server.example"]);
    let user = authority.certify(key(1).public_blob(), &["-n", "user"]);
    let trusted = [authority.blob.clone()];
    let at = UnixTime(NOW);
    let host = |blob| {
        Certificate::parse(blob).expect("a certificate").check(Check::host("server.example", at, &trusted, &RUSTCRYPTO))
    };
    let mut pair = certified_server(&certificate);
    let mut ask = host_question(&mut pair);
    let user = Certificate::parse(&user).expect("a certificate").check(Check::user("user", at, &trusted, &RUSTCRYPTO));
    for checked in [host(&other).expect("good"), user.expect("good")] {
        match pair.client.conn.answer(ask, Trust::Certificate(checked)) {
            Err(Unanswered::Unfit(back)) => ask = back,
            other => panic!("{checked:?}: {other:?}"),
        }
    }
    pair.client.conn.answer(ask, Trust::Certificate(host(&certificate).expect("good"))).expect("its own check");
    pair.run();
    assert!(pair.client.app.is_ready());
}

/// A check for a user is none for a host, even of the very certificate that the server shows.
#[test]
fn a_users_certificate_is_no_hosts() {
    let authority = Authority::new();
    let certificate = authority.certify(key(1).public_blob(), &["-n", "user"]);
    let trusted = [authority.blob.clone()];
    let parsed = Certificate::parse(&certificate).expect("a certificate");
    let checked = parsed.check(Check::user("user", UnixTime(NOW), &trusted, &RUSTCRYPTO)).expect("good for a user");
    let mut pair = certified_server(&certificate);
    let ask = host_question(&mut pair);
    let answered = pair.client.conn.answer(ask, Trust::Certificate(checked));
    assert!(matches!(answered, Err(Unanswered::Unfit(_))), "{answered:?}");
}

#[test]
fn a_check_does_not_do_for_a_plain_key() {
    let authority = Authority::new();
    let certificate =
        authority.certify(key(sansh_testkit::pair::HOST_KEY).public_blob(), &["-h", "-n", "server.example"]);
    let trusted = [authority.blob.clone()];
    let parsed = Certificate::parse(&certificate).expect("a certificate");
    let checked = parsed.check(Check::host("server.example", UnixTime(NOW), &trusted, &RUSTCRYPTO)).expect("good");
    let mut pair = Pair::builder().build();
    let ask = host_question(&mut pair);
    let answered = pair.client.conn.answer(ask, Trust::Certificate(checked));
    assert!(matches!(answered, Err(Unanswered::Unfit(_))), "{answered:?}");
}

// ---- The user's.

/// A login with this certificate of the key of seed 1, which the server keeps for the test to judge.
fn user_login(certificate: &[u8]) -> Pair {
    let mut pair = Pair::builder().build();
    pair.server.app.manner(|seen| matches!(seen, Seen::Login { .. }).then_some(Answer::Keep));
    let with = Means::PublicKey { algorithm: String::new(), key: certificate.to_vec(), probe: true };
    pair.client.app.attempt("user", with);
    pair.client.app.keys.push(key(1).with_certificate(certificate).expect("its certificate"));
    pair.run();
    pair
}

fn admit(authority: &Authority, blob: &[u8]) -> Reply {
    let authorities = vec![authority.blob.clone()];
    Reply::AdmitCertificate { blob: blob.to_vec(), principal: "user".into(), at: NOW, authorities, partial: None }
}

#[test]
fn a_user_certificate_lets_in_by_its_check_and_binds() {
    let authority = Authority::new();
    let options = ["-n", "user", "-O", "no-port-forwarding", "-O", "force-command=/bin/only"];
    let certificate = authority.certify(key(1).public_blob(), &options);
    let mut pair = user_login(&certificate);
    let by = By::PublicKey { algorithm: CERTIFIED.into(), key: certificate.clone() };
    assert!(pair.server.app.saw(|seen| *seen == Seen::Login { user: b"user".to_vec(), by: by.clone(), steps: 0 }));
    let query = Seen::KeyQuery { user: b"user".to_vec(), key: certificate.clone() };
    assert!(pair.server.app.saw(|seen| *seen == query));
    pair.server.answer(&admit(&authority, &certificate));
    pair.run();
    assert!(pair.client.app.is_ready());
    let Some(Detail::Ready { steps, bound }) = pair.server.app.details.last() else { panic!("no Ready") };
    assert_eq!((steps[0].algorithm.as_str(), &steps[0].key), (CERTIFIED, &Some(certificate)));
    let expected = Bound {
        force_command: Some(b"/bin/only".to_vec()),
        verify_required: false,
        port_forwarding: false,
        pty: true,
        sources: Vec::new(),
    };
    assert_eq!(*bound, Ok(expected));
}

#[test]
fn no_way_leads_past_the_check_of_a_users_certificate() {
    let authority = Authority::new();
    let certificate = authority.certify(key(1).public_blob(), &["-n", "user"]);
    let again = authority.certify(key(1).public_blob(), &["-n", "user", "-O", "clear"]);
    let other = authority.certify(key(2).public_blob(), &["-n", "user"]);
    let partial = |blob: &[u8]| match admit(&authority, blob) {
        Reply::AdmitCertificate { blob, principal, at, authorities, .. } => {
            Reply::AdmitCertificate { blob, principal, at, authorities, partial: Some("password".into()) }
        }
        other => other,
    };
    let mut pair = user_login(&certificate);
    let mut question = pair.server.app.kept.pop_front().expect("the login");
    for reply in [
        Reply::Admit,
        Reply::Partial("password".into()),
        admit(&authority, &other),
        admit(&authority, &again),
        partial(&other),
        Reply::ChangePassword("?".into()),
    ] {
        match question.answer(&mut pair.server.conn, &reply, 1) {
            Err(Unsettled::Unfit(back)) => question = back,
            other => panic!("{reply:?}: {other:?}"),
        }
    }
    question.answer(&mut pair.server.conn, &admit(&authority, &certificate), 1).expect("its own check");
    pair.run();
    assert!(pair.client.app.is_ready());

    // Answered in the event, what does not fit is a no.
    let mut pair = Pair::builder().build();
    let with = Means::PublicKey { algorithm: String::new(), key: certificate.clone(), probe: false };
    pair.client.app.attempt("user", with);
    pair.client.app.keys.push(key(1).with_certificate(&certificate).expect("its certificate"));
    pair.run();
    assert!(pair.server.app.saw(|seen| matches!(seen, Seen::Login { .. })) && !pair.server.app.is_ready());
}

#[test]
fn a_check_does_not_do_for_a_password_or_a_plain_key() {
    let authority = Authority::new();
    let certificate = authority.certify(key(1).public_blob(), &["-n", "user"]);
    for by_key in [false, true] {
        let mut pair = Pair::builder().build();
        pair.server.app.manner(|seen| matches!(seen, Seen::Login { .. }).then_some(Answer::Keep));
        if by_key {
            pair.client.app.public_key("user", 1, false);
        } else {
            pair.client.app.password("user", "right");
        }
        pair.run();
        let question = pair.server.app.kept.pop_front().expect("the login");
        let answered = question.answer(&mut pair.server.conn, &admit(&authority, &certificate), 1);
        assert!(matches!(answered, Err(Unsettled::Unfit(_))), "{answered:?}");
    }
}

#[test]
fn a_hosts_certificate_is_no_users() {
    let authority = Authority::new();
    let certificate = authority.certify(key(1).public_blob(), &["-h", "-n", "user"]);
    let trusted = [authority.blob.clone()];
    let parsed = Certificate::parse(&certificate).expect("a certificate");
    let checked = parsed.check(Check::host("user", UnixTime(NOW), &trusted, &RUSTCRYPTO)).expect("good for a host");
    let mut pair = user_login(&certificate);
    // Whether it came so far or not: nobody is in.
    if let Some(Question::Admission(ask)) = pair.server.app.kept.pop_front() {
        let answered = pair.server.conn.answer(ask, Verdict::AcceptCertificate(checked));
        let Err(Unanswered::Unfit(ask)) = answered else { panic!("{answered:?}") };
        let answered = pair.server.conn.answer(ask, Verdict::Accept);
        assert!(matches!(answered, Err(Unanswered::Unfit(_))), "{answered:?}");
    }
    assert!(!pair.server.app.is_ready());
}

#[test]
fn a_certificate_signed_with_by_another_key_never_reaches_the_application() {
    let authority = Authority::new();
    let certificate = authority.certify(key(1).public_blob(), &["-n", "user"]);
    let mut pair = Pair::builder().build();
    pair.client.app.manner(|seen| match seen {
        Seen::Sign { algorithm, message, .. } => {
            assert_eq!(algorithm, "ssh-ed25519", "the signature names the key's algorithm");
            let signature = key(2).sign("ssh-ed25519", message).expect("a signature");
            Some(Answer::Now(Reply::Signature(Some(signature))))
        }
        _ => None,
    });
    pair.client.app.attempt("user", Means::PublicKey { algorithm: String::new(), key: certificate, probe: false });
    pair.run();
    assert!(!pair.server.app.saw(|seen| matches!(seen, Seen::Login { .. })));
}

/// `verify-required`: the security key has to say that it verified its user; a plain key cannot.
#[test]
fn a_certificate_that_demands_verification_gets_it() {
    let authority = Authority::new();
    let options = ["-n", "user", "-O", "verify-required"];
    let certificate = authority.certify(&token::blob(3), &options);
    for (flags, good) in [(token::PRESENT, false), (token::PRESENT | token::VERIFIED, true)] {
        let mut pair = Pair::builder().build();
        pair.client.app.manner(move |seen| match seen {
            Seen::Sign { message, .. } => Some(Answer::Now(Reply::Signature(Some(token::sign(3, flags, 1, message))))),
            _ => None,
        });
        let reply = admit(&authority, &certificate);
        pair.server.app.manner(move |seen| matches!(seen, Seen::Login { .. }).then(|| Answer::Now(reply.clone())));
        let with = Means::PublicKey { algorithm: String::new(), key: certificate.clone(), probe: true };
        pair.client.app.attempt("user", with);
        pair.run();
        assert_eq!(pair.server.app.saw(|seen| matches!(seen, Seen::Login { .. })), good, "{}", pair.dump());
        assert_eq!(pair.server.app.is_ready(), good);
        if let Some(Detail::Ready { steps, bound }) = pair.server.app.details.last() {
            assert_eq!(steps[0].security_key, Some(SecurityKey { flags, counter: 1 }));
            assert!(bound.as_ref().is_ok_and(|bound| bound.verify_required));
        }
    }
    let certificate = authority.certify(key(1).public_blob(), &options);
    let pair = user_login(&certificate);
    assert!(!pair.server.app.saw(|seen| matches!(seen, Seen::Login { .. })), "a plain key verifies nobody");
}
