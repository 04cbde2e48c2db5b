//! Everything that an upstream can do wrong, and what becomes of it.

use super::*;

/// The error that one answer of a server gives.
async fn error_of(answer: impl AsRef<[u8]>) -> CloudError {
    let server = Server::start().await;
    let client = Client::of(&server);
    let served = async { drop(server.answer(answer).await) };
    join!(client.error(Expect::Json), served).0
}

#[tokio::test]
async fn nobody_listens() {
    let server = Server::start().await;
    let client = Client::of(&server);
    drop(server);
    let error = client.error(Expect::Json).await;
    assert!(matches!(error, CloudError::Connect { .. }), "{error:?}");
    assert!(error.retryable() && error.counts_against_health());
}

#[tokio::test]
async fn a_connection_closed_before_an_answer_is_not_tried_twice() {
    let server = Server::start().await;
    let client = Client::of(&server);
    let served = async {
        let mut peer = server.accept().await;
        peer.request().await;
    };
    let (error, ()) = join!(client.error(Expect::Json), served);
    assert!(matches!(error, CloudError::Reset), "{error:?}");
    assert!(error.retryable());
    // Had there been a second connection, it would be first in line.
    let (text, _) = join!(client.text(), server.answer(json("next")));
    assert_eq!(text, "next");
}

#[tokio::test]
async fn half_a_head_is_not_asked_for_again() {
    let server = Server::start().await;
    let client = Client::of(&server);
    let served = async {
        let mut peer = server.answer(json("1")).await;
        peer.answer("HTTP/1.1 200 OK\r\ncontent-").await;
    };
    let asked = async {
        client.text().await;
        client.error(Expect::Json).await
    };
    let (error, ()) = join!(asked, served);
    assert!(matches!(error, CloudError::Reset), "{error:?}");
}

#[tokio::test]
async fn an_answer_that_is_not_http() {
    let error = error_of("220 mail.example ESMTP\r\n\r\n").await;
    assert!(matches!(error, CloudError::Malformed), "{error:?}");
    assert!(!error.retryable() && error.counts_against_health());
}

#[tokio::test]
async fn a_head_without_end() {
    let error = error_of(format!("HTTP/1.1 200 OK\r\nx-long: {}\r\n\r\n", "x".repeat(80 << 10))).await;
    assert!(matches!(error, CloudError::TooLarge), "{error:?}");
}

#[tokio::test]
async fn an_answer_that_does_not_begin() {
    let server = Server::start().await;
    let client = Client::new(config::Upstream { first_byte_timeout: SHORT, ..upstream(&server.url()) });
    let (error, peer) = join!(client.error(Expect::Json), server.accept());
    assert!(matches!(error, CloudError::FirstByteTimeout), "{error:?}");
    assert!(!error.retryable());
    drop(peer);
}

#[tokio::test]
async fn a_type_that_was_not_asked_for() {
    let error = error_of(whole("200 OK", "content-type: text/html\r\n", "<p>sign in</p>")).await;
    assert!(matches!(error, CloudError::ContentType), "{error:?}");
    let error = error_of(format!("{STREAM}{}", chunk("data: a\n\n"))).await;
    assert!(matches!(error, CloudError::ContentType), "{error:?}");
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let error = error_of(whole("307 Temporary Redirect", "location: /elsewhere\r\n", "")).await;
    assert!(matches!(error, CloudError::Status { .. }), "{error:?}");
    assert_eq!(error.code(), "upstream_redirects");
    assert!(!error.retryable());
}

#[tokio::test]
async fn too_many_requests_with_seconds_and_with_a_date() {
    let error = error_of(whole("429 Too Many Requests", "retry-after: 3\r\n", "{}")).await;
    assert_eq!(error.retry_after(), Some(Duration::from_secs(3)));
    assert!(error.retryable());
    let error = error_of(whole("429 No", "retry-after: Fri, 31 Dec 2100 23:59:59 GMT\r\n", "{}")).await;
    assert!(error.retry_after() > Some(LONG), "{:?}", error.retry_after());
}

#[tokio::test]
async fn the_words_of_a_refusal_are_kept_but_not_shown() {
    let error =
        error_of(whole("400 Bad Request", "content-type: application/json\r\n", "{\"a\":\"echo\"}")).await;
    assert!(!format!("{error:?} {error}").contains("echo"));
    let CloudError::Status { status, body, content_type, .. } = error else { panic!("{error:?}") };
    assert_eq!((status.as_u16(), &*body), (400, b"{\"a\":\"echo\"}".as_slice()));
    assert_eq!(content_type.expect("a type"), "application/json");
}

#[tokio::test]
async fn a_refusal_leaves_the_connection_usable_and_a_long_one_is_cut() {
    let server = Server::start().await;
    let client = Client::of(&server);
    let served = async {
        let mut peer = server.answer(whole("404 Not Found", "", "no")).await;
        peer.answer(whole("500 Oops", "", &"x".repeat(100_000))).await;
    };
    let asked = async { (client.error(Expect::Json).await, client.error(Expect::Json).await) };
    let ((first, second), ()) = join!(asked, served);
    assert!(!first.retryable() && second.retryable());
    let CloudError::Status { body, .. } = second else { panic!("{second:?}") };
    assert_eq!(body.len(), 64 << 10);
}

#[tokio::test]
async fn an_answer_that_pauses() {
    let server = Server::start().await;
    let client = Client::new(config::Upstream { idle_timeout: SHORT, ..upstream(&server.url()) });
    let begun = format!("{STREAM}{}", chunk("data: a\n\n"));
    let (response, mut peer) = join!(client.send(Expect::EventStream), server.answer(begun));
    let mut body = response.expect("an answer");
    assert_eq!(piece(&mut body).await.expect("a piece").expect("sound"), "data: a\n\n");
    let error = piece(&mut body).await.expect("an end").expect_err("too late");
    assert!(matches!(error, CloudError::IdleTimeout), "{error:?}");
    assert!(piece(&mut body).await.is_none());
    peer.sees_hang_up().await;
}

