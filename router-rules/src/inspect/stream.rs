//! Texts that follow one another, read across their joints: what is split over turns or parts.
//!
//! Only the last bytes of what came before and the first of what comes next are kept, in two forms: put
//! together as they are, and with a space between.

use super::Span;
use super::view::floor;
use crate::json::NodeId;

/// How much of either side of a joint is read: longer than every identifier that the patterns know whole.
pub(super) const JOINT_BYTES: usize = 128;

/// The end of a stream of texts.
#[derive(Default)]
pub(super) struct Stream {
    text: String,
    parts: Vec<Part>,
}

/// Where a stretch of a stream came from.
#[derive(Clone, Copy)]
struct Part {
    /// Where it begins in the stream's text.
    at: usize,
    length: usize,
    node: NodeId,
    /// Where it begins in its own text.
    start: usize,
}

impl Stream {
    /// Adds a text and gives the place of the joint before it; none where nothing came before.
    pub(super) fn append(&mut self, node: NodeId, text: &str, separator: &str) -> Option<usize> {
        self.forget();
        let joint = (!self.text.is_empty()).then(|| {
            self.text.push_str(separator);
            self.text.len()
        });
        let head = text.get(..floor(text, JOINT_BYTES)).unwrap_or_default();
        self.push(node, head, 0);
        joint
    }

    /// The text around the last joint.
    pub(super) fn text(&self) -> &str {
        &self.text
    }

    /// Goes on to the end of a text whose head was added.
    pub(super) fn finish(&mut self, node: NodeId, text: &str) {
        if text.len() > JOINT_BYTES {
            self.text.clear();
            self.parts.clear();
            let start = floor(text, text.len() - JOINT_BYTES);
            self.push(node, text.get(start..).unwrap_or_default(), start);
        }
    }

    /// The stretches of the request that a stretch of the stream came from.
    pub(super) fn spans(&self, start: usize, end: usize) -> Vec<Span> {
        let overlap = |part: &Part| {
            let from = start.max(part.at);
            let to = end.min(part.at + part.length);
            let place = |at: usize| u32::try_from(at - part.at + part.start).unwrap_or(u32::MAX);
            (from < to).then(|| Span { node: part.node, in_key: false, start: place(from), end: place(to) })
        };
        self.parts.iter().filter_map(overlap).collect()
    }

    fn push(&mut self, node: NodeId, text: &str, start: usize) {
        self.parts.push(Part { at: self.text.len(), length: text.len(), node, start });
        self.text.push_str(text);
    }

    /// Drops what lies too far back.
    fn forget(&mut self) {
        let surplus = floor(&self.text, self.text.len().saturating_sub(JOINT_BYTES));
        if surplus == 0 {
            return;
        }
        self.text.drain(..surplus);
        self.parts.retain_mut(|part| {
            let lost = surplus.saturating_sub(part.at).min(part.length);
            part.at = part.at.saturating_sub(surplus);
            part.length -= lost;
            part.start += lost;
            part.length > 0
        });
    }
}
