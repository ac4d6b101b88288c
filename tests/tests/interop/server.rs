//! A sansh server for real clients, with a few built-in programs, and what it saw.

use core::net::{Ipv4Addr, SocketAddr};
use core::sync::atomic::{AtomicBool, Ordering};
use core::time::Duration;
use std::collections::{BTreeMap, VecDeque};
use std::ffi::OsStr;
use std::net::{TcpListener, TcpStream};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::net::UnixStream;
use std::sync::Arc;
use std::sync::mpsc::{self, Receiver};
use std::thread::{self, JoinHandle};

use sansh::ask::{Accept, Granted, Refusal, Verdict};
use sansh::channel::{Channel, Global, Open, Request};
use sansh::config::Buffers;
use sansh::crypto::Provider;
use sansh::error::Error;
use sansh::event::{channel, global, server};
use sansh::keys::PublicKeyLine;
use sansh::signer::PrivateKey;
use sansh::{Algorithms, Config, Connection, Counters, Limits, SendError, Shared, Window};
use sansh_testkit::driver::{Driver, Note, Notes, Socket, Turn};
use sansh_testkit::peers::{KeyPair, OpenSsh, Scratch, Ssh};

use super::client::private;
use super::flow::{Ending, Flow, Input, PATIENCE};

/// The user whom the server admits.
pub(crate) const USER: &str = "somebody";

/// How the server is to be.
pub(crate) struct Setup {
    pub(crate) config: Config<sansh::Server>,
    pub(crate) password: Option<String>,
    pub(crate) banner: Option<String>,
}

impl Setup {
    /// With a trace; pseudo-terminals and signals are heard of.
    pub(crate) fn new(provider: &'static dyn Provider) -> Setup {
        let mut config = Config::new(provider);
        let mut limits = Limits::default();
        limits.trace = 1 << 20;
        config.limits(limits).expect("good limits").buffers(Buffers::Release);
        config.requests("pty-req,signal,window-change").expect("memory");
        Setup { config, password: None, banner: None }
    }
}

/// What one connection was like, told at its end.
#[derive(Debug)]
pub(crate) struct Report {
    pub(crate) algorithms: Option<Algorithms>,
    pub(crate) counters: Counters,
    pub(crate) closed: Error,
    pub(crate) words: String,
    pub(crate) trace: String,
    /// What the client said that it is.
    pub(crate) peer: String,
    /// The method that the user came in by.
    pub(crate) method: Option<&'static str>,
    /// How often a key was asked about without a signature.
    pub(crate) queries: usize,
    /// Most channels open at one time.
    pub(crate) most_open: usize,
}

/// A listening server; each connection has a thread. Dropped, it listens no more.
#[derive(Debug)]
pub(crate) struct Server {
    pub(crate) scratch: Scratch,
    pub(crate) user_key: KeyPair,
    host_key: KeyPair,
    addr: SocketAddr,
    stop: Arc<AtomicBool>,
    accepting: Option<JoinHandle<()>>,
    reports: Receiver<Report>,
}

/// What all connections of a server share.
struct House {
    config: Shared<Config<sansh::Server>>,
    host_key: PrivateKey,
    authorized: Vec<u8>,
    password: Option<String>,
    banner: Option<String>,
}

impl Server {
    pub(crate) fn start(mut setup: Setup) -> Server {
        let scratch = Scratch::new().expect("scratch");
        let (host_key, user_key) = (scratch.ed25519("host").expect("key"), scratch.ed25519("user").expect("key"));
        let private_host = private(&host_key);
        setup.config.host_key(private_host.public_blob()).expect("ed25519");
        let house = Arc::new(House {
            config: Shared::new(setup.config),
            host_key: private_host,
            authorized: PublicKeyLine::parse(&user_key.public).expect("a key line").into_blob(),
            password: setup.password,
            banner: setup.banner,
        });
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port");
        let addr = listener.local_addr().expect("a port");
        let stop = Arc::new(AtomicBool::new(false));
        let (sender, reports) = mpsc::channel();
        let accepting = thread::spawn({
            let stop = Arc::clone(&stop);
            move || {
                while let Ok((stream, _)) = listener.accept() {
                    if stop.load(Ordering::SeqCst) {
                        return;
                    }
                    let (house, sender) = (Arc::clone(&house), sender.clone());
                    // A failed assertion in it drops the sender: the test then waits for a report in vain.
                    thread::spawn(move || drop(sender.send(Session::new(stream, house).run())));
                }
            }
        });
        Server { scratch, user_key, host_key, addr, stop, accepting: Some(accepting), reports }
    }

