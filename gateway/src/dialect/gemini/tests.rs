//! What Gemini is told, and what it says.

use hearthgate_rules::chat::{ChatRequest, Dialect};
use hearthgate_rules::decision::EncodeError;
use hearthgate_rules::target::{Effort, EffortField, Manner, Target, Zone};
use serde_json::{Value, json};

use super::answer::Reader;
use super::write::written;
use crate::dialect::event::{Event, Finish};

fn target(effort_field: EffortField, thinking_tokens_min: Option<u32>) -> Target {
    let manner = Manner { effort_field, thinking_tokens_min, ..Manner::default() };
    Target::upstream("up", "m", Zone::Cloud, effort_field).with_manner(manner)
}

fn sent(body: &Value, target: &Target, effort: Effort) -> Result<Value, EncodeError> {
    let request = ChatRequest::openai(body.to_string()).expect("a request");
    Ok(serde_json::from_slice(&written(&request, target, effort, true)?).expect("JSON"))
}

fn ask(more: Value) -> Value {
    let mut body = json!({ "model": "m", "messages": [{ "role": "user", "content": "x" }] });
    body.as_object_mut().expect("an object").extend(more.as_object().cloned().unwrap_or_default());
    body
}

#[test]
fn a_model_that_thinks_much_or_not_at_all_is_asked_for_one_of_the_two() {
    let manner = Manner {
        effort_field: EffortField::ThinkingBudget,
        thinking_tokens_min: Some(512),
        thinking_optional: true,
        ..Manner::default()
    };
    let target = Target::upstream("up", "m", Zone::Cloud, EffortField::ThinkingBudget).with_manner(manner);
    let thinking = |more: Value, effort| {
        let sent = sent(&ask(more), &target, effort).expect("carried");
        sent["generationConfig"]["thinkingConfig"].clone()
    };
    let none = json!({ "thinkingBudget": 0 });
    assert_eq!(thinking(json!({}), Effort::Quick), none);
    assert_eq!(thinking(json!({ "max_tokens": 1000 }), Effort::Deliberate), none);
    let some = json!({ "thinkingBudget": 512, "includeThoughts": true });
    assert_eq!(thinking(json!({ "max_tokens": 1024 }), Effort::Deliberate), some);
}

#[test]
fn a_schema_that_lets_anything_in_is_told() {
    let told = |schema: Value| {
        let tools =
            json!({ "tools": [{ "type": "function", "function": { "name": "f", "parameters": schema } }] });
        let target = target(EffortField::None, None);
        let sent = sent(&ask(tools), &target, Effort::Quick).expect("carried");
        sent["tools"][0]["functionDeclarations"][0].get("parametersJsonSchema").cloned()
    };
    assert_eq!(told(json!({ "type": "object", "additionalProperties": false })), None);
    for more in [json!(true), json!({ "type": "string" })] {
        let schema = json!({ "type": "object", "additionalProperties": more });
        assert_eq!(told(schema.clone()), Some(schema));
    }
}

#[test]
fn the_effort_is_told_in_tokens_or_in_words_and_never_in_both() {
    use Effort::{Deliberate, Quick};
    let thinking = |more: Value, effort, field, least| {
        let sent = sent(&ask(more), &target(field, least), effort).expect("carried");
        sent["generationConfig"]["thinkingConfig"].clone()
    };
    let (budget, level) = (EffortField::ThinkingBudget, EffortField::ThinkingLevel);
    assert_eq!(thinking(json!({}), Quick, budget, None), json!({ "thinkingBudget": 0 }));
    assert_eq!(thinking(json!({}), Quick, budget, Some(128)), json!({ "thinkingBudget": 128 }));
    let thinks = |tokens: u64| json!({ "thinkingBudget": tokens, "includeThoughts": true });
    assert_eq!(thinking(json!({}), Deliberate, budget, None), thinks(16_384));
    assert_eq!(thinking(json!({ "max_tokens": 4000 }), Deliberate, budget, None), thinks(2000));
    assert_eq!(thinking(json!({ "reasoning_effort": "xhigh" }), Quick, budget, None), thinks(24_576));
    let word = |word: &str| json!({ "thinkingLevel": word, "includeThoughts": true });
    assert_eq!(thinking(json!({}), Quick, level, None), json!({ "thinkingLevel": "low" }));
    assert_eq!(thinking(json!({}), Deliberate, level, None), word("high"));
    assert_eq!(thinking(json!({ "reasoning_effort": "low" }), Deliberate, level, None), word("low"));
    assert_eq!(thinking(json!({}), Deliberate, EffortField::None, None), Value::Null);
}

