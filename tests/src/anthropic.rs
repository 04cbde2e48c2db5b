//! Requests and answers in the form of Anthropic's messages, and what Anthropic would refuse of them, in its words.

use serde_json::{Map, Value, json};

use crate::openai::MODEL;

/// A request for `model` with one user message.
#[must_use]
pub fn ask(model: &str, text: &str) -> Value {
    json!({ "model": model, "max_tokens": 1024, "messages": [{ "role": "user", "content": text }] })
}

/// The same, streamed.
#[must_use]
pub fn ask_stream(model: &str, text: &str) -> Value {
    let mut body = ask(model, text);
    body["stream"] = Value::Bool(true);
    body
}

/// An answer of one text.
#[must_use]
pub fn text(text: &str) -> Value {
    json!({ "content": [{ "type": "text", "text": text }], "stop_reason": "end_turn" })
}

/// What was used: words stand for tokens.
#[must_use]
pub fn usage(input: usize, output: usize) -> Value {
    json!({
        "input_tokens": input, "cache_creation_input_tokens": 0, "cache_read_input_tokens": 0,
        "output_tokens": output, "service_tier": "standard"
    })
}

/// A whole message of this `content` and `stop_reason`.
#[must_use]
pub fn message(answer: &Value, usage: &Value) -> Value {
    json!({
        "id": "msg_fake", "type": "message", "role": "assistant", "model": MODEL, "content": answer["content"],
        "stop_reason": answer["stop_reason"], "stop_sequence": null, "usage": usage
    })
}

/// The events of a streamed message, without the last, `message_stop`.
#[must_use]
pub fn events(answer: &Value, usage: &Value) -> Vec<Value> {
    let empty = json!({ "content": [], "stop_reason": null });
    let mut begun = usage.clone();
    begun["output_tokens"] = json!(1);
    let mut events = vec![json!({ "type": "message_start", "message": message(&empty, &begun) })];
    for (index, block) in answer["content"].as_array().unwrap().iter().enumerate() {
        let (start, deltas) = parts(block);
        events.push(json!({ "type": "content_block_start", "index": index, "content_block": start }));
        if index == 0 {
            events.push(json!({ "type": "ping" }));
        }
        let delta = |delta: Value| json!({ "type": "content_block_delta", "index": index, "delta": delta });
        events.extend(deltas.into_iter().map(delta));
        events.push(json!({ "type": "content_block_stop", "index": index }));
    }
    let delta = json!({ "stop_reason": answer["stop_reason"], "stop_sequence": null });
    let usage = json!({ "output_tokens": usage["output_tokens"] });
    events.push(json!({ "type": "message_delta", "delta": delta, "usage": usage }));
    events
}

/// How a block begins on a stream, and its deltas.
fn parts(block: &Value) -> (Value, Vec<Value>) {
    let words = |name: &str, kind: &str| -> Vec<Value> {
        let text = block[name].as_str().unwrap();
        text.split_inclusive(' ').map(|word| json!({ "type": kind, name: word })).collect()
    };
    match block["type"].as_str().unwrap() {
        "text" => (json!({ "type": "text", "text": "" }), words("text", "text_delta")),
        "thinking" => {
            let mut deltas = words("thinking", "thinking_delta");
            deltas.push(json!({ "type": "signature_delta", "signature": block["signature"] }));
            (json!({ "type": "thinking", "thinking": "", "signature": "" }), deltas)
        }
        "tool_use" => {
            let input = block["input"].to_string();
            let (first, second) = input.split_at(input.len() / 2);
            let pieces = if input == "{}" { vec![""] } else { vec!["", first, second] };
            let delta = |piece| json!({ "type": "input_json_delta", "partial_json": piece });
            let start = json!({ "type": "tool_use", "id": block["id"], "name": block["name"], "input": {} });
            (start, pieces.into_iter().map(delta).collect())
        }
        _ => (block.clone(), Vec::new()),
    }
}

/// An event as it goes on the wire.
#[must_use]
pub fn frame(event: &Value) -> Vec<u8> {
    format!("event: {}\ndata: {event}\n\n", event["type"].as_str().unwrap()).into_bytes()
}

/// The event by which a good stream ends.
pub const STOP: &[u8] = b"event: message_stop\ndata: {\"type\":\"message_stop\"}\n\n";

/// An error body.
#[must_use]
pub fn error(message: &str, kind: &str) -> Value {
    json!({ "type": "error", "error": { "type": kind, "message": message }, "request_id": "req_fake" })
}

