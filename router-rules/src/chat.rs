//! A chat request as it was received, checked for shape.
//!
//! The whole body is kept, known fields and unknown ones: see [`Document`]. What is checked here is that the
//! fields that are known have the types that the dialect gives them, so that nothing later has to guess.

mod anthropic;
mod ollama;
mod openai;
mod responses;
mod turns;

use std::fmt;
use std::sync::Arc;

use thiserror::Error;

pub use self::ollama::check_options as check_ollama_options;
pub use self::turns::ToolLoop;
pub(crate) use self::turns::Turn;
use crate::json::{Document, JsonError, JsonFault, Kind, Value};

/// The surface on which a request came in.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Dialect {
    /// OpenAI's `/v1/chat/completions`.
    OpenAiChat,
    /// Anthropic's `/v1/messages`.
    AnthropicMessages,
    /// OpenAI's `/v1/responses`.
    OpenAiResponses,
    /// Ollama's `/api/chat` and `/api/generate`.
    Ollama,
}

impl Dialect {
    /// Every dialect.
    pub const ALL: [Self; 4] =
        [Self::OpenAiChat, Self::AnthropicMessages, Self::OpenAiResponses, Self::Ollama];

    /// Its name as policies and records write it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::OpenAiChat => "openai-chat",
            Self::AnthropicMessages => "anthropic-messages",
            Self::OpenAiResponses => "openai-responses",
            Self::Ollama => "ollama",
        }
    }
}

/// Why a body is no request, and where.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum RequestError {
    /// It is not JSON, or not unambiguously.
    #[error("{0}")]
    Json(JsonError),
    /// A field of another type than the dialect gives it.
    #[error("`{pointer}` must be {expected}, not {found}")]
    Type {
        /// JSON pointer of the field.
        pointer: String,
        /// What it must be.
        expected: &'static str,
        /// What it is.
        found: Kind,
    },
    /// A field that must be there.
    #[error("`{pointer}` is missing")]
    Missing {
        /// JSON pointer of the field.
        pointer: String,
    },
    /// A value that the field does not allow.
    #[error("`{pointer}` must be {expected}")]
    Invalid {
        /// JSON pointer of the field.
        pointer: String,
        /// What it must be.
        expected: &'static str,
    },
    /// An option of Ollama's that has another type, in Ollama's own words.
    #[error("option \"{name}\" must be of type {expected}")]
    Option {
        /// JSON pointer of the option.
        pointer: String,
        /// Its name.
        name: &'static str,
        /// The type that it must be of.
        expected: &'static str,
    },
}

impl RequestError {
    /// JSON pointer of the fault; empty for the whole body.
    #[must_use]
    pub fn pointer(&self) -> &str {
        match self {
            Self::Json(error) => &error.pointer,
            Self::Type { pointer, .. }
            | Self::Missing { pointer }
            | Self::Invalid { pointer, .. }
            | Self::Option { pointer, .. } => pointer,
        }
    }

    /// A short name of the cause, for records and metrics.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Json(JsonError { fault: JsonFault::DuplicateKey, .. }) => "duplicate_key",
            Self::Json(JsonError { fault: JsonFault::NotUtf8, .. }) => "invalid_utf8",
            Self::Json(JsonError { fault: JsonFault::LoneSurrogate, .. }) => "lone_surrogate",
            Self::Json(JsonError { fault: JsonFault::TooDeep, .. }) => "nested_too_deep",
            Self::Json(_) => "invalid_json",
            Self::Type { .. } | Self::Option { .. } => "invalid_type",
            Self::Missing { .. } => "missing_required_parameter",
            Self::Invalid { .. } => "invalid_value",
        }
    }
}

/// A chat request: the whole body, and what the gateway itself needs to know of it.
///
/// A clone shares the body.
#[derive(Clone)]
pub struct ChatRequest {
    document: Arc<Document>,
    dialect: Dialect,
}

impl ChatRequest {
    /// Reads the body of an OpenAI chat completion request.
    ///
    /// # Errors
    /// When it is not JSON, could be read in two ways, or a known field has another type than OpenAI's.
    pub fn openai(body: impl AsRef<[u8]>) -> Result<Self, RequestError> {
        Self::read(Dialect::OpenAiChat, body)
    }

    /// Takes a parsed body as an OpenAI chat completion request.
    ///
    /// # Errors
    /// When a known field has another type than OpenAI's.
    pub fn from_document(document: Document) -> Result<Self, RequestError> {
        Self::of(Dialect::OpenAiChat, document)
    }

    /// Reads the body of a request for an Anthropic message.
    ///
    /// # Errors
    /// When it is not JSON, could be read in two ways, or a known field has another type than Anthropic's.
    pub fn anthropic(body: impl AsRef<[u8]>) -> Result<Self, RequestError> {
        Self::read(Dialect::AnthropicMessages, body)
    }

