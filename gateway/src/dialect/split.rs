//! How the body of a stream is split into its events, by the type of the stream.

use bytes::Bytes;

use super::bedrock::frames;
use super::sse::{self, Event, SseError};
use crate::config::UpstreamDialect;

/// Takes pieces, gives events.
pub enum Splitter {
    /// Server-sent events.
    Sse(sse::Splitter),
    /// AWS's frames.
    Frames(frames::Splitter),
}

impl Splitter {
    /// Of a stream of an upstream that speaks this dialect.
    #[must_use]
    pub fn of(dialect: UpstreamDialect) -> Self {
        match dialect {
            UpstreamDialect::Bedrock => Self::Frames(frames::Splitter::default()),
            UpstreamDialect::OpenAi | UpstreamDialect::Anthropic | UpstreamDialect::Gemini => {
                Self::Sse(sse::Splitter::default())
            }
        }
    }

    /// Takes a piece of the stream.
    pub fn push(&mut self, piece: Bytes) {
        match self {
            Self::Sse(splitter) => splitter.push(piece),
            Self::Frames(splitter) => splitter.push(&piece),
        }
    }

    /// The next event that is there as a whole.
    ///
    /// # Errors
    /// When it is too large, or none.
    pub fn next_event(&mut self) -> Result<Option<Event>, SseError> {
        match self {
            Self::Sse(splitter) => splitter.next_event(),
            Self::Frames(splitter) => splitter.next_event(),
        }
    }

    /// The stream has ended: its last event, if there is one still.
    ///
    /// # Errors
    /// When it ends within an event.
    pub fn finish(&mut self) -> Result<Option<Event>, SseError> {
        match self {
            Self::Sse(splitter) => splitter.finish(),
            Self::Frames(splitter) => splitter.finish(),
        }
    }
}
