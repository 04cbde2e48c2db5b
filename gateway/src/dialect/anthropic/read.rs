//! Reads a message request as a [`Chat`], for models that speak another dialect.

use std::borrow::Cow;

use hearthgate_rules::chat::ChatRequest;
use hearthgate_rules::decision::EncodeError;
use hearthgate_rules::json::Value;

use crate::dialect::chat::{
    Chat, Choice, Format, Part, Role, Source, Tool, What, cannot, digits, flag, only, text,
};
use crate::dialect::effort::Level;

/// Fields that are carried, or that only help a provider to run its service.
const FIELDS: [&str; 16] = [
    "model",
    "messages",
    "system",
    "max_tokens",
    "temperature",
    "top_p",
    "top_k",
    "stop_sequences",
    "stream",
    "tools",
    "tool_choice",
    "metadata",
    "thinking",
    "output_config",
    "service_tier",
    "cache_control",
];

/// Reads a request.
///
/// # Errors
/// When it says what no other dialect can.
pub fn chat(request: &ChatRequest) -> Result<Chat<'_>, EncodeError> {
    let body = request.body();
    let empty = |value: Value<'_>| value.members().next().is_none() && value.items().next().is_none();
    let other = body.members().find(|(key, value)| {
        let lists = matches!(*key, "mcp_servers" | "betas");
        !(FIELDS.contains(key) || value.is_null() || lists && empty(*value))
    });
    if let Some((_, value)) = other {
        return Err(cannot(value, "its dialect has no such field; leave it out"));
    }
    let mut chat = Chat {
        answer_tokens: digits(body, "max_tokens"),
        temperature: body.present("temperature"),
        top_p: digits(body, "top_p"),
        top_k: digits(body, "top_k"),
        stops: body
            .get("stop_sequences")
            .into_iter()
            .flat_map(Value::items)
            .filter_map(Value::as_str)
            .collect(),
        stream: request.stream(),
        level: Level::of_message(body),
        ..Chat::default()
    };
    if let Some(metadata) = body.present("metadata") {
        only(metadata, &["user_id"])?;
        chat.user = text(metadata, "user_id")?;
    }
    if let Some(thinking) = body.present("thinking") {
        // Thoughts are shown as they come, whatever `display` says.
        only(thinking, &["type", "budget_tokens", "display"])?;
    }
    if let Some(config) = body.present("output_config") {
        only(config, &["effort", "format"])?;
        chat.format = config.present("format").map(format).transpose()?;
    }
    if let Some(at) = body.present("tool_choice") {
        chat.choice = Some(choice(at)?);
        chat.parallel = flag(at, "disable_parallel_tool_use")?.map(|one| !one);
    }
    for part in body.present("system").map(content).transpose()?.unwrap_or_default() {
        match part.what {
            What::Text(text) => {
                chat.system_cached.extend(part.at.present("cache_control").map(|at| (chat.system.len(), at)));
                chat.system.push(text);
            }
            _ => return Err(cannot(part.at, "its dialect takes instructions as text alone")),
        }
    }
    let tools = body.get("tools").into_iter().flat_map(Value::items);
    chat.tools = tools.map(tool).collect::<Result<_, _>>()?;
    for message in request.messages() {
        only(message, &["role", "content"])?;
        let role = if message.str("role") == Some("assistant") { Role::Assistant } else { Role::User };
        let parts = message.get("content").map(content).transpose()?.unwrap_or_default();
        chat.say(role, parts);
    }
    Ok(chat)
}

