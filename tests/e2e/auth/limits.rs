//! How much a caller may ask: requests and tokens per minute.
//!
//! What is used up comes back evenly over a minute, so each test uses so few that nothing comes back while
//! it runs.

use hearthgate_tests::client::{Client, Response};
use hearthgate_tests::configs::{EASY, all_at_home, client_key, device_only};
use hearthgate_tests::gateway::{Gateway, Setup};
use hearthgate_tests::openai::chat;
use serde_json::json;

use crate::exposition::Exposition;

async fn gateway(keys: &[String]) -> Gateway {
    Setup::new(&(device_only("hello") + &keys.concat())).policy(&all_at_home()).start().await
}

fn caller(gateway: &Gateway, name: &str) -> Client {
    gateway.client().with("authorization", &format!("Bearer key-of-{name}"))
}

async fn ask(client: &Client, max_tokens: u32) -> Response {
    let mut body = chat("auto", EASY);
    body["max_tokens"] = json!(max_tokens);
    client.chat(&body).await
}

fn number(answer: &Response, header: &str) -> u64 {
    let text = answer.header(header);
    text.parse().unwrap_or_else(|_| panic!("{header}: {text:?}"))
}

#[tokio::test]
async fn requests_beyond_the_quota_are_told_when_to_come_back() {
    let gateway = gateway(&[client_key("ann", "requests_per_minute = 2"), client_key("ben", "")]).await;
    let ann = caller(&gateway, "ann");
    for remaining in [1, 0] {
        let answer = ask(&ann, 10).await;
        assert_eq!(answer.status, 200);
        assert_eq!(number(&answer, "x-ratelimit-limit-requests"), 2);
        assert_eq!(number(&answer, "x-ratelimit-remaining-requests"), remaining);
        assert!(!answer.header("x-ratelimit-reset-requests").is_empty());
        assert_eq!(answer.header("x-ratelimit-limit-tokens"), "", "there is no such limit");
    }
    let refused = ask(&ann, 10).await;
    assert_eq!(refused.status, 429);
    assert!((1..=30).contains(&number(&refused, "retry-after")), "{}", refused.header("retry-after"));
    assert_eq!(number(&refused, "x-ratelimit-limit-requests"), 2);
    assert_eq!(number(&refused, "x-ratelimit-remaining-requests"), 0);
    let error = &refused.json()["error"];
    assert_eq!(error["code"], "rate_limit_exceeded");
    assert!(error["message"].as_str().unwrap().contains('2'), "{error}");
    assert!(refused.header("x-request-id").starts_with("req-"));

    let ben = ask(&caller(&gateway, "ben"), 10).await;
    assert_eq!(ben.status, 200, "another caller has a quota of its own");
    assert_eq!(ben.header("x-ratelimit-limit-requests"), "");
    let metrics = Exposition::scrape(&gateway).await;
    assert_eq!(metrics.sum("hearthgate_rate_limited_total", &[("kind", "requests")]), 1.0);
}

#[tokio::test]
async fn tokens_are_reserved_and_what_was_not_used_comes_back() {
    let gateway = gateway(&[client_key("ann", "tokens_per_minute = 1000")]).await;
    let ann = caller(&gateway, "ann");
    let first = ask(&ann, 800).await;
    assert_eq!(first.status, 200);
    assert_eq!(number(&first, "x-ratelimit-limit-tokens"), 1000);
    let while_it_ran = number(&first, "x-ratelimit-remaining-tokens");
    assert!(while_it_ran < 200, "{while_it_ran}");
    // The answer had five words, so there is room for as large a request again.
    let second = ask(&ann, 800).await;
    assert_eq!(second.status, 200, "{}", second.text());
}