    /// Takes a parsed body as a request that asks how many tokens an Anthropic message has: one that sets no bound to an
    /// answer.
    ///
    /// # Errors
    /// As [`ChatRequest::anthropic`].
    pub fn anthropic_count(document: Document) -> Result<Self, RequestError> {
        anthropic::check(document.root(), false)?;
        Ok(Self { document: Arc::new(document), dialect: Dialect::AnthropicMessages })
    }

    /// Takes a parsed body as a request of this dialect.
    ///
    /// # Errors
    /// When a known field has another type than the dialect's.
    pub fn of(dialect: Dialect, document: Document) -> Result<Self, RequestError> {
        match dialect {
            Dialect::OpenAiChat => openai::check(document.root())?,
            Dialect::AnthropicMessages => anthropic::check(document.root(), true)?,
            Dialect::OpenAiResponses => responses::check(document.root())?,
            Dialect::Ollama => ollama::check(document.root())?,
        }
        Ok(Self { document: Arc::new(document), dialect })
    }

    /// Reads a body of this dialect.
    ///
    /// # Errors
    /// As the reading of that dialect.
    pub fn read(dialect: Dialect, body: impl AsRef<[u8]>) -> Result<Self, RequestError> {
        Self::of(dialect, Document::parse(body).map_err(RequestError::Json)?)
    }

    /// The whole body.
    #[must_use]
    pub fn document(&self) -> &Document {
        &self.document
    }

    /// The surface on which it came in.
    #[must_use]
    pub fn dialect(&self) -> Dialect {
        self.dialect
    }

    /// The model asked for.
    #[must_use]
    pub fn model(&self) -> &str {
        self.body().str("model").unwrap_or_default()
    }

    /// Whether the answer is to be streamed. Ollama's are unless the client says otherwise.
    #[must_use]
    pub fn stream(&self) -> bool {
        self.body().get("stream").and_then(Value::as_bool).unwrap_or(self.dialect == Dialect::Ollama)
    }

    /// Whether the client asked for a last chunk with the usage.
    #[must_use]
    pub fn include_usage(&self) -> bool {
        let options = self.body().get("stream_options");
        options.and_then(|options| options.get("include_usage")).and_then(Value::as_bool).unwrap_or(false)
    }

    /// The most tokens that the answer may have.
    #[must_use]
    pub fn max_tokens(&self) -> Option<u64> {
        let field = |name| self.body().present(name).and_then(Value::as_number)?.parse().ok();
        match self.dialect {
            Dialect::OpenAiResponses => field("max_output_tokens"),
            // Below 0 there is no bound.
            Dialect::Ollama => {
                self.body().get("options")?.present("num_predict").and_then(Value::as_number)?.parse().ok()
            }
            _ => field("max_completion_tokens").or_else(|| field("max_tokens")),
        }
    }

    /// The messages, oldest first. Of a request for a response they are its items, or the one text that is all of its input;
    /// of one of Ollama's they may be the one text that is its prompt.
    pub fn messages(&self) -> impl Iterator<Item = Value<'_>> {
        let name = match self.dialect {
            Dialect::OpenAiResponses => "input",
            Dialect::Ollama if self.body().present("messages").is_none() => "prompt",
            _ => "messages",
        };
        let all = self.body().get(name);
        let text = all.filter(|all| all.kind() == Kind::String);
        text.into_iter().chain(all.into_iter().flat_map(Value::items))
    }

    /// Whose one of the [messages](Self::messages) is; empty where it does not say so.
    pub(crate) fn role_of<'a>(&self, message: Value<'a>) -> &'a str {
        match self.dialect {
            Dialect::OpenAiResponses => role_of_item(message).0,
            Dialect::Ollama if message.kind() == Kind::String => "user",
            _ => message.str("role").unwrap_or_default(),
        }
    }

    /// What providers have sealed in earlier answers, each with the block that it stands in: the proof of a thought, or a
    /// thought itself.
    pub fn seals(&self) -> impl Iterator<Item = (Value<'_>, &str)> {
        let of = |dialect| (self.dialect == dialect).then(|| self.messages()).into_iter().flatten();
        let contents = of(Dialect::AnthropicMessages).filter_map(|message| message.get("content"));
        let of_blocks = contents.flat_map(Value::items).filter_map(|block| {
            let seal = match block.str("type")? {
                "thinking" => block.str("signature"),
                "redacted_thinking" => block.str("data"),
                _ => None,
            };
            Some((block, seal.filter(|seal| !seal.is_empty())?))
        });
        let calls = of(Dialect::OpenAiChat).filter_map(|message| message.get("tool_calls"));
        of_blocks.chain(calls.flat_map(Value::items).filter_map(seal_of_call))
    }

    /// The outermost object.
    #[must_use]
    pub fn body(&self) -> Value<'_> {
        self.document.root()
    }
}

impl fmt::Debug for ChatRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ChatRequest")
            .field("dialect", &self.dialect)
            .field("document", &self.document)
            .finish_non_exhaustive()
    }
}

