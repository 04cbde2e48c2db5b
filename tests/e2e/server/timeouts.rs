//! Clients that are slow, silent or leave in the middle. Each test waits for what the gateway does about it.

use std::time::Duration;

use bytes::Bytes;
use hearthgate_tests::bounded;
use hearthgate_tests::configs::{EASY, all_at_home, device_only, with_server};
use hearthgate_tests::connection::{Connection, chat_request};
use hearthgate_tests::gateway::{Gateway, Setup};
use hearthgate_tests::openai::{chat, chat_stream};
use http_body_util::{BodyExt as _, Full};
use hyper::client::conn::http2::{self, SendRequest};
use hyper::{Request, Response, body::Incoming};
use hyper_util::rt::{TokioExecutor, TokioIo};
use serde_json::Value;
use tokio::task::JoinHandle;

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

/// A connection over HTTP/2, and how it ends.
async fn open_http2(gateway: &Gateway) -> (SendRequest<Full<Bytes>>, JoinHandle<hyper::Result<()>>) {
    let socket = Connection::open(gateway.address()).await.into_socket();
    let (sender, connection) = http2::handshake(TokioExecutor::new(), TokioIo::new(socket)).await.unwrap();
    (sender, tokio::spawn(connection))
}

async fn ask(gateway: &Gateway, on: &mut SendRequest<Full<Bytes>>, body: &Value) -> Response<Incoming> {
    let request = Request::post(format!("http://{}/v1/chat/completions", gateway.address()))
        .header("content-type", "application/json")
        .body(Full::new(Bytes::from(body.to_string())))
        .unwrap();
    bounded("an answer", on.send_request(request)).await.unwrap()
}

#[tokio::test]
async fn an_idle_http2_connection_is_closed_after_its_answers() {
    let gateway = gateway(SHORT).await;
    let (mut sender, ended) = open_http2(&gateway).await;
    for body in [chat("auto", EASY), chat_stream("auto", EASY)] {
        let answer = ask(&gateway, &mut sender, &body).await;
        assert_eq!(answer.status(), 200);
        answer.into_body().collect().await.unwrap();
    }
    // With a farewell: an end that a client takes for no fault, and asks again elsewhere.
    bounded("the connection to be closed", ended).await.unwrap().unwrap();
    let own = |metrics: &Exposition| metrics.sum("hearthgate_connections_open", &[]) == 1.0;
    Exposition::until(&gateway, "a count of one, the scrape's own", own).await;
}

#[tokio::test]
async fn an_http2_connection_is_not_idle_while_an_answer_runs() {
    let config = with_server(&device_only("endless"), SHORT);
    let gateway = Setup::new(&config).policy(&all_at_home()).start().await;
    let (mut busy, busy_ended) = open_http2(&gateway).await;
    let mut answer = ask(&gateway, &mut busy, &chat_stream("auto", EASY)).await.into_body();
    assert!(answer.frame().await.unwrap().is_ok());

    // One that asked later has been idle for too long by now.
    let (mut idle, idle_ended) = open_http2(&gateway).await;
    let request = Request::get(format!("http://{}/livez", gateway.address())).body(Full::default()).unwrap();
    assert_eq!(
        idle.send_request(request).await.unwrap().into_body().collect().await.unwrap().to_bytes(),
        "alive\n"
    );
    bounded("the idle connection to be closed", idle_ended).await.unwrap().unwrap();

    assert!(!busy_ended.is_finished());
    assert!(bounded("the next event", answer.frame()).await.unwrap().is_ok());
    drop(answer);
    bounded("the other to be closed", busy_ended).await.unwrap().unwrap();
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
