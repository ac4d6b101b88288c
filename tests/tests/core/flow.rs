//! Windows: channels that nobody reads hold up no other, and a window grows with the line and no further.

use sansh::channel::{Channel, Stream};
use sansh::config::Config;
use sansh::crypto::Seed;
use sansh::{Client, Connection, Flow, Instant, SECOND, Server, Shared, Window};
use sansh_testkit::apps::{Actor, Answer, App};
use sansh_testkit::dice::{Dice, Pattern};
use sansh_testkit::net::Weather;
use sansh_testkit::pair::{Builder, Pair};
use sansh_testkit::raw::{NULL, NULL_KEY};
use sansh_testkit::told::{Opens, Reply, Seen, Told};
use std::collections::VecDeque;

// ---- Channels that are not read.

const UNREAD: usize = 63;
const WINDOW: usize = 10_000;

/// Sixty-three channels whose windows are used up in both directions, and one that is read: its data all goes through,
/// over re-exchanges, while the others stay as full as they are, and the connection gives its signs of life.
#[test]
fn channels_that_nobody_reads_hold_up_no_other() {
    for weather in [Weather::default(), Weather::random()] {
        let builder = Builder::new(&NULL).weather(weather).client(|config| {
            config.keepalive(SECOND, 2);
        });
        let mut pair = builder
            .server(|config| {
                config.keepalive(SECOND, 2);
            })
            .logged_in();
        pair.server.app.window = u32::try_from(WINDOW).expect("small");
        (pair.client.app.starves, pair.server.app.starves) = (true, true);
        let filler = Pattern::new(1).take(3 * WINDOW);
        let mut unread = Vec::new();
        for _ in 0..UNREAD {
            let theirs = pair.server.app.window;
            let mine = sansh_testkit::apps::open(&mut pair.client.conn, &mut pair.client.app, &Opens::Session, theirs);
            let mine = mine.expect("open");
            pair.run();
            let theirs = pair.server.app.asked_for();
            pair.client.app.ungranted.insert(mine);
            pair.server.app.ungranted.insert(theirs);
            pair.client.app.send(mine, &filler);
            pair.server.app.send(theirs, &filler);
            unread.push((mine, theirs));
        }
        pair.run();
        let (mine, theirs) = pair.session();
        let (up, down) = (Pattern::new(2).take(600_000), Pattern::new(3).take(700_000));
        pair.client.app.send(mine, &up);
        pair.server.app.send(theirs, &down);
        for _ in 0..3 {
            pair.turns(60);
            pair.client.conn.rekey();
        }
        pair.run();
        assert!(pair.client.conn.counters().exchanges >= 2);
        assert!(pair.server.app.received(theirs, Stream::Main) == up, "{}", pair.dump());
        assert!(pair.client.app.received(mine, Stream::Main) == down, "{}", pair.dump());
        let filled = |pair: &Pair| {
            for (mine, theirs) in &unread {
                assert!(pair.server.app.received(*theirs, Stream::Main) == filler[..WINDOW]);
                assert!(pair.client.app.received(*mine, Stream::Main) == filler[..WINDOW]);
            }
        };
        filled(&pair);
        // Both ask for signs of life, and both get them.
        let before = pair.server.conn.counters().packets_in;
        pair.wait(60 * SECOND);
        assert!(pair.server.conn.counters().packets_in >= before + 30, "nobody asked");
        assert!(pair.client.app.end.is_none() && pair.server.app.end.is_none(), "{}", pair.dump());
        filled(&pair);
        // And what was not read may be read at last.
        let (first_mine, first_theirs) = unread[0];
        pair.server.conn.grant(first_theirs, 30_000).expect("open");
        pair.run();
        assert!(pair.server.app.received(first_theirs, Stream::Main) == filler);
        assert!(pair.client.app.received(first_mine, Stream::Main) == filler[..WINDOW]);
    }
}

// ---- Credit that the connection gives by itself.

