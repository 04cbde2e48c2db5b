//! Bodies of chat requests, as JSON.

use serde_json::{Value, json};

/// One message of a user.
#[must_use]
pub fn user(text: &str) -> String {
    messages(&json!([{"role": "user", "content": text}]))
}

/// These messages.
#[must_use]
pub fn messages(messages: &Value) -> String {
    with(messages, &json!({}))
}

/// These messages, and further fields.
#[must_use]
pub fn with(messages: &Value, fields: &Value) -> String {
    let mut body = json!({"model": "frontier/gpt-5.1", "messages": messages});
    if let (Some(body), Some(fields)) = (body.as_object_mut(), fields.as_object()) {
        body.extend(fields.clone());
    }
    body.to_string()
}
