//! Views: other ways to read a text, each with the way back to the bytes that were received.
//!
//! A text is read folded where it is not ASCII, and as received where folding could hide something. Where
//! there are signs of it, it is also read with look-alike letters as the Latin ones that they show, with
//! escapes resolved, with numbers told in words as digits, turned round, and by rot13; and what is encoded in
//! it is decoded and read in the same ways, down to [`DEPTH_MAX`].

mod decode;
mod each;
mod escapes;
mod fold;
mod lookalike;
mod mapped;
pub(super) mod mirror;
mod proof;
mod rows;
mod runs;
pub(super) mod spelled;
mod tags;

pub(crate) use each::each_view;
pub(super) use fold::fold;

use super::cache::{self, Key, Known};
use super::hits::{Hit, Hits, PHONE, SECRET};
use super::scan::scan;
use super::{Detectors, matters};
use decode::Decoded;
use mapped::Mapped;

/// How deep views of views go: base64 of percent-encoded base64 is read, and one more.
const DEPTH_MAX: usize = 4;

/// The longest text that is read with what is decoded in it, and how much is read around that.
const WHOLE_MAX: usize = 256 * 1024;
const WHOLE_TAIL: usize = 1024;

/// What a byte costs that the learned tagger reads, besides the reading by patterns: it takes longer by more than this,
/// and the budget is to bound the time. It bounds what is tagged of one request to 2 MiB, a second or so.
const TAGGED_COST: usize = 3;

