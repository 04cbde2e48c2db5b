//! What Anthropic's API reference says of the fields of a message request.
//!
//! Blocks of types that are not known here keep all that they hold: the dialect grows faster than its readers.

use super::{
    RequestError, Shape, check_content, check_fields, check_model, check_shape, required, some_messages,
    text, wrong,
};
use crate::json::{Kind, Value};

const FIELDS: [(&str, Shape); 18] = [
    ("betas", Shape::Array),
    ("container", Shape::TextOrObject),
    ("context_management", Shape::Object),
    ("max_tokens", Shape::Integer),
    ("mcp_servers", Shape::Array),
    ("metadata", Shape::Object),
    ("output_config", Shape::Object),
    ("service_tier", Shape::Text),
    ("stop_sequences", Shape::Array),
    ("stream", Shape::Bool),
    ("system", Shape::TextOrArray),
    ("temperature", Shape::Number),
    ("thinking", Shape::Object),
    ("tool_choice", Shape::Object),
    ("tools", Shape::Array),
    ("top_k", Shape::Integer),
    ("top_p", Shape::Number),
    ("user_profile_id", Shape::Text),
];

pub(super) fn check(body: Value<'_>, bounded: bool) -> Result<(), RequestError> {
    check_model(body)?;
    check_fields(body, &FIELDS)?;
    if bounded {
        let most = required(body, "max_tokens")?;
        if !most.as_number().is_some_and(|digits| digits.parse::<u64>().is_ok_and(|most| most > 0)) {
            return Err(wrong_or(most, Kind::Number, "a whole number of at least 1"));
        }
    }
    if let Some(system) = body.present("system") {
        check_content(system)?;
    }
    for list in ["tools", "mcp_servers"] {
        let items = body.present(list).into_iter().flat_map(Value::items);
        items.into_iter().try_for_each(|item| check_shape(item, Shape::Object))?;
    }
    let stops = body.present("stop_sequences").into_iter().flat_map(Value::items);
    stops.into_iter().try_for_each(|stop| text(stop).map(|_| ()))?;
    some_messages(body)?.items().try_for_each(check_message)
}

fn check_message(message: Value<'_>) -> Result<(), RequestError> {
    if message.kind() != Kind::Object {
        return Err(wrong(message, "an object"));
    }
    let role = required(message, "role")?;
    if !["user", "assistant"].contains(&text(role)?) {
        let expected = "`user` or `assistant`; instructions stand in `system`";
        return Err(RequestError::Invalid { pointer: role.pointer(), expected });
    }
    check_blocks(required(message, "content")?)
}

/// A text, or blocks whose known kinds have what they need.
fn check_blocks(content: Value<'_>) -> Result<(), RequestError> {
    check_content(content)?;
    content.items().try_for_each(check_block)
}

fn check_block(block: Value<'_>) -> Result<(), RequestError> {
    let texts: &[&str] = match block.str("type").unwrap_or_default() {
        "text" => &["text"],
        "tool_use" => &["id", "name"],
        "tool_result" => &["tool_use_id"],
        "thinking" => &["thinking"],
        "redacted_thinking" => &["data"],
        _ => &[],
    };
    texts.iter().try_for_each(|name| text(required(block, name)?).map(|_| ()))?;
    match block.str("type").unwrap_or_default() {
        "tool_use" => check_shape(required(block, "input")?, Shape::Object),
        "image" | "document" => check_shape(required(block, "source")?, Shape::Object),
        "tool_result" => block.present("content").map_or(Ok(()), check_blocks),
        _ => Ok(()),
    }
}

fn wrong_or(value: Value<'_>, kind: Kind, expected: &'static str) -> RequestError {
    if value.kind() == kind {
        return RequestError::Invalid { pointer: value.pointer(), expected };
    }
    wrong(value, expected)
}

#[cfg(test)]
mod tests {
    use crate::chat::{ChatRequest, RequestError};
    use crate::json::Document;

    fn refused(body: &str) -> String {
        match ChatRequest::anthropic(body) {
            Err(RequestError::Json(error)) => panic!("{error}"),
            Err(error) => error.pointer().to_owned(),
            Ok(_) => panic!("not refused: {body}"),
        }
    }

    #[test]
    fn what_the_dialect_knows_has_its_type() {
        let with = |rest: &str| {
            format!(r#"{{"model":"m","max_tokens":5,"messages":[{{"role":"user","content":"x"}}]{rest}}}"#)
        };
        assert!(ChatRequest::anthropic(with("")).is_ok());
        assert!(
            ChatRequest::anthropic(with(r#","system":[{"type":"text","text":"s"}],"new":{"a":1}"#)).is_ok()
        );
        for (rest, pointer) in [
            (r#","system":1"#, "/system"),
            (r#","system":[{"text":"s"}]"#, "/system/0/type"),
            (r#","tools":[1]"#, "/tools/0"),
            (r#","stop_sequences":[1]"#, "/stop_sequences/0"),
            (r#","tool_choice":"auto""#, "/tool_choice"),
            (r#","stream":1"#, "/stream"),
        ] {
            assert_eq!(refused(&with(rest)), pointer);
        }
    }

    #[test]
    fn an_answer_has_a_bound_and_a_count_needs_none() {
        let body = r#"{"model":"m","messages":[{"role":"user","content":"x"}]}"#;
        assert_eq!(refused(body), "/max_tokens");
        assert!(ChatRequest::anthropic_count(Document::parse(body).unwrap()).is_ok());
        for bound in ["0", "-1", "1.5", "\"1\"", "null"] {
            let body = body.replace("\"m\"", &format!("\"m\",\"max_tokens\":{bound}"));
            assert_eq!(refused(&body), "/max_tokens", "{bound}");
        }
    }

    #[test]
    fn blocks_have_what_they_need() {
        let with = |blocks: &str| {
            format!(r#"{{"model":"m","max_tokens":5,"messages":[{{"role":"user","content":{blocks}}}]}}"#)
        };
        assert!(ChatRequest::anthropic(with(r#"[{"type":"newest","a":1}]"#)).is_ok());
        for (blocks, place) in [
            ("1", ""),
            (r#"[{"type":"text"}]"#, "/0/text"),
            (r#"[{"type":"tool_use","id":"a","name":"b"}]"#, "/0/input"),
            (r#"[{"type":"tool_use","id":"a","name":"b","input":"{}"}]"#, "/0/input"),
            (r#"[{"type":"tool_result","content":"x"}]"#, "/0/tool_use_id"),
            (
                r#"[{"type":"tool_result","tool_use_id":"a","content":[{"type":"text"}]}]"#,
                "/0/content/0/text",
            ),
            (r#"[{"type":"image"}]"#, "/0/source"),
            (r#"[{"type":"thinking"}]"#, "/0/thinking"),
        ] {
            assert_eq!(refused(&with(blocks)), format!("/messages/0/content{place}"));
        }
        let system = r#"{"model":"m","max_tokens":5,"messages":[{"role":"system","content":"x"}]}"#;
        assert_eq!(refused(system), "/messages/0/role");
    }
}
