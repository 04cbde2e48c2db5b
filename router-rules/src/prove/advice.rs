//! What a policy may do and may not mean: warnings, never faults.

use std::collections::BTreeSet;

use biodivine_lib_bdd::Bdd;

use super::ProveError;
use super::model::Model;
use super::sentence::{Bound, Sentence};
use crate::inspect::OpaqueKind;
use crate::label::Label;
use crate::policy::table::condition_in_words;
use crate::policy::{Atom, Policy};
use crate::suggest::did_you_mean;
use crate::target::Zone;

/// What the policy says of labels.
pub(super) fn of_policy(policy: &Policy) -> Vec<String> {
    let labels = policy.labels();
    let mut warnings = Vec::new();
    let usual = labels.named("confidential").unwrap_or_else(|_| labels.highest());
    for kind in OpaqueKind::ALL.into_iter().filter(|kind| policy.opaque_label(*kind) < usual) {
        warnings.push(format!(
            "opaque kind `{}` is `{}`, below `{}`: nobody can read what is in it",
            kind.as_str(),
            labels.name(policy.opaque_label(kind)),
            labels.name(usual),
        ));
    }
    for (name, usual) in [("confidential", Zone::Premises), ("restricted", Zone::Device)] {
        let raised = labels.named(name).ok().map(|label| policy.ceiling(label)).filter(|zone| *zone > usual);
        if let Some(zone) = raised {
            warnings.push(format!("`{name}` may go as far as {zone}; its usual ceiling is {usual}"));
        }
    }
    if labels.named("restricted").is_err() && policy.ceiling(labels.highest()) == Zone::Cloud {
        warnings.push(format!("the highest label, `{}`, may go to a cloud", labels.name(labels.highest())));
    }
    if !policy.allowed().is_empty() {
        let names: Vec<_> = policy.allowed().iter().map(|name| format!("`{name}`")).collect();
        warnings.push(format!(
            "{} not searched where a system or developer message holds exactly that text: {}",
            if names.len() == 1 { "one text is" } else { "some texts are" },
            names.join(", "),
        ));
    }
    for known in policy.declassifications() {
        warnings.push(format!(
            "role `{}` may have `{}` lowered to `{}` by `{}`, which may go as far as {}",
            known.role,
            labels.name(known.from),
            labels.name(known.to),
            known.name,
            policy.ceiling(known.to),
        ));
    }
    let home = |zone: Zone| policy.catalogue().iter().any(|target| target.zone() <= zone);
    for label in labels.all().filter(|label| *label >= policy.unlabelled()) {
        let ceiling = policy.ceiling(label);
        if !home(ceiling) {
            warnings.push(format!(
                "requests labelled `{}` are refused: there is no target within {ceiling}",
                labels.name(label),
            ));
        }
    }
    for tighter in policy.tighter_ceilings() {
        let stranded = |label: &Label| tighter.zone(*label).is_some_and(|zone| !home(zone));
        for label in labels.all().filter(stranded).filter(|label| home(policy.ceiling(*label))) {
            warnings.push(format!(
                "requests labelled `{}` are refused for {}: there is no target within their tighter ceiling",
                labels.name(label),
                condition_in_words(policy, &tighter.when),
            ));
        }
    }
    warnings
}

/// Tenants and workflows of invariants that nothing else in the policy names: perhaps slips of the pen, of which
/// anything can be proved.
fn strangers(policy: &Policy, Sentence { text, things, .. }: &Sentence) -> Vec<String> {
    let rules = policy.rules().iter().map(|rule| &rule.when);
    let whens = rules.chain(policy.routes().iter().map(|route| &route.when));
    let whens = whens.chain(policy.tighter_ceilings().iter().map(|tighter| &tighter.when));
    let known: BTreeSet<&Atom> = whens.flat_map(|when| when.atoms()).collect();
    let names = |pick: fn(&Atom) -> Option<&str>| known.iter().filter_map(move |atom| pick(atom));
    let stranger = |thing: &Atom| {
        let (what, name, mend) = match thing {
            Atom::Tenant(name) => ("tenant", name, did_you_mean(name, names(tenant))),
            Atom::Workflow(name) => ("workflow", name, did_you_mean(name, names(workflow))),
            _ => return None,
        };
        let unknown = !known.contains(thing);
        unknown.then(|| {
            format!("invariant `{text}` is about {what} `{name}`, which nothing else here names{mend}")
        })
    };
    things.iter().filter_map(stranger).collect()
}

