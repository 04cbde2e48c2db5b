//! Writes a [`Chat`] as a Converse request. The model and whether it is streamed stand in the path.

use std::collections::BTreeSet;

use hearthgate_rules::chat::ChatRequest;
use hearthgate_rules::decision::EncodeError;
use hearthgate_rules::json::Value;
use hearthgate_rules::target::{Effort, EffortField, Target};

use super::cache;
use crate::dialect::anthropic::write::{Thinking, thinking};
use crate::dialect::chat::{
    self, Chat, Choice, Part, Role, Source, Turn, What, alternating, arguments_of, cannot, is_failure,
};
use crate::dialect::schema;
use crate::dialect::write::{Object, array, texts};

/// The schema of a tool that takes nothing, or of which nothing is known.
const NO_SCHEMA: &str = "{\"type\":\"object\",\"properties\":{}}";

/// Writes a request, with what its provider has sealed of earlier answers or without it.
///
/// # Errors
/// When it says what this dialect cannot.
pub fn written(
    request: &ChatRequest,
    target: &Target,
    effort: Effort,
    seals: bool,
) -> Result<Vec<u8>, EncodeError> {
    let chat = Chat::read(request)?;
    chat.knows(&[])?;
    chat.says_no_more(request)?;
    let mut body = Object::new().json("messages", &messages(request, &chat, target, seals)?);
    let system = system(&chat, target.manner().caches);
    if !system.is_empty() {
        body = body.json("system", &array(&system));
    }
    body = body.json_if("inferenceConfig", inference(&chat, target)?.as_deref());
    body = body.json_if("toolConfig", tools(request, &chat, target)?.as_deref());
    body = body.json_if("outputConfig", format(&chat, target)?.as_deref());
    Ok(body
        .json_if("additionalModelRequestFields", of_the_model(&chat, target, effort, seals).as_deref())
        .done()
        .into_bytes())
}

fn system(chat: &Chat<'_>, caches: bool) -> Vec<String> {
    let mut blocks = Vec::new();
    for (at, text) in chat.system.iter().enumerate().filter(|(_, text)| says_something(text)) {
        blocks.push(block(text));
        let cached = chat.system_cached.iter().find(|(place, _)| *place == at).filter(|_| caches);
        blocks.extend(cached.map(|(_, told)| cache::point(*told)));
    }
    blocks
}

fn inference(chat: &Chat<'_>, target: &Target) -> Result<Option<String>, EncodeError> {
    // Bedrock has a bound of its own for each model; one for thinking has to be told.
    let known = target.manner().answer_tokens.map(|most| most.to_string());
    let config = Object::new()
        .json_if("maxTokens", chat.answer_tokens.or(known.as_deref()))
        .json_if("temperature", chat.temperature_to_one()?)
        .json_if("topP", chat.top_p)
        .json_if("stopSequences", (!chat.stops.is_empty()).then(|| texts(&chat.stops)).as_deref());
    let config = config.done();
    Ok((config != "{}").then_some(config))
}

/// What has no field of the dialect's own, in the words of the model's maker.
fn of_the_model(chat: &Chat<'_>, target: &Target, effort: Effort, seals: bool) -> Option<String> {
    let named = chat.answer_tokens.and_then(|digits| digits.parse().ok());
    let most = named.or(target.manner().answer_tokens.map(u64::from)).unwrap_or(0);
    let Thinking { level, thinking, word } = thinking(chat, target, effort, most, seals);
    let config = word.map(|word| Object::new().text("effort", word).done());
    let reasoning = (target.effort_field() == EffortField::ReasoningEffort)
        .then(|| level.as_openai(target.manner().levels));
    let fields = Object::new()
        .json_if("top_k", chat.top_k)
        .json_if("thinking", thinking.as_deref())
        .json_if("output_config", config.as_deref())
        .text_if("reasoning_effort", reasoning)
        .done();
    (fields != "{}").then_some(fields)
}

fn format(chat: &Chat<'_>, target: &Target) -> Result<Option<String>, EncodeError> {
    let Some(format) = &chat.format else { return Ok(None) };
    if !target.manner().formats {
        return Err(cannot(format.at, "this model takes no format; ask another, or describe it in words"));
    }
    let schema =
        format.schema.ok_or_else(|| cannot(format.at, "its dialect knows no such format; give a schema"))?;
    let schema = Object::new()
        .text("schema", &schema::closed(schema))
        .text("name", format.name.unwrap_or("answer"))
        .text_if("description", format.description)
        .done();
    let structure = Object::new().json("jsonSchema", &schema).done();
    let text = Object::new().text("type", "json_schema").json("structure", &structure).done();
    Ok(Some(Object::new().json("textFormat", &text).done()))
}

