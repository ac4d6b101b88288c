//! The transmit buffer: packets are laid out and sealed where they will be sent from.
//!
//! A bip buffer: two regions, so that packets never straddle and nothing ever moves.
//!
//! ```text
//! |    free    |=== first ===>|      free      |        first only: new packets behind it,
//! |== second ==>|   free   |=== first ===>| lost |       or, if they do not fit there, at the front
//! ```

use crate::connection::error::Error;
use alloc::vec::Vec;
use core::ops::Range;
use zeroize::Zeroize;

#[derive(Default)]
pub(crate) struct Transmit {
    bytes: Vec<u8>,
    first: Range<usize>,
    second: Option<usize>,
}

/// Bytes always kept free for the DISCONNECT.
pub(crate) const KEPT: usize = 512;

impl Transmit {
    /// Sealed bytes that go next.
    pub(crate) fn front(&self) -> &[u8] {
        self.bytes.get(self.first.clone()).unwrap_or_default()
    }

    /// The first `n` bytes went. False if there were not so many.
    pub(crate) fn sent(&mut self, n: usize) -> bool {
        if n > self.first.len() {
            return false;
        }
        self.first.start = self.first.start.saturating_add(n);
        if self.first.is_empty() {
            self.first = 0..self.second.take().unwrap_or(0);
        }
        true
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.first.is_empty()
    }

    pub(crate) fn capacity(&self) -> usize {
        self.bytes.len()
    }

    /// Takes or enlarges the buffer, if nothing is in it. Otherwise it stays as it is until it is empty.
    pub(crate) fn hold(&mut self, capacity: usize) -> Result<(), Error> {
        if self.bytes.len() < capacity && self.is_empty() {
            self.free();
            self.bytes.try_reserve_exact(capacity).map_err(|_| Error::OutOfMemory)?;
            self.bytes.resize(capacity, 0);
            self.first = 0..0;
        }
        Ok(())
    }

    /// How many contiguous bytes can be laid at the place where the next packet goes, so that `keep` contiguous ones
    /// still can behind them; and where that is. Chooses the end of the buffer if `wish` fits there.
    pub(crate) fn room(&self, wish: usize, keep: usize) -> Range<usize> {
        let tail = self.bytes.len().saturating_sub(self.first.end);
        let front = self.first.start;
        let at = |start: usize, len: usize| start..start.saturating_add(len);
        if let Some(second) = self.second {
            return at(second, front.saturating_sub(second).saturating_sub(keep));
        }
        // What is kept may lie behind the packet, or at the front of the buffer.
        let behind = if front >= keep { tail } else { tail.saturating_sub(keep) };
        let before = front.saturating_sub(keep);
        if behind >= wish || behind >= before { at(self.first.end, behind) } else { at(0, before) }
    }

    pub(crate) fn slice_mut(&mut self, range: &Range<usize>) -> &mut [u8] {
        self.bytes.get_mut(range.clone()).unwrap_or_default()
    }

    /// The bytes of `range`, which begins where [`room`](Transmit::room) said, are sealed and may go.
    pub(crate) fn commit(&mut self, range: &Range<usize>) {
        if self.second.is_some() || range.start < self.first.start {
            self.second = Some(range.end);
        } else {
            self.first.end = range.end;
        }
    }

    /// Gives the buffer back if nothing is in it.
    pub(crate) fn release(&mut self) {
        if self.is_empty() {
            self.free();
        }
    }

    /// What the application wrote into a packet that it never sent may be in it.
    fn free(&mut self) {
        self.bytes.zeroize();
        self.bytes = Vec::new();
        self.first = 0..0;
    }
}

impl Drop for Transmit {
    fn drop(&mut self) {
        self.bytes.zeroize();
    }
}

impl core::fmt::Debug for Transmit {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "Transmit({} bytes)", self.first.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::VecDeque;

    /// Random packets in, random takes out: the bytes come out in order, and what is kept always fits.
    #[test]
    fn bytes_come_out_in_order_and_the_kept_room_stays() {
        let mut transmit = Transmit::default();
        transmit.hold(1000).expect("memory");
        let (mut model, mut random, mut next) = (VecDeque::new(), 12345_u32, 0_u8);
        for _ in 0..20_000 {
            random = random.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let n = (random >> 16) as usize % 300;
            if random >> 31 == 0 {
                let room = transmit.room(n, 100);
                if room.len() >= n && n > 0 {
                    let place = room.start..room.start + n;
                    for byte in transmit.slice_mut(&place) {
                        *byte = next;
                        model.push_back(next);
                        next = next.wrapping_add(1);
                    }
                    transmit.commit(&place);
                    assert!(transmit.room(100, 0).len() >= 100, "the kept room is gone");
                }
            } else {
                let n = n.min(transmit.front().len());
                for byte in &transmit.front()[..n] {
                    assert_eq!(Some(*byte), model.pop_front());
                }
                assert!(transmit.sent(n));
            }
        }
        assert!(!transmit.sent(1001));
    }
}