const FIELDS: [&str; 16] = [
    "model",
    "max_tokens",
    "messages",
    "system",
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

/// What Anthropic would refuse of a request.
///
/// # Errors
/// In its words.
pub fn check(body: &Value) -> Result<(), String> {
    let body = body.as_object().ok_or("The request body is not valid JSON.")?;
    if let Some(other) = body.keys().find(|key| !FIELDS.contains(&key.as_str())) {
        return Err(format!("{other}: Extra inputs are not permitted"));
    }
    for field in ["model", "max_tokens", "messages"] {
        body.get(field).filter(|value| !value.is_null()).ok_or(format!("{field}: Field required"))?;
    }
    let most = body["max_tokens"].as_u64().filter(|most| *most > 0);
    let most = most.ok_or("max_tokens: Input should be greater than or equal to 1")?;
    let temperature = body.get("temperature").and_then(Value::as_f64);
    if temperature.is_some_and(|temperature| !(0.0..=1.0).contains(&temperature)) {
        return Err("temperature: range: 0..1".to_owned());
    }
    match body.get("system") {
        Some(Value::Array(blocks)) => blocks.iter().try_for_each(|text| block("system", "system", text))?,
        None | Some(Value::String(_)) => {}
        Some(_) => return Err("system: Input should be a valid list".to_owned()),
    }
    if let Some(format) = body.get("output_config").and_then(|config| config.get("format")) {
        if format["type"] != "json_schema" || !format["schema"].is_object() {
            return Err("output_config.format: Input tag does not match".to_owned());
        }
        closed(&format["schema"]).map_err(|what| format!("output_config.format.schema: {what}"))?;
    }
    tools(body)?;
    let thinking = thinking(body, most, temperature)?;
    turns(body["messages"].as_array().ok_or("messages: Input should be a valid list")?, thinking)
}

/// Whether every object of a schema says that it holds nothing else.
///
/// # Errors
/// In Anthropic's words, where one does not.
pub fn closed(schema: &Value) -> Result<(), String> {
    if schema["type"] == "object" && schema["additionalProperties"] != false {
        return Err("For 'object' type, 'additionalProperties' must be explicitly set to false".to_owned());
    }
    schema["properties"].as_object().into_iter().flatten().try_for_each(|(_, schema)| closed(schema))?;
    schema.get("items").map_or(Ok(()), closed)
}

fn tools(body: &Map<String, Value>) -> Result<(), String> {
    let tools = body.get("tools").and_then(Value::as_array).cloned().unwrap_or_default();
    for (index, tool) in tools.iter().enumerate() {
        let at = format!("tools.{index}.custom");
        let name = tool["name"].as_str().unwrap_or_default();
        if name.is_empty() || !name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '-') {
            return Err(format!("{at}.name: String should match pattern '^[a-zA-Z0-9_-]{{1,128}}$'"));
        }
        if tool["input_schema"]["type"] != "object" {
            return Err(format!("{at}.input_schema.type: Field required"));
        }
    }
    let Some(choice) = body.get("tool_choice") else { return Ok(()) };
    if tools.is_empty() {
        return Err("tool_choice may only be specified while providing tools.".to_owned());
    }
    let known = ["auto", "any", "tool", "none"].iter().any(|kind| choice["type"] == *kind);
    if known { Ok(()) } else { Err("tool_choice: Input tag does not match".to_owned()) }
}

/// Whether the request has the model think with a budget.
fn thinking(body: &Map<String, Value>, most: u64, temperature: Option<f64>) -> Result<bool, String> {
    let Some(thinking) = body.get("thinking") else { return Ok(false) };
    let forced =
        body.get("tool_choice").is_some_and(|choice| choice["type"] == "any" || choice["type"] == "tool");
    if thinking["type"] != "disabled" && forced {
        return Err("Thinking may not be enabled when tool_choice forces tool use.".to_owned());
    }
    if thinking["type"] != "disabled" && temperature.is_some_and(|temperature| temperature != 1.0) {
        return Err("`temperature` may only be set to 1 when thinking is enabled.".to_owned());
    }
    match thinking["type"].as_str() {
        Some("disabled" | "adaptive") => Ok(false),
        Some("enabled") => {
            let budget = thinking["budget_tokens"].as_u64().unwrap_or(0);
            if budget < 1024 {
                return Err("thinking.enabled.budget_tokens: Input should be greater than or equal to 1024"
                    .to_owned());
            }
            if budget >= most {
                return Err("`max_tokens` must be greater than `thinking.budget_tokens`.".to_owned());
            }
            Ok(true)
        }
        _ => Err("thinking: Input tag does not match".to_owned()),
    }
}

