//! Places of a request's body in which a text can stand.

use serde_json::{Map, Value, json};

/// A place, by name, and how a text is put there.
pub struct Place {
    pub name: &'static str,
    pub put: fn(&mut Value, &str),
    /// Where only a number of sixteen digits fits.
    pub number: bool,
}

const fn text(name: &'static str, put: fn(&mut Value, &str)) -> Place {
    Place { name, put, number: false }
}

const fn number(name: &'static str, put: fn(&mut Value, &str)) -> Place {
    Place { name, put, number: true }
}

/// All of them.
pub const PLACES: [Place; 62] = [
    text("system", |body, canary| first(body, json!({ "role": "system", "content": prose(canary) }))),
    text("developer", |body, canary| first(body, json!({ "role": "developer", "content": prose(canary) }))),
    text("user", |body, canary| last(body, json!({ "role": "user", "content": prose(canary) }))),
    text("user, alone", |body, canary| last(body, json!({ "role": "user", "content": canary }))),
    text("history", |body, canary| first(body, json!({ "role": "assistant", "content": prose(canary) }))),
    text("refusal", |body, canary| {
        first(body, json!({ "role": "assistant", "content": null, "refusal": prose(canary) }));
    }),
    text("reasoning", |body, canary| {
        first(body, json!({ "role": "assistant", "content": "Yes.", "reasoning_content": prose(canary) }));
    }),
    text("text part", |body, canary| {
        let parts = json!([{ "type": "text", "text": "See:" }, { "type": "text", "text": prose(canary) }]);
        last(body, json!({ "role": "user", "content": parts }));
    }),
    text("member of a text part", |body, canary| {
        let part = json!([{ "type": "text", "text": "See.", "annotations": [{ "note": canary }] }]);
        last(body, json!({ "role": "user", "content": part }));
    }),
    text("refusal part", |body, canary| {
        let part = json!([{ "type": "refusal", "refusal": prose(canary) }]);
        first(body, json!({ "role": "assistant", "content": part }));
    }),
    text("image", |body, canary| {
        let url = format!("https://pictures.example/{canary}");
        let part = json!([{ "type": "image_url", "image_url": { "url": url } }]);
        last(body, json!({ "role": "user", "content": part }));
    }),
    text("audio", |body, canary| {
        let part = json!([{ "type": "input_audio", "input_audio": { "data": canary, "format": "wav" } }]);
        last(body, json!({ "role": "user", "content": part }));
    }),
    text("file", |body, canary| {
        let file = json!({ "filename": "a.txt", "file_data": canary });
        last(body, json!({ "role": "user", "content": [{ "type": "file", "file": file }] }));
    }),
    text("file name", |body, canary| {
        let file = json!({ "filename": canary, "file_id": "file-1" });
        last(body, json!({ "role": "user", "content": [{ "type": "file", "file": file }] }));
    }),
    text("part of an unknown type", |body, canary| {
        let part = json!([{ "type": "hologram", "hologram": { "scene": canary } }]);
        last(body, json!({ "role": "user", "content": part }));
    }),
    text("message name", |body, canary| {
        last(body, json!({ "role": "user", "name": canary, "content": "Well?" }));
    }),
    text("unknown field of a message", |body, canary| {
        last(body, json!({ "role": "user", "content": "Well?", "mood": canary }));
    }),
    text("tool call arguments", |body, canary| {
        called(body, "call_1", "look_up", &json!({ "who": canary }).to_string());
    }),
    text("nested tool call arguments", |body, canary| {
        let inner = json!({ "what": canary }).to_string();
        called(body, "call_1", "look_up", &json!({ "query": inner }).to_string());
    }),
    text("key of tool call arguments", |body, canary| {
        called(body, "call_1", "look_up", &json!({ canary: true }).to_string());
    }),
    text("broken tool call arguments", |body, canary| {
        called(body, "call_1", "look_up", &format!("{{\"who\": \"{canary}"));
    }),
    text("tool call name", |body, canary| called(body, "call_1", canary, "{}")),
    text("tool call id", |body, canary| called(body, canary, "look_up", "{}")),
    text("tool result", |body, canary| result(body, &json!(prose(canary)))),
    text("structured tool result", |body, canary| {
        result(body, &json!(json!({ "rows": [{ "field": canary }] }).to_string()));
    }),
    text("part of a tool result", |body, canary| {
        result(body, &json!([{ "type": "text", "text": prose(canary) }]));
    }),
    text("result of a custom tool", |body, canary| {
        let call = json!({ "id": "call_2", "type": "custom", "custom": { "name": "say", "input": canary } });
        last(body, json!({ "role": "assistant", "content": null, "tool_calls": [call] }));
    }),
    text("function call", |body, canary| {
        let call = json!({ "name": "look_up", "arguments": json!({ "who": canary }).to_string() });
        last(body, json!({ "role": "assistant", "content": null, "function_call": call }));
    }),
    text("function message", |body, canary| {
        last(body, json!({ "role": "function", "name": "look_up", "content": prose(canary) }));
    }),
    text("function message name", |body, canary| {
        last(body, json!({ "role": "function", "name": canary, "content": "Done." }));
    }),
    text("tool name", |body, canary| tool(body, json!({ "name": canary, "parameters": {} }))),
    text("tool description", |body, canary| {
        tool(body, json!({ "name": "f", "description": prose(canary), "parameters": {} }));
    }),
    text("schema description", |body, canary| {
        schema(body, json!({ "properties": { "who": { "type": "string", "description": prose(canary) } } }));
    }),
    text("schema key", |body, canary| {
        schema(body, json!({ "properties": { canary: { "type": "string" } } }))
    }),
    text("schema enum", |body, canary| {
        schema(body, json!({ "properties": { "who": { "enum": ["somebody", canary] } } }));
    }),
    text("schema default", |body, canary| {
        schema(body, json!({ "properties": { "who": { "type": "string", "default": canary } } }));
    }),
    text("required of a schema", |body, canary| schema(body, json!({ "required": [canary] }))),
    text("custom tool", |body, canary| {
        let custom = json!({ "name": "say", "description": canary });
        put(body, "tools", json!([{ "type": "custom", "custom": custom }]));
    }),
    text("legacy function", |body, canary| {
        put(body, "functions", json!([{ "name": "f", "description": prose(canary), "parameters": {} }]));
    }),
    text("tool choice", |body, canary| {
        put(body, "tool_choice", json!({ "type": "function", "function": { "name": canary } }));
    }),
    text("format name", |body, canary| format(body, json!({ "name": canary, "schema": {} }))),
    text("format description", |body, canary| {
        format(body, json!({ "name": "f", "description": prose(canary), "schema": {} }));
    }),
    text("format schema", |body, canary| {
        format(body, json!({ "name": "f", "schema": { "properties": { "a": { "const": canary } } } }));
    }),
    text("prediction", |body, canary| {
        put(body, "prediction", json!({ "type": "content", "content": prose(canary) }));
    }),
    text("metadata value", |body, canary| put(body, "metadata", json!({ "ticket": canary }))),
    text("metadata key", |body, canary| put(body, "metadata", json!({ canary: "ticket" }))),
    text("user field", |body, canary| put(body, "user", json!(canary))),
    text("safety identifier", |body, canary| put(body, "safety_identifier", json!(canary))),
    text("cache key", |body, canary| put(body, "prompt_cache_key", json!(canary))),
    text("service tier", |body, canary| put(body, "service_tier", json!(canary))),
    text("stop string", |body, canary| put(body, "stop", json!(canary))),
    text("stop strings", |body, canary| put(body, "stop", json!(["END", canary]))),
    text("web search", |body, canary| {
        let location = json!({ "type": "approximate", "approximate": { "city": canary } });
        put(body, "web_search_options", json!({ "user_location": location }));
    }),
    text("unknown field", |body, canary| put(body, "x_note", json!(canary))),
    text("nested unknown field", |body, canary| {
        put(body, "x_more", json!({ "a": [[{ "b": [null, 1.5, { "c": canary }] }]] }));
    }),
    text("unknown key", |body, canary| put(body, canary, json!(true))),
    text("nested unknown key", |body, canary| put(body, "x_more", json!([{ "a": { canary: 0 } }]))),
    text("unknown key of a message", |body, canary| {
        last(body, json!({ "role": "user", "content": "Well?", canary: [] }));
    }),
    number("number", |body, canary| put(body, "x_number", digits(canary))),
    number("seed", |body, canary| put(body, "seed", digits(canary))),
    number("nested number", |body, canary| put(body, "x_more", json!({ "rows": [[1, digits(canary)]] }))),
    number("number in metadata", |body, canary| put(body, "metadata", json!({ "n": digits(canary) }))),
];

