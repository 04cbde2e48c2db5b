//! What a record says of a decision and of an outcome.

use hearthgate_rules::chat::Dialect;
use hearthgate_rules::decision::{Decision, Outcome};
use hearthgate_rules::policy::{Atom, Policy};

use super::Found;
use super::line::{key, list, number_field, text, text_field, text_field_if};

/// The most reasons that a record names.
const REASONS_MAX: usize = 32;

/// The most bytes of a request's id; ids are made by the gateway, or taken from a header.
const ID_BYTES_MAX: usize = 128;

/// A decision, as it is recorded before anything is sent.
#[derive(Debug, Clone, Copy)]
pub struct DecisionRecord<'a> {
    /// The request's id.
    pub request_id: &'a str,
    /// The caller's name.
    pub caller: &'a str,
    /// The caller's tenant.
    pub tenant: Option<&'a str>,
    /// The workflow that the request names. It is written only where the policy or the caller's key knows
    /// it, since a header can hold anything; else it shows as `*`.
    pub workflow: Option<&'a str>,
    /// The workflow that the caller's key names.
    pub key_workflow: Option<&'a str>,
    /// The surface on which the request came in.
    pub dialect: Dialect,
    /// What was found.
    pub found: &'a Found,
    /// The decision.
    pub decision: &'a Decision,
    /// SHA-256 of the policy's source, in hex.
    pub policy_digest: &'a str,
    /// SHA-256 of the model's file, in hex, where one in this process may answer.
    pub model_digest: Option<&'a str>,
}

impl DecisionRecord<'_> {
    pub(super) fn write(&self, out: &mut Vec<u8>) {
        let decision = self.decision;
        text_field(out, "id", bounded(self.request_id));
        text_field(out, "caller", self.caller);
        text_field_if(out, "tenant", self.tenant);
        text_field_if(out, "workflow", self.known_workflow());
        text_field(out, "dialect", self.dialect.as_str());
        text_field(out, "label", decision.label());
        if let Some((by, from)) = decision.declassified() {
            key(out, "declassified");
            out.extend_from_slice(b"{\"by\":");
            text(out, by);
            text_field(out, "from", from);
            text_field(out, "to", decision.label());
            out.push(b'}');
        }
        self.found.write(out);
        if let Some(difficulty) = decision.verdict.difficulty {
            key(out, "score");
            score(out, difficulty.score);
            text_field(out, "band", difficulty.band.as_str());
        }
        text_field_if(out, "effort", decision.effort.map(|effort| effort.as_str()));
        if let Outcome::Allow(permit) = &decision.outcome {
            text_field(out, "zone", permit.zone().as_str());
            key(out, "targets");
            list(out, *b"[]", permit.targets(), |out, target| text(out, target.name()));
        }
        text_field_if(out, "rule", decision.rule.as_deref());
        let treatment = match decision.outcome {
            Outcome::Allow(_) => "as-is",
            Outcome::Refuse(_) => "refuse",
        };
        text_field(out, "treatment", treatment);
        let reasons = decision.reasons_as_text();
        if !reasons.is_empty() {
            key(out, "reasons");
            list(out, *b"[]", reasons.iter().take(REASONS_MAX), |out, reason| text(out, reason));
        }
        text_field(out, "policy", self.policy_digest);
        text_field_if(out, "model", self.model_digest);
    }

    fn known_workflow(&self) -> Option<&str> {
        let workflow = self.workflow?;
        let known = self.key_workflow == Some(workflow) || names(self.decision.policy(), workflow);
        Some(if known { workflow } else { "*" })
    }
}

/// Whether a policy speaks of a workflow.
fn names(policy: &Policy, workflow: &str) -> bool {
    let rules = policy.rules().iter().map(|rule| &rule.when);
    let routes = policy.routes().iter().map(|route| &route.when);
    let lowering = policy.declassifications().iter().map(|known| &known.when);
    let mut whens = rules
        .chain(routes)
        .chain(lowering)
        .chain(policy.tighter_ceilings().iter().map(|tighter| &tighter.when));
    whens.any(|when| when.atoms().any(|atom| matches!(atom, Atom::Workflow(name) if name == workflow)))
}

/// How a request ended.
#[derive(Debug, Clone, Copy, Default)]
pub struct OutcomeRecord<'a> {
    /// The request's id.
    pub request_id: &'a str,
    /// The target that answered, if one did.
    pub target: Option<&'a str>,
    /// The HTTP status that the client got.
    pub status: u16,
    /// Tokens of the prompt, as far as known.
    pub tokens_in: Option<u64>,
    /// Tokens of the answer, as far as known.
    pub tokens_out: Option<u64>,
    /// Attempts made, over all targets.
    pub attempts: u32,
    /// Targets given up for the next.
    pub fallbacks: u32,
    /// Why the answer ended: a word of the gateway's own, never an upstream's text.
    pub finish: Option<&'a str>,
    /// The gateway's own code of the fault, where there was one.
    pub error: Option<&'a str>,
}

impl OutcomeRecord<'_> {
    pub(super) fn write(&self, out: &mut Vec<u8>) {
        text_field(out, "id", bounded(self.request_id));
        text_field_if(out, "target", self.target);
        number_field(out, "status", u64::from(self.status));
        for (name, tokens) in [("tokens_in", self.tokens_in), ("tokens_out", self.tokens_out)] {
            if let Some(tokens) = tokens {
                number_field(out, name, tokens);
            }
        }
        number_field(out, "attempts", u64::from(self.attempts));
        number_field(out, "fallbacks", u64::from(self.fallbacks));
        text_field_if(out, "finish", self.finish);
        text_field_if(out, "error", self.error);
    }
}

/// A score with three decimals; what is no number is null.
fn score(out: &mut Vec<u8>, score: f32) {
    use std::io::Write as _;
    let written = if score.is_finite() { write!(out, "{score:.3}") } else { write!(out, "null") };
    // Writing to a vector cannot fail.
    debug_assert!(written.is_ok(), "a vector takes every byte");
}

fn bounded(id: &str) -> &str {
    id.get(..id.floor_char_boundary(ID_BYTES_MAX)).unwrap_or_default()
}
