//! An upstream's stream of events, passed on as it comes.
//!
//! Where client and upstream speak one dialect events go on byte for byte; where they do not they are translated, each
//! as it comes. Every event is read: what is not an event of the dialect, or breaks off, ends the client's stream with
//! an error and without the mark of a good end.

pub mod anthropic;
pub mod openai;
pub mod seals;
pub mod translated;

use std::task::{Context, Poll};

use bytes::{Bytes, BytesMut};
use hearthgate_rules::chat::Dialect;
use hearthgate_rules::json::Document;
use http::StatusCode;

use self::seals::Sealer;
use crate::clock;
use crate::cloud::{Bound, CloudError, UpstreamBody, within};
use crate::config::UpstreamDialect;
use crate::dialect::carry::{self, Unread, Writer};
use crate::dialect::event::Gathered;
use crate::dialect::split::Splitter;
use crate::dialect::sse::Event;
use crate::dialect::{anthropic as messages, openai as chats};
use crate::exchange::{Exchange, Rate, Tokens};
use crate::respond::{self, Fault};

/// The largest answer that is read in one piece, or written anew as it comes.
const ANSWER_BYTES_MAX: usize = 64 << 20;

/// What is gathered of a stream before it is written, in bytes: no more is read until that is on its way.
const PIECE_BYTES_MAX: usize = 64 << 10;

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
    course: Course,
}

/// How a stream's events become the client's.
pub enum Course {
    /// Both speak OpenAI's dialect.
    OpenAi(openai::Course),
    /// Both speak Anthropic's.
    Anthropic(anthropic::Course),
    /// They speak different ones.
    Translated(Box<translated::Course>),
}

impl Course {
    fn event(&mut self, event: &Event, out: &mut BytesMut, read: &mut Read) -> Result<(), CloudError> {
        match self {
            Self::OpenAi(course) => course.event(event, out, read),
            Self::Anthropic(course) => course.event(event, out, read),
            Self::Translated(course) => course.event(event, out, read),
        }
    }

    /// The stream is over, with its last event or without.
    fn finish(&mut self, out: &mut BytesMut, read: &mut Read) -> Result<(), CloudError> {
        match self {
            Self::OpenAi(course) => course.finish(out, read),
            // Its last event is the mark of its end.
            Self::Anthropic(_) => Err(CloudError::BodyReset),
            Self::Translated(course) => course.finish(out, read),
        }
    }

    /// Whether the answer has come to a good end.
    fn done(&self) -> bool {
        match self {
            Self::OpenAi(course) => course.done,
            Self::Anthropic(course) => course.done,
            Self::Translated(course) => course.done,
        }
    }

    /// The last event of a stream that could not be ended well, in the client's dialect.
    fn failed(&mut self, fault: &Fault) -> Vec<u8> {
        match self {
            Self::OpenAi(_) => fault.event(Dialect::OpenAiChat),
            Self::Anthropic(_) => fault.event(Dialect::AnthropicMessages),
            Self::Translated(course) => course.failed(fault),
        }
    }
}

/// A stream whose first event has come.
pub struct Primed {
    body: UpstreamBody,
    state: State,
    first: Bytes,
    read: Read,
}

/// Waits for the first event, so that a stream which fails before it can still be answered elsewhere. It has its bound.
///
/// # Errors
/// When the stream fails, ends, or says an error before anything else.
pub async fn prime(
    mut body: UpstreamBody,
    dialect: UpstreamDialect,
    course: Course,
    bound: Option<Bound>,
) -> Result<Primed, CloudError> {
    let mut state = State { splitter: Splitter::of(dialect), course };
    match within(bound, begin(&mut body, &mut state)).await {
        Ok((first, read)) => Ok(Primed { body, state, first, read }),
        Err(error) => {
            body.bad(&error);
            Err(error)
        }
    }
}

/// The first event and what else came with it, as the client is to see it.
async fn begin(body: &mut UpstreamBody, state: &mut State) -> Result<(Bytes, Read), CloudError> {
    let mut out = BytesMut::new();
    let mut read = Read::default();
    loop {
        let chunk = std::future::poll_fn(|cx| body.poll_piece(cx)).await;
        state.take(chunk.transpose()?, &mut out, &mut read)?;
        if let Some(error) = read.error.take() {
            return Err(error);
        }
        if read.events > 0 {
            return Ok((out.freeze(), read));
        }
    }
}

impl Relay {
    /// Passes on a stream whose first event has come.
    #[must_use]
    pub fn new(primed: Primed, mut exchange: Exchange) -> Self {
        let Primed { body, state, first, read } = primed;
        read.tell(&mut exchange);
        Self { body, state, exchange, first: Some(first), ended: false }
    }

