//! What the application holds: a [`Connection`], and the calls on it.
//!
//! Each call is one of four kinds. *Look* (`&self`): [`wants`](Connection::wants), `transmit_buf`, `next_timeout`, `peer`,
//! `algorithms`, `session_id`, `counters`, `trace`. *Happened*: `received`, `received_eof`, `transmitted`,
//! `handle_timeout`. *Do*: `answer`, `writer`, `grant`, `open`, `request`, `global`, `finish`, `close`, `rekey`,
//! `disconnect`. *What next*: `recv_buf`, `next_event`.

mod answers;
pub(crate) mod ask;
mod calls;
mod channels;
pub(crate) mod config;
pub(crate) mod error;
pub(crate) mod event;
mod input;
mod lend;
mod limits;
mod login_client;
mod login_server;
pub(crate) mod machine;
mod output;
mod prove;
mod round_trip;
mod timer;

pub use limits::Limits;
pub(crate) use timer::Timers;
pub use timer::{Instant, SECOND, Timer, UnixTime};

use crate::channel::{Channel, Global, Open, Request, Sent, Stream};
use crate::crypto::Seed;
use alloc::sync::Arc;
use ask::{Ask, Question, Refused, Unanswered};
use config::{Config, Shared};
use core::fmt;
use core::marker::PhantomData;
use machine::Machine;

/// Which end of the connection this is: [`Client`] or [`Server`].
pub trait Role: Sized + 'static + role::Sealed {
    /// What the application is told.
    type Event<'a>: fmt::Debug;
}

pub(crate) mod role {
    use super::machine::{Core, Found, Lent};
    use super::{Arc, Config, Shared};

    /// How the one machine speaks to this role.
    pub trait Sealed: Sized {
        #[doc(hidden)]
        const SERVER: bool;
        #[doc(hidden)]
        fn share(config: Arc<Config<Self>>) -> Shared
        where
            Self: super::Role;
        #[doc(hidden)]
        fn lend<'a>(core: &'a mut Core, lent: &'a Lent, found: Found) -> Option<<Self as super::Role>::Event<'a>>
        where
            Self: super::Role;
    }
}

/// The side that connects.
#[derive(Clone, Copy, Debug)]
pub enum Client {}

/// The side that is connected to.
#[derive(Clone, Copy, Debug)]
pub enum Server {}

impl Role for Client {
    type Event<'a> = event::client::Event<'a>;
}

impl Role for Server {
    type Event<'a> = event::server::Event<'a>;
}

/// One SSH connection, as a state machine: bytes in, bytes out, events out, answers in.
///
/// It is `Send`, and belongs to one thread at a time. It does nothing by itself: each turn, the application brings the
/// bytes that came, takes the events that follow, and carries away the bytes that are to go:
///
/// 1. `recv_buf`, a read from the network, `received`;
/// 2. `next_event` until it says `None`;
/// 3. a write of `transmit_buf`, `transmitted`; and, if something was written, 2 again;
/// 4. wait for the network as [`wants`](Connection::wants) says, until [`next_timeout`](Connection::next_timeout); then
///    `handle_timeout`.
pub struct Connection<R: Role> {
    machine: Machine,
    role: PhantomData<fn() -> R>,
}

/// What a connection waits for on the network.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wants {
    /// It can take bytes. Never read into an empty `recv_buf`: read(2) would say 0, which means the end.
    pub read: bool,
    /// It has bytes to send.
    pub write: bool,
}

/// Why there is no connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum NewError {
    /// A server without a host key.
    NoHostKey,
    /// An allocation failed.
    OutOfMemory,
}

impl fmt::Display for NewError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            NewError::NoHostKey => "a server needs a host key: Config::host_key",
            NewError::OutOfMemory => "out of memory",
        })
    }
}

impl core::error::Error for NewError {}

/// Why something cannot be sent now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SendError {
    /// The transmit buffer is full, or it is another channel's turn. After `writer` a `Writable` event follows, after
    /// anything else a `Room`.
    Full,
    /// The peer's window is used up. A `Writable` event follows.
    Window,
    /// A key exchange runs. After `writer` a `Writable` event follows, after anything else a `Room`.
    Rekeying,
    /// The channel is not there any more, or is another connection's.
    Stale,
    /// The channel is not open yet, or was finished or closed from this side; or the connection has ended or has no
    /// login yet.
    Closed,
    /// As many requests of ours wait for an answer, or channels or forwardings are open, as `Limits` allows.
    Limit,
    /// Longer than a packet may be.
    TooLong,
    /// An allocation failed.
    OutOfMemory,
}

