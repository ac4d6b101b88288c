//! One end of a connection with an application on it that does anything an application may do, and checks what it is
//! promised.

use super::Seen;
use crate::ask::{
    Accept, Admission, Answers, Ask, Asking, Credential, Globally, Granted, HostKey, KeyQuery, Login, NewPassword,
    Opening, Permission, Question, Refusal, Signature, Trust, Unanswered, Verdict, With,
};
use crate::channel::{Channel, Global, Open, Request, Sent, Stream};
use crate::config::Buffers;
use crate::crypto::null::Null;
use crate::danger::{Method, Phase, Step, phase};
use crate::error::{Blame, Error};
use crate::event::{Purpose, channel, client, global, server};
use crate::keys::{HostKeyProofs, PublicKey};
use crate::message::Prompt;
use crate::wire::Reader;
use crate::{
    Client, Config, Connection, Disconnect, Instant, Limits, Role, SECOND, Seed, SendError, Server, Shared, Stale,
};
use alloc::collections::VecDeque;
use alloc::vec::Vec;

/// A key that the null provider takes.
pub(super) const KEY: &[u8] = b"\0\0\0\x04null\0\0\0\x03key";
/// The server's other host key.
pub(super) const OTHER_KEY: &[u8] = b"\0\0\0\x04null\0\0\0\x05other";
/// A signature that it takes.
pub(super) const SIGNATURE: &[u8] = b"\0\0\0\x04null\0\0\0\x03sig";

pub(super) const YES: u8 = 0;
const NO: u8 = 1;
const LATER: u8 = 2;

/// A role, as the application on it plays it.
pub(super) trait Player: Role {
    const EVENTS: &'static str;
    const PHASES: &'static str;
    fn create(variant: u8, now: Instant) -> Connection<Self>;
    fn take(event: Self::Event<'_>, app: &mut App, choice: u8, seen: &mut Seen);
    fn banner(connection: &mut Connection<Self>) -> Result<(), SendError>;
}

pub(super) struct End<R: Player> {
    pub(super) connection: Connection<R>,
    pub(super) app: App,
}

/// What the application remembers.
#[derive(Default)]
pub(super) struct App {
    /// Questions taken to be answered later.
    pub(super) pending: Vec<Ticket>,
    /// Questions that the last event lent and that are taken by their number.
    keeping: Vec<Ticket>,
    /// Questions that the last event lent and that were not taken: the next `next_event` ends them.
    lapsing: Vec<Ticket>,
    /// Questions that were answered.
    pub(super) used: Vec<Ticket>,
    pub(super) live: Vec<Live>,
    /// Channels whose end the last event told.
    gone: Vec<Channel>,
    pub(super) stale: Vec<Channel>,
    /// Opens of the peer whose answer may have been a refusal.
    unsure: Vec<(Channel, Option<bool>)>,
    /// Global requests that wait for a reply; of one for proofs, the host keys that are asked about.
    pub(super) globals: VecDeque<(Sent, &'static [&'static [u8]])>,
    /// What this end has asked for, so that the peer may open channels.
    pub(super) asked: Callbacks,
    /// `no-more-sessions@openssh.com` was said, or heard.
    pub(super) no_more_sessions: bool,
    session: Vec<u8>,
    /// Channels that were told `Writable` by the last event.
    told: Vec<Channel>,
    pub(super) ready: bool,
    /// Takes no login that proved nothing.
    picky: bool,
    /// Applications answer as they like during the login, so that it may fail.
    pub(super) rough: bool,
    pub(super) room_wanted: bool,
    pub(super) closed: Option<Error>,
    /// This application broke a contract itself.
    pub(super) misused: bool,
    /// The peer said something that sansh does not say.
    pub(super) tainted: bool,
    events: u64,
    calls: u64,
}

/// What a client asked for, so that a server may open channels to it.
#[derive(Default)]
pub(super) struct Callbacks {
    pub(super) forwards: bool,
    pub(super) sockets: bool,
    pub(super) agent: bool,
    /// X11 connections, any number of them.
    pub(super) x11: bool,
    /// X11 connections, one for each request.
    pub(super) single_x11: u32,
}

impl Callbacks {
    /// Whether this channel may come.
    fn take(&mut self, open: &Open<'_>) -> bool {
        match open {
            Open::ForwardedTcpip { .. } => self.forwards,
            Open::ForwardedStreamlocal { .. } => self.sockets,
            Open::AuthAgent => self.agent,
            Open::X11 { .. } if self.x11 => true,
            Open::X11 { .. } => {
                let any = self.single_x11 > 0;
                self.single_x11 = self.single_x11.saturating_sub(1);
                any
            }
            Open::Other { kind, .. } => *kind == "other@test",
            _ => false,
        }
    }
}

/// What to do with one event after the other: YES, NO, LATER or nothing in the lowest bits, and how.
pub(super) struct Choices<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Choices<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Choices { bytes, at: 0 }
    }

    fn now(&self) -> u8 {
        if self.bytes.is_empty() { YES } else { self.bytes[self.at % self.bytes.len()] }
    }

    pub(super) fn take(&mut self) -> u8 {
        self.at += 1;
        self.now()
    }
}

