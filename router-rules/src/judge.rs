//! The first step: what a request is, before the state of the world is asked.

mod found;

use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

pub(crate) use found::{Found, Gathering, Told};

use crate::chat::ChatRequest;
use crate::difficulty::{self, Band, Difficulty};
use crate::inspect::{self, Finding, Inspection, Opaque, OpaqueKind, Span, Unsearched};
use crate::json::Nodes;
use crate::label::Label;
use crate::memory::{self, Keepsake, Memory, Nothing, Recall, Remembered};
use crate::policy::{Asked, Atom, Policy};
use crate::target::{Effort, Zone};

/// Who asks, and what they ask for beside the request itself. All of it can only tighten or inform, but for a
/// declassification that the policy has and a role of the caller's allows.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Caller {
    /// The caller's name, from its key.
    pub name: String,
    /// The tenant of the caller's key.
    pub tenant: Option<String>,
    /// The workflow, from a header or the key.
    pub workflow: Option<String>,
    /// That of the key, where the request names another: its label rules and ceilings hold besides.
    pub key_workflow: Option<String>,
    /// At least this label.
    pub label: Option<Label>,
    /// At most this zone.
    pub zone: Option<Zone>,
    /// The effort wished for.
    pub effort: Option<Effort>,
    /// What its key lets it do besides.
    pub roles: Vec<String>,
    /// The declassification asked for: the one thing that may lower, where a role lets it.
    pub declassify: Option<String>,
}

impl fmt::Debug for Caller {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Workflow comes from a header, so it may hold anything.
        f.debug_struct("Caller")
            .field("name", &self.name)
            .field("tenant", &self.tenant)
            .finish_non_exhaustive()
    }
}

/// Why a label was given.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum LabelReason {
    /// A rule of the policy matched.
    Rule(String),
    /// Something in it cannot be read.
    Opaque(OpaqueKind),
    /// The caller said so.
    Caller,
    /// Its conversation carries it.
    Conversation,
    /// What stands in it stood in an earlier request of the same caller.
    Remembered,
    /// Judging failed, so it gets the highest.
    JudgingFailed(JudgingFault),
    /// Its caller may have it lowered, by the declassification of this name.
    Declassified(String),
}

/// Why judging failed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum JudgingFault {
    /// It panicked.
    Panic,
    /// Whoever asked for it gave it up. Nothing here knows the time.
    Timeout,
}

impl JudgingFault {
    /// Its name in metrics.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Panic => "panic",
            Self::Timeout => "timeout",
        }
    }
}

/// What is known of a request once it has been read.
#[derive(Clone, Debug)]
pub struct Verdict {
    /// How private it is.
    pub label: Label,
    /// Why; empty where nothing was found.
    pub label_reasons: Vec<(LabelReason, Label)>,
    /// What was found.
    pub findings: Vec<Finding>,
    /// What stood in an earlier request of the same caller and stands in this one, beside what was found.
    pub remembered: Vec<Remembered>,
    /// What could not be read.
    pub opaque: Vec<Opaque>,
    /// The operator's own texts, which were not searched.
    pub unsearched: Vec<Unsearched>,
    /// How hard it is, and whether it speaks of code; none where the policy asks for neither.
    pub difficulty: Option<Difficulty>,
}

/// A request that has been judged and not yet decided. It holds the request.
#[derive(Debug)]
pub struct Judged {
    pub(crate) policy: Arc<Policy>,
    pub(crate) request: ChatRequest,
    pub(crate) caller: Caller,
    pub(crate) verdict: Verdict,
    pub(crate) found: Found,
    pub(crate) asked: Option<Asked>,
    /// Its label without what is remembered.
    own: Label,
    /// Names by themselves.
    named: Vec<Span>,
}

impl Policy {
    /// Reads a request and says how private and how hard it is.
    ///
    /// Whatever goes wrong while reading gives the highest label.
    #[must_use]
    pub fn judge(self: &Arc<Self>, request: ChatRequest, caller: Caller) -> Judged {
        self.judge_remembering(request, caller, &Nothing)
    }

