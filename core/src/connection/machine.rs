//! The one machine behind both roles: it runs until something is found, and lends last.
//!
//! ```text
//!  Machine = Lent (what events borrow: receive buffer, login slot, hash)  +  Core (everything that goes on working)
//!
//!  step():  settle what was lent --> found without input? --> write what is owed --> next packet --> dispatch --> found
//! ```
//! A found event is `Copy`: spans and slot numbers. `lend` turns it into slices and rights to answer, as the last thing
//! that a call does, so that the loop borrows nothing.

use super::ask::{Kind, Ticket};
use super::config::{Buffers, Settings, Shared};
use super::error::{Error, List};
use super::prove::Proofs;
use super::round_trip::RoundTrip;
use super::{Algorithms, Counters, Instant, NewError, Peer, Timer, Timers, Wants};
use crate::auth::{Authenticated, client, server};
use crate::channel::{Channel, Forwards, Replies, Slot, Table};
use crate::crypto::{Hash, Seed};
use crate::transport::{Phase, Receive, Transport};
use alloc::vec::Vec;
use core::ops::Range;
use zeroize::Zeroize;

/// What events borrow from.
pub struct Lent {
    pub(crate) receive: Receive,
    /// Client: the login being sent (`string session_id`, request). Server: user and steps. See [`crate::auth`].
    pub(crate) login: Vec<u8>,
    /// `H` of the exchange to be signed.
    pub(crate) hash: [u8; Hash::MAX],
    pub(crate) hash_len: u8,
    pub(crate) shared: Shared,
}

/// How far the connection is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stage {
    Ident,
    FirstExchange,
    JustAfterNewKeys,
    Service,
    Auth,
    Open,
    Closing,
}

/// Everything but what is lent.
pub struct Core {
    pub(crate) transport: Transport,
    pub(crate) server: bool,
    pub(crate) timers: Timers,
    pub(crate) now: Instant,
    pub(crate) stage: Stage,
    /// Marks the handles of this connection.
    pub(crate) tag: u32,
    /// The question that the last event lent, if it was neither answered nor taken.
    pub(crate) lent_ask: Option<Ticket>,
    serial: u32,
    /// Open questions of which there is one at a time.
    pub(crate) kex_ask: Option<u32>,
    pub(crate) auth_ask: Option<u32>,
    pub(crate) login: client::State,
    pub(crate) attempt: client::Attempt,
    /// Client: how many questions wait for answers.
    pub(crate) prompts: usize,
    pub(crate) logins: server::Logins,
    /// A login being composed; and its signature.
    pub(crate) draft: Vec<u8>,
    pub(crate) signature: Vec<u8>,
    pub(crate) banners: u32,
    /// Client: signatures that the application declined.
    pub(crate) declined: u32,
    pub(crate) ready: bool,
    pub(crate) channels: Channels,
    pub(crate) rekeys_before_login: u8,
    pub(crate) rekey_wanted: bool,
    pub(crate) received_before_login: u64,
    pub(crate) keepalive: Keepalive,
    pub(crate) round_trip: RoundTrip,
    /// The last event was data that is granted back when it is over: the slot, and how much.
    pub(crate) regrant: Option<(u16, u32)>,
    pub(crate) traffic: bool,
    pub(crate) eof: bool,
    /// Client: SERVICE_REQUEST is written. Server: SERVICE_ACCEPT is owed.
    pub(crate) service: bool,
    /// Client: EXT_INFO came during the login; only SUCCESS may follow it.
    pub(crate) ext_info_in_login: bool,
    /// An answer came outside a turn: `next_event` may have something to say.
    pub(crate) stirred: bool,
    /// The packet at the front of the receive buffer is lent, or done with.
    pub(crate) consume: bool,
    /// It holds a secret.
    pub(crate) wipe: bool,
    /// `Ready` was the last event.
    pub(crate) ready_told: bool,
    pub(crate) end: Option<End>,
}

/// Signs of life.
#[derive(Debug, Default)]
pub(crate) struct Keepalive {
    /// When the last packet came.
    pub(crate) heard: Instant,
    pub(crate) missed: u32,
    /// Our request that waits for an answer.
    pub(crate) asked: Option<u32>,
    pub(crate) owed: bool,
}