impl fmt::Display for SendError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            SendError::Full => "no room now: wait for Writable or Room",
            SendError::Window => "the peer's window is used up: wait for Writable",
            SendError::Rekeying => "a key exchange runs: wait for Writable or Room",
            SendError::Stale => "no such channel on this connection",
            SendError::Closed => "not open, or closed",
            SendError::Limit => "a bound of Limits is reached",
            SendError::TooLong => "longer than a packet",
            SendError::OutOfMemory => "out of memory",
        })
    }
}

impl core::error::Error for SendError {}

/// The channel is not there any more, or is another connection's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stale;

impl fmt::Display for Stale {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("no such channel on this connection")
    }
}

impl core::error::Error for Stale {}

/// How much a peer may send on a channel at first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Window {
    /// So many bytes; what is used up comes back by [`Connection::grant`].
    Fixed(u32),
    /// So many bytes to begin with; as the application grants back what it has used, the window grows with the line, to
    /// bandwidth x delay and no further than `ceiling` and `Limits.credit` allow. See [`Connection::flow`].
    Auto {
        /// At first.
        start: u32,
        /// At most.
        ceiling: u32,
    },
}

/// How the credit of a channel is handled, beyond [`Connection::grant`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Flow {
    /// The window grows up to so many bytes, as [`Window::Auto`] says; 0 leaves it as it is.
    pub ceiling: u32,
    /// Data is granted back as soon as its event is over: for an application that takes everything at once. One that keeps
    /// anything grants by itself, or there is no bound to what it keeps.
    pub grants: bool,
}

impl Default for Window {
    fn default() -> Self {
        Window::Fixed(2 << 20)
    }
}

/// A DISCONNECT of ours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Disconnect<'a> {
    /// Reason code (RFC 4250, section 4.2.2).
    pub code: u32,
    /// Text for people; cut at 256 bytes.
    pub text: &'a str,
}

impl Default for Disconnect<'_> {
    fn default() -> Self {
        Disconnect { code: error::code::BY_APPLICATION, text: "" }
    }
}

/// What is known of the peer.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Peer<'a> {
    /// Its identification without CR LF; empty before it came. Untrusted.
    pub identification: &'a [u8],
}

/// What was negotiated last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Algorithms {
    /// Key exchange method.
    pub kex: &'static str,
    /// Host key algorithm.
    pub host_key: &'static str,
    /// Cipher and MAC (empty for an AEAD) of what the client sends.
    pub client_to_server: (&'static str, &'static str),
    /// Cipher and MAC of what the server sends.
    pub server_to_client: (&'static str, &'static str),
    /// Compression of what the client sends, and of what the server sends: `none`, or what begins behind the login.
    pub compression: (&'static str, &'static str),
    /// Whether strict key exchange is in force.
    pub strict: bool,
}

/// What happened so often.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Counters {
    /// Bytes handed in by `received`.
    pub bytes_in: u64,
    /// Bytes sealed for sending.
    pub bytes_out: u64,
    /// Packets opened.
    pub packets_in: u64,
    /// Packets sealed.
    pub packets_out: u64,
    /// Key exchanges completed, the first one included.
    pub exchanges: u64,
    /// `writer` calls that met an empty window, or one too small.
    pub window_stalls: u64,
    /// Bytes by which windows were grown ([`Window::Auto`]).
    pub window_grown: u64,
    /// The shortest round trip seen, in nanoseconds; 0 before the first.
    pub round_trip: u64,
    /// Bytes of partial packets moved within the receive buffer.
    pub moved: u64,
}

impl<R: Role> Connection<R> {
    /// A new connection. It has its identification to send at once.
    ///
    /// # Errors
    /// [`NewError`].
    pub fn new(config: Arc<Config<R>>, seed: Seed, now: Instant) -> Result<Self, NewError> {
        let shared: Shared = R::share(config);
        Ok(Connection { machine: Machine::new(shared, R::SERVER, &seed, now)?, role: PhantomData })
    }

    /// *Look.* What the network should be asked for.
    #[must_use]
    pub fn wants(&self) -> Wants {
        self.machine.wants()
    }

    /// *What next.* Where received bytes go. Lent until [`received`](Connection::received). Empty while the connection
    /// can take nothing ([`wants`](Connection::wants)`.read` is false).
    pub fn recv_buf(&mut self) -> &mut [u8] {
        self.machine.recv_buf()
    }

    /// *Happened.* `n` bytes were put at the front of `recv_buf`; 0 cancels the loan. More than its length ends the
    /// connection as [`Misuse`](error::Error::Misuse).
    pub fn received(&mut self, n: usize, now: Instant) {
        self.machine.received(n, now);
    }

