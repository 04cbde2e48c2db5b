//! What answers on this device: models loaded into this process, behind one trait.
//!
//! An [`Engine`] takes a [`Job`] (a chat, how to sample, when to stop) and gives a [`Generation`]: a
//! bounded stream of [`ChatChunk`]s that ends with the usage, or with an error. Dropping the generation
//! cancels the work. Engines open no socket and write no log; prompt text never enters an error or a
//! `Debug`.

pub mod cards;
mod clock;
pub mod error;
pub mod fleet;
mod from_chat;
mod from_text;
pub mod gguf;
pub mod job;
pub mod local;
pub mod machine;
pub mod openmp;
#[cfg(feature = "scripted")]
pub mod scripted;
pub mod source;
pub mod speed;
pub mod starter;
pub mod stream;
pub mod tiny;

pub use error::EngineError;
pub use fleet::{Fleet, Hold, Holding, Residence, Resident};
pub use from_text::{Completions, inputs};
pub use job::{Job, Owner, Plain, Sampling, Thinking};
pub use local::{KvCache, LocalConfig, LocalEmbedder, LocalEngine, Longer};
pub use openmp::ensure_passive_openmp;
pub use source::ModelSource;
pub use stream::{ChatChunk, FinishReason, Generation, TokenLogprob, Usage};

/// Something on this device that answers chats. Shared between all requests.
pub trait Engine: Send + Sync {
    /// What is loaded. Does not change over the life of the engine.
    fn model(&self) -> &ModelCard;

    /// Whether it can answer.
    fn status(&self) -> EngineStatus;

    /// How busy it is at this moment.
    fn load(&self) -> EngineLoad;

    /// Admits a job, or says why not. Never waits for a slot.
    ///
    /// Rendering the template and counting tokens happen on the calling thread, so that their errors
    /// come before any byte is answered: about a millisecond for a usual chat, some ten for a set of tools
    /// that is new to the engine or for a chat of megabytes. Not for an async thread where that matters.
    ///
    /// # Errors
    /// Every refusal that can be known before decoding starts: a full queue, a prompt that does not fit,
    /// a parameter out of range, a conversation that the model's template refuses.
    fn generate(&self, job: Job) -> Result<Generation, EngineError>;

    /// How many tokens the prompt of a job has, whether it fits or not. For a thread where rendering a chat may take its
    /// time.
    ///
    /// # Errors
    /// What makes of the job no prompt.
    fn count(&self, job: &Job) -> Result<u64, EngineError>;

    /// Keeps the model in memory for a job to come; where it is not there, has it loaded. Never waits: without a hold,
    /// [`generate`](Self::generate) would wait for that.
    fn hold(&self) -> Holding {
        Holding::Held(Hold::none())
    }
}

/// Whether an engine can answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EngineStatus {
    /// Jobs are taken.
    Ready,
    /// The worker has died; no further job is taken.
    Failed {
        /// What happened, without any prompt text.
        reason: String,
    },
}

/// How busy an engine is. Counts, not rates.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct EngineLoad {
    /// Sequences that can be decoded together.
    pub slots: usize,
    /// Slots at work.
    pub running: usize,
    /// Jobs admitted that have no slot yet.
    pub queued: usize,
    /// The queue's bound; one more is refused.
    pub queue_depth_max: usize,
    /// Bytes kept for conversations that have lost their slot.
    pub prefix_cache_bytes: usize,
    /// Bytes that the model takes of the memory for models: 0 while it is not loaded.
    pub memory_bytes: u64,
    /// How often it has been loaded.
    pub loads: u64,
}

/// What is loaded: enough to name it in a record and to find the same weights again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ModelCard {
    /// `general.name` of the model file, or the file's stem.
    pub name: String,
    /// SHA-256 of the whole model file, in lower-case hex.
    pub digest: String,
    /// The same of each of its files: of a split model there are several, and `digest` is that of all, one after the other.
    pub file_digests: Vec<String>,
    /// SHA-256 of the chat template's source, in lower-case hex.
    pub template_digest: String,
    /// `general.architecture` of the model file.
    pub architecture: String,
    /// Tokens that one conversation may hold, answer included.
    pub context_length: u32,
    /// Number of weights.
    pub parameters: u64,
    /// Its layers that graphics cards compute, and all it has; none where there is no card to compute on.
    pub on_cards: Option<(u32, u32)>,
    /// Whether the template has a thinking switch or tags.
    pub supports_thinking: bool,
    /// Whether the template tells the model of tools, and of the calls that it made.
    pub supports_tools: bool,
    /// The same seed gives the same answer to the bit, whatever else runs.
    pub deterministic: bool,
    /// The weights are random: answers are noise, whatever is asked.
    pub noise: bool,
}