/// A channel, as the application knows it.
pub(super) struct Live {
    pub(super) channel: Channel,
    /// Its own open, not answered yet.
    pub(super) opening: bool,
    /// The next byte to be sent and to come, per stream: data is a count.
    pub(super) next: [u8; 2],
    got: [u8; 2],
    pub(super) requests: VecDeque<Sent>,
    /// A `writer` call was refused so that `Writable` has to follow.
    pub(super) waiting: bool,
    /// The fewest bytes that the last `writer` call wanted.
    pub(super) least: usize,
    pub(super) closing: bool,
    pub(super) credit: Credit,
    eof: bool,
}

/// What the peer may send on a channel, as the application has said.
#[derive(Default)]
pub(super) struct Credit {
    /// At first, or as the answer said.
    pub(super) start: u64,
    /// Up to where the window may grow.
    pub(super) ceiling: u64,
    /// What was granted behind that.
    pub(super) granted: u64,
    /// The machine grants back by itself.
    pub(super) automatic: bool,
    used: u64,
}

impl Credit {
    fn take(&mut self, n: usize) {
        self.used += n as u64;
        assert!(self.used <= self.start.max(self.ceiling) + self.granted, "more data than was ever granted");
        if self.automatic {
            self.granted += n as u64;
        }
    }
}

impl Live {
    pub(super) fn new(channel: Channel, opening: bool) -> Self {
        let requests = VecDeque::new();
        Live {
            channel,
            opening,
            next: [0; 2],
            got: [0; 2],
            requests,
            waiting: false,
            least: 1,
            closing: false,
            credit: Credit::default(),
            eof: false,
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Asked {
    HostKey,
    Credential,
    Signature,
    KeyQuery,
    Admission,
    Opening(Channel),
    Permission,
    Globally,
    Answers,
    NewPassword,
}

/// A right to answer, as a number.
#[derive(Clone, Copy, Debug)]
pub(super) struct Ticket {
    asked: Asked,
    raw: u64,
}

#[derive(Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    Done,
    Stale,
    Again,
}

fn outcome<Q: Question>(result: Result<(), Unanswered<Q>>) -> Outcome {
    match result {
        Ok(()) => Outcome::Done,
        Err(Unanswered::Stale) => Outcome::Stale,
        Err(Unanswered::NoRoom(_) | Unanswered::TooLong(_) | Unanswered::Unfit(_)) => Outcome::Again,
    }
}

fn trust(yes: bool, _: u8) -> Trust<'static> {
    Trust::from(yes)
}

fn credential(yes: bool, v: u8) -> Login<'static> {
    let with = match v % 9 {
        0 => With::Password("secret"),
        1 => With::None,
        2 => With::PublicKey { algorithm: "null", key: KEY, probe: true },
        3 => With::PublicKey { algorithm: "null", key: KEY, probe: false },
        4 => With::Other { method: "other@test", fields: b"fields" },
        5 => With::Interactive { submethods: "" },
        6 => With::HostBased { algorithm: "", key: KEY, host: "host", user: "there" },
        7 => With::PublicKey { algorithm: "", key: KEY, probe: true },
        _ => With::Other { method: "other@test", fields: &[7; 2000] },
    };
    if yes { Login::Try { user: "me", with } } else { Login::GiveUp }
}

fn signature(yes: bool, v: u8) -> Option<&'static [u8]> {
    match (yes, v) {
        (false, _) => None,
        (true, 63) => Some(b""),
        (true, 62) => Some(&[9; 1500]),
        // As long as a proof's may be: many such fit in no packet.
        (true, 61) => Some(&[9; 1000]),
        (true, _) => Some(SIGNATURE),
    }
}

fn answers(yes: bool, v: u8) -> &'static [&'static str] {
    match (yes, v % 3) {
        (true, 0) => &["one"],
        (true, 1) => &["one", "two"],
        _ => &[],
    }
}

fn new_password(yes: bool, _: u8) -> Option<&'static str> {
    yes.then_some("newer")
}

fn key_query(yes: bool, _: u8) -> bool {
    yes
}

const PROMPTS: &[Prompt<'static>] = &[Prompt { text: b"One? ", echo: true }];

fn admission(yes: bool, v: u8) -> Verdict<'static> {
    match (yes, v % 8) {
        (true, 2) => Verdict::Partial { go_on: "password" },
        (true, 3) => Verdict::Partial { go_on: "" },
        (true, 4) => Verdict::Prompt { name: "name", instruction: "", prompts: PROMPTS },
        (true, 5) => Verdict::Prompt { name: "", instruction: "say", prompts: &[] },
        (true, 6) => Verdict::ChangePassword { prompt: "expired" },
        (true, _) => Verdict::Accept,
        (false, 0) => Verdict::Deny { go_on: "" },
        (false, 1) => Verdict::Deny { go_on: "publickey,other@test" },
        (false, 2) => Verdict::Deny { go_on: "none" },
        (false, _) => Verdict::Deny { go_on: "password" },
    }
}

