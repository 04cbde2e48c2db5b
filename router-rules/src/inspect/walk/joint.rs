//! What is looked for where one text meets another.

use super::Walk;
use crate::inspect::Span;
use crate::inspect::cache::{self, Key, Known};
use crate::inspect::hits::PERSON;
use crate::inspect::stream::{JOINT_BYTES, Stream};
use crate::inspect::view::{How, Reading};
use crate::inspect::walk::place::Place;
use crate::json::Leaf;

/// What stands between two texts that are read as one.
const SEPARATORS: [&str; 2] = ["", " "];

/// Texts that follow one another, with each of [`SEPARATORS`].
#[derive(Default)]
pub(super) struct Streams {
    both: [Stream; 2],
    /// What they are known by.
    key: Key,
}

impl Streams {
    fn finish(&mut self, leaf: Leaf<'_>, pair: Key, key: Key) {
        // Of a long text only the end is left.
        self.key = if leaf.text.len() > JOINT_BYTES { key } else { pair };
        self.both.iter_mut().for_each(|stream| stream.finish(leaf.node, leaf.text));
    }
}

impl<'a, L: Iterator<Item = Leaf<'a>>> Walk<'a, L> {
    /// Reads a text where it meets the one before it, and the one before it of the same role.
    pub(super) fn joined(&mut self, leaf: Leaf<'a>, place: Place<'a>) {
        if self.stopped || leaf.text.is_empty() {
            return;
        }
        let mut all = std::mem::take(&mut self.all);
        self.across(&mut all, leaf);
        self.all = all;
        if place.role.is_empty() {
            return;
        }
        let known = self.by_role.iter().position(|(role, _)| *role == place.role);
        let mut streams = known.map_or_else(Default::default, |at| self.by_role.swap_remove(at).1);
        // Texts of one role in a row have met already.
        if self.last_role == place.role {
            for (stream, separator) in streams.both.iter_mut().zip(SEPARATORS) {
                stream.append(leaf.node, leaf.text, separator);
            }
            streams.finish(leaf, cache::pair(&streams.key, &self.key), self.key);
        } else {
            self.across(&mut streams, leaf);
        }
        self.by_role.push((place.role, streams));
        self.last_role = place.role;
    }

    /// Reads a text where it meets what came before: in both streams, or in neither where it is known that nothing
    /// stands there.
    fn across(&mut self, streams: &mut Streams, leaf: Leaf<'a>) {
        let pair = cache::pair(&streams.key, &self.key);
        let quiet = self.detectors.cache.get(&pair).filter(|known| known.cost() <= self.budget);
        let mut total = Reading::default();
        let (mut spent, mut silent) = (0, true);
        for (stream, separator) in streams.both.iter_mut().zip(SEPARATORS) {
            let joint = stream.append(leaf.node, leaf.text, separator);
            let Some(joint) = joint.filter(|_| quiet.is_none()) else { continue };
            // What the tagger reads depends on all that stands around it: a text put between two others must
            // never lower a label.
            let how = How { matters: false, ..self.how };
            let reading =
                self.reading(leaf.node, |walk| how.read(stream.text(), &mut walk.hits, walk.budget));
            spent += self.hits.spent();
            self.charge(leaf.node, reading.bytes);
            total.bytes += reading.bytes;
            silent &= self.hits.len() == 0;
            self.keep_crossing(stream, joint);
        }
        if let Some(known) = quiet {
            self.charge(leaf.node, known.cost());
        } else if silent && !self.stopped {
            self.detectors.cache.put(pair, Known { hits: Box::default(), reading: total, spent });
        }
        streams.finish(leaf, pair, self.key);
    }

    fn keep_crossing(&mut self, stream: &Stream, joint: usize) {
        for hit in self.hits.take() {
            // What ends where the window ends may be the head of something else.
            let crosses = hit.start < joint && hit.end > joint;
            let told = hit.start >= joint && hit.end < stream.text().len().max(joint + JOINT_BYTES);
            // Names lean on the shape of a sentence, which a joint breaks.
            if !(crosses || told) || hit.kind == PERSON {
                continue;
            }
            let mut spans = stream.spans(hit.start, hit.end).into_iter();
            let Some(first) = spans.next() else { continue };
            let parts: Vec<_> = spans.collect();
            let found = |span: &Span| self.overlaps(span, hit.kind);
            if (told || !parts.is_empty()) && !found(&first) && !parts.iter().any(found) {
                self.find(hit, first, parts);
            }
        }
    }
}
