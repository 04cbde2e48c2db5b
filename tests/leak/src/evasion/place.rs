//! Other places of a request than the user's last message.

use serde_json::{Map, Value, json};

use super::private_stretches;
use crate::body;
use crate::corpus::Entry;
use crate::draw::Draw;
use crate::language::language;

/// How long the text before a private one is, in bytes.
const PADDING_BYTES: usize = 100 * 1024;

/// Padding is long: one text in so many gets it.
const PADDED_ONE_IN: u64 = 8;

/// A stretch shorter than this has no two halves.
const CUT_MIN: usize = 6;

pub(super) fn split_2(entry: &Entry, draw: &mut Draw) -> Option<String> {
    split(entry, &[(1, 2)], draw)
}

pub(super) fn split_3(entry: &Entry, draw: &mut Draw) -> Option<String> {
    split(entry, &[(1, 3), (2, 3)], draw)
}

pub(super) fn tool_result(entry: &Entry, _: &mut Draw) -> Option<String> {
    let call =
        json!({"id": "call_1", "type": "function", "function": {"name": "read_page", "arguments": "{}"}});
    Some(body::messages(&json!([
        {"role": "user", "content": language(&entry.language).ask},
        {"role": "assistant", "content": null, "tool_calls": [call]},
        {"role": "tool", "tool_call_id": "call_1", "content": entry.text},
    ])))
}

/// In the arguments of a call: JSON in a string of JSON.
pub(super) fn tool_argument(entry: &Entry, _: &mut Draw) -> Option<String> {
    let arguments = json!({"note": entry.text}).to_string();
    let call =
        json!({"id": "call_1", "type": "function", "function": {"name": "keep", "arguments": arguments}});
    Some(body::messages(&json!([
        {"role": "user", "content": language(&entry.language).ask},
        {"role": "assistant", "content": null, "tool_calls": [call]},
        {"role": "tool", "tool_call_id": "call_1", "content": "ok"},
    ])))
}

/// As the name of a property in the schema of a tool.
pub(super) fn json_key(entry: &Entry, _: &mut Draw) -> Option<String> {
    let mut properties = Map::new();
    properties.insert(entry.text.clone(), json!({"type": "string"}));
    let parameters = json!({"type": "object", "properties": properties});
    Some(tool(entry, &json!({"name": "keep", "parameters": parameters})))
}

/// In the value of an object that the user pastes.
pub(super) fn json_in_text(entry: &Entry, _: &mut Draw) -> Option<String> {
    let pasted = json!({"items": [{"note": entry.text}]});
    Some(body::user(&format!("{}\n{pasted}", language(&entry.language).ask)))
}

pub(super) fn tool_description(entry: &Entry, _: &mut Draw) -> Option<String> {
    let parameters = json!({"type": "object", "properties": {}});
    Some(tool(entry, &json!({"name": "keep", "description": entry.text, "parameters": parameters})))
}

pub(super) fn metadata(entry: &Entry, _: &mut Draw) -> Option<String> {
    Some(beside(entry, &json!({"metadata": {"note": entry.text}})))
}

pub(super) fn user_field(entry: &Entry, _: &mut Draw) -> Option<String> {
    Some(beside(entry, &json!({"user": entry.text})))
}

pub(super) fn message_name(entry: &Entry, _: &mut Draw) -> Option<String> {
    let ask = language(&entry.language).ask;
    Some(body::messages(&json!([{"role": "user", "name": entry.text, "content": ask}])))
}

pub(super) fn later_system(entry: &Entry, _: &mut Draw) -> Option<String> {
    let language = language(&entry.language);
    Some(body::messages(&json!([
        {"role": "user", "content": language.ask},
        {"role": "system", "content": entry.text},
        {"role": "user", "content": language.go_on},
    ])))
}

pub(super) fn earlier_turn(entry: &Entry, _: &mut Draw) -> Option<String> {
    let language = language(&entry.language);
    Some(body::messages(&json!([
        {"role": "user", "content": entry.text},
        {"role": "assistant", "content": "…"},
        {"role": "user", "content": language.filler},
        {"role": "assistant", "content": "…"},
        {"role": "user", "content": language.go_on},
    ])))
}

