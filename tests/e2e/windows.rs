//! Requests that are longer than what a target reads, and what answers cost.

use hearthgate_tests::client::Response;
use hearthgate_tests::fake_cloud::{Behaviour, FakeCloud};
use hearthgate_tests::gateway::{Gateway, Setup};
use hearthgate_tests::openai::{MODEL, chat};
use serde_json::json;

use crate::exposition::Exposition;

/// Two clouds; what each reads, if that is said.
async fn gateway(clouds: &[(&str, &FakeCloud, Option<u64>)], more: &str) -> Gateway {
    let upstreams: String = clouds
        .iter()
        .map(|(name, cloud, window)| {
            let window = window.map_or(String::new(), |tokens| {
                format!("[[window]]\ntarget = \"{name}/{MODEL}\"\ncontext_tokens = {tokens}\n")
            });
            let url = cloud.base_url();
            format!(
                "[[upstream]]\nname = \"{name}\"\nzone = \"cloud\"\nbase_url = \"{url}\"\nmodels = [\"{MODEL}\"]\nretries = 0\n\
                 {window}"
            )
        })
        .collect();
    let targets: Vec<_> = clouds.iter().map(|(name, ..)| format!("\"{name}/{MODEL}\"")).collect();
    let config = format!(
        "[server]\nlisten = \"127.0.0.1:0\"\nadmin_listen = \"127.0.0.1:0\"\nworkers = 1\n{upstreams}{more}\
         [audit]\nfile = \"audit.jsonl\"\n[policy]\nfile = \"policy.toml\"\n"
    );
    let policy = format!("[[route]]\nname = \"all\"\nto = [{}]\n", targets.join(", "));
    Setup::new(&config).policy(&policy).start().await
}

/// Of so many words.
fn words(count: usize) -> String {
    vec!["word"; count].join(" ")
}

async fn ask(gateway: &Gateway, count: usize) -> Response {
    gateway.client().chat(&chat("auto", &words(count))).await
}

#[tokio::test]
async fn a_long_request_goes_to_the_target_that_reads_it() {
    let (small, large) = (FakeCloud::start().await, FakeCloud::start().await);
    let gateway = gateway(&[("small", &small, Some(100)), ("large", &large, Some(1000))], "").await;
    assert_eq!(ask(&gateway, 50).await.header("x-hearthgate-target"), "small/fake-frontier");
    assert_eq!(ask(&gateway, 500).await.header("x-hearthgate-target"), "large/fake-frontier");
    assert_eq!((small.chats().len(), large.chats().len()), (1, 1));
    let metrics = Exposition::scrape(&gateway).await;
    assert_eq!(metrics.sum("hearthgate_window_exceeded_total", &[("model", "small/fake-frontier")]), 1.0);
    assert_eq!(metrics.sum("hearthgate_window_exceeded_total", &[]), 1.0);
}

#[tokio::test]
async fn what_no_target_reads_is_refused_with_the_numbers_in_every_dialect() {
    let (small, large) = (FakeCloud::start().await, FakeCloud::start().await);
    let gateway = gateway(&[("large", &large, Some(1000)), ("small", &small, Some(100))], "").await;
    let text = words(2000);
    let said = "prompt is too long: at least 2003 tokens > 1000 maximum";
    let answer = gateway.client().chat(&chat("auto", &text)).await;
    let error = &answer.json()["error"];
    assert_eq!((answer.status.as_u16(), &error["code"]), (400, &json!("context_length_exceeded")));
    assert!(error["message"].as_str().unwrap().starts_with("prompt is too long: at least 200"), "{error}");
    assert!(error["message"].as_str().unwrap().contains("large/fake-frontier"), "{error}");

    let body = json!({"model": "auto", "max_tokens": 9, "messages": [{"role": "user", "content": &text}]});
    let answer = gateway.client().post("/v1/messages", &body).await;
    assert_eq!(
        (answer.status.as_u16(), &answer.json()["error"]["type"]),
        (400, &json!("invalid_request_error"))
    );
    let message = answer.json()["error"]["message"].as_str().unwrap().to_owned();
    assert!(message.starts_with(&said[..said.find("2003").unwrap()]), "{message}");

    let body = json!({"model": "auto", "input": &text});
    let answer = gateway.client().post("/v1/responses", &body).await;
    let error = &answer.json()["error"];
    assert_eq!((&error["code"], &error["param"]), (&json!("context_length_exceeded"), &json!("input")));
    assert!(error["message"].as_str().unwrap().contains("shorten `input`"), "{error}");
    assert!(small.connections().is_empty() && large.connections().is_empty());
}

