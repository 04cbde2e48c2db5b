//! Judging that fails: what becomes of the request, and of everybody else's.
//!
//! The tests' build of the gateway fails as a request asks it to; see `judging.rs` there.

use std::fs;

use hearthgate_tests::bounded;
use hearthgate_tests::client::Response;
use hearthgate_tests::configs::{
    EASY, HARD, all_at_home, all_to_cloud, hard_to_cloud, home_and_cloud, one_cloud, with_server,
};
use hearthgate_tests::fake_cloud::FakeCloud;
use hearthgate_tests::gateway::{Gateway, Setup};
use hearthgate_tests::openai::{chat, chat_stream};
use serde_json::{Value, json};

use crate::exposition::Exposition;

/// Long enough to be judged beside the event loop.
const LONG: usize = 50_000;

/// A long request may be judged for a moment only; and nothing else runs where it stalls.
const SHORT: &str = "judge_timeout_ms = 200\nworkers = 1";

/// Public and hard, so that it goes to the cloud where nothing is wrong.
fn asking(fault: &str, bytes: usize) -> Value {
    let mut body = chat("auto", HARD);
    body["judging"] = json!(fault);
    body["messages"]
        .as_array_mut()
        .unwrap()
        .insert(0, json!({"role": "system", "content": " ".repeat(bytes)}));
    body
}

async fn gateway(cloud: &FakeCloud) -> Gateway {
    let config = with_server(&home_and_cloud("hello", &cloud.base_url()), SHORT);
    Setup::new(&config).policy(&hard_to_cloud()).start().await
}

fn stayed(answer: &Response) {
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert_eq!(answer.header("x-hearthgate-label"), "restricted");
    assert_eq!(answer.header("x-hearthgate-target"), "device/home");
}

async fn failures(gateway: &Gateway, cause: &str) -> f64 {
    Exposition::scrape(gateway).await.sum("hearthgate_judging_failures_total", &[("cause", cause)])
}

/// The reasons of every decision with the highest label.
async fn reasons(mut gateway: Gateway) -> Vec<String> {
    gateway.sigterm();
    assert_eq!(gateway.exit().await.code(), Some(0), "what never ends does not keep the gateway");
    let record = fs::read_to_string(gateway.folder().join("audit.jsonl")).unwrap();
    let lines = record.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    lines.filter(|line| line["label"] == "restricted").map(|line| line["reasons"].to_string()).collect()
}

#[tokio::test]
async fn what_is_not_asked_to_fail_goes_out() {
    let cloud = FakeCloud::start().await;
    let gateway = gateway(&cloud).await;
    for bytes in [0, LONG, 1 << 20] {
        let answer = gateway.client().chat(&asking("", bytes)).await;
        assert_eq!(answer.header("x-hearthgate-zone"), "cloud", "{bytes}: {}", answer.text());
    }
    assert_eq!(failures(&gateway, "panic").await + failures(&gateway, "timeout").await, 0.0);
}

#[tokio::test]
async fn a_panic_keeps_the_request_at_home_and_its_text_out_of_the_log() {
    let cloud = FakeCloud::start().await;
    let gateway = gateway(&cloud).await;
    for bytes in [0, LONG] {
        stayed(&gateway.client().chat(&asking("panic", bytes)).await);
        let mut streamed = chat_stream("auto", HARD);
        streamed["judging"] = json!("panic");
        stayed(&gateway.client().chat(&streamed).await);
    }
    assert_eq!(failures(&gateway, "panic").await, 4.0);
    assert!(cloud.connections().is_empty());
    assert_eq!(gateway.client().chat(&chat("auto", HARD)).await.header("x-hearthgate-zone"), "cloud");
    gateway.said("a fault of the gateway's own at").await;
    // The message of the panic held it.
    assert!(!gateway.leaks(HARD.as_bytes()));
    let reasons = reasons(gateway).await;
    assert_eq!(reasons.len(), 4);
    assert!(reasons.iter().all(|reason| reason.contains("judging failed")), "{reasons:?}");
}

#[tokio::test]
async fn judging_that_never_ends_holds_up_nobody() {
    let cloud = FakeCloud::start().await;
    let gateway = gateway(&cloud).await;
    // More than there is room for, so that some wait for room in vain.
    for _ in 0..6 {
        stayed(&gateway.client().chat(&asking("stall", LONG)).await);
    }
    // What would hang on the only worker is still hanging, beside it.
    assert_eq!(gateway.client().chat(&chat("auto", EASY)).await.header("x-hearthgate-label"), "public");
    assert_eq!(gateway.client().chat(&chat("auto", HARD)).await.header("x-hearthgate-zone"), "cloud");
    assert_eq!(gateway.admin().post_bytes("/reload", "").await.status, 200);
    // There is no room left for a long one.
    stayed(&gateway.client().chat(&asking("", LONG)).await);
    assert_eq!(failures(&gateway, "timeout").await, 7.0);
    assert_eq!(cloud.chats().len(), 1);
    let reasons = reasons(gateway).await;
    assert_eq!(reasons.len(), 7);
    assert!(reasons.iter().all(|reason| reason.contains("it took too long")), "{reasons:?}");
}

#[tokio::test]
async fn a_policy_that_is_tightened_while_a_request_is_judged_holds_for_it() {
    let cloud = FakeCloud::start().await;
    let config = with_server(&home_and_cloud("hello", &cloud.base_url()), "workers = 1");
    let gateway = Setup::new(&config).policy(&hard_to_cloud()).start().await;
    let waited_for = gateway.folder().join("judging");
    let client = gateway.client();
    let body = asking(waited_for.to_str().unwrap(), LONG);
    let asked = tokio::spawn(async move { client.chat(&body).await });
    let begun = async {
        while !waited_for.exists() {
            tokio::task::yield_now().await;
        }
    };
    bounded("judging to begin", begun).await;
    gateway.reload("policy.toml", &all_at_home());
    gateway.said("configuration reloaded").await;
    fs::write(&waited_for, "go on").unwrap();
    let answer = asked.await.unwrap();
    assert_eq!(answer.header("x-hearthgate-target"), "device/home", "{}", answer.text());
    assert!(cloud.connections().is_empty());
}

#[tokio::test]
async fn with_nothing_at_home_what_cannot_be_judged_is_refused() {
    let cloud = FakeCloud::start().await;
    let config = with_server(&one_cloud(&cloud.base_url()), SHORT);
    let policy = all_to_cloud() + "\n[[route]]\nname = \"kept\"\nrefuse = \"This may not leave.\"\n";
    let gateway = Setup::new(&config).policy(&policy).start().await;
    for body in [asking("panic", 0), asking("panic", LONG), asking("stall", LONG)] {
        let answer = gateway.client().chat(&body).await;
        assert_eq!(answer.status, 403, "{}", answer.text());
        assert_eq!(answer.header("x-hearthgate-label"), "restricted");
    }
    assert!(cloud.connections().is_empty());
}
