//! How bytes are cut into reads changes nothing: a recorded conversation, played to a fresh endpoint with the same seed in
//! any pieces, gives equal events and equal output.

use sansh::channel::Channel;
use sansh::config::Config;
use sansh::crypto::Seed;
use sansh::{Client, Connection, Instant, Server, Shared};
use sansh_testkit::apps::{self, Act, Actor, App, Prompt};
use sansh_testkit::clock::Clock;
use sansh_testkit::dice::{Dice, Pattern};
use sansh_testkit::net::Chop;
use sansh_testkit::pair::{HOST_KEY, RUSTCRYPTO, key};
use sansh_testkit::told::{Opens, Requests, Seen, Told};

/// A client whose every step follows from an event: it logs in, opens a session, sends, re-exchanges, ends.
struct Guest {
    actor: Actor,
    channel: Option<Channel>,
    asked: bool,
    rekeyed: bool,
}

impl Guest {
    fn new() -> Self {
        let mut actor = Actor::new(0, Dice::new(1));
        actor.password("user", "wrong");
        actor.public_key("user", 7, true);
        Guest { actor, channel: None, asked: false, rekeyed: false }
    }
}

impl App<Client> for Guest {
    fn told(&mut self, event: sansh::event::client::Event<'_>) {
        App::<Client>::told(&mut self.actor, event);
    }

    fn turn(&mut self, conn: &mut Connection<Client>, now: Instant) -> bool {
        if self.actor.is_ready() && self.channel.is_none() {
            let opened = apps::open(conn, &mut self.actor, &Opens::Session, 50_000).expect("open");
            self.channel = Some(opened);
        }
        if let Some(channel) = self.channel.filter(|channel| self.actor.open.contains(channel) && !self.asked) {
            self.asked = true;
            self.actor.request(channel, Requests::Env(b"A".to_vec(), b"B".to_vec()));
            self.actor.request(channel, Requests::Subsystem(b"echo".to_vec()));
            self.actor.send(channel, &Pattern::new(1).take(60_000));
            self.actor.act(channel, Act::Finish);
        }
        if !self.rekeyed && self.actor.count(|seen| matches!(seen, Seen::Data { .. })) == 2 {
            self.rekeyed = true;
            conn.rekey();
        }
        App::<Client>::turn(&mut self.actor, conn, now)
    }

    fn is_over(&self) -> bool {
        App::<Client>::is_over(&self.actor)
    }

    fn holds(&self) -> bool {
        false
    }

    fn owed(&self, held: bool) -> Vec<String> {
        App::<Client>::owed(&self.actor, held)
    }

    fn meter(&self) -> usize {
        0
    }

    fn show(&self) -> String {
        App::<Client>::show(&self.actor)
    }
}

fn host() -> Actor {
    let mut actor = Actor::new(1, Dice::new(2));
    actor.keys.push(key(HOST_KEY));
    actor.echo = true;
    actor.prompt = Prompt::Now;
    actor
}

fn small(limits: &mut sansh::Limits) {
    // Little packets, so that the conversation has many.
    limits.send_packet = 700;
}

/// One end and what it has said.
struct Player<R: Told, A> {
    conn: Connection<R>,
    app: A,
    output: Vec<u8>,
}

impl<R: Told, A: App<R>> Player<R, A> {
    fn new(config: Config<R>, seed: [u8; 32], app: A) -> Self {
        let conn = Connection::new(Shared::new(config), Seed::new(seed), Clock::default().now());
        let mut player = Player { conn: conn.expect("a connection"), app, output: Vec::new() };
        player.pump();
        player
    }

    /// Behind each event the program has its turn, and what is to go goes: how much came before decides nothing.
    fn pump(&mut self) {
        loop {
            let more = match self.conn.next_event() {
                Some(event) => {
                    self.app.told(event);
                    true
                }
                None => false,
            };
            let done = self.app.turn(&mut self.conn, Clock::default().now());
            let n = self.conn.transmit_buf().len();
            self.output.extend_from_slice(self.conn.transmit_buf());
            self.conn.transmitted(n);
            if !more && !done && n == 0 {
                return;
            }
        }
    }

