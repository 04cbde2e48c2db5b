//! The body of an upstream's answer, as it comes.

use std::fmt;
use std::future::poll_fn;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http_body::{Body, Frame, SizeHint};
use hyper::body::Incoming;

use super::CloudError;
use super::breaker::Attempt;
use super::conn::{Conn, End};
use super::pool::Shelf;
use crate::clock;

/// Pieces that are ready are joined up to this size.
const PIECE_BYTES: usize = 64 << 10;

/// How long, and for how many bytes, the end of an answer is waited for after the dialect's own end.
const RELEASE_TIME_MAX: Duration = Duration::from_secs(1);
const RELEASE_BYTES_MAX: usize = 16 << 10;

/// The body of an answer. Pieces that are ready at the same time come as one.
///
/// Dropped before its end it closes the connection, so that the upstream stops; at its end the connection
/// goes back to the pool.
///
/// A whole body is not yet a good answer: whether it is one, its reader says, by [`UpstreamBody::well`] or
/// [`UpstreamBody::bad`]. Until then the breaker knows nothing.
pub struct UpstreamBody {
    live: Option<Live>,
    attempt: Option<Attempt>,
    fault: Option<CloudError>,
}

struct Live {
    conn: Box<Conn>,
    incoming: Incoming,
    shelf: Arc<Shelf>,
    idle_timeout: Duration,
    /// Something has come since the timer was set.
    heard: bool,
}

impl UpstreamBody {
    pub(super) fn new(
        conn: Box<Conn>,
        incoming: Incoming,
        shelf: Arc<Shelf>,
        idle_timeout: Duration,
    ) -> Self {
        let live = Live { conn, incoming, shelf, idle_timeout, heard: true };
        Self { live: Some(live), attempt: None, fault: None }
    }

    /// Has the breaker told of how it ends.
    pub(super) fn tell(&mut self, attempt: Attempt) {
        self.attempt = Some(attempt);
    }

    /// It has been read and is a good answer.
    pub fn well(&mut self) {
        if let Some(attempt) = self.attempt.take() {
            attempt.ended_well();
        }
    }

    /// It is not what it was to be, or breaks off: nothing more is read of it.
    pub fn bad(&mut self, error: &CloudError) {
        self.live = None;
        if let Some(attempt) = self.attempt.take() {
            attempt.failed(error, clock::now());
        }
    }

    /// What comes first, up to a bound; a fault only cuts it short.
    pub(super) async fn beginning(mut self, bytes_max: usize) -> Bytes {
        let mut beginning = BytesMut::new();
        while beginning.len() < bytes_max
            && let Some(Ok(piece)) = poll_fn(|cx| self.poll_piece(cx)).await
        {
            beginning.extend_from_slice(&piece);
        }
        beginning.truncate(bytes_max);
        beginning.freeze()
    }

    /// Everything, up to a bound.
    ///
    /// # Errors
    /// When it breaks off, pauses for too long, or is larger.
    pub async fn collect(&mut self, bytes_max: usize) -> Result<Bytes, CloudError> {
        let mut first = Bytes::new();
        let mut rest = BytesMut::new();
        while let Some(piece) = poll_fn(|cx| self.poll_piece(cx)).await {
            let piece = piece?;
            if first.len() + rest.len() + piece.len() > bytes_max {
                return Err(CloudError::TooLarge);
            }
            if first.is_empty() && rest.is_empty() {
                first = piece;
            } else {
                rest.extend_from_slice(&std::mem::take(&mut first));
                rest.extend_from_slice(&piece);
            }
        }
        Ok(if rest.is_empty() { first } else { rest.freeze() })
    }

    /// The dialect's own end has been read: what follows is of no interest, and the connection can be used
    /// again when the transport's end has come too. That is waited for in the background, within bounds.
    pub fn release(&mut self) {
        self.well();
        let Some(live) = self.live.take() else { return };
        let rest = Self { live: Some(live), attempt: None, fault: None };
        tokio::spawn(tokio::time::timeout(RELEASE_TIME_MAX, rest.beginning(RELEASE_BYTES_MAX)));
    }

    /// The next piece: whatever is ready, joined.
    pub fn poll_piece(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Bytes, CloudError>>> {
        let Some(live) = &mut self.live else { return Poll::Ready(self.fault.take().map(Err)) };
        let (pieces, end) = live.conn.poll_body(&mut live.incoming, PIECE_BYTES, cx);
        let piece = pieces.joined();
        live.heard |= piece.is_some();
        match end {
            End::Whole => self.keep_connection(),
            End::Broken => self.failed(CloudError::BodyReset),
            End::NotYet if piece.is_none() => {
                std::task::ready!(live.poll_idle(cx));
                self.failed(CloudError::IdleTimeout);
            }
            End::NotYet => {}
        }
        match piece {
            Some(piece) => Poll::Ready(Some(Ok(piece))),
            None => Poll::Ready(self.fault.take().map(Err)),
        }
    }

    fn keep_connection(&mut self) {
        if let Some(live) = self.live.take() {
            live.shelf.put(live.conn);
        }
    }

    fn failed(&mut self, error: CloudError) {
        self.bad(&error);
        self.fault = Some(error);
    }
}

impl Live {
    fn poll_idle(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        if std::mem::take(&mut self.heard) {
            self.conn.set_timer(self.idle_timeout);
        }
        self.conn.poll_timer(cx)
    }
}

impl Body for UpstreamBody {
    type Data = Bytes;
    type Error = CloudError;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, CloudError>>> {
        self.get_mut().poll_piece(cx).map_ok(Frame::data)
    }

    fn is_end_stream(&self) -> bool {
        self.live.is_none() && self.fault.is_none()
    }

    fn size_hint(&self) -> SizeHint {
        self.live.as_ref().map_or_else(|| SizeHint::with_exact(0), |live| live.incoming.size_hint())
    }
}

impl fmt::Debug for UpstreamBody {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UpstreamBody").field("ended", &self.live.is_none()).finish_non_exhaustive()
    }
}
