//! One connection of the server: its login, its channels, its forwardings.

use super::carrier::{Carrier, Far};
use super::config::{Settings, Subsystem};
use super::dial::{Dialed, Dialer, Target};
use super::login::{Admitted, admit};
use crate::level::Level;
use crate::link::Link;
use crate::poll::{Poll, Ready};
use crate::problem::printable;
use crate::pump::{Pump, WINDOW, Which, grant};
use crate::say::tell;
use proxy_header::{ProxiedAddress, ProxyHeader, Tlv};
use sansh::ask::{Accept, Ask, Asking, Granted, Opening, Permission, Refusal, Verdict};
use sansh::channel::{Channel, Global, Open, Request};
use sansh::error::code;
use sansh::event::{channel, global, server};
use sansh::{Connection, Disconnect, Instant, SendError, Server, Window};
use std::collections::{HashMap, VecDeque};
use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::ffi::OsStrExt;
use std::path::PathBuf;
use std::rc::Rc;

/// TLVs of the PROXY header that are the application's own: the user who logged in, and the key's fingerprint.
pub(crate) const TLV_USER: u8 = 0xe0;
pub(crate) const TLV_KEY: u8 = 0xe1;

pub(super) struct Visitor {
    link: Link<Server>,
    desk: Desk,
}

/// Everything but the link, so that an event, which borrows the link, can be dealt with here.
struct Desk {
    id: u64,
    settings: Rc<Settings>,
    dialer: Rc<Dialer>,
    peer: SocketAddr,
    local: SocketAddr,
    who: Option<Admitted>,
    carriers: HashMap<Channel, Carrier>,
    /// Questions that wait for a socket.
    waiting: HashMap<u64, Waiting>,
    serial: u64,
    forwards: Vec<Forward>,
    /// Connections that came in for a forwarding, until there is room to open their channels.
    arrivals: VecDeque<Arrival>,
    over: bool,
}

enum Waiting {
    Opening(Channel, Ask<Opening>),
    Permission(Channel, Option<Ask<Permission>>),
}

/// `tcpip-forward`: listens here for the client.
struct Forward {
    /// As the client wrote it, and wants to read it.
    address: Vec<u8>,
    port: u16,
    listener: TcpListener,
}

struct Arrival {
    address: Vec<u8>,
    port: u16,
    from: SocketAddr,
    socket: TcpStream,
}

#[derive(Clone, Copy)]
pub(super) enum Token {
    Net,
    Channel(Channel, Which),
    Forward(usize),
}

impl Visitor {
    pub(super) fn new(
        id: u64,
        conn: Connection<Server>,
        net: TcpStream,
        peer: SocketAddr,
        settings: Rc<Settings>,
        dialer: Rc<Dialer>,
    ) -> io::Result<Self> {
        let local = net.local_addr()?;
        settings.log(Level::Verbose, &format!("{peer}: connected"));
        let desk = Desk {
            id,
            settings,
            dialer,
            peer,
            local,
            who: None,
            carriers: HashMap::new(),
            waiting: HashMap::new(),
            serial: 0,
            forwards: Vec::new(),
            arrivals: VecDeque::new(),
            over: false,
        };
        Ok(Visitor { link: Link::new(conn, net)?, desk })
    }

