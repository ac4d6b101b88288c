//! sansh as the server: one connection of a peer's client.

use core::time::Duration;
use std::collections::VecDeque;
use std::net::TcpStream;
use std::time::Instant as Clock;

use sansh::ask::{Accept, Refusal, Verdict};
use sansh::channel::{Channel, Open, Request};
use sansh::crypto::Provider;
use sansh::event::{channel, server};
use sansh::keys::{CertError, Certificate, Check, Checked, PublicKey};
use sansh::message::Prompt;
use sansh::{Config, Connection, SendError, Server, Shared};
use sansh_testkit::driver::{Driver, Turn};

use super::keys::{Signer, now};
use super::link::{PATIENCE, Seen, push, take_trace};
use super::logins::{CLIENT_HOST, CLIENT_USER, PASSWORD};

/// sansh starts an exchange when so many bytes have come.
const REKEY_AT: usize = 8 * 1024;

/// What is asked, all or the first of it, in the first round of `keyboard-interactive`. The second one asks nothing, as those of PAM do.
const QUESTIONS: [Prompt<'static>; 2] =
    [Prompt { text: b"Password: ", echo: false }, Prompt { text: b"Again: ", echo: false }];

/// How the server is.
pub(crate) struct House {
    pub(crate) config: Shared<Config<Server>>,
    pub(crate) host_key: Signer,
    pub(crate) user: String,
    /// Key blobs.
    pub(crate) authorized: Vec<Vec<u8>>,
    /// Who may sign certificates.
    pub(crate) authorities: Vec<Vec<u8>>,
    /// The key of the host whose word on its users counts.
    pub(crate) client_host: Vec<u8>,
    /// A key is not enough without the password, nor the password without a key.
    pub(crate) twice: bool,
    /// How many questions `keyboard-interactive` asks at a time: two at most.
    pub(crate) questions: usize,
    pub(crate) provider: &'static dyn Provider,
}

impl House {
    /// A key that is authorized, or a certificate that is good.
    fn knows(&self, key: PublicKey<'_>) -> bool {
        self.authorized.iter().any(|blob| blob == key.blob()) || self.check(key).is_ok()
    }

    fn check<'k>(&self, key: PublicKey<'k>) -> Result<Checked<'k>, CertError> {
        Certificate::parse(key.blob())?.check(Check::user(&self.user, now(), &self.authorities, self.provider))
    }
}

struct Visit<'a> {
    driver: Driver<Server>,
    house: &'a House,
    /// Rounds of questions.
    rounds: usize,
    channel: Option<Channel>,
    out: VecDeque<u8>,
    received: usize,
    sent_back: usize,
    eof: bool,
    /// The exit status is on its way.
    ended: bool,
    seen: Seen,
}

/// Serves one client to its end: it is let in, has `cat`, and sees one exchange at least that sansh starts.
pub(crate) fn serve(stream: TcpStream, house: &House) -> Result<Seen, String> {
    let config = Shared::clone(&house.config);
    let mut visit = Visit {
        driver: Driver::new(stream, |seed, now| Connection::new(config, seed, now).expect("memory")),
        house,
        rounds: 0,
        channel: None,
        out: VecDeque::new(),
        received: 0,
        sent_back: 0,
        eof: false,
        ended: false,
        seen: Seen::default(),
    };
    let end = Clock::now() + PATIENCE;
    while visit.seen.closed.is_none() {
        while visit.event()? {}
        visit.step();
        take_trace(&mut visit.driver.connection, &mut visit.seen.trace);
        let left = end.saturating_duration_since(Clock::now());
        if left.is_zero() {
            return Err(format!("not done in time: {}", visit.seen.tail()));
        }
        if visit.seen.closed.is_none()
            && let Turn::Noted(note) = visit.driver.turn(left.min(Duration::from_secs(1)))
        {
            return Err(format!("an unexpected note: {note:?}"));
        }
    }
    visit.driver.hang_up();
    visit.seen.end(&visit.driver.connection, true);
    Ok(visit.seen)
}

