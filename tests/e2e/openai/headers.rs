//! What response headers tell, and which request headers are taken at their word.

use hearthgate_tests::client::Response;
use hearthgate_tests::configs::{EASY, HARD, PRIVATE, hard_to_cloud, home_and_cloud};
use hearthgate_tests::fake_cloud::{Behaviour, FakeCloud};
use hearthgate_tests::gateway::{Gateway, Setup};
use hearthgate_tests::openai::{MODEL, chat, chat_stream};

async fn gateway(cloud: &FakeCloud) -> Gateway {
    Setup::new(&home_and_cloud("hello", &cloud.base_url())).policy(&hard_to_cloud()).start().await
}

const NAMES: [&str; 6] = ["target", "zone", "label", "band", "effort", "rule"];

fn told(answer: &Response) -> [String; 6] {
    NAMES.map(|name| answer.header(&format!("x-hearthgate-{name}")))
}

#[tokio::test]
async fn an_answer_tells_where_it_came_from_and_why() {
    let cloud = FakeCloud::start().await;
    let gateway = gateway(&cloud).await;
    let frontier = format!("cloud/{MODEL}");
    let cases = [
        (EASY, ["device/home", "device", "public", "easy", "quick", "quick-at-home"]),
        (HARD, [frontier.as_str(), "cloud", "public", "hard", "deliberate", "frontier-for-hard"]),
    ];
    for (prompt, expected) in cases {
        for body in [chat("auto", prompt), chat_stream("auto", prompt)] {
            let answer = gateway.client().chat(&body).await;
            assert_eq!(told(&answer), expected, "{}", answer.text());
            assert!(answer.header("x-request-id").starts_with("req-"));
            let overhead = answer.header("x-hearthgate-overhead-us");
            assert!(overhead.parse::<u64>().is_ok_and(|micros| micros < 30_000_000), "{overhead:?}");
        }
    }
    let private = gateway.client().chat(&chat(&frontier, PRIVATE)).await;
    assert_eq!(told(&private)[..3], ["device/home", "device", "restricted"]);
}

#[tokio::test]
async fn the_cost_is_in_a_header_or_in_the_last_chunk() {
    let cloud = FakeCloud::start().await;
    let gateway = gateway(&cloud).await;
    let cost = |usage: &serde_json::Value| {
        let count = |name: &str| usage[name].as_f64().unwrap();
        (count("prompt_tokens") * 2.0 + count("completion_tokens") * 10.0) / 1e6
    };
    let near = |actual: f64, expected: f64| assert!((actual - expected).abs() < 1e-9, "{actual} {expected}");

    let plain = gateway.client().chat(&chat("auto", HARD)).await;
    near(plain.header("x-hearthgate-cost-usd").parse().unwrap(), cost(&plain.json()["usage"]));

    let stream = gateway.client().chat(&chat_stream("auto", HARD)).await;
    assert_eq!(stream.header("x-hearthgate-cost-usd"), "", "a stream's cost is not known at its head");
    let events = stream.events();
    let usage = events.iter().rev().nth(1).unwrap().json()["usage"].clone();
    near(usage["cost_usd"].as_f64().unwrap(), cost(&usage));

    let home = gateway.client().chat(&chat("auto", EASY)).await;
    near(home.header("x-hearthgate-cost-usd").parse().unwrap(), 0.0);
}

#[tokio::test]
async fn a_refusal_tells_what_is_known() {
    let cloud = FakeCloud::start().await;
    let gateway = gateway(&cloud).await;
    let unknown = gateway.client().chat(&chat("no-such-model", PRIVATE)).await;
    assert_eq!(unknown.status, 404);
    assert_eq!(unknown.header("x-hearthgate-label"), "restricted");
    assert_eq!(unknown.header("x-hearthgate-target"), "");
    assert!(unknown.header("x-request-id").starts_with("req-"));

    cloud.set(Behaviour::status(400));
    let faulty = gateway.client().chat(&chat("auto", HARD)).await;
    assert_eq!(faulty.status, 400, "{}", faulty.text());
    assert_eq!(faulty.header("x-hearthgate-rule"), "frontier-for-hard");
}

#[tokio::test]
async fn a_header_that_cannot_be_read_is_refused() {
    let cloud = FakeCloud::start().await;
    let gateway = gateway(&cloud).await;
    let long = "w".repeat(129);
    let cases = [
        ("x-hearthgate-label", "top-secret"),
        ("x-hearthgate-label", ""),
        ("x-hearthgate-label", "Public"),
        ("x-hearthgate-zone", "mars"),
        ("x-hearthgate-zone", "device, cloud"),
        ("x-hearthgate-zone", ""),
        ("x-hearthgate-effort", "high"),
        ("x-hearthgate-effort", ""),
        ("x-hearthgate-workflow", ""),
        ("x-hearthgate-workflow", long.as_str()),
        ("x-hearthgate-workflow", "grüße"),
    ];
    for (name, value) in cases {
        let answer = gateway.client().with(name, value).chat(&chat("auto", HARD)).await;
        assert_eq!(answer.status, 400, "{name}: {value:?}");
        let error = &answer.json()["error"];
        assert_eq!((&error["code"], &error["param"]), (&"invalid_header".into(), &name.into()), "{value:?}");
        assert!(value.is_empty() || !answer.text().contains(value), "{}", answer.text());
    }
    for (name, first, second) in [
        ("x-hearthgate-zone", "cloud", "device"),
        ("x-hearthgate-label", "public", "restricted"),
        ("x-hearthgate-workflow", "a", "a"),
    ] {
        let answer = gateway.client().with(name, first).with(name, second).chat(&chat("auto", HARD)).await;
        assert_eq!(answer.status, 400, "{name} twice");
    }
    assert!(cloud.requests().is_empty());
}

#[tokio::test]
async fn headers_that_tighten_are_obeyed() {
    let cloud = FakeCloud::start().await;
    let gateway = gateway(&cloud).await;
    let cases = [
        ("x-hearthgate-zone", "device", "zone", "device"),
        ("x-hearthgate-zone", "premises", "zone", "device"),
        ("x-hearthgate-label", "confidential", "label", "confidential"),
        ("x-hearthgate-label", "restricted", "zone", "device"),
    ];
    for (name, value, told, expected) in cases {
        let answer = gateway.client().with(name, value).chat(&chat("auto", HARD)).await;
        assert_eq!(answer.status, 200, "{name}: {value}");
        assert_eq!(answer.header(&format!("x-hearthgate-{told}")), expected, "{name}: {value}");
    }
    assert!(cloud.requests().is_empty());
    let loosened = gateway.client().with("x-hearthgate-label", "public").with("x-hearthgate-zone", "cloud");
    let answer = loosened.chat(&chat("auto", PRIVATE)).await;
    assert_eq!(answer.header("x-hearthgate-label"), "restricted", "a header never lowers a label");
    let quick = gateway.client().with("x-hearthgate-effort", "quick").chat(&chat("auto", HARD)).await;
    assert_eq!(quick.header("x-hearthgate-effort"), "quick");
}