    /// *Happened.* The network says that nothing follows.
    pub fn received_eof(&mut self, now: Instant) {
        self.machine.received_eof(now);
    }

    /// *Look.* Sealed packets, contiguous, ready for one write(2). Lent until [`transmitted`](Connection::transmitted),
    /// and the same bytes until then: sent twice, they end the connection at the peer as corrupted.
    #[must_use]
    pub fn transmit_buf(&self) -> &[u8] {
        self.machine.transmit_buf()
    }

    /// *Happened.* The first `n` bytes of `transmit_buf` are on their way. More than its length ends the connection as
    /// [`Misuse`](error::Error::Misuse).
    pub fn transmitted(&mut self, n: usize) {
        self.machine.transmitted(n);
    }

    /// *What next.* The next event. All that the previous one lent ends here; a question that it asked and that was
    /// neither answered nor taken is refused.
    pub fn next_event(&mut self) -> Option<R::Event<'_>> {
        let found = self.machine.step()?;
        let (core, lent) = self.machine.split();
        R::lend(core, lent, found)
    }

    /// *Do.* Answers a question that was taken with [`later`](ask::Asking::later).
    ///
    /// # Errors
    /// [`Unanswered`].
    pub fn answer<Q: Question>(&mut self, ask: Ask<Q>, reply: Q::Reply<'_>) -> Result<(), Unanswered<Q>> {
        let ticket = ask.ticket();
        let (core, lent) = self.machine.split();
        let result = <Q as ask::sealed::Sealed>::apply(core, lent, ticket, reply);
        if result.is_ok() && core.lent_ask == Some(ticket) {
            core.lent_ask = None;
        }
        result.map_err(|refused| match refused {
            Refused::Stale => Unanswered::Stale,
            Refused::NoRoom => Unanswered::NoRoom(ask),
            Refused::TooLong => Unanswered::TooLong(ask),
            Refused::Unfit => Unanswered::Unfit(ask),
        })
    }

    /// *Do.* Takes a question that the last event lent, by its number ([`raw`](ask::Asking::raw)): for bindings, which
    /// cannot hold the `Asking`. Says whether it was there to be taken.
    #[must_use]
    pub fn keep(&mut self, raw: u64) -> bool {
        self.machine.keep(raw)
    }

    /// *Do.* A place inside the next packet of this channel.
    ///
    /// # Errors
    /// [`SendError`]; after `Full`, `Window` and `Rekeying` a `Writable` event says when to try again.
    pub fn writer(&mut self, channel: Channel, stream: Stream) -> Result<Writer<'_>, SendError> {
        self.machine.writer(channel, stream, 1)
    }

    /// *Do.* As [`writer`](Connection::writer), for at least `n` bytes in one packet: for protocols whose packets are
    /// messages, as a tunnel's are ([`channel::tun`](crate::channel::tun)). The other end's window has to hold such a packet:
    /// one that is larger than all of it is never sent.
    ///
    /// # Errors
    /// [`SendError`]; `TooLong` for more than a packet to this peer ever carries.
    pub fn writer_for(&mut self, channel: Channel, stream: Stream, n: usize) -> Result<Writer<'_>, SendError> {
        self.machine.writer(channel, stream, n)
    }

    /// *Do.* Lets the peer send `n` bytes more on this channel. Sent when it is worth a packet. What passes
    /// `Limits.credit`, over all channels, does not count. On a channel that the peer asked for, what is granted before the
    /// answer does not count either: the answer says the window.
    ///
    /// # Errors
    /// [`Stale`].
    pub fn grant(&mut self, channel: Channel, n: u32) -> Result<(), Stale> {
        self.machine.grant(channel, n)
    }

    /// *Do.* From now on, the credit of this channel is handled so.
    ///
    /// # Errors
    /// [`Stale`].
    pub fn flow(&mut self, channel: Channel, flow: Flow) -> Result<(), Stale> {
        self.machine.flow(channel, flow)
    }

    /// *Do.* Opens a channel; `Opened` or `Refused` follows. Requests may be sent only then.
    ///
    /// # Errors
    /// [`SendError`].
    pub fn open(&mut self, open: Open<'_>, window: Window) -> Result<Channel, SendError> {
        self.machine.open(open, window)
    }

    /// *Do.* Sends a channel request. If it wants an answer, a `Replied` with this number follows.
    ///
    /// # Errors
    /// [`SendError`].
    pub fn request(&mut self, channel: Channel, request: Request<'_>) -> Result<Sent, SendError> {
        self.machine.request(channel, request)
    }

    /// *Do.* Sends a global request. If it wants an answer, a `Replied` with this number follows.
    ///
    /// # Errors
    /// [`SendError`].
    pub fn global(&mut self, request: Global<'_>) -> Result<Sent, SendError> {
        self.machine.global(request)
    }

    /// *Do.* Says that no more data follows from this side: EOF.
    ///
    /// # Errors
    /// [`Stale`].
    pub fn finish(&mut self, channel: Channel) -> Result<(), Stale> {
        self.machine.finish(channel)
    }

    /// *Do.* Closes the channel. No event of it follows but `Closed`: an exit status that is still on its way is lost. A
    /// channel that the peer only asked for is refused by this, and gone at once.
    ///
    /// # Errors
    /// [`Stale`].
    pub fn close(&mut self, channel: Channel) -> Result<(), Stale> {
        self.machine.close(channel)
    }

    /// *Do.* Starts a re-exchange as soon as one may start: after login, when none runs.
    pub fn rekey(&mut self) {
        self.machine.rekey();
    }

    /// *Do.* Ends the connection; `Closed` follows. What is sealed already still goes.
    pub fn disconnect(&mut self, why: Disconnect<'_>) {
        self.machine.disconnect(why);
    }

    /// *Look.* When [`handle_timeout`](Connection::handle_timeout) is due. A time that has passed already means: call
    /// it now, and then `next_event`, which has something to say.
    #[must_use]
    pub fn next_timeout(&self) -> Option<Instant> {
        self.machine.next_timeout()
    }

    /// *Happened.* It is this late now. May be called at any time.
    pub fn handle_timeout(&mut self, now: Instant) {
        self.machine.handle_timeout(now);
    }

    /// *Look.* What is known of the peer.
    #[must_use]
    pub fn peer(&self) -> Peer<'_> {
        self.machine.peer()
    }

    /// *Look.* What was negotiated; `None` before the first exchange.
    #[must_use]
    pub fn algorithms(&self) -> Option<Algorithms> {
        self.machine.algorithms()
    }

    /// *Look.* The exchange hash of the first key exchange; `None` before it.
    #[must_use]
    pub fn session_id(&self) -> Option<&[u8]> {
        self.machine.session_id()
    }

    /// *Look.* Counters.
    #[must_use]
    pub fn counters(&self) -> Counters {
        self.machine.counters()
    }

    /// *Look.* Messages in the notation, one a line, if `Limits.trace` is set. See [`trace`](crate::trace).
    #[must_use]
    pub fn trace(&self) -> &str {
        self.machine.trace()
    }

    /// *Happened.* The first `n` bytes of `trace` are dealt with.
    pub fn traced(&mut self, n: usize) {
        self.machine.traced(n);
    }
}

