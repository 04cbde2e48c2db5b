//! One HTTP/1.1 connection to an upstream, driven by whoever waits for its answer.
//!
//! There is no task of its own behind it: no hand-over between tasks per request, and whoever drops it
//! closes it at once, which is how an upstream learns that nobody waits any longer.

use std::future::poll_fn;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http::{Request, Response};
use http_body::Body as _;
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::client::conn::http1::{Builder, Connection, SendRequest};
use hyper_util::rt::TokioIo;
use tokio::time::{Instant, Sleep};

use super::CloudError;
use super::bell::Bell;
use super::connect::{Origin, Stream};

/// Bytes of an answer's head.
const HEAD_BYTES_MAX: usize = 64 << 10;

/// A connection.
pub struct Conn {
    sender: SendRequest<Full<Bytes>>,
    driver: Connection<TokioIo<Stream>, Full<Bytes>>,
    bell: Arc<Bell>,
    /// The bell, as the waker that the driver sees.
    ringer: Waker,
    /// One timer for every wait on this connection: it is moved, not made anew.
    timer: Pin<Box<Sleep>>,
    closed: bool,
}

/// Why an exchange failed.
pub struct Failed {
    /// The cause.
    pub error: CloudError,
    /// Nothing of the request has left.
    pub unsent: bool,
}

impl Conn {
    /// Opens a connection.
    pub async fn open(origin: &Origin, timeout: Duration) -> Result<Box<Self>, CloudError> {
        let bell = Arc::new(Bell::default());
        let deadline = Instant::now() + timeout;
        let stream = origin.connect(deadline, Arc::clone(&bell)).await?;
        let mut builder = Builder::new();
        builder.max_header_size(HEAD_BYTES_MAX);
        let handshake = builder.handshake(TokioIo::new(stream)).await;
        let (sender, driver) = handshake.map_err(|_| CloudError::Reset)?;
        let ringer = Waker::from(Arc::clone(&bell));
        let timer = Box::pin(tokio::time::sleep_until(deadline));
        Ok(Box::new(Self { sender, driver, bell, ringer, timer, closed: false }))
    }

    /// Whether another request can be sent, as far as can be known from here.
    pub fn is_usable(&mut self) -> bool {
        self.bell.forget_task();
        self.drive();
        !self.closed && self.sender.is_ready()
    }

    /// Sends a request and waits for the head of its answer.
    pub async fn exchange(
        &mut self,
        request: Request<Full<Bytes>>,
        timeout: Duration,
    ) -> Result<Response<Incoming>, Failed> {
        let read_before = self.bell.read_bytes();
        let mut answer = pin!(self.sender.try_send_request(request));
        self.timer.as_mut().reset(Instant::now() + timeout);
        let mut begun = false;
        let answered = poll_fn(|cx| {
            self.bell.enter(cx);
            self.drive();
            // Until something has come there is nothing to look for.
            begun = begun || self.closed || self.bell.read_bytes() != read_before;
            let polled = if begun { answer.as_mut().poll(cx) } else { Poll::Pending };
            self.bell.leave(cx);
            match polled {
                Poll::Ready(answered) => Poll::Ready(Some(answered)),
                Poll::Pending => self.timer.as_mut().poll(cx).map(|()| None),
            }
        });
        match answered.await {
            Some(Ok(response)) => Ok(response),
            Some(Err(mut error)) => {
                let unsent = error.take_message().is_some();
                Err(Failed { error: fault(&error.into_error()), unsent })
            }
            None => Err(Failed { error: CloudError::FirstByteTimeout, unsent: false }),
        }
    }

    /// What there is of an answer's body. One drive may bring several pieces, and each that is taken makes
    /// room for the next, so this goes on until nothing is left or `bytes_max` are there.
    pub fn poll_body(&mut self, body: &mut Incoming, bytes_max: usize, cx: &Context<'_>) -> (Pieces, End) {
        self.bell.enter(cx);
        let mut pieces = Pieces::default();
        let mut driven = false;
        let end = loop {
            // The body is only ever filled by the drive below, so it need not wake anybody.
            match Pin::new(&mut *body).poll_frame(&mut Context::from_waker(Waker::noop())) {
                Poll::Ready(Some(Ok(frame))) => {
                    driven = false;
                    if let Ok(data) = frame.into_data() {
                        pieces.add(data);
                    }
                    if pieces.len() >= bytes_max {
                        break End::NotYet;
                    }
                }
                Poll::Ready(Some(Err(_))) => break End::Broken,
                Poll::Ready(None) => break End::Whole,
                Poll::Pending if driven => break if self.closed { End::Broken } else { End::NotYet },
                Poll::Pending => {
                    self.drive();
                    driven = true;
                }
            }
        };
        self.bell.leave(cx);
        (pieces, end)
    }

    /// Moves the timer.
    pub fn set_timer(&mut self, timeout: Duration) {
        self.timer.as_mut().reset(Instant::now() + timeout);
    }

    /// Waits for the timer.
    pub fn poll_timer(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        self.timer.as_mut().poll(cx)
    }

    fn drive(&mut self) {
        self.bell.hush();
        if !self.closed {
            let mut cx = Context::from_waker(&self.ringer);
            self.closed = Pin::new(&mut self.driver).poll(&mut cx).is_ready();
        }
    }
}

/// How far a body has come.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum End {
    /// More may come.
    NotYet,
    /// That was all of it.
    Whole,
    /// It broke off.
    Broken,
}

/// Pieces of a body as one: a single one is not copied.
#[derive(Default)]
pub struct Pieces {
    first: Bytes,
    rest: BytesMut,
}

impl Pieces {
    fn add(&mut self, piece: Bytes) {
        if self.first.is_empty() && self.rest.is_empty() {
            self.first = piece;
            return;
        }
        if self.rest.is_empty() {
            self.rest.reserve(self.first.len() + piece.len());
            self.rest.extend_from_slice(&std::mem::take(&mut self.first));
        }
        self.rest.extend_from_slice(&piece);
    }

    fn len(&self) -> usize {
        self.first.len() + self.rest.len()
    }

    /// All of them, if there are any.
    pub fn joined(self) -> Option<Bytes> {
        let all = if self.rest.is_empty() { self.first } else { self.rest.freeze() };
        Some(all).filter(|all| !all.is_empty())
    }
}

fn fault(error: &hyper::Error) -> CloudError {
    if error.is_parse_too_large() {
        CloudError::TooLarge
    } else if error.is_parse() {
        CloudError::Malformed
    } else {
        CloudError::Reset
    }
}
