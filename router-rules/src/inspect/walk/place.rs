//! Where a value stands in a request, and what its dialect says of what stands there.

use crate::chat::{Dialect, role_of_item};
use crate::inspect::{OpaqueKind, opaque};
use crate::json::Value;

/// Keys of the dialect's own, which say nothing of their values.
pub(in crate::inspect) const PLAIN_KEYS: [&str; 12] = [
    "content",
    "text",
    "role",
    "type",
    "model",
    "arguments",
    "input",
    "output",
    "id",
    "description",
    "tool_call_id",
    "format",
];

/// Keys whose values are the dialect's own words: read, but no part of a conversation.
pub(in crate::inspect) const STRUCTURAL_KEYS: [&str; 19] = [
    "role",
    "type",
    "model",
    "id",
    "tool_call_id",
    "tool_use_id",
    "media_type",
    "object",
    "format",
    "effort",
    "detail",
    "voice",
    "service_tier",
    "reasoning_effort",
    "verbosity",
    "tool_choice",
    "prompt_cache_key",
    "user",
    "safety_identifier",
];

/// Where a value stands.
#[derive(Clone, Copy)]
pub(super) struct Place<'a> {
    /// The nearest key.
    pub(super) key: &'a str,
    /// What the message that it stands in is told apart by; empty outside messages.
    pub(super) role: &'a str,
    /// Whether it stands in a part that cannot be read.
    pub(super) opaque: bool,
    /// What it is to the dialect.
    pub(super) level: Level,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Level {
    Body,
    Messages,
    Message,
    Content,
    /// An item of a content in Anthropic's dialect, which may hold a content itself.
    Block,
    /// What such an item is made of.
    Source,
    Audio,
    Tools,
    /// A word of the dialect's own beside a message: read, but no part of a conversation.
    Word,
    Other,
}

impl<'a> Place<'a> {
    /// Of the whole body.
    pub(super) fn body() -> Self {
        Self { key: "", role: "", opaque: false, level: Level::Body }
    }

    /// What an item of the array that stands here is, where it cannot be read.
    pub(super) fn opaque_item(self, dialect: Dialect, item: Value<'_>) -> Option<OpaqueKind> {
        match self.level {
            Level::Messages if dialect == Dialect::OpenAiResponses => opaque::of_item(item),
            Level::Content => opaque::of_part(dialect, item),
            Level::Tools => opaque::of_tool(dialect, item),
            _ => None,
        }
    }

    /// Where such an item stands, which can be read or not.
    pub(super) fn of_item(self, dialect: Dialect, item: Value<'a>, opaque: bool) -> Self {
        let level = match self.level {
            Level::Messages => Level::Message,
            Level::Content if dialect == Dialect::AnthropicMessages => Level::Block,
            // A part that can be read holds nothing else that is opaque by its place.
            _ => Level::Other,
        };
        let role = match level {
            Level::Message if dialect == Dialect::OpenAiResponses => role_of_item(item).0,
            Level::Message => item.str("role").unwrap_or_default(),
            _ => self.role,
        };
        let unread = opaque && matches!(self.level, Level::Content | Level::Messages);
        Self { role, opaque: self.opaque || unread, level, ..self }
    }

    /// Where the value of a member of the object that stands here stands.
    pub(super) fn of_member(self, dialect: Dialect, key: &'a str) -> Self {
        let anthropic = dialect == Dialect::AnthropicMessages;
        let responses = dialect == Dialect::OpenAiResponses;
        let ollama = dialect == Dialect::Ollama;
        let role = match (self.level, key) {
            (Level::Body, "system") if anthropic || ollama => "system",
            (Level::Body, "prompt" | "suffix" | "images") if ollama => "user",
            (Level::Body, "instructions") if responses => "system",
            (Level::Body, "input") if responses => "user",
            _ => self.role,
        };
        let level = match (self.level, key) {
            (Level::Body, "system") if anthropic => Level::Content,
            (Level::Block, "source") => Level::Source,
            (Level::Block | Level::Source, "content") => Level::Content,
            (Level::Body, "input") if responses => Level::Messages,
            (Level::Body, "messages") if !responses => Level::Messages,
            (Level::Message, "output" | "summary") if responses => Level::Content,
            (Level::Message, "call_id" | "status") if responses => Level::Word,
            (Level::Body, "prompt") if ollama => Level::Messages,
            (Level::Body | Level::Message, "images") if ollama => Level::Content,
            (Level::Message, "tool_call_id" | "tool_name") if ollama => Level::Word,
            (Level::Body, "tools") => Level::Tools,
            (Level::Message, "content") => Level::Content,
            (Level::Message, "audio") => Level::Audio,
            _ => Level::Other,
        };
        Self { key, role, level, ..self }
    }

    /// Which member of the object that stands here a provider may have sealed.
    pub(super) fn seal(self, dialect: Dialect, object: Value<'_>) -> Option<&'static str> {
        let item = self.level == Level::Message && dialect == Dialect::OpenAiResponses;
        if item || self.level == Level::Block { opaque::seal_of(object) } else { None }
    }
}
