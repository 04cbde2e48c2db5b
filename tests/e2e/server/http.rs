//! HTTP/1.1 and HTTP/2 without TLS.

use hearthgate_tests::bounded;
use hearthgate_tests::configs::EASY;
use hearthgate_tests::connection::{Connection, chat_request, request};
use hearthgate_tests::openai::{chat, chat_stream};
use http_body_util::{BodyExt as _, Full};
use hyper::body::Bytes;
use hyper::client::conn::http2;
use hyper_util::rt::{TokioExecutor, TokioIo};

use super::gateway;

#[tokio::test]
async fn one_connection_carries_many_requests() {
    let gateway = gateway("").await;
    let mut connection = Connection::open(gateway.address()).await;
    let mut ids = Vec::new();
    for _ in 0..5 {
        let answer = connection.ask(&chat_request(&chat("auto", EASY))).await;
        assert_eq!(answer.status, 200);
        assert_eq!(answer.json()["choices"][0]["message"]["content"], "Hello from this device.");
        ids.push(answer.header("x-request-id").to_owned());
        let streamed = connection.ask(&chat_request(&chat_stream("auto", EASY))).await;
        assert_eq!(streamed.status, 200);
        assert!(streamed.body.ends_with(b"data: [DONE]\n\n"));
        ids.push(streamed.header("x-request-id").to_owned());
    }
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), 10, "every request has an id of its own");
}

#[tokio::test]
async fn requests_sent_ahead_are_answered_in_order() {
    let gateway = gateway("").await;
    let mut connection = Connection::open(gateway.address()).await;
    let ahead = [
        request("GET", "/livez", &[], b""),
        chat_request(&chat("auto", EASY)),
        request("GET", "/v1/models", &[], b""),
        request("GET", "/nothing-here", &[], b""),
        chat_request(&chat_stream("auto", EASY)),
        request("GET", "/livez", &[], b""),
    ];
    connection.send(&ahead.concat()).await;
    assert_eq!(connection.answer().await.body, b"alive\n");
    assert_eq!(connection.answer().await.json()["object"], "chat.completion");
    assert_eq!(connection.answer().await.json()["object"], "list");
    assert_eq!(connection.answer().await.status, 404);
    assert!(connection.answer().await.body.starts_with(b"data: {"));
    assert_eq!(connection.answer().await.body, b"alive\n");
}

#[tokio::test]
async fn an_answer_does_not_wait_for_the_rest_of_the_next_request() {
    let gateway = gateway("").await;
    let next = request("GET", "/livez", &[], b"");
    let (begun, rest) = next.split_at(9);
    for body in [chat("auto", EASY), chat_stream("auto", EASY)] {
        let mut connection = Connection::open(gateway.address()).await;
        connection.send(&[chat_request(&body).as_slice(), begun].concat()).await;
        assert_eq!(connection.answer().await.status, 200);
        connection.send(rest).await;
        assert_eq!(connection.answer().await.body, b"alive\n");
    }
}

#[tokio::test]
async fn a_client_that_asks_before_sending_its_body_is_told_to_go_on() {
    let gateway = gateway("body_bytes_max = 1000").await;
    let body = chat("auto", EASY).to_string();
    let head = |length: usize| {
        format!(
            "POST /v1/chat/completions HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n\
             expect: 100-continue\r\ncontent-length: {length}\r\n\r\n"
        )
    };
    let mut connection = Connection::open(gateway.address()).await;
    assert_eq!(connection.ask(head(body.len()).as_bytes()).await.status, 100);
    assert_eq!(connection.ask(body.as_bytes()).await.status, 200);
    let mut connection = Connection::open(gateway.address()).await;
    assert_eq!(connection.ask(head(5000).as_bytes()).await.status, 413, "not told to send what is not read");
}

#[tokio::test]
async fn http2_is_spoken_without_asking_first() {
    let gateway = gateway("").await;
    let client = gateway.client().http2();
    assert_eq!(client.get("/livez").await.text(), "alive\n");
    let plain = client.chat(&chat("auto", EASY)).await;
    assert_eq!((plain.status.as_u16(), plain.content().as_str()), (200, "Hello from this device."));
    let mut stream = client.chat_stream(&chat_stream("auto", EASY)).await;
    let events = stream.rest().await;
    assert!(events.last().unwrap().is_done() && !stream.is_broken());
}

#[tokio::test]
async fn one_http2_connection_carries_many_requests_at_a_time() {
    let gateway = gateway("").await;
    let socket = Connection::open(gateway.address()).await.into_socket();
    let (sender, connection) = http2::handshake(TokioExecutor::new(), TokioIo::new(socket)).await.unwrap();
    tokio::spawn(connection);
    let mut running = tokio::task::JoinSet::new();
    for number in 0..64 {
        let mut sender = sender.clone();
        let body = if number % 2 == 0 { chat("auto", EASY) } else { chat_stream("auto", EASY) };
        let request = hyper::Request::post(format!("http://{}/v1/chat/completions", gateway.address()))
            .header("content-type", "application/json")
            .body(Full::new(Bytes::from(body.to_string())))
            .unwrap();
        running.spawn(async move {
            let answer = sender.send_request(request).await.unwrap();
            let status = answer.status();
            (status, answer.into_body().collect().await.unwrap().to_bytes())
        });
    }
    for (status, body) in bounded("all answers", running.join_all()).await {
        assert_eq!(status, 200);
        let text = String::from_utf8_lossy(&body);
        assert!(text.contains("device."), "{text}");
    }
}

#[tokio::test]
async fn what_is_no_http_is_refused_and_harms_nobody() {
    let gateway = gateway("").await;
    let garbage: [&[u8]; 6] = [
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03hello by TLS on a plain port",
        b"GET\r\n\r\n",
        b"GET / HTTP/9.9\r\nhost: localhost\r\n\r\n",
        b"POST /v1/chat/completions HTTP/1.1\r\nhost: localhost\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\n{}",
        b"POST /v1/chat/completions HTTP/1.1\r\nhost: localhost\r\ncontent-length: -1\r\n\r\n",
        b"GET /livez HTTP/1.1\r\nhost: localhost\r\nbad header: x\r\n\r\n",
    ];
    for bytes in garbage {
        let mut connection = Connection::open(gateway.address()).await;
        connection.send(bytes).await;
        let said = connection.closed().await;
        let said = String::from_utf8_lossy(&said);
        assert!(said.starts_with("HTTP/1.1 400"), "{:?}: {said:?}", String::from_utf8_lossy(bytes));
    }
    assert_eq!(gateway.client().get("/livez").await.status, 200);
}

#[tokio::test]
async fn two_ways_to_say_how_long_a_body_is_never_make_two_requests() {
    let gateway = gateway("").await;
    let mut connection = Connection::open(gateway.address()).await;
    let smuggled = b"POST /v1/chat/completions HTTP/1.1\r\nhost: localhost\r\n\
        content-type: application/json\r\ncontent-length: 5\r\ntransfer-encoding: chunked\r\n\r\n\
        0\r\n\r\nGET /livez HTTP/1.1\r\nhost: localhost\r\n\r\n";
    connection.send(smuggled).await;
    let said = connection.closed().await;
    let said = String::from_utf8_lossy(&said);
    assert!(!said.contains("alive"), "{said}");
}
