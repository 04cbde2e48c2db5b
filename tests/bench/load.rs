//! The load: so many connections, each with one request under way, on one thread.

use std::fmt;
use std::io::Write as _;
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use memchr::memmem;

use crate::corpus::{Corpus, Random};
use crate::mock::{self, EVENTS};
use crate::options::Cell;
use crate::proc;
use crate::socket::{Connection, Poll, Turn};

/// What one subject did under one cell's load.
#[derive(Clone, Debug, Default)]
pub struct Measured {
    pub requests: usize,
    /// Answers that were not status 200, not whole, or not the mock's.
    pub faults: usize,
    pub requests_per_second: f64,
    pub p50_us: f64,
    pub p99_us: f64,
    /// Processor time of the subject's processes, user and system.
    pub cpu_us: f64,
    /// The start of the first faulty answer.
    pub fault: Option<String>,
}

impl Measured {
    pub fn is_failure(&self) -> bool {
        self.requests == 0 || self.faults > 0
    }
}

impl fmt::Display for Measured {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { requests_per_second, p50_us, p99_us, cpu_us, .. } = self;
        write!(f, "{requests_per_second:.0}/s, p50 {p50_us:.0} us, p99 {p99_us:.0} us, cpu {cpu_us:.1} us")?;
        if self.faults > 0 {
            write!(f, ", {} faults; the first: {}", self.faults, self.fault.as_deref().unwrap_or("closed"))?;
        }
        Ok(())
    }
}

/// How long a run may go without a single answer before it is given up.
const SILENCE_MAX: Duration = Duration::from_secs(10);

/// Loads `address` for `seconds` after a warm-up, and measures `pid` with its children meanwhile.
pub fn drive(address: SocketAddr, pid: u32, cell: Cell, corpus: &Corpus, seconds: f64) -> Measured {
    let mut load = Load::new(address, cell, corpus);
    load.run(seconds / 5.0);
    load.latencies_ns.clear();
    let cpu_before = proc::cpu_us(pid);
    let took = load.run(seconds);
    let cpu_us = proc::cpu_us(pid) - cpu_before;
    load.measured(took, cpu_us)
}

struct Load<'a> {
    address: SocketAddr,
    cell: Cell,
    corpus: &'a Corpus,
    random: Random,
    poll: Poll,
    slots: Vec<Slot>,
    body: Vec<u8>,
    serial: u64,
    latencies_ns: Vec<u64>,
    faults: usize,
    fault: Option<String>,
}

struct Slot {
    connection: Connection,
    sent_at: Instant,
}

/// Set apart, so that two runs of one process never send the same body.
fn first_serial() -> u64 {
    use std::sync::atomic::{AtomicU64, Ordering};
    static RUNS: AtomicU64 = AtomicU64::new(1);
    RUNS.fetch_add(1, Ordering::Relaxed) * 100_000_000
}

impl<'a> Load<'a> {
    fn new(address: SocketAddr, cell: Cell, corpus: &'a Corpus) -> Self {
        let serial = first_serial();
        let mut load = Self {
            address,
            cell,
            corpus,
            random: Random::new(serial),
            poll: Poll::new(),
            slots: Vec::new(),
            body: Vec::new(),
            serial,
            latencies_ns: Vec::with_capacity(1 << 20),
            faults: 0,
            fault: None,
        };
        for token in 0..cell.concurrency {
            let connection = load.connect(token);
            load.slots.push(Slot { connection, sent_at: Instant::now() });
            load.request(token);
        }
        load
    }

    fn connect(&self, token: usize) -> Connection {
        let stream = TcpStream::connect(self.address).unwrap_or_else(|e| panic!("cannot connect: {e}"));
        let connection = Connection::new(stream);
        self.poll.add(connection.stream(), token);
        connection
    }

