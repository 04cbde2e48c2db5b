//! The policy as it is written: raw TOML, not yet known to make sense.
//!
//! Unknown keys are errors. [`Policy::compile`](super::Policy::compile) turns this into a policy that is
//! valid by construction.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::PolicyError;
use super::verify::Measure;
use crate::decide::Choose;
use crate::difficulty::Method;
use crate::suggest::with_suggestion;
use crate::target::{Effort, Zone};

/// A policy file.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct PolicyFile {
    /// Detectors and rules that ship with the product, by name.
    pub packs: Vec<String>,
    /// The site's own labels, lowest first; the usual four where none are named.
    pub labels: Vec<String>,
    /// What the labels of packs are called here, where the site names its own.
    pub pack_labels: BTreeMap<String, String>,
    /// The label of a request in which nothing is found; the lowest where it is not named.
    pub unlabelled: Option<String>,
    /// The outermost zone per label.
    pub ceiling: BTreeMap<String, Zone>,
    /// Tighter zones for some tenants or workflows.
    pub ceiling_for: Vec<CeilingForFile>,
    /// Who may have which label lowered.
    pub declassify: Vec<DeclassifyFile>,
    /// The label of each kind of content that cannot be read.
    pub opaque: BTreeMap<String, String>,
    /// Where the bands of difficulty begin.
    pub difficulty: DifficultyFile,
    /// What models may also be called: a target, a selector or `auto`. `*` stands for every other name.
    pub alias: BTreeMap<String, String>,
    /// The site's own words and phrases.
    pub terms: Vec<TermsFile>,
    /// The site's own regular expressions.
    pub pattern: Vec<PatternFile>,
    /// The operator's own texts, by digest: they are not searched.
    pub allow: Vec<AllowFile>,
    /// Findings to labels.
    pub rule: Vec<RuleFile>,
    /// Decisions to targets.
    pub route: Vec<RouteFile>,
    /// What must hold in every case.
    pub invariant: Vec<InvariantFile>,
}

impl PolicyFile {
    /// Reads a policy.
    ///
    /// # Errors
    /// When it is not TOML, or has keys or values that a policy does not have.
    pub fn parse(text: &str) -> Result<Self, PolicyError> {
        toml::from_str(text).map_err(|error| syntax(text, &error))
    }
}

/// Where the bands begin, as scores in 0..1; as chances to fail, where those of the model are known that would answer.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct DifficultyFile {
    /// The lowest score that is `moderate`.
    pub moderate: f32,
    /// The lowest score that is `hard`.
    pub hard: f32,
    /// Whether the device model is asked how sure it is where a score lies near one of these; not where it is left out.
    pub probe: Option<ProbeFile>,
    /// How far beyond where a band begins a score must lie to move a conversation out of the band of its turn before, in
    /// 0..0.5; 0 lets each turn stand by itself.
    pub margin: f32,
}

/// When the device model is asked how sure it is of its own answer, and how.
///
/// ```toml
/// [difficulty.probe]
/// target = "device/qwen3-0.6b"
/// ```
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProbeFile {
    /// The model in this process that is asked: best the one that would answer.
    pub target: String,
    /// How it is asked: `likelihood` of the first tokens of its answer, or `agreement` of two attempts at it.
    #[serde(default)]
    pub method: Method,
    /// How near to where a band begins a score leaves it open, in 0..0.5.
    #[serde(default = "usual_grey")]
    pub grey: f32,
    /// How many tokens of its answer it says at each attempt, in 1..=64.
    #[serde(default = "usual_tokens")]
    pub tokens: u32,
    /// How many milliseconds it may take, in 1..=60000. What takes longer is decided by its score.
    #[serde(default = "usual_timeout_ms")]
    pub timeout_ms: u32,
    /// From which likelihood of the least likely of those tokens, or from which agreement, it is sure, in 0..1.
    #[serde(default = "usual_sure")]
    pub sure: f32,
}

fn usual_grey() -> f32 {
    0.1
}

fn usual_tokens() -> u32 {
    16
}

fn usual_timeout_ms() -> u32 {
    500
}

fn usual_sure() -> f32 {
    0.5
}