fn format(at: Value<'_>) -> Result<Format<'_>, EncodeError> {
    only(at, &["type", "schema"])?;
    let schema = at.get("schema").filter(|_| at.str("type") == Some("json_schema"));
    if schema.is_none() {
        return Err(cannot(at, "its dialect knows no such format"));
    }
    Ok(Format { at, schema, name: None, description: None, strict: true })
}

fn choice(at: Value<'_>) -> Result<Choice<'_>, EncodeError> {
    only(at, &["type", "name", "disable_parallel_tool_use"])?;
    match (at.str("type").unwrap_or_default(), at.str("name")) {
        ("auto", _) => Ok(Choice::Auto),
        ("none", _) => Ok(Choice::None),
        ("any", _) => Ok(Choice::Any),
        ("tool", Some(name)) => Ok(Choice::Tool(name)),
        _ => Err(cannot(at, "its dialect knows no such choice")),
    }
}

fn tool(at: Value<'_>) -> Result<Tool<'_>, EncodeError> {
    if !matches!(at.str("type"), None | Some("custom")) {
        return Err(cannot(at, "its dialect has no such tool; describe one of your own by a schema"));
    }
    only(
        at,
        &["type", "name", "description", "input_schema", "strict", "cache_control", "eager_input_streaming"],
    )?;
    Ok(Tool {
        at,
        name: at.str("name").ok_or_else(|| cannot(at, "a tool needs a `name`"))?,
        description: text(at, "description")?,
        schema: at.present("input_schema"),
        strict: flag(at, "strict")?.unwrap_or(false),
    })
}

/// A text, or blocks. What a provider has sealed means nothing to another, and is left out where it is written.
fn content(at: Value<'_>) -> Result<Vec<Part<'_>>, EncodeError> {
    if let Some(text) = at.as_str() {
        return Ok(vec![Part { at, what: What::Text(text) }]);
    }
    let mut parts = Vec::new();
    at.items().try_for_each(|block| self::block(block, &mut parts))?;
    Ok(parts)
}

fn block<'a>(at: Value<'a>, parts: &mut Vec<Part<'a>>) -> Result<(), EncodeError> {
    let said = |name: &str| at.str(name).unwrap_or_default();
    let what = match said("type") {
        "text" => {
            only(at, &["type", "text", "cache_control", "citations"])?;
            What::Text(said("text"))
        }
        "thinking" => {
            parts.push(Part { at, what: What::Thought(said("thinking")) });
            let seal = at.str("signature").filter(|seal| !seal.is_empty());
            parts.extend(seal.map(|seal| Part { at, what: What::Seal(seal) }));
            return Ok(());
        }
        "redacted_thinking" => What::Redacted(said("data")),
        "tool_use" => {
            only(at, &["type", "id", "name", "input", "cache_control", "caller"])?;
            let arguments = at.get("input").map_or_else(|| "{}".to_owned(), Value::render);
            What::Call { id: said("id"), name: said("name"), arguments: Cow::Owned(arguments) }
        }
        "tool_result" => {
            only(at, &["type", "tool_use_id", "content", "is_error", "cache_control"])?;
            flag(at, "is_error")?;
            let content = at.present("content").map(content).transpose()?.unwrap_or_default();
            What::Result { id: said("tool_use_id"), content }
        }
        "image" => {
            only(at, &["type", "source", "cache_control"])?;
            What::Image(source(at)?)
        }
        "document" => return document(at, parts),
        _ => return Err(cannot(at, "its dialect has no such block")),
    };
    parts.push(Part { at, what });
    Ok(())
}

/// A document of text is text, with its title before it.
fn document<'a>(at: Value<'a>, parts: &mut Vec<Part<'a>>) -> Result<(), EncodeError> {
    only(at, &["type", "source", "title", "context", "citations", "cache_control"])?;
    if let Some(citations) = at.present("citations").filter(|told| told.get("enabled").is_some_and(is_true)) {
        return Err(cannot(citations, "its dialect cites no documents; leave it out"));
    }
    let inner = at.get("source").unwrap_or(at);
    let (title, context) = (text(at, "title")?, text(at, "context")?);
    let texts: Vec<Part<'a>> = match inner.str("type") {
        Some("text") => {
            text(inner, "data")?.map(|text| Part { at, what: What::Text(text) }).into_iter().collect()
        }
        Some("content") => inner.get("content").map(content).transpose()?.unwrap_or_default(),
        _ => {
            if let Some(context) = at.present("context") {
                return Err(cannot(context, "its dialect tells no context of a file; say it in a text"));
            }
            parts.push(Part { at, what: What::Document(source(at)?, title) });
            return Ok(());
        }
    };
    parts.extend([title, context].into_iter().flatten().map(|text| Part { at, what: What::Text(text) }));
    parts.extend(texts);
    Ok(())
}

fn is_true(value: Value<'_>) -> bool {
    value.as_bool() == Some(true)
}

fn source(block: Value<'_>) -> Result<Source<'_>, EncodeError> {
    let at = block.get("source").unwrap_or(block);
    match (at.str("type"), at.str("media_type"), at.str("data"), at.str("url")) {
        (Some("base64"), Some(media_type), Some(data), _) => Ok(Source::Data { media_type, data }),
        (Some("url"), _, _, Some(url)) => Ok(Source::Url(url)),
        _ => Err(cannot(at, "its dialect takes bytes in base64 or a URL")),
    }
}