/// What its provider has sealed of a call in OpenAI's dialect, and where it stands: as Google's own surface of that dialect
/// has it (<https://ai.google.dev/gemini-api/docs/openai>).
#[must_use]
pub fn seal_of_call(call: Value<'_>) -> Option<(Value<'_>, &str)> {
    let at = call.get("extra_content")?.get("google")?.get("thought_signature")?;
    Some((at, at.as_str().filter(|seal| !seal.is_empty())?))
}

/// Whose an item of a request for a response is, and whether it calls a tool. The type says so before any member does.
pub(crate) fn role_of_item(item: Value<'_>) -> (&str, bool) {
    if item.kind() == Kind::String {
        return ("user", false);
    }
    match item.str("type") {
        None | Some("message") => (item.str("role").unwrap_or_default(), false),
        Some("reasoning") => ("assistant", false),
        Some(kind) if kind.ends_with("_call") => ("assistant", true),
        Some(kind) if kind.ends_with("_output") => ("tool", false),
        Some(_) => ("", false),
    }
}

/// The type that a dialect's reference gives a field. `null` stands for absent everywhere.
#[derive(Clone, Copy)]
enum Shape {
    Bool,
    Number,
    Integer,
    Text,
    Object,
    Array,
    Texts,
    TextOrTexts,
    TextOrObject,
    TextOrArray,
    TextOrBool,
    TextOrNumber,
}

/// Makes sure that a body names a model.
fn check_model(body: Value<'_>) -> Result<(), RequestError> {
    if body.kind() != Kind::Object {
        return Err(wrong(body, "an object"));
    }
    if text(required(body, "model")?)?.is_empty() {
        return Err(RequestError::Invalid { pointer: "/model".to_owned(), expected: "the name of a model" });
    }
    Ok(())
}

/// Makes sure that the members which a dialect knows have their types.
fn check_fields(body: Value<'_>, fields: &[(&str, Shape)]) -> Result<(), RequestError> {
    let known = |name: &str| fields.iter().find(|(field, _)| *field == name);
    body.members().try_for_each(|(name, value)| match known(name) {
        Some((_, shape)) => check_shape(value, *shape),
        None => Ok(()),
    })
}

/// The messages of a body: at least one.
fn some_messages(body: Value<'_>) -> Result<Value<'_>, RequestError> {
    let messages = required(body, "messages")?;
    if messages.kind() != Kind::Array {
        return Err(wrong(messages, "an array of messages"));
    }
    if messages.items().next().is_none() {
        let pointer = "/messages".to_owned();
        return Err(RequestError::Invalid { pointer, expected: "at least one message" });
    }
    Ok(messages)
}

/// The parts of a content that is a text or a list of parts, each with its type.
fn check_content(content: Value<'_>) -> Result<(), RequestError> {
    match content.kind() {
        Kind::String => Ok(()),
        Kind::Array => content.items().try_for_each(|part| {
            check_shape(part, Shape::Object)?;
            text(required(part, "type")?).map(|_| ())
        }),
        _ => Err(wrong(content, "a string or an array of content parts")),
    }
}

fn check_shape(value: Value<'_>, shape: Shape) -> Result<(), RequestError> {
    let kind = value.kind();
    let whole = || value.as_number().is_some_and(|digits| !digits.contains(['.', 'e', 'E']));
    let texts = || kind == Kind::Array && value.items().all(|item| item.kind() == Kind::String);
    let (fits, expected) = match shape {
        Shape::Bool => (kind == Kind::Bool, "a boolean"),
        Shape::Number => (kind == Kind::Number, "a number"),
        Shape::Integer => (whole(), "a whole number"),
        Shape::Text => (kind == Kind::String, "a string"),
        Shape::Object => (kind == Kind::Object, "an object"),
        Shape::Array => (kind == Kind::Array, "an array"),
        Shape::Texts => (texts(), "an array of strings"),
        Shape::TextOrTexts => (kind == Kind::String || texts(), "a string or an array of strings"),
        Shape::TextOrObject => (matches!(kind, Kind::String | Kind::Object), "a string or an object"),
        Shape::TextOrArray => (matches!(kind, Kind::String | Kind::Array), "a string or an array"),
        Shape::TextOrBool => (matches!(kind, Kind::String | Kind::Bool), "a string or a boolean"),
        Shape::TextOrNumber => (matches!(kind, Kind::String | Kind::Number), "a string or a number"),
    };
    if fits || kind == Kind::Null { Ok(()) } else { Err(wrong(value, expected)) }
}

fn required<'a>(object: Value<'a>, name: &str) -> Result<Value<'a>, RequestError> {
    object.get(name).ok_or_else(|| RequestError::Missing { pointer: format!("{}/{name}", object.pointer()) })
}

fn text<'a>(value: Value<'a>) -> Result<&'a str, RequestError> {
    value.as_str().ok_or_else(|| wrong(value, "a string"))
}

fn wrong(value: Value<'_>, expected: &'static str) -> RequestError {
    RequestError::Type { pointer: value.pointer(), expected, found: value.kind() }
}
