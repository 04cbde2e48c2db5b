//! Faults after a stream has begun: the client keeps what came, and is told that it is not all.

use hearthgate_tests::fake_cloud::{Behaviour, FakeCloud, Point};
use hearthgate_tests::gateway::Gateway;
use hearthgate_tests::openai::{chat, chat_stream, events, frame};
use hearthgate_tests::sse::Event;

use super::{ASKED, STEADY, Setting};

const TEXT: &str = "The fake cloud says hello.";

async fn start(settings: &str) -> (FakeCloud, Gateway) {
    let cloud = FakeCloud::start().await;
    let gateway = Setting::new().cloud("cloud", &cloud, &format!("{STEADY}{settings}")).start().await;
    (cloud, gateway)
}

fn text(events: &[Event]) -> String {
    events.iter().map(Event::delta).collect()
}

/// A stream that begins well and ends with an error event that has this code.
async fn ends_with(name: &str, behaviour: Behaviour, settings: &str, code: &str, begins: &str) {
    let (cloud, gateway) = start(settings).await;
    cloud.set(behaviour);
    let mut stream = gateway.client().chat_stream(&chat_stream("auto", ASKED)).await;
    assert_eq!(stream.status, 200, "{name}");
    let events = stream.rest().await;
    assert!(!stream.is_broken(), "{name}: the transfer itself ends well");
    assert!(!events.iter().any(Event::is_done), "{name}: {events:?}");
    let error = events.last().unwrap().json()["error"].clone();
    assert_eq!(error["code"], code, "{name}: {events:?}");
    assert_eq!(error["type"], "upstream_error", "{name}");
    assert!(error["message"].is_string(), "{name}");
    assert_eq!(text(&events), begins, "{name}");
    assert!(TEXT.starts_with(begins));
    // Content has gone out, so nothing is tried again.
    assert_eq!(cloud.chats().len(), 1, "{name}");
}

/// A stream's head and these bytes, as one chunk, and a good end of the transfer.
fn stream_of(bytes: &[u8]) -> Behaviour {
    let head = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n";
    let size = format!("{:x}\r\n", bytes.len());
    Behaviour::Raw([head.as_bytes(), size.as_bytes(), bytes, b"\r\n0\r\n\r\n"].concat())
}

#[tokio::test]
async fn a_stream_that_breaks_off_says_so() {
    let begun = frame(&events("m", "The fake ", None)[1]);
    let half = [begun.as_slice(), b"data: {\"choices\":[{\"del"].concat();
    for (name, behaviour, code, begins) in [
        ("reset", Behaviour::Reset(Point::AfterEvents(3)), "upstream_broke_off", "The fake "),
        ("close", Behaviour::Close(Point::AfterEvents(3)), "upstream_broke_off", "The fake "),
        ("half a chunk", Behaviour::HalfChunk, "upstream_broke_off", ""),
        ("end without finish", stream_of(&begun), "upstream_broke_off", "The "),
        ("end within an event", stream_of(&half), "upstream_broke_off", "The "),
        ("no event", Behaviour::MalformedSse, "upstream_malformed_stream", "The "),
        ("half an event", Behaviour::TruncatedJson, "upstream_malformed_stream", ""),
        ("huge event", Behaviour::HugeEvent(2 << 20), "upstream_malformed_stream", ""),
    ] {
        // A reset may overtake what was sent before it.
        let overtaken = name == "reset";
        if !overtaken {
            ends_with(name, behaviour, "", code, begins).await;
        }
    }
}

#[tokio::test]
async fn a_reset_stream_is_never_taken_for_a_whole_one() {
    let (cloud, gateway) = start("retries = 0\n".replace("retries = 0\n", "").as_str()).await;
    cloud.set(Behaviour::Reset(Point::AfterEvents(3)));
    let answer = gateway.client().chat(&chat_stream("auto", ASKED)).await;
    assert!(answer.text().contains("upstream_broke_off"), "{}", answer.text());
    assert!(!answer.text().contains("[DONE]"));
}

