//! A bounded place for received data whose sink takes less than it is given: a pipe that is full, a slow disk.
//!
//! The connection lends channel data once and keeps none. What the sink does not take at once is pushed here; what
//! leaves is granted again. With `limit` no smaller than the window that was promised, [`push`](Backlog::push) never
//! fails: the peer cannot send more than it was granted.
//!
//! ```text
//! Data event --push--> [ front ..... ] --sink--> done(n) --> grant(n)
//! ```

use alloc::collections::VecDeque;
use core::fmt;

/// Received data that waits for its sink. It holds `limit` bytes at most, reserved at the beginning.
///
/// ```
/// use sansh::backlog::{Backlog, Full};
///
/// let mut backlog = Backlog::new(8).unwrap();
/// backlog.push(b"received").unwrap();
/// assert_eq!(backlog.push(b"!"), Err(Full));
/// assert_eq!(backlog.front(), b"received");
/// assert_eq!(backlog.done(3), 3); // what `grant` is to be called with
/// assert_eq!(backlog.front(), b"eived");
/// ```
pub struct Backlog {
    bytes: VecDeque<u8>,
    limit: usize,
}

/// There is no memory for a backlog of this size.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoMemory;

impl fmt::Display for NoMemory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("out of memory")
    }
}

impl core::error::Error for NoMemory {}

/// The bytes do not fit; none was taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Full;

impl fmt::Display for Full {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("more than the backlog holds: make it as large as the window, and grant only what left it")
    }
}

impl core::error::Error for Full {}

impl Backlog {
    /// An empty backlog of `limit` bytes: as many as the window that the channel's peer is given.
    ///
    /// # Errors
    /// [`NoMemory`].
    pub fn new(limit: usize) -> Result<Self, NoMemory> {
        let mut bytes = VecDeque::new();
        bytes.try_reserve_exact(limit).map_err(|_| NoMemory)?;
        Ok(Backlog { bytes, limit })
    }

    /// Keeps all of `bytes` behind those that wait.
    ///
    /// # Errors
    /// [`Full`], and then none of them.
    pub fn push(&mut self, bytes: &[u8]) -> Result<(), Full> {
        if bytes.len() > self.limit.saturating_sub(self.bytes.len()) {
            return Err(Full);
        }
        self.bytes.extend(bytes);
        Ok(())
    }

    /// The first bytes that wait, as many as stand in one piece. Empty only if none waits.
    #[must_use]
    pub fn front(&self) -> &[u8] {
        self.bytes.as_slices().0
    }

    /// The sink took the first `n` bytes (at most those that wait). Says how much to
    /// [`grant`](crate::Connection::grant) for them.
    #[must_use = "grant so much, or the peer stops sending"]
    pub fn done(&mut self, n: usize) -> u32 {
        let n = n.min(self.bytes.len());
        // A window is a u32; what cannot be said in one goes with the next call.
        let granted = u32::try_from(n).unwrap_or(u32::MAX);
        self.bytes.drain(..granted as usize);
        granted
    }

    /// How many bytes wait.
    #[must_use]
    pub fn len(&self) -> usize {
        self.bytes.len()
    }

    /// Whether none waits.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }

    /// How many bytes it can hold.
    #[must_use]
    pub fn limit(&self) -> usize {
        self.limit
    }
}

/// Shows sizes alone: the bytes are the peer's.
impl fmt::Debug for Backlog {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Backlog({} of {})", self.bytes.len(), self.limit)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec::Vec;

    #[test]
    fn bytes_leave_as_they_came_and_memory_never_grows() {
        let mut backlog = Backlog::new(64).unwrap();
        let capacity = backlog.bytes.capacity();
        let (mut given, mut taken) = (0_u8, Vec::new());
        for round in 0..1000_usize {
            let chunk: Vec<u8> = (0..round % 29).map(|i| given.wrapping_add(i as u8)).collect();
            if backlog.push(&chunk).is_ok() {
                given = given.wrapping_add(chunk.len() as u8);
            }
            let front = backlog.front().len().min(round % 23);
            taken.extend_from_slice(&backlog.front()[..front]);
            assert_eq!(backlog.done(front), front as u32);
            assert!(backlog.len() <= 64 && backlog.bytes.capacity() == capacity);
        }
        assert!(taken.len() > 5000);
        assert!(taken.iter().enumerate().all(|(at, byte)| *byte == at as u8));
    }

    #[test]
    fn what_does_not_fit_is_refused_whole() {
        let mut backlog = Backlog::new(4).unwrap();
        assert_eq!(backlog.push(b"12345"), Err(Full));
        assert_eq!(backlog.push(b"1234"), Ok(()));
        assert_eq!(backlog.push(b"5"), Err(Full));
        assert_eq!(backlog.push(b""), Ok(()));
        assert_eq!(backlog.done(9), 4);
        assert!(backlog.is_empty() && backlog.front().is_empty());
    }

    #[test]
    fn too_much_memory_is_an_answer() {
        assert!(matches!(Backlog::new(usize::MAX), Err(NoMemory)));
        assert!(Backlog::new(0).unwrap().push(b"1").is_err());
    }
}
