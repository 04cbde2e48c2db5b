//! Reading a [`Document`].

use std::fmt;

use super::{Document, NodeId, Step, Tag};

/// What a [`Value`] is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    /// `null`
    Null,
    /// `true` or `false`
    Bool,
    /// A number.
    Number,
    /// A string.
    String,
    /// An array.
    Array,
    /// An object.
    Object,
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Null => "null",
            Self::Bool => "a boolean",
            Self::Number => "a number",
            Self::String => "a string",
            Self::Array => "an array",
            Self::Object => "an object",
        })
    }
}

/// One value of a document.
#[derive(Clone, Copy)]
pub struct Value<'a> {
    document: &'a Document,
    index: usize,
}

impl<'a> Value<'a> {
    pub(super) fn new(document: &'a Document, index: usize) -> Self {
        Self { document, index }
    }

    /// Its node.
    #[must_use]
    pub fn id(self) -> NodeId {
        NodeId(u32::try_from(self.index).unwrap_or(u32::MAX))
    }

    /// Its JSON pointer.
    #[must_use]
    pub fn pointer(self) -> String {
        self.document.pointer(self.id())
    }

    /// What it is.
    #[must_use]
    pub fn kind(self) -> Kind {
        match self.tag() {
            Tag::Null => Kind::Null,
            Tag::True | Tag::False => Kind::Bool,
            Tag::Number => Kind::Number,
            Tag::String | Tag::StringDecoded | Tag::Key | Tag::KeyDecoded => Kind::String,
            Tag::Array => Kind::Array,
            Tag::Object => Kind::Object,
        }
    }

    /// Whether it is `null`.
    #[must_use]
    pub fn is_null(self) -> bool {
        self.tag() == Tag::Null
    }

    /// Its text, if it is a string.
    #[must_use]
    pub fn as_str(self) -> Option<&'a str> {
        (self.kind() == Kind::String).then(|| self.document.text(self.document.node(self.index)))
    }

    /// Its text, if it is a string that was written without escapes.
    pub(super) fn as_plain_str(self) -> Option<&'a str> {
        (self.tag() == Tag::String).then(|| self.document.text(self.document.node(self.index)))
    }

    /// Its digits as written, if it is a number.
    #[must_use]
    pub fn as_number(self) -> Option<&'a str> {
        (self.kind() == Kind::Number).then(|| self.document.text(self.document.node(self.index)))
    }

    /// Its value, if it is `true` or `false`.
    #[must_use]
    pub fn as_bool(self) -> Option<bool> {
        match self.tag() {
            Tag::True => Some(true),
            Tag::False => Some(false),
            _ => None,
        }
    }

    /// The items of an array; none for anything else.
    #[must_use]
    pub fn items(self) -> Items<'a> {
        let (next, end) = if self.kind() == Kind::Array { self.inside() } else { (0, 0) };
        Items { document: self.document, next, end }
    }

    /// The members of an object, in order; none for anything else.
    #[must_use]
    pub fn members(self) -> Members<'a> {
        let (next, end) = if self.kind() == Kind::Object { self.inside() } else { (0, 0) };
        Members { document: self.document, next, end }
    }

    /// The member of an object by name.
    #[must_use]
    pub fn get(self, name: &str) -> Option<Value<'a>> {
        self.members().find_map(|(key, value)| (key == name).then_some(value))
    }

    /// Like [`get`](Self::get), with `null` taken as absent.
    #[must_use]
    pub fn present(self, name: &str) -> Option<Value<'a>> {
        self.get(name).filter(|value| !value.is_null())
    }

    /// The text of the member of this name, if it is a string.
    #[must_use]
    pub fn str(self, name: &str) -> Option<&'a str> {
        self.get(name).and_then(Value::as_str)
    }

    /// Whether a node stands inside this value (or is it).
    #[must_use]
    pub fn holds(self, node: NodeId) -> bool {
        let at = node.0 as usize;
        self.index <= at && at < self.after()
    }

    /// The child on the way to `node`; its value is none where `node` is the member's key.
    pub(super) fn child_holding(self, node: NodeId) -> Option<(Step<'a>, Option<Value<'a>>)> {
        let target = node.0 as usize;
        let item = self.items().enumerate().find(|(_, item)| target < item.after());
        if let Some((index, item)) = item {
            return Some((Step::Index(index), Some(item)));
        }
        let (key, value) = self.members().find(|(_, value)| target < value.after())?;
        Some((Step::Key(key), (target >= value.index).then_some(value)))
    }

    /// The node that follows this value and all inside it.
    pub(super) fn after(self) -> usize {
        let node = self.document.node(self.index);
        match node.tag {
            Tag::Array | Tag::Object => node.end as usize,
            _ => self.index + 1,
        }
    }

    fn inside(self) -> (usize, usize) {
        (self.index + 1, self.after())
    }

    fn tag(self) -> Tag {
        self.document.node(self.index).tag
    }
}

/// The items of an array.
#[derive(Clone)]
pub struct Items<'a> {
    document: &'a Document,
    next: usize,
    end: usize,
}

impl<'a> Iterator for Items<'a> {
    type Item = Value<'a>;

    fn next(&mut self) -> Option<Value<'a>> {
        if self.next >= self.end {
            return None;
        }
        let value = Value::new(self.document, self.next);
        self.next = value.after();
        Some(value)
    }
}

/// The members of an object.
#[derive(Clone)]
pub struct Members<'a> {
    document: &'a Document,
    next: usize,
    end: usize,
}

impl<'a> Iterator for Members<'a> {
    type Item = (&'a str, Value<'a>);

    fn next(&mut self) -> Option<Self::Item> {
        if self.next >= self.end {
            return None;
        }
        let key = self.document.text(self.document.node(self.next));
        let value = Value::new(self.document, self.next + 1);
        self.next = value.after();
        Some((key, value))
    }
}
