//! The llama.cpp engine: one OS thread owns a model and its context, and decodes several slots together.
//!
//! A job is rendered, counted and refused on the caller's thread; only what can be answered reaches the
//! queue. The worker takes it from there. Nothing here opens a socket or writes a log.

mod answer;
mod embed;
#[cfg(test)]
#[cfg(feature = "templates")]
mod families;
mod ffi;
mod file;
mod prefix;
mod queue;
mod text;
mod worker;

use std::hash::{BuildHasher as _, Hasher as _};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use tokio::sync::mpsc;

use crate::error::TemplateFault;
use crate::stream::CHUNKS_MAX;
use crate::{Engine, EngineError, EngineLoad, EngineStatus, Generation, Job, ModelCard, Plain, clock};
pub use embed::{LocalEmbedder, Longer};
pub(crate) use ffi::cards;
use file::Loaded;
pub(crate) use file::ModelFile;

use answer::Answer;
use ffi::{Chat, Context, Model, Parser, Prompt, Sampler, Tokens};
use prefix::Reuse;
use queue::{Queue, Reader, Ticket};
use worker::{Ways, Worker};

/// Stack of the worker: readers and grammars of the C++ side recurse.
const STACK_BYTES: usize = 64 << 20;
/// Stack on which formats and their grammars are worked out: the C++ side recurses over what a schema chains together. It
/// is only taken as it is used.
const FORMAT_STACK_BYTES: usize = 256 << 20;
/// Nesting of brackets in a job's JSON at most: the C++ side recurses over it on the caller's stack.
const DEPTH_MAX: usize = 64;
/// A token stands for this many bytes at most in a quick look at a prompt's size.
const TOKEN_BYTES_MAX: usize = 256;

/// Two contexts must not be made at once.
static CONTEXTS: Mutex<()> = Mutex::new(());

/// How a local engine runs. [`LocalConfig::default`] suits a small machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LocalConfig {
    /// Sequences decoded together, 1 to 64.
    pub slots: usize,
    /// Tokens that one slot's conversation may hold; less where the model was made for less.
    pub context_tokens: u32,
    /// Threads that compute.
    pub threads: usize,
    /// Jobs that wait for a slot at most.
    pub queue_depth_max: usize,
    /// Prompt tokens decoded per tick at most, shared by all prompts, so that a long one cannot stall
    /// the answers under way. Prompts are cut at its multiples, except that an end of half as many comes with what is before.
    pub prefill_tokens_per_tick: usize,
    /// A job that would wait longer than this for its slot is refused, by the recent length of jobs.
    pub queue_wait_max: Duration,
    /// Bytes of host memory for conversations that have lost their slot, and for the marks of those that cannot forget their
    /// last tokens alone; 0 keeps none.
    pub prefix_cache_bytes: usize,
    /// The same seed gives the same answer to the bit, whatever else runs and whatever ran before: see
    /// [`LocalEngine::open`]. Costs flash attention, some reuse of conversations, and with other weights than `Q8_0` and `Q4_0` the gain
    /// of decoding several answers together.
    pub deterministic: bool,
    /// Layers that graphics cards compute, where the build has support for them. None: as many as their free memory holds,
    /// and with `deterministic` none.
    pub gpu_layers: Option<u32>,
    /// How keys and values are kept.
    pub kv_cache: KvCache,
}

/// How the keys and values of a conversation are kept: smaller ones leave room for longer conversations, and answers that
/// differ in their last bits by what else runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum KvCache {
    /// 16-bit floats.
    #[default]
    F16,
    /// Blocks of eight-bit numbers.
    Q8,
    /// Blocks of four-bit numbers.
    Q4,
}

impl KvCache {
    /// Sixteenths of a byte that a number takes, scales included.
    pub(crate) fn sixteenths(self) -> u64 {
        match self {
            Self::F16 => 32,
            Self::Q8 => 17,
            Self::Q4 => 9,
        }
    }
}

impl std::str::FromStr for KvCache {
    type Err = &'static str;

