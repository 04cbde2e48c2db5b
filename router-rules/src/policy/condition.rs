//! What a rule or a route asks: predicates, and conditions over them.

use std::collections::BTreeMap;

use super::evidence::{Confidence, Near, WITHIN_MAX};
use super::{BudgetState, Health, NearFile, PolicyError, Scope, WhenFile};
use crate::chat::Dialect;
use crate::difficulty::Band;
use crate::inspect::{KindId, OpaqueKind};
use crate::label::Label;
use crate::suggest::did_you_mean;

/// A predicate that a policy can tell apart.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Atom {
    /// At least so many findings of a kind, each at least so sure.
    Finding {
        /// The kind.
        kind: KindId,
        /// How many; never 0.
        count: u32,
        /// How sure each must be.
        confidence: Confidence,
    },
    /// Findings of several kinds near one another.
    Near(Near),
    /// Some content of a kind that cannot be read.
    Opaque(OpaqueKind),
    /// The request's label is this one.
    Label(Label),
    /// The request's label is this one or higher.
    LabelMin(Label),
    /// The band of difficulty.
    Band(Band),
    /// The current demand speaks of code.
    Code,
    /// The caller's tenant.
    Tenant(String),
    /// The caller's workflow.
    Workflow(String),
    /// The model asked for.
    Model(String),
    /// The surface on which the request came in.
    Dialect(Dialect),
    /// The state of the budget.
    Budget(BudgetState),
    /// The health of a target, by name.
    Health(String, Health),
}

impl Atom {
    /// Some finding of a kind, however sure.
    #[must_use]
    pub fn found(kind: KindId) -> Self {
        Self::Finding { kind, count: 1, confidence: Confidence::ANY }
    }

    /// The kinds of findings that it asks for; none where it is about something else.
    #[must_use]
    pub fn kinds(&self) -> Vec<KindId> {
        match self {
            Self::Finding { kind, .. } => vec![*kind],
            Self::Near(near) => near.kinds.iter().map(|(kind, _)| *kind).collect(),
            _ => Vec::new(),
        }
    }
}

/// An atom, or its opposite.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Literal {
    /// The predicate.
    pub atom: Atom,
    /// Whether it must hold (or must not).
    pub holds: bool,
}

/// Clauses that must all hold; a clause holds when one of its literals does.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Condition {
    clauses: Vec<Vec<Literal>>,
}

impl Condition {
    /// Its clauses; none means always.
    #[must_use]
    pub fn clauses(&self) -> &[Vec<Literal>] {
        &self.clauses
    }

    pub(super) fn of_clauses(clauses: Vec<Vec<Literal>>) -> Self {
        Self { clauses }
    }

    /// Whether it holds, given which atoms do.
    pub fn holds(&self, mut atom: impl FnMut(&Atom) -> bool) -> bool {
        self.clauses.iter().all(|clause| clause.iter().any(|literal| atom(&literal.atom) == literal.holds))
    }

    /// Every atom in it.
    pub fn atoms(&self) -> impl Iterator<Item = &Atom> {
        self.clauses.iter().flatten().map(|literal| &literal.atom)
    }

    /// Every kind of finding that it asks for.
    pub fn kinds(&self) -> impl Iterator<Item = KindId> {
        self.atoms().flat_map(Atom::kinds)
    }

    /// The condition of a label rule: it can only speak of what is in the request and who sends it, and only
    /// of what is there, so that more content never means a lower label.
    pub(super) fn of_rule(when: &WhenFile, scope: &Scope<'_>, rule: &str) -> Result<Self, PolicyError> {
        let route_only = [
            ("none", !when.none.is_empty()),
            ("label", !when.label.as_slice().is_empty()),
            ("label_min", when.label_min.is_some()),
            ("band", !when.band.as_slice().is_empty()),
            ("code", when.code.is_some()),
            ("budget", !when.budget.as_slice().is_empty()),
            ("health", !when.health.is_empty()),
        ];
        if let Some((key, _)) = route_only.into_iter().find(|(_, used)| *used) {
            return Err(PolicyError::RouteOnly { rule: rule.to_owned(), key });
        }
        Self::of_route(when, scope, rule)
    }

