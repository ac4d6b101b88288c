//! A buffer for bytes that may be secrets: it leaves no copy behind when it grows, and is wiped when it goes.

use super::MAX_MESSAGE;
use crate::keys::OutOfMemory;
use crate::signer::Zeroizing;
use crate::wire::{Counter, Sink, SliceSink};
use alloc::vec::Vec;
use core::fmt;
use zeroize::Zeroize;

/// What a buffer keeps when it is emptied: enough for a sign request.
const KEPT: usize = 4096;

/// Bytes that are wiped.
pub(super) struct Wiped(Zeroizing<Vec<u8>>);

impl Wiped {
    pub(super) fn new() -> Self {
        Wiped(Zeroizing::new(Vec::new()))
    }

    pub(super) fn as_slice(&self) -> &[u8] {
        &self.0
    }

    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    /// Puts `bytes` behind the others.
    pub(super) fn push(&mut self, bytes: &[u8]) -> Result<(), OutOfMemory> {
        self.reserve(bytes.len())?;
        self.0.extend_from_slice(bytes);
        Ok(())
    }

    /// Drops the first `n` bytes.
    pub(super) fn drop_front(&mut self, n: usize) {
        let gone = n.min(self.len());
        let left = self.len().saturating_sub(gone);
        self.0.copy_within(gone.., 0);
        if let Some(behind) = self.0.get_mut(left..) {
            behind.zeroize();
        }
        self.0.truncate(left);
        if left == 0 {
            self.clear();
        }
    }

    /// Wipes all, and gives a large buffer back.
    pub(super) fn clear(&mut self) {
        if self.0.capacity() > KEPT {
            self.0 = Zeroizing::new(Vec::new());
        } else {
            self.0.zeroize();
        }
    }

    /// Room for `more` bytes. A vector that grows by itself would leave its old memory unwiped.
    fn reserve(&mut self, more: usize) -> Result<(), OutOfMemory> {
        let wanted = self.len().saturating_add(more);
        if wanted <= self.0.capacity() {
            return Ok(());
        }
        let mut larger = Vec::new();
        // Twice as much, so that a message fed byte by byte is copied a few times only; and never by a number that
        // somebody sent, only by the bytes that are here.
        let room = wanted.max(self.len().saturating_mul(2));
        larger.try_reserve_exact(room).map_err(|_| OutOfMemory)?;
        larger.extend_from_slice(&self.0);
        self.0 = Zeroizing::new(larger);
        Ok(())
    }
}

/// Why a message cannot go out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum NotSent {
    TooLong,
    OutOfMemory,
}

/// Messages that wait to be sent.
pub(super) struct Outgoing(Wiped);

impl Outgoing {
    pub(super) fn new() -> Self {
        Outgoing(Wiped::new())
    }

    pub(super) fn as_slice(&self) -> &[u8] {
        self.0.as_slice()
    }

    pub(super) fn sent(&mut self, n: usize) {
        self.0.drop_front(n);
    }

    /// Appends a message, with its length in front. `write` runs twice, first to count.
    pub(super) fn push(&mut self, write: impl Fn(&mut dyn Sink)) -> Result<(), NotSent> {
        let mut counter = Counter::default();
        write(&mut counter);
        if counter.0 > MAX_MESSAGE {
            return Err(NotSent::TooLong);
        }
        let length = u32::try_from(counter.0).map_err(|_| NotSent::TooLong)?;
        let end = self.0.len().saturating_add(4).saturating_add(counter.0);
        self.0.reserve(counter.0.saturating_add(4)).map_err(|_| NotSent::OutOfMemory)?;
        self.0.push(&length.to_be_bytes()).map_err(|_| NotSent::OutOfMemory)?;
        let start = self.0.len();
        self.0.0.resize(end, 0);
        write(&mut SliceSink::new(self.0.0.get_mut(start..).unwrap_or_default()));
        Ok(())
    }
}

impl fmt::Debug for Wiped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} bytes", self.len())
    }
}

impl fmt::Debug for Outgoing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::put_string;

    #[test]
    fn messages_wait_in_order_and_leave_by_bytes() {
        let mut out = Outgoing::new();
        out.push(|sink| sink.put(&[5])).unwrap();
        out.push(|sink| put_string(sink, b"ab")).unwrap();
        assert_eq!(out.as_slice(), b"\0\0\0\x01\x05\0\0\0\x06\0\0\0\x02ab");
        out.sent(5);
        assert_eq!(out.as_slice(), b"\0\0\0\x06\0\0\0\x02ab");
        out.sent(999);
        assert!(out.as_slice().is_empty());
    }

    #[test]
    fn what_no_agent_takes_is_not_sent() {
        let mut out = Outgoing::new();
        let long = [0; MAX_MESSAGE + 1];
        assert_eq!(out.push(|sink| sink.put(&long)), Err(NotSent::TooLong));
        assert!(out.as_slice().is_empty());
        out.push(|sink| sink.put(&long[1..])).unwrap();
        assert_eq!(out.as_slice().len(), MAX_MESSAGE + 4);
    }

    #[test]
    fn what_leaves_is_wiped_behind_the_rest() {
        let mut wiped = Wiped::new();
        wiped.push(b"secret!").unwrap();
        wiped.drop_front(5);
        assert_eq!(wiped.as_slice(), b"t!");
        assert!(wiped.0.capacity() >= 7);
        wiped.drop_front(2);
        assert_eq!(wiped.len(), 0);
    }
}
