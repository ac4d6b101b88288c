//! Two endpoints, a virtual clock and a hostile network between them: the first tool of every test.
//!
//! One seed decides everything that chance decides, so that a run can be repeated byte for byte. And a pair knows when it
//! hangs: if nothing moves, nothing is on its way, and something is still owed, the test fails with a dump.

use crate::alloc::watch;
use crate::apps::{self, Act, Actor, App};
use crate::clock::Clock;
use crate::dice::Dice;
use crate::net::{Found, Pipe, Weather};
use crate::told::{Globals, Opens, Reply, Requests, Told};
use sansh::channel::{Channel, Stream};
use sansh::config::Config;
use sansh::crypto::{Provider, Seed, rustcrypto::RustCrypto};
use sansh::signer::PrivateKey;
use sansh::{Client, Connection, Instant, Server, Shared};

/// The provider of most tests.
pub static RUSTCRYPTO: RustCrypto = RustCrypto;

/// The key of a seed.
///
/// # Panics
/// If there is no memory.
#[must_use]
pub fn key(seed: u8) -> PrivateKey {
    PrivateKey::ed25519_from_seed(&[seed; 32]).expect("memory")
}

/// The seed of the host key that every server here has.
pub const HOST_KEY: u8 = 0xb0;

/// The most that is kept of a log.
const LOG: usize = 64 * 1024;

/// A connection and the program around it.
#[derive(Debug)]
pub struct Side<R: Told, A> {
    /// The connection.
    pub conn: Connection<R>,
    /// Its program.
    pub app: A,
    /// What was said, in the notation: the last part of it.
    pub log: String,
    eof_told: bool,
    gone: bool,
}

/// What is being put together.
pub struct Builder {
    seed: u64,
    weather: Weather,
    provider: &'static dyn Provider,
    client: Config<Client>,
    server: Config<Server>,
    record: bool,
}

impl core::fmt::Debug for Builder {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "Builder(seed {})", self.seed)
    }
}

/// Two endpoints.
#[derive(Debug)]
pub struct Pair<C = Actor, S = Actor> {
    /// The client.
    pub client: Side<Client, C>,
    /// The server.
    pub server: Side<Server, S>,
    /// What the client sends.
    pub up: Pipe,
    /// What the server sends.
    pub down: Pipe,
    /// The time.
    pub clock: Clock,
    /// How the network behaves.
    pub weather: Weather,
    /// Whether the program gets a turn behind each single event, and all that can move moves: no chance at all.
    pub strict_turns: bool,
    dice: Dice,
    seed: u64,
    /// What both have in common with others: not the connections' memory.
    configs: (Shared<Config<Client>>, Shared<Config<Server>>),
}

impl Pair {
    /// A pair with defaults: a calm network, a server with one host key, and logs of what is said.
    #[must_use]
    pub fn builder() -> Builder {
        Builder::new(&RUSTCRYPTO)
    }

    /// A pair in which user `user` has logged in by password.
    #[must_use]
    pub fn logged_in() -> Self {
        Self::builder().logged_in()
    }

    /// Lets the client open a channel, and waits for the answer.
    pub fn open(&mut self, open: &Opens) -> Channel {
        let channel = apps::open(&mut self.client.conn, &mut self.client.app, open, 100_000).expect("open");
        self.run();
        channel
    }

    /// A session channel: the client's handle and the server's.
    pub fn session(&mut self) -> (Channel, Channel) {
        let channel = self.open(&Opens::Session);
        assert!(self.client.app.open.contains(&channel), "the session was refused");
        (channel, self.server.app.asked_for())
    }

    /// Lets the server open a channel, and waits for the answer.
    pub fn server_open(&mut self, open: &Opens) -> Channel {
        let channel = apps::open(&mut self.server.conn, &mut self.server.app, open, 100_000).expect("open");
        self.run();
        channel
    }
}

impl Builder {
    /// Defaults over a provider.
    ///
    /// # Panics
    /// If the defaults are refused.
    #[must_use]
    pub fn new(provider: &'static dyn Provider) -> Self {
        let mut server = Config::<Server>::new(provider);
        let null = provider.signatures().iter().any(|row| row.accepts(crate::raw::NULL_KEY));
        let host_key = key(HOST_KEY);
        server.host_key(if null { crate::raw::NULL_KEY } else { host_key.public_blob() }).expect("a host key");
        let mut builder = Builder {
            seed: 1,
            weather: Weather::default(),
            provider,
            client: Config::<Client>::new(provider),
            server,
            record: false,
        };
        builder = builder.trace(4096);
        builder
    }

