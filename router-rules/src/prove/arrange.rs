//! Puts made-up findings into a text, as sure and as near one another as a case has them.
//!
//! What comes out is read by the detectors before it is shown. Where no arrangement shows the case (detectors that are
//! never so sure, findings that no text has so), the plainest is kept.

use std::collections::BTreeSet;

use super::{Case, samples};
use crate::chat::ChatRequest;
use crate::inspect::{KindId, inspect, is_matter};
use crate::json::quote;
use crate::judge::Found;
use crate::policy::{Atom, Confidence, Near, Policy, WITHIN_MAX};

/// A text in which the findings of a case are really found; empty where it has none.
pub(super) fn findings(policy: &Policy, case: &Case) -> String {
    let pieces = pieces(policy, case);
    let plain = join(&pieces, "\n");
    let asked: Vec<&Atom> = atoms_of_findings(policy).collect();
    if asked.iter().all(|atom| matches!(atom, Atom::Finding { confidence: Confidence::ANY, .. }))
        || shows(policy, case, &asked, &plain)
    {
        return plain;
    }
    let apart = apart(policy, case, &pieces);
    if shows(policy, case, &asked, &apart) { apart } else { plain }
}

/// A made-up text with one finding.
struct Piece {
    kind: KindId,
    sure: Confidence,
    text: String,
}

fn join<'a>(pieces: impl IntoIterator<Item = &'a Piece>, separator: &str) -> String {
    pieces.into_iter().map(|piece| piece.text.as_str()).collect::<Vec<_>>().join(separator)
}

fn atoms_of_findings(policy: &Policy) -> impl Iterator<Item = &Atom> {
    let rules = policy.rules().iter().flat_map(|rule| rule.when.atoms());
    let atoms = rules.chain(policy.routes().iter().flat_map(|route| route.when.atoms()));
    atoms.filter(|atom| matches!(atom, Atom::Finding { .. } | Atom::Near(_)))
}

/// As many findings of each kind as the case has, and as sure.
fn pieces(policy: &Policy, case: &Case) -> Vec<Piece> {
    let mut pieces = Vec::new();
    for (&kind, &count) in case.counts.iter().filter(|(kind, _)| !is_matter(policy.kinds().name(**kind))) {
        // From surest to least sure; each step is a band in which findings count for it and not for the one above.
        let mut steps: Vec<Confidence> = steps(policy, kind).into_iter().rev().collect();
        steps.push(Confidence::ANY);
        let mut above = None;
        let mut made = 0;
        for least in steps {
            let wanted = if least == Confidence::ANY { count } else { case.count(kind, least) };
            let fits = |sure: Confidence| sure >= least && above.is_none_or(|above| sure < above);
            let texts = samples::findings(policy, kind, made..wanted, fits);
            pieces.extend(texts.map(|text| Piece { kind, sure: least, text }));
            made = made.max(wanted);
            above = Some(least);
        }
    }
    pieces
}

/// The confidences that the policy asks for of a kind, but for none in particular.
fn steps(policy: &Policy, kind: KindId) -> BTreeSet<Confidence> {
    let of = |atom: &Atom| match atom {
        Atom::Finding { kind: of, confidence, .. } if *of == kind => vec![*confidence],
        Atom::Near(near) => {
            near.kinds.iter().filter(|(of, _)| *of == kind).map(|(_, confidence)| *confidence).collect()
        }
        _ => Vec::new(),
    };
    atoms_of_findings(policy).flat_map(of).filter(|confidence| *confidence > Confidence::ANY).collect()
}

/// Findings that are near in clusters of their own, and all others too far apart to be near.
fn apart(policy: &Policy, case: &Case, pieces: &[Piece]) -> String {
    let furthest = case.near.iter().chain(nears(policy)).map(|near| near.within).max().unwrap_or(0);
    let far = "\n".repeat(usize::try_from(furthest.min(WITHIN_MAX)).unwrap_or(0) + 1);
    let mut left: Vec<&Piece> = pieces.iter().collect();
    let mut blocks = Vec::new();
    let tightest = |near: &&Near| case.near.iter().all(|other| other == *near || !other.implies(near));
    for near in case.near.iter().filter(tightest) {
        let members: Vec<&Piece> =
            near.kinds.iter().filter_map(|asked| take(&mut left, pieces, asked)).collect();
        blocks.push(cluster(policy, case, near, &members));
    }
    let kinds: BTreeSet<KindId> = left.iter().map(|piece| piece.kind).collect();
    for kind in kinds {
        blocks.push(join(left.iter().copied().filter(|piece| piece.kind == kind), "\n"));
    }
    blocks.join(&far)
}

/// A piece that is sure enough: one that is left, or else one that stands elsewhere too.
fn take<'p>(
    left: &mut Vec<&'p Piece>,
    pieces: &'p [Piece],
    (kind, least): &(KindId, Confidence),
) -> Option<&'p Piece> {
    let fits = |piece: &&Piece| piece.kind == *kind && piece.sure >= *least;
    match left.iter().position(fits) {
        Some(at) => Some(left.remove(at)),
        None => pieces.iter().find(|piece| fits(piece)),
    }
}

/// Pieces so near one another that the nearness holds, and no nearer one that the case does not have.
fn cluster(policy: &Policy, case: &Case, near: &Near, members: &[&Piece]) -> String {
    let nearer = |other: &&Near| {
        let as_near = Near { kinds: near.kinds.clone(), within: other.within };
        as_near.implies(other) && !case.holds(&Atom::Near((*other).clone()), None)
    };
    let too_near = nears(policy).filter(nearer).map(|other| other.within).max();
    let (first, rest) = members.split_at(members.len().min(1));
    let with = |filler: usize| {
        let gap = "\n".repeat(filler.max(1));
        [join(first.iter().copied(), "\n"), join(rest.iter().copied(), "\n")].join(&gap)
    };
    let Some(too_near) = too_near else { return with(1) };
    // Without filler they stand some bytes apart already: as many as the least distance at which they are near.
    let least = (0..=near.within).collect::<Vec<_>>().partition_point(|within| {
        let near = Near { kinds: near.kinds.clone(), within: *within };
        found(policy, &with(1), std::slice::from_ref(&near.kinds)).is_none_or(|found| !found.near(&near))
    });
    with(1 + usize::try_from(too_near + 1).unwrap_or(0).saturating_sub(least))
}

fn nears(policy: &Policy) -> impl Iterator<Item = &Near> {
    atoms_of_findings(policy).filter_map(|atom| match atom {
        Atom::Near(near) => Some(near),
        _ => None,
    })
}

/// Whether predicates about findings hold of a text as they do of the case.
fn shows(policy: &Policy, case: &Case, asked: &[&Atom], text: &str) -> bool {
    let Some(found) = found(policy, text, policy.gatherings()) else { return false };
    asked.iter().all(|atom| {
        let holds = match atom {
            Atom::Finding { kind, count, confidence } => found.has(*kind, *count, *confidence),
            Atom::Near(near) => found.near(near),
            _ => return true,
        };
        holds == case.holds(atom, None)
    })
}

fn found(policy: &Policy, text: &str, gatherings: &[crate::judge::Gathering]) -> Option<Found> {
    let body = format!(r#"{{"model":"auto","messages":[{{"role":"system","content":{}}}]}}"#, quote(text));
    let request = ChatRequest::openai(body).ok()?;
    let findings = inspect(&request, policy.detectors()).findings;
    Some(Found::of(&request, &findings, gatherings))
}
