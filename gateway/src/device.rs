//! Answers of the models in this process, in the client's dialect.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Instant;

use bytes::Bytes;
use hearthgate_engines::{
    ChatChunk, Engine, EngineError, FinishReason, Generation, Hold, Holding, Job, ModelCard, Owner, Usage,
};
use hearthgate_rules::chat::{ChatRequest, Dialect};
use hearthgate_rules::json::quote;
use hearthgate_rules::target::Effort;

use crate::clock;
use crate::config::Model;
use crate::dialect::carry::Writer;
use crate::dialect::event::{self, CallFault, Event, Gathered};
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
    request: &ChatRequest,
    effort: Effort,
    owner: Owner,
) -> Result<Begun, EngineError> {
    put(engine, request, jobs(model, request, effort, owner)?).await
}

/// The jobs that a request asks for: one for each choice.
///
/// # Errors
/// What no engine could do.
pub fn jobs(
    model: &Model,
    request: &ChatRequest,
    effort: Effort,
    owner: Owner,
) -> Result<Vec<Job>, EngineError> {
    let choices = Job::choices(request)?;
    let mut job = Job::from_chat(request, effort)?;
    if effort == Effort::Deliberate {
        job.thinking.budget_tokens = model.thinking_tokens_max;
    }
    job.owner = Some(owner);
    job.deadline = Some(clock::now() + model.answer_timeout);
    // A seed that is given is the first choice's, and counts on.
    let choice = |choice| {
        let mut job = job.clone();
        job.sampling.seed = job.sampling.seed.map(|seed| seed.wrapping_add(choice));
        job
    };
    Ok((0..choices).map(choice).collect())
}

/// Puts the jobs of one request to an engine.
///
/// # Errors
/// As [`begin`].
pub async fn put(
    engine: &Arc<dyn Engine>,
    request: &ChatRequest,
    jobs: Vec<Job>,
) -> Result<Begun, EngineError> {
    // The grammar of a format or of tools may take its time as well.
    let small = request.document().source_bytes() <= RENDER_INLINE_BYTES_MAX;
    let here = small && jobs.iter().all(|job| job.schema.is_none() && job.tools.is_none());
    let per_prompt = jobs.len();
    start(engine, jobs, per_prompt, here).await
}

/// Puts jobs to an engine, on this thread where that is quick, and waits for the first chunk of the first.
///
/// # Errors
/// What the engine refuses, before anything has been answered.
pub async fn start(
    engine: &Arc<dyn Engine>,
    jobs: Vec<Job>,
    per_prompt: usize,
    here: bool,
) -> Result<Begun, EngineError> {
    // What a client calls a seed may be any number that is dear to somebody: only our own are recorded.
    let given: Vec<bool> = jobs.iter().map(|job| job.sampling.seed.is_some()).collect();
    let own = |(seed, given): (u64, bool)| (!given).then_some(seed);
    let settings = jobs.first().map(|job| job.sampling.settings()).unwrap_or_default();
    let _hold = hold(engine, jobs.iter().filter_map(|job| job.deadline).min()).await?;
    let mut answers = if here {
        generate(engine.as_ref(), jobs)?
    } else {
        let engine = Arc::clone(engine);
        let rendered = tokio::task::spawn_blocking(move || generate(engine.as_ref(), jobs)).await;
        rendered.map_err(|_| EngineError::WorkerGone { reason: "rendering the chat failed".to_owned() })??
    };
    let mut answered = Answered::new(engine.model(), settings);
    answered.seeds = answers.iter().map(Generation::seed).zip(given).map(own).collect();
    let total = Total { per_prompt, answered, ..Total::default() };
    let Some(first) = answers.first_mut() else { return Err(EngineError::Cancelled) };
    match first.next().await {
        Some(Ok(first)) => Ok(Begun { first, answers, total }),
        Some(Err(error)) => Err(error),
        None => Err(EngineError::Cancelled),
    }
}

