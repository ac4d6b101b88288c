//! The way up to a login: identification, negotiation, key exchange, host key, signature.

use sansh::config::Config;
use sansh::crypto::Provider;
use sansh::error::{Blame, Error, List, code};
use sansh::event::Purpose;
use sansh::{Client, Server};
use sansh_testkit::apps::{Answer, Prompt};
use sansh_testkit::dice::Pattern;
use sansh_testkit::net::Weather;
use sansh_testkit::pair::{Builder, HOST_KEY, Pair, RUSTCRYPTO, echo, key};
use sansh_testkit::told::{Reply, Seen};

const KEX: [&str; 3] = ["mlkem768x25519-sha256", "curve25519-sha256", "curve25519-sha256@libssh.org"];
const CIPHERS: [(&str, &str); 5] = [
    ("chacha20-poly1305@openssh.com", ""),
    ("aes256-gcm@openssh.com", ""),
    ("aes128-gcm@openssh.com", ""),
    ("aes256-ctr", "hmac-sha2-256"),
    ("aes256-ctr", "hmac-sha2-256-etm@openssh.com"),
];

fn every_algorithm_carries_an_echo(provider: &'static dyn Provider) {
    let bytes = Pattern::new(1).take(150_000);
    for (n, kex) in KEX.into_iter().enumerate() {
        for (m, (cipher, mac)) in CIPHERS.into_iter().enumerate() {
            let mut builder = Builder::new(provider).seed((n * 10 + m) as u64).client(|config| {
                config.kex(kex).expect("kex").ciphers(cipher).expect("cipher");
                if !mac.is_empty() {
                    config.macs(mac).expect("mac");
                }
            });
            builder = builder.weather(if m % 2 == 0 { Weather::random() } else { Weather::default() });
            let mut pair = builder.logged_in();
            echo(&mut pair, &bytes);
            for got in [pair.client.conn.algorithms(), pair.server.conn.algorithms()] {
                let got = got.expect("negotiated");
                assert_eq!((got.kex, got.host_key, got.strict), (kex, "ssh-ed25519", true));
                assert_eq!((got.client_to_server, got.server_to_client), ((cipher, mac), (cipher, mac)));
            }
            assert_eq!(pair.client.conn.session_id(), pair.server.conn.session_id());
            assert_eq!(pair.client.conn.session_id().expect("exchanged").len(), 32);
        }
    }
}

#[test]
fn every_algorithm_carries_an_echo_with_rustcrypto() {
    every_algorithm_carries_an_echo(&RUSTCRYPTO);
}

#[cfg(feature = "aws_lc")]
#[test]
fn every_algorithm_carries_an_echo_with_aws_lc() {
    every_algorithm_carries_an_echo(&sansh::crypto::aws_lc::AwsLc);
}

#[test]
fn the_null_provider_carries_an_echo() {
    let mut pair = Builder::new(&sansh::crypto::null::Null).logged_in();
    echo(&mut pair, &Pattern::new(2).take(50_000));
}

#[cfg(feature = "aws_lc")]
#[test]
fn the_two_providers_understand_each_other() {
    static AWS_LC: sansh::crypto::aws_lc::AwsLc = sansh::crypto::aws_lc::AwsLc;
    for (cipher, _) in CIPHERS {
        let mut pair = Builder::new(&AWS_LC)
            .client(|config| {
                *config = Config::<Client>::new(&RUSTCRYPTO);
                config.ciphers(cipher).expect("cipher");
            })
            .logged_in();
        echo(&mut pair, &Pattern::new(3).take(50_000));
    }
}

fn a_whole_story(seed: u64, weather: Weather) -> (Vec<u8>, Vec<u8>, Vec<Seen>, Vec<Seen>) {
    let mut pair = Pair::builder().seed(seed).weather(weather).record().build();
    pair.client.app.prompt = Prompt::Either;
    pair.server.app.prompt = Prompt::Either;
    pair.client.app.public_key("user", 7, true);
    pair.run();
    echo(&mut pair, &Pattern::new(4).take(20_000));
    pair.client.conn.rekey();
    pair.run();
    echo(&mut pair, &Pattern::new(5).take(20_000));
    (pair.up.recorded().to_vec(), pair.down.recorded().to_vec(), pair.client.app.seen, pair.server.app.seen)
}

