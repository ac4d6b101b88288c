//! A channel as `Read` and `Write`: the smallest way to embed a connection. One thread, one connection, one channel;
//! whoever reads or writes drives the connection as long as they have to wait.

use super::server::Server;
use crate::algorithms::provider;
use crate::clock;
use crate::level::Level;
use crate::link::Link;
use crate::poll::Poll;
use crate::pump::WINDOW;
use crate::say::say;
use sansh::Backlog;
use sansh::ask::{Login, Trust, With};
use sansh::channel::{Channel, Open, Request, Stream};
use sansh::config::Config;
use sansh::crypto::Seed;
use sansh::event::{channel, client};
use sansh::signer::PrivateKey;
use sansh::{Client, Connection, Disconnect, Limits, SendError, Shared, Window};
use std::fmt::Display;
use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::os::unix::ffi::OsStrExt;
use std::path::PathBuf;

/// How HTTP goes over SSH.
pub(super) enum Way {
    Subsystem(String),
    Command(String),
    Tcp(u16),
    Unix(PathBuf),
}

impl Way {
    pub(super) fn name(&self) -> &'static str {
        match self {
            Way::Subsystem(_) => "subsystem",
            Way::Command(_) => "command",
            Way::Tcp(_) => "TCP forwarding",
            Way::Unix(_) => "Unix-socket forwarding",
        }
    }

    /// Whether the server tells the service who logged in. A forwarding is a bare connection.
    pub(super) fn tells_identity(&self) -> bool {
        matches!(self, Way::Subsystem(_) | Way::Command(_))
    }

    fn open(&self) -> Open<'_> {
        match self {
            Way::Subsystem(_) | Way::Command(_) => Open::Session,
            Way::Tcp(port) => Open::DirectTcpip {
                host: b"127.0.0.1",
                port: u32::from(*port),
                originator: b"127.0.0.1",
                originator_port: 0,
            },
            Way::Unix(path) => Open::DirectStreamlocal { path: path.as_os_str().as_bytes() },
        }
    }

    /// What a session is for; the forwardings need no request.
    fn request(&self) -> Option<Request<'_>> {
        match self {
            Way::Subsystem(name) => Some(Request::Subsystem { name: name.as_bytes() }),
            Way::Command(command) => Some(Request::Exec { command: command.as_bytes() }),
            Way::Tcp(_) | Way::Unix(_) => None,
        }
    }
}

pub(super) struct Tunnel<'k> {
    link: Link<Client>,
    user: &'k str,
    key: &'k PrivateKey,
    host_key: Vec<u8>,
    /// Whether the key was offered already: it is offered once.
    offered: bool,
    state: State,
    inbox: Backlog,
}

enum State {
    Login,
    Ready,
    /// The channel is open, or the request granted: bytes go both ways.
    Open,
    /// The peer sends no more.
    Ended,
    Failed(String),
}