/// The connection protocol's state, over all channels.
#[derive(Debug)]
pub(crate) struct Channels {
    pub(crate) table: Table,
    pub(crate) credit: u64,
    /// The peer's global requests.
    pub(crate) globals: Replies,
    pub(crate) ports: [Option<u32>; 32],
    /// Our global requests that want an answer: sent, and answered.
    pub(crate) sent: u32,
    pub(crate) answered: u32,
    pub(crate) forwards: Forwards,
    pub(crate) proofs: Proofs,
    /// `no-more-sessions@openssh.com` was said.
    pub(crate) no_more_sessions: bool,
    /// Opens of ours that wait for an answer.
    pub(crate) opening: u32,
    /// Channel requests of ours that wait for an answer.
    pub(crate) requested: u32,
    /// Opens refused and not yet answered.
    pub(crate) refused: Ring<(u32, u32), 64>,
    /// Sequence numbers of messages not implemented and not yet answered.
    pub(crate) unimplemented: Ring<u32, 16>,
    /// Room promised to channels that were told in this turn: no more are told than find room.
    pub(crate) promised: usize,
    /// Everything was told; what is promised holds until bytes or time move.
    pub(crate) turn_over: bool,
    /// The size of an own message that found no room.
    pub(crate) room_wanted: usize,
}

/// A queue with a constant bound.
#[derive(Debug)]
pub(crate) struct Ring<T, const N: usize> {
    items: [T; N],
    first: usize,
    len: usize,
}

impl<T: Copy + Default, const N: usize> Default for Ring<T, N> {
    fn default() -> Self {
        Ring { items: [T::default(); N], first: 0, len: 0 }
    }
}

impl<T: Copy, const N: usize> Ring<T, N> {
    /// False if it is full.
    pub(crate) fn push(&mut self, item: T) -> bool {
        let at = self.first.saturating_add(self.len).checked_rem(N).unwrap_or(0);
        match self.items.get_mut(at) {
            Some(place) if self.len < N => {
                *place = item;
                self.len = self.len.saturating_add(1);
                true
            }
            _ => false,
        }
    }

    pub(crate) fn front(&self) -> Option<T> {
        if self.len == 0 { None } else { self.items.get(self.first).copied() }
    }

    pub(crate) fn pop(&mut self) {
        if self.len > 0 {
            self.first = self.first.saturating_add(1).checked_rem(N).unwrap_or(0);
            self.len = self.len.saturating_sub(1);
        }
    }
}

/// How it ended.
#[derive(Clone, Debug)]
pub(crate) struct End {
    pub(crate) error: Error,
    pub(crate) state: &'static str,
    /// The failed list, and where the peer's KEXINIT lies.
    pub(crate) offers: Option<(List, Range<usize>)>,
    /// Where the peer's DISCONNECT lies.
    pub(crate) words: Option<Range<usize>>,
    pub(crate) told: bool,
}

/// An event, located.
#[derive(Clone, Debug)]
pub enum Found {
    #[doc(hidden)]
    HostKey { payload: Range<usize>, ticket: Ticket },
    #[doc(hidden)]
    LoginNeeded { payload: Option<Range<usize>>, ticket: Ticket },
    #[doc(hidden)]
    Sign { slot: u16, ticket: Ticket },
    #[doc(hidden)]
    Banner { payload: Range<usize> },
    #[doc(hidden)]
    KeyQuery { payload: Range<usize>, ticket: Ticket },
    #[doc(hidden)]
    Login { payload: Range<usize>, ticket: Ticket, steps: usize, accepted: usize },
    #[doc(hidden)]
    Prompts { payload: Range<usize>, ticket: Ticket },
    #[doc(hidden)]
    PasswordExpired { payload: Range<usize>, ticket: Ticket },
    #[doc(hidden)]
    Ready,
    #[doc(hidden)]
    Room,
    #[doc(hidden)]
    Channel(Channel, OnChannel),
    #[doc(hidden)]
    Global { payload: Range<usize>, ticket: Option<Ticket> },
    #[doc(hidden)]
    GlobalReplied { payload: Range<usize>, sent: u32, ok: bool },
    #[doc(hidden)]
    Closed,
}

