//! What is too large or too many, in bytes and numbers.

use hearthgate_tests::configs::EASY;
use hearthgate_tests::connection::{Connection, chat_request, request};
use hearthgate_tests::openai::chat;
use hyper::body::Bytes;

use super::gateway;
use crate::exposition::Exposition;

#[tokio::test]
async fn a_head_beyond_its_bounds_is_refused() {
    let gateway = gateway("header_bytes_max = 8192\nheader_count_max = 20").await;
    let long = "x".repeat(20_000);
    let mut connection = Connection::open(gateway.address()).await;
    connection.send(&request("GET", "/livez", &[("x-long", &long)], b"")).await;
    let said = connection.closed().await;
    assert!(said.starts_with(b"HTTP/1.1 431"), "{}", String::from_utf8_lossy(&said));

    let names: Vec<String> = (0..40).map(|number| format!("x-{number}")).collect();
    let many: Vec<(&str, &str)> = names.iter().map(|name| (name.as_str(), "1")).collect();
    let mut connection = Connection::open(gateway.address()).await;
    connection.send(&request("GET", "/livez", &many, b"")).await;
    let said = connection.closed().await;
    assert!(said.starts_with(b"HTTP/1.1 431"), "{}", String::from_utf8_lossy(&said));

    let mut connection = Connection::open(gateway.address()).await;
    assert_eq!(connection.ask(&request("GET", "/livez", &many[..10], b"")).await.status, 200);
    let fits = "x".repeat(4000);
    assert_eq!(connection.ask(&request("GET", "/livez", &[("x-long", &fits)], b"")).await.status, 200);
}

#[tokio::test]
async fn an_http2_head_beyond_its_bounds_is_refused() {
    let gateway = gateway("header_bytes_max = 8192").await;
    let long = "x".repeat(20_000);
    let client = gateway.client().http2();
    let refused = client.clone().with("x-long", &long).send("GET", "/livez", Bytes::new()).await;
    assert!(!refused.is_ok_and(|answer| answer.status.is_success()));
    assert_eq!(client.get("/livez").await.status, 200);
}

#[tokio::test]
async fn a_body_beyond_its_bound_is_refused_unread() {
    let gateway = gateway("body_bytes_max = 1000").await;
    let mut connection = Connection::open(gateway.address()).await;
    // Only declared: nothing of it is ever sent.
    let head = b"POST /v1/chat/completions HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n\
        content-length: 1001\r\n\r\n";
    let answer = connection.ask(head).await;
    assert_eq!(answer.status, 413);
    assert_eq!(answer.json()["error"]["code"], "request_too_large");
    assert_eq!(answer.header("connection"), "close");
    assert!(connection.closed().await.is_empty());
}

#[tokio::test]
async fn a_chunked_body_is_refused_once_it_passes_the_bound() {
    let gateway = gateway("body_bytes_max = 1000").await;
    let mut connection = Connection::open(gateway.address()).await;
    let head = b"POST /v1/chat/completions HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n\
        transfer-encoding: chunked\r\n\r\n";
    let chunk = [b"258\r\n".as_slice(), &[b' '; 600], b"\r\n"].concat();
    connection.send(&[head.as_slice(), &chunk, &chunk].concat()).await;
    let answer = connection.answer().await;
    assert_eq!(answer.status, 413);
    assert_eq!(answer.json()["error"]["code"], "request_too_large");
    connection.closed().await;

    for client in [gateway.client(), gateway.client().http2()] {
        let padded = format!("{}{}", chat("auto", EASY), " ".repeat(1000));
        let answer = client.post_bytes("/v1/chat/completions", padded).await;
        assert_eq!(answer.status, 413);
    }
}

#[tokio::test]
async fn a_body_of_just_the_bound_is_read() {
    let body = chat("auto", EASY).to_string();
    let gateway = gateway(&format!("body_bytes_max = {}", body.len())).await;
    assert_eq!(gateway.client().post_bytes("/v1/chat/completions", body.clone()).await.status, 200);
    assert_eq!(gateway.client().post_bytes("/v1/chat/completions", body + " ").await.status, 413);
}

#[tokio::test]
async fn a_chunked_body_is_read_as_a_whole_one() {
    let gateway = gateway("").await;
    let mut connection = Connection::open(gateway.address()).await;
    let body = chat("auto", EASY).to_string();
    let mut bytes = b"POST /v1/chat/completions HTTP/1.1\r\nhost: localhost\r\n\
        content-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n"
        .to_vec();
    for byte in body.bytes() {
        bytes.extend_from_slice(&[b'1', b'\r', b'\n', byte, b'\r', b'\n']);
    }
    bytes.extend_from_slice(b"0\r\n\r\n");
    assert_eq!(connection.ask(&bytes).await.status, 200);
    assert_eq!(
        connection.ask(&chat_request(&chat("auto", EASY))).await.status,
        200,
        "the next one starts clean"
    );
}

#[tokio::test]
async fn connections_beyond_the_bound_wait_for_room() {
    let gateway = gateway("connections_max = 2\nworkers = 1").await;
    let alive = request("GET", "/livez", &[], b"");
    let mut first = Connection::open(gateway.address()).await;
    let mut second = Connection::open(gateway.address()).await;
    assert_eq!(first.ask(&alive).await.status, 200);
    assert_eq!(second.ask(&alive).await.status, 200);
    let mut third = Connection::open(gateway.address()).await;
    third.send(&alive).await;
    // The one event loop would have taken the third up by now.
    for _ in 0..5 {
        assert_eq!(second.ask(&alive).await.status, 200);
    }
    let metrics = Exposition::scrape(&gateway).await;
    assert_eq!(metrics.sum("hearthgate_connections_open", &[]), 3.0, "two, and the scrape's own");
    assert!(!third.has_more(), "the third has been answered");
    drop(first);
    assert_eq!(third.answer().await.status, 200);
}
