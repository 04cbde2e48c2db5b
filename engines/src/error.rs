//! Why an engine refuses or stops. No message ever holds text of a request or of an answer.

use std::path::PathBuf;

/// Everything that can go wrong in an engine.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum EngineError {
    /// All slots are at work and the queue is at its bound.
    #[error("the queue of the device model is full; try again in {retry_after_ms} ms")]
    QueueFull {
        /// When a place is likely to be free, from the recent length of jobs.
        retry_after_ms: u64,
    },
    /// The rendered conversation does not fit the context. Nothing is ever cut off silently.
    #[error("the conversation has {tokens} tokens, the context of the device model holds {context}")]
    PromptTooLong {
        /// Tokens of the rendered conversation; a lower bound where it was not worth counting further.
        tokens: u64,
        /// Tokens that one conversation may hold.
        context: u32,
    },
    /// The model's chat template could not render the conversation.
    #[error("the conversation cannot be put to the device model: {fault}")]
    Template {
        /// Which part of it.
        fault: TemplateFault,
    },
    /// A sampling parameter out of its range.
    #[error("`{parameter}` must be {range}")]
    InvalidSampling {
        /// The parameter's name on the wire.
        parameter: &'static str,
        /// The range in words.
        range: &'static str,
    },
    /// A field that this engine cannot honour.
    #[error("`{field}` is not supported by the device model: {reason}")]
    UnsupportedField {
        /// The field's name on the wire.
        field: &'static str,
        /// Why not.
        reason: &'static str,
    },
    /// A model file that is missing, corrupt, truncated, foreign, or of an unknown architecture.
    #[error("cannot load the model file `{}`: {reason}", path.display())]
    ModelUnreadable {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// A model source that does not parse, or that this build does not know.
    #[error("model source `{input}`: {reason}")]
    Source {
        /// The configuration's words.
        input: String,
        /// What is wrong, with the mend.
        reason: String,
    },
    /// A setting of the engine that cannot work.
    #[error("model setting `{setting}`: {reason}")]
    Config {
        /// The setting.
        setting: &'static str,
        /// What is wrong with it.
        reason: String,
    },
    /// The models in memory leave no room for this one, and none of them may be unloaded for it.
    #[error("the device model takes {needed_mb} MB of memory, and {free_mb} MB are free for it")]
    NoRoom {
        /// What it may come to take.
        needed_mb: u64,
        /// What is free for it.
        free_mb: u64,
    },
    /// The request's deadline has passed.
    #[error("the answer was not ready by the request's deadline")]
    Deadline,
    /// The thread that owns the model has ended.
    #[error("the device model has stopped: {reason}")]
    WorkerGone {
        /// What happened to it.
        reason: String,
    },
    /// Decoding or sampling failed for this job alone.
    #[error("the device model failed: {reason}")]
    Decode {
        /// What failed.
        reason: &'static str,
    },
    /// The job was cancelled, by its own reader or by a shutdown.
    #[error("cancelled")]
    Cancelled,
}

/// Which part of a conversation a template, or the reading of it, refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TemplateFault {
    /// The messages are not a chat that this engine can read.
    #[error("the messages are not a list of chat messages with text content")]
    Messages,
    /// The tools are not a list of functions.
    #[error("the tools are not a list of functions with JSON schemas")]
    Tools,
    /// `tool_choice` is none of the known forms.
    #[error("`tool_choice` is not one of auto, none, required")]
    ToolChoice,
    /// The template itself refused, for example because roles must alternate.
    #[error("its chat template refuses this order of roles or these parts")]
    Render,
    /// The schema is none that answers can be held to.
    #[error("the JSON schema of `response_format` or of a tool cannot be kept to")]
    Schema,
    /// The schema is larger than what an answer can be held to in time, or leaves too many ways open at once.
    #[error(
        "the JSON schema of `response_format` or of a tool is too large or too ambiguous; make it smaller, or its choices \
         easier to tell apart"
    )]
    SchemaCost,
    /// The model's chat format has no place for a schema.
    #[error("its chat format cannot be held to a JSON schema")]
    NoSchema,
    /// The model's template does not tell it of tools, so that it would not know of them.
    #[error("its chat template has no place for tools")]
    NoTools,
    /// Brackets nested beyond the bound.
    #[error("it is nested too deeply")]
    Depth,
}
