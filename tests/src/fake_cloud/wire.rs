//! The fake cloud's sockets: reads requests strictly, keeps every byte, writes what the script says.

use std::io;
use std::sync::Arc;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

use super::script::{End, Step};
use super::{Received, State, script};

/// Accepts until aborted; connections end with it.
pub(super) async fn listen(socket: TcpListener, state: Arc<State>) {
    let mut connections = JoinSet::new();
    while let Ok((stream, _)) = socket.accept().await {
        let connection = state.note(|inner| {
            inner.record.connections.push(Vec::new());
            inner.record.connections.len() - 1
        });
        connections.spawn(serve(stream, connection, Arc::clone(&state)));
        while connections.try_join_next().is_some() {}
    }
}

async fn serve(stream: TcpStream, connection: usize, state: Arc<State>) {
    let _ = stream.set_nodelay(true);
    let (read, mut write) = stream.into_split();
    let mut incoming = Incoming { read, connection, buffer: Vec::new(), state: Arc::clone(&state) };
    loop {
        let request = match incoming.next().await {
            Ok(Some(request)) => request,
            Ok(None) => return,
            Err(fault) => {
                state.note(|inner| inner.record.complaints.push(fault.clone()));
                let _ = play(&mut write, script::malformed(&fault), &state).await;
                return;
            }
        };
        let keep = !request.header("connection").is_some_and(|value| value.eq_ignore_ascii_case("close"));
        let steps = script::answer(&state, request);
        let end = tokio::select! {
            biased;
            end = play(&mut write, steps, &state) => end,
            () = incoming.gone() => End::HungUp,
        };
        match end {
            End::KeepAlive if keep => {}
            End::KeepAlive | End::Close => return,
            End::Reset => return reset(incoming.read, write),
            End::HungUp => return state.note(|inner| inner.record.hang_ups += 1),
        }
    }
}

/// Closes with a reset: a zero linger time drops what is unsent and says so to the peer.
fn reset(read: OwnedReadHalf, write: OwnedWriteHalf) {
    if let Ok(stream) = read.reunite(write) {
        let _ = stream.set_zero_linger();
    }
}

async fn play(write: &mut OwnedWriteHalf, (steps, end): (Vec<Step>, End), state: &State) -> End {
    for step in steps {
        match step {
            Step::Stall => state.stall().await,
            Step::Write(bytes) => {
                if write.write_all(&bytes).await.is_err() {
                    return End::HungUp;
                }
                // Each write may leave on its own before the next is made.
                tokio::task::yield_now().await;
            }
        }
    }
    end
}

struct Incoming {
    read: OwnedReadHalf,
    connection: usize,
    buffer: Vec<u8>,
    state: Arc<State>,
}

impl Incoming {
    /// The next request, or nothing when the client closes between requests.
    async fn next(&mut self) -> Result<Option<Received>, String> {
        let Some((mut request, head_len)) = self.head().await? else { return Ok(None) };
        self.buffer.drain(..head_len);
        request.body = match framing(&request)? {
            Framing::Length(length) => self.take(length).await?,
            Framing::Chunked => self.chunked().await?,
        };
        Ok(Some(request))
    }

    /// Resolves when the client has closed or reset; keeps what it sends meanwhile.
    async fn gone(&mut self) {
        while !matches!(self.fill().await, Ok(0) | Err(_)) {}
    }

    async fn head(&mut self) -> Result<Option<(Received, usize)>, String> {
        loop {
            if let Some(parsed) = parse_head(&self.buffer, self.connection)? {
                return Ok(Some(parsed));
            }
            match self.fill().await {
                Ok(0) | Err(_) if self.buffer.is_empty() => return Ok(None),
                Ok(0) | Err(_) => return Err("connection closed within a request's head".to_owned()),
                Ok(_) => {}
            }
        }
    }

    async fn take(&mut self, length: usize) -> Result<Vec<u8>, String> {
        while self.buffer.len() < length {
            match self.fill().await {
                Ok(0) | Err(_) => return Err("connection closed within a request's body".to_owned()),
                Ok(_) => {}
            }
        }
        Ok(self.buffer.drain(..length).collect())
    }

    async fn chunked(&mut self) -> Result<Vec<u8>, String> {
        let mut body = Vec::new();
        loop {
            let mut line = Vec::new();
            while !line.ends_with(b"\r\n") {
                line.extend(self.take(1).await?);
            }
            let text = String::from_utf8_lossy(&line);
            let size = text.trim_end().split(';').next().unwrap_or_default();
            let size = usize::from_str_radix(size, 16).map_err(|_| format!("bad chunk size ({size:?})"))?;
            let chunk = self.take(size + 2).await?;
            if !chunk.ends_with(b"\r\n") {
                return Err("chunk without its line end".to_owned());
            }
            if size == 0 {
                return Ok(body);
            }
            body.extend_from_slice(&chunk[..size]);
        }
    }

    async fn fill(&mut self) -> io::Result<usize> {
        let mut bytes = [0; 16 * 1024];
        let count = self.read.read(&mut bytes).await?;
        let bytes = &bytes[..count];
        self.buffer.extend_from_slice(bytes);
        self.state.note(|inner| inner.record.connections[self.connection].extend_from_slice(bytes));
        Ok(count)
    }
}

const HEADERS_MAX: usize = 100;

fn parse_head(bytes: &[u8], connection: usize) -> Result<Option<(Received, usize)>, String> {
    let mut headers = [httparse::EMPTY_HEADER; HEADERS_MAX];
    let mut head = httparse::Request::new(&mut headers);
    let parsed = head.parse(bytes).map_err(|e| format!("malformed request head: {e}"))?;
    let httparse::Status::Complete(length) = parsed else { return Ok(None) };
    let headers = head.headers.iter();
    let request = Received {
        connection,
        method: head.method.unwrap_or_default().to_owned(),
        target: head.path.unwrap_or_default().to_owned(),
        headers: headers.map(|h| (h.name.to_ascii_lowercase(), h.value.to_vec())).collect(),
        body: Vec::new(),
    };
    Ok(Some((request, length)))
}

enum Framing {
    Length(usize),
    Chunked,
}

/// How the body is delimited; whatever two servers could read in two ways is refused (RFC 9112, 6.3).
fn framing(request: &Received) -> Result<Framing, String> {
    let all = |name: &str| request.headers.iter().filter(|(n, _)| n == name).count();
    match (all("host"), all("content-length"), all("transfer-encoding")) {
        (1, 0, 0) => Ok(Framing::Length(0)),
        (1, 1, 0) => {
            let length = request.header("content-length").unwrap_or_default();
            length.parse().map(Framing::Length).map_err(|_| "bad content-length".to_owned())
        }
        (1, 0, 1) if request.header("transfer-encoding").as_deref() == Some("chunked") => {
            Ok(Framing::Chunked)
        }
        (1, ..) => Err("ambiguous body framing".to_owned()),
        _ => Err("not exactly one host header".to_owned()),
    }
}