    /// A client for it.
    pub(crate) fn ssh(&self, openssh: &OpenSsh) -> Ssh {
        Ssh::new(openssh, &self.scratch, self.addr, USER, &self.host_key.public, &self.user_key).expect("ssh")
    }

    /// What the next connection to end was like.
    pub(crate) fn report(&self) -> Report {
        self.reports.recv_timeout(PATIENCE).expect("a connection that ends")
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::SeqCst);
        if TcpStream::connect(self.addr).is_ok()
            && let Some(accepting) = self.accepting.take()
        {
            let _ = accepting.join();
        }
    }
}

/// A listener that a client asked for.
struct Listening {
    address: Vec<u8>,
    port: u32,
    at: SocketAddr,
    stop: Arc<AtomicBool>,
    accepting: Option<JoinHandle<()>>,
}

impl Listening {
    fn start(number: u64, address: &[u8], port: u32, notes: Notes) -> Option<Listening> {
        let host = core::str::from_utf8(address).ok()?;
        let listener = TcpListener::bind((host, u16::try_from(port).ok()?)).ok()?;
        let at = listener.local_addr().ok()?;
        let stop = Arc::new(AtomicBool::new(false));
        let stopped = Arc::clone(&stop);
        let accepting = thread::spawn(move || {
            while let Ok((stream, _)) = listener.accept() {
                if stopped.load(Ordering::SeqCst) {
                    return;
                }
                notes.put(Note::Accepted(number, stream.into()));
            }
        });
        Some(Listening { address: address.to_vec(), port: at.port().into(), at, stop, accepting: Some(accepting) })
    }
}

impl Drop for Listening {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::SeqCst);
        if TcpStream::connect(self.at).is_ok()
            && let Some(accepting) = self.accepting.take()
        {
            let _ = accepting.join();
        }
    }
}

/// One connection.
struct Session {
    driver: Driver<sansh::Server>,
    house: Arc<House>,
    flows: BTreeMap<Channel, Flow>,
    listening: BTreeMap<u64, Listening>,
    numbers: u64,
    /// Connections to forwarded ports that wait for room.
    accepted: VecDeque<(u64, Socket)>,
    closed: Option<(Error, String)>,
    trace: String,
    banner_sent: bool,
    method: Option<&'static str>,
    queries: usize,
    most_open: usize,
}

impl Session {
    fn new(stream: TcpStream, house: Arc<House>) -> Session {
        let config = Shared::clone(&house.config);
        Session {
            driver: Driver::new(stream, |seed, now| Connection::new(config, seed, now).expect("memory")),
            house,
            flows: BTreeMap::new(),
            listening: BTreeMap::new(),
            numbers: 0,
            accepted: VecDeque::new(),
            closed: None,
            trace: String::new(),
            banner_sent: false,
            method: None,
            queries: 0,
            most_open: 0,
        }
    }

    fn run(mut self) -> Report {
        while self.closed.is_none() {
            self.work();
            if self.closed.is_none()
                && let Turn::Noted(note) = self.driver.turn(Duration::from_secs(3600))
            {
                self.noted(note);
            }
        }
        self.driver.hang_up();
        let connection = &self.driver.connection;
        let (closed, words) = self.closed.take().expect("closed");
        Report {
            algorithms: connection.algorithms(),
            counters: connection.counters(),
            closed,
            words,
            trace: core::mem::take(&mut self.trace),
            peer: String::from_utf8_lossy(connection.peer().identification).into_owned(),
            method: self.method,
            queries: self.queries,
            most_open: self.most_open,
        }
    }