    pub(super) fn interests<'fd, T>(&'fd self, poll: &mut Poll<'fd, T>, token: impl Fn(Token) -> T) {
        poll.add(token(Token::Net), self.link.fd(), self.link.wants_read(), self.link.wants_write());
        for (channel, carrier) in &self.desk.carriers {
            carrier.pump.interests(poll, |which| token(Token::Channel(*channel, which)));
        }
        for (nth, forward) in self.desk.forwards.iter().enumerate() {
            poll.add(token(Token::Forward(nth)), forward.listener.as_fd(), true, false);
        }
    }

    pub(super) fn next_timeout(&self) -> Option<Instant> {
        self.link.conn.next_timeout()
    }

    /// Something is ready.
    pub(super) fn ready(&mut self, token: Token, ready: Ready) {
        match token {
            Token::Net if ready.read => self.link.receive(),
            Token::Net => {}
            Token::Channel(channel, which) => {
                if let Some(carrier) = self.desk.carriers.get_mut(&channel) {
                    carrier.pump.ready(&mut self.link.conn, which, ready);
                }
            }
            Token::Forward(nth) => self.desk.accept(nth),
        }
    }

    /// Events until there are none, then what is to go; and again, as long as something went.
    pub(super) fn turn(&mut self) {
        self.link.tick();
        loop {
            while self.event() {}
            self.desk.settle(&mut self.link.conn);
            if self.desk.settings.level >= Level::Debug {
                self.link.show_trace(|line| tell!("{}: {line}", self.desk.peer));
            }
            if !self.link.transmit() {
                return;
            }
        }
    }

    /// Whether the connection has ended, its last words are out, and its processes are reaped.
    pub(super) fn is_gone(&mut self) -> bool {
        let said = self.desk.over && !self.link.wants_write();
        if said {
            self.link.shut();
        }
        said && self.desk.carriers.is_empty()
    }

    /// The server ends.
    pub(super) fn dismiss(&mut self) {
        self.link.conn.disconnect(Disconnect { code: code::BY_APPLICATION, text: "the server ends" });
        self.link.transmit();
    }

    /// A child has ended, perhaps one of ours.
    pub(super) fn reap(&mut self) {
        self.desk.carriers.values_mut().for_each(Carrier::reap);
    }

    /// A socket is connected, or not.
    pub(super) fn dialed(&mut self, dialed: Dialed) {
        let conn = &mut self.link.conn;
        let desk = &mut self.desk;
        // An answer that finds its channel gone is refused as stale, and the socket closes.
        match (desk.waiting.remove(&dialed.number), dialed.socket) {
            (Some(Waiting::Opening(channel, ask)), Ok(socket)) => {
                let carrier = Pump::awaited(channel).and_then(|pump| {
                    let mut carrier = Carrier::new(pump, Far::Coming);
                    carrier.attach(socket, false).map(|()| carrier)
                });
                match carrier {
                    Ok(carrier) => {
                        if conn.answer(ask, Ok(Accept { window: WINDOW, data: b"" })).is_ok() {
                            desk.carriers.insert(channel, carrier);
                        }
                    }
                    Err(error) => refuse(conn, ask, &error),
                }
            }
            (Some(Waiting::Opening(_, ask)), Err(error)) => refuse(conn, ask, &error),
            (Some(Waiting::Permission(channel, ask)), socket) => {
                let Some(carrier) = desk.carriers.get_mut(&channel) else { return };
                let attached = socket.and_then(|socket| carrier.attach(socket, true));
                if let Err(error) = &attached {
                    desk.settings.log(Level::Error, &format!("{}: subsystem: {error}", desk.peer));
                    desk.carriers.remove(&channel);
                }
                if let Some(ask) = ask {
                    let _ = conn.answer(ask, attached.is_ok());
                }
            }
            (None, _) => {}
        }
    }

    /// One event.
    fn event(&mut self) -> bool {
        let Visitor { link, desk } = self;
        let Some(event) = link.conn.next_event() else { return false };
        match event {
            server::Event::Sign { algorithm, key, message, ask, .. } => {
                let own = desk.settings.host_keys.iter().find(|own| own.public_blob() == key.blob());
                let signature = own.and_then(|own| own.sign(algorithm, message).ok());
                ask.answer(signature.as_deref());
            }
            server::Event::KeyQuery { user, key, ask } => ask.answer(admit(&desk.settings, user, key).is_some()),
            server::Event::Login { user, method, ask, .. } => {
                let admitted = match method {
                    server::Method::PublicKey { key, .. } => admit(&desk.settings, user, key),
                    _ => None,
                };
                desk.log_login(user, &method, admitted.as_ref());
                ask.answer(if admitted.is_some() { Verdict::Accept } else { Verdict::Deny { go_on: "" } });
                desk.who = admitted;
            }
            server::Event::Channel(channel, channel::Event::Data { stream, bytes }) => {
                if let Some(carrier) = desk.carriers.get_mut(&channel) {
                    let n = carrier.pump.data(stream, bytes);
                    grant(&mut link.conn, channel, n);
                }
            }
            server::Event::Channel(channel, event) => desk.channel(channel, event),
            server::Event::Global(global::Event::Requested { request, ask }) => {
                let granted = desk.global(request);
                if let Some(ask) = ask {
                    ask.answer(granted);
                }
            }
            server::Event::Closed(reason) => {
                let text = format!("{}: ended: {reason}", desk.peer);
                let calm = matches!(reason.error, sansh::error::Error::Disconnected { .. } | sansh::error::Error::Eof);
                desk.settings.log(if calm { Level::Verbose } else { Level::Info }, &text);
                desk.end();
            }
            _ => {}
        }
        true
    }
}

