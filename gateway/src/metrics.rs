//! What is counted and measured, for Prometheus.
//!
//! Label values are names that the configuration writes, or words of the gateway's own; any other shows as
//! `other`, and the number of series is bounded, so that no request can make them grow. No text of a request
//! is ever a label.
//!
//! Looking a series up by its labels costs more than counting does, so requests keep what was looked up: see
//! [`Metrics::request`].

mod choice;
mod families;
mod request;
mod resilience;
mod vocabulary;

use std::fmt;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use hearthgate_engines::{EngineLoad, Usage};
use hearthgate_rules::difficulty::Probed;
use hearthgate_rules::judge::JudgingFault;
use hearthgate_rules::policy::Policy;
use hearthgate_rules::target::{Effort, Zone};
use prometheus::{Encoder as _, IntGaugeVec, TextEncoder};

pub use request::{RequestLabels, RequestMetrics};
pub use resilience::Cost;

use crate::memory::{Counts, Lost};
use crate::store::StoreError;
use families::Families;
use request::Requests;
use vocabulary::Vocabulary;

/// The content type of [`Metrics::render`].
pub const CONTENT_TYPE: &str = prometheus::TEXT_FORMAT;

/// The state of a target's circuit breaker.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum BreakerState {
    /// Requests pass.
    Closed,
    /// One request may try.
    HalfOpen,
    /// None pass.
    Open,
}

impl BreakerState {
    /// As metrics show it, the better the smaller.
    #[must_use]
    pub fn as_number(self) -> i64 {
        match self {
            Self::Closed => 0,
            Self::HalfOpen => 1,
            Self::Open => 2,
        }
    }
}

type Scrape = Box<dyn Fn(&Metrics) + Send + Sync>;

/// Every metric of one gateway, in a registry of its own.
pub struct Metrics {
    families: Families,
    requests: Requests,
    vocabulary: Vocabulary,
    scrape: RwLock<Option<Scrape>>,
}

impl Metrics {
    /// Registers every metric.
    ///
    /// # Errors
    /// Only when two metrics have one name, which a test rules out.
    pub fn new() -> Result<Self, prometheus::Error> {
        Ok(Self {
            families: Families::new()?,
            requests: Requests::default(),
            vocabulary: Vocabulary::default(),
            scrape: RwLock::new(None),
        })
    }

    /// Takes up the names that a policy and its targets may use. Names of an earlier one stay, since their
    /// series do.
    pub fn learn(&self, policy: &Policy) {
        self.vocabulary.learn(policy);
    }

    /// What is asked, at each scrape, for the state of queues and breakers.
    pub fn on_scrape(&self, scrape: impl Fn(&Self) + Send + Sync + 'static) {
        *self.scrape.write().unwrap_or_else(PoisonError::into_inner) = Some(Box::new(scrape));
    }

    /// The counters of requests with these labels.
    pub fn request(&self, labels: &RequestLabels<'_>) -> Arc<RequestMetrics> {
        self.requests.of(labels, &self.families, &self.vocabulary)
    }

    /// Counts a refusal, by the short name of its reason.
    pub fn refusal(&self, reason: &'static str) {
        self.families.refusals.with_label_values(&[reason]).inc();
    }

    /// Counts a permit, by the outermost zone that it reaches.
    pub fn permit(&self, zone: Zone) {
        self.families.permit(zone).inc();
    }

    /// Counts a target given up for the next.
    pub fn fallback(&self, from: &str, to: &str) {
        let (from, to) = (self.vocabulary.target(from), self.vocabulary.target(to));
        self.families.fallbacks.with_label_values(&[from.as_ref(), to.as_ref()]).inc();
    }

    /// Counts a fault of an upstream, by a short code of the gateway's own or an HTTP status.
    pub fn upstream_error(&self, target: &str, code: &str) {
        let (target, code) = (self.vocabulary.target(target), self.vocabulary.code(code));
        self.families.upstream_errors.with_label_values(&[target.as_ref(), code.as_ref()]).inc();
    }

