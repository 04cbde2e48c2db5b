//! What a caller has left, and the headers that tell it, as OpenAI's API writes them
//! (<https://platform.openai.com/docs/guides/rate-limits#rate-limits-in-headers>).

use std::time::Duration;

use http::header::{HeaderMap, HeaderName, HeaderValue};

/// What is left of one limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window {
    /// Per minute.
    pub limit: u32,
    /// What could be used at once.
    pub remaining: u32,
    /// Until the whole limit is there again, if nothing more is used.
    pub reset: Duration,
}

/// What is left of each limit that the caller has.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Standing {
    /// Of requests.
    pub requests: Option<Window>,
    /// Of tokens, those that are reserved counted as used.
    pub tokens: Option<Window>,
}

impl Standing {
    /// Writes `x-ratelimit-limit-requests` and its kin; nothing for a limit that the caller does not have.
    pub fn write(&self, headers: &mut HeaderMap) {
        let names =
            ["x-ratelimit-limit-requests", "x-ratelimit-remaining-requests", "x-ratelimit-reset-requests"];
        put(headers, names, self.requests);
        let names = ["x-ratelimit-limit-tokens", "x-ratelimit-remaining-tokens", "x-ratelimit-reset-tokens"];
        put(headers, names, self.tokens);
    }
}

/// A wait in whole seconds, as `retry-after` wants it (RFC 9110, section 10.2.3): rounded up, at least 1.
#[must_use]
pub fn retry_after_seconds(wait: Duration) -> u64 {
    wait.as_secs().saturating_add(u64::from(wait.subsec_nanos() > 0)).max(1)
}

fn put(headers: &mut HeaderMap, [limit, remaining, reset]: [&'static str; 3], window: Option<Window>) {
    let Some(window) = window else { return };
    headers.insert(HeaderName::from_static(limit), HeaderValue::from(window.limit));
    headers.insert(HeaderName::from_static(remaining), HeaderValue::from(window.remaining));
    if let Ok(value) = HeaderValue::from_str(&duration(window.reset)) {
        headers.insert(HeaderName::from_static(reset), value);
    }
}

/// A duration as Go writes it: `0s`, `20ms`, `1.5s`, `1m0s`. Rounded up to milliseconds.
fn duration(duration: Duration) -> String {
    let millis = duration.as_nanos().div_ceil(1_000_000);
    if millis > 0 && millis < 1000 {
        return format!("{millis}ms");
    }
    let (minutes, millis) = (millis / 60_000, millis % 60_000);
    let fraction = match millis % 1000 {
        0 => String::new(),
        rest => format!(".{rest:03}").trim_end_matches('0').to_owned(),
    };
    let seconds = millis / 1000;
    if minutes > 0 { format!("{minutes}m{seconds}{fraction}s") } else { format!("{seconds}{fraction}s") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_read_as_openai_writes_them() {
        let cases = [
            (0, "0s"),
            (1, "1ms"),
            (20_000_000, "20ms"),
            (999_000_001, "1s"),
            (1_500_000_000, "1.5s"),
            (8_640_000_000, "8.64s"),
            (60_000_000_000, "1m0s"),
            (61_250_000_000, "1m1.25s"),
        ];
        for (nanos, expected) in cases {
            assert_eq!(duration(Duration::from_nanos(nanos)), expected);
        }
    }

    #[test]
    fn waits_are_whole_seconds_never_none() {
        let cases = [(0, 1), (1, 1), (1000, 1), (1001, 2), (59_999, 60)];
        for (millis, expected) in cases {
            assert_eq!(retry_after_seconds(Duration::from_millis(millis)), expected);
        }
    }

    #[test]
    fn headers_tell_only_of_limits_that_exist() {
        let mut headers = HeaderMap::new();
        let window = Window { limit: 60, remaining: 59, reset: Duration::from_secs(1) };
        Standing { requests: Some(window), tokens: None }.write(&mut headers);
        assert_eq!(headers.len(), 3);
        assert_eq!(headers["x-ratelimit-limit-requests"], "60");
        assert_eq!(headers["x-ratelimit-remaining-requests"], "59");
        assert_eq!(headers["x-ratelimit-reset-requests"], "1s");
    }
}
