//! What comes back from an engine: chunks of an answer, then its usage.

use std::fmt;
use std::future::Future as _;
use std::task::{Context, Poll};

use tokio::sync::mpsc;

use crate::EngineError;
use crate::fleet::Hold;

/// Chunks that wait for the reader at most; then its slot stands still, and only its slot.
pub(crate) const CHUNKS_MAX: usize = 64;

/// A part of an answer. Text parts are never empty and always whole UTF-8.
#[derive(Clone, PartialEq)]
pub enum ChatChunk {
    /// Text of the answer.
    Content(String),
    /// How likely the tokens of the text before were: those of the answer alone, in their order.
    Logprobs(Vec<TokenLogprob>),
    /// Text of the model's thinking. Never part of the answer.
    Reasoning(String),
    /// A part of a tool call: the first of an index has its id and name, later ones more arguments.
    ToolCall {
        /// Which of the answer's calls, from 0.
        index: usize,
        /// An id of the engine's making.
        id: Option<String>,
        /// The function's name.
        name: Option<String>,
        /// More of the arguments' JSON text.
        arguments: String,
    },
    /// The end of an answer that succeeded; nothing follows.
    Finish {
        /// Why it ended.
        reason: FinishReason,
        /// What it used.
        usage: Usage,
    },
}

impl fmt::Debug for ChatChunk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Content(text) => write!(f, "Content({} bytes)", text.len()),
            Self::Logprobs(tokens) => write!(f, "Logprobs({} tokens)", tokens.len()),
            Self::Reasoning(text) => write!(f, "Reasoning({} bytes)", text.len()),
            Self::ToolCall { index, arguments, .. } => {
                write!(f, "ToolCall({index}, {} bytes)", arguments.len())
            }
            Self::Finish { reason, usage } => write!(f, "Finish({reason:?}, {usage:?})"),
        }
    }
}

/// A token that was chosen, how likely the model held it to be, and what else it held likely.
#[derive(Clone, PartialEq)]
pub struct TokenLogprob {
    /// The token's bytes, which need not be whole characters.
    pub bytes: Vec<u8>,
    /// Characters of the answer that began before it.
    pub offset: usize,
    /// Natural logarithm of its probability, before sampling changed any.
    pub logprob: f32,
    /// The likeliest tokens at this place, the likeliest first.
    pub top: Vec<(Vec<u8>, f32)>,
}

impl fmt::Debug for TokenLogprob {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TokenLogprob").field("logprob", &self.logprob).finish_non_exhaustive()
    }
}

/// Why an answer ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FinishReason {
    /// The model ended its turn, or a stop string matched.
    Stop,
    /// `max_tokens` or the context's end was reached.
    Length,
    /// The answer calls tools.
    ToolCalls,
}

impl FinishReason {
    /// The word for it in OpenAI's dialect.
    #[must_use]
    pub fn as_openai(self) -> &'static str {
        match self {
            Self::Stop => "stop",
            Self::Length => "length",
            Self::ToolCalls => "tool_calls",
        }
    }
}

/// What an answer used. Tokens are counted, never estimated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Usage {
    /// Tokens of the rendered conversation.
    pub prompt_tokens: u64,
    /// Those of `prompt_tokens` that had been read before and cost nothing.
    pub cached_tokens: u64,
    /// Tokens chosen, thinking included, the token that ends the turn not.
    pub completion_tokens: u64,
    /// Those of `completion_tokens` that were thinking, tags included.
    pub reasoning_tokens: u64,
    /// From admission to a slot.
    pub queue_wait_us: u64,
    /// From the slot to the first token.
    pub prefill_us: u64,
    /// From the first token to the last.
    pub decode_us: u64,
    /// A digest of the answer's tokens, made with those of the prompt: who does not know the prompt cannot guess a short
    /// answer from it.
    pub answer_digest: [u8; 32],
}

/// The answer to a job, as it comes. Dropping it cancels the work within one tick of the engine.
pub struct Generation {
    chunks: mpsc::Receiver<Result<ChatChunk, EngineError>>,
    seed: u64,
    ended: bool,
    /// Keeps the model in memory until the answer is let go of.
    _hold: Hold,
}

impl Generation {
    pub(crate) fn new(chunks: mpsc::Receiver<Result<ChatChunk, EngineError>>, seed: u64) -> Self {
        Self { chunks, seed, ended: false, _hold: Hold::none() }
    }

    pub(crate) fn holding(self, hold: Hold) -> Self {
        Self { _hold: hold, ..self }
    }

    /// The next part. After [`ChatChunk::Finish`] or an error, `None`.
    ///
    /// Cancel-safe: a part that was not returned is returned by the next call.
    pub async fn next(&mut self) -> Option<Result<ChatChunk, EngineError>> {
        if self.ended {
            return None;
        }
        // An engine that goes away without a word must not look like an answer that is whole.
        let next = self.chunks.recv().await.unwrap_or_else(|| {
            Err(EngineError::WorkerGone { reason: "the answer was broken off".to_owned() })
        });
        self.ended = matches!(next, Err(_) | Ok(ChatChunk::Finish { .. }));
        Some(next)
    }

    /// [`next`](Self::next) for those who poll by hand.
    pub fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<ChatChunk, EngineError>>> {
        std::pin::pin!(self.next()).poll(cx)
    }

    /// A part that is ready now, so that a writer can send everything at hand at once.
    pub fn try_next(&mut self) -> Option<Result<ChatChunk, EngineError>> {
        if self.ended {
            return None;
        }
        let next = match self.chunks.try_recv() {
            Ok(next) => next,
            Err(mpsc::error::TryRecvError::Empty) => return None,
            Err(mpsc::error::TryRecvError::Disconnected) => {
                Err(EngineError::WorkerGone { reason: "the answer was broken off".to_owned() })
            }
        };
        self.ended = matches!(next, Err(_) | Ok(ChatChunk::Finish { .. }));
        Some(next)
    }

    /// The seed in use: the job's, or the one that was drawn.
    #[must_use]
    pub fn seed(&self) -> u64 {
        self.seed
    }
}

impl fmt::Debug for Generation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Generation").field("seed", &self.seed).finish_non_exhaustive()
    }
}
