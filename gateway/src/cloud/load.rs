//! What a target, and each place where it can be asked, carries now: requests under way, times, retries.
//!
//! It outlives a reload. Times are passed in.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::recent::Recent;

/// How fast old times are forgotten, as in Finagle's and linkerd's balancers ("peak EWMA").
const DECAY: Duration = Duration::from_secs(10);

/// What a fault counts as at least, so that a place which fails at once is not taken for the fastest.
const FAULT_TIME_MIN: Duration = Duration::from_secs(2);

/// Retries that are always allowed in that time, so that a quiet gateway can retry at all.
const RETRIES_MIN: usize = 3;

/// What is under way at a target, and what it was asked lately.
#[derive(Default)]
pub struct Load {
    running: AtomicUsize,
    recent: Mutex<Recent>,
}

impl Load {
    /// Requests under way.
    pub fn running(&self) -> usize {
        self.running.load(Ordering::Relaxed)
    }

    /// Room for one more request, if less than so many are under way.
    pub fn enter(self: &Arc<Self>, running_max: Option<usize>) -> Option<Lease> {
        let room = |running: usize| running_max.is_none_or(|most| running < most).then_some(running + 1);
        let entered = self.running.fetch_update(Ordering::AcqRel, Ordering::Acquire, room);
        entered.ok().map(|_| Lease(Arc::clone(self)))
    }

    /// Remembers a request.
    pub fn request(&self, now: Instant) {
        self.recent().request(now);
    }

    /// Takes a retry (or a hedge) from a budget of so many per hundred of the recent requests; says whether there was one.
    pub fn retry(&self, percent: u32, now: Instant) -> bool {
        let mut recent = self.recent();
        let (requests, retries) = recent.counts(now);
        let share = requests.saturating_mul(usize::try_from(percent).unwrap_or(0)) / 100;
        let allowed = retries < share.max(RETRIES_MIN);
        if allowed {
            recent.retry(now);
        }
        allowed
    }

    fn recent(&self) -> MutexGuard<'_, Recent> {
        self.recent.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Room for a request at a target. It ends when dropped.
pub struct Lease(Arc<Load>);

impl Drop for Lease {
    fn drop(&mut self) {
        self.0.running.fetch_sub(1, Ordering::AcqRel);
    }
}

/// One place where a target can be asked.
#[derive(Default)]
pub struct Place {
    running: AtomicUsize,
    inner: Mutex<Timing>,
}

#[derive(Default)]
struct Timing {
    /// Seconds to an answer's beginning, and when that was known.
    ewma: Option<(f64, Instant)>,
    rests_until: Option<Instant>,
}

impl Place {
    /// What another request there would cost: the time to an answer's beginning, for each that is under way and this one. A
    /// place of which nothing is known costs nothing, so that it is tried, but once at a time.
    pub fn cost(&self, now: Instant) -> f64 {
        /// More than any time that is waited for.
        const UNKNOWN: f64 = 1e6;
        let running = self.running.load(Ordering::Relaxed);
        let waiting = u32::try_from(running).map_or(f64::MAX, f64::from);
        let known = self.inner().ewma.map(|(ewma, at)| ewma * fade(now, at)).filter(|ewma| *ewma > 1e-6);
        match known {
            Some(ewma) => ewma * (waiting + 1.0),
            None if running == 0 => 0.0,
            None => UNKNOWN + waiting,
        }
    }

    /// An answer began after this long, or a fault came: what is slower counts at once, what is faster bit by bit.
    pub fn observe(&self, took: Duration, now: Instant) {
        let took = took.as_secs_f64();
        let mut inner = self.inner();
        let ewma = match inner.ewma {
            Some((ewma, at)) if ewma > took => {
                let fade = fade(now, at);
                ewma * fade + took * (1.0 - fade)
            }
            _ => took,
        };
        inner.ewma = Some((ewma, now));
    }

    /// No answer had begun after this long: it takes that long at least.
    pub fn observe_at_least(&self, took: Duration, now: Instant) {
        let took = took.as_secs_f64();
        let mut inner = self.inner();
        if inner.ewma.is_none_or(|(ewma, at)| ewma * fade(now, at) < took) {
            inner.ewma = Some((took, now));
        }
    }

    /// It is to be left alone for a while, where there are others.
    pub fn rest(&self, until: Instant) {
        self.inner().rests_until = Some(until);
    }

    /// Whether it is left alone now.
    pub fn rests(&self, now: Instant) -> bool {
        self.inner().rests_until.is_some_and(|until| now < until)
    }

    fn inner(&self) -> MutexGuard<'_, Timing> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn fade(now: Instant, at: Instant) -> f64 {
    (-now.saturating_duration_since(at).as_secs_f64() / DECAY.as_secs_f64()).exp()
}

/// A request on its way to a place, or being answered there.
pub struct Visit {
    /// None where the target has no other, and nobody compares.
    place: Option<Arc<Place>>,
    since: Instant,
    told: bool,
    _room: Lease,
}

impl Visit {
    /// Begins one.
    pub fn new(place: Option<Arc<Place>>, room: Lease, now: Instant) -> Self {
        if let Some(place) = &place {
            place.running.fetch_add(1, Ordering::AcqRel);
        }
        Self { place, since: now, told: false, _room: room }
    }