    /// Counts a request that was held back, by what ran out: a word of the gateway's own.
    pub fn rate_limited(&self, kind: &'static str) {
        self.families.rate_limited.with_label_values(&[kind]).inc();
    }

    /// Counts a decision record that could not be written.
    pub fn audit_failure(&self) {
        self.families.audit_failures.inc();
    }

    /// Counts a judging that failed, by what happened to it.
    pub fn judging_failure(&self, fault: JudgingFault) {
        self.families.judging_failures.with_label_values(&[fault.as_str()]).inc();
    }

    /// Counts a request that has its label only by what is remembered.
    pub fn memory_recalled(&self) {
        self.families.memory_recalled.inc();
    }

    /// Counts a request whose label was lowered, by the name of the declassification.
    pub fn declassified(&self, by: &str) {
        let by = self.vocabulary.declassification(by);
        self.families.declassified.with_label_values(&[by.as_ref()]).inc();
    }

    /// Counts what is remembered no longer.
    pub fn memory_lost(&self, lost: Lost) {
        for (reason, count) in [("age", lost.by_age), ("room", lost.for_room)] {
            if count > 0 {
                self.families.memory_lost.with_label_values(&[reason]).inc_by(count);
            }
        }
    }

    /// Counts a request whose content was to be stored, by what became of it.
    pub fn content_stored(&self, kept: &Result<(), StoreError>) {
        let result = match kept {
            Ok(()) => "stored",
            Err(StoreError::TooLong { .. }) => "too_long",
            Err(_) => "failed",
        };
        self.families.contents_stored.with_label_values(&[result]).inc();
    }

    /// Sets how many responses are kept to be gone on from, and their bytes.
    pub fn set_responses(&self, (count, bytes): (usize, usize)) {
        let gauge = |value: usize| i64::try_from(value).unwrap_or(i64::MAX);
        self.families.responses_kept.set(gauge(count));
        self.families.responses_kept_bytes.set(gauge(bytes));
    }

    /// Sets how much is stored.
    pub fn set_store(&self, bytes: u64) {
        self.families.store_bytes.set(i64::try_from(bytes).unwrap_or(i64::MAX));
    }

    /// Sets how much is remembered, and since when.
    pub fn set_memory(&self, counts: Counts, since_seconds: u64) {
        let gauge = |value: usize| i64::try_from(value).unwrap_or(i64::MAX);
        self.families.memory_strings.set(gauge(counts.strings));
        self.families.memory_callers.set(gauge(counts.callers));
        self.families.memory_since.set(i64::try_from(since_seconds).unwrap_or(i64::MAX));
    }

    /// Counts a reload.
    pub fn reload(&self, succeeded: bool) {
        self.families.reloads.with_label_values(&[if succeeded { "success" } else { "failure" }]).inc();
    }

    /// Counts a client connection that opened.
    pub fn connection_opened(&self) {
        self.families.connections.inc();
    }

    /// Counts a client connection that closed.
    pub fn connection_closed(&self) {
        self.families.connections.dec();
    }

    /// Measures how long a request waited for a slot of a model in this process.
    pub fn queue_wait(&self, target: &str, wait: Duration) {
        let target = self.vocabulary.target(target);
        self.families.queue_wait.with_label_values(&[target.as_ref()]).observe(wait.as_secs_f64());
    }

    /// Counts what an answer of a model in this process used. A quick answer for which it thought is an alarm: it was told
    /// not to.
    pub fn answered_here(&self, target: &str, effort: Option<Effort>, usage: &Usage) {
        self.thought(target, effort, usage.reasoning_tokens);
        let target = self.vocabulary.target(target);
        self.families.cached_tokens.with_label_values(&[target.as_ref()]).inc_by(usage.cached_tokens);
        let quick_thought = self.families.quick_thought.with_label_values(&[target.as_ref()]);
        if effort == Some(Effort::Quick) && usage.reasoning_tokens > 0 {
            quick_thought.inc();
        }
    }

