//! Servers that speak less of OpenAI's dialect, or other words: known by name or by host, or as the site says.

use hearthgate_tests::anthropic::ask_stream;
use hearthgate_tests::configs::{EASY, all_to_cloud, one_cloud};
use hearthgate_tests::fake_cloud::{Behaviour, FakeCloud};
use hearthgate_tests::gateway::{Gateway, Setup};
use hearthgate_tests::openai::{chat, chat_stream};
use serde_json::{Value, json};

async fn gateway(cloud: &FakeCloud, keys: &str) -> Gateway {
    let config = one_cloud(&cloud.base_url()).replace("models =", &format!("retries = 0\n{keys}\nmodels ="));
    Setup::new(&config).policy(&all_to_cloud()).start().await
}

/// A conversation in which calls were made, before the last question and after it, in both clients' dialects.
fn looping() -> [(&'static str, Value); 2] {
    const IDS: [&str; 3] = ["call_of-another_1", "toolu_01ABC", "abcDEF123"];
    let function = json!({ "name": "f", "parameters": { "type": "object", "properties": {} } });
    let call = |id: &str| {
        json!({ "role": "assistant", "content": null, "reasoning_content": "Hm.", "tool_calls": [
        { "id": id, "type": "function", "function": { "name": "f", "arguments": "{}" } }] })
    };
    let said = |id: &str| json!({ "role": "tool", "tool_call_id": id, "content": "y" });
    let user = || json!({ "role": "user", "content": EASY });
    let answered = json!({ "role": "assistant", "content": "So.", "reasoning_content": "Hm." });
    let [a, b, c] = IDS;
    let chat = json!({ "model": "auto", "tools": [{ "type": "function", "function": function }],
        "messages": [user(), call(a), said(a), answered, user(), call(b), said(b), call(c), said(c)] });
    let call = |id: &str| {
        json!({ "role": "assistant", "content": [
        { "type": "thinking", "thinking": "Hm.", "signature": "" }, { "type": "tool_use", "id": id, "name": "f", "input": {} }] })
    };
    let said = |id: &str| json!({ "role": "user", "content": [{ "type": "tool_result", "tool_use_id": id, "content": "y" }] });
    let answered = json!({ "role": "assistant", "content": [{ "type": "thinking", "thinking": "Hm.", "signature": "" },
        { "type": "text", "text": "So." }] });
    let message = json!({ "model": "auto", "max_tokens": 99,
        "tools": [{ "name": "f", "input_schema": { "type": "object", "properties": {} } }],
        "messages": [user(), call(a), said(a), answered, user(), call(b), said(b), call(c), said(c)] });
    [("/v1/chat/completions", chat), ("/v1/messages", message)]
}

#[tokio::test]
async fn ids_of_calls_have_the_form_that_a_server_wants() {
    let cloud = FakeCloud::start().await;
    cloud.strict_as("mistral");
    let gateway = gateway(&cloud, "quirks = \"mistral\"").await;
    for (path, body) in looping() {
        let answer = gateway.client().post(path, &body).await;
        assert_eq!(answer.status, 200, "{path}: {}", answer.text());
        let sent = cloud.chats().last().unwrap().json();
        let ids: Vec<_> = sent["messages"]
            .as_array()
            .unwrap()
            .iter()
            .filter_map(|message| message["tool_call_id"].as_str())
            .collect();
        assert_eq!((ids.len(), ids[2]), (3, "abcDEF123"), "its own stay");
    }
    // What the server makes goes to the client as it is, and comes back so.
    let call =
        json!({ "id": "D681PevKs", "type": "function", "function": { "name": "f", "arguments": "{}" } });
    cloud.set(Behaviour::Choice(
        json!({ "message": { "role": "assistant", "content": null, "tool_calls": [call] },
        "finish_reason": "tool_calls" }),
    ));
    for (path, body) in looping() {
        assert!(gateway.client().post(path, &body).await.text().contains("\"D681PevKs\""), "{path}");
    }
    assert_eq!(cloud.complaints(), Vec::<String>::new());
}

#[tokio::test]
async fn thoughts_go_back_where_calls_are_under_way_and_nowhere_else() {
    let cloud = FakeCloud::start().await;
    cloud.strict_as("deepseek");
    let gateway = gateway(&cloud, "quirks = \"deepseek\"").await;
    for (path, body) in looping() {
        let answer = gateway.client().post(path, &body).await;
        assert_eq!(answer.status, 200, "{path}: {}", answer.text());
        let sent = cloud.chats().last().unwrap().json();
        let told = sent["messages"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|message| message["reasoning_content"] == "Hm.");
        assert_eq!(told.count(), 2, "{path}");
    }
    assert_eq!(cloud.complaints(), Vec::<String>::new());
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
