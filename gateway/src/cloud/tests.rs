//! The upstream client against servers that behave, and servers that do not.

mod faults;
mod proxy;
mod server;
mod tls;

use std::time::Duration;

use hearthgate_rules::chat::ChatRequest;
use hearthgate_rules::decide::Signals;
use hearthgate_rules::decision::{Outcome, Wire};
use hearthgate_rules::judge::Caller;
use hearthgate_rules::policy::{Policy, PolicyFile};
use hearthgate_rules::target::EffortField;
use secrecy::SecretString;
use tokio::join;

use self::server::{STREAM, Server, chunk, json, whole};
use super::*;

const BODY: &str = r#"{"model":"up/m","messages":[{"role":"user","content":"hello"}]}"#;
const LONG: Duration = Duration::from_secs(60);
const SHORT: Duration = Duration::from_millis(20);

/// What a permit lets out to `up/m`; a permit is only to be had by running a policy.
fn wire_in(zone: Zone) -> Wire {
    let target = Target::upstream("up", "m", zone, EffortField::None);
    let file = PolicyFile::parse("[[route]]\nname = \"out\"\nto = [\"up/m\"]\n").expect("a policy");
    let policy = Policy::compile(&file, [Arc::new(target)].into(), Zone::Cloud).expect("a sound policy");
    let request = ChatRequest::openai(BODY).expect("a request");
    let decision = Arc::new(policy).judge(request, Caller::default()).decide(&Signals::default());
    let Outcome::Allow(permit) = decision.outcome else { panic!("refused") };
    permit.wire(0, |_, _, _| Ok(BODY.into())).expect("a wire")
}

fn wire() -> Wire {
    wire_in(Zone::Cloud)
}

pub fn upstream(url: &str) -> config::Upstream {
    config::Upstream {
        server: None,
        name: "up".to_owned(),
        zone: Zone::Cloud,
        dialect: config::UpstreamDialect::OpenAi,
        endpoint: config::Endpoint::Usual,
        api_key_header: http::header::AUTHORIZATION,
        base_url: url.parse().expect("a url"),
        api_key: Some(SecretString::from("sk-test")),
        aws: None,
        models: vec!["m".to_owned()],
        quirks: Arc::default(),
        effort_field: None,
        answer_tokens: None,
        connect_timeout: LONG,
        first_byte_timeout: LONG,
        idle_timeout: LONG,
        retries: 2,
        idle_connections_max: 4,
        breaker_faults: 1000,
        breaker_open: LONG,
        ca_file: None,
        proxy: None,
        access: config::Access::default(),
        spread: config::Spread::default(),
    }
}

/// A worker's side: one upstream, one pool.
struct Client {
    upstreams: Upstreams,
    pool: Pool,
}

impl Client {
    fn new(upstream: config::Upstream) -> Self {
        Self { upstreams: Upstreams::new(&[upstream], None).expect("sound"), pool: Pool::default() }
    }

    fn of(server: &Server) -> Self {
        Self::new(upstream(&server.url()))
    }

    async fn send(&self, expect: Expect) -> Result<UpstreamBody, CloudError> {
        self.pool.send(self.upstreams.choose(&wire(), &mut Round::default())?, expect, None).await
    }

    async fn text(&self) -> String {
        let mut body = self.send(Expect::Json).await.expect("an answer");
        String::from_utf8(body.collect(1 << 20).await.expect("a body").to_vec()).expect("text")
    }

    async fn error(&self, expect: Expect) -> CloudError {
        self.send(expect).await.expect_err("no answer")
    }
}

async fn piece(body: &mut UpstreamBody) -> Option<Result<bytes::Bytes, CloudError>> {
    std::future::poll_fn(|cx| body.poll_piece(cx)).await
}

#[tokio::test]
async fn what_is_sent_is_the_wire_and_a_head_of_the_configuration() {
    let server = Server::start().await;
    let client = Client::of(&server);
    let served = async {
        let mut peer = server.accept().await;
        let request = peer.request().await;
        peer.write(json("{}")).await;
        request
    };
    let (text, (head, body)) = join!(client.text(), served);
    assert_eq!(text, "{}");
    assert_eq!(body, BODY.as_bytes());
    let mut lines: Vec<_> = head.trim_end().lines().collect();
    lines[1..].sort_unstable();
    let (host, length) =
        (format!("host: 127.0.0.1:{}", server.port()), format!("content-length: {}", BODY.len()));
    let agent = concat!("user-agent: hearthgate/", env!("CARGO_PKG_VERSION"));
    let expected = [
        "POST /v1/chat/completions HTTP/1.1",
        "accept: application/json",
        "authorization: Bearer sk-test",
        &length,
        "content-type: application/json",
        &host,
        agent,
    ];
    assert_eq!(lines, expected);
}

#[tokio::test]
async fn a_connection_serves_one_request_after_the_other() {
    let server = Server::start().await;
    let client = Client::of(&server);
    let served = async {
        let mut peer = server.answer(json("1")).await;
        // Chunked, so that the end of the body is an event of its own.
        peer.answer(
            "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n",
        )
        .await;
        peer.write(chunk("2")).await;
        peer.write("0\r\n\r\n").await;
        peer.answer(json("3")).await;
    };
    let asked = async { [client.text().await, client.text().await, client.text().await] };
    assert_eq!(join!(asked, served).0, ["1", "2", "3"]);
}

#[tokio::test]
async fn no_more_connections_are_kept_than_allowed() {
    let server = Server::start().await;
    let client = Client::new(config::Upstream { idle_connections_max: 1, ..upstream(&server.url()) });
    let served = async {
        let (mut one, mut two) = (server.accept().await, server.accept().await);
        join!(one.answer(json("1")), two.answer(json("2")));
        (one, two)
    };
    let (_, _, _peers) = join!(client.text(), client.text(), served);
    assert_eq!(client.pool.idle(), 1);
}

