//! Reads a request of Ollama's as a [`Chat`], for models that speak another dialect.

use std::borrow::Cow;
use std::sync::LazyLock;

use hearthgate_rules::chat::ChatRequest;
use hearthgate_rules::decision::EncodeError;
use hearthgate_rules::json::{Kind, Value};

use crate::dialect::chat::{Chat, Format, Part, Role, Source, Tool, What, cannot, digits, only, text};
use crate::dialect::effort::Level;

/// Fields that are carried, or looked at where they are read.
const CARRIED: [&str; 10] =
    ["model", "messages", "prompt", "system", "images", "tools", "format", "options", "stream", "think"];

/// Fields that say how a server is to run, which here is the site's to say.
const OF_SERVERS: [&str; 4] = ["keep_alive", "truncate", "shift", "top_logprobs"];

/// The same among the options.
const OPTIONS_OF_SERVERS: [&str; 14] = [
    "num_ctx",
    "num_keep",
    "num_batch",
    "num_gpu",
    "main_gpu",
    "num_thread",
    "use_mmap",
    "use_mlock",
    "low_vram",
    "f16_kv",
    "logits_all",
    "vocab_only",
    "numa",
    "embedding_only",
];

/// Options that chat completions know by the same name.
/// With what each says where it says nothing: most dialects know few of them, and clients send them always.
const SAMPLING: [(&str, Option<f64>); 5] = [
    ("seed", None),
    ("min_p", Some(0.0)),
    ("presence_penalty", Some(0.0)),
    ("frequency_penalty", Some(0.0)),
    ("repeat_penalty", Some(1.0)),
];

/// The most calls of one request that need not say their ids.
const CALLS_MAX: usize = 1_024;

/// Ids for calls that have none: by their order, so that they are the same in every request of a conversation.
static IDS: LazyLock<Vec<String>> =
    LazyLock::new(|| (0..CALLS_MAX).map(|call| format!("call_{call}")).collect());

/// Reads a request.
///
/// # Errors
/// When it says what no other dialect can.
pub fn chat(request: &ChatRequest) -> Result<Chat<'_>, EncodeError> {
    let body = request.body();
    body.members().try_for_each(|(name, value)| field(name, value))?;
    let mut chat = Chat {
        stream: request.stream(),
        level: Level::asked(request),
        format: body.present("format").map(format).transpose()?.flatten(),
        ..Chat::default()
    };
    if let Some(options) = body.present("options") {
        options.members().try_for_each(|(name, value)| option(name, value, &mut chat))?;
        chat.top_p = digits(options, "top_p");
        chat.top_k = digits(options, "top_k");
    }
    let tools = body.get("tools").into_iter().flat_map(Value::items);
    chat.tools = tools.map(tool).collect::<Result<_, _>>()?;
    chat.system.extend(body.str("system").filter(|system| !system.is_empty()));
    let mut calls = Calls::default();
    for at in request.messages() {
        match at.as_str() {
            Some(text) => {
                let mut parts = vec![Part { at, what: What::Text(text) }];
                parts.extend(images(body));
                chat.say(Role::User, parts);
            }
            None => message(at, &mut chat, &mut calls)?,
        }
    }
    if body.present("messages").is_some() {
        if let Some(image) = images(body).next() {
            return Err(cannot(image.at, "here an image stands in the message that shows it"));
        }
    } else if chat.turns.is_empty() {
        // To show something is to ask, too.
        chat.say(Role::User, images(body).collect());
    }
    Ok(chat)
}

/// Whether a field is carried, or says no more than its absence would.
fn field(name: &str, value: Value<'_>) -> Result<(), EncodeError> {
    let empty =
        || value.as_str() == Some("") || value.kind() == Kind::Array && value.items().next().is_none();
    let why = match name {
        _ if value.is_null() || CARRIED.contains(&name) || OF_SERVERS.contains(&name) => return Ok(()),
        "raw" | "logprobs" if value.as_bool() == Some(false) => return Ok(()),
        "suffix" | "template" | "context" if empty() => return Ok(()),
        "context" => "no tokens are kept here; send the turns to `/api/chat`",
        "suffix" => "nothing here fills a gap in a text; leave it out",
        "template" | "raw" => "a model has one template here; leave it out",
        _ => "its dialect has no such field; leave it out",
    };
    Err(cannot(value, why))
}

fn option<'a>(name: &'a str, value: Value<'a>, chat: &mut Chat<'a>) -> Result<(), EncodeError> {
    match name {
        _ if value.is_null() || OPTIONS_OF_SERVERS.contains(&name) => {}
        // Looked at where they are read.
        "top_p" | "top_k" => {}
        "temperature" => chat.temperature = Some(value),
        // Below 0 there is no bound.
        "num_predict" => {
            chat.answer_tokens = value.as_number().filter(|digits| !digits.starts_with('-'));
        }
        "stop" => {
            chat.stops.extend(value.as_str());
            chat.stops.extend(value.items().filter_map(Value::as_str));
        }
        "mirostat" if value.as_number() == Some("0") => {}
        _ => match SAMPLING.iter().find(|(known, _)| *known == name) {
            Some((known, nothing)) => {
                let told = value.as_number().and_then(|digits| digits.parse::<f64>().ok());
                if nothing.is_none() || told != *nothing {
                    chat.few.push((known, value));
                }
            }
            None => return Err(cannot(value, "no model here has such an option; leave it out")),
        },
    }
    Ok(())
}