/// Tools, and which must be called. The dialect cannot say that none may be; it is told none where none was called before.
fn tools(request: &ChatRequest, chat: &Chat<'_>, target: &Target) -> Result<Option<String>, EncodeError> {
    let forbidden = matches!(chat.choice, Some(Choice::None));
    let calls = |part: &Part<'_>| matches!(part.what, What::Call { .. } | What::Result { .. });
    if forbidden && chat.turns.iter().any(|turn| turn.parts.iter().any(calls)) {
        let at = request.body().get("tool_choice").unwrap_or(request.body());
        return Err(cannot(at, "its dialect cannot forbid calls where some were made; leave it out"));
    }
    if chat.tools.is_empty() && !forbidden {
        return Ok(called_before(chat));
    }
    if forbidden {
        return Ok(None);
    }
    let mut tools = Vec::new();
    for tool in &chat.tools {
        if tool.strict && !target.manner().formats {
            return Err(cannot(tool.at, "this model takes no strict tools; leave `strict` out"));
        }
        let schema = tool.schema.filter(|schema| schema.members().next().is_some());
        let schema = schema.map_or_else(|| NO_SCHEMA.to_owned(), Value::render);
        let cached = tool.at.present("cache_control").filter(|_| target.manner().caches);
        let tool = Object::new()
            .text("name", tool.name)
            .text_if("description", tool.description.filter(|text| says_something(text)))
            .json("inputSchema", &Object::new().json("json", &schema).done())
            .json_if("strict", tool.strict.then_some("true"));
        tools.push(Object::new().json("toolSpec", &tool.done()).done());
        tools.extend(cached.map(cache::point));
    }
    let choice = match chat.choice {
        None | Some(Choice::None) => None,
        Some(Choice::Auto) => Some("{\"auto\":{}}".to_owned()),
        Some(Choice::Any) => Some("{\"any\":{}}".to_owned()),
        Some(Choice::Tool(name)) => {
            Some(Object::new().json("tool", &Object::new().text("name", name).done()).done())
        }
    };
    Ok(Some(Object::new().json("tools", &array(&tools)).json_if("toolChoice", choice.as_deref()).done()))
}

/// A history with calls is refused without a tool: those that it names stand for themselves where the client offers none.
fn called_before(chat: &Chat<'_>) -> Option<String> {
    let parts = chat.turns.iter().flat_map(|turn| &turn.parts);
    let names: BTreeSet<_> = parts
        .filter_map(|part| match &part.what {
            What::Call { name, .. } => Some(*name),
            _ => None,
        })
        .collect();
    let tool = |name| {
        let spec = Object::new()
            .text("name", name)
            .json("inputSchema", &Object::new().json("json", NO_SCHEMA).done());
        Object::new().json("toolSpec", &spec.done()).done()
    };
    let tools: Vec<_> = names.into_iter().map(tool).collect();
    (!tools.is_empty()).then(|| Object::new().json("tools", &array(&tools)).done())
}

/// The turns, and where a client asks for the whole to be cached, that behind the last of the user's.
fn messages(
    request: &ChatRequest,
    chat: &Chat<'_>,
    target: &Target,
    seals: bool,
) -> Result<String, EncodeError> {
    let (mut documents, caches) = (0, target.manner().caches);
    let mut turns = alternating(request, chat, |turn| match turn.role {
        Role::User => users(turn, &mut documents, caches),
        Role::Assistant => models(turn, seals, caches),
    })?;
    let whole = request.body().present("cache_control").filter(|_| caches);
    if let (Some(at), Some((Role::User, blocks))) = (whole, turns.last_mut()) {
        blocks.push(cache::point(at));
    }
    Ok(chat::messages(&turns))
}

