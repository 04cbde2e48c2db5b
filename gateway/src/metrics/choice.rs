//! What is counted of the choice among targets: expected times, wishes that were not kept to, budgets.

use hearthgate_rules::policy::BudgetState;
use prometheus::{Error, GaugeVec, IntCounterVec, IntGaugeVec, Registry};

use super::Metrics;
use super::families::{counters, opts, registered};
use crate::budget::Standing;

pub(super) struct Choices {
    first_token: GaugeVec,
    queue_wait: GaugeVec,
    unmet: IntCounterVec,
    budget: GaugeVec,
    spent: GaugeVec,
    unpriced: IntGaugeVec,
    state: IntGaugeVec,
}

impl Choices {
    pub fn new(r: &Registry) -> Result<Self, Error> {
        let floats = |name, help, labels: &[&str]| registered(r, GaugeVec::new(opts(name, help), labels)?);
        let whole = |name, help| registered(r, IntGaugeVec::new(opts(name, help), &["budget"])?);
        Ok(Self {
            first_token: floats(
                "expected_first_token_seconds",
                "Running mean of the time to the beginning of an answer, by whether it is streamed or comes whole.",
                &["model", "answer"],
            )?,
            queue_wait: floats(
                "expected_queue_wait_seconds",
                "Running mean of the wait for a slot of a model in this process.",
                &["model"],
            )?,
            unmet: counters(
                r,
                "wishes_unmet_total",
                "Answers that did not keep to what was wished, by the wish.",
                &["wish"],
            )?,
            budget: floats("budget_usd", "What may be spent in a period.", &["budget"])?,
            spent: floats("budget_spent_usd", "What has been spent in this period.", &["budget"])?,
            unpriced: whole("budget_unpriced_answers", "Answers in this period whose cost is not known.")?,
            state: whole("budget_state", "How much is left: 0 ample, 1 low, 2 exhausted.")?,
        })
    }
}

impl Metrics {
    /// Counts an answer that did not keep to a wish: a word of the gateway's own.
    pub fn unmet(&self, wish: &'static str) {
        self.families.choices.unmet.with_label_values(&[wish]).inc();
    }

    /// Sets how soon targets are expected to begin: a streamed answer, a whole one; and for how long one waits for a slot.
    pub fn set_paces<'a>(&self, paces: impl IntoIterator<Item = (&'a str, [Option<f64>; 3])>) {
        let own = &self.families.choices;
        own.first_token.reset();
        own.queue_wait.reset();
        for (target, [streamed, whole, wait]) in paces {
            let target = self.vocabulary.target(target);
            for (answer, seconds) in [("streamed", streamed), ("whole", whole)] {
                if let Some(seconds) = seconds {
                    own.first_token.with_label_values(&[target.as_ref(), answer]).set(seconds);
                }
            }
            if let Some(wait) = wait {
                own.queue_wait.with_label_values(&[target.as_ref()]).set(wait);
            }
        }
    }

    /// Sets how each budget stands. Those that a reload has taken away are shown no longer.
    pub fn set_budgets(&self, budgets: &[Standing]) {
        let own = &self.families.choices;
        own.budget.reset();
        own.spent.reset();
        own.unpriced.reset();
        own.state.reset();
        for Standing { name, usd, spent_usd, unpriced, state } in budgets {
            let labels = &[name.as_str()];
            own.budget.with_label_values(labels).set(*usd);
            own.spent.with_label_values(labels).set(*spent_usd);
            own.unpriced.with_label_values(labels).set(i64::try_from(*unpriced).unwrap_or(i64::MAX));
            own.state.with_label_values(labels).set(match state {
                BudgetState::Ample => 0,
                BudgetState::Low => 1,
                BudgetState::Exhausted => 2,
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn budgets_and_paces_show_as_they_stand() {
        let metrics = Metrics::new().expect("metrics");
        let standing =
            |state| Standing { name: "site".to_owned(), usd: 5.0, spent_usd: 4.5, unpriced: 2, state };
        metrics.set_budgets(&[standing(BudgetState::Low)]);
        metrics.set_paces([("a", [Some(0.25), None, Some(0.5)])]);
        metrics.unmet("latency");
        let shown = metrics.render();
        for line in [
            "hearthgate_budget_usd{budget=\"site\"} 5\n",
            "hearthgate_budget_spent_usd{budget=\"site\"} 4.5\n",
            "hearthgate_budget_unpriced_answers{budget=\"site\"} 2\n",
            "hearthgate_budget_state{budget=\"site\"} 1\n",
            "hearthgate_expected_first_token_seconds{answer=\"streamed\",model=\"other\"} 0.25\n",
            "hearthgate_expected_queue_wait_seconds{model=\"other\"} 0.5\n",
            "hearthgate_wishes_unmet_total{wish=\"latency\"} 1\n",
        ] {
            assert!(shown.contains(line), "{line}{shown}");
        }
        metrics.set_budgets(&[]);
        assert!(!metrics.render().contains("hearthgate_budget_state{"));
    }
}
