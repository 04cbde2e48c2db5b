//! The walk over a request: every leaf and key in reading order, with the place that it stands in.

mod account;
mod joint;
mod place;
mod text;

use self::account::distinct;
use self::joint::Streams;
use self::place::{Level, Place};
pub(super) use self::place::{PLAIN_KEYS, STRUCTURAL_KEYS};
use super::cache::Key;
use super::hits::Hits;
use super::view::How;
use super::{Detectors, Inspection, KindId, OpaqueKind, opaque};
use crate::chat::{ChatRequest, Dialect};
use crate::json::{Kind, Leaf, Nodes, Value};

/// Bytes that are read of one request, over all views; those that the tagger reads count several times. By patterns
/// alone that is a tenth of a second of ordinary text and two of the costliest that is known; with the tagger about one.
pub(super) const BYTES_MAX: usize = 8 * 1024 * 1024;

/// Findings and unreadable parts that are kept of one request.
pub(super) const FINDINGS_MAX: usize = 10_000;

/// Reads a request.
pub(super) fn walk(request: &ChatRequest, detectors: &Detectors, whose: &str) -> Inspection {
    let mut walk = Walk {
        leaves: request.document().leaves(),
        dialect: request.dialect(),
        detectors,
        how: How { detectors, whose, matters: true },
        budget: BYTES_MAX,
        hits: Hits::with_room(FINDINGS_MAX),
        inspection: Inspection::default(),
        key: Key::default(),
        all: Streams::default(),
        by_role: Vec::new(),
        last_role: "",
        seals: if request.dialect() == Dialect::OpenAiChat {
            request.seals().map(|(at, _)| at.id()).collect()
        } else {
            Nodes::default()
        },
        named: None,
        stopped: false,
    };
    walk.value(request.body(), Place::body());
    let findings = distinct(walk.inspection.findings);
    Inspection { findings, ..walk.inspection }
}

struct Walk<'a, L> {
    /// In step with the walk: keys, strings and numbers in reading order.
    leaves: L,
    dialect: Dialect,
    detectors: &'a Detectors,
    how: How<'a>,
    budget: usize,
    hits: Hits,
    inspection: Inspection,
    /// What the text that was read last is known by.
    key: Key,
    /// Every text after the one before it.
    all: Streams,
    /// The same of one role's texts alone.
    by_role: Vec<(&'a str, Streams)>,
    last_role: &'a str,
    /// Where a provider has sealed a call, which is no block and has no type that would tell.
    seals: Nodes,
    /// What the value of a neighbouring `name` promises: `{"name": "password", "value": "…"}`.
    named: Option<KindId>,
    stopped: bool,
}

impl<'a, L: Iterator<Item = Leaf<'a>>> Walk<'a, L> {
    fn value(&mut self, value: Value<'a>, place: Place<'a>) {
        if self.stopped {
            return;
        }
        match value.kind() {
            Kind::Object => self.object(value, place),
            Kind::Array => {
                for item in value.items() {
                    let opaque = place.opaque_item(self.dialect, item);
                    self.opaque(opaque, item.id());
                    self.value(item, place.of_item(self.dialect, item, opaque.is_some()));
                }
            }
            Kind::String => self.leaf(place, Self::string),
            Kind::Number => self.leaf(place, Self::number),
            Kind::Null | Kind::Bool => {}
        }
    }

    fn object(&mut self, object: Value<'a>, place: Place<'a>) {
        if place.level == Level::Audio && object.str("id").is_some() {
            self.opaque(Some(OpaqueKind::Reference), object.id());
        }
        self.named = None;
        let seal = place.seal(self.dialect, object);
        for (key, value) in object.members() {
            self.leaf(place, Self::key);
            self.opaque(opaque::of_member(key, value), value.id());
            if place.level == Level::Body {
                self.opaque(opaque::of_field(self.dialect, key, value), value.id());
            }
            // INVARIANT: of a block with a seal the seal alone may stay unread: the seal may be known, and count for nothing.
            let sealed = self.seals.contains(value.id());
            self.opaque(sealed.then_some(OpaqueKind::Block), value.id());
            let opaque = seal.map_or(place.opaque, |seal| seal == key) || sealed;
            self.value(value, Place { opaque, ..place.of_member(self.dialect, key) });
        }
        self.named = None;
    }

    fn leaf(&mut self, place: Place<'a>, look: impl Fn(&mut Self, Leaf<'a>, Place<'a>)) {
        let Some(leaf) = self.leaves.next() else { return };
        // Where nothing is looked for, what cannot be read is still told by its place.
        if !self.stopped && !self.detectors.is_idle() {
            look(self, leaf, place);
        }
    }
}
