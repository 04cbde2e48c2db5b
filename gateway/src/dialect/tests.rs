//! There and back between the dialects: nothing is lost that both can say, and streams are the same however they are cut.

use bytes::Bytes;
use hearthgate_rules::chat::ChatRequest;
use hearthgate_rules::target::{Effort, EffortField, Levels, Manner, Target, Zone};
use proptest::prelude::*;
use serde_json::{Value, json};

use super::carry::Reader;
use super::event::{Event, Gathered};
use super::sse::Splitter;
use super::{anthropic, bedrock, gemini, openai};
use crate::config::UpstreamDialect;

mod same;

fn target(effort_field: EffortField) -> Target {
    let manner = Manner {
        effort_field,
        answer_tokens: Some(20_000),
        formats: true,
        newer_bound: true,
        ..Manner::default()
    };
    Target::upstream("up", "m", Zone::Cloud, effort_field).with_manner(manner)
}

fn to_anthropic(body: &Value, effort: Effort, field: EffortField) -> Value {
    let request = ChatRequest::openai(body.to_string()).expect("a request");
    let written = anthropic::write::encode(&request, &target(field), effort).expect("carried");
    serde_json::from_slice(&written).expect("JSON")
}

fn to_openai(body: &Value) -> Value {
    let request = ChatRequest::anthropic(body.to_string()).expect("a message request");
    let written =
        openai::write::encode(&request, &target(EffortField::None), Effort::Quick).expect("carried");
    serde_json::from_slice(&written).expect("JSON")
}

fn words() -> impl Strategy<Value = String> {
    "[a-zé\"\\\\\u{1f600} ]{0,12}[a-z]"
}

/// A round of the conversation: what is asked, what is called and answered, what is said.
fn round() -> impl Strategy<Value = Vec<Value>> {
    let image = json!({ "type": "image_url", "image_url": { "url": "data:image/png;base64,iVBORw0KGgo=" } });
    let asked = (words(), any::<bool>()).prop_map(move |(text, seen)| {
        let content =
            if seen { json!([{ "type": "text", "text": text }, image.clone()]) } else { json!(text) };
        json!({ "role": "user", "content": content })
    });
    let calls = prop::collection::vec((words(), words()), 0..3);
    (asked, calls, words()).prop_map(|(asked, calls, said)| {
        let mut turns = vec![asked];
        if !calls.is_empty() {
            let call = |(at, (what, _)): (usize, &(String, String))| {
                let arguments = json!({ "what": what, "n": 1.5 }).to_string();
                json!({ "id": format!("call_{at}"), "type": "function",
                    "function": { "name": "look_up", "arguments": arguments } })
            };
            let made: Vec<_> = calls.iter().enumerate().map(call).collect();
            turns.push(json!({ "role": "assistant", "content": null, "tool_calls": made }));
            let told = calls.iter().enumerate().map(|(at, (_, told))| {
                json!({ "role": "tool", "tool_call_id": format!("call_{at}"), "content": told })
            });
            turns.extend(told);
        }
        turns.push(json!({ "role": "assistant", "content": said }));
        turns
    })
}

prop_compose! {
    fn request()(
        rounds in prop::collection::vec(round(), 0..4),
        last in words(),
        system in prop::option::of(words()),
        choice in prop::sample::select(vec![
            json!("auto"), json!("none"), json!("required"),
            json!({ "type": "function", "function": { "name": "look_up" } }),
        ]),
        stops in prop::collection::vec(words(), 0..3),
        one in any::<bool>(),
        stream in any::<bool>(),
        strict in any::<bool>(),
    ) -> Value {
        let mut messages: Vec<Value> =
            system.iter().map(|text| json!({ "role": "system", "content": text })).collect();
        messages.extend(rounds.concat());
        messages.push(json!({ "role": "user", "content": last }));
        let mut function = json!({ "name": "look_up", "description": "d", "parameters": { "type": "object", "properties": {} } });
        if strict {
            function["strict"] = json!(true);
        }
        let mut body = json!({
            "model": "m", "messages": messages, "tools": [{ "type": "function", "function": function }],
            "tool_choice": choice, "temperature": 0.25, "top_p": 0.5, "max_completion_tokens": 77, "user": "u",
        });
        if one && choice != "none" {
            body["parallel_tool_calls"] = json!(false);
        }
        if !stops.is_empty() {
            body["stop"] = json!(stops);
        }
        if stream {
            body["stream"] = json!(true);
            body["stream_options"] = json!({ "include_usage": true });
        }
        body
    }
}

