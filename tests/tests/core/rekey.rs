//! Re-exchanges: who starts one, when, and what may happen while it runs.

use sansh::channel::Stream;
use sansh::{SECOND, SendError, Server};
use sansh_testkit::apps::{Answer, App, Prompt};
use sansh_testkit::dice::Pattern;
use sansh_testkit::net::Weather;
use sansh_testkit::pair::{HOST_KEY, Pair, echo, key};
use sansh_testkit::told::{Reply, Seen};

fn exchanges(pair: &Pair) -> (u64, u64) {
    (pair.client.conn.counters().exchanges, pair.server.conn.counters().exchanges)
}

#[test]
fn either_side_may_start_and_both_at_once() {
    for (client, server) in [(true, false), (false, true), (true, true)] {
        for weather in [Weather::default(), Weather::one_byte(), Weather::random()] {
            let mut pair = Pair::builder().weather(weather).logged_in();
            let before = pair.client.conn.session_id().expect("one").to_vec();
            if client {
                pair.client.conn.rekey();
            }
            if server {
                pair.server.conn.rekey();
            }
            pair.run();
            assert_eq!(exchanges(&pair), (2, 2));
            assert_eq!(pair.client.conn.session_id(), Some(before.as_slice()), "it stays (RFC 4253, section 7.2)");
            echo(&mut pair, &Pattern::new(1).take(20_000));
        }
    }
}

#[test]
fn one_that_is_asked_for_too_early_comes_behind_the_login() {
    let mut pair = Pair::builder().build();
    pair.client.app.password("user", "right");
    pair.client.conn.rekey();
    pair.server.conn.rekey();
    pair.run();
    assert!(pair.client.app.is_ready());
    let (client, server) = exchanges(&pair);
    assert!(client == server && client >= 2, "{client} and {server}");
}

#[test]
fn bytes_and_packets_wear_keys_out() {
    let data = Pattern::new(2).take(200_000);
    let mut pair = Pair::builder()
        .client(|config| {
            config.rekey_bytes(50_000);
        })
        .limits(|limits| limits.transmit = 20_000)
        .logged_in();
    echo(&mut pair, &data);
    let (client, server) = exchanges(&pair);
    assert!(client == server && (4..=12).contains(&client), "{client} exchanges for 400,000 bytes");

    let mut pair = Pair::builder()
        .server(|config| {
            config.rekey_packets(100);
        })
        .limits(|limits| limits.send_packet = 1000)
        .logged_in();
    echo(&mut pair, &data);
    let (client, server) = exchanges(&pair);
    assert!(client == server && (3..=12).contains(&client), "{client} exchanges for 200 packets each way");
}

#[test]
fn time_wears_keys_out() {
    let mut pair = Pair::builder()
        .client(|config| {
            config.rekey_time(60 * SECOND);
        })
        .logged_in();
    pair.wait(59 * SECOND);
    assert_eq!(exchanges(&pair), (1, 1));
    pair.wait(2 * SECOND);
    assert_eq!(exchanges(&pair), (2, 2));
    pair.wait(60 * SECOND);
    assert_eq!(exchanges(&pair), (3, 3));
}

