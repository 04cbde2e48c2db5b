//! Which of a permit's targets goes first: by wishes, by pace, by budgets, by the turn before.

use std::time::Duration;

use hearthgate_tests::client::Response;
use hearthgate_tests::configs::{HARD, client_key, device_only};
use hearthgate_tests::fake_cloud::{Behaviour, FakeCloud, Point};
use hearthgate_tests::gateway::{Gateway, Setup};
use hearthgate_tests::openai::{MODEL, chat};
use serde_json::{Value, json};

use crate::exposition::Exposition;

/// A model at home and two clouds, `one` and `two`, with these prices of a million tokens in and out.
fn config(clouds: [(&FakeCloud, Option<f64>); 2], more: &str) -> String {
    let mut config = device_only("hello");
    for (name, (cloud, usd)) in ["one", "two"].into_iter().zip(clouds) {
        let url = cloud.base_url();
        config += &format!(
            "[[upstream]]\nname = \"{name}\"\nzone = \"cloud\"\nbase_url = \"{url}\"\nmodels = [\"{MODEL}\"]\nretries = 0\n\
             private_addresses = true\n"
        );
        if let Some(usd) = usd {
            config += &format!(
                "[[price]]\ntarget = \"{name}/{MODEL}\"\ninput_usd_per_million = {usd}\noutput_usd_per_million = {usd}\n"
            );
        }
    }
    config + more
}

/// One route: both clouds, then home.
fn policy(keys: &str) -> String {
    format!("[[route]]\nname = \"all\"\nto = [\"one/{MODEL}\", \"two/{MODEL}\", \"device/*\"]\n{keys}\n")
}

/// Both clouds, and home where they are out of reach.
fn out_first(keys: &str) -> String {
    policy(keys).replace(", \"device/*\"", "") + "[[route]]\nname = \"home\"\nto = [\"device/*\"]\n"
}

async fn clouds() -> (FakeCloud, FakeCloud) {
    (FakeCloud::start().await, FakeCloud::start().await)
}

/// Which upstream answered, and which wishes the answer did not keep to.
fn told(answer: &Response) -> (String, String) {
    assert_eq!(answer.status, 200, "{}", answer.text());
    let target = answer.header("x-hearthgate-target");
    (target.split('/').next().unwrap().to_owned(), answer.header("x-hearthgate-unmet"))
}

async fn ask(gateway: &Gateway, model: &str, header: (&str, &str)) -> (String, String) {
    told(&gateway.client().with(header.0, header.1).chat(&chat(model, "hi")).await)
}

fn is(target: &str, unmet: &str) -> (String, String) {
    (target.to_owned(), unmet.to_owned())
}

