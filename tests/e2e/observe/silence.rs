//! No text of a request in anything that the gateway writes about it.

use hearthgate_tests::configs::{hard_to_cloud, home_and_cloud};
use hearthgate_tests::fake_cloud::{Behaviour, FakeCloud};
use hearthgate_tests::gateway::Setup;
use hearthgate_tests::openai::chat;
use serde_json::{Value, json};

/// A word that nobody else has a reason to write.
const CANARY: &str = "xylocanaryphone";

fn bodies() -> Vec<Value> {
    let prompt = |text: &str| chat("auto", text);
    let mut with_tool = prompt("Go on.");
    with_tool["tools"] =
        json!([{ "type": "function", "function": { "name": CANARY, "description": CANARY } }]);
    let mut with_keys = prompt("Go on.");
    // A finding under a key of the caller's own making: its place is recorded, its name is not.
    with_keys["metadata"] = json!({ CANARY: "4539148803410009" });
    let mut wrong_type = prompt("Go on.");
    wrong_type[CANARY] = json!({ CANARY: CANARY });
    wrong_type["stop"] = json!([CANARY, 1]);
    let mut duplicate = prompt("Go on.");
    duplicate["messages"][0][CANARY] = json!(1);
    vec![
        prompt(&format!("Say {CANARY} to me.")),
        prompt(&format!("Charge 4539 1488 0341 0009 to {CANARY}@contoso-mail.com.")),
        prompt(&format!("{} Also mention {CANARY}.", hearthgate_tests::configs::HARD)),
        chat(CANARY, "Which model is this?"),
        with_tool,
        with_keys,
        wrong_type,
        duplicate,
    ]
}

#[tokio::test]
async fn no_text_of_a_request_is_logged_counted_or_recorded() {
    let cloud = FakeCloud::start().await;
    let config =
        home_and_cloud("hello", &cloud.base_url()).replace("effort_field", "retries = 0\neffort_field");
    let mut gateway = Setup::new(&config).policy(&hard_to_cloud()).start().await;
    let behaviours = [
        Behaviour::Chat,
        Behaviour::Echo,
        Behaviour::status(500),
        Behaviour::MalformedSse,
        Behaviour::TruncatedJson,
    ];
    for behaviour in behaviours {
        cloud.set(behaviour);
        for mut body in bodies() {
            for stream in [false, true] {
                body["stream"] = json!(stream);
                let client = gateway
                    .client()
                    .with("x-hearthgate-workflow", CANARY)
                    .with("x-request-id", CANARY)
                    .with("user-agent", CANARY);
                client.post(&format!("/v1/chat/completions?{CANARY}"), &body).await;
            }
        }
    }
    let client = gateway.client();
    client.get(&format!("/{CANARY}")).await;
    client.get(&format!("/v1/models/{CANARY}")).await;
    client.clone().with("x-hearthgate-label", CANARY).chat(&bodies()[0]).await;
    client.clone().with("host", &format!("{CANARY}.example")).chat(&bodies()[0]).await;
    client.post_bytes("/v1/chat/completions", format!("{{\"{CANARY}\":")).await;
    client.post_bytes("/v1/chat/completions", format!("{{\"{CANARY}\":1,\"{CANARY}\":1}}")).await;

    let metrics = gateway.admin().get("/metrics").await.text();
    assert!(!metrics.contains(CANARY), "{metrics}");
    gateway.sigterm();
    gateway.exit().await;
    let record = std::fs::read_to_string(gateway.folder().join("audit.jsonl")).unwrap();
    assert!(record.lines().count() > 50, "requests were recorded");
    assert!(record.contains("\"workflow\":\"*\"") && record.contains("/metadata/*"), "{record}");
    assert!(!gateway.leaks(CANARY.as_bytes()), "{}", gateway.stderr());
    for found in ["4539 1488", "4539148803410009", "contoso-mail"] {
        assert!(!gateway.leaks(found.as_bytes()), "what was found is not written down: {found}");
    }
}
