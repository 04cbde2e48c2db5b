//! A request of this dialect for another provider than the one whose model thought: without its thoughts.

use hearthgate_rules::chat::ChatRequest;
use hearthgate_rules::decision::EncodeError;
use hearthgate_rules::json::{Document, Edit, Kind, Value, quote};
use hearthgate_rules::target::{Effort, Target};

use crate::dialect::chat::cannot;

/// Writes a request as [`encode`](super::encode) does, without the blocks in which a model thought: what is sealed in them is of no
/// use to another, and without it they are no thoughts. An answer whose tools have just said something cannot be gone on with in
/// thought then, so none is asked for by a budget.
///
/// # Errors
/// As [`encode`](super::encode).
pub fn encode(request: &ChatRequest, target: &Target, effort: Effort) -> Result<Vec<u8>, EncodeError> {
    let written = super::encode(request, target, effort)?;
    let body = Document::parse(&written)
        .map_err(|_| cannot(request.body(), "its thoughts could not be left out; leave them out"))?;
    let messages: Vec<Value<'_>> = body.root().get("messages").into_iter().flat_map(Value::items).collect();
    let rest: Vec<String> = messages.iter().filter_map(|message| without_thoughts(*message)).collect();
    let mut edits = vec![Edit::Set("messages", format!("[{}]", rest.join(",")))];
    let budgeted =
        body.root().present("thinking").and_then(|thinking| thinking.str("type")) == Some("enabled");
    if budgeted && messages.last().is_some_and(|message| says_results(*message)) {
        edits.push(Edit::Remove("thinking"));
    }
    Ok(body.render(&edits))
}

/// A message without its thoughts; none where it is nothing else.
fn without_thoughts(message: Value<'_>) -> Option<String> {
    let content = message.get("content").filter(|content| content.kind() == Kind::Array);
    let Some(content) = content.filter(|content| content.items().any(is_thought)) else {
        return Some(message.render());
    };
    let left: Vec<String> = content.items().filter(|block| !is_thought(*block)).map(Value::render).collect();
    if left.is_empty() {
        return None;
    }
    let members = message.members().map(|(name, value)| {
        let value = if name == "content" { format!("[{}]", left.join(",")) } else { value.render() };
        format!("{}:{value}", quote(name))
    });
    Some(format!("{{{}}}", members.collect::<Vec<_>>().join(",")))
}

fn is_thought(block: Value<'_>) -> bool {
    matches!(block.str("type"), Some("thinking" | "redacted_thinking"))
}

fn says_results(message: Value<'_>) -> bool {
    message
        .get("content")
        .into_iter()
        .flat_map(Value::items)
        .any(|block| block.str("type") == Some("tool_result"))
}

#[cfg(test)]
mod tests {
    use hearthgate_rules::target::{EffortField, Zone};
    use serde_json::{Value, json};

    use super::*;

    fn sent(thinking: &Value, messages: &Value) -> Value {
        let body = json!({"model": "auto", "max_tokens": 9000, "thinking": thinking, "messages": messages});
        let request = ChatRequest::anthropic(body.to_string()).expect("a request");
        let target = Target::upstream("other", "m", Zone::Cloud, EffortField::None);
        serde_json::from_slice(&encode(&request, &target, Effort::Quick).expect("written")).expect("JSON")
    }

    #[test]
    fn thoughts_are_left_out_and_nothing_else_is() {
        let thought = json!({"type": "thinking", "thinking": "Hm.", "signature": "c2VhbA=="});
        let kept = json!({"type": "redacted_thinking", "data": "c2VhbA=="});
        let call = json!({"type": "tool_use", "id": "a", "name": "f", "input": {"n": 1.0}});
        let ask = json!({"role": "user", "content": "Count."});
        let result =
            json!({"role": "user", "content": [{"type": "tool_result", "tool_use_id": "a", "content": "1"}]});
        let messages = json!([
            ask,
            {"role": "assistant", "content": [thought, kept]},
            {"role": "assistant", "content": [thought, kept, call], "extra": 2},
            result,
        ]);
        let enabled = json!({"type": "enabled", "budget_tokens": 4096});
        let written = sent(&enabled, &messages);
        let expected = json!([ask, {"role": "assistant", "content": [call], "extra": 2}, result]);
        assert_eq!(written["messages"], expected);
        assert_eq!(written.get("thinking"), None, "a loop that is open cannot be gone on with in thought");
        let adaptive = json!({"type": "adaptive"});
        assert_eq!(sent(&adaptive, &messages)["thinking"], adaptive);
        let asked_anew = json!([ask, {"role": "assistant", "content": [thought, call]}, result, ask]);
        assert_eq!(sent(&enabled, &asked_anew)["thinking"], enabled);
    }
}