#[test]
fn with_grants_no_call_is_needed_and_without_it_stops() {
    for grants in [true, false] {
        let mut pair = Pair::logged_in();
        (pair.client.app.grants, pair.server.app.grants) = (false, false);
        (pair.client.app.starves, pair.server.app.starves) = (!grants, !grants);
        let (mine, theirs) = pair.session();
        let flow = Flow { grants, ..Flow::default() };
        pair.client.conn.flow(mine, flow).expect("open");
        pair.server.conn.flow(theirs, flow).expect("open");
        let (up, down) = (Pattern::new(2).take(400_000), Pattern::new(3).take(500_000));
        pair.client.app.send(mine, &up);
        pair.server.app.send(theirs, &down);
        pair.turns(5);
        pair.server.conn.rekey();
        pair.run();
        let expected = |all: &[u8]| if grants { all.len() } else { 100_000 };
        assert!(pair.server.app.received(theirs, Stream::Main) == up[..expected(&up)]);
        assert!(pair.client.app.received(mine, Stream::Main) == down[..expected(&down)]);
        assert_eq!(pair.client.conn.counters().window_grown, 0);
    }
}

/// What an event brought is granted when the event is over, and not before it: an application that takes no events gets
/// no more than one window, and what the buffers hold.
#[test]
fn with_grants_nothing_is_granted_before_its_time() {
    let mut pair = Pair::logged_in();
    pair.server.app.grants = false;
    let (mine, theirs) = pair.session();
    let flow = Flow { grants: true, ..Flow::default() };
    pair.server.conn.flow(theirs, flow).expect("open");
    assert_eq!(pair.server.conn.flow(mine, flow), Err(sansh::Stale), "another connection's channel");
    pair.client.app.starves = true;
    // The application stops to take events: no more than the window comes, and the buffers' worth.
    pair.client.app.send(mine, &vec![7; 900_000]);
    let mut taken = 0_u64;
    for _ in 0..2000 {
        let now = pair.clock.now();
        App::<Client>::turn(&mut pair.client.app, &mut pair.client.conn, now);
        let sent = pair.client.conn.transmit_buf().to_vec();
        let wants = pair.server.conn.wants().read;
        let place = pair.server.conn.recv_buf();
        let n = if wants { place.len().min(sent.len()) } else { 0 };
        place[..n].copy_from_slice(&sent[..n]);
        pair.server.conn.received(n, now);
        pair.client.conn.transmitted(n);
        taken += n as u64;
        if n == 0 {
            break;
        }
    }
    assert!(taken < 100_000 + 300_000, "{taken} bytes came without a single event taken");
    pair.run();
    assert_eq!(pair.server.app.received(theirs, Stream::Main).len(), 900_000);
}

// ---- Windows that grow. Over a line that has one speed and one length.

const MS: u64 = 1_000_000;
/// Bytes in a millisecond.
const SPEED: usize = 2000;
/// One way, in milliseconds.
const LATENCY: u64 = 50;
/// What fills the line.
const PRODUCT: u64 = SPEED as u64 * 2 * LATENCY;

/// One direction.
#[derive(Default)]
struct Way {
    pieces: VecDeque<(u64, VecDeque<u8>)>,
}

/// A client that sends for ever to a server, by a line with a speed and a length.
struct Line {
    client: (Connection<Client>, Actor),
    server: (Connection<Server>, Actor),
    up: Way,
    down: Way,
    /// Milliseconds.
    now: u64,
    channels: Option<(Channel, Channel)>,
    received: u64,
}

