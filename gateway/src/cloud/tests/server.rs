//! A server on loopback that says exactly what a test wants, byte for byte.

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

/// A listener.
pub struct Server {
    listener: TcpListener,
}

/// One connection to it.
pub struct Peer<S = TcpStream> {
    stream: S,
    read: Vec<u8>,
}

impl Server {
    pub async fn start() -> Self {
        Self { listener: TcpListener::bind("127.0.0.1:0").await.expect("a port") }
    }

    pub fn port(&self) -> u16 {
        self.listener.local_addr().expect("an address").port()
    }

    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}/v1", self.port())
    }

    pub async fn accept(&self) -> Peer {
        let (stream, _) = self.listener.accept().await.expect("a connection");
        stream.set_nodelay(true).expect("no delay");
        Peer::new(stream)
    }

    /// Accepts a connection, reads a request and answers it.
    pub async fn answer(&self, answer: impl AsRef<[u8]>) -> Peer {
        let mut peer = self.accept().await;
        peer.answer(answer).await;
        peer
    }
}

impl Peer {
    pub fn into_stream(self) -> TcpStream {
        self.stream
    }
}

impl<S: tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin> Peer<S> {
    pub fn new(stream: S) -> Self {
        Self { stream, read: Vec::new() }
    }

    /// Reads one request: its head and its body.
    pub async fn request(&mut self) -> (String, Vec<u8>) {
        let head_end = loop {
            if let Some(at) = self.read.windows(4).position(|four| four == b"\r\n\r\n") {
                break at + 4;
            }
            assert!(self.more().await, "a head");
        };
        let head = String::from_utf8(self.read[..head_end].to_vec()).expect("a head of text");
        let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
        let tunnel = head.starts_with("CONNECT ");
        let length: usize = length.or(tunnel.then_some("0")).expect("a length").parse().expect("a number");
        while self.read.len() < head_end + length {
            assert!(self.more().await, "a body");
        }
        let rest = self.read.split_off(head_end + length);
        let body = std::mem::replace(&mut self.read, rest).split_off(head_end);
        (head, body)
    }

    pub async fn write(&mut self, bytes: impl AsRef<[u8]>) {
        self.stream.write_all(bytes.as_ref()).await.expect("written");
        self.stream.flush().await.expect("flushed");
    }

    pub async fn answer(&mut self, answer: impl AsRef<[u8]>) {
        self.request().await;
        self.write(answer).await;
    }

    /// Waits until the other side has closed or reset the connection.
    pub async fn sees_hang_up(&mut self) {
        while self.more().await {}
    }

    async fn more(&mut self) -> bool {
        matches!(self.stream.read_buf(&mut self.read).await, Ok(1..))
    }
}

/// An answer with a length.
pub fn whole(status: &str, headers: &str, body: &str) -> String {
    format!("HTTP/1.1 {status}\r\n{headers}content-length: {}\r\n\r\n{body}", body.len())
}

/// A JSON answer.
pub fn json(body: &str) -> String {
    whole("200 OK", "content-type: application/json\r\n", body)
}

/// The head of a stream of events.
pub const STREAM: &str =
    "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n";

/// A chunk of a body.
pub fn chunk(data: &str) -> String {
    format!("{:x}\r\n{data}\r\n", data.len())
}
