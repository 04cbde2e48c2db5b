//! The upstream: answers every chat request at once, and does nothing else.
//!
//! It reads no JSON and checks nothing but where a request ends. It runs as a process of its own, so that its
//! processor time is not counted as anyone else's.

use std::io::Write as _;
use std::net::TcpListener;

use memchr::memmem;

use crate::socket::{Connection, Poll, Turn};

/// Events of a streamed answer, the closing mark not counted.
pub const EVENTS: usize = 32;

const LISTENER: usize = usize::MAX;

/// Serves on a free port, printed on the first line, until the parent ends.
pub fn serve() {
    let _ = rustix::process::set_parent_process_death_signal(Some(rustix::process::Signal::KILL));
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    println!("{}", listener.local_addr().unwrap());
    std::io::stdout().flush().unwrap();

    let (plain, stream) = (plain_answer(), stream_answer());
    let mut poll = Poll::new();
    poll.add(&listener, LISTENER);
    let mut connections: Vec<Option<Connection>> = Vec::new();
    let mut ready = Vec::new();
    loop {
        poll.wait(&mut ready);
        for &token in &ready {
            if token == LISTENER {
                accept(&listener, &poll, &mut connections);
            } else if let Some(connection) = connections[token].as_mut() {
                connection.flush();
                let turn = connection.fill();
                while let Some((length, streamed)) = request(connection.unread()) {
                    connection.consume(length);
                    let answer = if streamed { &stream } else { &plain };
                    connection.send(|output| output.extend_from_slice(answer));
                }
                if turn == Turn::Closed {
                    connections[token] = None;
                }
            }
        }
    }
}

fn accept(listener: &TcpListener, poll: &Poll, connections: &mut Vec<Option<Connection>>) {
    while let Ok((stream, _)) = listener.accept() {
        let connection = Connection::new(stream);
        let free = connections.iter().position(Option::is_none);
        let token = free.unwrap_or(connections.len());
        poll.add(connection.stream(), token);
        if free.is_some() {
            connections[token] = Some(connection);
        } else {
            connections.push(Some(connection));
        }
    }
}

/// The length of the first request and whether it asks for a stream, once all of it is there.
fn request(bytes: &[u8]) -> Option<(usize, bool)> {
    let head = memmem::find(bytes, b"\r\n\r\n")? + 4;
    let length = match content_length(&bytes[..head]) {
        Some(length) => head + length,
        // Chunked: JSON text cannot hold a bare carriage return, so the last chunk is found without counting.
        None if chunked(&bytes[..head]) => head + memmem::find(&bytes[head..], b"\r\n0\r\n\r\n")? + 7,
        None => head,
    };
    let body = bytes.get(head..length)?;
    Some((length, asks_stream(body)))
}

/// The value of `content-length` in the bytes of a head.
pub fn content_length(head: &[u8]) -> Option<usize> {
    let value = header(head, b"\r\ncontent-length:")?;
    std::str::from_utf8(value).ok()?.trim().parse().ok()
}

/// Whether a head says that its body is chunked.
pub fn chunked(head: &[u8]) -> bool {
    header(head, b"\r\ntransfer-encoding:")
        .is_some_and(|value| value.trim_ascii().eq_ignore_ascii_case(b"chunked"))
}

fn header<'a>(head: &'a [u8], name: &[u8]) -> Option<&'a [u8]> {
    let lines = memchr::memchr_iter(b'\r', head);
    let mut found =
        lines.filter(|at| head[*at..].get(..name.len()).is_some_and(|n| n.eq_ignore_ascii_case(name)));
    let value = &head[found.next()? + name.len()..];
    Some(&value[..memchr::memchr(b'\r', value)?])
}

/// The client says so near the start of the body, and a proxy that rewrites it keeps the order.
fn asks_stream(body: &[u8]) -> bool {
    let start = &body[..body.len().min(256)];
    let Some(at) = memmem::find(start, b"\"stream\"") else { return false };
    let rest = start[at + 8..].trim_ascii_start();
    rest.strip_prefix(b":").is_some_and(|rest| rest.trim_ascii_start().starts_with(b"true"))
}

fn plain_answer() -> Vec<u8> {
    let text = "The longest path is found by sorting the nodes once and relaxing each edge in that order. "
        .repeat(8);
    let body = format!(
        "{{\"id\":\"chatcmpl-bench\",\"object\":\"chat.completion\",\"created\":1700000000,\"model\":\"bench\",\
         \"choices\":[{{\"index\":0,\"message\":{{\"role\":\"assistant\",\"content\":\"{text}\",\"refusal\":null}},\
         \"logprobs\":null,\"finish_reason\":\"stop\"}}],\
         \"usage\":{{\"prompt_tokens\":200,\"completion_tokens\":160,\"total_tokens\":360}}}}"
    );
    let length = body.len();
    format!("HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n\r\n{body}")
        .into_bytes()
}

fn stream_answer() -> Vec<u8> {
    let mut answer =
        b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n".to_vec();
    let mut push = |event: &str| {
        let _ = write!(answer, "{:x}\r\n{event}\r\n", event.len());
    };
    for index in 0..EVENTS {
        let (delta, finish) = match index {
            0 => ("{\"role\":\"assistant\",\"content\":\"\"}", "null"),
            last if last == EVENTS - 1 => ("{}", "\"stop\""),
            _ => ("{\"content\":\" word\"}", "null"),
        };
        push(&format!(
            "data: {{\"id\":\"chatcmpl-bench\",\"object\":\"chat.completion.chunk\",\"created\":1700000000,\
             \"model\":\"bench\",\"choices\":[{{\"index\":0,\"delta\":{delta},\"logprobs\":null,\
             \"finish_reason\":{finish}}}]}}\n\n"
        ));
    }
    push("data: [DONE]\n\n");
    answer.extend_from_slice(b"0\r\n\r\n");
    answer
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_end_where_they_say() {
        let head = b"POST / HTTP/1.1\r\nContent-Length: 15\r\n\r\n{\"stream\": true}";
        let (length, streamed) = request(head).unwrap();
        assert_eq!((length, streamed), (head.len() - 1, true));
        assert!(request(&head[..head.len() - 2]).is_none());
        let chunks = b"POST / HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n";
        assert_eq!(request(chunks).unwrap(), (chunks.len(), false));
        assert!(!asks_stream(b"{\"stream\":false}"));
    }
}
