//! What a walk has found, and what it may still spend.

use std::cmp::Reverse;

use super::{FINDINGS_MAX, Walk};
use crate::inspect::hits::{Hit, NAMED};
use crate::inspect::view::floor;
use crate::inspect::{Finding, KindId, Opaque, OpaqueKind, Span};
use crate::json::{Leaf, NodeId};

impl<'a, L: Iterator<Item = Leaf<'a>>> Walk<'a, L> {
    /// The part of a text that the budget pays for.
    pub(super) fn afford(&mut self, leaf: Leaf<'a>) -> &'a str {
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

    pub(super) fn charge(&mut self, node: NodeId, bytes: usize) {
        self.inspection.bytes = self.inspection.bytes.saturating_add(bytes);
        match self.budget.checked_sub(bytes) {
            Some(left) => self.budget = left,
            None => {
                self.budget = 0;
                self.stop(node);
            }
        }
    }

    pub(super) fn stop(&mut self, node: NodeId) {
        if !self.stopped {
            self.stopped = true;
            self.inspection.opaque.push(Opaque { kind: OpaqueKind::Unscanned, node });
        }
    }

    pub(super) fn opaque(&mut self, kind: Option<OpaqueKind>, node: NodeId) {
        let Some(kind) = kind.filter(|_| !self.stopped) else { return };
        if self.inspection.opaque.len() >= FINDINGS_MAX {
            self.stop(node);
        } else {
            self.inspection.opaque.push(Opaque { kind, node });
        }
    }

    pub(super) fn keep(&mut self, node: NodeId, place: impl Fn(&Hit) -> Span) {
        if self.hits.is_full() {
            self.stop(node);
        }
        for hit in self.hits.take() {
            self.find(hit, place(&hit), Vec::new());
        }
    }

    pub(super) fn find(&mut self, hit: Hit, span: Span, parts: Vec<Span>) {
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
    pub(super) fn known(&self, first: usize, node: NodeId, start: usize, end: usize, kind: KindId) -> bool {
        let wanted = span(node, false, start, end);
        let since = self.inspection.findings.get(first..).unwrap_or_default();
        since.iter().any(|finding| finding.kind == kind && meets(&finding.span, &wanted))
    }

    pub(super) fn overlaps(&self, span: &Span, kind: KindId) -> bool {
        // What was found in the two texts lies at the end of the list.
        const LOOK_BACK: usize = 64;
        let latest = self.inspection.findings.iter().rev().take(LOOK_BACK);
        latest
            .filter(|finding| finding.kind == kind)
            .any(|finding| meets(&finding.span, span) || finding.parts.iter().any(|part| meets(part, span)))
    }
}

pub(super) fn span(node: NodeId, in_key: bool, start: usize, end: usize) -> Span {
    let offset = |at| u32::try_from(at).unwrap_or(u32::MAX);
    Span { node, in_key, start: offset(start), end: offset(end) }
}

fn meets(one: &Span, other: &Span) -> bool {
    one.node == other.node && one.in_key == other.in_key && one.start < other.end && other.start < one.end
}

/// In reading order, and each once: two views may find the same.
pub(super) fn distinct(mut findings: Vec<Finding>) -> Vec<Finding> {
    let order =
        |finding: &Finding| (finding.kind, finding.span.node, finding.span.start, Reverse(finding.span.end));
    findings.sort_by_key(order);
    findings.dedup_by(|next, kept| {
        let inside =
            next.kind == kept.kind && meets(&next.span, &kept.span) && next.span.end <= kept.span.end;
        inside && next.parts.is_empty() && kept.parts.is_empty()
    });
    findings.sort_by_key(|finding| (finding.span.node, finding.span.start, finding.kind));
    findings
}
