//! The site's policy: what labels mean, which rules give them, and where requests go.
//!
//! A [`Policy`] is valid by construction: every name in it has been looked up, every label has a ceiling,
//! every route ends somewhere. Whether its invariants hold is for [`prove`](crate::prove) to say.

pub mod cases;
mod ceilings;
mod condition;
mod declassify;
mod error;
mod evidence;
mod file;
mod own;
mod packs;
mod scope;
pub mod table;
mod verify;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

pub use ceilings::CeilingFor;
pub use condition::{Atom, Condition, Literal};
pub use declassify::Declassify;
pub use error::PolicyError;
pub use evidence::{Confidence, Near, WITHIN_MAX};
pub use file::{
    AllowFile, CeilingForFile, DeclassifyFile, DifficultyFile, InvariantFile, NearFile, OneOrMore,
    PatternFile, PolicyFile, RouteFile, RuleFile, TermsFile, VerifyFile, WhenFile,
};
pub use scope::Scope;
pub use verify::{Measure, Verify};

use self::ceilings::Ceilings;
use self::own::Own;
use crate::decide::Choose;
use crate::difficulty::{Band, Probe, Thresholds};
use crate::inspect::{Detectors, KindId, Kinds, OpaqueKind};
use crate::judge::Gathering;
use crate::label::{Label, Labels};
use crate::replay::Sight;
use crate::target::{Catalogue, Effort, Selector, Target, Zone};

/// The policy that ships with the product.
pub const SHIPPED: &str = include_str!("policy/shipped.toml");

/// Whether a target can be expected to answer.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Health {
    /// As far as is known, it answers.
    Up,
    /// It has failed lately; its breaker is open.
    Down,
}

impl Health {
    /// Every state.
    pub const ALL: [Self; 2] = [Self::Up, Self::Down];

    /// Its name in policies and records.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Up => "up",
            Self::Down => "down",
        }
    }
}

/// How much of the caller's budget is left.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub enum BudgetState {
    /// Enough, or no budget is set.
    #[default]
    Ample,
    /// Not much.
    Low,
    /// Nothing.
    Exhausted,
}

impl BudgetState {
    /// Every state.
    pub const ALL: [Self; 3] = [Self::Ample, Self::Low, Self::Exhausted];

    /// Its name in policies and records.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Ample => "ample",
            Self::Low => "low",
            Self::Exhausted => "exhausted",
        }
    }
}

/// A rule that gives a label.
#[derive(Clone, Debug)]
pub struct Rule {
    /// Its name; rules of a pack are named `pack/rule`.
    pub name: String,
    /// When it applies.
    pub when: Condition,
    /// The label that it gives.
    pub label: Label,
}

/// A route to targets.
#[derive(Clone, Debug)]
pub struct Route {
    /// Its name.
    pub name: String,
    /// When it applies.
    pub when: Condition,
    /// The targets that it tries, in order; empty for a refusal.
    pub targets: Vec<Arc<Target>>,
    /// How long the model should think; the caller's wish and the band decide where none is named.
    pub effort: Option<Effort>,
    /// How it orders them.
    pub choose: Choose,
    /// Whether what it takes goes to its targets or nowhere: no further route is looked at, and a target that is asked for by
    /// name counts only where it is among them.
    pub only: bool,
    /// The sentence for the caller, where it refuses.
    pub refuse: Option<String>,
    /// How what the device answers first is verified; none where it is given as it is.
    pub verify: Option<Verify>,
}

impl Route {
    /// Whether it lets a request go to a target that it was asked for by name.
    #[must_use]
    pub fn takes(&self, asked: &Arc<Target>) -> bool {
        !self.only || self.targets.contains(asked)
    }
}

/// What a model name stands for.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Asked {
    /// The policy chooses.
    Auto,
    /// These targets first, as far as the permit goes.
    Targets(Vec<Arc<Target>>),
}