fn opening(yes: bool, v: u8) -> Result<Accept<'static>, Refusal<'static>> {
    if !yes {
        return Err(Refusal { reason: u32::from(v), text: b"no" });
    }
    Ok(Accept { window: accepted_window(v), data: if v & 4 != 0 { b"data" } else { b"" } })
}

fn accepted_window(v: u8) -> u32 {
    [1 << 16, 0, 100, 1 << 20][usize::from(v % 4)]
}

fn permission(yes: bool, _: u8) -> bool {
    yes
}

fn globally(yes: bool, v: u8) -> Granted<'static> {
    match (yes, v % 3) {
        (false, _) => Granted::No,
        (true, 0) => Granted::Yes,
        (true, 1) => Granted::Port(8022),
        (true, _) => Granted::Data(b"data"),
    }
}

/// Answers with a ticket, whoever it belongs to.
pub(super) fn answer<R: Role>(c: &mut Connection<R>, ticket: Ticket, yes: bool, v: u8) -> Outcome {
    let raw = ticket.raw;
    match ticket.asked {
        Asked::HostKey => outcome(c.answer(Ask::<HostKey>::from_raw(raw), trust(yes, v))),
        Asked::Credential => outcome(c.answer(Ask::<Credential>::from_raw(raw), credential(yes, v))),
        Asked::Signature => outcome(c.answer(Ask::<Signature>::from_raw(raw), signature(yes, v))),
        Asked::KeyQuery => outcome(c.answer(Ask::<KeyQuery>::from_raw(raw), key_query(yes, v))),
        Asked::Admission => outcome(c.answer(Ask::<Admission>::from_raw(raw), admission(yes, v))),
        Asked::Opening(_) => outcome(c.answer(Ask::<Opening>::from_raw(raw), opening(yes, v))),
        Asked::Permission => outcome(c.answer(Ask::<Permission>::from_raw(raw), permission(yes, v))),
        Asked::Globally => outcome(c.answer(Ask::<Globally>::from_raw(raw), globally(yes, v))),
        Asked::Answers => outcome(c.answer(Ask::<Answers>::from_raw(raw), answers(yes, v))),
        Asked::NewPassword => outcome(c.answer(Ask::<NewPassword>::from_raw(raw), new_password(yes, v))),
    }
}

impl App {
    fn decide<Q: Question>(
        &mut self,
        asking: Asking<'_, Q>,
        asked: Asked,
        choice: u8,
        reply: impl FnOnce(bool, u8) -> Q::Reply<'static>,
    ) {
        let ticket = Ticket { asked, raw: asking.raw() };
        let v = choice >> 2;
        let mut granted = Some(false);
        match choice & 3 {
            YES => {
                self.misused |= is_misuse(asked, v);
                asking.answer(reply(true, v));
                self.accepted(asked, v);
                // Bytes that find no room are a refusal.
                granted = if v & 4 == 0 { Some(true) } else { None };
            }
            NO => asking.answer(reply(false, v)),
            LATER if self.pending.len() < 64 && v & 1 != 0 => {
                self.keeping.push(ticket);
                return;
            }
            LATER if self.pending.len() < 64 => {
                assert_eq!(asking.later().into_raw(), ticket.raw, "an ask has one number");
                self.pending.push(ticket);
                return;
            }
            _ => {}
        }
        if let Asked::Opening(channel) = asked {
            self.unsure.push((channel, granted));
        }
        self.lapsing.push(ticket);
    }

    /// An open was answered with yes: the answer says the window.
    fn accepted(&mut self, asked: Asked, v: u8) {
        if let Asked::Opening(channel) = asked
            && let Some(live) = self.live.iter_mut().find(|live| live.channel == channel)
        {
            let start = u64::from(accepted_window(v));
            live.credit =
                Credit { start, ceiling: live.credit.ceiling, automatic: live.credit.automatic, ..Credit::default() };
        }
    }

    fn live(&mut self, channel: Channel) -> &mut Live {
        let found = self.live.iter_mut().find(|live| live.channel == channel);
        found.expect("an event of a channel that was not opened, or is over")
    }

