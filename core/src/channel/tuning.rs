//! How a window grows with the line: to twice what is granted back within one round trip, up to a ceiling.
//!
//! A window of bandwidth x delay keeps a line full; twice that leaves room for a reader that is late. What is granted back is
//! what was used, so it measures the bandwidth as far as the reader keeps up: a slow reader's window does not grow. It never
//! shrinks, since a promise cannot be taken back (RFC 4254, section 5.2).

use crate::connection::Instant;

/// How one channel's credit is handled.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Tuning {
    /// Up to where the window grows; 0 leaves it as it is.
    pub(crate) ceiling: u32,
    /// Data is granted back as soon as its event is over.
    pub(crate) grants: bool,
    /// What was promised at first, and has been added since.
    window: u32,
    /// Since when, and how much was granted back since then.
    since: Instant,
    granted: u64,
}

impl Tuning {
    /// The window is so large at `now`, and is tuned from here on.
    pub(crate) fn begin(&mut self, window: u32, ceiling: u32, grants: bool, now: Instant) {
        *self = Tuning { ceiling, grants, window: self.window.max(window), since: now, granted: 0 };
    }

    /// `n` bytes are granted back. Says how many more the window should grow by.
    pub(crate) fn granted(&mut self, n: u32, now: Instant, round_trip: Option<u64>) -> u32 {
        let Some(round_trip) = round_trip else { return 0 };
        self.granted = self.granted.saturating_add(u64::from(n));
        let elapsed = now.0.saturating_sub(self.since.0);
        if self.ceiling <= self.window || elapsed < round_trip {
            return 0;
        }
        // As much as was granted back, in the time that one round trip takes.
        let scaled = u128::from(self.granted).saturating_mul(u128::from(round_trip.max(1)));
        let within = scaled.checked_div(u128::from(elapsed.max(1))).unwrap_or(0);
        (self.since, self.granted) = (now, 0);
        let wanted = u32::try_from(within.saturating_mul(2)).unwrap_or(u32::MAX).min(self.ceiling);
        wanted.saturating_sub(self.window)
    }

    /// So much of it was there to be added.
    pub(crate) fn grown(&mut self, n: u32) {
        self.window = self.window.saturating_add(n);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MS: u64 = 1_000_000;

    fn tuned(window: u32, ceiling: u32) -> Tuning {
        let mut tuning = Tuning::default();
        tuning.begin(window, ceiling, false, Instant(0));
        tuning
    }

    #[test]
    fn it_grows_to_twice_what_a_round_trip_takes_and_no_further_than_the_ceiling() {
        let mut tuning = tuned(1000, 10_000);
        assert_eq!(tuning.granted(1000, Instant(10 * MS), None), 0, "no round trip is known");
        assert_eq!(tuning.granted(500, Instant(20 * MS), Some(50 * MS)), 0, "no round trip is over");
        assert_eq!(tuning.granted(500, Instant(50 * MS), Some(50 * MS)), 1000, "1000 in one");
        tuning.grown(1000);
        assert_eq!(tuning.granted(4000, Instant(150 * MS), Some(50 * MS)), 2000, "4000 in two");
        tuning.grown(2000);
        assert_eq!(tuning.granted(1_000_000, Instant(200 * MS), Some(50 * MS)), 6000);
        tuning.grown(6000);
        assert_eq!(tuning.granted(1_000_000, Instant(250 * MS), Some(50 * MS)), 0, "the ceiling");
    }

    #[test]
    fn a_slow_readers_window_stays() {
        let mut tuning = tuned(1000, 10_000);
        for turn in 1..100 {
            assert_eq!(tuning.granted(100, Instant(turn * 50 * MS), Some(50 * MS)), 0);
        }
    }
}
