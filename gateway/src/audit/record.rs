//! What a record says of a decision and of an outcome.

use hearthgate_rules::chat::Dialect;
use hearthgate_rules::decision::{Decision, Outcome};
use hearthgate_rules::replay::Sight;
use hearthgate_rules::target::Zone;

use super::Found;
use super::line::{key, list, number_field, score, text, text_field, text_field_if};

/// The most reasons that a record names.
const REASONS_MAX: usize = 32;

/// The most bytes of what a policy can tell. Where it is more it is left out, and `hearthgate replay` cannot tell what
/// depends on it.
const SIGHT_BYTES_MAX: usize = 16 * 1024;

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
    /// The workflow that the request names. It is written only where the policy or the configuration knows
    /// it, since a header can hold anything; else it shows as `*`.
    pub workflow: Option<&'a str>,
    /// Whether the configuration does: the caller's key, a workflow or a budget of it.
    pub workflow_configured: bool,
    /// That of the caller's key, where the request names another.
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
    /// Writes the fields of its line; in the first line under a policy, with what that policy can tell.
    pub(super) fn write(&self, out: &mut Vec<u8>, first: bool) {
        let decision = self.decision;
        text_field(out, "id", bounded(self.request_id));
        text_field(out, "caller", self.caller);
        text_field_if(out, "tenant", self.tenant);
        text_field_if(out, "workflow", self.known_workflow());
        text_field_if(out, "key_workflow", self.key_workflow);
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
            if let Some(chance) = &decision.chance {
                key(out, "chance");
                score(out, chance.fails);
                text_field(out, "chance_of", chance.target.name());
            }
            text_field(out, "band", difficulty.band.as_str());
            key(out, "code");
            out.extend_from_slice(if difficulty.code { b"true" } else { b"false" });
        }
        text_field_if(out, "effort", decision.effort.map(|effort| effort.as_str()));
        if let Outcome::Allow(permit) = &decision.outcome {
            text_field(out, "zone", permit.zone().as_str());
            key(out, "targets");
            list(out, *b"[]", permit.targets(), |out, target| text(out, target.name()));
            key(out, "zones");
            list(out, *b"[]", permit.targets(), |out, target| text(out, target.zone().as_str()));
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
        if first {
            sight(out, decision.policy().sight());
        }
        text_field_if(out, "model", self.model_digest);
    }

    fn known_workflow(&self) -> Option<&str> {
        let workflow = self.workflow?;
        let known = self.workflow_configured || self.decision.policy().sight().workflows.contains(workflow);
        Some(if known { workflow } else { "*" })
    }
}

/// What a policy can tell, so that a reader knows what the lines under it do not hold because it was not looked for.
fn sight(out: &mut Vec<u8>, sight: &Sight) {
    let names = [&sight.kinds, &sight.workflows, &sight.models, &sight.allowed];
    let bytes: usize = names.into_iter().flatten().map(|name| name.len() + 3).sum();
    if bytes > SIGHT_BYTES_MAX {
        return;
    }
    key(out, "sight");
    out.push(b'{');
    let mut members = ["kinds", "workflows", "models", "allowed"].into_iter().zip(names).peekable();
    while let Some((name, values)) = members.next() {
        text(out, name);
        out.push(b':');
        list(out, *b"[]", values, |out, value| text(out, value));
        out.extend(members.peek().map(|_| b','));
    }
    out.push(b'}');
}

/// A request that has no way out, as it is recorded before it is answered. Nothing is judged or decided, so there is no label
/// and no permit to tell of; which model answered stands in its outcome.
#[derive(Debug, Clone, Copy)]
pub struct HomeRecord<'a> {
    /// The request's id.
    pub request_id: &'a str,
    /// The caller's name.
    pub caller: &'a str,
    /// The caller's tenant.
    pub tenant: Option<&'a str>,
    /// The workflow that the caller's key names.
    pub key_workflow: Option<&'a str>,
    /// The path on which it came in: one of the gateway's own.
    pub path: &'static str,
}

