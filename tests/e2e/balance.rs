//! Several places of one target, what bounds its requests, deadlines and second attempts.

use std::time::Duration;

use hearthgate_tests::client::Response;
use hearthgate_tests::fake_cloud::{Behaviour, FakeCloud, Point, Received};
use hearthgate_tests::gateway::{Gateway, Setup};
use hearthgate_tests::openai::{MODEL, chat, chat_stream};
use serde_json::{Value, json};

use crate::exposition::Exposition;

const ASKED: &str = "Compare two ways to sort a list.";

/// A gateway before one target, `cloud`, with these further keys and places; what it cannot answer, a model of the device does
/// where `home` says so.
async fn gateway(cloud: &FakeCloud, server: &str, keys: &str, home: bool) -> Gateway {
    let (model, to) = match home {
        true => ("[[model]]\nname = \"home\"\nsource = \"scripted:hello\"\n", ", \"device/home\""),
        false => ("", ""),
    };
    let config = format!(
        "[server]\nlisten = \"127.0.0.1:0\"\nadmin_listen = \"127.0.0.1:0\"\nworkers = 1\n{server}\n{model}\
         [audit]\nfile = \"audit.jsonl\"\n[policy]\nfile = \"policy.toml\"\n\
         [[upstream]]\nname = \"cloud\"\nzone = \"cloud\"\nbase_url = \"{}\"\nmodels = [\"{MODEL}\"]\n{keys}\n",
        cloud.base_url()
    );
    let policy = format!("[[route]]\nname = \"all\"\nto = [\"cloud/{MODEL}\"{to}]\n");
    Setup::new(&config).policy(&policy).start().await
}

async fn ask(gateway: &Gateway) -> Response {
    gateway.client().chat(&chat("auto", ASKED)).await
}

fn at(cloud: &FakeCloud, more: &str) -> String {
    format!("[[upstream.endpoint]]\nbase_url = \"{}\"\n{more}\n", cloud.base_url())
}

#[tokio::test]
async fn places_are_asked_as_often_as_their_weights_say() {
    let (one, two) = (FakeCloud::start().await, FakeCloud::start().await);
    let gateway = gateway(&one, "", &format!("weight = 3\n{}", at(&two, "")), false).await;
    for _ in 0..8 {
        assert_eq!(ask(&gateway).await.status, 200);
    }
    assert_eq!((one.chats().len(), two.chats().len()), (6, 2));
    let metrics = Exposition::scrape(&gateway).await;
    for (endpoint, count) in [("1", 6.0), ("2", 2.0)] {
        let asked = metrics.sum("hearthgate_endpoint_requests_total", &[("endpoint", endpoint)]);
        assert_eq!(asked, count, "{}", metrics.text);
    }
    assert_eq!(metrics.sum("hearthgate_upstream_requests_running", &[]), 0.0);
}

#[tokio::test]
async fn keys_of_one_server_take_turns_and_one_that_is_refused_rests() {
    let cloud = FakeCloud::start().await;
    let keys = "api_key = \"key-one\"\nretries = 2\n[[upstream.endpoint]]\napi_key = \"key-two\"\n";
    let gateway = gateway(&cloud, "", keys, false).await;
    for _ in 0..4 {
        assert_eq!(ask(&gateway).await.status, 200);
    }
    let shown = |cloud: &FakeCloud| -> Vec<_> {
        cloud.chats().iter().map(|chat| chat.header("authorization").unwrap()).collect()
    };
    assert_eq!(shown(&cloud), ["Bearer key-one", "Bearer key-two", "Bearer key-one", "Bearer key-two"]);
    cloud.set(Behaviour::By(std::sync::Arc::new(|request: &Received| {
        let one = request.header("authorization").is_some_and(|key| key.ends_with("one"));
        if one { Behaviour::status(401) } else { Behaviour::Chat }
    })));
    for _ in 0..4 {
        assert_eq!(ask(&gateway).await.status, 200);
    }
    let refused = shown(&cloud)[4..].iter().filter(|key| key.ends_with("one")).count();
    assert_eq!(refused, 1, "it is left alone afterwards");
}

