//! RFC 4252, section 9: the client host says who its user is.

use sansh::event::Purpose;
use sansh_testkit::apps::{Answer, Prompt};
use sansh_testkit::pair::{Pair, key};
use sansh_testkit::raw::strings;
use sansh_testkit::told::{By, Detail, Means, Reply, Seen, Stepped};

fn means(host: &str, user: &str) -> Means {
    let key = key(9).public_blob().to_vec();
    Means::HostBased { algorithm: String::new(), key, host: host.into(), user: user.into() }
}

fn login(prompt: Prompt, with: Means) -> Pair {
    let mut pair = Pair::builder().trace(60_000).build();
    (pair.client.app.prompt, pair.server.app.prompt) = (prompt, prompt);
    pair.server.app.manner(|seen| match seen {
        Seen::Login { by: By::HostBased { .. }, .. } => Some(Answer::Now(Reply::Admit)),
        _ => None,
    });
    pair.client.app.attempt("remote", with);
    pair.client.app.keys.push(key(9));
    pair.run();
    pair
}

fn signed(pair: &Pair) -> Option<Vec<u8>> {
    pair.client.app.seen.iter().find_map(|seen| match seen {
        Seen::Sign { purpose: Purpose::HostBased, message, .. } => Some(message.clone()),
        _ => None,
    })
}

#[test]
fn the_client_host_signs_what_the_rfc_says_and_its_user_is_in() {
    for prompt in [Prompt::Now, Prompt::Later] {
        let pair = login(prompt, means("client.example.", "local"));
        let blob = key(9).public_blob().to_vec();
        let session = pair.server.conn.session_id().expect("exchanged");
        let names = strings(&[b"remote", b"ssh-connection", b"hostbased"]);
        let rest = strings(&[b"ssh-ed25519", &blob, b"client.example.", b"local"]);
        assert_eq!(signed(&pair), Some([&strings(&[session])[..], &[50], &names, &rest].concat()));
        let (host, user) = (b"client.example.".to_vec(), b"local".to_vec());
        let algorithm = "ssh-ed25519".to_owned();
        let by =
            By::HostBased { algorithm: algorithm.clone(), key: blob.clone(), host: host.clone(), user: user.clone() };
        let login = Seen::Login { user: b"remote".to_vec(), by, steps: 0 };
        assert_eq!(pair.server.app.count(|seen| **seen == login), 1, "{}", pair.dump());
        assert!(pair.client.app.saw(|seen| *seen == Seen::Ready { how: "hostbased".into() }));
        let step = Stepped {
            method: "hostbased".into(),
            algorithm,
            key: Some(blob),
            security_key: None,
            host: Some(host),
            host_user: Some(user),
        };
        let Some(Detail::Ready { steps, .. }) = pair.server.app.details.last() else { panic!("no Ready") };
        assert_eq!(*steps, [step]);
    }
}

#[test]
fn names_have_a_length_that_is_kept() {
    let (long, longer) = ("x".repeat(256), "x".repeat(257));
    for (host, user, heard) in [(&long, &long, true), (&longer, &long, false), (&long, &longer, false)] {
        let pair = login(Prompt::Now, means(host, user));
        assert!(signed(&pair).is_some(), "the client does as it is told");
        assert_eq!(pair.server.app.saw(|seen| matches!(seen, Seen::Login { .. })), heard);
        assert_eq!(pair.server.app.is_ready(), heard);
    }
}

#[test]
fn a_host_that_does_not_sign_means_another_credential() {
    for answer in [Answer::Now(Reply::Signature(None)), Answer::Later(Reply::Signature(None)), Answer::Ignore] {
        let mut pair = Pair::builder().build();
        pair.client.app.manner(move |seen| match seen {
            Seen::Sign { purpose: Purpose::HostBased, .. } => Some(answer.clone()),
            _ => None,
        });
        pair.client.app.attempt("remote", means("client.example.", "local"));
        pair.client.app.password("remote", "right");
        pair.run();
        assert!(pair.client.app.is_ready());
        assert_eq!(pair.server.app.count(|seen| matches!(seen, Seen::Login { .. })), 1);
    }
}

#[test]
fn a_signature_by_another_host_never_reaches_the_application() {
    let mut pair = Pair::builder().build();
    pair.client.app.manner(|seen| match seen {
        Seen::Sign { algorithm, message, .. } => {
            let signature = key(8).sign(algorithm, message).expect("a signature");
            Some(Answer::Now(Reply::Signature(Some(signature))))
        }
        _ => None,
    });
    pair.client.app.attempt("remote", means("client.example.", "local"));
    pair.run();
    assert!(!pair.server.app.saw(|seen| matches!(seen, Seen::Login { .. })));
}

/// A host's word is no user's key: where only `publickey` would be let in, `hostbased` is told apart.
#[test]
fn nobody_is_let_in_unasked() {
    let mut pair = Pair::builder().build();
    pair.client.app.attempt("remote", means("client.example.", "local"));
    pair.client.app.keys.push(key(9));
    pair.run();
    assert!(pair.server.app.saw(|seen| matches!(seen, Seen::Login { by: By::HostBased { .. }, .. })));
    assert!(!pair.server.app.is_ready());
}
