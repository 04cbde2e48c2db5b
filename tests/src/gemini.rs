//! Requests and answers in the form of Gemini's own API, and what Google would refuse of them, in its words.

use serde_json::{Map, Value, json};

/// An answer of one text.
#[must_use]
pub fn text(text: &str) -> Value {
    json!({ "parts": [{ "text": text }], "finishReason": "STOP" })
}

/// What was used: words stand for tokens.
#[must_use]
pub fn usage(prompt: usize, answer: usize) -> Value {
    json!({
        "promptTokenCount": prompt, "candidatesTokenCount": answer, "thoughtsTokenCount": 3, "cachedContentTokenCount": 2,
        "totalTokenCount": prompt + answer + 3
    })
}

fn chunk(model: &str, parts: &[Value], finish: Option<&Value>, usage: &Value) -> Value {
    let mut candidate = json!({ "content": { "parts": parts, "role": "model" }, "index": 0 });
    if let Some(reason) = finish {
        candidate["finishReason"] = reason.clone();
    }
    json!({ "candidates": [candidate], "usageMetadata": usage, "modelVersion": model, "responseId": "fakeR-1" })
}

/// A whole answer of these `parts` and this `finishReason`.
#[must_use]
pub fn answer(model: &str, told: &Value, usage: &Value) -> Value {
    chunk(model, told["parts"].as_array().unwrap(), Some(&told["finishReason"]), usage)
}

/// The events of a streamed answer: texts word by word, calls whole. The last holds the reason why it ended.
#[must_use]
pub fn events(model: &str, told: &Value, usage: &Value) -> Vec<Value> {
    let begun = json!({ "promptTokenCount": usage["promptTokenCount"], "totalTokenCount": usage["promptTokenCount"] });
    let mut events = Vec::new();
    for part in told["parts"].as_array().unwrap() {
        let words: Vec<&str> =
            part["text"].as_str().map_or(vec![""], |text| text.split_inclusive(' ').collect());
        for (at, word) in words.iter().enumerate() {
            let mut piece = part.clone();
            if piece.get("text").is_some() {
                piece["text"] = json!(word);
                if at + 1 < words.len() {
                    piece.as_object_mut().unwrap().remove("thoughtSignature");
                }
            }
            events.push(chunk(model, &[piece], None, &begun));
        }
    }
    events.push(chunk(model, &[json!({ "text": "" })], Some(&told["finishReason"]), usage));
    events
}

/// An error body.
#[must_use]
pub fn error(code: u16, message: &str, status: &str) -> Value {
    json!({ "error": { "code": code, "message": message, "status": status } })
}

/// The model that a path names, and whether it asks for a stream.
#[must_use]
pub fn asked(path: &str) -> Option<(&str, bool)> {
    let (model, method) = path.strip_prefix("/v1beta/models/")?.split_once(':')?;
    match method {
        "generateContent" => Some((model, false)),
        "streamGenerateContent" => Some((model, true)),
        _ => None,
    }
}

const CONFIG: [&str; 12] = [
    "temperature",
    "topP",
    "topK",
    "maxOutputTokens",
    "stopSequences",
    "seed",
    "presencePenalty",
    "frequencyPenalty",
    "responseMimeType",
    "responseJsonSchema",
    "thinkingConfig",
    "candidateCount",
];

/// What Google would refuse of a request to a model.
///
/// # Errors
/// In its words.
pub fn check(model: &str, body: &Value) -> Result<(), String> {
    only(
        "",
        body,
        &["contents", "systemInstruction", "tools", "toolConfig", "generationConfig", "safetySettings"],
    )?;
    if let Some(system) = body.get("systemInstruction") {
        only("system_instruction", system, &["parts", "role"])?;
        parts(&system["parts"])
            .map_err(|what| format!("* GenerateContentRequest.system_instruction: {what}"))?;
    }
    let contents = body["contents"].as_array().filter(|contents| !contents.is_empty());
    let contents = contents.ok_or("* GenerateContentRequest.contents: contents is not specified\n")?;
    let tools = tools(body)?;
    config(model, body.get("generationConfig").unwrap_or(&json!({})))?;
    turns(contents)?;
    if !tools && contents.iter().any(|content| count(content, "functionCall") > 0) {
        return Err("Function calls are given without function declarations.".to_owned());
    }
    if model.starts_with("gemini-3") { sealed(contents) } else { Ok(()) }
}

fn only(at: &str, object: &Value, known: &[&str]) -> Result<(), String> {
    let none = Map::new();
    let mut keys = object.as_object().unwrap_or(&none).keys();
    match keys.find(|key| !known.contains(&key.as_str())) {
        Some(key) => Err(format!(
            "Invalid JSON payload received. Unknown name \"{key}\" at '{at}': Cannot find field."
        )),
        None => Ok(()),
    }
}

