//! Writes a [`Chat`] as a message request.

use hearthgate_rules::chat::ChatRequest;
use hearthgate_rules::decision::EncodeError;
use hearthgate_rules::json::{Value, quote};
use hearthgate_rules::target::{Effort, EffortField, Target};

use crate::dialect::chat::{
    Chat, Choice, Part, Role, Source, Turn, What, alternating, arguments_of, cannot, messages,
};
use crate::dialect::effort::Level;
use crate::dialect::schema;
use crate::dialect::write::{Object, array, texts};

/// The bound of an answer where neither the client nor what is known of the model sets one.
const ANSWER_TOKENS: u32 = 4_096;

/// The least budget that thinking may have.
const THINKING_TOKENS_MIN: u64 = 1_024;

/// Writes a request of another dialect for an upstream that speaks Anthropic's.
///
/// # Errors
/// When it says what this dialect cannot.
pub fn encode(request: &ChatRequest, target: &Target, effort: Effort) -> Result<Vec<u8>, EncodeError> {
    let chat = Chat::read(request)?;
    chat.knows(&[])?;
    let named = chat.answer_tokens.map(str::to_owned);
    let most = named.unwrap_or_else(|| target.manner().answer_tokens.unwrap_or(ANSWER_TOKENS).to_string());
    let mut body = Object::new().text("model", target.model()).json("max_tokens", &most);
    let system: Vec<_> =
        chat.system.iter().filter(|text| says_something(text)).map(|text| block(text)).collect();
    if !system.is_empty() {
        body = body.json("system", &array(&system));
    }
    body = body.json("messages", &messages(&alternating(request, &chat, blocks)?));
    if !chat.tools.is_empty() {
        body = body.json("tools", &tools(&chat, target)?).json_if("tool_choice", choice(&chat).as_deref());
    }
    body = body.json_if("temperature", chat.temperature_to_one()?);
    body = body
        .json_if("top_p", chat.top_p)
        .json_if("top_k", chat.top_k)
        .json_if("stop_sequences", (!chat.stops.is_empty()).then(|| texts(&chat.stops)).as_deref())
        .json_if("metadata", chat.user.map(|user| Object::new().text("user_id", user).done()).as_deref())
        .json_if("stream", chat.stream.then_some("true"));
    if let Some(told) = chat.verbosity.filter(|told| told.as_str() != Some("medium")) {
        return Err(cannot(told, "its dialect has no such field; leave it out"));
    }
    let (thinking, config) = efforts(&chat, target, effort, most.parse().unwrap_or(0))?;
    Ok(body
        .json_if("thinking", thinking.as_deref())
        .json_if("output_config", config.as_deref())
        .done()
        .into_bytes())
}

/// `thinking` and `output_config`.
fn efforts(
    chat: &Chat<'_>,
    target: &Target,
    effort: Effort,
    most: u64,
) -> Result<(Option<String>, Option<String>), EncodeError> {
    let Thinking { thinking, word, .. } = thinking(chat, target, effort, most, false);
    let mut config = Object::new().text_if("effort", word);
    if let Some(format) = &chat.format {
        if !target.manner().formats {
            return Err(cannot(
                format.at,
                "this model takes no format; ask another, or describe it in words",
            ));
        }
        let schema = format
            .schema
            .ok_or_else(|| cannot(format.at, "its dialect knows no such format; give a schema"))?;
        let schema = Object::new().text("type", "json_schema").json("schema", &schema::closed(schema));
        config = config.json("format", &schema.done());
    }
    let config = config.done();
    Ok((thinking, (config != "{}").then_some(config)))
}

/// What an answer is told of thinking.
pub struct Thinking {
    /// How long to think.
    pub level: Level,
    /// The `thinking` object.
    pub thinking: Option<String>,
    /// The `effort` of models that measure their thinking themselves.
    pub word: Option<&'static str>,
}

/// How the maker's models are told how long to think, of an answer that may have `most` tokens. `seals`: whether earlier thoughts go
/// with it as they were sealed.
pub fn thinking(chat: &Chat<'_>, target: &Target, effort: Effort, most: u64, seals: bool) -> Thinking {
    let level = chat.level.unwrap_or_else(|| Level::of(effort));
    let field = target.effort_field();
    let may_think = may_think(chat, field, seals);
    let thinking = match field {
        EffortField::ThinkingBudget => {
            // Half of the room is the answer's.
            let budget = level.budget().map(|budget| budget.min(most / 2));
            let budget = budget.filter(|budget| *budget >= THINKING_TOKENS_MIN && may_think);
            budget.map(|budget| format!("{{\"type\":\"enabled\",\"budget_tokens\":{budget}}}"))
        }
        EffortField::AdaptiveThinking if may_think && level > Level::Minimal => {
            Some("{\"type\":\"adaptive\"}".to_owned())
        }
        _ => None,
    };
    let word = (field == EffortField::AdaptiveThinking).then(|| level.as_anthropic(target.manner().levels));
    Thinking { level, thinking, word }
}

