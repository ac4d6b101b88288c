//! The window of one direction: what we promised the peer (RFC 4254, section 5.2).
//!
//! "The window size specifies how many bytes the other party can send before it must wait for the window to be adjusted."
//! The application decides what may arrive; nothing is buffered here.

use crate::connection::error::Error;

/// Outstanding credit never exceeds this.
const MOST: u32 = i32::MAX as u32;

/// How many packets' worth of held credit is worth an ADJUST at once.
const WORTH: u32 = 4;

/// Credit of the receiving direction.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Credit {
    /// Promised and not used.
    outstanding: u32,
    /// Granted by the application, not promised yet.
    held: u32,
}

impl Credit {
    pub(crate) fn new(window: u32) -> Credit {
        Credit { outstanding: window.min(MOST), held: 0 }
    }

    pub(crate) fn outstanding(&self) -> u32 {
        self.outstanding
    }

    /// All that is promised or will be.
    pub(crate) fn total(&self) -> u64 {
        u64::from(self.outstanding).saturating_add(u64::from(self.held))
    }

    /// The peer sent `n` bytes.
    pub(crate) fn take(&mut self, n: usize) -> Result<(), Error> {
        let n = u32::try_from(n).map_err(|_| Error::WindowExceeded)?;
        self.outstanding = self.outstanding.checked_sub(n).ok_or(Error::WindowExceeded)?;
        Ok(())
    }

    /// The application grants `n` bytes; no more than `left` in all count. Says how many did.
    pub(crate) fn grant(&mut self, n: u32, left: u64) -> u32 {
        let room = u64::from(MOST).saturating_sub(self.total()).min(left);
        let n = n.min(u32::try_from(room).unwrap_or(u32::MAX));
        self.held = self.held.saturating_add(n);
        n
    }

    /// How much an ADJUST would add, if one is worth a packet: held ≥ outstanding, or ≥ four packets; or if a peer that
    /// waits for room for a whole packet, as a tunnel's does, would otherwise wait for ever.
    pub(crate) fn due(&self, packet: u32) -> Option<u32> {
        let whole = self.outstanding < packet && self.total() >= u64::from(packet);
        let worth = whole || self.held >= self.outstanding || self.held >= packet.saturating_mul(WORTH);
        (self.held > 0 && worth).then_some(self.held)
    }

    /// The ADJUST is written.
    pub(crate) fn adjusted(&mut self) {
        self.outstanding = self.outstanding.saturating_add(self.held);
        self.held = 0;
    }
}

/// "Implementations MUST correctly handle window sizes of up to 2^32 - 1 bytes. … The window MUST NOT be increased
/// above 2^32 - 1 bytes." (RFC 4254, section 5.2)
pub(crate) fn widen(window: u32, add: u32) -> Result<u32, Error> {
    window.checked_add(add).ok_or(Error::WindowOverflow)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_adjust_goes_when_it_is_worth_a_packet() {
        let mut credit = Credit::new(100);
        assert_eq!(credit.take(101), Err(Error::WindowExceeded));
        assert_eq!(credit.take(40), Ok(()));
        assert_eq!(credit.grant(40, u64::MAX), 40);
        assert_eq!(credit.due(1000), None, "60 are outstanding, 40 held");
        assert_eq!(credit.take(20), Ok(()));
        assert_eq!(credit.due(1000), Some(40));
        assert_eq!(credit.due(10), Some(40));
        credit.adjusted();
        assert_eq!((credit.outstanding(), credit.due(10)), (80, None));
        assert_eq!(credit.grant(u32::MAX, 7), 7, "no more than the connection has left");
    }

    #[test]
    fn a_whole_packet_finds_its_window_if_there_is_one() {
        let mut credit = Credit::new(1010);
        assert_eq!((credit.take(11), credit.grant(10, u64::MAX), credit.due(1000)), (Ok(()), 10, Some(10)));
        credit.adjusted();
        assert_eq!((credit.take(9), credit.grant(9, u64::MAX), credit.due(1000)), (Ok(()), 9, None), "1000 are left");
        let mut small = Credit::new(999);
        assert_eq!((small.take(11), small.grant(11, u64::MAX), small.due(1000)), (Ok(()), 11, None), "there never was");
    }

    #[test]
    fn windows_never_pass_2_to_the_32() {
        assert_eq!(widen(1, u32::MAX - 1), Ok(u32::MAX));
        assert_eq!(widen(1, u32::MAX), Err(Error::WindowOverflow));
    }
}
