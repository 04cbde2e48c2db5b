//! The client of the demonstration. It speaks to the gateway that the demo started, on loopback.

use std::error::Error;
use std::net::SocketAddr;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, Request};
use http_body_util::{BodyExt as _, Full};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use tokio::net::TcpStream;

use super::prompts::Prompt;
use crate::clock::now;

/// The most bytes of an answer.
const ANSWER_BYTES_MAX: usize = 1 << 20;

/// The most tokens of an answer: enough to see it, few enough not to wait for it.
const TOKENS_MAX: u32 = 24;

/// What is told of an answer.
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    headers: HeaderMap,
    /// Until the first content came.
    pub first_token: Duration,
    /// What it cost, as the gateway says.
    pub cost_usd: Option<String>,
}

impl Answer {
    /// A header's text.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }
}

/// Asks the gateway.
#[expect(clippy::disallowed_methods, reason = "to loopback, to the gateway that the demo itself started")]
pub async fn ask(gateway: SocketAddr, prompt: &Prompt) -> Result<Answer, Box<dyn Error>> {
    let (mut sender, connection) = http1::handshake(TokioIo::new(TcpStream::connect(gateway).await?)).await?;
    tokio::spawn(connection);
    let start = now();
    let response = sender.send_request(request(gateway, prompt)?).await?;
    let (head, mut body) = response.into_parts();
    let mut received = Vec::new();
    let mut first_token = None;
    while let Some(frame) = body.frame().await {
        if let Ok(data) = frame?.into_data() {
            received.extend_from_slice(&data);
        }
        if received.len() > ANSWER_BYTES_MAX {
            return Err("the answer is longer than the demo reads".into());
        }
        if first_token.is_none() && (!prompt.streamed || events(&received).any(|event| has_content(&event))) {
            first_token = Some(start.elapsed());
        }
    }
    let in_header = head.headers.get("x-hearthgate-cost-usd").and_then(|cost| cost.to_str().ok());
    let cost_usd = in_header.map(str::to_owned).or_else(|| events(&received).find_map(|event| cost(&event)));
    let first_token = first_token.unwrap_or_else(|| start.elapsed());
    Ok(Answer { status: head.status.as_u16(), headers: head.headers, first_token, cost_usd })
}

fn request(gateway: SocketAddr, prompt: &Prompt) -> Result<Request<Full<Bytes>>, http::Error> {
    let mut body = json!({
        "model": prompt.model,
        "messages": [{"role": "user", "content": prompt.text}],
        "max_tokens": TOKENS_MAX,
    });
    if prompt.streamed
        && let Some(body) = body.as_object_mut()
    {
        body.insert("stream".to_owned(), json!(true));
        body.insert("stream_options".to_owned(), json!({"include_usage": true}));
    }
    let mut request = Request::post("/v1/chat/completions")
        .header("host", gateway.to_string())
        .header("content-type", "application/json");
    if let Some((name, value)) = prompt.header {
        request = request.header(name, value);
    }
    request.body(Full::new(Bytes::from(body.to_string())))
}

/// The events of a stream, as far as they are whole.
fn events(received: &[u8]) -> impl Iterator<Item = Value> + '_ {
    received
        .split(|&byte| byte == b'\n')
        .filter_map(|line| serde_json::from_slice(line.strip_prefix(b"data: ")?).ok())
}

fn has_content(event: &Value) -> bool {
    ["content", "reasoning_content"].iter().any(|field| {
        let content = event.pointer(&format!("/choices/0/delta/{field}")).and_then(Value::as_str);
        content.is_some_and(|content| !content.is_empty())
    })
}

fn cost(event: &Value) -> Option<String> {
    Some(event.pointer("/usage/cost_usd")?.to_string())
}
