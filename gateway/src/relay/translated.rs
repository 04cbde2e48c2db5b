//! A stream in one dialect for a client that speaks another: event by event, as they come.

use bytes::BytesMut;

use super::seals::Sealer;
use super::{ANSWER_BYTES_MAX, Read};
use crate::cloud::CloudError;
use crate::dialect::carry::{Reader, Writer};
use crate::dialect::event::{CallFault, Event as Part};
use crate::dialect::sse::Event;
use crate::exchange::{Rate, Tokens};
use crate::respond::{self, Fault};

/// What has been read of a stream, and what has been written.
pub struct Course {
    reader: Reader,
    writer: Writer,
    rate: Option<Rate>,
    /// Remembers what the provider seals; none where nobody can send it back.
    sealer: Option<Sealer>,
    begun: bool,
    /// Calls that have begun.
    calls: usize,
    /// Bytes that may still come: some writers repeat at the end what they have written, and so keep it.
    room: usize,
    /// Whether it has come to a good end.
    pub done: bool,
}

impl Course {
    /// Of a stream that has not begun.
    #[must_use]
    pub fn new(reader: Reader, writer: Writer, rate: Option<Rate>, sealer: Option<Sealer>) -> Self {
        Self { reader, writer, rate, sealer, begun: false, calls: 0, room: ANSWER_BYTES_MAX, done: false }
    }

    /// The last event of a stream that could not be ended well.
    pub(super) fn failed(&mut self, fault: &Fault) -> Vec<u8> {
        fault.written(&mut self.writer)
    }

    /// Takes an event and writes what the client is to see of it.
    pub(super) fn event(
        &mut self,
        event: &Event,
        out: &mut BytesMut,
        read: &mut Read,
    ) -> Result<(), CloudError> {
        let Some(data) = event.data() else { return Ok(()) };
        self.room = self.room.checked_sub(data.len()).ok_or(CloudError::TooLarge)?;
        let mut parts = Vec::new();
        self.reader.take(&data, &mut parts).map_err(|_| CloudError::MalformedStream)?;
        if self.begins_nameless(&parts) {
            return Err(CloudError::MalformedCall(CallFault::Nameless));
        }
        if let Some((kind, message)) = self.reader.error() {
            if !self.begun
                && let Some(refusal) = respond::refusal_within(kind, message)
            {
                // Nobody has been told anything yet, so it is what it would have been without a stream.
                read.error = Some(refusal);
                return Ok(());
            }
            out.extend_from_slice(&respond::in_stream(&mut self.writer, kind, message));
            read.error = Some(CloudError::InStream);
            return Ok(());
        }
        self.write(&parts, out, read);
        Ok(())
    }

    /// Whether a call begins that names no function: whoever reads it could make nothing of it.
    fn begins_nameless(&mut self, parts: &[Part]) -> bool {
        let mut nameless = false;
        for part in parts {
            if let Part::Call { index, name, .. } = part
                && *index >= self.calls
            {
                self.calls = index + 1;
                nameless |= name.as_deref().is_none_or(str::is_empty);
            }
        }
        nameless
    }

    /// The stream is over.
    pub(super) fn finish(&mut self, out: &mut BytesMut, read: &mut Read) -> Result<(), CloudError> {
        let mut parts = Vec::new();
        self.reader.end(&mut parts).map_err(|_| CloudError::BodyReset)?;
        self.write(&parts, out, read);
        Ok(())
    }

    fn write(&mut self, parts: &[Part], out: &mut BytesMut, read: &mut Read) {
        let usage = self.reader.usage();
        let tokens = usage.map(Tokens::from);
        // Before the end counts are of a beginning.
        match self.reader.done() {
            true => read.usage = tokens.or(read.usage),
            false => read.prompt = tokens.map(|tokens| tokens.input).or(read.prompt),
        }
        let usage = usage.unwrap_or_default();
        let mut written = Vec::new();
        if !parts.is_empty() && !std::mem::replace(&mut self.begun, true) {
            self.writer.first(0, &usage, &mut written);
        }
        for part in parts {
            self.sealer.iter().for_each(|sealer| sealer.part(part));
            self.writer.part(0, part, &mut written);
        }
        if self.reader.done() {
            let cost = self.rate.zip(tokens).map(|(rate, tokens)| rate.cost_usd(tokens));
            self.writer.last(&usage, cost, &mut written);
            self.done = true;
        }
        read.events += parts.len();
        out.extend_from_slice(&written);
    }
}

#[cfg(test)]
mod tests {
    use hearthgate_rules::json::Document;

    use super::*;
    use crate::config::UpstreamDialect;
    use crate::dialect::responses::head::Head;
    use crate::dialect::sse::Splitter;

    #[test]
    fn an_answer_that_has_no_end_is_not_kept_for_ever() {
        let request = Document::parse("{}").unwrap();
        let writer = Writer::Responses(Box::new(Head::new("1", 0, "m", request.root())));
        let mut course = Course::new(Reader::of(UpstreamDialect::OpenAi), writer, None, None);
        course.room = 1000;
        let mut splitter = Splitter::default();
        let (mut out, mut read) = (BytesMut::new(), Read::default());
        let mut taken = 0;
        let error = loop {
            splitter.push("data: {\"choices\":[{\"delta\":{\"content\":\"more\"}}]}\n\n".into());
            let event = splitter.next_event().unwrap().unwrap();
            match course.event(&event, &mut out, &mut read) {
                Ok(()) => taken += 1,
                Err(error) => break error,
            }
        };
        assert!(matches!(error, CloudError::TooLarge), "{error}");
        assert_eq!(taken, 1000 / 42);
    }
}
