//! `sansh serve`: many connections, each with many channels, in one loop on one thread.
//!
//! ```text
//!  listeners --accept--> Visitor (Link<Server> and its carriers)
//!                           |  Requested, exec, subsystem …
//!                           +--> Process    the user's shell, three pipes
//!                           +--> Dialer     a socket that is being connected; answered later
//! ```

mod carrier;
mod config;
mod dial;
mod login;
mod visitor;

use crate::clock;
use crate::level::Level;
use crate::poll::Poll;
use crate::problem::{Doing, Problem};
use crate::say::say;
use config::Settings;
use dial::Dialer;
use lexopt::{Arg, Parser};
use sansh::crypto::Seed;
use sansh::{Connection, Instant, SECOND, Server as Role};
use signal_hook::consts::{SIGCHLD, SIGINT, SIGTERM};
use std::collections::BTreeMap;
use std::io::{ErrorKind, Read};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::os::fd::AsFd;
use std::os::unix::net::UnixStream;
use std::path::PathBuf;
use std::rc::Rc;
use visitor::Visitor;
pub(crate) use visitor::{TLV_KEY, TLV_USER};

const USAGE: &str = "usage: sansh serve -f FILE";

/// Connections at one time. Each holds descriptors, of which a process has about a thousand.
const MAX_VISITORS: usize = 256;

pub(crate) fn run(mut arguments: Parser) -> Result<u8, Problem> {
    let usage = |cause: lexopt::Error| Problem::new(format!("{cause}; {USAGE}"));
    let mut file: Option<PathBuf> = None;
    while let Some(argument) = arguments.next().map_err(usage)? {
        match argument {
            Arg::Short('f') => file = Some(arguments.value().map_err(usage)?.into()),
            // It never goes to the background, and always speaks to standard error.
            Arg::Short('D' | 'e') => {}
            Arg::Short('h') | Arg::Long("help") => {
                say!("{USAGE}");
                return Ok(0);
            }
            other => return Err(usage(other.unexpected())),
        }
    }
    let file = file.ok_or_else(|| Problem::new(format!("-f is missing: name the configuration file; {USAGE}")))?;
    let settings = Rc::new(config::read(&file)?);
    Server::new(settings)?.run()
}

struct Server {
    settings: Rc<Settings>,
    listeners: Vec<TcpListener>,
    /// No connection is accepted before: there were no descriptors left.
    pause: Instant,
    visitors: BTreeMap<u64, Visitor>,
    serial: u64,
    dialer: Rc<Dialer>,
    /// Readable when the program is to end.
    end: UnixStream,
    /// Readable when a child has ended.
    children: UnixStream,
}

#[derive(Clone, Copy)]
enum Token {
    Listener(usize),
    End,
    Children,
    Dialed,
    Visitor(u64, visitor::Token),
}

impl Server {
    fn new(settings: Rc<Settings>) -> Result<Self, Problem> {
        let mut listeners = Vec::new();
        for address in &settings.listen {
            let listener = TcpListener::bind(address).doing(format!(
                "ListenAddress {} port {}: choose another Port",
                address.ip(),
                address.port()
            ))?;
            listener.set_nonblocking(true).doing("socket")?;
            let bound = listener.local_addr().doing("socket")?;
            settings.log(Level::Error, &format!("Listening on {} port {}.", bound.ip(), bound.port()));
            listeners.push(listener);
        }
        Ok(Server {
            listeners,
            pause: Instant(0),
            visitors: BTreeMap::new(),
            serial: 0,
            dialer: Rc::new(Dialer::new().doing("socket pair")?),
            end: signals(&[SIGTERM, SIGINT]).doing("signals")?,
            children: signals(&[SIGCHLD]).doing("signals")?,
            settings,
        })
    }

    fn run(mut self) -> Result<u8, Problem> {
        loop {
            for (token, ready) in self.interests().doing("poll")? {
                match token {
                    Token::End => {
                        self.visitors.values_mut().for_each(Visitor::dismiss);
                        return Ok(0);
                    }
                    Token::Listener(nth) => self.accept(nth),
                    Token::Children => {
                        empty(&mut self.children);
                        self.visitors.values_mut().for_each(Visitor::reap);
                    }
                    Token::Dialed => {
                        for dialed in self.dialer.take() {
                            if let Some(visitor) = self.visitors.get_mut(&dialed.visitor) {
                                visitor.dialed(dialed);
                            }
                        }
                    }
                    Token::Visitor(id, token) => {
                        if let Some(visitor) = self.visitors.get_mut(&id) {
                            visitor.ready(token, ready);
                        }
                    }
                }
            }
            self.visitors.values_mut().for_each(Visitor::turn);
            self.visitors.retain(|_, visitor| !visitor.is_gone());
        }
    }

    /// Waits for anything.
    fn interests(&self) -> std::io::Result<Vec<(Token, crate::poll::Ready)>> {
        let mut poll = Poll::new();
        let mut until = None;
        poll.add(Token::End, self.end.as_fd(), true, false);
        poll.add(Token::Children, self.children.as_fd(), true, false);
        poll.add(Token::Dialed, self.dialer.fd(), true, false);
        let pausing = self.pause > clock::now();
        if pausing {
            until = Some(self.pause);
        } else if self.visitors.len() < MAX_VISITORS {
            for (nth, listener) in self.listeners.iter().enumerate() {
                poll.add(Token::Listener(nth), listener.as_fd(), true, false);
            }
        }
        for (id, visitor) in &self.visitors {
            visitor.interests(&mut poll, |token| Token::Visitor(*id, token));
            until = until.into_iter().chain(visitor.next_timeout()).min();
        }
        poll.wait(until)
    }

    fn accept(&mut self, nth: usize) {
        let Some(listener) = self.listeners.get(nth) else { return };
        match listener.accept() {
            Ok((net, peer)) => match self.welcome(net, peer) {
                Ok(visitor) => {
                    self.visitors.insert(self.serial, visitor);
                    self.serial += 1;
                }
                Err(problem) => self.settings.log(Level::Error, &format!("{peer}: {problem}")),
            },
            Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::Interrupted) => {}
            Err(error) => {
                self.settings.log(Level::Error, &format!("accept: {error}"));
                self.pause = clock::now().plus(SECOND);
            }
        }
    }

    fn welcome(&self, net: TcpStream, peer: SocketAddr) -> Result<Visitor, Problem> {
        let seed = Seed::os().doing("random numbers")?;
        let conn = Connection::<Role>::new(self.settings.config.clone(), seed, clock::now()).doing("connection")?;
        Visitor::new(self.serial, conn, net, peer, Rc::clone(&self.settings), Rc::clone(&self.dialer)).doing("socket")
    }
}

/// A socket that becomes readable when one of these signals comes.
fn signals(signals: &[i32]) -> std::io::Result<UnixStream> {
    let (read, write) = UnixStream::pair()?;
    read.set_nonblocking(true)?;
    for signal in signals {
        signal_hook::low_level::pipe::register(*signal, write.try_clone()?)?;
    }
    Ok(read)
}

fn empty(socket: &mut UnixStream) {
    let mut bytes = [0; 64];
    while matches!(socket.read(&mut bytes), Ok(n) if n > 0) {}
}
