//! The one place of this crate that reads a clock: for figures in a usage, never for a decision.

use std::time::Instant;

/// Now.
#[expect(clippy::disallowed_methods, reason = "measures waits and decoding; no answer depends on it")]
pub(crate) fn now() -> Instant {
    Instant::now()
}

/// Microseconds from `start` to `end`.
pub(crate) fn micros(start: Instant, end: Instant) -> u64 {
    u64::try_from(end.saturating_duration_since(start).as_micros()).unwrap_or(u64::MAX)
}