/// A policy that makes sense.
#[derive(Clone, Debug)]
pub struct Policy {
    labels: Labels,
    unlabelled: Label,
    ceilings: Ceilings,
    opaque: BTreeMap<OpaqueKind, Label>,
    thresholds: Thresholds,
    probe: Option<Probe>,
    margin: f32,
    alias: BTreeMap<String, Asked>,
    kinds: Kinds,
    detectors: Detectors,
    examples: BTreeMap<KindId, String>,
    allowed: Vec<String>,
    gatherings: Vec<Gathering>,
    rules: Vec<Rule>,
    declassifications: Vec<Declassify>,
    routes: Vec<Route>,
    invariants: Vec<String>,
    catalogue: Catalogue,
    sight: Sight,
    /// Digests of what the site's own kinds and allowed texts are, by name.
    definitions: BTreeMap<String, [u8; 32]>,
}

impl Policy {
    /// Makes a policy of a file, over the targets that the configuration has.
    ///
    /// `outermost` caps every ceiling, whatever the file says: the local-only switch.
    ///
    /// # Errors
    /// The first thing in it that makes no sense, with the rule and the mend.
    pub fn compile(file: &PolicyFile, catalogue: Catalogue, outermost: Zone) -> Result<Self, PolicyError> {
        let file = packs::expand(file)?;
        let labels =
            if file.labels.is_empty() { Labels::default() } else { Labels::new(file.labels.clone())? };
        let Own { kinds, detectors, examples, allowed, definitions } = Own::of(&file)?;
        let scope = Scope::new(&labels, &kinds, &catalogue);
        unique_names(&file)?;
        let rules = rules(&file, &scope)?;
        let routes = file.route.iter().map(|route| scope.route(route)).collect::<Result<Vec<_>, _>>()?;
        if routes.is_empty() {
            return Err(PolicyError::NoRoutes);
        }
        let policy = Self {
            unlabelled: file.unlabelled.as_ref().map_or(Ok(Label::LOWEST), |name| labels.named(name))?,
            ceilings: Ceilings::new(&file, &labels, outermost)?,
            opaque: scope.opaque_labels(&file.opaque)?,
            thresholds: Thresholds::new(file.difficulty.moderate, file.difficulty.hard)?,
            probe: file.difficulty.probe.as_ref().map(|probe| scope.probe(probe)).transpose()?,
            margin: margin(file.difficulty.margin)?,
            alias: aliases(&file, &scope)?,
            gatherings: gatherings(&rules, &routes),
            declassifications: declassify::declassifications(&file, &labels, &kinds, &scope)?,
            rules,
            routes,
            invariants: file.invariant.iter().map(|invariant| invariant.text.clone()).collect(),
            labels,
            examples,
            allowed,
            kinds,
            detectors,
            catalogue,
            sight: Sight::default(),
            definitions,
        };
        Ok(Self { sight: Sight::of(&policy), ..policy })
    }

    /// Its labels.
    #[must_use]
    pub fn labels(&self) -> &Labels {
        &self.labels
    }

    /// The label of a request in which nothing is found.
    #[must_use]
    pub fn unlabelled(&self) -> Label {
        self.unlabelled
    }

    /// The outermost zone that a label may reach, whoever asks; some may reach less.
    #[must_use]
    pub fn ceiling(&self, label: Label) -> Zone {
        self.ceilings.of(label)
    }

    /// The outermost zone that a label may reach for a tenant and a workflow, given which atoms about them hold.
    pub(crate) fn ceiling_for(&self, label: Label, holds: impl Fn(&Atom) -> bool) -> Zone {
        self.ceilings.for_whom(label, holds)
    }

    /// Tighter ceilings for some tenants and workflows.
    #[must_use]
    pub fn tighter_ceilings(&self) -> &[CeilingFor] {
        &self.ceilings.tighter
    }

    /// The label of a kind of content that cannot be read.
    #[must_use]
    pub fn opaque_label(&self, kind: OpaqueKind) -> Label {
        self.opaque.get(&kind).copied().unwrap_or_else(|| self.labels.highest())
    }

