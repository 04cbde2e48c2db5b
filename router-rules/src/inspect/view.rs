//! Views: other ways to read a text, each with the way back to the bytes that were received.
//!
//! A text is read folded where it is not ASCII, and as received where folding could hide something. Where
//! there are signs of it, it is also read with look-alike letters as the Latin ones that they show, with
//! escapes resolved, with numbers told in words as digits, turned round, and by rot13; and what is encoded in
//! it is decoded and read in the same ways, down to [`DEPTH_MAX`].

mod decode;
mod escapes;
mod fold;
mod lookalike;
mod mapped;
pub(super) mod mirror;
pub(super) mod spelled;
mod tags;

pub(super) use fold::fold;

use super::cache::{self, Cache, Known};
use super::hits::Hits;
use super::scan::scan;
use super::{Detectors, matters};
use decode::Decoded;
use mapped::Mapped;

/// How deep views of views go: base64 of percent-encoded base64 is read, and one more.
const DEPTH_MAX: usize = 4;

/// What reading a text came to.
#[derive(Clone, Copy, Default)]
pub(super) struct Reading {
    /// Bytes read, over all views.
    pub(super) bytes: usize,
    /// Whether a run in it is encoded, and nobody can say what it holds.
    pub(super) sealed: bool,
    /// Whether much of it is in a language that nobody has validated.
    pub(super) foreign: bool,
}

/// How texts are read.
#[derive(Clone, Copy)]
pub(super) struct How<'a> {
    pub(super) detectors: &'a Detectors,
    /// Whose the texts are.
    pub(super) whose: &'a str,
    /// Whether the learned tagger is asked, where the policy wants it.
    pub(super) matters: bool,
}

impl How<'_> {
    /// Reads a text in its views; the hits are in bytes of the text itself. Once more than `budget` bytes are
    /// read, no further view is begun.
    pub(super) fn read(self, text: &str, hits: &mut Hits, budget: usize) -> Reading {
        if text.len() < cache::TEXT_MIN {
            return self.read_anew(text, hits, budget);
        }
        let key = Cache::key(self.whose, self.matters, text);
        if let Some(known) = self.detectors.cache.get(&key) {
            known.hits.iter().for_each(|hit| hits.push(hit.kind, hit.start, hit.end, hit.confidence));
            return known.reading;
        }
        let first = hits.len();
        let reading = self.read_anew(text, hits, budget);
        if reading.bytes <= budget && !hits.is_full() {
            self.detectors.cache.put(key, Known { hits: hits.since(first).into(), reading });
        }
        reading
    }

    fn read_anew(self, text: &str, hits: &mut Hits, budget: usize) -> Reading {
        let mut reader = Reader { how: self, hits, budget, reading: Reading::default() };
        reader.text(text, 0);
        reader.reading
    }
}

/// The last boundary between characters at or before an offset.
pub(super) fn floor(text: &str, offset: usize) -> usize {
    text.floor_char_boundary(offset)
}

struct Reader<'a> {
    how: How<'a>,
    hits: &'a mut Hits,
    budget: usize,
    reading: Reading,
}

impl Reader<'_> {
    fn text(&mut self, text: &str, depth: usize) {
        let signs = self.as_written(text);
        if depth == DEPTH_MAX {
            return;
        }
        if let Some(view) = tags::resolve(text) {
            self.view(&view, depth);
        }
        if let Some(view) = mirror::overridden(text) {
            self.view(&view, depth);
        }
        if let Some(view) = lookalike::resolve(text) {
            self.view(&view, depth);
        }
        if let Some(view) = escapes::resolve(text) {
            self.view(&view, depth);
        }
        if (signs.digit_words >= spelled::WORDS_MIN || spelled::is_likely(text))
            && let Some(view) = spelled::resolve(text)
        {
            self.view(&view, depth);
        }
        if signs.reversed >= mirror::WORDS_MIN {
            self.view(&mirror::reversed(text), DEPTH_MAX - 1);
        }
        if signs.rotated >= mirror::WORDS_MIN {
            self.view(&mirror::rotated(text), DEPTH_MAX - 1);
        }
        decode::each(text, |decoded| match decoded {
            Decoded::Text(view) => {
                let left = self.reading.bytes <= self.budget;
                if left {
                    self.view(&view, depth);
                }
                left
            }
            Decoded::Sealed => {
                self.reading.sealed = true;
                true
            }
        });
    }

    /// Reads a text folded, and as received where that can differ.
    fn as_written(&mut self, text: &str) -> Signs {
        let Some(folded) = fold(text) else {
            self.reading.bytes += text.len();
            self.matters(text);
            return scan(text, self.how.detectors, self.hits);
        };
        // The tagger knows letters beyond ASCII as they are written, unless they are a disguise.
        if !folded.changes_words {
            self.matters(text);
        }
        let first = self.hits.len();
        self.reading.bytes += folded.view.text.len();
        let signs = scan(&folded.view.text, self.how.detectors, self.hits);
        self.lead_back(first, &folded.view);
        if folded.changes_words {
            self.reading.bytes += text.len();
            // The tagger knows accents, marks and capitals: only the disguise is taken off for it.
            let plain = fold::undisguised(text);
            let first = self.hits.len();
            self.matters(&plain.text);
            self.lead_back(first, &plain);
            return signs.or(scan(text, self.how.detectors, self.hits));
        }
        // Terms of bare symbols are looked for as they are written.
        if let Some(loose) = &self.how.detectors.loose {
            loose.scan(text.as_bytes(), self.hits);
        }
        signs
    }

    fn matters(&mut self, text: &str) {
        if self.how.matters && self.how.detectors.matters {
            self.reading.foreign |= matters::read(text, self.how.detectors.wanted, self.hits);
        }
    }

    fn view(&mut self, view: &Mapped, depth: usize) {
        if self.reading.bytes > self.budget {
            return;
        }
        let first = self.hits.len();
        self.text(&view.text, depth + 1);
        self.lead_back(first, view);
    }

    fn lead_back(&mut self, first: usize, view: &Mapped) {
        self.hits.revise(first, |hit| {
            (hit.start, hit.end) = view.original(hit.start, hit.end);
            true
        });
    }
}

/// What a scan met that calls for another view.
#[derive(Clone, Copy, Default)]
pub(super) struct Signs {
    /// Words for digits.
    pub(super) digit_words: u32,
    /// Frequent words written backwards.
    pub(super) reversed: u32,
    /// Frequent words in rot13.
    pub(super) rotated: u32,
}

impl Signs {
    fn or(self, other: Self) -> Self {
        Self {
            digit_words: self.digit_words.max(other.digit_words),
            reversed: self.reversed.max(other.reversed),
            rotated: self.rotated.max(other.rotated),
        }
    }
}

#[cfg(test)]
mod tests;