    /// The seed of everything.
    #[must_use]
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }

    /// How the network behaves.
    #[must_use]
    pub fn weather(mut self, weather: Weather) -> Self {
        self.weather = weather;
        self
    }

    /// Changes the client's configuration.
    #[must_use]
    pub fn client(mut self, change: impl FnOnce(&mut Config<Client>)) -> Self {
        change(&mut self.client);
        self
    }

    /// Changes the server's configuration.
    #[must_use]
    pub fn server(mut self, change: impl FnOnce(&mut Config<Server>)) -> Self {
        change(&mut self.server);
        self
    }

    /// Changes both sides' bounds.
    ///
    /// # Panics
    /// If they are refused.
    #[must_use]
    pub fn limits(mut self, change: impl Fn(&mut sansh::Limits)) -> Self {
        let mut limits = self.client.bounds().clone();
        change(&mut limits);
        self.client.limits(limits).expect("limits");
        let mut limits = self.server.bounds().clone();
        change(&mut limits);
        self.server.limits(limits).expect("limits");
        self
    }

    /// Names of channel types, requests and globals that both sides let through.
    ///
    /// # Panics
    /// If there is no memory.
    #[must_use]
    pub fn names(mut self, channel_types: &str, requests: &str, globals: &str) -> Self {
        self.client.channel_types(channel_types).expect("names").requests(requests).expect("names");
        self.client.globals(globals).expect("names");
        self.server.channel_types(channel_types).expect("names").requests(requests).expect("names");
        self.server.globals(globals).expect("names");
        self
    }

    /// How much of the conversation is kept for the dump.
    #[must_use]
    pub fn trace(self, bytes: u32) -> Self {
        self.limits(|limits| limits.trace = bytes)
    }

    /// Keeps all bytes of both directions.
    #[must_use]
    pub fn record(mut self) -> Self {
        self.record = true;
        self
    }

    /// The bytes that one connection of these may hold: the client's and the server's.
    #[must_use]
    pub fn bytes(&self) -> (usize, usize) {
        (self.client.bytes(), self.server.bytes())
    }

    /// The provider.
    #[must_use]
    pub fn provider(&self) -> &'static dyn Provider {
        self.provider
    }

    /// The pair, with scripted programs, before the first byte.
    #[must_use]
    pub fn build(self) -> Pair {
        let mut dice = Dice::new(self.seed ^ 0xa11);
        let client = Actor::new(0, Dice::new(dice.number()));
        let mut server = Actor::new(1, Dice::new(dice.number()));
        server.keys.push(key(HOST_KEY));
        self.with(client, server)
    }

    /// The pair, logged in by password as `user`.
    ///
    /// # Panics
    /// If the login fails.
    #[must_use]
    pub fn logged_in(self) -> Pair {
        let mut pair = self.build();
        pair.client.app.password("user", "right");
        pair.run();
        assert!(pair.client.app.is_ready() && pair.server.app.is_ready(), "no login: {}", pair.dump());
        pair
    }

    /// The pair, with programs of the test's own.
    ///
    /// # Panics
    /// If a connection cannot be made.
    #[must_use]
    pub fn with<C: App<Client>, S: App<Server>>(self, client: C, server: S) -> Pair<C, S> {
        let mut dice = Dice::new(self.seed);
        let clock = Clock::default();
        let seeds = (dice.seed(), dice.seed());
        let (client_config, server_config) = (Shared::new(self.client), Shared::new(self.server));
        let configs = (Shared::clone(&client_config), Shared::clone(&server_config));
        let meters = (client.meter(), server.meter());
        let made = watch(meters.0, || Connection::new(client_config, Seed::new(seeds.0), clock.now()));
        let client =
            Side { conn: made.expect("a client"), app: client, log: String::new(), eof_told: false, gone: false };
        let made = watch(meters.1, || Connection::new(server_config, Seed::new(seeds.1), clock.now()));
        let server =
            Side { conn: made.expect("a server"), app: server, log: String::new(), eof_told: false, gone: false };
        let (mut up, mut down) = (Pipe::default(), Pipe::default());
        if self.record {
            up.start_recording();
            down.start_recording();
        }
        Pair {
            client,
            server,
            up,
            down,
            clock,
            weather: self.weather,
            strict_turns: false,
            dice,
            seed: self.seed,
            configs,
        }
    }
}

impl<R: Told, A: App<R>> Side<R, A> {
    /// Takes all events there are, or, now and then, only some of them.
    fn hear(&mut self, now: Instant, dice: &mut Dice, each: bool) -> bool {
        let mut moved = false;
        let meter = self.app.meter();
        loop {
            let Some(event) = watch(meter, || self.conn.next_event()) else { break };
            self.app.told(event);
            moved = true;
            if each {
                self.app.turn(&mut self.conn, now);
            } else if dice.once_in(50) {
                break;
            }
        }
        moved
    }

