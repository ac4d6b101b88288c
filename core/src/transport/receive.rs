//! The receive buffer: filled by the application, opened in place, lent, consumed.
//!
//! ```text
//! | headroom |  consumed  | packet being lent | packets not opened yet | partial |   free   |
//!            0            start                                       ...     filled     capacity
//! ```
//!
//! It is linear. When the free end is shorter than a packet, the bytes that are not consumed yet move to the front: once
//! per turn, in [`Receive::space`], never while something is lent. In front of a payload there are always
//! [`HEADROOM`] bytes that nobody needs any more: a login's signature is checked over them and the payload in one piece.

#[cfg(feature = "zlib")]
use super::compress::Inflate;
use super::packet;
use crate::connection::error::Error;
use crate::crypto::Open;
use alloc::vec::Vec;
use core::ops::Range;
use zeroize::Zeroize;

/// Room in front of the first packet: `string session_id` (RFC 4252, section 7).
pub(crate) const HEADROOM: u32 = 72;

#[derive(Default)]
pub(crate) struct Receive {
    bytes: Vec<u8>,
    start: usize,
    filled: usize,
    packet: Packet,
    #[cfg(feature = "zlib")]
    inflate: Option<Inflate>,
    /// Something of the buffer is lent to the application: nothing may move.
    lent: bool,
    /// Its free end is lent, until `filled`: it may not go.
    space_lent: bool,
    moved: u64,
}

/// How far the packet at `start` is.
#[derive(Debug, Default, Clone)]
enum Packet {
    /// Its length is not known.
    #[default]
    Head,
    /// Its length is known.
    Body { total: usize },
    /// It is open; the payload lies here (absolute).
    Open { total: usize, payload: Range<usize> },
    /// It is open, and its payload was compressed: it lies here in what was inflated.
    #[cfg(feature = "zlib")]
    Inflated { total: usize, payload: Range<usize> },
}

/// What [`Receive::open`] found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Opened {
    /// Not all of it is there.
    Partial,
    /// The payload lies here.
    Payload(Range<usize>),
}

impl Receive {
    const START: usize = HEADROOM as usize;

    /// Bytes that were received and are not consumed.
    pub(crate) fn pending(&self) -> &[u8] {
        self.bytes.get(self.start..self.filled).unwrap_or_default()
    }

    /// What lies where [`open`](Receive::open) said, or within.
    pub(crate) fn slice(&self, range: &Range<usize>) -> &[u8] {
        #[cfg(feature = "zlib")]
        if let (Packet::Inflated { .. }, Some(inflate)) = (&self.packet, &self.inflate) {
            return inflate.slice(range);
        }
        self.bytes.get(range.clone()).unwrap_or_default()
    }

    pub(crate) fn slice_mut(&mut self, range: &Range<usize>) -> &mut [u8] {
        self.bytes.get_mut(range.clone()).unwrap_or_default()
    }

    /// The bytes from `before` in front of a payload to its end, to check a signature over.
    pub(crate) fn with_headroom(&mut self, payload: &Range<usize>, before: usize) -> &mut [u8] {
        let from = payload.start.saturating_sub(before);
        self.bytes.get_mut(from..payload.end).unwrap_or_default()
    }

    pub(crate) fn is_held(&self) -> bool {
        !self.bytes.is_empty()
    }

    pub(crate) fn moved(&self) -> u64 {
        self.moved
    }

    pub(crate) fn lend(&mut self, lent: bool) {
        self.lent = lent;
    }

    /// Whether [`space`](Receive::space) would be empty.
    pub(crate) fn is_full(&self, capacity: usize) -> bool {
        if self.lent || !self.is_held() {
            return self.is_held() && self.filled == self.bytes.len();
        }
        self.filled.saturating_sub(self.start).saturating_add(Self::START) >= capacity.max(self.bytes.len())
    }

