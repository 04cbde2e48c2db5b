//! What is counted per request, with the series looked up once per combination of labels.

use std::collections::HashMap;
use std::hash::{BuildHasher as _, RandomState};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use hearthgate_rules::difficulty::Band;
use hearthgate_rules::target::{Effort, Zone};
use prometheus::{Histogram, IntCounter};

use super::families::Families;
use super::vocabulary::{NONE, OTHER, Vocabulary};

/// The most combinations of labels; requests with a further one count as `other` throughout.
pub(super) const COMBINATIONS_MAX: usize = 1024;

/// The labels of a request. What is not known is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct RequestLabels<'a> {
    /// The route that decided.
    pub route: Option<&'a str>,
    /// The zone of the target that answered.
    pub zone: Option<Zone>,
    /// The label.
    pub label: Option<&'a str>,
    /// The band of difficulty.
    pub band: Option<Band>,
    /// The effort.
    pub effort: Option<Effort>,
    /// The name of the target that answered.
    pub target: Option<&'a str>,
    /// The HTTP status that the client got.
    pub status: u16,
}

/// The counters of one combination of labels.
#[derive(Debug)]
pub struct RequestMetrics {
    key: Key,
    requests: IntCounter,
    duration: Histogram,
    first_token: Histogram,
    tokens_in: IntCounter,
    tokens_out: IntCounter,
    overhead: Histogram,
}

impl RequestMetrics {
    /// Counts a request that ended, and how long it took.
    pub fn ended(&self, duration: Duration) {
        self.requests.inc();
        self.duration.observe(duration.as_secs_f64());
    }

    /// Measures the time to an answer's first content.
    pub fn first_token(&self, after: Duration) {
        self.first_token.observe(after.as_secs_f64());
    }

    /// Counts tokens.
    pub fn tokens(&self, of_prompt: u64, of_answer: u64) {
        self.tokens_in.inc_by(of_prompt);
        self.tokens_out.inc_by(of_answer);
    }

    /// Measures what the gateway itself added.
    pub fn overhead(&self, added: Duration) {
        self.overhead.observe(added.as_secs_f64());
    }
}

/// The labels of a combination, owned: what tells two of one fingerprint apart.
#[derive(Debug)]
struct Key {
    route: Option<String>,
    zone: Option<Zone>,
    label: Option<String>,
    band: Option<Band>,
    effort: Option<Effort>,
    target: Option<String>,
    status: u16,
}

impl Key {
    fn new(labels: &RequestLabels<'_>) -> Self {
        Self {
            route: labels.route.map(str::to_owned),
            zone: labels.zone,
            label: labels.label.map(str::to_owned),
            band: labels.band,
            effort: labels.effort,
            target: labels.target.map(str::to_owned),
            status: labels.status,
        }
    }

    fn is(&self, labels: &RequestLabels<'_>) -> bool {
        let own = RequestLabels {
            route: self.route.as_deref(),
            zone: self.zone,
            label: self.label.as_deref(),
            band: self.band,
            effort: self.effort,
            target: self.target.as_deref(),
            status: self.status,
        };
        own == *labels
    }
}

/// Every combination met so far, by the hash of its labels.
#[derive(Default)]
pub(super) struct Requests {
    hasher: RandomState,
    known: RwLock<HashMap<u64, Arc<RequestMetrics>>>,
}

impl Requests {
    pub fn of(
        &self,
        labels: &RequestLabels<'_>,
        families: &Families,
        words: &Vocabulary,
    ) -> Arc<RequestMetrics> {
        let fingerprint = self.hasher.hash_one(labels);
        if let Some(found) = self.known.read().unwrap_or_else(PoisonError::into_inner).get(&fingerprint)
            && found.key.is(labels)
        {
            return Arc::clone(found);
        }
        self.look_up(labels, families, words)
    }

    #[cold]
    fn look_up(
        &self,
        labels: &RequestLabels<'_>,
        families: &Families,
        words: &Vocabulary,
    ) -> Arc<RequestMetrics> {
        let status = labels.status.to_string();
        let status = if (100..=599).contains(&labels.status) { status.as_str() } else { OTHER };
        let route = words.route(labels.route.unwrap_or(NONE));
        let label = words.label(labels.label.unwrap_or(NONE));
        let target = words.target(labels.target.unwrap_or(NONE));
        let values: [&str; 6] = [
            &route,
            labels.zone.map_or(NONE, Zone::as_str),
            &label,
            labels.band.map_or(NONE, Band::as_str),
            labels.effort.map_or(NONE, Effort::as_str),
            &target,
        ];
        // Unknown words are looked up each time: kept under their own names they would fill the map.
        let unknown = [(labels.route, &route), (labels.label, &label), (labels.target, &target)];
        if unknown.iter().any(|(given, shown)| given.unwrap_or(NONE) != shown.as_ref()) {
            return Arc::new(series(families, Key::new(labels), values, status));
        }
        let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= COMBINATIONS_MAX {
            return Arc::new(series(families, Key::new(labels), [OTHER; 6], OTHER));
        }
        let made = Arc::new(series(families, Key::new(labels), values, status));
        // Two combinations of one fingerprint: the one that came first stays, the other is looked up anew.
        known.entry(self.hasher.hash_one(labels)).or_insert_with(|| Arc::clone(&made));
        made
    }
}

fn series(families: &Families, key: Key, values: [&str; 6], status: &str) -> RequestMetrics {
    let [route, zone, label, band, effort, target] = values;
    RequestMetrics {
        key,
        requests: families.requests.with_label_values(&[route, zone, label, band, effort, target, status]),
        duration: families.duration.with_label_values(&values),
        first_token: families.first_token.with_label_values(&values),
        tokens_in: families.tokens_in.with_label_values(&values),
        tokens_out: families.tokens_out.with_label_values(&values),
        overhead: families.overhead.with_label_values(&[route, zone]),
    }
}
