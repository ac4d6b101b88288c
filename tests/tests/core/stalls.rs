//! What waits goes on: room, window, credit and deadlines at the seams where one state ends and the next begins.
//!
//! A seam is where a wake-up gets lost: buffers that were given back, a channel not confirmed yet, an exchange that ends
//! as another falls due, a login that is answered while keys are exchanged.

use sansh::channel::{Channel, Open, Stream};
use sansh::danger::{Phase, phase};
use sansh::error::Error;
use sansh::event::{channel, server};
use sansh::message;
use sansh::{Client, Limits, SECOND, SendError, Server, Timer, Window};
use sansh_testkit::apps::{self, Act, Answer, App};
use sansh_testkit::dice::Pattern;
use sansh_testkit::pair::{Pair, other_global};
use sansh_testkit::raw::{NULL_KEY, NULL_SIGNATURE, Offer, Raw, kexinit, payload, strings};
use sansh_testkit::told::{Attempt, End, Means, Opens, Reply, Seen};

/// The client opens a session with this window, and nothing moves yet.
fn begin_session(pair: &mut Pair, window: u32) -> Channel {
    apps::open(&mut pair.client.conn, &mut pair.client.app, &Opens::Session, window).expect("open")
}

/// A session with this window for what the server sends: the client's handle and the server's.
fn session(pair: &mut Pair, window: u32) -> (Channel, Channel) {
    let mine = begin_session(pair, window);
    pair.run();
    (mine, pair.server.app.asked_for())
}

/// A server under test that is logged in, and nothing that it said.
fn open_server() -> Raw<Server> {
    let mut raw = Raw::server(|_| {});
    raw.to_open();
    raw.take();
    raw
}

/// The peer begins a key exchange, as either role.
fn begin_exchange<R: sansh_testkit::told::Told>(raw: &mut Raw<R>) {
    raw.send(&kexinit(Offer { kex: "null", follows: false }));
}

/// The client's part of the exchange that it began.
fn finish_exchange(raw: &mut Raw<Server>) {
    raw.send(&payload(&message::KexEcdhInit::new(&[1; 32])));
    raw.new_keys();
}

fn error(end: Option<&End>) -> Option<Error> {
    end.map(|end| end.error)
}

// Room and window.

#[test]
fn window_wakes_a_writer_whose_buffers_were_given_back() {
    let mut pair = Pair::logged_in();
    let (mine, theirs) = session(&mut pair, 0);
    pair.server.app.starves = true;
    pair.server.app.send(theirs, b"at last");
    pair.run();
    assert_eq!(pair.server.app.refusals, [SendError::Window]);
    // Nothing moves for longer than a second, so the buffers go: no room, because nothing holds any.
    pair.wait(5 * SECOND);
    pair.server.app.starves = false;
    pair.client.conn.grant(mine, 1000).expect("it is open");
    pair.run();
    assert!(pair.server.app.saw(|seen| *seen == Seen::Writable(theirs)), "{}", pair.dump());
    assert_eq!(pair.client.app.received(mine, Stream::Main), b"at last");
}

#[test]
fn writable_comes_for_a_channel_that_was_accepted_in_a_re_exchange() {
    let mut pair = Pair::logged_in();
    let mine = begin_session(&mut pair, 1000);
    // The server's KEXINIT is written before the open arrives.
    pair.server.conn.rekey();
    assert!(pair.server.conn.next_event().is_none());
    while !pair.server.app.saw(|seen| matches!(seen, Seen::Requested { .. })) {
        assert!(pair.turn(), "the open does not arrive\n{}", pair.dump());
    }
    let theirs = pair.server.app.asked_for();
    pair.server.app.send(theirs, b"early");
    let now = pair.clock.now();
    App::<Server>::turn(&mut pair.server.app, &mut pair.server.conn, now);
    assert_eq!(pair.server.app.refusals, [SendError::Rekeying], "the exchange runs, and the open is not confirmed yet");
    pair.run();
    assert!(pair.server.app.saw(|seen| *seen == Seen::Writable(theirs)), "{}", pair.dump());
    assert_eq!(pair.client.app.received(mine, Stream::Main), b"early");
}

