//! From bytes to a [`Document`].

use std::collections::HashSet;

use thiserror::Error;

use super::special::first_special;
use super::{DEPTH_MAX, Document, Node, Tag, push_segment};

/// Why a text was refused, and where.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{fault} (at byte {offset})")]
pub struct JsonError {
    /// What is wrong.
    pub fault: JsonFault,
    /// JSON pointer of the value in which it was met.
    pub pointer: String,
    /// Offset in the received bytes.
    pub offset: usize,
}

/// What is wrong with a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum JsonFault {
    /// It ends in the middle of a value.
    #[error("the JSON text ends too early")]
    UnexpectedEnd,
    /// A byte that cannot stand there.
    #[error("the text is not valid JSON")]
    Unexpected,
    /// Something follows the outermost value.
    #[error("the JSON text goes on after its end")]
    Trailing,
    /// Not UTF-8.
    #[error("the text is not valid UTF-8")]
    NotUtf8,
    /// An object names a member twice.
    #[error("an object holds the same key twice")]
    DuplicateKey,
    /// Half of a surrogate pair.
    #[error("a string holds a lone surrogate escape")]
    LoneSurrogate,
    /// An unknown escape, or a control character that must be escaped.
    #[error("a string holds an invalid escape or a bare control character")]
    InvalidString,
    /// A number that JSON does not allow.
    #[error("a number is not written as JSON asks")]
    InvalidNumber,
    /// More than [`DEPTH_MAX`] levels.
    #[error("the JSON text is nested more than {DEPTH_MAX} levels deep")]
    TooDeep,
    /// Over 4 GiB, which offsets cannot name.
    #[error("the JSON text is larger than 4 GiB")]
    TooLarge,
}

impl Document {
    /// Parses a JSON text.
    ///
    /// # Errors
    /// The first fault, with the pointer of the value in which it was met.
    pub fn parse(source: impl AsRef<[u8]>) -> Result<Self, JsonError> {
        let source = source.as_ref();
        // Checked with vector instructions and copied: less than the standard library's check by itself.
        match simdutf8::basic::from_utf8(source) {
            Ok(text) => Self::parse_text(text.to_owned()),
            Err(_) => {
                let valid =
                    std::str::from_utf8(source).err().map_or(source.len(), |error| error.valid_up_to());
                Err(not_utf8(source, valid))
            }
        }
    }

    fn parse_text(source: String) -> Result<Self, JsonError> {
        if u32::try_from(source.len()).is_err() {
            return Err(JsonError { fault: JsonFault::TooLarge, pointer: String::new(), offset: 0 });
        }
        let mut parser = Parser::new(&source);
        parser.document()?;
        let Parser { nodes, decoded, .. } = parser;
        Ok(Self { source, decoded, nodes })
    }
}

/// The fault of bytes that are text only up to `valid`: what reading the text says, if that is another fault.
fn not_utf8(bytes: &[u8], valid: usize) -> JsonError {
    let readable = bytes.get(..valid).and_then(|bytes| std::str::from_utf8(bytes).ok()).unwrap_or_default();
    match Parser::new(readable).document() {
        // The readable part may be whole JSON, or break off where the bad bytes begin.
        Ok(()) => JsonError { fault: JsonFault::NotUtf8, pointer: String::new(), offset: valid },
        Err(error) if error.fault == JsonFault::UnexpectedEnd => {
            JsonError { fault: JsonFault::NotUtf8, offset: valid, ..error }
        }
        Err(error) => error,
    }
}

struct Parser<'a> {
    text: &'a str,
    source: &'a [u8],
    at: usize,
    nodes: Vec<Node>,
    decoded: String,
}

type Parsed<T> = Result<T, JsonError>;

impl<'a> Parser<'a> {
    fn new(text: &'a str) -> Self {
        let nodes = Vec::with_capacity(64);
        Self { text, source: text.as_bytes(), at: 0, nodes, decoded: String::new() }
    }

