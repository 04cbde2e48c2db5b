//! Servers that speak less of OpenAI's dialect, or other words: known by name or by host, or as the site says.

use hearthgate_tests::anthropic::ask_stream;
use hearthgate_tests::configs::{EASY, all_to_cloud, one_cloud};
use hearthgate_tests::fake_cloud::FakeCloud;
use hearthgate_tests::gateway::{Gateway, Setup};
use hearthgate_tests::openai::{chat, chat_stream};
use serde_json::{Value, json};

async fn gateway(cloud: &FakeCloud, keys: &str) -> Gateway {
    let config = one_cloud(&cloud.base_url()).replace("models =", &format!("retries = 0\n{keys}\nmodels ="));
    Setup::new(&config).policy(&all_to_cloud()).start().await
}

/// What clients of the newer kind send of themselves.
fn talkative(stream: bool) -> Value {
    let mut body = if stream { chat_stream("auto", EASY) } else { chat("auto", EASY) };
    let more = json!({
        "store": false, "user": "u-1", "parallel_tool_calls": true, "seed": 7, "max_completion_tokens": 100,
        "messages": [
            { "role": "developer", "content": "Be brief." },
            { "role": "user", "content": "Hello" },
            { "role": "assistant", "content": "Hi.", "refusal": null, "annotations": [], "reasoning_content": "Hm." },
            { "role": "user", "content": EASY }
        ]
    });
    body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    body
}

#[tokio::test]
async fn a_server_that_refuses_what_it_does_not_know_is_not_told_it() {
    let cloud = FakeCloud::start().await;
    cloud.forbid(&[
        "stream_options",
        "store",
        "user",
        "seed",
        "max_completion_tokens",
        "refusal",
        "annotations",
        "reasoning_content",
    ]);
    let gateway = gateway(&cloud, "quirks = \"mistral\"").await;
    for stream in [false, true] {
        let answer = gateway.client().chat(&talkative(stream)).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        let sent = cloud.chats().last().unwrap().json();
        assert_eq!((&sent["max_tokens"], &sent["random_seed"]), (&json!(100), &json!(7)));
        assert_eq!(sent["messages"][0], json!({ "role": "system", "content": "Be brief." }));
        assert_eq!(sent["messages"][2], json!({ "role": "assistant", "content": "Hi." }));
    }
    // A request of another dialect asks for the usage, too, and is not let.
    let answer = gateway.client().post("/v1/messages", &ask_stream("auto", EASY)).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert!(answer.text().contains("message_stop"));
    assert_eq!(cloud.complaints(), Vec::<String>::new());
    let mut body = chat("auto", EASY);
    body["logit_bias"] = json!({ "1": 2 });
    let refused = gateway.client().chat(&body).await;
    assert_eq!((refused.status.as_u16(), &refused.json()["error"]["param"]), (400, &json!("/logit_bias")));
    assert_eq!(cloud.chats().len(), 3);
}

#[tokio::test]
async fn a_site_says_what_its_own_server_refuses_and_where_its_key_goes() {
    let cloud = FakeCloud::start().await;
    cloud.forbid(&[
        "stream_options",
        "store",
        "user",
        "parallel_tool_calls",
        "annotations",
        "max_completion_tokens",
    ]);
    let gateway = gateway(
        &cloud,
        "refuses = [\"stream_options\", \"store\", \"user\", \"parallel_tool_calls\"]\nrefuses_in_messages = [\"annotations\"]\n\
         renames = { max_completion_tokens = \"max_tokens\" }\napi_key = \"k-1\"\napi_key_header = \"x-server-key\"\n\
         effort_field = \"enable_thinking\"",
    )
    .await;
    let mut body = talkative(true);
    body["messages"][0]["role"] = json!("system");
    let answer = gateway.client().with("x-hearthgate-effort", "quick").chat(&body).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    let request = cloud.chats().pop().unwrap();
    assert_eq!(request.header("x-server-key").as_deref(), Some("k-1"));
    assert!(request.header("authorization").is_none());
    let sent = request.json();
    assert_eq!(
        (&sent["chat_template_kwargs"], &sent["seed"]),
        (&json!({ "enable_thinking": false }), &json!(7))
    );
    assert_eq!(cloud.complaints(), Vec::<String>::new());
}
