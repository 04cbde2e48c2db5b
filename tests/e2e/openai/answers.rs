//! What the device answers, byte for byte.

use hearthgate_tests::configs::{EASY, all_at_home, device_only};
use hearthgate_tests::gateway::{Gateway, Setup};
use hearthgate_tests::golden;
use hearthgate_tests::openai::{chat, chat_stream};
use serde_json::{Value, json};

async fn gateway(script: &str) -> Gateway {
    Setup::new(&device_only(script)).policy(&all_at_home()).start().await
}

/// A request whose answer thinks first, or does not.
fn with_effort(mut body: Value, effort: &str) -> Value {
    body["reasoning_effort"] = json!(effort);
    body
}

async fn check(name: &str, script: &str, body: &Value) {
    let gateway = gateway(script).await;
    let answer = gateway.client().chat(body).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    let expected = if body["stream"] == json!(true) { "text/event-stream" } else { "application/json" };
    let (media_type, _) = answer.header("content-type").split_once(';').map_or_else(
        || (answer.header("content-type"), String::new()),
        |(media_type, rest)| (media_type.to_owned(), rest.to_owned()),
    );
    assert_eq!(media_type, expected);
    golden::check(name, golden::masked(&answer.text()).as_bytes());
}

#[tokio::test]
async fn a_plain_answer() {
    check("hello.device-openai.json", "hello", &with_effort(chat("auto", EASY), "low")).await;
}

#[tokio::test]
async fn a_plain_answer_that_thought_first() {
    check("thought.device-openai.json", "hello", &with_effort(chat("auto", EASY), "high")).await;
}

#[tokio::test]
async fn a_stream_with_the_usage() {
    check("hello-usage.device-openai.sse", "hello", &with_effort(chat_stream("auto", EASY), "low")).await;
}

#[tokio::test]
async fn a_stream_without_the_usage() {
    let mut body = with_effort(chat_stream("auto", EASY), "low");
    body.as_object_mut().unwrap().remove("stream_options");
    check("hello.device-openai.sse", "hello", &body).await;
}

#[tokio::test]
async fn a_stream_that_thought_first() {
    check("thought.device-openai.sse", "hello", &with_effort(chat_stream("auto", EASY), "high")).await;
}

#[tokio::test]
async fn an_answer_cut_at_its_most_tokens() {
    let mut body = with_effort(chat("auto", EASY), "low");
    body["max_completion_tokens"] = json!(2);
    check("cut.device-openai.json", "hello", &body).await;
}

fn with_tool(mut body: Value) -> Value {
    body["tools"] = json!([{ "type": "function", "function": {
        "name": "look_up", "parameters": { "type": "object", "properties": { "what": { "type": "string" } } }
    }}]);
    with_effort(body, "low")
}

#[tokio::test]
async fn a_call_of_a_tool() {
    check("tool.device-openai.json", "tool", &with_tool(chat("auto", EASY))).await;
}

#[tokio::test]
async fn a_call_of_a_tool_as_a_stream() {
    check("tool.device-openai.sse", "tool", &with_tool(chat_stream("auto", EASY))).await;
}

#[tokio::test]
async fn a_fault_within_a_stream_ends_it_with_an_error_and_no_done() {
    let gateway = gateway("broken").await;
    let mut stream = gateway.client().chat_stream(&chat_stream("auto", EASY)).await;
    assert_eq!(stream.status, 200);
    let events = stream.rest().await;
    assert!(!stream.is_broken(), "the transfer itself is whole");
    let text: String = events.iter().map(hearthgate_tests::sse::Event::delta).collect();
    assert_eq!(text, "Hello from ");
    let last = events.last().unwrap();
    assert_eq!(last.json()["error"]["code"], "device_failed", "{}", last.data);
    assert!(events.iter().all(|event| !event.is_done()));

    let plain = gateway.client().chat(&chat("auto", EASY)).await;
    assert_eq!(plain.status, 503);
    assert_eq!(plain.json()["error"]["code"], "device_failed");
}

#[tokio::test]
async fn what_the_engine_refuses_is_told_in_the_dialect() {
    let cases = [
        ("busy", 429, "device_busy", "2"),
        ("refuses", 400, "context_length_exceeded", ""),
        ("dead", 503, "device_failed", "1"),
    ];
    for (script, status, code, retry_after) in cases {
        let gateway = gateway(script).await;
        for body in [chat("auto", EASY), chat_stream("auto", EASY)] {
            let answer = gateway.client().chat(&body).await;
            assert_eq!(answer.status, status, "{script}: {}", answer.text());
            assert_eq!(answer.json()["error"]["code"], code, "{script}");
            assert_eq!(answer.header("retry-after"), retry_after, "{script}");
        }
    }
}

#[tokio::test]
async fn a_model_that_has_failed_makes_the_gateway_unready() {
    let gateway = gateway("dead").await;
    assert_eq!(gateway.client().get("/readyz").await.status, 503);
    assert_eq!(gateway.client().get("/livez").await.status, 200);
    assert_eq!(gateway.admin().get("/readyz").await.status, 503);
}

#[tokio::test]
async fn the_real_engine_answers_in_the_same_form() {
    let config = device_only("hello").replace("scripted:hello", "bundled:starter");
    let gateway = Setup::new(&config).policy(&all_at_home()).start().await;
    let client = gateway.client();
    let mut body = chat("auto", EASY);
    body["max_tokens"] = json!(8);
    body["seed"] = json!(7);
    let first = client.chat(&body).await;
    assert_eq!(first.status, 200, "{}", first.text());
    let answer = first.json();
    assert_eq!(answer["object"], "chat.completion");
    assert_eq!(answer["model"], "device/home");
    let usage = &answer["usage"];
    let count = |name: &str| usage[name].as_u64().unwrap();
    assert!((1..=8).contains(&count("completion_tokens")), "{usage}");
    assert_eq!(count("total_tokens"), count("prompt_tokens") + count("completion_tokens"));
    assert_eq!(
        client.chat(&body).await.json()["choices"],
        answer["choices"],
        "the same seed, the same words"
    );

    body["stream"] = json!(true);
    body["stream_options"] = json!({ "include_usage": true });
    let mut stream = client.chat_stream(&body).await;
    let events = stream.rest().await;
    assert!(events.last().unwrap().is_done() && !stream.is_broken());
    let text: String = events.iter().map(hearthgate_tests::sse::Event::delta).collect();
    let content = answer["choices"][0]["message"]["content"].as_str().unwrap();
    assert_eq!(text, content, "streamed or not, it is the same answer");
    let last = events[events.len() - 2].json();
    assert_eq!(last["usage"]["prompt_tokens"], usage["prompt_tokens"]);
}
