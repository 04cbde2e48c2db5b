//! One case: everything that a decision can depend on, without a text.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::chat::Dialect;
use crate::decide::Leaning;
use crate::decide::choice::{self, Circumstances};
use crate::decision::Refusal;
use crate::difficulty::Band;
use crate::inspect::{KindId, OpaqueKind};
use crate::label::Label;
use crate::policy::{Atom, BudgetState, Confidence, Health, Near, Policy};
use crate::target::{Effort, Target, Zone};

/// A request and a state of the world, as far as a policy can tell them from others.
///
/// Contrast [`ChatRequest`](crate::chat::ChatRequest): a case holds no text and is decided on, never
/// answered; what comes of it is a description, not a permit.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Case {
    /// Findings by kind, however sure; a kind that is absent was not found.
    pub counts: BTreeMap<KindId, u32>,
    /// Findings that are at least so sure; they count among the others, and none is among these that is less sure.
    pub sure: BTreeMap<(KindId, Confidence), u32>,
    /// Findings that stand near one another; without one of each kind, this says nothing.
    pub near: BTreeSet<Near>,
    /// Kinds of content that could not be read.
    pub opaque: BTreeSet<OpaqueKind>,
    /// The label that the caller or the conversation asks for at least.
    pub raise: Label,
    /// The declassification that its caller asks for and may.
    pub declassify: Option<String>,
    /// How hard it is.
    pub band: Band,
    /// Whether it speaks of code.
    pub code: bool,
    /// The caller's tenant.
    pub tenant: Option<String>,
    /// The caller's workflow.
    pub workflow: Option<String>,
    /// The model asked for.
    pub model: String,
    /// The surface.
    pub dialect: Dialect,
    /// The state of the budget.
    pub budget: BudgetState,
    /// The outermost zone that the caller allows.
    pub zone: Zone,
    /// The names of targets that are down.
    pub down: BTreeSet<String>,
}

/// What comes of a case.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct CaseOutcome {
    /// Its label.
    pub label: Label,
    /// The outermost zone that it may reach.
    pub ceiling: Zone,
    /// The route that decided, or the first that matched and had nothing in reach.
    pub route: Option<String>,
    /// The permit's targets, or why there is none.
    pub targets: Result<Vec<Arc<Target>>, Refusal>,
    /// How long the model should think; none on refusal.
    pub effort: Option<Effort>,
}

impl Default for Case {
    /// Nothing found, nothing asked for, all well.
    fn default() -> Self {
        Self {
            counts: BTreeMap::new(),
            sure: BTreeMap::new(),
            near: BTreeSet::new(),
            opaque: BTreeSet::new(),
            raise: Label::LOWEST,
            declassify: None,
            band: Band::Easy,
            code: false,
            tenant: None,
            workflow: None,
            model: "auto".to_owned(),
            dialect: Dialect::OpenAiChat,
            budget: BudgetState::Ample,
            zone: Zone::Cloud,
            down: BTreeSet::new(),
        }
    }
}

impl Case {
    /// The label that a policy gives it, lowered where its caller may have it lowered.
    #[must_use]
    pub fn label(&self, policy: &Policy) -> Label {
        let own = self.own_label(policy);
        let asked = self.declassify.as_deref().and_then(|name| policy.declassification(name));
        asked.filter(|asked| asked.lowers(own, |atom| self.holds(atom, None))).map_or(own, |asked| asked.to)
    }

    /// The label by what is in it and what is asked for at least: what invariants speak of.
    #[must_use]
    pub fn own_label(&self, policy: &Policy) -> Label {
        let given = policy.label_reasons(|atom| self.holds(atom, None));
        given.iter().fold(policy.unlabelled().join(self.raise), |label, (_, given)| label.join(*given))
    }

    /// What a policy decides.
    #[must_use]
    pub fn outcome(&self, policy: &Policy) -> CaseOutcome {
        let label = self.label(policy);
        let ceiling = policy.ceiling_for(label, |atom| self.holds(atom, None)).min(self.zone);
        let asked = policy.asked(&self.model);
        // What an order leans on changes no permit but its order, and statements are about any of a permit's targets.
        let leaning = &Leaning::default();
        let (asked, down, band) = (asked.as_ref(), &self.down, self.band);
        let circumstances = Circumstances { asked, ceiling, down, stays: None, band, leaning };
        let holds = |atom: &Atom| self.holds(atom, Some(label));
        let choice = choice::choose(policy, &circumstances, holds, &mut Vec::new());
        let effort = choice.route.filter(|_| choice.targets.is_ok());
        CaseOutcome {
            label,
            ceiling,
            route: choice.route.map(|route| route.name.clone()),
            effort: effort.map(|route| choice::effort(None, route, self.band)),
            targets: choice.targets,
        }
    }

    /// How many findings of a kind are at least so sure.
    #[must_use]
    pub fn count(&self, kind: KindId, least: Confidence) -> u32 {
        let surer = self.sure.iter().filter(|((of, sure), _)| *of == kind && *sure >= least);
        let any = self.counts.get(&kind).filter(|_| least == Confidence::ANY);
        surer.map(|(_, count)| count).chain(any).copied().max().unwrap_or(0)
    }

    /// Whether a predicate holds; one about the label holds only once the label is known.
    #[must_use]
    pub fn holds(&self, atom: &Atom, label: Option<Label>) -> bool {
        match atom {
            Atom::Finding { kind, count, confidence } => self.count(*kind, *confidence) >= *count,
            Atom::Near(near) => {
                let found = |(kind, least): &(KindId, Confidence)| self.count(*kind, *least) > 0;
                self.near.iter().any(|known| known.implies(near) && known.kinds.iter().all(found))
            }
            Atom::Opaque(kind) => self.opaque.contains(kind),
            Atom::Label(this) => label == Some(*this),
            Atom::LabelMin(least) => label.is_some_and(|label| label >= *least),
            Atom::Band(band) => self.band == *band,
            Atom::Code => self.code,
            Atom::Tenant(tenant) => self.tenant.as_ref() == Some(tenant),
            Atom::Workflow(workflow) => self.workflow.as_ref() == Some(workflow),
            Atom::Model(model) => self.model == *model,
            Atom::Dialect(dialect) => self.dialect == *dialect,
            Atom::Budget(state) => self.budget == *state,
            Atom::Health(target, health) => {
                let now = if self.down.contains(target) { Health::Down } else { Health::Up };
                now == *health
            }
        }
    }
}