    /// The answer has begun.
    pub fn begun(&mut self, now: Instant) {
        if let Some(place) = self.place.as_ref().filter(|_| !self.told) {
            place.observe(now.saturating_duration_since(self.since), now);
        }
        self.told = true;
    }

    /// It failed in a way that tells against the place.
    pub fn failed(&mut self, now: Instant) {
        self.told = true;
        if let Some(place) = &self.place {
            place.observe(now.saturating_duration_since(self.since).max(FAULT_TIME_MIN), now);
        }
    }

    /// It was refused, which takes no time at all and so tells nothing, unless the place refuses everybody.
    pub fn refused(&mut self, by_place: bool, now: Instant) {
        match by_place {
            true => self.failed(now),
            false => self.told = true,
        }
    }

    /// The place asks to be left alone.
    pub fn rest(&self, until: Instant) {
        if let Some(place) = &self.place {
            place.rest(until);
        }
    }
}

impl Drop for Visit {
    fn drop(&mut self) {
        if let Some(place) = &self.place {
            place.running.fetch_sub(1, Ordering::AcqRel);
            if !self.told {
                let now = crate::clock::now();
                place.observe_at_least(now.saturating_duration_since(self.since), now);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RECENT: Duration = Duration::from_secs(10);
    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn so_many_are_under_way_and_no_more() {
        let load = Arc::new(Load::default());
        let (one, two) = (load.enter(Some(2)), load.enter(Some(2)));
        assert!(one.is_some() && two.is_some() && load.enter(Some(2)).is_none());
        drop(one);
        assert!(load.enter(Some(2)).is_some());
        assert!(load.enter(None).is_some());
        assert_eq!(load.running(), 1);
    }

    #[test]
    fn retries_are_a_share_of_recent_requests() {
        let (load, now) = (Load::default(), crate::clock::now());
        let taken = |now| (0..100).filter(|_| load.retry(20, now)).count();
        assert_eq!(taken(now), RETRIES_MIN);
        (0..50).for_each(|_| load.request(now));
        assert_eq!(taken(now), 10 - RETRIES_MIN);
        assert_eq!(taken(now + RECENT), 0);
        assert_eq!(taken(now + RECENT + SECOND), RETRIES_MIN, "what is long ago counts no more");
    }

    #[test]
    fn slow_and_failing_places_cost_more_and_are_forgiven() {
        let (slow, fast, now) = (Arc::new(Place::default()), Place::default(), crate::clock::now());
        assert_eq!(slow.cost(now), 0.0);
        slow.observe(SECOND, now);
        fast.observe(SECOND / 10, now);
        assert!(slow.cost(now) > 9.0 * fast.cost(now));
        slow.observe(SECOND / 10, now + DECAY);
        assert!(slow.cost(now + DECAY) < 0.5, "{}", slow.cost(now + DECAY));
        let room = Arc::new(Load::default()).enter(None).expect("room");
        let mut visit = Visit::new(Some(Arc::clone(&slow)), room, now + DECAY);
        visit.failed(now + DECAY);
        assert!(slow.cost(now + DECAY) >= 2.0 * FAULT_TIME_MIN.as_secs_f64(), "with one under way");
        drop(visit);
        assert!(slow.cost(now + 100 * DECAY) < 1e-6, "in time it is tried again");
    }

    #[test]
    fn a_place_of_which_nothing_is_known_is_tried_once_at_a_time() {
        let (place, now) = (Arc::new(Place::default()), crate::clock::now());
        let room = Arc::new(Load::default()).enter(None).expect("room");
        let mut visit = Visit::new(Some(Arc::clone(&place)), room, now);
        assert!(place.cost(now) > 1000.0);
        visit.begun(now + SECOND);
        visit.begun(now + 100 * SECOND);
        drop(visit);
        assert!((place.cost(now + SECOND) - 1.0).abs() < 1e-6);
    }

    #[test]
    fn what_said_nothing_until_it_was_given_up_is_slow() {
        let (place, now) = (Arc::new(Place::default()), crate::clock::now());
        let room = || Arc::new(Load::default()).enter(None).expect("room");
        place.observe(SECOND / 10, now);
        let since = now.checked_sub(3 * SECOND).expect("a while ago");
        drop(Visit::new(Some(Arc::clone(&place)), room(), since));
        assert!(place.cost(crate::clock::now()) > 2.5, "three seconds without a word");
        drop(Visit::new(Some(Arc::clone(&place)), room(), crate::clock::now()));
        assert!(place.cost(crate::clock::now()) > 2.5, "a moment tells nothing");
    }

    #[test]
    fn refusals_do_not_make_a_place_fast() {
        let (place, now) = (Arc::new(Place::default()), crate::clock::now());
        let room = || Arc::new(Load::default()).enter(None).expect("room");
        place.observe(SECOND, now);
        Visit::new(Some(Arc::clone(&place)), room(), now).refused(false, now);
        assert!((place.cost(now) - 1.0).abs() < 1e-6);
        Visit::new(Some(Arc::clone(&place)), room(), now).refused(true, now);
        assert!(place.cost(now) >= FAULT_TIME_MIN.as_secs_f64());
    }
}
