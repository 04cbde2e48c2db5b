//! Policy cases: requests with the decisions that they should get, as TOML beside the policy.
//!
//! ```toml
//! [[case]]
//! name = "a card stays on the device"
//! prompt = "Charge 4539 1488 0343 6467."
//! expect = { label = "restricted", zone = "device", findings = ["card"] }
//! ```
//!
//! What differs is named; what the prompt says never is.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde::Deserialize;
use thiserror::Error;

use super::{BudgetState, Policy};
use crate::chat::{ChatRequest, Dialect};
use crate::decide::{Follows, Leaning, Pace, Signals};
use crate::decision::{Decision, Outcome};
use crate::difficulty::{Band, Probed};
use crate::inspect::is_matter;
use crate::json::quote;
use crate::judge::Caller;
use crate::memory::Plain;
use crate::suggest::{did_you_mean, with_suggestion};
use crate::target::{Effort, Zone};

/// A file of cases.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct CaseFile {
    /// The cases, in order.
    pub case: Vec<PolicyCase>,
}

/// A request, its circumstances, and the decision that it should get.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PolicyCase {
    /// What it shows.
    pub name: String,
    /// The message of a user; or give `body`.
    pub prompt: Option<String>,
    /// A whole request, as JSON: a chat completion, unless `dialect` says otherwise.
    pub body: Option<String>,
    /// The surface on which the `body` comes in.
    pub dialect: Option<String>,
    /// The model asked for with `prompt`; `auto` where it is not named.
    pub model: Option<String>,
    /// The caller's name.
    pub caller: Option<String>,
    /// The caller's tenant.
    pub tenant: Option<String>,
    /// The workflow.
    pub workflow: Option<String>,
    /// At least this label, by the caller's word.
    pub label: Option<String>,
    /// At least this label, by the conversation so far.
    pub conversation: Option<String>,
    /// What the same caller has asked before, oldest first: what of it is private is remembered.
    #[serde(default)]
    pub history: Vec<String>,
    /// No further than this zone, by the caller's word.
    pub zone: Option<Zone>,
    /// The declassification that a caller asks for who may.
    pub declassify: Option<String>,
    /// The effort that the caller wishes for.
    pub effort: Option<Effort>,
    /// Targets that are down.
    #[serde(default)]
    pub down: Vec<String>,
    /// The target that has begun the loop of tools which the request goes on with.
    pub stays: Option<String>,
    /// Targets that are expected to begin later than is wished, the soonest first.
    #[serde(default)]
    pub late: Vec<String>,
    /// Targets that are expected to cost more than is wished, the cheapest first.
    #[serde(default)]
    pub dear: Vec<String>,
    /// How soon targets are expected to begin: `100ms`, `250ms`, `500ms`, `1s`, `2s`, `4s`, `8s` or `slower`.
    #[serde(default)]
    pub pace: BTreeMap<String, String>,
    /// Where the turn before was answered.
    pub follows: Option<FollowsCase>,
    /// The state of the budget.
    pub budget: Option<String>,
    /// What came of asking the device model how sure it is: `sure`, `unsure` or `untold`.
    pub probed: Option<String>,
    /// What should come of it.
    pub expect: Expectation,
}

/// Where the turn before was answered.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FollowsCase {
    /// The target.
    pub target: String,
    /// The band that its request was in.
    pub band: String,
    /// Targets that would cost more than to go on there.
    #[serde(default)]
    pub saves: Vec<String>,
}

/// What should come of a case; what is not named may be anything.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Expectation {
    /// The label.
    pub label: Option<String>,
    /// The zone of the first target.
    pub zone: Option<Zone>,
    /// The first target.
    pub target: Option<String>,
    /// The route that decided.
    pub rule: Option<String>,
    /// The effort.
    pub effort: Option<Effort>,
    /// The band of difficulty.
    pub band: Option<String>,
    /// Whether it speaks of code.
    pub code: Option<bool>,
    /// Whether what the device answers is verified before it is given.
    pub verified: Option<bool>,
    /// The code of the refusal.
    pub refused: Option<String>,
    /// The kinds that are found, all of them and no others, in any order. Where it names kinds that patterns
    /// find and no private matter, matters are not compared.
    pub findings: Option<Vec<String>>,
    /// Words that must each stand in one of the reasons.
    pub reasons: Vec<String>,
}

