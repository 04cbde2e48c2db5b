//! Answers of the models in this process, in the client's dialect.

use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use hearthgate_engines::{ChatChunk, Engine, EngineError, FinishReason, Generation, Job, Usage};
use hearthgate_rules::chat::ChatRequest;
use hearthgate_rules::decision::Permitted;

use crate::clock;
use crate::dialect::openai::{Gathered, Head};
use crate::exchange::{Exchange, Tokens};
use crate::respond::Fault;

/// Requests larger than this are rendered and counted on a thread of their own.
const RENDER_INLINE_BYTES_MAX: usize = 64 << 10;

/// Puts a request to an engine and waits for its first chunk, so that a failure can still go elsewhere.
///
/// # Errors
/// What the engine refuses, before anything has been answered.
pub async fn begin(engine: &Arc<dyn Engine>, permit: &Permitted<ChatRequest>) -> Result<Begun, EngineError> {
    let request = permit.request();
    let job = Job::from_chat(request, permit.effort())?;
    let mut generation = if request.document().source_bytes() <= RENDER_INLINE_BYTES_MAX {
        engine.generate(job)?
    } else {
        let engine = Arc::clone(engine);
        let rendered = tokio::task::spawn_blocking(move || engine.generate(job)).await;
        rendered.map_err(|_| EngineError::WorkerGone { reason: "rendering the chat failed".to_owned() })??
    };
    match generation.next().await {
        Some(Ok(first)) => Ok(Begun { first, generation }),
        Some(Err(error)) => Err(error),
        None => Err(EngineError::Cancelled),
    }
}

/// An answer that has begun.
pub struct Begun {
    first: ChatChunk,
    generation: Generation,
}

/// Reads an answer to its end.
///
/// # Errors
/// When the engine fails on the way.
pub async fn gather(begun: Begun, head: &Head, exchange: &mut Exchange) -> Result<Bytes, Fault> {
    let Begun { first, mut generation } = begun;
    let mut gathered = Gathered::default();
    let mut next = Some(Ok(first));
    while let Some(chunk) = next {
        match chunk.map_err(Fault::Engine)? {
            ChatChunk::Finish { reason, usage } => {
                return Ok(whole(&gathered, head, reason, &usage, exchange));
            }
            chunk => gathered.add(chunk),
        }
        // The engine's time, as that before the first chunk was.
        next = exchange.wait(generation.next()).await;
    }
    Err(Fault::Engine(EngineError::Cancelled))
}

fn whole(
    gathered: &Gathered,
    head: &Head,
    reason: FinishReason,
    usage: &Usage,
    exchange: &mut Exchange,
) -> Bytes {
    exchange.used(tokens(usage), Some(reason.as_openai()));
    exchange.queue_wait(usage.queue_wait_us);
    Bytes::from(gathered.finish(head, reason, usage, exchange.cost_usd()))
}

/// An answer as a stream of events. Dropping it cancels the work.
pub struct DeviceStream {
    first: Option<ChatChunk>,
    generation: Generation,
    head: Head,
    exchange: Exchange,
    ended: bool,
}

impl DeviceStream {
    /// Takes over an answer that has begun.
    #[must_use]
    pub fn new(begun: Begun, head: Head, exchange: Exchange) -> Self {
        let Begun { first, generation } = begun;
        Self { first: Some(first), generation, head, exchange, ended: false }
    }

    /// Everything that is ready, in one piece.
    pub fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<Option<Bytes>> {
        if self.ended {
            return Poll::Ready(None);
        }
        let mut out = Vec::new();
        if let Some(first) = self.first.take() {
            self.exchange.first_byte(clock::now());
            self.head.first(&mut out);
            self.write(Ok(first), &mut out);
        }
        while !self.ended {
            match self.generation.poll_next(cx) {
                Poll::Ready(Some(chunk)) => self.write(chunk, &mut out),
                Poll::Ready(None) => self.write(Err(EngineError::Cancelled), &mut out),
                Poll::Pending if out.is_empty() => return Poll::Pending,
                Poll::Pending => break,
            }
        }
        Poll::Ready(Some(Bytes::from(out)))
    }

    fn write(&mut self, chunk: Result<ChatChunk, EngineError>, out: &mut Vec<u8>) {
        match chunk {
            Ok(chunk) => {
                if let ChatChunk::Finish { reason, usage } = &chunk {
                    self.exchange.used(tokens(usage), Some(reason.as_openai()));
                    self.exchange.queue_wait(usage.queue_wait_us);
                    self.exchange.close(http::StatusCode::OK, None);
                    self.ended = true;
                }
                self.head.chunk(&chunk, self.exchange.cost_usd(), out);
            }
            Err(error) => {
                let fault = Fault::Engine(error);
                out.extend_from_slice(&fault.event());
                self.exchange.close(fault.status(), Some(fault.code()));
                self.ended = true;
            }
        }
    }
}

fn tokens(usage: &Usage) -> Tokens {
    Tokens { input: usage.prompt_tokens, output: usage.completion_tokens }
}
