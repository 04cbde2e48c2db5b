//! From a [`Document`] back to bytes.

use super::special::first_special;
use super::{Document, Kind, Value};

/// A change to a member of the outermost object, made while it is written.
///
/// The gateway may set only a closed list of fields; that list is its callers' to keep.
#[derive(Clone, Debug)]
pub enum Edit {
    /// Gives a member this JSON text as value: in its place if it is there, else at the end.
    Set(&'static str, String),
    /// Leaves a member out.
    Remove(&'static str),
}

impl Edit {
    fn name(&self) -> &'static str {
        match self {
            Self::Set(name, _) | Self::Remove(name) => name,
        }
    }
}

impl Document {
    /// The document as JSON without white space, with these edits made.
    #[must_use]
    pub fn render(&self, edits: &[Edit]) -> Vec<u8> {
        let mut out = Vec::with_capacity(self.source.len() + 64);
        let root = self.root();
        if edits.is_empty() || root.kind() != Kind::Object {
            write(root, &mut out);
        } else {
            write_edited(root, edits, &mut out);
        }
        out
    }
}

impl Value<'_> {
    /// This value as JSON without white space.
    #[must_use]
    pub fn render(self) -> String {
        let mut out = Vec::new();
        write(self, &mut out);
        String::from_utf8(out).unwrap_or_default()
    }
}

/// A text as a JSON string.
#[must_use]
pub fn quote(text: &str) -> String {
    let mut out = Vec::with_capacity(text.len() + 2);
    write_string(text, &mut out);
    String::from_utf8(out).unwrap_or_default()
}

fn write_edited(object: Value<'_>, edits: &[Edit], out: &mut Vec<u8>) {
    out.push(b'{');
    for (key, value) in object.members() {
        match edits.iter().find(|edit| edit.name() == key) {
            Some(Edit::Set(_, json)) => write_member(key, out, |out| out.extend_from_slice(json.as_bytes())),
            Some(Edit::Remove(_)) => {}
            None => write_member(key, out, |out| write(value, out)),
        }
    }
    for edit in edits {
        if let Edit::Set(name, json) = edit
            && object.get(name).is_none()
        {
            write_member(name, out, |out| out.extend_from_slice(json.as_bytes()));
        }
    }
    out.push(b'}');
}

fn write_member(key: &str, out: &mut Vec<u8>, value: impl FnOnce(&mut Vec<u8>)) {
    if out.last() != Some(&b'{') {
        out.push(b',');
    }
    write_string(key, out);
    out.push(b':');
    value(out);
}

fn write(value: Value<'_>, out: &mut Vec<u8>) {
    match value.kind() {
        Kind::Null => out.extend_from_slice(b"null"),
        Kind::Bool => {
            out.extend_from_slice(if value.as_bool() == Some(true) { b"true" } else { b"false" });
        }
        Kind::Number => out.extend_from_slice(value.as_number().unwrap_or("0").as_bytes()),
        Kind::String => match value.as_plain_str() {
            // It came without escapes, so it needs none.
            Some(plain) => {
                out.push(b'"');
                out.extend_from_slice(plain.as_bytes());
                out.push(b'"');
            }
            None => write_string(value.as_str().unwrap_or_default(), out),
        },
        Kind::Array => {
            out.push(b'[');
            for (index, item) in value.items().enumerate() {
                if index > 0 {
                    out.push(b',');
                }
                write(item, out);
            }
            out.push(b']');
        }
        Kind::Object => {
            out.push(b'{');
            for (index, (key, member)) in value.members().enumerate() {
                if index > 0 {
                    out.push(b',');
                }
                write_string(key, out);
                out.push(b':');
                write(member, out);
            }
            out.push(b'}');
        }
    }
}

fn write_string(text: &str, out: &mut Vec<u8>) {
    out.push(b'"');
    let mut rest = text.as_bytes();
    while let Some(at) = first_special(rest) {
        let (plain, tail) = rest.split_at(at);
        out.extend_from_slice(plain);
        let Some((&byte, tail)) = tail.split_first() else { break };
        write_escape(byte, out);
        rest = tail;
    }
    out.extend_from_slice(rest);
    out.push(b'"');
}

fn write_escape(byte: u8, out: &mut Vec<u8>) {
    match byte {
        b'"' => out.extend_from_slice(b"\\\""),
        b'\\' => out.extend_from_slice(b"\\\\"),
        b'\n' => out.extend_from_slice(b"\\n"),
        b'\r' => out.extend_from_slice(b"\\r"),
        b'\t' => out.extend_from_slice(b"\\t"),
        0x08 => out.extend_from_slice(b"\\b"),
        0x0c => out.extend_from_slice(b"\\f"),
        other => out.extend_from_slice(format!("\\u{other:04x}").as_bytes()),
    }
}
