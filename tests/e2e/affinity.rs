//! A loop of tools goes on at the target that began it, until people ask again.

use hearthgate_tests::configs::{HARD, hard_to_cloud, home_and_cloud};
use hearthgate_tests::fake_cloud::FakeCloud;
use hearthgate_tests::gateway::{Gateway, Setup};
use serde_json::{Value, json};

const HOME: &str = "device/home";

/// The zone in which a conversation about the hard task is answered.
async fn zone(gateway: &Gateway, model: &str, turns: &[Value]) -> String {
    let mut messages = vec![json!({ "role": "user", "content": HARD })];
    messages.extend_from_slice(turns);
    let tool =
        json!({ "type": "function", "function": { "name": "ls", "parameters": { "type": "object" } } });
    let body = json!({ "model": model, "messages": messages, "tools": [tool] });
    let answer = gateway.client().chat(&body).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.header("x-hearthgate-zone")
}

fn called(id: &str) -> [Value; 2] {
    let call = json!({ "id": id, "type": "function", "function": { "name": "ls", "arguments": "{}" } });
    [
        json!({ "role": "assistant", "content": null, "tool_calls": [call] }),
        json!({ "role": "tool", "tool_call_id": id, "content": "a.rs b.rs" }),
    ]
}

#[tokio::test]
async fn a_loop_of_tools_stays_where_it_began() {
    let cloud = FakeCloud::start().await;
    let config = home_and_cloud("hello", &cloud.base_url());
    let mut gateway = Setup::new(&config).policy(&hard_to_cloud()).start().await;
    let [first, second] = [called("1"), called("2")].map(Vec::from);

    // What nobody has begun here goes where it would go.
    assert_eq!(zone(&gateway, "auto", &first).await, "cloud");
    // Begun in the process, it goes on there, round by round.
    assert_eq!(zone(&gateway, HOME, &[]).await, "device");
    assert_eq!(zone(&gateway, "auto", &first).await, "device");
    assert_eq!(zone(&gateway, "auto", &[first.clone(), second].concat()).await, "device");
    // What is asked anew is decided anew.
    let again = json!({ "role": "user", "content": format!("Now for this: {HARD}") });
    assert_eq!(zone(&gateway, "auto", &[first.clone(), vec![again]].concat()).await, "cloud");
    // Moved by name, it goes on at the new place.
    assert_eq!(zone(&gateway, "cloud/fake-frontier", &first).await, "cloud");
    assert_eq!(zone(&gateway, "auto", &first).await, "cloud");

    gateway.sigterm();
    assert_eq!(gateway.exit().await.code(), Some(0));
    let record = std::fs::read_to_string(gateway.folder().join("audit.jsonl")).unwrap();
    let stays: Vec<Value> = record
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap())
        .filter(|line| line.get("stays").is_some())
        .map(|line| line["stays"].clone())
        .collect();
    assert_eq!(stays, [HOME, HOME, HOME, "cloud/fake-frontier"], "{record}");
}