pub(super) fn padding(entry: &Entry, draw: &mut Draw) -> Option<String> {
    if !draw.one_in(PADDED_ONE_IN) {
        return None;
    }
    let filler = language(&entry.language).filler;
    let padding = filler.repeat(PADDING_BYTES / filler.len());
    Some(body::user(&format!("{padding}\n\n{}", entry.text)))
}

/// Before the text or after it.
pub(super) fn claim(entry: &Entry, draw: &mut Draw) -> Option<String> {
    let claim = language(&entry.language).claim;
    let text = &entry.text;
    Some(body::user(&if draw.one_in(2) { format!("{claim}\n{text}") } else { format!("{text}\n{claim}") }))
}

pub(super) fn claim_as_system(entry: &Entry, _: &mut Draw) -> Option<String> {
    let claim = language(&entry.language).claim;
    Some(body::messages(&json!([
        {"role": "system", "content": claim},
        {"role": "user", "content": entry.text},
    ])))
}

/// Turns of the user that cut the longest private stretch, with or without a turn of the model between them.
fn split(entry: &Entry, cuts: &[(usize, usize)], draw: &mut Draw) -> Option<String> {
    let (start, end) = private_stretches(entry).into_iter().max_by_key(|(start, end)| end - start)?;
    let stretch = entry.text.get(start..end)?;
    let letters: Vec<usize> = stretch.char_indices().map(|(at, _)| start + at).collect();
    if letters.len() < CUT_MIN {
        return None;
    }
    let answered = draw.one_in(2);
    let mut turns = Vec::new();
    let mut at = 0;
    let cuts = cuts.iter().filter_map(|(part, of)| letters.get(letters.len() * part / of).copied());
    for cut in cuts.chain([entry.text.len()]) {
        if answered && at > 0 {
            turns.push(json!({"role": "assistant", "content": language(&entry.language).go_on}));
        }
        turns.push(json!({"role": "user", "content": entry.text.get(at..cut)?}));
        at = cut;
    }
    Some(body::messages(&Value::from(turns)))
}

fn tool(entry: &Entry, function: &Value) -> String {
    beside(entry, &json!({"tools": [{"type": "function", "function": function}]}))
}

/// The text in other fields, beside a harmless message.
fn beside(entry: &Entry, fields: &Value) -> String {
    let ask = language(&entry.language).ask;
    body::with(&json!([{"role": "user", "content": ask}]), fields)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::corpus::{Half, Side};

    fn entry(text: &str, part: &str) -> Entry {
        Entry {
            side: Side::Private,
            id: "en-s-000".to_owned(),
            language: "en".to_owned(),
            group: "contact".to_owned(),
            text: text.to_owned(),
            private: vec![part.to_owned()],
            half: Half::Open,
        }
    }

    #[test]
    fn turns_cut_the_private_stretch_and_lose_nothing() {
        let entry = entry("write to Ann Lee today", "Ann Lee");
        for (put, count) in [(split_2 as fn(&Entry, &mut Draw) -> _, 2), (split_3, 3)] {
            let body: Value = serde_json::from_str(&put(&entry, &mut Draw::of(&["x"])).unwrap()).unwrap();
            let turns = body["messages"].as_array().unwrap().iter().filter(|turn| turn["role"] == "user");
            let turns: Vec<_> = turns.map(|turn| turn["content"].as_str().unwrap()).collect();
            assert_eq!(turns.len(), count);
            assert_eq!(turns.concat(), entry.text);
            assert!(turns.iter().all(|turn| !turn.contains("Ann Lee")));
        }
    }

    #[test]
    fn every_place_holds_the_text() {
        let places: [fn(&Entry, &mut Draw) -> Option<String>; 12] = [
            tool_result,
            tool_argument,
            json_key,
            json_in_text,
            tool_description,
            metadata,
            user_field,
            message_name,
            later_system,
            earlier_turn,
            claim,
            claim_as_system,
        ];
        let entry = entry("write to Ann Lee today", "Ann Lee");
        for put in places {
            assert!(put(&entry, &mut Draw::of(&["x"])).unwrap().contains("write to Ann Lee today"));
        }
    }
}
