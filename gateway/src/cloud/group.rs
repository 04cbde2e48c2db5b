//! A target and the places where it can be asked: which is next.
//!
//! A target of one place, which most are, is asked there. Everything here stays within one target, and so within one permit.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use hearthgate_rules::decision::Wire;

use super::breaker::{Attempt, Breaker};
use super::load::{Load, Place, Visit};
use super::{BreakerState, CloudError, Remote};
use crate::config::{Balance, Hedge};

/// A target.
pub struct Group {
    pub endpoints: Vec<Endpoint>,
    pub balance: Balance,
    pub running_max: Option<usize>,
    /// Retries per hundred recent requests; none for no bound.
    pub retry_percent: Option<u32>,
    pub hedge: Option<Hedge>,
    pub load: Arc<Load>,
    /// Smooth weighted round-robin, as nginx has it: what each endpoint has in hand.
    pub turns: Mutex<Vec<i64>>,
}

/// A place where a target can be asked.
pub struct Endpoint {
    pub remote: Arc<Remote>,
    pub breaker: Arc<Breaker>,
    pub place: Arc<Place>,
    pub weight: u32,
}

/// The attempts of one request at one target: which places have been asked, and which may be.
#[derive(Default)]
pub struct Round {
    tried: Vec<usize>,
    only: Option<String>,
}

impl Round {
    /// Of places of this provider alone.
    #[must_use]
    pub fn of(only: String) -> Self {
        Self { tried: Vec::new(), only: Some(only) }
    }

    fn may(&self, endpoint: &Endpoint) -> bool {
        self.only.as_deref().is_none_or(|only| endpoint.remote.provider() == only)
    }
}

/// Leave to send one thing to one place.
pub struct Choice<'w> {
    pub(super) wire: &'w Wire,
    pub(super) remote: Arc<Remote>,
    pub(super) attempt: Attempt,
    /// Which of the target's places it is, from 1; none where there is one alone.
    pub endpoint: Option<usize>,
}

impl Choice<'_> {
    /// Whose server it is.
    #[must_use]
    pub fn provider(&self) -> &str {
        self.remote.provider()
    }
}

