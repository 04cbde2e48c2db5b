//! Where the texts of a request stand when they are laid end to end: what distances between findings are told by.

use super::walk::{PLAIN_KEYS, STRUCTURAL_KEYS};
use crate::chat::ChatRequest;
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
/// that two messages that follow one another are neighbours.
pub fn lay_out(request: &ChatRequest) -> impl Iterator<Item = (NodeId, Stretch)> {
    let mut begins = 0;
    let mut key = "";
    request.document().leaves().map(move |leaf| {
        let own = if leaf.kind == LeafKind::Key {
            key = leaf.text;
            PLAIN_KEYS.contains(&key) || STRUCTURAL_KEYS.contains(&key)
        } else {
            matches!(key, "role" | "type")
        };
        let stretch = Stretch { begins, room: if own { 0 } else { leaf.text.len() } };
        begins += stretch.room;
        (leaf.node, stretch)
    })
}
