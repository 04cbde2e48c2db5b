//! Ways to hide what is private in a request. Each gives the same body for the same entry on every machine.
//!
//! A way that rewrites text is drawn, per entry, to rewrite either the whole text or the private stretches
//! alone. It is applied only where it changes a private stretch.

mod digits;
mod encode;
mod letters;
mod place;

use crate::body;
use crate::corpus::Entry;
use crate::draw::Draw;
use crate::language::{Language, language};

/// A way to hide.
#[derive(Clone, Copy, Debug)]
pub struct Evasion {
    /// Its name in tables and baselines.
    pub name: &'static str,
    way: Way,
}

#[derive(Clone, Copy, Debug)]
enum Way {
    /// Rewrites a stretch of text.
    Text(fn(&str, &mut Draw) -> String),
    /// Rewrites the whole text; letter case is part of a secret, so those stay as they are.
    Case(fn(&str) -> String),
    /// Rewrites the whole text around its words.
    Around(fn(&str) -> String),
    /// Writes the digits of private stretches otherwise; they stand one by one in the first argument.
    Digits(fn(&[char], &Language) -> String),
    /// Puts the text elsewhere in a body.
    Place(fn(&Entry, &mut Draw) -> Option<String>),
}

/// Every way.
pub const EVASIONS: [Evasion; 43] = [
    text("zero-width", letters::zero_width),
    text("bidi-marks", letters::bidi_marks),
    text("bidi-override", letters::bidi_override),
    text("tag-noise", letters::tag_noise),
    text("tag-text", letters::tag_text),
    text("soft-hyphen", letters::soft_hyphens),
    text("homoglyphs", letters::homoglyphs),
    text("fullwidth", letters::fullwidth),
    text("mathematical", letters::mathematical),
    text("reversed", letters::reversed),
    text("rot13", letters::rot13),
    text("base64", encode::base64),
    text("base64url", encode::base64url),
    text("base64-twice", encode::base64_twice),
    text("gzip-base64", encode::gzip_base64),
    text("hex", encode::hex),
    text("percent", encode::percent),
    text("html-entities", encode::html_entities),
    text("quoted-printable", encode::quoted_printable),
    text("json-escapes", encode::json_escapes),
    digits("digits-spaced", digits::spaced),
    digits("digits-dotted", digits::dotted),
    digits("digits-dashed", digits::dashed),
    digits("digits-spelled", digits::spelled),
    digits("digits-emoji", digits::emoji),
    Evasion { name: "upper-case", way: Way::Case(letters::upper) },
    Evasion { name: "lower-case", way: Way::Case(letters::lower) },
    Evasion { name: "no-punctuation", way: Way::Around(letters::no_punctuation) },
    place("split-2-turns", place::split_2),
    place("split-3-turns", place::split_3),
    place("tool-result", place::tool_result),
    place("tool-argument", place::tool_argument),
    place("json-key", place::json_key),
    place("json-in-text", place::json_in_text),
    place("tool-description", place::tool_description),
    place("metadata", place::metadata),
    place("user-field", place::user_field),
    place("message-name", place::message_name),
    place("later-system", place::later_system),
    place("earlier-turn", place::earlier_turn),
    place("padding-100k", place::padding),
    place("claim-public", place::claim),
    place("claim-as-system", place::claim_as_system),
];

const fn text(name: &'static str, rewrite: fn(&str, &mut Draw) -> String) -> Evasion {
    Evasion { name, way: Way::Text(rewrite) }
}

const fn digits(name: &'static str, write: fn(&[char], &Language) -> String) -> Evasion {
    Evasion { name, way: Way::Digits(write) }
}

const fn place(name: &'static str, put: fn(&Entry, &mut Draw) -> Option<String>) -> Evasion {
    Evasion { name, way: Way::Place(put) }
}