    fn work(&mut self) {
        while self.event() {}
        self.open_accepted();
        let connection = &mut self.driver.connection;
        for (channel, flow) in &mut self.flows {
            flow.push(connection, *channel);
        }
        self.most_open = self.most_open.max(self.flows.len());
        self.flows.retain(|_, flow| !flow.closed);
        self.trace.push_str(connection.trace());
        let n = connection.trace().len();
        connection.traced(n);
    }

    fn open_accepted(&mut self) {
        while let Some((number, socket)) = self.accepted.pop_front() {
            let Some(listening) = self.listening.get(&number) else { continue };
            let open = Open::ForwardedTcpip {
                address: &listening.address,
                port: listening.port,
                originator: b"127.0.0.1",
                originator_port: 1,
            };
            match self.driver.connection.open(open, Window::default()) {
                Ok(channel) => {
                    self.flows.insert(channel, Flow::opening(Input::To(socket)));
                }
                Err(SendError::Full | SendError::Rekeying) => {
                    self.accepted.push_front((number, socket));
                    return;
                }
                Err(other) => panic!("open: {other}"),
            }
        }
    }

    fn noted(&mut self, note: Note) {
        match note {
            Note::Bytes(number, bytes) => {
                if let Some(flow) = self.flows.get_mut(&Channel::from_raw(number)) {
                    flow.out.extend(bytes);
                }
            }
            Note::End(number) => {
                if let Some(flow) = self.flows.get_mut(&Channel::from_raw(number)) {
                    flow.finish = true;
                }
            }
            Note::Accepted(number, socket) => self.accepted.push_back((number, socket)),
            Note::Look => {}
        }
    }

    fn event(&mut self) -> bool {
        let notes = self.driver.notes();
        let Some(event) = self.driver.connection.next_event() else { return false };
        match event {
            server::Event::Sign { algorithm, message, ask, .. } => {
                ask.answer(Some(&self.house.host_key.sign(algorithm, message).expect("ed25519")));
            }
            server::Event::KeyQuery { user, key, ask } => {
                self.queries += 1;
                ask.answer(user == USER.as_bytes() && key.blob() == self.house.authorized);
            }
            server::Event::Login { user, method, ask, .. } => {
                let (right, name) = match method {
                    server::Method::Password(password) => {
                        let right = self.house.password.as_ref().is_some_and(|own| own.as_bytes() == password);
                        (right, "password")
                    }
                    server::Method::PublicKey { key, .. } => (key.blob() == self.house.authorized, "publickey"),
                    _ => (false, "none"),
                };
                let verdict = if right && user == USER.as_bytes() {
                    self.method = Some(name);
                    Verdict::Accept
                } else {
                    Verdict::Deny { go_on: "" }
                };
                let ask = ask.later();
                if let Some(banner) = &self.house.banner
                    && !core::mem::replace(&mut self.banner_sent, true)
                {
                    self.driver.connection.banner(banner).expect("before the login");
                }
                self.driver.connection.answer(ask, verdict).expect("it waits for this");
            }
            server::Event::Ready { identity } => assert_eq!(identity.user(), USER.as_bytes()),
            server::Event::Room => self.flows.values_mut().for_each(Flow::room),
            server::Event::Channel(channel, event) => {
                let grant = on_channel(&mut self.flows, &notes, channel, event);
                if grant > 0 {
                    self.driver.connection.grant(channel, grant).expect("open");
                }
            }
            server::Event::Global(global::Event::Requested { request, ask }) => {
                let granted = match request {
                    Global::TcpipForward { address, port } => {
                        self.numbers += 1;
                        match Listening::start(self.numbers, address, port, notes) {
                            Some(listening) => {
                                let picked = listening.port;
                                self.listening.insert(self.numbers, listening);
                                if port == 0 { Granted::Port(picked) } else { Granted::Yes }
                            }
                            None => Granted::No,
                        }
                    }
                    Global::CancelTcpipForward { address, port } => {
                        let before = self.listening.len();
                        self.listening.retain(|_, one| one.address != address || one.port != port);
                        if self.listening.len() < before { Granted::Yes } else { Granted::No }
                    }
                    other => panic!("unexpected: {other:?}"),
                };
                // ssh wants no answer to a cancellation.
                if let Some(ask) = ask {
                    ask.answer(granted);
                }
            }
            server::Event::Closed(reason) => self.closed = Some((reason.error, reason.to_string())),
            other => panic!("unexpected: {other:?}"),
        }
        true
    }
}

