//! RFC 8332: one RSA key, two algorithms, and `server-sig-algs` to choose between them.

use super::authority::{Authority, private_key};
use sansh::signer::PrivateKey;
use sansh_testkit::apps::Answer;
use sansh_testkit::pair::Pair;
use sansh_testkit::told::{By, Means, Reply, Seen};

fn rsa_key() -> PrivateKey {
    PrivateKey::read(&private_key(&["-t", "rsa", "-b", "2048"]), None).expect("a key")
}

/// A login with an RSA key, at a server that takes these algorithms. `named`: by the test, or by the client itself.
fn login(rsa: PrivateKey, takes: Option<&str>, named: &str) -> Pair {
    let mut pair = Pair::builder()
        .server(|config| {
            if let Some(takes) = takes {
                config.signatures(takes).expect("signatures");
            }
        })
        .build();
    let with = Means::PublicKey { algorithm: named.into(), key: rsa.public_blob().to_vec(), probe: false };
    pair.client.app.attempt("user", with);
    pair.client.app.manner(move |seen| match seen {
        Seen::Sign { algorithm, message, .. } => {
            // No key here signs with SHA-1.
            let algorithm = if algorithm == "ssh-rsa" { "rsa-sha2-256" } else { algorithm };
            Some(Answer::Now(Reply::Signature(rsa.sign(algorithm, message).ok())))
        }
        _ => None,
    });
    pair.run();
    pair
}

fn signed_with(pair: &Pair) -> Vec<String> {
    let algorithm = |seen: &Seen| if let Seen::Sign { algorithm, .. } = seen { Some(algorithm.clone()) } else { None };
    pair.client.app.seen.iter().filter_map(algorithm).collect()
}

/// "If a client includes an … algorithm name" that the server did not list, it fails; so the client takes one that was
/// (RFC 8308, section 3.1; RFC 8332, section 3.3).
#[test]
fn the_client_takes_the_first_that_the_server_takes() {
    for (takes, chosen) in [
        (None, "rsa-sha2-512"),
        (Some("ssh-ed25519,rsa-sha2-256"), "rsa-sha2-256"),
        (Some("ssh-ed25519,rsa-sha2-256,rsa-sha2-512"), "rsa-sha2-512"),
        (Some("ssh-ed25519,rsa-sha2-512"), "rsa-sha2-512"),
    ] {
        let pair = login(rsa_key(), takes, "");
        assert_eq!(signed_with(&pair), [chosen], "{takes:?}");
        assert!(pair.client.app.is_ready(), "{}", pair.dump());
        let told = |seen: &Seen| matches!(seen, Seen::Login { by: By::PublicKey { algorithm, .. }, .. } if algorithm == chosen);
        assert!(pair.server.app.saw(told));
        assert!(pair.client.conn.server_takes(chosen) && pair.client.conn.server_takes("ssh-ed25519"));
        for name in ["rsa-sha2-256", "rsa-sha2-512"] {
            let listed = takes.is_none_or(|takes| takes.contains(name));
            assert_eq!(pair.client.conn.server_takes(name), listed, "{name} of {takes:?}");
        }
    }
}

/// CVE-2026-35387: the server compares whole names; what it does not list never reaches its application.
#[test]
fn an_algorithm_that_is_not_listed_is_refused_unseen() {
    for (takes, named) in [("ssh-ed25519,rsa-sha2-256", "rsa-sha2-512"), ("ssh-ed25519", "rsa-sha2-256")] {
        let pair = login(rsa_key(), Some(takes), named);
        assert_eq!(signed_with(&pair), [named], "the client does as it is told");
        assert!(!pair.server.app.saw(|seen| matches!(seen, Seen::Login { .. })));
    }
    // SHA-1 is no algorithm of any provider here: "ssh-rsa" is refused under every configuration.
    let pair = login(rsa_key(), None, "ssh-rsa");
    assert!(!pair.server.app.saw(|seen| matches!(seen, Seen::Login { .. })), "{}", pair.dump());
}

/// Servers list the key's algorithm, and mean the certificate's as well.
#[test]
fn a_certificates_algorithm_is_chosen_by_its_keys() {
    let certified = "ssh-ed25519,rsa-sha2-256,rsa-sha2-256-cert-v01@openssh.com";
    for (takes, reaches) in [("ssh-ed25519,rsa-sha2-256", false), (certified, true)] {
        let rsa = rsa_key();
        let certificate = Authority::new().certify(rsa.public_blob(), &["-n", "user"]);
        let pair = login(rsa.with_certificate(&certificate).expect("its certificate"), Some(takes), "");
        assert_eq!(signed_with(&pair), ["rsa-sha2-256"], "{takes}");
        let told = |seen: &Seen| match seen {
            Seen::Login { by: By::PublicKey { algorithm, key }, .. } => {
                algorithm == "rsa-sha2-256-cert-v01@openssh.com" && *key == certificate
            }
            _ => false,
        };
        // This server takes a certificate only under its own name.
        assert_eq!(pair.server.app.saw(told), reaches, "{}", pair.dump());
        assert!(!pair.server.app.is_ready(), "nobody checked it");
    }
}
