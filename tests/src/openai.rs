//! Requests and answers in OpenAI's chat-completions form, as the tests send and expect them.

use serde_json::{Value, json};

/// The model that the fake cloud says it has.
pub const MODEL: &str = "fake-frontier";

/// A deployment of the fake Azure's whose model knows the newer word for the bound of an answer alone.
pub const NEWER_MODEL: &str = "our-newer-gpt";

/// A chat request for `model` with one user message.
#[must_use]
pub fn chat(model: &str, text: &str) -> Value {
    json!({ "model": model, "messages": [{ "role": "user", "content": text }] })
}

/// The same, streamed, with the usage asked for.
#[must_use]
pub fn chat_stream(model: &str, text: &str) -> Value {
    let mut body = chat(model, text);
    body["stream"] = Value::Bool(true);
    body["stream_options"] = json!({ "include_usage": true });
    body
}

/// A whole answer with `text`.
#[must_use]
pub fn completion(model: &str, text: &str, usage: &Value) -> Value {
    json!({
        "id": "chatcmpl-fake", "object": "chat.completion", "created": 1_700_000_000, "model": model,
        "choices": [{
            "index": 0,
            "message": { "role": "assistant", "content": text, "refusal": null },
            "logprobs": null, "finish_reason": "stop"
        }],
        "usage": usage
    })
}

/// One chunk of a streamed answer; `usage` as OpenAI sends it: left out, null until the end, or given.
#[must_use]
pub fn chunk(model: &str, choices: &Value, usage: Option<&Value>) -> Value {
    let mut chunk = json!({
        "id": "chatcmpl-fake", "object": "chat.completion.chunk", "created": 1_700_000_000,
        "model": model, "choices": choices
    });
    if let Some(usage) = usage {
        chunk["usage"] = usage.clone();
    }
    chunk
}

/// Usage figures that add up; words stand for tokens.
#[must_use]
pub fn usage(prompt_tokens: usize, completion_tokens: usize) -> Value {
    json!({
        "prompt_tokens": prompt_tokens, "completion_tokens": completion_tokens,
        "total_tokens": prompt_tokens + completion_tokens
    })
}

/// The events of a streamed answer with `text`, one per word, without the closing mark.
#[must_use]
pub fn events(model: &str, text: &str, usage_asked: Option<&Value>) -> Vec<Value> {
    let null = usage_asked.map(|_| Value::Null);
    let delta = |delta: Value, finish: Value| {
        let choices = json!([{ "index": 0, "delta": delta, "logprobs": null, "finish_reason": finish }]);
        chunk(model, &choices, null.as_ref())
    };
    let mut events = vec![delta(json!({ "role": "assistant", "content": "" }), Value::Null)];
    events.extend(text.split_inclusive(' ').map(|word| delta(json!({ "content": word }), Value::Null)));
    events.push(delta(json!({}), json!("stop")));
    if let Some(usage) = usage_asked {
        events.push(chunk(model, &json!([]), Some(usage)));
    }
    events
}

/// An error body.
#[must_use]
pub fn error(message: &str, kind: &str, param: Option<&str>) -> Value {
    json!({ "error": { "message": message, "type": kind, "param": param, "code": null } })
}

/// An event as it goes on the wire.
#[must_use]
pub fn frame(event: &Value) -> Vec<u8> {
    format!("data: {event}\n\n").into_bytes()
}

/// The mark by which a stream ends.
pub const DONE: &[u8] = b"data: [DONE]\n\n";

/// What OpenAI would refuse of a request.
///
/// # Errors
/// In its words.
pub fn check(body: &Value) -> Result<(), String> {
    if !body["model"].is_string() {
        return Err("you must provide a model parameter".to_owned());
    }
    let Some(messages) = body["messages"].as_array().filter(|messages| !messages.is_empty()) else {
        return Err("Missing required parameter: 'messages'.".to_owned());
    };
    let roles = ["system", "developer", "user", "assistant", "tool", "function"];
    let known = |message: &Value| message["role"].as_str().is_some_and(|role| roles.contains(&role));
    if !messages.iter().all(known) {
        return Err("Invalid value: 'messages[].role'.".to_owned());
    }
    if body.get("stream_options").is_some() && body["stream"] != true {
        return Err("The 'stream_options' parameter is only allowed when 'stream' is enabled.".to_owned());
    }
    Ok(())
}

/// What a server of this name would refuse, with its status.
///
/// # Errors
/// In its words.
pub fn check_as(server: &str, body: &Value) -> Result<(), (u16, String)> {
    let none = Vec::new();
    let messages = body["messages"].as_array().unwrap_or(&none);
    match server {
        "mistral" => check_mistrals(messages).map_err(|what| (400, what)),
        "deepseek" => check_deepseeks(messages).map_err(|what| (400, what)),
        _ => panic!("no such server: {server}"),
    }
}

fn calls(message: &Value) -> impl Iterator<Item = &Value> {
    message["tool_calls"].as_array().into_iter().flatten()
}

/// Ids of nine letters and digits; each result is of a call before it, and each call has one.
fn check_mistrals(messages: &[Value]) -> Result<(), String> {
    let mut open: Vec<&str> = Vec::new();
    for message in messages {
        let made: Vec<&str> = calls(message).filter_map(|call| call["id"].as_str()).collect();
        for id in made.iter().copied().chain(message["tool_call_id"].as_str()) {
            if id.len() != 9 || !id.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
                let form = "must be a-z, A-Z, 0-9, with a length of 9.";
                return Err(format!("Tool call id was {id} but {form}"));
            }
        }
        open.extend(made);
        if let Some(id) = message["tool_call_id"].as_str() {
            let place = open.iter().position(|known| *known == id);
            open.remove(place.ok_or("Unexpected tool call id in tool results")?);
        }
    }
    if open.is_empty() {
        Ok(())
    } else {
        Err("Not the same number of function calls and responses".to_owned())
    }
}

/// What was thought before the calls that follow the last question has to come back; what was thought elsewhere must not.
fn check_deepseeks(messages: &[Value]) -> Result<(), String> {
    let asked = messages.iter().rposition(|message| message["role"] == "user").unwrap_or(0);
    for (index, message) in messages.iter().enumerate().filter(|(_, message)| message["role"] == "assistant")
    {
        let in_loop = index > asked && calls(message).next().is_some();
        let thought = message["reasoning_content"].as_str().is_some_and(|text| !text.is_empty());
        match (in_loop, thought) {
            (true, false) => return Err(format!("Missing `reasoning_content` field in the assistant message at message index {index}")),
            (false, true) => return Err("The reasoning_content is an intermediate result for display purposes only and will not be included in the context".to_owned()),
            _ => {}
        }
    }
    Ok(())
}
