//! RFC 4252, section 5.1: several steps of one login, and what they say together.

use super::authority::{Authority, NOW};
use sansh::error::{Error, code};
use sansh::keys::Conflict;
use sansh_testkit::apps::{Answer, Prompt};
use sansh_testkit::net::Weather;
use sansh_testkit::pair::{Pair, key};
use sansh_testkit::raw::{Raw, strings};
use sansh_testkit::told::{Bound, By, Detail, Means, Reply, Seen, Stepped};

fn three_steps(seen: &Seen) -> Option<Reply> {
    Some(match seen {
        Seen::Login { by: By::PublicKey { .. }, steps: 0, .. } => Reply::Partial("password".into()),
        Seen::Login { by: By::Password(password), steps: 1, .. } if password == b"right" => {
            Reply::Partial("keyboard-interactive".into())
        }
        Seen::Login { by: By::Interactive { responses: None, .. }, steps: 2, .. } => {
            Reply::Ask { name: String::new(), instruction: String::new(), prompts: vec![("Code: ".into(), true)] }
        }
        Seen::Login { by: By::Interactive { responses: Some(answers), .. }, steps: 2, .. } => {
            if answers[0] == b"answer" { Reply::Admit } else { Reply::Deny(String::new()) }
        }
        Seen::Login { .. } => Reply::Deny(String::new()),
        _ => return None,
    })
}

fn key_step(seed: u8) -> Stepped {
    Stepped {
        method: "publickey".into(),
        algorithm: "ssh-ed25519".into(),
        key: Some(key(seed).public_blob().to_vec()),
        ..Stepped::default()
    }
}

#[test]
fn key_password_and_code_are_needed_in_order_and_recorded_in_order() {
    for prompt in [Prompt::Now, Prompt::Later] {
        for weather in [Weather::default(), Weather::random()] {
            let mut pair = Pair::builder().weather(weather).build();
            (pair.client.app.prompt, pair.server.app.prompt) = (prompt, prompt);
            pair.server.app.manner(move |seen| {
                let reply = three_steps(seen)?;
                Some(if prompt == Prompt::Now { Answer::Now(reply) } else { Answer::Later(reply) })
            });
            // Out of order it is worth nothing, and a step that failed takes nothing away.
            pair.client.app.password("user", "right");
            pair.client.app.public_key("user", 7, true);
            pair.client.app.password("user", "wrong");
            pair.client.app.password("user", "right");
            pair.client.app.attempt("user", Means::Interactive { submethods: String::new() });
            pair.run();
            assert!(pair.client.app.is_ready(), "{}", pair.dump());
            let (key, password, code) = (key_step(7), Stepped::bare("password"), Stepped::bare("keyboard-interactive"));
            let so_far = |detail: &Detail| match detail {
                Detail::Login { so_far, .. } => Some(so_far.clone()),
                Detail::Ready { .. } => None,
            };
            let told: Vec<Vec<Stepped>> = pair.server.app.details.iter().filter_map(so_far).collect();
            let one = vec![key.clone()];
            let two = vec![key.clone(), password.clone()];
            assert_eq!(told, [vec![], vec![], one.clone(), one, two.clone(), two]);
            let Some(Detail::Ready { steps, .. }) = pair.server.app.details.last() else { panic!("no Ready") };
            assert_eq!(*steps, [key, password, code]);
            let methods = pair.client.app.seen.iter().filter_map(|seen| match seen {
                Seen::LoginNeeded { methods: Some(methods), partial } => Some((methods.as_str(), *partial)),
                _ => None,
            });
            let configured = "publickey,password";
            let expected =
                [(configured, false), ("password", true), (configured, false), ("keyboard-interactive", true)];
            assert_eq!(methods.collect::<Vec<_>>(), expected);
        }
    }
}

/// "The 'user name' and 'service name' are repeated in every new authentication attempt, and MAY change. The server
/// implementation MUST carefully check them in every message, and MUST flush any accumulated authentication states if
/// they change. If it is unable to flush an authentication state, it MUST disconnect if the 'user name' or 'service
/// name' changes" (RFC 4252, section 5).
#[test]
fn neither_user_nor_service_changes_behind_a_step() {
    let password = |user: &[u8], service: &[u8]| {
        [&[50], &strings(&[user, service, b"password"])[..], &[0], &strings(&[b"right"])].concat()
    };
    for second in [password(b"root", b"ssh-connection"), password(b"user", b"other-service")] {
        let mut raw = Raw::server(|_| {});
        raw.app.manner(|seen| match seen {
            Seen::Login { steps: 0, .. } => Some(Answer::Now(Reply::Partial("password".into()))),
            _ => None,
        });
        raw.to_auth();
        raw.send(&password(b"user", b"ssh-connection"));
        raw.send(&second);
        assert_eq!(raw.app.ended().error, Error::UserChanged);
        assert_eq!(raw.disconnect_code(), Some(code::PROTOCOL_ERROR));
        assert!(!raw.app.is_ready());
    }
}

/// Two certificates of the same user, each accepted by its check.
fn two_certificates(first: &[&str], second: &[&str]) -> Pair {
    let authority = Authority::new();
    let certify = |seed: u8, options: &[&str]| {
        let key = key(seed);
        let blob = authority.certify(key.public_blob(), &[&["-n", "user"], options].concat());
        key.with_certificate(&blob).expect("its certificate")
    };
    let keys = [certify(1, first), certify(2, second)];
    let mut pair = Pair::builder().build();
    let authorities = vec![authority.blob.clone()];
    pair.server.app.manner(move |seen| match seen {
        Seen::Login { by: By::PublicKey { key, .. }, steps, .. } => {
            let partial = (*steps == 0).then(|| "publickey".to_owned());
            let (blob, authorities) = (key.clone(), authorities.clone());
            let reply = Reply::AdmitCertificate { blob, principal: "user".into(), at: NOW, authorities, partial };
            Some(Answer::Now(reply))
        }
        _ => None,
    });
    for key in keys {
        let with = Means::PublicKey { algorithm: String::new(), key: key.public_blob().to_vec(), probe: false };
        pair.client.app.attempt("user", with);
        pair.client.app.keys.push(key);
    }
    pair.run();
    pair
}

/// CVE-2026-39828: what the certificate of the first step does not permit, the second cannot give back.
#[test]
fn restrictions_of_all_steps_hold() {
    let pair = two_certificates(
        &["-O", "clear", "-O", "permit-pty", "-O", "force-command=/bin/only"],
        &["-O", "clear", "-O", "permit-pty", "-O", "permit-port-forwarding"],
    );
    let Some(Detail::Ready { steps, bound }) = pair.server.app.details.last() else { panic!("{}", pair.dump()) };
    assert_eq!(steps.len(), 2);
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
fn two_forced_commands_are_a_conflict() {
    let pair = two_certificates(&["-O", "force-command=/bin/a"], &["-O", "force-command=/bin/b"]);
    let Some(Detail::Ready { bound, .. }) = pair.server.app.details.last() else { panic!("{}", pair.dump()) };
    assert_eq!(*bound, Err(Conflict::ForceCommand));
}