/// An event of a channel, located.
#[derive(Clone, Debug)]
pub enum OnChannel {
    #[doc(hidden)]
    Requested { payload: Range<usize>, ticket: Ticket },
    #[doc(hidden)]
    Opened { payload: Range<usize> },
    #[doc(hidden)]
    Refused { payload: Range<usize> },
    #[doc(hidden)]
    Writable,
    #[doc(hidden)]
    Data { stderr: bool, bytes: Range<usize> },
    #[doc(hidden)]
    Request { payload: Range<usize>, ticket: Option<Ticket> },
    #[doc(hidden)]
    Replied { sent: u32, ok: bool },
    #[doc(hidden)]
    Eof,
    #[doc(hidden)]
    Closed,
}

/// Where the data of the next packet goes.
#[derive(Clone, Debug)]
pub(crate) struct DataPlace {
    pub(crate) slot: u16,
    pub(crate) stderr: bool,
    pub(crate) place: Range<usize>,
}

#[derive(Debug)]
pub(crate) struct Machine {
    pub(crate) lent: Lent,
    pub(crate) core: Core,
}

impl Machine {
    pub(crate) fn new(shared: Shared, server: bool, seed: &Seed, now: Instant) -> Result<Machine, NewError> {
        let settings = shared.settings();
        if server && settings.host_keys.is_empty() {
            return Err(NewError::NoHostKey);
        }
        let login_time = settings.login_time;
        let kex_time = settings.kex_time;
        let mut transport = Transport::new(shared.clone(), server, seed).map_err(|_| NewError::OutOfMemory)?;
        let tag = transport.random.number();
        let mut timers = Timers::default();
        timers.set(Timer::Login, now.plus(login_time));
        timers.set(Timer::KeyExchange, now.plus(kex_time));
        let mut machine = Machine {
            lent: Lent { receive: Receive::default(), login: Vec::new(), hash: [0; Hash::MAX], hash_len: 0, shared },
            core: Core {
                transport,
                server,
                timers,
                now,
                stage: Stage::Ident,
                tag,
                lent_ask: None,
                serial: 0,
                kex_ask: None,
                auth_ask: None,
                login: client::State::default(),
                attempt: client::Attempt::default(),
                prompts: 0,
                logins: server::Logins::default(),
                draft: Vec::new(),
                signature: Vec::new(),
                banners: 0,
                declined: 0,
                ready: false,
                channels: Channels {
                    table: Table::default(),
                    credit: 0,
                    globals: Replies::default(),
                    ports: [None; 32],
                    sent: 0,
                    answered: 0,
                    forwards: Forwards::default(),
                    proofs: Proofs::default(),
                    no_more_sessions: false,
                    opening: 0,
                    requested: 0,
                    refused: Ring::default(),
                    unimplemented: Ring::default(),
                    promised: 0,
                    turn_over: false,
                    room_wanted: 0,
                },
                rekeys_before_login: 0,
                rekey_wanted: false,
                received_before_login: 0,
                keepalive: Keepalive::default(),
                round_trip: RoundTrip::default(),
                regrant: None,
                traffic: true,
                eof: false,
                service: false,
                ext_info_in_login: false,
                stirred: false,
                consume: false,
                wipe: false,
                ready_told: false,
                end: None,
            },
        };
        // Our KEXINIT need not wait for the peer's identification (RFC 4253, section 4.2).
        machine.core.flush(&mut machine.lent).map_err(|_| NewError::OutOfMemory)?;
        Ok(machine)
    }

    /// The two halves that `lend` and answers work with.
    pub(crate) fn split(&mut self) -> (&mut Core, &Lent) {
        (&mut self.core, &self.lent)
    }

    // Network.

    fn receive_capacity(&self) -> (usize, usize) {
        let settings = self.core.settings();
        let limits = &settings.limits;
        let whole = self.core.stage == Stage::Open || settings.buffers == Buffers::Keep;
        let capacity = if whole { limits.receive } else { limits.handshake_receive };
        let n = |value: u32| usize::try_from(value).unwrap_or(usize::MAX);
        (n(capacity), n(limits.packet))
    }

    pub(crate) fn wants(&self) -> Wants {
        let (capacity, _) = self.receive_capacity();
        let ended = self.core.stage == Stage::Closing || self.core.eof;
        Wants { read: !ended && !self.lent.receive.is_full(capacity), write: !self.transmit_buf().is_empty() }
    }

    pub(crate) fn recv_buf(&mut self) -> &mut [u8] {
        let (capacity, longest) = self.receive_capacity();
        if !self.wants().read {
            return &mut [];
        }
        self.core.arm_release();
        match self.lent.receive.space(capacity, longest) {
            Ok(space) => space,
            Err(error) => {
                self.core.fail(error);
                &mut []
            }
        }
    }

