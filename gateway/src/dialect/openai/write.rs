//! Writes a [`Chat`] as a chat completion request.

use hearthgate_rules::chat::ChatRequest;
use hearthgate_rules::decision::EncodeError;
use hearthgate_rules::json::{Value, quote};
use hearthgate_rules::target::{Effort, Target};

use super::quirks;
use crate::dialect::chat::{Chat, Choice, Format, Part, Role, Source, Turn, What, cannot, turns_of};
use crate::dialect::effort::Level;
use crate::dialect::write::{Object, array, texts};

/// Writes a request of another dialect for an upstream that speaks OpenAI's.
///
/// # Errors
/// When it says what this dialect cannot.
pub fn encode(request: &ChatRequest, target: &Target, effort: Effort) -> Result<Vec<u8>, EncodeError> {
    let chat = Chat::read(request)?;
    // Which calls are still under way is seen to where the request is fitted to its server.
    let thoughts = if target.quirks().thoughts_in_tool_loops { Thoughts::OfCalls } else { Thoughts::None };
    let mut body = written(request, &chat, target.model(), thoughts)?;
    if let Some(most) = chat.answer_tokens {
        let word = if target.manner().newer_bound { "max_completion_tokens" } else { "max_tokens" };
        body = body.json(word, most);
    }
    let steered = chat.temperature.is_some() || chat.top_p.is_some();
    let told = quirks::effort(target, chat.level.unwrap_or_else(|| Level::of(effort)));
    if let Some((field, value)) = told.filter(|_| !(steered && target.manner().effort_or_sampling)) {
        body = body.json(field, &value);
    }
    if chat.stream {
        body = body.json("stream", "true").json("stream_options", "{\"include_usage\":true}");
    }
    quirks::fit(body.done().into_bytes(), request, target)
}

/// Writes a request of another dialect for a model of this process, which knows what it thought before.
///
/// # Errors
/// When it says what this dialect cannot.
pub fn at_home(request: &ChatRequest) -> Result<Vec<u8>, EncodeError> {
    let chat = Chat::read(request)?;
    let mut body = written(request, &chat, request.model(), Thoughts::All)?;
    if let Some(most) = chat.answer_tokens {
        body = body.json("max_completion_tokens", most);
    }
    if chat.stream {
        body = body.json("stream", "true");
    }
    Ok(body.done().into_bytes())
}

/// Which of the model's earlier thoughts go back to it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Thoughts {
    None,
    /// Those that led to calls.
    OfCalls,
    All,
}

fn written(
    request: &ChatRequest,
    chat: &Chat<'_>,
    model: &str,
    thoughts: Thoughts,
) -> Result<Object, EncodeError> {
    let messages = messages(chat, thoughts)?;
    if messages.is_empty() {
        return Err(cannot(turns_of(request), "there is nothing in it to answer; say something"));
    }
    let mut body = Object::new().text("model", model).json("messages", &array(&messages));
    if !chat.tools.is_empty() {
        let tools: Vec<_> = chat
            .tools
            .iter()
            .map(|tool| {
                let function = Object::new()
                    .text("name", tool.name)
                    .text_if("description", tool.description)
                    .json_if("parameters", tool.schema.map(Value::render).as_deref())
                    .json_if("strict", tool.strict.then_some("true"));
                Object::new().text("type", "function").json("function", &function.done()).done()
            })
            .collect();
        body = body.json("tools", &array(&tools));
        body = body
            .json_if("parallel_tool_calls", chat.parallel.map(|parallel| parallel.to_string()).as_deref());
        body = body.json_if("tool_choice", chat.choice.as_ref().map(choice).as_deref());
    }
    body = body
        .json_if("temperature", chat.temperature.and_then(Value::as_number))
        .json_if("top_p", chat.top_p)
        .json_if("top_k", chat.top_k)
        .json_if("stop", (!chat.stops.is_empty()).then(|| texts(&chat.stops)).as_deref())
        .text_if("user", chat.user)
        .json_if("verbosity", chat.verbosity.map(Value::render).as_deref());
    for (name, value) in &chat.few {
        body = body.json(name, &value.render());
    }
    if let Some(format) = &chat.format {
        body = body.json("response_format", &self::format(format));
    }
    Ok(body)
}

fn format(format: &Format<'_>) -> String {
    let Some(schema) = format.schema else { return "{\"type\":\"json_object\"}".to_owned() };
    let named = Object::new()
        .text("name", format.name.unwrap_or("answer"))
        .text_if("description", format.description)
        .json("schema", &schema.render())
        .json("strict", if format.strict { "true" } else { "false" });
    Object::new().text("type", "json_schema").json("json_schema", &named.done()).done()
}