#[tokio::test]
async fn what_an_upstream_finds_too_long_goes_on() {
    let (small, large) = (FakeCloud::start().await, FakeCloud::start().await);
    let gateway = gateway(&[("small", &small, None), ("large", &large, None)], "").await;
    let words = r#"{"error":{"message":"This model's maximum context length is 8192 tokens.","type":"invalid_request_error","param":"messages","code":"context_length_exceeded"}}"#;
    let refusal = || Behaviour::Status { code: 400, body: Some(words.to_owned()), retry_after: None };
    small.set(refusal());
    assert_eq!(ask(&gateway, 5).await.header("x-hearthgate-target"), "large/fake-frontier");
    // A target that fails otherwise might have answered, and that is what the client is told.
    small.set(Behaviour::status(503));
    large.set(refusal());
    assert_eq!(ask(&gateway, 5).await.status, 503);
    small.set(refusal());
    let answer = ask(&gateway, 5).await;
    assert_eq!((answer.status.as_u16(), answer.text().as_str()), (400, words));
}

#[tokio::test]
async fn what_a_provider_read_from_its_cache_costs_what_that_costs() {
    let cloud = FakeCloud::start().await;
    let price = format!(
        "[[price]]\ntarget = \"cloud/{MODEL}\"\ninput_usd_per_million = 2.0\noutput_usd_per_million = 10.0\n\
         cached_usd_per_million = 0.5\n"
    );
    let gateway = gateway(&[("cloud", &cloud, None)], &price).await;
    cloud.set(Behaviour::Choice(json!({
        "message": {"role": "assistant", "content": "Yes."}, "finish_reason": "stop",
        "usage": {"prompt_tokens": 1000, "completion_tokens": 100, "total_tokens": 1100,
            "prompt_tokens_details": {"audio_tokens": 0, "cached_tokens": 800}}
    })));
    // 200 of the prompt, 800 of the cache and 100 of the answer.
    let told = "0.0018";
    assert_eq!(ask(&gateway, 5).await.header("x-hearthgate-cost-usd"), told);
    let body = json!({"model": "auto", "max_tokens": 9, "messages": [{"role": "user", "content": "hi"}]});
    let answer = gateway.client().post("/v1/messages", &body).await;
    assert_eq!(answer.header("x-hearthgate-cost-usd"), told, "translated: {}", answer.text());
}

#[tokio::test]
async fn a_cost_that_is_not_known_is_not_nothing() {
    let (priced, other) = (FakeCloud::start().await, FakeCloud::start().await);
    let price = format!(
        "[[price]]\ntarget = \"priced/{MODEL}\"\ninput_usd_per_million = 2.0\noutput_usd_per_million = 10.0\n"
    );
    let mut gateway = gateway(&[("priced", &priced, None), ("other", &other, None)], &price).await;
    let answer = ask(&gateway, 5).await;
    let cost: f64 = answer.header("x-hearthgate-cost-usd").parse().unwrap();
    assert!(cost > 0.0);
    priced.set(Behaviour::status(500));
    assert_eq!(ask(&gateway, 5).await.header("x-hearthgate-cost-usd"), "");
    let metrics = Exposition::scrape(&gateway).await;
    assert!((metrics.sum("hearthgate_cost_usd_total", &[]) - cost).abs() < 1e-9, "{}", metrics.text);
    let unknown = [("model", "other/fake-frontier"), ("missing", "price")];
    assert_eq!(metrics.sum("hearthgate_unknown_cost_total", &unknown), 1.0);
    assert_eq!(metrics.sum("hearthgate_unknown_cost_total", &[]), 1.0);
    gateway.sigterm();
    assert_eq!(gateway.exit().await.code(), Some(0));
    let record = std::fs::read_to_string(gateway.folder().join("audit.jsonl")).unwrap();
    let costs: Vec<_> = record.lines().filter(|line| line.contains("\"cost_usd\":")).collect();
    assert_eq!(costs.len(), 1, "{record}");
}