/// Numbers told in words that are looked at, of one text.
const NUMBERS_MAX: usize = 64;

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
        self.read_as(self.key(text), text, hits, budget)
    }

    /// What a text is known by.
    pub(super) fn key(self, text: &str) -> Key {
        cache::key(self.whose, self.matters, text)
    }

    /// The same where what it is known by has been told.
    pub(super) fn read_as(self, key: Key, text: &str, hits: &mut Hits, budget: usize) -> Reading {
        if text.len() < cache::TEXT_MIN {
            return self.read_anew(text, hits, budget);
        }
        if let Some(known) = self.detectors.cache.get(&key) {
            hits.spend(known.spent);
            known.hits.iter().for_each(|hit| hits.push(hit.kind, hit.start, hit.end, hit.confidence));
            return known.reading;
        }
        let (first, spent) = (hits.len(), hits.spent());
        let reading = self.read_anew(text, hits, budget);
        let known =
            Known { hits: hits.since(first).into(), reading, spent: hits.spent().saturating_sub(spent) };
        if known.cost() <= budget && !hits.is_full() {
            self.detectors.cache.put(key, known);
        }
        reading
    }

    fn read_anew(self, text: &str, hits: &mut Hits, budget: usize) -> Reading {
        let first = hits.len();
        let mut reader = Reader { how: self, hits, budget, reading: Reading::default() };
        reader.text(text, 0);
        let reading = reader.reading;
        // Patterns read bytes, and where they stop at their greatest length, they may stop within a character.
        hits.revise(first, |hit| {
            (hit.start, hit.end) = (floor(text, hit.start), text.ceil_char_boundary(hit.end));
            true
        });
        reading
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
        let first = self.hits.len();
        if !text.is_ascii() {
            self.disguised(text, depth);
        }
        if let Some(view) = escapes::resolve(text) {
            self.view(&view, depth);
        }
        if (signs.digit_words >= spelled::WORDS_MIN || spelled::is_likely(text))
            && let Some(view) = spelled::resolve(text)
        {
            self.spelled(&view, depth);
        }
        self.turned(text, signs, depth);
        self.decoded(text, depth);
        // A secret is not longer than its line: what is undone in a manifest may seem so.
        let of_one_line = |hit: &Hit| !text.get(hit.start..hit.end).is_some_and(|part| part.contains('\n'));
        self.hits.revise(first, |hit| hit.kind != SECRET || of_one_line(hit));
    }

    /// Reads a text with its characters as what they show.
    fn disguised(&mut self, text: &str, depth: usize) {
        let views = [tags::resolve, mirror::overridden, lookalike::resolve, lookalike::cyrillic];
        for view in views.into_iter().filter_map(|resolve| resolve(text)) {
            self.view(&view, depth);
        }
    }

    /// Reads what is encoded in a text, and the text with the shorter of it decoded where it stands: what is said
    /// of it stands around it.
    fn decoded(&mut self, text: &str, depth: usize) {
        let mut whole = Mapped::default();
        let mut copied = 0;
        decode::each(text, |decoded| match decoded {
            Decoded::Text { view, start, end } => {
                let left = !self.is_spent();
                if left && view.text.len() > decode::IN_PLACE_MAX {
                    self.view(&view, depth);
                } else if left && whole.text.len() <= WHOLE_MAX {
                    // What stands far from it has been read.
                    copied = copied.max(floor(text, start.saturating_sub(WHOLE_TAIL)));
                    whole.copy(text.get(copied..start).unwrap_or_default(), copied);
                    whole.append(view);
                    copied = end;
                }
                left
            }
            Decoded::Sealed => {
                self.reading.sealed = true;
                true
            }
        });
        if copied > 0 {
            let to = floor(text, copied.saturating_add(WHOLE_TAIL).min(text.len()));
            whole.copy(text.get(copied..to).unwrap_or_default(), copied);
            self.view(&whole, depth);
        }
    }

    /// Reads a text from its end and by rot13: wholly where there are signs of it, else for what proves itself.
    fn turned(&mut self, text: &str, signs: Signs, depth: usize) {
        let reversed = signs.reversed.saturating_add(mirror::signs(text)) >= mirror::WORDS_MIN;
        let rotated = signs.rotated >= mirror::WORDS_MIN;
        if reversed {
            self.view(&mirror::reversed(text), DEPTH_MAX - 1);
        }
        if rotated {
            self.view(&mirror::rotated(text), DEPTH_MAX - 1);
        }
        if depth > 1 {
            return;
        }
        let worth = mirror::worth(text);
        if worth.turned && !reversed {
            self.bare(&mirror::reversed(text), proof::is_proven);
        }
        if let Some(view) = worth.turned.then(|| mirror::numbers(text)).flatten() {
            self.bare(&view, proof::is_proven);
        }
        if worth.rotated && !rotated {
            self.bare(&mirror::rotated(text), proof::has_form);
        }
    }

    /// Reads a text with its digits that are told in words. A row of them that is nothing else is a way to reach
    /// somebody: nobody tells other numbers so.
    fn spelled(&mut self, told: &spelled::Told, depth: usize) {
        let first = self.hits.len();
        self.view(&told.view, depth);
        for &(start, end) in told.numbers.iter().take(NUMBERS_MAX) {
            self.number(first, start, end);
        }
    }

    /// Takes a stretch for a telephone number where nothing has been found in it since the `first`th hit.
    fn number(&mut self, first: usize, start: usize, end: usize) {
        let known = self.hits.since(first).iter().any(|hit| hit.start < end && start < hit.end);
        if !known && self.how.detectors.wanted.has(PHONE) {
            self.hits.push(PHONE, start, end, 0.5);
        }
    }

    /// Reads a text with its rows of single digits joined.
    fn rows(&mut self, text: &str) {
        let Some(rows::Joined { view, rows }) = rows::joined(text) else { return };
        let first = self.hits.len();
        self.bare(&view, |text, hit| {
            let mut met = rows.iter().filter(|row| hit.start < row.end && row.start < hit.end).peekable();
            met.peek().is_some() && met.all(|row| row.odd || proof::is_proven(text, hit))
        });
        // The tagger knows numbers as they are usually written.
        if rows.iter().any(|row| row.odd) {
            let first = self.hits.len();
            self.matters(&view.text);
            self.lead_back(first, &view);
        }
        for row in rows.iter().filter(|row| row.is_number) {
            self.number(first, row.from, row.to);
        }
    }

    /// Reads a view by its patterns alone, and keeps the hits that `keep` keeps.
    fn bare(&mut self, view: &Mapped, keep: impl Fn(&str, &Hit) -> bool) {
        if self.is_spent() {
            return;
        }
        let first = self.hits.len();
        self.pay(view.text.len());
        let folded = fold(&view.text);
        let text = folded.as_ref().map_or(view.text.as_str(), |folded| &folded.view.text);
        scan(text, self.how.detectors, self.hits);
        self.hits.revise(first, |hit| keep(text, hit));
        if let Some(folded) = &folded {
            self.lead_back(first, &folded.view);
        }
        self.lead_back(first, view);
    }

    /// Reads a text folded, and as received where that can differ.
    fn as_written(&mut self, text: &str) -> Signs {
        let Some(folded) = fold(text) else {
            self.pay(text.len());
            self.matters(text);
            let signs = scan(text, self.how.detectors, self.hits);
            self.rows(text);
            return signs;
        };
        // The tagger knows letters beyond ASCII as they are written, unless they are a disguise.
        if !folded.changes_words {
            self.matters(text);
        }
        let first = self.hits.len();
        self.pay(folded.view.text.len());
        let signs = scan(&folded.view.text, self.how.detectors, self.hits);
        self.rows(&folded.view.text);
        self.lead_back(first, &folded.view);
        if folded.changes_words && !self.is_spent() {
            self.pay(text.len());
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

    /// Asks the tagger, where there is the budget for it; where there is not, the text counts as unread.
    fn matters(&mut self, text: &str) {
        if !self.how.matters || !self.how.detectors.matters {
            return;
        }
        let cost = TAGGED_COST * text.len();
        if self.spent().saturating_add(cost) <= self.budget {
            self.pay(cost);
            self.reading.foreign |= matters::read(text, self.how.detectors.wanted, self.hits);
        } else {
            // Only what was read counts, and a byte that tells that not all was.
            self.reading.bytes = self.reading.bytes.max(self.budget.saturating_add(1));
        }
    }

    fn pay(&mut self, bytes: usize) {
        self.reading.bytes = self.reading.bytes.saturating_add(bytes);
        self.hits.narrow(bytes);
    }

    /// What has been read, a site's own patterns counted in.
    fn spent(&self) -> usize {
        self.reading.bytes.saturating_add(self.hits.spent())
    }

    fn is_spent(&self) -> bool {
        self.spent() > self.budget
    }

    fn view(&mut self, view: &Mapped, depth: usize) {
        if self.is_spent() {
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
    /// Words for digits, each near the one before it.
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