    fn keep_log(&mut self) {
        let text = self.conn.trace();
        let n = text.len();
        if n == 0 {
            return;
        }
        self.log.push_str(text);
        self.conn.traced(n);
        if self.log.len() > LOG {
            let start = (self.log.len() - LOG / 2..self.log.len()).find(|at| self.log.is_char_boundary(*at));
            self.log.drain(..start.unwrap_or(0));
        }
    }

    /// One turn of a program around a connection, as the documentation of `Connection` draws it.
    fn turn(
        &mut self,
        incoming: &mut Pipe,
        outgoing: &mut Pipe,
        now: Instant,
        weather: &Weather,
        dice: &mut Dice,
        each: bool,
    ) -> bool {
        let mut moved = false;
        let meter = self.app.meter();
        if self.gone {
            incoming.discard();
            return false;
        }
        if self.conn.next_timeout().is_some_and(|at| at <= now) {
            watch(meter, || self.conn.handle_timeout(now));
        }
        // A program that gives buffers back waits until there is something before it takes one.
        if self.conn.wants().read && incoming.is_readable(now) && !self.eof_told {
            let buffer = watch(meter, || self.conn.recv_buf());
            let size = weather.read.size(dice).min(buffer.len());
            let found = if size == 0 { Found::Nothing } else { incoming.read(&mut buffer[..size], now) };
            match found {
                Found::Bytes(n) => watch(meter, || self.conn.received(n, now)),
                // Only a connection that has just ended for want of memory says "read" and then gives no room.
                Found::Nothing => assert!(!self.conn.wants().read, "wants to read, and gives no room"),
                Found::End => {
                    self.eof_told = true;
                    watch(meter, || self.conn.received_eof(now));
                }
            }
            moved = true;
        }
        moved |= self.hear(now, dice, each);
        moved |= self.app.turn(&mut self.conn, now);
        self.keep_log();
        let ready = self.conn.transmit_buf();
        assert_eq!(
            self.conn.wants().write,
            !ready.is_empty(),
            "wants().write says whether there is something to write"
        );
        if !ready.is_empty() {
            let size = weather.write.size(dice).min(ready.len());
            let n = outgoing.write(&ready[..size], now, weather, dice);
            watch(meter, || self.conn.transmitted(n));
            if n > 0 {
                moved = true;
                self.hear(now, dice, each);
            }
        }
        if self.app.is_over() && self.conn.transmit_buf().is_empty() {
            // The program closes its socket.
            self.gone = true;
            outgoing.shut();
            incoming.discard();
            moved = true;
        }
        moved
    }
}

impl<R: Told> Side<R, Actor> {
    /// Answers the oldest question that was kept.
    ///
    /// # Panics
    /// If none was kept, or the answer does not go.
    pub fn answer(&mut self, reply: &Reply) {
        let question = self.app.kept.pop_front().expect("a question was kept");
        let meter = App::<R>::meter(&self.app);
        question.answer(&mut self.conn, reply, meter).unwrap_or_else(|error| panic!("{reply:?}: {error:?}"));
    }
}

impl<C: App<Client>, S: App<Server>> Pair<C, S> {
    /// One turn of each side, in random order. Says whether anything moved.
    pub fn turn(&mut self) -> bool {
        let now = self.clock.now();
        let mut moved = false;
        let first = self.dice.once_in(2);
        for client in [first, !first] {
            moved |= if client {
                let Pair { client, up, down, weather, dice, strict_turns, .. } = self;
                client.turn(down, up, now, weather, dice, *strict_turns)
            } else {
                let Pair { server, up, down, weather, dice, strict_turns, .. } = self;
                server.turn(up, down, now, weather, dice, *strict_turns)
            };
        }
        moved
    }

    /// So many turns, time passing where nothing moves for what is on its way.
    pub fn turns(&mut self, n: usize) {
        for _ in 0..n {
            let arrivals = [self.up.next_arrival(), self.down.next_arrival()];
            if !self.turn()
                && let Some(at) = arrivals.into_iter().flatten().min()
            {
                self.clock.reach(at);
            }
        }
    }

    /// Lets everything move that can, time passing only for what is on its way. Says nothing about what is owed.
    pub fn settle(&mut self) {
        let mut idle = 0;
        while idle < 3 {
            if self.turn() {
                idle = 0;
                continue;
            }
            idle += 1;
            let arrivals = [self.up.next_arrival(), self.down.next_arrival()];
            if let Some(at) = arrivals.into_iter().flatten().filter(|at| *at > self.clock.now()).min() {
                self.clock.reach(at);
                idle = 0;
            }
        }
        for (name, at) in [("client", self.client.conn.next_timeout()), ("server", self.server.conn.next_timeout())] {
            let gone = if name == "client" { self.client.gone } else { self.server.gone };
            assert!(
                gone || at.is_none_or(|at| at > self.clock.now()),
                "the {name} spins: nothing moves and its next_timeout has passed\n{}",
                self.dump()
            );
        }
    }

