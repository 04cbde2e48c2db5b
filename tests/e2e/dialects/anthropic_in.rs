//! `/v1/messages` as a surface: errors, headers, counting, models, and what is judged of it.

use hearthgate_tests::anthropic::{ask, ask_stream};
use hearthgate_tests::configs::{
    EASY, HARD, PRIVATE, all_at_home, all_to_cloud, client_key, cloud_first, device_only, hard_to_cloud,
    home_and_cloud, one_anthropic,
};
use hearthgate_tests::fake_cloud::{Behaviour, FakeCloud, Point};
use hearthgate_tests::gateway::{Gateway, Setup};
use serde_json::{Value, json};

async fn with_anthropic(policy: &str) -> (FakeCloud, Gateway) {
    let cloud = FakeCloud::start_with_key(Some("sk-ant")).await;
    let config = home_and_cloud("hello", &cloud.base_url())
        .replace("dialect = \"openai\"", "dialect = \"anthropic\"\napi_key = \"sk-ant\"")
        .replace("effort_field = \"reasoning_effort\"\n", "");
    let gateway = Setup::new(&config).policy(policy).start().await;
    (cloud, gateway)
}

#[tokio::test]
async fn a_request_is_passed_on_as_it_was_written() {
    let (cloud, gateway) = with_anthropic(&cloud_first()).await;
    let body = "{ \"max_tokens\": 1e2, \"model\":\"auto\",\n \"temperature\":1.0, \"top_k\": 40,\"messages\": [ {\"content\":\
        [{\"text\":\"Compare \\u0061 and b\",\"type\":\"text\",\"cache_control\":{\"type\":\"ephemeral\"}}],\"role\":\"user\"} ] }";
    let body = body.replace("1e2", "100");
    let client = gateway.client().with("anthropic-beta", "b-1").with("anthropic-version", "2020-01-01");
    let answer = client.post_bytes("/v1/messages?beta=true", body.clone()).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    let received = &cloud.chats()[0];
    let expected = "{\"max_tokens\":100,\"model\":\"fake-frontier\",\"temperature\":1.0,\"top_k\":40,\"messages\":[{\"content\":\
        [{\"text\":\"Compare a and b\",\"type\":\"text\",\"cache_control\":{\"type\":\"ephemeral\"}}],\"role\":\"user\"}]}";
    assert_eq!(String::from_utf8_lossy(&received.body), expected);
    let mut names: Vec<_> = received.headers.iter().map(|(name, _)| name.as_str()).collect();
    names.sort_unstable();
    let own =
        ["accept", "anthropic-version", "content-length", "content-type", "host", "user-agent", "x-api-key"];
    assert_eq!(names, own);
    assert_eq!(received.header("anthropic-version").unwrap(), "2023-06-01");
    assert_eq!(received.target, "/v1/messages");
    assert!(!gateway.leaks(b"sk-ant"));
}

#[tokio::test]
async fn errors_are_in_the_dialect_of_the_path() {
    let config = device_only("hello") + &client_key("app", "");
    let gateway = Setup::new(&config).policy(&all_at_home()).start().await;
    let of = |kind: &'static str| (json!("error"), json!(kind));
    let told = |body: Value| (body["type"].clone(), body["error"]["type"].clone());
    let keyed = gateway.client().with("x-api-key", "key-of-app");

    let unknown = gateway.client().post("/v1/messages", &ask("auto", EASY)).await;
    assert_eq!((unknown.status.as_u16(), told(unknown.json())), (401, of("authentication_error")));
    assert_eq!(unknown.json()["request_id"], unknown.header("request-id"));
    assert_eq!(unknown.header("request-id"), unknown.header("x-request-id"));

    let cases: [(&str, &str, Value, u16, &str); 5] = [
        ("POST", "/v1/messages", json!({ "model": "auto", "messages": [] }), 400, "invalid_request_error"),
        ("POST", "/v1/messages", ask("no-such-model", EASY), 404, "not_found_error"),
        ("POST", "/v1/messages/batches", json!({}), 404, "not_found_error"),
        ("GET", "/v1/messages", json!({}), 405, "invalid_request_error"),
        ("POST", "/v1/messages/count_tokens", json!({ "model": "auto" }), 400, "invalid_request_error"),
    ];
    for (method, path, body, status, kind) in cases {
        let answer = keyed.request(method, path, body.to_string().into()).await;
        assert_eq!(
            (answer.status.as_u16(), told(answer.json())),
            (status, of(kind)),
            "{method} {path}: {}",
            answer.text()
        );
    }
    let nowhere = keyed.clone().with("anthropic-version", "2023-06-01").get("/v1/nowhere").await;
    assert_eq!((nowhere.status.as_u16(), told(nowhere.json())), (404, of("not_found_error")));
    let good = keyed.post("/v1/messages", &ask("auto", EASY)).await;
    assert_eq!(good.status, 200, "{}", good.text());
    let bearer = gateway.client().with("authorization", "Bearer key-of-app");
    assert_eq!(bearer.post("/v1/messages", &ask("auto", EASY)).await.status, 200);
}

