//! What the routes say, given which predicates hold: the one place that walks them.
//!
//! The request's own road, the proof's check against brute force and the decision table all come through
//! here, so they cannot tell different stories.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::leaning::{Lean, Leaning};
use crate::decision::{Reason, Refusal};
use crate::difficulty::Band;
use crate::policy::{Asked, Atom, Policy, Route};
use crate::target::{Effort, Target, Zone};

/// What the routes are asked about.
#[derive(Clone, Copy)]
pub(crate) struct Circumstances<'a> {
    /// What the model name stands for; none where it stands for nothing.
    pub asked: Option<&'a Asked>,
    /// The outermost zone that the request may reach.
    pub ceiling: Zone,
    /// The names of targets that have failed lately.
    pub down: &'a BTreeSet<String>,
    /// The name of the target that has begun what is to be gone on with.
    pub stays: Option<&'a str>,
    /// How hard it is.
    pub band: Band,
    /// What its order leans on.
    pub leaning: &'a Leaning,
}

/// What the routes say.
pub(crate) struct Choice<'p> {
    /// The route that decided, or the first that matched and had nothing in reach.
    pub route: Option<&'p Route>,
    /// The targets, in order; never empty.
    pub targets: Result<Vec<Arc<Target>>, Refusal>,
}

/// Takes the first route that matches and has a target within reach.
pub(crate) fn choose<'p>(
    policy: &'p Policy,
    circumstances: &Circumstances<'_>,
    holds: impl Fn(&Atom) -> bool,
    reasons: &mut Vec<Reason>,
) -> Choice<'p> {
    let Some(asked) = circumstances.asked else {
        return Choice { route: None, targets: Err(Refusal::UnknownModel) };
    };
    let mut blocked = None;
    for route in policy.routes() {
        if !route.when.holds(&holds) {
            continue;
        }
        if let Some(sentence) = &route.refuse {
            return Choice { route: Some(route), targets: Err(Refusal::ByPolicy(sentence.clone())) };
        }
        let targets = order(asked, route, circumstances, reasons);
        if !targets.is_empty() {
            return Choice { route: Some(route), targets: Ok(targets) };
        }
        if route.only {
            return Choice { route: Some(route), targets: Err(Refusal::ByPolicy(nowhere_else(route))) };
        }
        reasons.push(Reason::NothingInReach { route: route.name.clone(), ceiling: circumstances.ceiling });
        blocked.get_or_insert(route);
    }
    Choice { route: blocked, targets: Err(Refusal::NoTarget) }
}

/// What a caller is told whose request may go nowhere but where it cannot.
fn nowhere_else(route: &Route) -> String {
    format!("route `{}` lets it go nowhere else, and none of its targets is in reach", route.name)
}

/// How long the model should think: as the caller wishes, else as the route says, else by the band.
pub(crate) fn effort(wish: Option<Effort>, route: &Route, band: Band) -> Effort {
    let by_band = if band == Band::Easy { Effort::Quick } else { Effort::Deliberate };
    wish.or(route.effort).unwrap_or(by_band)
}

/// The targets of a route that the ceiling allows: those asked for first, those beyond the caller's wishes last, those that
/// are down left out as long as others remain.
fn order(
    asked: &Asked,
    route: &Route,
    circumstances: &Circumstances<'_>,
    reasons: &mut Vec<Reason>,
) -> Vec<Arc<Target>> {
    let Circumstances { ceiling, down, stays, leaning, band, .. } = *circumstances;
    let asked: Vec<&Arc<Target>> = match asked {
        Asked::Auto => Vec::new(),
        Asked::Targets(targets) => targets.iter().filter(|target| route.takes(target)).collect(),
    };
    let mut targets: Vec<Arc<Target>> = Vec::new();
    let mut named = 0;
    for (at, target) in asked.iter().copied().chain(&route.targets).enumerate() {
        if targets.contains(target) {
            continue;
        }
        // INVARIANT: nothing beyond the ceiling enters a permit, whoever asked for it.
        if target.zone() <= ceiling {
            targets.push(Arc::clone(target));
        } else {
            reasons.push(Reason::BeyondCeiling { target: target.name().to_owned(), ceiling });
        }
        if at < asked.len() {
            named = targets.len();
        }
    }
    let own = targets.get_mut(named..).unwrap_or_default();
    let lean = leaning.arrange(own, route.choose, band);
    reasons.extend(lean.zip(own.first()).map(|(lean, target)| {
        let target = target.name().to_owned();
        match lean {
            Lean::Fastest => Reason::Fastest { target },
            Lean::Follows => Reason::Follows { target },
            Lean::Saves => Reason::Saves { target },
        }
    }));
    // What has begun goes first, but for what the caller asks for by name.
    let begun = targets.iter().skip(named).position(|target| Some(target.name()) == stays);
    if let Some(turned) = begun.and_then(|behind| targets.get_mut(named..=named + behind)) {
        turned.rotate_right(1);
        reasons.extend(turned.first().map(|target| Reason::Stays { target: target.name().to_owned() }));
    }
    // A wish moves no loop of tools that is open.
    targets.sort_by_key(|target| {
        let begun = Some(target.name()) == stays;
        if begun { Default::default() } else { leaning.rank(target.name()) }
    });
    for target in &targets {
        let name = || target.name().to_owned();
        reasons.extend(leaning.is_dear(target.name()).then(|| Reason::Dear { target: name() }));
        reasons.extend(leaning.is_late(target.name()).then(|| Reason::Late { target: name() }));
    }
    let (up, down): (Vec<_>, Vec<_>) = targets.into_iter().partition(|t| !down.contains(t.name()));
    if up.is_empty() {
        return down;
    }
    reasons.extend(down.iter().map(|target| Reason::Down { target: target.name().to_owned() }));
    up
}
