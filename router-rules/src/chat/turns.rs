//! The turns of a conversation, whatever its dialect: whose they are, and which tools are awaited.

use super::{ChatRequest, Dialect, role_of_item};
use crate::json::{Kind, Value};

/// Blocks of a message, and parts of a content, that are looked at.
const BLOCKS_MAX: usize = 64;

/// One side's turn.
pub(crate) struct Turn<'a> {
    pub(crate) role: &'a str,
    /// Whether it calls tools, and so awaits what they say.
    pub(crate) calls: bool,
    /// How many tools say something in it.
    pub(crate) results: u32,
    pub(crate) content: Option<Value<'a>>,
}

impl<'a> Turn<'a> {
    /// Whether a person may speak in it: words can stand beside what tools say.
    pub(crate) fn asks(&self) -> bool {
        self.role == "user" && self.content.is_some()
    }

    /// The texts of its content.
    pub(crate) fn texts(&self) -> impl Iterator<Item = &'a str> + use<'a> {
        let whole = self.content.and_then(|content| content.as_str());
        let parts = self.content.into_iter().flat_map(Value::items).take(BLOCKS_MAX);
        whole.into_iter().chain(parts.filter_map(|part| part.str("text")))
    }

    fn of(message: Value<'a>) -> Self {
        if message.kind() == Kind::String {
            return Self { role: "user", calls: false, results: 0, content: Some(message) };
        }
        let role = message.str("role").unwrap_or_default();
        let results = blocks(message, "tool_result") + usize::from(role == "tool");
        Self {
            role,
            calls: message.present("tool_calls").is_some() || blocks(message, "tool_use") > 0,
            results: u32::try_from(results).unwrap_or(0),
            content: message.present("content"),
        }
    }

    fn of_item(item: Value<'a>) -> Self {
        let (role, calls) = role_of_item(item);
        let text = Some(item).filter(|item| item.kind() == Kind::String);
        Self {
            role,
            calls,
            results: u32::from(role == "tool"),
            content: text.or_else(|| item.present("content")),
        }
    }
}

/// How many of a message's blocks are of a type.
fn blocks(message: Value<'_>, kind: &str) -> usize {
    let blocks = message.get("content").into_iter().flat_map(Value::items).take(BLOCKS_MAX);
    blocks.filter(|block| block.str("type") == Some(kind)).count()
}

/// What people ask of a model that has tools, and whether tools have just answered it.
pub struct ToolLoop<'a> {
    /// The words of the people, oldest first: the same in every request of one loop.
    pub asked: Vec<&'a str>,
    /// Whether tools have the last word, so that the model is to go on.
    pub open: bool,
}

/// How a conversation begins.
pub struct Opening<'a> {
    /// The first words of whoever speaks first, as many as tell conversations apart.
    pub words: Vec<&'a str>,
    /// Whether a model has answered since.
    pub answered: bool,
}

/// The bytes of each text that a conversation is told by.
const OPENING_BYTES_MAX: usize = 1024;

