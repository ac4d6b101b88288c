//! A sign of life is asked for after silence; a peer that gives none is gone.

use sansh::error::{Error, code};
use sansh::{SECOND, Timer};
use sansh_testkit::pair::Pair;

#[test]
fn a_living_peer_is_asked_and_answers() {
    let mut pair = Pair::builder()
        .client(|config| {
            config.keepalive(10 * SECOND, 3);
        })
        .logged_in();
    let before = pair.server.conn.counters().packets_in;
    pair.wait(95 * SECOND);
    let asked = pair.server.conn.counters().packets_in - before;
    assert!((8..=10).contains(&asked), "asked {asked} times in 95 seconds");
    assert!(pair.client.app.end.is_none() && pair.server.app.end.is_none());
}

#[test]
fn any_packet_counts_as_life() {
    let mut pair = Pair::builder()
        .client(|config| {
            config.keepalive(10 * SECOND, 3);
        })
        .logged_in();
    let (_, theirs) = pair.session();
    let before = pair.client.conn.counters().packets_out;
    for _ in 0..20 {
        pair.server.app.send(theirs, b"tick");
        pair.run();
        pair.wait(5 * SECOND);
    }
    assert_eq!(pair.client.conn.counters().packets_out, before, "nothing needed to be asked");
}

#[test]
fn a_silent_peer_is_given_up() {
    for server in [false, true] {
        let builder = Pair::builder();
        let mut pair = if server {
            builder
                .server(|config| {
                    config.keepalive(10 * SECOND, 3);
                })
                .logged_in()
        } else {
            builder
                .client(|config| {
                    config.keepalive(10 * SECOND, 3);
                })
                .logged_in()
        };
        // The line goes dead without a word: nothing arrives any more.
        pair.weather.room = 0;
        let start = pair.clock.now();
        let ended = |pair: &Pair| if server { pair.server.app.end.clone() } else { pair.client.app.end.clone() };
        while ended(&pair).is_none() {
            pair.wait(SECOND);
            assert!(pair.clock.now() < start.plus(100 * SECOND), "{}", pair.dump());
        }
        assert_eq!(ended(&pair).map(|end| end.error), Some(Error::Timeout(Timer::Keepalive)));
        let took = (pair.clock.now().0 - start.0) / SECOND;
        assert!((39..=42).contains(&took), "10 s of silence and 3 unanswered questions take 40 s, not {took}");
        assert_eq!(Error::Timeout(Timer::Keepalive).disconnect_code(), Some(code::CONNECTION_LOST));
    }
}

#[test]
fn without_a_configuration_nothing_is_asked() {
    let mut pair = Pair::logged_in();
    let before = (pair.client.conn.counters().packets_out, pair.server.conn.counters().packets_out);
    pair.wait(3000 * SECOND);
    assert_eq!((pair.client.conn.counters().packets_out, pair.server.conn.counters().packets_out), before);
}
