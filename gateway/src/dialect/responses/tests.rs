//! What a client of the streamed events adds up is the response that they end in, and the one that is told in one piece.

use hearthgate_rules::json::Document;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::head::Head;
use crate::dialect::event::{Event, Finish, Gathered, Usage};

const USAGE: Usage = Usage { input: 20, output: 7, cached: 12, written: 0, reasoning: Some(3) };

fn head(thoughts: bool) -> Head {
    let asked = if thoughts { r#"{"reasoning":{"summary":"auto"}}"# } else { "{}" };
    Head::new("1", 1_700_000_000, "device/home", Document::parse(asked).unwrap().root())
}

/// The data of each event, whose name says what its data says.
fn events(stream: &[u8]) -> Vec<Value> {
    let text = std::str::from_utf8(stream).unwrap();
    let read = |event: &str| {
        let (name, data) = event.split_once('\n').unwrap();
        let data: Value = serde_json::from_str(data.strip_prefix("data: ").unwrap()).unwrap();
        assert_eq!(name.strip_prefix("event: "), data["type"].as_str());
        data
    };
    text.split_terminator("\n\n").map(read).collect()
}

fn streamed(thoughts: bool, parts: &[Event]) -> Vec<Value> {
    let (mut head, mut out) = (head(thoughts), Vec::new());
    head.first(&mut out);
    parts.iter().for_each(|part| head.part(part, &mut out));
    head.last(&USAGE, None, &mut out);
    events(&out)
}

fn whole(thoughts: bool, parts: &[Event]) -> Value {
    let mut gathered = Gathered::default();
    parts.iter().for_each(|part| gathered.add(part.clone()));
    serde_json::from_str(&head(thoughts).whole(&gathered, &USAGE, None)).unwrap()
}

/// Adds events up as a client does, and sees to it that each fits what was told before. What the response holds in the end.
fn added_up(events: &[Value]) -> Vec<Value> {
    let mut items: Vec<Value> = Vec::new();
    let mut open = false;
    for (at, event) in events.iter().enumerate() {
        assert_eq!(event["sequence_number"], at, "{event}");
        let kind = event["type"].as_str().unwrap();
        if let Some(index) = event["output_index"].as_u64() {
            let expected = if kind == "response.output_item.added" { items.len() } else { items.len() - 1 };
            assert_eq!(index, expected as u64, "{event}");
        }
        if let (Some(id), Some(item)) = (event["item_id"].as_str(), items.last()) {
            assert_eq!(item["id"], id, "{event}");
        }
        let inside = event["item_id"].is_string() || kind == "response.output_item.done";
        assert_eq!(open, inside, "{event}");
        match kind {
            "response.created" | "response.in_progress" => {
                assert!(at < 2 && event["response"]["output"] == json!([]), "{event}");
            }
            "response.output_item.added" => {
                assert_eq!(event["item"]["status"], "in_progress");
                items.push(event["item"].clone());
                open = true;
            }
            "response.output_item.done" => {
                let item = items.last_mut().unwrap();
                item["status"] = event["item"]["status"].clone();
                assert_eq!(*item, event["item"]);
                open = false;
            }
            "response.completed" | "response.incomplete" => {
                assert!(at + 1 == events.len() && !open, "{event}");
                assert_eq!(kind.strip_prefix("response."), event["response"]["status"].as_str());
                assert_eq!(event["response"]["output"], json!(items));
            }
            "response.function_call_arguments.delta" => add(items.last_mut(), "arguments", event),
            "response.function_call_arguments.done" => {
                assert_eq!(items.last().unwrap()["arguments"], event["arguments"]);
            }
            _ => part(items.last_mut().unwrap(), kind, event),
        }
    }
    items
}

/// An event of a part of an item: of a message's content, or of a thought's summary.
fn part(item: &mut Value, kind: &str, event: &Value) {
    let (list, at) = match event["content_index"].as_u64() {
        Some(at) => ("content", at),
        None => ("summary", event["summary_index"].as_u64().unwrap()),
    };
    let parts = item[list].as_array_mut().unwrap();
    if kind.ends_with("part.added") {
        assert_eq!(parts.len() as u64, at, "{event}");
        parts.push(event["part"].clone());
        return;
    }
    assert_eq!(parts.len() as u64, at + 1, "{event}");
    let part = parts.last_mut();
    match kind {
        "response.output_text.delta" | "response.reasoning_summary_text.delta" => add(part, "text", event),
        "response.refusal.delta" => add(part, "refusal", event),
        "response.output_text.done" | "response.reasoning_summary_text.done" => {
            assert_eq!(part.unwrap()["text"], event["text"]);
        }
        "response.refusal.done" => assert_eq!(part.unwrap()["refusal"], event["refusal"]),
        "response.content_part.done" | "response.reasoning_summary_part.done" => {
            assert_eq!(*part.unwrap(), event["part"]);
        }
        _ => panic!("no such event: {event}"),
    }
}

fn add(to: Option<&mut Value>, name: &str, event: &Value) {
    let to = &mut to.unwrap()[name];
    *to = json!(format!("{}{}", to.as_str().unwrap(), event["delta"].as_str().unwrap()));
}

/// What a model says at a time, in so many parts; events themselves have no `Debug`, since they hold texts.
#[derive(Debug, Clone)]
enum Said {
    Text(String),
    Refusal(String),
    Thought(String),
    Call { name: String, arguments: Vec<String> },
}

fn said() -> impl Strategy<Value = Said> {
    let text = || "[a-z\"\\\\\u{1f600}\n]{1,6}";
    prop_oneof![
        text().prop_map(Said::Text),
        text().prop_map(Said::Refusal),
        text().prop_map(Said::Thought),
        (text(), prop::collection::vec(text(), 0..3))
            .prop_map(|(name, arguments)| Said::Call { name, arguments }),
    ]
}

fn parts(said: &[Said], finish: Finish) -> Vec<Event> {
    let mut parts = Vec::new();
    for (index, said) in said.iter().enumerate() {
        match said.clone() {
            Said::Text(text) => parts.push(Event::Text(text)),
            Said::Refusal(text) => parts.push(Event::Refusal(text)),
            Said::Thought(text) => parts.push(Event::Reasoning(text)),
            Said::Call { name, arguments } => {
                let id = Some(format!("call_{index}"));
                parts.push(Event::Call { index, id, name: Some(name), arguments: String::new() });
                let more = |arguments| Event::Call { index, id: None, name: None, arguments };
                parts.extend(arguments.into_iter().map(more));
            }
        }
    }
    parts.push(Event::End(finish));
    parts
}

proptest! {
    #[test]
    fn events_add_up_to_the_whole_response(
        said in prop::collection::vec(said(), 0..8),
        finish in prop::sample::select(vec![Finish::Stop, Finish::Length, Finish::ToolCalls, Finish::Filter]),
        thoughts in any::<bool>(),
    ) {
        let parts = parts(&said, finish);
        let events = streamed(thoughts, &parts);
        let output = added_up(&events);
        let whole = whole(thoughts, &parts);
        prop_assert_eq!(&whole["output"], &json!(output));
        prop_assert_eq!(&events.last().unwrap()["response"], &whole);
        let told = |kind: &str| output.iter().filter(|item| item["type"] == kind).count();
        let calls = said.iter().filter(|said| matches!(said, Said::Call { .. })).count();
        prop_assert_eq!(told("function_call"), calls);
        let speaks = said.iter().any(|said| matches!(said, Said::Text(_) | Said::Refusal(_)));
        prop_assert_eq!(told("message") > 0, speaks);
        let thinks = said.iter().any(|said| matches!(said, Said::Thought(_)));
        prop_assert_eq!(told("reasoning") > 0, thoughts && thinks);
    }
}

#[test]
fn a_refusal_after_a_text_is_a_part_of_the_same_message() {
    let parts = [
        Event::Text("Well, ".to_owned()),
        Event::Text("no.".to_owned()),
        Event::Refusal("I will not.".to_owned()),
        Event::End(Finish::Filter),
    ];
    let output = added_up(&streamed(false, &parts));
    assert_eq!(output.len(), 1);
    assert_eq!(output[0]["content"][0]["text"], "Well, no.");
    assert_eq!(output[0]["content"][1], json!({ "type": "refusal", "refusal": "I will not." }));
    assert_eq!(output[0]["status"], "incomplete");
    let whole = whole(false, &parts);
    assert_eq!(whole["incomplete_details"], json!({ "reason": "content_filter" }));
}

#[test]
fn what_fails_tells_what_was_done_and_why_it_failed() {
    let (mut head, mut out) = (head(true), Vec::new());
    head.first(&mut out);
    head.part(&Event::Reasoning("Hm.".to_owned()), &mut out);
    head.part(&Event::Text("So".to_owned()), &mut out);
    out.extend(head.failed("upstream_reset", "it broke off"));
    let events = events(&out);
    assert!((0..events.len()).all(|at| events[at]["sequence_number"] == at));
    let [.., error, failed] = events.as_slice() else { panic!("{events:?}") };
    assert_eq!((&error["type"], &error["code"]), (&json!("error"), &json!("upstream_reset")));
    let response = &failed["response"];
    let of_openai = json!({ "code": "server_error", "message": "it broke off" });
    assert_eq!(response["error"], of_openai, "a code that its clients know");
    assert_eq!((&failed["type"], &response["status"]), (&json!("response.failed"), &json!("failed")));
    assert_eq!(response["output"].as_array().unwrap().len(), 1, "the thought was done, the text was not");
}
