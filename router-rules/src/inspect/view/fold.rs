//! The folded view: what looks or reads alike is alike.

use unicode_normalization::char::{decompose_compatible, is_combining_mark};

use super::mapped::Mapped;

/// A text in which what looks or reads alike is alike.
///
/// Compatibility forms are decomposed and marks on Latin letters dropped (Unicode Annex 15, NFKD), decimal
/// digits of every script are ASCII digits, letters beyond ASCII are in lower case, dashes, quotes and spaces
/// are ASCII's, other symbols are spaces, and what shows nothing is gone.
pub(in crate::inspect) struct Folded {
    pub(in crate::inspect) view: Mapped,
    /// Whether reading the original too can find more: something was removed, or letters and digits changed.
    pub(super) changes_words: bool,
}

/// The folded view of a text; none where it would be the same.
pub(in crate::inspect) fn fold(text: &str) -> Option<Folded> {
    if text.is_ascii() {
        return None;
    }
    let mut folded = Folded { view: Mapped::with_capacity(text.len()), changes_words: false };
    let mut rest = text;
    let mut at = 0;
    while !rest.is_empty() {
        let plain = ascii_prefix(rest.as_bytes());
        let (ascii, after) = rest.split_at(plain);
        folded.view.copy(ascii, at);
        at += plain;
        rest = after;
        // Letters of one script come in runs.
        while let Some(char) = rest.chars().next().filter(|char| !char.is_ascii()) {
            folded.replace(char, at);
            at += char.len_utf8();
            rest = rest.get(char.len_utf8()..).unwrap_or_default();
        }
    }
    Some(folded)
}

/// How many bytes of ASCII a text begins with.
fn ascii_prefix(bytes: &[u8]) -> usize {
    let blocks = bytes.as_chunks::<32>().0.iter().take_while(|block| block.is_ascii()).count() * 32;
    let rest = bytes.get(blocks..).unwrap_or_default();
    blocks + rest.iter().take_while(|byte| byte.is_ascii()).count()
}

impl Folded {
    fn replace(&mut self, char: char, original: usize) {
        let mut changes = false;
        self.view.replace(original, char.len_utf8(), |text| match stand_in(char) {
            StandIn::Same => text.push(char),
            StandIn::Symbol(ascii) => text.push(ascii),
            StandIn::Nothing => changes = true,
            StandIn::Digit(ascii) => {
                changes = true;
                text.push(ascii);
            }
            StandIn::Decomposed => {
                let from = text.len();
                decompose_compatible(char, |part| spell(part, text));
                let became = text.get(from..).unwrap_or_default();
                // A letter that stays a letter stands in no pattern, and terms are folded like the text.
                let letters = char.is_alphabetic() && became.chars().all(char::is_alphabetic);
                // Letters of styled alphabets stay letters, and yet no one reads them as they are.
                changes = became.is_empty() || !letters || is_styled(char);
            }
        });
        self.changes_words |= changes;
    }
}

/// A text without what shows nothing, and with styled letters and digits as plain ones; all else stays as it is
/// written.
pub(super) fn undisguised(text: &str) -> Mapped {
    let mut plain = Mapped::with_capacity(text.len());
    let mut copied = 0;
    for (at, char) in text.char_indices().filter(|(_, char)| !char.is_ascii()) {
        let hidden = matches!(stand_in(char), StandIn::Nothing);
        if hidden || is_styled(char) {
            plain.copy(text.get(copied..at).unwrap_or_default(), copied);
            copied = at + char.len_utf8();
            if !hidden {
                plain.replace(at, char.len_utf8(), |out| decompose_compatible(char, |part| out.push(part)));
            }
        }
    }
    plain.copy(text.get(copied..).unwrap_or_default(), copied);
    plain
}

/// Full-width, mathematical and enclosed letters and digits.
fn is_styled(char: char) -> bool {
    matches!(char, '\u{2460}'..='\u{24FF}' | '\u{FF01}'..='\u{FF5E}' | '\u{1D400}'..='\u{1D7FF}' | '\u{1F100}'..='\u{1F1FF}')
        || matches!(char, '\u{2100}'..='\u{214F}' if char.is_alphanumeric())
}

enum StandIn {
    Same,
    Symbol(char),
    Digit(char),
    Nothing,
    Decomposed,
}

