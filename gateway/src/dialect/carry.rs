//! From one dialect to another: which way a request is written, and how an answer is read and written.

use hearthgate_rules::chat::{ChatRequest, Dialect};
use hearthgate_rules::decision::{Encode, EncodeError};

use super::event::{Event, Gathered, Usage};
use super::{anthropic, bedrock, gemini, ollama, openai, responses};
use crate::config::UpstreamDialect;

/// How a request of one dialect is written for an upstream of another, or of the same.
#[must_use]
pub fn encode(from: Dialect, to: UpstreamDialect) -> Encode {
    match (from, to) {
        (Dialect::OpenAiChat, UpstreamDialect::OpenAi) => openai::encode,
        (_, UpstreamDialect::OpenAi) => openai::write::encode,
        (Dialect::AnthropicMessages, UpstreamDialect::Anthropic) => anthropic::encode,
        (_, UpstreamDialect::Anthropic) => anthropic::write::encode,
        (_, UpstreamDialect::Gemini) => {
            |request, target, effort| gemini::write::written(request, target, effort, true)
        }
        (_, UpstreamDialect::Bedrock) => {
            |request, target, effort| bedrock::write::written(request, target, effort, true)
        }
    }
}

/// How a request is written in which another provider than the target's has sealed something: without that.
#[must_use]
pub fn unsealed(from: Dialect, to: UpstreamDialect) -> Encode {
    match (from, to) {
        (Dialect::AnthropicMessages, UpstreamDialect::Anthropic) => anthropic::unsealed::encode,
        (Dialect::OpenAiChat, UpstreamDialect::OpenAi) => openai::unsealed,
        (_, UpstreamDialect::Gemini) => {
            |request, target, effort| gemini::write::written(request, target, effort, false)
        }
        (_, UpstreamDialect::Bedrock) => {
            |request, target, effort| bedrock::write::written(request, target, effort, false)
        }
        // Nothing that is sealed is written anew.
        _ => encode(from, to),
    }
}

/// Whether answers are passed on as they are.
#[must_use]
pub fn is_passed_on(from: Dialect, to: UpstreamDialect) -> bool {
    matches!(
        (from, to),
        (Dialect::OpenAiChat, UpstreamDialect::OpenAi)
            | (Dialect::AnthropicMessages, UpstreamDialect::Anthropic)
    )
}

/// A request in the words that the models of this process are spoken to in.
///
/// # Errors
/// When it says what those cannot.
pub fn at_home(request: &ChatRequest) -> Result<ChatRequest, EncodeError> {
    match request.dialect() {
        Dialect::OpenAiChat => Ok(request.clone()),
        Dialect::AnthropicMessages | Dialect::OpenAiResponses | Dialect::Ollama => {
            let body = openai::write::at_home(request)?;
            let why = "it could not be put into the words of a device model";
            ChatRequest::openai(body).map_err(|_| EncodeError::CannotCarry { pointer: String::new(), why })
        }
    }
}

/// Writes an answer in the client's dialect.
pub enum Writer {
    /// OpenAI's chat completions, and completions.
    OpenAi(openai::head::Head),
    /// Anthropic's messages.
    Anthropic(anthropic::head::Head),
    /// OpenAI's responses.
    Responses(Box<responses::head::Head>),
    /// Ollama's chats and generations.
    Ollama(Box<ollama::head::Head>),
}

impl Writer {
    /// The first events of a choice; what has been used so far is told where the dialect does that.
    pub fn first(&mut self, choice: usize, usage: &Usage, out: &mut Vec<u8>) {
        match self {
            Self::OpenAi(head) => head.first(choice, out),
            Self::Anthropic(head) => head.first(usage, out),
            Self::Responses(head) => head.first(out),
            Self::Ollama(head) => head.begin(),
        }
    }

    /// The events for one part of a choice.
    pub fn part(&mut self, choice: usize, part: &Event, out: &mut Vec<u8>) {
        match self {
            Self::OpenAi(head) => head.part(choice, part, out),
            Self::Anthropic(head) => head.part(part, out),
            Self::Responses(head) => head.part(part, out),
            Self::Ollama(head) => head.part(part, out),
        }
    }

    /// What follows the last part of the last choice.
    pub fn last(&mut self, usage: &Usage, cost_usd: Option<f64>, out: &mut Vec<u8>) {
        match self {
            Self::OpenAi(head) => head.last(usage, cost_usd, out),
            Self::Anthropic(head) => head.last(usage, cost_usd, out),
            Self::Responses(head) => head.last(usage, cost_usd, out),
            Self::Ollama(head) => head.last(usage, cost_usd, out),
        }
    }

