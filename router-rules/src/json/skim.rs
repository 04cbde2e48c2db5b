//! A look at a text without keeping it as a tree: is it JSON, and what are its outermost parts?
//!
//! For answers, which are passed on as they came: several times cheaper than [`Document`](super::Document),
//! and more lenient, since nothing is decided by what two readers might read differently.

use thiserror::Error;

use super::DEPTH_MAX;
use super::special::first_special;

/// The text is not JSON.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("the text is not valid JSON")]
pub struct Malformed;

/// Checks a text and shows each member of its outermost object, key and value as they are written (the key
/// without its quotes, escapes unread). A text that is no object has none.
///
/// # Errors
/// When the text as a whole is not JSON.
pub fn skim_members<'a>(text: &'a str, mut member: impl FnMut(&'a str, &'a str)) -> Result<(), Malformed> {
    let mut skim = Skim { text, bytes: text.as_bytes(), at: 0 };
    skim.white();
    if skim.peek() != Some(b'{') {
        return skim.value(0).and_then(|()| skim.end()).ok_or(Malformed);
    }
    let mut show = |key, value| member(key, value);
    skim.object(0, &mut show).and_then(|()| skim.end()).ok_or(Malformed)
}

/// Checks a text and shows each item of its outermost array, as it is written. A text that is no array has
/// none.
///
/// # Errors
/// When the text as a whole is not JSON.
pub fn skim_items<'a>(text: &'a str, mut item: impl FnMut(&'a str)) -> Result<(), Malformed> {
    let mut skim = Skim { text, bytes: text.as_bytes(), at: 0 };
    skim.white();
    if skim.peek() != Some(b'[') {
        return skim.value(0).and_then(|()| skim.end()).ok_or(Malformed);
    }
    let mut show = |value| item(value);
    skim.array(0, &mut show).and_then(|()| skim.end()).ok_or(Malformed)
}

/// Whether these bytes may stand between the quotes of a string as they are, and stand for themselves there.
#[must_use]
pub fn is_plain(bytes: &[u8]) -> bool {
    first_special(bytes).is_none() && std::str::from_utf8(bytes).is_ok()
}

