//! Faults after a stream has begun: the client keeps what came, and is told that it is not all.

use hearthgate_tests::client::Client;
use hearthgate_tests::fake_cloud::{Behaviour, FakeCloud, Point};
use hearthgate_tests::gateway::Gateway;
use hearthgate_tests::openai::{MODEL, chat, chat_stream, events, frame};
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

/// What comes of a stream that goes wrong after so many events, once the client has seen these.
async fn broken_after(name: &str, count: usize, behaviour: Behaviour) -> Vec<Event> {
    let (cloud, gateway) = start("").await;
    cloud.set(Behaviour::HoldAt(Point::AfterEvents(count), Box::new(behaviour)));
    let mut stream = gateway.client().chat_stream(&chat_stream("auto", ASKED)).await;
    assert_eq!(stream.status, 200, "{name}");
    let mut events = Vec::new();
    while events.len() < count {
        events.push(stream.event().await.unwrap());
    }
    cloud.release();
    events.extend(stream.rest().await);
    assert!(!stream.is_broken(), "{name}: the transfer itself ends well");
    assert!(!events.iter().any(Event::is_done), "{name}: {events:?}");
    // Content has gone out, so nothing is tried again.
    assert_eq!(cloud.chats().len(), 1, "{name}");
    events
}

/// A stream's head and these bytes, as one chunk, and a good end of the transfer.
pub(super) fn stream_of(bytes: &[u8]) -> Behaviour {
    let head = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n";
    let size = format!("{:x}\r\n", bytes.len());
    Behaviour::Raw([head.as_bytes(), size.as_bytes(), bytes, b"\r\n0\r\n\r\n"].concat())
}

#[tokio::test]
async fn a_stream_that_breaks_off_says_so() {
    for (name, count, behaviour, code, begins) in [
        ("reset", 3, Behaviour::Reset(Point::AfterEvents(3)), "upstream_broke_off", "The fake "),
        ("close", 3, Behaviour::Close(Point::AfterEvents(3)), "upstream_broke_off", "The fake "),
        ("half a chunk", 1, Behaviour::HalfChunk, "upstream_broke_off", ""),
        ("no event", 2, Behaviour::MalformedSse, "upstream_malformed_stream", "The "),
        ("half an event", 1, Behaviour::TruncatedJson, "upstream_malformed_stream", ""),
        ("huge event", 1, Behaviour::HugeEvent(2 << 20), "upstream_malformed_stream", ""),
    ] {
        let events = broken_after(name, count, behaviour).await;
        let error = events.last().unwrap().json()["error"].clone();
        assert_eq!((&error["code"], &error["type"]), (&code.into(), &"upstream_error".into()), "{name}");
        assert!(error["message"].is_string(), "{name}");
        assert_eq!(text(&events), begins, "{name}");
    }
}

#[tokio::test]
async fn a_stream_that_stands_still_is_given_up() {
    let (cloud, gateway) = start("idle_timeout_ms = 200\n").await;
    cloud.set(Behaviour::Stall(Point::AfterEvents(3)));
    let mut stream = gateway.client().chat_stream(&chat_stream("auto", ASKED)).await;
    let events = stream.rest().await;
    assert_eq!(text(&events), "The fake ");
    assert_eq!(events.last().unwrap().json()["error"]["code"], "upstream_idle_timeout");
    assert!(!events.iter().any(Event::is_done) && !stream.is_broken());
    // The upstream is not left to work for nobody.
    cloud.hung_up(1).await;
}

/// Everything in one piece: what has not been passed on yet may be lost, but never taken for whole.
#[tokio::test]
async fn an_end_that_is_none_is_never_taken_for_one() {
    let begun = frame(&events("m", "The fake ", None)[1]);
    let half = [begun.as_slice(), b"data: {\"choices\":[{\"del"].concat();
    let mark = [begun.as_slice(), b"data: [DONE]"].concat();
    for (name, behaviour) in [
        ("end without finish", stream_of(&begun)),
        ("end within an event", stream_of(&half)),
        ("end within the mark", stream_of(&mark)),
        ("reset", Behaviour::Reset(Point::AfterEvents(3))),
        ("no event", Behaviour::MalformedSse),
    ] {
        let (cloud, gateway) = start("").await;
        cloud.set(behaviour);
        let answer = gateway.client().chat(&chat_stream("auto", ASKED)).await;
        assert!(answer.text().contains("\"type\":\"upstream_error\""), "{name}: {}", answer.text());
        assert!(!answer.text().contains("[DONE]"), "{name}: {}", answer.text());
        assert!(!answer.text().contains("\"finish_reason\":\"stop\""), "{name}: {}", answer.text());
    }
}

#[tokio::test]
async fn an_error_within_the_stream_is_passed_on_in_the_upstreams_words() {
    let events = broken_after("error", 3, Behaviour::StreamError(3)).await;
    let error = events.last().unwrap().json()["error"].clone();
    assert_eq!(error["message"], "The server had an error while processing your request.");
    assert_eq!(error["type"], "server_error");
    assert_eq!(text(&events), "The fake ");
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
async fn the_gateway_changes_nothing_of_a_good_answer() {
    let (cloud, gateway) = start("").await;
    let direct = Client::new(cloud.address());
    let whole = direct.chat(&chat(MODEL, ASKED)).await.body;
    assert_eq!(gateway.client().chat(&chat("auto", ASKED)).await.body, whole);
    let streamed = direct.chat(&chat_stream(MODEL, ASKED)).await.body;
    assert_eq!(gateway.client().chat(&chat_stream("auto", ASKED)).await.body, streamed);
}

/// The grammar of event streams (WHATWG HTML, section 9.2) has three line ends, comments, and a first mark.
async fn is_good_stream(stream: &str) {
    let (cloud, gateway) = start("").await;
    cloud.set(stream_of(stream.as_bytes()));
    let mut stream = gateway.client().chat_stream(&chat_stream("auto", ASKED)).await;
    let events = stream.rest().await;
    assert_eq!(text(&events), "Yes, indeed.");
    assert!(events.last().unwrap().is_done(), "{events:?}");
}

#[tokio::test]
async fn comments_and_two_byte_line_ends_are_no_faults() {
    let event = |event| format!(": wait\r\n\r\nid: 1\r\nevent: x\r\ndata: {event}\r\n\r\n");
    let events: String = events("m", "Yes, indeed.", None).iter().map(event).collect();
    is_good_stream(&format!("\u{feff}: hello\n\n{events}data: [DONE]\r\n\r\n")).await;
}

#[tokio::test]
async fn a_stream_may_end_with_a_carriage_return() {
    let events: String =
        events("m", "Yes, indeed.", None).iter().map(|event| format!("data: {event}\r\r")).collect();
    is_good_stream(&format!("{events}data: [DONE]\r\r")).await;
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
