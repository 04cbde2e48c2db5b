//! Reads a chat completion request as a [`Chat`], for upstreams of another dialect.

use std::borrow::Cow;

use hearthgate_rules::chat::{ChatRequest, seal_of_call};
use hearthgate_rules::decision::EncodeError;
use hearthgate_rules::json::{Kind, Value};

use crate::dialect::chat::{
    Chat, Choice, Format, Part, Role, Source, Tool, What, cannot, digits, flag, only, text,
};
use crate::dialect::effort::Level;

/// Fields that are carried.
const CARRIED: [&str; 17] = [
    "model",
    "messages",
    "max_tokens",
    "max_completion_tokens",
    "temperature",
    "top_p",
    "top_k",
    "stop",
    "stream",
    "stream_options",
    "tools",
    "tool_choice",
    "parallel_tool_calls",
    "user",
    "safety_identifier",
    "response_format",
    "reasoning_effort",
];

/// Fields that only help a provider to run its service: what is answered does not depend on them.
const HARMLESS: [&str; 4] = ["metadata", "prompt_cache_key", "prompt_cache_retention", "prediction"];

/// Fields that some dialects know and others do not.
const FEW: [&str; 3] = ["seed", "presence_penalty", "frequency_penalty"];

/// Reads a request.
///
/// # Errors
/// When it says what no other dialect can.
pub fn chat(request: &ChatRequest) -> Result<Chat<'_>, EncodeError> {
    let body = request.body();
    body.members().try_for_each(|(name, value)| field(name, value))?;
    let mut chat = Chat {
        answer_tokens: digits(body, "max_completion_tokens").or_else(|| digits(body, "max_tokens")),
        temperature: body.present("temperature"),
        top_p: digits(body, "top_p"),
        top_k: digits(body, "top_k"),
        stops: texts(body.present("stop")),
        user: body.str("user").or_else(|| body.str("safety_identifier")),
        stream: request.stream(),
        parallel: body.get("parallel_tool_calls").and_then(Value::as_bool),
        format: body.present("response_format").map(format).transpose()?.flatten(),
        choice: body.present("tool_choice").map(choice).transpose()?,
        level: Level::asked(request),
        few: FEW.iter().filter_map(|name| Some((*name, body.present(name)?))).collect(),
        ..Chat::default()
    };
    chat.few.retain(|(name, value)| !says_nothing(name, *value));
    let tools = body.get("tools").into_iter().flat_map(Value::items);
    chat.tools = tools.map(tool).collect::<Result<_, _>>()?;
    request.messages().try_for_each(|turn| message(turn, &mut chat))?;
    Ok(chat)
}

/// Whether a field is carried, or says no more than its absence would.
fn field(name: &str, value: Value<'_>) -> Result<(), EncodeError> {
    let told = CARRIED.contains(&name) || FEW.contains(&name) || says_nothing(name, value);
    if told { Ok(()) } else { Err(cannot(value, "its dialect has no such field; leave it out")) }
}

/// Whether a field says no more than its absence would, or nothing that an answer depends on.
pub fn says_nothing(name: &str, value: Value<'_>) -> bool {
    let zero = |value: Value<'_>| {
        value.as_number().and_then(|digits| digits.parse::<f64>().ok()).is_some_and(|number| number == 0.0)
    };
    let empty = |value: Value<'_>| value.members().next().is_none() && value.items().next().is_none();
    match name {
        _ if value.is_null() || HARMLESS.contains(&name) => true,
        "n" => value.as_number() == Some("1"),
        "logprobs" | "store" => value.as_bool() == Some(false),
        "presence_penalty" | "frequency_penalty" | "top_logprobs" => zero(value),
        "repeat_penalty" => value.as_number().is_some_and(|digits| matches!(digits, "1" | "1.0")),
        "logit_bias" | "functions" => empty(value),
        "modalities" => value.items().all(|item| item.as_str() == Some("text")),
        "service_tier" => matches!(value.as_str(), Some("auto" | "default")),
        "verbosity" => value.as_str() == Some("medium"),
        _ => false,
    }
}

