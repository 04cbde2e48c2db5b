//! Answers of the models in this process, in the client's dialect.

use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use hearthgate_engines::{ChatChunk, Engine, EngineError, FinishReason, Generation, Job, Owner, Usage};
use hearthgate_rules::chat::ChatRequest;
use hearthgate_rules::decision::Permitted;
use hearthgate_rules::target::Effort;

use crate::clock;
use crate::config::Model;
use crate::dialect::openai::{Gathered, Head};
use crate::exchange::Exchange;
use crate::respond::Fault;

/// Requests larger than this are rendered and counted on a thread of their own.
const RENDER_INLINE_BYTES_MAX: usize = 64 << 10;

/// Puts a request to an engine and waits for its first chunk, so that a failure can still go elsewhere.
///
/// # Errors
/// What the engine refuses, before anything has been answered.
pub async fn begin(
    engine: &Arc<dyn Engine>,
    model: &Model,
    permit: &Permitted<ChatRequest>,
    owner: Owner,
) -> Result<Begun, EngineError> {
    let request = permit.request();
    let choices = Job::choices(request)?;
    let mut job = Job::from_chat(request, permit.effort())?;
    if permit.effort() == Effort::Deliberate {
        job.thinking.budget_tokens = model.thinking_tokens_max;
    }
    job.owner = Some(owner);
    job.deadline = Some(clock::now() + model.answer_timeout);
    // The grammar of a format or of tools may take its time as well.
    let small = request.document().source_bytes() <= RENDER_INLINE_BYTES_MAX;
    let mut answers = if small && job.schema.is_none() && job.tools.is_none() {
        generate(engine.as_ref(), job, choices)?
    } else {
        let engine = Arc::clone(engine);
        let rendered = tokio::task::spawn_blocking(move || generate(engine.as_ref(), job, choices)).await;
        rendered.map_err(|_| EngineError::WorkerGone { reason: "rendering the chat failed".to_owned() })??
    };
    let Some(first) = answers.first_mut() else { return Err(EngineError::Cancelled) };
    match first.next().await {
        Some(Ok(first)) => Ok(Begun { first, answers }),
        Some(Err(error)) => Err(error),
        None => Err(EngineError::Cancelled),
    }
}

/// One generation for each choice that is asked for; a seed that is given is the first one's, and counts on.
fn generate(engine: &dyn Engine, job: Job, choices: u64) -> Result<Vec<Generation>, EngineError> {
    let next = |choice: u64| {
        let mut job = job.clone();
        job.sampling.seed = job.sampling.seed.map(|seed| seed.wrapping_add(choice));
        engine.generate(job)
    };
    (0..choices).map(next).collect()
}

/// An answer that has begun.
pub struct Begun {
    /// The first choice's first.
    first: ChatChunk,
    /// One for each choice.
    answers: Vec<Generation>,
}

/// Reads an answer to its end.
///
/// # Errors
/// When the engine fails on the way.
pub async fn gather(begun: Begun, head: &Head, exchange: &mut Exchange) -> Result<Bytes, Fault> {
    let Begun { first, answers } = begun;
    let mut first = Some(first);
    let mut total = Total::default();
    let mut choices = Vec::new();
    for mut generation in answers {
        let mut gathered = Gathered::default();
        loop {
            // The engine's time, as that before the first chunk was.
            let next = match first.take() {
                Some(first) => Some(Ok(first)),
                None => exchange.wait(generation.next()).await,
            };
            match next.unwrap_or(Err(EngineError::Cancelled)).map_err(Fault::Engine)? {
                ChatChunk::Finish { reason, usage } => {
                    total.add(&usage, reason);
                    choices.push((gathered, reason));
                    break;
                }
                chunk => gathered.add(chunk),
            }
        }
    }
    let usage = total.tell(exchange);
    Ok(Bytes::from(head.whole(&choices, &usage, exchange.cost_usd())))
}

/// What all choices used together. They share one prompt.
#[derive(Default)]
struct Total {
    usage: Option<Usage>,
    reason: Option<FinishReason>,
}

impl Total {
    fn add(&mut self, usage: &Usage, reason: FinishReason) {
        self.reason.get_or_insert(reason);
        let Some(total) = &mut self.usage else {
            self.usage = Some(*usage);
            return;
        };
        total.completion_tokens += usage.completion_tokens;
        total.reasoning_tokens += usage.reasoning_tokens;
    }

    fn tell(&self, exchange: &mut Exchange) -> Usage {
        let usage = self.usage.unwrap_or_default();
        exchange.answered_here(&usage, self.reason.unwrap_or(FinishReason::Stop));
        usage
    }
}

/// An answer as a stream of events. Dropping it cancels the work.
pub struct DeviceStream {
    first: Option<ChatChunk>,
    /// Those that have not ended, with the number of their choice.
    answers: Vec<(usize, Generation)>,
    total: Total,
    head: Head,
    exchange: Exchange,
    ended: bool,
}

impl DeviceStream {
    /// Takes over an answer that has begun.
    #[must_use]
    pub fn new(begun: Begun, head: Head, exchange: Exchange) -> Self {
        let Begun { first, answers } = begun;
        let answers = answers.into_iter().enumerate().collect();
        Self { first: Some(first), answers, total: Total::default(), head, exchange, ended: false }
    }

    /// Everything that is ready, in one piece.
    pub fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<Option<Bytes>> {
        if self.ended {
            return Poll::Ready(None);
        }
        let mut out = Vec::new();
        if let Some(first) = self.first.take() {
            self.exchange.first_byte(clock::now());
            for (choice, _) in &self.answers {
                self.head.first(*choice, &mut out);
            }
            self.write(0, Ok(first), &mut out);
        }
        let mut at = 0;
        while let Some((choice, generation)) = self.answers.get_mut(at).filter(|_| !self.ended) {
            let choice = *choice;
            match generation.poll_next(cx) {
                // One that ends leaves its place to the next.
                Poll::Ready(chunk) => {
                    self.write(choice, chunk.unwrap_or(Err(EngineError::Cancelled)), &mut out)
                }
                Poll::Pending => at += 1,
            }
        }
        if out.is_empty() && !self.ended { Poll::Pending } else { Poll::Ready(Some(Bytes::from(out))) }
    }

    fn write(&mut self, choice: usize, chunk: Result<ChatChunk, EngineError>, out: &mut Vec<u8>) {
        match chunk {
            Ok(chunk) => {
                self.head.chunk(choice, &chunk, out);
                if let ChatChunk::Finish { reason, usage } = &chunk {
                    self.total.add(usage, *reason);
                    self.answers.retain(|(other, _)| *other != choice);
                    if self.answers.is_empty() {
                        let usage = self.total.tell(&mut self.exchange);
                        self.exchange.close(http::StatusCode::OK, None);
                        self.head.last(&usage, self.exchange.cost_usd(), out);
                        self.ended = true;
                    }
                }
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