    fn channel(&mut self, seen: &mut Seen, server: bool, channel: Channel, event: channel::Event<'_>, choice: u8) {
        use channel::Event;
        let place = if server { "server channel" } else { "client channel" };
        let honest = !self.tainted;
        if let Event::Requested { open, ask } = event {
            seen.insert((place, "Requested"));
            seen.insert(("open", open_name(&open)));
            if server {
                let clients =
                    [Open::Session.kind(), "direct-tcpip", "direct-streamlocal@openssh.com", "tun@openssh.com"];
                assert!(clients.contains(&open.kind()) || open.kind() == "other@test", "{open:?} of a client");
                assert!(open != Open::Session || !self.no_more_sessions, "a session, and there were to be no more");
            } else {
                assert!(self.asked.take(&open), "{open:?}, and nobody asked for it");
            }
            assert!(self.live.iter().all(|live| live.channel != channel), "a handle of two channels");
            self.live.push(Live::new(channel, false));
            return self.decide(ask, Asked::Opening(channel), choice, opening);
        }
        let live = self.live(channel);
        assert!(!live.closing || matches!(event, Event::Closed), "after close, {event:?}");
        if !matches!(event, Event::Opened { .. } | Event::Refused(_) | Event::Closed) {
            assert!(!live.opening, "{event:?} before Opened");
        }
        match event {
            Event::Requested { .. } => {}
            Event::Opened { .. } => {
                seen.insert((place, "Opened"));
                assert!(live.opening, "Opened twice, or of the peer's own");
                live.opening = false;
            }
            Event::Refused(_) => {
                seen.insert((place, "Refused"));
                assert!(live.opening, "Refused after Opened");
                self.over(channel);
            }
            Event::Writable => {
                seen.insert((place, "Writable"));
                live.waiting = false;
                self.told.push(channel);
            }
            Event::Data { stream, bytes } => {
                seen.insert((place, if stream == Stream::Main { "Data Main" } else { "Data Stderr" }));
                assert!(!live.eof, "data after EOF");
                live.credit.take(bytes.len());
                let next = &mut live.got[usize::from(stream == Stream::Stderr)];
                for byte in bytes.iter().filter(|_| honest) {
                    assert_eq!(byte, next, "data out of order");
                    *next = next.wrapping_add(1);
                }
            }
            Event::Request { request, ask } => {
                seen.insert((place, "Request"));
                seen.insert(("request", request_name(&request)));
                if let Some(ask) = ask {
                    self.decide(ask, Asked::Permission, choice, permission);
                }
            }
            Event::Replied { to, .. } => {
                seen.insert((place, "Replied"));
                assert_eq!(live.requests.pop_front(), Some(to), "replies come in the order of the requests");
            }
            Event::Eof => {
                seen.insert((place, "Eof"));
                assert!(!live.eof, "EOF twice");
                live.eof = true;
            }
            Event::Closed => {
                seen.insert((place, "Closed"));
                self.over(channel);
            }
        }
    }

    /// The handle is stale now.
    fn over(&mut self, channel: Channel) {
        self.live.retain(|live| live.channel != channel);
        self.unsure.retain(|unsure| unsure.0 != channel);
        self.gone.push(channel);
    }

    fn global(&mut self, seen: &mut Seen, server: bool, event: global::Event<'_>, choice: u8) {
        let place = if server { "server global" } else { "client global" };
        match event {
            global::Event::Requested { request, ask } => {
                seen.insert((place, "Requested"));
                seen.insert(("global", global_name(&request)));
                self.no_more_sessions |= request == Global::NoMoreSessions;
                assert!(
                    server || !matches!(request, Global::NoMoreSessions | Global::HostKeysProve { .. }),
                    "{request:?}"
                );
                let proofs = matches!(request, Global::HostKeysProve { .. });
                assert!(!proofs || ask.is_none(), "proofs are nobody's to decide");
                if let Some(ask) = ask {
                    self.decide(ask, Asked::Globally, choice, globally);
                }
            }
            global::Event::Replied { to, ok, data } => {
                seen.insert((place, "Replied"));
                let (sent, keys) = self.globals.pop_front().expect("a reply to a request");
                assert_eq!(sent, to, "replies come in the order of the requests");
                if !keys.is_empty() && ok {
                    seen.insert((place, "Proofs"));
                    self.proofs(keys, data);
                }
            }
        }
    }

    /// One signature for each key, and they prove the keys if each is one.
    fn proofs(&self, keys: &[&[u8]], data: &[u8]) {
        let mut reader = Reader::new(data);
        let signatures: Vec<_> = core::iter::from_fn(|| reader.string().ok()).collect();
        let proofs = HostKeyProofs::new(data);
        let proved = proofs.prove(keys.iter().map(|blob| PublicKey::new(blob)), &self.session, &Null);
        if !self.tainted {
            assert!(reader.is_empty() && signatures.len() == keys.len(), "{} of {}", signatures.len(), keys.len());
            assert!(keys.iter().all(|key| [KEY, OTHER_KEY].contains(key)), "proved without the key");
            assert_eq!(proved, signatures.iter().all(|signature| *signature == SIGNATURE));
        }
    }

    /// Whether the last answer may have refused this channel.
    pub(super) fn is_unsure(&self, channel: Channel) -> bool {
        self.unsure.iter().any(|(unsure, _)| *unsure == channel)
    }

    fn closed(&mut self, error: Error) {
        assert!(self.closed.is_none(), "Closed twice");
        self.closed = Some(error);
        let blame = error.blame();
        assert!(!matches!(blame, Blame::Bug | Blame::Crypto | Blame::Memory), "{error:?}");
        assert!(error != Error::Misuse || self.misused, "Misuse, by nobody");
        // Who logs in by anything may fail too often, and be let in by nothing.
        let failed = self.rough && matches!(error, Error::TooManyAttempts | Error::TrivialLogin);
        if !self.tainted && !failed {
            assert!(blame != Blame::Peer, "the peer, which is sansh too, is to blame: {error:?}");
        }
    }
}

/// Answers that an application may give but that a peer may blame it for.
fn is_misuse(asked: Asked, v: u8) -> bool {
    asked == Asked::Signature && v >= 62
}

impl Player for Client {
    const EVENTS: &'static str = "client event";
    const PHASES: &'static str = "client phase";

