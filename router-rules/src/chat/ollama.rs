//! What Ollama's API reference says of the fields of `/api/chat` and `/api/generate`.
//!
//! A request has `messages` or a `prompt` or neither, never both: what a server leaves unread must not be what is judged.

use super::{RequestError, Shape, check_fields, check_model, check_shape, required, text, wrong};
use crate::json::{Kind, Value};

const FIELDS: [(&str, Shape); 17] = [
    ("context", Shape::Array),
    ("format", Shape::TextOrObject),
    ("images", Shape::Texts),
    ("keep_alive", Shape::TextOrNumber),
    ("logprobs", Shape::Bool),
    ("messages", Shape::Array),
    ("options", Shape::Object),
    ("prompt", Shape::Text),
    ("raw", Shape::Bool),
    ("stream", Shape::Bool),
    ("suffix", Shape::Text),
    ("system", Shape::Text),
    ("template", Shape::Text),
    ("think", Shape::TextOrBool),
    ("tools", Shape::Array),
    ("top_logprobs", Shape::Integer),
    ("truncate", Shape::Bool),
];

const OF_MESSAGES: [(&str, Shape); 7] = [
    ("content", Shape::Text),
    ("images", Shape::Texts),
    ("name", Shape::Text),
    ("thinking", Shape::Text),
    ("tool_call_id", Shape::Text),
    ("tool_calls", Shape::Array),
    ("tool_name", Shape::Text),
];

const ROLES: [&str; 4] = ["system", "user", "assistant", "tool"];

/// The type of an option, by Ollama's word for it.
#[derive(Clone, Copy)]
enum Of {
    Integer,
    /// An integer that says how a server runs, which no model is told: Ollama cuts off what is behind the point.
    Count,
    Float,
    Bool,
    Texts,
}

/// The options of Ollama's reference (`api.Options`), <https://github.com/ollama/ollama/blob/main/api/types.go>.
const OPTIONS: [(&str, Of); 29] = [
    ("embedding_only", Of::Bool),
    ("f16_kv", Of::Bool),
    ("frequency_penalty", Of::Float),
    ("logits_all", Of::Bool),
    ("low_vram", Of::Bool),
    ("main_gpu", Of::Count),
    ("min_p", Of::Float),
    ("mirostat", Of::Integer),
    ("mirostat_eta", Of::Float),
    ("mirostat_tau", Of::Float),
    ("num_batch", Of::Count),
    ("num_ctx", Of::Count),
    ("num_gpu", Of::Count),
    ("num_keep", Of::Count),
    ("num_predict", Of::Integer),
    ("num_thread", Of::Count),
    ("numa", Of::Bool),
    ("penalize_newline", Of::Bool),
    ("presence_penalty", Of::Float),
    ("repeat_last_n", Of::Integer),
    ("repeat_penalty", Of::Float),
    ("seed", Of::Integer),
    ("stop", Of::Texts),
    ("temperature", Of::Float),
    ("tfs_z", Of::Float),
    ("top_k", Of::Integer),
    ("top_p", Of::Float),
    ("use_mlock", Of::Bool),
    ("use_mmap", Of::Bool),
];

pub(super) fn check(body: Value<'_>) -> Result<(), RequestError> {
    check_model(body)?;
    check_fields(body, &FIELDS)?;
    body.get("options").map_or(Ok(()), check_options)?;
    let tools = body.present("tools").into_iter().flat_map(Value::items);
    tools.into_iter().try_for_each(|tool| check_shape(tool, Shape::Object))?;
    match (body.present("messages"), body.present("prompt")) {
        (Some(_), Some(prompt)) => {
            let expected = "left out: `messages` hold all that is said";
            Err(RequestError::Invalid { pointer: prompt.pointer(), expected })
        }
        (Some(messages), None) => messages.items().try_for_each(check_message),
        // Where nothing is asked, a model is only to be loaded.
        (None, _) => Ok(()),
    }
}

/// Makes sure that the options have the types that Ollama's have. Those of other names are for whoever reads them.
///
/// # Errors
/// Naming the first that does not.
pub fn check_options(options: Value<'_>) -> Result<(), RequestError> {
    check_shape(options, Shape::Object)?;
    options.members().try_for_each(|(name, value)| {
        let known = OPTIONS.iter().find(|(known, _)| *known == name);
        known.map_or(Ok(()), |(name, of)| check_option(name, *of, value))
    })
}

