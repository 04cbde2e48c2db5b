//! The metrics by name. Prefix `hearthgate_`, base units, unit last, `_total` for counters, as Prometheus's
//! naming conventions ask (<https://prometheus.io/docs/practices/naming/>).

use hearthgate_rules::target::Zone;
use prometheus::core::Collector;
use prometheus::{
    Error, HistogramOpts, HistogramVec, IntCounter, IntCounterVec, IntGauge, IntGaugeVec, Opts, Registry,
};

use super::choice::Choices;
use super::resilience::Resilience;

/// From a quick local answer to a long deliberation.
const DURATION_SECONDS: [f64; 13] =
    [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 15.0, 60.0, 300.0];

/// What the gateway itself adds: from 20 µs on.
const OVERHEAD_SECONDS: [f64; 12] =
    [0.000_02, 0.000_05, 0.000_1, 0.000_15, 0.000_2, 0.000_3, 0.000_5, 0.001, 0.002_5, 0.005, 0.025, 0.1];

/// The labels of what is measured per request; `requests_total` has `status` besides.
pub(super) const REQUEST_LABELS: [&str; 6] = ["route", "zone", "label", "band", "effort", "model"];

pub(super) struct Families {
    pub registry: Registry,
    pub requests: IntCounterVec,
    pub duration: HistogramVec,
    pub first_token: HistogramVec,
    pub tokens_in: IntCounterVec,
    pub tokens_out: IntCounterVec,
    pub overhead: HistogramVec,
    pub refusals: IntCounterVec,
    pub fallbacks: IntCounterVec,
    pub upstream_errors: IntCounterVec,
    pub rate_limited: IntCounterVec,
    pub judging_failures: IntCounterVec,
    pub audit_failures: IntCounter,
    pub reloads: IntCounterVec,
    pub declassified: IntCounterVec,
    pub memory_strings: IntGauge,
    pub memory_callers: IntGauge,
    pub memory_since: IntGauge,
    pub memory_recalled: IntCounter,
    pub memory_lost: IntCounterVec,
    pub contents_stored: IntCounterVec,
    pub store_bytes: IntGauge,
    pub responses_kept: IntGauge,
    pub responses_kept_bytes: IntGauge,
    pub connections: IntGauge,
    pub queue_wait: HistogramVec,
    pub probes: IntCounterVec,
    pub probe_time: HistogramVec,
    pub probe_tokens: IntCounterVec,
    pub verified: IntCounterVec,
    pub verification_time: HistogramVec,
    pub cached_tokens: IntCounterVec,
    pub reasoning_tokens: IntCounterVec,
    pub quick_thought: IntCounterVec,
    pub prefix_cache: IntGaugeVec,
    pub model_memory: IntGaugeVec,
    pub model_loads: IntGaugeVec,
    pub queue_depth: IntGaugeVec,
    pub slots_busy: IntGaugeVec,
    pub slots: IntGaugeVec,
    pub breaker: IntGaugeVec,
    pub resilience: Resilience,
    pub choices: Choices,
    permits: [IntCounter; 3],
}