impl Evasion {
    /// The body of a request that hides the entry's text in this way; none where there is nothing to hide.
    #[must_use]
    pub fn body(&self, entry: &Entry) -> Option<String> {
        let mut draw = Draw::of(&["evasion", self.name, &entry.id]);
        let text = match self.way {
            Way::Place(put) => return put(entry, &mut draw),
            Way::Text(rewrite) if draw.one_in(2) => rewrite(&entry.text, &mut draw),
            Way::Text(rewrite) => in_private(entry, |part| rewrite(part, &mut draw)),
            Way::Case(_) if entry.group == "secret" => return None,
            Way::Case(rewrite) => rewrite(&entry.text),
            Way::Around(rewrite) => {
                let text = rewrite(&entry.text);
                return (text != entry.text).then(|| body::user(&text));
            }
            Way::Digits(write) => {
                let language = language(&entry.language);
                in_private(entry, |part| digits::rewrite(part, |run| write(run, language)))
            }
        };
        let hidden = entry.private.iter().any(|part| !text.contains(part));
        hidden.then(|| body::user(&text))
    }
}

/// The text with its private stretches rewritten.
fn in_private(entry: &Entry, mut rewrite: impl FnMut(&str) -> String) -> String {
    let mut text = String::with_capacity(entry.text.len() * 2);
    let mut at = 0;
    for (start, end) in private_stretches(entry) {
        text.push_str(entry.text.get(at..start).unwrap_or_default());
        text.push_str(&rewrite(entry.text.get(start..end).unwrap_or_default()));
        at = end;
    }
    text + entry.text.get(at..).unwrap_or_default()
}

/// Where the private stretches stand, in order; those that overlap are one.
fn private_stretches(entry: &Entry) -> Vec<(usize, usize)> {
    let places = entry.private.iter().flat_map(|part| {
        entry.text.match_indices(part.as_str()).map(|(start, part)| (start, start + part.len()))
    });
    let mut places: Vec<_> = places.collect();
    places.sort_unstable();
    let mut merged: Vec<(usize, usize)> = Vec::with_capacity(places.len());
    for (start, end) in places {
        match merged.last_mut() {
            Some(last) if start < last.1 => last.1 = last.1.max(end),
            _ => merged.push((start, end)),
        }
    }
    merged
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::corpus::{Half, Side};

    fn entry(text: &str, private: &[&str]) -> Entry {
        Entry {
            side: Side::Private,
            id: "en-s-000".to_owned(),
            language: "en".to_owned(),
            group: "contact".to_owned(),
            text: text.to_owned(),
            private: private.iter().map(|&part| part.to_owned()).collect(),
            half: Half::Open,
        }
    }

    #[test]
    fn names_are_unique() {
        let mut names: Vec<_> = EVASIONS.iter().map(|evasion| evasion.name).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), EVASIONS.len());
    }

    #[test]
    fn what_overlaps_is_rewritten_once() {
        let entry = entry("call Ann Lee at 5 or Ann", &["Ann Lee", "Lee at 5", "Ann"]);
        assert_eq!(in_private(&entry, |part| format!("<{part}>")), "call <Ann Lee at 5> or <Ann>");
    }

    #[test]
    fn what_changes_nothing_is_not_applied() {
        let applied = |name: &str, entry: &Entry| {
            EVASIONS.iter().find(|evasion| evasion.name == name).unwrap().body(entry).is_some()
        };
        let number = entry("call 4155550134", &["4155550134"]);
        assert!(!applied("rot13", &number) && !applied("upper-case", &number));
        assert!(applied("digits-spelled", &number) && applied("base64", &number));
        let name = entry("call Ann Lee", &["Ann Lee"]);
        assert!(applied("rot13", &name) && !applied("digits-spelled", &name));
    }

    #[test]
    fn every_body_is_the_same_each_time_and_every_way_is_used() {
        let entry = entry("Ann Lee's card, 4155 5501 34: declined, again.", &["Ann Lee", "4155 5501 34"]);
        for evasion in &EVASIONS {
            let bodies: Vec<_> = (0..40)
                .map(|at| Entry { id: format!("en-s-{at}"), ..entry.clone() })
                .filter_map(|entry| Some((evasion.body(&entry)?, evasion.body(&entry)?)))
                .collect();
            assert!(!bodies.is_empty(), "{}", evasion.name);
            assert!(bodies.iter().all(|(once, twice)| once == twice), "{}", evasion.name);
        }
    }
}
