//! Operations on a connection that is open: both ends are sansh, and the input says what their applications do, how the
//! network behaves, and what the subject's peer says beside what sansh would say.
//!
//! An input is: the variant of the configuration, what both applications do during the login (a chunk of choices; an empty
//! one says yes to all), then operations of one byte each with their arguments. Without injected messages the run is honest,
//! and more is checked: nobody is to blame, a login ends, data arrives as it was written, and in the end everything that was
//! asked is answered.

use super::Seen;
use super::end::{App, Choices, End, KEY, Live, OTHER_KEY, Player, YES, answer, assert_stale};
use super::input::Input;
use crate::channel::tun::Layer;
use crate::channel::{Channel, Global, KeyList, Modes, Open, Request, Sent, Size, Stream};
use crate::danger::{Phase, phase, send_payload};
use crate::{Connection, Disconnect, Flow, Instant, SECOND, SendError, Window};

/// What an operation's byte means (its lowest five bits). `PEER` does it on the other end.
pub(super) mod op {
    pub(in super::super) const PUMP: u8 = 0;
    pub(in super::super) const INJECT: u8 = 1;
    pub(in super::super) const TO_SUBJECT: u8 = 2;
    pub(in super::super) const TO_PEER: u8 = 3;
    pub(in super::super) const EVENTS: u8 = 4;
    pub(in super::super) const CHOICE: u8 = 5;
    pub(in super::super) const OPEN: u8 = 6;
    pub(in super::super) const REQUEST: u8 = 7;
    pub(in super::super) const GLOBAL: u8 = 8;
    pub(in super::super) const WRITE: u8 = 9;
    pub(in super::super) const GRANT: u8 = 10;
    pub(in super::super) const FINISH: u8 = 11;
    pub(in super::super) const CLOSE: u8 = 12;
    pub(in super::super) const REKEY: u8 = 13;
    pub(in super::super) const ANSWER: u8 = 14;
    pub(in super::super) const TIME: u8 = 15;
    pub(in super::super) const STALE: u8 = 16;
    pub(in super::super) const END: u8 = 17;
    pub(in super::super) const LOSE: u8 = 18;
    pub(in super::super) const LOOK: u8 = 19;
    pub(in super::super) const MISUSE: u8 = 20;
    pub(in super::super) const GARBAGE: u8 = 21;
    pub(in super::super) const FLOOD: u8 = 22;
    pub(in super::super) const WRITE_FOR: u8 = 23;
    pub(in super::super) const FLOW: u8 = 24;
    pub(in super::super) const PEER: u8 = 32;
}

/// How long the network takes, in one direction.
const DELAY: u64 = SECOND / 1000;

struct Pair<S: Player, P: Player> {
    subject: End<S>,
    peer: End<P>,
    now: Instant,
    choice: u8,
    seen: Seen,
}

pub(super) fn run<S: Player, P: Player>(data: &[u8]) -> Seen {
    let mut input = Input::new(data);
    let variant = input.byte();
    let now = Instant(1);
    let (subject, peer) = (End::new(variant, now), End::new(variant >> 1, now));
    let mut pair: Pair<S, P> = Pair { subject, peer, now, choice: YES, seen: Seen::new() };
    pair.log_in(input.chunk());
    for _ in 0..2000 {
        if input.is_empty() || pair.subject.app.closed.is_some() {
            break;
        }
        pair.operate(&mut input);
    }
    pair.settle();
    let Pair { mut subject, mut peer, now, mut seen, .. } = pair;
    subject.after_closed(now, &mut seen);
    peer.after_closed(now, &mut seen);
    seen
}