impl Visit<'_> {
    fn step(&mut self) {
        let Some(channel) = self.channel else { return };
        let connection = &mut self.driver.connection;
        let waiting = self.out.len();
        let sent = push(connection, channel, &mut self.out);
        let moved = waiting - self.out.len();
        self.sent_back += moved;
        // What has left may come again.
        let _ = connection.grant(channel, u32::try_from(moved).expect("little"));
        if sent && self.eof && !self.ended {
            match connection.request(channel, Request::ExitStatus(0)) {
                Ok(_) => {
                    self.ended = true;
                    let _ = connection.finish(channel);
                    let _ = connection.close(channel);
                }
                Err(SendError::Full | SendError::Rekeying) => {}
                Err(SendError::Closed | SendError::Stale) => self.ended = true,
                Err(other) => panic!("request: {other}"),
            }
        }
    }

    fn event(&mut self) -> Result<bool, String> {
        let connection = &mut self.driver.connection;
        let Some(event) = connection.next_event() else { return Ok(false) };
        let house = self.house;
        match event {
            server::Event::Sign { algorithm, message, ask, .. } => {
                ask.answer(Some(&house.host_key.sign(algorithm, message)?));
            }
            server::Event::KeyQuery { user, key, ask } => {
                ask.answer(house.knows(key) && user == house.user.as_bytes());
            }
            server::Event::Login { user, method, ask, .. } => {
                let deny = Verdict::Deny { go_on: "" };
                let accept = |right| if right { Verdict::Accept } else { deny };
                let (verdict, name, algorithm) = match method {
                    _ if user != house.user.as_bytes() => (deny, "", ""),
                    server::Method::Password(word) => {
                        let right = word == PASSWORD.as_bytes() && house.twice == (self.seen.partials == 1);
                        (accept(right), "password", "")
                    }
                    server::Method::PublicKey { key, .. } if house.twice && house.knows(key) => {
                        (Verdict::Partial { go_on: "password" }, "", "")
                    }
                    server::Method::PublicKey { algorithm, key, .. } => match house.check(key) {
                        Ok(checked) => (Verdict::AcceptCertificate(checked), "publickey", algorithm),
                        Err(_) => (accept(house.knows(key)), "publickey", algorithm),
                    },
                    server::Method::Interactive { responses, .. } => {
                        self.rounds += 1;
                        let ask = |prompts| Verdict::Prompt { name: "Questions", instruction: "", prompts };
                        let answers: Option<Vec<&[u8]>> = responses.map(|responses| responses.iter().collect());
                        let verdict = match (self.rounds, answers.as_deref()) {
                            (1, None) => ask(&QUESTIONS[..house.questions]),
                            (2, Some(words)) if words == vec![PASSWORD.as_bytes(); house.questions] => ask(&[]),
                            (3, Some([])) => Verdict::Accept,
                            _ => deny,
                        };
                        (verdict, "keyboard-interactive", "")
                    }
                    server::Method::HostBased { algorithm, key, host, user } => {
                        let host = host.strip_suffix(b".").unwrap_or(host);
                        let known = host == CLIENT_HOST.as_bytes() && key.blob() == house.client_host;
                        (accept(known && user == CLIENT_USER.as_bytes()), "hostbased", algorithm)
                    }
                    _ => (deny, "", ""),
                };
                match verdict {
                    Verdict::Accept | Verdict::AcceptCertificate(_) => {
                        self.seen.login = Some((name.to_owned(), algorithm.to_owned()));
                    }
                    Verdict::Partial { .. } => self.seen.partials += 1,
                    _ => {}
                }
                ask.answer(verdict);
            }
            server::Event::Channel(channel, channel::Event::Requested { open: Open::Session, ask }) => {
                ask.answer(Ok(Accept { window: 2 << 20, data: b"" }));
                self.channel = Some(channel);
            }
            server::Event::Channel(_, channel::Event::Requested { ask, .. }) => {
                ask.answer(Err(Refusal { reason: Refusal::UNKNOWN_TYPE, text: b"" }));
            }
            server::Event::Channel(_, channel::Event::Request { request, ask }) => {
                let granted = matches!(request, Request::Exec { command: b"cat" } | Request::Env { .. });
                if let Some(ask) = ask {
                    ask.answer(granted);
                }
            }
            server::Event::Channel(_, channel::Event::Data { bytes, .. }) => {
                let before = self.received;
                self.received += bytes.len();
                self.out.extend(bytes);
                if before < REKEY_AT && self.received >= REKEY_AT {
                    connection.rekey();
                }
            }
            server::Event::Channel(_, channel::Event::Eof) => self.eof = true,
            server::Event::Channel(_, channel::Event::Closed) => self.channel = None,
            server::Event::Closed(reason) => {
                // Some clients leave without closing their channel: what they got, they judge themselves.
                self.seen.echoed = self.ended && self.sent_back == self.received && self.received > REKEY_AT;
                self.seen.closed = Some((reason.error, reason.to_string()));
            }
            _ => {}
        }
        Ok(true)
    }
}
