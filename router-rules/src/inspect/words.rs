//! Lists of words of many languages that are looked for around a place.

use super::cursor::{before, goes_on, is_word, slice};
use super::view::fold;

/// Words and phrases, kept as texts are folded. In alphabets of their own they are found at the beginning of a
/// word; where words are written together, anywhere.
pub(super) struct Words {
    /// Sorted, so that those with one first byte stand together.
    words: Vec<Box<str>>,
    /// Which bytes one of them begins with.
    heads: [bool; 256],
}

impl Words {
    pub(super) fn new(words: &[&str]) -> Self {
        let mut words: Vec<Box<str>> = words.iter().map(|word| folded(word).into()).collect();
        words.sort();
        let mut heads = [false; 256];
        for head in words.iter().filter_map(|word| word.as_bytes().first()) {
            for head in [head.to_ascii_lowercase(), head.to_ascii_uppercase()] {
                if let Some(place) = heads.get_mut(usize::from(head)) {
                    *place = true;
                }
            }
        }
        Self { words, heads }
    }

    /// Whether one of them begins in the `reach` bytes before `start`.
    pub(super) fn before(&self, text: &[u8], start: usize, reach: usize) -> bool {
        self.within(text, start.saturating_sub(reach), start)
    }

    /// Whether one of them stands whole in this stretch.
    pub(super) fn within(&self, text: &[u8], from: usize, to: usize) -> bool {
        let window = slice(text, from, to);
        let mut previous = before(text, from);
        window.iter().enumerate().any(|(offset, &byte)| {
            let begins = !byte.is_ascii() || !is_word(previous) || !byte.is_ascii_alphanumeric();
            previous = byte;
            begins
                && self.heads.get(usize::from(byte)) == Some(&true)
                && self.starting_with(byte).any(|word| goes_on(window, offset, word))
        })
    }

    fn starting_with(&self, byte: u8) -> impl Iterator<Item = &str> {
        let head = byte.to_ascii_lowercase();
        let first = self.words.partition_point(|word| word.as_bytes().first() < Some(&head));
        let rest = self.words.get(first..).unwrap_or_default();
        rest.iter().take_while(move |word| word.as_bytes().first() == Some(&head)).map(AsRef::as_ref)
    }
}

/// A word as texts are folded, in lower case.
pub(super) fn folded(word: &str) -> String {
    fold(word).map_or_else(|| word.to_owned(), |folded| folded.view.text).to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_found_at_their_beginning_and_where_none_is_written() {
        let words = Words::new(&["tel", "téléphone", "电话", "телефон"]);
        let said = |text: &str| words.before(folded(text).as_bytes(), folded(text).len(), 64);
        for text in ["Tel. ", "my TELEPHONE: ", "我的电话是", "мой телефон "] {
            assert!(said(text), "{text}");
        }
        for text in ["hotel ", "te", ""] {
            assert!(!said(text), "{text}");
        }
    }
}
