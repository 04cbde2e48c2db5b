//! The findings of a request, as predicates ask for them: how many, how sure, how near one another.

use std::collections::BTreeMap;

use crate::chat::ChatRequest;
use crate::inspect::{Finding, KindId, Span, Stretch, lay_out};
use crate::json::NodeId;
use crate::policy::{Confidence, Near};

/// Kinds of findings that stand together, with how sure each must be.
pub(crate) type Gathering = Vec<(KindId, Confidence)>;

/// What was found.
#[derive(Clone, Debug, Default)]
pub(crate) struct Found {
    /// How sure the findings of each kind are, the surest first.
    sure: BTreeMap<KindId, Vec<Confidence>>,
    /// How near one another the findings of each gathering stand, where there is one of each kind.
    nearest: Vec<(Gathering, u32)>,
}

impl Found {
    /// Looks findings over, for gatherings that will be asked for.
    pub fn of(request: &ChatRequest, findings: &[Finding], gatherings: &[Gathering]) -> Self {
        let mut sure: BTreeMap<KindId, Vec<Confidence>> = BTreeMap::new();
        for finding in findings {
            sure.entry(finding.kind).or_default().push(Confidence::of(finding.confidence));
        }
        sure.values_mut().for_each(|sure| sure.sort_unstable_by(|one, other| other.cmp(one)));
        let there = |gathering: &&Gathering| gathering.iter().all(|(kind, _)| sure.contains_key(kind));
        let mut asked = gatherings.iter().filter(there).peekable();
        let nearest = if asked.peek().is_none() {
            Vec::new()
        } else {
            let placed = place(request, findings);
            asked.filter_map(|kinds| Some((kinds.clone(), nearest(kinds, &placed)?))).collect()
        };
        Self { sure, nearest }
    }

    /// The same of findings of which nothing is known but how sure they are and where they begin and end when all texts
    /// are laid end to end.
    pub fn told(told: &[Told], gatherings: &[Gathering]) -> Self {
        let mut sure: BTreeMap<KindId, Vec<Confidence>> = BTreeMap::new();
        let mut placed = Vec::new();
        for &Told { kind, confidence, place: (start, end) } in told {
            sure.entry(kind).or_default().push(confidence);
            placed.push(Placed { kind, confidence, start, end });
        }
        sure.values_mut().for_each(|sure| sure.sort_unstable_by(|one, other| other.cmp(one)));
        placed.sort_by_key(|placed| placed.start);
        let near = |kinds: &Gathering| Some((kinds.clone(), nearest(kinds, &placed)?));
        Self { sure, nearest: gatherings.iter().filter_map(near).collect() }
    }

    /// Whether there are so many findings of a kind, each at least so sure.
    pub fn has(&self, kind: KindId, count: u32, least: Confidence) -> bool {
        let last = usize::try_from(count).unwrap_or(usize::MAX).checked_sub(1);
        let sure = self.sure.get(&kind).zip(last).and_then(|(sure, last)| sure.get(last));
        sure.is_some_and(|sure| *sure >= least)
    }

    /// Whether findings stand so near one another; only gatherings that were asked for are known.
    pub fn near(&self, near: &Near) -> bool {
        let known = self.nearest.iter().find(|(kinds, _)| *kinds == near.kinds);
        known.is_some_and(|(_, distance)| *distance <= near.within)
    }
}

/// A finding of which no text is known.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Told {
    /// What.
    pub kind: KindId,
    /// How sure.
    pub confidence: Confidence,
    /// Where it begins and ends when all texts are laid end to end.
    pub place: (usize, usize),
}

/// A finding where all texts are laid end to end.
struct Placed {
    kind: KindId,
    confidence: Confidence,
    start: usize,
    end: usize,
}

/// Findings in the order in which they begin.
fn place(request: &ChatRequest, findings: &[Finding]) -> Vec<Placed> {
    let placed = findings.iter().zip(places(request, findings)).map(|(finding, (start, end))| Placed {
        kind: finding.kind,
        confidence: Confidence::of(finding.confidence),
        start,
        end,
    });
    let mut placed: Vec<Placed> = placed.collect();
    placed.sort_by_key(|placed| placed.start);
    placed
}

