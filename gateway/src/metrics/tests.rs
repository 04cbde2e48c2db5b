//! Names, bounds, and what a scrape shows.

use hearthgate_rules::difficulty::Band;
use hearthgate_rules::policy::PolicyFile;
use hearthgate_rules::target::{Effort, EffortField, Target};

use super::*;

fn policy() -> Policy {
    let targets = [
        Arc::new(Target::device("starter")),
        Arc::new(Target::upstream("frontier", "big", Zone::Cloud, EffortField::None)),
    ];
    let file = PolicyFile::parse(hearthgate_rules::policy::SHIPPED).unwrap();
    Policy::compile(&file, Arc::from(targets), Zone::Cloud).unwrap()
}

fn metrics() -> Metrics {
    let metrics = Metrics::new().unwrap();
    metrics.learn(&policy());
    metrics
}

const LABELS: RequestLabels<'static> = RequestLabels {
    route: Some("frontier-for-hard"),
    zone: Some(Zone::Cloud),
    label: Some("public"),
    band: Some(Band::Hard),
    effort: Some(Effort::Deliberate),
    target: Some("frontier/big"),
    status: 200,
};

#[test]
fn a_request_shows_with_all_its_labels() {
    let metrics = metrics();
    let request = metrics.request(&LABELS);
    request.ended(Duration::from_millis(30));
    request.first_token(Duration::from_millis(4));
    request.tokens(7, 11);
    request.overhead(Duration::from_micros(90));
    let text = metrics.render();
    let of = "route=\"frontier-for-hard\"";
    let line = |name: &str| {
        let named = |line: &&str| line.starts_with(name) && line.contains(of);
        text.lines().find(named).unwrap_or_else(|| panic!("{name} in {text}"))
    };
    let requests = line("hearthgate_requests_total");
    for label in [
        "band=\"hard\"",
        "effort=\"deliberate\"",
        "label=\"public\"",
        "model=\"frontier/big\"",
        "status=\"200\"",
        "zone=\"cloud\"",
    ] {
        assert!(requests.contains(label), "{label} in {requests}");
    }
    assert!(requests.ends_with(" 1"));
    assert!(line("hearthgate_input_tokens_total").ends_with(" 7"));
    assert!(line("hearthgate_output_tokens_total").ends_with(" 11"));
    assert!(line("hearthgate_overhead_seconds_count").ends_with(" 1"));
    assert!(line("hearthgate_time_to_first_token_seconds_count").ends_with(" 1"));
}

#[test]
fn the_same_labels_share_their_counters() {
    let metrics = metrics();
    assert!(Arc::ptr_eq(&metrics.request(&LABELS), &metrics.request(&LABELS)));
    let other = RequestLabels { status: 502, ..LABELS };
    assert!(!Arc::ptr_eq(&metrics.request(&LABELS), &metrics.request(&other)));
}

#[test]
fn words_that_no_configuration_has_show_as_other() {
    let metrics = metrics();
    let canary = "canary-7f3a";
    let labels = RequestLabels { route: Some(canary), label: Some(canary), target: Some(canary), ..LABELS };
    metrics.request(&labels).ended(Duration::ZERO);
    metrics.fallback(canary, "frontier/big");
    metrics.upstream_error("frontier/big", "Canary 7f3a");
    metrics.set_queue(canary, 1, 1, 1);
    metrics.queue_wait(canary, Duration::ZERO);
    let text = metrics.render();
    assert!(!text.to_lowercase().contains("canary"), "{text}");
    assert!(text.contains("model=\"other\""));
}

#[test]
fn what_requests_say_cannot_make_series_grow() {
    let metrics = metrics();
    for n in 0..2000_u16 {
        let word = format!("word{n}");
        metrics.request(&RequestLabels { target: Some(&word), ..LABELS }).ended(Duration::ZERO);
        metrics.upstream_error("frontier/big", &format!("code_{n}"));
        for route in [Some("frontier-for-hard"), Some("otherwise"), None] {
            metrics.request(&RequestLabels { status: n, route, ..LABELS }).ended(Duration::ZERO);
        }
    }
    let text = metrics.render();
    let series = |name: &str| text.lines().filter(|line| line.starts_with(name)).count();
    // One more for `other` throughout, and one for the unknown targets.
    assert!(series("hearthgate_requests_total{") <= request::COMBINATIONS_MAX + 2);
    assert!(series("hearthgate_upstream_errors_total{") <= 65);
}

#[test]
fn gauges_are_set_at_the_scrape() {
    let metrics = metrics();
    metrics.on_scrape(|metrics| {
        metrics.set_queue("device/starter", 3, 2, 4);
        metrics.set_breaker("frontier/big", BreakerState::Open);
    });
    metrics.connection_opened();
    metrics.permit(Zone::Device);
    metrics.reload(false);
    let text = metrics.render();
    for line in [
        "hearthgate_queue_depth{model=\"device/starter\"} 3",
        "hearthgate_slots_busy{model=\"device/starter\"} 2",
        "hearthgate_slots{model=\"device/starter\"} 4",
        "hearthgate_breaker_state{model=\"frontier/big\"} 2",
        "hearthgate_connections_open 1",
        "hearthgate_permits_issued_total{zone=\"device\"} 1",
        "hearthgate_permits_issued_total{zone=\"cloud\"} 0",
        "hearthgate_reloads_total{result=\"failure\"} 1",
    ] {
        assert!(text.lines().any(|found| found == line), "{line} in {text}");
    }
    assert!(text.contains("hearthgate_build_info{version="));
}

#[test]
fn names_follow_the_conventions() {
    let metrics = metrics();
    metrics.request(&LABELS).ended(Duration::ZERO);
    for line in metrics.render().lines().filter_map(|line| line.strip_prefix("# TYPE ")) {
        let (name, kind) = line.split_once(' ').unwrap();
        assert!(name.starts_with("hearthgate_"), "{name}");
        assert_eq!(kind == "counter", name.ends_with("_total"), "{name}");
        assert!(kind != "histogram" || name.ends_with("_seconds"), "{name}");
    }
}
