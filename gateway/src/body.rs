//! What a response is made of: a whole text, a stream of the device's, or one that is passed on.
//!
//! A body never fails: a stream that goes wrong ends with the dialect's error event and no `[DONE]`.

use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use http_body::{Frame, SizeHint};

use crate::device::DeviceStream;
use crate::relay::Relay;

/// The body of a response.
pub enum Body {
    /// Everything at once.
    Whole(Option<Bytes>),
    /// An answer of the device, as it comes.
    Device(Box<DeviceStream>),
    /// An answer of an upstream, as it comes.
    Relay(Box<Relay>),
}

impl Body {
    /// A body that is already there.
    #[must_use]
    pub fn whole(bytes: Bytes) -> Self {
        Self::Whole(Some(bytes).filter(|bytes| !bytes.is_empty()))
    }
}

impl http_body::Body for Body {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        let next = match self.get_mut() {
            Self::Whole(bytes) => Poll::Ready(bytes.take()),
            Self::Device(stream) => stream.poll_next(cx),
            Self::Relay(relay) => relay.poll_next(cx),
        };
        next.map(|bytes| bytes.map(|bytes| Ok(Frame::data(bytes))))
    }

    fn is_end_stream(&self) -> bool {
        matches!(self, Self::Whole(None))
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            Self::Whole(bytes) => SizeHint::with_exact(
                bytes.as_ref().map_or(0, |bytes| u64::try_from(bytes.len()).unwrap_or(0)),
            ),
            Self::Device(_) | Self::Relay(_) => SizeHint::default(),
        }
    }
}