/// Every string of a document.
fn leaves(value: &Value, out: &mut Vec<String>) {
    match value {
        Value::String(text) => out.push(text.clone()),
        Value::Array(items) => items.iter().for_each(|item| leaves(item, out)),
        Value::Object(members) => members.values().for_each(|value| leaves(value, out)),
        _ => {}
    }
}

proptest! {
    #[test]
    fn a_request_there_and_back_is_the_same(request in request()) {
        let there = to_anthropic(&request, Effort::Deliberate, EffortField::None);
        let back = to_openai(&there);
        prop_assert_eq!(&back, &request);
        prop_assert_eq!(to_anthropic(&back, Effort::Deliberate, EffortField::None), there);
    }

    #[test]
    fn nothing_that_is_said_is_lost_on_the_way_out(request in request()) {
        let mut body = request;
        body.as_object_mut().expect("an object").remove("parallel_tool_calls");
        // A call was made, perhaps; Bedrock cannot forbid another then.
        if body["tool_choice"] == "none" {
            body["tool_choice"] = json!("auto");
        }
        for written in [gemini::write::written, bedrock::write::written] {
            let request = ChatRequest::openai(body.to_string()).expect("a request");
            let written = written(&request, &target(EffortField::None), Effort::Quick, true).expect("carried");
            let sent: Value = serde_json::from_slice(&written).expect("JSON");
            let mut told = Vec::new();
            leaves(&sent, &mut told);
            for message in body["messages"].as_array().expect("messages") {
                let mut said = Vec::new();
                match message["content"].as_array() {
                    Some(parts) => said.extend(parts.iter().filter_map(|part| part["text"].as_str().map(str::to_owned))),
                    None => said.extend(message["content"].as_str().map(str::to_owned)),
                }
                for call in message["tool_calls"].as_array().into_iter().flatten() {
                    let arguments = call["function"]["arguments"].as_str().expect("arguments");
                    leaves(&serde_json::from_str(arguments).expect("JSON"), &mut said);
                }
                for text in said {
                    prop_assert!(told.contains(&text), "{text:?} is not in {sent}");
                }
            }
        }
    }

    #[test]
    fn a_stream_is_read_the_same_wherever_it_is_cut(
        cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..12),
    ) {
        for (dialect, stream) in [
            (UpstreamDialect::Anthropic, ANTHROPIC),
            (UpstreamDialect::OpenAi, OPENAI),
            (UpstreamDialect::Gemini, GEMINI),
        ] {
            let mut cuts: Vec<_> = cuts.iter().map(|cut| cut.index(stream.len() + 1)).collect();
            cuts.extend([0, stream.len()]);
            cuts.sort_unstable();
            let pieces: Vec<_> = cuts.windows(2).map(|pair| &stream.as_bytes()[pair[0]..pair[1]]).collect();
            let whole = read(dialect, &[stream.as_bytes()]);
            prop_assert_eq!(whole.len(), 9);
            prop_assert!(read(dialect, &pieces) == whole);
        }
    }
}

