//! Ids of calls for a server that takes only those of one form, as Mistral's (nine letters and digits).
//!
//! An id of that form stays as it is, so what the server made comes back to it unchanged. Any other is replaced by one that is made of
//! it: the same in every request of a conversation, and for a call and its result. Clients see their own ids and the server's alone.

use std::collections::HashMap;

use hearthgate_rules::json::{Value, quote};
use sha2::{Digest as _, Sha256};

use crate::dialect::write::{Object, array};

const ALPHABET: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// The ids of one request.
pub struct Ids {
    chars: usize,
    /// Each with what stands for it.
    known: HashMap<String, String>,
}

impl Ids {
    /// Those of these messages, in their order: of two that would come to be one the later gives way.
    pub fn of(messages: Value<'_>, chars: usize) -> Self {
        let mut ids = Self { chars, known: HashMap::new() };
        let all: Vec<String> = messages
            .items()
            .flat_map(|message| {
                let made = calls(message).into_iter().filter_map(|call| call.str("id").map(str::to_owned));
                made.chain(message.str("tool_call_id").map(str::to_owned)).collect::<Vec<_>>()
            })
            .collect();
        let mut taken: Vec<&String> = all.iter().filter(|id| ids.fits(id)).collect();
        taken.sort_unstable();
        taken.dedup();
        let mut others = HashMap::new();
        let mut made: Vec<String> = Vec::new();
        for id in all.iter().filter(|id| !ids.fits(id)) {
            if others.contains_key(id) {
                continue;
            }
            let is_free =
                |candidate: &String| taken.binary_search(&candidate).is_err() && !made.contains(candidate);
            let own = (0_u32..1024).map(|again| made_of(id, chars, again)).find(is_free);
            let own = own.unwrap_or_else(|| made_of(id, chars, 0));
            made.push(own.clone());
            others.insert(id.clone(), own);
        }
        ids.known = others;
        ids
    }

    /// A member of a message with its ids replaced; none where it holds none.
    pub fn replaced(&self, name: &str, value: Value<'_>) -> Option<String> {
        match name {
            "tool_call_id" => self.known.get(value.as_str()?).map(|own| quote(own)),
            "tool_calls" => Some(array(&value.items().map(|call| self.call(call)).collect::<Vec<_>>())),
            _ => None,
        }
    }

    fn call(&self, call: Value<'_>) -> String {
        let mut out = Object::new();
        for (name, value) in call.members() {
            let own = value.as_str().filter(|_| name == "id").and_then(|id| self.known.get(id));
            out = out.json(name, &own.map_or_else(|| value.render(), |own| quote(own)));
        }
        out.done()
    }

    fn fits(&self, id: &str) -> bool {
        id.len() == self.chars && id.bytes().all(|byte| byte.is_ascii_alphanumeric())
    }
}

fn calls(message: Value<'_>) -> Vec<Value<'_>> {
    message.get("tool_calls").into_iter().flat_map(Value::items).collect()
}

/// So many letters and digits that are made of an id, and of how often they were taken already.
fn made_of(id: &str, chars: usize, again: u32) -> String {
    let digest = Sha256::new().chain_update(again.to_be_bytes()).chain_update(id).finalize();
    let more = Sha256::digest(digest);
    let bytes = digest.iter().chain(&more);
    bytes
        .take(chars)
        .filter_map(|byte| ALPHABET.get(usize::from(*byte) % ALPHABET.len()))
        .map(|byte| char::from(*byte))
        .collect()
}

#[cfg(test)]
mod tests {
    use hearthgate_rules::json::Document;
    use serde_json::json;

    use super::*;

    fn replaced(messages: &serde_json::Value) -> Vec<String> {
        let messages = Document::parse(messages.to_string()).expect("JSON");
        let ids = Ids::of(messages.root(), 9);
        let mut told = Vec::new();
        for message in messages.root().items() {
            for (name, value) in message.members() {
                let own = ids.replaced(name, value).unwrap_or_else(|| value.render());
                let own: serde_json::Value = serde_json::from_str(&own).expect("JSON");
                match name {
                    "tool_call_id" => told.push(own.as_str().expect("a text").to_owned()),
                    "tool_calls" => {
                        told.extend(
                            own.as_array()
                                .expect("calls")
                                .iter()
                                .map(|call| call["id"].as_str().expect("a text").to_owned()),
                        );
                    }
                    _ => {}
                }
            }
        }
        told
    }

    #[test]
    fn calls_and_results_keep_each_other_whatever_their_ids_were() {
        let ids = ["call_1", "toolu_01ABCDEFGHIJKLMNOPQRSTUV", "abcDEF123", "call_2", ""];
        let calls: Vec<_> = ids
            .iter()
            .map(|id| json!({ "id": id, "function": { "name": "f", "arguments": "{}" } }))
            .collect();
        let mut messages = vec![json!({ "role": "assistant", "tool_calls": calls })];
        messages
            .extend(ids.iter().rev().map(|id| json!({ "role": "tool", "tool_call_id": id, "content": "y" })));
        let told = replaced(&json!(messages));
        let (made, answered) = told.split_at(ids.len());
        let mut back = answered.to_vec();
        back.reverse();
        assert_eq!(made, back);
        assert_eq!(made[2], "abcDEF123", "what has the form stays");
        assert!(made.iter().all(|id| id.len() == 9 && id.bytes().all(|byte| byte.is_ascii_alphanumeric())));
        let mut unique = made.to_vec();
        unique.sort();
        unique.dedup();
        assert_eq!(unique.len(), ids.len());
        // The next request of the conversation has one more turn.
        messages.push(json!({ "role": "assistant", "tool_calls": [{ "id": "call_9" }] }));
        assert_eq!(&replaced(&json!(messages))[..told.len()], &told[..]);
    }

    #[test]
    fn an_id_that_is_taken_is_made_anew() {
        let own = made_of("call_1", 9, 0);
        let messages = json!([{ "role": "assistant", "tool_calls": [{ "id": own }, { "id": "call_1" }] }]);
        assert_eq!(replaced(&messages), [own.clone(), made_of("call_1", 9, 1)]);
    }
}
