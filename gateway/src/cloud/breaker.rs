//! The breaker of a target: after too many faults in a row it is left alone for a while, and then one
//! request may try.
//!
//! Time is passed in. While all is well a request costs two atomic loads.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::load::Visit;
use super::{BreakerState, CloudError};

/// The breaker of one target.
pub struct Breaker {
    faults_max: u32,
    open_for: Duration,
    /// No fault is remembered and everything passes: `inner` need not be asked.
    calm: AtomicBool,
    inner: Mutex<Inner>,
    /// How many breakers are not closed.
    troubled: Arc<AtomicUsize>,
}

struct Inner {
    faults: u32,
    phase: Phase,
}

enum Phase {
    Closed,
    Open {
        until: Instant,
    },
    /// One request is on its way to see.
    Probing,
}

impl Breaker {
    /// Opens after this many faults in a row (at least one), for this long.
    #[must_use]
    pub fn new(faults_max: u32, open_for: Duration, troubled: Arc<AtomicUsize>) -> Self {
        let inner = Mutex::new(Inner { faults: 0, phase: Phase::Closed });
        Self { faults_max: faults_max.max(1), open_for, calm: AtomicBool::new(true), inner, troubled }
    }

    /// The breaker of the same target under a new load of the configuration: this one, or with other bounds
    /// another that begins where this one stands. A target that fails goes on failing across a reload.
    #[must_use]
    pub fn with(self: &Arc<Self>, faults_max: u32, open_for: Duration, now: Instant) -> Arc<Self> {
        if self.faults_max == faults_max.max(1) && self.open_for == open_for {
            return Arc::clone(self);
        }
        let next = Self::new(faults_max, open_for, Arc::clone(&self.troubled));
        {
            let (own, mut inner) = (self.inner(), next.inner());
            inner.faults = own.faults;
            let phase = match own.phase {
                Phase::Closed => Phase::Closed,
                Phase::Open { until } => Phase::Open { until: until.min(now + open_for) },
                // Whoever tries reports to the old one; another may try.
                Phase::Probing => Phase::Open { until: now },
            };
            next.enter(&mut inner, phase);
            next.calm.store(self.calm.load(Ordering::Acquire), Ordering::Release);
        }
        Arc::new(next)
    }

    /// Asks for leave to try the target. What became of it is told to the attempt.
    ///
    /// # Errors
    /// While it is open, or another request is trying.
    pub fn admit(self: &Arc<Self>, now: Instant) -> Result<Attempt, CloudError> {
        if self.calm.load(Ordering::Acquire) {
            return Ok(Attempt::new(self, false));
        }
        let mut inner = self.inner();
        let probe = match inner.phase {
            Phase::Closed => false,
            Phase::Open { until } if now < until => {
                return Err(CloudError::BreakerOpen { retry_after: until - now });
            }
            Phase::Probing => return Err(CloudError::BreakerOpen { retry_after: self.open_for }),
            Phase::Open { .. } => {
                inner.phase = Phase::Probing;
                true
            }
        };
        Ok(Attempt::new(self, probe))
    }

    /// What it lets pass now.
    #[must_use]
    pub fn state(&self, now: Instant) -> BreakerState {
        match self.inner().phase {
            Phase::Closed => BreakerState::Closed,
            Phase::Open { until } if now < until => BreakerState::Open,
            Phase::Open { .. } | Phase::Probing => BreakerState::HalfOpen,
        }
    }

