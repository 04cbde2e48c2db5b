//! Looking for what is remembered in the texts of a request.

use super::canonical::{self, Canonical, sources, weight};
use super::keep::ALONE_MIN;
use super::{Heads, Known, Memory, Remembered};
use crate::chat::ChatRequest;
use crate::inspect::{Span, each_view};
use crate::json::{Leaf, LeafKind, NodeId};
use crate::label::Label;

/// Bytes that are looked through, over all views; as many as are read.
const BYTES_MAX: usize = 8 * 1024 * 1024;

/// Places that are looked at more closely: some seconds' worth only of the worst that can be made up.
const PLACES_MAX: usize = 50_000;

/// Marks between the letters of a string that are usual: more are looked through at the cost of reading again.
const MARKS: usize = 64;

/// Places that are told.
const TOLD_MAX: usize = 1000;

/// From this length on, in bytes, a string need not end where a word does: it is the beginning of a longer one.
const CUT_MIN: usize = 40;

/// What is remembered of a request.
#[derive(Debug, Default)]
pub(crate) struct Recall {
    /// Where it stands, in reading order.
    pub found: Vec<Remembered>,
    /// The highest label of all that stands there.
    pub label: Option<Label>,
    /// Where looking ended before all was looked through.
    pub unread: Option<NodeId>,
}

/// Looks for what a memory holds.
pub(crate) fn recall(request: &ChatRequest, memory: &dyn Memory) -> Recall {
    let mut recall = Recall::default();
    let Some(heads) = memory.heads() else { return recall };
    let mut look = Look { memory, heads, bytes: BYTES_MAX, places: PLACES_MAX, recall: &mut recall };
    for leaf in request.document().leaves() {
        if leaf.text.len() >= Heads::BYTES && !look.leaf(leaf) {
            recall.unread = Some(leaf.node);
            break;
        }
    }
    recall.found.sort_by_key(|found| (found.span.node, found.span.start));
    recall
}

struct Look<'a> {
    memory: &'a dyn Memory,
    heads: &'a Heads,
    bytes: usize,
    places: usize,
    recall: &'a mut Recall,
}

impl Look<'_> {
    /// Looks through one text in its views; false where that would be too much.
    fn leaf(&mut self, leaf: Leaf<'_>) -> bool {
        let first = self.recall.found.len();
        let mut enough = true;
        each_view(leaf.text, &mut |text, original| {
            enough = enough
                && self.text(text, &mut |look, known, start, end| {
                    look.tell(first, leaf, known, original(start, end));
                });
            enough
        });
        enough
    }

    /// Looks through one view, for strings that begin where a word does.
    fn text(&mut self, text: &str, tell: &mut dyn FnMut(&mut Self, Known, usize, usize)) -> bool {
        let Some(left) = self.bytes.checked_sub(text.len()) else { return false };
        self.bytes = left;
        if text.is_ascii() { self.ascii(text, tell) } else { self.any(text, tell) }
    }

    /// Looks through an ASCII text: only what follows a known beginning is made canonical.
    fn ascii(&mut self, text: &str, tell: &mut dyn FnMut(&mut Self, Known, usize, usize)) -> bool {
        let mut hits = Vec::new();
        let heads = self.heads;
        canonical::heads(text, |at, head| {
            if hits.len() <= PLACES_MAX && heads.may_begin(&head) {
                hits.push((at, head));
            }
        });
        for (at, head) in hits {
            let Some(left) = self.places.checked_sub(1) else { return false };
            self.places = left;
            let Some(longest) = self.memory.lengths(&head).into_iter().max() else { continue };
            let rest = text.get(at..).unwrap_or_default();
            let mut near = rest.get(..rest.len().min(longest.saturating_mul(2) + MARKS)).unwrap_or(rest);
            let mut canonical = Canonical::of(near);
            if canonical.text.len() <= longest && near.len() < rest.len() {
                // There are many marks in between.
                let Some(left) = self.bytes.checked_sub(rest.len()) else { return false };
                self.bytes = left;
                near = rest;
                canonical = Canonical::of(near);
            }
            let Some((length, known)) = self.longest(&canonical, 0, &canonical.text) else { continue };
            if let Some((last, bytes)) = sources(near).get(length - 1) {
                tell(self, known, at, at + last + bytes);
            }
        }
        true
    }

    /// Looks through any text.
    fn any(&mut self, text: &str, tell: &mut dyn FnMut(&mut Self, Known, usize, usize)) -> bool {
        let canonical = Canonical::of(text);
        let mut places: Option<Vec<(usize, usize)>> = None;
        for start in canonical.starts() {
            let rest = canonical.text.get(start..).unwrap_or_default();
            if !self.heads.may_begin(rest) {
                continue;
            }
            let Some(left) = self.places.checked_sub(1) else { return false };
            self.places = left;
            let Some((length, known)) = self.longest(&canonical, start, rest) else { continue };
            let places = places.get_or_insert_with(|| sources(text));
            let (first, last) = (places.get(start), places.get(start + length - 1));
            if let (Some((from, _)), Some((to, bytes))) = (first, last) {
                tell(self, known, *from, to + bytes);
            }
        }
        true
    }

    /// The longest string that begins here, with the highest label of all that do.
    fn longest(&self, canonical: &Canonical, start: usize, rest: &[u8]) -> Option<(usize, Known)> {
        let mut longest: Option<(usize, Known)> = None;
        for length in self.memory.lengths(rest) {
            let Some(string) = rest.get(..length).filter(|string| ends_well(canonical, start, string)) else {
                continue;
            };
            if let Some(known) = self.memory.find(string) {
                let (length, kind, label) = longest
                    .map_or((length, known.kind, known.label), |(longest, first)| {
                        (longest, first.kind, first.label.join(known.label))
                    });
                longest = Some((length, Known { label, kind }));
            }
        }
        longest
    }

    fn tell(&mut self, first: usize, leaf: Leaf<'_>, known: Known, (start, end): (usize, usize)) {
        self.recall.label = self.recall.label.max(Some(known.label));
        let offset = |at| u32::try_from(at).unwrap_or(u32::MAX);
        let in_key = leaf.kind == LeafKind::Key;
        let span = Span { node: leaf.node, in_key, start: offset(start), end: offset(end) };
        // Two views may show the same.
        let told = self.recall.found.get(first..).unwrap_or_default();
        if self.recall.found.len() < TOLD_MAX && told.iter().all(|told| told.span != span) {
            self.recall.found.push(Remembered { kind: known.kind, span, label: known.label });
        }
    }
}

/// Whether a string ends where one may: a number where its digits do, a short word where the word does.
fn ends_well(canonical: &Canonical, start: usize, string: &[u8]) -> bool {
    let number = string.last().is_some_and(u8::is_ascii_digit);
    let bound = string.len() < CUT_MIN && (number || weight(string) < ALONE_MIN);
    !bound || canonical.is_edge(start + string.len())
}
