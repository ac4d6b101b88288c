//! Time is an argument: the caller's clock, and the deadlines the connection waits for.

/// Nanoseconds on any monotonic clock that the application owns.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Instant(pub u64);

impl Instant {
    /// `self` and so many nanoseconds.
    #[must_use]
    pub fn plus(self, nanoseconds: u64) -> Instant {
        Instant(self.0.saturating_add(nanoseconds))
    }
}

/// Seconds since 1970 in UTC, as the caller's clock has them. Certificates are checked against it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct UnixTime(pub u64);

/// One second, in the unit of [`Instant`].
pub const SECOND: u64 = 1_000_000_000;

macro_rules! timers {
    ($($(#[$doc:meta])* $name:ident),*) => {
        /// What a connection waits for.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[non_exhaustive]
        pub enum Timer { $($(#[$doc])* $name),* }
        const ALL: &[Timer] = &[$(Timer::$name),*];
    };
}

timers! {
    /// From the first byte to the end of the login.
    Login,
    /// From the first KEXINIT of an exchange to its last NEWKEYS.
    KeyExchange,
    /// Until the next re-exchange is due.
    Rekey,
    /// Until the peer must have said something.
    Keepalive,
    /// Until idle buffers are given back.
    Release
}

/// The deadlines that are set.
#[derive(Clone, Debug, Default)]
pub(crate) struct Timers([Option<Instant>; ALL.len()]);

impl Timers {
    pub(crate) fn set(&mut self, timer: Timer, at: Instant) {
        if let Some(place) = self.0.get_mut(timer as usize) {
            *place = Some(at);
        }
    }

    pub(crate) fn stop(&mut self, timer: Timer) {
        if let Some(place) = self.0.get_mut(timer as usize) {
            *place = None;
        }
    }

    pub(crate) fn stop_all(&mut self) {
        self.0 = Default::default();
    }

    pub(crate) fn is_set(&self, timer: Timer) -> bool {
        self.0.get(timer as usize).is_some_and(Option::is_some)
    }

    /// The earliest deadline.
    pub(crate) fn next(&self) -> Option<Instant> {
        self.0.iter().flatten().min().copied()
    }

    /// Takes one timer whose time has come.
    pub(crate) fn take_due(&mut self, now: Instant) -> Option<Timer> {
        for timer in ALL {
            let place = self.0.get_mut(*timer as usize)?;
            if place.is_some_and(|at| at <= now) {
                *place = None;
                return Some(*timer);
            }
        }
        None
    }
}