    /// Whether a request that came now would be turned away.
    #[must_use]
    pub fn is_down(&self, now: Instant) -> bool {
        match self.inner().phase {
            Phase::Closed => false,
            Phase::Open { until } => now < until,
            Phase::Probing => true,
        }
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn begun(&self, probe: bool) {
        if probe {
            let mut inner = self.inner();
            // It answers again, but has not yet brought an answer to its end: one more fault opens it again.
            inner.faults = self.faults_max - 1;
            self.enter(&mut inner, Phase::Closed);
        }
    }

    fn well(&self) {
        if !self.calm.load(Ordering::Acquire) {
            let mut inner = self.inner();
            if matches!(inner.phase, Phase::Closed) {
                inner.faults = 0;
                self.calm.store(true, Ordering::Release);
            }
        }
    }

    fn fault(&self, probe: bool, now: Instant) {
        let mut inner = self.inner();
        self.calm.store(false, Ordering::Release);
        inner.faults = inner.faults.saturating_add(1);
        // A straggler's fault does not make an open breaker open for longer.
        let opens = match inner.phase {
            Phase::Closed => inner.faults >= self.faults_max,
            Phase::Probing => probe,
            Phase::Open { .. } => false,
        };
        if opens {
            self.enter(&mut inner, Phase::Open { until: now + self.open_for });
        }
    }

    /// The probe ended without a verdict: the next request may be one.
    fn withdraw(&self, now: Instant) {
        let mut inner = self.inner();
        if matches!(inner.phase, Phase::Probing) {
            inner.phase = Phase::Open { until: now };
        }
    }

    fn enter(&self, inner: &mut Inner, phase: Phase) {
        let was_closed = matches!(inner.phase, Phase::Closed);
        match (was_closed, matches!(phase, Phase::Closed)) {
            (true, false) => _ = self.troubled.fetch_add(1, Ordering::AcqRel),
            (false, true) => _ = self.troubled.fetch_sub(1, Ordering::AcqRel),
            _ => {}
        }
        inner.phase = phase;
    }
}

impl Drop for Breaker {
    fn drop(&mut self) {
        if !matches!(self.inner().phase, Phase::Closed) {
            self.troubled.fetch_sub(1, Ordering::AcqRel);
        }
    }
}

/// Leave to try a target once. Dropped without a word (a client that has gone) it tells nothing.
pub struct Attempt {
    breaker: Arc<Breaker>,
    probe: bool,
    told: bool,
    /// What the attempt takes of its target as long as it lasts.
    visit: Option<Visit>,
}

impl Attempt {
    fn new(breaker: &Arc<Breaker>, probe: bool) -> Self {
        Self { breaker: Arc::clone(breaker), probe, told: false, visit: None }
    }

    /// With what it takes of its target.
    pub fn visiting(mut self, visit: Visit) -> Self {
        self.visit = Some(visit);
        self
    }

    /// The place is to be left alone for a while, where there are others.
    pub fn rest(&self, until: Instant) {
        if let Some(visit) = &self.visit {
            visit.rest(until);
        }
    }

    /// The answer has begun.
    pub fn begun(&mut self) {
        if let Some(visit) = &mut self.visit {
            visit.begun(crate::clock::now());
        }
        self.breaker.begun(std::mem::take(&mut self.probe));
    }

    /// The answer came to its end.
    pub fn ended_well(mut self) {
        self.begun();
        self.told = true;
        self.breaker.well();
    }