    fn from_str(word: &str) -> Result<Self, Self::Err> {
        match word {
            "f16" => Ok(Self::F16),
            "q8_0" => Ok(Self::Q8),
            "q4_0" => Ok(Self::Q4),
            _ => Err("unknown kind; write \"f16\", \"q8_0\" or \"q4_0\""),
        }
    }
}

impl Default for LocalConfig {
    fn default() -> Self {
        Self {
            slots: 4,
            context_tokens: 8192,
            // Reads the cgroup's quota and the affinity mask.
            threads: std::thread::available_parallelism().map_or(1, usize::from),
            queue_depth_max: 64,
            prefill_tokens_per_tick: 128,
            queue_wait_max: Duration::from_secs(60),
            prefix_cache_bytes: 256 << 20,
            deterministic: false,
            gpu_layers: None,
            kv_cache: KvCache::F16,
        }
    }
}

impl LocalConfig {
    /// Tokens of a prompt that are read at once at most: its end together with the part before, where cuts may fall anywhere,
    /// for a short part takes hardly less long than one half as long again.
    pub(crate) fn part_tokens_max(&self) -> usize {
        let part = self.prefill_tokens_per_tick;
        if self.deterministic { part } else { part + part / 2 }
    }

    /// The numbers as llama.cpp takes them: slots, batch, threads.
    fn checked(&self) -> Result<(u32, u32, i32), EngineError> {
        let within = |value: usize, low: usize, high: usize, setting| {
            let fault =
                || EngineError::Config { setting, reason: format!("must be between {low} and {high}") };
            u32::try_from(value).ok().filter(|_| (low..=high).contains(&value)).ok_or_else(fault)
        };
        let slots = within(self.slots, 1, 64, "slots")?;
        within(self.prefill_tokens_per_tick, 16, 4096, "prefill_tokens_per_tick")?;
        let batch = within(self.part_tokens_max(), 1, 8192, "prefill_tokens_per_tick")?;
        let threads = within(self.threads, 1, 512, "threads")?;
        within(usize::try_from(self.context_tokens).unwrap_or(0), 64, 1 << 21, "context_tokens")?;
        if self.deterministic && self.kv_cache != KvCache::F16 {
            let reason = "must be \"f16\" where `deterministic` is on".to_owned();
            return Err(EngineError::Config { setting: "kv_cache", reason });
        }
        Ok((slots, batch.max(slots), i32::try_from(threads).unwrap_or(1)))
    }
}

/// A model of this process.
pub struct LocalEngine {
    card: ModelCard,
    model: Arc<Model>,
    queue: Arc<Queue>,
    worker: Option<JoinHandle<()>>,
}

impl LocalEngine {
    /// Loads a model file. Takes as long as reading the file takes: not for an async thread.
    ///
    /// With [`LocalConfig::deterministic`] only what was read as a prompt is used again, cut where prompts are cut; and
    /// where weights are kept in another way than in blocks of integers, whose sums do not depend on how many tokens are
    /// multiplied at once, or layers are on a graphics card, each answer is decoded alone.
    ///
    /// # Errors
    /// [`EngineError::ModelUnreadable`] for a file that is no sound model, [`EngineError::Config`] for a
    /// setting that cannot work.
    pub fn open(path: &Path, config: &LocalConfig) -> Result<Self, EngineError> {
        Self::start(&ModelFile::read(path, config)?, config)
    }