#[test]
fn room_comes_for_what_was_too_large_for_the_buffer_of_the_handshake() {
    let mut raw = Raw::server(|_| {});
    raw.to_auth();
    raw.take();
    // SUCCESS is written and not sent: the small buffer cannot be exchanged for the large one yet.
    raw.reads = false;
    raw.send(&sansh_testkit::raw::password("user", "right"));
    assert!(raw.app.is_ready());
    raw.app.global(other_global("tell@test", false, &[0; 30_000]));
    raw.pump();
    assert_eq!(raw.app.refusals, [SendError::Full]);
    raw.reads = true;
    raw.pump();
    assert!(raw.heard(52), "SUCCESS left");
    assert!(raw.app.saw(|seen| *seen == Seen::Room), "{:?}", raw.app);
    assert!(raw.heard(80), "and the global request behind it");
}

#[test]
fn whoever_wants_to_read_has_room_for_it() {
    let mut raw = open_server();
    let numbers = [0_u32, 4 << 20, 32_768].map(u32::to_be_bytes).concat();
    raw.send(&[&[90], strings(&[b"session"]).as_slice(), &numbers].concat());
    let theirs = raw.app.asked_for();
    raw.reads = false;
    raw.app.send(theirs, &[0; 400_000]);
    raw.pump();
    assert_eq!(raw.app.refusals, [SendError::Full]);
    // The receive buffer goes; the other one is full and stays.
    raw.wait(5 * SECOND);
    let n = raw.conn.transmit_buf().len();
    raw.conn.transmitted(n);
    let event = raw.conn.next_event();
    assert!(matches!(event, Some(server::Event::Channel(_, channel::Event::Writable))), "{event:?}");
    // The event is the last that was told: what it might borrow from is a receive buffer that is not there.
    assert!(raw.conn.wants().read);
    assert!(!raw.conn.recv_buf().is_empty(), "zero bytes of room would read as the end of the stream");
}

// Credit.

#[test]
fn held_credit_goes_out_when_the_peer_has_used_up_its_window() {
    let mut pair = Pair::logged_in();
    pair.server.app.window = 100;
    pair.server.app.grants = false;
    let (mine, theirs) = session(&mut pair, 1000);
    pair.client.app.send(mine, &[1; 40]);
    pair.run();
    // Not worth a packet while 60 bytes are outstanding: held.
    pair.server.conn.grant(theirs, 40).expect("it is open");
    pair.run();
    // 60 of these are in the window. Nobody grants again, so the other 40 need what is held.
    pair.client.app.send(mine, &[2; 100]);
    pair.run();
    assert_eq!(pair.server.app.received(theirs, Stream::Main).len(), 140);
}

#[test]
fn credit_granted_before_a_channel_is_accepted_comes_back_with_it() {
    let builder = Pair::builder().server(|config| {
        let mut limits = config.bounds().clone();
        limits.credit = 1000;
        config.limits(limits).expect("limits");
    });
    let mut pair = builder.logged_in();
    pair.server.app.manner(|seen| matches!(seen, Seen::Requested { .. }).then_some(Answer::Keep));
    pair.server.app.grants = false;
    // Each round promises up to 800 of the 1000 bytes: a second fits only if the first gave all of it back.
    for round in 0..4 {
        let mine = begin_session(&mut pair, 1000);
        pair.run();
        let theirs = pair.server.app.asked_for();
        pair.server.conn.grant(theirs, 400).expect("it is asked for");
        pair.server.answer(&Reply::Accept { window: 400, data: Vec::new() });
        pair.run();
        pair.client.app.send(mine, &[0; 400]);
        pair.settle();
        assert_eq!(pair.server.app.received(theirs, Stream::Main).len(), 400, "round {round}\n{}", pair.dump());
        pair.client.app.act(mine, Act::Close);
        pair.run();
    }
}

// A channel that is still opening.

#[test]
fn finish_before_the_confirmation_takes_effect_behind_it() {
    let mut pair = Pair::logged_in();
    let mine = begin_session(&mut pair, 1000);
    pair.client.conn.finish(mine).expect("it is opening");
    pair.run();
    let theirs = pair.server.app.asked_for();
    assert!(pair.server.app.saw(|seen| *seen == Seen::Eof(theirs)), "{}", pair.dump());
}

