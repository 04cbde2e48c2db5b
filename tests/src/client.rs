//! A client that speaks plain HTTP as told, and leaves, stalls or misbehaves as told.

use std::net::SocketAddr;

use bytes::Bytes;
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use hyper::client::conn::{http1, http2};
use hyper::header::HeaderMap;
use hyper::{Request, StatusCode};
use hyper_util::rt::{TokioExecutor, TokioIo};
use serde_json::Value;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::task::{AbortHandle, JoinSet};

use crate::sse::{Event, Reader};

/// A client of one server; each request goes on a connection of its own.
#[derive(Clone, Debug)]
pub struct Client {
    address: SocketAddr,
    http2: bool,
    headers: Vec<(String, String)>,
}

/// A whole answer.
#[derive(Clone, Debug)]
pub struct Response {
    /// The status.
    pub status: StatusCode,
    /// The headers.
    pub headers: HeaderMap,
    /// The body.
    pub body: Bytes,
    /// Whether the body came to its proper end.
    pub complete: bool,
}

impl Response {
    /// A header as text; empty where it is missing.
    #[must_use]
    pub fn header(&self, name: &str) -> String {
        self.headers
            .get(name)
            .map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned())
            .unwrap_or_default()
    }

    /// The body as JSON.
    ///
    /// # Panics
    /// When it is none.
    #[must_use]
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|e| panic!("not JSON ({e}): {}", self.text()))
    }

    /// The body as text.
    #[must_use]
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// The first choice's text in a chat completion.
    #[must_use]
    pub fn content(&self) -> String {
        let body = self.json();
        let content = body.pointer("/choices/0/message/content").and_then(Value::as_str);
        content.unwrap_or_else(|| panic!("no content: {body}")).to_owned()
    }

    /// The events of a streamed body.
    #[must_use]
    pub fn events(&self) -> Vec<Event> {
        Reader::default().push(&self.body)
    }
}

impl Client {
    /// A client of `address` over HTTP/1.1.
    #[must_use]
    pub fn new(address: SocketAddr) -> Self {
        Self { address, http2: false, headers: Vec::new() }
    }

    /// The same over HTTP/2 with prior knowledge.
    #[must_use]
    pub fn http2(mut self) -> Self {
        self.http2 = true;
        self
    }

