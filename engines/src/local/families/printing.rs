//! Nothing that a chat or an answer says is printed, whatever is wrong with it.

use std::process::Command;

use super::family;
use super::{HISTORY, PLAIN, TOOLS, home, job};
use crate::{Engine as _, Job};

const WORD: &str = "canary";

/// Chats and schemas that llama.cpp's helpers warn of, and answers that do not read in their format.
#[test]
fn whatever_is_wrong_is_put_to_every_family() {
    let pattern = r#"{"type":"string","pattern":"canary(?=x)\\p{L}"}"#;
    for family in family::all() {
        let home = home(&family);
        let plain = PLAIN.replace("Oslo", WORD);
        let tools = TOOLS.replace(r#"{"type":"string"}"#, pattern).replace("hour", WORD);
        let wrong = [
            HISTORY.replace(r#"{\"city\":\"Oslo\"}"#, "canary {"),
            HISTORY.replace("assistant", WORD),
            HISTORY.replace("Oslo", WORD).replace(r#""role":"user""#, r#""role":"system""#),
            plain.replace("user", "assistant"),
        ];
        for messages in wrong.into_iter().chain([plain.clone()]) {
            for choice in ["auto", "required", "canary"] {
                let tools = Some(tools.clone());
                let asked =
                    Job { tools, tool_choice: Some(choice.to_owned()), ..job(&messages, true, false) };
                let _ = home.engine.generate(Job { max_tokens: Some(4), ..asked });
            }
        }
        for schema in [pattern, r##"{"$ref":"#/canary"}"##, r#"{"type":"canary"}"#] {
            let _ = home.engine.generate(Job { schema: Some(schema.to_owned()), ..job(&plain, true, false) });
        }
        for said in &family.answer {
            let mut reader = home.reader(&job(PLAIN, said.thinking, said.tools));
            let broken = format!("{WORD}{}{WORD} {{", said.text.replace(['}', ']', '>'], WORD));
            reader.take(broken.as_bytes());
            reader.finish();
        }
    }
}

#[test]
fn nothing_of_it_is_printed() {
    let this = std::env::current_exe().unwrap();
    let test = "local::families::printing::whatever_is_wrong_is_put_to_every_family";
    let output = Command::new(this).args([test, "--exact", "--nocapture"]).output().unwrap();
    for printed in [output.stdout, output.stderr] {
        let printed = String::from_utf8_lossy(&printed);
        assert!(!printed.contains(WORD), "{printed}");
    }
    assert!(output.status.success());
}