fn records(gateway: &Gateway) -> Vec<Value> {
    let record = std::fs::read_to_string(gateway.folder().join("audit.jsonl")).unwrap();
    record.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[tokio::test]
async fn a_cost_that_is_wished_passes_dearer_targets_over_and_is_told_where_none_keeps_to_it() {
    const COST: &str = "x-hearthgate-cost-max-usd";
    let (one, two) = clouds().await;
    let config = config([(&one, Some(4000.0)), (&two, Some(1.0))], "");
    let mut gateway = Setup::new(&config).policy(&out_first("")).start().await;
    assert_eq!(ask(&gateway, "auto", ("x-other", "1")).await, is("one", ""));
    assert_eq!(ask(&gateway, "auto", (COST, "0.002")).await, is("two", ""));
    assert_eq!(ask(&gateway, "one/fake-frontier", (COST, "0.002")).await, is("two", "model"));
    assert_eq!(ask(&gateway, "auto", (COST, "0.000000001")).await, is("two", "cost"));
    let refused = gateway.client().with(COST, "-1").chat(&chat("auto", "hi")).await;
    assert_eq!(refused.status, 400, "{}", refused.text());
    let metrics = Exposition::scrape(&gateway).await;
    assert_eq!(metrics.sum("hearthgate_wishes_unmet_total", &[("wish", "cost")]), 1.0);
    gateway.sigterm();
    gateway.exit().await;
    let lines = records(&gateway);
    let dear: Vec<&Value> = lines.iter().filter_map(|line| line.get("dear")).collect();
    let both = json!(["two/fake-frontier", "one/fake-frontier"]);
    assert_eq!(dear, [&json!(["one/fake-frontier"]), &json!(["one/fake-frontier"]), &both]);
    let unmet: Vec<&Value> = lines.iter().filter_map(|line| line.get("unmet")).collect();
    assert_eq!(unmet, [&json!(["model"]), &json!(["cost"])]);
}

#[tokio::test]
async fn an_unknown_price_keeps_to_no_cost_unless_the_site_says_so() {
    let (one, two) = clouds().await;
    let prices = [(&one, None), (&two, Some(1.0))];
    let cost = ("x-hearthgate-cost-max-usd", "0.01");
    let gateway = Setup::new(&config(prices, "")).policy(&policy("")).start().await;
    assert_eq!(ask(&gateway, "auto", cost).await, is("two", ""));
    let passing = config(prices, "[choice]\nunknown_prices_pass = true\n");
    let gateway = Setup::new(&passing).policy(&policy("")).start().await;
    assert_eq!(ask(&gateway, "auto", cost).await, is("one", ""));
}

#[tokio::test]
async fn keys_and_workflows_wish_too_and_the_tightest_counts() {
    let (one, two) = clouds().await;
    let known = "[[workflow]]\nname = \"autocomplete\"\neffort = \"quick\"\nzone = \"device\"\nlatency_max_ms = 60000\n\
        [[workflow]]\nname = \"cheap\"\ncost_max_usd = 0.002\n";
    let keys = client_key("anna", "") + &client_key("ben", "cost_max_usd = 0.002") + known;
    let gateway = Setup::new(&config([(&one, Some(4000.0)), (&two, Some(1.0))], &keys))
        .policy(&policy(""))
        .start()
        .await;
    let by = |name: &str, header: (&str, &str)| {
        gateway.client().with("x-api-key", &format!("key-of-{name}")).with(header.0, header.1)
    };
    let (nothing, workflow) = (("x-other", "1"), "x-hearthgate-workflow");
    assert_eq!(told(&by("anna", nothing).chat(&chat("auto", "hi")).await), is("one", ""));
    assert_eq!(told(&by("ben", nothing).chat(&chat("auto", "hi")).await), is("two", ""));
    assert_eq!(told(&by("anna", (workflow, "cheap")).chat(&chat("auto", "hi")).await), is("two", ""));
    let quick = by("anna", (workflow, "autocomplete")).chat(&chat("auto", HARD)).await;
    assert_eq!((told(&quick), quick.header("x-hearthgate-effort").as_str()), (is("device", ""), "quick"));
    // A wider wish of the request's does not widen.
    let wider = by("ben", ("x-hearthgate-cost-max-usd", "100")).chat(&chat("auto", "hi")).await;
    assert_eq!(told(&wider), is("two", ""));
}

/// Has `one` take a while for one answer.
async fn slow(gateway: &Gateway, one: &FakeCloud) {
    one.set(Behaviour::Sequence(vec![Behaviour::Stall(Point::BeforeHeaders), Behaviour::Chat]));
    let (client, body) = (gateway.client(), chat("one/fake-frontier", "hi"));
    let asked = tokio::spawn(async move { client.chat(&body).await });
    one.stalled(1).await;
    // What is measured is time itself.
    tokio::time::sleep(Duration::from_millis(600)).await;
    one.release();
    assert_eq!(told(&asked.await.unwrap()).0, "one");
}

#[tokio::test]
async fn a_time_that_is_wished_passes_slow_targets_over_and_is_told_where_it_was_not_kept() {
    const TIME: &str = "x-hearthgate-latency-max-ms";
    let (one, two) = clouds().await;
    let gateway = Setup::new(&config([(&one, None), (&two, None)], "")).policy(&policy("")).start().await;
    slow(&gateway, &one).await;
    assert_eq!(ask(&gateway, "auto", ("x-other", "1")).await, is("one", ""));
    slow(&gateway, &one).await;
    assert_eq!(ask(&gateway, "auto", (TIME, "100")).await, is("two", ""));
    assert_eq!(ask(&gateway, "auto", (TIME, "60000")).await, is("one", ""));
    // What nobody keeps to is told by what was measured.
    two.set(Behaviour::Stall(Point::BeforeHeaders));
    let (client, body) = (gateway.client().with(TIME, "50"), chat("two/fake-frontier", "hi"));
    let asked = tokio::spawn(async move { client.chat(&body).await });
    two.stalled(1).await;
    tokio::time::sleep(Duration::from_millis(100)).await;
    two.release();
    assert_eq!(told(&asked.await.unwrap()), is("two", "latency"));
    let metrics = Exposition::scrape(&gateway).await;
    let expected = metrics.sum(
        "hearthgate_expected_first_token_seconds",
        &[("model", "one/fake-frontier"), ("answer", "whole")],
    );
    assert!((0.1..0.7).contains(&expected), "{expected}");
}

#[tokio::test]
async fn the_fastest_of_a_routes_targets_goes_first() {
    let (one, two) = clouds().await;
    let fastest = out_first("choose = \"fastest\"");
    let mut gateway = Setup::new(&config([(&one, None), (&two, None)], "")).policy(&fastest).start().await;
    slow(&gateway, &one).await;
    // The other has not been tried yet; then it is known to be the faster.
    for _ in 0..3 {
        assert_eq!(ask(&gateway, "auto", ("x-other", "1")).await, is("two", ""));
    }
    two.set(Behaviour::status(503));
    assert_eq!(ask(&gateway, "auto", ("x-other", "1")).await, is("one", ""), "it falls back in order");
    gateway.sigterm();
    gateway.exit().await;
    let lines = records(&gateway);
    let pace: Vec<&Value> = lines.iter().filter_map(|line| line.get("pace")).collect();
    assert_eq!(pace[1]["one/fake-frontier"], "1s", "{pace:?}");
    assert!(pace[2].get("two/fake-frontier").is_some(), "{pace:?}");
}

#[tokio::test]
async fn a_spent_budget_stays_home_deliberates_and_outlives_reload_and_restart() {
    let (one, two) = clouds().await;
    let own = "[budgets]\nfile = \"budgets.json\"\n[[budget]]\nname = \"site\"\nusd = 0.0001\nper = \"month\"\nlow = 0.99\n";
    let routes = "[[route]]\nname = \"budget-spent\"\nwhen = { budget = \"exhausted\" }\nto = [\"device/*\"]\nonly = true\n\
        effort = \"deliberate\"\n[[route]]\nname = \"little-left\"\nwhen = { budget = \"low\" }\nto = [\"two/*\"]\n";
    let config = config([(&one, Some(1.0)), (&two, Some(1000.0))], own);
    let policy = format!("{routes}{}", policy(""));
    let setup = Setup::new(&config).policy(&policy);
    let mut gateway = setup.start().await;
    let nothing = ("x-other", "1");
    assert_eq!(ask(&gateway, "auto", nothing).await.0, "one");
    assert_eq!(ask(&gateway, "auto", nothing).await.0, "two", "little is left");
    let spent = gateway.client().chat(&chat("one/fake-frontier", "hi")).await;
    assert_eq!(told(&spent), is("device", "model"));
    assert_eq!(
        (spent.header("x-hearthgate-rule"), spent.header("x-hearthgate-effort")),
        ("budget-spent".to_owned(), "deliberate".to_owned())
    );
    let metrics = Exposition::scrape(&gateway).await;
    assert_eq!(metrics.sum("hearthgate_budget_state", &[("budget", "site")]), 2.0);
    assert!(metrics.sum("hearthgate_budget_spent_usd", &[]) > 0.0001);
    gateway.reload("policy.toml", &policy);
    gateway.said("configuration reloaded").await;
    assert_eq!(ask(&gateway, "auto", nothing).await.0, "device");
    gateway.sigterm();
    gateway.exit().await;
    let budgets = std::fs::read_to_string(gateway.folder().join("budgets.json")).unwrap();
    let states: Vec<Value> =
        records(&gateway).iter().filter_map(|line| line.get("budget").cloned()).collect();
    assert_eq!(states, ["low", "exhausted", "exhausted"]);
    let again = Setup::new(&config).policy(&policy).file("budgets.json", &budgets).start().await;
    assert_eq!(ask(&again, "auto", nothing).await.0, "device");
    let told = Setup::new(&config).policy(&policy).file("budgets.json", "{").try_start().await;
    let finished = told.err().unwrap();
    assert!(finished.stderr.contains("budgets.json"), "{}", finished.stderr);
}

#[tokio::test]
async fn the_shipped_policy_spends_nothing_more() {
    let (one, two) = clouds().await;
    let own = "[[budget]]\nname = \"site\"\nusd = 0.000001\nper = \"day\"\n";
    let config =
        config([(&one, Some(1.0)), (&two, Some(1.0))], own).replace("[policy]\nfile = \"policy.toml\"\n", "");
    let gateway = Setup::new(&config).start().await;
    let (client, hard) = (gateway.client(), chat("auto", HARD));
    assert_eq!(told(&client.chat(&hard).await).0, "one");
    let answer = client.chat(&hard).await;
    assert_eq!(
        (told(&answer).0.as_str(), answer.header("x-hearthgate-effort").as_str()),
        ("device", "deliberate")
    );
    let finished = Setup::new(&config).command(&["check", "--config", "hearthgate.toml"], b"").await;
    for said in
        ["except with budget exhausted", "site: 0.000001 per day of everybody; low from 0.0000002 left"]
    {
        assert!(finished.stdout.contains(said), "{}{}", finished.stdout, finished.stderr);
    }
}

/// A conversation that began with the hard task.
async fn turn(gateway: &Gateway, turns: &[&str]) -> (String, String) {
    let roles = ["user", "assistant"].into_iter().cycle();
    let all = std::iter::once(HARD).chain(turns.iter().copied());
    let messages: Vec<Value> =
        roles.zip(all).map(|(role, text)| json!({"role": role, "content": text})).collect();
    let answer = gateway.client().chat(&json!({"model": "auto", "messages": messages})).await;
    (told(&answer).0, answer.header("x-hearthgate-rule"))
}

fn by_band(difficulty: &str) -> String {
    format!(
        "[difficulty]\n{difficulty}\n[[route]]\nname = \"hard\"\nwhen = {{ band = \"hard\" }}\nto = [\"one/{MODEL}\", \"two/{MODEL}\"]\n\
         [[route]]\nname = \"rest\"\nto = [\"two/{MODEL}\", \"one/{MODEL}\", \"device/*\"]\n"
    )
}

#[tokio::test]
async fn a_conversation_stays_where_a_score_is_near_and_leaves_where_it_is_not() {
    let (one, two) = clouds().await;
    let config = config([(&one, None), (&two, None)], "");
    let near = Setup::new(&config).policy(&by_band("hard = 0.45\nmargin = 0.45")).start().await;
    let (hard, rest) = (("one".to_owned(), "hard".to_owned()), ("two".to_owned(), "rest".to_owned()));
    let thanks = ["Here it is.", "Thanks!"];
    assert_eq!(turn(&near, &thanks).await, rest, "nothing is known of it yet");
    assert_eq!(turn(&near, &[]).await, hard);
    assert_eq!(turn(&near, &thanks).await, hard, "it stays");
    let far = Setup::new(&config).policy(&by_band("hard = 0.45\nmargin = 0.0")).start().await;
    assert_eq!(turn(&far, &[]).await, hard);
    assert_eq!(turn(&far, &thanks).await, rest);
    let off = format!("{config}[choice]\nstay_minutes = 0\n");
    let off = Setup::new(&off).policy(&by_band("hard = 0.45\nmargin = 0.45")).start().await;
    assert_eq!(turn(&off, &[]).await, hard);
    assert_eq!(turn(&off, &thanks).await, rest);
}

#[tokio::test]
async fn a_conversation_stays_where_its_beginning_is_cached_while_that_saves() {
    let (one, two) = clouds().await;
    let usage = json!({"prompt_tokens": 2000, "completion_tokens": 10, "total_tokens": 2010});
    one.set(Behaviour::Choice(json!({
        "message": {"role": "assistant", "content": "Yes."}, "finish_reason": "stop", "usage": usage
    })));
    let prices = |cached: &str| {
        let text = config([(&one, Some(2.0)), (&two, Some(2.0))], "");
        text.replacen("output_usd_per_million = 2\n", &format!("output_usd_per_million = 2\n{cached}\n"), 1)
    };
    let policy = by_band("hard = 0.45\nmargin = 0.0");
    let thanks = ["Here it is.", "Thanks!"];
    for (cached, stays) in [("cached_usd_per_million = 0.2", "one"), ("", "two")] {
        let gateway = Setup::new(&prices(cached)).policy(&policy).start().await;
        assert_eq!(turn(&gateway, &[]).await.0, "one");
        // The same number of answer tokens is expected of both once both have answered.
        two.set(Behaviour::Choice(json!({
            "message": {"role": "assistant", "content": "Yes."}, "finish_reason": "stop", "usage": usage
        })));
        assert_eq!(told(&gateway.client().chat(&chat("two/fake-frontier", "hi")).await).0, "two");
        assert_eq!(turn(&gateway, &thanks).await, (stays.to_owned(), "rest".to_owned()), "{cached}");
    }
}

#[tokio::test]
async fn what_stood_in_for_another_is_not_stayed_with() {
    let (one, two) = clouds().await;
    let policy = by_band("hard = 0.45\nmargin = 0.45");
    let gateway = Setup::new(&config([(&one, None), (&two, None)], "")).policy(&policy).start().await;
    one.set(Behaviour::status(503));
    assert_eq!(turn(&gateway, &[]).await.0, "two");
    one.set(Behaviour::Chat);
    assert_eq!(turn(&gateway, &["Here it is.", HARD]).await.0, "one");
}

#[tokio::test]
async fn a_model_is_told_in_its_own_words_and_how_long_it_thought_is_recorded() {
    let cloud = FakeCloud::start().await;
    let config = device_only("hello")
        + &format!(
            "[[upstream]]\nname = \"cloud\"\nzone = \"cloud\"\nbase_url = \"{}\"\nmodels = [\"gpt-5.1\", \"gpt-5.9\", \"house\"]\n\
             quirks = \"openai\"\nprivate_addresses = true\n[[family]]\nname = \"house\"\neffort = \"reasoning_effort\"\n\
             levels = [\"medium\", \"high\"]\n",
            cloud.base_url()
        );
    let policy = "[[route]]\nname = \"all\"\nto = [\"cloud/*\", \"device/*\"]\neffort = \"quick\"\n";
    let mut gateway = Setup::new(&config).policy(policy).start().await;
    cloud.set(Behaviour::Choice(json!({
        "message": {"role": "assistant", "content": "Yes."}, "finish_reason": "stop",
        "usage": {"prompt_tokens": 9, "completion_tokens": 20, "total_tokens": 29,
            "completion_tokens_details": {"reasoning_tokens": 17}}
    })));
    for (model, own, sent, unmet) in [
        ("cloud/gpt-5.1", json!({}), json!("none"), ""),
        ("cloud/gpt-5.1", json!({"reasoning_effort": "minimal"}), json!("none"), ""),
        ("cloud/gpt-5.1", json!({"reasoning_effort": "high"}), json!("high"), ""),
        ("cloud/gpt-5.1", json!({"temperature": 0.5}), Value::Null, ""),
        ("cloud/house", json!({}), json!("medium"), ""),
        // Nobody knows how that one is told; the client's own word goes with its body.
        ("cloud/gpt-5.9", json!({}), Value::Null, ""),
        ("cloud/gpt-5.9", json!({"reasoning_effort": "high"}), json!("high"), ""),
    ] {
        let mut body = chat(model, "hi");
        body.as_object_mut().unwrap().extend(own.as_object().unwrap().clone());
        let answer = gateway.client().chat(&body).await;
        assert_eq!(told(&answer), is("cloud", unmet), "{model} {own}");
        assert_eq!(cloud.chats().last().unwrap().json()["reasoning_effort"], sent, "{model} {own}");
    }
    let mut tiered = chat("device/home", "hi");
    tiered["service_tier"] = json!("flex");
    assert_eq!(told(&gateway.client().chat(&tiered).await), is("device", "service_tier"));
    let wished =
        gateway.client().with("x-hearthgate-effort", "deliberate").chat(&chat("cloud/gpt-5.9", "hi")).await;
    assert_eq!(told(&wished), is("cloud", "effort"));
    let metrics = Exposition::scrape(&gateway).await;
    let thought = [("model", "cloud/gpt-5.1"), ("effort", "quick")];
    assert_eq!(metrics.sum("hearthgate_reasoning_tokens_total", &thought), 51.0);
    gateway.sigterm();
    gateway.exit().await;
    let lines = records(&gateway);
    let asked: Vec<&Value> = lines.iter().filter_map(|line| line.get("effort_asked")).collect();
    assert_eq!(asked, ["quick", "deliberate", "deliberate", "deliberate"]);
    let thought = |line: &&Value| line["kind"] == "outcome" && line["target"] != "device/home";
    assert!(lines.iter().filter(thought).all(|line| line["reasoning_tokens"] == 17));
}
