//! What is counted of costs, and of what keeps answers coming: windows, places of targets, retries, second attempts.

use prometheus::{CounterVec, Error, IntCounterVec, IntGaugeVec, Registry};

use super::families::{counters, gauges, opts, registered};
use super::{BreakerState, Metrics};

pub(super) struct Resilience {
    costs: CounterVec,
    unknown_costs: IntCounterVec,
    passed_over: IntCounterVec,
    retries: IntCounterVec,
    hedges: IntCounterVec,
    asked: IntCounterVec,
    endpoints: IntGaugeVec,
    running: IntGaugeVec,
}

impl Resilience {
    pub fn new(r: &Registry) -> Result<Self, Error> {
        let costs = opts("cost_usd_total", "What answers cost, of those whose cost is known.");
        Ok(Self {
            costs: registered(r, CounterVec::new(costs, &["model"])?)?,
            unknown_costs: counters(
                r,
                "unknown_cost_total",
                "Answers whose cost is not known, by what is missing: the price, or the tokens used.",
                &["model", "missing"],
            )?,
            passed_over: counters(
                r,
                "window_exceeded_total",
                "Targets that could not be asked because the request is longer than what they read.",
                &["model"],
            )?,
            retries: counters(
                r,
                "retries_total",
                "Further attempts at the same target that were due, by what became of them: made, or withheld by its budget.",
                &["model", "outcome"],
            )?,
            hedges: counters(
                r,
                "hedges_total",
                "Second attempts beside a first, by what became of them; one that is withheld was not made.",
                &["model", "outcome"],
            )?,
            asked: counters(
                r,
                "endpoint_requests_total",
                "Attempts by place, of targets that have several; places count from 1.",
                &["model", "endpoint"],
            )?,
            endpoints: registered(
                r,
                IntGaugeVec::new(
                    opts("endpoint_state", "Breaker of a place of a target: 0 closed, 1 half open, 2 open."),
                    &["model", "endpoint"],
                )?,
            )?,
            running: gauges(r, "upstream_requests_running", "Requests under way at an upstream's target.")?,
        })
    }
}

/// What an answer cost.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Cost {
    /// So many USD.
    Usd(f64),
    /// Nobody knows the price.
    NoPrice,
    /// Nobody told the tokens.
    NoUsage,
}

impl Metrics {
    /// Counts what an answer of a target cost.
    pub fn cost(&self, target: &str, cost: Cost) {
        let (own, target) = (&self.families.resilience, self.vocabulary.target(target));
        let target = target.as_ref();
        let unknown = |missing| own.unknown_costs.with_label_values(&[target, missing]).inc();
        match cost {
            Cost::Usd(usd) => own.costs.with_label_values(&[target]).inc_by(usd.max(0.0)),
            Cost::NoPrice => unknown("price"),
            Cost::NoUsage => unknown("usage"),
        }
    }

    /// Counts a target that a request is too long for.
    pub fn passed_over(&self, target: &str) {
        let target = self.vocabulary.target(target);
        self.families.resilience.passed_over.with_label_values(&[target.as_ref()]).inc();
    }

    /// Counts a further attempt that was due at the same target, and whether it was made.
    pub fn retry(&self, target: &str, made: bool) {
        let target = self.vocabulary.target(target);
        let outcome = if made { "made" } else { "withheld" };
        self.families.resilience.retries.with_label_values(&[target.as_ref(), outcome]).inc();
    }

    /// Counts a second attempt, by what became of it: a word of the gateway's own.
    pub fn hedged(&self, target: &str, outcome: &'static str) {
        let target = self.vocabulary.target(target);
        self.families.resilience.hedges.with_label_values(&[target.as_ref(), outcome]).inc();
    }

    /// Counts an attempt at a place of a target, from 1 to as many as its configuration has.
    pub fn endpoint_asked(&self, target: &str, endpoint: usize) {
        let target = self.vocabulary.target(target);
        let endpoint = endpoint.to_string();
        self.families.resilience.asked.with_label_values(&[target.as_ref(), &endpoint]).inc();
    }

    /// Sets what an upstream's target has under way, and the state of each of its places.
    pub fn set_upstream(&self, target: &str, running: usize, endpoints: &[BreakerState]) {
        let (own, target) = (&self.families.resilience, self.vocabulary.target(target));
        let running = i64::try_from(running).unwrap_or(i64::MAX);
        own.running.with_label_values(&[target.as_ref()]).set(running);
        for (number, state) in (1_u32..).zip(endpoints) {
            own.endpoints.with_label_values(&[target.as_ref(), &number.to_string()]).set(state.as_number());
        }
    }
}