    /// Loads a file that was read before.
    ///
    /// # Errors
    /// As [`open`](Self::open).
    pub(crate) fn start(file: &ModelFile, config: &LocalConfig) -> Result<Self, EngineError> {
        let (slots, batch, threads) = config.checked()?;
        let per_slot = file.context(config);
        let Loaded { model, context, gpu_layers } = file.load(config, |model| {
            file.generates(model)?;
            let _one = CONTEXTS.lock().unwrap_or_else(PoisonError::into_inner);
            let cache = config.kv_cache as i32;
            Context::new(model, slots, per_slot, batch, threads, cache, config.deterministic)
                .map_err(|reason| file.refuse(reason))
        })?;
        let card = file.card(&model, per_slot.min(context.per_slot()), config, gpu_layers);
        let queue = Queue::new(config.slots, config.queue_depth_max, config.queue_wait_max);
        let ways = Ways {
            slots: config.slots,
            prefill_per_tick: config.prefill_tokens_per_tick,
            part_max: config.part_tokens_max(),
            saved_bytes_max: config.prefix_cache_bytes,
            reuse: Reuse {
                exact_step: config.deterministic.then_some(config.prefill_tokens_per_tick),
                rewinds: model.rewinds(),
                window: model.window().filter(|_| model.rewinds()),
                cut_step: config.prefill_tokens_per_tick,
            },
            // How a card sums is shown for none.
            alone: config.deterministic && (gpu_layers > 0 || !file.integer_weights()),
            in_pairs: gpu_layers == 0 && file.byte_weights(),
        };
        let worker = spawn(&queue, &model, context, ways)?;
        Ok(Self { card, model, queue, worker: Some(worker) })
    }

    /// How many tokens a text has for this model, special tokens read as plain text.
    ///
    /// # Errors
    /// [`EngineError::Decode`] where the tokeniser fails.
    pub fn count_tokens(&self, text: &str) -> Result<usize, EngineError> {
        self.tokenize(text).map(|tokens| tokens.len())
    }

    /// The tokens of a text for this model, special tokens read as plain text: what `logit_bias` names.
    ///
    /// # Errors
    /// [`EngineError::Decode`] where the tokeniser fails.
    pub fn tokenize(&self, text: &str) -> Result<Vec<i32>, EngineError> {
        let tokens = self.model.tokenize(text, usize::MAX);
        tokens.map_err(|_| EngineError::Decode { reason: "the text could not be split into tokens" })
    }

    /// The tokens that end a turn: banned by `logit_bias`, an answer is as long as it may be.
    #[must_use]
    pub fn turn_ends(&self) -> Vec<i32> {
        (0..self.model.vocab).filter(|token| self.model.ends_turn(*token)).collect()
    }

    /// The text that the model is given for a job: its chat template, rendered. Holds the prompt.
    ///
    /// # Errors
    /// [`EngineError::Template`] where the template refuses.
    pub fn render(&self, job: &Job) -> Result<String, EngineError> {
        Ok(self.prompt(job)?.text())
    }

    fn prompt(&self, job: &Job) -> Result<Prompt, EngineError> {
        let parts = [Some(job.messages.as_str()), job.tools.as_deref(), job.schema.as_deref()];
        if parts.iter().flatten().any(|json| depth(json) > DEPTH_MAX) {
            return Err(EngineError::Template { fault: TemplateFault::Depth });
        }
        let choice = job.tool_choice.as_deref().map(|choice| choice.trim().trim_matches('"'));
        let chat = Chat {
            messages: &job.messages,
            tools: job.tools.as_deref(),
            tool_choice: choice,
            schema: job.schema.as_deref(),
            effort: job.thinking.effort,
            parallel_tool_calls: job.parallel_tool_calls,
            thinking: job.thinking.enabled,
        };
        Prompt::render(&self.model, &chat).map_err(|fault| EngineError::Template { fault })
    }

    fn prepare(&self, job: &Job, seed: u64) -> Result<Prepared, EngineError> {
        let (rendered, prompt) = self.read(job)?;
        let sampler = Sampler::new(&self.model, &rendered, &job.sampling, job.thinking, seed)?;
        let parser = Parser::new(&rendered).ok_or(EngineError::Template { fault: TemplateFault::Render })?;
        Ok(Prepared { rendered, prompt, sampler, parser })
    }

