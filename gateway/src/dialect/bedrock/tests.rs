//! What Bedrock is told, and what it says.

use hearthgate_rules::chat::ChatRequest;
use hearthgate_rules::decision::EncodeError;
use hearthgate_rules::json::Document;
use hearthgate_rules::target::{Effort, EffortField, Manner, Target, Zone};
use serde_json::{Value, json};

use super::answer::{Reader, whole};
use super::write::written;
use crate::dialect::event::{Event, Finish};

fn sent(more: Value, effort_field: EffortField, effort: Effort) -> Value {
    let manner = Manner { effort_field, answer_tokens: Some(20_000), formats: true, ..Manner::default() };
    let target = Target::upstream("up", "m", Zone::Cloud, effort_field).with_manner(manner);
    let mut body = json!({ "model": "m", "messages": [{ "role": "user", "content": "x" }] });
    body.as_object_mut().expect("an object").extend(more.as_object().cloned().unwrap_or_default());
    let request = ChatRequest::openai(body.to_string()).expect("a request");
    serde_json::from_slice(&written(&request, &target, effort, true).expect("carried")).expect("JSON")
}

#[test]
fn the_effort_is_told_in_the_words_of_the_models_maker() {
    use Effort::{Deliberate, Quick};
    let told = |effort, field| sent(json!({}), field, effort)["additionalModelRequestFields"].clone();
    let (budget, adaptive) = (EffortField::ThinkingBudget, EffortField::AdaptiveThinking);
    assert_eq!(told(Quick, budget), Value::Null);
    assert_eq!(
        told(Deliberate, budget),
        json!({ "thinking": { "type": "enabled", "budget_tokens": 10_000 } })
    );
    assert_eq!(told(Quick, adaptive), json!({ "output_config": { "effort": "low" } }));
    let thinks = json!({ "thinking": { "type": "adaptive" }, "output_config": { "effort": "high" } });
    assert_eq!(told(Deliberate, adaptive), thinks);
    assert_eq!(told(Deliberate, EffortField::ReasoningEffort), json!({ "reasoning_effort": "high" }));
    assert_eq!(told(Deliberate, EffortField::None), Value::Null);
}

#[test]
fn bounds_formats_and_files_are_carried() {
    let schema = json!({ "type": "object" });
    let file = |name: &str| json!({ "type": "file", "file": { "filename": name, "file_data": "data:application/pdf;base64,JVBE" } });
    let body = json!({
        "max_tokens": 50, "temperature": 0.5, "top_p": 0.25, "top_k": 4, "stop": ["END"],
        "response_format": { "type": "json_schema", "json_schema": { "name": "x", "schema": schema } },
        "messages": [{ "role": "user", "content": [{ "type": "text", "text": "x" }, file("our_plan.pdf"), file("our_plan.pdf")] }],
    });
    let sent = sent(body, EffortField::None, Effort::Quick);
    let bounds = json!({ "maxTokens": 50, "temperature": 0.5, "topP": 0.25, "stopSequences": ["END"] });
    assert_eq!(sent["inferenceConfig"], bounds);
    assert_eq!(sent["additionalModelRequestFields"], json!({ "top_k": 4 }));
    let format = &sent["outputConfig"]["textFormat"];
    assert_eq!(
        (&format["type"], &format["structure"]["jsonSchema"]["schema"]),
        (&json!("json_schema"), &json!("{\"type\":\"object\",\"additionalProperties\":false}"))
    );
    let document =
        |name: &str| json!({ "document": { "format": "pdf", "name": name, "source": { "bytes": "JVBE" } } });
    let content = json!([{ "text": "x" }, document("our plan pdf 1"), document("our plan pdf 2")]);
    assert_eq!(sent["messages"][0]["content"], content);
}

#[test]
fn tools_that_may_not_be_called_are_left_out_where_none_was() {
    let tools =
        json!({ "tools": [{ "type": "function", "function": { "name": "f" } }], "tool_choice": "none" });
    assert_eq!(sent(tools, EffortField::None, Effort::Quick)["toolConfig"], Value::Null);
}

#[test]
fn what_aws_would_refuse_is_refused_by_its_place() {
    let body = json!({ "model": "m", "temperature": 1.5, "messages": [{ "role": "user", "content": "x" }] });
    let request = ChatRequest::openai(body.to_string()).expect("a request");
    let target = Target::upstream("up", "m", Zone::Cloud, EffortField::None);
    let error = written(&request, &target, Effort::Quick, true).expect_err("refused");
    assert!(matches!(error, EncodeError::CannotCarry { pointer, .. } if pointer == "/temperature"));
}

#[test]
fn a_model_that_failed_at_its_answer_did_not_end_it_well() {
    for word in ["malformed_tool_use", "malformed_model_output"] {
        let (mut reader, mut events) = (Reader::default(), Vec::new());
        let stop = format!("{{\"messageStop\":{{\"stopReason\":\"{word}\"}}}}");
        reader.take(stop.as_bytes(), &mut events).expect("sound");
        assert_eq!(reader.error.map(|(kind, _)| kind).as_deref(), Some(word));
        let answer = format!(
            "{{\"output\":{{\"message\":{{\"content\":[{{\"text\":\"a\"}}]}}}},\"stopReason\":\"{word}\"}}"
        );
        let answer = Document::parse(answer).expect("JSON");
        assert!(whole(answer.root()).is_err());
    }
}

#[test]
fn a_tool_that_failed_says_so() {
    let body = json!({ "model": "m", "max_tokens": 9, "messages": [
        { "role": "user", "content": "x" },
        { "role": "assistant", "content": [{ "type": "tool_use", "id": "a", "name": "f", "input": {} }] },
        { "role": "user", "content": [{ "type": "tool_result", "tool_use_id": "a", "content": "y", "is_error": true }] }
    ] });
    let request = ChatRequest::anthropic(body.to_string()).expect("a request");
    let target = Target::upstream("up", "m", Zone::Cloud, EffortField::None);
    let written = written(&request, &target, Effort::Quick, true).expect("carried");
    let sent: Value = serde_json::from_slice(&written).expect("JSON");
    let failed =
        json!([{ "toolResult": { "toolUseId": "a", "content": [{ "text": "y" }], "status": "error" } }]);
    assert_eq!(sent["messages"][2]["content"], failed);
}

#[test]
fn an_exception_is_an_error_and_an_end_without_its_reason_is_none() {
    let mut reader = Reader::default();
    let mut events = Vec::new();
    reader
        .take(b"{\"contentBlockDelta\":{\"delta\":{\"text\":\"a\"},\"contentBlockIndex\":0}}", &mut events)
        .expect("sound");
    assert!(reader.end(&mut events).is_err());
    reader.take(b"{\"throttlingException\":{\"message\":\"Too many.\"}}", &mut events).expect("sound");
    assert_eq!(reader.error, Some(("throttlingException".to_owned(), "Too many.".to_owned())));
    let mut reader = Reader::default();
    events.clear();
    reader.take(b"{\"messageStop\":{\"stopReason\":\"max_tokens\"}}", &mut events).expect("sound");
    assert!(!reader.done);
    // Its usage is told last; a stream without is whole all the same.
    assert!(reader.end(&mut events).is_ok() && events == [Event::End(Finish::Length)]);
}
