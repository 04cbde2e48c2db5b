//! A cloud's answers on their way to the client, and its faults.

use hearthgate_tests::configs::{EASY, all_to_cloud, one_cloud};
use hearthgate_tests::fake_cloud::{Behaviour, FakeCloud};
use hearthgate_tests::gateway::{Gateway, Setup};
use hearthgate_tests::openai::{self, MODEL, chat, chat_stream};
use serde_json::{Value, json};

async fn gateway(cloud: &FakeCloud) -> Gateway {
    let config = one_cloud(&cloud.base_url()).replace("models =", "retries = 0\nmodels =");
    Setup::new(&config).policy(&all_to_cloud()).start().await
}

/// Such a response of a cloud, as it goes on the wire.
fn response(body: &str) -> Behaviour {
    let length = body.len();
    let head = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nset-cookie: c=1\r\nserver: x";
    Behaviour::Raw(format!("{head}\r\ncontent-length: {length}\r\n\r\n{body}").into_bytes())
}

#[tokio::test]
async fn a_plain_answer_arrives_as_it_was() {
    let cloud = FakeCloud::start().await;
    let gateway = gateway(&cloud).await;
    let body = "{ \"id\": \"chatcmpl-x\",\n \"object\":\"chat.completion\", \"created\": 1, \"model\": \"m\", \
        \"choices\": [ { \"index\": 0, \"message\": { \"role\": \"assistant\", \"content\": \"h\\u00e9\" }, \
        \"finish_reason\": \"stop\", \"unknown\": 1e400 } ], \"system_fingerprint\": \"fp\" }";
    cloud.set(response(body));
    let answer = gateway.client().chat(&chat("auto", EASY)).await;
    assert_eq!((answer.status.as_u16(), answer.text().as_str()), (200, body));
    assert_eq!(answer.header("set-cookie"), "", "a cloud's headers are not the gateway's");
    assert_eq!(answer.header("server"), "");
}

#[tokio::test]
async fn a_stream_arrives_as_it_was() {
    let cloud = FakeCloud::start().await;
    let gateway = gateway(&cloud).await;
    let body = chat_stream("auto", EASY);
    let answer = gateway.client().chat(&body).await;
    let sent = cloud.chats()[0].json();
    let words = |text: &str| text.split_whitespace().count();
    let usage = openai::usage(words(&sent["messages"].to_string()), 5);
    let events = openai::events(MODEL, "The fake cloud says hello.", Some(&usage));
    let mut expected: Vec<u8> = events.iter().flat_map(openai::frame).collect();
    expected.extend_from_slice(openai::DONE);
    assert_eq!(answer.text(), String::from_utf8_lossy(&expected));
}

#[tokio::test]
async fn calls_of_tools_arrive_in_their_parts() {
    let cloud = FakeCloud::start().await;
    let gateway = gateway(&cloud).await;
    let part = |call: Value| {
        let choices = json!([{ "index": 0, "delta": { "tool_calls": [call] }, "finish_reason": null }]);
        openai::frame(&openai::chunk(MODEL, &choices, None))
    };
    let name = json!({ "name": "look_up", "arguments": "" });
    let mut stream = part(json!({ "index": 0, "id": "call_1", "type": "function", "function": name }));
    for arguments in ["{\"wh", "at\":", " \"x\"}"] {
        stream.extend(part(json!({ "index": 0, "function": { "arguments": arguments } })));
    }
    let end = json!([{ "index": 0, "delta": {}, "finish_reason": "tool_calls" }]);
    stream.extend(openai::frame(&openai::chunk(MODEL, &end, None)));
    stream.extend_from_slice(openai::DONE);
    let head = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\n\r\n";
    cloud.set(Behaviour::Raw([head.as_slice(), &stream].concat()));

    let mut body = chat_stream("auto", EASY);
    body["tools"] = json!([{ "type": "function", "function": { "name": "look_up", "parameters": {} } }]);
    let answer = gateway.client().chat(&body).await;
    assert_eq!(answer.text(), String::from_utf8_lossy(&stream));
    assert_eq!(cloud.chats()[0].json()["tools"], body["tools"]);
}

#[tokio::test]
async fn a_fault_of_the_request_is_told_in_the_clouds_words() {
    let cloud = FakeCloud::start().await;
    let gateway = gateway(&cloud).await;
    let words =
        openai::error("Unsupported value: 'temperature'.", "invalid_request_error", Some("temperature"));
    for code in [400, 404, 413, 422] {
        cloud.set(Behaviour::Status { code, body: Some(words.to_string()), retry_after: None });
        for body in [chat("auto", EASY), chat_stream("auto", EASY)] {
            let answer = gateway.client().chat(&body).await;
            assert_eq!((answer.status.as_u16(), answer.json()), (code, words.clone()));
        }
    }
}

#[tokio::test]
async fn a_fault_of_the_cloud_is_told_from_ours() {
    let cloud = FakeCloud::start().await;
    // So many faults in a row would otherwise open the breaker.
    let config =
        one_cloud(&cloud.base_url()).replace("models =", "retries = 0\nbreaker_faults = 1000\nmodels =");
    let gateway = Setup::new(&config).policy(&all_to_cloud()).start().await;
    let cases = [
        (401, 502, "upstream_refused_our_key"),
        (403, 502, "upstream_refused_our_key"),
        (429, 429, "upstream_rate_limited"),
        (500, 502, "upstream_error"),
        (503, 503, "upstream_overloaded"),
        (302, 502, "upstream_error"),
    ];
    for (code, status, told) in cases {
        cloud.set(Behaviour::Status { code, body: None, retry_after: Some("7".to_owned()) });
        let answer = gateway.client().chat(&chat("auto", EASY)).await;
        assert_eq!(answer.status, status, "{code}: {}", answer.text());
        let error = &answer.json()["error"];
        assert_eq!((&error["code"], &error["type"]), (&told.into(), &"upstream_error".into()), "{code}");
        assert!(!answer.text().contains("The fake cloud says no."), "{code}");
        if code == 429 {
            assert_eq!(answer.header("retry-after"), "7");
        }
    }
}