fn models(turn: &Turn<'_>, seals: bool, caches: bool) -> Result<Vec<String>, EncodeError> {
    let mut blocks = Vec::new();
    for (at, part) in turn.parts.iter().enumerate() {
        match &part.what {
            What::Text(text) => blocks.extend(says_something(text).then(|| block(text))),
            // Without its seal it is no thought to anybody.
            What::Thought(text) => {
                let next = turn.parts.get(at + 1).map(|next| &next.what);
                if let (true, Some(What::Seal(seal))) = (seals, next) {
                    let text = Object::new().text("text", text).text("signature", seal).done();
                    blocks.push(thought("reasoningText", &text));
                }
            }
            What::Redacted(sealed) if seals => {
                blocks.push(thought("redactedContent", &hearthgate_rules::json::quote(sealed)));
            }
            What::Seal(_) | What::Redacted(_) => {}
            What::Call { id, name, arguments } => {
                let call = Object::new().text("toolUseId", id).text("name", name);
                let call = call.json("input", &arguments_of(part, arguments)?).done();
                blocks.push(Object::new().json("toolUse", &call).done());
            }
            _ => return Err(cannot(part.at, "its dialect takes no such content from the model")),
        }
        blocks.extend(cache::after(&turn.parts, at).filter(|_| caches));
    }
    Ok(blocks)
}

fn thought(kind: &str, json: &str) -> String {
    Object::new().json("reasoningContent", &Object::new().json(kind, json).done()).done()
}

/// A text that is nothing but white space is refused by the dialect.
fn says_something(text: &str) -> bool {
    !text.trim().is_empty()
}

fn block(text: &str) -> String {
    Object::new().text("text", text).done()
}

fn users(turn: &Turn<'_>, documents: &mut usize, caches: bool) -> Result<Vec<String>, EncodeError> {
    let mut blocks = Vec::new();
    for (at, part) in turn.parts.iter().enumerate() {
        match &part.what {
            What::Text(text) => blocks.extend(says_something(text).then(|| block(text))),
            What::Result { id, content } => {
                let mut said = Vec::new();
                for part in content {
                    match part.what {
                        What::Text(text) if !says_something(text) => {}
                        What::Text(text) => said.push(block(text)),
                        _ => said.push(file(part, documents)?),
                    }
                }
                let result = Object::new().text("toolUseId", id).json("content", &array(&said));
                let result = result.text_if("status", is_failure(part).then_some("error")).done();
                blocks.push(Object::new().json("toolResult", &result).done());
            }
            _ => blocks.push(file(part, documents)?),
        }
        blocks.extend(cache::after(&turn.parts, at).filter(|_| caches));
    }
    Ok(blocks)
}

/// An image or a document, by the word that the dialect has for its format.
fn file(part: &Part<'_>, documents: &mut usize) -> Result<String, EncodeError> {
    let bytes = |source: &Source<'_>, known: &[(&str, &'static str)]| match source {
        Source::Data { media_type, data } => {
            let format = known.iter().find(|(known, _)| known == media_type).map(|(_, format)| *format);
            let format =
                format.ok_or_else(|| cannot(part.at, "its dialect takes no file of this media type"))?;
            Ok((format, Object::new().text("bytes", data).done()))
        }
        Source::Url(_) => Err(cannot(part.at, "its provider fetches no web addresses; send the bytes")),
    };
    match &part.what {
        What::Image(source) => {
            let (format, source) = bytes(source, &IMAGES)?;
            let image = Object::new().text("format", format).json("source", &source).done();
            Ok(Object::new().json("image", &image).done())
        }
        What::Document(source, title) => {
            let (format, source) = bytes(source, &DOCUMENTS)?;
            *documents += 1;
            let name = name_of(title.unwrap_or_default(), *documents);
            let document =
                Object::new().text("format", format).text("name", &name).json("source", &source).done();
            Ok(Object::new().json("document", &document).done())
        }
        _ => Err(cannot(part.at, "its dialect takes no such content from a user")),
    }
}

const IMAGES: [(&str, &str); 4] =
    [("image/png", "png"), ("image/jpeg", "jpeg"), ("image/gif", "gif"), ("image/webp", "webp")];

const DOCUMENTS: [(&str, &str); 8] = [
    ("application/pdf", "pdf"),
    ("text/plain", "txt"),
    ("text/csv", "csv"),
    ("text/html", "html"),
    ("text/markdown", "md"),
    ("application/msword", "doc"),
    ("application/vnd.openxmlformats-officedocument.wordprocessingml.document", "docx"),
    ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "xlsx"),
];

/// A name as the dialect has it: letters, digits, single spaces, hyphens, parentheses and brackets; no two alike.
fn name_of(title: &str, number: usize) -> String {
    let plain = |c: char| if c.is_ascii_alphanumeric() || "-()[]".contains(c) { c } else { ' ' };
    let title: String = title.chars().map(plain).collect();
    let words: Vec<_> = title.split_whitespace().collect();
    let name = if words.is_empty() { "document".to_owned() } else { words.join(" ") };
    format!("{} {number}", name.get(..name.len().min(100)).unwrap_or("document"))
}