    fn create(variant: u8, now: Instant) -> Connection<Client> {
        let mut config = Config::new(&Null);
        common(&mut config, variant);
        config.trivial_logins(variant & PICKY == 0);
        Connection::new(Shared::new(config), Seed::new([1; 32]), now).unwrap()
    }

    fn take(event: client::Event<'_>, app: &mut App, choice: u8, seen: &mut Seen) {
        use client::Event;
        let mut saw = |name| seen.insert((Self::EVENTS, name));
        match event {
            Event::HostKey { ask, .. } => {
                saw("HostKey");
                app.decide(ask, Asked::HostKey, choice, trust);
            }
            Event::LoginNeeded { ask, .. } => {
                saw("LoginNeeded");
                app.decide(ask, Asked::Credential, choice, credential);
            }
            Event::Sign { purpose, ask, .. } => {
                saw(purpose_name(purpose));
                assert!(matches!(purpose, Purpose::Login | Purpose::HostBased));
                app.decide(ask, Asked::Signature, choice, signature);
            }
            Event::Prompts { ask, .. } => {
                saw("Prompts");
                app.decide(ask, Asked::Answers, choice, answers);
            }
            Event::PasswordExpired { ask, .. } => {
                saw("PasswordExpired");
                app.decide(ask, Asked::NewPassword, choice, new_password);
            }
            Event::Banner(_) => {
                saw("Banner");
                assert!(!app.ready, "a banner after the login");
            }
            Event::Ready { method } => {
                saw("Ready");
                assert!(!app.ready, "Ready twice");
                assert!(!app.picky || method != "none", "in by nothing");
                app.ready = true;
            }
            Event::Room => {
                saw("Room");
                app.room_wanted = false;
            }
            Event::Channel(channel, event) => {
                assert!(app.ready, "a channel before the login");
                app.channel(seen, false, channel, event, choice);
            }
            Event::Global(event) => {
                assert!(app.ready, "a request before the login");
                app.global(seen, false, event, choice);
            }
            Event::Closed(reason) => {
                saw("Closed");
                assert!(alloc::format!("{reason}").len() < 100_000);
                app.closed(reason.error);
            }
        }
    }

    fn banner(_: &mut Connection<Client>) -> Result<(), SendError> {
        Ok(())
    }
}

impl Player for Server {
    const EVENTS: &'static str = "server event";
    const PHASES: &'static str = "server phase";

    fn create(variant: u8, now: Instant) -> Connection<Server> {
        let mut config = Config::new(&Null);
        common(&mut config, variant);
        config.host_key(KEY).unwrap().host_key(OTHER_KEY).unwrap().other_methods("other@test").unwrap();
        Connection::new(Shared::new(config), Seed::new([2; 32]), now).unwrap()
    }

    fn take(event: server::Event<'_>, app: &mut App, choice: u8, seen: &mut Seen) {
        use server::Event;
        let mut saw = |name| seen.insert((Self::EVENTS, name));
        match event {
            Event::Sign { purpose, ask, .. } => {
                saw(purpose_name(purpose));
                assert!(purpose == Purpose::KeyExchange || app.ready && purpose == Purpose::HostKeyProof);
                app.decide(ask, Asked::Signature, choice, signature);
            }
            Event::KeyQuery { ask, .. } => {
                saw("KeyQuery");
                assert!(!app.ready, "a login after the login");
                app.decide(ask, Asked::KeyQuery, choice, key_query);
            }
            Event::Login { method, ask, .. } => {
                saw(match method {
                    server::Method::None => "Login None",
                    server::Method::Password(_) => "Login Password",
                    server::Method::NewPassword { .. } => "Login NewPassword",
                    server::Method::Interactive { responses: None, .. } => "Login Interactive",
                    server::Method::Interactive { responses: Some(_), .. } => "Login answers",
                    server::Method::HostBased { .. } => "Login HostBased",
                    server::Method::PublicKey { host_bound: true, .. } => "Login PublicKey host-bound",
                    server::Method::PublicKey { .. } => "Login PublicKey",
                    server::Method::Other { .. } => "Login Other",
                });
                assert!(!app.ready, "a login after the login");
                app.decide(ask, Asked::Admission, choice, admission);
            }
            Event::Ready { identity } => {
                saw("Ready");
                assert!(!app.ready, "Ready twice");
                assert!(identity.steps().count() > 0, "in by no step");
                app.ready = true;
            }
            Event::Room => {
                saw("Room");
                app.room_wanted = false;
            }
            Event::Channel(channel, event) => {
                assert!(app.ready, "a channel before the login");
                app.channel(seen, true, channel, event, choice);
            }
            Event::Global(event) => {
                assert!(app.ready, "a request before the login");
                app.global(seen, true, event, choice);
            }
            Event::Closed(reason) => {
                saw("Closed");
                assert!(alloc::format!("{reason}").len() < 100_000);
                app.closed(reason.error);
            }
        }
    }

    fn banner(connection: &mut Connection<Server>) -> Result<(), SendError> {
        connection.banner("a banner")
    }
}

/// The variant's bits that mean more than a line of [`common`].
const PICKY: u8 = 2;

