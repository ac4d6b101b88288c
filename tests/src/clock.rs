//! Time that passes only when a test says so.

use sansh::Instant;

/// A virtual clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Clock {
    now: Instant,
}

impl Default for Clock {
    /// A clock that does not begin at 0, which could be mistaken for "never".
    fn default() -> Self {
        Clock { now: Instant(1_000_000_000_000) }
    }
}

impl Clock {
    /// The time.
    #[must_use]
    pub fn now(&self) -> Instant {
        self.now
    }

    /// Goes forward to `at`; never back.
    pub fn reach(&mut self, at: Instant) {
        self.now = self.now.max(at);
    }
}
