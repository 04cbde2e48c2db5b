//! Tokens per minute: a leaky bucket beside what is reserved.
//!
//! What has been used leaks away evenly, the whole limit in a minute. What is reserved by requests that run
//! does not leak: it leaves only when it is settled, and what was really used enters the bucket then. So the
//! two together never exceed the limit when a request is admitted, and as long as no answer outgrows its
//! reservation no window of `w` minutes ever sees more than `limit * (1 + w)` tokens. (Letting reservations
//! leak and giving the rest back would break that: a long answer would get back what had leaked already.)

use std::sync::Mutex;
use std::sync::PoisonError;
use std::time::{Duration, Instant};

use super::standing::Window;

/// Parts of a token: one per nanosecond of a minute, so that a limit of one token leaks one part each.
const PARTS: u128 = 60_000_000_000;

/// Counts tokens of one caller.
pub struct TokenMeter {
    limit: u32,
    bucket: Mutex<Bucket>,
}

/// Tokens that are held for a request that runs.
#[derive(Debug, Default)]
#[must_use]
pub struct Reservation(u64);

struct Bucket {
    /// In parts of a token.
    used: u128,
    reserved: u64,
    latest: Instant,
}

impl TokenMeter {
    /// With a whole limit.
    pub fn new(limit: u32, now: Instant) -> Self {
        Self { limit, bucket: Mutex::new(Bucket { used: 0, reserved: 0, latest: now }) }
    }

    /// Tokens per minute.
    pub fn limit(&self) -> u32 {
        self.limit
    }

    /// Holds tokens, or says how long to wait if what is reserved now were used in full.
    pub fn reserve(&self, tokens: u64, now: Instant) -> Result<Reservation, Duration> {
        self.with(now, |bucket| {
            let wanted = bucket.taken().saturating_add(parts(tokens));
            let over = wanted.saturating_sub(parts(self.limit.into()));
            if over > 0 {
                return Err(self.leak_time(over));
            }
            bucket.reserved = bucket.reserved.saturating_add(tokens);
            Ok(Reservation(tokens))
        })
    }

    /// Lets go of a reservation and counts what was really used.
    pub fn settle(&self, reservation: Reservation, actual: u64, now: Instant) {
        self.with(now, |bucket| {
            bucket.reserved = bucket.reserved.saturating_sub(reservation.0);
            bucket.used = bucket.used.saturating_add(parts(actual));
        });
    }

    /// What is left.
    pub fn window(&self, now: Instant) -> Window {
        self.with(now, |bucket| {
            let left = parts(self.limit.into()).saturating_sub(bucket.taken());
            Window {
                limit: self.limit,
                remaining: u32::try_from(left / PARTS).unwrap_or(u32::MAX),
                reset: self.leak_time(bucket.taken()),
            }
        })
    }

    fn with<T>(&self, now: Instant, act: impl FnOnce(&mut Bucket) -> T) -> T {
        // A panic while the lock was held left numbers that are still numbers.
        let mut bucket = self.bucket.lock().unwrap_or_else(PoisonError::into_inner);
        let passed = now.saturating_duration_since(bucket.latest);
        bucket.used = bucket.used.saturating_sub(passed.as_nanos().saturating_mul(self.limit.into()));
        bucket.latest = bucket.latest.max(now);
        act(&mut bucket)
    }

    fn leak_time(&self, parts: u128) -> Duration {
        let nanos = parts.div_ceil(u128::from(self.limit.max(1)));
        Duration::from_nanos(u64::try_from(nanos).unwrap_or(u64::MAX))
    }
}

impl Bucket {
    fn taken(&self) -> u128 {
        self.used.saturating_add(parts(self.reserved))
    }
}

fn parts(tokens: u64) -> u128 {
    u128::from(tokens) * PARTS
}