#[tokio::test]
async fn tokens_beyond_the_quota_are_refused() {
    let gateway = gateway(&[client_key("ann", "tokens_per_minute = 1000")]).await;
    let ann = caller(&gateway, "ann");
    let never = ask(&ann, 2000).await;
    assert_eq!(never.status, 429);
    assert_eq!(never.json()["error"]["code"], "rate_limit_exceeded");
    assert_eq!(never.header("retry-after"), "", "no waiting helps");
    assert_eq!(number(&never, "x-ratelimit-limit-tokens"), 1000);
    assert_eq!(number(&never, "x-ratelimit-remaining-tokens"), 1000, "it used nothing");
    assert_eq!(ask(&ann, 900).await.status, 200);
    let metrics = Exposition::scrape(&gateway).await;
    assert_eq!(metrics.sum("hearthgate_rate_limited_total", &[("kind", "tokens")]), 1.0);
}

#[tokio::test]
async fn tokens_of_requests_that_run_are_held() {
    let config = device_only("endless") + &client_key("ann", "tokens_per_minute = 1000");
    let gateway = Setup::new(&config).policy(&all_at_home()).start().await;
    let ann = caller(&gateway, "ann");
    let mut body = hearthgate_tests::openai::chat_stream("auto", EASY);
    body["max_tokens"] = json!(900);
    let mut running = ann.chat_stream(&body).await;
    assert!(running.event().await.is_some());
    let refused = ask(&ann, 900).await;
    assert_eq!(refused.status, 429, "{}", refused.text());
    assert!(number(&refused, "retry-after") >= 1);
    running.hang_up();
}

#[tokio::test]
async fn limits_apply_without_keys_too() {
    let config = device_only("hello") + "\n[limits]\nrequests_per_minute = 1\n";
    let gateway = Setup::new(&config).policy(&all_at_home()).start().await;
    assert_eq!(ask(&gateway.client(), 10).await.status, 200);
    assert_eq!(ask(&gateway.client(), 10).await.status, 429);
    assert_eq!(gateway.client().get("/v1/models").await.status, 200, "only chats are counted");
}

#[tokio::test]
async fn what_is_no_request_counts_as_one() {
    let key = client_key("ann", "requests_per_minute = 3\ntokens_per_minute = 1000");
    let gateway = gateway(&[key, client_key("ben", "")]).await;
    let ann = caller(&gateway, "ann");
    for (body, remaining) in [("{\"model\":", 2), ("{\"model\":1,\"messages\":[]}", 1)] {
        let answer = ann.post_bytes("/v1/chat/completions", body).await;
        assert_eq!(answer.status, 400, "{}", answer.text());
        assert_eq!(number(&answer, "x-ratelimit-remaining-requests"), remaining);
        assert_eq!(number(&answer, "x-ratelimit-remaining-tokens"), 1000, "no model saw it");
    }
    assert_eq!(ask(&ann, 10).await.status, 200);
    let refused = ann.post_bytes("/v1/chat/completions", "{\"model\":").await;
    assert_eq!(refused.status, 429, "{}", refused.text());
    assert!(!refused.header("retry-after").is_empty());
    assert_eq!(ask(&ann, 10).await.status, 429);
    assert_eq!(caller(&gateway, "ben").post_bytes("/v1/chat/completions", "{").await.status, 400);
}

#[tokio::test]
async fn a_reload_gives_nobody_a_fresh_quota() {
    let config = device_only("hello") + &client_key("ann", "requests_per_minute = 1");
    let gateway = Setup::new(&config).policy(&all_at_home()).start().await;
    let ann = caller(&gateway, "ann");
    assert_eq!(ask(&ann, 10).await.status, 200);
    assert_eq!(ask(&ann, 10).await.status, 429);
    assert_eq!(gateway.admin().post_bytes("/reload", "").await.status, 200);
    assert_eq!(ask(&ann, 10).await.status, 429);
    std::fs::write(gateway.folder().join("hearthgate.toml"), config + &client_key("ben", "")).unwrap();
    assert_eq!(gateway.admin().post_bytes("/reload", "").await.status, 200);
    assert_eq!(ask(&caller(&gateway, "ben"), 10).await.status, 200);
    assert_eq!(ask(&ann, 10).await.status, 429, "another caller's key changes nothing for this one");
}