impl Default for DifficultyFile {
    fn default() -> Self {
        Self { moderate: 0.35, hard: 0.6, probe: None, margin: 0.05 }
    }
}

/// A list of words and phrases that count as a finding of their own kind.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TermsFile {
    /// The kind of the finding.
    pub name: String,
    /// The words and phrases; case does not matter, and they match whole words only.
    pub words: Vec<String>,
    /// The label that one of them gives; without it, rules decide.
    pub label: Option<String>,
}

/// What some tenants or workflows may reach at most, below what their labels may.
///
/// ```toml
/// [[ceiling_for]]
/// tenant = "clinic"
/// ceiling = { confidential = "device" }
/// ```
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CeilingForFile {
    /// The tenants; all, where none is named.
    #[serde(default)]
    pub tenant: OneOrMore<String>,
    /// The workflows; all, where none is named.
    #[serde(default)]
    pub workflow: OneOrMore<String>,
    /// The outermost zone per label: no further than `[ceiling]` has it.
    #[serde(default)]
    pub ceiling: BTreeMap<String, Zone>,
}

/// A label that a request may have lowered by its header, where its caller has the role.
///
/// ```toml
/// [[declassify]]
/// name = "released-by-legal"
/// role = "legal"
/// from = "confidential"
/// to = "internal"
/// kinds = ["email", "person"]
/// workflow = "press"
/// ```
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DeclassifyFile {
    /// What a request names it by.
    pub name: String,
    /// The role that a caller must have.
    pub role: String,
    /// The label that is lowered: no other one is.
    pub from: String,
    /// What it becomes.
    pub to: String,
    /// The only kinds that may be found in the request; any but secrets, where none is named.
    #[serde(default)]
    pub kinds: Vec<String>,
    /// The workflows; all, where none is named.
    #[serde(default)]
    pub workflow: OneOrMore<String>,
}

/// A regular expression whose matches count as findings of their own kind.
///
/// ```toml
/// [[pattern]]
/// name = "case-number"
/// regex = '(?-u:\b)CASE-(\d{8})(?-u:\b)'
/// checksum = "luhn"
/// label = "confidential"
/// ```
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PatternFile {
    /// The kind of the finding.
    pub name: String,
    /// In the syntax of the `regex` crate, without Unicode word boundaries. Its first group, where it has one, is
    /// what is found.
    pub regex: String,
    /// The check that the letters and digits of a match must hold.
    pub checksum: Option<String>,
    /// The label that one of them gives; without it, rules decide.
    pub label: Option<String>,
}

/// A text of the operator's own, which is not searched where it is a whole string of a system or developer message.
///
/// ```toml
/// [[allow]]
/// name = "house-prompt"
/// sha256 = "2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae"
/// ```
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AllowFile {
    /// Its name, for the records.
    pub name: String,
    /// The SHA-256 of the text in UTF-8, as 64 hexadecimal digits.
    pub sha256: String,
}

/// A rule: when these are found, at least this label.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RuleFile {
    /// Its name, unique in the policy.
    pub name: String,
    /// What must be the case.
    #[serde(default)]
    pub when: WhenFile,
    /// The label that it gives.
    pub label: String,
}

/// A route: when this is the case, try these targets in order.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RouteFile {
    /// Its name, unique in the policy.
    pub name: String,
    /// What must be the case; always, if nothing is said.
    #[serde(default)]
    pub when: WhenFile,
    /// Targets, in the order in which they are tried.
    #[serde(default)]
    pub to: Vec<String>,
    /// How long the model should think.
    pub effort: Option<Effort>,
    /// How targets are ordered: `first`, as they are named, or `fastest`, where any of them is good enough.
    #[serde(default)]
    pub choose: Choose,
    /// Whether its requests go to these targets or nowhere, whatever is asked for by name.
    #[serde(default)]
    pub only: bool,
    /// Refuse instead, with this sentence for the caller.
    pub refuse: Option<String>,
    /// Whether what the device answers first is verified before it is given; not where it is left out.
    pub verify: Option<VerifyFile>,
}