impl<S: Player, P: Player> Pair<S, P> {
    /// By anything, or by nothing: both are in, or for both it is over.
    fn log_in(&mut self, choices: &[u8]) {
        if choices.is_empty() {
            self.pump();
            assert!(self.subject.app.ready && self.peer.app.ready, "two ends of sansh do not log in");
            return;
        }
        (self.subject.app.rough, self.peer.app.rough) = (true, true);
        let (mut ours, mut theirs) = (Choices::new(choices), Choices::new(choices));
        for _ in 0..1000 {
            self.now = self.now.plus(DELAY);
            let mut moved = self.subject.drain(&mut ours, &mut self.seen);
            moved |= self.peer.drain(&mut theirs, &mut self.seen);
            moved |= carry(&mut self.peer, &mut self.subject, usize::MAX, self.now);
            moved |= carry(&mut self.subject, &mut self.peer, usize::MAX, self.now);
            moved |= answer_or_refuse(&mut self.subject, ours.take());
            moved |= answer_or_refuse(&mut self.peer, theirs.take());
            if !moved {
                break;
            }
        }
        let (subject, peer) = (&self.subject.app, &self.peer.app);
        let (ready, closed) = (subject.ready && peer.ready, subject.closed.is_some() && peer.closed.is_some());
        assert!(ready || closed, "a login without an end");
    }

    fn operate(&mut self, input: &mut Input<'_>) {
        let code = input.byte();
        match code & 31 {
            op::PUMP => self.pump(),
            op::INJECT => {
                self.subject.app.tainted = true;
                self.peer.app.tainted = true;
                let payload = input.chunk();
                if !payload.is_empty() && !send_payload(&mut self.peer.connection, payload) {
                    carry(&mut self.peer, &mut self.subject, usize::MAX, self.now);
                    send_payload(&mut self.peer.connection, payload);
                }
                if code & op::PEER != 0 {
                    carry(&mut self.peer, &mut self.subject, usize::MAX, self.now);
                    self.subject.drain(&mut Choices::new(&[self.choice]), &mut self.seen);
                }
            }
            op::TO_SUBJECT => {
                let n = amount(input.byte());
                carry(&mut self.peer, &mut self.subject, n, self.now);
            }
            op::TO_PEER => {
                let n = amount(input.byte());
                carry(&mut self.subject, &mut self.peer, n, self.now);
            }
            op::CHOICE => self.choice = input.byte(),
            op::LOSE => {
                // The network loses what the subject says, which no network does.
                self.taint();
                let n = self.subject.connection.transmit_buf().len().min(amount(input.byte()));
                self.subject.connection.transmitted(n);
            }
            op::GARBAGE => {
                self.taint();
                let bytes = input.chunk();
                self.subject.receive(bytes, self.now);
            }
            op::STALE => {
                let nth = input.byte();
                if code & op::PEER == 0 {
                    refused(&mut self.subject, &self.peer.app, nth);
                } else {
                    refused(&mut self.peer, &self.subject.app, nth);
                }
            }
            op::TIME => {
                let argument = input.byte();
                self.now = self.now.plus(u64::from(argument) * SECOND / 8);
                let choice = self.choice;
                if code & op::PEER == 0 {
                    self.subject.tick(self.now, &mut Choices::new(&[choice]), &mut self.seen);
                } else {
                    self.peer.tick(self.now, &mut Choices::new(&[choice]), &mut self.seen);
                }
            }
            other if code & op::PEER == 0 => {
                on_end(&mut self.subject, other, input, self.choice, self.now, &mut self.seen);
            }
            other => on_end(&mut self.peer, other, input, self.choice, self.now, &mut self.seen),
        }
        self.subject.check();
        self.peer.check();
    }

    fn taint(&mut self) {
        self.subject.app.tainted = true;
        self.peer.app.tainted = true;
    }

    /// Carries and takes events until nothing moves.
    fn pump(&mut self) {
        let choice = self.choice;
        // A re-exchange that one end knows nothing of is answered by another, and so on: no end of it in a tainted run.
        let rounds = if self.subject.app.tainted { 20 } else { 20_000 };
        for _ in 0..rounds {
            self.now = self.now.plus(DELAY);
            let mut moved = self.subject.drain(&mut Choices::new(&[choice]), &mut self.seen);
            moved |= self.peer.drain(&mut Choices::new(&[choice]), &mut self.seen);
            moved |= carry(&mut self.peer, &mut self.subject, usize::MAX, self.now);
            moved |= carry(&mut self.subject, &mut self.peer, usize::MAX, self.now);
            if !moved {
                return;
            }
        }
        assert!(self.subject.app.tainted, "two ends talk for ever");
    }

