//! Faults before an answer has begun: the client gets one status and one error body, streamed or not.

use hearthgate_tests::fake_cloud::{Behaviour, FakeCloud, Point};
use hearthgate_tests::gateway::Gateway;
use hearthgate_tests::openai::{chat, chat_stream};

use super::{ASKED, STEADY, Setting};

/// A fault and what becomes of it.
struct Fault {
    name: &'static str,
    behaviour: Behaviour,
    status: u16,
    code: &'static str,
    /// How many times the upstream is asked.
    attempts: usize,
}

fn fault(
    name: &'static str,
    behaviour: Behaviour,
    status: u16,
    code: &'static str,
    attempts: usize,
) -> Fault {
    Fault { name, behaviour, status, code, attempts }
}

/// Faults that keep plain and streamed answers alike from beginning.
fn faults() -> Vec<Fault> {
    let said = |code| Behaviour::status(code);
    let raw = |text: &str| Behaviour::Raw(text.as_bytes().to_vec());
    let long_head = format!("HTTP/1.1 200 OK\r\nx-long: {}\r\n\r\n", "a".repeat(200_000));
    vec![
        fault("reset", Behaviour::Reset(Point::BeforeHeaders), 502, "upstream_reset", 3),
        fault("close", Behaviour::Close(Point::BeforeHeaders), 502, "upstream_reset", 3),
        fault("close after the head", Behaviour::Close(Point::AfterHeaders), 502, "upstream_broke_off", 1),
        fault("reset after the head", Behaviour::Reset(Point::AfterHeaders), 502, "upstream_broke_off", 1),
        fault("page", Behaviour::WrongContentType, 502, "upstream_content_type", 1),
        fault("no HTTP", raw("What do you want?\r\n\r\n"), 502, "upstream_malformed", 1),
        fault("endless head", raw(&long_head), 502, "upstream_too_large", 1),
        fault("401", said(401), 502, "upstream_refused_our_key", 1),
        fault("403", said(403), 502, "upstream_refused_our_key", 1),
        fault("408", said(408), 502, "upstream_error", 3),
        fault("429", said(429), 429, "upstream_rate_limited", 3),
        fault("500", said(500), 502, "upstream_error", 3),
        fault("501", said(501), 502, "upstream_error", 1),
        fault("502", said(502), 502, "upstream_error", 3),
        fault("503", said(503), 503, "upstream_overloaded", 3),
        fault("504", said(504), 502, "upstream_error", 3),
        fault("529", said(529), 503, "upstream_overloaded", 3),
    ]
}

async fn start(settings: &str) -> (FakeCloud, Gateway) {
    let cloud = FakeCloud::start().await;
    let gateway = Setting::new().cloud("cloud", &cloud, &format!("{STEADY}{settings}")).start().await;
    (cloud, gateway)
}

async fn check(fault: &Fault, streamed: bool, settings: &str) {
    let (cloud, gateway) = start(settings).await;
    cloud.set(fault.behaviour.clone());
    let body = if streamed { chat_stream("auto", ASKED) } else { chat("auto", ASKED) };
    let answer = gateway.client().chat(&body).await;
    let case = format!("{}, streamed: {streamed}: {}", fault.name, answer.text());
    let error = &answer.json()["error"];
    assert_eq!(answer.status, fault.status, "{case}");
    assert_eq!(error["code"], fault.code, "{case}");
    assert_eq!(error["type"], "upstream_error", "{case}");
    assert_eq!(answer.header("content-type"), "application/json", "{case}");
    assert!(!answer.header("x-request-id").is_empty(), "{case}");
    assert!(!answer.text().contains("[DONE]"), "{case}");
    assert_eq!(cloud.chats().len(), fault.attempts, "{case}");
    // The upstream's own words on its state are not the caller's business.
    assert!(!answer.text().contains("The fake cloud says no"), "{case}");
}

#[tokio::test]
async fn what_keeps_an_answer_from_beginning() {
    for fault in faults() {
        check(&fault, false, "").await;
        check(&fault, true, "").await;
    }
}

