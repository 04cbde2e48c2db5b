//! Plain types of the engines' crate, as far as readers of answers name them.
#![allow(missing_docs)]

#[derive(Clone, PartialEq, Debug)]
pub struct TokenLogprob {
    pub bytes: Vec<u8>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FinishReason {
    Stop,
    Length,
    ToolCalls,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Usage {
    pub prompt_tokens: u64,
    pub cached_tokens: u64,
    pub completion_tokens: u64,
    pub reasoning_tokens: u64,
}

pub enum ChatChunk {
    Content(String),
    Logprobs(Vec<TokenLogprob>),
    Reasoning(String),
    ToolCall { index: usize, id: Option<String>, name: Option<String>, arguments: String },
    Finish { reason: FinishReason, usage: Usage },
}