#[tokio::test]
async fn a_place_that_fails_is_left_alone_and_the_others_answer_at_once() {
    let (one, two) = (FakeCloud::start().await, FakeCloud::start().await);
    let keys = format!("retries = 1\nbreaker_faults = 2\nbreaker_open_ms = 3600000\n{}", at(&two, ""));
    let gateway = gateway(&one, "", &keys, false).await;
    one.set(Behaviour::status(500));
    for _ in 0..8 {
        assert_eq!(ask(&gateway).await.status, 200);
    }
    assert_eq!((one.chats().len(), two.chats().len()), (2, 8));
    let metrics = Exposition::scrape(&gateway).await;
    let state = |endpoint| metrics.sum("hearthgate_endpoint_state", &[("endpoint", endpoint)]);
    assert_eq!((state("1"), state("2")), (2.0, 0.0), "{}", metrics.text);
    assert_eq!(metrics.sum("hearthgate_breaker_state", &[]), 0.0, "the target stands");
    assert_eq!(metrics.sum("hearthgate_retries_total", &[("outcome", "made")]), 2.0);
    two.set(Behaviour::status(500));
    for _ in 0..2 {
        ask(&gateway).await;
    }
    let both = ask(&gateway).await;
    assert_eq!(both.json()["error"]["code"], "upstream_breaker_open", "{}", both.text());
}

#[tokio::test]
async fn one_request_tries_a_place_that_was_left_alone() {
    let (one, two) = (FakeCloud::start().await, FakeCloud::start().await);
    let keys = format!("retries = 1\nbreaker_faults = 1\nbreaker_open_ms = 1\n{}", at(&two, ""));
    let gateway = gateway(&one, "", &keys, false).await;
    one.set(Behaviour::status(500));
    ask(&gateway).await;
    assert_eq!(one.chats().len(), 1);
    one.set(Behaviour::Hold(Box::new(Behaviour::Chat)));
    let client = gateway.client();
    let probe = tokio::spawn(async move {
        while client.chat(&chat("auto", ASKED)).await.header("x-request-id").is_empty() {}
        client
    });
    // Whoever comes while one request is on its way there goes elsewhere.
    let asked = async {
        while one.chats().len() < 2 {
            ask(&gateway).await;
        }
    };
    hearthgate_tests::bounded("a try", asked).await;
    for _ in 0..6 {
        assert_eq!(ask(&gateway).await.status, 200);
    }
    assert_eq!(one.chats().len(), 2);
    one.release();
    probe.await.unwrap();
    let metrics = Exposition::until(&gateway, "the place to be taken back", |metrics| {
        metrics.sum("hearthgate_endpoint_state", &[("endpoint", "1")]) == 0.0
    });
    metrics.await;
}

#[tokio::test]
async fn the_place_that_answers_soonest_is_asked() {
    let (slow, fast) = (FakeCloud::start().await, FakeCloud::start().await);
    let gateway = gateway(&slow, "", &format!("balance = \"least-latency\"\n{}", at(&fast, "")), false).await;
    slow.set(Behaviour::Hold(Box::new(Behaviour::Chat)));
    let client = gateway.client();
    let first = tokio::spawn(async move { client.chat(&chat("auto", ASKED)).await });
    slow.stalled(1).await;
    // Nothing is known of either, and one is under way at the first.
    assert_eq!(ask(&gateway).await.status, 200);
    assert_eq!(fast.chats().len(), 1);
    tokio::time::sleep(Duration::from_millis(200)).await;
    slow.release();
    assert_eq!(first.await.unwrap().status, 200);
    for _ in 0..5 {
        ask(&gateway).await;
    }
    assert_eq!((slow.chats().len(), fast.chats().len()), (1, 6));
}