/// Why a file of cases was refused.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("line {line}: {message}")]
pub struct CasesError {
    /// Where.
    pub line: usize,
    /// Why.
    pub message: String,
}

/// How one case came out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CaseReport {
    /// The case's name.
    pub name: String,
    /// What differs, or why it could not be run; none where it passed.
    pub differences: Vec<String>,
}

impl CaseReport {
    /// Whether the decision was as expected.
    #[must_use]
    pub fn passed(&self) -> bool {
        self.differences.is_empty()
    }
}

impl std::fmt::Debug for PolicyCase {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // Prompts and bodies may be copies of real ones.
        f.debug_struct("PolicyCase").field("name", &self.name).finish_non_exhaustive()
    }
}

impl CaseFile {
    /// Reads cases.
    ///
    /// # Errors
    /// When it is not TOML, or has keys or values that cases do not have.
    pub fn parse(text: &str) -> Result<Self, CasesError> {
        toml::from_str(text).map_err(|error| {
            let start = error.span().map_or(0, |span| span.start);
            let before = text.get(..start).unwrap_or_default();
            let line = before.bytes().filter(|&byte| byte == b'\n').count() + 1;
            CasesError { line, message: with_suggestion(error.message()) }
        })
    }

    /// Runs every case.
    #[must_use]
    pub fn run(&self, policy: &Arc<Policy>) -> Vec<CaseReport> {
        self.run_as(policy, |_| ())
    }

    /// Runs every case, its caller with what else is known of them: of the workflow that it names.
    #[must_use]
    pub fn run_as(&self, policy: &Arc<Policy>, known: impl Fn(&mut Caller)) -> Vec<CaseReport> {
        self.case.iter().map(|case| case.run(policy, &known)).collect()
    }
}

impl PolicyCase {
    /// Judges and decides, and says what differs from what was expected.
    fn run(&self, policy: &Arc<Policy>, known: impl Fn(&mut Caller)) -> CaseReport {
        let differences = match self.decide(policy, known) {
            Ok(decision) => self.expect.differences(&decision),
            Err(message) => vec![message],
        };
        CaseReport { name: self.name.clone(), differences }
    }

    fn decide(&self, policy: &Arc<Policy>, known: impl Fn(&mut Caller)) -> Result<Decision, String> {
        self.expect.names_are_known(policy)?;
        let dialect = self.dialect.as_deref().map_or(Ok(Dialect::OpenAiChat), dialect)?;
        let request = ChatRequest::read(dialect, self.body()?).map_err(|error| format!("body: {error}"))?;
        let label = |name: &Option<String>| {
            let label = name.as_ref().map(|name| policy.labels().named(name));
            label.transpose().map_err(|error| error.to_string())
        };
        let mut caller = Caller {
            name: self.caller.clone().unwrap_or_default(),
            tenant: self.tenant.clone(),
            workflow: self.workflow.clone(),
            key_workflow: None,
            label: label(&self.label)?,
            zone: self.zone,
            effort: self.effort,
            roles: self.declassify.iter().map(|name| role_for(policy, name)).collect::<Result<_, _>>()?,
            declassify: self.declassify.clone(),
        };
        known(&mut caller);
        let signals = Signals {
            down: self.down.iter().map(|name| known_target(policy, name)).collect::<Result<_, _>>()?,
            stays: self.stays.as_deref().map(|name| known_target(policy, name)).transpose()?,
            budget: self.budget.as_deref().map_or(Ok(BudgetState::default()), budget)?,
            conversation: label(&self.conversation)?,
            probed: self.probed.as_deref().map(probed).transpose()?,
            leaning: self.leaning(policy)?,
        };
        let before = self.history.iter().map(|prompt| ChatRequest::openai(asking("auto", prompt)));
        let before = before.collect::<Result<Vec<_>, _>>().map_err(|error| format!("history: {error}"))?;
        let memory = Plain::after(policy, &caller, before);
        Ok(policy.judge_remembering(request, caller, &memory).decide(&signals))
    }

