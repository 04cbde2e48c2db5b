//! A deterministic engine for tests: what it answers follows from its script and the sizes of the request.
//!
//! It keeps no time and no randomness. A reader that leaves is counted ([`ScriptedEngine::cancelled`]); a
//! gate ([`ScriptedEngine::hold`]) lets a test decide when an answer goes on.

use std::str::FromStr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use tokio::sync::{Semaphore, mpsc};

use crate::stream::CHUNKS_MAX;
use crate::{
    ChatChunk, Engine, EngineError, EngineLoad, EngineStatus, FinishReason, Generation, Job, ModelCard,
    TokenLogprob, Usage,
};

/// What a scripted engine does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Script {
    /// `hello`: "Hello from this device." word by word; a thought first where thinking is on.
    Hello,
    /// `sizes`: the sizes of the request as text, never its content.
    Sizes,
    /// `sure`: the words of `hello`, each of them likely.
    Sure,
    /// `unsure`: another word for each seed, none of them likely.
    Unsure,
    /// `declines`: that it cannot help, each word of it likely.
    Declines,
    /// `tool`: one call of a function named `look_up`, in two parts.
    Tool,
    /// `endless`: words until it is cancelled.
    Endless,
    /// `busy`: the queue is always full.
    Busy,
    /// `broken`: fails after its first words.
    Broken,
    /// `refuses`: every prompt is too long.
    Refuses,
    /// `dead`: reports itself as failed and takes no job.
    Dead,
}

impl Script {
    /// How likely its words are; none where it does not tell.
    fn likelihood(self) -> Option<f32> {
        match self {
            Self::Sure | Self::Declines => Some(0.95),
            Self::Unsure => Some(0.2),
            _ => None,
        }
    }
}

impl FromStr for Script {
    type Err = ();

    fn from_str(name: &str) -> Result<Self, ()> {
        Ok(match name {
            "hello" => Self::Hello,
            "sizes" => Self::Sizes,
            "sure" => Self::Sure,
            "unsure" => Self::Unsure,
            "declines" => Self::Declines,
            "tool" => Self::Tool,
            "endless" => Self::Endless,
            "busy" => Self::Busy,
            "broken" => Self::Broken,
            "refuses" => Self::Refuses,
            "dead" => Self::Dead,
            _ => return Err(()),
        })
    }
}

/// The engine behind `scripted:NAME`.
pub struct ScriptedEngine {
    card: ModelCard,
    script: Script,
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    /// One permit is open for good; while the gate is held, there is none.
    gate: Semaphore,
    running: AtomicUsize,
    cancelled: AtomicUsize,
    finished: AtomicUsize,
}

/// While it lives, answers wait before their first chunk.
pub struct Held(Arc<Shared>);

impl Drop for Held {
    fn drop(&mut self) {
        self.0.gate.add_permits(1);
    }
}

impl ScriptedEngine {
    /// An engine that follows this script.
    #[must_use]
    pub fn new(script: Script) -> Self {
        let card = ModelCard {
            name: "scripted".to_owned(),
            digest: "0".repeat(64),
            file_digests: Vec::new(),
            template_digest: "0".repeat(64),
            architecture: "scripted".to_owned(),
            context_length: 4096,
            parameters: 0,
            on_cards: None,
            supports_thinking: true,
            supports_tools: true,
            deterministic: true,
            noise: false,
        };
        let shared = Shared {
            gate: Semaphore::new(1),
            running: AtomicUsize::new(0),
            cancelled: AtomicUsize::new(0),
            finished: AtomicUsize::new(0),
        };
        Self { card, script, shared: Arc::new(shared) }
    }

    /// Holds all answers that have not begun, until what it returns is dropped; `None` while it is held.
    #[must_use]
    pub fn hold(&self) -> Option<Held> {
        self.shared.gate.try_acquire().ok()?.forget();
        Some(Held(Arc::clone(&self.shared)))
    }

    /// Answers whose reader left before their end.
    #[must_use]
    pub fn cancelled(&self) -> usize {
        self.shared.cancelled.load(Ordering::Acquire)
    }

    /// Answers that came to their end, errors included.
    #[must_use]
    pub fn finished(&self) -> usize {
        self.shared.finished.load(Ordering::Acquire)
    }
}