/// Data in events is counted, and its grant left to the actor.
fn half_turn<R: Told>(side: &mut (Connection<R>, Actor), from: &mut Way, to: &mut Way, now: u64) -> u64 {
    let (conn, app) = side;
    let time = Instant(now * MS);
    conn.handle_timeout(time);
    let mut taken = 0;
    loop {
        let mut moved = false;
        if let Some((at, bytes)) = from.pieces.front_mut()
            && *at <= now
            && conn.wants().read
        {
            let place = conn.recv_buf();
            let n = place.len().min(bytes.len());
            place[..n].copy_from_slice(&bytes.make_contiguous()[..n]);
            bytes.drain(..n);
            if bytes.is_empty() {
                from.pieces.pop_front();
            }
            conn.received(n, time);
            moved = n > 0;
        }
        while let Some(event) = conn.next_event() {
            App::<R>::told(app, event);
            if let Some(Seen::Data { bytes, .. }) = app.seen.last() {
                taken += bytes.len() as u64;
                app.seen.pop();
            }
            moved = true;
        }
        moved |= App::<R>::turn(app, conn, time);
        if !moved {
            break;
        }
    }
    // In this millisecond, so much finds its way into the line.
    let n = conn.transmit_buf().len().min(SPEED);
    if n > 0 {
        to.pieces.push_back((now + LATENCY, conn.transmit_buf()[..n].iter().copied().collect()));
        conn.transmitted(n);
    }
    taken
}

impl Line {
    /// A session, whose server side has this window. `credit`: over all channels.
    fn open(window: Window, credit: u64) -> Self {
        let client = Config::<Client>::new(&NULL);
        let mut server = Config::<Server>::new(&NULL);
        server.host_key(NULL_KEY).expect("a host key");
        let mut limits = server.bounds().clone();
        limits.credit = credit;
        server.limits(limits).expect("limits");
        let client = Connection::new(Shared::new(client), Seed::new([1; 32]), Instant(0)).expect("a client");
        let server = Connection::new(Shared::new(server), Seed::new([2; 32]), Instant(0)).expect("a server");
        let mut actors = [Actor::new(0, Dice::new(1)), Actor::new(1, Dice::new(2))];
        actors[0].password("user", "right");
        actors[0].starves = true;
        let (start, ceiling) = match window {
            Window::Fixed(window) => (window, 0),
            Window::Auto { start, ceiling } => (start, ceiling),
            other => panic!("{other:?}"),
        };
        actors[1].window = start;
        let [client_app, server_app] = actors;
        let mut line = Line {
            client: (client, client_app),
            server: (server, server_app),
            up: Way::default(),
            down: Way::default(),
            now: 0,
            channels: None,
            received: 0,
        };
        while !line.client.1.is_ready() {
            line.tick();
        }
        let (conn, app) = &mut line.client;
        let mine = sansh_testkit::apps::open(conn, app, &Opens::Session, 10_000).expect("open");
        while !line.client.1.open.contains(&mine) {
            line.tick();
        }
        let theirs = line.server.1.asked_for();
        let flow = Flow { ceiling, ..Flow::default() };
        line.server.0.flow(theirs, flow).expect("open");
        line.channels = Some((mine, theirs));
        line
    }

    fn tick(&mut self) {
        if let Some((mine, _)) = self.channels
            && self.client.0.transmit_buf().len() < 100_000
        {
            self.client.1.send(mine, &[0; 20_000]);
        }
        half_turn(&mut self.client, &mut self.down, &mut self.up, self.now);
        self.received += half_turn(&mut self.server, &mut self.up, &mut self.down, self.now);
        self.now += 1;
        assert!(self.server.1.end.is_none() && self.client.1.end.is_none());
    }

    /// How much arrives in so many milliseconds.
    fn run(&mut self, milliseconds: u64) -> u64 {
        let before = self.received;
        (0..milliseconds).for_each(|_| self.tick());
        self.received - before
    }

    fn grown(&self) -> u64 {
        self.server.0.counters().window_grown
    }
}

const START: u32 = 20_000;

#[test]
fn a_fixed_window_stays_and_holds_the_line_back() {
    let mut line = Line::open(Window::Fixed(START), 1 << 30);
    line.run(1000);
    let got = line.run(2000);
    assert_eq!(line.grown(), 0);
    // One window in each round trip, and no more.
    let most = u64::from(START) * 2000 / (2 * LATENCY);
    assert!((most / 2..=most + u64::from(START)).contains(&got), "{got} against {most}");
}

