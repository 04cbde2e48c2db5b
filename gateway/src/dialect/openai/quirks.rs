//! Fits a request to a server that does not take all of the dialect, or calls some of it otherwise.
//!
//! What it refuses is left out where nothing depends on it; where something does, the request is refused by its place.

use hearthgate_rules::chat::ChatRequest;
use hearthgate_rules::decision::EncodeError;
use hearthgate_rules::json::{Document, Kind, Value, quote};
use hearthgate_rules::target::{EffortField, Quirks, Target};

use super::ids::Ids;
use super::read::says_nothing;
use crate::dialect::chat::{cannot, one_at_a_time};
use crate::dialect::effort::Level;
use crate::dialect::write::{Object, array};

/// The field by which a target is told how long to think, and its value.
pub fn effort(target: &Target, level: Level) -> Option<(&'static str, String)> {
    let thinks = level > Level::Minimal;
    let word = level.as_openai(target.manner().levels);
    Some(match target.effort_field() {
        EffortField::ReasoningEffort => ("reasoning_effort", quote(word)),
        EffortField::Reasoning => ("reasoning", Object::new().text("effort", word).done()),
        EffortField::EnableThinking => ("chat_template_kwargs", format!("{{\"enable_thinking\":{thinks}}}")),
        EffortField::ThinkingSwitch => {
            ("thinking", Object::new().text("type", if thinks { "enabled" } else { "disabled" }).done())
        }
        _ => return None,
    })
}

/// A body as its target's server takes it.
///
/// # Errors
/// When the request asks for what the server refuses.
pub fn fit(body: Vec<u8>, request: &ChatRequest, target: &Target) -> Result<Vec<u8>, EncodeError> {
    let quirks = target.quirks();
    if *quirks == Quirks::default() {
        return Ok(body);
    }
    let Ok(written) = Document::parse(&body) else { return Ok(body) };
    let root = written.root();
    let renamed =
        |name: &str| quirks.renames.iter().find(|(own, _)| own == name).map(|(_, theirs)| theirs.as_str());
    // Of two fields that come to have one name the one that is renamed holds: it is the newer.
    let hidden =
        |name: &str| quirks.renames.iter().any(|(own, theirs)| theirs == name && root.present(own).is_some());
    let mut out = Object::new();
    for (name, value) in root.members() {
        if quirks.refuses.iter().any(|refused| refused == name) {
            if is_left_out(name, value) {
                continue;
            }
            return Err(cannot(place(request, name), "its server takes no such field; leave it out"));
        }
        // Nothing in place of a field that has another name there is nothing there.
        if hidden(name) || renamed(name).is_some() && value.kind() == Kind::Null {
            continue;
        }
        out = match name {
            "messages" => out.json(name, &messages(value, request, quirks)?),
            _ => out.json(renamed(name).unwrap_or(name), &value.render()),
        };
    }
    Ok(out.done().into_bytes())
}

/// Where the client asks for what is written as this field.
fn place<'a>(request: &'a ChatRequest, name: &str) -> Value<'a> {
    let body = request.body();
    match name {
        "parallel_tool_calls" => one_at_a_time(request),
        "stop" => body.get(name).or_else(|| body.get("stop_sequences")).unwrap_or(body),
        "response_format" => ["response_format", "output_config", "text"]
            .into_iter()
            .find_map(|name| body.get(name))
            .unwrap_or(body),
        _ => body.get(name).unwrap_or(body),
    }
}

/// Whether no answer depends on a field: it says what is so anyway, helps a provider to run its service, or asks to be told.
fn is_left_out(name: &str, value: Value<'_>) -> bool {
    match name {
        "user" | "safety_identifier" | "stream_options" | "reasoning_effort" => true,
        "parallel_tool_calls" => value.as_bool() == Some(true),
        "tool_choice" => value.as_str() == Some("auto"),
        _ => says_nothing(name, value),
    }
}