    fn document(&mut self) -> Parsed<()> {
        self.value(0)?;
        self.white();
        if self.at == self.source.len() { Ok(()) } else { Err(self.error(JsonFault::Trailing)) }
    }

    fn value(&mut self, depth: usize) -> Parsed<()> {
        self.white();
        match self.peek() {
            Some(b'"') => self.string(false),
            Some(b'{') => self.object(depth),
            Some(b'[') => self.array(depth),
            Some(b'-' | b'0'..=b'9') => self.number(),
            Some(b't') => self.word(b"true", Tag::True),
            Some(b'f') => self.word(b"false", Tag::False),
            Some(b'n') => self.word(b"null", Tag::Null),
            Some(_) => Err(self.error(JsonFault::Unexpected)),
            None => Err(self.error(JsonFault::UnexpectedEnd)),
        }
    }

    fn object(&mut self, depth: usize) -> Parsed<()> {
        let node = self.open(Tag::Object, depth)?;
        let mut members = 0_u32;
        let mut keys = KeySet::default();
        self.white();
        if self.peek() == Some(b'}') {
            self.at += 1;
            return self.close(node, members);
        }
        loop {
            self.white();
            let key_at = self.at;
            match self.peek() {
                Some(b'"') => self.string(true)?,
                Some(_) => return Err(self.error(JsonFault::Unexpected)),
                None => return Err(self.error(JsonFault::UnexpectedEnd)),
            }
            let key = self.nodes.len() - 1;
            if !keys.insert(self, key) {
                let mut error = self.error(JsonFault::DuplicateKey);
                error.offset = key_at;
                return Err(self.under(key, error));
            }
            self.member_value(depth).map_err(|error| self.under(key, error))?;
            members += 1;
            self.white();
            match self.peek() {
                Some(b',') => self.at += 1,
                Some(b'}') => {
                    self.at += 1;
                    return self.close(node, members);
                }
                Some(_) => return Err(self.error(JsonFault::Unexpected)),
                None => return Err(self.error(JsonFault::UnexpectedEnd)),
            }
        }
    }

    fn member_value(&mut self, depth: usize) -> Parsed<()> {
        self.white();
        match self.peek() {
            Some(b':') => self.at += 1,
            Some(_) => return Err(self.error(JsonFault::Unexpected)),
            None => return Err(self.error(JsonFault::UnexpectedEnd)),
        }
        self.value(depth + 1)
    }

    fn array(&mut self, depth: usize) -> Parsed<()> {
        let node = self.open(Tag::Array, depth)?;
        let mut items = 0_u32;
        self.white();
        if self.peek() == Some(b']') {
            self.at += 1;
            return self.close(node, items);
        }
        loop {
            self.value(depth + 1).map_err(|error| under_segment(&items.to_string(), error))?;
            items += 1;
            self.white();
            match self.peek() {
                Some(b',') => self.at += 1,
                Some(b']') => {
                    self.at += 1;
                    return self.close(node, items);
                }
                Some(_) => return Err(self.error(JsonFault::Unexpected)),
                None => return Err(self.error(JsonFault::UnexpectedEnd)),
            }
        }
    }

    fn open(&mut self, tag: Tag, depth: usize) -> Parsed<usize> {
        if depth >= DEPTH_MAX {
            return Err(self.error(JsonFault::TooDeep));
        }
        self.at += 1;
        self.nodes.push(Node { tag, start: 0, end: 0 });
        Ok(self.nodes.len() - 1)
    }

    fn close(&mut self, node: usize, count: u32) -> Parsed<()> {
        let end = self.offset(self.nodes.len())?;
        if let Some(node) = self.nodes.get_mut(node) {
            node.start = count;
            node.end = end;
        }
        Ok(())
    }

