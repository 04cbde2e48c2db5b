//! Requests and answers in the form of AWS Bedrock's Converse, its event frames and signatures, and what AWS would refuse, in its
//! words. Written anew from the descriptions, and not with the crates that the gateway has for it.

use hmac::{Hmac, Mac as _};
use serde_json::{Map, Value, json};
use sha2::{Digest as _, Sha256};

/// An answer of one text.
#[must_use]
pub fn text(text: &str) -> Value {
    json!({ "content": [{ "text": text }], "stopReason": "end_turn" })
}

/// What was used: words stand for tokens.
#[must_use]
pub fn usage(input: usize, output: usize) -> Value {
    json!({
        "inputTokens": input, "outputTokens": output, "totalTokens": input + output + 2,
        "cacheReadInputTokens": 2, "cacheWriteInputTokens": 0
    })
}

/// A whole answer of this `content` and `stopReason`.
#[must_use]
pub fn answer(told: &Value, usage: &Value) -> Value {
    json!({
        "output": { "message": { "role": "assistant", "content": told["content"] } },
        "stopReason": told["stopReason"], "usage": usage, "metrics": { "latencyMs": 7 }
    })
}

/// The frames of a streamed answer, and those by which it ends.
#[must_use]
pub fn frames(told: &Value, usage: &Value) -> (Vec<Vec<u8>>, Vec<u8>) {
    let event = |kind: &str, payload: &Value| {
        let mut padded = payload.clone();
        padded["p"] = json!("abcdef");
        frame(
            &[(":event-type", kind), (":content-type", "application/json"), (":message-type", "event")],
            &padded,
        )
    };
    let mut frames = vec![event("messageStart", &json!({ "role": "assistant" }))];
    for (index, block) in told["content"].as_array().unwrap().iter().enumerate() {
        let mut deltas = Vec::new();
        if let Some(text) = block["text"].as_str() {
            deltas.extend(text.split_inclusive(' ').map(|word| json!({ "text": word })));
        }
        if let Some(call) = block.get("toolUse") {
            let start = json!({ "toolUse": { "toolUseId": call["toolUseId"], "name": call["name"] } });
            frames.push(event("contentBlockStart", &json!({ "start": start, "contentBlockIndex": index })));
            let input = if call["input"] == json!({}) { String::new() } else { call["input"].to_string() };
            let (first, second) = input.split_at(input.len() / 2);
            deltas.extend(["", first, second].map(|piece| json!({ "toolUse": { "input": piece } })));
        }
        if let Some(thought) = block.get("reasoningContent") {
            let text = &thought["reasoningText"];
            let words = text["text"].as_str().unwrap_or_default().split_inclusive(' ');
            deltas.extend(words.map(|word| json!({ "reasoningContent": { "text": word } })));
            for (name, sealed) in
                [("signature", &text["signature"]), ("redactedContent", &thought["redactedContent"])]
            {
                deltas.extend(sealed.as_str().map(|sealed| json!({ "reasoningContent": { name: sealed } })));
            }
        }
        let delta = |delta: &Value| {
            event("contentBlockDelta", &json!({ "delta": delta, "contentBlockIndex": index }))
        };
        frames.extend(deltas.iter().map(delta));
        frames.push(event("contentBlockStop", &json!({ "contentBlockIndex": index })));
    }
    let stop = event("messageStop", &json!({ "stopReason": told["stopReason"] }));
    let last = event("metadata", &json!({ "usage": usage, "metrics": { "latencyMs": 7 } }));
    (frames, [stop, last].concat())
}

/// An exception as it stands in a stream.
#[must_use]
pub fn exception(kind: &str, message: &str) -> Vec<u8> {
    let headers =
        [(":exception-type", kind), (":content-type", "application/json"), (":message-type", "exception")];
    frame(&headers, &json!({ "message": message }))
}

/// A frame: lengths, headers of the type text, payload, and the checksums of its beginning and of all of it.
#[must_use]
pub fn frame(headers: &[(&str, &str)], payload: &Value) -> Vec<u8> {
    let mut told = Vec::new();
    for (name, value) in headers {
        told.push(u8::try_from(name.len()).unwrap());
        told.extend_from_slice(name.as_bytes());
        told.push(7);
        told.extend_from_slice(&u16::try_from(value.len()).unwrap().to_be_bytes());
        told.extend_from_slice(value.as_bytes());
    }
    let payload = payload.to_string();
    let length = |bytes: usize| u32::try_from(bytes).unwrap().to_be_bytes();
    let mut frame = [length(16 + told.len() + payload.len()), length(told.len())].concat();
    frame.extend_from_slice(&crc32(&frame).to_be_bytes());
    frame.extend_from_slice(&told);
    frame.extend_from_slice(payload.as_bytes());
    frame.extend_from_slice(&crc32(&frame).to_be_bytes());
    frame
}

