//! What is looked for in one text: in itself, and with its key before it.

use super::Walk;
use super::account::span;
use super::place::{Level, PLAIN_KEYS, Place, STRUCTURAL_KEYS};
use crate::inspect::hits::SECRET;
use crate::inspect::patterns::assign;
use crate::inspect::view::Reading;
use crate::inspect::{OpaqueKind, Unsearched, allow, opaque};
use crate::json::{Leaf, NodeId};

/// The longest value that is also read with its key before it: `"ssn": "123456789"`.
const KEYED_MAX: usize = 256;

impl<'a, L: Iterator<Item = Leaf<'a>>> Walk<'a, L> {
    pub(super) fn key(&mut self, leaf: Leaf<'a>, _place: Place<'a>) {
        // The dialect's own keys are short words; what is found in a text is longer than three bytes.
        if leaf.text.len() > 3 && !PLAIN_KEYS.contains(&leaf.text) {
            self.alone(leaf, true);
        }
    }

    pub(super) fn string(&mut self, leaf: Leaf<'a>, place: Place<'a>) {
        if place.opaque && opaque::is_blob(leaf.text) || self.is_allowed(leaf, place) {
            return;
        }
        let first = self.inspection.findings.len();
        self.alone(leaf, false);
        if place.level == Level::Word {
            return;
        }
        self.under_key(leaf, place, first);
        if !STRUCTURAL_KEYS.contains(&place.key) {
            self.joined(leaf, place);
        }
    }

    /// Whether this is the operator's own text, and no other's. Told only of whole strings: what is joined with it is
    /// what stands around it.
    fn is_allowed(&mut self, leaf: Leaf<'a>, place: Place<'a>) -> bool {
        if self.detectors.allowed.is_empty() || !allow::may_allow(place.role) || leaf.text.len() > self.budget
        {
            return false;
        }
        self.charge(leaf.node, leaf.text.len());
        let Some(name) = allow::name(&self.detectors.allowed, leaf.text) else { return false };
        if self.inspection.unsearched.iter().all(|known| known.name != name) {
            self.inspection.unsearched.push(Unsearched { name, node: leaf.node });
        }
        true
    }

    pub(super) fn number(&mut self, leaf: Leaf<'a>, place: Place<'a>) {
        let first = self.inspection.findings.len();
        self.alone(leaf, false);
        if place.level == Level::Word {
            return;
        }
        self.under_key(leaf, place, first);
        self.joined(leaf, place);
    }

    /// Reads a text by itself.
    fn alone(&mut self, leaf: Leaf<'a>, in_key: bool) {
        let text = self.afford(leaf);
        self.key = self.how.key(text);
        let budget = self.budget.saturating_add(text.len());
        let reading =
            self.reading(leaf.node, |walk| walk.how.read_as(walk.key, text, &mut walk.hits, budget));
        if reading.sealed {
            self.opaque(Some(OpaqueKind::Encoded), leaf.node);
        }
        if reading.foreign && !in_key {
            self.opaque(Some(OpaqueKind::Language), leaf.node);
        }
        self.charge(leaf.node, reading.bytes.saturating_sub(text.len()));
        self.keep(leaf.node, |hit| span(leaf.node, in_key, hit.start, hit.end));
    }

    /// Reads a text in its views; pays for what a site's own patterns read of it, and leaves the rest to be paid for.
    pub(super) fn reading(&mut self, node: NodeId, read: impl FnOnce(&mut Self) -> Reading) -> Reading {
        self.hits.allow(self.budget);
        let reading = read(self);
        self.charge(node, self.hits.spent());
        reading
    }

    /// Reads a short text with its key before it, which may say what it is.
    fn under_key(&mut self, leaf: Leaf<'a>, place: Place<'a>, first: usize) {
        let key = place.key;
        if self.stopped || key.is_empty() || key.len() > KEYED_MAX || leaf.text.len() > KEYED_MAX * 4 {
            return;
        }
        let promised = if key == "value" { self.named.take() } else { assign::named(key.as_bytes()) };
        if key == "name" || key == "key" {
            self.named = assign::named(leaf.text.as_bytes());
        }
        if let Some(kind) = promised.filter(|kind| self.detectors.wanted.has(*kind)) {
            let new = !self.known(first, leaf.node, 0, leaf.text.len(), kind);
            if new && assign::is_secret_value(kind, leaf.text) {
                self.hits.push(kind, 0, leaf.text.len(), 0.85);
                self.keep(leaf.node, |hit| span(leaf.node, false, hit.start, hit.end));
            }
            // Names of other secrets promise less: `session`, `key`.
            if kind != SECRET {
                return;
            }
        }
        if leaf.text.len() > KEYED_MAX || PLAIN_KEYS.contains(&key) {
            return;
        }
        let prefix = key.replace(['_', '-', '.'], " ") + ": ";
        let text = format!("{prefix}{}", leaf.text);
        let reading = self.reading(leaf.node, |walk| walk.how.read(&text, &mut walk.hits, walk.budget));
        self.charge(leaf.node, reading.bytes);
        let hits = self.hits.take();
        for hit in hits {
            let Some(start) = hit.start.checked_sub(prefix.len()) else { continue };
            let end = hit.end - prefix.len();
            if !self.known(first, leaf.node, start, end, hit.kind) {
                self.find(hit, span(leaf.node, false, start, end), Vec::new());
            }
        }
    }
}
