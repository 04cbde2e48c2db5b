//! What cannot be carried is refused by its place, or goes to who can carry it; never is it left out.

use hearthgate_tests::anthropic::ask;
use hearthgate_tests::configs::{EASY, all_to_cloud, cloud_first, home_and_cloud, one_anthropic, one_cloud};
use hearthgate_tests::fake_cloud::FakeCloud;
use hearthgate_tests::gateway::Setup;
use hearthgate_tests::openai::chat;
use serde_json::{Value, json};

#[tokio::test]
async fn what_anthropic_cannot_be_told_is_refused_by_its_place() {
    let cloud = FakeCloud::start().await;
    let gateway = Setup::new(&one_anthropic(&cloud.base_url())).policy(&all_to_cloud()).start().await;
    let cases: [(&str, Value, &str); 15] = [
        ("n", json!(2), "/n"),
        ("seed", json!(7), "/seed"),
        ("logprobs", json!(true), "/logprobs"),
        ("logit_bias", json!({ "1": 2 }), "/logit_bias"),
        ("frequency_penalty", json!(0.5), "/frequency_penalty"),
        ("temperature", json!(1.5), "/temperature"),
        ("store", json!(true), "/store"),
        ("verbosity", json!("low"), "/verbosity"),
        ("modalities", json!(["text", "audio"]), "/modalities"),
        ("service_tier", json!("flex"), "/service_tier"),
        ("something_new", json!(1), "/something_new"),
        ("response_format", json!({ "type": "json_object" }), "/response_format"),
        ("tools", json!([{ "type": "custom", "custom": { "name": "x" } }]), "/tools/0"),
        ("functions", json!([{ "name": "x" }]), "/functions"),
        ("messages", json!([{ "role": "user", "content": EASY, "name": "ann" }]), "/messages/0/name"),
    ];
    for (name, value, pointer) in cases {
        let mut body = chat("auto", EASY);
        body[name] = value;
        let answer = gateway.client().chat(&body).await;
        assert_eq!(answer.status, 400, "{name}: {}", answer.text());
        let error = &answer.json()["error"];
        assert_eq!(error["param"], pointer, "{name}: {error}");
        assert_eq!(error["code"], "unsupported_parameter", "{name}");
    }
    assert!(cloud.connections().is_empty(), "nothing was sent");
}

#[tokio::test]
async fn what_openai_cannot_be_told_is_refused_by_its_place() {
    let cloud = FakeCloud::start().await;
    let policy = all_to_cloud()
        + "\n[opaque]\nimage = \"public\"\nblock = \"public\"\nurl = \"public\"\nreference = \"public\"\n";
    let gateway = Setup::new(&one_cloud(&cloud.base_url())).policy(&policy).start().await;
    let image =
        json!({ "type": "image", "source": { "type": "base64", "media_type": "image/png", "data": "iVBO" } });
    let cases: [(&str, Value, &str); 7] = [
        ("container", json!("c-1"), "/container"),
        ("context_management", json!({ "edits": [] }), "/context_management"),
        ("mcp_servers", json!([{ "type": "url", "url": "https://x.example" }]), "/mcp_servers"),
        ("something_new", json!(1), "/something_new"),
        ("tools", json!([{ "type": "web_search_20250305", "name": "web_search" }]), "/tools/0"),
        ("metadata", json!({ "user_id": "u", "more": "x" }), "/metadata/more"),
        (
            "messages",
            json!([
                { "role": "user", "content": "x" },
                { "role": "assistant", "content": [{ "type": "tool_use", "id": "a", "name": "f", "input": {} }] },
                { "role": "user", "content": [{ "type": "tool_result", "tool_use_id": "a", "content": [image] }] }
            ]),
            "/messages/2/content/0/content/0",
        ),
    ];
    for (name, value, pointer) in cases {
        let mut body = ask("auto", EASY);
        body[name] = value;
        let answer = gateway.client().post("/v1/messages", &body).await;
        assert_eq!(answer.status, 400, "{name}: {}", answer.text());
        let error = answer.json();
        assert_eq!(
            (&error["type"], &error["error"]["type"]),
            (&json!("error"), &json!("invalid_request_error"))
        );
        let message = error["error"]["message"].as_str().unwrap();
        assert!(message.contains(&format!("`{pointer}`")), "{name}: {message}");
    }
    assert!(cloud.connections().is_empty(), "nothing was sent");
}

#[tokio::test]
async fn the_next_target_of_the_permit_may_be_able_to() {
    let cloud = FakeCloud::start().await;
    let config = home_and_cloud("hello", &cloud.base_url())
        .replace("dialect = \"openai\"", "dialect = \"anthropic\"")
        .replace("effort_field = \"reasoning_effort\"\n", "");
    let gateway = Setup::new(&config).policy(&cloud_first()).start().await;
    let mut body = chat("auto", EASY);
    let answer = gateway.client().chat(&body).await;
    assert_eq!(answer.header("x-hearthgate-zone"), "cloud", "{}", answer.text());
    body["seed"] = json!(7);
    let answer = gateway.client().chat(&body).await;
    assert_eq!(answer.header("x-hearthgate-zone"), "device", "{}", answer.text());
    assert_eq!(cloud.chats().len(), 1);
}