impl Group {
    /// The next place to ask.
    ///
    /// # Errors
    /// When all are left alone, or the target has as much under way as it may.
    pub fn choose<'w>(
        &self,
        wire: &'w Wire,
        round: &mut Round,
        now: Instant,
    ) -> Result<Choice<'w>, CloudError> {
        if round.tried.is_empty() && self.counts_requests() {
            self.load.request(now);
        }
        let room = self.load.enter(self.running_max).ok_or(CloudError::Busy)?;
        let (index, attempt) = self.admit(round, now)?;
        let endpoint = self.endpoints.get(index).ok_or(CloudError::NotConfigured)?;
        round.tried.push(index);
        let several = self.endpoints.len() > 1;
        let place = several.then(|| Arc::clone(&endpoint.place));
        let attempt = attempt.visiting(Visit::new(place, room, now));
        let remote = Arc::clone(&endpoint.remote);
        Ok(Choice { wire, remote, attempt, endpoint: several.then_some(index + 1) })
    }

    fn admit(&self, round: &Round, now: Instant) -> Result<(usize, Attempt), CloudError> {
        if let [only] = self.endpoints.as_slice()
            && round.may(only)
        {
            return only.breaker.admit(now).map(|attempt| (0, attempt));
        }
        let mut left: Vec<usize> = self.places(round).collect();
        let mut soonest: Option<Duration> = None;
        while let Some(index) = self.best(&left, round, now) {
            let endpoint = self.endpoints.get(index).ok_or(CloudError::NotConfigured)?;
            match endpoint.breaker.admit(now) {
                Ok(attempt) => return Ok((index, attempt)),
                Err(error) => {
                    let asked = error.retry_after();
                    soonest = [soonest, asked].into_iter().flatten().min();
                }
            }
            left.retain(|other| *other != index);
        }
        match soonest {
            Some(retry_after) => Err(CloudError::BreakerOpen { retry_after }),
            None => Err(CloudError::NotConfigured),
        }
    }

    fn places<'a>(&'a self, round: &'a Round) -> impl Iterator<Item = usize> + 'a {
        self.endpoints.iter().enumerate().filter(|(_, endpoint)| round.may(endpoint)).map(|(index, _)| index)
    }

    /// The best of some places: those first that were not asked yet, those next that do not rest, and among equals by turns or
    /// by their times.
    fn best(&self, left: &[usize], round: &Round, now: Instant) -> Option<usize> {
        if let [one] = left {
            return Some(*one);
        }
        let rank = |index: usize| {
            let endpoint = self.endpoints.get(index);
            let rests = endpoint.is_some_and(|endpoint| endpoint.place.rests(now));
            let down = endpoint.is_some_and(|endpoint| endpoint.breaker.is_down(now));
            (down, round.tried.contains(&index), rests)
        };
        let first = left.iter().map(|index| rank(*index)).min()?;
        let equals: Vec<usize> = left.iter().copied().filter(|index| rank(*index) == first).collect();
        match (equals.as_slice(), self.balance) {
            ([one], _) => Some(*one),
            (_, Balance::Weighted) => self.turn(&equals),
            (_, Balance::LeastLatency) => self.fastest(&equals, now),
        }
    }

    fn fastest(&self, of: &[usize], now: Instant) -> Option<usize> {
        let cost =
            |index: usize| self.endpoints.get(index).map_or(f64::MAX, |endpoint| endpoint.place.cost(now));
        let costs: Vec<_> = of.iter().map(|index| (*index, cost(*index))).collect();
        let least = costs.iter().map(|(_, cost)| *cost).fold(f64::MAX, f64::min);
        let equals: Vec<_> =
            costs.iter().filter(|(_, cost)| *cost <= least).map(|(index, _)| *index).collect();
        self.turn(&equals)
    }

    fn turn(&self, of: &[usize]) -> Option<usize> {
        let weight =
            |index: usize| self.endpoints.get(index).map_or(0, |endpoint| i64::from(endpoint.weight));
        let mut turns = self.turns.lock().unwrap_or_else(PoisonError::into_inner);
        turns.resize(self.endpoints.len(), 0);
        for index in of {
            if let Some(turn) = turns.get_mut(*index) {
                *turn += weight(*index);
            }
        }
        // Of equals the first: later ones have more in hand the next time.
        let in_hand = |index: &usize| turns.get(*index).copied().unwrap_or_default();
        let chosen = of.iter().rev().max_by_key(|index| in_hand(index)).copied()?;
        if let Some(turn) = turns.get_mut(chosen) {
            *turn -= of.iter().map(|index| weight(*index)).sum::<i64>();
        }
        Some(chosen)
    }

    /// Whether anybody asks how many requests there were lately.
    fn counts_requests(&self) -> bool {
        self.retry_percent.is_some() || self.hedge.is_some()
    }

    /// Whether a place is left that this request has not asked, and that would take it now.
    pub fn has_another(&self, round: &Round, now: Instant) -> bool {
        let mut fresh = self.places(round).filter(|index| !round.tried.contains(index));
        fresh.any(|index| {
            let endpoint = self.endpoints.get(index);
            endpoint.is_some_and(|endpoint| !endpoint.breaker.is_down(now) && !endpoint.place.rests(now))
        })
    }

    /// Whether a request that came now would be turned away.
    pub fn is_down(&self, now: Instant) -> bool {
        self.endpoints.iter().all(|endpoint| endpoint.breaker.is_down(now))
    }

    /// The state of the best of its places.
    pub fn state(&self, now: Instant) -> BreakerState {
        let states = self.endpoints.iter().map(|endpoint| endpoint.breaker.state(now));
        states.min_by_key(|state| state.as_number()).unwrap_or(BreakerState::Closed)
    }
}