/// CRC-32 as Ethernet, gzip and these frames have it.
fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(!0_u32, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| (crc >> 1) ^ (0xEDB8_8320 & (crc & 1).wrapping_neg()))
    })
}

/// An error body.
#[must_use]
pub fn error(message: &str) -> Value {
    json!({ "message": message })
}

/// The model that a path names, and whether it asks for a stream.
#[must_use]
pub fn asked(path: &str) -> Option<(&str, bool)> {
    let (model, method) = path.strip_prefix("/model/")?.split_once('/')?;
    match method {
        "converse" => Some((model, false)),
        "converse-stream" => Some((model, true)),
        _ => None,
    }
}

/// What a request was signed with, to be compared with what its key would give.
pub struct Signed<'a> {
    /// Path without query.
    pub path: &'a str,
    /// A header by its name in lower case.
    pub header: &'a dyn Fn(&str) -> Option<String>,
    /// The body.
    pub body: &'a [u8],
}

/// Whether a request has the signature of this key, which is `ID:SECRET`.
#[must_use]
pub fn is_signed(request: &Signed<'_>, key: &str) -> bool {
    let signature = || {
        let (id, secret) = key.split_once(':')?;
        let authorization = (request.header)("authorization")?;
        let told = authorization.strip_prefix("AWS4-HMAC-SHA256 ")?;
        let part = |name: &str| told.split(", ").find_map(|part| part.strip_prefix(name)?.strip_prefix('='));
        let scope = part("Credential")?.strip_prefix(id)?.strip_prefix('/')?;
        let (names, signature) = (part("SignedHeaders")?, part("Signature")?);
        let date = (request.header)("x-amz-date")?;
        let [day, _, "bedrock", "aws4_request"] = scope.split('/').collect::<Vec<_>>()[..] else {
            return None;
        };
        let session =
            (request.header)("x-amz-security-token").is_none() || names.contains("x-amz-security-token");
        if !date.starts_with(day) || !names.split(';').any(|name| name == "host") || !session {
            return None;
        }
        let headers: Option<String> = names
            .split(';')
            .map(|name| Some(format!("{name}:{}\n", (request.header)(name)?.trim())))
            .collect();
        let path = request.path.replace('%', "%25");
        let canonical =
            format!("POST\n{path}\n\n{}\n{names}\n{}", headers?, hex(&Sha256::digest(request.body)));
        let text = format!("AWS4-HMAC-SHA256\n{date}\n{scope}\n{}", hex(&Sha256::digest(canonical)));
        let key = scope.split('/').fold(format!("AWS4{secret}").into_bytes(), |key, part| hmac(&key, part));
        Some(hex(&hmac(&key, &text)) == signature)
    };
    signature().unwrap_or(false)
}