#[tokio::test]
async fn models_are_told_in_the_callers_shape() {
    let gateway = Setup::new(&device_only("hello")).policy(&all_at_home()).start().await;
    let client = gateway.client().with("anthropic-version", "2023-06-01");
    let list = client.get("/v1/models").await.json();
    assert_eq!(list["has_more"], false);
    assert_eq!(list["data"][0]["type"], "model");
    assert_eq!((&list["first_id"], &list["last_id"]), (&json!("auto"), &json!("device/home")));
    let one = client.get("/v1/models/device%2Fhome").await.json();
    assert_eq!((&one["id"], &one["type"]), (&json!("device/home"), &json!("model")));
    assert_eq!(gateway.client().get("/v1/models").await.json()["object"], "list");
}

#[tokio::test]
async fn tokens_are_counted_at_home() {
    let (cloud, gateway) = with_anthropic(&cloud_first()).await;
    let mut body = ask("cloud/fake-frontier", "one two three");
    body.as_object_mut().unwrap().remove("max_tokens");
    let count = |answer: Value| answer["input_tokens"].as_u64().unwrap();
    let answer = gateway.client().post("/v1/messages/count_tokens", &body).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    let short = count(answer.json());
    body["system"] = json!("Be very brief, and as kind as can be.");
    let long = count(gateway.client().post("/v1/messages/count_tokens", &body).await.json());
    assert!(0 < short && short < long, "{short} {long}");
    assert!(cloud.connections().is_empty(), "nothing was sent");
}

/// Such a card in every place of a body in which a text can stand.
fn placed() -> Vec<(&'static str, Value)> {
    let messages = |content: Value| {
        json!([
            { "role": "user", "content": "Look it up." },
            { "role": "assistant", "content": [{ "type": "tool_use", "id": "a", "name": "f", "input": {} }] },
            { "role": "user", "content": content }
        ])
    };
    let result =
        |content: Value| messages(json!([{ "type": "tool_result", "tool_use_id": "a", "content": content }]));
    let document = |source: Value| messages(json!([{ "type": "document", "source": source, "title": "t" }]));
    let said = |block: Value| json!([{ "role": "user", "content": "x" }, { "role": "assistant", "content": [block] }, { "role": "user", "content": "y" }]);
    vec![
        ("system", json!(PRIVATE)),
        ("system", json!([{ "type": "text", "text": PRIVATE }])),
        ("messages", json!([{ "role": "user", "content": PRIVATE }])),
        ("messages", json!([{ "role": "user", "content": [{ "type": "text", "text": PRIVATE }] }])),
        ("messages", result(json!(PRIVATE))),
        ("messages", result(json!([{ "type": "text", "text": PRIVATE }]))),
        (
            "messages",
            result(
                json!([{ "type": "search_result", "source": "s", "title": "t", "content": [{ "type": "text", "text": PRIVATE }] }]),
            ),
        ),
        ("messages", document(json!({ "type": "text", "media_type": "text/plain", "data": PRIVATE }))),
        (
            "messages",
            document(json!({ "type": "content", "content": [{ "type": "text", "text": PRIVATE }] })),
        ),
        (
            "messages",
            messages(
                json!([{ "type": "document", "title": PRIVATE, "source": { "type": "text", "media_type": "text/plain", "data": "x" } }]),
            ),
        ),
        (
            "messages",
            said(
                json!({ "type": "tool_use", "id": "a", "name": "f", "input": { "note": { "deep": [PRIVATE] } } }),
            ),
        ),
        ("messages", said(json!({ "type": "tool_use", "id": "a", "name": "f", "input": { PRIVATE: 1 } }))),
        (
            "messages",
            said(
                json!({ "type": "tool_use", "id": "a", "name": "f", "input": { "card": 4_539_148_803_410_009_u64 } }),
            ),
        ),
        ("messages", said(json!({ "type": "thinking", "thinking": PRIVATE, "signature": "" }))),
        ("messages", said(json!({ "type": "something_new", "inner": { "text": PRIVATE } }))),
        ("tools", json!([{ "name": "f", "description": PRIVATE, "input_schema": { "type": "object" } }])),
        (
            "tools",
            json!([{ "name": "f", "input_schema": { "type": "object", "properties": { "x": { "description": PRIVATE } } } }]),
        ),
        ("metadata", json!({ "user_id": PRIVATE })),
        ("stop_sequences", json!([PRIVATE])),
        ("something_new", json!({ "a": [PRIVATE] })),
    ]
}

