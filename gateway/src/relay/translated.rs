//! A stream in one dialect for a client that speaks another: event by event, as they come.

use bytes::BytesMut;

use super::Read;
use crate::cloud::CloudError;
use crate::dialect::carry::{Reader, Writer};
use crate::dialect::event::Event as Part;
use crate::dialect::sse::Event;
use crate::exchange::{Rate, Tokens};
use crate::respond::{self, Fault};

/// What has been read of a stream, and what has been written.
pub struct Course {
    reader: Reader,
    writer: Writer,
    rate: Option<Rate>,
    begun: bool,
    /// Whether it has come to a good end.
    pub done: bool,
}

impl Course {
    /// Of a stream that has not begun.
    #[must_use]
    pub fn new(reader: Reader, writer: Writer, rate: Option<Rate>) -> Self {
        Self { reader, writer, rate, begun: false, done: false }
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
        let mut parts = Vec::new();
        self.reader.take(&data, &mut parts).map_err(|_| CloudError::MalformedStream)?;
        if let Some((kind, message)) = self.reader.error() {
            out.extend_from_slice(&respond::in_stream(&mut self.writer, kind, message));
            read.error = Some(CloudError::InStream);
            return Ok(());
        }
        self.write(&parts, out, read);
        Ok(())
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
        read.usage = tokens.or(read.usage);
        let usage = usage.unwrap_or_default();
        let mut written = Vec::new();
        if !parts.is_empty() && !std::mem::replace(&mut self.begun, true) {
            self.writer.first(0, &usage, &mut written);
        }
        parts.iter().for_each(|part| self.writer.part(0, part, &mut written));
        if self.reader.done() {
            let cost = self.rate.zip(tokens).map(|(rate, tokens)| rate.cost_usd(tokens));
            self.writer.last(&usage, cost, &mut written);
            self.done = true;
        }
        read.events += parts.len();
        out.extend_from_slice(&written);
    }
}
