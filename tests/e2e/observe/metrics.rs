//! Metrics after a known set of requests, and their bounds.

use hearthgate_tests::configs::{EASY, HARD, PRIVATE, hard_to_cloud, home_and_cloud};
use hearthgate_tests::connection::{Connection, request};
use hearthgate_tests::fake_cloud::{Behaviour, FakeCloud};
use hearthgate_tests::gateway::{Gateway, Setup};
use hearthgate_tests::openai::{MODEL, chat, chat_stream};

use crate::exposition::Exposition;

async fn gateway(cloud: &FakeCloud) -> Gateway {
    Setup::new(&home_and_cloud("hello", &cloud.base_url())).policy(&hard_to_cloud()).start().await
}

#[tokio::test]
async fn requests_are_counted_by_all_that_was_decided() {
    let cloud = FakeCloud::start().await;
    let gateway = gateway(&cloud).await;
    let client = gateway.client();
    let mut cloud_usage = (0.0, 0.0);
    for _ in 0..3 {
        assert_eq!(client.chat(&chat("auto", EASY)).await.status, 200);
    }
    for body in [chat("auto", HARD), chat_stream("auto", HARD)] {
        let answer = client.chat(&body).await;
        assert_eq!(answer.status, 200);
        let usage = match body["stream"].as_bool() {
            Some(true) => answer.events().iter().rev().nth(1).unwrap().json()["usage"].clone(),
            _ => answer.json()["usage"].clone(),
        };
        cloud_usage.0 += usage["prompt_tokens"].as_f64().unwrap();
        cloud_usage.1 += usage["completion_tokens"].as_f64().unwrap();
    }
    assert_eq!(client.chat(&chat("auto", PRIVATE)).await.status, 200);
    assert_eq!(client.chat(&chat("no-such-model", EASY)).await.status, 404);
    assert_eq!(client.post_bytes("/v1/chat/completions", "{}").await.status, 400);
    assert_eq!(client.get("/nothing-here").await.status, 404);

    let metrics = Exposition::scrape(&gateway).await;
    let frontier = format!("cloud/{MODEL}");
    let easy = [
        ("route", "quick-at-home"),
        ("zone", "device"),
        ("label", "public"),
        ("band", "easy"),
        ("effort", "quick"),
        ("model", "device/home"),
    ];
    let hard = [
        ("route", "frontier-for-hard"),
        ("zone", "cloud"),
        ("label", "public"),
        ("band", "hard"),
        ("effort", "deliberate"),
        ("model", frontier.as_str()),
    ];
    let ok = ("status", "200");
    let requests = |labels: &[(&str, &str)]| metrics.sum("hearthgate_requests_total", labels);
    assert_eq!(requests(&[&easy[..], &[ok]].concat()), 3.0, "{}", metrics.text);
    assert_eq!(requests(&[&hard[..], &[ok]].concat()), 2.0, "{}", metrics.text);
    assert_eq!(requests(&[("label", "restricted"), ("zone", "device"), ok]), 1.0);
    assert_eq!(requests(&[("status", "404")]), 1.0, "chats only");
    assert_eq!(requests(&[("status", "400"), ("label", "none")]), 1.0);
    assert_eq!(requests(&[]), 8.0);
    for (labels, count) in [(&easy, 3.0), (&hard, 2.0)] {
        for name in ["request_duration_seconds", "time_to_first_token_seconds"] {
            assert_eq!(metrics.sum(&format!("hearthgate_{name}_count"), labels), count, "{name}");
            assert!(metrics.sum(&format!("hearthgate_{name}_sum"), labels) > 0.0, "{name}");
        }
    }
    assert_eq!(metrics.sum("hearthgate_overhead_seconds_count", &easy[..2]), 4.0, "the private one, too");
    assert_eq!(metrics.sum("hearthgate_overhead_seconds_count", &hard[..2]), 2.0);
    assert_eq!(metrics.sum("hearthgate_queue_wait_seconds_count", &[("model", "device/home")]), 4.0);
    assert_eq!(metrics.sum("hearthgate_input_tokens_total", &hard), cloud_usage.0);
    assert_eq!(metrics.sum("hearthgate_output_tokens_total", &hard), cloud_usage.1);
    assert_eq!(metrics.sum("hearthgate_output_tokens_total", &easy), 12.0, "three times four words");

    let refusals = |reason: &str| metrics.sum("hearthgate_refusals_total", &[("reason", reason)]);
    assert_eq!(refusals("model_not_found"), 1.0);
    assert_eq!(refusals("missing_required_parameter"), 1.0);
    assert_eq!(refusals("unknown_url"), 1.0);
    assert_eq!(metrics.sum("hearthgate_refusals_total", &[]), 3.0);
    let permits = |zone: &str| metrics.sum("hearthgate_permits_issued_total", &[("zone", zone)]);
    assert_eq!(permits("cloud") + permits("premises") + permits("device"), 6.0);
    assert!(permits("cloud") >= 2.0 && permits("device") >= 1.0);
    assert_eq!(metrics.sum("hearthgate_build_info", &[]), 1.0);
    assert_eq!(metrics.sum("hearthgate_audit_failures_total", &[]), 0.0);
}

