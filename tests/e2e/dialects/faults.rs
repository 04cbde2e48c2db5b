//! A provider's faults, as clients of either dialect see them.

use hearthgate_tests::anthropic::{ask, ask_stream};
use hearthgate_tests::configs::{
    EASY, all_to_cloud, cloud_first, home_and_cloud, one_anthropic, one_bedrock, one_cloud, one_gemini,
};
use hearthgate_tests::fake_cloud::{Behaviour, FakeCloud};
use hearthgate_tests::gateway::Setup;
use hearthgate_tests::openai::{chat, chat_stream};
use serde_json::json;

#[tokio::test]
async fn a_fault_of_anthropics_is_told_from_ours_in_the_clients_dialect() {
    let cloud = FakeCloud::start().await;
    let keys = "retries = 0\nbreaker_faults = 1000\nmodels =";
    let config = one_anthropic(&cloud.base_url()).replace("models =", keys);
    let gateway = Setup::new(&config).policy(&all_to_cloud()).start().await;
    let cases = [
        (401, 502, "api_error"),
        (403, 502, "api_error"),
        (429, 429, "rate_limit_error"),
        (500, 502, "api_error"),
        (503, 503, "overloaded_error"),
        (529, 503, "overloaded_error"),
    ];
    for (code, status, kind) in cases {
        let words = hearthgate_tests::anthropic::error("The fake cloud says no.", "api_error").to_string();
        cloud.set(Behaviour::Status { code, body: Some(words), retry_after: Some("7".to_owned()) });
        let message = gateway.client().post("/v1/messages", &ask("auto", EASY)).await;
        assert_eq!(
            (message.status.as_u16(), &message.json()["error"]["type"]),
            (status, &json!(kind)),
            "{code}"
        );
        let completion = gateway.client().chat(&chat("auto", EASY)).await;
        assert_eq!(completion.status, status, "{code}");
        assert_eq!(completion.json()["error"]["type"], "upstream_error", "{code}");
        for answer in [message, completion] {
            assert!(!answer.text().contains("The fake cloud says no."), "{code}");
            if code == 429 {
                assert_eq!(answer.header("retry-after"), "7");
            }
        }
    }
}

#[tokio::test]
async fn a_stream_that_fails_before_its_first_word_is_answered_elsewhere() {
    let cloud = FakeCloud::start().await;
    let config = home_and_cloud("hello", &cloud.base_url())
        .replace("dialect = \"openai\"", "dialect = \"anthropic\"")
        .replace("effort_field = \"reasoning_effort\"\n", "retries = 0\n");
    let gateway = Setup::new(&config).policy(&cloud_first()).start().await;
    // `message_start` alone says nothing yet.
    cloud.set(Behaviour::StreamError(1));
    for (path, body) in
        [("/v1/messages", ask_stream("auto", EASY)), ("/v1/chat/completions", chat_stream("auto", EASY))]
    {
        let answer = gateway.client().post(path, &body).await;
        assert_eq!(answer.header("x-hearthgate-zone"), "device", "{path}: {}", answer.text());
        assert!(answer.text().contains("Hello "), "{}", answer.text());
        assert!(!answer.text().contains("Overloaded"), "{}", answer.text());
    }
    assert_eq!(cloud.chats().len(), 2);
}

#[tokio::test]
async fn the_tokens_of_a_translated_answer_are_counted_and_cost() {
    let cloud = FakeCloud::start().await;
    let config = home_and_cloud("hello", &cloud.base_url())
        .replace("dialect = \"openai\"", "dialect = \"anthropic\"")
        .replace("effort_field = \"reasoning_effort\"\n", "");
    let gateway = Setup::new(&config).policy(&cloud_first()).start().await;
    let plain = gateway.client().chat(&chat("auto", EASY)).await;
    let usage = &plain.json()["usage"];
    let tokens = |name: &str| usage[name].as_f64().unwrap();
    let cost = (tokens("prompt_tokens") * 2.0 + tokens("completion_tokens") * 10.0) / 1e6;
    assert!((usage["cost_usd"].as_f64().unwrap() - cost).abs() < 1e-9, "{usage}");
    let told: f64 = plain.header("x-hearthgate-cost-usd").parse().unwrap();
    assert!((told - cost).abs() < 1e-9, "{told}");

    let streamed = gateway.client().chat(&chat_stream("auto", EASY)).await;
    let last = streamed.events().into_iter().rev().nth(1).unwrap().json();
    assert_eq!(&last["usage"], usage);
    let passed = gateway.client().post("/v1/messages", &ask("auto", EASY)).await;
    assert!(!passed.header("x-hearthgate-cost-usd").is_empty());
}