impl ChatRequest {
    /// How the conversation begins that it goes on; none where nobody has said a word.
    #[must_use]
    pub fn opening(&self) -> Option<Opening<'_>> {
        let turns = self.turns();
        let first = turns.iter().find(|turn| turn.role == "user" && turn.results == 0)?;
        let head = |text: &'_ str| text.floor_char_boundary(OPENING_BYTES_MAX);
        let words: Vec<&str> = first.texts().filter_map(|text| text.get(..head(text))).collect();
        let answered = turns.iter().any(|turn| turn.role == "assistant");
        (!words.is_empty()).then_some(Opening { words, answered })
    }

    /// The turns, oldest first.
    pub(crate) fn turns(&self) -> Vec<Turn<'_>> {
        if self.dialect() != Dialect::OpenAiResponses {
            return self.messages().map(Turn::of).collect();
        }
        // There, what the model thinks, says and calls in one turn are items of their own.
        let mut turns: Vec<Turn<'_>> = Vec::new();
        for turn in self.messages().map(Turn::of_item) {
            match turns.last_mut().filter(|last| turn.role == "assistant" && last.role == turn.role) {
                Some(last) => last.calls |= turn.calls,
                None => turns.push(turn),
            }
        }
        turns
    }

    /// The loop of tools that it may belong to; none where no tools are offered.
    #[must_use]
    pub fn tool_loop(&self) -> Option<ToolLoop<'_>> {
        self.body().present("tools")?.items().next()?;
        let turns = self.turns();
        let open = turns.last().is_some_and(|turn| turn.results > 0);
        let people = turns.iter().filter(|turn| turn.role == "user" && turn.results == 0);
        Some(ToolLoop { asked: people.flat_map(Turn::texts).collect(), open })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn asked(dialect: Dialect, body: &serde_json::Value) -> Option<(Vec<String>, bool)> {
        let request = ChatRequest::read(dialect, body.to_string()).unwrap();
        let of = request.tool_loop()?;
        Some((of.asked.iter().map(|text| (*text).to_owned()).collect(), of.open))
    }

    #[test]
    fn a_conversation_is_told_by_how_it_begins() {
        let of = |messages: serde_json::Value| {
            let body = json!({"model": "auto", "max_tokens": 9, "messages": messages}).to_string();
            let request = ChatRequest::read(Dialect::AnthropicMessages, body).unwrap();
            let opening = request.opening()?;
            Some((opening.words.concat(), opening.answered))
        };
        let (ask, say) =
            (json!({"role": "user", "content": "Hello."}), json!({"role": "assistant", "content": "Hi."}));
        assert_eq!(of(json!([ask])), Some(("Hello.".to_owned(), false)));
        assert_eq!(
            of(json!([ask, say, {"role": "user", "content": "And?"}])),
            Some(("Hello.".to_owned(), true))
        );
        let long = "ä".repeat(2000);
        assert_eq!(of(json!([{"role": "user", "content": long}])).unwrap().0.len(), OPENING_BYTES_MAX);
    }

    #[test]
    fn a_loop_is_the_same_before_and_after_its_tools_in_every_dialect() {
        let user = json!({"role": "user", "content": [{"type": "text", "text": "Count the files."}]});
        let tools =
            json!([{"type": "function", "name": "ls", "function": {"name": "ls"}, "input_schema": {}}]);
        let chat = [
            json!({"role": "assistant", "tool_calls": [{"id": "1", "type": "function", "function": {"name": "ls", "arguments": "{}"}}]}),
            json!({"role": "tool", "tool_call_id": "1", "content": "a b"}),
        ];
        let anthropic = [
            json!({"role": "assistant", "content": [{"type": "tool_use", "id": "1", "name": "ls", "input": {}}]}),
            json!({"role": "user", "content": [
                {"type": "tool_result", "tool_use_id": "1", "content": "a b"}, {"type": "text", "text": "A reminder."}]}),
        ];
        let responses = [
            json!({"type": "function_call", "call_id": "1", "name": "ls", "arguments": "{}"}),
            json!({"type": "function_call_output", "call_id": "1", "output": "a b"}),
        ];
        for (dialect, field, turns) in [
            (Dialect::OpenAiChat, "messages", chat),
            (Dialect::AnthropicMessages, "messages", anthropic),
            (Dialect::OpenAiResponses, "input", responses),
        ] {
            let mut body = json!({"model": "auto", "max_tokens": 9, "tools": tools, field: [user]});
            let words = vec!["Count the files.".to_owned()];
            assert_eq!(asked(dialect, &body), Some((words.clone(), false)), "{dialect:?}");
            body[field].as_array_mut().unwrap().extend(turns);
            assert_eq!(asked(dialect, &body), Some((words, true)), "{dialect:?}");
            body["tools"] = json!([]);
            assert_eq!(asked(dialect, &body), None, "{dialect:?}");
        }
    }
}