/// Something on a channel; says how many bytes may be granted.
fn on_channel(flows: &mut BTreeMap<Channel, Flow>, notes: &Notes, channel: Channel, event: channel::Event<'_>) -> u32 {
    let (request, ask) = match event {
        channel::Event::Requested { open, ask } => {
            match connect(open) {
                Ok(input) => {
                    ask.answer(Ok(Accept { window: 2 << 20, data: b"" }));
                    if let Input::To(socket) = &input {
                        notes.read(channel.into_raw(), socket);
                    }
                    flows.insert(channel, Flow::accepted(input));
                }
                Err(reason) => ask.answer(Err(Refusal { reason, text: b"not here" })),
            }
            return 0;
        }
        channel::Event::Request { request, ask } => (request, ask),
        event => {
            let flow = flows.get_mut(&channel).expect("a channel of this server");
            if let (channel::Event::Opened { .. }, Input::To(socket)) = (&event, &flow.input) {
                notes.read(channel.into_raw(), socket);
            }
            let refused = matches!(event, channel::Event::Refused(_));
            let grant = flow.happened(event);
            if refused {
                flows.remove(&channel);
            }
            return grant;
        }
    };
    let flow = flows.get_mut(&channel).expect("a channel of this server");
    let granted = match request {
        Request::Env { name, value } => flow.env.insert(name.to_vec(), value.to_vec()).is_none(),
        Request::Exec { command } => flow.start(&String::from_utf8_lossy(command)),
        Request::Subsystem { name: b"echo" } | Request::Shell => flow.start("cat"),
        Request::Subsystem { .. } => false,
        Request::Pty { .. } | Request::WindowChange(_) | Request::Signal { .. } | Request::EndOfWrite => true,
        other => panic!("unexpected: {other:?}"),
    };
    if let Some(ask) = ask {
        ask.answer(granted);
    }
    0
}

/// What a channel is connected to, or why it is not.
fn connect(open: Open<'_>) -> Result<Input, u32> {
    let socket: Socket = match open {
        Open::Session => return Ok(Input::default()),
        Open::DirectTcpip { host, port, .. } => {
            let host = core::str::from_utf8(host).map_err(|_| Refusal::CONNECT_FAILED)?;
            let port = u16::try_from(port).map_err(|_| Refusal::CONNECT_FAILED)?;
            TcpStream::connect((host, port)).map_err(|_| Refusal::CONNECT_FAILED)?.into()
        }
        Open::DirectStreamlocal { path } => {
            UnixStream::connect(OsStr::from_bytes(path)).map_err(|_| Refusal::CONNECT_FAILED)?.into()
        }
        _ => return Err(Refusal::UNKNOWN_TYPE),
    };
    Ok(Input::To(socket))
}

impl Flow {
    /// Starts one of the programs that this server has; says whether there is such a one.
    fn start(&mut self, command: &str) -> bool {
        let (name, argument) = command.split_once(' ').unwrap_or((command, ""));
        self.ending = Ending::Status(0);
        match name {
            "cat" => self.input = Input::Echo,
            "cat-exit" => {
                self.input = Input::Echo;
                self.ending = Ending::Status(argument.parse().expect("a status"));
            }
            "die" => {
                self.ending = Ending::Signal("TERM", "told to");
                self.finish = true;
            }
            "both" => {
                self.out.extend(b"to stdout\n");
                self.errors.extend(b"to stderr\n");
                self.ending = Ending::Status(3);
                self.finish = true;
            }
            "env" => {
                self.out.extend(self.env.get(argument.as_bytes()).map_or(&b"unset"[..], |value| value));
                self.finish = true;
            }
            "count" => self.input = Input::Count,
            _ => return false,
        }
        true
    }
}