#[test]
fn the_same_seeds_make_the_same_bytes_and_events() {
    for weather in [Weather::default(), Weather::random()] {
        let (first, second) = (a_whole_story(5, weather), a_whole_story(5, weather));
        assert!(first.0 == second.0, "the client's bytes differ");
        assert!(first.1 == second.1, "the server's bytes differ");
        assert_eq!(first.2, second.2);
        assert_eq!(first.3, second.3);
        let other = a_whole_story(6, weather);
        assert!(first.0 != other.0 && first.1 != other.1, "another seed makes other bytes");
    }
}

#[test]
fn each_side_knows_the_other_by_its_identification() {
    let mut pair = Pair::builder()
        .client(|config| {
            config.software("tester_1 the client").expect("text");
        })
        .server(|config| {
            config.software("tester_2").expect("text");
        })
        .record()
        .build();
    pair.client.app.password("user", "right");
    assert_eq!(pair.client.conn.peer().identification, b"", "nothing came yet");
    pair.run();
    assert_eq!(pair.server.conn.peer().identification, b"SSH-2.0-tester_1 the client");
    assert_eq!(pair.client.conn.peer().identification, b"SSH-2.0-tester_2");
    assert!(pair.up.recorded().starts_with(b"SSH-2.0-tester_1 the client\r\n"));
    assert!(pair.down.recorded().starts_with(b"SSH-2.0-tester_2\r\n"));
}

#[test]
fn the_client_is_asked_about_the_host_key_once_and_the_server_signs_each_exchange() {
    let mut pair = Pair::logged_in();
    pair.client.conn.rekey();
    pair.run();
    pair.server.conn.rekey();
    pair.run();
    assert_eq!(pair.client.conn.counters().exchanges, 3);
    assert_eq!(pair.server.conn.counters().exchanges, 3);
    let asked: Vec<_> = pair.client.app.seen.iter().filter(|seen| matches!(seen, Seen::HostKey { .. })).collect();
    assert_eq!(asked, [&Seen::HostKey { key: key(HOST_KEY).public_blob().to_vec() }]);
    let signs = |seen: &&Seen| matches!(seen, Seen::Sign { purpose: Purpose::KeyExchange, .. });
    assert_eq!(pair.server.app.count(signs), 3);
}

#[test]
fn every_decision_of_the_exchange_can_come_later() {
    let mut pair = Pair::builder().build();
    let keep = |seen: &Seen| matches!(seen, Seen::HostKey { .. } | Seen::Sign { .. }).then_some(Answer::Keep);
    pair.client.app.manner(keep);
    pair.server.app.manner(keep);
    pair.client.app.password("user", "right");
    pair.run();
    assert_eq!((pair.client.app.kept.len(), pair.server.app.kept.len()), (0, 1));
    let message = pair.server.app.seen.iter().find_map(|seen| match seen {
        Seen::Sign { message, .. } => Some(message.clone()),
        _ => None,
    });
    let signature = key(HOST_KEY).sign("ssh-ed25519", &message.expect("a message")).expect("a signature");
    pair.server.answer(&Reply::Signature(Some(signature)));
    pair.run();
    assert_eq!((pair.client.app.kept.len(), pair.server.app.kept.len()), (1, 0));
    assert!(!pair.client.app.is_ready());
    pair.client.answer(&Reply::Trust(true));
    pair.run();
    assert!(pair.client.app.is_ready() && pair.server.app.is_ready());
}

/// Runs until both have ended; what the client and the server were told last.
fn both_end(mut pair: Pair) -> (Error, Error) {
    pair.run();
    let (client, server) = (pair.client.app.ended(), pair.server.app.ended());
    assert_eq!(client.state, client.state.trim(), "a state has a name");
    assert!(!client.state.is_empty() && !server.state.is_empty());
    (client.error, server.error)
}

#[test]
fn a_host_key_that_is_rejected_ends_both_sides() {
    for answer in [Answer::Now(Reply::Trust(false)), Answer::Later(Reply::Trust(false)), Answer::Ignore] {
        let mut pair = Pair::builder().build();
        pair.client.app.manner(move |seen| matches!(seen, Seen::HostKey { .. }).then(|| answer.clone()));
        let ends = both_end(pair);
        let code = code::HOST_KEY_NOT_VERIFIABLE;
        assert_eq!(ends, (Error::HostKeyRejected, Error::Disconnected { code }));
    }
}

#[test]
fn a_host_key_that_does_not_sign_ends_both_sides() {
    for answer in [Answer::Now(Reply::Signature(None)), Answer::Later(Reply::Signature(None)), Answer::Ignore] {
        let mut pair = Pair::builder().build();
        pair.server.app.manner(move |seen| matches!(seen, Seen::Sign { .. }).then(|| answer.clone()));
        let ends = both_end(pair);
        assert_eq!(ends, (Error::Disconnected { code: code::KEY_EXCHANGE_FAILED }, Error::SignatureDeclined));
    }
}

