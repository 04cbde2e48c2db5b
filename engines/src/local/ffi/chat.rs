//! Chats rendered by a model's own template, and answers read in its format.

use std::ffi::c_int;
use std::ptr::{self, NonNull};
use std::sync::Arc;

use super::{Model, OK, TOO_COSTLY, Tokens, raw};
use crate::error::TemplateFault;

/// The parts of a chat that a template renders.
pub(in crate::local) struct Chat<'a> {
    pub(in crate::local) messages: &'a str,
    pub(in crate::local) tools: Option<&'a str>,
    pub(in crate::local) tool_choice: Option<&'a str>,
    pub(in crate::local) schema: Option<&'a str>,
    pub(in crate::local) effort: Option<&'a str>,
    pub(in crate::local) parallel_tool_calls: bool,
    pub(in crate::local) thinking: Option<bool>,
}

/// A rendered chat, and what its format needs to read the answer.
pub(in crate::local) struct Prompt {
    pub(super) raw: NonNull<raw::Prompt>,
    model: Arc<Model>,
}

// SAFETY: a prompt is plain data of its own; moving it to another thread moves all of it.
unsafe impl Send for Prompt {}

impl Prompt {
    pub(in crate::local) fn render(model: &Arc<Model>, chat: &Chat<'_>) -> Result<Self, TemplateFault> {
        let part = |part: Option<&str>| part.map_or(raw::Text::NONE, raw::Text::of);
        let raw_chat = raw::Chat {
            messages: raw::Text::of(chat.messages),
            tools: part(chat.tools),
            tool_choice: part(chat.tool_choice),
            schema: part(chat.schema),
            effort: part(chat.effort),
            parallel_tool_calls: c_int::from(chat.parallel_tool_calls),
            thinking: chat.thinking.map_or(-1, c_int::from),
        };
        let mut raw = ptr::null_mut();
        // SAFETY: the texts of `chat` outlive the call, and `raw` is written before it is read.
        let code = unsafe { raw::hg_render(model.raw.as_ptr(), &raw const raw_chat, &raw mut raw) };
        NonNull::new(raw).filter(|_| code == OK).map(|raw| Self { raw, model: Arc::clone(model) }).ok_or(
            match code {
                -2 => TemplateFault::Messages,
                -3 => TemplateFault::Tools,
                -4 => TemplateFault::ToolChoice,
                -8 => TemplateFault::Schema,
                -9 => TemplateFault::NoSchema,
                -11 => TemplateFault::NoTools,
                TOO_COSTLY => TemplateFault::SchemaCost,
                _ => TemplateFault::Render,
            },
        )
    }

    /// A text as it stands, to be gone on with.
    pub(in crate::local) fn plain(model: &Arc<Model>, text: &str) -> Option<Self> {
        let mut raw = ptr::null_mut();
        // SAFETY: the text outlives the call, and `raw` is written before it is read.
        let code = unsafe { raw::hg_prompt_plain(model.raw.as_ptr(), raw::Text::of(text), &raw mut raw) };
        NonNull::new(raw).filter(|_| code == OK).map(|raw| Self { raw, model: Arc::clone(model) })
    }

    pub(in crate::local) fn text(&self) -> String {
        // SAFETY: the text belongs to the prompt, which lives through the copy.
        unsafe { raw::hg_prompt_text(self.raw.as_ptr()).copy() }
    }

    /// Its tokens, or how many there are where they are more than `max`. Only the template's own words become control
    /// tokens: what a chat says is said, and ends no turn.
    pub(in crate::local) fn tokens(&self, max: usize) -> Result<Vec<i32>, Tokens> {
        Tokens::list(max.min(self.text().len().saturating_add(8)), |out, cap| {
            // SAFETY: the buffer is given with its length; prompt and model live through the call.
            unsafe { raw::hg_prompt_tokenize(self.raw.as_ptr(), self.model.raw.as_ptr(), out, cap) }
        })
    }