    fn leaning(&self, policy: &Policy) -> Result<Leaning, String> {
        let known = |name: &String| known_target(policy, name);
        let pace = |(name, pace): (&String, &String)| {
            let names = Pace::ALL.map(Pace::as_str);
            let unknown = || format!("unknown pace `{pace}`{}", did_you_mean(pace, names));
            Ok((known(name)?, Pace::named(pace).ok_or_else(unknown)?))
        };
        let follows = |before: &FollowsCase| {
            let names = Band::ALL.map(Band::as_str);
            let band = Band::ALL.into_iter().find(|band| band.as_str() == before.band);
            let unknown = || format!("unknown band `{}`{}", before.band, did_you_mean(&before.band, names));
            let saves = before.saves.iter().map(known).collect::<Result<_, _>>()?;
            Ok::<_, String>(Follows {
                target: known(&before.target)?,
                band: band.ok_or_else(unknown)?,
                saves,
            })
        };
        Ok(Leaning {
            late: self.late.iter().map(known).collect::<Result<_, _>>()?,
            dear: self.dear.iter().map(known).collect::<Result<_, _>>()?,
            pace: self.pace.iter().map(pace).collect::<Result<_, String>>()?,
            follows: self.follows.as_ref().map(follows).transpose()?,
        })
    }

    fn body(&self) -> Result<String, String> {
        match (&self.prompt, &self.body, &self.model) {
            (Some(prompt), None, model) => Ok(asking(model.as_deref().unwrap_or("auto"), prompt)),
            (None, Some(body), None) => Ok(body.clone()),
            (None, Some(_), Some(_)) => Err("`model` stands in the `body` itself".to_owned()),
            _ => Err("give either `prompt` or `body`".to_owned()),
        }
    }
}

fn dialect(name: &str) -> Result<Dialect, String> {
    let names = Dialect::ALL.map(Dialect::as_str);
    let known = Dialect::ALL.into_iter().find(|known| known.as_str() == name);
    known.ok_or_else(|| format!("unknown dialect `{name}`{}", did_you_mean(name, names)))
}

