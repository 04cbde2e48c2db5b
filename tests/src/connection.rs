//! One HTTP/1.1 connection on the bare socket, for what a well-behaved client hides: several requests on one
//! connection, requests sent before the answer to the last, bytes that stop or never come.

use std::net::SocketAddr;

use serde_json::Value;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

/// A connection that stays open until it is dropped or the server closes it.
#[derive(Debug)]
pub struct Connection {
    stream: TcpStream,
    buffer: Vec<u8>,
}

/// An answer, read to its end.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The status.
    pub status: u16,
    /// Names in lower case, in order.
    pub headers: Vec<(String, String)>,
    /// The body without chunk framing.
    pub body: Vec<u8>,
}

impl Answer {
    /// A header; empty where it is missing.
    #[must_use]
    pub fn header(&self, name: &str) -> &str {
        self.headers.iter().find(|(n, _)| n == name).map_or("", |(_, value)| value)
    }

    /// The body as JSON.
    ///
    /// # Panics
    /// When it is none.
    #[must_use]
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|e| panic!("not JSON ({e}): {}", String::from_utf8_lossy(&self.body)))
    }
}

/// A request as it goes on the wire; a body brings its length.
#[must_use]
pub fn request(method: &str, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Vec<u8> {
    let mut head = format!("{method} {path} HTTP/1.1\r\n");
    if !headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("host")) {
        head.push_str("host: localhost\r\n");
    }
    for (name, value) in headers {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    if !body.is_empty() {
        head.push_str(&format!("content-length: {}\r\n", body.len()));
    }
    head.push_str("\r\n");
    [head.as_bytes(), body].concat()
}

/// A chat request as it goes on the wire.
#[must_use]
pub fn chat_request(body: &Value) -> Vec<u8> {
    let json = [("content-type", "application/json")];
    request("POST", "/v1/chat/completions", &json, body.to_string().as_bytes())
}

impl Connection {
    /// Connects.
    #[expect(clippy::disallowed_methods, reason = "to a server that the test itself started on loopback")]
    pub async fn open(address: SocketAddr) -> Self {
        let stream = TcpStream::connect(address).await.unwrap();
        stream.set_nodelay(true).unwrap();
        Self { stream, buffer: Vec::new() }
    }

    /// The socket, for another protocol.
    #[must_use]
    pub fn into_socket(self) -> TcpStream {
        self.stream
    }

    /// The port at this end.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.stream.local_addr().unwrap().port()
    }

    /// Sends bytes as they are.
    pub async fn send(&mut self, bytes: &[u8]) {
        crate::bounded("room to write", self.stream.write_all(bytes)).await.unwrap();
    }

    /// Sends bytes as they are; false where the server has closed.
    pub async fn try_send(&mut self, bytes: &[u8]) -> bool {
        crate::bounded("room to write", self.stream.write_all(bytes)).await.is_ok()
    }

    /// Sends a request and reads its answer.
    pub async fn ask(&mut self, request: &[u8]) -> Answer {
        self.send(request).await;
        self.answer().await
    }

    /// Reads the next answer to its end.
    ///
    /// # Panics
    /// When the server closes before that, or what comes is no HTTP.
    pub async fn answer(&mut self) -> Answer {
        let mut answer = self.head().await;
        answer.body = if answer.header("transfer-encoding") == "chunked" {
            self.chunked().await
        } else {
            let length = answer.header("content-length").parse().unwrap_or(0);
            self.take(length).await
        };
        answer
    }

    /// Reads the next answer's head and no further: all that a HEAD request gets.
    pub async fn head(&mut self) -> Answer {
        let (answer, length) = loop {
            if let Some(parsed) = parse_head(&self.buffer) {
                break parsed;
            }
            self.fill().await;
        };
        self.buffer.drain(..length);
        answer
    }

    /// Whether anything has come that was not read.
    #[must_use]
    pub fn has_more(&mut self) -> bool {
        let mut bytes = [0; 1024];
        match self.stream.try_read(&mut bytes) {
            Ok(count) => {
                self.buffer.extend_from_slice(&bytes[..count]);
                true
            }
            Err(_) => !self.buffer.is_empty(),
        }
    }

    /// Waits until the server closes or resets, and gives what came before that.
    pub async fn closed(mut self) -> Vec<u8> {
        // A reset is a close, too.
        let _ = crate::bounded("the server to close", self.stream.read_to_end(&mut self.buffer)).await;
        self.buffer
    }

    async fn take(&mut self, length: usize) -> Vec<u8> {
        while self.buffer.len() < length {
            self.fill().await;
        }
        self.buffer.drain(..length).collect()
    }

    async fn chunked(&mut self) -> Vec<u8> {
        let mut body = Vec::new();
        loop {
            let mut line = Vec::new();
            while !line.ends_with(b"\r\n") {
                line.extend(self.take(1).await);
            }
            let line = String::from_utf8(line).unwrap();
            let size = usize::from_str_radix(line.trim_end(), 16).unwrap();
            let chunk = self.take(size + 2).await;
            if size == 0 {
                return body;
            }
            body.extend_from_slice(&chunk[..size]);
        }
    }

    async fn fill(&mut self) {
        let count = crate::bounded("an answer", self.stream.read_buf(&mut self.buffer)).await.unwrap();
        assert!(count > 0, "closed after {:?}", String::from_utf8_lossy(&self.buffer));
    }
}

fn parse_head(bytes: &[u8]) -> Option<(Answer, usize)> {
    let mut headers = [httparse::EMPTY_HEADER; 64];
    let mut head = httparse::Response::new(&mut headers);
    let parsed = head.parse(bytes).unwrap_or_else(|e| panic!("{e}: {}", String::from_utf8_lossy(bytes)));
    let httparse::Status::Complete(length) = parsed else { return None };
    let text = |value: &[u8]| String::from_utf8_lossy(value).into_owned();
    let headers = head.headers.iter().map(|h| (h.name.to_ascii_lowercase(), text(h.value)));
    let answer =
        Answer { status: head.code.unwrap_or_default(), headers: headers.collect(), body: Vec::new() };
    Some((answer, length))
}
