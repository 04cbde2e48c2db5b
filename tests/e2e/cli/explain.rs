//! `explain`: the decision and its reasons, nothing sent.

use hearthgate_tests::configs::{EASY, HARD, PRIVATE, hard_to_cloud};
use hearthgate_tests::gateway::Finished;
use serde_json::{Value, json};

use super::setup;

/// The fields of a decision, in their order.
const FIELDS: [&str; 12] = [
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

async fn explain(arguments: &[&str], input: &[u8]) -> Finished {
    let line = [&["explain", "--config", "hearthgate.toml"], arguments].concat();
    setup(&hard_to_cloud()).command(&line, input).await
}

async fn jsonl(lines: &[String]) -> Vec<Value> {
    let explained = explain(&["--jsonl"], (lines.join("\n") + "\n").as_bytes()).await;
    assert_eq!(explained.code, Some(0), "{}", explained.stderr);
    explained.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn body(prompt: &str) -> Value {
    json!({ "model": "auto", "messages": [{ "role": "user", "content": prompt }] })
}

/// Whether the fields stand in this order in a line of JSON.
fn in_order(line: &str, fields: &[&str]) -> bool {
    // A field of the outermost object is followed by its value; no value of these cases looks like one.
    let places: Vec<_> = fields.iter().map(|field| line.find(&format!("\"{field}\":"))).collect();
    places.iter().all(Option::is_some) && places.is_sorted()
}

#[tokio::test]
async fn text_tells_label_route_and_reasons_without_what_was_found() {
    let explained = explain(&[PRIVATE], b"").await;
    assert_eq!(explained.code, Some(0), "{}", explained.stderr);
    for words in ["restricted", "card", "/messages/0/content", "device/home", "pii/numbers-of-a-person"] {
        assert!(explained.stdout.contains(words), "{words}: {}", explained.stdout);
    }
    assert!(!explained.stdout.contains("4539"), "{}", explained.stdout);
    let hard = explain(&[HARD], b"").await;
    assert!(hard.stdout.contains("cloud/fake-frontier") && hard.stdout.contains("frontier-for-hard"));
}

#[tokio::test]
async fn json_has_every_field_of_the_contract() {
    let explained = explain(&["--json", PRIVATE], b"").await;
    assert_eq!(explained.code, Some(0), "{}", explained.stderr);
    assert!(in_order(&explained.stdout, &FIELDS), "{}", explained.stdout);
    let told: Value = serde_json::from_str(&explained.stdout).unwrap();
    assert_eq!(told.as_object().unwrap().len(), FIELDS.len(), "{told}");
    assert_eq!(told["label"], "restricted");
    let finding = &told["findings"][0];
    let start = PRIVATE.find("4539").unwrap();
    assert_eq!(finding["kind"], "card");
    assert_eq!(finding["pointer"], "/messages/0/content");
    assert_eq!((&finding["start"], &finding["end"]), (&json!(start), &json!(start + 19)));
    assert!(finding["confidence"].as_f64().is_some_and(|c| c > 0.0 && c <= 1.0));
    assert!(told["difficulty"]["score"].is_number() && told["difficulty"]["band"].is_string());
    assert_eq!((&told["zone"], &told["target"]), (&"device".into(), &"device/home".into()));
    assert_eq!(told["treatment"], "as-is");
    assert!(told["elapsed_us"].is_u64());
    assert_eq!(told["reasons"][0], "restricted by rule pii/numbers-of-a-person");

    let piped = explain(&["--json", "-"], PRIVATE.as_bytes()).await;
    let mut piped: Value = serde_json::from_str(&piped.stdout).unwrap();
    piped["elapsed_us"] = told["elapsed_us"].clone();
    assert_eq!(piped, told, "from standard input it is the same");
}

#[tokio::test]
async fn lines_come_back_in_order_with_their_ids() {
    let prompts = [EASY, HARD, PRIVATE];
    let lines: Vec<String> = (0..600)
        .map(|number| {
            let mut body = body(prompts[number % 3]);
            body["id"] = json!(format!("line-{number}"));
            body.to_string()
        })
        .collect();
    let told = jsonl(&lines).await;
    assert_eq!(told.len(), lines.len());
    for (number, told) in told.iter().enumerate() {
        assert_eq!(told["id"], format!("line-{number}"));
        assert_eq!(told["zone"], ["device", "cloud", "device"][number % 3], "{told}");
    }
}

#[tokio::test]
async fn a_bad_line_is_told_in_its_place_and_the_rest_goes_on() {
    let good = body(EASY).to_string();
    let lines = [
        r#"{"id":"a","model":"auto","messages":[]}"#.to_owned(),
        good.clone(),
        "not json".to_owned(),
        r#"{"id":["any",{"value":1}],"model":"auto"}"#.to_owned(),
        r#"{"id":"d","model":"auto","messages":[{"role":"user","content":"x","content":"y"}]}"#.to_owned(),
        r#"{"id":"e","model":"auto","messages":[{"role":"user","content":"x"}],"hearthgate":{"colour":1}}"#.to_owned(),
        r#"{"id":"f","model":"auto","messages":[{"role":"user","content":"x"}],"hearthgate":{"zone":"mars"}}"#.to_owned(),
        good,
    ];
    let told = jsonl(&lines).await;
    assert_eq!(told.len(), lines.len());
    let expected = [
        (0, json!("a"), "/messages"),
        (2, Value::Null, ""),
        (3, json!(["any", { "value": 1 }]), "/messages"),
        (4, json!("d"), "/messages/0/content"),
        (5, json!("e"), "/hearthgate/colour"),
        (6, json!("f"), "/hearthgate/zone"),
    ];
    for (line, id, pointer) in expected {
        let told = &told[line];
        assert_eq!(told.as_object().unwrap().len(), 2, "{told}");
        assert_eq!(told["error"]["pointer"], pointer, "{told}");
        assert!(told["error"]["message"].as_str().is_some_and(|message| !message.is_empty()), "{told}");
        if line != 4 {
            assert_eq!(told["id"], id, "{told}");
        }
    }
    assert_eq!((&told[1]["zone"], &told[7]["zone"]), (&json!("device"), &json!("device")));
}

#[tokio::test]
async fn circumstances_are_taken_off_and_obeyed() {
    let with = |circumstances: Value| {
        let mut body = body(HARD);
        body["hearthgate"] = circumstances;
        body.to_string()
    };
    let told = jsonl(&[
        with(json!({})),
        with(json!({ "label": "restricted" })),
        with(json!({ "zone": "device" })),
        with(json!({ "health": { "cloud/fake-frontier": "down" } })),
        with(json!({ "workflow": "any", "dialect": "openai-chat", "budget": "ample" })),
    ])
    .await;
    let zones: Vec<_> = told.iter().map(|told| told["zone"].as_str().unwrap_or_default()).collect();
    assert_eq!(zones, ["cloud", "device", "device", "device", "cloud"], "{told:?}");
    assert_eq!(told[1]["label"], "restricted");
    assert!(told[3]["reasons"].to_string().contains("cloud/fake-frontier is down"), "{}", told[3]);
}

#[tokio::test]
async fn places_are_told_by_pointer_key_and_parts() {
    let mut in_key = body("Go on.");
    in_key["metadata"] = json!({ "maria.keller@contoso-mail.com": "yes" });
    let mut image = body("x");
    image["messages"][0]["content"] = json!([
        { "type": "text", "text": "What is this?" },
        { "type": "image_url", "image_url": { "url": "data:image/png;base64,iVBORw0KGgo=" } }
    ]);
    let mut umlauts = body("Grüße an maria.keller@contoso-mail.com!");
    umlauts["id"] = json!(7);
    let told = jsonl(&[in_key.to_string(), image.to_string(), umlauts.to_string()]).await;
    let key = &told[0]["findings"][0];
    assert_eq!((&key["kind"], &key["in"]), (&"email".into(), &"key".into()), "{key}");
    assert!(key["pointer"].as_str().unwrap().starts_with("/metadata/"));
    assert_eq!(told[1]["opaque"][0]["kind"], "image", "{}", told[1]);
    assert!(told[1]["opaque"][0]["pointer"].as_str().unwrap().starts_with("/messages/0/content/1"));
    let email = &told[2]["findings"][0];
    assert_eq!((&email["start"], &email["end"]), (&json!(11), &json!(40)), "bytes of UTF-8, not characters");
    assert_eq!(told[2]["id"], 7);
}

#[tokio::test]
async fn a_refusal_names_neither_zone_nor_target() {
    let mut unknown = body(EASY);
    unknown["model"] = json!("nobody-knows-it");
    let told = jsonl(&[unknown.to_string()]).await;
    assert_eq!(told[0]["treatment"], "refuse");
    assert!(told[0]["zone"].is_null() && told[0]["target"].is_null(), "{}", told[0]);
}