    /// An answer in one piece.
    #[must_use]
    pub fn whole(&self, choices: &[Gathered], usage: &Usage, cost_usd: Option<f64>) -> String {
        let none = Gathered::default();
        let first = choices.first().unwrap_or(&none);
        match self {
            Self::OpenAi(head) => head.whole(choices, usage, cost_usd),
            Self::Anthropic(head) => head.whole(first, usage, cost_usd),
            Self::Responses(head) => head.whole(first, usage, cost_usd),
            Self::Ollama(head) => head.whole(first, usage, cost_usd),
        }
    }

    /// The dialect that is written.
    #[must_use]
    pub fn dialect(&self) -> Dialect {
        match self {
            Self::OpenAi(_) => Dialect::OpenAiChat,
            Self::Anthropic(_) => Dialect::AnthropicMessages,
            Self::Responses(_) => Dialect::OpenAiResponses,
            Self::Ollama(_) => Dialect::Ollama,
        }
    }
}

/// Reads an upstream's stream.
pub enum Reader {
    /// OpenAI's chat completions.
    OpenAi(openai::answer::Reader),
    /// Anthropic's messages.
    Anthropic(anthropic::answer::Reader),
    /// Gemini's own.
    Gemini(gemini::answer::Reader),
    /// Bedrock's Converse.
    Bedrock(bedrock::answer::Reader),
}

pub use openai::answer::{Malformed, Unread};

impl Reader {
    /// Of an upstream that speaks this dialect.
    #[must_use]
    pub fn of(dialect: UpstreamDialect) -> Self {
        match dialect {
            UpstreamDialect::OpenAi => Self::OpenAi(openai::answer::Reader::default()),
            UpstreamDialect::Anthropic => Self::Anthropic(anthropic::answer::Reader::default()),
            UpstreamDialect::Gemini => Self::Gemini(gemini::answer::Reader::default()),
            UpstreamDialect::Bedrock => Self::Bedrock(bedrock::answer::Reader::default()),
        }
    }

    /// Takes the data of one event.
    ///
    /// # Errors
    /// When it is none of the dialect.
    pub fn take(&mut self, data: &[u8], out: &mut Vec<Event>) -> Result<(), Malformed> {
        match self {
            Self::OpenAi(reader) => reader.take(data, out),
            Self::Anthropic(reader) => reader.take(data, out),
            Self::Gemini(reader) => reader.take(data, out),
            Self::Bedrock(reader) => reader.take(data, out),
        }
    }

    /// The stream is over.
    ///
    /// # Errors
    /// When its answer had not come to its end.
    pub fn end(&mut self, out: &mut Vec<Event>) -> Result<(), Malformed> {
        match self {
            Self::OpenAi(reader) => reader.end(out),
            Self::Anthropic(_) => Err(Malformed),
            Self::Gemini(reader) => reader.end(out),
            Self::Bedrock(reader) => reader.end(out),
        }
    }

    /// What it used, as far as it has said so.
    #[must_use]
    pub fn usage(&self) -> Option<Usage> {
        match self {
            Self::OpenAi(reader) => reader.usage,
            Self::Anthropic(reader) => reader.usage,
            Self::Gemini(reader) => reader.usage,
            Self::Bedrock(reader) => reader.usage,
        }
    }

    /// Whether the answer has come to its end.
    #[must_use]
    pub fn done(&self) -> bool {
        match self {
            Self::OpenAi(reader) => reader.done,
            Self::Anthropic(reader) => reader.done,
            Self::Gemini(reader) => reader.done,
            Self::Bedrock(reader) => reader.done,
        }
    }

    /// The upstream's own words on what went wrong: their type and their text.
    #[must_use]
    pub fn error(&self) -> Option<&(String, String)> {
        match self {
            Self::OpenAi(reader) => reader.error.as_ref(),
            Self::Anthropic(reader) => reader.error.as_ref(),
            Self::Gemini(reader) => reader.error.as_ref(),
            Self::Bedrock(reader) => reader.error.as_ref(),
        }
    }
}

/// Reads a whole answer of an upstream.
///
/// # Errors
/// When it is none of the dialect.
pub fn whole(
    dialect: UpstreamDialect,
    answer: hearthgate_rules::json::Value<'_>,
) -> Result<(Vec<Event>, Option<Usage>), Unread> {
    match dialect {
        UpstreamDialect::OpenAi => openai::answer::whole(answer),
        UpstreamDialect::Anthropic => anthropic::answer::whole(answer),
        UpstreamDialect::Gemini => gemini::answer::whole(answer),
        UpstreamDialect::Bedrock => bedrock::answer::whole(answer),
    }
}
