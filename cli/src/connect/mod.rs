//! `sansh connect`: one connection, one channel, standard input and output at its ends.
//!
//! ```text
//!  HostKey -> LoginNeeded, Sign -> Ready -> open session -> Opened -> request -> Replied -> data both ways
//!                                                                        -> exit-status, Eof, Closed -> the end
//! ```

mod hosts;
mod login;
mod options;

use crate::algorithms::provider;
use crate::clock;
use crate::level::Level;
use crate::link::Link;
use crate::poll::Poll;
use crate::problem::{Doing, Problem, printable};
use crate::pump::{Pump, Sink, Source, WINDOW, Which, grant};
use crate::say::tell;
use hosts::Hosts;
use login::Logins;
use options::{Options, What};
use sansh::ask::Trust;
use sansh::channel::{Channel, Open, Request, Stream};
use sansh::config::Config;
use sansh::crypto::Seed;
use sansh::event::{channel, client};
use sansh::{Client, Connection, Disconnect, Limits, SECOND, SendError, Shared, Window};
use std::fs::File;
use std::net::{TcpStream, ToSocketAddrs};
use std::os::fd::{AsFd, OwnedFd};

pub(crate) fn run(arguments: lexopt::Parser) -> Result<u8, Problem> {
    let options = options::read(arguments)?;
    let config = config(&options).doing("configuration")?;
    let logins = Logins::new(&options)?;
    let net = dial(&options)?;
    let seed = Seed::os().doing("random numbers")?;
    let conn = Connection::<Client>::new(Shared::new(config), seed, clock::now()).doing("connection")?;
    let link = Link::new(conn, net).doing("socket")?;
    let session = Session { channel: None, step: Step::Open, pump: None, status: None, end: None };
    Run { hosts: Hosts::new(&options), options, link, logins, session, refusal: None }.run()
}

fn config(options: &Options) -> Result<Config<Client>, sansh::config::ConfigError> {
    let mut config = Config::new(provider());
    options.algorithms.apply(&mut config)?;
    // A person may have to look for a fingerprint or a password.
    if !options.batch {
        config.kex_time(600 * SECOND).login_time(600 * SECOND);
    }
    let mut limits = Limits::default();
    limits.trace = options.level.trace_bytes();
    config.limits(limits)?;
    Ok(config)
}

fn dial(options: &Options) -> Result<TcpStream, Problem> {
    let (host, port) = (options.host.as_str(), options.port);
    let what = format!("{host} port {port}");
    let addresses = (host, port).to_socket_addrs().doing(&what)?;
    let mut last = Problem::new(format!("{what}: the name has no address of this kind"));
    for address in addresses.filter(|address| options.family.is_none_or(|v6| address.is_ipv6() == v6)) {
        match TcpStream::connect(address).doing(&what) {
            Ok(net) => return Ok(net),
            Err(problem) => last = problem,
        }
    }
    Err(last)
}

/// A client at work.
struct Run {
    options: Options,
    link: Link<Client>,
    hosts: Hosts,
    logins: Logins,
    session: Session,
    /// Why this side is about to end the connection.
    refusal: Option<Problem>,
}

/// The one channel.
struct Session {
    channel: Option<Channel>,
    step: Step,
    pump: Option<Pump>,
    status: Option<u8>,
    /// How the program ends, once standard output has everything.
    end: Option<Result<u8, Problem>>,
}

/// What is to be done next on the way to a running command.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Step {
    /// Wait for the login.
    Open,
    /// Open the channel, as soon as there is room.
    OpenNow,
    /// Wait for the channel.
    Request,
    /// Request, as soon as there is room.
    RequestNow,
    /// Wait for the answer, and then for the end.
    Run,
}

#[derive(Clone, Copy)]
enum Token {
    Net,
    End(Which),
}

impl Run {
    fn run(mut self) -> Result<u8, Problem> {
        loop {
            self.turn();
            let drained = self.session.pump.as_ref().is_none_or(Pump::sinks_ended);
            if let Some(end) = self.session.end.take_if(|_| drained) {
                self.link.conn.disconnect(Disconnect::default());
                self.link.transmit();
                return end;
            }
            let mut poll = Poll::new();
            poll.add(Token::Net, self.link.fd(), self.link.wants_read(), self.link.wants_write());
            if let Some(pump) = &self.session.pump {
                pump.interests(&mut poll, Token::End);
            }
            let ready = poll.wait(self.link.conn.next_timeout()).doing("poll")?;
            for (token, ready) in ready {
                match token {
                    Token::Net if ready.read => self.link.receive(),
                    Token::Net => {}
                    Token::End(which) => {
                        if let Some(pump) = &mut self.session.pump {
                            pump.ready(&mut self.link.conn, which, ready);
                        }
                    }
                }
            }
            self.link.tick();
        }
    }

    /// Events until there are none, then what is to go; and again, as long as something went.
    fn turn(&mut self) {
        loop {
            while self.event() {}
            self.step();
            if let Some(pump) = &mut self.session.pump {
                pump.finish_if_ended(&mut self.link.conn);
                // Nobody reads standard output any more; a command that writes for ever must not run for ever.
                if pump.is_broken() {
                    self.session.over(Ok(255));
                }
            }
            self.link.show_trace(|line| tell!("{line}"));
            if !self.link.transmit() {
                return;
            }
        }
    }

