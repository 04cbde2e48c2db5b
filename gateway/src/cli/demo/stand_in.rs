//! A stand-in for a cloud: an honest little server on loopback that keeps what it is sent.

use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use tokio::net::TcpListener;

/// The most bytes of a request.
const BODY_BYTES_MAX: usize = 1 << 20;

const SENTENCE: &str = "This is a stand-in for a cloud model, and it says the same to everything.";

type Bodies = Arc<Mutex<Vec<Bytes>>>;

/// The server.
pub struct StandIn {
    address: SocketAddr,
    bodies: Bodies,
}

impl StandIn {
    /// Listens on a free port of loopback.
    pub async fn start() -> io::Result<Self> {
        let listener = TcpListener::bind((std::net::Ipv4Addr::LOCALHOST, 0)).await?;
        let address = listener.local_addr()?;
        let bodies = Bodies::default();
        tokio::spawn(accept(listener, Arc::clone(&bodies)));
        Ok(Self { address, bodies })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Every body that it was sent.
    pub fn seen(&self) -> Vec<Bytes> {
        self.bodies.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

async fn accept(listener: TcpListener, bodies: Bodies) {
    while let Ok((stream, _)) = listener.accept().await {
        let bodies = Arc::clone(&bodies);
        let service = service_fn(move |request| answer(request, Arc::clone(&bodies)));
        // A connection that fails is the gateway's to tell.
        tokio::spawn(http1::Builder::new().serve_connection(TokioIo::new(stream), service));
    }
}

async fn answer(request: Request<Incoming>, bodies: Bodies) -> Result<Response<Full<Bytes>>, Infallible> {
    let body = Limited::new(request.into_body(), BODY_BYTES_MAX).collect().await;
    let body = body.map(http_body_util::Collected::to_bytes).unwrap_or_default();
    let asked: Value = serde_json::from_slice(&body).unwrap_or_default();
    bodies.lock().unwrap_or_else(PoisonError::into_inner).push(body);
    let prompt_tokens = asked.to_string().split_whitespace().count();
    let streamed = asked.get("stream").and_then(Value::as_bool) == Some(true);
    let (content_type, body) = if streamed {
        ("text/event-stream", events(prompt_tokens))
    } else {
        ("application/json", whole(prompt_tokens))
    };
    let mut response = Response::new(Full::new(Bytes::from(body)));
    let content_type = http::HeaderValue::from_static(content_type);
    response.headers_mut().insert(http::header::CONTENT_TYPE, content_type);
    Ok(response)
}

fn whole(prompt_tokens: usize) -> String {
    let message = json!({"role": "assistant", "content": SENTENCE});
    json!({
        "id": "stand-in",
        "object": "chat.completion",
        "created": 0,
        "model": "frontier",
        "choices": [{"index": 0, "message": message, "finish_reason": "stop"}],
        "usage": usage(prompt_tokens),
    })
    .to_string()
}

fn events(prompt_tokens: usize) -> String {
    let chunk = |choices: Value, usage: Value| {
        let chunk = json!({
            "id": "stand-in",
            "object": "chat.completion.chunk",
            "created": 0,
            "model": "frontier",
            "choices": choices,
            "usage": usage,
        });
        format!("data: {chunk}\n\n")
    };
    let delta = |delta: Value, reason: Value| {
        chunk(json!([{"index": 0, "delta": delta, "finish_reason": reason}]), Value::Null)
    };
    let mut events = delta(json!({"role": "assistant", "content": ""}), Value::Null);
    for word in SENTENCE.split_inclusive(' ') {
        events.push_str(&delta(json!({"content": word}), Value::Null));
    }
    events.push_str(&delta(json!({}), json!("stop")));
    events.push_str(&chunk(json!([]), usage(prompt_tokens)));
    events.push_str("data: [DONE]\n\n");
    events
}

fn usage(prompt_tokens: usize) -> Value {
    let completion_tokens = SENTENCE.split(' ').count();
    json!({
        "prompt_tokens": prompt_tokens,
        "completion_tokens": completion_tokens,
        "total_tokens": prompt_tokens + completion_tokens,
    })
}