    /// What a job is rendered to, and its tokens.
    fn read(&self, job: &Job) -> Result<(Prompt, Vec<i32>), EngineError> {
        let text = match &job.prompt {
            None => {
                let rendered = self.prompt(job)?;
                let tokens = self.tokens(&rendered)?;
                return Ok((rendered, tokens));
            }
            Some(Plain::Text(text)) => text.as_str(),
            Some(Plain::Tokens(_)) => "",
        };
        let failed = EngineError::Decode { reason: "the prompt could not be taken in" };
        let plain = Prompt::plain(&self.model, text).ok_or(failed)?;
        let Some(Plain::Tokens(tokens)) = &job.prompt else {
            let tokens = self.tokens(&plain)?;
            return Ok((plain, tokens));
        };
        let context = self.card.context_length;
        if u32::try_from(tokens.len()).map_or(true, |count| count >= context) {
            let tokens = u64::try_from(tokens.len()).unwrap_or(u64::MAX);
            return Err(EngineError::PromptTooLong { tokens, context });
        }
        if tokens.is_empty() || !tokens.iter().all(|token| self.model.knows(*token)) {
            let range = "a text, or tokens of the device model's vocabulary";
            return Err(EngineError::InvalidSampling { parameter: "prompt", range });
        }
        Ok((plain, tokens.clone()))
    }

    /// The tokens that the model is given for a job, with room for at least one more in its context. What a message says
    /// is never a control token, even where it is spelled like one: nobody can end a turn by writing its mark.
    ///
    /// # Errors
    /// As [`render`](Self::render), and [`EngineError::PromptTooLong`] where they do not fit.
    pub fn prompt_tokens(&self, job: &Job) -> Result<Vec<i32>, EngineError> {
        self.tokens(&self.prompt(job)?)
    }

    fn tokens(&self, prompt: &Prompt) -> Result<Vec<i32>, EngineError> {
        let context = self.card.context_length;
        let room = usize::try_from(context).unwrap_or(usize::MAX).saturating_sub(1);
        let too_long = |tokens: u64| EngineError::PromptTooLong { tokens, context };
        // A text that cannot fit, however well its tokens are, is not worth splitting.
        let least = prompt.text().len() / TOKEN_BYTES_MAX;
        if least > room {
            return Err(too_long(u64::try_from(least).unwrap_or(u64::MAX)));
        }
        match prompt.tokens(room) {
            Ok(tokens) if tokens.is_empty() => Err(EngineError::Template { fault: TemplateFault::Render }),
            Ok(tokens) => Ok(tokens),
            Err(Tokens::TooMany(tokens)) => Err(too_long(tokens)),
            Err(Tokens::Failed) => {
                Err(EngineError::Decode { reason: "the text could not be split into tokens" })
            }
        }
    }
}

impl Engine for LocalEngine {
    fn model(&self) -> &ModelCard {
        &self.card
    }

    fn status(&self) -> EngineStatus {
        self.queue.status()
    }

    fn load(&self) -> EngineLoad {
        self.queue.load()
    }

    fn generate(&self, job: Job) -> Result<Generation, EngineError> {
        if let EngineStatus::Failed { reason } = self.status() {
            return Err(EngineError::WorkerGone { reason });
        }
        job.check()?;
        let place = self.queue.admit()?;
        let admitted = clock::now();
        let seed = job.sampling.seed.unwrap_or_else(draw_seed);
        let Prepared { rendered, prompt, sampler, parser } = on_room_for(&job, || self.prepare(&job, seed))?;
        let answer = Answer::new(rendered, parser, job.stop, !job.parallel_tool_calls);
        let context = u64::from(self.card.context_length);
        let room = context.saturating_sub(u64::try_from(prompt.len()).unwrap_or(u64::MAX));
        let limit = job.max_tokens.map_or(room, |max| u64::from(max).min(room));
        let (chunks, reader) = mpsc::channel(CHUNKS_MAX);
        self.queue.push(Ticket {
            prompt,
            answer,
            sampler,
            limit,
            logprobs: job.logprobs,
            owner: job.owner,
            reader: Reader { chunks, deadline: job.deadline },
            admitted,
            _place: place,
        })?;
        Ok(Generation::new(reader, seed))
    }

