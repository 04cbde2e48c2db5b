//! A lossless JSON document: what was received is what is inspected is what is sent.
//!
//! [`Document::parse`] keeps member order, the digits of every number as written and every code point of
//! every string, and refuses what two readers could read in two ways: duplicate keys, lone surrogates,
//! text that is not UTF-8. [`Document::render`] writes it back; only white space and escapes may differ,
//! and always in the same way.
//!
//! The document is a tape: nodes in reading order, each container knowing where it ends. Strings without
//! escapes are ranges of the received bytes; nothing is copied.

mod nodes;
mod parse;
mod render;
mod skim;
mod special;
mod value;

use std::fmt;

pub use nodes::Nodes;
pub use parse::{JsonError, JsonFault};
pub use render::{Edit, quote};
pub use skim::{Malformed, is_plain, skim_items, skim_members};
pub use value::{Items, Kind, Members, Value};

/// The deepest nesting of arrays and objects that is read.
pub const DEPTH_MAX: usize = 128;

/// A parsed JSON text.
#[derive(Clone)]
pub struct Document {
    source: String,
    /// Strings that had escapes, decoded, one after the other.
    decoded: String,
    nodes: Vec<Node>,
}

#[derive(Clone, Copy)]
struct Node {
    tag: Tag,
    /// Strings and numbers: where they start. Containers: how many items or members.
    start: u32,
    /// Strings and numbers: where they end. Containers: the node after their last one.
    end: u32,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Tag {
    Null,
    True,
    False,
    Number,
    String,
    StringDecoded,
    Key,
    KeyDecoded,
    Array,
    Object,
}

/// A place in a document that holds text of the caller's.
#[derive(Clone, Copy)]
pub struct Leaf<'a> {
    /// The node, for [`Document::pointer`].
    pub node: NodeId,
    /// What it is.
    pub kind: LeafKind,
    /// Its decoded text; for a number, its digits as written.
    pub text: &'a str,
}

/// What a [`Leaf`] is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum LeafKind {
    /// A string value.
    String,
    /// A number, as written.
    Number,
    /// The key of a member.
    Key,
}

/// Names a node of one document.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct NodeId(u32);

impl Document {
    /// The outermost value.
    #[must_use]
    pub fn root(&self) -> Value<'_> {
        Value::new(self, 0)
    }

    /// Every string, number and key, in reading order.
    pub fn leaves(&self) -> impl Iterator<Item = Leaf<'_>> {
        self.nodes.iter().zip(0..).filter_map(|(node, id)| {
            let kind = match node.tag {
                Tag::String | Tag::StringDecoded => LeafKind::String,
                Tag::Key | Tag::KeyDecoded => LeafKind::Key,
                Tag::Number => LeafKind::Number,
                Tag::Null | Tag::True | Tag::False | Tag::Array | Tag::Object => return None,
            };
            Some(Leaf { node: NodeId(id), kind, text: self.text(*node) })
        })
    }

    /// The JSON pointer (RFC 6901) of a node; for a key, of the member that it names.
    #[must_use]
    pub fn pointer(&self, node: NodeId) -> String {
        let mut pointer = String::new();
        for step in self.steps(node) {
            match step {
                Step::Key(key) => push_segment(&mut pointer, key),
                Step::Index(index) => push_segment(&mut pointer, &index.to_string()),
            }
        }
        pointer
    }

    /// The steps from the root to a node.
    #[must_use]
    pub fn steps(&self, node: NodeId) -> Vec<Step<'_>> {
        let mut steps = Vec::new();
        let mut here = self.root();
        while here.id() != node {
            let Some((step, child)) = here.child_holding(node) else { break };
            steps.push(step);
            let Some(child) = child else { break };
            here = child;
        }
        steps
    }

    /// How many bytes were received.
    #[must_use]
    pub fn source_bytes(&self) -> usize {
        self.source.len()
    }

    /// The text of a string, number or key; empty for anything else.
    pub(crate) fn text_of(&self, node: NodeId) -> &str {
        usize::try_from(node.0).map_or("", |index| self.text(self.node(index)))
    }

    fn node(&self, index: usize) -> Node {
        self.nodes.get(index).copied().unwrap_or(Node { tag: Tag::Null, start: 0, end: 0 })
    }

    fn text(&self, node: Node) -> &str {
        let range = node.start as usize..node.end as usize;
        match node.tag {
            Tag::StringDecoded | Tag::KeyDecoded => self.decoded.get(range).unwrap_or_default(),
            Tag::String | Tag::Key | Tag::Number => self.source.get(range).unwrap_or_default(),
            Tag::Null | Tag::True | Tag::False | Tag::Array | Tag::Object => "",
        }
    }
}

impl fmt::Debug for Document {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Document")
            .field("bytes", &self.source.len())
            .field("nodes", &self.nodes.len())
            .finish_non_exhaustive()
    }
}

/// One step of the way from the root to a node.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Step<'a> {
    /// Into the member of this name.
    Key(&'a str),
    /// Into the item at this index.
    Index(usize),
}

/// Appends one segment to a JSON pointer, escaped as RFC 6901 says.
pub(crate) fn push_segment(pointer: &mut String, segment: &str) {
    pointer.push('/');
    for char in segment.chars() {
        match char {
            '~' => pointer.push_str("~0"),
            '/' => pointer.push_str("~1"),
            other => pointer.push(other),
        }
    }
}