/// Small bounds, so that all of them are met. The variant's bits turn things on.
fn common<R: Role>(config: &mut Config<R>, variant: u8) {
    let limits = Limits {
        handshake_receive: 14_336,
        handshake_transmit: 8192,
        receive: 16_384,
        transmit: 12_288,
        // What the transmit buffer holds fits: between two ends of sansh nothing is too long.
        packet: 12_288,
        send_packet: 1024,
        channels: 6,
        credit: 1 << 24,
        replies: 3,
        pending: 5,
        forwards: 2,
        attempts: 5,
        probes: 3,
        auth_messages: 12,
        login: 1024,
        banners: 3,
        lines: 3,
        line_bytes: 300,
        before_login: 32 * 1024,
        trace: if variant & 1 != 0 { 1000 } else { 0 },
    };
    config.limits(limits).unwrap();
    config.channel_types("other@test").unwrap().requests("other@test").unwrap().globals("other@test").unwrap();
    if variant & 2 != 0 {
        config.buffers(Buffers::Keep);
    }
    if variant & 4 != 0 {
        config.keepalive(5 * SECOND, 2);
    }
    if variant & 8 != 0 {
        config.rekey_bytes(0);
    }
    if variant & 16 != 0 {
        config.rekey_packets(40);
    }
    if variant & 32 != 0 {
        config.rekey_time(30 * SECOND);
    }
    // The client's first is taken: of an exchange with a group or without one.
    config.kex(if variant & 64 != 0 { "null-group,null" } else { "null,null-group" }).unwrap();
}

impl<R: Player> End<R> {
    pub(super) fn new(variant: u8, now: Instant) -> Self {
        let app = App { picky: variant & PICKY != 0, ..App::default() };
        End { connection: R::create(variant, now), app }
    }

    /// A call that may lead to an event.
    pub(super) fn called(&mut self) {
        self.app.calls += 1;
    }

    /// Takes one event. False: there was none.
    pub(super) fn next(&mut self, choice: u8, seen: &mut Seen) -> bool {
        let End { connection, app } = self;
        let lapsed = core::mem::take(&mut app.lapsing);
        let unsure = core::mem::take(&mut app.unsure);
        let over = app.closed.is_some();
        app.told.clear();
        let found = match connection.next_event() {
            Some(event) => {
                assert!(!over, "an event after Closed: {event:?}");
                app.events += 1;
                R::take(event, app, choice, seen);
                true
            }
            None => false,
        };
        seen.insert((R::PHASES, phase_name(phase(connection))));
        for ticket in core::mem::take(&mut app.keeping) {
            assert!(connection.keep(ticket.raw), "{ticket:?}, which was lent");
            assert!(!connection.keep(ticket.raw), "{ticket:?}, taken twice");
            app.pending.push(ticket);
        }
        if app.session.is_empty() {
            app.session.extend_from_slice(connection.session_id().unwrap_or_default());
        }
        assert_eq!(app.session, connection.session_id().unwrap_or_default(), "one session identifier for life");
        for channel in core::mem::take(&mut app.told) {
            worth_repeating(connection, app, channel);
        }
        for ticket in lapsed {
            // What the last event asked was answered by then, or is refused by now.
            assert_eq!(answer(connection, ticket, true, 0), Outcome::Stale, "{ticket:?}");
            app.used.push(ticket);
        }
        for (channel, granted) in unsure {
            if app.live.iter().any(|live| live.channel == channel) && app.closed.is_none() {
                let alive = connection.grant(channel, 0).is_ok();
                assert!(granted.is_none_or(|granted| granted == alive || (granted && app.tainted)), "{channel:?}");
                if !alive {
                    app.over(channel);
                }
            }
        }
        for channel in core::mem::take(&mut app.gone) {
            assert_stale(connection, channel);
            app.stale.push(channel);
        }
        let excess = app.used.len().saturating_sub(40);
        app.used.drain(..excess);
        let excess = app.stale.len().saturating_sub(40);
        app.stale.drain(..excess);
        let counters = connection.counters();
        // A packet is an event at most; so is a call, and each channel may say Closed, each wait Writable or Room.
        let bound = 64 + 3 * counters.packets_in + 3 * app.calls;
        assert!(app.events <= bound, "{} events of {} packets, {} calls", app.events, counters.packets_in, app.calls);
        found
    }

    /// Takes all events.
    pub(super) fn drain(&mut self, choices: &mut Choices<'_>, seen: &mut Seen) -> bool {
        let mut count = 0;
        while self.next(choices.now(), seen) {
            choices.at += 1;
            count += 1;
            assert!(count < 100_000, "events without end");
        }
        assert!(!self.next(choices.now(), seen), "an event after None, and nothing happened between");
        count > 0
    }

    /// Time goes by, and what follows from it ends.
    pub(super) fn tick(&mut self, now: Instant, choices: &mut Choices<'_>, seen: &mut Seen) {
        self.called();
        for _ in 0..50 {
            self.connection.handle_timeout(now);
            self.drain(choices, seen);
            if self.connection.next_timeout().is_none_or(|at| at > now) {
                return;
            }
        }
        panic!("time stands still: {:?} at {now:?}", self.connection.next_timeout());
    }