impl<'k> Tunnel<'k> {
    /// Connects, logs in, opens the channel, and requests what it is for.
    pub(super) fn open(
        server: &Server,
        user: &'k str,
        key: &'k PrivateKey,
        way: &Way,
        trace: bool,
    ) -> io::Result<OpenTunnel<'k>> {
        let mut config = Config::new(provider());
        let mut limits = Limits::default();
        limits.trace = if trace { Level::Debug.trace_bytes() } else { 0 };
        config.limits(limits).map_err(io::Error::other)?;
        let net = TcpStream::connect(("127.0.0.1", server.port))?;
        let seed = Seed::os().map_err(io::Error::other)?;
        let conn = Connection::new(Shared::new(config), seed, clock::now()).map_err(io::Error::other)?;
        let mut tunnel = Tunnel {
            link: Link::new(conn, net)?,
            user,
            key,
            host_key: server.host_key_blob.clone(),
            offered: false,
            state: State::Login,
            inbox: Backlog::new(WINDOW as usize).map_err(io::Error::other)?,
        };
        tunnel.until(|state| !matches!(state, State::Login))?;
        let channel = tunnel.send(|conn| conn.open(way.open(), Window::Fixed(WINDOW)))?;
        tunnel.until(|state| !matches!(state, State::Ready))?;
        if let Some(request) = way.request() {
            tunnel.state = State::Ready;
            tunnel.send(|conn| conn.request(channel, request))?;
            tunnel.until(|state| !matches!(state, State::Ready))?;
        }
        Ok(OpenTunnel { tunnel, channel })
    }

    /// Drives the connection until the state is as wanted.
    fn until(&mut self, done: impl Fn(&State) -> bool) -> io::Result<()> {
        loop {
            self.events();
            match &self.state {
                State::Failed(text) => return Err(io::Error::other(text.clone())),
                state if done(state) => return Ok(()),
                _ => self.wait()?,
            }
        }
    }

    /// Does something that may find no room at first.
    fn send<T>(&mut self, mut what: impl FnMut(&mut Connection<Client>) -> Result<T, SendError>) -> io::Result<T> {
        loop {
            match what(&mut self.link.conn) {
                Ok(done) => return Ok(done),
                Err(SendError::Full | SendError::Window | SendError::Rekeying) => {
                    self.events();
                    if let State::Failed(text) = &self.state {
                        return Err(io::Error::other(text.clone()));
                    }
                    self.wait()?;
                }
                Err(error) => return Err(io::Error::other(error)),
            }
        }
    }

    /// Waits for the network, and takes what came.
    fn wait(&mut self) -> io::Result<()> {
        let mut poll = Poll::new();
        poll.add((), self.link.fd(), self.link.wants_read(), self.link.wants_write());
        if poll.wait(self.link.conn.next_timeout())?.iter().any(|((), ready)| ready.read) {
            self.link.receive();
        }
        self.link.tick();
        self.events();
        Ok(())
    }

    /// Events until there are none, then what is to go; and again, as long as something went.
    fn events(&mut self) {
        loop {
            while self.event() {}
            self.link.show_trace(|line| say!("  {line}"));
            if !self.link.transmit() {
                return;
            }
        }
    }

    fn event(&mut self) -> bool {
        let Some(event) = self.link.conn.next_event() else { return false };
        match event {
            client::Event::HostKey { key, ask, .. } => ask.answer(Trust::from(key.blob() == self.host_key)),
            client::Event::LoginNeeded { ask, .. } if !self.offered => {
                self.offered = true;
                let with = With::PublicKey { algorithm: "ssh-ed25519", key: self.key.public_blob(), probe: false };
                ask.answer(Login::Try { user: self.user, with });
            }
            client::Event::Sign { algorithm, message, ask, .. } => {
                ask.answer(self.key.sign(algorithm, message).ok().as_deref());
            }
            client::Event::Ready { .. } => self.state = State::Ready,
            client::Event::Channel(_, event) => match event {
                channel::Event::Opened { .. } => self.state = State::Open,
                channel::Event::Replied { ok: true, .. } => self.state = State::Open,
                channel::Event::Replied { ok: false, .. } => self.fail("the server refuses the request"),
                channel::Event::Refused(refusal) => self.state = State::Failed(refusal.text.escape_ascii().to_string()),
                // The inbox is as large as the window, so that what is allowed to come fits.
                channel::Event::Data { stream: Stream::Main, bytes } => match self.inbox.push(bytes) {
                    Ok(()) => {}
                    Err(error) => self.fail(error),
                },
                channel::Event::Data { bytes, .. } => {
                    let _ = io::stderr().write_all(bytes);
                }
                channel::Event::Eof | channel::Event::Closed => self.state = State::Ended,
                _ => {}
            },
            client::Event::Closed(reason) => {
                let text = reason.to_string();
                self.fail(text);
            }
            _ => {}
        }
        true
    }

    fn fail(&mut self, text: impl Display) {
        self.state = State::Failed(text.to_string());
    }
}

/// A tunnel whose channel is open.
pub(super) struct OpenTunnel<'k> {
    tunnel: Tunnel<'k>,
    channel: Channel,
}

impl Read for OpenTunnel<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let tunnel = &mut self.tunnel;
        while tunnel.inbox.is_empty() {
            match &tunnel.state {
                State::Ended => return Ok(0),
                State::Failed(text) => return Err(io::Error::other(text.clone())),
                _ => tunnel.wait()?,
            }
        }
        let n = tunnel.inbox.front().read(into)?;
        // What was read may come again.
        let granted = tunnel.inbox.done(n);
        let _ = tunnel.link.conn.grant(self.channel, granted);
        tunnel.link.transmit();
        Ok(n)
    }
}

impl Write for OpenTunnel<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let channel = self.channel;
        let n = self.tunnel.send(|conn| {
            let mut writer = conn.writer(channel, Stream::Main)?;
            let space = writer.space();
            let n = space.len().min(bytes.len());
            for (place, byte) in space.iter_mut().zip(bytes) {
                *place = *byte;
            }
            writer.send(n);
            Ok(n)
        })?;
        self.tunnel.link.transmit();
        Ok(n)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.tunnel.events();
        Ok(())
    }
}

impl Drop for OpenTunnel<'_> {
    fn drop(&mut self) {
        let tunnel = &mut self.tunnel;
        let _ = tunnel.link.conn.close(self.channel);
        tunnel.events();
        tunnel.link.conn.disconnect(Disconnect::default());
        tunnel.events();
    }
}