/// When an answer of the device counts as sure; one that does not goes on to the route's targets further out.
///
/// ```toml
/// [[route]]
/// name = "home-first"
/// to = ["device/*", "zone:cloud"]
/// verify = { sure = 0.7 }
/// ```
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct VerifyFile {
    /// Which likelihood of its tokens counts: the `mean` of all, or that of the `least` likely.
    pub measure: Measure,
    /// From which likelihood it is sure, in 0..1.
    pub sure: f32,
    /// How many tokens it may have, thinking included, in 1..=8192. One that is longer is not sure.
    pub tokens: u32,
    /// How many milliseconds it may take, in 1..=600000. One that takes longer is not sure.
    pub timeout_ms: u32,
}

impl Default for VerifyFile {
    fn default() -> Self {
        Self { measure: Measure::Mean, sure: 0.8, tokens: 1024, timeout_ms: 30_000 }
    }
}

/// A sentence that must hold in every case.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InvariantFile {
    /// Such as `never "restricted" beyond "device"`.
    pub text: String,
}

/// A condition. Everything that is named must hold; of a list, one must.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct WhenFile {
    /// Kinds of findings that must all be there.
    pub all: Vec<String>,
    /// Kinds of findings of which one must be there.
    pub any: Vec<String>,
    /// Kinds of findings that must not be there (routes only: a label never falls because of a finding).
    pub none: Vec<String>,
    /// The least number of findings per kind.
    pub count: BTreeMap<String, u32>,
    /// How sure findings must be to count here, per kind, above 0 and at most 1; a kind that is not named counts at
    /// any confidence.
    pub confidence: BTreeMap<String, f32>,
    /// Kinds of findings that must stand near one another.
    pub near: Vec<NearFile>,
    /// Kinds of opaque content of which one must be there.
    pub opaque: Vec<String>,
    /// The label (routes only).
    pub label: OneOrMore<String>,
    /// The lowest label (routes only).
    pub label_min: Option<String>,
    /// The band of difficulty (routes only).
    pub band: OneOrMore<String>,
    /// Whether the current demand speaks of code (routes only).
    pub code: Option<bool>,
    /// The caller's tenant.
    pub tenant: OneOrMore<String>,
    /// The caller's workflow.
    pub workflow: OneOrMore<String>,
    /// The model asked for, as the request writes it.
    pub model: OneOrMore<String>,
    /// The surface on which the request came in.
    pub dialect: OneOrMore<String>,
    /// The state of the budget (routes only).
    pub budget: OneOrMore<String>,
    /// Targets and their health (routes only).
    pub health: BTreeMap<String, String>,
}

impl WhenFile {
    /// Every kind of finding that it names.
    pub fn kinds(&self) -> impl Iterator<Item = &String> {
        let lists = self.all.iter().chain(&self.any).chain(&self.none);
        lists.chain(self.count.keys()).chain(self.near.iter().flat_map(|near| &near.kinds))
    }

    /// Whether it asks for findings of a kind.
    #[must_use]
    pub fn speaks_of(&self, kind: &str) -> bool {
        self.kinds().any(|name| name == kind)
    }
}

/// Kinds of findings that stand near one another.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NearFile {
    /// Two or more kinds.
    pub kinds: Vec<String>,
    /// The most bytes between two of them.
    pub within: u32,
}

/// One value, or a list of which any will do.
#[derive(Debug, Clone, Deserialize)]
#[serde(untagged, expecting = "a string or a list of strings")]
pub enum OneOrMore<T> {
    /// One.
    One(T),
    /// A list; empty where the key is absent.
    More(Vec<T>),
}

impl<T> Default for OneOrMore<T> {
    fn default() -> Self {
        Self::More(Vec::new())
    }
}

impl<T> OneOrMore<T> {
    /// As a list.
    #[must_use]
    pub fn as_slice(&self) -> &[T] {
        match self {
            Self::One(one) => std::slice::from_ref(one),
            Self::More(more) => more,
        }
    }
}

fn syntax(text: &str, error: &toml::de::Error) -> PolicyError {
    let start = error.span().map_or(0, |span| span.start);
    let line = text.get(..start).unwrap_or_default().bytes().filter(|&byte| byte == b'\n').count() + 1;
    PolicyError::Syntax { line, message: with_suggestion(error.message()) }
}