#[test]
fn a_window_grows_until_the_line_is_full_and_no_further_than_twice_that() {
    let mut line = Line::open(Window::Auto { start: START, ceiling: 64 << 20 }, 1 << 30);
    let round_trip = line.server.0.counters().round_trip;
    assert!((2 * LATENCY * MS..=2 * LATENCY * MS + 5 * MS).contains(&round_trip), "{round_trip}");
    line.run(3000);
    let got = line.run(2000);
    let most = SPEED as u64 * 2000;
    assert!(got * 100 >= most * 95, "{got} of {most} bytes: the line is not full");
    let window = u64::from(START) + line.grown();
    assert!((PRODUCT..=PRODUCT * 23 / 10).contains(&window), "a window of {window} for a product of {PRODUCT}");
    // Once it fills the line it stays.
    line.run(5000);
    let later = u64::from(START) + line.grown();
    assert!(later <= PRODUCT * 23 / 10, "it went on to {later}");
}

#[test]
fn a_window_grows_to_its_ceiling_and_no_further() {
    let ceiling = 90_000;
    let mut line = Line::open(Window::Auto { start: START, ceiling }, 1 << 30);
    line.run(4000);
    assert_eq!(u64::from(START) + line.grown(), u64::from(ceiling));
}

#[test]
fn a_window_grows_no_further_than_the_credit_of_the_connection() {
    let credit = 70_000;
    let mut line = Line::open(Window::Auto { start: START, ceiling: 64 << 20 }, credit);
    line.run(4000);
    let window = u64::from(START) + line.grown();
    assert!(window <= credit && window > credit * 3 / 4, "{window}");
}

/// A window tuned from the call that opens it.
#[test]
fn an_opened_window_grows_as_well() {
    let mut pair = Pair::builder().weather(Weather { delay: 20 * MS, room: 200_000, ..Weather::default() }).logged_in();
    let window = Window::Auto { start: 5000, ceiling: 50_000 };
    let mine = pair.client.conn.open(sansh::channel::Open::Session, window).expect("open");
    pair.client.app.awaits_opening(mine);
    pair.run();
    let theirs = pair.server.app.asked_for();
    let data = Pattern::new(5).take(1_000_000);
    pair.server.app.send(theirs, &data);
    pair.run();
    assert!(pair.client.app.received(mine, Stream::Main) == data);
    let grown = pair.client.conn.counters().window_grown;
    assert!(grown > 0 && grown <= 45_000, "{grown}");
}

/// A reader that is slow gets no larger window for it.
#[test]
fn a_slow_readers_window_stays() {
    let mut line = Line::open(Window::Auto { start: START, ceiling: 64 << 20 }, 1 << 30);
    line.server.1.grants = false;
    let (_, theirs) = line.channels.expect("open");
    for _ in 0..3000 {
        line.tick();
        // 20 bytes in a millisecond: 2000 in a round trip.
        line.server.0.grant(theirs, 20).expect("open");
    }
    assert!(line.received > 40_000);
    assert_eq!(line.grown(), 0);
}

#[test]
fn a_ceiling_is_no_grant() {
    let mut pair = Pair::logged_in();
    pair.server.app.manner(|seen| {
        matches!(seen, Seen::Requested { .. }).then(|| Answer::Now(Reply::Accept { window: 3000, data: vec![] }))
    });
    pair.server.app.grants = false;
    pair.client.app.starves = true;
    let (mine, theirs) = pair.session();
    let flow = Flow { ceiling: 1 << 20, ..Flow::default() };
    pair.server.conn.flow(theirs, flow).expect("open");
    pair.client.app.send(mine, &vec![1; 100_000]);
    pair.run();
    assert_eq!(pair.server.app.received(theirs, Stream::Main).len(), 3000, "a ceiling is no grant");
}