#[tokio::test]
async fn a_stream_that_stands_still_is_given_up() {
    let (settings, stall) = ("idle_timeout_ms = 200\n", Behaviour::Stall(Point::AfterEvents(3)));
    ends_with("stall", stall, settings, "upstream_idle_timeout", "The fake ").await;
}

#[tokio::test]
async fn an_error_within_the_stream_is_passed_on_in_the_upstreams_words() {
    let (cloud, gateway) = start("").await;
    cloud.set(Behaviour::StreamError(3));
    let mut stream = gateway.client().chat_stream(&chat_stream("auto", ASKED)).await;
    let events = stream.rest().await;
    let error = events.last().unwrap().json()["error"].clone();
    assert_eq!(error["message"], "The server had an error while processing your request.");
    assert_eq!(error["type"], "server_error");
    assert_eq!(text(&events), "The fake ");
    assert!(!events.iter().any(Event::is_done) && !stream.is_broken());
    assert_eq!(cloud.chats().len(), 1);
}

#[tokio::test]
async fn a_whole_answer_without_the_mark_gets_it() {
    let (cloud, gateway) = start("").await;
    cloud.set(Behaviour::NoDone);
    let mut stream = gateway.client().chat_stream(&chat_stream("auto", ASKED)).await;
    let events = stream.rest().await;
    assert_eq!(text(&events), TEXT);
    assert!(events.last().unwrap().is_done());
    assert_eq!(events.iter().filter(|event| event.is_done()).count(), 1);
}

#[tokio::test]
async fn what_follows_the_mark_is_not_passed_on() {
    let (cloud, gateway) = start("").await;
    let whole: Vec<u8> = events("m", "Yes.", None).iter().flat_map(frame).collect();
    let more = [whole.as_slice(), b"data: [DONE]\n\n", &frame(&events("m", "No.", None)[1])].concat();
    cloud.set(stream_of(&more));
    let mut stream = gateway.client().chat_stream(&chat_stream("auto", ASKED)).await;
    let events = stream.rest().await;
    assert_eq!(text(&events), "Yes.");
    assert!(events.last().unwrap().is_done());
}

#[tokio::test]
async fn a_large_event_within_the_bound_goes_through() {
    let (cloud, gateway) = start("").await;
    cloud.set(Behaviour::HugeEvent(512 << 10));
    let mut stream = gateway.client().chat_stream(&chat_stream("auto", ASKED)).await;
    assert_eq!(text(&stream.rest().await).len(), 512 << 10);
    // What is one piece of JSON has a bound of its own.
    cloud.set(Behaviour::HugeEvent(4 << 20));
    assert_eq!(gateway.client().chat(&chat("auto", ASKED)).await.content().len(), 4 << 20);
}

#[tokio::test]
async fn a_stream_cut_at_any_byte_is_the_same_stream() {
    let (cloud, gateway) = start("").await;
    let client = gateway.client();
    let body = chat_stream("auto", ASKED);
    cloud.set(Behaviour::Chat);
    let whole = client.chat_stream(&body).await.rest().await;
    assert_eq!(text(&whole), TEXT);
    let bytes = whole.iter().map(|event| event.data.len() + 8).sum::<usize>();
    let each = vec![(0..bytes).collect::<Vec<_>>()];
    let pairs = (1..bytes).step_by(13).map(|at| vec![at, at + 1]);
    for offsets in each.into_iter().chain(pairs) {
        let at = offsets[0];
        cloud.set(Behaviour::SplitAt(offsets));
        assert_eq!(client.chat_stream(&body).await.rest().await, whole, "cut at {at}");
    }
}

#[tokio::test]
async fn a_device_that_fails_on_the_way_says_so() {
    let gateway = Setting::new().device("broken").start().await;
    let mut stream = gateway.client().chat_stream(&chat_stream("auto", ASKED)).await;
    let events = stream.rest().await;
    assert_eq!(text(&events), "Hello from ");
    assert_eq!(events.last().unwrap().json()["error"]["code"], "device_failed");
    assert!(!events.iter().any(Event::is_done));
    let plain = gateway.client().chat(&chat("auto", ASKED)).await;
    assert_eq!((plain.status.as_u16(), plain.json()["error"]["code"].as_str()), (503, Some("device_failed")));
}
