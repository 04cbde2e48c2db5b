//! The gateway's one clock. Decisions never ask it: it measures, records and bounds waits.

use std::time::{Instant, SystemTime, UNIX_EPOCH};

/// Now, for measuring.
#[expect(clippy::disallowed_methods, reason = "this is the one place that asks")]
pub fn now() -> Instant {
    Instant::now()
}

/// Microseconds since the Unix epoch, for records.
#[expect(clippy::disallowed_methods, reason = "this is the one place that asks")]
pub fn unix_micros() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_micros()).unwrap_or(u64::MAX)
}

/// Seconds since the Unix epoch, for what is counted by days.
pub fn unix_seconds() -> u64 {
    unix_micros() / 1_000_000
}

/// The time since `start`, in microseconds.
pub fn micros_since(start: Instant) -> u64 {
    u64::try_from(now().saturating_duration_since(start).as_micros()).unwrap_or(u64::MAX)
}