fn count(content: &Value, kind: &str) -> usize {
    content["parts"]
        .as_array()
        .map_or(0, |parts| parts.iter().filter(|part| part.get(kind).is_some()).count())
}

fn parts(parts: &Value) -> Result<(), String> {
    let parts = parts.as_array().filter(|parts| !parts.is_empty()).ok_or("parts must not be empty")?;
    for part in parts {
        only(
            "contents.parts",
            part,
            &["text", "thought", "thoughtSignature", "inlineData", "functionCall", "functionResponse"],
        )?;
        let data = ["text", "inlineData", "functionCall", "functionResponse"];
        if data.iter().filter(|name| part.get(**name).is_some()).count() != 1 {
            return Err("required oneof field 'data' must have one initialized field".to_owned());
        }
        if part["text"] == "" && part.get("thoughtSignature").is_none() {
            return Err("Unable to submit request because it must have a text parameter.".to_owned());
        }
        if let Some(blob) = part.get("inlineData") {
            only("contents.parts.inline_data", blob, &["mimeType", "data"])?;
            if !blob["mimeType"].is_string() || !blob["data"].is_string() {
                return Err("inline_data: mime_type and data are required".to_owned());
            }
        }
        if let Some(call) = part.get("functionCall") {
            only("contents.parts.function_call", call, &["id", "name", "args"])?;
            if !call["args"].is_object() {
                return Err("function_call.args: proto field is not a map".to_owned());
            }
        }
        if let Some(result) = part.get("functionResponse") {
            only("contents.parts.function_response", result, &["id", "name", "response"])?;
            if !result["response"].is_object() || result["name"].as_str().unwrap_or_default().is_empty() {
                return Err(
                    "GenerateContentRequest.contents.parts.function_response.name: Name cannot be empty."
                        .to_owned(),
                );
            }
        }
    }
    Ok(())
}

fn turns(contents: &[Value]) -> Result<(), String> {
    for (index, content) in contents.iter().enumerate() {
        only("contents", content, &["role", "parts"])?;
        if !matches!(content["role"].as_str(), Some("user" | "model")) {
            return Err("Please use a valid role: user, model.".to_owned());
        }
        parts(&content["parts"])
            .map_err(|what| format!("* GenerateContentRequest.contents[{index}]: {what}"))?;
        let results = count(content, "functionResponse");
        let before = index.checked_sub(1).map(|before| &contents[before]);
        let called = before.map_or(0, |before| count(before, "functionCall"));
        if results != called {
            return Err("Please ensure that the number of function response parts is equal to the number of function call parts of the function call turn.".to_owned());
        }
        let names = |content: &Value, kind: &str| -> Vec<Value> {
            let parts = content["parts"].as_array().unwrap().iter();
            parts.filter_map(|part| part.get(kind)).map(|told| json!([told["id"], told["name"]])).collect()
        };
        if results > 0
            && before
                .is_some_and(|before| names(before, "functionCall") != names(content, "functionResponse"))
        {
            return Err("Please ensure that function responses match the function calls.".to_owned());
        }
        if count(content, "functionCall") > 0 && before.is_none_or(|before| before["role"] != "user") {
            return Err("Please ensure that function call turn comes immediately after a user turn or after a function response turn.".to_owned());
        }
    }
    Ok(())
}

/// The first call of each step since the user last spoke has its seal.
fn sealed(contents: &[Value]) -> Result<(), String> {
    let spoke = |content: &Value| content["role"] == "user" && count(content, "functionResponse") == 0;
    let since = contents.iter().rposition(spoke).unwrap_or(0);
    for (index, content) in contents.iter().enumerate().skip(since) {
        let first =
            content["parts"].as_array().unwrap().iter().find(|part| part.get("functionCall").is_some());
        if let Some(call) = first.filter(|call| !call["thoughtSignature"].is_string()) {
            return Err(format!(
                "Function call `{}` in the {}. content block is missing a `thought_signature`.",
                call["functionCall"]["name"].as_str().unwrap_or_default(),
                index + 1
            ));
        }
    }
    Ok(())
}