    /// One event.
    fn event(&mut self) -> bool {
        let Some(event) = self.link.conn.next_event() else { return false };
        match event {
            client::Event::HostKey { key, ask, .. } => {
                // Nothing else goes on before the answer, so that this program may wait for a person right here.
                let verdict = self.hosts.judge(key);
                ask.answer(Trust::from(verdict.is_ok()));
                self.refusal = verdict.err();
            }
            client::Event::LoginNeeded { methods, ask, .. } => {
                if let Err(problem) = self.logins.answer(methods, ask) {
                    self.refusal = Some(problem);
                }
            }
            client::Event::Sign { algorithm, key, message, ask, .. } => {
                let signature = self.logins.sign(algorithm, key, message);
                ask.answer(signature.as_deref());
            }
            client::Event::Banner(text) if self.options.level >= Level::Info => tell!("{}", printable(text).trim_end()),
            client::Event::Ready { .. } => self.session.step = Step::OpenNow,
            client::Event::Channel(channel, channel::Event::Data { stream, bytes }) => {
                if let Some(pump) = &mut self.session.pump {
                    let n = pump.data(stream, bytes);
                    grant(&mut self.link.conn, channel, n);
                }
            }
            client::Event::Channel(_, event) => self.session.event(event, &self.options),
            client::Event::Closed(reason) => {
                let host = &self.options.host;
                let problem = Problem::new(format!("{host} port {}: {reason}", self.options.port));
                let problem = self.refusal.take().unwrap_or(problem);
                self.session.over(Err(problem));
            }
            _ => {}
        }
        true
    }

    /// Does what is due on the way to a running command. Without room now it comes here again with the next event.
    fn step(&mut self) {
        let conn = &mut self.link.conn;
        let done = match (self.session.step, self.session.channel) {
            (Step::OpenNow, _) => conn.open(Open::Session, Window::Fixed(WINDOW)).map(|channel| {
                self.session.channel = Some(channel);
                Step::Request
            }),
            (Step::RequestNow, Some(channel)) => {
                // Nobody says whether a variable was taken, and nothing depends on it.
                while let Some((name, value)) = self.options.environment.last() {
                    match conn.request(channel, Request::Env { name, value }) {
                        Err(SendError::Full | SendError::Rekeying) => return,
                        _ => drop(self.options.environment.pop()),
                    }
                }
                conn.request(channel, self.options.what.request()).map(|_| Step::Run)
            }
            _ => return,
        };
        match done {
            Ok(next) => self.session.step = next,
            Err(SendError::Full | SendError::Window | SendError::Rekeying) => {}
            Err(error) => self.session.over(Err(Problem::new(format!("{}: {error}", self.options.what)))),
        }
    }
}

impl Session {
    fn event(&mut self, event: channel::Event<'_>, options: &Options) {
        match event {
            channel::Event::Opened { .. } => match self.outputs() {
                Ok(pump) => {
                    self.pump = Some(pump);
                    self.step = Step::RequestNow;
                }
                Err(problem) => self.over(Err(problem)),
            },
            channel::Event::Refused(refusal) => {
                let text = printable(refusal.text);
                self.over(Err(Problem::new(format!(
                    "the server opens no session: {text} (reason {})",
                    refusal.reason
                ))));
            }
            channel::Event::Replied { ok: true, .. } => match input(options) {
                Ok(source) => self.pump = self.pump.take().map(|pump| pump.with_source(source)),
                Err(problem) => self.over(Err(problem)),
            },
            channel::Event::Replied { ok: false, .. } => {
                self.over(Err(Problem::new(format!("the server refuses the {}", options.what))));
            }
            channel::Event::Request { request: Request::ExitStatus(status), .. } => self.status = Some(status as u8),
            channel::Event::Request { request: Request::ExitSignal { signal, .. }, .. } => {
                if options.level >= Level::Error {
                    tell!("sansh: the command was ended by signal {}", printable(signal));
                }
                self.status = Some(255);
            }
            channel::Event::Writable => {
                if let Some(pump) = &mut self.pump {
                    pump.writable();
                }
            }
            channel::Event::Eof => {
                if let Some(pump) = &mut self.pump {
                    pump.no_more_data();
                }
            }
            // As ssh(1): a command that does not say how it ended did not end well.
            channel::Event::Closed => self.over(Ok(self.status.unwrap_or(255))),
            _ => {}
        }
    }

    /// The first end counts.
    fn over(&mut self, end: Result<u8, Problem>) {
        self.end.get_or_insert(end);
        if let Some(pump) = &mut self.pump {
            pump.no_more_data();
        }
    }

    fn outputs(&self) -> Result<Pump, Problem> {
        let channel = self.channel.ok_or_else(|| Problem::new("a channel that was not asked for"))?;
        let output = Sink::shared(duplicate(std::io::stdout().as_fd())?).doing("standard output")?;
        let errors = Sink::shared(duplicate(std::io::stderr().as_fd())?).doing("standard error")?;
        Ok(Pump::new(channel).with_sink(Stream::Main, output).with_sink(Stream::Stderr, errors))
    }
}

/// Standard input, or nothing.
fn input(options: &Options) -> Result<Source, Problem> {
    let fd = match options.no_input {
        true => File::open("/dev/null").doing("/dev/null")?.into(),
        false => duplicate(std::io::stdin().as_fd())?,
    };
    Ok(Source::shared(fd, Stream::Main))
}

fn duplicate(fd: std::os::fd::BorrowedFd<'_>) -> Result<OwnedFd, Problem> {
    fd.try_clone_to_owned().doing("standard input and output")
}

impl What {
    fn request(&self) -> Request<'_> {
        match self {
            What::Shell => Request::Shell,
            What::Command(command) => Request::Exec { command },
            What::Subsystem(name) => Request::Subsystem { name },
        }
    }
}
