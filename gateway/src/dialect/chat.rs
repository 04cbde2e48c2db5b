//! A chat in no dialect: what more than one of them can say, borrowed from the request that says it.
//!
//! Reading one refuses what no other dialect knows, by its place; writing one refuses what that dialect lacks. Numbers
//! keep the digits that they were written with.

use std::borrow::Cow;

use hearthgate_rules::chat::{ChatRequest, Dialect};
use hearthgate_rules::decision::EncodeError;
use hearthgate_rules::json::{Document, Kind, Value};

use super::effort::Level;
use super::write::{Object, array};
use super::{anthropic, ollama, openai, responses};

/// A chat.
#[derive(Default)]
pub struct Chat<'a> {
    /// What the operator says, in order.
    pub system: Vec<&'a str>,
    /// Texts of it up to which a provider is asked to cache, by their place, and where that is asked.
    pub system_cached: Vec<(usize, Value<'a>)>,
    /// Turns: no two of one role stand next to each other.
    pub turns: Vec<Turn<'a>>,
    /// What may be called.
    pub tools: Vec<Tool<'a>>,
    /// What must be called.
    pub choice: Option<Choice<'a>>,
    /// Whether several may be called in one turn.
    pub parallel: Option<bool>,
    /// Tokens of the answer at most.
    pub answer_tokens: Option<&'a str>,
    /// How freely to choose, and the field's place.
    pub temperature: Option<Value<'a>>,
    /// The nucleus.
    pub top_p: Option<&'a str>,
    /// The likeliest so many.
    pub top_k: Option<&'a str>,
    /// Texts that end the answer.
    pub stops: Vec<&'a str>,
    /// Who asks, by the client's own name for them.
    pub user: Option<&'a str>,
    /// The format of the answer.
    pub format: Option<Format<'a>>,
    /// Whether the answer is streamed.
    pub stream: bool,
    /// How wordy the answer is to be, where that is told.
    pub verbosity: Option<Value<'a>>,
    /// How long the client asks to think.
    pub level: Option<Level>,
    /// What only few dialects know, by OpenAI's name.
    pub few: Vec<(&'a str, Value<'a>)>,
}

impl<'a> Chat<'a> {
    /// How freely to choose, for a dialect that ends at 1.
    ///
    /// # Errors
    /// When it goes beyond that.
    pub fn temperature_to_one(&self) -> Result<Option<&'a str>, EncodeError> {
        let Some(at) = self.temperature else { return Ok(None) };
        let digits = at.as_number();
        match digits.and_then(|digits| digits.parse::<f64>().ok()).is_some_and(|high| high > 1.0) {
            true => Err(cannot(at, "its dialect ends at 1")),
            false => Ok(digits),
        }
    }
}

/// One side's turn.
pub struct Turn<'a> {
    /// Whose.
    pub role: Role,
    /// What it holds, in order.
    pub parts: Vec<Part<'a>>,
}

/// Whose turn it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// The client's, what its tools say included.
    User,
    /// The model's.
    Assistant,
}

/// A part of a turn, and where it stands.
pub struct Part<'a> {
    /// Its place, for a refusal.
    pub at: Value<'a>,
    /// What it is.
    pub what: What<'a>,
}