#[test]
fn a_signature_by_another_key_is_found_out() {
    let mut pair = Pair::builder().build();
    pair.server.app.manner(|seen| match seen {
        Seen::Sign { algorithm, message, .. } => {
            let signature = key(HOST_KEY + 1).sign(algorithm, message).expect("a signature");
            Some(Answer::Now(Reply::Signature(Some(signature))))
        }
        _ => None,
    });
    pair.run();
    assert_eq!(pair.client.app.ended().error, Error::HostKeySignature);
    assert!(!pair.client.app.saw(|seen| matches!(seen, Seen::HostKey { .. })), "asked about a key that is not proved");
    assert_eq!(pair.server.app.ended().error, Error::Disconnected { code: code::KEY_EXCHANGE_FAILED });
}

#[test]
fn a_failed_negotiation_says_what_each_side_offered() {
    type Change = (fn(&mut Config<Client>), fn(&mut Config<Server>), List, &'static str, &'static str);
    let gcm = "aes256-gcm@openssh.com";
    let chacha = "chacha20-poly1305@openssh.com";
    let cases: [Change; 3] = [
        (
            |c| {
                c.kex("curve25519-sha256").unwrap();
            },
            |s| {
                s.kex("mlkem768x25519-sha256").unwrap();
            },
            List::Kex,
            "curve25519-sha256",
            "mlkem768x25519-sha256",
        ),
        (
            |c| {
                c.ciphers("aes256-gcm@openssh.com").unwrap();
            },
            |s| {
                s.ciphers("chacha20-poly1305@openssh.com").unwrap();
            },
            List::CipherClientToServer,
            gcm,
            chacha,
        ),
        (
            |c| {
                c.ciphers("aes256-ctr").unwrap().macs("hmac-sha2-256").unwrap();
            },
            |s| {
                s.ciphers("aes256-ctr").unwrap().macs("hmac-sha2-256-etm@openssh.com").unwrap();
            },
            List::MacClientToServer,
            "hmac-sha2-256",
            "hmac-sha2-256-etm@openssh.com",
        ),
    ];
    for (client, server, list, ours, theirs) in cases {
        let mut pair = Pair::builder().client(client).server(server).build();
        pair.run();
        let code = code::KEY_EXCHANGE_FAILED;
        for (end, ours, theirs) in [(pair.client.app.ended(), ours, theirs), (pair.server.app.ended(), theirs, ours)] {
            // Both find out by themselves, unless the other's DISCONNECT is faster.
            if end.error == (Error::Disconnected { code }) {
                continue;
            }
            assert_eq!(end.error, Error::NothingInCommon(list));
            assert_eq!(end.error.blame(), Blame::Nobody);
            let (own, other) = end.offers.clone().expect("the offers");
            let strip = |names: &str| {
                names
                    .split(',')
                    .filter(|name| !name.contains("strict") && !name.starts_with("ext-info"))
                    .collect::<Vec<_>>()
                    .join(",")
            };
            assert_eq!((strip(&own).as_str(), strip(&other).as_str()), (ours, theirs));
            assert!(end.text.contains(ours) && end.text.contains(theirs), "{}", end.text);
        }
        let found = [pair.client.app.ended().error, pair.server.app.ended().error];
        assert!(found.contains(&Error::NothingInCommon(list)), "{found:?}");
    }
}

#[test]
fn the_client_chooses() {
    let mut pair = Pair::builder()
        .client(|config| {
            config.ciphers("aes128-gcm@openssh.com,chacha20-poly1305@openssh.com").unwrap();
        })
        .server(|config| {
            config.ciphers("chacha20-poly1305@openssh.com,aes128-gcm@openssh.com").unwrap();
        })
        .logged_in();
    let got = pair.server.conn.algorithms().expect("negotiated");
    assert_eq!(got.client_to_server, ("aes128-gcm@openssh.com", ""));
    assert_eq!(got.server_to_client, ("aes128-gcm@openssh.com", ""));
    echo(&mut pair, b"hello");
}

#[test]
fn a_server_without_a_host_key_is_no_server() {
    use sansh::crypto::Seed;
    let config = sansh::Shared::new(Config::<Server>::new(&RUSTCRYPTO));
    let made = sansh::Connection::<Server>::new(config, Seed::new([1; 32]), sansh::Instant(1));
    assert_eq!(made.err(), Some(sansh::NewError::NoHostKey));
}
