//! The usage that the gateway asks for is shown to those who asked, with its cost, and hidden from others.

use hearthgate_tests::fake_cloud::FakeCloud;
use hearthgate_tests::gateway::Gateway;
use hearthgate_tests::openai::{self, chat, chat_stream};
use hearthgate_tests::sse::Event;
use serde_json::{Value, json};

use super::during::stream_of;
use super::{ASKED, STEADY, Setting};

const PRICE: &str = "[[price]]\ntarget = \"cloud/fake-frontier\"\ninput_usd_per_million = 1000.0\noutput_usd_per_million = 2000.0\n";

async fn start(price: &str) -> (FakeCloud, Gateway) {
    let cloud = FakeCloud::start().await;
    let gateway = Setting::new().cloud("cloud", &cloud, STEADY).and(price).start().await;
    (cloud, gateway)
}

async fn events(gateway: &Gateway, body: &Value) -> Vec<Event> {
    gateway.client().chat_stream(body).await.rest().await
}

/// What the fake cloud's usage costs at these prices.
fn cost(usage: &Value) -> f64 {
    let count = |name: &str| usage[name].as_f64().unwrap();
    (count("prompt_tokens") * 1000.0 + count("completion_tokens") * 2000.0) / 1e6
}

fn near(left: f64, right: f64) -> bool {
    (left - right).abs() < 1e-9
}

#[tokio::test]
async fn who_did_not_ask_sees_none_of_it() {
    for price in ["", PRICE] {
        let (cloud, gateway) = start(price).await;
        let mut plain = chat_stream("auto", ASKED);
        plain.as_object_mut().unwrap().remove("stream_options");
        let mut refused = plain.clone();
        refused["stream_options"] = json!({ "include_usage": false });
        let mut null = plain.clone();
        null["stream_options"] = Value::Null;
        for body in [plain, refused, null] {
            let events = events(&gateway, &body).await;
            let (done, chunks) = events.split_last().unwrap();
            assert!(done.is_done());
            for chunk in chunks.iter().map(Event::json) {
                assert!(chunk.get("usage").is_none(), "{chunk}");
                assert_eq!(chunk["choices"].as_array().unwrap().len(), 1, "{chunk}");
            }
        }
        // It was asked for all the same.
        for request in cloud.chats() {
            assert_eq!(request.json()["stream_options"]["include_usage"], true);
        }
    }
}

#[tokio::test]
async fn who_asked_sees_it_once_with_its_cost_where_there_is_a_price() {
    for price in ["", PRICE] {
        let (_cloud, gateway) = start(price).await;
        let events = events(&gateway, &chat_stream("auto", ASKED)).await;
        let chunks: Vec<_> = events[..events.len() - 1].iter().map(Event::json).collect();
        let (last, before) = chunks.split_last().unwrap();
        assert!(before.iter().all(|chunk| chunk["usage"].is_null()));
        assert_eq!(last["choices"], json!([]));
        let usage = &last["usage"];
        assert!(usage["total_tokens"].as_u64().unwrap() > 0, "{usage}");
        match price {
            "" => assert!(usage.get("cost_usd").is_none(), "{usage}"),
            _ => assert!(near(usage["cost_usd"].as_f64().unwrap(), cost(usage)), "{usage}"),
        }
    }
}

#[tokio::test]
async fn a_plain_answer_has_its_cost_in_a_header() {
    let (_cloud, gateway) = start(PRICE).await;
    let answer = gateway.client().chat(&chat("auto", ASKED)).await;
    let told: f64 = answer.header("x-hearthgate-cost-usd").parse().unwrap();
    assert!(near(told, cost(&answer.json()["usage"])), "{told}");
    let (_cloud, gateway) = start("").await;
    assert_eq!(gateway.client().chat(&chat("auto", ASKED)).await.header("x-hearthgate-cost-usd"), "");
}

#[tokio::test]
async fn the_devices_usage_is_shown_and_hidden_alike() {
    let gateway = Setting::new().device("hello").start().await;
    let asked = events(&gateway, &chat_stream("auto", ASKED)).await;
    assert!(asked[asked.len() - 2].json()["usage"]["total_tokens"].as_u64().unwrap() > 0);
    let mut body = chat_stream("auto", ASKED);
    body.as_object_mut().unwrap().remove("stream_options");
    for event in events(&gateway, &body).await.iter().filter(|event| !event.is_done()) {
        assert!(event.json().get("usage").is_none());
    }
}

/// Some servers count along in every chunk.
#[tokio::test]
async fn usage_in_every_chunk_is_hidden_too() {
    let (cloud, gateway) = start(PRICE).await;
    let mut chunks = openai::events("m", "One two.", None);
    for chunk in &mut chunks {
        chunk["usage"] = openai::usage(3, 2);
    }
    let stream: Vec<u8> = chunks.iter().flat_map(openai::frame).chain(openai::DONE.to_vec()).collect();
    cloud.set(stream_of(&stream));
    let mut body = chat_stream("auto", ASKED);
    body.as_object_mut().unwrap().remove("stream_options");
    let events = events(&gateway, &body).await;
    assert_eq!(events.iter().map(Event::delta).collect::<String>(), "One two.");
    assert_eq!(events.len(), chunks.len() + 1);
    assert!(events.iter().all(|event| !event.data.contains("usage")), "{events:?}");
}

#[tokio::test]
async fn other_stream_options_stay() {
    let (cloud, gateway) = start("").await;
    let mut body = chat_stream("auto", ASKED);
    body["stream_options"] = json!({ "include_obfuscation": false, "x": [1, { "y": 2.50 }] });
    events(&gateway, &body).await;
    let sent = String::from_utf8(cloud.chats()[0].body.clone()).unwrap();
    let options = r#""stream_options":{"include_obfuscation":false,"x":[1,{"y":2.5}],"include_usage":true}"#;
    assert!(sent.contains(options), "{sent}");
}