    /// Texts that end an answer in this format.
    pub(in crate::local) fn stops(&self) -> Vec<String> {
        // SAFETY: the prompt lives as long as `self`.
        let count = unsafe { raw::hg_prompt_stops(self.raw.as_ptr()) };
        // SAFETY: the texts belong to the prompt, which lives through the copies.
        let stop = |index| unsafe { raw::hg_prompt_stop(self.raw.as_ptr(), index).copy() };
        (0..count).map(stop).collect()
    }

    /// The bytes that a token adds to the answer's text.
    pub(in crate::local) fn piece(&self, token: i32) -> Vec<u8> {
        if !(0..self.model.vocab).contains(&token) {
            return Vec::new();
        }
        let mut bytes = vec![0_u8; 64];
        loop {
            // SAFETY: the buffer is given with its length; prompt and model live through the call.
            let n = unsafe {
                raw::hg_piece(
                    self.raw.as_ptr(),
                    self.model.raw.as_ptr(),
                    token,
                    bytes.as_mut_ptr().cast(),
                    bytes.len(),
                )
            };
            match usize::try_from(n) {
                Ok(n) => {
                    bytes.truncate(n);
                    return bytes;
                }
                // The buffer was too small: once more with the room that it asks for.
                Err(_) => {
                    let need = usize::try_from(n.unsigned_abs()).unwrap_or(0);
                    if need <= bytes.len() || need > 1 << 20 {
                        return Vec::new();
                    }
                    bytes.resize(need, 0);
                }
            }
        }
    }
}

impl Drop for Prompt {
    fn drop(&mut self) {
        // SAFETY: made by `hg_render`, freed once.
        unsafe { raw::hg_prompt_free(self.raw.as_ptr()) }
    }
}

/// A part of an answer, as the format's parser reads it.
#[derive(Clone, PartialEq, Eq)]
pub(in crate::local) enum Delta {
    Content(String),
    Reasoning(String),
    ToolCall { index: usize, id: String, name: String, arguments: String },
}

/// Reads an answer in the format of its prompt.
pub(in crate::local) struct Parser {
    raw: NonNull<raw::Parser>,
}

// SAFETY: a parser is plain data of its own; moving it to another thread moves all of it.
unsafe impl Send for Parser {}

impl Parser {
    pub(in crate::local) fn new(prompt: &Prompt) -> Option<Self> {
        let mut raw = ptr::null_mut();
        // SAFETY: the prompt lives through the call, and the parser copies what it needs of it.
        let code = unsafe { raw::hg_parser_new(prompt.raw.as_ptr(), &raw mut raw) };
        NonNull::new(raw).filter(|_| code == OK).map(|raw| Self { raw })
    }

    /// What is new in the whole answer so far; `None` where it does not read in this format.
    pub(in crate::local) fn read(&mut self, answer: &str, partial: bool) -> Option<Vec<Delta>> {
        // SAFETY: the answer outlives the call.
        let code =
            unsafe { raw::hg_parser_read(self.raw.as_ptr(), raw::Text::of(answer), c_int::from(partial)) };
        if code != OK {
            return None;
        }
        // SAFETY: the parser lives, and its deltas hold until it reads again, which needs `&mut self`.
        let count = unsafe { raw::hg_parser_deltas(self.raw.as_ptr()) };
        let delta = |index| {
            // SAFETY: as above; an index out of range gives an empty delta.
            unsafe {
                let delta = raw::hg_parser_delta(self.raw.as_ptr(), index);
                match delta.kind {
                    1 => Delta::Reasoning(delta.text.copy()),
                    2 => Delta::ToolCall {
                        index: delta.index,
                        id: delta.id.copy(),
                        name: delta.name.copy(),
                        arguments: delta.text.copy(),
                    },
                    _ => Delta::Content(delta.text.copy()),
                }
            }
        };
        Some((0..count).map(delta).collect())
    }

    /// Whether all that follows is content, whatever it says.
    pub(in crate::local) fn plain(&self) -> bool {
        // SAFETY: the parser lives as long as `self`.
        unsafe { raw::hg_parser_plain(self.raw.as_ptr()) != 0 }
    }
}

impl Drop for Parser {
    fn drop(&mut self) {
        // SAFETY: made by `hg_parser_new`, freed once.
        unsafe { raw::hg_parser_free(self.raw.as_ptr()) }
    }
}