#[tokio::test]
async fn queues_slots_and_breakers_show_as_they_are() {
    let cloud = FakeCloud::start().await;
    let config = home_and_cloud("endless", &cloud.base_url())
        .replace("effort_field", "retries = 0\nbreaker_faults = 2\nbreaker_open_ms = 60000\neffort_field");
    let gateway = Setup::new(&config).policy(&hard_to_cloud()).start().await;
    let home = [("model", "device/home")];
    let frontier = format!("cloud/{MODEL}");
    let at_cloud = [("model", frontier.as_str())];
    let before = Exposition::scrape(&gateway).await;
    assert_eq!(before.sum("hearthgate_slots_busy", &home), 0.0);
    assert_eq!(before.sum("hearthgate_slots", &home), 1024.0);
    assert_eq!(before.count("hearthgate_queue_depth", &home), 1);
    assert_eq!(
        (
            before.count("hearthgate_breaker_state", &at_cloud),
            before.sum("hearthgate_breaker_state", &at_cloud)
        ),
        (1, 0.0)
    );

    let mut running = gateway.client().chat_stream(&chat_stream("auto", EASY)).await;
    assert!(running.event().await.is_some());
    assert_eq!(Exposition::scrape(&gateway).await.sum("hearthgate_slots_busy", &home), 1.0);
    running.hang_up();
    Exposition::until(&gateway, "the slot to be free and the request counted", |metrics| {
        let gone = metrics.sum("hearthgate_requests_total", &[("status", "499")]);
        (metrics.sum("hearthgate_slots_busy", &home), gone) == (0.0, 1.0)
    })
    .await;

    cloud.set(Behaviour::status(500));
    for _ in 0..2 {
        // The device's answer has no end, so it is only begun.
        let mut stream = gateway.client().chat_stream(&chat_stream("auto", HARD)).await;
        assert!(stream.event().await.is_some());
        stream.hang_up();
    }
    let metrics = Exposition::scrape(&gateway).await;
    assert_eq!(metrics.sum("hearthgate_breaker_state", &at_cloud), 2.0, "{}", metrics.text);
    let fallbacks = metrics.sum("hearthgate_fallbacks_total", &[("from", &frontier), ("to", "device/home")]);
    assert_eq!(fallbacks, 2.0);
    assert_eq!(metrics.sum("hearthgate_upstream_errors_total", &at_cloud), 2.0);
}

#[tokio::test]
async fn no_caller_can_make_the_series_grow() {
    let cloud = FakeCloud::start().await;
    let gateway = gateway(&cloud).await;
    let mut connection = Connection::open(gateway.address()).await;
    let ask = |number: usize, model: String, path: String| {
        let (workflow, body) = (format!("workflow-{number}"), chat(&model, EASY).to_string());
        let headers = [("content-type", "application/json"), ("x-hearthgate-workflow", workflow.as_str())];
        request("POST", &path, &headers, body.as_bytes())
    };
    let mut kinds = async |number: usize| {
        let road = "/v1/chat/completions".to_owned();
        let known = connection.ask(&ask(number, "auto".to_owned(), road.clone())).await;
        let unknown = connection.ask(&ask(number, format!("model-{number}"), road)).await;
        let elsewhere = connection.ask(&ask(number, "auto".to_owned(), format!("/path-{number}"))).await;
        assert_eq!([known.status, unknown.status, elsewhere.status], [200, 404, 404]);
    };
    kinds(0).await;
    let before = Exposition::scrape(&gateway).await;
    for number in 1..=1000 {
        kinds(number).await;
    }
    let after = Exposition::scrape(&gateway).await;
    assert_eq!(after.series(), before.series());
    assert_eq!(after.sum("hearthgate_requests_total", &[]), 2002.0);
    for label in ["route", "zone", "label", "band", "effort", "model", "status", "reason"] {
        let values = after.values(label);
        assert!(values.len() < 12, "{label}: {values:?}");
        assert!(!values.iter().any(|value| value.contains("-7")), "{label}: {values:?}");
    }
}