#[tokio::test]
async fn what_is_private_is_found_wherever_it_stands() {
    let (cloud, gateway) = with_anthropic(&cloud_first()).await;
    for (name, value) in placed() {
        let mut body = ask("auto", EASY);
        body[name] = value;
        let answer = gateway.client().post("/v1/messages", &body).await;
        assert_ne!(answer.header("x-hearthgate-zone"), "cloud", "{body}");
    }
    assert!(cloud.connections().is_empty());
    assert!(!cloud.contains(b"4539"));
}

#[tokio::test]
async fn what_cannot_be_read_is_no_more_public() {
    let (cloud, gateway) = with_anthropic(&cloud_first()).await;
    let source = |kind: &str| json!({ "type": kind, "media_type": "image/png", "data": "iVBO", "url": "https://x.example/a.png", "file_id": "f" });
    let blocks = [
        json!({ "type": "image", "source": source("base64") }),
        json!({ "type": "image", "source": source("url") }),
        json!({ "type": "document", "source": source("base64") }),
        json!({ "type": "document", "source": source("url") }),
        json!({ "type": "document", "source": source("file") }),
        json!({ "type": "container_upload", "file_id": "f" }),
        json!({ "type": "tool_result", "tool_use_id": "a", "content": [{ "type": "image", "source": source("base64") }] }),
        json!({ "type": "redacted_thinking", "data": "c2VhbGVk" }),
        json!({ "type": "thinking", "thinking": "x", "signature": "c2VhbGVk" }),
    ];
    for block in blocks {
        let mut body = ask("auto", EASY);
        body["messages"] = json!([{ "role": "user", "content": [block] }]);
        let answer = gateway.client().post("/v1/messages", &body).await;
        assert_eq!(answer.header("x-hearthgate-label"), "confidential", "{body} {}", answer.text());
    }
    let fields = [
        ("container", json!("c-1")),
        ("mcp_servers", json!([{ "type": "url", "url": "https://x.example", "name": "x" }])),
        ("tools", json!([{ "type": "web_search_20250305", "name": "web_search" }])),
        ("tools", json!([{ "type": "code_execution_20250522", "name": "code" }])),
    ];
    for (name, value) in fields {
        let mut body = ask("auto", EASY);
        body[name] = value;
        let answer = gateway.client().post("/v1/messages", &body).await;
        assert_eq!(answer.header("x-hearthgate-label"), "confidential", "{body} {}", answer.text());
    }
    assert!(cloud.connections().is_empty());
}

#[tokio::test]
async fn the_current_demand_is_judged_and_the_wish_to_think_is_heard() {
    let (_cloud, gateway) = with_anthropic(&hard_to_cloud()).await;
    let zone =
        async |body: &Value| gateway.client().post("/v1/messages", body).await.header("x-hearthgate-zone");
    assert_eq!(zone(&ask("auto", HARD)).await, "cloud");
    assert_eq!(zone(&ask("auto", EASY)).await, "device");
    let mut after = ask("auto", HARD);
    after["messages"] = json!([
        { "role": "user", "content": HARD },
        { "role": "assistant", "content": [{ "type": "text", "text": "Done." }] },
        { "role": "user", "content": "Thanks!" }
    ]);
    assert_eq!(zone(&after).await, "device");
    after["messages"] = json!([
        { "role": "user", "content": HARD },
        { "role": "assistant", "content": [{ "type": "tool_use", "id": "a", "name": "f", "input": {} }] },
        { "role": "user", "content": [{ "type": "tool_result", "tool_use_id": "a", "content": "yes" }] }
    ]);
    assert_eq!(zone(&after).await, "cloud", "the demand is still that of the first turn");

    let device = Setup::new(&device_only("hello")).policy(&cloud_first()).start().await;
    for (wish, effort) in [("adaptive", "deliberate"), ("disabled", "quick")] {
        let mut body = ask("auto", EASY);
        body["thinking"] = json!({ "type": wish });
        let answer = device.client().post("/v1/messages", &body).await;
        assert_eq!(answer.header("x-hearthgate-effort"), effort, "{wish}: {}", answer.text());
        let thought = answer.text().contains("\"type\":\"thinking\"");
        assert_eq!(thought, wish == "adaptive", "{}", answer.text());
    }
}

#[tokio::test]
async fn a_client_that_leaves_takes_the_upstreams_answer_with_it() {
    let cloud = FakeCloud::start().await;
    let gateway = Setup::new(&one_anthropic(&cloud.base_url())).policy(&all_to_cloud()).start().await;
    for body in [ask_stream("auto", EASY), hearthgate_tests::openai::chat_stream("auto", EASY)] {
        let path = if body.get("max_tokens").is_some() { "/v1/messages" } else { "/v1/chat/completions" };
        cloud.set(Behaviour::Stall(Point::AfterEvents(5)));
        let before = cloud.hang_ups();
        let mut stream = gateway.client().open("POST", path, body.to_string().into()).await;
        assert!(stream.event().await.is_some());
        stream.hang_up();
        cloud.hung_up(before + 1).await;
    }
}
