//! A stream of Anthropic's for a client that speaks the same: byte for byte.

use bytes::BytesMut;

use super::Read;
use super::seals::Sealer;
use crate::cloud::CloudError;
use crate::dialect::anthropic::{Counts, Kind, Seen};
use crate::dialect::sse::Event;

/// What has been read of a stream.
pub struct Course {
    sealer: Sealer,
    counts: Counts,
    /// Whether something has been answered.
    begun: bool,
    /// Whether it has come to a good end.
    pub done: bool,
}

impl Course {
    /// Of a stream that has not begun.
    #[must_use]
    pub fn new(sealer: Sealer) -> Self {
        Self { sealer, counts: Counts::default(), begun: false, done: false }
    }

    /// Takes an event and passes it on.
    pub(super) fn event(
        &mut self,
        event: &Event,
        out: &mut BytesMut,
        read: &mut Read,
    ) -> Result<(), CloudError> {
        out.extend_from_slice(event.raw());
        let Some(data) = event.data() else { return Ok(()) };
        let seen = Seen::of(&data).map_err(|_| CloudError::MalformedStream)?;
        self.sealer.event(&data);
        self.counts = seen.counts.after(self.counts);
        match seen.kind {
            // It tells the prompt; what it tells of the answer is its beginning.
            Kind::Start => read.prompt = self.counts.prompt(),
            // The answer's length is told with its end.
            _ if seen.counts.tell_output() => read.usage = self.counts.usage().map(Into::into),
            _ => {}
        }
        match seen.kind {
            // Nothing has been answered yet.
            Kind::Start => {}
            Kind::Other => read.events += 1,
            Kind::Stop => {
                self.done = true;
                read.events += 1;
            }
            Kind::Error => {
                // Nobody has been told anything yet, so it is what it would have been without a stream.
                let refused = if self.begun { None } else { super::refusal(&data) };
                read.error = Some(refused.unwrap_or(CloudError::InStream));
            }
        }
        self.begun |= read.events > 0;
        Ok(())
    }
}