    fn count(&self, job: &Job) -> Result<u64, EngineError> {
        job.check()?;
        match on_room_for(job, || self.read(job)) {
            Ok((_, prompt)) => Ok(u64::try_from(prompt.len()).unwrap_or(u64::MAX)),
            Err(EngineError::PromptTooLong { tokens, .. }) => Ok(tokens),
            Err(error) => Err(error),
        }
    }
}

impl Drop for LocalEngine {
    fn drop(&mut self) {
        self.queue.close();
        if let Some(worker) = self.worker.take() {
            // A worker that panicked has been seen to by its supervisor.
            let _ = worker.join();
        }
    }
}

fn spawn(
    queue: &Arc<Queue>,
    model: &Arc<Model>,
    context: Context,
    ways: Ways,
) -> Result<JoinHandle<()>, EngineError> {
    let worker = Worker::new(Arc::clone(queue), Arc::clone(model), context, &ways);
    let queue = Arc::clone(queue);
    std::thread::Builder::new()
        .name("hearthgate-model".to_owned())
        .stack_size(STACK_BYTES)
        .spawn(move || worker::supervise(&queue, || worker.run()))
        .map_err(|error| EngineError::WorkerGone { reason: error.to_string() })
}

/// What a job is made into before it waits for its slot.
struct Prepared {
    rendered: Prompt,
    prompt: Vec<i32>,
    sampler: Sampler,
    parser: Parser,
}

/// Works on a stack that is large enough for a job with a schema or with tools, and on the caller's own for others.
fn on_room_for<T: Send>(
    job: &Job,
    work: impl FnOnce() -> Result<T, EngineError> + Send,
) -> Result<T, EngineError> {
    if job.schema.is_none() && job.tools.is_none() {
        return work();
    }
    let gone =
        |_| EngineError::WorkerGone { reason: "no thread works out the format of the answer".to_owned() };
    let named =
        std::thread::Builder::new().name("hearthgate-format".to_owned()).stack_size(FORMAT_STACK_BYTES);
    std::thread::scope(|scope| {
        let worker = named.spawn_scoped(scope, work).map_err(|error| gone(error.to_string()))?;
        worker.join().unwrap_or_else(|_| Err(gone(String::new())))
    })
}

/// A seed that differs from call to call, from the standard library's own randomness.
fn draw_seed() -> u64 {
    // Below 2^32, so that the number in a record is the whole of it.
    std::collections::hash_map::RandomState::new().build_hasher().finish() >> 32
}

/// How deep the brackets of a JSON text nest.
fn depth(json: &str) -> usize {
    let (mut depth, mut deepest, mut quoted, mut escaped) = (0_usize, 0, false, false);
    for byte in json.bytes() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if quoted => escaped = true,
            b'"' => quoted = !quoted,
            b'[' | b'{' if !quoted => {
                depth += 1;
                deepest = deepest.max(depth);
            }
            b']' | b'}' if !quoted => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    deepest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn depth_counts_brackets_outside_strings() {
        assert_eq!(depth(r#"[{"a":"[[[\"[["},[]]"#), 2);
        assert_eq!(depth(&"[".repeat(100)), 100);
    }

    #[test]
    fn settings_out_of_range_are_named() {
        let fault = |config: LocalConfig| match config.checked() {
            Err(EngineError::Config { setting, .. }) => setting,
            other => panic!("not refused: {other:?}"),
        };
        let d = LocalConfig::default;
        assert!(d().checked().is_ok());
        assert_eq!(fault(LocalConfig { slots: 0, ..d() }), "slots");
        assert_eq!(fault(LocalConfig { threads: 0, ..d() }), "threads");
        assert_eq!(fault(LocalConfig { context_tokens: 1, ..d() }), "context_tokens");
        assert_eq!(fault(LocalConfig { prefill_tokens_per_tick: 0, ..d() }), "prefill_tokens_per_tick");
    }
}
