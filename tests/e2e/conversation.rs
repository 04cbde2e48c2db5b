//! A conversation keeps its label although its client trims what made it private.

use hearthgate_tests::configs::{HARD, client_key, hard_to_cloud, home_and_cloud};
use hearthgate_tests::fake_cloud::FakeCloud;
use hearthgate_tests::gateway::{Gateway, Setup};
use hearthgate_tests::openai::chat;
use serde_json::Value;

use crate::exposition::Exposition;

const PRIVATE: &str =
    "The patient Margaret Holloway, born 14.03.1961, was diagnosed with diabetes. Write her a letter.";

/// Hard, and private only by whose it is.
fn later() -> String {
    format!("{HARD} Explain it to Margaret Holloway and seal it with 14.03.1961.")
}

async fn gateway(cloud: &FakeCloud, more: &str) -> Gateway {
    let config =
        home_and_cloud("hello", &cloud.base_url()) + &client_key("ann", "") + &client_key("bob", "") + more;
    Setup::new(&config).policy(&hard_to_cloud()).start().await
}

/// Where a caller's text is answered, and its label.
async fn ask(gateway: &Gateway, who: &str, text: &str) -> (String, String) {
    let client = gateway.client().with("authorization", &format!("Bearer key-of-{who}"));
    let answer = client.chat(&chat("auto", text)).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    (answer.header("x-hearthgate-zone"), answer.header("x-hearthgate-label"))
}

fn is(answer: (String, String), zone: &str, label: &str) {
    assert_eq!((answer.0.as_str(), answer.1.as_str()), (zone, label));
}

#[tokio::test]
async fn a_trimmed_conversation_stays_at_home_and_anothers_does_not() {
    let cloud = FakeCloud::start().await;
    let mut gateway = gateway(&cloud, "").await;
    is(ask(&gateway, "ann", PRIVATE).await, "device", "restricted");
    is(ask(&gateway, "ann", &later()).await, "device", "restricted");
    assert!(!cloud.contains(b"Holloway") && cloud.chats().is_empty());
    // What is said of nobody still goes out.
    is(ask(&gateway, "ann", HARD).await, "cloud", "public");
    // The same words of another caller are that caller's own.
    is(ask(&gateway, "bob", &later()).await, "cloud", "public");
    assert_eq!(cloud.chats().len(), 2);

    // A reload keeps it, and so does another policy.
    gateway.reload("policy.toml", &hard_to_cloud().replace("frontier-for-hard", "out"));
    gateway.said("configuration reloaded").await;
    is(ask(&gateway, "ann", &later()).await, "device", "restricted");

    let metrics = Exposition::scrape(&gateway).await;
    assert!(metrics.sum("hearthgate_memory_strings", &[]) >= 2.0);
    assert_eq!(metrics.sum("hearthgate_memory_callers", &[]), 1.0);
    assert_eq!(metrics.sum("hearthgate_memory_recalled_total", &[]), 2.0);
    assert!(metrics.sum("hearthgate_memory_since_seconds", &[]) > 1.7e9);
    assert_eq!(metrics.sum("hearthgate_memory_lost_total", &[]), 0.0);

    gateway.sigterm();
    assert_eq!(gateway.exit().await.code(), Some(0));
    let record = std::fs::read_to_string(gateway.folder().join("audit.jsonl")).unwrap();
    let lines: Vec<Value> = record.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let recalled: Vec<_> = lines.iter().filter(|line| line["remembered_count"].as_u64() > Some(0)).collect();
    assert_eq!(recalled.len(), 2, "{record}");
    assert_eq!(recalled[0]["remembered"][0]["pointer"], "/messages/0/content");
    assert!(recalled[0]["reasons"].as_array().unwrap().iter().any(|reason| {
        reason.as_str().unwrap() == "restricted as remembered from what this caller sent before"
    }));
    assert!(!record.contains("Holloway") && !metrics.text.contains("Holloway"));
}

#[tokio::test]
async fn it_can_be_switched_off() {
    let cloud = FakeCloud::start().await;
    let gateway = gateway(&cloud, "\n[memory]\nentries = 0\n").await;
    is(ask(&gateway, "ann", PRIVATE).await, "device", "restricted");
    is(ask(&gateway, "ann", &later()).await, "cloud", "public");
}

#[tokio::test]
async fn explain_shows_what_history_does() {
    let body = serde_json::json!({
        "model": "auto",
        "messages": [{"role": "user", "content": later()}],
        "hearthgate": {"history": [PRIVATE]},
    });
    let setup = Setup::new(&home_and_cloud("hello", "http://127.0.0.1:9/v1")).policy(&hard_to_cloud());
    let told = setup
        .command(&["explain", "--config", "hearthgate.toml", "--jsonl"], body.to_string().as_bytes())
        .await;
    assert_eq!(told.code, Some(0), "{}", told.stderr);
    let told: Value = serde_json::from_str(told.stdout.trim()).unwrap();
    assert_eq!((&told["label"], &told["zone"]), (&"restricted".into(), &"device".into()), "{told}");
    let findings = told["findings"].as_array().unwrap();
    assert!(findings.iter().any(|found| found["remembered"] == true && found["kind"] == "person"), "{told}");
}