    /// The same for a caller of whom something is remembered: what stood in a private request and stands in this one
    /// gives it at least that request's label.
    #[must_use]
    pub fn judge_remembering(
        self: &Arc<Self>,
        request: ChatRequest,
        caller: Caller,
        memory: &dyn Memory,
    ) -> Judged {
        self.judge_by(Self::read, request, caller, memory)
    }

    /// [`Policy::judge_remembering`] with something of the caller's own done first, within the same bounds of a fault. It is
    /// there to find out what becomes of a request whose judging fails.
    #[doc(hidden)]
    #[must_use]
    pub fn judge_after(
        self: &Arc<Self>,
        first: fn(&ChatRequest),
        request: ChatRequest,
        caller: Caller,
        memory: &dyn Memory,
    ) -> Judged {
        let read = |policy: &Self, request: &ChatRequest, caller: &Caller, memory: &dyn Memory| {
            first(request);
            policy.read(request, caller, memory)
        };
        self.judge_by(read, request, caller, memory)
    }

    /// What a request is taken for whose judging was given up: nothing is known of it, so it has the highest
    /// label.
    #[must_use]
    pub fn give_up(self: &Arc<Self>, fault: JudgingFault, request: ChatRequest, caller: Caller) -> Judged {
        self.judged(self.judging_failed(fault), request, caller)
    }

    fn judge_by(
        self: &Arc<Self>,
        read: impl FnOnce(&Self, &ChatRequest, &Caller, &dyn Memory) -> Read,
        request: ChatRequest,
        caller: Caller,
        memory: &dyn Memory,
    ) -> Judged {
        // INVARIANT: a fault while judging fails towards home. Nothing is changed behind the unwind
        // boundary: what it returns is all that is kept.
        let read = catch_unwind(AssertUnwindSafe(|| read(self, &request, &caller, memory)));
        let read = read.unwrap_or_else(|_| self.judging_failed(JudgingFault::Panic));
        self.judged(read, request, caller)
    }

    fn judged(self: &Arc<Self>, read: Read, request: ChatRequest, caller: Caller) -> Judged {
        let Read { verdict, found, own, named } = read;
        let asked = self.asked(request.model());
        Judged { policy: Arc::clone(self), request, caller, verdict, found, asked, own, named }
    }

    fn read(&self, request: &ChatRequest, caller: &Caller, memory: &dyn Memory) -> Read {
        let Inspection { findings, mut opaque, unsearched, named, .. } =
            inspect::inspect_for(&caller.name, request, self.detectors());
        // What was sealed for this caller and comes back says no more than it did. Whom it may go back to is seen to where
        // it is sent.
        let known: Nodes =
            request.seals().filter(|(_, seal)| memory.is_seal(seal)).map(|(at, _)| at.id()).collect();
        opaque.retain(|opaque| opaque.kind != OpaqueKind::Block || !known.contains(opaque.node));
        let Recall { found: mut remembered, label: recalled, unread } = memory::recall(request, memory);
        if let Some(node) = unread {
            opaque.push(Opaque { kind: OpaqueKind::Unscanned, node });
        }
        let found = Found::of(request, &findings, self.gatherings());
        let facts = Facts { policy: self, request, caller, found: &found, opaque: &opaque };
        let mut label_reasons = facts.label_reasons();
        let own = label_reasons.iter().fold(self.unlabelled(), |label, (_, given)| label.join(*given));
        if let Some(label) = recalled.filter(|label| *label > own) {
            label_reasons.push((LabelReason::Remembered, label));
        }
        let label = own.join(recalled.unwrap_or(own));
        remembered.retain(|known| !is_found(&findings, known, own));
        let difficulty = self.asks_difficulty().then(|| difficulty::assess(request, self.thresholds()));
        let verdict = Verdict { label, label_reasons, findings, remembered, opaque, unsearched, difficulty };
        Read { verdict, found, own, named }
    }

