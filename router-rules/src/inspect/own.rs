//! A site's own patterns: regular expressions with check digits, read in time that grows with the text alone.
//!
//! A search for one match may look far ahead of it (the `regex` crate bounds one search by the text's length, so all
//! of them by its square); here each looks through a window of bounded width, and every look is paid for from the
//! request's budget. It must keep no text.

mod check;
mod example;

use regex::bytes::{Regex, RegexBuilder, RegexSet, RegexSetBuilder};
use regex_syntax::hir::Hir;
use thiserror::Error;

use self::check::Check;
use super::KindId;
use super::hits::Hits;

/// The most patterns that a site may have.
pub const PATTERNS_MAX: usize = 256;

/// The most bytes that a pattern may compile to.
const COMPILED_MAX: usize = 1 << 20;

/// The most bytes that all patterns together may compile to, to be looked for at once; more are looked for one by one.
const SET_COMPILED_MAX: usize = 16 << 20;

/// A match that is longer may be missed.
const MATCH_MAX: usize = 1024;

/// How far one search looks.
const WINDOW: usize = 4 * MATCH_MAX;

/// How sure a match is: the site says what it is.
const CONFIDENCE: f32 = 1.0;

/// Why a pattern was refused.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum PatternError {
    /// Not a regular expression.
    #[error("`regex` cannot be read at byte {at}: {message}")]
    Syntax {
        /// Where.
        at: usize,
        /// Why, in the words of the `regex` crate.
        message: String,
    },
    /// A word boundary that knows all scripts.
    #[error(
        "`regex` asks for a word boundary in any script, which cannot be looked for quickly; write `(?-u:\\b)` for `\\b`"
    )]
    UnicodeBoundary,
    /// It would find something everywhere.
    #[error("`regex` matches where there is nothing at all; make it ask for one letter or digit at least")]
    Empty,
    /// It asks for more than is ever looked at.
    #[error("`regex` only matches more than {MATCH_MAX} bytes; shorten its repeats")]
    Long,
    /// Too large.
    #[error(
        "`regex` compiles to more than {COMPILED_MAX} bytes; shorten its repeats, or write `[0-9]` for `\\d` and \
         `[A-Za-z0-9]` for `\\w`"
    )]
    Large,
    /// A check that is not known.
    #[error("unknown checksum `{name}`{mend}")]
    UnknownChecksum {
        /// The name asked for.
        name: String,
        /// What it could have been.
        mend: String,
    },
}

/// One of a site's patterns, compiled.
#[derive(Clone, Debug)]
pub struct Pattern {
    kind: KindId,
    regex: Regex,
    /// Whether its first group is what is found.
    grouped: bool,
    check: Option<Check>,
    /// How far a search may look behind the end of a match.
    ahead: usize,
    hir: Hir,
}

impl Pattern {
    /// Compiles a pattern; what it matches is a finding of this kind.
    ///
    /// # Errors
    /// When it is no regular expression, could not be looked for quickly, or names a check that is not known.
    pub fn new(kind: KindId, regex: &str, checksum: Option<&str>) -> Result<Self, PatternError> {
        // Unlike the search over bytes, this refuses what could split a character.
        let hir = regex_syntax::parse(regex).map_err(|error| syntax(&error))?;
        let properties = hir.properties();
        if properties.look_set().contains_word_unicode() {
            return Err(PatternError::UnicodeBoundary);
        }
        let least = properties.minimum_len().unwrap_or(0);
        if least == 0 {
            return Err(PatternError::Empty);
        }
        if least > MATCH_MAX {
            return Err(PatternError::Long);
        }
        let compiled = RegexBuilder::new(regex).size_limit(COMPILED_MAX).build();
        Ok(Self {
            kind,
            regex: compiled.map_err(|_| PatternError::Large)?,
            grouped: properties.explicit_captures_len() > 0,
            check: checksum.map(Check::named).transpose()?,
            ahead: properties.maximum_len().map_or(MATCH_MAX, |most| most.min(MATCH_MAX)),
            hir,
        })
    }