impl Desk {
    fn channel(&mut self, channel: Channel, event: channel::Event<'_>) {
        match event {
            channel::Event::Requested { open, ask } => self.requested(channel, open, ask),
            channel::Event::Request { request, ask } => self.request(channel, request, ask),
            channel::Event::Opened { .. } => {
                if let Some(carrier) = self.carriers.get_mut(&channel) {
                    carrier.pump.writable();
                    carrier.far = Far::Socket { session: false };
                }
            }
            channel::Event::Refused(_) => drop(self.carriers.remove(&channel)),
            channel::Event::Writable => {
                if let Some(carrier) = self.carriers.get_mut(&channel) {
                    carrier.pump.writable();
                }
            }
            channel::Event::Eof => {
                if let Some(carrier) = self.carriers.get_mut(&channel) {
                    carrier.pump.no_more_data();
                }
            }
            channel::Event::Closed => {
                if let Some(carrier) = self.carriers.get_mut(&channel) {
                    carrier.close();
                }
            }
            _ => {}
        }
    }

    /// The client opens a channel.
    fn requested(&mut self, channel: Channel, open: Open<'_>, ask: Asking<'_, Opening>) {
        let target = match open {
            Open::Session => return ask.answer(Ok(Accept { window: WINDOW, data: b"" })),
            Open::DirectTcpip { host, port, .. } => match (str::from_utf8(host), u16::try_from(port)) {
                (Ok(host), Ok(port)) => Target::Tcp { host: host.to_owned(), port },
                _ => return ask.answer(Err(Refusal { reason: Refusal::CONNECT_FAILED, text: b"no such address" })),
            },
            Open::DirectStreamlocal { path } => Target::Unix(PathBuf::from(std::ffi::OsStr::from_bytes(path))),
            _ => return ask.answer(Err(Refusal { reason: Refusal::UNKNOWN_TYPE, text: b"unknown channel type" })),
        };
        if !self.may_forward() {
            return ask.answer(Err(Refusal { reason: Refusal::PROHIBITED, text: b"this key may not forward" }));
        }
        self.settings.log(Level::Verbose, &format!("{}: forwards to {target}", self.peer));
        let ask = ask.later();
        self.dial(target, Vec::new(), Waiting::Opening(channel, ask));
    }