fn messages(all: Value<'_>, request: &ChatRequest, quirks: &Quirks) -> Result<String, EncodeError> {
    let mut messages = Vec::new();
    let mut ids = quirks.call_id_chars.map(|chars| Ids::of(all, chars));
    let asked = all.items().enumerate().filter(|(_, message)| message.str("role") == Some("user")).last();
    let asked = asked.map_or(0, |(index, _)| index);
    for (index, message) in all.items().enumerate() {
        let mut out = Object::new();
        let in_loop = index > asked && message.present("tool_calls").is_some();
        for (name, value) in message.members() {
            if quirks.thoughts_in_tool_loops && !in_loop && matches!(name, "reasoning_content" | "reasoning")
            {
                continue;
            }
            if let Some(ids) = &mut ids
                && let Some(json) = ids.replaced(name, value)
            {
                out = out.json(name, &json);
                continue;
            }
            if quirks.refuses_in_messages.iter().any(|refused| refused == name) {
                let empty = value.kind() != Kind::Number
                    && value.as_str().unwrap_or_default().is_empty()
                    && value.items().next().is_none()
                    && value.members().next().is_none();
                // What the model thought is nothing to whoever takes no thoughts; its own surface of this dialect has it back.
                // Whose result it is, is told by the call.
                let of_a_tool = name == "name" && message.str("role") == Some("tool");
                if !empty && !of_a_tool && !matches!(name, "reasoning_content" | "reasoning" | "annotations")
                {
                    let own = request.messages().nth(index).and_then(|message| message.get(name));
                    let at = own.unwrap_or_else(|| request.body());
                    return Err(cannot(at, "its server takes no such member of a message; leave it out"));
                }
                continue;
            }
            let developer =
                name == "role" && value.as_str() == Some("developer") && quirks.developer_is_system;
            out = if developer { out.text(name, "system") } else { out.json(name, &value.render()) };
        }
        messages.push(out.done());
    }
    Ok(array(&messages))
}

#[cfg(test)]
mod tests {
    use hearthgate_rules::target::{Effort, Zone};
    use serde_json::json;

    use super::*;
    use crate::dialect::openai;

    fn target(field: EffortField) -> Target {
        let quirks = Quirks {
            refuses: ["stream_options", "store", "user", "parallel_tool_calls", "logit_bias"]
                .map(str::to_owned)
                .to_vec(),
            refuses_in_messages: ["refusal", "reasoning_content", "name"].map(str::to_owned).to_vec(),
            renames: vec![
                ("max_completion_tokens".to_owned(), "max_tokens".to_owned()),
                ("seed".to_owned(), "random_seed".to_owned()),
            ],
            developer_is_system: true,
            ..Quirks::default()
        };
        Target::upstream("up", "m", Zone::Cloud, field).with_quirks(quirks)
    }

    fn sent(more: serde_json::Value, field: EffortField) -> Result<serde_json::Value, EncodeError> {
        let mut body = json!({ "model": "m", "messages": [{ "role": "user", "content": "x" }] });
        body.as_object_mut().expect("an object").extend(more.as_object().cloned().unwrap_or_default());
        let request = ChatRequest::openai(body.to_string()).expect("a request");
        let written = openai::encode(&request, &target(field), Effort::Deliberate)?;
        Ok(serde_json::from_slice(&written).expect("JSON"))
    }

    #[test]
    fn fields_are_renamed_or_left_out_where_nothing_depends_on_them() {
        let asked = json!({
            "stream": true, "stream_options": { "include_usage": true }, "store": false, "user": "u", "parallel_tool_calls": true,
            "max_tokens": 5, "max_completion_tokens": 7, "seed": 18446744073709551615_u64, "something_new": [1.50],
            "messages": [{ "role": "developer", "content": "a" },
                { "role": "assistant", "content": "b", "refusal": null, "reasoning_content": "Hm." }, { "role": "user", "content": "c" }],
        });
        let expected = json!({
            "model": "m", "stream": true, "max_tokens": 7, "random_seed": 18446744073709551615_u64, "something_new": [1.50],
            "messages": [{ "role": "system", "content": "a" }, { "role": "assistant", "content": "b" }, { "role": "user", "content": "c" }],
        });
        assert_eq!(sent(asked, EffortField::None), Ok(expected));
    }

