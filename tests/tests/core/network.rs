//! A network that goes away: cut at any byte, or ended in one direction.

use sansh::channel::Stream;
use sansh::error::Error;
use sansh_testkit::apps::Act;
use sansh_testkit::dice::{Dice, Pattern};
use sansh_testkit::net::Weather;
use sansh_testkit::pair::Pair;
use sansh_testkit::told::{Opens, Requests};

/// A short story: login, session, a few bytes there and back, the end.
fn story(seed: u64, cut_up: Option<u64>, cut_down: Option<u64>) -> Pair {
    let mut pair = Pair::builder().seed(seed).weather(Weather::default()).trace(0).build();
    if let Some(cut) = cut_up {
        pair.up.cut_at(cut);
    }
    if let Some(cut) = cut_down {
        pair.down.cut_at(cut);
    }
    pair.server.app.echo = true;
    pair.client.app.public_key("user", 7, true);
    pair.run();
    if pair.client.app.is_ready() && pair.client.app.end.is_none() {
        let channel = sansh_testkit::apps::open(&mut pair.client.conn, &mut pair.client.app, &Opens::Session, 100_000)
            .expect("open");
        pair.run();
        if pair.client.app.open.contains(&channel) {
            pair.client.app.request(channel, Requests::Subsystem(b"echo".to_vec()));
            pair.client.app.send(channel, &Pattern::new(1).take(3000));
            pair.client.app.act(channel, Act::Finish);
            pair.run();
        }
    }
    pair
}

#[test]
fn a_cut_at_any_byte_ends_both_sides() {
    let whole = story(1, None, None);
    let (up, down) = (whole.up.taken(), whole.down.taken());
    assert!(whole.client.app.end.is_none() && up > 3000 && down > 3000);
    let mut dice = Dice::new(1);
    for (length, is_up) in [(up, true), (down, false)] {
        let mut cut = 0;
        while cut < length {
            let pair = story(1, is_up.then_some(cut), (!is_up).then_some(cut));
            for end in [pair.client.app.ended(), pair.server.app.ended()] {
                let fine = matches!(end.error, Error::Eof | Error::Disconnected { .. });
                assert!(fine, "cut at {cut} (up: {is_up}): {:?}", end.error);
            }
            // Packet borders and the bytes around them are all among the first; later on some bytes stand for all.
            cut += if cut < 60 { 1 } else { 1 + dice.below(60) as u64 };
        }
    }
}

#[test]
fn what_was_sent_before_a_half_close_arrives() {
    let mut pair = Pair::logged_in();
    let (mine, theirs) = pair.session();
    let data = Pattern::new(5).take(40_000);
    pair.client.app.send(mine, &data);
    // Everything goes out; then the client's host shuts its direction.
    for _ in 0..50 {
        pair.turn();
    }
    pair.up.shut();
    pair.settle();
    assert!(pair.server.app.received(theirs, Stream::Main) == data);
    assert_eq!(pair.server.app.ended().error, Error::Eof);
}

#[test]
fn what_was_said_before_the_end_is_heard_before_the_end() {
    let mut pair = Pair::logged_in();
    let (mine, theirs) = pair.session();
    pair.server.app.send(theirs, b"last words");
    pair.server.app.act(theirs, Act::Close);
    for _ in 0..3 {
        let now = pair.clock.now();
        sansh_testkit::apps::App::<sansh::Server>::turn(&mut pair.server.app, &mut pair.server.conn, now);
    }
    pair.server.conn.disconnect(sansh::Disconnect { code: 11, text: "done" });
    pair.settle();
    assert_eq!(pair.client.app.received(mine, Stream::Main), b"last words");
    let end = pair.client.app.ended();
    assert_eq!((end.error, end.words.as_slice()), (Error::Disconnected { code: 11 }, b"done".as_slice()));
}
