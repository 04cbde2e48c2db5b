//! The second step, and the only door: from a judged request to a decision.
//!
//! Permits are made in this file and nowhere else.

pub(crate) mod choice;
pub(crate) mod home;
mod leaning;
pub(crate) mod permit;

use std::collections::BTreeSet;
use std::sync::Arc;

pub use self::leaning::{Choose, Follows, Leaning, Pace};

use self::choice::{Choice, Circumstances};
use crate::decision::{Decision, Outcome, Permitted, Reason, Refusal};
use crate::difficulty::{Band, Probe, Probed};
use crate::inspect::KindId;
use crate::judge::{Judged, LabelReason};
use crate::label::Label;
use crate::policy::{Asked, Atom, BudgetState, Declassify, Health, Verify};
use crate::target::{Effort, Target, Zone};

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
    /// What its order of targets leans on.
    pub leaning: Leaning,
}

impl Judged {
    /// The probe of the policy, where asking the device model how sure it is can make a difference: the request may leave,
    /// its score lies between two bands, and these lead to different ends. Its label is the one before any declassification.
    #[must_use]
    pub fn probe(&self, signals: &Signals) -> Option<&Probe> {
        let policy = &*self.policy;
        let probe = policy.probe()?;
        let score = self.verdict.difficulty?.score;
        let label = self.verdict.label.join(signals.conversation.unwrap_or(Label::LOWEST));
        let ceiling = self.ceiling_of(label);
        let free = self.asked == Some(Asked::Auto);
        if ceiling == Zone::Device || !free || signals.down.contains(probe.target.name()) {
            return None;
        }
        let circumstances = self.circumstances(ceiling, signals);
        let measure = self.chance(&circumstances, label, signals).map_or(score, |chance| chance.fails);
        // Where it lies near a bound, the turn before has told already.
        if self.settled(measure, signals).is_some() {
            return None;
        }
        let (lower, upper) = probe.between(measure, policy.thresholds())?;
        let end = |band: Band| {
            let circumstances = Circumstances { band, ..circumstances };
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
        let ceiling = self.ceiling_of(self.verdict.label);
        let chance = self.chance(&self.circumstances(ceiling, signals), self.verdict.label, signals);
        if let Some(mut difficulty) = self.verdict.difficulty {
            let measure = chance.as_ref().map_or(difficulty.score, |chance| chance.fails);
            difficulty.band = policy.thresholds().band(measure);
            if let Some((probed, probe)) = probed {
                difficulty.band = probe.band(measure, policy.thresholds(), probed);
                reasons.push(Reason::Probed { target: probe.target.name().to_owned(), probed });
            }
            if let Some(band) = self.settled(measure, signals) {
                reasons.extend((difficulty.band != band).then_some(Reason::KeepsBand(band)));
                difficulty.band = band;
            }
            self.verdict.difficulty = Some(difficulty);
        }
        let told = self.verdict.difficulty.filter(|_| policy.asks_code());
        reasons.extend(told.map(|difficulty| Reason::Code(difficulty.code)));
        let circumstances = self.circumstances(ceiling, signals);
        let holds = |atom: &Atom| self.atom_with(atom, signals);
        let choice = choice::choose(&policy, &circumstances, holds, &mut reasons);
        let verify = choice.route.and_then(|route| route.verify);
        let verify =
            verify.filter(|_| self.may_be_verified(choice.targets.as_deref().unwrap_or_default(), signals));
        Decision { declassified, chance, ..self.conclude(choice, (ceiling, verify), reasons) }
    }

    /// Whether another answer may be asked for where that of the device is not sure. What is asked for by name, or to be quick,
    /// is what its caller wants; what has been streamed cannot be taken back; a loop of tools stays where it is; and with
    /// the budget spent, or where nobody further out keeps to what is wished, the device's answer has to do.
    fn may_be_verified(&self, targets: &[Arc<Target>], signals: &Signals) -> bool {
        let free = self.asked == Some(Asked::Auto) && self.caller.effort != Some(Effort::Quick);
        let opened = self.request.tool_loop().is_some_and(|tools| tools.open) || signals.stays.is_some();
        let mut further = targets.iter().filter(|target| target.zone() > Zone::Device);
        let another = further.any(|target| !signals.leaning.is_beyond_wishes(target.name()));
        free && !opened && another && !self.request.stream() && signals.budget != BudgetState::Exhausted
    }

    /// What its routes are asked about, in the band that it has so far.
    fn circumstances<'a>(&'a self, ceiling: Zone, signals: &'a Signals) -> Circumstances<'a> {
        Circumstances {
            asked: self.asked.as_ref(),
            ceiling,
            down: &signals.down,
            stays: signals.stays.as_deref(),
            band: self.band(),
            leaning: &signals.leaning,
        }
    }

    /// The band in which its conversation stays, where what its band is cut by lies near enough to it.
    fn settled(&self, measure: f32, signals: &Signals) -> Option<Band> {
        self.policy.settle(measure, signals.leaning.follows.as_ref()?.band)
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

    fn conclude(
        self,
        choice: Choice<'_>,
        (ceiling, verify): (Zone, Option<Verify>),
        mut reasons: Vec<Reason>,
    ) -> Decision {
        let band = self.band();
        let Self { policy, request, caller, verdict, .. } = self;
        let rule = choice.route.map(|route| route.name.clone());
        let (effort, outcome) = match (choice.targets, choice.route) {
            (Ok(targets), Some(route)) => {
                let effort = choice::effort(caller.effort, route, band);
                let permit = Permitted::grant(request, ceiling, targets, effort).verified(verify);
                if let (Some(_), Some(first)) = (permit.verify(0), permit.targets().first()) {
                    reasons.push(Reason::Verified { target: first.name().to_owned() });
                }
                (Some(effort), Outcome::Allow(permit))
            }
            (targets, _) => {
                let refusal = targets.err().unwrap_or(Refusal::NoTarget);
                reasons.push(Reason::Refused(refusal.clone()));
                (None, Outcome::Refuse(refusal))
            }
        };
        Decision { policy, declassified: None, chance: None, verdict, rule, effort, reasons, outcome }
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
