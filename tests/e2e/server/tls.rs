//! TLS towards clients: both protocols by ALPN, and what does not get in.

use std::net::SocketAddr;
use std::sync::Arc;

use hearthgate_tests::bounded;
use hearthgate_tests::configs::{EASY, all_at_home, device_only, with_server};
use hearthgate_tests::connection::{Connection, request};
use hearthgate_tests::gateway::{Gateway, Setup};
use hearthgate_tests::openai::{chat, chat_stream};
use http_body_util::{BodyExt as _, Full};
use hyper::body::Bytes;
use hyper::client::conn::{http1, http2};
use hyper::{Request, Response};
use hyper_util::rt::{TokioExecutor, TokioIo};
use rustls::pki_types::ServerName;
use rustls::{ClientConfig, RootCertStore};
use serde_json::Value;
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use crate::exposition::Exposition;

const TLS: &str = "tls_certificate = \"tls.crt\"\ntls_key = \"tls.key\"\nheader_timeout_ms = 500";

fn setup() -> (Setup, RootCertStore) {
    let made = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
    let mut roots = RootCertStore::empty();
    roots.add(made.cert.der().clone()).unwrap();
    let setup = Setup::new(&with_server(&device_only("hello"), TLS))
        .policy(&all_at_home())
        .file("tls.crt", &made.cert.pem())
        .file("tls.key", &made.signing_key.serialize_pem());
    (setup, roots)
}

async fn gateway() -> (Gateway, RootCertStore) {
    let (setup, roots) = setup();
    (setup.start().await, roots)
}

async fn connect(
    address: SocketAddr,
    roots: &RootCertStore,
    protocols: &[&str],
) -> std::io::Result<TlsStream<TcpStream>> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots.clone())
        .with_no_client_auth();
    config.alpn_protocols = protocols.iter().map(|name| name.as_bytes().to_vec()).collect();
    let socket = Connection::open(address).await.into_socket();
    let name = ServerName::try_from("localhost").unwrap();
    bounded("a handshake", TlsConnector::from(Arc::new(config)).connect(name, socket)).await
}

fn post(body: &Value) -> Request<Full<Bytes>> {
    Request::post("https://localhost/v1/chat/completions")
        .header("host", "localhost")
        .header("content-type", "application/json")
        .body(Full::new(Bytes::from(body.to_string())))
        .unwrap()
}

async fn text(answer: Response<hyper::body::Incoming>) -> String {
    assert_eq!(answer.status(), 200);
    let body = bounded("a body", answer.into_body().collect()).await.unwrap().to_bytes();
    String::from_utf8_lossy(&body).into_owned()
}

#[tokio::test]
async fn http2_is_chosen_where_the_client_offers_it() {
    let (gateway, roots) = gateway().await;
    let stream = connect(gateway.address(), &roots, &["http/1.1", "h2"]).await.unwrap();
    assert_eq!(stream.get_ref().1.alpn_protocol(), Some(b"h2".as_slice()));
    let (mut sender, connection) =
        http2::handshake(TokioExecutor::new(), TokioIo::new(stream)).await.unwrap();
    tokio::spawn(connection);
    let plain = text(sender.send_request(post(&chat("auto", EASY))).await.unwrap()).await;
    assert!(plain.contains("Hello from this device."), "{plain}");
    let stream = text(sender.send_request(post(&chat_stream("auto", EASY))).await.unwrap()).await;
    assert!(stream.ends_with("data: [DONE]\n\n"), "{stream}");
}

#[tokio::test]
async fn http1_is_spoken_with_those_who_know_no_other() {
    let (gateway, roots) = gateway().await;
    for offered in [&["http/1.1"][..], &[]] {
        let stream = connect(gateway.address(), &roots, offered).await.unwrap();
        let expected = offered.first().map(|name| name.as_bytes());
        assert_eq!(stream.get_ref().1.alpn_protocol(), expected);
        let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await.unwrap();
        tokio::spawn(connection);
        let plain = text(sender.send_request(post(&chat("auto", EASY))).await.unwrap()).await;
        assert!(plain.contains("Hello from this device."), "{plain}");
    }
}

#[tokio::test]
async fn a_protocol_that_is_not_spoken_ends_the_handshake() {
    let (gateway, roots) = gateway().await;
    assert!(connect(gateway.address(), &roots, &["spdy/3"]).await.is_err());
}

#[tokio::test]
async fn who_speaks_no_tls_or_nothing_is_let_go() {
    let (gateway, roots) = gateway().await;
    let mut plain = Connection::open(gateway.address()).await;
    plain.send(&request("GET", "/livez", &[], b"")).await;
    let said = plain.closed().await;
    assert!(!String::from_utf8_lossy(&said).contains("alive"));
    assert!(Connection::open(gateway.address()).await.closed().await.is_empty(), "a silent client");
    let untrusting = connect(gateway.address(), &RootCertStore::empty(), &["h2"]).await;
    assert!(untrusting.is_err(), "the certificate is the client's to judge");
    assert!(connect(gateway.address(), &roots, &["h2"]).await.is_ok());
}

#[tokio::test]
async fn failed_handshakes_leave_the_count_of_connections_right() {
    let (gateway, _) = gateway().await;
    for _ in 0..5 {
        let mut plain = Connection::open(gateway.address()).await;
        plain.send(b"not a handshake at all\r\n\r\n").await;
        plain.closed().await;
    }
    let own = |metrics: &Exposition| metrics.sum("hearthgate_connections_open", &[]) == 1.0;
    Exposition::until(&gateway, "a count of one, the scrape's own", own).await;
}

#[tokio::test]
async fn a_certificate_that_cannot_be_used_is_refused_at_the_start() {
    let config = with_server(&device_only("hello"), TLS);
    let missing = Setup::new(&config).policy(&all_at_home()).try_start().await.unwrap_err();
    assert!(missing.stderr.contains("tls.crt"), "{}", missing.stderr);
    assert_eq!(missing.code, Some(64), "{}", missing.stderr);

    let other = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
    let (setup, _) = setup();
    let mismatched = setup.file("tls.key", &other.signing_key.serialize_pem());
    let refused = mismatched.try_start().await.unwrap_err();
    assert!(refused.stderr.contains("TLS"), "{}", refused.stderr);
    assert_eq!(refused.code, Some(64), "{}", refused.stderr);
}