    pub(crate) fn received(&mut self, n: usize, now: Instant) {
        self.core.begin_turn(now);
        if self.core.stage == Stage::Closing {
            return;
        }
        if !self.lent.receive.filled(n) {
            self.core.fail(Error::Misuse);
            return;
        }
        self.core.moved(n);
        self.core.transport.counters.bytes_in = self.core.transport.counters.bytes_in.saturating_add(n as u64);
        if self.core.stage != Stage::Open {
            self.core.received_before_login = self.core.received_before_login.saturating_add(n as u64);
            if self.core.received_before_login > u64::from(self.core.settings().limits.before_login) {
                self.core.fail(Error::Flood);
            }
        }
    }

    pub(crate) fn received_eof(&mut self, now: Instant) {
        self.core.now = now;
        self.core.eof = true;
    }

    pub(crate) fn transmit_buf(&self) -> &[u8] {
        self.core.transport.transmit.front()
    }

    pub(crate) fn transmitted(&mut self, n: usize) {
        self.core.begin_turn(self.core.now);
        if !self.core.transport.transmit.sent(n) {
            self.core.fail(Error::Misuse);
            return;
        }
        self.core.moved(n);
        if self.core.stage != Stage::Closing
            && let Err(error) = self.core.flush(&mut self.lent)
        {
            self.core.fail(error);
        }
    }

    // Events.

    /// Runs until something is found.
    pub(crate) fn step(&mut self) -> Option<Found> {
        self.settle();
        loop {
            if let Some(end) = &mut self.core.end {
                if end.told {
                    return None;
                }
                end.told = true;
                self.lent.login.zeroize();
                if end.words.is_none() && end.offers.is_none() {
                    // A password may be in the packet at which it ended.
                    self.lent.receive.wipe();
                }
                self.lent.receive.lend(true);
                return Some(Found::Closed);
            }
            match self.turn() {
                Ok(Turn::Found(found)) => {
                    self.lent.receive.lend(true);
                    return Some(found);
                }
                Ok(Turn::GoOn) => {}
                Ok(Turn::Nothing) => {
                    self.core.stirred = false;
                    self.core.channels.turn_over = true;
                    return None;
                }
                Err(error) => self.core.fail(error),
            }
        }
    }

    fn turn(&mut self) -> Result<Turn, Error> {
        self.core.flush(&mut self.lent)?;
        if self.core.proof_is_due() && !self.core.ready {
            self.core.write_proof_text(&mut self.lent)?;
            return self.core.ask_proof().map(Turn::Found);
        }
        if let Some(found) = self.core.found_without_input()? {
            return Ok(Turn::Found(found));
        }
        self.input()
    }

    /// Ends what the last event lent.
    fn settle(&mut self) {
        self.lent.receive.lend(false);
        if self.core.consume {
            self.core.consume = false;
            if self.core.wipe {
                self.core.wipe = false;
                self.lent.receive.wipe();
            }
            self.lent.receive.consume();
        }
        if let Some(ticket) = self.core.lent_ask.take() {
            self.core.refuse(&self.lent, ticket);
        }
        if let Some((number, n)) = self.core.regrant.take() {
            self.core.grant(number, n);
        }
        if self.core.ready_told {
            // The record of the login was lent for the last time.
            self.core.ready_told = false;
            self.lent.login.zeroize();
            self.lent.login = Vec::new();
        }
    }

    /// Takes the question that the last event lent, by its number.
    pub(crate) fn keep(&mut self, raw: u64) -> bool {
        let lent = self.core.lent_ask == Some(Ticket(raw));
        if lent {
            self.core.lent_ask = None;
        }
        lent
    }

    // Time.

    pub(crate) fn next_timeout(&self) -> Option<Instant> {
        let core = &self.core;
        if core.end.as_ref().is_some_and(|end| end.told) {
            return None;
        }
        if core.has_news() {
            return Some(core.now);
        }
        core.timers.next()
    }

    pub(crate) fn handle_timeout(&mut self, now: Instant) {
        self.core.begin_turn(now);
        if self.core.stage == Stage::Closing {
            return;
        }
        while let Some(timer) = self.core.timers.take_due(now) {
            match timer {
                Timer::Login | Timer::KeyExchange => self.core.fail(Error::Timeout(timer)),
                Timer::Rekey => self.core.rekey_wanted = true,
                Timer::Keepalive => self.core.on_keepalive_timer(),
                Timer::Release => self.on_release_timer(),
            }
        }
        if self.core.stage != Stage::Closing
            && let Err(error) = self.core.flush(&mut self.lent)
        {
            self.core.fail(error);
        }
    }

