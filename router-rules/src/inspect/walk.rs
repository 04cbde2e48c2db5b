//! The walk over a request: every leaf and key in reading order, with the place that it stands in.

use super::cache::{self, Key, Known};
use super::hits::{Hit, Hits, NAMED, PERSON, SECRET};
use super::opaque;
use super::patterns::assign;
use super::stream::{JOINT_BYTES, Stream};
use super::view::{How, Reading, floor};
use super::{Detectors, Finding, Inspection, KindId, Opaque, OpaqueKind, Span, Unsearched, allow};
use crate::chat::{ChatRequest, Dialect, role_of_item};
use crate::json::{Kind, Leaf, NodeId, Value};

/// Bytes that are read of one request, over all views; those that the tagger reads count several times. By patterns
/// alone that is a tenth of a second of ordinary text and two of the costliest that is known; with the tagger about one.
pub(super) const BYTES_MAX: usize = 8 * 1024 * 1024;

/// Findings and unreadable parts that are kept of one request.
pub(super) const FINDINGS_MAX: usize = 10_000;

/// The longest value that is also read with its key before it: `"ssn": "123456789"`.
const KEYED_MAX: usize = 256;

/// Keys of the dialect's own, which say nothing of their values.
pub(super) const PLAIN_KEYS: [&str; 12] = [
    "content",
    "text",
    "role",
    "type",
    "model",
    "arguments",
    "input",
    "output",
    "id",
    "description",
    "tool_call_id",
    "format",
];

/// Keys whose values are the dialect's own words: read, but no part of a conversation.
pub(super) const STRUCTURAL_KEYS: [&str; 19] = [
    "role",
    "type",
    "model",
    "id",
    "tool_call_id",
    "tool_use_id",
    "media_type",
    "object",
    "format",
    "effort",
    "detail",
    "voice",
    "service_tier",
    "reasoning_effort",
    "verbosity",
    "tool_choice",
    "prompt_cache_key",
    "user",
    "safety_identifier",
];

/// Where a value stands.
#[derive(Clone, Copy)]
struct Place<'a> {
    /// The nearest key.
    key: &'a str,
    /// What the message that it stands in is told apart by; empty outside messages.
    role: &'a str,
    /// Whether it stands in a part that cannot be read.
    opaque: bool,
    /// What it is to the dialect.
    level: Level,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Level {
    Body,
    Messages,
    Message,
    Content,
    /// An item of a content in Anthropic's dialect, which may hold a content itself.
    Block,
    /// What such an item is made of.
    Source,
    Audio,
    Tools,
    /// A word of the dialect's own beside a message: read, but no part of a conversation.
    Word,
    Other,
}

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
        named: None,
        stopped: false,
    };
    walk.value(request.body(), Place { key: "", role: "", opaque: false, level: Level::Body });
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
    /// What the value of a neighbouring `name` promises: `{"name": "password", "value": "…"}`.
    named: Option<KindId>,
    stopped: bool,
}

/// What stands between two texts that are read as one.
const SEPARATORS: [&str; 2] = ["", " "];

