//! An upstream's stream of events, passed on as it comes.
//!
//! Events go on byte for byte, except that the usage which the gateway asked for is hidden from a client
//! that did not. Every event is read: what is not an event of the dialect, or breaks off, ends the client's
//! stream with an error and without `[DONE]`.

use std::task::{Context, Poll};

use bytes::{Bytes, BytesMut};
use hearthgate_rules::json::{Document, Edit};
use http::StatusCode;

use crate::clock;
use crate::cloud::{CloudError, UpstreamBody};
use crate::dialect::openai::{self, DONE, Seen};
use crate::dialect::sse::{Event, Splitter};
use crate::exchange::{Exchange, Rate, Tokens};
use crate::respond::Fault;

/// The largest answer that is read in one piece.
const ANSWER_BYTES_MAX: usize = 64 << 20;

/// A stream that is being passed on. Dropping it closes the upstream's.
pub struct Relay {
    body: UpstreamBody,
    state: State,
    exchange: Exchange,
    first: Option<Bytes>,
    ended: bool,
}

/// What has been read of a stream, apart from where it goes.
struct State {
    splitter: Splitter,
    include_usage: bool,
    rate: Option<Rate>,
    finished: bool,
    done: bool,
}

/// A stream whose first event has come.
pub struct Primed {
    body: UpstreamBody,
    state: State,
    first: Bytes,
    usage: Option<Tokens>,
}

/// Waits for the first event, so that a stream which fails before it can still be answered elsewhere.
///
/// # Errors
/// When the stream fails, ends, or says an error before anything else.
pub async fn prime(
    mut body: UpstreamBody,
    include_usage: bool,
    rate: Option<Rate>,
) -> Result<Primed, CloudError> {
    let mut state =
        State { splitter: Splitter::default(), include_usage, rate, finished: false, done: false };
    match begin(&mut body, &mut state).await {
        Ok((first, usage)) => Ok(Primed { body, state, first, usage }),
        Err(error) => {
            body.bad(&error);
            Err(error)
        }
    }
}

/// The first event and what else came with it, as the client is to see it.
async fn begin(body: &mut UpstreamBody, state: &mut State) -> Result<(Bytes, Option<Tokens>), CloudError> {
    loop {
        let mut out = BytesMut::new();
        let mut read = Read::default();
        let chunk = std::future::poll_fn(|cx| body.poll_piece(cx)).await;
        state.take(chunk.transpose()?, &mut out, &mut read)?;
        if let Some(error) = read.error {
            return Err(error);
        }
        if read.events > 0 {
            return Ok((out.freeze(), read.usage));
        }
    }
}

impl Relay {
    /// Passes on a stream whose first event has come.
    #[must_use]
    pub fn new(primed: Primed, mut exchange: Exchange) -> Self {
        let Primed { body, state, first, usage } = primed;
        if let Some(usage) = usage {
            exchange.used(usage, None);
        }
        Self { body, state, exchange, first: Some(first), ended: false }
    }

    /// Everything that is ready, in one piece.
    pub fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<Option<Bytes>> {
        if self.ended {
            return Poll::Ready(None);
        }
        let mut out = BytesMut::new();
        if let Some(first) = self.first.take() {
            self.exchange.first_byte(clock::now());
            out.extend_from_slice(&first);
        }
        while !self.ended {
            if self.state.done {
                self.end(None, &mut out);
                break;
            }
            match self.body.poll_piece(cx) {
                Poll::Pending if out.is_empty() => return Poll::Pending,
                Poll::Pending => break,
                Poll::Ready(chunk) => self.take(chunk, &mut out),
            }
        }
        Poll::Ready(Some(out.freeze()).filter(|out| !out.is_empty()))
    }

    fn take(&mut self, chunk: Option<Result<Bytes, CloudError>>, out: &mut BytesMut) {
        let mut read = Read::default();
        let taken = chunk.transpose().and_then(|chunk| self.state.take(chunk, out, &mut read));
        if let Some(usage) = read.usage {
            self.exchange.used(usage, None);
        }
        if let Err(error) = taken {
            self.end(Some(error), out);
        } else if let Some(error) = read.error {
            // The upstream's own words have gone on already.
            self.body.bad(&error);
            self.exchange.close(StatusCode::BAD_GATEWAY, Some(error.code()));
            self.ended = true;
        }
    }

    fn end(&mut self, error: Option<CloudError>, out: &mut BytesMut) {
        self.ended = true;
        match error {
            None => {
                self.body.release();
                self.exchange.close(StatusCode::OK, None);
            }
            Some(error) => {
                self.body.bad(&error);
                let fault = Fault::Cloud(error);
                out.extend_from_slice(&fault.event());
                self.exchange.close(fault.status(), Some(fault.code()));
            }
        }
    }
}

/// What one piece of a stream held.
#[derive(Default)]
struct Read {
    events: usize,
    usage: Option<Tokens>,
    error: Option<CloudError>,
}

impl State {
    /// Takes a piece (none: the end) and writes what the client is to see of it.
    fn take(&mut self, chunk: Option<Bytes>, out: &mut BytesMut, read: &mut Read) -> Result<(), CloudError> {
        let Some(chunk) = chunk else { return self.finish(out, read) };
        self.splitter.push(chunk);
        while !self.done && read.error.is_none() {
            let Some(event) = self.splitter.next_event().map_err(|_| CloudError::MalformedStream)? else {
                break;
            };
            self.event(&event, out, read)?;
        }
        Ok(())
    }

    fn finish(&mut self, out: &mut BytesMut, read: &mut Read) -> Result<(), CloudError> {
        if let Some(event) = self.splitter.finish().map_err(|_| CloudError::BodyReset)? {
            self.event(&event, out, read)?;
        }
        if self.done || read.error.is_some() {
            return Ok(());
        }
        if !self.finished {
            return Err(CloudError::BodyReset);
        }
        // Some servers leave `[DONE]` out; the answer itself came to its end.
        out.extend_from_slice(DONE);
        self.done = true;
        read.events += 1;
        Ok(())
    }

    fn event(&mut self, event: &Event, out: &mut BytesMut, read: &mut Read) -> Result<(), CloudError> {
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
        let seen = Seen::of(&data).map_err(|_| CloudError::MalformedStream)?;
        if seen.error {
            out.extend_from_slice(event.raw());
            read.error = Some(CloudError::InStream);
            return Ok(());
        }
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

/// Reads an answer that comes in one piece, and checks that it is one.
///
/// # Errors
/// When it breaks off, is larger than the bound, or is not JSON.
pub async fn whole(mut body: UpstreamBody) -> Result<(Bytes, Option<Tokens>), CloudError> {
    let answer = body.collect(ANSWER_BYTES_MAX).await?;
    match Seen::of(&answer) {
        Ok(seen) => {
            body.well();
            Ok((answer, seen.tokens))
        }
        Err(_) => {
            body.bad(&CloudError::MalformedBody);
            Err(CloudError::MalformedBody)
        }
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