    /// Everything that waits for an application gets its answer; then nothing may be left open.
    fn settle(&mut self) {
        self.choice = YES;
        self.pump();
        let rounds = if self.subject.app.tainted { 3 } else { 400 };
        for _ in 0..rounds {
            let before = self.progress();
            while self.subject.app.pending.pop_if_answered(&mut self.subject.connection) {}
            while self.peer.app.pending.pop_if_answered(&mut self.peer.connection) {}
            self.pump();
            if before == self.progress() {
                break;
            }
        }
        let (subject, peer) = (&self.subject.app, &self.peer.app);
        let honest = !subject.tainted && !subject.misused && !peer.misused;
        if honest && subject.closed.is_none() && peer.closed.is_none() {
            nothing_owed(subject, "subject");
            nothing_owed(peer, "peer");
        }
    }

    fn progress(&self) -> (u64, u64, usize, usize) {
        let (subject, peer) = (&self.subject, &self.peer);
        let packets = (subject.connection.counters().packets_in, peer.connection.counters().packets_in);
        (packets.0, packets.1, subject.app.pending.len(), peer.app.pending.len())
    }
}

/// Answers the oldest question, somehow. False: there is none.
fn answer_or_refuse<R: Player>(end: &mut End<R>, choice: u8) -> bool {
    let waiting = end.app.pending.len();
    end.answer_later(0, choice & 1 == 0, choice >> 2);
    if waiting > 0 && end.app.pending.len() == waiting {
        end.answer_later(0, false, 0);
    }
    waiting > 0
}

/// Answers the oldest question that can be answered.
trait Answering {
    fn pop_if_answered<R: crate::Role>(&mut self, connection: &mut Connection<R>) -> bool;
}

impl Answering for alloc::vec::Vec<super::end::Ticket> {
    fn pop_if_answered<R: crate::Role>(&mut self, connection: &mut Connection<R>) -> bool {
        if self.is_empty() {
            return false;
        }
        let ticket = self.remove(0);
        let _done_or_stale = answer(connection, ticket, true, 0);
        true
    }
}

/// In an honest run, when nothing moves any more.
fn nothing_owed(app: &App, who: &str) {
    assert!(app.globals.is_empty(), "{who}: global requests without a reply: {:?}", app.globals);
    assert!(!app.room_wanted, "{who}: Room never came");
    for live in app.live.iter().filter(|live| !live.closing) {
        let channel = live.channel;
        assert!(!live.opening, "{who}: {channel:?} waits for its Opened");
        assert!(live.requests.is_empty(), "{who}: {channel:?}: requests without a reply: {:?}", live.requests);
        assert!(!live.waiting, "{who}: {channel:?}: Writable never came");
    }
}

fn amount(argument: u8) -> usize {
    if argument == 255 { usize::MAX } else { usize::from(argument) + 1 }
}

/// Carries at most `n` bytes. False: nothing moved.
fn carry<A: Player, B: Player>(from: &mut End<A>, to: &mut End<B>, n: usize, now: Instant) -> bool {
    let buffered = from.connection.transmit_buf();
    let n = n.min(buffered.len());
    if n == 0 {
        return false;
    }
    let n = if to.app.closed.is_some() { n } else { to.receive(&buffered[..n], now) };
    from.connection.transmitted(n);
    from.called();
    n > 0
}

/// Handles that are over, or another connection's, are refused.
fn refused<A: Player>(end: &mut End<A>, other: &App, nth: u8) {
    let pick = |n: usize| usize::from(nth) % n;
    if !end.app.used.is_empty() {
        let ticket = end.app.used[pick(end.app.used.len())];
        assert_eq!(answer(&mut end.connection, ticket, true, 0), super::end::Outcome::Stale, "{ticket:?}");
    }
    if !end.app.stale.is_empty() {
        assert_stale(&mut end.connection, end.app.stale[pick(end.app.stale.len())]);
    }
    if !other.live.is_empty() {
        assert_stale(&mut end.connection, other.live[pick(other.live.len())].channel);
    }
    if !other.pending.is_empty() {
        let ticket = other.pending[pick(other.pending.len())];
        assert_eq!(answer(&mut end.connection, ticket, true, 0), super::end::Outcome::Stale, "{ticket:?}");
    }
    assert_stale(&mut end.connection, Channel::from_raw(u64::from(nth) * 0x0101_0101_0101_0101));
}