#[tokio::test]
async fn an_answer_that_breaks_off() {
    let short = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ncontent-length: 99\r\n\r\ndata: a\n\n";
    let half = format!("{STREAM}9\r\ndata: a\n\n");
    let chunked = format!("{STREAM}{}", chunk("data: a\n\n"));
    for answer in [short.to_owned(), half, chunked] {
        let server = Server::start().await;
        let client = Client::new(config::Upstream { breaker_faults: 1, ..upstream(&server.url()) });
        let (response, peer) = join!(client.send(Expect::EventStream), server.answer(answer));
        let mut body = response.expect("an answer");
        assert_eq!(piece(&mut body).await.expect("a piece").expect("sound"), "data: a\n\n");
        drop(peer);
        let error = piece(&mut body).await.expect("an end").expect_err("broken");
        assert!(matches!(error, CloudError::BodyReset), "{error:?}");
        assert!(!error.retryable());
        assert_eq!(client.upstreams.breaker("up/m"), Some(BreakerState::Open));
    }
}

#[tokio::test]
async fn a_body_larger_than_its_reader_wants() {
    let server = Server::start().await;
    let client = Client::of(&server);
    let (response, _) = join!(client.send(Expect::Json), server.answer(json("[1,2,3]")));
    let error = response.expect("an answer").collect(6).await.expect_err("too large");
    assert!(matches!(error, CloudError::TooLarge), "{error:?}");
}

#[tokio::test]
async fn an_open_breaker_keeps_requests_at_home() {
    let server = Server::start().await;
    let client = Client::new(config::Upstream { breaker_faults: 2, ..upstream(&server.url()) });
    let (_, mut peer) = join!(client.error(Expect::Json), server.answer(whole("503 Down", "", "")));
    assert!(client.upstreams.down().is_empty());
    join!(client.error(Expect::Json), peer.answer(whole("503 Down", "", "")));
    assert_eq!(client.upstreams.down(), BTreeSet::from(["up/m".to_owned()]));
    let error = client.error(Expect::Json).await;
    assert!(matches!(error, CloudError::BreakerOpen { .. }), "{error:?}");
    assert!(error.retry_after().is_some() && !error.retryable());
}

#[tokio::test]
async fn a_reload_forgets_no_open_breaker() {
    let server = Server::start().await;
    let failing = || config::Upstream { breaker_faults: 1, ..upstream(&server.url()) };
    let client = Client::new(failing());
    join!(client.error(Expect::Json), server.answer(whole("503 Down", "", "")));
    let down = BTreeSet::from(["up/m".to_owned()]);
    let again = |upstream| Upstreams::new(&[upstream], Some(&client.upstreams)).expect("sound");
    assert_eq!(again(failing()).down(), down);
    assert_eq!(again(config::Upstream { retries: 0, breaker_faults: 7, ..failing() }).down(), down);
    let elsewhere = config::Upstream { base_url: "http://127.0.0.1:1".parse().expect("a url"), ..failing() };
    assert!(again(elsewhere).down().is_empty());
    let another = config::Upstream { name: "over".to_owned(), ..failing() };
    assert!(again(another).down().is_empty());
}

#[tokio::test]
async fn a_breaker_whose_time_is_up_lets_one_try_and_closes() {
    let server = Server::start().await;
    let quick =
        config::Upstream { breaker_faults: 1, breaker_open: Duration::ZERO, ..upstream(&server.url()) };
    let client = Client::new(quick);
    let (_, mut peer) = join!(client.error(Expect::Json), server.answer(whole("500 No", "", "")));
    assert_eq!(client.upstreams.breaker("up/m"), Some(BreakerState::HalfOpen));
    assert!(client.upstreams.down().is_empty());
    join!(client.text(), peer.answer(json("{}")));
    assert_eq!(client.upstreams.breaker("up/m"), Some(BreakerState::Closed));
}

#[tokio::test]
async fn a_target_that_is_not_there_or_has_moved_further_out() {
    let server = Server::start().await;
    let other = config::Upstream { models: vec!["other".to_owned()], ..upstream(&server.url()) };
    let error = Client::new(other).error(Expect::Json).await;
    assert!(matches!(error, CloudError::NotConfigured), "{error:?}");
    let client = Client::of(&server);
    let wire = wire_in(Zone::Premises);
    let sent = client.upstreams.choose(&wire, &mut Round::default()).map(|_| ());
    assert!(matches!(sent, Err(CloudError::NotConfigured)));
    assert_eq!(client.upstreams.breaker("up/other"), None);
}

#[test]
fn attempts_end() {
    let upstreams = Upstreams::new(&[upstream("http://127.0.0.1:1")], None).expect("sound");
    let wire = wire();
    let (target, mut round) = (wire.target(), Round::default());
    assert!(upstreams.choose(&wire, &mut round).is_ok());
    let status = |retry_after| CloudError::Status {
        status: http::StatusCode::TOO_MANY_REQUESTS,
        retry_after,
        body: bytes::Bytes::new(),
        content_type: None,
    };
    let pause = |attempt, error: &CloudError| upstreams.pause(target, attempt, error, &round);
    assert!(pause(0, &status(None)).is_some() && pause(1, &CloudError::Reset).is_some());
    assert_eq!(pause(2, &CloudError::Reset), None);
    assert_eq!(pause(0, &status(Some(LONG))), None);
    assert_eq!(pause(0, &CloudError::MalformedBody), None);
}
