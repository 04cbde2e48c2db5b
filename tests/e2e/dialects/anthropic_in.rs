//! `/v1/messages` as a surface: errors, headers, counting and models.

use hearthgate_tests::anthropic::{ask, ask_stream};
use hearthgate_tests::configs::{
    EASY, all_at_home, all_to_cloud, client_key, cloud_first, device_only, home_and_cloud, one_anthropic,
};
use hearthgate_tests::fake_cloud::{Behaviour, FakeCloud, Point};
use hearthgate_tests::gateway::{Gateway, Setup};
use serde_json::{Value, json};

/// A gateway with a device, and a cloud that speaks Anthropic's dialect.
pub async fn with_anthropic(policy: &str) -> (FakeCloud, Gateway) {
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