#[tokio::test]
async fn what_makes_a_plain_answer_useless() {
    let begun = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 5000\r\n\r\n{\"id\":";
    let empty = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 0\r\n\r\n";
    let raw = |text: &str| Behaviour::Raw(text.as_bytes().to_vec());
    for fault in [
        fault("reset in the body", Behaviour::Reset(Point::AfterHeaders), 502, "upstream_broke_off", 1),
        fault("half a body", Behaviour::HalfChunk, 502, "upstream_broke_off", 1),
        fault("too little", raw(begun), 502, "upstream_broke_off", 1),
        fault("nothing", raw(empty), 502, "upstream_malformed_body", 1),
        fault("no JSON", Behaviour::TruncatedJson, 502, "upstream_malformed_body", 1),
    ] {
        check(&fault, false, "").await;
    }
}

#[tokio::test]
async fn what_makes_a_stream_useless_before_its_first_event() {
    let stream = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\r\n";
    let raw = |head: &str, body: &str| Behaviour::Raw([head, body].concat().into_bytes());
    let json = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n";
    for fault in [
        fault("error first", Behaviour::StreamError(0), 502, "upstream_error_in_stream", 1),
        fault("plain JSON", raw(json, "{}"), 502, "upstream_content_type", 1),
        fault("no JSON", raw(stream, "data: {\"choices\":\n\n"), 502, "upstream_malformed_stream", 1),
        fault("only a comment", raw(stream, ": wait\n\n"), 502, "upstream_broke_off", 1),
        fault("nothing", raw(stream, ""), 502, "upstream_broke_off", 1),
        fault("endless line", raw(stream, &"a".repeat(2 << 20)), 502, "upstream_malformed_stream", 1),
    ] {
        check(&fault, true, "").await;
    }
}

#[tokio::test]
async fn an_upstream_that_says_nothing_is_given_up() {
    let timeouts = "first_byte_timeout_ms = 150\nidle_timeout_ms = 150\n";
    for (name, point, code) in [
        ("silence", Point::BeforeHeaders, "upstream_first_byte_timeout"),
        ("only a head", Point::AfterHeaders, "upstream_idle_timeout"),
    ] {
        for streamed in [false, true] {
            check(&fault(name, Behaviour::Stall(point), 504, code, 1), streamed, timeouts).await;
        }
    }
    let half = Behaviour::Stall(Point::AfterEvents(1));
    check(&fault("half a body", half, 504, "upstream_idle_timeout", 1), false, timeouts).await;
}

#[tokio::test]
async fn nobody_is_there() {
    let gone = FakeCloud::start().await;
    let gateway = Setting::new().cloud("cloud", &gone, STEADY).start().await;
    drop(gone);
    tokio::task::yield_now().await;
    for body in [chat("auto", ASKED), chat_stream("auto", ASKED)] {
        let answer = gateway.client().chat(&body).await;
        assert_eq!(answer.status, 502, "{}", answer.text());
        assert_eq!(answer.json()["error"]["code"], "upstream_connect");
    }
}

#[tokio::test]
async fn an_upstreams_words_on_the_request_itself_are_passed_on() {
    let words = r#"{"error":{"message":"too many tools","type":"invalid_request_error","param":"tools","code":"tools"}}"#;
    for code in [400, 404, 409, 413, 422] {
        let (cloud, gateway) = start("").await;
        cloud.set(Behaviour::Status { code, body: Some(words.to_owned()), retry_after: None });
        for body in [chat("auto", ASKED), chat_stream("auto", ASKED)] {
            let answer = gateway.client().chat(&body).await;
            assert_eq!((answer.status.as_u16(), answer.text().as_str()), (code, words));
            assert_eq!(answer.header("content-type"), "application/json");
            assert_eq!(answer.header("x-hearthgate-label"), "public", "{:?}", answer.headers);
        }
        assert_eq!(cloud.chats().len(), 2, "{code} was tried again");
    }
    // A page of a proxy in between is not the dialect's.
    let (cloud, gateway) = start("").await;
    let page = Some("<html>Bad Request</html>".to_owned());
    cloud.set(Behaviour::Status { code: 400, body: page, retry_after: None });
    let answer = gateway.client().chat(&chat("auto", ASKED)).await;
    assert_eq!(
        (answer.status.as_u16(), answer.json()["error"]["type"].as_str()),
        (502, Some("upstream_error"))
    );
}

#[tokio::test]
async fn redirects_are_not_followed() {
    let elsewhere = FakeCloud::start().await;
    for code in [301, 302, 303, 307, 308] {
        let (cloud, gateway) = start("").await;
        let location = format!("{}/chat/completions", elsewhere.base_url());
        let moved = format!(
            "HTTP/1.1 {code} Moved\r\nlocation: {location}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
        );
        cloud.set(Behaviour::Raw(moved.into_bytes()));
        let answer = gateway.client().chat(&chat("auto", ASKED)).await;
        assert_eq!(answer.status, 502, "{code}");
        assert!(!answer.text().contains(&location) && answer.header("location").is_empty());
        assert_eq!(cloud.chats().len(), 1, "{code}");
    }
    assert!(elsewhere.connections().is_empty());
}

#[tokio::test]
async fn retry_after_reaches_the_client() {
    for (code, said, told) in [(429, "30", "30"), (503, "61", "61"), (529, "3600", "3600")] {
        let (cloud, gateway) = start("").await;
        cloud.set(Behaviour::Status { code, body: None, retry_after: Some(said.to_owned()) });
        let answer = gateway.client().chat(&chat("auto", ASKED)).await;
        assert_eq!(answer.header("retry-after"), told, "{code}: {}", answer.text());
        // So long a wait is the client's to decide on.
        assert_eq!(cloud.chats().len(), 1, "{code}");
    }
    let (cloud, gateway) = start("").await;
    let year = "Fri, 31 Dec 2100 23:59:59 GMT".to_owned();
    cloud.set(Behaviour::Status { code: 429, body: None, retry_after: Some(year) });
    let told: u64 = gateway.client().chat(&chat("auto", ASKED)).await.header("retry-after").parse().unwrap();
    assert!(told > 86_400 * 365, "{told}");
    assert_eq!(cloud.chats().len(), 1);
}

#[tokio::test]
async fn a_short_retry_after_is_waited_for_and_the_next_attempt_answers() {
    let (cloud, gateway) = start("").await;
    let busy = |after: &str| Behaviour::Status { code: 429, body: None, retry_after: Some(after.to_owned()) };
    cloud.set(Behaviour::Sequence(vec![busy("0"), busy("1"), Behaviour::Chat]));
    let answer = gateway.client().chat(&chat("auto", ASKED)).await;
    assert_eq!(answer.content(), "The fake cloud says hello.");
    assert_eq!(cloud.chats().len(), 3);
    // Every attempt carries the same bytes.
    let bodies: Vec<_> = cloud.chats().into_iter().map(|request| request.body).collect();
    assert!(bodies.windows(2).all(|pair| pair[0] == pair[1]));
}

#[tokio::test]
async fn our_own_faults_are_not_called_the_upstreams() {
    let (cloud, gateway) = start("").await;
    let client = gateway.client();
    let kind = |answer: &hearthgate_tests::client::Response| answer.json()["error"]["type"].clone();
    let unknown = client.chat(&chat("no-such-model", ASKED)).await;
    assert_eq!((unknown.status.as_u16(), kind(&unknown)), (404, "invalid_request_error".into()));
    let kept = client.chat(&chat("auto", "My card is 4539 1488 0343 6467.")).await;
    assert_eq!((kept.status.as_u16(), kind(&kept)), (403, "permission_error".into()));
    let broken = client.post_bytes("/v1/chat/completions", "{\"model\":").await;
    assert_eq!((broken.status.as_u16(), kind(&broken)), (400, "invalid_request_error".into()));
    assert!(cloud.connections().is_empty());
}