/// Where findings begin and end when all texts are laid end to end, in their own order.
pub(crate) fn places(request: &ChatRequest, findings: &[Finding]) -> Vec<(usize, usize)> {
    let ends = |finding: &Finding| [finding.span, finding.parts.last().copied().unwrap_or(finding.span)];
    let mut nodes: Vec<NodeId> = findings.iter().flat_map(ends).map(|span| span.node).collect();
    nodes.sort_unstable();
    let laid_out = lay_out(request).filter(|(node, _)| nodes.binary_search(node).is_ok());
    let stretches: BTreeMap<NodeId, Stretch> = laid_out.collect();
    let at = |span: &Span, offset| stretches.get(&span.node).map_or(0, |stretch| stretch.at(offset));
    let place = |finding: &Finding| {
        let [first, last] = ends(finding);
        (at(&first, first.start), at(&last, last.end))
    };
    findings.iter().map(place).collect()
}

/// The least distance within which there is a finding of each kind; none where one is missing.
///
/// The distance of several is that of the one that begins last from the one that ends first. So it is enough to go
/// over them in order, and to keep for each kind the one that ends last of those that have begun.
fn nearest(kinds: &[(KindId, Confidence)], placed: &[Placed]) -> Option<u32> {
    let mut ends: Vec<Option<usize>> = vec![None; kinds.len()];
    let mut least: Option<usize> = None;
    for placed in placed {
        let asked =
            |(kind, least): &(KindId, Confidence)| *kind == placed.kind && placed.confidence >= *least;
        let Some(end) = kinds.iter().position(asked).and_then(|at| ends.get_mut(at)) else { continue };
        *end = (*end).max(Some(placed.end));
        if let Some(first) = ends.iter().copied().min().flatten() {
            let distance = placed.start.saturating_sub(first);
            least = Some(least.map_or(distance, |least| least.min(distance)));
        }
    }
    least.map(|least| u32::try_from(least).unwrap_or(u32::MAX))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::inspect::Kinds;

    fn kinds() -> [KindId; 3] {
        let kinds = Kinds::builtin();
        ["email", "card", "health"].map(|name| kinds.named(name).unwrap())
    }

    /// As the definition says: every choice of one of each, each two of them.
    fn by_definition(asked: &[(KindId, Confidence)], placed: &[Placed]) -> Option<u32> {
        let of = |(kind, least): &(KindId, Confidence)| {
            let fits = |placed: &&Placed| placed.kind == *kind && placed.confidence >= *least;
            placed.iter().filter(fits).collect::<Vec<_>>()
        };
        let gap = |one: &Placed, other: &Placed| {
            one.start.saturating_sub(other.end).max(other.start.saturating_sub(one.end))
        };
        let mut choices: Vec<Vec<&Placed>> = vec![Vec::new()];
        for asked in asked {
            let mut longer = Vec::new();
            for next in of(asked) {
                longer.extend(choices.iter().map(|choice| [choice.as_slice(), &[next]].concat()));
            }
            choices = longer;
        }
        let spread = |choice: &Vec<&Placed>| {
            let pairs = choice.iter().flat_map(|one| choice.iter().map(|other| gap(one, other)));
            pairs.max().unwrap_or(0)
        };
        choices.iter().map(spread).min().map(|least| u32::try_from(least).unwrap())
    }

    proptest! {
        #[test]
        fn the_sweep_finds_what_the_definition_says(
            drawn in proptest::collection::vec((0_usize..3, 0_usize..60, 1_usize..12, 0_u8..3), 0..12),
            asked in proptest::sample::subsequence(vec![0_usize, 1, 2], 2..=3),
            least in proptest::collection::vec(0_u8..3, 3),
        ) {
            let confidence = |tenth: u8| Confidence::of(f32::from(tenth) / 2.0);
            let mut placed: Vec<_> = drawn
                .into_iter()
                .map(|(kind, start, length, sure)| Placed {
                    kind: kinds()[kind],
                    confidence: confidence(sure),
                    start,
                    end: start + length,
                })
                .collect();
            placed.sort_by_key(|placed| placed.start);
            let asked: Vec<_> = asked.into_iter().map(|at| (kinds()[at], confidence(least[at]))).collect();
            prop_assert_eq!(nearest(&asked, &placed), by_definition(&asked, &placed));
        }
    }
}
