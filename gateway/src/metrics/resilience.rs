//! What is counted of costs, and of what keeps answers coming: windows.

use prometheus::{CounterVec, Error, IntCounterVec, Registry};

use super::Metrics;
use super::families::{counters, opts, registered};

pub(super) struct Resilience {
    costs: CounterVec,
    unknown_costs: IntCounterVec,
    passed_over: IntCounterVec,
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
}