    /// It failed.
    pub fn failed(mut self, error: &CloudError, now: Instant) {
        if error.counts_against_health() {
            self.told = true;
            if let Some(visit) = &mut self.visit {
                visit.failed(now);
            }
            self.breaker.fault(self.probe, now);
        } else if matches!(error, CloudError::Status { .. }) {
            // A refusal is an answer, from a target that lives.
            self.ended_well();
        }
    }
}

impl Drop for Attempt {
    fn drop(&mut self) {
        if self.probe && !self.told {
            self.breaker.withdraw(crate::clock::now());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const OPEN_FOR: Duration = Duration::from_secs(10);

    fn breaker(faults_max: u32) -> Arc<Breaker> {
        Arc::new(Breaker::new(faults_max, OPEN_FOR, Arc::default()))
    }

    fn fail(breaker: &Arc<Breaker>, now: Instant) {
        breaker.admit(now).expect("admitted").failed(&CloudError::Reset, now);
    }

    #[test]
    fn opens_after_faults_in_a_row_and_counts_itself() {
        let (breaker, now) = (breaker(3), crate::clock::now());
        fail(&breaker, now);
        fail(&breaker, now);
        breaker.admit(now).expect("admitted").ended_well();
        fail(&breaker, now);
        fail(&breaker, now);
        assert_eq!(breaker.state(now), BreakerState::Closed);
        fail(&breaker, now);
        assert_eq!(breaker.state(now), BreakerState::Open);
        assert_eq!(breaker.troubled.load(Ordering::Relaxed), 1);
        let Err(CloudError::BreakerOpen { retry_after }) = breaker.admit(now + OPEN_FOR / 2) else {
            panic!("admitted")
        };
        assert_eq!(retry_after, OPEN_FOR / 2);
    }

    #[test]
    fn one_probe_passes_and_decides() {
        let (breaker, now) = (breaker(1), crate::clock::now());
        fail(&breaker, now);
        let later = now + OPEN_FOR;
        assert!(breaker.is_down(now) && !breaker.is_down(later));
        assert_eq!(breaker.state(later), BreakerState::HalfOpen);
        let probe = breaker.admit(later).expect("admitted");
        assert!(breaker.admit(later).is_err() && breaker.is_down(later));
        probe.failed(&CloudError::FirstByteTimeout, later);
        assert_eq!(breaker.state(later), BreakerState::Open);
        let last = later + OPEN_FOR;
        breaker.admit(last).expect("admitted").ended_well();
        assert_eq!(breaker.state(last), BreakerState::Closed);
        assert!(breaker.calm.load(Ordering::Relaxed));
        assert_eq!(breaker.troubled.load(Ordering::Relaxed), 0);
    }

    #[test]
    fn an_answer_that_begins_closes_it_but_one_that_breaks_off_opens_it_again() {
        let (breaker, now) = (breaker(3), crate::clock::now());
        (0..3).for_each(|_| fail(&breaker, now));
        let later = now + OPEN_FOR;
        let mut probe = breaker.admit(later).expect("admitted");
        probe.begun();
        assert_eq!(breaker.state(later), BreakerState::Closed);
        probe.failed(&CloudError::BodyReset, later);
        assert_eq!(breaker.state(later), BreakerState::Open);
    }

    #[test]
    fn a_probe_whose_client_goes_leaves_room_for_another() {
        let (breaker, now) = (breaker(1), crate::clock::now());
        fail(&breaker, now);
        let later = now + OPEN_FOR;
        drop(breaker.admit(later).expect("admitted"));
        assert!(breaker.admit(later).is_ok());
    }

    #[test]
    fn other_bounds_begin_where_it_stands_and_count_it_once() {
        let (old, now) = (breaker(3), crate::clock::now());
        let troubled = Arc::clone(&old.troubled);
        (0..2).for_each(|_| fail(&old, now));
        assert!(Arc::ptr_eq(&old, &old.with(3, OPEN_FOR, now)));
        let laxer = old.with(4, OPEN_FOR, now);
        fail(&laxer, now);
        assert_eq!(laxer.state(now), BreakerState::Closed);
        fail(&laxer, now);
        assert_eq!(laxer.state(now), BreakerState::Open);
        let shorter = laxer.with(4, OPEN_FOR / 2, now);
        assert!(shorter.is_down(now) && !shorter.is_down(now + OPEN_FOR / 2));
        assert_eq!(troubled.load(Ordering::Relaxed), 2);
        // Whoever tries under the old bounds does not keep others from it under the new.
        let _probe = laxer.admit(now + OPEN_FOR).expect("admitted");
        assert!(laxer.with(1, OPEN_FOR, now + OPEN_FOR).admit(now + OPEN_FOR).is_ok());
        drop(shorter);
        assert_eq!(troubled.load(Ordering::Relaxed), 1, "one that is gone troubles nobody");
    }

    #[test]
    fn a_refusal_is_no_fault_and_too_many_requests_is_one() {
        let (breaker, now) = (breaker(1), crate::clock::now());
        let status = |code: u16| CloudError::Status {
            status: http::StatusCode::from_u16(code).expect("a status"),
            retry_after: None,
            body: bytes::Bytes::new(),
            content_type: None,
        };
        breaker.admit(now).expect("admitted").failed(&status(401), now);
        assert_eq!(breaker.state(now), BreakerState::Closed);
        breaker.admit(now).expect("admitted").failed(&status(429), now);
        assert_eq!(breaker.state(now), BreakerState::Open);
    }
}
