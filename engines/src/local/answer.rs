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
    /// Where in the text the last shown content or thought ends.
    shown_to: usize,
    /// The parser has seen all that is not content, and text goes past it.
    plain: bool,
    tokens: u64,
    reasoning: Reasoning,
    /// Something was thought, and this white space came after it.
    thought: bool,
    gap: String,
    calls: bool,
    /// There is content, be it held back.
    began: bool,
    /// One call is all that may be made, and a further one was begun.
    one_call: bool,
    overcalled: bool,
    /// Of tokens whose text has not been shown.
    logprobs: Vec<TokenLogprob>,
    /// Characters that tokens with their probabilities began so far.
    told: usize,
}

/// Where the thinking of an answer stands.
enum Reasoning {
    None,
    Open,
    Closed { tokens: u64 },
}

impl Answer {
    pub(super) fn new(prompt: Prompt, parser: Parser, stops: Vec<String>, one_call: bool) -> Self {
        let format_stops = Stops::new(prompt.stops());
        Self {
            prompt,
            parser,
            utf8: Utf8::default(),
            format_stops,
            stops: Stops::new(stops),
            text: String::new(),
            read_to: 0,
            shown_to: 0,
            plain: false,
            tokens: 0,
            reasoning: Reasoning::None,
            calls: false,
            thought: false,
            gap: String::new(),
            began: false,
            one_call,
            overcalled: false,
            logprobs: Vec::new(),
            told: 0,
        }
    }

    /// Takes a token that does not end the turn, and gives what may be shown.
    pub(super) fn push(&mut self, token: i32, logprob: Option<TokenLogprob>) -> Vec<ChatChunk> {
        self.tokens += 1;
        let mut chunks = self.take(&self.prompt.piece(token));
        self.logprobs.extend(logprob);
        // Thoughts and calls are no text of the answer, and nor are their tokens.
        match chunks.last() {
            Some(ChatChunk::Content(_)) if !self.logprobs.is_empty() => {
                chunks.push(ChatChunk::Logprobs(std::mem::take(&mut self.logprobs)));
            }
            Some(ChatChunk::ToolCall { .. }) => self.logprobs.clear(),
            _ if matches!(self.reasoning, Reasoning::Open) => self.logprobs.clear(),
            _ => {}
        }
        chunks
    }

    /// Takes bytes of the answer's text.
    pub(super) fn take(&mut self, bytes: &[u8]) -> Vec<ChatChunk> {
        let text = self.utf8.push(bytes);
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
            match self.read(false) {
                Some(read) => chunks.extend(read),
                // What does not read as its format asks is text of the answer, and none of it is lost.
                None => {
                    chunks.extend(self.read(true).unwrap_or_default());
                    let rest =
                        self.text.get(self.shown_to..).filter(|_| !self.calls).unwrap_or_default().to_owned();
                    chunks.extend(self.content(&rest));
                }
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
    pub(super) fn logprob(&mut self, token: i32, logprob: f32, top: Vec<(i32, f32)>) -> TokenLogprob {
        let top = top.into_iter().map(|(token, value)| (self.prompt.piece(token), value)).collect();
        let (bytes, offset) = (self.prompt.piece(token), self.told);
        // A character counts where it begins: tokens may end within one.
        self.told += bytes.iter().filter(|byte| *byte & 0xC0 != 0x80).count();
        TokenLogprob { bytes, offset, logprob, top }
    }

    /// Whether a stop string has ended the answer, or a call that is one too many.
    pub(super) fn stopped(&self) -> bool {
        self.overcalled || self.stops.stopped() || self.format_stops.stopped()
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
            self.follow(&delta);
            chunks.extend(self.chunk(delta));
        }
        Some(chunks)
    }

    /// Keeps up with what of the text has been shown. Parts come in the order of the text, and as they stand in it.
    fn follow(&mut self, delta: &Delta) {
        let (Delta::Content(text) | Delta::Reasoning(text)) = delta else { return };
        let ahead = self.text.get(self.shown_to..).and_then(|ahead| ahead.find(text.as_str()));
        self.shown_to += ahead.map_or(0, |at| at + text.len());
    }

    fn chunk(&mut self, delta: Delta) -> Option<ChatChunk> {
        match delta {
            Delta::Reasoning(text) => {
                if matches!(self.reasoning, Reasoning::None) {
                    self.reasoning = Reasoning::Open;
                }
                self.thought(&text).map(ChatChunk::Reasoning)
            }
            Delta::Content(text) => {
                self.close_reasoning();
                self.content(&text)
            }
            Delta::ToolCall { index, .. } if index > 0 && self.one_call => {
                self.overcalled = true;
                None
            }
            Delta::ToolCall { index, id, name, arguments } => {
                self.close_reasoning();
                self.calls = true;
                let some = |text: String| (!text.is_empty()).then_some(text);
                Some(ChatChunk::ToolCall { index, id: some(id), name: some(name), arguments })
            }
        }
    }

    /// A thought without the white space around it, which is the format's: what ends a part waits for the next.
    fn thought(&mut self, text: &str) -> Option<String> {
        self.gap.push_str(text);
        let shown = if self.thought { self.gap.as_str() } else { self.gap.trim_start() };
        let shown = shown.trim_end().to_owned();
        let gap = self.gap.len() - self.gap.trim_end().len();
        self.gap.drain(..self.gap.len() - gap);
        self.thought |= !shown.is_empty();
        (!shown.is_empty()).then_some(shown)
    }

    fn close_reasoning(&mut self) {
        if matches!(self.reasoning, Reasoning::Open) {
            // The token that brought the first word of the answer is the answer's.
            self.reasoning = Reasoning::Closed { tokens: self.tokens.saturating_sub(1) };
        }
    }

    fn content(&mut self, text: &str) -> Option<ChatChunk> {
        // What parts an answer from its thought is neither's.
        let parted = matches!(self.reasoning, Reasoning::Closed { .. }) && !self.began;
        let text = if parted { text.trim_start() } else { text };
        self.began |= !text.is_empty();
        let shown = self.stops.push(text);
        (!shown.is_empty()).then_some(ChatChunk::Content(shown))
    }
}
