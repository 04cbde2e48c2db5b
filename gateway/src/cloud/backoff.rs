//! How long to wait before another attempt.
//!
//! Exponential with full jitter, as in "Exponential Backoff And Jitter" (AWS Architecture Blog, 2015), and
//! never sooner than the upstream asks.

use std::hash::{BuildHasher, RandomState};
use std::time::Duration;

use http::HeaderValue;

const FIRST: Duration = Duration::from_millis(100);
const LONGEST: Duration = Duration::from_secs(5);

/// An upstream that asks for more than this is given up for this request.
const RETRY_AFTER_MAX: Duration = Duration::from_secs(10);

/// The wait after attempt number `attempt`, counted from 0, with `random` spread over its whole range.
#[must_use]
pub fn wait(attempt: u32, retry_after: Option<Duration>, random: u32) -> Option<Duration> {
    let asked = retry_after.unwrap_or_default();
    if asked > RETRY_AFTER_MAX {
        return None;
    }
    // What an upstream asks for, all its clients do: spread them over a first wait.
    let ceiling = if retry_after.is_some() { FIRST } else { ceiling(attempt) };
    Some(asked + ceiling.mul_f64(f64::from(random) / f64::from(u32::MAX)))
}

fn ceiling(attempt: u32) -> Duration {
    FIRST.saturating_mul(1 << attempt.min(16)).min(LONGEST)
}

/// A number that no two waits share.
#[must_use]
pub fn random() -> u32 {
    let [a, b, c, d, ..] = RandomState::new().hash_one(0_u8).to_le_bytes();
    u32::from_le_bytes([a, b, c, d])
}

/// Reads `retry-after`: seconds, or an HTTP date (RFC 9110, section 10.2.3) as against `unix_seconds`.
#[must_use]
pub fn retry_after(value: &HeaderValue, unix_seconds: u64) -> Option<Duration> {
    let text = value.to_str().ok()?.trim();
    if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
        // More digits than fit mean: never.
        return Some(Duration::from_secs(text.parse().unwrap_or(u64::from(u32::MAX))));
    }
    let at = imf_fixdate(text)?;
    Some(Duration::from_secs(at.saturating_sub(unix_seconds)))
}

/// Seconds since the epoch of a date such as `Sun, 06 Nov 1994 08:49:37 GMT` (RFC 9110, section 5.6.7; the
/// two obsolete forms are not read).
fn imf_fixdate(text: &str) -> Option<u64> {
    let mut parts = text.split(' ');
    let mut next = || parts.next();
    let (_weekday, day, month, year) = (next()?, next()?, next()?, next()?);
    let (time, zone) = (next()?, next()?);
    let mut clock = time.splitn(3, ':').map(|part| part.parse::<u64>().ok());
    let (hour, minute, second) = (clock.next()??, clock.next()??, clock.next()??);
    let (day, year): (u64, u64) = (day.parse().ok()?, year.parse().ok()?);
    const MONTHS: [&str; 12] =
        ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let month = (1_u64..).zip(MONTHS).find(|(_, name)| *name == month)?.0;
    let sound = zone == "GMT"
        && (1..=31).contains(&day)
        && (1970..=9999).contains(&year)
        && hour < 24
        && minute < 60
        && second <= 60;
    sound.then(|| days_since_epoch(year, month, day) * 86_400 + hour * 3_600 + minute * 60 + second)
}

/// Days from 1970-01-01 of a Gregorian date, by counting years from March so that a leap day comes last.
fn days_since_epoch(year: u64, month: u64, day: u64) -> u64 {
    let (year, month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let days_before_month = (153 * month + 2) / 5;
    year * 365 + year / 4 - year / 100 + year / 400 + days_before_month + day - 1 - 719_468
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn grows_spreads_and_is_bounded() {
        assert_eq!(wait(0, None, 0), Some(Duration::ZERO));
        assert_eq!(wait(0, None, u32::MAX), Some(FIRST));
        assert_eq!(wait(2, None, u32::MAX), Some(FIRST * 4));
        assert_eq!(wait(u32::MAX, None, u32::MAX), Some(LONGEST));
    }

    #[test]
    fn never_sooner_than_asked_and_not_for_ever() {
        let asked = Duration::from_secs(3);
        assert_eq!(wait(5, Some(asked), 0), Some(asked));
        assert_eq!(wait(5, Some(asked), u32::MAX), Some(asked + FIRST));
        assert_eq!(wait(0, Some(RETRY_AFTER_MAX + FIRST), 0), None);
    }

    #[test]
    fn random_numbers_differ() {
        let drawn: std::collections::BTreeSet<_> = (0..64).map(|_| random()).collect();
        assert!(drawn.len() > 60);
    }

    #[test]
    fn reads_seconds_and_dates() {
        let read = |text: &str| retry_after(&HeaderValue::from_str(text).expect("a value"), 784_111_770);
        assert_eq!(read("7"), Some(Duration::from_secs(7)));
        assert_eq!(read("Sun, 06 Nov 1994 08:49:37 GMT"), Some(Duration::from_secs(7)));
        assert_eq!(read("Sun, 06 Nov 1994 08:49:00 GMT"), Some(Duration::ZERO));
        assert_eq!(read("99999999999999999999999"), Some(Duration::from_secs(u64::from(u32::MAX))));
        for odd in ["", "-1", "1.5", "soon", "Sun, 06 Nov 1994 08:49:37 CET", "Sun, 06 Foo 1994 08:49:37 GMT"]
        {
            assert_eq!(read(odd), None, "{odd}");
        }
    }

    #[test]
    fn counts_days() {
        assert_eq!(days_since_epoch(1970, 1, 1), 0);
        assert_eq!(days_since_epoch(2000, 2, 29), 11_016);
        assert_eq!(days_since_epoch(2000, 3, 1), 11_017);
        assert_eq!(days_since_epoch(2026, 11, 22), 20_779);
    }
}