    /// Takes or enlarges the buffer and gives its free end. `longest` is the longest packet.
    pub(crate) fn space(&mut self, capacity: usize, longest: usize) -> Result<&mut [u8], Error> {
        // Nothing can be lent from a buffer that is not there.
        if !self.lent || self.bytes.is_empty() {
            if self.start == self.filled {
                self.start = Self::START;
                self.filled = Self::START;
            }
            if self.bytes.len() < capacity {
                self.enlarge(capacity)?;
            } else if self.bytes.len().saturating_sub(self.filled) < longest {
                self.compact();
            }
        }
        self.space_lent = true;
        Ok(self.bytes.get_mut(self.filled..).unwrap_or_default())
    }

    fn enlarge(&mut self, capacity: usize) -> Result<(), Error> {
        if self.start == self.filled {
            // Nothing to carry over: the old one goes first, so that both are never held.
            self.free();
        }
        let mut bytes = Vec::new();
        bytes.try_reserve_exact(capacity).map_err(|_| Error::OutOfMemory)?;
        bytes.resize(capacity, 0);
        let mut old = core::mem::replace(&mut self.bytes, bytes);
        let kept = old.get(self.start..self.filled).unwrap_or_default();
        if let Some(place) = self.bytes.get_mut(Self::START..Self::START.saturating_add(kept.len())) {
            place.copy_from_slice(kept);
        }
        self.rebase();
        old.zeroize();
        Ok(())
    }

    fn compact(&mut self) {
        if self.start > Self::START {
            self.moved = self.moved.saturating_add(self.filled.saturating_sub(self.start) as u64);
            self.bytes.copy_within(self.start..self.filled, Self::START);
            let behind = self.filled;
            self.rebase();
            if self.is_open() {
                // An open packet is plaintext: no second copy of it stays.
                self.bytes.get_mut(self.filled..behind).unwrap_or_default().zeroize();
            }
        }
    }

    /// The bytes at `start` lie at the front now.
    fn rebase(&mut self) {
        let by = self.start.saturating_sub(Self::START);
        if let Packet::Open { payload, .. } = &mut self.packet {
            *payload = payload.start.saturating_sub(by)..payload.end.saturating_sub(by);
        }
        self.filled = self.filled.saturating_sub(by);
        self.start = Self::START;
    }

    /// The packet at the front is plaintext already.
    pub(crate) fn is_open(&self) -> bool {
        !matches!(self.packet, Packet::Head | Packet::Body { .. })
    }

    /// `n` bytes of the free end were filled. False if there were not so many.
    pub(crate) fn filled(&mut self, n: usize) -> bool {
        self.space_lent = false;
        match self.filled.checked_add(n) {
            Some(filled) if filled <= self.bytes.len() => {
                self.filled = filled;
                true
            }
            _ => n == 0,
        }
    }

    /// Takes `n` bytes off the front: lines of the version exchange.
    pub(crate) fn skip(&mut self, n: usize) {
        self.start = self.start.saturating_add(n).min(self.filled);
    }

