//! A stream of OpenAI's for a client that speaks the same: byte for byte, except that the usage which the gateway asked
//! for is hidden from a client that did not.

use bytes::BytesMut;
use hearthgate_rules::json::{Document, Edit};

use super::Read;
use super::seals::Sealer;
use crate::cloud::CloudError;
use crate::dialect::openai::familiar::Familiar;
use crate::dialect::openai::{self, DONE};
use crate::dialect::sse::Event;
use crate::exchange::Rate;

/// What has been read of a stream.
pub struct Course {
    include_usage: bool,
    rate: Option<Rate>,
    finished: bool,
    /// Whether something has been answered.
    begun: bool,
    familiar: Familiar,
    sealer: Sealer,
    /// Whether it has come to a good end.
    pub done: bool,
}

impl Course {
    /// Of a stream that has not begun.
    #[must_use]
    pub fn new(include_usage: bool, rate: Option<Rate>, sealer: Sealer) -> Self {
        Self {
            include_usage,
            rate,
            finished: false,
            begun: false,
            familiar: Familiar::default(),
            sealer,
            done: false,
        }
    }

    /// The stream is over.
    pub(super) fn finish(&mut self, out: &mut BytesMut, read: &mut Read) -> Result<(), CloudError> {
        if !self.finished {
            return Err(CloudError::BodyReset);
        }
        // Some servers leave `[DONE]` out; the answer itself came to its end.
        out.extend_from_slice(DONE);
        self.done = true;
        read.events += 1;
        Ok(())
    }

    /// Takes an event and writes what the client is to see of it.
    pub(super) fn event(
        &mut self,
        event: &Event,
        out: &mut BytesMut,
        read: &mut Read,
    ) -> Result<(), CloudError> {
        let Some(data) = event.data() else {
            out.extend_from_slice(event.raw());
            return Ok(());
        };
        read.events += 1;
        if data.as_ref() == b"[DONE]" {
            self.done = true;
            out.extend_from_slice(event.raw());
            return Ok(());
        }
        let seen = self.familiar.see(&data).map_err(|_| CloudError::MalformedStream)?;
        if seen.error {
            out.extend_from_slice(event.raw());
            // Where nobody has been told anything yet, it is what it would have been without a stream.
            let refused = if self.begun { None } else { super::refusal(&data) };
            read.error = Some(refused.unwrap_or(CloudError::InStream));
            return Ok(());
        }
        self.begun = true;
        self.sealer.chat(&data);
        self.finished |= seen.finishes;
        read.usage = seen.tokens.or(read.usage);
        match (self.include_usage, seen.tokens, self.rate) {
            (true, Some(tokens), Some(rate)) => {
                write_event(&openai::usage_with_cost(&parse(&data)?, rate.cost_usd(tokens)), out);
            }
            // The usage was asked for by the gateway alone; a chunk that holds nothing else is left out.
            (false, ..) if seen.usage => {
                if seen.choices || seen.tokens.is_none() {
                    write_event(&parse(&data)?.render(&[Edit::Remove("usage")]), out);
                }
            }
            _ => out.extend_from_slice(event.raw()),
        }
        Ok(())
    }
}

fn parse(event: &[u8]) -> Result<Document, CloudError> {
    Document::parse(event).map_err(|_| CloudError::MalformedStream)
}

fn write_event(json: &[u8], out: &mut BytesMut) {
    out.extend_from_slice(b"data: ");
    out.extend_from_slice(json);
    out.extend_from_slice(b"\n\n");
}