    /// The client requests something in a session.
    fn request(&mut self, channel: Channel, request: Request<'_>, ask: Option<Asking<'_, Permission>>) {
        let (subsystem, command) = match request {
            Request::Shell => (None, None),
            Request::Exec { command } => (None, Some(command)),
            Request::Subsystem { name } => match self.settings.subsystems.get(name) {
                Some(subsystem) => (Some(subsystem.clone()), Some(name)),
                None => {
                    let text = format!("{}: there is no subsystem `{}`", self.peer, printable(name));
                    self.settings.log(Level::Info, &text);
                    return;
                }
            },
            // Unanswered is refused.
            _ => return,
        };
        let Some(who) = self.who.clone() else { return };
        if self.carriers.contains_key(&channel) {
            return;
        }
        // A key with a command of its own runs that one, whatever was asked for.
        let started = match (&who.rules.command, subsystem) {
            (Some(forced), _) => self.run(channel, Some(forced.as_bytes()), command, &who),
            (None, None) => self.run(channel, command, None, &who),
            (None, Some(Subsystem::Command(line))) => self.run(channel, Some(line.as_bytes()), None, &who),
            (None, Some(Subsystem::Socket { target, identity })) => {
                let greeting = if identity { self.introduction(&who) } else { Ok(Vec::new()) };
                let awaited = greeting.and_then(|greeting| Ok((greeting, Pump::awaited(channel)?)));
                match awaited {
                    Ok((greeting, pump)) => {
                        self.carriers.insert(channel, Carrier::new(pump, Far::Coming));
                        let ask = ask.map(Asking::later);
                        return self.dial(target, greeting, Waiting::Permission(channel, ask));
                    }
                    Err(error) => Err(error),
                }
            }
        };
        if let Err(error) = &started {
            self.settings.log(Level::Error, &format!("{}: {}: {error}", self.peer, self.settings.me.shell.display()));
        }
        if let Some(ask) = ask {
            ask.answer(started.is_ok());
        }
    }

    fn run(
        &mut self,
        channel: Channel,
        command: Option<&[u8]>,
        original: Option<&[u8]>,
        who: &Admitted,
    ) -> io::Result<()> {
        let addresses = (self.peer, self.local);
        let carrier = Carrier::run(channel, command, original, &self.settings, who, addresses)?;
        self.carriers.insert(channel, carrier);
        Ok(())
    }

    /// The header that tells a service who logged in.
    fn introduction(&self, who: &Admitted) -> io::Result<Vec<u8>> {
        let fingerprint = who.fingerprint.to_string();
        let tlvs =
            [Tlv::Custom(TLV_USER, who.user.as_bytes().into()), Tlv::Custom(TLV_KEY, fingerprint.as_bytes().into())];
        let mut bytes = Vec::new();
        ProxyHeader::with_tlvs(Some(ProxiedAddress::stream(self.peer, self.local)), tlvs)
            .encode_v2(&mut bytes)
            .map_err(|error| io::Error::other(error.to_string()))?;
        Ok(bytes)
    }

    fn dial(&mut self, target: Target, greeting: Vec<u8>, waiting: Waiting) {
        self.serial += 1;
        self.waiting.insert(self.serial, waiting);
        self.dialer.dial(self.id, self.serial, target, greeting);
    }

