//! Where the texts of a request stand when they are laid end to end: what distances between findings are told by.

use super::walk::{PLAIN_KEYS, STRUCTURAL_KEYS};
use crate::chat::{ChatRequest, Dialect};
use crate::json::{LeafKind, NodeId};

/// Where a text stands when all are laid end to end.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Stretch {
    /// The bytes of the texts before it.
    pub begins: usize,
    /// The bytes that it takes: all of its own, or none where it is the dialect's own word.
    pub room: usize,
}

impl Stretch {
    /// Where a place in the text is.
    #[must_use]
    pub fn at(self, offset: u32) -> usize {
        self.begins + usize::try_from(offset).unwrap_or(usize::MAX).min(self.room)
    }
}

/// Every string, number and key of a request in reading order, and where it stands.
///
/// Keys such as `role` and `content`, and the values of `role` and `type`, are the dialect's own and take no room, so
/// that two messages that follow one another are neighbours. So are the words that stand beside every item of a response.
pub fn lay_out(request: &ChatRequest) -> impl Iterator<Item = (NodeId, Stretch)> {
    let beside: &[&str] = match request.dialect() {
        Dialect::OpenAiResponses => &["id", "call_id", "status"],
        Dialect::OpenAiChat | Dialect::AnthropicMessages | Dialect::Ollama => &[],
    };
    let mut begins = 0;
    let mut key = "";
    request.document().leaves().map(move |leaf| {
        let own = if leaf.kind == LeafKind::Key {
            key = leaf.text;
            PLAIN_KEYS.contains(&key) || STRUCTURAL_KEYS.contains(&key) || beside.contains(&key)
        } else {
            matches!(key, "role" | "type") || beside.contains(&key)
        };
        let stretch = Stretch { begins, room: if own { 0 } else { leaf.text.len() } };
        begins += stretch.room;
        (leaf.node, stretch)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_words_beside_the_items_of_a_response_take_no_room() {
        let item = |text: &str| {
            format!(
                r#"{{"type":"message","id":"msg_0123456789","status":"completed","role":"user","content":"{text}"}}"#
            )
        };
        let output =
            r#"{"type":"function_call_output","call_id":"call_0123456789","output":"3 apples"}"#.to_owned();
        let items = [item("1 apple"), output, item("2 apples")].join(",");
        let body = format!(r#"{{"model":"m","input":[{items}]}}"#);
        let request = ChatRequest::read(Dialect::OpenAiResponses, body).unwrap();
        let told = |text: &str| {
            let (_, stretch) = lay_out(&request)
                .find(|(node, _)| request.document().text_of(*node) == text)
                .expect("it stands there");
            stretch.begins
        };
        let first = told("1 apple");
        assert_eq!(told("3 apples"), first + "1 apple".len());
        assert_eq!(told("2 apples"), first + "1 apple3 apples".len());
    }
}