    fn word(&mut self, word: &[u8], tag: Tag) -> Parsed<()> {
        let rest = self.source.get(self.at..).unwrap_or_default();
        if rest.starts_with(word) {
            self.at += word.len();
            self.nodes.push(Node { tag, start: 0, end: 0 });
            return Ok(());
        }
        let fault = if word.starts_with(rest) { JsonFault::UnexpectedEnd } else { JsonFault::Unexpected };
        Err(self.error(fault))
    }

    fn number(&mut self) -> Parsed<()> {
        let start = self.at;
        self.eat(b'-');
        match self.peek() {
            Some(b'0') => self.at += 1,
            Some(b'1'..=b'9') => self.digits(),
            Some(_) => return Err(self.error(JsonFault::InvalidNumber)),
            None => return Err(self.error(JsonFault::UnexpectedEnd)),
        }
        if self.eat(b'.') {
            self.some_digits()?;
        }
        if self.eat(b'e') || self.eat(b'E') {
            let _signed = self.eat(b'+') || self.eat(b'-');
            self.some_digits()?;
        }
        if matches!(self.peek(), Some(b'0'..=b'9' | b'.' | b'+' | b'-')) {
            return Err(self.error(JsonFault::InvalidNumber));
        }
        self.push_span(Tag::Number, start, self.at)
    }

    fn some_digits(&mut self) -> Parsed<()> {
        match self.peek() {
            Some(b'0'..=b'9') => {
                self.digits();
                Ok(())
            }
            Some(_) => Err(self.error(JsonFault::InvalidNumber)),
            None => Err(self.error(JsonFault::UnexpectedEnd)),
        }
    }

    fn digits(&mut self) {
        while matches!(self.peek(), Some(b'0'..=b'9')) {
            self.at += 1;
        }
    }

    fn string(&mut self, key: bool) -> Parsed<()> {
        self.at += 1;
        let start = self.at;
        self.plain()?;
        if self.peek() == Some(b'"') {
            let end = self.at;
            self.at += 1;
            return self.push_span(if key { Tag::Key } else { Tag::String }, start, end);
        }
        self.string_with_escapes(start, key)
    }

    fn string_with_escapes(&mut self, start: usize, key: bool) -> Parsed<()> {
        let decoded_start = self.decoded.len();
        if self.decoded.capacity() == 0 {
            // What is still to be read cannot become longer by being decoded: it never has to grow.
            self.decoded.reserve(self.source.len() - start);
        }
        self.keep(start, self.at);
        loop {
            match self.peek() {
                Some(b'"') => break,
                Some(b'\\') => self.escape()?,
                _ => return Err(self.error(JsonFault::UnexpectedEnd)),
            }
            let from = self.at;
            self.plain()?;
            self.keep(from, self.at);
        }
        self.at += 1;
        let tag = if key { Tag::KeyDecoded } else { Tag::StringDecoded };
        self.push_span(tag, decoded_start, self.decoded.len())
    }

    /// Goes on to the quote or backslash that ends a stretch of a string.
    fn plain(&mut self) -> Parsed<()> {
        let rest = self.source.get(self.at..).unwrap_or_default();
        let Some(length) = first_special(rest) else {
            self.at = self.source.len();
            return Err(self.error(JsonFault::UnexpectedEnd));
        };
        self.at += length;
        if matches!(self.peek(), Some(b'"' | b'\\')) {
            Ok(())
        } else {
            Err(self.error(JsonFault::InvalidString))
        }
    }

    fn escape(&mut self) -> Parsed<()> {
        self.at += 1;
        let char = match self.peek() {
            Some(b'"') => '"',
            Some(b'\\') => '\\',
            Some(b'/') => '/',
            Some(b'b') => '\u{8}',
            Some(b'f') => '\u{c}',
            Some(b'n') => '\n',
            Some(b'r') => '\r',
            Some(b't') => '\t',
            Some(b'u') => {
                self.at += 1;
                let char = self.unicode_escape()?;
                self.decoded.push(char);
                return Ok(());
            }
            Some(_) => return Err(self.error(JsonFault::InvalidString)),
            None => return Err(self.error(JsonFault::UnexpectedEnd)),
        };
        self.at += 1;
        self.decoded.push(char);
        Ok(())
    }