#[tokio::test]
async fn a_call_that_is_none_is_told_by_what_is_wrong_with_it() {
    let call = |function: serde_json::Value| json!({ "id": "a", "type": "function", "function": function });
    let nameless = call(json!({ "arguments": "{\"secret\":1}" }));
    let broken = call(json!({ "name": "f", "arguments": "{\"secret\":" }));
    let cloud = FakeCloud::start().await;
    let keys = "retries = 0\nbreaker_faults = 1000\nmodels =";
    let config = one_cloud(&cloud.base_url()).replace("models =", keys);
    let gateway = Setup::new(&config).policy(&all_to_cloud()).start().await;
    let surfaces = [
        ("/v1/chat/completions", chat("auto", EASY)),
        ("/v1/messages", ask("auto", EASY)),
        ("/v1/responses", json!({ "model": "auto", "input": EASY })),
        ("/api/generate", json!({ "model": "auto", "stream": false, "prompt": EASY })),
    ];
    let message = |call: &serde_json::Value| {
        json!({ "message": { "role": "assistant", "content": null, "tool_calls": [call] },
        "finish_reason": "tool_calls" })
    };
    for (path, body) in &surfaces {
        cloud.set(Behaviour::Choice(message(&nameless)));
        let answer = gateway.client().post(path, body).await;
        // What is passed on as it is, is the client's to read.
        let passed_on = path.contains("chat");
        assert_eq!(answer.status, if passed_on { 200 } else { 502 }, "{path}: {}", answer.text());
        assert!(passed_on || answer.text().contains("without naming it"), "{}", answer.text());
        assert!(passed_on || !answer.text().contains("secret"), "{}", answer.text());
        cloud.set(Behaviour::Choice(message(&broken)));
        let answer = gateway.client().post(path, body).await;
        // OpenAI's arguments are a text, whatever it says, and Ollama's are told as one argument.
        let wrong = path.contains("messages");
        assert_eq!(answer.status, if wrong { 502 } else { 200 }, "{path}: {}", answer.text());
        assert_eq!(answer.text().contains("arguments that are no JSON object"), wrong, "{}", answer.text());
        assert_eq!(answer.text().contains("secret"), !wrong, "{}", answer.text());
    }
    let metrics = gateway.admin().get("/metrics").await.text();
    assert!(metrics.contains("upstream_malformed_call"), "{metrics}");
}

#[tokio::test]
async fn a_call_that_its_provider_says_is_none_is_told_so() {
    let candidate =
        json!({ "parts": [], "finishReason": "MALFORMED_FUNCTION_CALL", "finishMessage": "secret" });
    let answers = [
        (Behaviour::Candidate(candidate), true),
        (
            Behaviour::Converse(
                json!({ "content": [{ "text": "secret" }], "stopReason": "malformed_tool_use" }),
            ),
            false,
        ),
    ];
    for (answer, gemini) in answers {
        let cloud = FakeCloud::start().await;
        cloud.set(answer);
        let config =
            if gemini { one_gemini(&cloud.url_below("/v1beta")) } else { one_bedrock(&cloud.url_below("")) };
        let config = config.replace("models =", "retries = 0\nmodels =");
        let gateway = Setup::new(&config).policy(&all_to_cloud()).start().await;
        for (path, body) in
            [("/v1/chat/completions", chat("auto", EASY)), ("/v1/messages", ask("auto", EASY))]
        {
            let answer = gateway.client().post(path, &body).await;
            assert_eq!(answer.status, 502, "{}", answer.text());
            assert!(answer.text().contains("the model made a call that is none"), "{}", answer.text());
            assert!(!answer.text().contains("secret"), "{}", answer.text());
        }
    }
}