fn prose(canary: &str) -> String {
    format!("For the file: {canary} and nothing else.")
}

fn digits(canary: &str) -> Value {
    json!(canary.parse::<u64>().unwrap())
}

fn messages(body: &mut Value) -> &mut Vec<Value> {
    body["messages"].as_array_mut().unwrap()
}

fn first(body: &mut Value, message: Value) {
    messages(body).insert(0, message);
}

fn last(body: &mut Value, message: Value) {
    messages(body).push(message);
}

fn put(body: &mut Value, key: &str, value: Value) {
    body[key] = value;
}

fn called(body: &mut Value, id: &str, name: &str, arguments: &str) {
    let function = json!({ "name": name, "arguments": arguments });
    let call = json!({ "id": id, "type": "function", "function": function });
    last(body, json!({ "role": "assistant", "content": null, "tool_calls": [call] }));
    last(body, json!({ "role": "tool", "tool_call_id": "call_1", "content": "ok" }));
}

fn result(body: &mut Value, content: &Value) {
    called(body, "call_1", "look_up", "{}");
    messages(body).last_mut().unwrap()["content"] = content.clone();
}

fn tool(body: &mut Value, function: Value) {
    put(body, "tools", json!([{ "type": "function", "function": function }]));
}

fn schema(body: &mut Value, parameters: Value) {
    let mut whole = Map::from_iter([("type".to_owned(), json!("object"))]);
    whole.extend(parameters.as_object().unwrap().clone());
    tool(body, json!({ "name": "f", "parameters": whole }));
}

fn format(body: &mut Value, schema: Value) {
    put(body, "response_format", json!({ "type": "json_schema", "json_schema": schema }));
}