    #[test]
    fn a_field_that_holds_nothing_takes_no_others_place() {
        for (asked, most) in [
            (json!({ "max_completion_tokens": null, "max_tokens": 100 }), 100),
            (json!({ "max_tokens": 100, "max_completion_tokens": null }), 100),
            (json!({ "max_tokens": null, "max_completion_tokens": 7 }), 7),
        ] {
            assert_eq!(sent(asked, EffortField::None).expect("carried")["max_tokens"], most);
        }
        let messages = json!({ "messages": [{ "role": "user", "content": "x" },
            { "role": "tool", "tool_call_id": "a", "name": "f", "content": "y" }] });
        let told = json!({ "role": "tool", "tool_call_id": "a", "content": "y" });
        assert_eq!(sent(messages, EffortField::None).expect("carried")["messages"][1], told);
    }

    #[test]
    fn thoughts_go_back_within_a_tool_loop_and_nowhere_else() {
        let call = |id: &str| json!([{ "id": id, "type": "function", "function": { "name": "f", "arguments": "{}" } }]);
        let thought = |id: &str| json!({ "role": "assistant", "content": null, "reasoning_content": "Hm.", "tool_calls": call(id) });
        let said = |id: &str| json!({ "role": "tool", "tool_call_id": id, "content": "y" });
        let messages = json!([
            { "role": "user", "content": "x" }, thought("a"), said("a"),
            { "role": "assistant", "content": "b", "reasoning_content": "Hm." },
            { "role": "user", "content": "z" }, thought("c"), said("c"), thought("d"), said("d"),
        ]);
        let request = json!({ "model": "m", "messages": messages }).to_string();
        let request = ChatRequest::openai(request).expect("a request");
        let quirks = Quirks { thoughts_in_tool_loops: true, ..Quirks::default() };
        let target = Target::upstream("up", "m", Zone::Cloud, EffortField::None).with_quirks(quirks);
        let written = openai::encode(&request, &target, Effort::Quick).expect("carried");
        let sent: serde_json::Value = serde_json::from_slice(&written).expect("JSON");
        let with: Vec<usize> =
            (0..9).filter(|at| sent["messages"][at]["reasoning_content"] == "Hm.").collect();
        assert_eq!(with, [5, 7]);
    }

    #[test]
    fn what_an_answer_depends_on_is_refused_by_its_place() {
        for (more, place) in [
            (json!({ "store": true }), "/store"),
            (json!({ "parallel_tool_calls": false }), "/parallel_tool_calls"),
            (json!({ "logit_bias": { "1": 2 } }), "/logit_bias"),
            (json!({ "messages": [{ "role": "user", "content": "x", "name": "ann" }] }), "/messages/0/name"),
        ] {
            let Err(EncodeError::CannotCarry { pointer, .. }) = sent(more, EffortField::None) else {
                panic!("{place}")
            };
            assert_eq!(pointer, place);
        }
    }

    #[test]
    fn the_effort_is_told_in_the_field_that_the_server_has() {
        let told = |more: serde_json::Value, field, name: &str| {
            let sent = sent(more, field).expect("carried");
            assert!(name == "reasoning_effort" || sent.get("reasoning_effort").is_none());
            sent[name].clone()
        };
        let none = || json!({});
        assert_eq!(told(none(), EffortField::ReasoningEffort, "reasoning_effort"), "high");
        assert_eq!(told(none(), EffortField::Reasoning, "reasoning"), json!({ "effort": "high" }));
        assert_eq!(
            told(none(), EffortField::EnableThinking, "chat_template_kwargs"),
            json!({ "enable_thinking": true })
        );
        assert_eq!(told(none(), EffortField::ThinkingSwitch, "thinking"), json!({ "type": "enabled" }));
        let quick = || json!({ "reasoning_effort": "none" });
        assert_eq!(
            told(quick(), EffortField::EnableThinking, "chat_template_kwargs"),
            json!({ "enable_thinking": false })
        );
        assert_eq!(told(quick(), EffortField::ThinkingSwitch, "thinking"), json!({ "type": "disabled" }));
        // What the client says in the server's own words stays.
        let own = json!({ "chat_template_kwargs": { "enable_thinking": false, "x": 1 } });
        assert_eq!(
            told(own.clone(), EffortField::EnableThinking, "chat_template_kwargs"),
            own["chat_template_kwargs"]
        );
    }
}
