//! Words that say what a number near them is, in the languages of those who write it.

use std::collections::VecDeque;

use crate::inspect::cursor::{at, before, is_word, slice};
use crate::inspect::view::fold;

/// How far before a number its words are looked for, and how far after.
const REACH_BEFORE: usize = 64;
const REACH_AFTER: usize = 40;

/// How far before a number that nothing else tells.
const REACH_LOOSE: usize = 40;

/// The words, and of which formats they speak: one bit for each.
#[derive(Clone)]
pub(in crate::inspect) struct Cues {
    /// Which pairs of bytes begin one.
    pairs: Box<[u64; 1024]>,
    /// Sorted by their first two bytes.
    words: Vec<Word>,
}

#[derive(Clone)]
struct Word {
    text: Box<[u8]>,
    /// Whether nothing may follow that belongs to the same word.
    whole: bool,
    formats: u128,
}

/// Of which formats the words around a number speak.
#[derive(Clone, Copy, Default)]
pub(super) struct Said {
    near: u128,
    around: u128,
}

impl Said {
    pub(super) fn of(self, format: usize, loose: bool) -> bool {
        let formats = if loose { self.near } else { self.around };
        formats >> format & 1 == 1
    }
}

/// The words that have been heard up to some place of a text, so that none is listened for twice.
#[derive(Default)]
pub(in crate::inspect) struct Heard {
    to: usize,
    words: VecDeque<(usize, u128)>,
}

impl Heard {
    /// What is said around a number of which a group stands at `start` to `end`.
    pub(super) fn around(&mut self, cues: &Cues, text: &[u8], start: usize, end: usize) -> Said {
        let (from, to) = (start.saturating_sub(REACH_BEFORE), (end + REACH_AFTER).min(text.len()));
        while self.words.front().is_some_and(|(place, _)| *place < from) {
            self.words.pop_front();
        }
        self.listen(cues, text, self.to.max(from), to);
        let mut said = Said::default();
        for (place, formats) in &self.words {
            said.around |= formats;
            if (start.saturating_sub(REACH_LOOSE)..start).contains(place) {
                said.near |= formats;
            }
        }
        said
    }

    fn listen(&mut self, cues: &Cues, text: &[u8], from: usize, to: usize) {
        let mut previous = before(text, from);
        for (place, &byte) in (from..).zip(slice(text, from, to)) {
            // A word begins after what is none, at a capital after a small letter, and at every character of
            // scripts that may write no spaces.
            let begins = if byte.is_ascii() {
                byte.is_ascii_alphabetic()
                    && (!is_word(previous)
                        || previous.is_ascii_digit()
                        || byte.is_ascii_uppercase() && previous.is_ascii_lowercase())
            } else {
                byte >= 0xC0
            };
            previous = byte;
            let formats = if begins { cues.at(text, place) } else { 0 };
            if formats != 0 {
                self.words.push_back((place, formats));
            }
        }
        self.to = self.to.max(to);
    }
}

impl Cues {
    pub(super) fn new(cues: impl Iterator<Item = (&'static str, usize)>) -> Self {
        let mut words: Vec<Word> = Vec::new();
        for (cue, format) in cues {
            let folded = fold(cue).map_or_else(|| cue.to_owned(), |folded| folded.view.text).to_lowercase();
            let text = folded.trim_end().as_bytes();
            let whole = folded.ends_with(' ');
            let formats = 1_u128 << format;
            match words.iter_mut().find(|word| *word.text == *text && word.whole == whole) {
                Some(word) => word.formats |= formats,
                None => words.push(Word { text: text.into(), whole, formats }),
            }
        }
        words.sort_by_key(|word| pair(&word.text, 0));
        let mut pairs = Box::new([0; 1024]);
        for word in &words {
            let (place, bit) = place(pair(&word.text, 0));
            if let Some(mask) = pairs.get_mut(place) {
                *mask |= bit;
            }
        }
        Self { pairs, words }
    }

    fn at(&self, text: &[u8], start: usize) -> u128 {
        let key = pair(text, start);
        let (place, bit) = place(key);
        if self.pairs.get(place).is_none_or(|mask| mask & bit == 0) {
            return 0;
        }
        let first = self.words.partition_point(|word| pair(&word.text, 0) < key);
        let same = self.words.get(first..).unwrap_or_default().iter();
        let same = same.take_while(|word| pair(&word.text, 0) == key);
        same.filter(|word| word.stands(text, start)).fold(0, |formats, word| formats | word.formats)
    }
}

impl Word {
    fn stands(&self, text: &[u8], start: usize) -> bool {
        let mut here = start;
        for &byte in &self.text {
            if byte == b' ' {
                let most = here + 3;
                while here < most
                    && matches!(at(text, here), b' ' | b'_' | b'-' | b'.' | b'/' | b'\'' | b'\n')
                {
                    here += 1;
                }
            } else if at(text, here).to_ascii_lowercase() == byte {
                here += 1;
            } else {
                return false;
            }
        }
        let next = at(text, here);
        !self.whole || !is_word(next) || next.is_ascii_digit()
    }
}

/// The first two bytes of a word; whatever separates two words is a space.
fn pair(text: &[u8], start: usize) -> u16 {
    let second = at(text, start + 1).to_ascii_lowercase();
    let second = if is_word(second) { second } else { b' ' };
    u16::from_be_bytes([at(text, start).to_ascii_lowercase(), second])
}

fn place(pair: u16) -> (usize, u64) {
    (usize::from(pair >> 6), 1 << (pair & 63))
}