fn stand_in(char: char) -> StandIn {
    match char {
        '\u{2018}'..='\u{201B}' | '\u{2032}' | '\u{02BC}' | '\u{2039}' | '\u{203A}' => StandIn::Symbol('\''),
        '\u{201C}'..='\u{201F}' | '\u{2033}' | '\u{AB}' | '\u{BB}' => StandIn::Symbol('"'),
        '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{FE58}' | '\u{FE63}' => StandIn::Symbol('-'),
        '\u{A0}' | '\u{2000}'..='\u{200A}' | '\u{202F}' | '\u{205F}' | '\u{3000}' => StandIn::Symbol(' '),
        '\u{2024}' | '\u{3002}' | '\u{2026}' => StandIn::Symbol('.'),
        // What shows nothing: soft hyphen, joiners, bidirectional controls, fillers, selectors, tags.
        '\u{AD}'
        | '\u{034F}'
        | '\u{061C}'
        | '\u{115F}'
        | '\u{1160}'
        | '\u{17B4}'
        | '\u{17B5}'
        | '\u{180B}'..='\u{180F}'
        | '\u{200B}'..='\u{200F}'
        | '\u{202A}'..='\u{202E}'
        | '\u{2060}'..='\u{206F}'
        | '\u{3164}'
        | '\u{FE00}'..='\u{FE0F}'
        | '\u{FEFF}'
        | '\u{FFA0}'
        | '\u{E0000}'..='\u{E0FFF}' => StandIn::Nothing,
        // Ideographs and plain Cyrillic and Greek small letters stand for themselves.
        '\u{4E00}'..='\u{9FFF}'
        | '\u{0430}'..='\u{0438}'
        | '\u{043A}'..='\u{044F}'
        | '\u{03B1}'..='\u{03C9}' => StandIn::Same,
        _ => decimal(char).map_or_else(
            || {
                if char.is_alphanumeric() || is_combining_mark(char) || is_compatibility_symbol(char) {
                    StandIn::Decomposed
                } else {
                    StandIn::Symbol(' ')
                }
            },
            StandIn::Digit,
        ),
    }
}

/// Symbols that stand for ASCII ones: the full-width and small forms, and the letter-like.
fn is_compatibility_symbol(char: char) -> bool {
    matches!(char, '\u{2100}'..='\u{214F}' | '\u{2474}'..='\u{24FF}' | '\u{3200}'..='\u{33FF}' | '\u{FB00}'..='\u{FB06}' | '\u{FE50}'..='\u{FE6F}' | '\u{FF00}'..='\u{FFEF}' | '\u{1F100}'..='\u{1F1FF}')
}

fn spell(char: char, text: &mut String) {
    if char.is_ascii() {
        text.push(char);
    } else if matches!(char, '\u{0300}'..='\u{036F}' | '\u{1AB0}'..='\u{1AFF}' | '\u{1DC0}'..='\u{1DFF}' | '\u{20D0}'..='\u{20FF}')
    {
        // Marks on letters: dropped.
    } else if let Some(digit) = decimal(char) {
        text.push(digit);
    } else {
        text.extend(char.to_lowercase());
    }
}

/// Where the ten digits of other scripts begin (Unicode, general category Nd).
const ZEROS: [u32; 27] = [
    0x0660, 0x06F0, 0x07C0, 0x0966, 0x09E6, 0x0A66, 0x0AE6, 0x0B66, 0x0BE6, 0x0C66, 0x0CE6, 0x0D66, 0x0DE6,
    0x0E50, 0x0ED0, 0x0F20, 0x1040, 0x17E0, 0x1810, 0x1946, 0xA620, 0xA8D0, 0xFF10, 0x1D7CE, 0x1D7D8,
    0x1D7E2, 0x1D7EC,
];

fn decimal(char: char) -> Option<char> {
    let code = u32::from(char);
    let index = ZEROS.partition_point(|zero| *zero <= code).checked_sub(1)?;
    let value = code - ZEROS.get(index)?;
    char::from_digit(value, 10)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn text_of(text: &str) -> String {
        fold(text).map_or_else(|| text.to_owned(), |folded| folded.view.text)
    }

    #[test]
    fn what_reads_alike_is_alike() {
        assert_eq!(text_of("ｊｏｅ＠ａｃｍｅ．ｃｏｍ"), "joe@acme.com");
        assert_eq!(text_of("pass\u{200b}wo\u{301}rd"), "password");
        assert_eq!(text_of("٤١١١ – ４１１１"), "4111 - 4111");
        assert_eq!(text_of("“Zürich”…"), "\"Zurich\".");
        assert_eq!(text_of("ПАРОЛЬ"), "пароль");
        assert_eq!(text_of("患者"), "患者");
    }

    proptest! {
        #[test]
        fn every_stretch_leads_back_to_whole_characters(text in "\\PC{0,40}") {
            if let Some(folded) = fold(&text) {
                for (start, char) in folded.view.text.char_indices() {
                    let (from, to) = folded.view.original(start, start + char.len_utf8());
                    prop_assert!(text.get(from..to).is_some_and(|part| !part.is_empty()));
                }
            }
        }
    }
}