    /// Takes one piece of the input; says how much.
    fn feed(&mut self, input: &[u8], most: usize) -> usize {
        if input.is_empty() || !self.conn.wants().read {
            return 0;
        }
        let place = self.conn.recv_buf();
        let n = most.min(place.len()).min(input.len());
        place[..n].copy_from_slice(&input[..n]);
        self.conn.received(n, Clock::default().now());
        self.pump();
        n
    }

    /// Takes all of the input in pieces.
    fn play(&mut self, input: &[u8], chop: Chop) {
        let mut dice = Dice::new(99);
        let mut at = 0;
        while at < input.len() {
            let n = self.feed(&input[at..], chop.size(&mut dice));
            assert!(n > 0, "{chop:?}: {} bytes are left and are not wanted", input.len() - at);
            at += n;
        }
    }
}

fn client_config() -> Config<Client> {
    let mut config = Config::<Client>::new(&RUSTCRYPTO);
    let mut limits = config.bounds().clone();
    small(&mut limits);
    config.limits(limits).expect("limits");
    config
}

fn server_config() -> Config<Server> {
    let mut config = Config::<Server>::new(&RUSTCRYPTO);
    config.host_key(key(HOST_KEY).public_blob()).expect("host key");
    let mut limits = config.bounds().clone();
    small(&mut limits);
    config.limits(limits).expect("limits");
    config
}

#[test]
fn any_fragmentation_gives_equal_events_and_equal_output() {
    let mut dice = Dice::new(11);
    let (client_seed, server_seed) = (dice.seed(), dice.seed());
    let mut client = Player::new(client_config(), client_seed, Guest::new());
    let mut server = Player::new(server_config(), server_seed, host());
    let (mut up, mut down) = (0, 0);
    loop {
        let n = server.feed(&client.output[up..], dice.size(5000));
        let m = client.feed(&server.output[down..], dice.size(5000));
        up += n;
        down += m;
        if n + m == 0 {
            break;
        }
    }
    assert!(up == client.output.len() && down == server.output.len(), "something is left");
    assert_eq!(client.conn.counters().exchanges, 2);
    let channel = client.app.channel.expect("opened");
    assert!(client.app.actor.received(channel, sansh::channel::Stream::Main) == Pattern::new(1).take(60_000));
    assert!(client.app.actor.saw(|seen| *seen == Seen::Gone(channel)));

    for chop in [Chop::Whole, Chop::One, Chop::Random(10), Chop::Random(1000), Chop::Random(100_000)] {
        let mut again = Player::new(server_config(), server_seed, host());
        again.play(&client.output, chop);
        assert_equal(&again.app.seen, &server.app.seen, chop);
        let differs = differs(&again.output, &server.output);
        assert!(differs.is_none(), "{chop:?}: the server's output differs at {differs:?}");

        let mut again = Player::new(client_config(), client_seed, Guest::new());
        again.play(&server.output, chop);
        assert_equal(&again.app.actor.seen, &client.app.actor.seen, chop);
        let differs = self::differs(&again.output, &client.output);
        assert!(differs.is_none(), "{chop:?}: the client's output differs at {differs:?}");
    }
}

/// Handles are random numbers of the connection, and equal for equal seeds; so are all events.
fn assert_equal(got: &[Seen], expected: &[Seen], chop: Chop) {
    let all = (got, expected);
    for (n, (got, expected)) in got.iter().zip(expected).enumerate() {
        if got != expected {
            let short = |all: &[Seen]| -> Vec<String> {
                let around = &all[n.saturating_sub(5)..all.len().min(n + 10)];
                around.iter().map(|seen| format!("{seen:?}").chars().take(60).collect()).collect()
            };
            panic!("{chop:?}: event {n}: {:#?}\ninstead of {:#?}", short(all.0), short(all.1));
        }
    }
    assert_eq!(got.len(), expected.len(), "{chop:?}");
}

fn differs(a: &[u8], b: &[u8]) -> Option<usize> {
    let at = a.iter().zip(b).position(|(a, b)| a != b);
    at.or_else(|| (a.len() != b.len()).then(|| a.len().min(b.len())))
}
