//! Clients that are slow, silent or leave in the middle. Each test waits for what the gateway does about it.

use std::time::Duration;

use hearthgate_tests::bounded;
use hearthgate_tests::configs::EASY;
use hearthgate_tests::connection::{Connection, chat_request};
use hearthgate_tests::openai::chat;

use super::gateway;
use crate::exposition::Exposition;

const SHORT: &str = "header_timeout_ms = 500\nbody_timeout_ms = 500";

const HEAD: &[u8] = b"POST /v1/chat/completions HTTP/1.1\r\nhost: localhost\r\n\
    content-type: application/json\r\ncontent-length: 100\r\n\r\n";

#[tokio::test]
async fn a_head_that_does_not_come_to_its_end_closes_the_connection() {
    let gateway = gateway(SHORT).await;
    let starts: [&[u8]; 3] = [
        b"G",
        b"POST /v1/chat/completions HTTP/1.1\r\n",
        b"POST /v1/chat/completions HTTP/1.1\r\nhost: localhost\r\nx-slow: ",
    ];
    for start in starts {
        for said in gateway.client().slowloris(8, start).await.closed().await {
            let said = String::from_utf8_lossy(&said);
            assert!(said.is_empty() || said.starts_with("HTTP/1.1 408"), "{said}");
        }
    }
    let own = |metrics: &Exposition| metrics.sum("hearthgate_connections_open", &[]) == 1.0;
    Exposition::until(&gateway, "a count of one, the scrape's own", own).await;
}

#[tokio::test]
async fn an_http2_connection_without_a_request_is_closed() {
    let gateway = gateway(SHORT).await;
    let settings = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0";
    // Within the preface, after it, and after the settings.
    for end in [4, 18, 24, settings.len()] {
        gateway.client().slowloris(4, &settings[..end]).await.closed().await;
    }
}

#[tokio::test]
async fn a_head_that_trickles_is_cut_off() {
    let gateway = gateway(SHORT).await;
    let mut connection = Connection::open(gateway.address()).await;
    connection.send(b"GET /livez HTTP/1.1\r\nhost: localhost\r\nx-slow: ").await;
    // Each byte comes well within the bound; the head as a whole does not. The pause only paces the client.
    let trickle = async {
        while connection.try_send(b"x").await {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    bounded("the trickle to be cut off", trickle).await;
}

#[tokio::test]
async fn a_connection_that_never_says_anything_is_closed() {
    let gateway = gateway(SHORT).await;
    let connection = Connection::open(gateway.address()).await;
    assert!(connection.closed().await.is_empty());
}

#[tokio::test]
async fn an_idle_connection_is_closed_after_its_answer() {
    let gateway = gateway(SHORT).await;
    let mut connection = Connection::open(gateway.address()).await;
    assert_eq!(connection.ask(&chat_request(&chat("auto", EASY))).await.status, 200);
    assert!(connection.closed().await.is_empty());
}

#[tokio::test]
async fn a_body_that_does_not_come_to_its_end_is_answered_408() {
    let gateway = gateway(SHORT).await;
    let mut connection = Connection::open(gateway.address()).await;
    connection.send(&[HEAD, b"{\"model\""].concat()).await;
    let answer = connection.answer().await;
    assert_eq!(answer.status, 408);
    assert_eq!(answer.json()["error"]["code"], "request_timeout");
    assert_eq!(answer.header("connection"), "close");
    assert!(connection.closed().await.is_empty());
}

#[tokio::test]
async fn a_client_that_leaves_within_its_body_is_forgotten() {
    let gateway = gateway("").await;
    let mut connection = Connection::open(gateway.address()).await;
    connection.send(&[HEAD, b"{\"model\""].concat()).await;
    drop(connection);
    // It is counted once the gateway has noticed, with nothing decided.
    let counted = |metrics: &Exposition| metrics.sum("hearthgate_requests_total", &[("zone", "none")]) == 1.0;
    Exposition::until(&gateway, "the request to be counted", counted).await;
    assert_eq!(gateway.client().chat(&chat("auto", EASY)).await.status, 200);
}
