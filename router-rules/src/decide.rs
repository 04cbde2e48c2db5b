//! The second step, and the only door: from a judged request to a decision.
//!
//! Permits are made in this file and nowhere else.

pub(crate) mod choice;
pub(crate) mod permit;

use std::collections::BTreeSet;
use std::sync::Arc;

use self::choice::{Choice, Circumstances};
use crate::decision::{Decision, Outcome, Permitted, Reason, Refusal};
use crate::difficulty::{Band, Probe, Probed};
use crate::inspect::KindId;
use crate::judge::{Judged, LabelReason};
use crate::label::Label;
use crate::policy::{Asked, Atom, BudgetState, Declassify, Health};
use crate::target::Zone;

/// The state of the world that a decision may depend on.
///
/// Finite, and given from outside, so that the same inputs give the same decision.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Signals {
    /// The names of targets that have failed lately.
    pub down: BTreeSet<String>,
    /// How much of the caller's budget is left.
    pub budget: BudgetState,
    /// The name of the target that has begun the loop of tools which the request goes on with.
    pub stays: Option<String>,
    /// The highest label of the conversation so far.
    pub conversation: Option<Label>,
    /// What came of asking the device model how sure it is; none where it was not asked.
    pub probed: Option<Probed>,
}

impl Judged {
    /// The probe of the policy, where asking the device model how sure it is can make a difference: the request may leave,
    /// its score lies between two bands, and these lead to different ends. Its label is the one before any declassification.
    #[must_use]
    pub fn probe(&self, signals: &Signals) -> Option<&Probe> {
        let policy = &*self.policy;
        let probe = policy.probe()?;
        let score = self.verdict.difficulty?.score;
        let (lower, upper) = probe.between(score, policy.thresholds())?;
        let label = self.verdict.label.join(signals.conversation.unwrap_or(Label::LOWEST));
        let ceiling = self.ceiling_of(label);
        let free = self.asked == Some(Asked::Auto);
        if ceiling == Zone::Device || !free || signals.down.contains(probe.target.name()) {
            return None;
        }
        let asked = self.asked.as_ref();
        let stays = signals.stays.as_deref();
        let circumstances = Circumstances { asked, ceiling, down: &signals.down, stays };
        let end = |band: Band| {
            let holds = |atom: &Atom| match atom {
                Atom::Band(asked) => *asked == band,
                Atom::Label(asked) => label == *asked,
                Atom::LabelMin(least) => label >= *least,
                other => self.atom_with(other, signals),
            };
            let choice = choice::choose(policy, &circumstances, holds, &mut Vec::new());
            let route = choice.route.filter(|_| choice.targets.is_ok());
            let effort = route.map(|route| choice::effort(self.caller.effort, route, band));
            (choice.targets, effort)
        };
        (end(lower) != end(upper)).then_some(probe)
    }

    /// Decides where the request may go.
    #[must_use]
    pub fn decide(mut self, signals: &Signals) -> Decision {
        // INVARIANT: what the conversation alone says is not lowered. Nobody sees what gave it that label: it may be what the
        // declassification asks for the absence of, or what could not be judged.
        let held = signals.conversation.is_some_and(|label| label > self.verdict.label);
        if let Some(label) = signals.conversation {
            self.verdict.label_reasons.push((LabelReason::Conversation, label));
            self.verdict.label = self.verdict.label.join(label);
        }
        let policy = Arc::clone(&self.policy);
        // What it said where it would not have been asked does not count.
        let probed = signals.probed.filter(|_| self.probe(signals).is_some()).zip(policy.probe());
        let declassified = self.declassified().filter(|_| !held).map(|rule| (rule.name.clone(), rule.to));
        let declassified = declassified.map(|(name, to)| {
            self.verdict.label_reasons.push((LabelReason::Declassified(name.clone()), to));
            (name, std::mem::replace(&mut self.verdict.label, to))
        });
        let mut reasons = Vec::new();
        if let (Some((probed, probe)), Some(difficulty)) = (probed, &mut self.verdict.difficulty) {
            difficulty.band = probe.band(difficulty.score, policy.thresholds(), probed);
            reasons.push(Reason::Probed { target: probe.target.name().to_owned(), probed });
        }
        let told = self.verdict.difficulty.filter(|_| policy.asks_code());
        reasons.extend(told.map(|difficulty| Reason::Code(difficulty.code)));
        let circumstances = Circumstances {
            asked: self.asked.as_ref(),
            ceiling: self.ceiling_of(self.verdict.label),
            down: &signals.down,
            stays: signals.stays.as_deref(),
        };
        let ceiling = circumstances.ceiling;
        let holds = |atom: &Atom| self.atom_with(atom, signals);
        let choice = choice::choose(&policy, &circumstances, holds, &mut reasons);
        Decision { declassified, ..self.conclude(choice, ceiling, reasons) }
    }

    /// The declassification that its caller asks for, where it holds.
    fn declassified(&self) -> Option<&Declassify> {
        let rule = self.policy.declassification(self.caller.declassify.as_deref()?)?;
        let allowed = self.caller.roles.contains(&rule.role);
        // INVARIANT: what could not be judged cannot be declassified.
        let judged = self.verdict.fault().is_none();
        let known = |kind: Option<KindId>| kind.is_some_and(|kind| !rule.shuts(kind));
        let open = self.verdict.remembered.iter().all(|remembered| known(remembered.kind));
        let lowers = rule.lowers(self.verdict.label, |atom| self.atom(atom).unwrap_or(false));
        (allowed && judged && open && lowers).then_some(rule)
    }

    fn conclude(self, choice: Choice<'_>, ceiling: Zone, mut reasons: Vec<Reason>) -> Decision {
        let band = self.band();
        let Self { policy, request, caller, verdict, .. } = self;
        let rule = choice.route.map(|route| route.name.clone());
        let (effort, outcome) = match (choice.targets, choice.route) {
            (Ok(targets), Some(route)) => {
                let effort = choice::effort(caller.effort, route, band);
                let permit = Permitted::grant(request, ceiling, targets, effort);
                (Some(effort), Outcome::Allow(permit))
            }
            (targets, _) => {
                let refusal = targets.err().unwrap_or(Refusal::NoTarget);
                reasons.push(Reason::Refused(refusal.clone()));
                (None, Outcome::Refuse(refusal))
            }
        };
        Decision { policy, declassified: None, verdict, rule, effort, reasons, outcome }
    }

    fn atom_with(&self, atom: &Atom, signals: &Signals) -> bool {
        match atom {
            Atom::Label(label) => self.verdict.label == *label,
            Atom::LabelMin(label) => self.verdict.label >= *label,
            Atom::Band(band) => self.band() == *band,
            Atom::Code => self.code(),
            Atom::Budget(state) => signals.budget == *state,
            Atom::Health(target, health) => {
                let now = if signals.down.contains(target) { Health::Down } else { Health::Up };
                now == *health
            }
            of_request => self.atom(of_request).unwrap_or(false),
        }
    }
}