#[cfg(feature = "danger")]
impl<R: Role> Connection<R> {
    pub(crate) fn machine_mut(&mut self) -> &mut Machine {
        &mut self.machine
    }

    pub(crate) fn machine_ref(&self) -> &Machine {
        &self.machine
    }
}

impl Connection<Client> {
    /// *Look.* Whether the server takes this signature algorithm in a login: as its `server-sig-algs` says (RFC 8308,
    /// section 3.1). True for all as long as it has said nothing.
    #[must_use]
    pub fn server_takes(&self, algorithm: &str) -> bool {
        self.machine.core.transport.peer_takes(algorithm)
    }
}

impl Connection<Server> {
    /// *Do.* Sends a banner (RFC 4252, section 5.4): after the service was accepted, before the login.
    ///
    /// # Errors
    /// [`SendError`].
    pub fn banner(&mut self, text: &str) -> Result<(), SendError> {
        self.machine.banner(text)
    }
}

impl<R: Role> fmt::Debug for Connection<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Connection")
            .field("server", &R::SERVER)
            .field("state", &self.machine.state_name())
            .finish_non_exhaustive()
    }
}

/// A place inside the next packet of a channel: fill the front of [`space`](Writer::space), then [`send`](Writer::send).
/// Dropping it sends nothing.
pub struct Writer<'a> {
    pub(crate) core: &'a mut machine::Core,
    pub(crate) place: machine::DataPlace,
}

impl Writer<'_> {
    /// The room in this packet: never empty, never more than the window, the peer's packet size and `Limits` allow.
    pub fn space(&mut self) -> &mut [u8] {
        self.core.space(&self.place)
    }

    /// Seals the first `n` bytes of `space` as one packet. 0 sends nothing; more than there was room for ends the
    /// connection as [`Misuse`](error::Error::Misuse).
    pub fn send(self, n: usize) {
        self.core.send_data(&self.place, n);
    }
}

impl fmt::Debug for Writer<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Writer({:?})", self.place)
    }
}