#[test]
fn grant_before_the_confirmation_takes_effect_behind_it() {
    let mut pair = Pair::logged_in();
    let mine = begin_session(&mut pair, 1000);
    pair.client.app.grants = false;
    pair.client.conn.grant(mine, 500_000).expect("it is opening");
    pair.run();
    let data = Pattern::new(4).take(501_000);
    pair.server.app.send(pair.server.app.asked_for(), &data);
    pair.run();
    assert!(pair.client.app.received(mine, Stream::Main) == data, "the window and the grant\n{}", pair.dump());
}

// Key exchanges that meet.

#[test]
fn a_rekey_that_is_asked_for_while_an_exchange_runs_is_satisfied_by_it() {
    let mut raw = open_server();
    begin_exchange(&mut raw);
    raw.conn.rekey();
    finish_exchange(&mut raw);
    assert_eq!(raw.conn.counters().exchanges, 2);
    let kexinits = raw.said.iter().filter(|said| said[0] == 20).count();
    assert_eq!(kexinits, 1, "the answer to ours, and no exchange of its own");
    let opened = raw.conn.open(Open::Other { kind: "tube@test", body: b"" }, Window::default());
    assert!(opened.is_ok(), "{opened:?}");
}

#[test]
fn an_exchange_that_falls_due_while_another_runs_has_a_deadline() {
    let (rekey, exchange) = (30 * SECOND, 60 * SECOND);
    let mut raw = Raw::server(|config| {
        config.rekey_time(rekey).kex_time(exchange);
    });
    raw.to_open();
    raw.wait(rekey - SECOND);
    begin_exchange(&mut raw);
    // The timer fires while this exchange runs.
    raw.wait(2 * SECOND);
    finish_exchange(&mut raw);
    assert_eq!(raw.conn.counters().exchanges, 2);
    // From here on the peer says nothing. Whether the next exchange begins at once or when its time has come again: it
    // ends in time, and so does the connection.
    raw.wait(rekey + exchange + SECOND);
    assert_eq!(error(raw.app.end.as_ref()), Some(Error::Timeout(Timer::KeyExchange)), "{:?}", raw.conn);
}

#[test]
fn a_second_kexinit_before_our_newkeys_left_ends_the_connection() {
    // Where exactly the buffer must be full so that all but NEWKEYS finds room is found by trying.
    let stuck = (0..4000).step_by(8).find_map(|left| {
        let mut raw = open_server();
        fill(&mut raw, left);
        begin_exchange(&mut raw);
        finish_exchange(&mut raw);
        let owes_newkeys = matches!(phase(&raw.conn), Phase::Open) && raw.conn.counters().exchanges == 1;
        owes_newkeys.then_some(raw)
    });
    let mut raw = stuck.expect("there is a fill at which only NEWKEYS waits");
    begin_exchange(&mut raw);
    assert_eq!(error(raw.app.end.as_ref()), Some(Error::Unexpected { number: 20 }), "{:?}", phase(&raw.conn));
}

/// Fills the server's transmit buffer with answers to pings, up to `left` bytes or as far as there is room, and reads
/// nothing.
fn fill(raw: &mut Raw<Server>, left: usize) {
    /// What a PONG is longer than its data, padding included, at most.
    const AROUND: usize = 32;
    let capacity = usize::try_from(Limits::default().transmit).expect("it fits");
    raw.reads = false;
    loop {
        let before = raw.conn.transmit_buf().len();
        let most = (capacity - before).saturating_sub(left + AROUND).min(30_000);
        raw.send(&payload(&message::Ping::new(&vec![0; most])));
        if most == 0 || raw.conn.transmit_buf().len() == before {
            return;
        }
    }
}

// Logins.

/// A public key of the null provider that says whose it is.
const OTHER_KEY: &[u8] = b"\0\0\0\x04null\0\0\0\x05other";

fn public_key(key: &[u8], probe: bool) -> Attempt {
    Attempt { user: "user".into(), with: Means::PublicKey { algorithm: "null".into(), key: key.into(), probe } }
}

