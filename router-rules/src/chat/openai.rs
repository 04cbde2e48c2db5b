//! What OpenAI's API reference says of the fields of a chat completion request.

use super::{
    RequestError, Shape, check_content, check_fields, check_model, check_shape, required, some_messages,
    text, wrong,
};
use crate::json::{Kind, Value};

const FIELDS: [(&str, Shape); 36] = [
    ("audio", Shape::Object),
    ("frequency_penalty", Shape::Number),
    ("function_call", Shape::TextOrObject),
    ("functions", Shape::Array),
    ("logit_bias", Shape::Object),
    ("logprobs", Shape::Bool),
    ("max_completion_tokens", Shape::Integer),
    ("max_tokens", Shape::Integer),
    ("metadata", Shape::Object),
    ("min_p", Shape::Number),
    ("modalities", Shape::Array),
    ("n", Shape::Integer),
    ("parallel_tool_calls", Shape::Bool),
    ("prediction", Shape::Object),
    ("presence_penalty", Shape::Number),
    ("prompt_cache_key", Shape::Text),
    ("prompt_cache_retention", Shape::Text),
    ("reasoning_effort", Shape::Text),
    ("repeat_penalty", Shape::Number),
    ("response_format", Shape::Object),
    ("safety_identifier", Shape::Text),
    ("seed", Shape::Integer),
    ("service_tier", Shape::Text),
    ("stop", Shape::TextOrTexts),
    ("store", Shape::Bool),
    ("stream", Shape::Bool),
    ("stream_options", Shape::Object),
    ("temperature", Shape::Number),
    ("tool_choice", Shape::TextOrObject),
    ("tools", Shape::Array),
    ("top_k", Shape::Integer),
    ("top_logprobs", Shape::Integer),
    ("top_p", Shape::Number),
    ("user", Shape::Text),
    ("verbosity", Shape::Text),
    ("web_search_options", Shape::Object),
];

const ROLES: [&str; 6] = ["system", "developer", "user", "assistant", "tool", "function"];

pub(super) fn check(body: Value<'_>) -> Result<(), RequestError> {
    check_model(body)?;
    check_fields(body, &FIELDS)?;
    if let Some(usage) = body.present("stream_options").and_then(|options| options.present("include_usage")) {
        check_shape(usage, Shape::Bool)?;
    }
    some_messages(body)?.items().try_for_each(check_message)
}

fn check_message(message: Value<'_>) -> Result<(), RequestError> {
    if message.kind() != Kind::Object {
        return Err(wrong(message, "an object"));
    }
    let role = required(message, "role")?;
    if !ROLES.contains(&text(role)?) {
        return Err(RequestError::Invalid {
            pointer: role.pointer(),
            expected: "one of `system`, `developer`, `user`, `assistant`, `tool` and `function`",
        });
    }
    if let Some(content) = message.present("content") {
        check_content(content)?;
    }
    if let Some(calls) = message.present("tool_calls") {
        check_shape(calls, Shape::Array)?;
        calls.items().try_for_each(|call| check_shape(call, Shape::Object))?;
    }
    ["name", "tool_call_id", "refusal", "reasoning_content"]
        .iter()
        .filter_map(|name| message.present(name))
        .try_for_each(|value| check_shape(value, Shape::Text))
}