    /// The labels that its rules and what cannot be read give, given which atoms hold.
    pub(crate) fn label_reasons(&self, holds: impl Fn(&Atom) -> bool) -> Vec<(LabelReason, Label)> {
        let rules = self.rules().iter().filter(|rule| rule.when.holds(&holds));
        let by_rule = rules.map(|rule| (LabelReason::Rule(rule.name.clone()), rule.label));
        let opaque = OpaqueKind::ALL.into_iter().filter(|kind| holds(&Atom::Opaque(*kind)));
        by_rule.chain(opaque.map(|kind| (LabelReason::Opaque(kind), self.opaque_label(kind)))).collect()
    }

    fn judging_failed(&self, fault: JudgingFault) -> Read {
        let label = self.labels().highest();
        let verdict = Verdict {
            label,
            label_reasons: vec![(LabelReason::JudgingFailed(fault), label)],
            findings: Vec::new(),
            remembered: Vec::new(),
            opaque: Vec::new(),
            unsearched: Vec::new(),
            difficulty: None,
        };
        Read { verdict, found: Found::default(), own: label, named: Vec::new() }
    }
}

impl Verdict {
    /// Why judging failed, if it did.
    #[must_use]
    pub fn fault(&self) -> Option<JudgingFault> {
        self.label_reasons.iter().find_map(|(reason, _)| match reason {
            LabelReason::JudgingFailed(fault) => Some(*fault),
            _ => None,
        })
    }
}

/// What reading a request comes to.
struct Read {
    verdict: Verdict,
    found: Found,
    /// Its label without what is remembered.
    own: Label,
    /// Names by themselves.
    named: Vec<Span>,
}

/// Whether something remembered was found anyway, and says no more than that.
fn is_found(findings: &[Finding], known: &Remembered, own: Label) -> bool {
    let span = &known.span;
    let first = findings.partition_point(|finding| finding.span.node < span.node);
    let here = findings.get(first..).unwrap_or_default();
    let mut here = here.iter().map(|finding| finding.span).take_while(|found| found.node == span.node);
    known.label <= own && here.any(|found| found.start <= span.start && span.end <= found.end)
}

impl Judged {
    /// What is known of the request.
    #[must_use]
    pub fn verdict(&self) -> &Verdict {
        &self.verdict
    }

    /// Its label by what it holds and what its caller says, without what is remembered.
    #[must_use]
    pub fn own_label(&self) -> Label {
        self.own
    }

    /// What of it is worth remembering; nothing where nothing makes it private.
    #[must_use]
    pub fn keepsakes(&self) -> Vec<Keepsake> {
        self.keepsakes_within(None)
    }

    /// The same where its conversation has this label.
    #[must_use]
    pub fn keepsakes_within(&self, conversation: Option<Label>) -> Vec<Keepsake> {
        if self.verdict.label.join(conversation.unwrap_or(Label::LOWEST)) <= self.policy.unlabelled() {
            return Vec::new();
        }
        memory::keepsakes(&self.request, &self.verdict.findings, &self.named)
    }

    /// The outermost zone that the request may reach.
    #[must_use]
    pub fn ceiling(&self) -> Zone {
        self.ceiling_of(self.verdict.label)
    }

    /// The request.
    #[must_use]
    pub fn request(&self) -> &ChatRequest {
        &self.request
    }

    /// Who asks, and what they ask for.
    #[must_use]
    pub fn caller(&self) -> &Caller {
        &self.caller
    }

    /// Where each finding begins and ends, in bytes, when the texts of the request are laid end to end as for
    /// [`Near`](crate::policy::Near); in the order of the verdict's findings.
    #[must_use]
    pub fn places(&self) -> Vec<(usize, usize)> {
        found::places(&self.request, &self.verdict.findings)
    }

    pub(crate) fn ceiling_of(&self, label: Label) -> Zone {
        // INVARIANT: what the policy says of a tenant or a workflow only tightens, and so does the caller.
        let ceiling = self.policy.ceiling_for(label, |atom| self.facts().binds(atom));
        ceiling.min(self.caller.zone.unwrap_or(Zone::Cloud))
    }

    pub(crate) fn band(&self) -> Band {
        self.verdict.difficulty.map_or(Band::Hard, |difficulty| difficulty.band)
    }