    /// Everything that is ready, in one piece of some bound: a provider may be faster than its reader for ever.
    pub fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<Option<Bytes>> {
        if self.ended {
            return Poll::Ready(None);
        }
        let mut out = BytesMut::new();
        if let Some(first) = self.first.take() {
            self.exchange.first_byte(clock::now());
            out.extend_from_slice(&first);
        }
        while !self.ended && out.len() < PIECE_BYTES_MAX {
            if self.state.course.done() {
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
        read.tell(&mut self.exchange);
        if let Err(error) = taken {
            self.end(Some(error), out);
        } else if let Some(error) = read.error {
            // The upstream's own words have gone on already, in one dialect or the other.
            self.body.bad(&error);
            self.exchange.upstream_failed(&error);
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
                self.exchange.upstream_failed(&error);
                let fault = Fault::Cloud(error);
                out.extend_from_slice(&self.state.course.failed(&fault));
                self.exchange.close(fault.status(), Some(fault.code()));
            }
        }
    }
}

/// What one piece of a stream held.
#[derive(Default)]
pub struct Read {
    /// Events of the answer itself: once there is one, nobody else may answer.
    events: usize,
    /// The tokens of the prompt, where they are told before the rest.
    prompt: Option<u64>,
    usage: Option<Tokens>,
    error: Option<CloudError>,
}

impl Read {
    fn tell(&self, exchange: &mut Exchange) {
        exchange.came(self.events, self.prompt);
        if let Some(usage) = self.usage {
            exchange.used(usage, None);
        }
    }
}

impl State {
    /// Takes a piece (none: the end) and writes what the client is to see of it.
    fn take(&mut self, chunk: Option<Bytes>, out: &mut BytesMut, read: &mut Read) -> Result<(), CloudError> {
        let Some(chunk) = chunk else { return self.finish(out, read) };
        self.splitter.push(chunk);
        while !self.course.done() && read.error.is_none() {
            let Some(event) = self.splitter.next_event().map_err(|_| CloudError::MalformedStream)? else {
                break;
            };
            self.course.event(&event, out, read)?;
        }
        Ok(())
    }

    fn finish(&mut self, out: &mut BytesMut, read: &mut Read) -> Result<(), CloudError> {
        if let Some(event) = self.splitter.finish().map_err(|_| CloudError::BodyReset)? {
            self.course.event(&event, out, read)?;
        }
        if self.course.done() || read.error.is_some() { Ok(()) } else { self.course.finish(out, read) }
    }
}

/// Reads all of an answer that comes in one piece, within its time.
///
/// # Errors
/// When it breaks off, is too large, or its time is up.
pub async fn collect(body: &mut UpstreamBody, bound: Option<Bound>) -> Result<Bytes, CloudError> {
    let collected = within(bound, body.collect(ANSWER_BYTES_MAX)).await;
    // What the body has told already it tells no more.
    collected.inspect_err(|error| body.bad(error))
}

/// Checks that an answer in one piece, which has been collected, is one. It is passed on as it is where client and upstream
/// speak one dialect and nobody is given to write it, and written anew where they do not.
///
/// # Errors
/// When it is none of the upstream's dialect.
pub fn whole(
    (mut body, answer): (UpstreamBody, Bytes),
    dialect: UpstreamDialect,
    writer: Option<&Writer>,
    rate: Option<Rate>,
    sealer: &Sealer,
) -> Result<(Bytes, Option<Tokens>), CloudError> {
    let read = match (writer, dialect) {
        (Some(writer), _) => anew(&answer, dialect, writer, rate, sealer),
        (None, UpstreamDialect::OpenAi) => {
            sealer.chat(&answer);
            let seen = chats::Seen::of(&answer).map_err(|_| Unread::Malformed);
            seen.map(|seen| (answer.clone(), seen.tokens))
        }
        // Nobody else speaks a client's dialect.
        (None, _) => {
            sealer.whole(&answer);
            let seen = messages::Seen::of(&answer).map_err(|_| Unread::Malformed);
            seen.map(|seen| (answer.clone(), seen.counts.usage().map(Tokens::from)))
        }
    };
    match read {
        Ok(read) => {
            body.well();
            Ok(read)
        }
        Err(unread) => {
            let refused = writer.and_then(|_| refusal(&answer));
            let error = refused.unwrap_or(match unread {
                Unread::Malformed => CloudError::MalformedBody,
                Unread::Call(fault) => CloudError::MalformedCall(fault),
            });
            body.bad(&error);
            Err(error)
        }
    }
}

/// An error that came as if it were an answer.
fn refusal(answer: &[u8]) -> Option<CloudError> {
    let answer = Document::parse(answer).ok()?;
    answer.root().present("error")?;
    let (kind, message) = chats::answer::error(answer.root());
    respond::refusal_within(&kind, &message)
}

fn anew(
    answer: &[u8],
    dialect: UpstreamDialect,
    writer: &Writer,
    rate: Option<Rate>,
    sealer: &Sealer,
) -> Result<(Bytes, Option<Tokens>), Unread> {
    let answer = Document::parse(answer).map_err(|_| Unread::Malformed)?;
    let (events, usage) = carry::whole(dialect, answer.root())?;
    let mut gathered = Gathered::default();
    for event in events {
        sealer.part(&event);
        gathered.add(event);
    }
    if let Some(fault) = gathered.call_fault(writer.dialect()) {
        return Err(Unread::Call(fault));
    }
    let tokens = usage.map(Tokens::from);
    let cost = rate.zip(tokens).map(|(rate, tokens)| rate.cost_usd(tokens));
    let whole = writer.whole(&[gathered], &usage.unwrap_or_default(), cost);
    Ok((Bytes::from(whole), tokens))
}
