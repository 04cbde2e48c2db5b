//! Azure's OpenAI: a path for each deployment, with the version of its API, and the key in a header of its own.

use hearthgate_tests::anthropic::ask;
use hearthgate_tests::configs::{EASY, PRIVATE, all_to_cloud, one_cloud};
use hearthgate_tests::fake_cloud::{Api, Behaviour, FakeCloud};
use hearthgate_tests::gateway::{Gateway, Setup};
use hearthgate_tests::openai::{MODEL, NEWER_MODEL, chat, chat_stream};
use serde_json::json;

const KEY: &str = "azure-key-1";

/// A gateway before Azure below this path, with further keys of its upstream.
async fn gateway(cloud: &FakeCloud, path: &str, keys: &str) -> Gateway {
    let config = one_cloud(&cloud.url_below(path)).replace(
        "dialect = \"openai\"",
        &format!("dialect = \"azure\"\napi_key = \"{KEY}\"\nretries = 0\n{keys}"),
    );
    Setup::new(&config).policy(&all_to_cloud()).start().await
}

#[tokio::test]
async fn each_surface_of_azures_is_asked_at_its_path_with_its_key() {
    let version = "api_version = \"2024-10-21\"";
    let deployment = format!("/openai/deployments/{MODEL}/chat/completions?api-version=2024-10-21");
    for (base, keys, target) in [
        ("", version, deployment.as_str()),
        ("/openai/v1", "", "/openai/v1/chat/completions"),
        ("/openai/v1", "api_version = \"preview\"", "/openai/v1/chat/completions?api-version=preview"),
    ] {
        let cloud = FakeCloud::start_with_key(Some(KEY)).await;
        let gateway = gateway(&cloud, base, keys).await;
        for (path, body) in [
            ("/v1/chat/completions", chat("auto", EASY)),
            ("/v1/chat/completions", chat_stream("auto", EASY)),
            ("/v1/messages", ask("auto", EASY)),
            ("/v1/responses", json!({ "model": "auto", "input": EASY })),
        ] {
            let answer = gateway.client().post(path, &body).await;
            assert_eq!(answer.status, 200, "{path}: {}", answer.text());
            let said = if body["stream"] == true { "hello" } else { "The fake cloud says hello." };
            assert!(answer.text().contains(said), "{}", answer.text());
        }
        let chats = cloud.chats();
        assert_eq!(chats.len(), 4);
        for request in chats {
            assert_eq!((request.api(), request.target.as_str()), (Some(Api::Azure), target));
            assert_eq!(request.header("api-key").as_deref(), Some(KEY));
            assert_eq!(request.json()["model"], MODEL);
        }
        assert_eq!(cloud.complaints(), Vec::<String>::new());
    }
}

#[tokio::test]
async fn a_deployment_of_a_newer_model_is_told_the_bound_by_the_newer_word() {
    let cloud = FakeCloud::start().await;
    let keys = "retries = 0\nrenames = { max_tokens = \"max_completion_tokens\" }";
    let config = one_cloud(&cloud.url_below("/openai/v1"))
        .replace("dialect = \"openai\"", &format!("dialect = \"azure\"\napi_key = \"{KEY}\"\n{keys}"))
        .replace(MODEL, NEWER_MODEL);
    let gateway = Setup::new(&config).policy(&all_to_cloud().replace(MODEL, NEWER_MODEL)).start().await;
    let mut older = chat("auto", EASY);
    older["max_tokens"] = json!(77);
    let mut newer = chat("auto", EASY);
    newer["max_completion_tokens"] = json!(77);
    let mut message = ask("auto", EASY);
    message["max_tokens"] = json!(77);
    for (path, body) in
        [("/v1/chat/completions", older), ("/v1/chat/completions", newer), ("/v1/messages", message)]
    {
        let answer = gateway.client().post(path, &body).await;
        assert_eq!(answer.status, 200, "{path}: {}", answer.text());
        let sent = cloud.chats().last().unwrap().json();
        assert_eq!((&sent["max_completion_tokens"], sent.get("max_tokens")), (&json!(77), None));
    }
    assert_eq!(cloud.complaints(), Vec::<String>::new());
}

#[tokio::test]
async fn azures_words_are_the_clients_and_its_key_is_nobodys() {
    let cloud = FakeCloud::start_with_key(Some("another")).await;
    let gateway = gateway(&cloud, "/openai/v1", "").await;
    let refused = gateway.client().chat(&chat("auto", EASY)).await;
    assert_eq!(
        (refused.status.as_u16(), &refused.json()["error"]["code"]),
        (502, &json!("upstream_refused_our_key"))
    );
    let cloud = FakeCloud::start().await;
    let gateway = self::gateway(&cloud, "/openai/v1", "").await;
    let words = json!({ "error": { "code": "content_filter", "message": "Held back.", "innererror": {} } });
    cloud.set(Behaviour::Status { code: 400, body: Some(words.to_string()), retry_after: None });
    let refused = gateway.client().chat(&chat("auto", EASY)).await;
    assert_eq!((refused.status.as_u16(), refused.json()), (400, words));
    for answer in [gateway.client().chat(&chat("auto", PRIVATE)).await, refused] {
        assert!(!answer.text().contains(KEY));
    }
    assert!(!cloud.contains(b"4539"), "what is private stays");
    for trace in gateway.traces() {
        assert!(memchr::memmem::find(&trace, KEY.as_bytes()).is_none());
    }
}
