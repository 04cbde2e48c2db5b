//! What the device answers is verified where a route says so, and asked for further out where it is not sure: by the same
//! permit, and with the device's answer to fall back on.

mod ends;
mod record;
mod wishes;

use hearthgate_tests::bounded;
use hearthgate_tests::configs::{EASY, PRIVATE, home_and_cloud, with_server};
use hearthgate_tests::fake_cloud::{Behaviour, FakeCloud, Point};
use hearthgate_tests::gateway::{Gateway, Setup};
use hearthgate_tests::openai::{chat, chat_stream};
use serde_json::{Value, json};

/// What the engines of tests that are sure, or are not, answer.
const SURE: &str = "Hello from this device.";
const UNSURE: &str = "It may well be Paris.";

/// Everything is answered at home first, and verified.
fn verifying(keys: &str) -> String {
    format!(
        "packs = [\"pii\", \"secrets\"]\n\n[[route]]\nname = \"home-first\"\nto = [\"device/*\", \"zone:cloud\"]\n\
         effort = \"quick\"\nverify = {{ {keys} }}\n"
    )
}

async fn start(script: &str, keys: &str) -> (FakeCloud, Gateway) {
    start_with(script, keys, |config| config).await
}

async fn start_with(script: &str, keys: &str, change: impl FnOnce(String) -> String) -> (FakeCloud, Gateway) {
    let cloud = FakeCloud::start().await;
    // One attempt at the cloud, and no breaker that would keep the next request from it.
    let config = home_and_cloud(script, &cloud.base_url())
        .replace("effort_field", "retries = 0\nbreaker_faults = 1000\neffort_field");
    let gateway = Setup::new(&change(config)).policy(&verifying(keys)).start().await;
    (cloud, gateway)
}

/// One question on each surface: its path, its body, and where the answer's text stands.
fn surfaces(text: &str) -> [(&'static str, Value, &'static str); 3] {
    let turn = json!([{ "role": "user", "content": text }]);
    [
        ("/v1/chat/completions", chat("auto", text), "/choices/0/message/content"),
        ("/v1/responses", json!({ "model": "auto", "input": text }), "/output/0/content/0/text"),
        ("/v1/messages", json!({ "model": "auto", "max_tokens": 512, "messages": turn }), "/content/0/text"),
    ]
}

/// Who answered, what came of verifying, and the text, on every surface.
async fn asked(gateway: &Gateway, text: &str) -> Vec<(String, String, String)> {
    let mut told = Vec::new();
    for (path, body, place) in surfaces(text) {
        let answer = gateway.client().post(path, &body).await;
        assert_eq!(answer.status, 200, "{path}: {}", answer.text());
        let text = answer.json().pointer(place).and_then(Value::as_str).map(str::to_owned);
        told.push((
            answer.header("x-hearthgate-target"),
            answer.header("x-hearthgate-verified"),
            text.unwrap_or_else(|| panic!("{path}: {}", answer.text())),
        ));
    }
    told
}

fn three(target: &str, verified: &str, text: &str) -> Vec<(String, String, String)> {
    vec![(target.to_owned(), verified.to_owned(), text.to_owned()); 3]
}

/// Waits until the metrics have this line.
async fn counted(gateway: &Gateway, line: &str) {
    let shown = async {
        while !gateway.admin().get("/metrics").await.text().lines().any(|shown| shown == line) {
            tokio::task::yield_now().await;
        }
    };
    bounded(line, shown).await;
}

fn count(outcome: &str, reason: &str, times: usize) -> String {
    format!(
        "hearthgate_verified_total{{model=\"device/home\",outcome=\"{outcome}\",reason=\"{reason}\"}} {times}"
    )
}

#[tokio::test]
async fn what_it_is_sure_of_stays_and_the_cloud_sees_nothing() {
    let (cloud, gateway) = start("sure", "").await;
    assert_eq!(asked(&gateway, EASY).await, three("device/home", "kept", SURE));
    counted(&gateway, &count("kept", "sure", 3)).await;
    counted(&gateway, "hearthgate_verification_seconds_count{model=\"device/home\"} 3").await;
    // What was measured for this alone is no part of the answer.
    let answer = gateway.client().chat(&chat("auto", EASY)).await.json();
    assert!(answer["choices"][0]["logprobs"].is_null(), "{answer}");
    let mut wanted = chat("auto", EASY);
    wanted["logprobs"] = true.into();
    let answer = gateway.client().chat(&wanted).await.json();
    assert_eq!(answer["choices"][0]["logprobs"]["content"].as_array().map(Vec::len), Some(4), "{answer}");
    assert!(cloud.connections().is_empty());
}