    /// Answers a question that was taken.
    pub(super) fn answer_later(&mut self, nth: u8, yes: bool, v: u8) {
        if self.app.pending.is_empty() {
            return;
        }
        self.called();
        let at = usize::from(nth) % self.app.pending.len();
        let ticket = self.app.pending[at];
        self.app.misused |= yes && is_misuse(ticket.asked, v);
        let outcome = answer(&mut self.connection, ticket, yes, v);
        // Told or not: after the end every question and handle is stale.
        let over = phase(&self.connection) == Phase::Closing;
        match outcome {
            Outcome::Again => return,
            Outcome::Stale => {
                // Only what went by itself: the connection, the channel, an exchange or a login.
                let app = &self.app;
                assert!(over || app.tainted || app.misused || is_passing(ticket.asked), "{ticket:?}");
            }
            Outcome::Done => {
                if yes {
                    self.app.accepted(ticket.asked, v);
                }
                assert_eq!(answer(&mut self.connection, ticket, true, 0), Outcome::Stale, "answered twice");
            }
        }
        self.app.pending.remove(at);
        self.app.used.push(ticket);
        if let Asked::Opening(channel) = ticket.asked
            && self.app.live.iter().any(|live| live.channel == channel)
            && self.connection.grant(channel, 0).is_err()
        {
            assert!(!yes || self.app.live(channel).closing || over, "accepted, and not there");
            self.app.over(channel);
        }
    }

    /// Closing a channel that the peer asked for and nobody has answered refuses it: the handle is stale at once.
    pub(super) fn closed_unanswered(&mut self, channel: Channel) {
        if self.connection.grant(channel, 0).is_err() && phase(&self.connection) != Phase::Closing {
            let asked = |ticket: &Ticket| ticket.asked == Asked::Opening(channel);
            let unanswered = self.app.pending.iter().chain(&self.app.lapsing).any(asked);
            assert!(unanswered, "close made a handle stale that was open");
            self.app.over(channel);
        }
    }

    /// What any state has to keep.
    pub(super) fn check(&mut self) {
        let wants = self.connection.wants();
        assert_eq!(wants.write, !self.connection.transmit_buf().is_empty(), "wants().write and transmit_buf");
        assert_eq!(wants.read, !self.connection.recv_buf().is_empty(), "wants().read and recv_buf");
        if self.app.closed.is_some() {
            assert!(!wants.read, "reads after Closed");
            assert_eq!(self.connection.next_timeout(), None, "waits after Closed");
        }
    }

    /// Puts bytes into the receive buffer; how many went.
    pub(super) fn receive(&mut self, bytes: &[u8], now: Instant) -> usize {
        let space = self.connection.recv_buf();
        let n = space.len().min(bytes.len());
        space[..n].copy_from_slice(&bytes[..n]);
        self.connection.received(n, now);
        n
    }

    /// After the last event: everything is refused, and nothing leaves any more.
    pub(super) fn after_closed(&mut self, now: Instant, seen: &mut Seen) {
        if self.app.closed.is_none() {
            self.called();
            self.connection.disconnect(Disconnect { code: 11, text: "the end" });
            self.drain(&mut Choices::new(&[]), seen);
        }
        assert!(self.app.closed.is_some(), "disconnect, and no Closed");
        if self.connection.counters().window_grown > 0 {
            seen.insert((R::EVENTS, "(a window has grown)"));
        }
        self.check();
        let mut rounds = 0;
        while !self.connection.transmit_buf().is_empty() {
            let n = self.connection.transmit_buf().len();
            self.connection.transmitted(n);
            rounds += 1;
            assert!(rounds < 1000, "sends for ever");
        }
        for ticket in core::mem::take(&mut self.app.pending) {
            let _any = answer(&mut self.connection, ticket, true, 20);
        }
        for channel in self.app.live.iter().map(|live| live.channel) {
            let c = &mut self.connection;
            assert!(c.writer(channel, Stream::Main).is_err());
            assert!(c.request(channel, Request::Shell).is_err());
            let _any = (c.grant(channel, 5000), c.finish(channel), c.close(channel));
        }
        let c = &mut self.connection;
        assert!(c.open(Open::Session, crate::Window::default()).is_err());
        assert!(c.global(Global::Other { name: "other@test", want_reply: true, body: b"" }).is_err());
        c.rekey();
        c.disconnect(Disconnect::default());
        c.handle_timeout(now.plus(1_000_000 * SECOND));
        c.received(0, now);
        c.received_eof(now);
        assert!(c.transmit_buf().is_empty(), "something leaves after DISCONNECT: {:?}", c.transmit_buf());
        assert!(!self.next(YES, seen));
        self.check();
    }
}

/// `Writable` says that the same call is served now.
fn worth_repeating<R: Player>(connection: &mut Connection<R>, app: &App, channel: Channel) {
    let Some(live) = app.live.iter().find(|live| live.channel == channel) else { return };
    match connection.writer_for(channel, Stream::Main, live.least) {
        Ok(mut writer) => assert!(writer.space().len() >= live.least, "less room than was wanted"),
        // The application finished or closed it, or the peer did.
        Err(error) => assert!(matches!(error, SendError::Closed | SendError::Stale), "Writable, and then {error:?}"),
    }
}

