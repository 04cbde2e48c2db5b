//! Looks for what a provider seals in an answer that is passed on, so that it is known when it comes back.

use std::sync::Arc;

use hearthgate_rules::chat::seal_of_call;
use hearthgate_rules::json::{Document, Value};

use crate::auth::Whose;
use crate::dialect::event::Event as Part;
use crate::memory::Memory;

/// The longest seal that is remembered, in bytes.
const SEAL_BYTES_MAX: usize = 256 << 10;

/// Who sealed for whom.
pub struct Sealer {
    memory: Arc<Memory>,
    whose: Whose,
    provider: String,
    /// The signature that is coming, as far as it has come.
    coming: String,
}

impl Sealer {
    /// Of an answer of this provider to this caller.
    #[must_use]
    pub fn new(memory: &Arc<Memory>, whose: Whose, provider: String) -> Self {
        Self { memory: Arc::clone(memory), whose, provider, coming: String::new() }
    }

    /// Looks through an event of a stream.
    pub fn event(&mut self, data: &[u8]) {
        let holds = |word: &str| memchr::memmem::find(data, word.as_bytes()).is_some();
        let (signed, sealed) = (holds("signature_delta"), holds("redacted_thinking"));
        if !signed && !self.coming.is_empty() {
            let seal = std::mem::take(&mut self.coming);
            self.keep(&seal);
        }
        if !signed && !sealed {
            return;
        }
        let Ok(event) = Document::parse(data) else { return };
        let event = event.root();
        if let Some(block) = event.present("content_block") {
            self.block(block);
        }
        let more = event.present("delta").and_then(|delta| delta.str("signature")).unwrap_or_default();
        if self.coming.len() + more.len() <= SEAL_BYTES_MAX {
            self.coming.push_str(more);
        }
    }

    /// Looks at a part of an answer that is written anew.
    pub fn part(&self, part: &Part) {
        if let Some(seal) = part.seal() {
            self.keep(seal);
        }
    }

    /// Looks through an answer of OpenAI's dialect, or a chunk of one: a server may seal its calls as Google's does.
    pub fn chat(&self, data: &[u8]) {
        if memchr::memmem::find(data, b"\"thought_signature\"").is_none() {
            return;
        }
        let Ok(answer) = Document::parse(data) else { return };
        let choices = answer.root().get("choices").into_iter().flat_map(Value::items);
        let told = choices.filter_map(|choice| choice.get("delta").or_else(|| choice.get("message")));
        let calls = told.filter_map(|told| told.get("tool_calls")).flat_map(Value::items);
        calls.filter_map(seal_of_call).for_each(|(_, seal)| self.keep(seal));
    }

    /// Looks through a whole answer.
    pub fn whole(&self, answer: &[u8]) {
        let holds = |word: &str| memchr::memmem::find(answer, word.as_bytes()).is_some();
        if !holds("\"thinking\"") && !holds("\"redacted_thinking\"") {
            return;
        }
        let Ok(answer) = Document::parse(answer) else { return };
        answer.root().get("content").into_iter().flat_map(Value::items).for_each(|block| self.block(block));
    }

    fn block(&self, block: Value<'_>) {
        let seal = match block.str("type") {
            Some("thinking") => block.str("signature"),
            Some("redacted_thinking") => block.str("data"),
            _ => None,
        };
        if let Some(seal) = seal {
            self.keep(seal);
        }
    }

    fn keep(&self, seal: &str) {
        if !seal.is_empty() && seal.len() <= SEAL_BYTES_MAX {
            self.memory.keep_seal(&self.whose, &self.provider, seal);
        }
    }
}
