//! What is told, and what never is.

use std::sync::Arc;

use hearthgate_rules::chat::ChatRequest;
use hearthgate_rules::decide::Signals;
use hearthgate_rules::judge::Caller;
use hearthgate_rules::policy::{Policy, PolicyFile};
use hearthgate_rules::target::{EffortField, Target};

use super::*;

const BODY: &str = r#"{"model":"auto","messages":[{"role":"user","content":[
    {"type":"text","text":"card 4539 1488 0343 6467"},
    {"type":"image_url","image_url":{"url":"data:image/png;base64,AAAA"}}]}]}"#;

fn decided(policy: &str) -> (Decision, Document) {
    let targets = [
        Arc::new(Target::device("starter")),
        Arc::new(Target::upstream("frontier", "big", Zone::Cloud, EffortField::None)),
    ];
    let file = PolicyFile::parse(policy).unwrap();
    let policy = Arc::new(Policy::compile(&file, Arc::from(targets), Zone::Cloud).unwrap());
    let request = ChatRequest::openai(BODY).unwrap();
    let document = request.document().clone();
    (policy.judge(request, Caller::default()).decide(&Signals::default()), document)
}

#[test]
fn json_has_the_members_of_the_contract_in_their_order() {
    let (decision, document) = decided(hearthgate_rules::policy::SHIPPED);
    let told = to_json(&decision, &document, &json!("a"), 7);
    let names: Vec<_> = told.as_object().unwrap().keys().map(String::as_str).collect();
    let contract = [
        "id",
        "label",
        "findings",
        "opaque",
        "difficulty",
        "effort",
        "zone",
        "target",
        "treatment",
        "rule",
        "reasons",
        "elapsed_us",
    ];
    assert_eq!(names, contract);
    assert_eq!(told["label"], "restricted");
    assert_eq!(told["zone"], "device");
    assert_eq!(told["treatment"], "as-is");
    let card = told["findings"].as_array().unwrap().iter().find(|finding| finding["kind"] == "card").unwrap();
    assert_eq!(card["pointer"], "/messages/0/content/0/text");
    assert_eq!(card["start"], 5);
    assert_eq!(card["end"], 24);
    assert_eq!(told["opaque"][0]["kind"], "image");
}

#[test]
fn a_refusal_names_no_target() {
    let policy = "packs = [\"pii\"]\n[[route]]\nname = \"no\"\nrefuse = \"not here\"\neffort = \"quick\"\n";
    let (decision, document) = decided(policy);
    let told = to_json(&decision, &document, &Value::Null, 0);
    assert_eq!(told["treatment"], "refuse");
    assert!(told["zone"].is_null() && told["target"].is_null() && told["effort"].is_null());
    assert!(told["difficulty"].is_null());
    // Where things stand is told although the decision no longer holds the request.
    assert_eq!(told["findings"][0]["pointer"], "/messages/0/content/0/text");
    assert!(to_text(&decision, &document, 0).contains("refused     refused_by_policy"));
}

#[test]
fn neither_repeats_what_was_found() {
    let (decision, document) = decided(hearthgate_rules::policy::SHIPPED);
    let text = to_text(&decision, &document, 7);
    assert!(text.contains("card in /messages/0/content/0/text, bytes 5 to 24"), "{text}");
    assert!(text.contains("goes to     device/starter (device)"), "{text}");
    assert!(!text.contains("4539"));
    assert!(!to_json(&decision, &document, &Value::Null, 7).to_string().contains("4539"));
}
