//! Paths, methods and types that are not there, and the headers that never are.

use hearthgate_tests::bounded;
use hearthgate_tests::client::Response;
use hearthgate_tests::configs::EASY;
use hearthgate_tests::connection::{Connection, request};
use hearthgate_tests::openai::chat;
use hyper::body::Bytes;

use super::gateway;

fn code(answer: &Response) -> String {
    answer.json()["error"]["code"].as_str().unwrap_or_default().to_owned()
}

fn no_cors(answer: &Response) {
    let cors = answer.headers.keys().find(|name| name.as_str().starts_with("access-control-"));
    assert!(cors.is_none(), "{cors:?}");
}

#[tokio::test]
async fn unknown_paths_are_not_found() {
    let gateway = gateway("").await;
    let client = gateway.client();
    let paths =
        ["/v1", "/v1/", "/v1/chat", "/v1/chat/completions/", "/V1/models", "/metrics", "/reload", "/v1/x"];
    for path in paths {
        for method in ["GET", "POST", "PUT", "DELETE"] {
            let answer = client.request(method, path, Bytes::new()).await;
            assert_eq!(answer.status, 404, "{method} {path}");
            assert_eq!(code(&answer), "unknown_url", "{method} {path}");
            assert_eq!(answer.json()["error"]["type"], "invalid_request_error");
            no_cors(&answer);
        }
    }
    assert_eq!(client.get("/v1/models?limit=2").await.status, 200, "a query does not change the path");
    let answer = gateway.admin().get("/").await;
    assert_eq!((answer.status.as_u16(), code(&answer).as_str()), (404, "unknown_url"));
    assert!(answer.text().contains("/metrics") && !answer.text().contains("/v1/"), "{}", answer.text());
}

#[tokio::test]
async fn other_methods_are_told_which_one_to_use() {
    let gateway = gateway("").await;
    let client = gateway.client();
    let cases = [
        ("GET", "/v1/chat/completions", "POST"),
        ("PUT", "/v1/chat/completions", "POST"),
        ("OPTIONS", "/v1/chat/completions", "POST"),
        ("POST", "/v1/models", "GET"),
        ("OPTIONS", "/v1/models", "GET"),
        ("DELETE", "/v1/models/auto", "GET"),
        ("POST", "/livez", "GET"),
        ("POST", "/readyz", "GET"),
    ];
    for (method, path, allow) in cases {
        let answer = client.request(method, path, Bytes::new()).await;
        assert_eq!(answer.status, 405, "{method} {path}");
        let allowed = answer.header("allow");
        assert!(allowed.split(',').any(|method| method.trim() == allow), "{method} {path}: {allowed}");
        assert_eq!(code(&answer), "method_not_allowed");
        no_cors(&answer);
    }
}

#[tokio::test]
async fn a_head_request_gets_a_head() {
    let gateway = gateway("").await;
    for (path, status) in
        [("/livez", 200), ("/readyz", 200), ("/nothing", 404), ("/v1/chat/completions", 405)]
    {
        let mut connection = Connection::open(gateway.address()).await;
        // No body follows, or the next answer would not be one.
        connection.send(&request("HEAD", path, &[], b"")).await;
        let head = bounded("a head", connection.head()).await;
        assert_eq!(head.status, status, "{path}");
        assert_eq!(connection.ask(&request("GET", "/livez", &[], b"")).await.body, b"alive\n", "{path}");
    }
}

#[tokio::test]
async fn only_json_is_read() {
    let gateway = gateway("").await;
    let body = chat("auto", EASY).to_string();
    let cases = [
        ("application/json", 200),
        ("application/json; charset=utf-8", 200),
        ("Application/JSON", 200),
        ("text/plain", 415),
        ("application/x-www-form-urlencoded", 415),
        ("multipart/form-data; boundary=x", 415),
        ("application/jsonx", 415),
        ("text/json, application/json", 415),
        ("", 415),
    ];
    for (media_type, status) in cases {
        let client = gateway.client().with("content-type", media_type);
        let answer = client.post_bytes("/v1/chat/completions", body.clone()).await;
        assert_eq!(answer.status, status, "{media_type:?}");
        if status == 415 {
            assert_eq!(code(&answer), "unsupported_media_type");
        }
    }
    let mut connection = Connection::open(gateway.address()).await;
    let bare = request("POST", "/v1/chat/completions", &[], body.as_bytes());
    assert_eq!(connection.ask(&bare).await.status, 415, "no content type at all");
}

#[tokio::test]
async fn no_page_of_another_site_is_let_in() {
    let gateway = gateway("").await;
    let preflight = gateway
        .client()
        .with("origin", "https://evil.example")
        .with("access-control-request-method", "POST")
        .with("access-control-request-headers", "content-type");
    let answer = preflight.request("OPTIONS", "/v1/chat/completions", Bytes::new()).await;
    assert!(answer.status.is_client_error(), "{}", answer.status);
    no_cors(&answer);

    let foreign = gateway.client().with("origin", "https://evil.example");
    let answer = foreign.chat(&chat("auto", EASY)).await;
    assert_eq!(answer.status, 403);
    no_cors(&answer);
    assert_eq!(foreign.get("/v1/models").await.status, 403);

    let own = gateway.client().with("origin", "http://localhost:3000");
    let answer = own.chat(&chat("auto", EASY)).await;
    assert_eq!(answer.status, 200);
    no_cors(&answer);
    no_cors(&own.get("/v1/models").await);
    no_cors(&gateway.admin().with("origin", "http://localhost:3000").get("/metrics").await);
}
