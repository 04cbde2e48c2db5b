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

/// Year, month and day of a day since 1970-01-01 (H. Hinnant, "chrono-Compatible Low-Level Date Algorithms",
/// `civil_from_days`).
pub fn civil(days: u64) -> (u64, u64, u64) {
    let days = days + 719_468;
    let (era, of_era) = (days / 146_097, days % 146_097);
    let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let from_march = (5 * of_year + 2) / 153;
    let day = of_year - (153 * from_march + 2) / 5 + 1;
    let month = if from_march < 10 { from_march + 3 } else { from_march - 9 };
    (year_of_era + era * 400 + u64::from(month <= 2), month, day)
}

/// The time since `start`, in microseconds.
pub fn micros_since(start: Instant) -> u64 {
    u64::try_from(now().saturating_duration_since(start).as_micros()).unwrap_or(u64::MAX)
}
