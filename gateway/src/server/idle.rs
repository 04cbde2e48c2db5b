//! When a connection has been idle for too long.
//!
//! hyper bounds the wait for a request's head on HTTP/1.1 alone, and only once it knows the version. This is
//! the same for a connection that says nothing, and for HTTP/2 between its requests.

use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use bytes::Bytes;
use http::Version;
use http_body::{Frame, SizeHint};

use crate::clock;

/// What a connection is busy with.
#[derive(Default)]
pub struct Activity {
    asked: AtomicBool,
    /// Of HTTP/2; none before its first request.
    streams: Mutex<Option<Streams>>,
}

struct Streams {
    open: usize,
    /// When the last one ended.
    ended: Instant,
}

/// How a connection that has been idle for too long is closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Close {
    /// It has never asked anything.
    AtOnce,
    /// A request that is on its way is still answered.
    Gracefully,
}

impl Activity {
    /// A request has come. It is open for as long as what is given here.
    pub fn begin(self: &Arc<Self>, version: Version) -> Option<Open> {
        self.asked.store(true, Ordering::Relaxed);
        // On earlier versions hyper knows.
        if version != Version::HTTP_2 {
            return None;
        }
        self.streams().get_or_insert_with(|| Streams { open: 0, ended: clock::now() }).open += 1;
        Some(Open(Arc::clone(self)))
    }

    /// Waits until there has been no request for this long.
    pub async fn idle(&self, within: Duration) -> Close {
        tokio::time::sleep(within).await;
        if !self.asked.load(Ordering::Relaxed) {
            return Close::AtOnce;
        }
        while let Some(left) = self.left(within) {
            if left.is_zero() {
                return Close::Gracefully;
            }
            tokio::time::sleep(left).await;
        }
        std::future::pending().await
    }

    /// How long until it may have been idle for too long; none where hyper watches.
    fn left(&self, within: Duration) -> Option<Duration> {
        let streams = self.streams();
        let Streams { open, ended } = streams.as_ref()?;
        let quiet = clock::now().saturating_duration_since(*ended);
        Some(if *open > 0 { within } else { within.saturating_sub(quiet) })
    }

    fn streams(&self) -> MutexGuard<'_, Option<Streams>> {
        self.streams.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A request of HTTP/2 whose answer has not come to its end.
pub struct Open(Arc<Activity>);

impl Drop for Open {
    fn drop(&mut self) {
        if let Some(streams) = self.0.streams().as_mut() {
            streams.open = streams.open.saturating_sub(1);
            streams.ended = clock::now();
        }
    }
}

/// A body that keeps its request open.
pub struct Kept<B> {
    body: B,
    _open: Option<Open>,
}

impl<B> Kept<B> {
    /// This body, for this request.
    pub fn new(body: B, open: Option<Open>) -> Self {
        Self { body, _open: open }
    }
}

impl<B: http_body::Body<Data = Bytes> + Unpin> http_body::Body for Kept<B> {
    type Data = Bytes;
    type Error = B::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, B::Error>>> {
        Pin::new(&mut self.body).poll_frame(cx)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