#[tokio::test]
async fn what_it_is_not_sure_of_is_answered_further_out() {
    let (cloud, gateway) = start("unsure", "").await;
    cloud.set(Behaviour::Text("Paris.".to_owned()));
    assert_eq!(asked(&gateway, EASY).await, three("cloud/fake-frontier", "escalated", "Paris."));
    counted(&gateway, &count("escalated", "unlikely", 3)).await;
    assert_eq!(cloud.chats().len(), 3);
    // Who waited for a slot is the device.
    counted(&gateway, "hearthgate_queue_wait_seconds_count{model=\"device/home\"} 3").await;
    let waits = gateway.admin().get("/metrics").await.text();
    assert!(!waits.contains("hearthgate_queue_wait_seconds_count{model=\"cloud/fake-frontier\"}"), "{waits}");
    // The answer that nobody got is kept nowhere, and going on from the other one works.
    counted(&gateway, "hearthgate_responses_kept 1").await;
    // It is no fault of the device's.
    assert!(!gateway.admin().get("/metrics").await.text().contains("hearthgate_fallbacks_total{"));
}

#[tokio::test]
async fn what_may_not_leave_is_given_as_it_is() {
    let (cloud, gateway) = start("unsure", "").await;
    assert_eq!(asked(&gateway, PRIVATE).await, three("device/home", "", UNSURE));
    for (name, value) in [("x-hearthgate-zone", "device"), ("x-hearthgate-label", "restricted")] {
        let answer = gateway.client().with(name, value).chat(&chat("auto", EASY)).await;
        assert_eq!(
            (answer.header("x-hearthgate-target"), answer.content()),
            ("device/home".into(), UNSURE.into())
        );
    }
    assert!(cloud.connections().is_empty());
}

#[tokio::test]
async fn a_likelihood_that_nobody_tells_keeps_the_answer() {
    let (cloud, gateway) = start("hello", "").await;
    assert_eq!(asked(&gateway, EASY).await, three("device/home", "kept", SURE));
    counted(&gateway, &count("kept", "untold", 3)).await;
    assert!(cloud.connections().is_empty());
}

#[tokio::test]
async fn the_measure_and_its_bound_are_the_policys() {
    let (cloud, gateway) = start("unsure", "measure = \"least\", sure = 0.1").await;
    assert_eq!(asked(&gateway, EASY).await, three("device/home", "kept", UNSURE));
    assert!(cloud.connections().is_empty());
    let (_cloud, gateway) = start("sure", "measure = \"least\", sure = 0.99").await;
    assert!(asked(&gateway, EASY).await.iter().all(|(_, verified, _)| verified == "escalated"));
}

#[tokio::test]
async fn what_has_its_own_way_is_not_verified() {
    let (cloud, gateway) = start("unsure", "").await;
    let tools = json!([{ "type": "function", "function": { "name": "look_up", "parameters": { "type": "object" } } }]);
    let mut open = chat("auto", EASY);
    let turns = open["messages"].as_array_mut().unwrap();
    let call =
        json!({ "id": "c1", "type": "function", "function": { "name": "look_up", "arguments": "{}" } });
    turns.push(json!({ "role": "assistant", "content": null, "tool_calls": [call] }));
    turns.push(json!({ "role": "tool", "tool_call_id": "c1", "content": "Lyon" }));
    open["tools"] = tools;
    let mut quick = chat("auto", EASY);
    quick["reasoning_effort"] = "low".into();
    let stream = gateway.client().chat(&chat_stream("auto", EASY)).await;
    assert_eq!(stream.header("x-hearthgate-target"), "device/home");
    for body in [chat("device/home", EASY), open, quick] {
        let answer = gateway.client().chat(&body).await;
        assert_eq!(answer.header("x-hearthgate-target"), "device/home", "{body}");
        assert_eq!(answer.header("x-hearthgate-verified"), "", "{body}");
    }
    assert!(cloud.connections().is_empty());
}

/// A question of a client that waits until it is let go of.
fn waiting(gateway: &Gateway) -> tokio::task::JoinHandle<Vec<u8>> {
    let (client, body) = (gateway.client(), chat("auto", EASY).to_string());
    let request = format!(
        "POST /v1/chat/completions HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n\
         content-length: {}\r\n\r\n{body}",
        body.len()
    );
    tokio::spawn(async move { client.raw(request.as_bytes(), |_| false).await })
}

#[tokio::test]
async fn a_client_that_leaves_ends_both_attempts() {
    let (cloud, gateway) = start("endless", "timeout_ms = 600000, tokens = 8192").await;
    let client = waiting(&gateway);
    counted(&gateway, "hearthgate_slots_busy{model=\"device/home\"} 1").await;
    client.abort();
    counted(&gateway, "hearthgate_slots_busy{model=\"device/home\"} 0").await;
    assert!(cloud.connections().is_empty());

    let (cloud, gateway) = start("unsure", "").await;
    cloud.set(Behaviour::Stall(Point::BeforeHeaders));
    let client = waiting(&gateway);
    cloud.stalled(1).await;
    client.abort();
    cloud.hung_up(1).await;
    counted(&gateway, &count("abandoned", "unlikely", 1)).await;
    assert_eq!(cloud.chats().len(), 1);
}