fn hmac(key: &[u8], text: &str) -> Vec<u8> {
    let mut hmac = Hmac::<Sha256>::new_from_slice(key).unwrap();
    hmac.update(text.as_bytes());
    hmac.finalize().into_bytes().to_vec()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// What AWS would refuse of a request.
///
/// # Errors
/// In its words.
pub fn check(body: &Value) -> Result<(), String> {
    only(
        "",
        body,
        &[
            "messages",
            "system",
            "inferenceConfig",
            "toolConfig",
            "outputConfig",
            "additionalModelRequestFields",
        ],
    )?;
    let messages = body["messages"].as_array().filter(|messages| !messages.is_empty());
    let messages = messages.ok_or("The messages field is required.")?;
    for block in body["system"].as_array().unwrap_or(&Vec::new()) {
        content("system", "system", block)?;
    }
    let config = body.get("inferenceConfig").cloned().unwrap_or(json!({}));
    only("inferenceConfig", &config, &["maxTokens", "temperature", "topP", "stopSequences"])?;
    if config.get("temperature").and_then(Value::as_f64).is_some_and(|high| !(0.0..=1.0).contains(&high)) {
        return Err("Value at 'inferenceConfig.temperature' failed to satisfy constraint: Member must have value less than or equal to 1".to_owned());
    }
    let thinking = &body["additionalModelRequestFields"]["thinking"];
    if let Some(budget) = thinking["budget_tokens"].as_u64()
        && !(1024..config["maxTokens"].as_u64().unwrap_or(0)).contains(&budget)
    {
        return Err("The model returned the following errors: `max_tokens` must be greater than `thinking.budget_tokens`.".to_owned());
    }
    if let Some(format) = body.get("outputConfig").map(|config| &config["textFormat"]) {
        let schema = format["structure"]["jsonSchema"]["schema"].as_str().unwrap_or_default();
        let schema = serde_json::from_str::<Value>(schema).ok().filter(|_| format["type"] == "json_schema");
        crate::anthropic::closed(&schema.ok_or("The outputConfig field is invalid.")?)?;
    }
    if body.to_string().matches("\"cachePoint\":{").count() > 4 {
        return Err("A maximum of 4 blocks with cachePoint may be provided.".to_owned());
    }
    tools(body, messages)?;
    turns(messages)
}

fn cache_point(at: &str, point: &Value) -> Result<(), String> {
    only(at, point, &["type", "ttl"])?;
    let time = point.get("ttl").is_none_or(|ttl| ttl == "5m" || ttl == "1h");
    if point["type"] == "default" && time {
        Ok(())
    } else {
        Err(format!("The cachePoint at {at} is invalid."))
    }
}

fn only(at: &str, object: &Value, known: &[&str]) -> Result<(), String> {
    let none = Map::new();
    let mut keys = object.as_object().unwrap_or(&none).keys();
    let other = keys.find(|key| !known.contains(&key.as_str()));
    other.map_or(Ok(()), |key| Err(format!("Unexpected field '{key}' at '{at}'")))
}

fn tools(body: &Value, messages: &[Value]) -> Result<(), String> {
    let holds = |block: &Value| block.get("toolUse").is_some() || block.get("toolResult").is_some();
    let called =
        messages.iter().any(|message| message["content"].as_array().is_some_and(|all| all.iter().any(holds)));
    let Some(config) = body.get("toolConfig") else {
        let needed = "The toolConfig field must be defined when using toolUse and toolResult content blocks.";
        return if called { Err(needed.to_owned()) } else { Ok(()) };
    };
    only("toolConfig", config, &["tools", "toolChoice"])?;
    let tools = config["tools"].as_array().filter(|tools| !tools.is_empty());
    for tool in tools.ok_or("Value at 'toolConfig.tools' failed to satisfy constraint: Member must have length greater than or equal to 1")? {
        if let Some(point) = tool.get("cachePoint") {
            cache_point("toolConfig.tools", point)?;
            continue;
        }
        only("toolConfig.tools", tool, &["toolSpec"])?;
        let spec = &tool["toolSpec"];
        only("toolSpec", spec, &["name", "description", "inputSchema", "strict"])?;
        let name = spec["name"].as_str().unwrap_or_default();
        let plain = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
        if name.is_empty() || name.len() > 64 || !name.chars().all(plain) {
            return Err("Value at 'toolConfig.tools.1.member.toolSpec.name' failed to satisfy constraint".to_owned());
        }
        if spec.get("description").is_some_and(|told| told == "") || spec["inputSchema"]["json"]["type"] != "object" {
            return Err("The value at toolConfig.tools.0.toolSpec.inputSchema.json.type must be one of the following: object.".to_owned());
        }
    }
    let Some(choice) = config.get("toolChoice") else { return Ok(()) };
    only("toolConfig.toolChoice", choice, &["auto", "any", "tool"])?;
    if choice.as_object().is_some_and(|choice| choice.len() == 1) {
        Ok(())
    } else {
        Err("The toolChoice field is a union.".to_owned())
    }
}

fn turns(messages: &[Value]) -> Result<(), String> {
    let mut called: Vec<Value> = Vec::new();
    for (index, message) in messages.iter().enumerate() {
        only("messages", message, &["role", "content"])?;
        let role = message["role"].as_str().unwrap_or_default();
        if index == 0 && role != "user" {
            return Err("A conversation must start with a user message. Try again with a conversation that starts with a user message.".to_owned());
        }
        if index > 0 && messages[index - 1]["role"] == role {
            return Err("A conversation must alternate between user and assistant roles.".to_owned());
        }
        let blocks = message["content"].as_array().filter(|blocks| !blocks.is_empty());
        let blocks =
            blocks.ok_or(format!("The content field in the Message object at messages.{index} is empty."))?;
        for (place, block) in blocks.iter().enumerate() {
            content(&format!("messages.{index}.content.{place}"), role, block)?;
        }
        let ids = |kind: &str| -> Vec<Value> {
            blocks.iter().filter_map(|block| Some(block.get(kind)?["toolUseId"].clone())).collect()
        };
        let results = ids("toolResult");
        if let Some(missing) = called.iter().find(|id| !results.contains(id)) {
            return Err(format!(
                "Expected toolResult blocks at messages.{index}.content for the following Ids: {missing}"
            ));
        }
        if results.len() > called.len() {
            return Err(format!(
                "The number of toolResult blocks at messages.{index}.content exceeds the number of toolUse blocks of previous turn."
            ));
        }
        called = ids("toolUse");
        let document = blocks.iter().any(|block| block.get("document").is_some());
        if document && !blocks.iter().any(|block| block.get("text").is_some()) {
            return Err("A text block is required beside a document.".to_owned());
        }
    }
    Ok(())
}

fn content(at: &str, role: &str, block: &Value) -> Result<(), String> {
    let members = block.as_object().ok_or(format!("{at} is no object"))?;
    let [(kind, told)] = members.iter().collect::<Vec<_>>()[..] else {
        return Err(format!("The {at} field is a union with exactly one member."));
    };
    let text = |value: &Value| value.as_str().is_some_and(|text| !text.trim().is_empty());
    let sound = match (role, kind.as_str()) {
        (_, "text") if !text(told) => {
            return Err(format!(
                "The text field in the ContentBlock object at {at} is blank. Add text to the text field, and try again."
            ));
        }
        (_, "text") => true,
        (_, "cachePoint") if at.contains("toolResult") => false,
        (_, "cachePoint") => return cache_point(at, told),
        ("assistant", "toolUse") => {
            text(&told["toolUseId"]) && text(&told["name"]) && told["input"].is_object()
        }
        ("assistant", "reasoningContent") => {
            let thought = &told["reasoningText"];
            text(&thought["signature"]) && thought["text"].is_string() || text(&told["redactedContent"])
        }
        ("user", "toolResult") => {
            for block in told["content"].as_array().ok_or(format!("{at}.toolResult.content is required"))? {
                content(&format!("{at}.toolResult.content"), role, block)?;
            }
            text(&told["toolUseId"])
        }
        ("user", "image") => {
            let known = ["png", "jpeg", "gif", "webp"];
            known.iter().any(|format| told["format"] == *format) && text(&told["source"]["bytes"])
        }
        ("user", "document") => {
            let name = told["name"].as_str().unwrap_or_default();
            let plain = |c: char| c.is_ascii_alphanumeric() || " -()[]".contains(c);
            text(&told["format"])
                && text(&told["source"]["bytes"])
                && text(&told["name"])
                && name.chars().all(plain)
                && !name.contains("  ")
        }
        _ => false,
    };
    if sound { Ok(()) } else { Err(format!("The {kind} field at {at} is malformed.")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_aws_would_refuse_is_refused() {
        let user = json!({ "role": "user", "content": [{ "text": "x" }] });
        let good = json!({ "messages": [user] });
        assert_eq!(check(&good), Ok(()));
        let with = |name: &str, value: Value| {
            let mut body = good.clone();
            body[name] = value;
            check(&body).unwrap_err()
        };
        assert!(with("model", json!("m")).contains("Unexpected field 'model'"));
        assert!(with("messages", json!([user, user])).contains("alternate"));
        assert!(
            with("messages", json!([{ "role": "assistant", "content": [{ "text": "x" }] }]))
                .contains("start with a user")
        );
        assert!(
            with("messages", json!([{ "role": "user", "content": [{ "text": " " }] }])).contains("blank")
        );
        assert!(with("inferenceConfig", json!({ "temperature": 1.5 })).contains("temperature"));
        let call = json!({ "role": "assistant", "content": [{ "toolUse": { "toolUseId": "a", "name": "f", "input": {} } }] });
        assert!(with("messages", json!([user, call])).contains("toolConfig field must be defined"));
        let tools = json!({ "tools": [{ "toolSpec": { "name": "f", "inputSchema": { "json": { "type": "object" } } } }] });
        let body = json!({ "messages": [user, call, user], "toolConfig": tools });
        assert!(check(&body).unwrap_err().contains("Expected toolResult blocks"));
    }

    #[test]
    fn a_frame_is_what_the_description_says() {
        // The check value of this checksum, and an empty frame's.
        assert_eq!(crc32(b"123456789"), 0xCBF4_3926);
        let whole = frame(&[(":message-type", "event")], &json!({}));
        assert_eq!(whole[..8], [[0, 0, 0, u8::try_from(whole.len()).unwrap()], [0, 0, 0, 22]].concat());
    }
}