    fn unicode_escape(&mut self) -> Parsed<char> {
        let first = self.hex4()?;
        let code = match first {
            0xD800..=0xDBFF => {
                if !(self.eat(b'\\') && self.eat(b'u')) {
                    return Err(self.error_or_end(JsonFault::LoneSurrogate));
                }
                let second = self.hex4()?;
                if !(0xDC00..=0xDFFF).contains(&second) {
                    return Err(self.error(JsonFault::LoneSurrogate));
                }
                0x1_0000 + ((first - 0xD800) << 10) + (second - 0xDC00)
            }
            other => other,
        };
        char::from_u32(code).ok_or_else(|| self.error(JsonFault::LoneSurrogate))
    }

    fn hex4(&mut self) -> Parsed<u32> {
        let mut code = 0;
        for _ in 0..4 {
            let Some(byte) = self.peek() else { return Err(self.error(JsonFault::UnexpectedEnd)) };
            let Some(digit) = char::from(byte).to_digit(16) else {
                return Err(self.error(JsonFault::InvalidString));
            };
            code = code * 16 + digit;
            self.at += 1;
        }
        Ok(code)
    }

    fn keep(&mut self, start: usize, end: usize) {
        self.decoded.push_str(self.text.get(start..end).unwrap_or_default());
    }

    fn push_span(&mut self, tag: Tag, start: usize, end: usize) -> Parsed<()> {
        let (start, end) = (self.offset(start)?, self.offset(end)?);
        self.nodes.push(Node { tag, start, end });
        Ok(())
    }

    fn offset(&self, offset: usize) -> Parsed<u32> {
        u32::try_from(offset).map_err(|_| self.error(JsonFault::TooLarge))
    }

    fn white(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
    }

    fn peek(&self) -> Option<u8> {
        self.source.get(self.at).copied()
    }

    fn eat(&mut self, byte: u8) -> bool {
        let found = self.peek() == Some(byte);
        self.at += usize::from(found);
        found
    }

    fn key_text(&self, node: usize) -> &str {
        let Some(node) = self.nodes.get(node) else { return "" };
        let range = node.start as usize..node.end as usize;
        match node.tag {
            Tag::KeyDecoded => self.decoded.get(range).unwrap_or_default(),
            _ => self.text.get(range).unwrap_or_default(),
        }
    }

    fn error(&self, fault: JsonFault) -> JsonError {
        JsonError { fault, pointer: String::new(), offset: self.at }
    }

    fn error_or_end(&self, fault: JsonFault) -> JsonError {
        self.error(if self.at >= self.source.len() { JsonFault::UnexpectedEnd } else { fault })
    }

    fn under(&self, key: usize, error: JsonError) -> JsonError {
        under_segment(self.key_text(key), error)
    }
}

fn under_segment(segment: &str, error: JsonError) -> JsonError {
    let mut pointer = String::with_capacity(segment.len() + 1 + error.pointer.len());
    push_segment(&mut pointer, segment);
    pointer.push_str(&error.pointer);
    JsonError { pointer, ..error }
}

/// The keys of one object so far: a list while they are few, a set beyond.
#[derive(Default)]
struct KeySet {
    few: [usize; Self::FEW],
    count: usize,
    many: HashSet<String>,
}

impl KeySet {
    const FEW: usize = 16;

    fn insert(&mut self, parser: &Parser<'_>, key: usize) -> bool {
        let text = parser.key_text(key);
        let (before, free) = self.few.split_at_mut_checked(self.count).unwrap_or_default();
        if let Some(place) = free.first_mut() {
            *place = key;
            self.count += 1;
            return before.iter().all(|&other| parser.key_text(other) != text);
        }
        if self.many.is_empty() {
            self.many.extend(before.iter().map(|&other| parser.key_text(other).to_owned()));
        }
        self.many.insert(text.to_owned())
    }
}