    /// The condition of a route.
    pub(super) fn of_route(when: &WhenFile, scope: &Scope<'_>, rule: &str) -> Result<Self, PolicyError> {
        let mut clauses = Vec::new();
        let mut push = |clause: Vec<Atom>| {
            if !clause.is_empty() {
                clauses.push(clause.into_iter().map(|atom| Literal { atom, holds: true }).collect());
            }
        };
        let sure = Sureness::new(when, scope, rule)?;
        let finding = |name: &String, count| {
            let kind = scope.kind(name, rule)?;
            Ok(Atom::Finding { kind, count, confidence: sure.of(kind) })
        };
        for kind in &when.all {
            push(vec![finding(kind, 1)?]);
        }
        push(when.any.iter().map(|kind| finding(kind, 1)).collect::<Result<_, PolicyError>>()?);
        for (kind, &count) in &when.count {
            if count == 0 {
                return Err(PolicyError::ZeroCount { rule: rule.to_owned(), kind: kind.clone() });
            }
            push(vec![finding(kind, count)?]);
        }
        for near in &when.near {
            push(vec![Atom::Near(sure.near(near, scope, rule)?)]);
        }
        let opaque = |name: &String| scope.opaque(name, rule).map(Atom::Opaque);
        push(when.opaque.iter().map(opaque).collect::<Result<_, _>>()?);
        let label = |name: &String| scope.label(name, rule);
        push(when.label.as_slice().iter().map(|n| label(n).map(Atom::Label)).collect::<Result<_, _>>()?);
        if let Some(name) = &when.label_min {
            push(vec![Atom::LabelMin(label(name)?)]);
        }
        push(
            named(&when.band, rule, "band", &Band::ALL, Band::as_str)?.into_iter().map(Atom::Band).collect(),
        );
        push(when.tenant.as_slice().iter().cloned().map(Atom::Tenant).collect());
        push(when.workflow.as_slice().iter().cloned().map(Atom::Workflow).collect());
        push(when.model.as_slice().iter().cloned().map(Atom::Model).collect());
        let dialects = named(&when.dialect, rule, "dialect", &Dialect::ALL, Dialect::as_str)?;
        push(dialects.into_iter().map(Atom::Dialect).collect());
        let budgets = named(&when.budget, rule, "budget", &BudgetState::ALL, BudgetState::as_str)?;
        push(budgets.into_iter().map(Atom::Budget).collect());
        for (target, state) in &when.health {
            let target = scope.target(target, rule)?;
            let state = one_of(state, rule, "health", &Health::ALL, Health::as_str)?;
            push(vec![Atom::Health(target, state)]);
        }
        if let Some(holds) = when.code {
            clauses.push(vec![Literal { atom: Atom::Code, holds }]);
        }
        for kind in &when.none {
            clauses.push(vec![Literal { atom: finding(kind, 1)?, holds: false }]);
        }
        Ok(Self { clauses })
    }
}

/// How sure the findings of a condition must be, by kind.
struct Sureness(BTreeMap<KindId, Confidence>);

impl Sureness {
    fn new(when: &WhenFile, scope: &Scope<'_>, rule: &str) -> Result<Self, PolicyError> {
        let mut least = BTreeMap::new();
        for (name, &confidence) in &when.confidence {
            let kind = scope.kind(name, rule)?;
            if !(confidence > 0.0 && confidence <= 1.0) {
                return Err(PolicyError::NoConfidence { rule: rule.to_owned(), kind: name.clone() });
            }
            if !when.speaks_of(name) {
                return Err(PolicyError::IdleConfidence { rule: rule.to_owned(), kind: name.clone() });
            }
            least.insert(kind, Confidence::of(confidence));
        }
        Ok(Self(least))
    }

    fn of(&self, kind: KindId) -> Confidence {
        self.0.get(&kind).copied().unwrap_or(Confidence::ANY)
    }

    fn near(&self, near: &NearFile, scope: &Scope<'_>, rule: &str) -> Result<Near, PolicyError> {
        if near.within > WITHIN_MAX {
            return Err(PolicyError::TooFar { rule: rule.to_owned(), within: near.within });
        }
        let mut kinds = Vec::new();
        for name in &near.kinds {
            let kind = scope.kind(name, rule)?;
            if kinds.iter().any(|(known, _)| *known == kind) {
                return Err(PolicyError::NearItself { rule: rule.to_owned(), kind: name.clone() });
            }
            kinds.push((kind, self.of(kind)));
        }
        if kinds.len() < 2 {
            return Err(PolicyError::NearNothing { rule: rule.to_owned() });
        }
        kinds.sort();
        Ok(Near { kinds, within: near.within })
    }
}

fn named<T: Copy>(
    names: &super::OneOrMore<String>,
    rule: &str,
    what: &'static str,
    all: &[T],
    as_str: fn(T) -> &'static str,
) -> Result<Vec<T>, PolicyError> {
    names.as_slice().iter().map(|name| one_of(name, rule, what, all, as_str)).collect()
}

fn one_of<T: Copy>(
    name: &str,
    rule: &str,
    what: &'static str,
    all: &[T],
    as_str: fn(T) -> &'static str,
) -> Result<T, PolicyError> {
    all.iter().copied().find(|&value| as_str(value) == name).ok_or_else(|| PolicyError::Unknown {
        rule: rule.to_owned(),
        what,
        name: name.to_owned(),
        mend: did_you_mean(name, all.iter().map(|&value| as_str(value))),
    })
}