    /// Keeps every connection busy for so long; gives how long it was.
    fn run(&mut self, seconds: f64) -> Duration {
        let start = Instant::now();
        let length = Duration::from_secs_f64(seconds);
        let mut last_answer = start;
        let mut ready = Vec::new();
        loop {
            self.poll.wait(&mut ready);
            for &token in &ready {
                if self.turn(token) {
                    last_answer = Instant::now();
                }
            }
            let now = Instant::now();
            if now - start >= length || now - last_answer > SILENCE_MAX {
                return now - start;
            }
        }
    }

    /// Takes what has come on one connection; whether an answer was completed.
    fn turn(&mut self, token: usize) -> bool {
        let slot = &mut self.slots[token];
        slot.connection.flush();
        let turn = slot.connection.fill();
        let bytes = slot.connection.unread();
        let answer = answer(bytes);
        if let Some(answer) = &answer {
            self.latencies_ns.push(slot.sent_at.elapsed().as_nanos() as u64);
            if !is_good(&bytes[..answer.length], self.cell.stream) {
                self.faults += 1;
                let said = || String::from_utf8_lossy(&bytes[..answer.length.min(600)]).into_owned();
                self.fault.get_or_insert_with(said);
            }
            let length = answer.length;
            slot.connection.consume(length);
        }
        let closed = turn == Turn::Closed;
        // A server may close between answers; within one it is a fault.
        self.faults += usize::from(closed && answer.is_none());
        if closed || answer.as_ref().is_some_and(|answer| answer.last) {
            self.slots[token].connection = self.connect(token);
        }
        if closed || answer.is_some() {
            self.request(token);
        }
        answer.is_some()
    }

    fn request(&mut self, token: usize) {
        self.serial += 1;
        self.corpus.body(
            &mut self.body,
            self.serial,
            self.cell.body_bytes,
            self.cell.stream,
            &mut self.random,
        );
        let slot = &mut self.slots[token];
        slot.sent_at = Instant::now();
        slot.connection.send(|output| {
            let _ = write!(
                output,
                "POST /v1/chat/completions HTTP/1.1\r\nhost: {}\r\ncontent-type: application/json\r\n\
                 content-length: {}\r\n\r\n",
                self.address,
                self.body.len()
            );
            output.extend_from_slice(&self.body);
        });
    }

    fn measured(mut self, took: Duration, cpu_us: f64) -> Measured {
        self.latencies_ns.sort_unstable();
        let requests = self.latencies_ns.len();
        let at = |share: f64| {
            let index = ((requests as f64 * share) as usize).min(requests.saturating_sub(1));
            self.latencies_ns.get(index).map_or(0.0, |ns| *ns as f64 / 1000.0)
        };
        Measured {
            requests,
            faults: self.faults,
            requests_per_second: requests as f64 / took.as_secs_f64(),
            p50_us: at(0.5),
            p99_us: at(0.99),
            cpu_us: cpu_us / requests.max(1) as f64,
            fault: self.fault,
        }
    }
}

struct Answer {
    length: usize,
    /// The server will close after it.
    last: bool,
}

/// The first answer, once all of it is there.
fn answer(bytes: &[u8]) -> Option<Answer> {
    let head_length = memmem::find(bytes, b"\r\n\r\n")? + 4;
    let head = &bytes[..head_length];
    let length = match mock::content_length(head) {
        Some(length) => head_length + length,
        // One answer is under way per connection, so its end is the end of what has come.
        None if mock::chunked(head) => bytes.ends_with(b"0\r\n\r\n").then_some(bytes.len())?,
        None => head_length,
    };
    let last = memmem::find(head, b"onnection: close").is_some();
    (bytes.len() >= length).then_some(Answer { length, last })
}

/// Whether it is the mock's answer, whole: status 200, and every event of a stream.
fn is_good(answer: &[u8], stream: bool) -> bool {
    let status = answer.get(9..12) == Some(b"200");
    if !stream {
        return status && memmem::find(answer, b"chatcmpl-").is_some();
    }
    status
        && memmem::find_iter(answer, b"data: {").count() >= EVENTS
        && memmem::rfind(answer, b"data: [DONE]").is_some()
}