#[test]
fn a_format_and_what_few_dialects_know_are_carried() {
    let plain = target(EffortField::None, None);
    let schema = json!({ "type": "object", "properties": { "a": { "type": "string" } } });
    let body = ask(json!({
        "seed": 7, "presence_penalty": 0.5, "frequency_penalty": 0, "top_k": 4, "stop": "END",
        "response_format": { "type": "json_schema", "json_schema": { "name": "x", "schema": schema } }
    }));
    let config = sent(&body, &plain, Effort::Quick).expect("carried")["generationConfig"].clone();
    let expected = json!({ "topK": 4, "stopSequences": ["END"], "seed": 7, "presencePenalty": 0.5,
        "responseMimeType": "application/json", "responseJsonSchema": schema });
    assert_eq!(config, expected);
    let body = ask(json!({ "response_format": { "type": "json_object" } }));
    let config = sent(&body, &plain, Effort::Quick).expect("carried")["generationConfig"].clone();
    assert_eq!(config, json!({ "responseMimeType": "application/json" }));
}

#[test]
fn a_tool_without_arguments_has_no_schema() {
    let tool =
        |schema: Value| json!({ "type": "function", "function": { "name": "f", "parameters": schema } });
    let bare = json!({ "type": "object", "properties": {}, "additionalProperties": false });
    let full = json!({ "type": "object", "properties": { "a": { "type": "string" } } });
    let body = ask(json!({ "tools": [tool(bare), tool(full.clone())] }));
    let sent = sent(&body, &target(EffortField::None, None), Effort::Quick).expect("carried");
    let declared = json!([{ "name": "f" }, { "name": "f", "parametersJsonSchema": full }]);
    assert_eq!(sent["tools"][0]["functionDeclarations"], declared);
}

#[test]
fn what_cannot_be_said_is_named_by_its_place() {
    let plain = target(EffortField::None, None);
    let url = json!([{ "type": "image_url", "image_url": { "url": "https://x.example/a.png" } }]);
    for (body, place) in [
        (ask(json!({ "parallel_tool_calls": false })), "/parallel_tool_calls"),
        (ask(json!({ "n": 2 })), "/n"),
        (ask(json!({ "messages": [{ "role": "user", "content": url }] })), "/messages/0/content/0"),
        (
            ask(json!({ "messages": [{ "role": "tool", "tool_call_id": "a", "content": "x" }] })),
            "/messages/0",
        ),
        (ask(json!({ "messages": [{ "role": "user", "content": "" }] })), "/messages"),
    ] {
        let Err(EncodeError::CannotCarry { pointer, .. }) = sent(&body, &plain, Effort::Quick) else {
            panic!("{body}")
        };
        assert_eq!(pointer, place);
    }
}

#[test]
fn seals_go_back_where_they_stood_and_only_to_whom_they_are_from() {
    let third = target(EffortField::ThinkingLevel, None);
    let call = |id: &str, seal: Option<&str>| {
        let mut call =
            json!({ "id": id, "type": "function", "function": { "name": "f", "arguments": "{\"n\": 1.0}" } });
        if let Some(seal) = seal {
            call["extra_content"] = json!({ "google": { "thought_signature": seal } });
        }
        call
    };
    let result = |id: &str| json!({ "role": "tool", "tool_call_id": id, "content": "y" });
    let body = ask(json!({ "tools": [{ "type": "function", "function": { "name": "f" } }], "messages": [
        { "role": "user", "content": "x" },
        { "role": "assistant", "content": "Hm.", "tool_calls": [call("a", Some("one")), call("b", None)] },
        result("a"), result("b"),
        { "role": "assistant", "tool_calls": [call("c", None)] }, result("c"),
    ] }));
    let request = ChatRequest::openai(body.to_string()).expect("a request");
    let parts = |written: Result<Vec<u8>, EncodeError>, at: usize| {
        let sent: Value = serde_json::from_slice(&written.expect("carried")).expect("JSON");
        sent["contents"][at]["parts"].clone()
    };
    let called = |id: &str| json!({ "functionCall": { "id": id, "name": "f", "args": { "n": 1.0 } } });
    let sealed = |id: &str, seal: &str| {
        let mut part = called(id);
        part["thoughtSignature"] = json!(seal);
        part
    };
    let own = written(&request, &third, Effort::Quick, true);
    assert_eq!(parts(own.clone(), 1), json!([{ "text": "Hm." }, sealed("a", "one"), called("b")]));
    assert_eq!(parts(own, 3), json!([sealed("c", "skip_thought_signature_validator")]));
    let others = parts(written(&request, &third, Effort::Quick, false), 1);
    assert_eq!(others[1], sealed("a", "skip_thought_signature_validator"));
    let second = target(EffortField::ThinkingBudget, None);
    assert_eq!(parts(written(&request, &second, Effort::Quick, false), 1)[1], called("a"));
}