    /// Lets everything move that can, and fails if something is still owed.
    ///
    /// # Panics
    /// With a dump, if it is.
    pub fn run(&mut self) {
        self.settle();
        let owed = self.owed();
        assert!(owed.is_empty(), "it hangs; owed: {owed:#?}\n{}", self.dump());
    }

    /// The bytes that each connection may hold: the client's and the server's.
    pub fn bounds(&self) -> (usize, usize) {
        (self.configs.0.bytes(), self.configs.1.bytes())
    }

    /// What should have happened and has not.
    pub fn owed(&self) -> Vec<String> {
        let held = self.client.app.holds() || self.server.app.holds();
        let mut owed = Vec::new();
        for (name, what) in [("client", self.client.app.owed(held)), ("server", self.server.app.owed(held))] {
            owed.extend(what.into_iter().map(|what| format!("{name}: {what}")));
        }
        let ways = [
            ("client", &self.up, self.client.conn.transmit_buf().len(), self.client.gone, self.server.gone),
            ("server", &self.down, self.server.conn.transmit_buf().len(), self.server.gone, self.client.gone),
        ];
        for (name, pipe, unsent, gone, reader_gone) in ways {
            if unsent > 0 && !gone && pipe.held() < self.weather.room {
                owed.push(format!("{name}: {unsent} bytes are not sent"));
            }
            if pipe.held() > 0 && !reader_gone && !held {
                owed.push(format!("{} bytes from the {name} are not read", pipe.held()));
            }
        }
        owed
    }

    /// Lets this much time pass, with every timer on its time.
    pub fn wait(&mut self, nanoseconds: u64) {
        let until = self.clock.now().plus(nanoseconds);
        for turns in 0.. {
            assert!(turns < 1_000_000, "time does not pass: {}", self.dump());
            self.settle();
            let sides = [
                self.client.conn.next_timeout().filter(|_| !self.client.gone),
                self.server.conn.next_timeout().filter(|_| !self.server.gone),
            ];
            match sides.into_iter().flatten().min() {
                Some(at) if at <= until => self.clock.reach(at),
                _ => break,
            }
        }
        self.clock.reach(until);
        self.settle();
    }

    /// Everything that helps to understand a failure.
    pub fn dump(&self) -> String {
        let trace = |text: &str| {
            let start = (text.len().saturating_sub(3000)..text.len()).find(|at| text.is_char_boundary(*at));
            text[start.unwrap_or(text.len())..].to_owned()
        };
        format!(
            "pair with seed {}\nclient: {:?}, phase {:?}, wants {:?}, timeout {:?}, {:?}\n{}  trace:\n{}\n\
             server: {:?}, phase {:?}, wants {:?}, timeout {:?}, {:?}\n{}  trace:\n{}\n\
             on the way: {} up{}, {} down{}; now {:?}",
            self.seed,
            self.client.conn,
            sansh::danger::phase(&self.client.conn),
            self.client.conn.wants(),
            self.client.conn.next_timeout(),
            self.client.conn.counters(),
            self.client.app.show(),
            trace(&self.client.log),
            self.server.conn,
            sansh::danger::phase(&self.server.conn),
            self.server.conn.wants(),
            self.server.conn.next_timeout(),
            self.server.conn.counters(),
            self.server.app.show(),
            trace(&self.server.log),
            self.up.held(),
            if self.up.is_over() { " (over)" } else { "" },
            self.down.held(),
            if self.down.is_over() { " (over)" } else { "" },
            self.clock.now(),
        )
    }
}

/// Runs an echo session in which `bytes` go there and back, and the server closes.
///
/// # Panics
/// If anything is missing.
pub fn echo(pair: &mut Pair, bytes: &[u8]) {
    pair.server.app.echo = true;
    let (mine, theirs) = pair.session();
    pair.client.app.request(mine, Requests::Subsystem(b"echo".to_vec()));
    pair.client.app.send(mine, bytes);
    pair.client.app.act(mine, Act::Finish);
    pair.run();
    assert_eq!(pair.server.app.requests(theirs), [Requests::Subsystem(b"echo".to_vec())]);
    assert!(pair.client.app.received(mine, Stream::Main) == bytes, "the echo differs\n{}", pair.dump());
    assert_eq!(pair.client.app.requests(mine), [Requests::ExitStatus(0)]);
    assert!(!pair.client.app.open.contains(&mine), "the channel is closed\n{}", pair.dump());
}

/// A global request of any name.
#[must_use]
pub fn other_global(name: &str, want_reply: bool, body: &[u8]) -> Globals {
    Globals::Other { name: name.into(), want_reply, body: body.into() }
}
