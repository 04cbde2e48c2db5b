//! The fake cloud really records, and each behaviour does what it says.

use serde_json::json;

use super::*;
use crate::client::Client;
use crate::openai::{MODEL, chat, chat_stream};

async fn cloud(behaviour: Behaviour) -> (FakeCloud, Client) {
    let cloud = FakeCloud::start().await;
    cloud.set(behaviour);
    let client = Client::new(cloud.address());
    (cloud, client)
}

fn text(events: &[crate::sse::Event]) -> String {
    events.iter().map(crate::sse::Event::delta).collect()
}

#[tokio::test]
async fn every_byte_is_kept() {
    let (cloud, client) = cloud(Behaviour::Chat).await;
    let client = client.with("x-canary", "in-a-header");
    let body = r#"{"model":"m","messages":[{"role":"user","content":"caf\u00e9 canary"}],"k":"a%2Fb"}"#;
    assert_eq!(client.post_bytes("/v1/chat/completions", body).await.status, 200);
    client.get("/v1/other?q=in%2da%2dquery").await;
    for needle in
        ["in-a-header", "café canary", "a/b", "in-a-query", "POST /v1/chat/completions HTTP/1.1\r\n"]
    {
        assert!(cloud.contains(needle.as_bytes()), "{needle}");
    }
    assert!(!cloud.contains(b"never sent"));
    assert_eq!(cloud.chats()[0].body, body.as_bytes());
    assert_eq!(cloud.requests().len(), 2);
    assert_eq!(cloud.connections().len(), 2);
    assert!(cloud.connections()[0].ends_with(body.as_bytes()));
}

#[tokio::test]
async fn a_chunked_body_is_put_together() {
    let (cloud, client) = cloud(Behaviour::Echo).await;
    let body = chat(MODEL, "a canary").to_string();
    let (first, second) = body.split_at(body.find("nary").unwrap());
    let head = "POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n\
        connection: close\r\ntransfer-encoding: chunked\r\n\r\n";
    let raw = format!("{head}{:x}\r\n{first}\r\n{:x}\r\n{second}\r\n0\r\n\r\n", first.len(), second.len());
    let answer = client.raw(raw.as_bytes(), |_| false).await;
    assert!(answer.starts_with(b"HTTP/1.1 200"));
    assert_eq!(cloud.chats()[0].body, body.as_bytes());
    assert!(cloud.contains(b"a canary"));
}

#[tokio::test]
async fn bytes_of_a_request_that_never_ends_are_kept_too() {
    let (cloud, client) = cloud(Behaviour::Chat).await;
    let _open = client.slowloris(1, b"POST /v1/chat/completions HTTP/1.1\r\nx-half: canary").await;
    crate::bounded("bytes", cloud.state.until(|inner| inner.record.contains(b"x-half: canary"))).await;
}

#[tokio::test]
async fn chats_are_answered_plain_and_streamed() {
    let (cloud, client) = cloud(Behaviour::Text("two words".into())).await;
    let plain = client.chat(&chat(MODEL, "hello")).await;
    assert_eq!(plain.content(), "two words");
    assert_eq!(plain.json()["usage"]["completion_tokens"], 2);

    let mut stream = client.chat_stream(&chat_stream(MODEL, "hello")).await;
    assert_eq!(stream.headers["content-type"], "text/event-stream");
    let events = stream.rest().await;
    assert_eq!(text(&events[..events.len() - 1]), "two words");
    assert_eq!(events[events.len() - 2].json()["usage"]["completion_tokens"], 2);
    assert!(events[events.len() - 1].is_done());
    assert!(!stream.is_broken());

    let mut without_usage = chat(MODEL, "hello");
    without_usage["stream"] = true.into();
    let events = client.chat_stream(&without_usage).await.rest().await;
    assert!(events.iter().all(|event| event.is_done() || event.json().get("usage").is_none()));
    assert_eq!(client.get("/v1/models").await.json()["data"][0]["id"], MODEL);
    assert!(cloud.complaints().is_empty());
}

#[tokio::test]
async fn bad_requests_are_refused_in_openais_form() {
    let (cloud, client) = cloud(Behaviour::Chat).await;
    let cases = [
        json!({ "messages": [{ "role": "user", "content": "x" }] }),
        json!({ "model": MODEL }),
        json!({ "model": MODEL, "messages": [] }),
        json!({ "model": MODEL, "messages": [{ "role": "wizard", "content": "x" }] }),
        json!({ "model": MODEL, "messages": [{ "role": "user" }], "stream_options": {} }),
        json!([]),
    ];
    for (index, case) in cases.iter().enumerate() {
        let answer = client.chat(case).await;
        assert_eq!(answer.status, 400, "{case}");
        assert_eq!(answer.json()["error"]["type"], "invalid_request_error");
        assert_eq!(cloud.complaints().len(), index + 1);
    }
    assert_eq!(client.post("/v1/nothing", &chat(MODEL, "x")).await.status, 404);
    let smuggled =
        b"POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 1\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n";
    assert!(client.raw(smuggled, |_| false).await.starts_with(b"HTTP/1.1 400"));
}

#[tokio::test]
async fn a_key_is_asked_for() {
    let cloud = FakeCloud::start_with_key(Some("sk-right")).await;
    let client = Client::new(cloud.address());
    assert_eq!(client.chat(&chat(MODEL, "x")).await.status, 401);
    assert_eq!(
        client.clone().with("authorization", "Bearer sk-wrong").chat(&chat(MODEL, "x")).await.status,
        401
    );
    assert_eq!(client.with("authorization", "Bearer sk-right").chat(&chat(MODEL, "x")).await.status, 200);
}