/// A request with one message of a user.
fn asking(model: &str, prompt: &str) -> String {
    let (model, prompt) = (quote(model), quote(prompt));
    format!(r#"{{"model":{model},"messages":[{{"role":"user","content":{prompt}}}]}}"#)
}

impl Expectation {
    /// A misspelt expectation could never be met; better to say so than to report a difference.
    fn names_are_known(&self, policy: &Policy) -> Result<(), String> {
        if let Some(name) = &self.label {
            policy.labels().named(name).map_err(|error| error.to_string())?;
        }
        if let Some(name) = &self.target {
            known_target(policy, name)?;
        }
        let routes = || policy.routes().iter().map(|route| route.name.as_str());
        if let Some(name) = self.rule.as_ref().filter(|name| routes().all(|route| route != name.as_str())) {
            return Err(format!("unknown route `{name}`{}", did_you_mean(name, routes())));
        }
        let kinds = self.findings.iter().flatten();
        kinds.map(String::as_str).find(|name| policy.kinds().named(name).is_none()).map_or(Ok(()), |name| {
            Err(format!("unknown finding kind `{name}`{}", did_you_mean(name, policy.kinds().names())))
        })
    }

    fn speaks_of_patterns_alone(&self) -> bool {
        self.findings
            .as_ref()
            .is_some_and(|kinds| !kinds.is_empty() && !kinds.iter().any(|kind| is_matter(kind)))
    }

    fn differences(&self, decision: &Decision) -> Vec<String> {
        let mut differences = Vec::new();
        let mut differ = |what: &str, expected: Option<&str>, actual: Option<&str>| {
            if expected.is_some() && expected != actual {
                let (expected, actual) = (expected.unwrap_or_default(), actual.unwrap_or("none"));
                differences.push(format!("{what}: expected {expected}, got {actual}"));
            }
        };
        let target = decision.target();
        let band = decision.verdict.difficulty.map(|difficulty| difficulty.band.as_str());
        let code = decision.verdict.difficulty.map(|difficulty| yes_or_no(difficulty.code));
        let (refused, verified) = match &decision.outcome {
            Outcome::Allow(permit) => (None, permit.verify(0).is_some()),
            Outcome::Refuse(refusal) => (Some(refusal.code()), false),
        };
        differ("label", self.label.as_deref(), Some(decision.label()));
        differ("zone", self.zone.map(Zone::as_str), target.map(|target| target.zone().as_str()));
        differ("target", self.target.as_deref(), target.map(|target| target.name()));
        differ("rule", self.rule.as_deref(), decision.rule.as_deref());
        differ("effort", self.effort.map(Effort::as_str), decision.effort.map(Effort::as_str));
        differ("band", self.band.as_deref(), band);
        differ("code", self.code.map(yes_or_no), code);
        differ("verified", self.verified.map(yes_or_no), Some(yes_or_no(verified)));
        differ("refused", self.refused.as_deref(), refused);
        let kinds = decision.policy().kinds();
        let mut found: BTreeSet<&str> =
            decision.verdict.findings.iter().map(|finding| kinds.name(finding.kind)).collect();
        if self.speaks_of_patterns_alone() {
            found.retain(|kind| !is_matter(kind));
        }
        let expected = self.findings.as_ref().map(|names| names.iter().map(String::as_str).collect());
        differ("findings", expected.map(list).as_deref(), Some(&list(found)));
        let reasons = decision.reasons_as_text();
        for wanted in &self.reasons {
            if !reasons.iter().any(|reason| reason.contains(wanted)) {
                differences.push(format!("reasons: none says `{wanted}`; they are: {}", reasons.join("; ")));
            }
        }
        differences
    }
}

fn yes_or_no(value: bool) -> &'static str {
    if value { "true" } else { "false" }
}

fn list(names: BTreeSet<&str>) -> String {
    if names.is_empty() { "none".to_owned() } else { names.into_iter().collect::<Vec<_>>().join(", ") }
}

fn known_target(policy: &Policy, name: &str) -> Result<String, String> {
    let names = || policy.catalogue().iter().map(|target| target.name());
    let known = names().find(|known| *known == name).map(str::to_owned);
    known.ok_or_else(|| format!("unknown target `{name}`{}", did_you_mean(name, names())))
}

fn role_for(policy: &Policy, name: &str) -> Result<String, String> {
    let names = || policy.declassifications().iter().map(|known| known.name.as_str());
    let known = policy.declassification(name).map(|known| known.role.clone());
    known.ok_or_else(|| format!("unknown declassification `{name}`{}", did_you_mean(name, names())))
}

fn probed(name: &str) -> Result<Probed, String> {
    let names = Probed::ALL.map(Probed::as_str);
    Probed::named(name)
        .ok_or_else(|| format!("unknown outcome `{name}` of `probed`{}", did_you_mean(name, names)))
}

fn budget(name: &str) -> Result<BudgetState, String> {
    let names = BudgetState::ALL.map(BudgetState::as_str);
    let known = BudgetState::ALL.into_iter().find(|state| state.as_str() == name);
    known.ok_or_else(|| format!("unknown budget `{name}`{}", did_you_mean(name, names)))
}