    /// A text in which it is found, made up; none where none is made easily.
    #[must_use]
    pub fn example(&self) -> Option<String> {
        example::of(&self.hir, |text| self.stands_in(text))
    }

    /// Whether it is found where the text is a line of its own.
    fn stands_in(&self, text: &str) -> bool {
        let mut hits = Hits::with_room(1);
        hits.allow(usize::MAX);
        self.scan(format!("\n{text}\n").as_bytes(), &mut hits);
        hits.len() > 0
    }

    fn scan(&self, text: &[u8], hits: &mut Hits) {
        let mut at = 0;
        while at < text.len() && !hits.is_full() {
            let mut limit = text.len().min(at + WINDOW);
            let mut found = self.search(text, at, limit);
            if let Some((start, end)) = found.filter(|(_, end)| *end == limit && limit < text.len()) {
                // It may go on, or end only because the window does.
                hits.spend(end - at);
                (at, limit) = (start, text.len().min(start + WINDOW));
                found = self.search(text, at, limit);
            }
            let Some((start, end)) = found else {
                hits.spend(limit - at);
                at = if limit < text.len() { limit - MATCH_MAX } else { limit };
                continue;
            };
            hits.spend(end - at + self.ahead);
            let (first, last) = self.found(text, start, end, limit);
            let checked = text.get(first..last).unwrap_or_default();
            if self.check.is_none_or(|check| check.holds(checked)) {
                hits.push(self.kind, first, last, CONFIDENCE);
            }
            at = end.max(at + 1);
        }
    }

    fn search(&self, text: &[u8], at: usize, limit: usize) -> Option<(usize, usize)> {
        let found = self.regex.find_at(text.get(..limit).unwrap_or_default(), at)?;
        Some((found.start(), found.end()))
    }

    /// What is found of a match: its first group, where that took part, else all of it.
    fn found(&self, text: &[u8], start: usize, end: usize, limit: usize) -> (usize, usize) {
        let group = || {
            let captures = self.regex.captures_at(text.get(..limit).unwrap_or_default(), start)?;
            captures.get(1).map(|group| (group.start(), group.end()))
        };
        let group = if self.grouped { group() } else { None };
        group.filter(|(first, last)| first < last).unwrap_or((start, end))
    }
}

/// All of a site's patterns.
#[derive(Clone, Debug)]
pub(super) struct Patterns {
    each: Vec<Pattern>,
    /// Which of them a text has at all; none where they are looked for one by one.
    any: Option<RegexSet>,
}

impl Patterns {
    /// None where there are no patterns.
    pub(super) fn new(each: Vec<Pattern>) -> Option<Self> {
        let set = || {
            let texts = each.iter().map(|pattern| pattern.regex.as_str());
            RegexSetBuilder::new(texts).size_limit(SET_COMPILED_MAX).build().ok()
        };
        let any = if each.len() > 1 { set() } else { None };
        (!each.is_empty()).then_some(Self { each, any })
    }

    pub(super) fn scan(&self, text: &[u8], hits: &mut Hits) {
        let Some(any) = &self.any else {
            return self.each.iter().for_each(|pattern| pattern.scan(text, hits));
        };
        hits.spend(text.len());
        if !hits.is_full() {
            for at in any.matches(text) {
                if let Some(pattern) = self.each.get(at) {
                    pattern.scan(text, hits);
                }
            }
        }
    }
}

fn syntax(error: &regex_syntax::Error) -> PatternError {
    let (at, message) = match error {
        regex_syntax::Error::Parse(error) => (error.span().start.offset, error.kind().to_string()),
        regex_syntax::Error::Translate(error) => (error.span().start.offset, error.kind().to_string()),
        other => (0, other.to_string().lines().last().unwrap_or_default().to_owned()),
    };
    PatternError::Syntax { at, message }
}

#[cfg(test)]
mod tests;