#[tokio::test]
async fn a_server_that_wants_to_close_is_not_asked_again() {
    let server = Server::start().await;
    let client = Client::of(&server);
    let headers = "content-type: application/json\r\nconnection: close\r\n";
    let served = async {
        let first = server.answer(whole("200 OK", headers, "1")).await;
        server.answer(json("2")).await;
        drop(first);
    };
    let asked = async { [client.text().await, client.text().await] };
    assert_eq!(join!(asked, served).0, ["1", "2"]);
}

#[tokio::test]
async fn a_request_that_may_have_been_read_is_not_sent_again_unasked() {
    let server = Server::start().await;
    let client = Client::of(&server);
    let served = async {
        let mut peer = server.answer(json("1")).await;
        // The request has been written when the connection turns out to be closed.
        peer.request().await;
        drop(peer);
    };
    let asked = async { (client.text().await, client.send(Expect::Json).await) };
    let ((first, second), ()) = join!(asked, served);
    assert_eq!(first, "1");
    assert!(matches!(second, Err(CloudError::Reset)), "{second:?}");
}

#[tokio::test]
async fn pieces_that_are_ready_come_as_one() {
    let server = Server::start().await;
    let client = Client::of(&server);
    let events: Vec<_> = (0..32).map(|n| format!("data: {n}\n\n")).collect();
    let chunks: String = events.iter().map(|event| chunk(event)).collect();
    let answer = format!("{STREAM}{chunks}0\r\n\r\n");
    let (response, _peer) = join!(client.send(Expect::EventStream), server.answer(answer));
    let mut body = response.expect("an answer");
    assert_eq!(piece(&mut body).await.expect("a piece").expect("sound"), events.concat());
    assert!(http_body::Body::is_end_stream(&body));
    assert!(piece(&mut body).await.is_none());
    assert_eq!(client.pool.idle(), 1);
}

#[tokio::test]
async fn an_event_is_not_held_back() {
    let server = Server::start().await;
    let client = Client::of(&server);
    let (response, mut peer) = join!(client.send(Expect::EventStream), server.answer(STREAM));
    let mut body = response.expect("an answer");
    for text in ["data: a\n\n", "data: b\n\n"] {
        let (got, ()) = join!(piece(&mut body), peer.write(chunk(text)));
        assert_eq!(got.expect("a piece").expect("sound"), text);
    }
    let (end, ()) = join!(piece(&mut body), peer.write("0\r\n\r\n"));
    assert!(end.is_none());
}

#[tokio::test]
async fn a_body_dropped_before_its_end_hangs_up() {
    let server = Server::start().await;
    let client = Client::of(&server);
    let (response, mut peer) = join!(client.send(Expect::EventStream), server.answer(STREAM));
    drop(response);
    peer.sees_hang_up().await;
    assert_eq!(client.pool.idle(), 0);
}

#[tokio::test]
async fn a_request_dropped_before_its_answer_hangs_up() {
    let server = Server::start().await;
    let client = Client::of(&server);
    let served = async {
        let mut peer = server.accept().await;
        peer.request().await;
        peer
    };
    let mut peer = tokio::select! {
        _ = client.send(Expect::Json) => panic!("answered"),
        peer = served => peer,
    };
    peer.sees_hang_up().await;
}

#[tokio::test]
async fn a_released_body_gives_its_connection_back() {
    let server = Server::start().await;
    let client = Client::of(&server);
    let begun = format!("{STREAM}{}", chunk("data: [DONE]\n\n"));
    let (response, mut peer) = join!(client.send(Expect::EventStream), server.answer(begun));
    let mut body = response.expect("an answer");
    piece(&mut body).await.expect("a piece").expect("sound");
    body.release();
    peer.write("0\r\n\r\n").await;
    while client.pool.idle() == 0 {
        tokio::task::yield_now().await;
    }
    let (text, ()) = join!(client.text(), peer.answer(json("again")));
    assert_eq!(text, "again");
}

/// A reload that takes a key out, or brings another, leaves the others what is known of them, and the new one nothing.
#[test]
fn what_is_known_of_a_key_goes_with_the_key() {
    let with = |keys: &[&str]| {
        let mut upstream = upstream("https://a.example/v1");
        upstream.breaker_faults = 1;
        let mut keys = keys.iter().map(|key| Some(SecretString::from(*key)));
        upstream.api_key = keys.next().flatten();
        let further = |api_key| config::spread::Endpoint {
            base_url: upstream.base_url.clone(),
            api_key,
            proxy: None,
            weight: 1,
        };
        upstream.spread.endpoints = keys.map(further).collect();
        upstream
    };
    let states = |upstreams: &Upstreams| upstreams.load("up/m").expect("known").1;
    let (open, closed) = (BreakerState::Open, BreakerState::Closed);
    let first = Upstreams::new(&[with(&["bad", "good", "other"])], None).expect("sound");
    let choice = first.choose(&wire(), &mut Round::default()).map(|choice| choice.attempt);
    choice.expect("the first").failed(&CloudError::Reset, clock::now());
    assert_eq!(states(&first), [open, closed, closed]);
    let fewer = Upstreams::new(&[with(&["good", "other"])], Some(&first)).expect("sound");
    assert_eq!(states(&fewer), [closed, closed]);
    let moved = Upstreams::new(&[with(&["good", "bad"])], Some(&first)).expect("sound");
    assert_eq!(states(&moved), [closed, open]);
    let renewed = Upstreams::new(&[with(&["new", "good"])], Some(&first)).expect("sound");
    assert_eq!(states(&renewed), [closed, closed]);
}