    /// The zone that nothing gets beyond.
    #[must_use]
    pub fn outermost(&self) -> Zone {
        self.ceilings.outermost()
    }

    /// Where its bands of difficulty begin.
    #[must_use]
    pub fn thresholds(&self) -> Thresholds {
        self.thresholds
    }

    /// When the device model is asked how sure it is; none where it never is.
    #[must_use]
    pub fn probe(&self) -> Option<&Probe> {
        self.probe.as_ref()
    }

    /// The band in which a conversation stays that was in this one before, where a score lies near enough to it; none where
    /// the score alone tells.
    #[must_use]
    pub fn settle(&self, score: f32, before: Band) -> Option<Band> {
        let of = |score| self.thresholds.band(score);
        let near = of(score - self.margin)..=of(score + self.margin);
        (self.margin > 0.0 && near.contains(&before)).then_some(before)
    }

    /// The same policy with bands that begin elsewhere.
    #[must_use]
    pub fn with_thresholds(&self, thresholds: Thresholds) -> Self {
        Self { thresholds, ..self.clone() }
    }

    /// The kinds of findings that it knows.
    #[must_use]
    pub fn kinds(&self) -> &Kinds {
        &self.kinds
    }

    /// What looks for them.
    #[must_use]
    pub fn detectors(&self) -> &Detectors {
        &self.detectors
    }

    /// A text in which a kind of the site's own is found: the first word of a list, a match of a pattern; none for
    /// other kinds.
    #[must_use]
    pub fn example(&self, kind: KindId) -> Option<&str> {
        self.examples.get(&kind).map(String::as_str)
    }

    /// The names of the operator's own texts, which are not searched.
    #[must_use]
    pub fn allowed(&self) -> &[String] {
        &self.allowed
    }

    /// What it can tell of a request: what it looks for, and the names that it knows.
    #[must_use]
    pub fn sight(&self) -> &Sight {
        &self.sight
    }

    /// A digest of what a kind or an allowed text of the site's own is; none where it has none of that name.
    pub(crate) fn definition(&self, name: &str) -> Option<&[u8; 32]> {
        self.definitions.get(name)
    }

    /// The kinds of findings of which some predicate asks whether they are near one another.
    pub(crate) fn gatherings(&self) -> &[Gathering] {
        &self.gatherings
    }

    /// Its label rules, those of packs first.
    #[must_use]
    pub fn rules(&self) -> &[Rule] {
        &self.rules
    }

    /// Who may have which label lowered.
    #[must_use]
    pub fn declassifications(&self) -> &[Declassify] {
        &self.declassifications
    }

    /// The declassification of this name.
    #[must_use]
    pub fn declassification(&self, name: &str) -> Option<&Declassify> {
        self.declassifications.iter().find(|known| known.name == name)
    }

    /// Its routes, in order.
    #[must_use]
    pub fn routes(&self) -> &[Route] {
        &self.routes
    }

    /// The sentences that must hold, as written.
    #[must_use]
    pub fn invariants(&self) -> &[String] {
        &self.invariants
    }

    /// Every target of the configuration.
    #[must_use]
    pub fn catalogue(&self) -> &Catalogue {
        &self.catalogue
    }

    /// The names that models may also be called by.
    pub fn aliases(&self) -> impl Iterator<Item = &str> {
        self.alias.keys().map(String::as_str).filter(|name| *name != "*")
    }

    /// Whether judging by it reads texts: it looks for something, or asks how hard a request is. Without, only the
    /// request's structure is gone over.
    #[must_use]
    pub fn reads_texts(&self) -> bool {
        !self.detectors.is_idle() || self.asks_difficulty()
    }

    /// Whether judging by it asks the learned tagger, which takes longer than all patterns together.
    #[must_use]
    pub fn asks_tagger(&self) -> bool {
        self.detectors.asks_tagger()
    }

