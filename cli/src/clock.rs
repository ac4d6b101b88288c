//! The clock that connections are told: nanoseconds since the program looked first.

use sansh::Instant;
use std::sync::OnceLock;

pub(crate) fn now() -> Instant {
    static START: OnceLock<std::time::Instant> = OnceLock::new();
    let elapsed = START.get_or_init(std::time::Instant::now).elapsed();
    Instant(u64::try_from(elapsed.as_nanos()).unwrap_or(u64::MAX))
}