    /// After a second without traffic the buffers go, if nothing is in them.
    fn on_release_timer(&mut self) {
        if core::mem::take(&mut self.core.traffic) {
            self.core.arm_release();
            return;
        }
        self.lent.receive.release();
        if !self.core.someone_waits_for_room() {
            self.core.transport.transmit.release();
        }
    }

    // Looks.

    pub(crate) fn peer(&self) -> Peer<'_> {
        Peer { identification: self.core.transport.peer_ident.as_bytes() }
    }

    pub(crate) fn algorithms(&self) -> Option<Algorithms> {
        self.core.transport.algorithms()
    }

    pub(crate) fn session_id(&self) -> Option<&[u8]> {
        self.core.transport.session()
    }

    pub(crate) fn counters(&self) -> Counters {
        let round_trip = self.core.round_trip.shortest().unwrap_or(0);
        Counters { moved: self.lent.receive.moved(), round_trip, ..self.core.transport.counters }
    }

    pub(crate) fn trace(&self) -> &str {
        self.core.transport.trace.lines()
    }

    pub(crate) fn traced(&mut self, n: usize) {
        self.core.transport.trace.taken(n);
    }

    pub(crate) fn state_name(&self) -> &'static str {
        self.core.state_name()
    }

    pub(crate) fn rekey(&mut self) {
        self.core.rekey_wanted = true;
    }

    pub(crate) fn disconnect(&mut self, why: super::Disconnect<'_>) {
        self.core.disconnect(why.code, why.text);
    }
}

impl Drop for Machine {
    fn drop(&mut self) {
        // A password, or what says who logs in where, may be in them.
        self.lent.login.zeroize();
        self.core.draft.zeroize();
        self.core.signature.zeroize();
    }
}

impl core::fmt::Debug for Core {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "Core({})", self.state_name())
    }
}

impl core::fmt::Debug for Lent {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("Lent(…)")
    }
}

/// What one turn of the loop comes to.
pub(crate) enum Turn {
    Found(Found),
    GoOn,
    Nothing,
}

impl Core {
    pub(crate) fn settings(&self) -> &Settings {
        self.transport.shared.settings()
    }

    /// All of the history that matters to what may arrive.
    pub(crate) fn phase(&self) -> Phase {
        use crate::transport::Peer;
        let running = match self.transport.kex.peer {
            Peer::Seen(step) => Some(step),
            // "each party MUST be prepared to process an arbitrary number of messages that may be in-flight before
            // receiving a SSH_MSG_KEXINIT message from the other party" (RFC 4253, section 7.1): only the peer's
            // KEXINIT makes a phase.
            Peer::Idle => None,
        };
        let shape = self.transport.kex.shape();
        match (self.stage, running) {
            (Stage::Closing, _) => Phase::Closing,
            (Stage::Ident, _) => Phase::Ident,
            (Stage::FirstExchange, None) => Phase::FirstKexInit,
            (Stage::FirstExchange, Some(step)) => {
                Phase::Kex { shape, step, strict: self.transport.kex.strict == Some(true) }
            }
            (_, Some(step)) => Phase::Rekey { shape, step },
            (Stage::JustAfterNewKeys, None) => Phase::JustAfterNewKeys,
            (Stage::Service, None) => Phase::Service,
            (Stage::Auth, None) if self.server => Phase::Auth { method: self.logins.state.method() },
            (Stage::Auth, None) => Phase::Auth { method: self.login.method() },
            (Stage::Open, None) => Phase::Open,
        }
    }