impl Engine for ScriptedEngine {
    fn model(&self) -> &ModelCard {
        &self.card
    }

    fn status(&self) -> EngineStatus {
        match self.script {
            Script::Dead => EngineStatus::Failed { reason: "its script says so".to_owned() },
            _ => EngineStatus::Ready,
        }
    }

    fn load(&self) -> EngineLoad {
        let running = self.shared.running.load(Ordering::Acquire);
        // Those that tell how sure they are may be asked for it, like a model that is in memory.
        let memory_bytes = u64::from(self.script.likelihood().is_some());
        EngineLoad { slots: 1024, running, memory_bytes, ..EngineLoad::default() }
    }

    fn generate(&self, job: Job) -> Result<Generation, EngineError> {
        job.check()?;
        match self.script {
            Script::Busy => return Err(EngineError::QueueFull { retry_after_ms: 1500 }),
            Script::Dead => return Err(EngineError::WorkerGone { reason: "its script says so".to_owned() }),
            Script::Refuses => return Err(EngineError::PromptTooLong { tokens: 5000, context: 4096 }),
            _ => {}
        }
        let seed = job.sampling.seed.unwrap_or(1);
        let (chunks, reader) = mpsc::channel(CHUNKS_MAX);
        let (script, shared) = (self.script, Arc::clone(&self.shared));
        shared.running.fetch_add(1, Ordering::AcqRel);
        // A thread of its own, as the real engine has, so that no runtime is asked for.
        thread::Builder::new()
            .name("hearthgate-script".to_owned())
            .spawn(move || perform(script, &job, &chunks, &shared))
            .map_err(|error| EngineError::WorkerGone { reason: error.to_string() })?;
        Ok(Generation::new(reader, seed))
    }

    fn count(&self, job: &Job) -> Result<u64, EngineError> {
        Ok(u64::try_from(job.messages.len().div_ceil(4)).unwrap_or(u64::MAX))
    }
}

type Chunks = mpsc::Sender<Result<ChatChunk, EngineError>>;

fn perform(script: Script, job: &Job, chunks: &Chunks, shared: &Shared) {
    while shared.gate.available_permits() == 0 && !chunks.is_closed() {
        thread::yield_now();
    }
    let told = script.likelihood().filter(|_| job.logprobs.is_some());
    let sent = |chunk| chunks.blocking_send(chunk).is_ok();
    let whole = lines(script, job).all(|chunk| {
        let likely = told.filter(|_| matches!(chunk, Ok(ChatChunk::Content(_)))).map(likely);
        sent(chunk) && likely.is_none_or(|likely| sent(Ok(likely)))
    });
    shared.running.fetch_sub(1, Ordering::AcqRel);
    let counter = if whole { &shared.finished } else { &shared.cancelled };
    counter.fetch_add(1, Ordering::AcqRel);
}

/// How likely a word was.
fn likely(likelihood: f32) -> ChatChunk {
    let token = TokenLogprob { bytes: Vec::new(), offset: 0, logprob: likelihood.ln(), top: Vec::new() };
    ChatChunk::Logprobs(vec![token])
}

fn lines(script: Script, job: &Job) -> Box<dyn Iterator<Item = Result<ChatChunk, EngineError>>> {
    let words = |text: &str| -> Vec<_> {
        text.split_inclusive(' ').map(|word| Ok(ChatChunk::Content(word.to_owned()))).collect()
    };
    let thought = (job.thinking.enabled == Some(true)).then(|| Ok(ChatChunk::Reasoning("Hm. ".to_owned())));
    match script {
        Script::Endless => Box::new(std::iter::repeat_with(|| Ok(ChatChunk::Content("word ".to_owned())))),
        Script::Broken => {
            let fault = Err(EngineError::Decode { reason: "its script says so" });
            Box::new(words("Hello from ").into_iter().chain([fault]))
        }
        Script::Tool => {
            let call = |id: Option<&str>, arguments: &str| {
                let name = id.map(|_| "look_up".to_owned());
                let (id, arguments) = (id.map(str::to_owned), arguments.to_owned());
                Ok(ChatChunk::ToolCall { index: 0, id, name, arguments })
            };
            let end = finish(job, 2, FinishReason::ToolCalls);
            Box::new([call(Some("call_0"), "{\"what\":"), call(None, "\"this\"}"), end].into_iter())
        }
        Script::Sizes => {
            let tools = job.tools.as_ref().map_or(0, String::len);
            let text = format!("messages {} tools {tools} stops {}", job.messages.len(), job.stop.len());
            whole_answer(job, thought, words(&text))
        }
        Script::Unsure => {
            // Seeds that follow one another have no word in common.
            let texts = ["It may well be Paris.", "Perhaps London was meant?"];
            let odd = job.sampling.seed.unwrap_or(1) % 2 == 1;
            whole_answer(job, thought, words(if odd { texts[0] } else { texts[1] }))
        }
        Script::Declines => whole_answer(job, thought, words("I'm sorry, but I can't help with that.")),
        _ => whole_answer(job, thought, words("Hello from this device.")),
    }
}