const ANTHROPIC: &str = "event: message_start\ndata: {\"type\":\"message_start\",\"message\":{\"usage\":{\"input_tokens\":3}}}\n\n\
: note\n\nevent: ping\ndata: {\"type\":\"ping\"}\n\n\
data: {\"type\":\"content_block_start\",\"index\":0,\"content_block\":{\"type\":\"thinking\",\"thinking\":\"\"}}\n\n\
data: {\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":\"thinking_delta\",\"thinking\":\"é\"}}\n\n\
data: {\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":\"signature_delta\",\"signature\":\"s\"}}\n\n\
data: {\"type\":\"content_block_stop\",\"index\":0}\n\n\
data: {\"type\":\"content_block_start\",\"index\":1,\"content_block\":{\"type\":\"text\",\"text\":\"\"}}\n\n\
data: {\"type\":\"content_block_delta\",\"index\":1,\"delta\":{\"type\":\"text_delta\",\"text\":\"a\"}}\n\n\
data: {\"type\":\"content_block_delta\",\"index\":1,\"delta\":{\"type\":\"text_delta\",\"text\":\"😀\"}}\n\n\
data: {\"type\":\"content_block_stop\",\"index\":1}\n\n\
data: {\"type\":\"content_block_start\",\"index\":2,\"content_block\":{\"type\":\"tool_use\",\"id\":\"x\",\"name\":\"f\",\"input\":{}}}\n\n\
data: {\"type\":\"content_block_delta\",\"index\":2,\"delta\":{\"type\":\"input_json_delta\",\"partial_json\":\"{\\\"a\\\"\"}}\n\n\
data: {\"type\":\"content_block_delta\",\"index\":2,\"delta\":{\"type\":\"input_json_delta\",\"partial_json\":\":1}\"}}\n\n\
data: {\"type\":\"content_block_stop\",\"index\":2}\n\n\
data: {\"type\":\"content_block_start\",\"index\":3,\"content_block\":{\"type\":\"tool_use\",\"id\":\"y\",\"name\":\"g\",\"input\":{}}}\n\n\
data: {\"type\":\"content_block_stop\",\"index\":3}\n\n\
data: {\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\"tool_use\"},\"usage\":{\"output_tokens\":9}}\n\n\
data: {\"type\":\"message_stop\"}\n\n";

const OPENAI: &str = "data: {\"choices\":[{\"index\":0,\"delta\":{\"role\":\"assistant\",\"content\":\"\"}}]}\n\n\
data: {\"choices\":[{\"index\":0,\"delta\":{\"reasoning_content\":\"é\"}}]}\n\n\
data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"a\"}}]}\n\n\
data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"😀\"}}]}\r\n\r\n\
data: {\"choices\":[{\"index\":0,\"delta\":{\"tool_calls\":[{\"index\":0,\"id\":\"x\",\"function\":{\"name\":\"f\",\"arguments\":\"\"}}]}}]}\n\n\
data: {\"choices\":[{\"index\":0,\"delta\":{\"tool_calls\":[{\"index\":0,\"function\":{\"arguments\":\"{\\\"a\\\"\"}}]}}]}\n\n\
data: {\"choices\":[{\"index\":0,\"delta\":{\"tool_calls\":[{\"index\":0,\"function\":{\"arguments\":\":1}\"}}]}}]}\n\n\
data: {\"choices\":[{\"index\":0,\"delta\":{\"tool_calls\":[{\"index\":1,\"id\":\"y\",\"function\":{\"name\":\"g\",\"arguments\":\"{}\"}}]}}]}\n\n\
data: {\"choices\":[{\"index\":0,\"delta\":{\"refusal\":\"no\"}}]}\n\n\
data: {\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"tool_calls\"}]}\n\n\
data: {\"choices\":[],\"usage\":{\"prompt_tokens\":3,\"completion_tokens\":9}}\n\n\
data: [DONE]\n\n";

const GEMINI: &str = "data: {\"candidates\":[{\"content\":{\"parts\":[{\"text\":\"é\",\"thought\":true}]}}],\"usageMetadata\":{\"promptTokenCount\":3}}\r\n\r\n\
data: {\"candidates\":[{\"content\":{\"parts\":[{\"text\":\"a\"},{\"text\":\"😀\"}]}}]}\r\n\r\n\
: note\n\n\
data: {\"candidates\":[{\"content\":{\"parts\":[{\"text\":\"b\",\"thoughtSignature\":\"s\"}]}}]}\n\n\
data: {\"candidates\":[{\"content\":{\"parts\":[{\"functionCall\":{\"name\":\"f\",\"args\":{\"a\":1}},\"thoughtSignature\":\"t\"},\
{\"functionCall\":{\"id\":\"y\",\"name\":\"g\"}}]}}]}\n\n\
data: {\"candidates\":[{\"content\":{\"parts\":[{\"text\":\"\"}]},\"finishReason\":\"STOP\"}],\
\"usageMetadata\":{\"promptTokenCount\":3,\"candidatesTokenCount\":9}}\n\n";