#[test]
fn while_one_runs_data_waits_and_what_was_on_its_way_arrives() {
    let mut pair = Pair::logged_in();
    let (mine, theirs) = pair.session();
    pair.server.app.manner(|seen| matches!(seen, Seen::Sign { .. }).then_some(Answer::Keep));
    pair.server.app.send(theirs, b"on its way");
    let now = pair.clock.now();
    App::<Server>::turn(&mut pair.server.app, &mut pair.server.conn, now);
    pair.client.conn.rekey();
    pair.run();
    assert_eq!(pair.client.app.received(mine, Stream::Main), b"on its way");
    assert_eq!(pair.client.conn.writer(mine, Stream::Main).err(), Some(SendError::Rekeying));
    assert_eq!(pair.server.conn.writer(theirs, Stream::Main).err(), Some(SendError::Rekeying));
    let request = sansh::channel::Request::ExitStatus(0);
    assert_eq!(pair.server.conn.request(theirs, request), Err(SendError::Rekeying));
    let global = sansh::channel::Global::Other { name: "x@test", want_reply: false, body: b"" };
    assert_eq!(pair.client.conn.global(global), Err(SendError::Rekeying));
    let message = pair.server.app.seen.iter().rev().find_map(|seen| match seen {
        Seen::Sign { message, .. } => Some(message.clone()),
        _ => None,
    });
    let signature = key(HOST_KEY).sign("ssh-ed25519", &message.expect("a message")).expect("a signature");
    let before = (pair.client.app.seen.len(), pair.server.app.seen.len());
    pair.server.answer(&Reply::Signature(Some(signature)));
    pair.run();
    // Who was refused is told that it is worth trying again.
    let news = &pair.client.app.seen[before.0..];
    assert!(news.contains(&Seen::Writable(mine)) && news.contains(&Seen::Room), "{news:?}");
    let news = &pair.server.app.seen[before.1..];
    assert!(news.contains(&Seen::Writable(theirs)), "{news:?}");
    pair.client.app.send(mine, b"later");
    pair.run();
    assert_eq!(pair.server.app.received(theirs, Stream::Main), b"later");
}

#[test]
fn answers_given_while_one_runs_go_out_behind_it() {
    let mut pair = Pair::builder().names("tube@test", "ask@test", "tell@test").logged_in();
    let (mine, _) = pair.session();
    pair.server.app.manner(|seen| match seen {
        Seen::Sign { .. } | Seen::Request { .. } | Seen::Requested { .. } => Some(Answer::Keep),
        Seen::Global { .. } => Some(Answer::Later(Reply::Bytes(b"data".to_vec()))),
        _ => None,
    });
    pair.client.app.other(mine, "ask@test", true);
    pair.client.app.other(mine, "ask@test", true);
    pair.run();
    pair.client.conn.rekey();
    pair.settle();
    assert_eq!(pair.server.app.kept.len(), 3);
    pair.server.answer(&Reply::Permit(true));
    pair.server.answer(&Reply::Permit(false));
    pair.settle();
    assert_eq!(pair.client.app.replies(mine), []);
    let message = pair.server.app.seen.iter().rev().find_map(|seen| match seen {
        Seen::Sign { message, .. } => Some(message.clone()),
        _ => None,
    });
    let signature = key(HOST_KEY).sign("ssh-ed25519", &message.expect("a message")).expect("a signature");
    pair.server.answer(&Reply::Signature(Some(signature)));
    pair.run();
    assert_eq!(pair.client.app.replies(mine), [true, false]);
}

#[test]
fn no_message_above_49_leaves_between_kexinit_and_newkeys() {
    // Everything goes on at once in both directions, and both sides start again and again.
    for seed in 0..10 {
        let mut pair =
            Pair::builder().seed(seed).weather(Weather::random()).trace(60_000).names("", "ask@test", "").logged_in();
        (pair.client.app.prompt, pair.server.app.prompt) = (Prompt::Either, Prompt::Either);
        let (mine, theirs) = pair.session();
        pair.client.app.send(mine, &Pattern::new(1).take(100_000));
        pair.server.app.send(theirs, &Pattern::new(2).take(100_000));
        for _ in 0..20 {
            pair.client.app.other(mine, "ask@test", true);
            pair.server.app.other(theirs, "ask@test", true);
            pair.client.conn.rekey();
            pair.turns(30);
            pair.server.conn.rekey();
            pair.turns(30);
        }
        pair.run();
        assert!(exchanges(&pair).0 > 5);
        for (log, arrow) in [(&pair.client.log, "C → S"), (&pair.server.log, "S → C")] {
            let mut inside = false;
            for line in log.lines().filter(|line| line.starts_with(arrow)) {
                if line.contains("SSH KEXINIT") {
                    inside = true;
                } else if line.contains("SSH NEWKEYS") {
                    inside = false;
                }
                let allowed = ["KEXINIT", "NEWKEYS", "KEX_ECDH_INIT", "KEX_ECDH_REPLY", "EXT_INFO", "UNIMPLEMENTED"];
                assert!(!inside || allowed.iter().any(|name| line.contains(name)), "in an exchange: {line}");
            }
        }
    }
}