fn on_end<R: Player>(end: &mut End<R>, code: u8, input: &mut Input<'_>, choice: u8, now: Instant, seen: &mut Seen) {
    end.called();
    match code {
        op::EVENTS => {
            let argument = input.byte();
            for _ in 0..=argument >> 6 {
                end.next(argument & 63, seen);
            }
        }
        op::OPEN => {
            let argument = input.byte();
            open(end, argument);
        }
        op::REQUEST => {
            let (which, kind) = (input.byte(), input.byte());
            request(end, which, kind);
        }
        op::GLOBAL => global(end, input.byte()),
        op::WRITE => {
            let (which, length) = (input.byte(), input.byte());
            write(end, which, length, 1);
        }
        op::WRITE_FOR => {
            let (which, length, least) = (input.byte(), input.byte(), input.byte());
            write(end, which, length, usize::from(least) * 8);
        }
        op::FLOW => {
            let (which, how) = (input.byte(), input.byte());
            if let Some(live) = pick(&mut end.app, which) {
                let channel = live.channel;
                let flow = Flow { ceiling: ceiling(how), grants: how & 1 != 0 };
                live.credit.ceiling = live.credit.ceiling.max(u64::from(flow.ceiling));
                live.credit.automatic = flow.grants;
                assert!(end.connection.flow(channel, flow).is_ok() || may_be_stale(end, channel));
            }
        }
        op::GRANT => {
            let (which, n) = (input.byte(), input.byte());
            if let Some(live) = pick(&mut end.app, which) {
                let channel = live.channel;
                let n = if n == 255 { u32::MAX } else { u32::from(n) * 16 };
                live.credit.granted += u64::from(n);
                assert!(end.connection.grant(channel, n).is_ok() || may_be_stale(end, channel));
            }
        }
        op::FINISH => {
            if let Some(live) = pick(&mut end.app, input.byte()) {
                live.waiting = false;
                let channel = live.channel;
                assert!(end.connection.finish(channel).is_ok() || may_be_stale(end, channel));
            }
        }
        op::CLOSE => {
            if let Some(live) = pick(&mut end.app, input.byte()) {
                (live.closing, live.waiting) = (true, false);
                let channel = live.channel;
                assert!(end.connection.close(channel).is_ok() || may_be_stale(end, channel));
                end.closed_unanswered(channel);
            }
        }
        op::REKEY => end.connection.rekey(),
        op::ANSWER => {
            let (which, how) = (input.byte(), input.byte());
            end.answer_later(which, how & 1 == 0, how >> 1);
        }
        op::END => match input.byte() {
            0 => end.connection.disconnect(Disconnect { code: 11, text: "enough" }),
            1 => end.connection.received_eof(now),
            _ => {}
        },
        op::LOOK => {
            let _looks = (end.connection.peer().identification, end.connection.algorithms());
            assert!(alloc::format!("{:?}", end.connection).len() < 1000);
            let lines = end.connection.trace();
            let n = lines.find('\n').map_or(0, |at| at + 1);
            end.connection.traced(n);
            end.connection.received(0, now);
            let _refused = R::banner(&mut end.connection).is_err();
        }
        op::MISUSE => match input.byte() {
            0 => {
                end.app.misused = true;
                let n = end.connection.recv_buf().len();
                end.connection.received(n + 1, now);
            }
            1 => {
                end.app.misused = true;
                let n = end.connection.transmit_buf().len();
                end.connection.transmitted(n + 1);
            }
            2 => {
                if let Some(channel) = pick(&mut end.app, 0).map(|live| live.channel)
                    && let Ok(mut writer) = end.connection.writer(channel, Stream::Main)
                {
                    end.app.misused = true;
                    let n = writer.space().len();
                    writer.send(n + 1);
                }
            }
            _ => {}
        },
        op::FLOOD => {
            // Writes until it is refused.
            let which = input.byte();
            for _ in 0..64 {
                if !write(end, which, 255, 1) {
                    break;
                }
            }
        }
        _ => {
            end.drain(&mut Choices::new(&[choice]), seen);
        }
    }
}