impl Families {
    pub fn new() -> Result<Self, Error> {
        let registry = Registry::new();
        let r = &registry;
        let by_request = REQUEST_LABELS.as_slice();
        let with_status: Vec<_> = by_request.iter().copied().chain(["status"]).collect();
        let permits = counters(r, "permits_issued_total", "Permits issued, by outermost zone.", &["zone"])?;
        let permits = Zone::ALL.map(|zone| permits.with_label_values(&[zone.as_str()]));
        info(r)?;
        Ok(Self {
            requests: counters(r, "requests_total", "Requests answered or refused.", &with_status)?,
            duration: histograms(
                r,
                "request_duration_seconds",
                "From the request's head to the answer's last byte.",
                by_request,
                &DURATION_SECONDS,
            )?,
            first_token: histograms(
                r,
                "time_to_first_token_seconds",
                "From the request's head to the answer's first content.",
                by_request,
                &DURATION_SECONDS,
            )?,
            tokens_in: counters(r, "input_tokens_total", "Tokens of prompts.", by_request)?,
            tokens_out: counters(r, "output_tokens_total", "Tokens of answers.", by_request)?,
            overhead: histograms(
                r,
                "overhead_seconds",
                "What the gateway itself adds before the request is handed on.",
                &["route", "zone"],
                &OVERHEAD_SECONDS,
            )?,
            refusals: counters(r, "refusals_total", "Requests refused, by reason.", &["reason"])?,
            fallbacks: counters(r, "fallbacks_total", "Targets given up for the next.", &["from", "to"])?,
            upstream_errors: counters(
                r,
                "upstream_errors_total",
                "Faults of upstreams, by code.",
                &["model", "code"],
            )?,
            rate_limited: counters(r, "rate_limited_total", "Requests held back.", &["kind"])?,
            judging_failures: counters(
                r,
                "judging_failures_total",
                "Requests given the highest label because judging them failed, by cause.",
                &["cause"],
            )?,
            audit_failures: registered(
                r,
                IntCounter::new(
                    "hearthgate_audit_failures_total",
                    "Decision records that could not be written.",
                )?,
            )?,
            reloads: counters(r, "reloads_total", "Reloads of configuration and policy.", &["result"])?,
            declassified: counters(
                r,
                "declassified_total",
                "Requests whose label was lowered, by the policy's name for it.",
                &["name"],
            )?,
            memory_strings: registered(
                r,
                IntGauge::new(
                    "hearthgate_memory_strings",
                    "Strings of private requests that are remembered, as keyed hashes.",
                )?,
            )?,
            memory_callers: registered(
                r,
                IntGauge::new("hearthgate_memory_callers", "Callers of whom something is remembered.")?,
            )?,
            memory_since: registered(
                r,
                IntGauge::new(
                    "hearthgate_memory_since_seconds",
                    "Since when it is remembered, in Unix time: a restart forgets.",
                )?,
            )?,
            memory_recalled: registered(
                r,
                IntCounter::new(
                    "hearthgate_memory_recalled_total",
                    "Requests that have their label only by what is remembered.",
                )?,
            )?,
            memory_lost: counters(
                r,
                "memory_lost_total",
                "Strings forgotten: because their time was over, or before, for want of room.",
                &["reason"],
            )?,
            contents_stored: counters(
                r,
                "contents_stored_total",
                "Requests whose content was to be stored, by what became of it.",
                &["result"],
            )?,
            store_bytes: registered(
                r,
                IntGauge::new("hearthgate_store_bytes", "Sealed content that is stored.")?,
            )?,
            responses_kept: registered(
                r,
                IntGauge::new("hearthgate_responses_kept", "Responses kept in memory to be gone on from.")?,
            )?,
            responses_kept_bytes: registered(
                r,
                IntGauge::new("hearthgate_responses_kept_bytes", "Bytes of the responses kept in memory.")?,
            )?,
            connections: registered(
                r,
                IntGauge::new("hearthgate_connections_open", "Client connections open.")?,
            )?,
            queue_wait: histograms(
                r,
                "queue_wait_seconds",
                "How long requests waited for a slot of a model in this process.",
                &["model"],
                &DURATION_SECONDS,
            )?,
            probes: counters(
                r,
                "probes_total",
                "Requests about which a model in this process was asked how sure it is of its answer.",
                &["model", "outcome"],
            )?,
            probe_time: histograms(
                r,
                "probe_seconds",
                "How long a model in this process was asked how sure it is.",
                &["model"],
                &DURATION_SECONDS,
            )?,
            probe_tokens: counters(
                r,
                "probe_tokens_total",
                "Tokens that a model in this process read and said when it was asked how sure it is.",
                &["model", "kind"],
            )?,
            verified: counters(
                r,
                "verified_total",
                "Answers of models in this process that were verified before they were given, by what came of it and why.",
                &["model", "outcome", "reason"],
            )?,
            verification_time: histograms(
                r,
                "verification_seconds",
                "How long answers took that were verified before they were given.",
                &["model"],
                &DURATION_SECONDS,
            )?,
            cached_tokens: counters(
                r,
                "cached_tokens_total",
                "Tokens of prompts that a model in this process had read before.",
                &["model"],
            )?,
            reasoning_tokens: counters(
                r,
                "reasoning_tokens_total",
                "Tokens of thinking, where they are told, by the effort that was decided on.",
                &["model", "effort"],
            )?,
            quick_thought: counters(
                r,
                "quick_thought_total",
                "Answers that were to be quick, and for which a model in this process thought all the same.",
                &["model"],
            )?,
            prefix_cache: gauges(
                r,
                "prefix_cache_bytes",
                "Memory of conversations that lost their slot of a model in this process.",
            )?,
            model_memory: gauges(
                r,
                "model_memory_bytes",
                "Memory that a model in this process may come to take: 0 while it is not loaded.",
            )?,
            model_loads: gauges(r, "model_loads", "How often a model in this process has been loaded.")?,
            queue_depth: gauges(r, "queue_depth", "Requests that wait for a model in this process.")?,
            slots_busy: gauges(r, "slots_busy", "Slots of a model in this process that decode.")?,
            slots: gauges(r, "slots", "Slots of a model in this process.")?,
            breaker: gauges(r, "breaker_state", "Breaker: 0 closed, 1 half open, 2 open.")?,
            resilience: Resilience::new(r)?,
            choices: Choices::new(r)?,
            permits,
            registry,
        })
    }

    pub fn permit(&self, zone: Zone) -> &IntCounter {
        let [device, premises, cloud] = &self.permits;
        match zone {
            Zone::Device => device,
            Zone::Premises => premises,
            Zone::Cloud => cloud,
        }
    }
}

fn info(registry: &Registry) -> Result<(), Error> {
    let opts = opts("build_info", "Always 1; the labels say what was built.")
        .const_label("version", env!("CARGO_PKG_VERSION"));
    registered(registry, IntGauge::with_opts(opts)?)?.set(1);
    Ok(())
}

pub(super) fn counters(
    registry: &Registry,
    name: &str,
    help: &str,
    labels: &[&str],
) -> Result<IntCounterVec, Error> {
    registered(registry, IntCounterVec::new(opts(name, help), labels)?)
}

pub(super) fn gauges(registry: &Registry, name: &str, help: &str) -> Result<IntGaugeVec, Error> {
    registered(registry, IntGaugeVec::new(opts(name, help), &["model"])?)
}

fn histograms(
    registry: &Registry,
    name: &str,
    help: &str,
    labels: &[&str],
    buckets: &[f64],
) -> Result<HistogramVec, Error> {
    let opts = HistogramOpts { common_opts: opts(name, help), buckets: buckets.to_vec() };
    registered(registry, HistogramVec::new(opts, labels)?)
}

pub(super) fn opts(name: &str, help: &str) -> Opts {
    Opts::new(format!("hearthgate_{name}"), help)
}

pub(super) fn registered<C: Collector + Clone + 'static>(registry: &Registry, metric: C) -> Result<C, Error> {
    registry.register(Box::new(metric.clone()))?;
    Ok(metric)
}