#[tokio::test]
async fn a_target_has_so_many_requests_under_way_and_the_next_target_the_rest() {
    for home in [true, false] {
        let cloud = FakeCloud::start().await;
        let gateway = gateway(&cloud, "", "requests_max = 1\n", home).await;
        cloud.set(Behaviour::Stall(Point::AfterEvents(1)));
        // A stream that has begun is under way until its end.
        let mut stream = gateway.client().chat_stream(&chat_stream("auto", ASKED)).await;
        stream.event().await.unwrap();
        let metrics = Exposition::scrape(&gateway).await;
        assert_eq!(metrics.sum("hearthgate_upstream_requests_running", &[]), 1.0);
        let beside = ask(&gateway).await;
        if home {
            assert_eq!(beside.header("x-hearthgate-target"), "device/home");
        } else {
            assert_eq!((beside.status.as_u16(), beside.header("retry-after").as_str()), (429, "1"));
            assert_eq!(beside.json()["error"]["code"], "upstream_busy");
        }
        cloud.set(Behaviour::Chat);
        cloud.release();
        stream.rest().await;
        let after = ask(&gateway).await;
        assert_eq!(after.header("x-hearthgate-target"), format!("cloud/{MODEL}"), "{}", after.text());
        assert_eq!(cloud.chats().len(), 2);
    }
}

#[tokio::test]
async fn retries_are_a_share_of_the_requests() {
    let cloud = FakeCloud::start().await;
    let gateway = gateway(&cloud, "", "retries = 2\nretry_percent = 10\nbreaker_faults = 1000\n", true).await;
    cloud.set(Behaviour::status(500));
    for _ in 0..10 {
        assert_eq!(ask(&gateway).await.header("x-hearthgate-target"), "device/home");
    }
    // Three are always allowed.
    assert_eq!(cloud.chats().len(), 13);
    let metrics = Exposition::scrape(&gateway).await;
    let retries = |outcome| metrics.sum("hearthgate_retries_total", &[("outcome", outcome)]);
    assert_eq!(retries("made"), 3.0);
    assert!(retries("withheld") >= 8.0, "{}", metrics.text);
}

#[tokio::test]
async fn an_answer_begins_before_the_deadline_or_never() {
    let cloud = FakeCloud::start().await;
    let keys = "retries = 5\nbreaker_faults = 1000\n";
    let gateway = gateway(&cloud, "deadline_ms = 300", keys, false).await;
    cloud.set(Behaviour::Stall(Point::BeforeHeaders));
    let body = json!({"model": "auto", "max_tokens": 9, "messages": [{"role": "user", "content": ASKED}]});
    let client = gateway.client();
    let plain = client.chat(&chat("auto", ASKED)).await;
    let streamed = client.chat(&chat_stream("auto", ASKED)).await;
    let message = client.post("/v1/messages", &body).await;
    for (answer, code) in [(plain, "code"), (streamed, "code"), (message, "type")] {
        assert_eq!(answer.status, 504, "{}", answer.text());
        let said = answer.json()["error"][code].as_str().unwrap().to_owned();
        assert!(said == "deadline_exceeded" || said == "timeout_error", "{said}");
    }
    cloud.hung_up(3).await;
    // A stream that has begun in time may last.
    cloud.set(Behaviour::Stall(Point::AfterEvents(1)));
    let mut stream = gateway.client().chat_stream(&chat_stream("auto", ASKED)).await;
    stream.event().await.unwrap();
    tokio::time::sleep(Duration::from_millis(400)).await;
    cloud.release();
    assert!(stream.rest().await.last().unwrap().is_done());
}

#[tokio::test]
async fn what_cannot_be_retried_before_the_deadline_goes_on_at_once() {
    let cloud = FakeCloud::start().await;
    let gateway = gateway(&cloud, "deadline_ms = 4000", "retries = 5\n", true).await;
    cloud.set(Behaviour::Status { code: 429, body: None, retry_after: Some("5".to_owned()) });
    let answer =
        tokio::time::timeout(Duration::from_secs(3), ask(&gateway)).await.expect("an answer at once");
    assert_eq!(answer.header("x-hearthgate-target"), "device/home");
    assert_eq!(cloud.chats().len(), 1);
}