/// Waits until the model is in memory, and keeps it there.
async fn hold(engine: &Arc<dyn Engine>, deadline: Option<Instant>) -> Result<Hold, EngineError> {
    let loading = match engine.hold() {
        Holding::Held(hold) => return Ok(hold),
        Holding::Loading(loading) => loading,
    };
    let loaded = match deadline {
        None => loading.await,
        Some(deadline) => {
            let loaded = tokio::time::timeout_at(deadline.into(), loading).await;
            loaded.map_err(|_| EngineError::Deadline)?
        }
    };
    loaded.unwrap_or_else(|_| Err(EngineError::WorkerGone { reason: "it could not be loaded".to_owned() }))
}

fn generate(engine: &dyn Engine, jobs: Vec<Job>) -> Result<Vec<Generation>, EngineError> {
    jobs.into_iter().map(|job| engine.generate(job)).collect()
}

/// An answer that has begun.
pub struct Begun {
    /// The first choice's first.
    first: ChatChunk,
    /// One for each choice.
    answers: Vec<Generation>,
    total: Total,
}

impl Begun {
    /// Reads it to its end.
    ///
    /// # Errors
    /// When the engine fails on the way.
    pub async fn whole(self) -> Result<Whole, EngineError> {
        let Self { first, answers, mut total } = self;
        let mut first = Some(first);
        let mut choices = Vec::new();
        for (choice, mut generation) in answers.into_iter().enumerate() {
            let mut gathered = Gathered::default();
            loop {
                let next = match first.take() {
                    Some(first) => Some(Ok(first)),
                    None => generation.next().await,
                };
                match next.unwrap_or(Err(EngineError::Cancelled))? {
                    ChatChunk::Finish { reason, usage } => {
                        total.add(choice, &usage, reason);
                        gathered.add(Event::End(reason.into()));
                        choices.push(gathered);
                        break;
                    }
                    chunk => gathered.add(chunk.into()),
                }
            }
        }
        Ok(Whole { choices, total })
    }
}

/// All of an answer.
pub struct Whole {
    choices: Vec<Gathered>,
    total: Total,
}

impl Whole {
    /// What each choice says.
    #[must_use]
    pub fn choices(&self) -> &[Gathered] {
        &self.choices
    }

    /// What all choices used together.
    #[must_use]
    pub fn usage(&self) -> &Usage {
        &self.total.usage
    }

    /// What is wrong with a tool call in it, for clients of a dialect.
    #[must_use]
    pub fn call_fault(&self, dialect: Dialect) -> Option<CallFault> {
        self.choices.iter().find_map(|choice| choice.call_fault(dialect))
    }

    /// Whether it is to tell how likely its tokens were: where nobody asked for that, it does not.
    #[must_use]
    pub fn telling(mut self, likelihoods: bool) -> Self {
        self.choices.iter_mut().filter(|_| !likelihoods).for_each(|choice| choice.logprobs.clear());
        self
    }

    /// Tells what it used.
    pub fn tell(&self, exchange: &mut Exchange) {
        self.total.tell(exchange);
    }

    /// In the client's dialect.
    #[must_use]
    pub fn written(&self, writer: &Writer, exchange: &Exchange) -> Bytes {
        Bytes::from(writer.whole(&self.choices, &(&self.total.usage).into(), exchange.cost_usd()))
    }
}

/// Reads an answer to its end.
///
/// # Errors
/// When the engine fails on the way.
pub async fn gather(begun: Begun, writer: &Writer, exchange: &mut Exchange) -> Result<Bytes, Fault> {
    // The engine's time, as that before the first chunk was.
    let whole = exchange.wait(begun.whole()).await.map_err(Fault::Engine)?;
    whole.tell(exchange);
    if let Some(fault) = whole.call_fault(writer.dialect()) {
        return Err(Fault::Engine(EngineError::Decode { reason: fault.words() }));
    }
    Ok(whole.written(writer, exchange))
}