    /// Whether it speaks of code; not where judging failed, for then nothing is known of it.
    pub(crate) fn code(&self) -> bool {
        self.verdict.difficulty.is_some_and(|difficulty| difficulty.code)
    }

    /// Whether an atom that only the request and its caller decide holds; none for any other.
    pub(crate) fn atom(&self, atom: &Atom) -> Option<bool> {
        self.facts().holds(atom)
    }

    fn facts(&self) -> Facts<'_> {
        let (policy, request, caller) = (&*self.policy, &self.request, &self.caller);
        Facts { policy, request, caller, found: &self.found, opaque: &self.verdict.opaque }
    }
}

/// What the atoms of a rule are looked up in.
struct Facts<'a> {
    policy: &'a Policy,
    request: &'a ChatRequest,
    caller: &'a Caller,
    found: &'a Found,
    opaque: &'a [Opaque],
}

impl Facts<'_> {
    fn label_reasons(&self) -> Vec<(LabelReason, Label)> {
        let mut reasons = self.policy.label_reasons(|atom| self.binds(atom));
        if let Some(label) = self.caller.label {
            reasons.push((LabelReason::Caller, label));
        }
        reasons
    }

    /// Whether an atom of a label rule or a ceiling holds. These only tighten, so a request that names another workflow than
    /// its key does is held to what they say of both.
    fn binds(&self, atom: &Atom) -> bool {
        let of_key =
            || matches!(atom, Atom::Workflow(name) if self.caller.key_workflow.as_ref() == Some(name));
        self.holds(atom).unwrap_or(false) || of_key()
    }

    fn holds(&self, atom: &Atom) -> Option<bool> {
        Some(match atom {
            Atom::Finding { kind, count, confidence } => self.found.has(*kind, *count, *confidence),
            Atom::Near(near) => self.found.near(near),
            Atom::Opaque(kind) => self.opaque.iter().any(|opaque| opaque.kind == *kind),
            Atom::Tenant(tenant) => self.caller.tenant.as_ref() == Some(tenant),
            Atom::Workflow(workflow) => self.caller.workflow.as_ref() == Some(workflow),
            Atom::Model(model) => self.request.model() == model,
            Atom::Dialect(dialect) => self.request.dialect() == *dialect,
            Atom::Label(_) | Atom::LabelMin(_) | Atom::Band(_) | Atom::Code => return None,
            Atom::Budget(_) | Atom::Health(..) => return None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decide::Signals;
    use crate::policy::{PolicyFile, SHIPPED};
    use crate::target::{EffortField, Target};

    #[test]
    fn what_fails_while_it_is_judged_stays_at_home() {
        let targets = [
            Arc::new(Target::upstream("frontier", "big", Zone::Cloud, EffortField::None)),
            Arc::new(Target::device("starter")),
        ];
        let file = PolicyFile::parse(SHIPPED).unwrap();
        let policy = Arc::new(Policy::compile(&file, Arc::from(targets), Zone::Cloud).unwrap());
        let body = r#"{"model":"frontier/big","messages":[{"role":"user","content":"Hello!"}]}"#;
        let request = || ChatRequest::openai(body).unwrap();
        let harmless = policy.judge(request(), Caller::default()).decide(&Signals::default());
        assert_eq!(harmless.target().unwrap().zone(), Zone::Cloud);

        let panicked =
            policy.judge_by(|_, _, _, _| panic!("a detector fails"), request(), Caller::default(), &Nothing);
        let panicked_before =
            policy.judge_after(|_| panic!("before any detector"), request(), Caller::default(), &Nothing);
        let given_up = policy.give_up(JudgingFault::Timeout, request(), Caller::default());
        for (failed, fault) in [
            (panicked, JudgingFault::Panic),
            (panicked_before, JudgingFault::Panic),
            (given_up, JudgingFault::Timeout),
        ] {
            assert_eq!(failed.verdict().label, policy.labels().highest());
            assert_eq!(failed.verdict().fault(), Some(fault));
            let decision = failed.decide(&Signals::default());
            assert_eq!(decision.target().unwrap().zone(), Zone::Device);
            assert!(decision.reasons_as_text().iter().any(|reason| reason.contains("judging failed")));
        }
    }
}