/// Whether a handle may be stale though the program has not heard of it: the connection has ended, or the program refused
/// the channel by its last answer.
fn may_be_stale<R: Player>(end: &End<R>, channel: Channel) -> bool {
    phase(&end.connection) == Phase::Closing || end.app.is_unsure(channel)
}

fn pick(app: &mut App, which: u8) -> Option<&mut Live> {
    let n = app.live.len().max(1);
    app.live.get_mut(usize::from(which) % n)
}

fn ceiling(how: u8) -> u32 {
    [0, 1 << 12, 1 << 17, 1 << 20][usize::from(how >> 6)]
}

fn open<R: Player>(end: &mut End<R>, argument: u8) {
    let (host, port, originator, originator_port) = (&b"host"[..], 80, &b"::1"[..], 4321);
    let open = match argument & 15 {
        2 => Open::DirectTcpip { host, port, originator, originator_port },
        3 => Open::ForwardedTcpip { address: host, port, originator, originator_port },
        4 => Open::DirectStreamlocal { path: b"/socket" },
        5 => Open::Other { kind: "other@test", body: b"body" },
        6 => Open::Other { kind: "unknown@test", body: b"" },
        7 => Open::ForwardedTcpip { address: host, port: 8022, originator, originator_port },
        8 => Open::ForwardedStreamlocal { path: b"/socket" },
        9 => Open::X11 { originator, originator_port },
        10 => Open::AuthAgent,
        11 => Open::Tun { layer: Layer::Three, unit: Some(3) },
        12 => Open::Tun { layer: Layer::Two, unit: None },
        _ => Open::Session,
    };
    let start = [1 << 16, 0, 50, 1 << 20][usize::from(argument >> 6)];
    let ceiling = if argument & 32 != 0 { 1 << 17 } else { 0 };
    let window = if ceiling > 0 { Window::Auto { start, ceiling } } else { Window::Fixed(start) };
    match end.connection.open(open, window) {
        Ok(channel) => {
            assert!(end.app.live.iter().all(|live| live.channel != channel), "a handle of two channels");
            assert!(open != Open::Session || !end.app.no_more_sessions, "a session, and there were to be no more");
            let mut live = Live::new(channel, true);
            (live.credit.start, live.credit.ceiling) = (u64::from(start), u64::from(ceiling));
            end.app.live.push(live);
        }
        Err(error) => end.app.refused(error),
    }
}

const MODES: &[(u8, u32)] = &[(Modes::ECHO, 1), (Modes::TTY_OP_ISPEED, 38_400)];

fn request<R: Player>(end: &mut End<R>, which: u8, kind: u8) {
    let Some(live) = pick(&mut end.app, which) else { return };
    let size = Size { columns: 80, rows: 24, width: 0, height: 0 };
    let x11 = |single_connection| Request::X11 {
        single_connection,
        protocol: b"MIT-MAGIC-COOKIE-1",
        cookie: b"00",
        screen: 0,
    };
    let request = match kind & 31 {
        0 => Request::Shell,
        1 => Request::Exec { command: b"true" },
        2 => Request::Subsystem { name: b"echo" },
        3 => Request::Env { name: b"LANG", value: b"C" },
        4 => Request::ExitStatus(u32::from(kind)),
        5 => Request::ExitSignal { signal: b"TERM", core_dumped: kind & 32 != 0, message: b"bye" },
        6 | 14 => Request::Other { name: "other@test", want_reply: kind & 8 != 0, body: &[7; 300] },
        8 => Request::Pty { term: b"vt100", size, modes: Modes::of(MODES) },
        9 => Request::WindowChange(size),
        10 => Request::Signal { name: b"INT" },
        11 => Request::XonXoff { client_can_do: true },
        12 => Request::Break { milliseconds: 500 },
        13 => Request::EndOfWrite,
        16 => x11(false),
        17 => x11(true),
        18 => Request::AuthAgent,
        _ => Request::Other { name: "unknown@test", want_reply: kind & 8 != 0, body: b"" },
    };
    match end.connection.request(live.channel, request) {
        Ok(sent) => {
            if sent != Sent(u32::MAX) {
                live.requests.push_back(sent);
            }
            match request {
                Request::X11 { single_connection: true, .. } => end.app.asked.single_x11 += 1,
                Request::X11 { .. } => end.app.asked.x11 = true,
                Request::AuthAgent => end.app.asked.agent = true,
                _ => {}
            }
        }
        Err(error) => end.app.refused(error),
    }
}

