//! Workflows that a site names, by the example files that ship; and what becomes of hard requests without a cloud.

use hearthgate_tests::client::Response;
use hearthgate_tests::configs::{EASY, HARD, PRIVATE, client_key, home_and_cloud};
use hearthgate_tests::fake_cloud::{Behaviour, FakeCloud};
use hearthgate_tests::gateway::{Gateway, Setup};
use hearthgate_tests::openai::{MODEL, chat, chat_stream};
use serde_json::Value;

const WORKFLOW: &str = "x-hearthgate-workflow";

/// The example's workflows and policy, with the fake cloud as the frontier.
async fn start(cloud: &FakeCloud) -> Gateway {
    let example = include_str!("../../deploy/hearthgate.toml");
    let from = example.find("[[workflow]]\n").unwrap();
    let to = example.find("[choice]\n").unwrap();
    let keys = client_key("anna", "") + &client_key("ben", "workflow = \"claims-letters\"");
    let config = format!("{}{keys}{}", home_and_cloud("hello", &cloud.base_url()), &example[from..to]);
    let policy =
        include_str!("../../deploy/policy.toml").replace("frontier/gpt-5.1", &format!("cloud/{MODEL}"));
    Setup::new(&config).policy(&policy).start().await
}

async fn ask(gateway: &Gateway, (who, workflow): (&str, &str), body: &Value) -> Response {
    let client = gateway.client().with("x-api-key", &format!("key-of-{who}"));
    let client = if workflow.is_empty() { client } else { client.with(WORKFLOW, workflow) };
    let answer = client.chat(body).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer
}

/// What stands in the record.
async fn recorded(mut gateway: Gateway) -> Vec<Value> {
    gateway.sigterm();
    gateway.exit().await;
    let record = std::fs::read_to_string(gateway.folder().join("audit.jsonl")).unwrap();
    record.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn told<const N: usize>(answer: &Response, names: [&str; N]) -> [String; N] {
    names.map(|name| answer.header(&format!("x-hearthgate-{name}")))
}

#[tokio::test]
async fn claims_letters_never_leave_the_device() {
    let cloud = FakeCloud::start().await;
    let gateway = start(&cloud).await;
    let frontier = format!("cloud/{MODEL}");
    // The header's, the key's own, and the key's own where a header names another.
    for whose in [("anna", "claims-letters"), ("ben", ""), ("ben", "architecture-review"), ("ben", "other")] {
        for body in [chat("auto", HARD), chat(&frontier, EASY), chat_stream(&frontier, HARD)] {
            let answer = ask(&gateway, whose, &body).await;
            assert_eq!(told(&answer, ["zone", "label"]), ["device", "confidential"], "{whose:?}");
        }
    }
    assert!(cloud.connections().is_empty());
    // Names of the configuration stand in the record, others do not.
    let names: Vec<Value> =
        recorded(gateway).await.into_iter().filter_map(|line| line.get("workflow").cloned()).collect();
    let named = ["claims-letters", "claims-letters", "architecture-review", "*"];
    assert_eq!(names, named.iter().flat_map(|name| [*name; 3]).collect::<Vec<_>>());
}

#[tokio::test]
async fn what_the_policy_says_of_a_keys_workflow_holds_whatever_a_header_names() {
    let cloud = FakeCloud::start().await;
    let keys = client_key("anna", "workflow = \"claims\"") + &client_key("ben", "workflow = \"letters\"");
    let config = home_and_cloud("hello", &cloud.base_url()) + &keys;
    let policy = r#"
        [[rule]]
        name = "letters"
        when = { workflow = "letters" }
        label = "restricted"

        [[route]]
        name = "out"
        to = ["zone:cloud", "device/*"]

        [[ceiling_for]]
        workflow = "claims"
        ceiling = { public = "device", internal = "device", confidential = "device" }

        [[invariant]]
        text = 'never "public" beyond "device" for workflow "claims"'
    "#;
    let gateway = Setup::new(&config).policy(policy).start().await;
    for (who, label) in [("anna", "public"), ("ben", "restricted")] {
        for workflow in ["", "other", "claims"] {
            let answer = ask(&gateway, (who, workflow), &chat("auto", HARD)).await;
            assert_eq!(told(&answer, ["zone", "label"]), ["device", label], "{who} {workflow}");
        }
    }
    assert!(cloud.connections().is_empty());
    let lines = recorded(gateway).await;
    assert_eq!(lines.iter().filter(|line| line["key_workflow"] == "letters").count(), 2);
}

#[tokio::test]
async fn architecture_reviews_go_to_the_frontier_if_they_are_public() {
    let cloud = FakeCloud::start().await;
    let gateway = start(&cloud).await;
    let review = ("anna", "architecture-review");
    for body in [chat("auto", EASY), chat("auto", HARD), chat_stream("auto", EASY)] {
        let answer = ask(&gateway, review, &body).await;
        let names = ["zone", "rule", "effort"];
        assert_eq!(told(&answer, names), ["cloud", "architecture-review", "deliberate"]);
    }
    assert!(cloud.chats().iter().all(|sent| sent.json()["reasoning_effort"] == "high"));
    let private = ask(&gateway, review, &chat("auto", PRIVATE)).await;
    assert_eq!(told(&private, ["zone", "label"]), ["device", "restricted"]);
    assert_eq!(cloud.chats().len(), 3);
}

#[tokio::test]
async fn autocompletion_is_quick_and_at_home() {
    let cloud = FakeCloud::start().await;
    let gateway = start(&cloud).await;
    for body in [chat("auto", HARD), chat_stream("auto", HARD)] {
        let answer = ask(&gateway, ("anna", "autocomplete"), &body).await;
        assert_eq!(told(&answer, ["zone", "effort"]), ["device", "quick"]);
    }
    assert!(cloud.connections().is_empty());
}

#[tokio::test]
async fn without_a_cloud_the_device_deliberates() {
    let cloud = FakeCloud::start().await;
    cloud.set(Behaviour::status(503));
    let config = home_and_cloud("hello", &cloud.base_url())
        .replace("effort_field", "retries = 0\nbreaker_faults = 1\nbreaker_open_ms = 600000\neffort_field")
        .replace("[policy]\nfile = \"policy.toml\"\n", "");
    let gateway = Setup::new(&config).start().await;
    // The first finds out; the others know.
    for body in [chat("auto", HARD), chat("auto", HARD), chat_stream("auto", HARD)] {
        let answer = gateway.client().chat(&body).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        assert_eq!(told(&answer, ["zone", "band", "effort"]), ["device", "hard", "deliberate"]);
    }
    assert_eq!(cloud.chats().len(), 1);
    let lines = recorded(gateway).await;
    let known = lines.iter().filter(|line| line["down"][0] == format!("cloud/{MODEL}").as_str());
    assert_eq!(known.count(), 2, "{lines:?}");
}