    /// The same with a header on every request.
    #[must_use]
    pub fn with(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Gets `path`.
    pub async fn get(&self, path: &str) -> Response {
        self.request("GET", path, Bytes::new()).await
    }

    /// Posts JSON to `path`.
    pub async fn post(&self, path: &str, body: &Value) -> Response {
        self.post_bytes(path, body.to_string()).await
    }

    /// Posts these bytes as `application/json`.
    pub async fn post_bytes(&self, path: &str, body: impl Into<Bytes>) -> Response {
        self.request("POST", path, body.into()).await
    }

    /// Posts a chat request.
    pub async fn chat(&self, body: &Value) -> Response {
        self.post("/v1/chat/completions", body).await
    }

    /// Posts a chat request and gives the answer as it comes.
    pub async fn chat_stream(&self, body: &Value) -> Stream {
        self.open("POST", "/v1/chat/completions", body.to_string().into()).await
    }

    /// Sends a request and reads the answer to its end.
    pub async fn request(&self, method: &str, path: &str, body: Bytes) -> Response {
        let mut stream = self.open(method, path, body).await;
        let mut bytes = Vec::new();
        while let Some(part) = stream.part().await {
            bytes.extend_from_slice(&part);
        }
        Response {
            status: stream.status,
            headers: stream.headers.clone(),
            body: bytes.into(),
            complete: !stream.broken,
        }
    }

    /// Sends a request and reads the head of the answer.
    ///
    /// # Panics
    /// When no answer comes.
    pub async fn open(&self, method: &str, path: &str, body: Bytes) -> Stream {
        crate::bounded("an answer's head", self.send(method, path, body))
            .await
            .unwrap_or_else(|e| panic!("no answer: {e}"))
    }

    /// The same, where a closed connection is an expected outcome.
    ///
    /// # Errors
    /// When the connection or the protocol fails before an answer's head.
    pub async fn send(
        &self,
        method: &str,
        path: &str,
        body: Bytes,
    ) -> Result<Stream, Box<dyn std::error::Error + Send + Sync>> {
        let io = TokioIo::new(connect(self.address).await?);
        let request = self.build(method, path, body)?;
        let (answer, connection) = if self.http2 {
            let (mut sender, connection) = http2::handshake(TokioExecutor::new(), io).await?;
            let connection = tokio::spawn(async move { drop(connection.await) }).abort_handle();
            (sender.send_request(request).await?, connection)
        } else {
            let (mut sender, connection) = http1::handshake(io).await?;
            let connection = tokio::spawn(async move { drop(connection.await) }).abort_handle();
            (sender.send_request(request).await?, connection)
        };
        let (head, body) = answer.into_parts();
        let reader = Reader::default();
        let events = Vec::new().into_iter();
        Ok(Stream {
            status: head.status,
            headers: head.headers,
            body,
            reader,
            events,
            broken: false,
            connection,
        })
    }

    fn build(
        &self,
        method: &str,
        path: &str,
        body: Bytes,
    ) -> Result<Request<Full<Bytes>>, hyper::http::Error> {
        let uri = if self.http2 { format!("http://{}{path}", self.address) } else { path.to_owned() };
        let mut request = Request::builder().method(method).uri(uri);
        let given = |name: &str| self.headers.iter().any(|(n, _)| n.eq_ignore_ascii_case(name));
        if !self.http2 && !given("host") {
            request = request.header("host", self.address.to_string());
        }
        if method == "POST" && !given("content-type") {
            request = request.header("content-type", "application/json");
        }
        for (name, value) in &self.headers {
            request = request.header(name, value);
        }
        request.body(Full::new(body))
    }

    /// Sends bytes as they are and reads until the server closes, or until `enough` says so of what came.
    pub async fn raw(&self, bytes: &[u8], enough: impl Fn(&[u8]) -> bool) -> Vec<u8> {
        let mut stream = connect(self.address).await.unwrap();
        let mut received = Vec::new();
        let exchange = async {
            // A server may answer and close before it has read everything.
            let _ = stream.write_all(bytes).await;
            while !enough(&received) && matches!(stream.read_buf(&mut received).await, Ok(1..)) {}
        };
        crate::bounded("a raw answer", exchange).await;
        received
    }

    /// Opens `count` connections that send the start of a request and then nothing.
    pub async fn slowloris(&self, count: usize, start: &[u8]) -> Slowloris {
        let mut connections = JoinSet::new();
        for _ in 0..count {
            let mut stream = connect(self.address).await.unwrap();
            stream.write_all(start).await.unwrap();
            connections.spawn(async move {
                let mut sink = Vec::new();
                let _ = stream.read_to_end(&mut sink).await;
                sink
            });
        }
        Slowloris { connections }
    }
}

/// Connections that only wait.
#[derive(Debug)]
pub struct Slowloris {
    connections: JoinSet<Vec<u8>>,
}

impl Slowloris {
    /// Waits until the server has closed all of them, and gives what it said on each.
    pub async fn closed(self) -> Vec<Vec<u8>> {
        crate::bounded("the server to close idle connections", self.connections.join_all()).await
    }
}

/// An answer as it comes. Dropping it hangs up.
#[derive(Debug)]
pub struct Stream {
    /// The status.
    pub status: StatusCode,
    /// The headers.
    pub headers: HeaderMap,
    body: Incoming,
    reader: Reader,
    events: std::vec::IntoIter<Event>,
    broken: bool,
    connection: AbortHandle,
}

impl Stream {
    /// The next event; nothing at the end. See [`Stream::is_broken`] for how it ended.
    pub async fn event(&mut self) -> Option<Event> {
        loop {
            if let Some(event) = self.events.next() {
                return Some(event);
            }
            let part = self.part().await?;
            self.events = self.reader.push(&part).into_iter();
        }
    }

    /// All events to the end.
    pub async fn rest(&mut self) -> Vec<Event> {
        let mut events = Vec::new();
        while let Some(event) = self.event().await {
            events.push(event);
        }
        events
    }

    /// Whether the transfer ended by a fault or within an event, not by its proper end.
    #[must_use]
    pub fn is_broken(&self) -> bool {
        self.broken || self.reader.is_mid_event()
    }

    /// Leaves: the connection is closed at once.
    pub fn hang_up(self) {}

    /// The next bytes of the body.
    pub async fn part(&mut self) -> Option<Bytes> {
        loop {
            match crate::bounded("the next bytes", self.body.frame()).await {
                Some(Ok(frame)) => match frame.into_data() {
                    Ok(data) => return Some(data),
                    Err(_) => continue,
                },
                Some(Err(_)) => {
                    self.broken = true;
                    return None;
                }
                None => return None,
            }
        }
    }
}

impl Drop for Stream {
    fn drop(&mut self) {
        self.connection.abort();
    }
}

#[expect(clippy::disallowed_methods, reason = "a client of servers that the test itself started on loopback")]
async fn connect(address: SocketAddr) -> std::io::Result<TcpStream> {
    let stream = TcpStream::connect(address).await?;
    stream.set_nodelay(true)?;
    Ok(stream)
}
