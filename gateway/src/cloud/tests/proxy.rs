//! Upstreams behind a proxy.

use super::tls::{certificate, https};
use super::*;
use crate::cloud::tests::server::Peer;
use crate::config::Proxies;

/// `ann:secret`.
const SHOWN: &str = "proxy-authorization: Basic YW5uOnNlY3JldA==";

/// An upstream where nobody is, behind this server as the proxy.
fn behind(proxy: &Server, roots: &tempfile::NamedTempFile) -> config::Upstream {
    let base_url: http::Uri = "https://localhost:9/v1".parse().expect("a url");
    let proxies = Proxies::one(&format!("http://ann:secret@127.0.0.1:{}", proxy.port())).expect("a proxy");
    config::Upstream { proxy: proxies.of(&base_url), base_url, ..https(proxy, roots) }
}

#[tokio::test]
async fn a_proxy_learns_the_host_and_nothing_that_is_said() {
    let proxy = Server::start().await;
    let (acceptor, roots) = certificate();
    let client = Client::new(behind(&proxy, &roots));
    let served = async {
        let mut peer = proxy.accept().await;
        let (head, body) = peer.request().await;
        peer.write("HTTP/1.1 200 Connection established\r\n\r\n").await;
        // What comes now is for the host: TLS, or nothing.
        let stream = acceptor.accept(peer.into_stream()).await.expect("a handshake");
        let mut peer = Peer::new(stream);
        let (inner, sent) = peer.request().await;
        peer.write(json("1")).await;
        peer.answer(json("2")).await;
        (head, body, inner, sent)
    };
    let asked = async { [client.text().await, client.text().await] };
    let (said, (head, body, inner, sent)) = join!(asked, served);
    assert_eq!(said, ["1", "2"], "one tunnel for both");
    assert!(head.starts_with("CONNECT localhost:9 HTTP/1.1\r\n"), "{head}");
    assert!(head.to_lowercase().contains(&SHOWN.to_lowercase()), "{head}");
    assert!(body.is_empty() && !head.contains("sk-test"), "{head}");
    assert_eq!(sent, BODY.as_bytes());
    assert!(!inner.to_lowercase().contains("proxy-"), "{inner}");
}

#[tokio::test]
async fn a_proxy_that_refuses_is_named_and_what_it_was_shown_is_not() {
    for answer in [
        "HTTP/1.1 407 Proxy Authentication Required\r\n\r\n",
        "HTTP/1.1 502 Bad Gateway\r\n\r\n",
        "what?\r\n\r\n",
    ] {
        let proxy = Server::start().await;
        let (_, roots) = certificate();
        let client = Client::new(behind(&proxy, &roots));
        let served = async {
            let mut peer = proxy.accept().await;
            let _head = peer.request().await;
            peer.write(answer).await;
        };
        let (error, ()) = join!(client.error(Expect::Json), served);
        let said = format!("{error:?} {error}");
        assert!(matches!(error, CloudError::Connect { .. }) && error.retryable(), "{said}");
        assert!(
            said.contains("by the proxy") && !said.contains("secret") && !said.contains("YW5u"),
            "{said}"
        );
    }
}

#[test]
fn without_tls_there_is_no_proxy() {
    let proxies = Proxies::one("http://127.0.0.1:1").expect("a proxy");
    let proxy = proxies.of(&http::Uri::from_static("https://localhost/v1"));
    let Err(error) = Upstreams::new(&[config::Upstream { proxy, ..upstream("http://localhost/v1") }], None)
    else {
        panic!("accepted")
    };
    assert!(error.to_string().contains("https://"), "{error}");
}