fn format(at: Value<'_>) -> Result<Option<Format<'_>>, EncodeError> {
    let any = |schema| Format { at, schema, name: None, description: None, strict: false };
    match (at.kind(), at.as_str()) {
        (_, Some("")) => Ok(None),
        (_, Some("json")) => Ok(Some(any(None))),
        (Kind::Object, _) => Ok(Some(any(Some(at)))),
        _ => Err(cannot(at, "its dialect knows no such format; give `json` or a schema")),
    }
}

fn tool(at: Value<'_>) -> Result<Tool<'_>, EncodeError> {
    let function = at.present("function").filter(|_| at.str("type") == Some("function"));
    let function = function.ok_or_else(|| cannot(at, "its dialect takes functions alone"))?;
    only(at, &["type", "function"])?;
    only(function, &["name", "description", "parameters"])?;
    Ok(Tool {
        at,
        name: function.str("name").ok_or_else(|| cannot(function, "a function needs a `name`"))?,
        description: text(function, "description")?.filter(|text| !text.is_empty()),
        schema: function.present("parameters"),
        strict: false,
    })
}

/// The calls of the conversation that no tool has answered yet, and how many there were.
#[derive(Default)]
struct Calls<'a> {
    count: usize,
    open: Vec<(&'a str, &'a str)>,
}

impl<'a> Calls<'a> {
    fn add(&mut self, at: Value<'a>) -> Result<Part<'a>, EncodeError> {
        only(at, &["id", "type", "function"])?;
        let function = at.get("function").unwrap_or(at);
        only(function, &["index", "name", "arguments"])?;
        let own = at.str("id").filter(|id| !id.is_empty());
        let id = own.or_else(|| IDS.get(self.count).map(String::as_str));
        let id = id.ok_or_else(|| cannot(at, "there are too many calls without an `id`"))?;
        let name = function.str("name").unwrap_or_default();
        self.count += 1;
        self.open.push((id, name));
        let arguments = function.present("arguments").map_or_else(|| "{}".to_owned(), Value::render);
        Ok(Part { at, what: What::Call { id, name, arguments: Cow::Owned(arguments) } })
    }

    /// The id of the call that a tool answers: the one it says, else the first open one of its name, else the first.
    fn answered(&mut self, at: Value<'a>) -> Result<&'a str, EncodeError> {
        if let Some(id) = at.str("tool_call_id").filter(|id| !id.is_empty()) {
            self.open.retain(|(open, _)| *open != id);
            return Ok(id);
        }
        let name = at.str("tool_name").or_else(|| at.str("name")).filter(|name| !name.is_empty());
        let place = match name {
            Some(name) => self.open.iter().position(|(_, of)| *of == name),
            None => Some(0).filter(|_| !self.open.is_empty()),
        };
        let place = place.ok_or_else(|| cannot(at, "no call awaits what this tool says"))?;
        Ok(self.open.remove(place).0)
    }
}

fn message<'a>(at: Value<'a>, chat: &mut Chat<'a>, calls: &mut Calls<'a>) -> Result<(), EncodeError> {
    let said = at.present("content").and_then(|at| Some(Part { at, what: What::Text(at.as_str()?) }));
    let told = said.as_ref().is_some_and(|part| !matches!(part.what, What::Text("")));
    let known = |more: &[&str]| only(at, &[["role", "content"].as_slice(), more].concat());
    match at.str("role").unwrap_or_default() {
        "system" => {
            known(&["images"])?;
            if let Some(image) = images(at).next() {
                return Err(cannot(image.at, "its dialect takes instructions as text alone"));
            }
            chat.system.extend(at.str("content"));
        }
        "assistant" => {
            known(&["thinking", "tool_calls", "images"])?;
            let thought = at.present("thinking").and_then(|at| Some((at, at.as_str()?)));
            let thought = thought.filter(|(_, text)| !text.is_empty());
            let mut parts: Vec<_> =
                thought.map(|(at, text)| Part { at, what: What::Thought(text) }).into_iter().collect();
            parts.extend(said.filter(|_| told));
            parts.extend(images(at));
            for call in at.present("tool_calls").into_iter().flat_map(Value::items) {
                parts.push(calls.add(call)?);
            }
            chat.say(Role::Assistant, parts);
        }
        "tool" => {
            known(&["tool_name", "name", "tool_call_id", "images"])?;
            let id = calls.answered(at)?;
            let content = said.into_iter().chain(images(at)).collect();
            chat.say(Role::User, vec![Part { at, what: What::Result { id, content } }]);
        }
        _ => {
            known(&["images"])?;
            chat.say(Role::User, said.into_iter().filter(|_| told).chain(images(at)).collect());
        }
    }
    Ok(())
}

fn images(of: Value<'_>) -> impl Iterator<Item = Part<'_>> {
    let all = of.present("images").into_iter().flat_map(Value::items);
    all.filter_map(|at| {
        let data = at.as_str()?;
        Some(Part { at, what: What::Image(Source::Data { media_type: media_type(data), data }) })
    })
}

/// What an image is, by how its base64 begins: its kind is not said beside it.
fn media_type(data: &str) -> &'static str {
    const BEGINNINGS: [(&str, &str); 4] = [
        ("/9j/", "image/jpeg"),
        ("iVBORw0KGgo", "image/png"),
        ("R0lGOD", "image/gif"),
        ("UklGR", "image/webp"),
    ];
    let known = BEGINNINGS.into_iter().find(|(beginning, _)| data.starts_with(beginning));
    known.map_or("image/png", |(_, media_type)| media_type)
}
