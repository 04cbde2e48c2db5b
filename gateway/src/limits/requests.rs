//! Requests per minute, by governor.

use std::num::NonZeroU32;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use governor::clock::Clock;
use governor::middleware::StateInformationMiddleware;
use governor::state::{InMemoryState, NotKeyed};
use governor::{Quota, RateLimiter};

use super::standing::Window;

const MINUTE: Duration = Duration::from_secs(60);

/// Counts requests of one caller.
pub struct RequestMeter {
    limit: NonZeroU32,
    clock: ToldClock,
    limiter: RateLimiter<NotKeyed, InMemoryState, ToldClock, StateInformationMiddleware>,
    /// When the last request that was counted made the quota whole again, in nanoseconds of the clock.
    whole_at: AtomicU64,
}

impl RequestMeter {
    /// None for a limit of none.
    pub fn new(limit: u32, now: Instant) -> Option<Self> {
        let limit = NonZeroU32::new(limit)?;
        let clock = ToldClock { epoch: now, latest: Arc::new(AtomicU64::new(0)) };
        let limiter = RateLimiter::direct_with_clock(Quota::per_minute(limit), clock.clone());
        Some(Self { limit, clock, limiter: limiter.with_middleware(), whole_at: AtomicU64::new(0) })
    }

    /// Requests per minute.
    pub fn limit(&self) -> u32 {
        self.limit.get()
    }

    /// Counts a request, or says how long to wait.
    pub fn count(&self, now: Instant) -> Result<Window, Duration> {
        let told = self.clock.tell(now);
        let state = self.limiter.check().map_err(|until| until.wait_time_from(told))?;
        let remaining = state.remaining_burst_capacity();
        let reset = self.each() * self.limit.get().saturating_sub(remaining);
        let whole_at = u64::try_from((told + reset).as_nanos()).unwrap_or(u64::MAX);
        self.whole_at.fetch_max(whole_at, Ordering::Relaxed);
        Ok(Window { limit: self.limit.get(), remaining, reset })
    }

    /// What is left, counting nothing.
    pub fn window(&self, now: Instant) -> Window {
        let told = self.clock.tell(now);
        let reset = Duration::from_nanos(self.whole_at.load(Ordering::Relaxed)).saturating_sub(told);
        let used = reset.as_nanos().div_ceil(self.each().as_nanos().max(1));
        let used = u32::try_from(used).unwrap_or(u32::MAX);
        Window { limit: self.limit.get(), remaining: self.limit.get().saturating_sub(used), reset }
    }

    /// How long one request takes to come back.
    fn each(&self) -> Duration {
        MINUTE / self.limit.get()
    }
}

/// A clock that knows what it was told last. It never goes back.
#[derive(Clone)]
struct ToldClock {
    epoch: Instant,
    latest: Arc<AtomicU64>,
}

impl ToldClock {
    /// Tells the time, and says what the clock shows now.
    fn tell(&self, now: Instant) -> Duration {
        let nanos = u64::try_from(now.saturating_duration_since(self.epoch).as_nanos()).unwrap_or(u64::MAX);
        Duration::from_nanos(self.latest.fetch_max(nanos, Ordering::Relaxed).max(nanos))
    }
}

impl Clock for ToldClock {
    type Instant = Duration;

    fn now(&self) -> Duration {
        Duration::from_nanos(self.latest.load(Ordering::Relaxed))
    }
}