#[tokio::test]
async fn a_slow_answer_is_asked_for_twice_and_the_loser_cancelled() {
    let cloud = FakeCloud::start().await;
    let mut gateway = gateway(&cloud, "", "hedge_after_ms = 50\n", false).await;
    let slow = || Behaviour::Sequence(vec![Behaviour::Stall(Point::BeforeHeaders), Behaviour::Chat]);
    cloud.set(slow());
    let answer = ask(&gateway).await;
    assert_eq!(answer.content(), "The fake cloud says hello.");
    cloud.hung_up(1).await;
    let bodies: Vec<_> = cloud.chats().into_iter().map(|request| request.body).collect();
    assert_eq!(bodies.len(), 2);
    assert_eq!(bodies[0], bodies[1]);
    let metrics = Exposition::scrape(&gateway).await;
    assert_eq!(metrics.sum("hearthgate_hedges_total", &[("outcome", "won")]), 1.0, "{}", metrics.text);
    assert_eq!(metrics.sum("hearthgate_hedges_total", &[]), 1.0);
    assert_eq!(metrics.sum("hearthgate_upstream_requests_running", &[]), 0.0);
    gateway.sigterm();
    gateway.exit().await;
    let record = std::fs::read_to_string(gateway.folder().join("audit.jsonl")).unwrap();
    assert!(record.contains("\"attempts\":2,\"fallbacks\":0,\"hedge\":\"won\""), "{record}");
}

#[tokio::test]
async fn only_what_may_be_sent_twice_is() {
    let cloud = FakeCloud::start().await;
    let keys = "hedge_after_ms = 20\nhedge_bytes_max = 400\nfirst_byte_timeout_ms = 300\nretries = 0\nbreaker_faults = 1000\n";
    let gateway = gateway(&cloud, "", keys, false).await;
    let mut keeps = chat("auto", ASKED);
    keeps["store"] = json!(true);
    for body in [chat_stream("auto", ASKED), keeps, chat("auto", &"word ".repeat(200))] {
        let before = cloud.chats().len();
        cloud.set(Behaviour::Stall(Point::BeforeHeaders));
        assert_eq!(gateway.client().chat(&body).await.status, 504);
        assert_eq!(cloud.chats().len(), before + 1);
    }
    let before = cloud.chats().len();
    cloud.set(Behaviour::Stall(Point::BeforeHeaders));
    assert_eq!(ask(&gateway).await.status, 504);
    assert_eq!(cloud.chats().len(), before + 2, "this one may");
}

/// Places of one target may be servers of several providers; what one of them has sealed is for that one alone.
#[tokio::test]
async fn what_one_place_has_sealed_goes_to_no_other() {
    let (one, two) = (FakeCloud::start().await, FakeCloud::start().await);
    let keys = format!("dialect = \"anthropic\"\nretries = 2\nbreaker_faults = 1000\n{}", at(&two, ""));
    let gateway = gateway(&one, "", &keys, true).await;
    let seal = "c2VhbGVk".repeat(40);
    let content = json!([
        { "type": "thinking", "thinking": "Hm.", "signature": seal },
        { "type": "tool_use", "id": "a", "name": "f", "input": {} }
    ]);
    one.set(Behaviour::Message(json!({ "content": content, "stop_reason": "tool_use" })));
    let mut body = hearthgate_tests::anthropic::ask("auto", ASKED);
    body["tools"] = json!([{ "name": "f", "input_schema": { "type": "object" } }]);
    body["thinking"] = json!({ "type": "adaptive" });
    let mut next = body.clone();
    next["messages"] = json!([
        { "role": "user", "content": ASKED },
        { "role": "assistant", "content": content },
        { "role": "user", "content": [{ "type": "tool_result", "tool_use_id": "a", "content": "yes" }] }
    ]);
    let zone = async |body: &Value| {
        let answer = gateway.client().post("/v1/messages", body).await;
        (answer.status.as_u16(), answer.header("x-hearthgate-zone"))
    };
    assert_eq!(zone(&body).await, (200, "cloud".to_owned()));
    assert_eq!((one.chats().len(), two.chats().len()), (1, 0));
    for _ in 0..4 {
        assert_eq!(zone(&next).await, (200, "cloud".to_owned()));
    }
    assert_eq!((one.chats().len(), two.chats().len()), (5, 0));
    // Nor when that one fails: then it is answered at home.
    one.set(Behaviour::status(500));
    assert_eq!(zone(&next).await.1, "device");
    assert_eq!(zone(&body).await.1, "cloud", "without the seal the other may");
    assert!(!two.contains(seal.as_bytes()) && !two.chats().is_empty());
}