    pub(crate) fn state_name(&self) -> &'static str {
        match self.phase() {
            Phase::Ident => "version exchange",
            Phase::FirstKexInit | Phase::Kex { .. } => "first key exchange",
            Phase::JustAfterNewKeys | Phase::Service => "service request",
            Phase::Auth { .. } => "login",
            Phase::Open => "open",
            Phase::Rekey { .. } => "re-exchange",
            Phase::Closing => self.end.as_ref().map_or("closing", |end| end.state),
        }
    }

    /// A number for a question of which there is one at a time.
    pub(crate) fn serial(&mut self) -> Result<u32, Error> {
        let serial = self.serial;
        if serial >= Ticket::SERIALS {
            return Err(Error::Flood);
        }
        self.serial = serial.saturating_add(1);
        Ok(serial)
    }

    /// A ticket, lent by the event that is about to be found.
    pub(crate) fn lend(&mut self, serial: u32, kind: Kind, slot: u16) -> Ticket {
        let ticket = Ticket::new(self.tag, serial, kind, slot);
        self.lent_ask = Some(ticket);
        ticket
    }

    /// The connection is logged in: only for a proof.
    pub(crate) fn enter_open(&mut self, _proof: Authenticated) -> Result<(), Error> {
        self.stage = Stage::Open;
        self.transport.on_login()?;
        self.transport.kex.host_key = Vec::new();
        self.ready = true;
        self.timers.stop(Timer::Login);
        let (rekey, keepalive) = (self.settings().rekey_time, self.settings().keepalive);
        self.timers.set(Timer::Rekey, self.now.plus(rekey));
        if let Some((interval, _)) = keepalive {
            self.timers.set(Timer::Keepalive, self.now.plus(interval));
        }
        self.arm_release();
        Ok(())
    }

    /// Bytes or time moved. What was promised and not used is free again: a program that ignores what it was told stalls
    /// nobody.
    fn begin_turn(&mut self, now: Instant) {
        self.now = now;
        if core::mem::take(&mut self.channels.turn_over) {
            self.channels.promised = 0;
        }
    }

    /// Bytes went over the network.
    fn moved(&mut self, n: usize) {
        if n > 0 {
            self.traffic = true;
            self.arm_release();
        }
    }

    /// Buffers are held: when nothing moves for a second, they go.
    fn arm_release(&mut self) {
        let release = self.stage == Stage::Open && self.settings().buffers == Buffers::Release;
        if release && !self.timers.is_set(Timer::Release) {
            self.timers.set(Timer::Release, self.now.plus(super::SECOND));
        }
    }

    /// Ends the connection: tells the peer, if it listens, and the application next.
    pub(crate) fn fail(&mut self, error: Error) {
        self.end_with(error, None, None, "");
    }

    pub(crate) fn disconnect(&mut self, code: u32, text: &str) {
        // "MUST have Disconnection Message 'reason code' values in the range of 0x00000001 to 0xFFFFFFFF" (RFC 4250, section
        // 4.2.1).
        let code = if code == 0 { super::error::code::BY_APPLICATION } else { code };
        let cut =
            text.char_indices().map(|(at, c)| at.saturating_add(c.len_utf8())).take_while(|end| *end <= 256).last();
        self.end_with(Error::Application { code }, None, None, text.get(..cut.unwrap_or(0)).unwrap_or_default());
    }

    pub(crate) fn end_with(
        &mut self,
        error: Error,
        offers: Option<(List, Range<usize>)>,
        words: Option<Range<usize>>,
        text: &str,
    ) {
        if self.end.is_some() {
            return;
        }
        let state = self.state_name();
        if let Some(code) = error.disconnect_code() {
            let text = if text.is_empty() { error.row().2 } else { text };
            let message = crate::message::Disconnect::new(code, text.as_bytes(), b"");
            // Room for it is always kept; where even sealing fails, the peer learns from the end of the stream.
            let _sent = self.transport.send_last(&|sink| crate::message::Message::write(&message, sink));
        }
        self.end = Some(End { error, state, offers, words, told: false });
        // "The sender MUST NOT send or receive any data after this message" (RFC 4253, section 11.1).
        self.stage = Stage::Closing;
        self.timers.stop_all();
        self.kex_ask = None;
        self.auth_ask = None;
        self.channels.proofs = Proofs::default();
        self.draft.zeroize();
        self.signature.zeroize();
    }

    /// The slot of a handle. After the end every handle is stale.
    pub(crate) fn slot(&mut self, channel: Channel) -> Option<(u16, &mut Slot)> {
        if self.end.is_some() {
            return None;
        }
        self.channels.table.of(channel, self.tag & 0xff_ffff)
    }

    /// The handle of a slot.
    pub(crate) fn handle(&self, number: u16) -> Channel {
        let generation = self.channels.table.get(number).map_or(0, |slot| slot.generation);
        Channel::new(self.tag, generation, number)
    }
}