#[tokio::test]
async fn a_stalled_stream_stands_still_until_released() {
    let (cloud, client) = cloud(Behaviour::Stall(Point::AfterEvents(2))).await;
    let mut stream = client.chat_stream(&chat_stream(MODEL, "hello")).await;
    let first = [stream.event().await.unwrap(), stream.event().await.unwrap()];
    cloud.stalled(1).await;
    cloud.release();
    let rest = stream.rest().await;
    assert!(rest.last().unwrap().is_done());
    assert_eq!(text(&first) + &text(&rest[..rest.len() - 1]), "The fake cloud says hello.");
    assert_eq!(cloud.hang_ups(), 0);
}

#[tokio::test]
async fn leaving_a_stalled_answer_is_noticed() {
    let (cloud, client) = cloud(Behaviour::Stall(Point::AfterEvents(1))).await;
    let mut stream = client.chat_stream(&chat_stream(MODEL, "hello")).await;
    stream.event().await.unwrap();
    assert_eq!(cloud.hang_ups(), 0);
    stream.hang_up();
    cloud.hung_up(1).await;

    cloud.set(Behaviour::Stall(Point::BeforeHeaders));
    let body = chat(MODEL, "hello");
    let waiting = tokio::spawn(async move { client.chat(&body).await.status });
    cloud.stalled(2).await;
    waiting.abort();
    cloud.hung_up(2).await;
}

#[tokio::test]
async fn resets_and_cuts_end_the_transfer_where_they_say() {
    let (cloud, client) = cloud(Behaviour::Reset(Point::BeforeHeaders)).await;
    let body = chat_stream(MODEL, "hello");
    assert!(client.send("POST", "/v1/chat/completions", body.to_string().into()).await.is_err());
    for behaviour in [Behaviour::Reset(Point::AfterEvents(2)), Behaviour::Close(Point::AfterEvents(2))] {
        cloud.set(behaviour);
        let mut stream = client.chat_stream(&body).await;
        assert_eq!(stream.rest().await.len(), 2);
        assert!(stream.is_broken());
        let plain = client.chat(&chat(MODEL, "hello")).await;
        assert!(!plain.complete);
    }
    cloud.set(Behaviour::HalfChunk);
    let mut stream = client.chat_stream(&body).await;
    assert_eq!(stream.rest().await.len(), 1);
    assert!(stream.is_broken());
}

#[tokio::test]
async fn broken_answers_are_broken_as_they_say() {
    let (cloud, client) = cloud(Behaviour::MalformedSse).await;
    let (plain, streamed) = (chat(MODEL, "hello"), chat_stream(MODEL, "hello"));
    let events = client.chat_stream(&streamed).await.rest().await;
    assert!(events.last().unwrap().is_done());
    assert!(
        events
            .iter()
            .any(|event| !event.is_done() && serde_json::from_str::<serde_json::Value>(&event.data).is_err())
    );

    cloud.set(Behaviour::WrongContentType);
    assert_eq!(client.chat(&plain).await.header("content-type"), "text/html");

    cloud.set(Behaviour::TruncatedJson);
    let answer = client.chat(&plain).await;
    assert!(answer.complete && serde_json::from_slice::<serde_json::Value>(&answer.body).is_err());

    cloud.set(Behaviour::NoDone);
    let mut stream = client.chat_stream(&streamed).await;
    let events = stream.rest().await;
    assert!(!stream.is_broken() && !events.iter().any(crate::sse::Event::is_done));

    cloud.set(Behaviour::StreamError(2));
    let events = client.chat_stream(&streamed).await.rest().await;
    assert_eq!(events.len(), 3);
    assert_eq!(events[2].json()["error"]["type"], "server_error");
    assert_eq!(client.chat(&plain).await.status, 500);

    cloud.set(Behaviour::HugeEvent(3_000_000));
    let events = client.chat_stream(&streamed).await.rest().await;
    assert!(events.iter().any(|event| event.delta().len() == 3_000_000));

    cloud.set(Behaviour::Raw(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nhi".to_vec()));
    assert_eq!(client.chat(&plain).await.text(), "hi");
}

#[tokio::test]
async fn statuses_come_in_sequence() {
    let busy = Behaviour::Status { code: 429, body: None, retry_after: Some("7".into()) };
    let (cloud, client) =
        cloud(Behaviour::Sequence(vec![busy, Behaviour::status(503), Behaviour::Chat])).await;
    let body = chat(MODEL, "hello");
    let first = client.chat(&body).await;
    assert_eq!((first.status.as_u16(), first.header("retry-after").as_str()), (429, "7"));
    assert_eq!(first.json()["error"]["type"], "rate_limit_exceeded");
    for status in [503, 200, 200] {
        assert_eq!(client.chat(&body).await.status, status);
    }
    cloud.set(Behaviour::By(Arc::new(|request: &Received| match request.header("x-ask") {
        Some(ask) => Behaviour::Text(ask),
        None => Behaviour::Echo,
    })));
    assert_eq!(client.clone().with("x-ask", "chosen").chat(&body).await.content(), "chosen");
    assert_eq!(client.chat(&body).await.content(), body.to_string());
}

#[tokio::test]
async fn a_stream_split_at_any_byte_is_the_same_stream() {
    let (cloud, client) = cloud(Behaviour::NoDone).await;
    let body = chat_stream(MODEL, "hello");
    cloud.set(Behaviour::Chat);
    let whole = client.chat_stream(&body).await.rest().await;
    for offsets in [vec![1], (0..400).collect(), vec![5, 3, 100_000]] {
        cloud.set(Behaviour::SplitAt(offsets));
        assert_eq!(client.chat_stream(&body).await.rest().await, whole);
    }
}