/// Texts that follow one another, with each of [`SEPARATORS`].
#[derive(Default)]
struct Streams {
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
    fn value(&mut self, value: Value<'a>, place: Place<'a>) {
        if self.stopped {
            return;
        }
        match value.kind() {
            Kind::Object => self.object(value, place),
            Kind::Array => {
                let responses = self.dialect == Dialect::OpenAiResponses;
                for item in value.items() {
                    let opaque = match place.level {
                        Level::Messages if responses => opaque::of_item(item),
                        Level::Content => opaque::of_part(self.dialect, item),
                        Level::Tools => opaque::of_tool(self.dialect, item),
                        _ => None,
                    };
                    self.opaque(opaque, item.id());
                    let level = match place.level {
                        Level::Messages => Level::Message,
                        Level::Content if self.dialect == Dialect::AnthropicMessages => Level::Block,
                        // A part that can be read holds nothing else that is opaque by its place.
                        _ => Level::Other,
                    };
                    let role = match level {
                        Level::Message if responses => role_of_item(item).0,
                        Level::Message => item.str("role").unwrap_or_default(),
                        _ => place.role,
                    };
                    let unread = matches!(place.level, Level::Content | Level::Messages);
                    let opaque = place.opaque || unread && opaque.is_some();
                    self.value(item, Place { role, opaque, level, ..place });
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
        let responses = self.dialect == Dialect::OpenAiResponses;
        let sealable = place.level == Level::Block || responses && place.level == Level::Message;
        let seal = if sealable { opaque::seal_of(object) } else { None };
        for (key, value) in object.members() {
            self.leaf(place, Self::key);
            self.opaque(opaque::of_member(key, value), value.id());
            let anthropic = self.dialect == Dialect::AnthropicMessages;
            if anthropic && place.level == Level::Body {
                self.opaque(opaque::of_anthropic_field(key, value), value.id());
            }
            if responses && place.level == Level::Body {
                self.opaque(opaque::of_responses_field(key, value), value.id());
            }
            let role = match (place.level, key) {
                (Level::Body, "system") if anthropic => "system",
                (Level::Body, "instructions") if responses => "system",
                (Level::Body, "input") if responses => "user",
                _ => place.role,
            };
            let level = match (place.level, key) {
                (Level::Body, "system") if anthropic => Level::Content,
                (Level::Block, "source") => Level::Source,
                (Level::Block | Level::Source, "content") => Level::Content,
                (Level::Body, "input") if responses => Level::Messages,
                (Level::Body, "messages") if !responses => Level::Messages,
                (Level::Message, "output" | "summary") if responses => Level::Content,
                (Level::Message, "call_id" | "status") if responses => Level::Word,
                (Level::Body, "tools") => Level::Tools,
                (Level::Message, "content") => Level::Content,
                (Level::Message, "audio") => Level::Audio,
                _ => Level::Other,
            };
            // INVARIANT: of a block with a seal the seal alone may stay unread: the seal may be known, and count for nothing.
            let opaque = seal.map_or(place.opaque, |seal| seal == key);
            self.value(value, Place { key, role, opaque, level });
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

    fn key(&mut self, leaf: Leaf<'a>, _place: Place<'a>) {
        // The dialect's own keys are short words; what is found in a text is longer than three bytes.
        if leaf.text.len() > 3 && !PLAIN_KEYS.contains(&leaf.text) {
            self.alone(leaf, true);
        }
    }

    fn string(&mut self, leaf: Leaf<'a>, place: Place<'a>) {
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

    fn number(&mut self, leaf: Leaf<'a>, place: Place<'a>) {
        let first = self.inspection.findings.len();
        self.alone(leaf, false);
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
    fn reading(&mut self, node: NodeId, read: impl FnOnce(&mut Self) -> Reading) -> Reading {
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

    /// Reads a text where it meets the one before it, and the one before it of the same role.
    fn joined(&mut self, leaf: Leaf<'a>, place: Place<'a>) {
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

    /// The part of a text that the budget pays for.
    fn afford(&mut self, leaf: Leaf<'a>) -> &'a str {
        if self.detectors.is_idle() {
            return "";
        }
        let text = leaf.text.get(..floor(leaf.text, self.budget)).unwrap_or_default();
        self.charge(leaf.node, text.len());
        if text.len() < leaf.text.len() {
            self.budget = 0;
            self.stop(leaf.node);
        }
        text
    }

    fn charge(&mut self, node: NodeId, bytes: usize) {
        self.inspection.bytes = self.inspection.bytes.saturating_add(bytes);
        match self.budget.checked_sub(bytes) {
            Some(left) => self.budget = left,
            None => {
                self.budget = 0;
                self.stop(node);
            }
        }
    }

    fn stop(&mut self, node: NodeId) {
        if !self.stopped {
            self.stopped = true;
            self.inspection.opaque.push(Opaque { kind: OpaqueKind::Unscanned, node });
        }
    }

    fn opaque(&mut self, kind: Option<OpaqueKind>, node: NodeId) {
        let Some(kind) = kind.filter(|_| !self.stopped) else { return };
        if self.inspection.opaque.len() >= FINDINGS_MAX {
            self.stop(node);
        } else {
            self.inspection.opaque.push(Opaque { kind, node });
        }
    }

    fn keep(&mut self, node: NodeId, place: impl Fn(&Hit) -> Span) {
        if self.hits.is_full() {
            self.stop(node);
        }
        for hit in self.hits.take() {
            self.find(hit, place(&hit), Vec::new());
        }
    }

    fn find(&mut self, hit: Hit, span: Span, parts: Vec<Span>) {
        if hit.kind == NAMED {
            if self.inspection.named.len() < FINDINGS_MAX {
                self.inspection.named.push(span);
            }
        } else if self.inspection.findings.len() >= FINDINGS_MAX {
            self.stop(span.node);
        } else {
            self.inspection.findings.push(Finding {
                kind: hit.kind,
                span,
                parts,
                confidence: hit.confidence,
            });
        }
    }

    /// Whether this, or what it is part of, was found since the `first`th finding.
    fn known(&self, first: usize, node: NodeId, start: usize, end: usize, kind: KindId) -> bool {
        let wanted = span(node, false, start, end);
        let since = self.inspection.findings.get(first..).unwrap_or_default();
        since.iter().any(|finding| finding.kind == kind && meets(&finding.span, &wanted))
    }

    fn overlaps(&self, span: &Span, kind: KindId) -> bool {
        // What was found in the two texts lies at the end of the list.
        const LOOK_BACK: usize = 64;
        let latest = self.inspection.findings.iter().rev().take(LOOK_BACK);
        latest
            .filter(|finding| finding.kind == kind)
            .any(|finding| meets(&finding.span, span) || finding.parts.iter().any(|part| meets(part, span)))
    }
}

fn span(node: NodeId, in_key: bool, start: usize, end: usize) -> Span {
    let offset = |at| u32::try_from(at).unwrap_or(u32::MAX);
    Span { node, in_key, start: offset(start), end: offset(end) }
}

fn meets(one: &Span, other: &Span) -> bool {
    one.node == other.node && one.in_key == other.in_key && one.start < other.end && other.start < one.end
}

/// In reading order, and each once: two views may find the same.
fn distinct(mut findings: Vec<Finding>) -> Vec<Finding> {
    let order = |finding: &Finding| {
        (finding.kind, finding.span.node, finding.span.start, std::cmp::Reverse(finding.span.end))
    };
    findings.sort_by_key(order);
    findings.dedup_by(|next, kept| {
        let inside =
            next.kind == kept.kind && meets(&next.span, &kept.span) && next.span.end <= kept.span.end;
        inside && next.parts.is_empty() && kept.parts.is_empty()
    });
    findings.sort_by_key(|finding| (finding.span.node, finding.span.start, finding.kind));
    findings
}