fn texts(value: Option<Value<'_>>) -> Vec<&str> {
    let Some(value) = value else { return Vec::new() };
    if value.kind() == Kind::Array { value.items() } else { return value.as_str().into_iter().collect() }
        .filter_map(Value::as_str)
        .collect()
}

fn format(at: Value<'_>) -> Result<Option<Format<'_>>, EncodeError> {
    match at.str("type") {
        Some("text") => Ok(None),
        Some("json_object") => {
            Ok(Some(Format { at, schema: None, name: None, description: None, strict: false }))
        }
        Some("json_schema") => {
            only(at, &["type", "json_schema"])?;
            let named = at.present("json_schema");
            let (Some(named), Some(schema)) = (named, named.and_then(|named| named.present("schema"))) else {
                return Err(cannot(at, "a `json_schema` needs a `schema`"));
            };
            only(named, &["name", "schema", "strict", "description"])?;
            let (name, description) = (text(named, "name")?, text(named, "description")?);
            let strict = flag(named, "strict")?.unwrap_or(false);
            Ok(Some(Format { at, schema: Some(schema), name, description, strict }))
        }
        _ => Err(cannot(at, "its dialect knows no such format; give a `json_schema`")),
    }
}

fn choice(at: Value<'_>) -> Result<Choice<'_>, EncodeError> {
    match at.as_str().or_else(|| at.str("type")) {
        Some("auto") => Ok(Choice::Auto),
        Some("none") => Ok(Choice::None),
        Some("required") => Ok(Choice::Any),
        Some("function") => {
            let name = at.get("function").and_then(|function| function.str("name"));
            name.map(Choice::Tool).ok_or_else(|| cannot(at, "the function has no name"))
        }
        _ => Err(cannot(at, "its dialect knows no such choice")),
    }
}

fn tool(at: Value<'_>) -> Result<Tool<'_>, EncodeError> {
    let function = at.present("function").filter(|_| at.str("type") == Some("function"));
    let function = function.ok_or_else(|| cannot(at, "its dialect takes functions alone"))?;
    only(at, &["type", "function"])?;
    only(function, &["name", "description", "parameters", "strict"])?;
    let name = function.str("name").ok_or_else(|| cannot(function, "a function needs a `name`"))?;
    Ok(Tool {
        at,
        name,
        description: text(function, "description")?,
        schema: function.present("parameters"),
        strict: flag(function, "strict")?.unwrap_or(false),
    })
}

fn message<'a>(message: Value<'a>, chat: &mut Chat<'a>) -> Result<(), EncodeError> {
    // An empty `refusal` or an `audio` of `null` stands in every answer, and so in every history; litellm keeps notes of its own
    // beside them.
    let known = [
        "role",
        "content",
        "refusal",
        "reasoning_content",
        "reasoning",
        "annotations",
        "provider_specific_fields",
    ];
    match message.str("role").unwrap_or_default() {
        "system" | "developer" => {
            only(message, &["role", "content"])?;
            for part in content(message)? {
                match part.what {
                    What::Text(text) => chat.system.push(text),
                    _ => return Err(cannot(part.at, "its dialect takes instructions as text alone")),
                }
            }
        }
        "user" => {
            only(message, &["role", "content"])?;
            chat.say(Role::User, content(message)?);
        }
        "tool" => {
            // Its `name` is that of the call, which tells it anyway.
            only(message, &["role", "content", "tool_call_id", "name"])?;
            let id = message.str("tool_call_id");
            let id = id.ok_or_else(|| cannot(message, "what a tool says needs its `tool_call_id`"))?;
            let what = What::Result { id, content: content(message)? };
            chat.say(Role::User, vec![Part { at: message, what }]);
        }
        "assistant" => {
            only(message, &[known.as_slice(), &["tool_calls"]].concat())?;
            let mut parts = content(message)?;
            if let Some(refusal) = message.present("refusal") {
                parts.extend(refusal.as_str().map(|text| Part { at: refusal, what: What::Text(text) }));
            }
            let calls = message.get("tool_calls").into_iter().flat_map(Value::items);
            for at in calls {
                // Where Google's own surface of this dialect has them, too.
                let seal = seal_of_call(at).map(|(at, seal)| Part { at, what: What::Seal(seal) });
                parts.extend(seal);
                parts.push(call(at)?);
            }
            chat.say(Role::Assistant, parts);
        }
        _ => return Err(cannot(message, "its dialect knows no such role; use `tool`")),
    }
    Ok(())
}

fn call(at: Value<'_>) -> Result<Part<'_>, EncodeError> {
    let function = at.present("function").ok_or_else(|| cannot(at, "its dialect calls functions alone"))?;
    let (id, name) = (at.str("id"), function.str("name"));
    let (Some(id), Some(name)) = (id, name) else {
        return Err(cannot(at, "a call needs its `id` and its `name`"));
    };
    only(at, &["id", "type", "index", "function", "extra_content"])?;
    only(function, &["name", "arguments"])?;
    let arguments = Cow::Borrowed(text(function, "arguments")?.unwrap_or_default());
    Ok(Part { at: function.get("arguments").unwrap_or(at), what: What::Call { id, name, arguments } })
}

fn content(message: Value<'_>) -> Result<Vec<Part<'_>>, EncodeError> {
    let Some(at) = message.present("content") else { return Ok(Vec::new()) };
    match at.as_str() {
        Some(text) => Ok(vec![Part { at, what: What::Text(text) }]),
        None => at.items().map(part).collect(),
    }
}

fn part(at: Value<'_>) -> Result<Part<'_>, EncodeError> {
    let what = match at.str("type").unwrap_or_default() {
        kind @ ("text" | "refusal") => {
            only(at, &["type", kind, "annotations"])?;
            at.str(kind).map(What::Text)
        }
        "image_url" => {
            only(at, &["type", "image_url"])?;
            let image = at.get("image_url").unwrap_or(at);
            if image.as_str().is_none() {
                only(image, &["url", "detail"])?;
            }
            let url = image.str("url").or_else(|| image.as_str());
            url.and_then(source).map(What::Image)
        }
        "file" => {
            only(at, &["type", "file"])?;
            let file = at.get("file").unwrap_or(at);
            only(file, &["filename", "file_data"])?;
            let data = file.str("file_data").and_then(source);
            data.map(|data| What::Document(data, file.str("filename")))
        }
        "input_audio" => audio(at)?,
        _ => None,
    };
    what.map(|what| Part { at, what }).ok_or_else(|| cannot(at, "its dialect takes no such content"))
}

/// A sound, as chats and responses have it.
///
/// # Errors
/// When it says what no other dialect can.
pub fn audio(at: Value<'_>) -> Result<Option<What<'_>>, EncodeError> {
    only(at, &["type", "input_audio"])?;
    let Some(audio) = at.get("input_audio") else { return Ok(None) };
    only(audio, &["data", "format"])?;
    Ok(audio.str("format").zip(audio.str("data")).map(|(format, data)| What::Audio { format, data }))
}

/// What a URL stands for; none where it is nothing that a provider could read.
pub fn source(url: &str) -> Option<Source<'_>> {
    let Some(data) = url.strip_prefix("data:") else {
        let web = ["https://", "http://"].iter().any(|scheme| url.starts_with(scheme));
        return web.then_some(Source::Url(url));
    };
    let (head, data) = data.split_once(',')?;
    let media_type = head.strip_suffix(";base64")?.split(';').next()?;
    Some(Source::Data { media_type, data })
}