    /// Whether any route asks how hard a request is, or whether it speaks of code: one reading tells both.
    #[must_use]
    pub fn asks_difficulty(&self) -> bool {
        let band = |route: &Route| route.when.atoms().any(|atom| matches!(atom, Atom::Band(_)));
        self.routes.iter().any(|route| band(route) || route.effort.is_none()) || self.asks_code()
    }

    /// Whether any route asks how soon targets begin their answers.
    #[must_use]
    pub fn asks_pace(&self) -> bool {
        self.routes.iter().any(|route| route.choose == Choose::Fastest)
    }

    /// Whether any route asks whether a request speaks of code.
    #[must_use]
    pub fn asks_code(&self) -> bool {
        self.routes.iter().any(|route| route.when.atoms().any(|atom| *atom == Atom::Code))
    }

    /// What the name of a model stands for: `auto`, an alias, a target, or a model's bare name.
    #[must_use]
    pub fn asked(&self, model: &str) -> Option<Asked> {
        if model == "auto" {
            return Some(Asked::Auto);
        }
        if let Some(asked) = self.alias.get(model) {
            return Some(asked.clone());
        }
        let named = |target: &&Arc<Target>| target.name() == model || target.model() == model;
        let targets: Vec<_> = self.catalogue.iter().filter(named).cloned().collect();
        if targets.is_empty() { self.alias.get("*").cloned() } else { Some(Asked::Targets(targets)) }
    }
}

fn rules(file: &PolicyFile, scope: &Scope<'_>) -> Result<Vec<Rule>, PolicyError> {
    let rule = |rule: &RuleFile| {
        Ok(Rule {
            name: rule.name.clone(),
            when: Condition::of_rule(&rule.when, scope, &rule.name)?,
            label: scope.label(&rule.label, &rule.name)?,
        })
    };
    file.rule.iter().map(rule).chain(own::rules(file).iter().map(rule)).collect()
}

fn margin(margin: f32) -> Result<f32, PolicyError> {
    let within = (0.0..=0.5).contains(&margin);
    let fault =
        || PolicyError::OutOfRange { rule: "difficulty".to_owned(), key: "margin", range: "in 0..0.5" };
    within.then_some(margin).ok_or_else(fault)
}

fn gatherings(rules: &[Rule], routes: &[Route]) -> Vec<Gathering> {
    let rules = rules.iter().flat_map(|rule| rule.when.atoms());
    let atoms = rules.chain(routes.iter().flat_map(|route| route.when.atoms()));
    let of = |atom: &Atom| match atom {
        Atom::Near(near) => Some(near.kinds.clone()),
        _ => None,
    };
    atoms.filter_map(of).collect::<BTreeSet<_>>().into_iter().collect()
}

fn aliases(file: &PolicyFile, scope: &Scope<'_>) -> Result<BTreeMap<String, Asked>, PolicyError> {
    file.alias
        .iter()
        .map(|(name, meant)| {
            if meant == "auto" {
                return Ok((name.clone(), Asked::Auto));
            }
            let targets = scope.targets(meant, &format!("alias {name}"))?;
            Ok((name.clone(), Asked::Targets(targets)))
        })
        .collect()
}

fn unique_names(file: &PolicyFile) -> Result<(), PolicyError> {
    let twice = |what, mut names: Vec<&String>| {
        names.sort();
        let pair = names.windows(2).find(|pair| pair.first() == pair.last());
        pair.and_then(|pair| pair.first().map(|name| (*name).clone()))
            .map_or(Ok(()), |name| Err(PolicyError::Twice { what, name }))
    };
    twice("rule", file.rule.iter().map(|rule| &rule.name).collect())?;
    twice("route", file.route.iter().map(|route| &route.name).collect())?;
    twice("declassify", file.declassify.iter().map(|declassify| &declassify.name).collect())?;
    twice("allow", file.allow.iter().map(|allow| &allow.name).collect())
}

/// Selects targets by what a policy writes.
fn select(catalogue: &Catalogue, selector: &Selector) -> Vec<Arc<Target>> {
    catalogue.iter().filter(|target| selector.takes(target)).cloned().collect()
}