/// Keys to be proved: the server's, once and often, and one that is not its own.
const PROVED: [&[&[u8]]; 4] = [&[KEY], &[OTHER_KEY, KEY], &[KEY; 14], &[KEY, b"\0\0\0\x04null\0\0\0\x01x"]];

fn global<R: Player>(end: &mut End<R>, kind: u8) {
    let port = if kind & 4 != 0 { 0 } else { 80 };
    let mut keys: &[&[u8]] = &[];
    let request = match kind & 15 {
        0 | 4 => Global::TcpipForward { address: b"host", port },
        1 | 5 => Global::CancelTcpipForward { address: b"host", port },
        2 | 6 => Global::Other { name: "other@test", want_reply: kind & 4 != 0, body: &[7; 300] },
        3 | 7 => Global::Other { name: "unknown@test", want_reply: kind & 4 != 0, body: b"" },
        8 => Global::StreamlocalForward { path: b"/socket" },
        9 => Global::CancelStreamlocalForward { path: b"/socket" },
        10 => Global::NoMoreSessions,
        11 => Global::HostKeys { keys: KeyList::of(&[KEY, OTHER_KEY]) },
        nth => {
            keys = PROVED[usize::from(nth & 3)];
            Global::HostKeysProve { keys: KeyList::of(keys) }
        }
    };
    match end.connection.global(request) {
        Ok(sent) => {
            if sent != Sent(u32::MAX) {
                end.app.globals.push_back((sent, keys));
            }
            // A server's own word means nothing.
            end.app.no_more_sessions |= !R::SERVER && request == Global::NoMoreSessions;
            end.app.asked.forwards |= matches!(request, Global::TcpipForward { .. });
            end.app.asked.sockets |= matches!(request, Global::StreamlocalForward { .. });
        }
        Err(error) => end.app.refused(error),
    }
}

/// Writes the next bytes of the count, into a packet of room for at least so many. False: it was refused.
fn write<R: Player>(end: &mut End<R>, which: u8, length: u8, least: usize) -> bool {
    let Some(live) = pick(&mut end.app, which) else { return false };
    let stderr = which & 128 != 0;
    let stream = if stderr { Stream::Stderr } else { Stream::Main };
    let channel = live.channel;
    let writer = match least {
        1 => end.connection.writer(channel, stream),
        _ => end.connection.writer_for(channel, stream, least),
    };
    // What `Writable` will be about is the last call.
    if !matches!(writer, Err(SendError::TooLong | SendError::Closed | SendError::Stale)) {
        live.least = least.max(1);
    }
    match writer {
        Ok(mut writer) => {
            let space = writer.space();
            assert!(!space.is_empty() && space.len() >= least, "a writer without space");
            let n = space.len().min(usize::from(length) * 8);
            let next = &mut live.next[usize::from(stderr)];
            for byte in &mut space[..n] {
                *byte = *next;
                *next = next.wrapping_add(1);
            }
            writer.send(n);
            true
        }
        Err(error) => {
            live.waiting |= matches!(error, SendError::Full | SendError::Rekeying);
            if error == SendError::Window {
                // Whether more window comes is the peer's to say.
                live.waiting = false;
            }
            assert!(error != SendError::Stale || may_be_stale(end, channel), "a channel that is there is stale");
            false
        }
    }
}

impl App {
    fn refused(&mut self, error: SendError) {
        self.room_wanted |= matches!(error, SendError::Full | SendError::Rekeying);
        assert!(error != SendError::OutOfMemory && error != SendError::TooLong, "{error:?}");
    }
}
