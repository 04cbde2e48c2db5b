//! Text to tokens: words, numbers, symbols, line ends, and single characters of scripts that write no spaces.
//!
//! Whatever is changed here is changed in the trainer too (`tagger/text.py`); a golden test compares the two.

use super::script::{Class, class};

/// The most characters of a word or a number that are one token.
const TOKEN_CHARS_MAX: usize = 24;

/// What a token is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub(super) enum TokenKind {
    Word,
    Single,
    Number,
    Newline,
    Symbol,
}

/// A token and where it stands.
#[derive(Clone, Copy, Debug)]
pub(super) struct Token {
    pub(super) kind: TokenKind,
    /// Its first character that counts.
    pub(super) lead: char,
    /// The script of its first character.
    pub(super) class: Class,
    pub(super) start: usize,
    pub(super) end: usize,
    /// Whether no space precedes it.
    pub(super) glued: bool,
    /// Whether it is the first on its line.
    pub(super) first: bool,
}

/// The tokens of a text.
pub(super) fn tokens(text: &str) -> Vec<Token> {
    let mut tokeniser =
        Tokeniser { text, at: 0, out: Vec::with_capacity(text.len() / 4), glued: false, first: true };
    while let Some(char) = tokeniser.peek() {
        tokeniser.one(char);
    }
    tokeniser.out
}

struct Tokeniser<'t> {
    text: &'t str,
    at: usize,
    out: Vec<Token>,
    glued: bool,
    first: bool,
}

impl Tokeniser<'_> {
    fn peek(&self) -> Option<char> {
        let byte = *self.text.as_bytes().get(self.at)?;
        if byte.is_ascii() { Some(char::from(byte)) } else { self.text.get(self.at..)?.chars().next() }
    }

    fn one(&mut self, char: char) {
        let class = class(char);
        match class {
            Class::Space => {
                self.at += char.len_utf8();
                self.glued = false;
            }
            Class::Ignorable => self.at += char.len_utf8(),
            Class::Newline => self.newline(char),
            Class::Digit => self.number(char),
            Class::Symbol => self.symbol(char),
            _ if class.is_single() => {
                let start = self.at;
                self.at += char.len_utf8();
                self.push(TokenKind::Single, char, class, start, self.at);
            }
            _ => self.words(),
        }
    }

    fn push(&mut self, kind: TokenKind, lead: char, class: Class, start: usize, end: usize) {
        self.out.push(Token { kind, lead, class, start, end, glued: self.glued, first: self.first });
        self.glued = true;
        self.first = kind == TokenKind::Newline;
    }

    fn newline(&mut self, lead: char) {
        let start = self.at;
        while let Some(char) = self.peek()
            && matches!(class(char), Class::Newline | Class::Space | Class::Ignorable)
        {
            self.at += char.len_utf8();
        }
        self.push(TokenKind::Newline, lead, Class::Newline, start, self.at);
    }

    fn number(&mut self, lead: char) {
        let (mut start, mut lead, mut count) = (self.at, lead, 0);
        while let Some(char) = self.peek()
            && class(char) == Class::Digit
        {
            if count == TOKEN_CHARS_MAX {
                self.push(TokenKind::Number, lead, Class::Digit, start, self.at);
                (start, lead, count) = (self.at, char, 0);
            }
            count += 1;
            self.at += char.len_utf8();
        }
        self.push(TokenKind::Number, lead, Class::Digit, start, self.at);
    }

    /// A run of the same symbol is one token.
    fn symbol(&mut self, char: char) {
        let start = self.at;
        self.at += char.len_utf8();
        if let Some(last) = self.out.last_mut()
            && self.glued
            && last.kind == TokenKind::Symbol
            && last.lead == char
            && last.end == start
        {
            last.end = self.at;
            return;
        }
        self.push(TokenKind::Symbol, char, Class::Symbol, start, self.at);
    }

    /// A run of letters, cut where a capital follows a small letter, and at the greatest length.
    fn words(&mut self) {
        let (mut start, mut end) = (self.at, self.at);
        let mut lead: Option<(char, Class)> = None;
        let (mut count, mut small) = (0, false);
        while let Some(char) = self.peek() {
            let class = class(char);
            if class == Class::Ignorable {
                self.at += char.len_utf8();
                continue;
            }
            if !class.is_joined_letter() {
                break;
            }
            if let Some((head, script)) = lead
                && (count == TOKEN_CHARS_MAX || (small && char.is_uppercase()))
            {
                self.push(TokenKind::Word, head, script, start, end);
                (start, count, lead) = (self.at, 0, None);
            }
            lead = lead.or(Some((char, class)));
            small = char.is_lowercase();
            count += 1;
            self.at += char.len_utf8();
            end = self.at;
        }
        if let Some((head, script)) = lead {
            self.push(TokenKind::Word, head, script, start, end);
        }
    }
}