/// Thinking goes with nothing that steers the choice of tokens or demands a call, and goes on only where its own earlier
/// thoughts are at hand: those of a turn whose tools have just answered are, if their seals are.
fn may_think(chat: &Chat<'_>, field: EffortField, seals: bool) -> bool {
    let steered = chat.temperature.is_some() || chat.top_p.is_some() || chat.top_k.is_some();
    let demanded = matches!(chat.choice, Some(Choice::Any | Choice::Tool(_)));
    let asked = chat.turns.last().is_some_and(|turn| turn.role == Role::User);
    let is_result = |part: &Part<'_>| matches!(part.what, What::Result { .. });
    let under_way = chat.turns.last().is_some_and(|turn| turn.parts.iter().any(is_result));
    let before = chat.turns.iter().rev().find(|turn| turn.role == Role::Assistant);
    let thought = before.is_some_and(|turn| match turn.parts.as_slice() {
        [Part { what: What::Thought(_), .. }, Part { what: What::Seal(_), .. }, ..] => seals,
        [Part { what: What::Redacted(_), .. }, ..] => seals,
        _ => false,
    });
    let cut_off = under_way && !thought && field == EffortField::ThinkingBudget;
    asked && !(steered || demanded || cut_off)
}

fn tools(chat: &Chat<'_>, target: &Target) -> Result<String, EncodeError> {
    let mut tools = Vec::new();
    for tool in &chat.tools {
        if tool.strict && !target.manner().formats {
            return Err(cannot(tool.at, "this model takes no strict tools; leave `strict` out"));
        }
        let schema = tool.schema.filter(|schema| schema.members().next().is_some());
        let schema =
            schema.map_or_else(|| "{\"type\":\"object\",\"properties\":{}}".to_owned(), Value::render);
        let tool = Object::new()
            .text("name", tool.name)
            .text_if("description", tool.description)
            .json("input_schema", &schema)
            .json_if("strict", tool.strict.then_some("true"));
        tools.push(tool.done());
    }
    Ok(array(&tools))
}

fn choice(chat: &Chat<'_>) -> Option<String> {
    let one = chat.parallel == Some(false);
    let choice = match chat.choice {
        None if !one => return None,
        None | Some(Choice::Auto) => Object::new().text("type", "auto"),
        Some(Choice::None) => return Some("{\"type\":\"none\"}".to_owned()),
        Some(Choice::Any) => Object::new().text("type", "any"),
        Some(Choice::Tool(name)) => Object::new().text("type", "tool").text("name", name),
    };
    Some(choice.json_if("disable_parallel_tool_use", one.then_some("true")).done())
}

fn blocks(turn: &Turn<'_>) -> Result<Vec<String>, EncodeError> {
    let mut blocks = Vec::new();
    for part in &turn.parts {
        blocks.extend(match &part.what {
            What::Text(text) => says_something(text).then(|| block(text)),
            // Without its provider's seal it is no thought to anybody.
            What::Thought(_) | What::Seal(_) | What::Redacted(_) => None,
            _ if turn.role == Role::User => Some(users(part)?),
            What::Call { id, name, arguments } => Some(call(part, id, name, arguments)?),
            _ => return Err(cannot(part.at, "its dialect takes no such content from the assistant")),
        });
    }
    Ok(blocks)
}

/// A text that is nothing but white space is refused by the dialect.
fn says_something(text: &str) -> bool {
    !text.trim().is_empty()
}

fn block(text: &str) -> String {
    Object::new().text("type", "text").text("text", text).done()
}

fn users(part: &Part<'_>) -> Result<String, EncodeError> {
    match &part.what {
        What::Text(text) => Ok(block(text)),
        What::Image(source) => {
            Ok(Object::new().text("type", "image").json("source", &self::source(source)).done())
        }
        What::Document(source, title) => Ok(Object::new()
            .text("type", "document")
            .json("source", &self::source(source))
            .text_if("title", *title)
            .done()),
        What::Result { id, content } => {
            let result = Object::new().text("type", "tool_result").text("tool_use_id", id);
            let said =
                content.iter().filter(|part| !matches!(part.what, What::Text(text) if !says_something(text)));
            let content = match said.collect::<Vec<_>>().as_slice() {
                [] => return Ok(result.done()),
                [Part { what: What::Text(text), .. }] => quote(text),
                parts => array(&parts.iter().map(|part| users(part)).collect::<Result<Vec<_>, _>>()?),
            };
            Ok(result.json("content", &content).done())
        }
        What::Thought(_) | What::Seal(_) | What::Redacted(_) | What::Call { .. } | What::Audio { .. } => {
            Err(cannot(part.at, "its dialect takes no such content from a user"))
        }
    }
}

fn source(source: &Source<'_>) -> String {
    match source {
        Source::Data { media_type, data } => {
            Object::new().text("type", "base64").text("media_type", media_type).text("data", data).done()
        }
        Source::Url(url) => Object::new().text("type", "url").text("url", url).done(),
    }
}

fn call(part: &Part<'_>, id: &str, name: &str, arguments: &str) -> Result<String, EncodeError> {
    let call = Object::new().text("type", "tool_use").text("id", id).text("name", name);
    Ok(call.json("input", &arguments_of(part, arguments)?).done())
}