    fn global(&mut self, request: Global<'_>) -> Granted<'static> {
        match request {
            Global::TcpipForward { address, port } if self.may_forward() => match self.listen(address, port) {
                Ok(bound) if port == 0 => Granted::Port(bound.into()),
                Ok(_) => Granted::Yes,
                Err(error) => {
                    self.settings.log(Level::Info, &format!("{}: cannot listen on port {port}: {error}", self.peer));
                    Granted::No
                }
            },
            Global::CancelTcpipForward { address, port } => {
                let place = self.forwards.iter().position(|f| f.address == address && u32::from(f.port) == port);
                match place {
                    Some(nth) => {
                        self.forwards.remove(nth);
                        Granted::Yes
                    }
                    None => Granted::No,
                }
            }
            _ => Granted::No,
        }
    }

    /// Listens for the client; on this machine only, whatever address it names, as sshd does by default.
    fn listen(&mut self, address: &[u8], port: u32) -> io::Result<u16> {
        let port = u16::try_from(port).map_err(|_| io::ErrorKind::InvalidInput)?;
        let ip: IpAddr = match str::from_utf8(address).ok().and_then(|text| text.parse().ok()) {
            Some(ip @ IpAddr::V6(_)) if IpAddr::is_loopback(&ip) => ip,
            _ => Ipv4Addr::LOCALHOST.into(),
        };
        let listener = TcpListener::bind((ip, port))?;
        listener.set_nonblocking(true)?;
        let port = listener.local_addr()?.port();
        self.forwards.push(Forward { address: address.to_vec(), port, listener });
        Ok(port)
    }

    /// Somebody connects to a forwarded port.
    fn accept(&mut self, nth: usize) {
        let Some(forward) = self.forwards.get(nth) else { return };
        if let Ok((socket, from)) = forward.listener.accept() {
            let _ = socket.set_nodelay(true);
            self.arrivals.push_back(Arrival { address: forward.address.clone(), port: forward.port, from, socket });
        }
    }

    fn may_forward(&self) -> bool {
        self.who.as_ref().is_some_and(|who| who.rules.forwarding)
    }

    /// What could not be said before, and what has become due.
    fn settle(&mut self, conn: &mut Connection<Server>) {
        while let Some(arrival) = self.arrivals.pop_front() {
            match self.open(conn, &arrival) {
                Ok(Some(channel)) => {
                    let carrier = Pump::awaited(channel).and_then(|pump| {
                        let mut carrier = Carrier::new(pump, Far::Coming);
                        carrier.pump.attach(OwnedFd::from(arrival.socket))?;
                        carrier.pump.hold();
                        Ok(carrier)
                    });
                    match carrier {
                        Ok(carrier) => drop(self.carriers.insert(channel, carrier)),
                        Err(_) => drop(conn.close(channel)),
                    }
                }
                Ok(None) => {
                    self.arrivals.push_front(arrival);
                    break;
                }
                Err(error) => self.settings.log(Level::Info, &format!("{}: forwarding: {error}", self.peer)),
            }
        }
        for (channel, carrier) in &mut self.carriers {
            carrier.settle(conn, *channel);
        }
        self.carriers.retain(|_, carrier| !carrier.is_over());
    }

    /// `None`: there is no room now.
    fn open(&self, conn: &mut Connection<Server>, arrival: &Arrival) -> Result<Option<Channel>, SendError> {
        let originator = arrival.from.ip().to_string();
        let open = Open::ForwardedTcpip {
            address: &arrival.address,
            port: arrival.port.into(),
            originator: originator.as_bytes(),
            originator_port: arrival.from.port().into(),
        };
        match conn.open(open, Window::Fixed(WINDOW)) {
            Ok(channel) => Ok(Some(channel)),
            Err(SendError::Full | SendError::Rekeying) => Ok(None),
            Err(error) => Err(error),
        }
    }

    fn log_login(&self, user: &[u8], method: &server::Method<'_>, admitted: Option<&Admitted>) {
        let (peer, user) = (self.peer, printable(user));
        let text = match (admitted, method) {
            (Some(who), _) => format!("{peer}: {user} logged in by {} {}", who.key_type, who.fingerprint),
            (None, server::Method::PublicKey { key, .. }) => {
                format!("{peer}: {user} not let in by {} {key}", key.key_type())
            }
            // "none" is how clients ask for the methods.
            (None, server::Method::None) => return,
            (None, _) => format!("{peer}: {user} not let in: only keys are taken here"),
        };
        self.settings.log(Level::Info, &text);
    }

    /// The connection is over. Far ends get what they still have to get only if they take it now.
    fn end(&mut self) {
        self.over = true;
        self.forwards.clear();
        self.arrivals.clear();
        self.waiting.clear();
        self.carriers.values_mut().for_each(Carrier::close);
    }
}

fn refuse(conn: &mut Connection<Server>, ask: Ask<Opening>, error: &io::Error) {
    let text = error.to_string();
    let _ = conn.answer(ask, Err(Refusal { reason: Refusal::CONNECT_FAILED, text: text.as_bytes() }));
}