struct Skim<'a> {
    text: &'a str,
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Skim<'a> {
    fn value(&mut self, depth: usize) -> Option<()> {
        match self.peek()? {
            b'"' => self.string().map(|_| ()),
            b'{' => self.object(depth, &mut |_, _| {}),
            b'[' => self.array(depth, &mut |_| {}),
            b't' => self.word(b"true"),
            b'f' => self.word(b"false"),
            b'n' => self.word(b"null"),
            _ => self.number(),
        }
    }

    fn object(&mut self, depth: usize, show: &mut impl FnMut(&'a str, &'a str)) -> Option<()> {
        self.open(depth)?;
        if self.eat(b'}') {
            return Some(());
        }
        loop {
            self.white();
            let key = self.string()?;
            self.white();
            if !self.eat(b':') {
                return None;
            }
            let value = self.shown(depth)?;
            show(key, value);
            if !self.eat(b',') {
                return self.eat(b'}').then_some(());
            }
        }
    }

    fn array(&mut self, depth: usize, show: &mut impl FnMut(&'a str)) -> Option<()> {
        self.open(depth)?;
        if self.eat(b']') {
            return Some(());
        }
        loop {
            let value = self.shown(depth)?;
            show(value);
            if !self.eat(b',') {
                return self.eat(b']').then_some(());
            }
        }
    }

    /// A value with the white space around it, shown without.
    fn shown(&mut self, depth: usize) -> Option<&'a str> {
        self.white();
        let start = self.at;
        self.value(depth + 1)?;
        let value = self.text.get(start..self.at);
        self.white();
        value
    }

    fn open(&mut self, depth: usize) -> Option<()> {
        self.at += 1;
        self.white();
        (depth < DEPTH_MAX).then_some(())
    }

    fn end(&mut self) -> Option<()> {
        self.white();
        (self.at == self.bytes.len()).then_some(())
    }

    /// What stands between the quotes.
    fn string(&mut self) -> Option<&'a str> {
        if !self.eat(b'"') {
            return None;
        }
        let start = self.at;
        loop {
            let rest = self.bytes.get(self.at..)?;
            self.at += first_special(rest)?;
            match self.peek()? {
                b'"' => {
                    let text = self.text.get(start..self.at);
                    self.at += 1;
                    return text;
                }
                b'\\' => self.escape()?,
                _ => return None,
            }
        }
    }

    fn escape(&mut self) -> Option<()> {
        self.at += 2;
        match self.bytes.get(self.at - 1)? {
            b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't' => Some(()),
            b'u' => {
                let digits = self.bytes.get(self.at..self.at + 4)?;
                self.at += 4;
                digits.iter().all(u8::is_ascii_hexdigit).then_some(())
            }
            _ => None,
        }
    }

    fn number(&mut self) -> Option<()> {
        self.eat(b'-');
        if !self.eat(b'0') {
            self.digits()?;
        }
        if self.eat(b'.') {
            self.digits()?;
        }
        if self.eat(b'e') || self.eat(b'E') {
            let _signed = self.eat(b'+') || self.eat(b'-');
            self.digits()?;
        }
        Some(())
    }

    fn digits(&mut self) -> Option<()> {
        let rest = self.bytes.get(self.at..)?;
        let count = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
        self.at += count;
        (count > 0).then_some(())
    }

    fn word(&mut self, word: &[u8]) -> Option<()> {
        let there = self.bytes.get(self.at..)?.starts_with(word);
        self.at += word.len();
        there.then_some(())
    }

    fn white(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
    }

    fn eat(&mut self, byte: u8) -> bool {
        let found = self.peek() == Some(byte);
        self.at += usize::from(found);
        found
    }

    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::json::{Document, JsonFault};

    fn members(text: &str) -> Option<Vec<(&str, &str)>> {
        let mut seen = Vec::new();
        skim_members(text, |key, value| seen.push((key, value))).ok()?;
        Some(seen)
    }

    #[test]
    fn members_are_shown_as_written() {
        let text = " { \"a\" : [1, {\"b\":2}] ,\"c\\n\":\"x\\\"}\", \"d\":null } ";
        let expected = vec![("a", "[1, {\"b\":2}]"), ("c\\n", "\"x\\\"}\""), ("d", "null")];
        assert_eq!(members(text), Some(expected));
        assert_eq!(members("[1]"), Some(vec![]));
        assert_eq!(members("{}"), Some(vec![]));
    }

    #[test]
    fn items_are_shown_as_written() {
        let mut seen = Vec::new();
        assert_eq!(skim_items("[ 1.5e3 , [\"]\"],{} ]", |item| seen.push(item)), Ok(()));
        assert_eq!(seen, ["1.5e3", "[\"]\"]", "{}"]);
    }

    #[test]
    fn what_is_no_json_is_refused() {
        for text in [
            "",
            " ",
            "{",
            "{\"a\"}",
            "{\"a\":}",
            "{\"a\":1,}",
            "{\"a\":1}}",
            "{\"a\":01}",
            "{\"a\":1.}",
            "{\"a\":.5}",
            "{\"a\":1e}",
            "{\"a\":tru}",
            "{\"a\":\"\\x\"}",
            "{\"a\":\"\\u12g4\"}",
            "{\"a\":\"\n\"}",
            "{a:1}",
            "{\"a\":-}",
            "{\"a\":\"b",
            "{\"a\":\"\\",
            "[1,]",
            "[1 2]",
            "nul",
            "{\"a\":1 \"b\":2}",
        ] {
            assert_eq!(members(text), None, "{text}");
        }
        assert_eq!(members(&("{\"a\":".to_owned() + &"[".repeat(200) + &"]".repeat(200) + "}")), None);
    }

    fn agrees(text: &str) -> Result<(), TestCaseError> {
        match Document::parse(text) {
            Ok(document) => {
                let seen = members(text);
                prop_assert_eq!(
                    seen.map(|seen| seen.len()),
                    Some(document.root().members().count()),
                    "{}",
                    text
                );
            }
            Err(error) => {
                let lenient = matches!(error.fault, JsonFault::DuplicateKey | JsonFault::LoneSurrogate);
                prop_assert!(lenient || members(text).is_none(), "{}", text);
            }
        }
        Ok(())
    }

    proptest! {
        /// The two readers agree on what is JSON, but for what only the stricter one minds.
        #[test]
        fn it_agrees_with_the_parser(text in r#"[\[\]{}:,"\\u0-9a-fnrtulse .\-+E]{0,12}"#) {
            agrees(&text)?;
        }

        #[test]
        fn it_agrees_with_the_parser_where_one_character_is_wrong(at in 0_usize..90, put in r#"[\[\]{}:,"\\u0-9anrtu .\-+E]{0,2}"#) {
            let whole = r#"{"a\u0041":[1,-2.5e+3,{"b":null}],"c":"x\"\\y","d":{"e":[true,false,""]},"f":0}"#;
            let (before, after) = whole.split_at(at.min(whole.len()));
            agrees(&format!("{before}{put}{}", after.get(1..).unwrap_or_default()))?;
        }
    }
}