/// What a part is.
pub enum What<'a> {
    /// Text.
    Text(&'a str),
    /// An image.
    Image(Source<'a>),
    /// A document, with its title.
    Document(Source<'a>, Option<&'a str>),
    /// A sound in base64, by OpenAI's word for its format.
    Audio { format: &'a str, data: &'a str },
    /// What the model thought.
    Thought(&'a str),
    /// What its provider has sealed: the proof of the thought before it, or of the call or text after it.
    Seal(&'a str),
    /// A thought that only its provider can read.
    Redacted(&'a str),
    /// The call of a tool; its arguments are a JSON text.
    Call { id: &'a str, name: &'a str, arguments: Cow<'a, str> },
    /// What a tool says.
    Result { id: &'a str, content: Vec<Part<'a>> },
}

/// Where bytes come from.
pub enum Source<'a> {
    /// They are here, in base64.
    Data { media_type: &'a str, data: &'a str },
    /// They are fetched from there.
    Url(&'a str),
}

/// Something that may be called.
pub struct Tool<'a> {
    /// Its place.
    pub at: Value<'a>,
    /// Its name.
    pub name: &'a str,
    /// What it is for.
    pub description: Option<&'a str>,
    /// The JSON schema of its arguments.
    pub schema: Option<Value<'a>>,
    /// Whether arguments must follow it to the letter.
    pub strict: bool,
}

/// What must be called.
pub enum Choice<'a> {
    /// Whatever the model thinks.
    Auto,
    /// Nothing.
    None,
    /// Something.
    Any,
    /// This.
    Tool(&'a str),
}

/// The format of an answer: JSON.
pub struct Format<'a> {
    /// The field that asks for it.
    pub at: Value<'a>,
    /// The schema; none where any object will do.
    pub schema: Option<Value<'a>>,
    /// What the schema is called.
    pub name: Option<&'a str>,
    /// What it is for.
    pub description: Option<&'a str>,
    /// Whether the answer must follow it to the letter.
    pub strict: bool,
}

impl<'a> Chat<'a> {
    /// Reads a request in its own dialect.
    ///
    /// # Errors
    /// When it says what no other dialect can.
    pub fn read(request: &'a ChatRequest) -> Result<Self, EncodeError> {
        if let Some(effort) = Level::unknown(request) {
            return Err(cannot(effort, "no effort of that name is known; ask for `low`, `medium` or `high`"));
        }
        let chat = match request.dialect() {
            Dialect::OpenAiChat => openai::read::chat(request),
            Dialect::AnthropicMessages => anthropic::read::chat(request),
            Dialect::OpenAiResponses => responses::read::chat(request),
            Dialect::Ollama => ollama::read::chat(request),
        }?;
        match chat.choice {
            Some(Choice::Any | Choice::Tool(_)) if chat.tools.is_empty() => {
                let at = request.body().get("tool_choice").unwrap_or(request.body());
                Err(cannot(at, "there is no tool that could be called; offer some, or leave it out"))
            }
            _ => Ok(chat),
        }
    }

    /// Makes sure that of what few dialects know nothing is asked but this.
    ///
    /// # Errors
    /// Naming the first other.
    pub fn knows(&self, names: &[&str]) -> Result<(), EncodeError> {
        let other = self.few.iter().find(|(name, _)| !names.contains(name));
        other.map_or(Ok(()), |(_, at)| Err(cannot(*at, "its dialect has no such field; leave it out")))
    }

    /// Makes sure that it neither holds back parallel calls nor says how wordy to be, for dialects that cannot.
    ///
    /// # Errors
    /// Naming the field that does.
    pub fn says_no_more(&self, request: &'a ChatRequest) -> Result<(), EncodeError> {
        if self.parallel == Some(false) {
            let why = "its dialect does not hold back parallel calls; leave it out";
            return Err(cannot(one_at_a_time(request), why));
        }
        let told = self.verbosity.filter(|told| told.as_str() != Some("medium"));
        told.map_or(Ok(()), |told| Err(cannot(told, "its dialect has no such field; leave it out")))
    }

    /// Adds parts to the turn of a role: to the last, if it is that role's.
    pub fn say(&mut self, role: Role, parts: Vec<Part<'a>>) {
        match self.turns.last_mut().filter(|turn| turn.role == role) {
            Some(turn) => turn.parts.extend(parts),
            None if parts.is_empty() => {}
            None => self.turns.push(Turn { role, parts }),
        }
    }
}

/// Whether what a tool says is that it failed, where its dialect can tell.
pub fn is_failure(result: &Part<'_>) -> bool {
    result.at.get("is_error").and_then(Value::as_bool) == Some(true)
}

/// Turns by role as those dialects want them in which the first is the user's and no two of one role stand side by side: what holds
/// nothing is left out, and its neighbours are of one role then.
///
/// # Errors
/// When nothing is left, or the first is not the user's.
pub fn alternating<'a>(
    request: &ChatRequest,
    chat: &'a Chat<'a>,
    mut blocks: impl FnMut(&'a Turn<'a>) -> Result<Vec<String>, EncodeError>,
) -> Result<Vec<(Role, Vec<String>)>, EncodeError> {
    let mut turns: Vec<(Role, Vec<String>)> = Vec::new();
    for turn in &chat.turns {
        let blocks = blocks(turn)?;
        match turns.last_mut().filter(|(role, _)| *role == turn.role) {
            _ if blocks.is_empty() => {}
            Some((_, last)) => last.extend(blocks),
            None => turns.push((turn.role, blocks)),
        }
    }
    if turns.first().is_none_or(|(role, _)| *role != Role::User) {
        return Err(cannot(turns_of(request), "its dialect begins with a user's turn that says something"));
    }
    Ok(turns)
}

/// Messages of turns, each with its role and its content.
pub fn messages(turns: &[(Role, Vec<String>)]) -> String {
    let message = |(role, blocks): &(Role, Vec<String>)| {
        let role = if *role == Role::User { "user" } else { "assistant" };
        Object::new().text("role", role).json("content", &array(blocks)).done()
    };
    array(&turns.iter().map(message).collect::<Vec<_>>())
}

/// The arguments of a call as an object, which they are in some dialects, and a text of one in others. None are an empty one.
///
/// # Errors
/// When they are the text of anything else.
pub fn arguments_of(part: &Part<'_>, arguments: &str) -> Result<String, EncodeError> {
    let arguments = if arguments.trim().is_empty() { "{}" } else { arguments };
    let object = Document::parse(arguments).ok().filter(|object| object.root().kind() == Kind::Object);
    let object = object.ok_or_else(|| cannot(part.at, "arguments must be the JSON text of an object"))?;
    Ok(object.root().render())
}

/// What holds a request's turns.
pub fn turns_of(request: &ChatRequest) -> Value<'_> {
    let body = request.body();
    ["messages", "input", "prompt"].into_iter().find_map(|name| body.get(name)).unwrap_or(body)
}

/// Where a request asks that no two tools be called in one turn.
pub fn one_at_a_time(request: &ChatRequest) -> Value<'_> {
    let body = request.body();
    let choice = || body.get("tool_choice").and_then(|choice| choice.get("disable_parallel_tool_use"));
    body.get("parallel_tool_calls").or_else(choice).unwrap_or(body)
}