fn tenant(atom: &Atom) -> Option<&str> {
    if let Atom::Tenant(name) = atom { Some(name) } else { None }
}

fn workflow(atom: &Atom) -> Option<&str> {
    if let Atom::Workflow(name) = atom { Some(name) } else { None }
}

/// Invariants that say nothing.
pub(super) fn of_sentences(policy: &Policy, sentences: &[Sentence]) -> Vec<String> {
    let mut warnings = Vec::new();
    for sentence in sentences {
        let Sentence { text, things, bound, .. } = sentence;
        warnings.extend(strangers(policy, sentence));
        if matches!(bound, Bound::Beyond(Zone::Cloud)) {
            warnings.push(format!("invariant `{text}` always holds: nothing lies beyond cloud"));
        }
        for thing in things {
            if let Atom::LabelMin(Label::LOWEST) = thing {
                warnings.push(format!("invariant `{text}` is about every request: its label is the lowest"));
            }
        }
    }
    warnings
}

/// Invariants that hold because there is nothing they forbid. A policy is written for more targets than a site has,
/// so this is no fault of it.
pub(super) fn unneeded(policy: &Policy, sentences: &[Sentence]) -> Vec<String> {
    let nowhere = |bound: &Bound| !policy.catalogue().iter().any(|target| bound.forbids(target));
    let unneeded = sentences
        .iter()
        .filter(|sentence| !matches!(sentence.bound, Bound::Beyond(Zone::Cloud)) && nowhere(&sentence.bound));
    unneeded
        .map(|Sentence { text, .. }| format!("invariant `{text}` holds because there is no such target"))
        .collect()
}

/// Routes that never decide, and rules that never matter.
pub(super) fn of_model(model: &Model<'_>) -> Result<Vec<String>, ProveError> {
    let mut warnings = Vec::new();
    let routes = model.policy.routes().iter().zip(&model.matches).zip(&model.reach);
    for ((route, matches), reach) in routes.filter(|(_, reach)| reach.is_false()) {
        let name = &route.name;
        warnings.push(if model.condition(&route.when)?.is_false() {
            format!("route `{name}` never decides: its conditions exclude each other")
        } else if matches.is_false() {
            format!("route `{name}` never decides: routes before it take every case")
        } else {
            debug_assert!(reach.is_false());
            format!("route `{name}` never decides: it has no target within reach")
        });
    }
    warnings.extend(idle_rules(model)?);
    Ok(warnings)
}

/// Rules whose label every case has without them.
fn idle_rules(model: &Model<'_>) -> Result<Vec<String>, ProveError> {
    let policy = model.policy;
    let when: Vec<Bdd> =
        policy.rules().iter().map(|rule| model.condition(&rule.when)).collect::<Result<_, _>>()?;
    let mut warnings = Vec::new();
    for (at, (rule, own)) in policy.rules().iter().zip(&when).enumerate() {
        // A pack's rules are not the site's to mend.
        if rule.name.contains('/') {
            continue;
        }
        let mut left = if policy.unlabelled() >= rule.label { model.space.never() } else { own.clone() };
        for (other_at, (other, other_when)) in policy.rules().iter().zip(&when).enumerate() {
            if other_at != at && other.label >= rule.label {
                left = model.space.and_not(&left, other_when)?;
            }
        }
        for kind in OpaqueKind::ALL.into_iter().filter(|kind| policy.opaque_label(*kind) >= rule.label) {
            left = model.space.and_not(&left, &model.atom(&Atom::Opaque(kind))?)?;
        }
        if left.is_false() {
            warnings.push(format!("rule `{}` never matters: without it, labels are the same", rule.name));
        }
    }
    Ok(warnings)
}