    /// Counts for how many tokens a model thought, by what it was told.
    pub fn thought(&self, target: &str, effort: Option<Effort>, tokens: u64) {
        let target = self.vocabulary.target(target);
        let labels = [target.as_ref(), effort.map_or("none", Effort::as_str)];
        self.families.reasoning_tokens.with_label_values(&labels).inc_by(tokens);
    }

    /// Counts that a model in this process was to be asked how sure it is.
    pub fn probed(&self, target: &str, probed: Probed) {
        let target = self.vocabulary.target(target);
        self.families.probes.with_label_values(&[target.as_ref(), probed.as_str()]).inc();
    }

    /// Measures how long that took, and counts the tokens that it read anew and said, where it came to an end.
    pub fn probing_took(&self, target: &str, took: Duration, usage: Option<&Usage>) {
        let target = self.vocabulary.target(target);
        self.families.probe_time.with_label_values(&[target.as_ref()]).observe(took.as_secs_f64());
        let Some(usage) = usage else { return };
        let read = usage.prompt_tokens.saturating_sub(usage.cached_tokens);
        for (kind, tokens) in [("prompt", read), ("answer", usage.completion_tokens)] {
            self.families.probe_tokens.with_label_values(&[target.as_ref(), kind]).inc_by(tokens);
        }
    }

    /// Counts what came of an answer that was verified, and why: words of the gateway's own.
    pub fn verified(&self, target: &str, outcome: &'static str, reason: &'static str) {
        let target = self.vocabulary.target(target);
        self.families.verified.with_label_values(&[target.as_ref(), outcome, reason]).inc();
    }

    /// Measures how long an answer that is verified took.
    pub fn verification_took(&self, target: &str, took: Duration) {
        let target = self.vocabulary.target(target);
        self.families.verification_time.with_label_values(&[target.as_ref()]).observe(took.as_secs_f64());
    }

    /// Sets what a model in this process takes: its own memory, that of conversations that lost their slot, and how often
    /// it had to be loaded.
    pub fn set_memory_of_model(&self, target: &str, load: &EngineLoad) {
        let target = self.vocabulary.target(target);
        let set = |gauge: &IntGaugeVec, value: u64| {
            gauge.with_label_values(&[target.as_ref()]).set(i64::try_from(value).unwrap_or(i64::MAX));
        };
        set(&self.families.prefix_cache, u64::try_from(load.prefix_cache_bytes).unwrap_or(u64::MAX));
        set(&self.families.model_memory, load.memory_bytes);
        set(&self.families.model_loads, load.loads);
    }

    /// Sets how many requests wait for a model in this process, how many of its slots are busy, and how many
    /// it has.
    pub fn set_queue(&self, target: &str, depth: usize, slots_busy: usize, slots: usize) {
        let target = self.vocabulary.target(target);
        let gauge = |value: usize| i64::try_from(value).unwrap_or(i64::MAX);
        self.families.queue_depth.with_label_values(&[target.as_ref()]).set(gauge(depth));
        self.families.slots_busy.with_label_values(&[target.as_ref()]).set(gauge(slots_busy));
        self.families.slots.with_label_values(&[target.as_ref()]).set(gauge(slots));
    }

    /// Sets the state of a target's breaker.
    pub fn set_breaker(&self, target: &str, state: BreakerState) {
        let target = self.vocabulary.target(target);
        self.families.breaker.with_label_values(&[target.as_ref()]).set(state.as_number());
    }

    /// Everything, in Prometheus's text format.
    pub fn render(&self) -> String {
        if let Some(scrape) = self.scrape.read().unwrap_or_else(PoisonError::into_inner).as_ref() {
            scrape(self);
        }
        let mut out = Vec::new();
        // Writing to a vector cannot fail, and the encoder only refuses families without metrics, which a
        // registry leaves out.
        let _ = TextEncoder::new().encode(&self.families.registry.gather(), &mut out);
        String::from_utf8(out).unwrap_or_default()
    }
}

impl fmt::Debug for Metrics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Metrics").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
