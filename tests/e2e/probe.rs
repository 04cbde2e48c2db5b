//! Where a score alone does not tell two bands apart, the device model is asked how sure it is of its own answer.

use hearthgate_tests::configs::{HARD, PRIVATE, home_and_cloud};
use hearthgate_tests::fake_cloud::FakeCloud;
use hearthgate_tests::gateway::{Gateway, Setup};
use hearthgate_tests::openai::chat;
use serde_json::Value;

use crate::exposition::Exposition;

/// What the bundled model knows, and what it does not.
const KNOWN: &str = "What is the capital of France?";
const UNKNOWN: &str = "Explain the Kondo effect in dilute magnetic alloys.";

/// One bound between easy and hard, and every score near it.
fn policy(probe: &str) -> String {
    format!(
        r#"packs = ["pii", "secrets"]

[difficulty]
moderate = 0.5
hard = 0.5

[difficulty.probe]
target = "device/home"
grey = 0.5
sure = 0.8
{probe}

[[route]]
name = "hard-goes-out"
when = {{ band = "hard" }}
to = ["zone:cloud", "device/*"]

[[route]]
name = "at-home"
to = ["device/*"]
effort = "quick"
"#
    )
}

async fn gateway(cloud: &FakeCloud, model: &str) -> Gateway {
    let config = home_and_cloud("hello", &cloud.base_url()).replace("scripted:hello", model);
    Setup::new(&config).policy(&policy("timeout_ms = 60000")).start().await
}

/// The band that a request is taken for, and the zone in which it is answered.
async fn taken(gateway: &Gateway, model: &str, prompt: &str) -> (String, String) {
    let mut body = chat(model, prompt);
    body["max_tokens"] = 4.into();
    let answer = gateway.client().chat(&body).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    (answer.header("x-hearthgate-band"), answer.header("x-hearthgate-zone"))
}

/// Waits until the model has nothing to do: one that is busy is not asked.
async fn idle(gateway: &Gateway) {
    let free = [
        "hearthgate_queue_depth{model=\"device/home\"} 0\n",
        "hearthgate_slots_busy{model=\"device/home\"} 0\n",
    ];
    loop {
        let metrics = gateway.admin().get("/metrics").await.text();
        if free.iter().all(|line| metrics.contains(line)) {
            return;
        }
    }
}

/// What the record says of probes, a line each.
async fn recorded(mut gateway: Gateway) -> Vec<Option<String>> {
    gateway.sigterm();
    assert_eq!(gateway.exit().await.code(), Some(0));
    let record = std::fs::read_to_string(gateway.folder().join("audit.jsonl")).unwrap();
    let lines = record.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    let decisions = lines.filter(|line| line["kind"] == "decision");
    decisions.map(|line| line["probed"].as_str().map(str::to_owned)).collect()
}

fn owned(band: &str, zone: &str) -> (String, String) {
    (band.to_owned(), zone.to_owned())
}

#[tokio::test]
async fn what_the_device_model_is_sure_of_stays_and_the_rest_may_leave() {
    let cloud = FakeCloud::start().await;
    let gateway = gateway(&cloud, "bundled:starter").await;
    assert_eq!(taken(&gateway, "auto", KNOWN).await, owned("easy", "device"));
    idle(&gateway).await;
    assert_eq!(taken(&gateway, "auto", UNKNOWN).await, owned("hard", "cloud"));
    // Nobody asks where it makes no difference: nothing private leaves, and what is asked for by name is known.
    let (_, zone) = taken(&gateway, "auto", PRIVATE).await;
    assert_eq!(zone, "device");
    let (_, zone) = taken(&gateway, "cloud/fake-frontier", HARD).await;
    assert_eq!(zone, "cloud");

    let metrics = gateway.admin().get("/metrics").await.text();
    for (outcome, count) in [("sure", 1), ("unsure", 1)] {
        let line =
            format!("hearthgate_probes_total{{model=\"device/home\",outcome=\"{outcome}\"}} {count}\n");
        assert!(metrics.contains(&line), "{metrics}");
    }
    assert!(metrics.contains("hearthgate_probe_seconds_count{model=\"device/home\"} 2\n"), "{metrics}");
    let told = recorded(gateway).await;
    assert_eq!(told, [Some("sure".to_owned()), Some("unsure".to_owned()), None, None]);
}