fn turns(messages: &[Value], thinking: bool) -> Result<(), String> {
    if messages.first().is_none_or(|first| first["role"] != "user") {
        return Err("messages: first message must use the \"user\" role".to_owned());
    }
    let mut called: Vec<String> = Vec::new();
    for (index, message) in messages.iter().enumerate() {
        let role = message["role"].as_str().unwrap_or_default();
        if index > 0 && messages[index - 1]["role"] == role {
            return Err(format!(
                "messages: roles must alternate between \"user\" and \"assistant\", but found multiple \"{role}\" roles in a row"
            ));
        }
        let blocks = match &message["content"] {
            Value::String(text) if !text.is_empty() => continue_if_answered(index, &called)?,
            Value::Array(blocks) if !blocks.is_empty() => blocks.clone(),
            _ => return Err(format!("messages.{index}: all messages must have non-empty content")),
        };
        let at = |place: usize| format!("messages.{index}.content.{place}");
        blocks.iter().enumerate().try_for_each(|(place, inner)| block(&at(place), role, inner))?;
        let ids = |kind: &str, name: &str| -> Vec<String> {
            let of = blocks.iter().filter(|block| block["type"] == kind);
            of.map(|block| block[name].as_str().unwrap_or_default().to_owned()).collect()
        };
        let results = ids("tool_result", "tool_use_id");
        if let Some(missing) = called.iter().find(|id| !results.contains(id)) {
            return Err(format!(
                "messages.{}: `tool_use` ids were found without `tool_result` blocks immediately after: {missing}.",
                index - 1
            ));
        }
        if let Some(unknown) = results.iter().find(|id| !called.contains(id)) {
            return Err(format!(
                "messages.{index}.content.0: unexpected `tool_use_id` found in `tool_result` blocks: {unknown}."
            ));
        }
        called = ids("tool_use", "id");
        let last_call = thinking && !called.is_empty() && index + 2 == messages.len();
        if last_call && blocks[0]["type"] != "thinking" && blocks[0]["type"] != "redacted_thinking" {
            return Err(format!(
                "messages.{index}.content.0.type: Expected `thinking` or `redacted_thinking`, but found `{}`.",
                blocks[0]["type"].as_str().unwrap_or_default()
            ));
        }
    }
    Ok(())
}

/// A turn of text alone answers no call.
fn continue_if_answered(index: usize, called: &[String]) -> Result<Vec<Value>, String> {
    match called.first() {
        None => Ok(Vec::new()),
        Some(id) => Err(format!(
            "messages.{}: `tool_use` ids were found without `tool_result` blocks immediately after: {id}.",
            index - 1
        )),
    }
}

fn block(at: &str, role: &str, block: &Value) -> Result<(), String> {
    let told = |name: &str| block[name].as_str().is_some_and(|text| !text.trim().is_empty());
    let known = match (role, block["type"].as_str().unwrap_or_default()) {
        (_, "text") if !told("text") => {
            return Err("messages: text content blocks must be non-empty".to_owned());
        }
        (_, "text") => true,
        ("assistant", "thinking") if !told("signature") => {
            return Err(format!("{at}: Invalid `signature` in `thinking` block"));
        }
        ("assistant", "thinking" | "redacted_thinking") => true,
        ("assistant", "tool_use") => {
            let id = block["id"].as_str().unwrap_or_default();
            let sound =
                !id.is_empty() && id.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '-');
            if !sound {
                return Err(format!("{at}.tool_use.id: String should match pattern '^[a-zA-Z0-9_-]+$'"));
            }
            block["input"].is_object() && told("name")
        }
        ("user", "tool_result") => told("tool_use_id"),
        ("user", "image" | "document") => block["source"]["type"].is_string(),
        _ => false,
    };
    if known { Ok(()) } else { Err(format!("{at}: Input does not match any of the expected tags")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_anthropic_would_refuse_is_refused() {
        let good = ask("m", "Hello");
        assert_eq!(check(&good), Ok(()));
        let with = |name: &str, value: Value| {
            let mut body = good.clone();
            body[name] = value;
            check(&body).unwrap_err()
        };
        assert!(with("max_tokens", Value::Null).contains("Field required"));
        assert!(with("stop", json!("x")).contains("Extra inputs"));
        assert!(with("temperature", json!(1.5)).contains("range"));
        assert!(with("thinking", json!({ "type": "enabled", "budget_tokens": 1024 })).contains("max_tokens"));
        assert!(with("tool_choice", json!({ "type": "auto" })).contains("while providing tools"));
        let user = json!({ "role": "user", "content": "x" });
        assert!(with("messages", json!([user, user])).contains("alternate"));
        let call = json!({ "role": "assistant", "content": [{ "type": "tool_use", "id": "a", "name": "f", "input": {} }] });
        assert!(with("messages", json!([user, call, user])).contains("without `tool_result`"));
        let result = json!({ "role": "user", "content": [{ "type": "tool_result", "tool_use_id": "b" }] });
        assert!(with("messages", json!([user, call, result])).contains("without `tool_result`"));
        assert!(with("messages", json!([result])).contains("unexpected `tool_use_id`"));
        assert!(with("messages", json!([call])).contains("first message"));
    }
}