/// Questions that an application may lose without answering them.
fn is_passing(asked: Asked) -> bool {
    matches!(asked, Asked::Permission | Asked::Opening(_))
}

pub(super) fn assert_stale<R: Role>(connection: &mut Connection<R>, channel: Channel) {
    assert_eq!(connection.grant(channel, 1), Err(Stale), "grant");
    assert_eq!(connection.finish(channel), Err(Stale), "finish");
    assert_eq!(connection.close(channel), Err(Stale), "close");
    assert!(connection.request(channel, Request::Shell).is_err(), "request");
    assert!(connection.writer(channel, Stream::Main).is_err(), "writer");
}

fn purpose_name(purpose: Purpose) -> &'static str {
    match purpose {
        Purpose::KeyExchange => "Sign KeyExchange",
        Purpose::Login => "Sign Login",
        Purpose::HostBased => "Sign HostBased",
        Purpose::HostKeyProof => "Sign HostKeyProof",
    }
}

fn open_name(open: &Open<'_>) -> &'static str {
    match open {
        Open::Session => "Session",
        Open::DirectTcpip { .. } => "DirectTcpip",
        Open::ForwardedTcpip { .. } => "ForwardedTcpip",
        Open::DirectStreamlocal { .. } => "DirectStreamlocal",
        Open::ForwardedStreamlocal { .. } => "ForwardedStreamlocal",
        Open::X11 { .. } => "X11",
        Open::AuthAgent => "AuthAgent",
        Open::Tun { .. } => "Tun",
        Open::Other { .. } => "Other",
    }
}

fn request_name(request: &Request<'_>) -> &'static str {
    match request {
        Request::Shell => "Shell",
        Request::Exec { .. } => "Exec",
        Request::Subsystem { .. } => "Subsystem",
        Request::Env { .. } => "Env",
        Request::Pty { .. } => "Pty",
        Request::WindowChange(_) => "WindowChange",
        Request::Signal { .. } => "Signal",
        Request::XonXoff { .. } => "XonXoff",
        Request::Break { .. } => "Break",
        Request::EndOfWrite => "EndOfWrite",
        Request::X11 { .. } => "X11",
        Request::AuthAgent => "AuthAgent",
        Request::ExitStatus(_) => "ExitStatus",
        Request::ExitSignal { .. } => "ExitSignal",
        Request::Other { .. } => "Other",
    }
}

fn global_name(global: &Global<'_>) -> &'static str {
    match global {
        Global::TcpipForward { .. } => "TcpipForward",
        Global::CancelTcpipForward { .. } => "CancelTcpipForward",
        Global::StreamlocalForward { .. } => "StreamlocalForward",
        Global::CancelStreamlocalForward { .. } => "CancelStreamlocalForward",
        Global::NoMoreSessions => "NoMoreSessions",
        Global::HostKeys { .. } => "HostKeys",
        Global::HostKeysProve { .. } => "HostKeysProve",
        Global::Other { .. } => "Other",
    }
}

fn phase_name(phase: Phase) -> &'static str {
    match phase {
        Phase::Ident => "Ident",
        Phase::FirstKexInit => "FirstKexInit",
        Phase::Kex { shape: _, step: Step::Guess, strict: false } => "Kex Guess",
        Phase::Kex { shape: _, step: Step::Group, strict: false } => "Kex Group",
        Phase::Kex { shape: _, step: Step::Exchange, strict: false } => "Kex Exchange",
        Phase::Kex { shape: _, step: Step::Own, strict: false } => "Kex Own",
        Phase::Kex { shape: _, step: Step::NewKeys, strict: false } => "Kex NewKeys",
        Phase::Kex { shape: _, step: Step::Guess, strict: true } => "Kex Guess strict",
        Phase::Kex { shape: _, step: Step::Group, strict: true } => "Kex Group strict",
        Phase::Kex { shape: _, step: Step::Exchange, strict: true } => "Kex Exchange strict",
        Phase::Kex { shape: _, step: Step::Own, strict: true } => "Kex Own strict",
        Phase::Kex { shape: _, step: Step::NewKeys, strict: true } => "Kex NewKeys strict",
        Phase::JustAfterNewKeys => "JustAfterNewKeys",
        Phase::Service => "Service",
        Phase::Auth { method: Method::Idle } => "Auth Idle",
        Phase::Auth { method: Method::Open } => "Auth Open",
        Phase::Auth { method: Method::Probe } => "Auth Probe",
        Phase::Auth { method: Method::Password } => "Auth Password",
        Phase::Auth { method: Method::Interactive } => "Auth Interactive",
        Phase::Open => "Open",
        Phase::Rekey { shape: _, step: Step::Guess } => "Rekey Guess",
        Phase::Rekey { shape: _, step: Step::Group } => "Rekey Group",
        Phase::Rekey { shape: _, step: Step::Exchange } => "Rekey Exchange",
        Phase::Rekey { shape: _, step: Step::Own } => "Rekey Own",
        Phase::Rekey { shape: _, step: Step::NewKeys } => "Rekey NewKeys",
        Phase::Closing => "Closing",
    }
}
