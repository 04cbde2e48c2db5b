//! Non-blocking connections under one edge-triggered epoll: what the mock and the load client share.

use std::io::{ErrorKind, Read as _, Write as _};
use std::net::TcpStream;
use std::os::fd::OwnedFd;

use rustix::event::epoll::{self, CreateFlags, Event, EventData, EventFlags};

/// More events at once than this only means another turn.
const EVENTS_MAX: usize = 512;

/// Room that a read finds; a message that is longer lets the buffer grow.
const READ_BYTES: usize = 64 * 1024;

/// The sockets waited for.
pub struct Poll {
    epoll: OwnedFd,
    events: Vec<Event>,
}

impl Poll {
    pub fn new() -> Self {
        Self { epoll: epoll::create(CreateFlags::CLOEXEC).unwrap(), events: Vec::with_capacity(EVENTS_MAX) }
    }

    pub fn add(&self, socket: impl std::os::fd::AsFd, token: usize) {
        let flags = EventFlags::IN | EventFlags::OUT | EventFlags::RDHUP | EventFlags::ET;
        epoll::add(&self.epoll, socket, EventData::new_u64(token as u64), flags).unwrap();
    }

    /// The tokens of sockets on which something changed; empty after a tenth of a second without.
    pub fn wait(&mut self, ready: &mut Vec<usize>) {
        ready.clear();
        self.events.clear();
        let tenth = rustix::event::Timespec { tv_sec: 0, tv_nsec: 100_000_000 };
        let room = rustix::buffer::spare_capacity(&mut self.events);
        match epoll::wait(&self.epoll, room, Some(&tenth)) {
            Ok(_) | Err(rustix::io::Errno::INTR) => {}
            Err(error) => panic!("epoll: {error}"),
        }
        ready.extend(self.events.iter().map(|event| event.data.u64() as usize));
    }
}

/// One connection with what is unread and what is unsent.
pub struct Connection {
    stream: TcpStream,
    input: Vec<u8>,
    filled: usize,
    output: Vec<u8>,
    sent: usize,
}

/// How a turn of reading ended.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Turn {
    /// Nothing more for now.
    Open,
    /// The peer has closed or reset.
    Closed,
}

impl Connection {
    pub fn new(stream: TcpStream) -> Self {
        stream.set_nonblocking(true).unwrap();
        stream.set_nodelay(true).unwrap();
        Self { stream, input: vec![0; READ_BYTES], filled: 0, output: Vec::new(), sent: 0 }
    }

    pub fn stream(&self) -> &TcpStream {
        &self.stream
    }

    /// What has come and was not consumed.
    pub fn unread(&self) -> &[u8] {
        &self.input[..self.filled]
    }

    pub fn consume(&mut self, count: usize) {
        self.input.copy_within(count..self.filled, 0);
        self.filled -= count;
    }

    /// Reads until the socket is empty; a short read means that it is, and saves asking.
    pub fn fill(&mut self) -> Turn {
        loop {
            if self.filled == self.input.len() {
                self.input.resize(self.input.len() * 2, 0);
            }
            let room = self.input.len() - self.filled;
            match self.stream.read(&mut self.input[self.filled..]) {
                Ok(0) => return Turn::Closed,
                Ok(count) => {
                    self.filled += count;
                    if count < room {
                        return Turn::Open;
                    }
                }
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Turn::Open,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(_) => return Turn::Closed,
            }
        }
    }

    /// Queues what `write` appends, and sends as much as the socket takes.
    pub fn send(&mut self, write: impl FnOnce(&mut Vec<u8>)) {
        if self.sent == self.output.len() {
            self.output.clear();
            self.sent = 0;
        }
        write(&mut self.output);
        self.flush();
    }

    /// Sends what is left; a fault shows at the next read.
    pub fn flush(&mut self) {
        while self.sent < self.output.len() {
            match self.stream.write(&self.output[self.sent..]) {
                Ok(count) => self.sent += count,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(_) => return,
            }
        }
    }
}
