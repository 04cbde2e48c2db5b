//! From chosen tokens to chunks: whole UTF-8, the format's parser, stop strings, counts.

use super::ffi::{Delta, Parser, Prompt};
use super::text::{Stops, Utf8};
use crate::{ChatChunk, TokenLogprob};

/// Up to here every token is read at once; beyond it the parser, which reads the whole answer each time,
/// waits for a share of new bytes, so that its work stays in proportion to the answer.
const READ_AT_ONCE_BYTES: usize = 4096;
/// That share: one part in so many.
const READ_SHARE: usize = 64;

/// The answer of one job as it grows.
pub(super) struct Answer {
    prompt: Prompt,
    parser: Parser,
    utf8: Utf8,
    /// Stops of the format itself, over the raw text.
    format_stops: Stops,
    /// Stops of the job, over the content alone: thinking may say anything.
    stops: Stops,
    text: String,
    read_to: usize,
    /// The parser has seen all that is not content, and text goes past it.
    plain: bool,
    tokens: u64,
    reasoning: Reasoning,
    calls: bool,
    said: bool,
    /// Of tokens whose text has not been shown.
    logprobs: Vec<TokenLogprob>,
}

/// Where the thinking of an answer stands.
enum Reasoning {
    None,
    Open,
    Closed { tokens: u64 },
}

impl Answer {
    pub(super) fn new(prompt: Prompt, parser: Parser, stops: Vec<String>) -> Self {
        let format_stops = Stops::new(prompt.stops());
        Self {
            prompt,
            parser,
            utf8: Utf8::default(),
            format_stops,
            stops: Stops::new(stops),
            text: String::new(),
            read_to: 0,
            plain: false,
            tokens: 0,
            reasoning: Reasoning::None,
            calls: false,
            said: false,
            logprobs: Vec::new(),
        }
    }

    /// Takes a token that does not end the turn, and gives what may be shown.
    pub(super) fn push(&mut self, token: i32, logprob: Option<TokenLogprob>) -> Vec<ChatChunk> {
        let mut chunks = self.take(token);
        self.logprobs.extend(logprob);
        // Thoughts and calls are no text of the answer, and nor are their tokens.
        match chunks.last() {
            Some(ChatChunk::Content(_)) if !self.logprobs.is_empty() => {
                chunks.push(ChatChunk::Logprobs(std::mem::take(&mut self.logprobs)));
            }
            Some(ChatChunk::Reasoning(_) | ChatChunk::ToolCall { .. }) => self.logprobs.clear(),
            _ => {}
        }
        chunks
    }

    fn take(&mut self, token: i32) -> Vec<ChatChunk> {
        self.tokens += 1;
        let text = self.utf8.push(&self.prompt.piece(token));
        let text = self.format_stops.push(&text);
        if self.plain {
            return self.content(&text).into_iter().collect();
        }
        self.text.push_str(&text);
        let new = self.text.len() - self.read_to;
        if new == 0 || (self.text.len() > READ_AT_ONCE_BYTES && new * READ_SHARE < self.text.len()) {
            return Vec::new();
        }
        self.read(true).unwrap_or_default()
    }

    /// Gives what was held back, once no more tokens come.
    pub(super) fn finish(&mut self) -> Vec<ChatChunk> {
        let rest = self.format_stops.finish();
        let mut chunks = Vec::new();
        if self.plain {
            chunks.extend(self.content(&rest));
        } else {
            self.text.push_str(&rest);
            // An answer that was cut off, or that is noise, need not end as its format asks.
            match self.read(false).or_else(|| self.read(true)) {
                Some(read) => chunks.extend(read),
                None if !self.said => {
                    let text = std::mem::take(&mut self.text);
                    chunks.extend(self.content(&text));
                }
                None => {}
            }
        }
        let held = self.stops.finish();
        if !held.is_empty() {
            chunks.push(ChatChunk::Content(held));
        }
        if matches!(chunks.last(), Some(ChatChunk::Content(_))) && !self.logprobs.is_empty() {
            chunks.push(ChatChunk::Logprobs(std::mem::take(&mut self.logprobs)));
        }
        chunks
    }

    /// A token with its probability.
    pub(super) fn logprob(&self, token: i32, logprob: f32, top: Vec<(i32, f32)>) -> TokenLogprob {
        let top = top.into_iter().map(|(token, value)| (self.prompt.piece(token), value)).collect();
        TokenLogprob { bytes: self.prompt.piece(token), logprob, top }
    }

    /// Whether a stop string has ended the answer.
    pub(super) fn stopped(&self) -> bool {
        self.stops.stopped() || self.format_stops.stopped()
    }

    /// Whether the answer calls tools.
    pub(super) fn calls_tools(&self) -> bool {
        self.calls
    }

    /// Tokens taken so far.
    pub(super) fn tokens(&self) -> u64 {
        self.tokens
    }

    /// Tokens that were thinking.
    pub(super) fn reasoning_tokens(&self) -> u64 {
        match self.reasoning {
            Reasoning::None => 0,
            Reasoning::Open => self.tokens,
            Reasoning::Closed { tokens } => tokens,
        }
    }

    fn read(&mut self, partial: bool) -> Option<Vec<ChatChunk>> {
        let deltas = self.parser.read(&self.text, partial)?;
        self.read_to = self.text.len();
        self.plain = self.parser.plain();
        let mut chunks = Vec::new();
        for delta in deltas {
            chunks.extend(self.chunk(delta));
        }
        Some(chunks)
    }

    fn chunk(&mut self, delta: Delta) -> Option<ChatChunk> {
        match delta {
            Delta::Reasoning(text) => {
                if matches!(self.reasoning, Reasoning::None) {
                    self.reasoning = Reasoning::Open;
                }
                self.said = true;
                Some(ChatChunk::Reasoning(text))
            }
            Delta::Content(text) => {
                self.close_reasoning();
                self.content(&text)
            }
            Delta::ToolCall { index, id, name, arguments } => {
                self.close_reasoning();
                self.calls = true;
                self.said = true;
                let some = |text: String| (!text.is_empty()).then_some(text);
                Some(ChatChunk::ToolCall { index, id: some(id), name: some(name), arguments })
            }
        }
    }

    fn close_reasoning(&mut self) {
        if matches!(self.reasoning, Reasoning::Open) {
            // The token that brought the first word of the answer is the answer's.
            self.reasoning = Reasoning::Closed { tokens: self.tokens.saturating_sub(1) };
        }
    }

    fn content(&mut self, text: &str) -> Option<ChatChunk> {
        let shown = self.stops.push(text);
        self.said |= !shown.is_empty();
        (!shown.is_empty()).then_some(ChatChunk::Content(shown))
    }
}