fn read(dialect: UpstreamDialect, pieces: &[&[u8]]) -> Vec<Event> {
    let (mut splitter, mut reader, mut events) = (Splitter::default(), Reader::of(dialect), Vec::new());
    for piece in pieces {
        splitter.push(Bytes::copy_from_slice(piece));
        while let Some(event) = splitter.next_event().expect("sound") {
            if let Some(data) = event.data() {
                reader.take(&data, &mut events).expect("of the dialect");
            }
        }
    }
    if dialect == UpstreamDialect::Gemini {
        reader.end(&mut events).expect("an end");
    }
    assert!(reader.done());
    let usage = reader.usage().expect("told");
    assert_eq!((usage.input, usage.output), (3, 9));
    events
}

#[test]
fn an_answer_is_gathered_in_order() {
    let mut gathered = Gathered::default();
    read(UpstreamDialect::Anthropic, &[ANTHROPIC.as_bytes()])
        .into_iter()
        .for_each(|event| gathered.add(event));
    let call = |index, id: &str, name: &str, arguments: &str| Event::Call {
        index,
        id: Some(id.to_owned()),
        name: Some(name.to_owned()),
        arguments: arguments.to_owned(),
    };
    let expected = [
        Event::Reasoning("é".to_owned()),
        Event::Text("a😀".to_owned()),
        call(0, "x", "f", "{\"a\":1}"),
        call(1, "y", "g", "{}"),
    ];
    assert!(gathered.parts == expected);
}

#[test]
fn turns_of_one_role_are_merged_and_instructions_gathered() {
    let body = json!({ "model": "m", "messages": [
        { "role": "system", "content": "a" },
        { "role": "user", "content": "b" },
        { "role": "developer", "content": [{ "type": "text", "text": "c" }] },
        { "role": "user", "content": "d" },
        { "role": "assistant", "content": "" },
        { "role": "user", "content": "e" },
    ] });
    let sent = to_anthropic(&body, Effort::Quick, EffortField::None);
    let text = |text: &str| json!({ "type": "text", "text": text });
    assert_eq!(sent["system"], json!([text("a"), text("c")]));
    assert_eq!(sent["messages"], json!([{ "role": "user", "content": [text("b"), text("d"), text("e")] }]));
    assert_eq!(sent["max_tokens"], 20_000);
}

#[test]
fn the_effort_is_compiled_for_the_family_and_only_where_thinking_may_be() {
    let body = |more: Value| {
        let mut body = json!({ "model": "m", "messages": [{ "role": "user", "content": "x" }] });
        body.as_object_mut().expect("an object").extend(more.as_object().cloned().unwrap_or_default());
        body
    };
    let thinking = |more: Value, effort, field| {
        let sent = to_anthropic(&body(more), effort, field);
        (sent["thinking"].clone(), sent["output_config"].clone())
    };
    let (budget, adaptive) = (EffortField::ThinkingBudget, EffortField::AdaptiveThinking);
    let enabled = |tokens: u64| json!({ "type": "enabled", "budget_tokens": tokens });
    let none = Value::Null;
    use Effort::{Deliberate, Quick};
    assert_eq!(thinking(json!({}), Quick, budget), (none.clone(), none.clone()));
    assert_eq!(thinking(json!({}), Deliberate, budget), (enabled(10_000), none.clone()));
    assert_eq!(thinking(json!({ "max_tokens": 4000 }), Deliberate, budget), (enabled(2000), none.clone()));
    assert_eq!(thinking(json!({ "max_tokens": 1500 }), Deliberate, budget), (none.clone(), none.clone()));
    assert_eq!(thinking(json!({ "reasoning_effort": "low" }), Deliberate, budget).0, enabled(1024));
    for steered in [json!({ "temperature": 0 }), json!({ "top_p": 0.9 }), json!({ "top_k": 4 })] {
        assert_eq!(thinking(steered, Deliberate, budget).0, none);
    }
    let effort = |word: &str| json!({ "effort": word });
    assert_eq!(thinking(json!({}), Quick, adaptive), (none.clone(), effort("low")));
    assert_eq!(thinking(json!({}), Deliberate, adaptive), (json!({ "type": "adaptive" }), effort("high")));
    assert_eq!(
        thinking(json!({ "reasoning_effort": "none" }), Deliberate, adaptive),
        (none.clone(), effort("low"))
    );
    assert_eq!(
        thinking(json!({ "reasoning_effort": "high" }), Deliberate, EffortField::None),
        (none.clone(), none)
    );
}