/// A FAILURE that lets the client go on with the method.
fn failure(method: &str) -> Vec<u8> {
    [&[51], strings(&[method.as_bytes()]).as_slice(), &[0]].concat()
}

fn ext_info() -> Vec<u8> {
    [&[7, 0, 0, 0, 1], strings(&[b"server-sig-algs", b"something-else"]).as_slice()].concat()
}

/// A client whose first attempt is `attempt`, and whose further ones are the test's to answer.
fn client(attempt: Attempt) -> Raw<Client> {
    let mut raw = Raw::client(|_| {});
    raw.app.attempts.clear();
    let mut first = Some(attempt);
    raw.app.manner(move |seen| {
        let asked = matches!(seen, Seen::LoginNeeded { .. });
        asked.then(|| first.take().map_or(Answer::Keep, |attempt| Answer::Now(Reply::Try(attempt))))
    });
    raw.to_auth();
    raw
}

#[test]
fn a_login_given_while_keys_are_exchanged_is_the_one_that_is_signed_and_sent() {
    let mut raw = client(public_key(OTHER_KEY, true));
    raw.send(&failure("publickey"));
    raw.take();
    begin_exchange(&mut raw);
    assert!(raw.heard(30), "the exchange runs");
    let question = raw.app.kept.pop_front().expect("it was asked for another login");
    question.answer(&mut raw.conn, &Reply::Try(public_key(NULL_KEY, false)), 0).expect("the question stands");
    raw.pump();
    raw.reply(NULL_KEY);
    raw.new_keys();
    let signs: Vec<(&[u8], &[u8])> = raw.app.seen.iter().filter_map(signed).collect();
    let [(key, message)] = signs[..] else { panic!("one signature is asked for: {:?}", raw.app.seen) };
    assert_eq!(key, NULL_KEY, "not the key of the attempt before");

    // What goes out is what was signed (RFC 4252, section 7), and it is the new attempt.
    let session = strings(&[raw.conn.session_id().expect("keys were exchanged")]);
    let request = message.strip_prefix(session.as_slice()).expect("a signature begins with the session");
    let body = strings(&[b"user", b"ssh-connection", b"publickey"]);
    let fields = strings(&[b"null", NULL_KEY]);
    assert_eq!(request, [&[50], body.as_slice(), &[1], &fields].concat());
    let sent = raw.said.iter().find(|said| said[0] == 50).expect("a login is sent");
    assert_eq!(*sent, [request, &strings(&[NULL_SIGNATURE])].concat());
    raw.send(&[52]);
    assert!(raw.app.is_ready());
}

fn signed(seen: &Seen) -> Option<(&[u8], &[u8])> {
    if let Seen::Sign { key, message, .. } = seen { Some((key, message)) } else { None }
}

#[test]
fn ext_info_in_a_login_that_success_does_not_follow_ends_the_connection() {
    // RFC 8308, section 2.4: "immediately preceding the server's SSH_MSG_USERAUTH_SUCCESS", and nowhere else.
    let banner = [&[53], strings(&[b"hello", b""]).as_slice()].concat();
    for (name, between, next) in [
        ("FAILURE behind it", false, failure("password")),
        ("a banner behind it", false, banner.clone()),
        ("another behind it", false, ext_info()),
        ("a banner behind it, between two attempts", true, banner),
    ] {
        let mut raw = client(public_key(NULL_KEY, false));
        if between {
            raw.send(&failure("password"));
            assert_eq!(raw.app.kept.len(), 1, "it was asked for another login");
        }
        raw.send(&ext_info());
        raw.send(&next);
        assert_eq!(error(raw.app.end.as_ref()), Some(Error::Unexpected { number: 7 }), "{name}");
    }
}

#[test]
fn ext_info_directly_before_success_is_taken() {
    let mut raw = client(public_key(NULL_KEY, false));
    assert!(raw.conn.server_takes("null"), "nothing was said yet");
    raw.send(&ext_info());
    raw.send(&[52]);
    assert!(raw.app.is_ready(), "{:?}", raw.app);
    assert!(!raw.conn.server_takes("null"), "it takes something else");
}