/// What stands against carrying a value.
pub fn cannot(at: Value<'_>, why: &'static str) -> EncodeError {
    EncodeError::CannotCarry { pointer: at.pointer(), why }
}

/// Makes sure that an object has no members but these.
///
/// # Errors
/// Naming the first other that is not `null`.
pub fn only(object: Value<'_>, known: &[&str]) -> Result<(), EncodeError> {
    let other = object.members().find(|(key, value)| !known.contains(key) && !value.is_null());
    other.map_or(Ok(()), |(_, value)| Err(cannot(value, "its dialect has no such field; leave it out")))
}

/// A member that is a text; none where it is not there.
///
/// # Errors
/// When it is something else.
pub fn text<'a>(object: Value<'a>, name: &str) -> Result<Option<&'a str>, EncodeError> {
    let text = |at: Value<'a>| at.as_str().ok_or_else(|| cannot(at, "it has to be a string"));
    object.present(name).map(text).transpose()
}

/// A member that is true or false; none where it is not there.
///
/// # Errors
/// When it is something else.
pub fn flag(object: Value<'_>, name: &str) -> Result<Option<bool>, EncodeError> {
    let flag = |at: Value<'_>| at.as_bool().ok_or_else(|| cannot(at, "it has to be true or false"));
    object.present(name).map(flag).transpose()
}

/// The digits of a number, as they were written.
pub fn digits<'a>(body: Value<'a>, name: &str) -> Option<&'a str> {
    body.present(name).and_then(Value::as_number)
}