#[tokio::test]
async fn what_cannot_be_told_is_decided_by_its_score() {
    let cloud = FakeCloud::start().await;
    // The engine of tests knows of no likelihoods.
    let gateway = gateway(&cloud, "scripted:hello").await;
    assert_eq!(taken(&gateway, "auto", KNOWN).await, owned("easy", "device"));
    assert_eq!(taken(&gateway, "auto", HARD).await, owned("hard", "cloud"));
    assert_eq!(recorded(gateway).await, [Some("untold".to_owned()), Some("untold".to_owned())]);
}

#[tokio::test]
async fn two_attempts_that_agree_stay_and_two_that_do_not_may_leave() {
    for (script, outcome, band, zone) in
        [("sure", "sure", "easy", "device"), ("unsure", "unsure", "hard", "cloud")]
    {
        let cloud = FakeCloud::start().await;
        let config = home_and_cloud(script, &cloud.base_url());
        let policy = policy("method = \"agreement\"");
        let gateway = Setup::new(&config).policy(&policy).start().await;
        assert_eq!(taken(&gateway, "auto", KNOWN).await, owned(band, zone));
        idle(&gateway).await;
        let (_, zone) = taken(&gateway, "auto", PRIVATE).await;
        assert_eq!(zone, "device");
        assert_eq!(recorded(gateway).await, [Some(outcome.to_owned()), None]);
    }
}

#[tokio::test]
async fn two_attempts_read_the_prompt_once_and_for_the_answer_too() {
    let cloud = FakeCloud::start().await;
    let config = home_and_cloud("hello", &cloud.base_url()).replace("scripted:hello", "bundled:starter");
    // Whatever comes of asking, the answer stays, and only its effort differs.
    let policy = policy("timeout_ms = 60000\nmethod = \"agreement\"")
        .replace("to = [\"zone:cloud\", \"device/*\"]", "to = [\"device/*\"]\neffort = \"deliberate\"");
    let gateway = Setup::new(&config).policy(&policy).start().await;
    let prompt = format!("{KNOWN} {}", "The atlas lies on the table beside the lamp. ".repeat(12));
    let mut body = chat("auto", &prompt);
    body["max_tokens"] = 4.into();
    let answer = gateway.client().chat(&body).await;
    assert_eq!(answer.header("x-hearthgate-zone"), "device", "{}", answer.text());
    let usage = &answer.json()["usage"];
    let (read, cached) = (&usage["prompt_tokens"], &usage["prompt_tokens_details"]["cached_tokens"]);
    assert!(read.as_u64() > Some(100) && cached.as_u64() > Some(100), "{}", answer.text());
    let metrics = gateway.admin().get("/metrics").await.text();
    assert!(metrics.contains("hearthgate_probe_seconds_count{model=\"device/home\"} 1\n"), "{metrics}");
    let tokens = Exposition::scrape(&gateway).await;
    let of = |kind| tokens.sum("hearthgate_probe_tokens_total", &[("model", "device/home"), ("kind", kind)]);
    // Both attempts say at most sixteen each, and one of them reads; how long to think is told in other words.
    assert!((of("prompt") - read.as_f64().unwrap()).abs() < 10.0, "{metrics}");
    assert!((2.0..=32.0).contains(&of("answer")), "{metrics}");
}

#[tokio::test]
async fn nobody_is_asked_who_would_keep_a_hurried_caller_waiting() {
    let cloud = FakeCloud::start().await;
    let config = home_and_cloud("unsure", &cloud.base_url());
    let policy = policy("method = \"agreement\"\ntimeout_ms = 30000");
    let gateway = Setup::new(&config).policy(&policy).start().await;
    for (within, zone) in [("60000", "cloud"), ("59999", "device")] {
        let client = gateway.client().with("x-hearthgate-latency-max-ms", within);
        let answer = client.chat(&chat("auto", KNOWN)).await;
        assert_eq!(answer.header("x-hearthgate-zone"), zone, "{within}: {}", answer.text());
        idle(&gateway).await;
    }
    assert_eq!(recorded(gateway).await, [Some("unsure".to_owned()), Some("untold".to_owned())]);
}
