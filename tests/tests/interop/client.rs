//! A sansh client whose tests read as a list of steps: each waits until it is done.

use core::time::Duration;
use std::collections::{BTreeMap, VecDeque};
use std::net::TcpStream;
use std::sync::mpsc;
use std::thread;
use std::time::Instant as Clock;

use sansh::ask::{Accept, Login, Refusal, Trust, With};
use sansh::channel::{Channel, Global, Open, Request};
use sansh::crypto::Provider;
use sansh::error::Error;
use sansh::event::{Purpose, channel, client, global};
use sansh::signer::PrivateKey;
use sansh::{Config, Connection, Limits, SendError, Shared, Window};
use sansh_testkit::driver::{Driver, Note, Turn};
use sansh_testkit::peers::{KeyPair, Sshd};

use super::flow::{Flow, Input, PATIENCE};

/// One way to log in.
#[allow(clippy::large_enum_variant, reason = "a test has a handful")]
pub(crate) enum Attempt {
    None,
    Password(String),
    Key { key: PrivateKey, probe: bool },
}

/// What the client was told.
#[derive(Default)]
pub(crate) struct Told {
    pub(crate) flows: BTreeMap<Channel, Flow>,
    /// The answers to our global requests, in order, with their fields.
    pub(crate) globals: Vec<(bool, Vec<u8>)>,
    pub(crate) banners: Vec<String>,
    /// The methods that can continue, after each refused attempt.
    pub(crate) methods: Vec<String>,
    /// How often a login was to be signed.
    pub(crate) signed: usize,
    pub(crate) ready: Option<String>,
    /// How the connection ended, and in which words.
    pub(crate) closed: Option<(Error, String)>,
    /// The channels that a server opened.
    pub(crate) forwarded: Vec<Channel>,
    /// `Room` came since a call was refused.
    room: bool,
    /// All messages in the notation.
    pub(crate) trace: String,
}

pub(crate) struct Client {
    driver: Driver<sansh::Client>,
    pub(crate) told: Told,
    user: String,
    host_key: Vec<u8>,
    attempts: VecDeque<Attempt>,
    signing: Option<PrivateKey>,
    patience: Duration,
}

/// The private key of a pair that `ssh-keygen` made.
pub(crate) fn private(pair: &KeyPair) -> PrivateKey {
    PrivateKey::from_openssh(&std::fs::read(&pair.private).expect("a key file")).expect("a key")
}

/// A configuration of a test's client: with a trace, so that it can be told what went over the wire.
pub(crate) fn config(provider: &'static dyn Provider) -> Config<sansh::Client> {
    let mut config = Config::new(provider);
    let mut limits = Limits::default();
    limits.trace = 1 << 20;
    config.limits(limits).expect("good limits");
    config
}

impl Client {
    /// Connects; nothing is said yet.
    pub(crate) fn connect(sshd: &Sshd, config: Config<sansh::Client>, attempts: Vec<Attempt>) -> Client {
        let stream: TcpStream = sshd.connect().expect("connect");
        let config = Shared::new(config);
        Client {
            driver: Driver::new(stream, |seed, now| Connection::new(config, seed, now).expect("memory")),
            told: Told::default(),
            user: sshd.user().to_owned(),
            host_key: private(sshd.host_key()).public_blob().to_vec(),
            attempts: attempts.into(),
            signing: None,
            patience: PATIENCE,
        }
    }

    /// Connects and logs in with the user's key.
    pub(crate) fn login(sshd: &Sshd, config: Config<sansh::Client>) -> Client {
        let key = private(sshd.user_key());
        let mut client = Client::connect(sshd, config, vec![Attempt::Key { key, probe: false }]);
        client.until("the login", |told| told.ready.is_some());
        client
    }

    /// Each step may take so long from now on.
    pub(crate) fn patience(&mut self, patience: Duration) {
        self.patience = patience;
    }

    pub(crate) fn connection(&mut self) -> &mut Connection<sansh::Client> {
        &mut self.driver.connection
    }

    /// Goes on until `done` says so. An end of the connection before that is a failure.
    pub(crate) fn until(&mut self, what: &str, mut done: impl FnMut(&Told) -> bool) {
        let end = Clock::now() + self.patience;
        loop {
            self.work();
            if done(&self.told) {
                return;
            }
            assert!(self.told.closed.is_none(), "{what}: {}", self.told.closed.as_ref().expect("closed").1);
            let left = end.saturating_duration_since(Clock::now());
            match self.driver.turn(left) {
                Turn::Noted(note) => self.noted(note),
                Turn::Moved => {}
                Turn::Idle => {
                    let counters = self.driver.connection.counters();
                    panic!("{what}: nothing more happens; {counters:?}; {:#?}", self.told.flows);
                }
            }
            assert!(!left.is_zero(), "{what}: not done in time; {:?}", self.driver.connection.counters());
        }
    }