#[test]
fn arguments_keep_their_digits_and_a_format_is_carried() {
    let call = json!({ "id": "a", "type": "function", "function": { "name": "f", "arguments": "{\"n\": 1.0, \"big\": 9223372036854775808}" } });
    let body = json!({ "model": "m",
        "response_format": { "type": "json_schema", "json_schema": { "name": "x", "schema": { "type": "object" } } },
        "messages": [
            { "role": "user", "content": "x" },
            { "role": "assistant", "content": null, "tool_calls": [call] },
            { "role": "tool", "tool_call_id": "a", "content": "y" },
        ] });
    let request = ChatRequest::openai(body.to_string()).expect("a request");
    let sent =
        anthropic::write::encode(&request, &target(EffortField::None), Effort::Quick).expect("carried");
    let sent = String::from_utf8(sent).expect("text");
    assert!(sent.contains("\"input\":{\"n\":1.0,\"big\":9223372036854775808}"), "{sent}");
    assert!(
        sent.contains(
            "\"output_config\":{\"format\":{\"type\":\"json_schema\",\"schema\":{\"type\":\"object\",\"additionalProperties\":false}}}"
        ),
        "{sent}"
    );
}

/// What a model of OpenAI's is told that takes these levels, and no effort beside a temperature.
fn told(levels: &[u8], effort: Effort, body: &Value) -> (Value, Value) {
    let levels = levels.iter().fold(Levels::default(), |all, place| all.with(*place));
    let field = EffortField::ReasoningEffort;
    let manner = Manner { effort_field: field, levels, effort_or_sampling: true, ..Manner::default() };
    let target = Target::upstream("up", "m", Zone::Cloud, field).with_manner(manner);
    let mut chat = json!({"model": "auto", "max_tokens": 9, "messages": [{"role": "user", "content": "hi"}]});
    chat.as_object_mut().expect("an object").extend(body.as_object().expect("an object").clone());
    let request = ChatRequest::openai(chat.to_string()).expect("a request");
    let passed: Value =
        serde_json::from_slice(&openai::encode(&request, &target, effort).expect("carried")).expect("JSON");
    chat.as_object_mut().expect("an object").remove("reasoning_effort");
    let message = ChatRequest::anthropic(chat.to_string()).expect("a message request");
    let written = openai::write::encode(&message, &target, effort).expect("carried");
    let written: Value = serde_json::from_slice(&written).expect("JSON");
    (passed["reasoning_effort"].clone(), written["reasoning_effort"].clone())
}

#[test]
fn a_model_is_told_no_effort_that_it_refuses() {
    let (none, newer) = (json!({}), [0, 2, 3, 4]);
    assert_eq!(told(&newer, Effort::Quick, &none), (json!("none"), json!("none")));
    assert_eq!(told(&newer, Effort::Deliberate, &none), (json!("high"), json!("high")));
    // The client's own word, and the nearest one where the model is known not to take it.
    assert_eq!(told(&newer, Effort::Quick, &json!({"reasoning_effort": "medium"})).0, json!("medium"));
    assert_eq!(told(&newer, Effort::Quick, &json!({"reasoning_effort": "minimal"})).0, json!("none"));
    assert_eq!(told(&newer, Effort::Deliberate, &json!({"reasoning_effort": "xhigh"})).0, json!("high"));
    assert_eq!(
        told(&[], Effort::Quick, &json!({"reasoning_effort": "minimal"})).0,
        json!("minimal"),
        "nothing is known"
    );
    assert_eq!(told(&[4], Effort::Quick, &none).0, json!("high"));
    // Beside what steers the choice of tokens, none that the client did not name.
    assert_eq!(told(&newer, Effort::Deliberate, &json!({"temperature": 0.2})), (Value::Null, Value::Null));
}
