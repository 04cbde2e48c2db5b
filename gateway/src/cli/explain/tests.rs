//! Lines in, lines out, in order.

use std::fs;

use super::*;
use crate::config::Env;

const CONFIG: &str = r#"
[[model]]
name = "starter"
source = "bundled:starter"

[[upstream]]
name = "frontier"
zone = "cloud"
base_url = "http://127.0.0.1:9/v1"
models = ["big"]

[[key]]
name = "clinic"
sha256 = "0000000000000000000000000000000000000000000000000000000000000001"
label = "confidential"
zone = "premises"

[[workflow]]
name = "letters"
zone = "device"
effort = "quick"

[server]
body_bytes_max = 65536

[audit]
enabled = false
"#;

fn told(input: &str) -> Vec<Value> {
    let folder = tempfile::TempDir::new().unwrap();
    let file = folder.path().join("hearthgate.toml");
    fs::write(&file, CONFIG).unwrap();
    let config = Config::load(Some(&file), &Env::default()).unwrap_or_else(|error| panic!("{error}"));
    let mut out = Vec::new();
    lines(&config, input.as_bytes(), &mut out).unwrap();
    String::from_utf8(out).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn line(members: &str) -> String {
    format!("{{\"model\":\"auto\",\"messages\":[{{\"role\":\"user\",\"content\":\"hi\"}}]{members}}}\n")
}

#[test]
fn ids_are_handed_through_in_order() {
    let input = [line(",\"id\":\"a\""), line(",\"id\":{\"n\":1}"), "\n".to_owned(), line("")].concat();
    let told = told(&input);
    let ids: Vec<_> = told.iter().map(|line| line["id"].clone()).collect();
    assert_eq!(ids, [json!("a"), json!({"n": 1}), Value::Null]);
    assert!(told.iter().all(|line| line["label"] == "public"));
}

#[test]
fn what_the_order_leans_on_and_the_workflow_are_heard() {
    let named = |rest: &str| line(rest).replace("\"auto\"", "\"frontier/big\"");
    let input = [
        named(""),
        named(
            r#","hearthgate":{"dear":["frontier/big"],"late":["frontier/big"],"pace":{"frontier/big":"2s"}}"#,
        ),
        named(
            r#","hearthgate":{"budget":"low","follows":{"target":"frontier/big","band":"easy","saves":["device/starter"]}}"#,
        ),
        named(r#","hearthgate":{"workflow":"letters"}"#),
    ];
    let told = told(&input.concat());
    let ends: Vec<_> =
        told.iter().map(|line| (line["target"].as_str().unwrap(), line["rule"].as_str().unwrap())).collect();
    let (far, near) = (("frontier/big", "quick-at-home"), ("device/starter", "quick-at-home"));
    assert_eq!(ends, [far, near, far, near], "{told:?}");
    assert_eq!(told[3]["effort"], "quick");
}

#[test]
fn a_bad_line_tells_where_and_the_next_goes_on() {
    let input = [
        "{\"id\":7,\"model\":3,\"messages\":[]}\n".to_owned(),
        "{\"id\":8,\"a\":{\"b\":1,\"b\":2}}\n".to_owned(),
        "nonsense\n".to_owned(),
        line(",\"id\":9"),
    ];
    let told = told(&input.concat());
    assert_eq!(told[0]["id"], 7);
    assert_eq!(told[0]["error"]["pointer"], "/model");
    assert_eq!(told[1]["error"]["pointer"], "/a/b");
    assert!(told[2]["error"]["message"].is_string());
    assert_eq!(told[3]["id"], 9);
    assert_eq!(told[3]["label"], "public");
}

#[test]
fn the_last_line_needs_no_newline() {
    assert_eq!(told(line("").trim_end()).len(), 1);
}

#[test]
fn a_line_beyond_the_bound_is_refused_and_the_next_goes_on() {
    let long = line(&format!(",\"user\":\"{}\"", "x".repeat(200_000)));
    let told = told(&[long, line("")].concat());
    assert!(told[0]["error"]["message"].as_str().unwrap().contains("longer"));
    assert_eq!(told[1]["label"], "public");
}

#[test]
fn circumstances_are_taken_off_and_count() {
    let input = [
        line(r#","hearthgate":{"label":"restricted"}"#),
        line(r#","hearthgate":{"caller":"clinic"}"#),
        line(r#","hearthgate":{"caller":"clinic","label":"internal","zone":"cloud"}"#),
        line(r#","hearthgate":{"conversation":"confidential","budget":"exhausted","dialect":"openai-chat"}"#),
        line(r#","hearthgate":{"zone":"device","effort":"quick","health":{"frontier/big":"down"}}"#),
    ];
    let told = told(&input.concat());
    let labels: Vec<_> = told.iter().map(|line| line["label"].as_str().unwrap()).collect();
    assert_eq!(labels, ["restricted", "confidential", "confidential", "confidential", "public"]);
    assert!(told.iter().all(|line| line["zone"] == "device"));
    assert_eq!(told[4]["effort"], "quick");
}

#[test]
fn circumstances_that_make_no_sense_are_refused() {
    for (members, pointer) in [
        (r#"{"zone":"moon"}"#, "/hearthgate/zone"),
        (r#"{"label":"secret"}"#, "/hearthgate/label"),
        (r#"{"lable":"public"}"#, "/hearthgate/lable"),
        (r#"{"caller":"nobody"}"#, "/hearthgate/caller"),
        (r#"{"health":{"frontier/bug":"down"}}"#, "/hearthgate/health/frontier~1bug"),
        (r#"{"health":{"frontier/big":"tired"}}"#, "/hearthgate/health/frontier~1big"),
        (r#"{"budget":"none"}"#, "/hearthgate/budget"),
        (r#"{"late":"frontier/big"}"#, "/hearthgate/late"),
        (r#"{"dear":["frontier/bug"]}"#, "/hearthgate/dear/0"),
        (r#"{"pace":{"frontier/big":"soon"}}"#, "/hearthgate/pace/frontier~1big"),
        (r#"{"follows":{"target":"frontier/big"}}"#, "/hearthgate/follows"),
        (r#"{"follows":{"target":"frontier/big","band":"odd"}}"#, "/hearthgate/follows/band"),
        (r#"{"dialect":"esperanto"}"#, "/hearthgate/dialect"),
        (r#"[]"#, "/hearthgate"),
    ] {
        let told = told(&line(&format!(",\"id\":1,\"hearthgate\":{members}")));
        assert_eq!(told[0]["error"]["pointer"], pointer, "{members}");
        assert_eq!(told[0]["id"], 1);
    }
}
