//! Reads a request for a response as a [`Chat`], for models that speak another dialect.

use std::borrow::Cow;

use hearthgate_rules::chat::ChatRequest;
use hearthgate_rules::decision::EncodeError;
use hearthgate_rules::json::Value;

use crate::dialect::chat::{
    Chat, Choice, Format, Part, Role, Source, Tool, What, cannot, digits, flag, only, text,
};
use crate::dialect::effort::Level;
use crate::dialect::openai::read::{audio, source};

/// Fields that are carried.
const CARRIED: [&str; 14] = [
    "model",
    "input",
    "instructions",
    "max_output_tokens",
    "temperature",
    "top_p",
    "stream",
    "stream_options",
    "tools",
    "tool_choice",
    "parallel_tool_calls",
    "user",
    "safety_identifier",
    "reasoning",
];

/// Fields that only help a provider to run its service, or ask it to store what nobody here stores.
const HARMLESS: [&str; 4] = ["metadata", "prompt_cache_key", "prompt_cache_retention", "store"];

/// What stands in every item of an answer, and so in every history.
const OF_ANSWERS: [&str; 4] = ["type", "id", "status", "phase"];

/// Reads a request.
///
/// # Errors
/// When it says what no other dialect can.
pub fn chat(request: &ChatRequest) -> Result<Chat<'_>, EncodeError> {
    let body = request.body();
    body.members().try_for_each(|(name, value)| field(name, value))?;
    if let Some(reasoning) = body.present("reasoning") {
        only(reasoning, &["effort", "summary", "generate_summary"])?;
    }
    let told = body.present("text");
    told.map_or(Ok(()), |told| only(told, &["format", "verbosity"]))?;
    let mut chat = Chat {
        answer_tokens: digits(body, "max_output_tokens"),
        temperature: body.present("temperature"),
        top_p: digits(body, "top_p"),
        user: body.str("user").or_else(|| body.str("safety_identifier")),
        stream: request.stream(),
        parallel: body.get("parallel_tool_calls").and_then(Value::as_bool),
        format: told.and_then(|told| told.present("format")).map(format).transpose()?.flatten(),
        verbosity: told.and_then(|told| told.present("verbosity")),
        choice: body.present("tool_choice").map(choice).transpose()?,
        level: Level::asked(request),
        ..Chat::default()
    };
    let tools = body.get("tools").into_iter().flat_map(Value::items);
    chat.tools = tools.map(tool).collect::<Result<_, _>>()?;
    chat.system.extend(body.str("instructions"));
    request.messages().try_for_each(|at| item(at, &mut chat))?;
    Ok(chat)
}

/// Whether a field is carried, or says no more than its absence would.
fn field(name: &str, value: Value<'_>) -> Result<(), EncodeError> {
    let says_nothing = match name {
        _ if value.is_null() || CARRIED.contains(&name) || HARMLESS.contains(&name) => true,
        // Looked at where it is read.
        "text" => true,
        "background" => value.as_bool() == Some(false),
        // What is asked for is left out of the answer: nobody here seals thoughts.
        "include" => value.items().all(|item| item.as_str() == Some("reasoning.encrypted_content")),
        "service_tier" => matches!(value.as_str(), Some("auto" | "default")),
        "truncation" => value.as_str() == Some("disabled"),
        "top_logprobs" => value.as_number() == Some("0"),
        _ => false,
    };
    if says_nothing { Ok(()) } else { Err(cannot(value, "its dialect has no such field; leave it out")) }
}

