//! RFC 4254: channels over one connection.
//!
//! A channel is a slot of a table; nothing here buffers data. What is owed to the peer is state of the slot (a verdict
//! ring, counters, flags), so that reading never waits for writing.

mod callbacks;
mod forwards;
mod global;
mod modes;
mod open;
mod replies;
mod request;
mod state;
mod table;
pub mod tun;
mod tuning;
mod window;

pub use global::{Global, KeyList};
pub use modes::Modes;
pub use open::Open;
pub use request::{Request, Size};

pub(crate) use callbacks::{Asked, Callbacks};
pub(crate) use forwards::{FORWARD_BYTES, Forwards, Place};
pub(crate) use open::{OpenMessage, Opener};
pub(crate) use replies::Replies;
pub(crate) use state::{Input, Side, State};
pub(crate) use table::{Queue, SLOT_BYTES, Slot, Table, Wanting};
pub(crate) use tuning::Tuning;
pub(crate) use window::{Credit, widen};

/// Bytes of CHANNEL_EXTENDED_DATA in front of the data; CHANNEL_DATA has four less.
pub(crate) const DATA_HEADER: usize = 13;

/// The most channels that handles can count.
pub(crate) const MAX_CHANNELS: u32 = 1 << 14;

/// A channel of one connection: slot, generation and the connection's tag. A stale one, or another connection's, is
/// refused by every call.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Channel(u64);

impl Channel {
    /// Generations of a slot; it retires behind the last.
    pub(crate) const GENERATIONS: u32 = 1 << 24;

    pub(crate) fn new(tag: u32, generation: u32, slot: u16) -> Self {
        Channel(u64::from(tag & 0xff_ffff) << 40 | u64::from(generation & 0xff_ffff) << 16 | u64::from(slot))
    }

    pub(crate) fn slot(self) -> u16 {
        self.0 as u16
    }

    pub(crate) fn generation(self) -> u32 {
        (self.0 >> 16) as u32 & 0xff_ffff
    }

    /// The number behind the handle, for bindings.
    #[must_use]
    pub fn into_raw(self) -> u64 {
        self.0
    }

    /// The handle of a number that [`into_raw`](Channel::into_raw) gave. Any other number makes a handle that is refused.
    #[must_use]
    pub fn from_raw(raw: u64) -> Self {
        Channel(raw)
    }
}

impl core::fmt::Debug for Channel {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "Channel({}.{})", self.slot(), self.generation())
    }
}

/// One of our requests, counted per channel (or over the connection's global requests).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Sent(pub u32);

/// A direction's data streams.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Stream {
    /// CHANNEL_DATA.
    Main,
    /// CHANNEL_EXTENDED_DATA of type 1 (RFC 4254, section 5.2): server to client. A client's `writer` for it is `Closed`.
    Stderr,
}