#[test]
fn thoughts_of_a_message_go_back_with_their_seal() {
    let body = json!({ "model": "m", "max_tokens": 9, "messages": [
        { "role": "user", "content": "x" },
        { "role": "assistant", "content": [
            { "type": "thinking", "thinking": "Unsealed.", "signature": "" },
            { "type": "text", "text": "Hm." },
            { "type": "thinking", "thinking": "Sealed.", "signature": "one" },
            { "type": "tool_use", "id": "a", "name": "f", "input": {} }
        ] },
        { "role": "user", "content": [{ "type": "tool_result", "tool_use_id": "a", "content": "y", "is_error": true }] }
    ] });
    let request = ChatRequest::anthropic(body.to_string()).expect("a request");
    let written = written(&request, &target(EffortField::None, None), Effort::Quick, true).expect("carried");
    let sent: Value = serde_json::from_slice(&written).expect("JSON");
    let expected = json!([{ "text": "Hm." }, { "text": "Sealed.", "thought": true },
        { "functionCall": { "id": "a", "name": "f", "args": {} }, "thoughtSignature": "one" }]);
    assert_eq!(sent["contents"][1]["parts"], expected);
    let failed = json!([{ "functionResponse": { "id": "a", "name": "f", "response": { "error": "y" } } }]);
    assert_eq!(sent["contents"][2]["parts"], failed);
}

fn read(chunk: Value) -> (Reader, Vec<Event>) {
    let (mut reader, mut events) = (Reader::default(), Vec::new());
    reader.take(chunk.to_string().as_bytes(), &mut events).expect("of the dialect");
    (reader, events)
}

#[test]
fn why_an_answer_ended_is_told() {
    let ends = |word: &str| {
        let (mut reader, mut events) =
            read(json!({ "candidates": [{ "content": {}, "finishReason": word }] }));
        let error = reader.error.clone();
        match reader.end(&mut events) {
            Ok(()) => match events.pop() {
                Some(Event::End(finish)) => Ok(finish),
                _ => panic!("no end"),
            },
            Err(_) => Err(error.expect("an error").0),
        }
    };
    assert_eq!(ends("STOP"), Ok(Finish::Stop));
    assert_eq!(ends("MAX_TOKENS"), Ok(Finish::Length));
    for held in ["SAFETY", "RECITATION", "PROHIBITED_CONTENT", "SPII", "SOMETHING_NEW"] {
        assert_eq!(ends(held), Ok(Finish::Filter), "{held}");
    }
    assert_eq!(ends("MALFORMED_FUNCTION_CALL"), Err("MALFORMED_FUNCTION_CALL".to_owned()));
    let (mut reader, mut events) = read(json!({ "promptFeedback": { "blockReason": "SAFETY" } }));
    assert!(reader.end(&mut events).is_ok() && events == [Event::End(Finish::Filter)]);
    let (mut reader, _) = read(json!({ "candidates": [{ "content": { "parts": [{ "text": "a" }] } }] }));
    assert!(reader.end(&mut Vec::new()).is_err(), "it broke off");
}

#[test]
fn tokens_are_counted_as_the_others_count_them() {
    let told = json!({ "promptTokenCount": 20, "candidatesTokenCount": 5, "thoughtsTokenCount": 7,
        "cachedContentTokenCount": 12, "toolUsePromptTokenCount": 2, "totalTokenCount": 34 });
    let (reader, _) = read(json!({ "candidates": [{ "content": {} }], "usageMetadata": told }));
    let usage = reader.usage.expect("told");
    assert_eq!((usage.input, usage.output, usage.cached, usage.reasoning), (22, 12, 12, Some(7)));
}

#[test]
fn a_sound_is_told_from_a_chat_and_from_a_response() {
    let target = target(EffortField::None, None);
    let told = |format: &str, response: bool| {
        let sound = json!({ "type": "input_audio", "input_audio": { "data": "UklGRg==", "format": format } });
        let turns = json!([{ "role": "user", "content": [sound] }]);
        let body = if response {
            json!({ "model": "m", "input": turns })
        } else {
            ask(json!({ "messages": turns }))
        };
        let dialect = if response { Dialect::OpenAiResponses } else { Dialect::OpenAiChat };
        let request = ChatRequest::read(dialect, body.to_string()).expect("a request");
        let chat = crate::dialect::openai::write::encode(&request, &target, Effort::Quick).expect("carried");
        let chat: Value = serde_json::from_slice(&chat).expect("JSON");
        assert_eq!(chat["messages"], turns, "{chat}");
        let sent: Value =
            serde_json::from_slice(&written(&request, &target, Effort::Quick, true)?).expect("JSON");
        Ok::<_, EncodeError>(sent["contents"][0]["parts"].clone())
    };
    for response in [false, true] {
        let part = json!([{ "inlineData": { "mimeType": "audio/mp3", "data": "UklGRg==" } }]);
        assert_eq!(told("mp3", response).ok(), Some(part));
        assert!(told("midi", response).is_err());
    }
}