    /// Opens the packet at the front, if it is all there. A packet that is open already is found again.
    pub(crate) fn open(
        &mut self,
        open: Option<&mut (dyn Open + 'static)>,
        sequence: u32,
        limit: usize,
    ) -> Result<Opened, Error> {
        let available = self.filled.saturating_sub(self.start);
        let Some(place) = self.bytes.get_mut(self.start..self.filled) else { return Ok(Opened::Partial) };
        match open {
            None => {
                let plain = crate::crypto::Alignment { block: 8, counts_length: true };
                if matches!(self.packet, Packet::Head) {
                    let Some(head) = place.first_chunk::<4>() else { return Ok(Opened::Partial) };
                    let length = u32::from_be_bytes(*head);
                    let total = packet::total(length, plain, 0, limit).ok_or(Error::PacketLength)?;
                    self.packet = Packet::Body { total };
                }
                self.finish(available, 0, |_| Ok(()))
            }
            Some(open) => {
                let tag = open.tag_len();
                // A length that was decrypted before anything was authenticated must not tell more than a bad MAC.
                let blind = open.length_is_unauthenticated();
                if matches!(self.packet, Packet::Head) {
                    let Some(head) = place.get_mut(..open.head()) else { return Ok(Opened::Partial) };
                    let length = open.length(sequence, head);
                    let error = if blind { Error::Integrity } else { Error::PacketLength };
                    let total = packet::total(length, open.alignment(), tag, limit).ok_or(error)?;
                    self.packet = Packet::Body { total };
                }
                self.finish(available, tag, |packet| open.open(sequence, packet).map_err(|_| Error::Integrity))
            }
        }
    }

    fn finish(
        &mut self,
        available: usize,
        tag: usize,
        open: impl FnOnce(&mut [u8]) -> Result<(), Error>,
    ) -> Result<Opened, Error> {
        match &self.packet {
            Packet::Open { payload, .. } => Ok(Opened::Payload(payload.clone())),
            #[cfg(feature = "zlib")]
            Packet::Inflated { payload, .. } => Ok(Opened::Payload(payload.clone())),
            Packet::Body { total } if available >= *total => {
                let total = *total;
                let packet = self.bytes.get_mut(self.start..self.start.saturating_add(total)).ok_or(Error::Bug)?;
                open(packet)?;
                let inner = packet.get(..total.saturating_sub(tag)).ok_or(Error::Bug)?;
                let payload = packet::payload(inner).ok_or(Error::Padding)?;
                let payload = payload.start.saturating_add(self.start)..payload.end.saturating_add(self.start);
                self.packet = Packet::Open { total, payload: payload.clone() };
                Ok(Opened::Payload(payload))
            }
            Packet::Body { .. } | Packet::Head => Ok(Opened::Partial),
        }
    }

    /// Inflates the payload of the packet that was opened just now, as the next part of a stream or the first of a `fresh`
    /// one; to `most` bytes at most.
    #[cfg(feature = "zlib")]
    pub(super) fn inflate(&mut self, fresh: bool, most: usize) -> Result<Opened, Error> {
        let Packet::Open { total, payload: packed } = &self.packet else { return Err(Error::Bug) };
        let (total, packed) = (*total, self.bytes.get(packed.clone()).unwrap_or_default());
        let inflate = match &mut self.inflate {
            Some(inflate) => inflate,
            none => none.insert(Inflate::new(most)?),
        };
        if fresh {
            inflate.restart();
        }
        let payload = inflate.unpack(packed)?;
        self.packet = Packet::Inflated { total, payload: payload.clone() };
        Ok(Opened::Payload(payload))
    }

    /// No stream goes on: its history goes, wiped.
    #[cfg(feature = "zlib")]
    pub(super) fn end_stream(&mut self) {
        self.inflate = None;
    }

    /// The packet at the front is dealt with.
    pub(crate) fn consume(&mut self) {
        let total = match self.packet {
            Packet::Open { total, .. } => total,
            #[cfg(feature = "zlib")]
            Packet::Inflated { total, .. } => total,
            Packet::Head | Packet::Body { .. } => return,
        };
        self.start = self.start.saturating_add(total).min(self.filled);
        self.packet = Packet::Head;
    }

    /// Wipes the packet that is open: it held a secret. That is a login's, and so never compressed.
    pub(crate) fn wipe(&mut self) {
        if let Packet::Open { payload, .. } = &self.packet {
            let payload = payload.clone();
            self.slice_mut(&payload).zeroize();
        }
    }

    /// Gives the buffer back, wiped, if nothing is in it.
    pub(crate) fn release(&mut self) {
        if self.start == self.filled && !self.lent && !self.space_lent {
            self.free();
        }
    }

    fn free(&mut self) {
        self.bytes.zeroize();
        self.bytes = Vec::new();
        self.start = Self::START;
        self.filled = Self::START;
    }
}

impl core::fmt::Debug for Receive {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "Receive({} bytes)", self.filled.saturating_sub(self.start))
    }
}

impl Drop for Receive {
    fn drop(&mut self) {
        self.bytes.zeroize();
    }
}