/// Whether there are any.
fn tools(body: &Value) -> Result<bool, String> {
    let tools = body.get("tools").and_then(Value::as_array).cloned().unwrap_or_default();
    let mut names = Vec::new();
    for tool in &tools {
        only("tools", tool, &["functionDeclarations"])?;
        for declared in
            tool["functionDeclarations"].as_array().ok_or("tools[0].tool_type: required one_of")?
        {
            only(
                "tools.function_declarations",
                declared,
                &["name", "description", "parameters", "parametersJsonSchema"],
            )?;
            let name = declared["name"].as_str().unwrap_or_default();
            let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.' | ':');
            if name.is_empty() || name.len() > 64 || !name.chars().all(plain) {
                return Err("Invalid function name.".to_owned());
            }
            let schema = declared.get("parametersJsonSchema");
            if schema.is_some_and(|schema| schema["type"] != "object" || schema["properties"] == json!({})) {
                return Err("parameters.properties: should be non-empty for OBJECT type".to_owned());
            }
            names.push(name.to_owned());
        }
    }
    let Some(config) = body.get("toolConfig").and_then(|config| config.get("functionCallingConfig")) else {
        return Ok(!names.is_empty());
    };
    only("tool_config.function_calling_config", config, &["mode", "allowedFunctionNames"])?;
    if names.is_empty() {
        return Err("Function calling config is set without function_declarations.".to_owned());
    }
    let mode = config["mode"].as_str().unwrap_or_default();
    if !["AUTO", "ANY", "NONE", "VALIDATED"].contains(&mode) {
        return Err("Invalid value at 'tool_config.function_calling_config.mode'".to_owned());
    }
    if let Some(allowed) = config.get("allowedFunctionNames").and_then(Value::as_array) {
        let known = |name: &Value| name.as_str().is_some_and(|name| names.iter().any(|known| known == name));
        if !matches!(mode, "ANY" | "VALIDATED") || !allowed.iter().all(known) {
            return Err("allowed_function_names should only be set when mode is ANY or VALIDATED.".to_owned());
        }
    }
    Ok(true)
}

fn config(model: &str, config: &Value) -> Result<(), String> {
    only("generation_config", config, &CONFIG)?;
    if config.get("temperature").and_then(Value::as_f64).is_some_and(|high| !(0.0..=2.0).contains(&high)) {
        return Err("temperature must be in the range [0.0, 2.0]".to_owned());
    }
    if config["stopSequences"].as_array().is_some_and(|stops| stops.len() > 5) {
        return Err("The number of stop sequences must be at most 5.".to_owned());
    }
    if config.get("responseJsonSchema").is_some() && config["responseMimeType"] != "application/json" {
        return Err("response_json_schema requires response_mime_type application/json".to_owned());
    }
    let Some(thinking) = config.get("thinkingConfig") else { return Ok(()) };
    only(
        "generation_config.thinking_config",
        thinking,
        &["thinkingBudget", "thinkingLevel", "includeThoughts"],
    )?;
    match (
        thinking.get("thinkingBudget").map(Value::as_i64),
        thinking.get("thinkingLevel").map(Value::as_str),
    ) {
        (Some(_), Some(_)) => Err("You can only set one of thinking budget and thinking level.".to_owned()),
        (None, Some(level)) if model.starts_with("gemini-3") && matches!(level, Some("low" | "high")) => {
            Ok(())
        }
        (None, Some(_)) => Err("Thinking level is not supported for this model.".to_owned()),
        (Some(Some(0)), _) if model == "gemini-2.5-pro" => {
            Err("Budget 0 is invalid. This model only works in thinking mode.".to_owned())
        }
        (Some(Some(-1..=24_576)) | None, _) => Ok(()),
        _ => Err("The thinking budget is invalid.".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_google_would_refuse_is_refused() {
        let user = json!({ "role": "user", "parts": [{ "text": "x" }] });
        let good = json!({ "contents": [user] });
        assert_eq!(check("m", &good), Ok(()));
        let with = |name: &str, value: Value| {
            let mut body = good.clone();
            body[name] = value;
            check("gemini-3-pro-preview", &body).unwrap_err()
        };
        assert!(with("messages", json!([])).contains("Unknown name \"messages\""));
        assert!(with("contents", json!([])).contains("contents is not specified"));
        assert!(
            with("contents", json!([{ "role": "assistant", "parts": [{ "text": "x" }] }]))
                .contains("valid role")
        );
        assert!(
            with("contents", json!([{ "role": "user", "parts": [{ "text": "" }] }]))
                .contains("text parameter")
        );
        let call = json!({ "role": "model", "parts": [{ "functionCall": { "name": "f", "args": {} } }] });
        assert!(with("contents", json!([user, call])).contains("without function declarations"));
        assert!(with("contents", json!([user, call, user])).contains("number of function response parts"));
        let mut body =
            json!({ "contents": [user, call], "tools": [{ "functionDeclarations": [{ "name": "f" }] }] });
        assert_eq!(check("gemini-2.5-pro", &body), Ok(()));
        assert!(check("gemini-3-pro-preview", &body).unwrap_err().contains("missing a `thought_signature`"));
        body["generationConfig"] =
            json!({ "thinkingConfig": { "thinkingBudget": 0, "thinkingLevel": "low" } });
        assert!(check("gemini-2.5-pro", &body).unwrap_err().contains("one of"));
        assert!(
            with("toolConfig", json!({ "functionCallingConfig": { "mode": "ANY" } }))
                .contains("without function")
        );
    }
}