    /// Goes on for so long, whatever happens.
    pub(crate) fn linger(&mut self, time: Duration) {
        self.beside(move || thread::sleep(time));
    }

    /// Goes on while `work` runs on a thread of its own.
    pub(crate) fn beside<T: Send + 'static>(&mut self, work: impl FnOnce() -> T + Send + 'static) -> T {
        let (sender, result) = mpsc::channel();
        let notes = self.driver.notes();
        thread::spawn(move || {
            let _ = sender.send(work());
            notes.put(Note::Look);
        });
        let mut done = None;
        self.until("work beside the connection", |_| {
            done = result.try_recv().ok();
            done.is_some()
        });
        done.expect("the work is done")
    }

    /// Goes on until the connection has ended.
    pub(crate) fn ended(&mut self) -> (Error, String) {
        self.until("the end", |told| told.closed.is_some());
        self.driver.hang_up();
        self.told.closed.clone().expect("closed")
    }

    /// A flow.
    pub(crate) fn flow(&mut self, channel: Channel) -> &mut Flow {
        self.told.flows.get_mut(&channel).expect("a channel of this client")
    }

    /// The server's key is taken for another's.
    pub(crate) fn expect_host_key(&mut self, blob: &[u8]) {
        self.host_key = blob.to_vec();
    }

    /// Opens a channel that the server refuses; says why it does.
    pub(crate) fn open_in_vain(&mut self, open: Open<'_>) -> u32 {
        let channel = self.start_open(open);
        self.until("a refusal", |told| {
            assert!(!told.flows[&channel].opened);
            told.flows[&channel].refused.is_some()
        });
        self.flow(channel).refused.as_ref().map(|(reason, _)| *reason).expect("refused")
    }

    /// Opens a channel, and waits until it is open.
    pub(crate) fn open(&mut self, open: Open<'_>) -> Channel {
        let channel = self.start_open(open);
        self.until("an open channel", |told| {
            let flow = &told.flows[&channel];
            assert_eq!(flow.refused, None);
            flow.opened
        });
        channel
    }

    /// Opens a channel.
    pub(crate) fn start_open(&mut self, open: Open<'_>) -> Channel {
        let channel = self.retry("open", |connection| connection.open(open, Window::default()));
        self.told.flows.insert(channel, Flow::default());
        channel
    }

    /// Sends a request; one that wants an answer must be granted.
    pub(crate) fn request(&mut self, channel: Channel, request: Request<'_>) {
        assert!(self.ask(channel, request), "{request:?} is refused");
    }

    /// Sends a request, and waits for the answer if there is to be one.
    pub(crate) fn ask(&mut self, channel: Channel, request: Request<'_>) -> bool {
        let sent = self.retry("request", |connection| connection.request(channel, request));
        if matches!(request, Request::Env { .. }) {
            return true;
        }
        self.until("an answer", |told| told.flows[&channel].replies.len() > sent.0 as usize);
        self.flow(channel).replies[sent.0 as usize]
    }

    /// A session with this command.
    pub(crate) fn exec(&mut self, command: &str) -> Channel {
        let channel = self.open(Open::Session);
        self.request(channel, Request::Exec { command: command.as_bytes() });
        channel
    }

    /// Sends a global request, and waits for the answer.
    pub(crate) fn global(&mut self, request: Global<'_>) -> (bool, Vec<u8>) {
        let sent = self.retry("global", |connection| connection.global(request));
        self.until("an answer", |told| told.globals.len() > sent.0 as usize);
        self.told.globals[sent.0 as usize].clone()
    }

    /// Sends bytes; they go as windows and room allow.
    pub(crate) fn send(&mut self, channel: Channel, bytes: &[u8]) {
        self.flow(channel).out.extend(bytes);
    }

    /// Says EOF behind what was sent.
    pub(crate) fn finish(&mut self, channel: Channel) {
        self.flow(channel).finish = true;
    }

    /// Waits until the channel is closed.
    pub(crate) fn closed(&mut self, channel: Channel) -> &mut Flow {
        self.until("a closed channel", |told| told.flows[&channel].closed);
        self.flow(channel)
    }

    /// Ends the connection as a polite client does, and waits for the server's end.
    pub(crate) fn goodbye(mut self) {
        self.driver.connection.disconnect(sansh::Disconnect::default());
        let (error, words) = self.ended();
        assert!(matches!(error, Error::Application { .. }), "{words}");
    }

    /// Calls again after each `Room` until the call finds room.
    fn retry<T>(
        &mut self,
        what: &str,
        mut call: impl FnMut(&mut Connection<sansh::Client>) -> Result<T, SendError>,
    ) -> T {
        loop {
            match call(&mut self.driver.connection) {
                Ok(value) => return value,
                Err(SendError::Full | SendError::Rekeying) => {
                    self.told.room = false;
                    self.until(what, |told| told.room);
                }
                Err(other) => panic!("{what}: {other}"),
            }
        }
    }

    fn work(&mut self) {
        while self.event() {}
        let connection = &mut self.driver.connection;
        for (channel, flow) in &mut self.told.flows {
            flow.push(connection, *channel);
        }
        self.told.trace.push_str(connection.trace());
        let n = connection.trace().len();
        connection.traced(n);
    }

    fn noted(&mut self, note: Note) {
        match note {
            Note::Look => {}
            other => panic!("a client waits for no other sockets: {other:?}"),
        }
    }

    fn event(&mut self) -> bool {
        let Some(event) = self.driver.connection.next_event() else { return false };
        let told = &mut self.told;
        match event {
            client::Event::HostKey { key, ask, .. } => ask.answer(Trust::from(key.blob() == self.host_key)),
            client::Event::LoginNeeded { methods, ask, .. } => {
                if let Some(methods) = methods {
                    told.methods.push(methods.as_str().to_owned());
                }
                let user = &self.user;
                let with = match self.attempts.front() {
                    None => {
                        ask.answer(Login::GiveUp);
                        return true;
                    }
                    Some(Attempt::None) => With::None,
                    Some(Attempt::Password(password)) => With::Password(password),
                    Some(Attempt::Key { key, probe }) => {
                        With::PublicKey { algorithm: "ssh-ed25519", key: key.public_blob(), probe: *probe }
                    }
                };
                ask.answer(Login::Try { user, with });
                self.signing = match self.attempts.pop_front() {
                    Some(Attempt::Key { key, .. }) => Some(key),
                    _ => None,
                };
            }
            client::Event::Sign { purpose, algorithm, key, message, ask } => {
                let own = self.signing.as_ref().expect("a key is being tried");
                assert_eq!((purpose, key.blob()), (Purpose::Login, own.public_blob()));
                told.signed += 1;
                ask.answer(Some(&own.sign(algorithm, message).expect("ed25519")));
            }
            client::Event::Banner(text) => told.banners.push(String::from_utf8_lossy(text).into_owned()),
            client::Event::Ready { method } => told.ready = Some(method.to_owned()),
            client::Event::Room => {
                told.room = true;
                told.flows.values_mut().for_each(Flow::room);
            }
            client::Event::Channel(channel, channel::Event::Requested { open, ask }) => {
                if matches!(open, Open::ForwardedTcpip { .. }) {
                    ask.answer(Ok(Accept { window: 1 << 20, data: b"" }));
                    told.flows.insert(channel, Flow::accepted(Input::Echo));
                    told.forwarded.push(channel);
                } else {
                    ask.answer(Err(Refusal { reason: Refusal::UNKNOWN_TYPE, text: b"" }));
                }
            }
            client::Event::Channel(channel, event) => {
                let flow = told.flows.get_mut(&channel).expect("a channel of this client");
                let grant = flow.happened(event);
                if grant > 0 {
                    self.driver.connection.grant(channel, grant).expect("open");
                }
            }
            client::Event::Global(global::Event::Replied { to, ok, data }) => {
                assert_eq!(to.0 as usize, told.globals.len(), "answers come in order");
                told.globals.push((ok, data.to_vec()));
            }
            // sshd tells all its keys behind the login; this client learns none.
            client::Event::Global(global::Event::Requested { request: Global::HostKeys { keys }, .. }) => {
                assert!(keys.iter().any(|key| key.blob() == self.host_key), "its own key is among them");
            }
            client::Event::Closed(reason) => told.closed = Some((reason.error, reason.to_string())),
            other => panic!("unexpected: {other:?}"),
        }
        true
    }
}