impl HomeRecord<'_> {
    pub(super) fn write(&self, out: &mut Vec<u8>) {
        text_field(out, "id", bounded(self.request_id));
        text_field(out, "caller", self.caller);
        text_field_if(out, "tenant", self.tenant);
        text_field_if(out, "workflow", self.key_workflow);
        text_field(out, "path", self.path);
        text_field(out, "zone", Zone::Device.as_str());
    }
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
    /// Those of `tokens_out` that were thinking: how long it thought, whatever it was told.
    pub reasoning_tokens: Option<u64>,
    /// What it cost, as far as known.
    pub cost_usd: Option<f64>,
    /// The wishes that it did not keep to: words of the gateway's own.
    pub unmet: &'a [&'a str],
    /// Attempts made, over all targets.
    pub attempts: u32,
    /// Targets given up for the next.
    pub fallbacks: u32,
    /// What became of a second attempt beside the first, where one was made: a word of the gateway's own.
    pub hedge: Option<&'a str>,
    /// What came of verifying an answer of the device, where one was verified.
    pub verified: Option<VerifiedRecord<'a>>,
    /// Why the answer ended: a word of the gateway's own, never an upstream's text.
    pub finish: Option<&'a str>,
    /// How an answer of a model in this process came about: a JSON object of digests and numbers.
    pub engine: Option<&'a str>,
    /// Whether its content was stored, sealed.
    pub stored: bool,
    /// The gateway's own code of the fault, where there was one.
    pub error: Option<&'a str>,
}

impl OutcomeRecord<'_> {
    pub(super) fn write(&self, out: &mut Vec<u8>) {
        text_field(out, "id", bounded(self.request_id));
        text_field_if(out, "target", self.target);
        number_field(out, "status", u64::from(self.status));
        let counts = [
            ("tokens_in", self.tokens_in),
            ("tokens_out", self.tokens_out),
            ("reasoning_tokens", self.reasoning_tokens),
        ];
        used(out, &counts, self.cost_usd);
        if !self.unmet.is_empty() {
            key(out, "unmet");
            list(out, *b"[]", self.unmet, |out, wish| text(out, wish));
        }
        number_field(out, "attempts", u64::from(self.attempts));
        number_field(out, "fallbacks", u64::from(self.fallbacks));
        text_field_if(out, "hedge", self.hedge);
        if let Some(verified) = &self.verified {
            verified.write(out);
        }
        text_field_if(out, "finish", self.finish);
        if let Some(engine) = self.engine {
            key(out, "engine");
            out.extend_from_slice(engine.as_bytes());
        }
        if self.stored {
            key(out, "stored");
            out.extend_from_slice(b"true");
        }
        text_field_if(out, "error", self.error);
    }
}

/// An answer of the device that was verified.
#[derive(Debug, Clone, Copy)]
pub struct VerifiedRecord<'a> {
    /// The target that gave it.
    pub target: &'a str,
    /// What came of it: a word of the gateway's own.
    pub outcome: &'a str,
    /// Why: likewise.
    pub reason: &'a str,
    /// How likely it was, by the policy's measure.
    pub likelihood: Option<f32>,
    /// Tokens of its prompt, as far as known and where another answer was given.
    pub tokens_in: Option<u64>,
    /// Tokens of it, likewise.
    pub tokens_out: Option<u64>,
    /// What it cost, likewise.
    pub cost_usd: Option<f64>,
}

impl VerifiedRecord<'_> {
    fn write(&self, out: &mut Vec<u8>) {
        key(out, "verified");
        out.extend_from_slice(b"{\"outcome\":");
        text(out, self.outcome);
        text_field(out, "reason", self.reason);
        text_field(out, "target", self.target);
        if let Some(likelihood) = self.likelihood {
            key(out, "likelihood");
            // More decimals than a threshold has would say nothing.
            score(out, (likelihood * 1000.0).round() / 1000.0);
        }
        used(out, &[("tokens_in", self.tokens_in), ("tokens_out", self.tokens_out)], self.cost_usd);
        out.push(b'}');
    }
}

/// The tokens of a prompt and of its answer, and what they cost, as far as known.
fn used(out: &mut Vec<u8>, counts: &[(&str, Option<u64>)], cost_usd: Option<f64>) {
    for (name, tokens) in counts {
        if let Some(tokens) = *tokens {
            number_field(out, name, tokens);
        }
    }
    if let Some(cost) = cost_usd {
        key(out, "cost_usd");
        out.extend_from_slice(crate::dialect::openai::usd(cost).as_bytes());
    }
}

fn bounded(id: &str) -> &str {
    id.get(..id.floor_char_boundary(ID_BYTES_MAX)).unwrap_or_default()
}
