//! sansh as the client: one connection to a peer's server, from the first byte to the last.

use core::time::Duration;
use std::collections::VecDeque;
use std::net::TcpStream;
use std::time::Instant as Clock;

use sansh::ask::{Login, Trust, With};
use sansh::channel::{Channel, Open, Request};
use sansh::crypto::Provider;
use sansh::event::{channel, client};
use sansh::keys::{Certificate, Check};
use sansh::{Client, Config, Connection, SendError, Shared, Window};
use sansh_testkit::driver::{Driver, Turn};

use super::keys::{HOST, now};
use super::link::{PIECE, Seen, piece, push, take_trace};
use super::logins::{CLIENT_HOST, CLIENT_USER, Try};

/// So many pieces at most are sent so that the peer starts an exchange too.
const PIECES: usize = 12;

/// What the client is to do.
pub(crate) struct Errand<'a> {
    pub(crate) user: &'a str,
    /// The key that the server must show, unless it is a certificate.
    pub(crate) host_key: Vec<u8>,
    /// Who may sign a certificate.
    pub(crate) authorities: Vec<Vec<u8>>,
    pub(crate) provider: &'static dyn Provider,
    pub(crate) tries: Vec<Try>,
    /// The signature algorithm of the login, and of the plain key in a certificate.
    pub(crate) user_algorithms: Vec<String>,
    /// Starts an exchange when the first piece is back.
    pub(crate) rekey: bool,
    pub(crate) patience: Duration,
    /// Goes on until the peer has started an exchange too.
    pub(crate) until_theirs: bool,
}

/// Where it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    Login,
    Open,
    Opening,
    Exec,
    Asked,
    /// The first piece is on its way and back.
    Before,
    /// sansh's own exchange runs.
    Rekey {
        before: u64,
    },
    /// Another piece.
    After,
    Ending,
    Closed,
}

struct Visit<'a> {
    driver: Driver<Client>,
    errand: Errand<'a>,
    tries: VecDeque<Try>,
    current: Option<Try>,
    stage: Stage,
    channel: Option<Channel>,
    out: VecDeque<u8>,
    back: Vec<u8>,
    pieces: usize,
    status: Option<u32>,
    seen: Seen,
}

/// Runs the errand. The error says how far it came.
pub(crate) fn run(stream: TcpStream, mut errand: Errand<'_>, config: Shared<Config<Client>>) -> Result<Seen, String> {
    let mut visit = Visit {
        driver: Driver::new(stream, |seed, now| Connection::new(config, seed, now).expect("memory")),
        tries: core::mem::take(&mut errand.tries).into(),
        errand,
        current: None,
        stage: Stage::Login,
        channel: None,
        out: VecDeque::new(),
        back: Vec::new(),
        pieces: 0,
        status: None,
        seen: Seen::default(),
    };
    let end = Clock::now() + visit.errand.patience;
    let mut said_goodbye = false;
    loop {
        while visit.event()? {}
        visit.step();
        take_trace(&mut visit.driver.connection, &mut visit.seen.trace);
        if visit.stage == Stage::Closed && !said_goodbye && visit.seen.closed.is_none() {
            said_goodbye = true;
            visit.driver.connection.disconnect(sansh::Disconnect::default());
            continue;
        }
        if visit.seen.closed.is_some() {
            visit.driver.hang_up();
            visit.seen.end(&visit.driver.connection, false);
            let names = &visit.errand.user_algorithms;
            visit.seen.not_named = !names.iter().any(|name| visit.driver.connection.server_takes(name));
            return Ok(visit.seen);
        }
        let left = end.saturating_duration_since(Clock::now());
        if left.is_zero() {
            return Err(format!("not done in time at {:?}: {}", visit.stage, visit.seen.tail()));
        }
        if let Turn::Noted(note) = visit.driver.turn(left.min(Duration::from_secs(1))) {
            return Err(format!("an unexpected note: {note:?}"));
        }
    }
}

