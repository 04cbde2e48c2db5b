//! A provider's faults, as clients of either dialect see them.

use hearthgate_tests::anthropic::{ask, ask_stream};
use hearthgate_tests::configs::{EASY, all_to_cloud, cloud_first, home_and_cloud, one_anthropic};
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
        .replace("effort_field = \"reasoning_effort\"\n", "");
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