fn choice(choice: &Choice<'_>) -> String {
    match choice {
        Choice::Auto => quote("auto"),
        Choice::None => quote("none"),
        Choice::Any => quote("required"),
        Choice::Tool(name) => {
            let function = Object::new().text("name", name).done();
            Object::new().text("type", "function").json("function", &function).done()
        }
    }
}

fn messages(chat: &Chat<'_>, thoughts: Thoughts) -> Result<Vec<String>, EncodeError> {
    let mut messages = Vec::new();
    if !chat.system.is_empty() {
        messages.push(Object::new().text("role", "system").json("content", &content_of(&chat.system)).done());
    }
    for turn in &chat.turns {
        match turn.role {
            Role::User => user(turn, &mut messages)?,
            Role::Assistant => messages.extend(assistant(turn, thoughts)?),
        }
    }
    Ok(messages)
}

/// One text, or a part for each.
fn content_of(all: &[&str]) -> String {
    match all {
        [text] => quote(text),
        _ => array(&all.iter().map(|text| text_part(text)).collect::<Vec<_>>()),
    }
}

fn text_part(text: &str) -> String {
    Object::new().text("type", "text").text("text", text).done()
}

/// What tools say comes first, each in a message of its own.
fn user(turn: &Turn<'_>, messages: &mut Vec<String>) -> Result<(), EncodeError> {
    for part in &turn.parts {
        if let What::Result { id, content } = &part.what {
            let texts = content.iter().map(|part| match part.what {
                What::Text(text) => Ok(text),
                _ => Err(cannot(part.at, "its dialect takes what a tool says as text alone")),
            });
            let texts = texts.collect::<Result<Vec<_>, _>>()?;
            let content = if texts.is_empty() { quote("") } else { content_of(&texts) };
            let message =
                Object::new().text("role", "tool").text("tool_call_id", id).json("content", &content);
            messages.push(message.done());
        }
    }
    let own = || turn.parts.iter().filter(|part| !matches!(part.what, What::Result { .. }));
    let content = match own().collect::<Vec<_>>().as_slice() {
        [] => return Ok(()),
        [Part { what: What::Text(text), .. }] => quote(text),
        parts => array(&parts.iter().map(|part| user_part(part)).collect::<Result<Vec<_>, _>>()?),
    };
    messages.push(Object::new().text("role", "user").json("content", &content).done());
    Ok(())
}

fn user_part(part: &Part<'_>) -> Result<String, EncodeError> {
    match &part.what {
        What::Text(text) => Ok(text_part(text)),
        What::Image(source) => {
            let image = Object::new().text("url", &url(source)).done();
            Ok(Object::new().text("type", "image_url").json("image_url", &image).done())
        }
        What::Document(source @ Source::Data { .. }, title) => {
            let file = Object::new()
                .text("filename", title.unwrap_or("document.pdf"))
                .text("file_data", &url(source))
                .done();
            Ok(Object::new().text("type", "file").json("file", &file).done())
        }
        What::Audio { format, data } => {
            let audio = Object::new().text("data", data).text("format", format).done();
            Ok(Object::new().text("type", "input_audio").json("input_audio", &audio).done())
        }
        _ => Err(cannot(part.at, "its dialect takes no such content from a user")),
    }
}

fn url(source: &Source<'_>) -> String {
    match source {
        Source::Data { media_type, data } => format!("data:{media_type};base64,{data}"),
        Source::Url(url) => (*url).to_owned(),
    }
}

/// None where it holds nothing that is told.
fn assistant(turn: &Turn<'_>, thoughts: Thoughts) -> Result<Option<String>, EncodeError> {
    let (mut said, mut thought, mut calls) = (Vec::new(), String::new(), Vec::new());
    for part in &turn.parts {
        match &part.what {
            What::Text(text) => said.push(*text),
            What::Thought(text) => thought.push_str(text),
            // Nobody of this dialect can read them.
            What::Seal(_) | What::Redacted(_) => {}
            What::Call { id, name, arguments } => {
                let function = Object::new().text("name", name).text("arguments", arguments).done();
                calls.push(
                    Object::new().text("id", id).text("type", "function").json("function", &function).done(),
                );
            }
            _ => return Err(cannot(part.at, "its dialect takes no such content from the assistant")),
        }
    }
    let told = thoughts == Thoughts::All || thoughts == Thoughts::OfCalls && !calls.is_empty();
    let thought = Some(thought).filter(|thought| told && !thought.is_empty());
    if said.is_empty() && calls.is_empty() && thought.is_none() {
        return Ok(None);
    }
    let content = if said.is_empty() { "null".to_owned() } else { content_of(&said) };
    let message = Object::new().text("role", "assistant").json("content", &content);
    let mut message = message.text_if("reasoning_content", thought.as_deref());
    if !calls.is_empty() {
        message = message.json("tool_calls", &array(&calls));
    }
    Ok(Some(message.done()))
}