/// How an answer came about: enough to have it again, and to know it when it is the same.
#[derive(Default)]
struct Answered {
    model: String,
    template: String,
    deterministic: bool,
    settings: String,
    /// Those that were drawn; none where the client gave one.
    seeds: Vec<Option<u64>>,
    digests: BTreeMap<usize, [u8; 32]>,
}

impl Answered {
    fn new(card: &ModelCard, settings: String) -> Self {
        let ModelCard { digest, template_digest, deterministic, .. } = card;
        Self {
            model: digest.clone(),
            template: template_digest.clone(),
            deterministic: *deterministic,
            settings,
            ..Self::default()
        }
    }

    /// As a JSON object of digests and numbers.
    fn record(&self) -> String {
        let seed = |seed: &Option<u64>| seed.map_or_else(|| "null".to_owned(), |seed| seed.to_string());
        let seeds = self.seeds.iter().map(seed).collect::<Vec<_>>().join(",");
        let digests = self.digests.values().map(|digest| quote(&hex(digest))).collect::<Vec<_>>().join(",");
        format!(
            "{{\"model\":{},\"template\":{},\"deterministic\":{},\"sampling\":{},\"seeds\":[{seeds}],\"answers\":[{digests}]}}",
            quote(&self.model),
            quote(&self.template),
            self.deterministic,
            self.settings,
        )
    }
}

/// Bytes in lower-case hex.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// What all choices used together. Those of one prompt share it.
#[derive(Default)]
struct Total {
    /// Choices next to each other that answer the same prompt.
    per_prompt: usize,
    answered: Answered,
    usage: Usage,
    reason: Option<FinishReason>,
}

impl Total {
    fn add(&mut self, choice: usize, usage: &Usage, reason: FinishReason) {
        self.reason.get_or_insert(reason);
        self.answered.digests.insert(choice, usage.answer_digest);
        let total = &mut self.usage;
        if choice.is_multiple_of(self.per_prompt.max(1)) {
            total.prompt_tokens += usage.prompt_tokens;
            total.cached_tokens += usage.cached_tokens;
            total.queue_wait_us = total.queue_wait_us.max(usage.queue_wait_us);
        }
        total.completion_tokens += usage.completion_tokens;
        total.reasoning_tokens += usage.reasoning_tokens;
    }

    fn tell(&self, exchange: &mut Exchange) -> Usage {
        exchange.answered_here(
            &self.usage,
            self.reason.unwrap_or(FinishReason::Stop),
            self.answered.record(),
        );
        self.usage
    }
}

/// An answer as a stream of events. Dropping it cancels the work.
pub struct DeviceStream {
    first: Option<ChatChunk>,
    /// Those that have not ended, with the number of their choice.
    answers: Vec<(usize, Generation)>,
    total: Total,
    writer: Writer,
    exchange: Exchange,
    ended: bool,
}

impl DeviceStream {
    /// Takes over an answer that has begun.
    #[must_use]
    pub fn new(begun: Begun, writer: Writer, exchange: Exchange) -> Self {
        let Begun { first, answers, total } = begun;
        let answers = answers.into_iter().enumerate().collect();
        Self { first: Some(first), answers, total, writer, exchange, ended: false }
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
                self.writer.first(*choice, &event::Usage::default(), &mut out);
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
                let end = match &chunk {
                    ChatChunk::Finish { reason, usage } => Some((*reason, *usage)),
                    _ => None,
                };
                self.writer.part(choice, &chunk.into(), out);
                if let Some((reason, usage)) = end {
                    self.total.add(choice, &usage, reason);
                    self.answers.retain(|(other, _)| *other != choice);
                    if self.answers.is_empty() {
                        let usage = self.total.tell(&mut self.exchange);
                        self.exchange.close(http::StatusCode::OK, None);
                        self.writer.last(&(&usage).into(), self.exchange.cost_usd(), out);
                        self.ended = true;
                    }
                }
            }
            Err(error) => {
                let fault = Fault::Engine(error);
                out.extend_from_slice(&fault.written(&mut self.writer));
                self.exchange.close(fault.status(), Some(fault.code()));
                self.ended = true;
            }
        }
    }
}