impl Visit<'_> {
    /// Does what is to be done next, if it can be done now; else it is tried again after the next event.
    fn step(&mut self) {
        let connection = &mut self.driver.connection;
        match (self.stage, self.channel) {
            (Stage::Open, _) => match connection.open(Open::Session, Window::default()) {
                Ok(channel) => (self.stage, self.channel) = (Stage::Opening, Some(channel)),
                Err(SendError::Full | SendError::Rekeying) => {}
                Err(other) => panic!("open: {other}"),
            },
            (Stage::Exec, Some(channel)) => match connection.request(channel, Request::Exec { command: b"cat" }) {
                Ok(_) => self.stage = Stage::Asked,
                Err(SendError::Full | SendError::Rekeying) => {}
                Err(other) => panic!("request: {other}"),
            },
            (Stage::Before | Stage::After, Some(channel)) => {
                let sent = push(connection, channel, &mut self.out);
                if sent && self.back.len() == self.pieces * PIECE {
                    self.piece_is_back(channel);
                }
            }
            (Stage::Rekey { before }, _) if connection.counters().exchanges > before => {
                self.stage = Stage::After;
                self.next_piece();
                self.step();
            }
            _ => {}
        }
    }

    fn next_piece(&mut self) {
        self.pieces += 1;
        self.out.extend(piece());
    }

    fn piece_is_back(&mut self, channel: Channel) {
        let connection = &mut self.driver.connection;
        if self.stage == Stage::Before && self.errand.rekey {
            self.stage = Stage::Rekey { before: connection.counters().exchanges };
            connection.rekey();
            return;
        }
        self.stage = Stage::After;
        take_trace(connection, &mut self.seen.trace);
        self.seen.end(connection, false);
        if self.errand.until_theirs && self.seen.theirs == 0 && self.pieces < PIECES {
            self.next_piece();
            self.step();
        } else {
            self.stage = Stage::Ending;
            connection.finish(channel).expect("open");
        }
    }

    fn event(&mut self) -> Result<bool, String> {
        let Some(event) = self.driver.connection.next_event() else { return Ok(false) };
        match event {
            client::Event::HostKey { key, ask, .. } => match Certificate::parse(key.blob()) {
                Ok(certificate) => {
                    let check = Check::host(HOST, now(), &self.errand.authorities, self.errand.provider);
                    let checked = certificate.check(check).map_err(|error| format!("host certificate: {error}"))?;
                    ask.answer(Trust::Certificate(checked));
                }
                Err(_) => ask.answer(Trust::from(key.blob() == self.errand.host_key)),
            },
            client::Event::LoginNeeded { partial, ask, .. } => {
                self.seen.partials += usize::from(partial);
                self.current = self.tries.pop_front();
                let with = match &self.current {
                    None => {
                        ask.answer(Login::GiveUp);
                        return Ok(true);
                    }
                    Some(Try::Password(word)) => With::Password(word),
                    Some(Try::Key { algorithm, blob, .. }) => With::PublicKey { algorithm, key: blob, probe: true },
                    Some(Try::Interactive(_)) => With::Interactive { submethods: "" },
                    Some(Try::HostBased { algorithm, blob, .. }) => {
                        With::HostBased { algorithm, key: blob, host: CLIENT_HOST, user: CLIENT_USER }
                    }
                };
                ask.answer(Login::Try { user: self.errand.user, with });
            }
            client::Event::Sign { algorithm, message, ask, .. } => {
                let Some(Try::Key { signer, .. } | Try::HostBased { signer, .. }) = &self.current else {
                    return Err("a signature of nothing".into());
                };
                ask.answer(Some(&signer.sign(algorithm, message)?));
            }
            client::Event::Prompts { prompts, ask, .. } => {
                let Some(Try::Interactive(word)) = &self.current else { return Err("a question to nothing".into()) };
                ask.answer(&vec![*word; prompts.len()]);
            }
            client::Event::Ready { method } => {
                self.seen.login = Some((method.to_owned(), String::new()));
                self.stage = Stage::Open;
            }
            client::Event::Channel(_, channel::Event::Opened { .. }) => self.stage = Stage::Exec,
            client::Event::Channel(_, channel::Event::Replied { ok: true, .. }) => {
                self.stage = Stage::Before;
                self.next_piece();
            }
            client::Event::Channel(_, channel::Event::Replied { ok: false, .. } | channel::Event::Refused(_)) => {
                return Err(format!("no `cat`: {}", self.seen.tail()));
            }
            client::Event::Channel(channel, channel::Event::Data { bytes, .. }) => {
                self.back.extend_from_slice(bytes);
                let used = u32::try_from(bytes.len()).expect("a packet");
                self.driver.connection.grant(channel, used).expect("open");
            }
            client::Event::Channel(_, channel::Event::Request { request: Request::ExitStatus(status), .. }) => {
                self.status = Some(status);
            }
            client::Event::Channel(_, channel::Event::Closed) => {
                let right = self.back == piece().repeat(self.pieces) && self.status == Some(0);
                self.seen.echoed = self.stage == Stage::Ending && right;
                self.stage = Stage::Closed;
            }
            client::Event::Closed(reason) => {
                self.seen.closed = Some((reason.error, reason.to_string()));
            }
            // Banners, room, what the server says of its keys: nothing follows from them here.
            _ => {}
        }
        Ok(true)
    }
}