fn whole_answer(
    job: &Job,
    thought: Option<Result<ChatChunk, EngineError>>,
    mut words: Vec<Result<ChatChunk, EngineError>>,
) -> Box<dyn Iterator<Item = Result<ChatChunk, EngineError>>> {
    let room = job.max_tokens.map_or(usize::MAX, |max| usize::try_from(max).unwrap_or(usize::MAX));
    let reason = if words.len() > room { FinishReason::Length } else { FinishReason::Stop };
    words.truncate(room);
    let end = finish(job, words.len(), reason);
    Box::new(thought.into_iter().chain(words).chain([end]))
}

fn finish(job: &Job, tokens: usize, reason: FinishReason) -> Result<ChatChunk, EngineError> {
    let count = |n: usize| u64::try_from(n).unwrap_or(u64::MAX);
    let thought = u64::from(job.thinking.enabled == Some(true));
    let usage = Usage {
        prompt_tokens: count(job.messages.len().div_ceil(4)),
        completion_tokens: count(tokens) + thought,
        reasoning_tokens: thought,
        ..Usage::default()
    };
    Ok(ChatChunk::Finish { reason, usage })
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn text(engine: &ScriptedEngine, job: Job) -> Result<String, EngineError> {
        let mut generation = engine.generate(job)?;
        let mut text = String::new();
        while let Some(chunk) = generation.next().await {
            if let ChatChunk::Content(part) = chunk? {
                text.push_str(&part);
            }
        }
        Ok(text)
    }

    #[tokio::test]
    async fn scripts_do_what_they_are_named_for() {
        let run = |name: &str| ScriptedEngine::new(name.parse().unwrap());
        assert_eq!(text(&run("hello"), Job::new("[]")).await.unwrap(), "Hello from this device.");
        let short = Job { max_tokens: Some(2), ..Job::new("[]") };
        assert_eq!(text(&run("hello"), short).await.unwrap(), "Hello from ");
        let seeded = |seed| {
            let mut job = Job::new("[]");
            job.sampling.seed = Some(seed);
            job
        };
        let unsure = run("unsure");
        assert_ne!(text(&unsure, seeded(1)).await.unwrap(), text(&unsure, seeded(2)).await.unwrap());
        let told = Job { logprobs: Some(0), ..Job::new("[]") };
        assert_eq!(text(&run("sure"), told).await.unwrap(), "Hello from this device.");
        assert_eq!(text(&run("sizes"), Job::new("[1]")).await.unwrap(), "messages 3 tools 0 stops 0");
        assert!(matches!(text(&run("busy"), Job::new("")).await, Err(EngineError::QueueFull { .. })));
        assert!(matches!(text(&run("broken"), Job::new("")).await, Err(EngineError::Decode { .. })));
        assert!(matches!(text(&run("dead"), Job::new("")).await, Err(EngineError::WorkerGone { .. })));
    }

    #[tokio::test]
    async fn a_held_engine_waits_and_a_reader_that_leaves_is_counted() {
        let engine = ScriptedEngine::new(Script::Endless);
        let held = engine.hold().unwrap();
        let mut generation = engine.generate(Job::new("[]")).unwrap();
        assert!(generation.try_next().is_none());
        drop(held);
        assert!(generation.next().await.unwrap().is_ok());
        drop(generation);
        while engine.cancelled() == 0 {
            tokio::task::yield_now().await;
        }
        assert_eq!(engine.load().running, 0);
    }
}