fn format(at: Value<'_>) -> Result<Option<Format<'_>>, EncodeError> {
    only(at, &["type", "name", "schema", "strict", "description"])?;
    let strict = flag(at, "strict")?.unwrap_or(false);
    let (name, description) = (text(at, "name")?, text(at, "description")?);
    let format = |schema| Ok(Some(Format { at, schema, name, description, strict }));
    match (at.str("type"), at.present("schema")) {
        (Some("text"), _) => Ok(None),
        (Some("json_object"), _) => format(None),
        (Some("json_schema"), Some(schema)) => format(Some(schema)),
        (Some("json_schema"), None) => Err(cannot(at, "a `json_schema` needs a `schema`")),
        _ => Err(cannot(at, "its dialect knows no such format; give a `json_schema`")),
    }
}

fn choice(at: Value<'_>) -> Result<Choice<'_>, EncodeError> {
    match (at.as_str().or_else(|| at.str("type")), at.str("name")) {
        (Some("auto"), _) => Ok(Choice::Auto),
        (Some("none"), _) => Ok(Choice::None),
        (Some("required"), _) => Ok(Choice::Any),
        (Some("function"), Some(name)) => Ok(Choice::Tool(name)),
        _ => Err(cannot(at, "its dialect knows no such choice")),
    }
}

fn tool(at: Value<'_>) -> Result<Tool<'_>, EncodeError> {
    if at.str("type") != Some("function") {
        return Err(cannot(at, "no target here runs hosted tools; describe a function of your own"));
    }
    only(at, &["type", "name", "description", "parameters", "strict"])?;
    Ok(Tool {
        at,
        name: at.str("name").ok_or_else(|| cannot(at, "a function needs a `name`"))?,
        description: text(at, "description")?,
        schema: at.present("parameters"),
        strict: flag(at, "strict")?.unwrap_or(false),
    })
}

fn item<'a>(at: Value<'a>, chat: &mut Chat<'a>) -> Result<(), EncodeError> {
    if let Some(text) = at.as_str() {
        chat.say(Role::User, vec![Part { at, what: What::Text(text) }]);
        return Ok(());
    }
    let known = |more: &[&str]| only(at, &[OF_ANSWERS.as_slice(), more].concat());
    let said = |name: &str| at.str(name).unwrap_or_default();
    match at.str("type").unwrap_or("message") {
        "message" => {
            known(&["role", "content"])?;
            message(at, chat)?;
        }
        "function_call" => {
            known(&["call_id", "name", "arguments"])?;
            let arguments = Cow::Borrowed(said("arguments"));
            let what = What::Call { id: said("call_id"), name: said("name"), arguments };
            let at = at.get("arguments").unwrap_or(at);
            chat.say(Role::Assistant, vec![Part { at, what }]);
        }
        "function_call_output" => {
            known(&["call_id", "output"])?;
            let content = content(at.get("output"))?;
            chat.say(Role::User, vec![Part { at, what: What::Result { id: said("call_id"), content } }]);
        }
        // What a provider has sealed means nothing to another, and is left out.
        "reasoning" => {
            known(&["summary", "content", "encrypted_content"])?;
            let told = ["content", "summary"].into_iter().filter_map(|name| at.present(name));
            let told = told.into_iter().find(|told| told.items().next().is_some());
            let thoughts = told.into_iter().flat_map(Value::items).map(|at| {
                let text = at.str("text").ok_or_else(|| cannot(at, "its dialect takes thoughts as text"))?;
                Ok(Part { at, what: What::Thought(text) })
            });
            chat.say(Role::Assistant, thoughts.collect::<Result<_, _>>()?);
        }
        "item_reference" => return Err(cannot(at, "no such item is kept; send the item itself")),
        _ => return Err(cannot(at, "its dialect has no such item")),
    }
    Ok(())
}

fn message<'a>(at: Value<'a>, chat: &mut Chat<'a>) -> Result<(), EncodeError> {
    let parts = content(at.get("content"))?;
    match at.str("role").unwrap_or_default() {
        "system" | "developer" => {
            for part in parts {
                match part.what {
                    What::Text(text) => chat.system.push(text),
                    _ => return Err(cannot(part.at, "its dialect takes instructions as text alone")),
                }
            }
        }
        "assistant" => chat.say(Role::Assistant, parts),
        _ => chat.say(Role::User, parts),
    }
    Ok(())
}

fn content(at: Option<Value<'_>>) -> Result<Vec<Part<'_>>, EncodeError> {
    let Some(at) = at else { return Ok(Vec::new()) };
    match at.as_str() {
        Some(text) => Ok(vec![Part { at, what: What::Text(text) }]),
        None => at.items().map(part).collect(),
    }
}

fn part(at: Value<'_>) -> Result<Part<'_>, EncodeError> {
    let what = match at.str("type").unwrap_or_default() {
        "input_text" | "output_text" | "text" => {
            only(at, &["type", "text", "annotations", "logprobs"])?;
            at.str("text").map(What::Text)
        }
        "refusal" => {
            only(at, &["type", "refusal"])?;
            at.str("refusal").map(What::Text)
        }
        "input_image" => {
            only(at, &["type", "image_url", "detail"])?;
            at.str("image_url").and_then(source).map(What::Image)
        }
        "input_file" => {
            only(at, &["type", "filename", "file_data", "file_url"])?;
            let bytes = at.str("file_data").or_else(|| at.str("file_url")).and_then(source);
            bytes.map(|bytes: Source<'_>| What::Document(bytes, at.str("filename")))
        }
        "input_audio" => audio(at)?,
        _ => None,
    };
    what.map(|what| Part { at, what }).ok_or_else(|| cannot(at, "its dialect takes no such content"))
}
