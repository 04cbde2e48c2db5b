//! What OpenAI's API reference says of the fields of a request for a response.
//!
//! What only a store of conversations could answer is refused; what came before is put in by the gateway, which may keep it. Items of types that are not known here keep all
//! that they hold.

use super::{
    RequestError, Shape, check_content, check_fields, check_model, check_shape, required, text, wrong,
};
use crate::json::{Kind, Value};

const FIELDS: [(&str, Shape); 26] = [
    ("background", Shape::Bool),
    ("include", Shape::Array),
    ("instructions", Shape::Text),
    ("max_output_tokens", Shape::Integer),
    ("max_tool_calls", Shape::Integer),
    ("metadata", Shape::Object),
    ("parallel_tool_calls", Shape::Bool),
    ("prompt", Shape::Object),
    ("prompt_cache_key", Shape::Text),
    ("prompt_cache_retention", Shape::Text),
    ("previous_response_id", Shape::Text),
    ("reasoning", Shape::Object),
    ("safety_identifier", Shape::Text),
    ("service_tier", Shape::Text),
    ("store", Shape::Bool),
    ("stream", Shape::Bool),
    ("stream_options", Shape::Object),
    ("temperature", Shape::Number),
    ("text", Shape::Object),
    ("tool_choice", Shape::TextOrObject),
    ("tools", Shape::Array),
    ("top_logprobs", Shape::Integer),
    ("top_p", Shape::Number),
    ("truncation", Shape::Text),
    ("user", Shape::Text),
    ("verbosity", Shape::Text),
];

const ROLES: [&str; 4] = ["system", "developer", "user", "assistant"];

pub(super) fn check(body: Value<'_>) -> Result<(), RequestError> {
    check_model(body)?;
    check_fields(body, &FIELDS)?;
    if let Some(stored) = body.present("conversation") {
        let expected = "left out: no conversations are stored here; name a `previous_response_id`";
        return Err(RequestError::Invalid { pointer: stored.pointer(), expected });
    }
    if let Some(background) = body.get("background").filter(|told| told.as_bool() == Some(true)) {
        let expected = "left out: nothing is answered later here, so an answer has to be waited for";
        return Err(RequestError::Invalid { pointer: background.pointer(), expected });
    }
    let tools = body.present("tools").into_iter().flat_map(Value::items);
    tools.into_iter().try_for_each(|tool| check_shape(tool, Shape::Object))?;
    let input = required(body, "input")?;
    match input.kind() {
        Kind::String => Ok(()),
        Kind::Array if input.items().next().is_some() => input.items().try_for_each(check_item),
        Kind::Array => Err(RequestError::Invalid { pointer: input.pointer(), expected: "at least one item" }),
        _ => Err(wrong(input, "a string or an array of items")),
    }
}

fn check_item(item: Value<'_>) -> Result<(), RequestError> {
    if item.kind() != Kind::Object {
        return Err(wrong(item, "an object"));
    }
    if let Some(kind) = item.get("type") {
        text(kind)?;
    }
    let texts: &[&str] = match item.str("type").unwrap_or("message") {
        "message" => return check_message(item),
        "function_call" => &["call_id", "name", "arguments"],
        "function_call_output" => {
            check_content(required(item, "output")?)?;
            &["call_id"]
        }
        "reasoning" => {
            let lists = ["summary", "content"].into_iter().filter_map(|name| item.present(name));
            lists.into_iter().try_for_each(check_thoughts)?;
            &[]
        }
        _ => &[],
    };
    texts.iter().try_for_each(|name| text(required(item, name)?).map(|_| ()))
}

fn check_message(message: Value<'_>) -> Result<(), RequestError> {
    let role = required(message, "role")?;
    if !ROLES.contains(&text(role)?) {
        let expected = "one of `system`, `developer`, `user` and `assistant`";
        return Err(RequestError::Invalid { pointer: role.pointer(), expected });
    }
    check_content(required(message, "content")?)
}

fn check_thoughts(thoughts: Value<'_>) -> Result<(), RequestError> {
    check_shape(thoughts, Shape::Array)?;
    check_content(thoughts)
}

#[cfg(test)]
mod tests {
    use crate::chat::{ChatRequest, Dialect};

    fn fault(rest: &str) -> String {
        let body = format!(r#"{{"model":"m"{rest}}}"#);
        match ChatRequest::read(Dialect::OpenAiResponses, body) {
            Ok(_) => String::new(),
            Err(error) => error.to_string(),
        }
    }

    #[test]
    fn what_is_known_has_its_type_and_what_is_not_is_kept() {
        for good in [
            r#","input":"x""#,
            r#","input":[{"role":"user","content":"x"}],"previous_response_id":null,"store":true"#,
            r#","input":[{"type":"function_call","call_id":"a","name":"f","arguments":"{}"},
               {"type":"function_call_output","call_id":"a","output":[{"type":"input_text","text":"x"}]},
               {"type":"reasoning","id":"r","summary":[{"type":"summary_text","text":"x"}]},
               {"type":"something_new","of":1}],"something_new":[1]"#,
        ] {
            assert_eq!(fault(good), "", "{good}");
        }
        for (bad, told) in [
            ("", "`/input` is missing"),
            (r#","input":[]"#, "`/input` must be at least one item"),
            (r#","input":7"#, "`/input` must be a string or an array of items, not a number"),
            (r#","input":[{"content":"x"}]"#, "`/input/0/role` is missing"),
            (r#","input":[{"role":"tool","content":"x"}]"#, "`/input/0/role` must be one of"),
            (r#","input":[{"type":"function_call","name":"f"}]"#, "`/input/0/call_id` is missing"),
            (r#","input":"x","instructions":[1]"#, "`/instructions` must be a string"),
            (r#","input":"x","previous_response_id":1"#, "`/previous_response_id` must be a string"),
            (r#","input":"x","conversation":{"id":"c"}"#, "`/conversation` must be left out"),
            (r#","input":"x","background":true"#, "`/background` must be left out"),
        ] {
            assert!(fault(bad).starts_with(told), "{bad}: {}", fault(bad));
        }
    }
}