fn check_option(name: &'static str, of: Of, value: Value<'_>) -> Result<(), RequestError> {
    let kind = value.kind();
    let (fits, expected) = match of {
        Of::Integer => (check_shape(value, Shape::Integer).is_ok(), "integer"),
        Of::Count => (kind == Kind::Number, "integer"),
        Of::Float => (kind == Kind::Number, "float32"),
        Of::Bool => (kind == Kind::Bool, "boolean"),
        // One text is taken for a list of it.
        Of::Texts => (check_shape(value, Shape::TextOrTexts).is_ok(), "array"),
    };
    if fits || kind == Kind::Null {
        return Ok(());
    }
    Err(RequestError::Option { pointer: value.pointer(), name, expected })
}

fn check_message(message: Value<'_>) -> Result<(), RequestError> {
    if message.kind() != Kind::Object {
        return Err(wrong(message, "an object"));
    }
    let role = required(message, "role")?;
    if !ROLES.contains(&text(role)?) {
        let expected = "one of `system`, `user`, `assistant` and `tool`";
        return Err(RequestError::Invalid { pointer: role.pointer(), expected });
    }
    check_fields(message, &OF_MESSAGES)?;
    let calls = message.present("tool_calls").into_iter().flat_map(Value::items);
    calls.into_iter().try_for_each(|call| {
        check_shape(call, Shape::Object)?;
        let function = required(call, "function")?;
        check_shape(function, Shape::Object)?;
        text(required(function, "name")?)?;
        function.get("arguments").map_or(Ok(()), |arguments| check_shape(arguments, Shape::Object))
    })
}

#[cfg(test)]
mod tests {
    use crate::chat::{ChatRequest, Dialect};

    fn fault(rest: &str) -> String {
        let body = format!(r#"{{"model":"m"{rest}}}"#);
        match ChatRequest::read(Dialect::Ollama, body) {
            Ok(_) => String::new(),
            Err(error) => error.to_string(),
        }
    }

    #[test]
    fn what_is_known_has_its_type_and_what_is_not_is_kept() {
        for good in [
            r#","prompt":"x","images":["QUJD"],"keep_alive":"5m","think":"high","format":"json""#,
            r#","prompt":"x","options":{"num_ctx":8192.0,"stop":"a","top_p":1,"seed":null,"something_new":[1]}"#,
            r#","messages":[],"keep_alive":0,"think":true,"format":{"type":"object"},"something_new":[1]"#,
            r#","messages":[{"role":"user","content":"x","images":[]},
               {"role":"assistant","thinking":"y","tool_calls":[{"function":{"name":"f","arguments":{"a":1}}}]},
               {"role":"tool","content":"z","tool_name":"f"}]"#,
        ] {
            assert_eq!(fault(good), "", "{good}");
        }
        for (bad, told) in [
            (r#","messages":[],"prompt":"x""#, "`/prompt` must be left out"),
            (r#","prompt":["x"]"#, "`/prompt` must be a string"),
            (
                r#","messages":[{"role":"user","content":[{"type":"text"}]}]"#,
                "`/messages/0/content` must be a string",
            ),
            (r#","messages":[{"role":"tester"}]"#, "`/messages/0/role` must be one of"),
            (
                r#","messages":[{"role":"user","images":[1]}]"#,
                "`/messages/0/images` must be an array of strings",
            ),
            (
                r#","messages":[{"role":"assistant","tool_calls":[{}]}]"#,
                "`/messages/0/tool_calls/0/function` is missing",
            ),
            (
                r#","messages":[{"role":"assistant","tool_calls":[{"function":{"name":"f","arguments":"{}"}}]}]"#,
                "`/messages/0/tool_calls/0/function/arguments` must be an object",
            ),
            (r#","prompt":"x","options":[1]"#, "`/options` must be an object"),
            (r#","options":{"temperature":"0"}"#, "option \"temperature\" must be of type float32"),
            (r#","options":{"top_k":1.5}"#, "option \"top_k\" must be of type integer"),
            (r#","options":{"num_ctx":true}"#, "option \"num_ctx\" must be of type integer"),
            (r#","options":{"numa":1}"#, "option \"numa\" must be of type boolean"),
            (r#","options":{"stop":["a",1]}"#, "option \"stop\" must be of type array"),
            (r#","prompt":"x","think":1"#, "`/think` must be a string or a boolean"),
        ] {
            assert!(fault(bad).starts_with(told), "{bad}: {}", fault(bad));
        }
    }
}
