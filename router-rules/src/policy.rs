//! The site's policy: what labels mean, which rules give them, and where requests go.
//!
//! A [`Policy`] is valid by construction: every name in it has been looked up, every label has a ceiling,
//! every route ends somewhere. Whether its invariants hold is for [`prove`](crate::prove) to say.

pub mod cases;
mod condition;
mod error;
mod file;
mod packs;
mod scope;
pub mod table;

use std::collections::BTreeMap;
use std::sync::Arc;

pub use condition::{Atom, Condition, Literal};
pub use error::PolicyError;
pub use file::{
    DifficultyFile, InvariantFile, OneOrMore, PolicyFile, RouteFile, RuleFile, TermsFile, WhenFile,
};
pub use scope::Scope;

use crate::difficulty::Thresholds;
use crate::inspect::{Detectors, KindId, Kinds, OpaqueKind, TermList};
use crate::label::{Label, Labels};
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
    /// Nothing.
    Exhausted,
}

impl BudgetState {
    /// Every state.
    pub const ALL: [Self; 2] = [Self::Ample, Self::Exhausted];

    /// Its name in policies and records.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Ample => "ample",
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
    /// The sentence for the caller, where it refuses.
    pub refuse: Option<String>,
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
    ceilings: Vec<Zone>,
    outermost: Zone,
    opaque: BTreeMap<OpaqueKind, Label>,
    thresholds: Thresholds,
    alias: BTreeMap<String, Asked>,
    kinds: Kinds,
    detectors: Detectors,
    terms: BTreeMap<KindId, String>,
    rules: Vec<Rule>,
    routes: Vec<Route>,
    invariants: Vec<String>,
    catalogue: Catalogue,
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
        let (kinds, detectors) = detectors(&file)?;
        let terms = file
            .terms
            .iter()
            .filter_map(|list| Some((kinds.named(&list.name)?, list.words.first()?.clone())));
        let terms = terms.collect();
        let scope = Scope::new(&labels, &kinds, &catalogue);
        unique_names(&file)?;
        let rules = rules(&file, &scope)?;
        let routes = file.route.iter().map(|route| scope.route(route)).collect::<Result<Vec<_>, _>>()?;
        if routes.is_empty() {
            return Err(PolicyError::NoRoutes);
        }
        Ok(Self {
            unlabelled: file.unlabelled.as_ref().map_or(Ok(Label::LOWEST), |name| labels.named(name))?,
            ceilings: ceilings(&file, &labels)?,
            outermost,
            opaque: scope.opaque_labels(&file.opaque)?,
            thresholds: Thresholds::new(file.difficulty.moderate, file.difficulty.hard)?,
            alias: aliases(&file, &scope)?,
            rules,
            routes,
            invariants: file.invariant.iter().map(|invariant| invariant.text.clone()).collect(),
            labels,
            terms,
            kinds,
            detectors,
            catalogue,
        })
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

    /// The outermost zone that a label may reach.
    #[must_use]
    pub fn ceiling(&self, label: Label) -> Zone {
        self.ceilings.get(label.rank()).copied().unwrap_or(Zone::Device).min(self.outermost)
    }

    /// The label of a kind of content that cannot be read.
    #[must_use]
    pub fn opaque_label(&self, kind: OpaqueKind) -> Label {
        self.opaque.get(&kind).copied().unwrap_or_else(|| self.labels.highest())
    }

    /// The zone that nothing gets beyond.
    #[must_use]
    pub fn outermost(&self) -> Zone {
        self.outermost
    }

    /// Where its bands of difficulty begin.
    #[must_use]
    pub fn thresholds(&self) -> Thresholds {
        self.thresholds
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

    /// The first word of a site's own list of terms; none for other kinds.
    #[must_use]
    pub fn term(&self, kind: KindId) -> Option<&str> {
        self.terms.get(&kind).map(String::as_str)
    }

    /// Its label rules, those of packs first.
    #[must_use]
    pub fn rules(&self) -> &[Rule] {
        &self.rules
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

    /// Whether any route asks how hard a request is.
    #[must_use]
    pub fn asks_difficulty(&self) -> bool {
        let band = |route: &Route| route.when.atoms().any(|atom| matches!(atom, Atom::Band(_)));
        self.routes.iter().any(|route| band(route) || route.effort.is_none())
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

fn detectors(file: &PolicyFile) -> Result<(Kinds, Detectors), PolicyError> {
    let mut kinds = Kinds::builtin();
    let mut terms = Vec::new();
    for list in &file.terms {
        let kind = kinds
            .add(&list.name)
            .ok_or_else(|| PolicyError::Twice { what: "finding kind", name: list.name.clone() })?;
        if list.words.iter().any(|word| word.trim().is_empty()) {
            return Err(PolicyError::EmptyTerm { list: list.name.clone() });
        }
        terms.push(TermList { kind, words: list.words.clone() });
    }
    let wanted = packs::kinds_used(file);
    let detectors =
        Detectors::new(&kinds, &wanted, &terms).map_err(|message| PolicyError::Detectors { message })?;
    Ok((kinds, detectors))
}

fn rules(file: &PolicyFile, scope: &Scope<'_>) -> Result<Vec<Rule>, PolicyError> {
    let own = file.rule.iter().map(|rule| {
        Ok(Rule {
            name: rule.name.clone(),
            when: Condition::of_rule(&rule.when, scope, &rule.name)?,
            label: scope.label(&rule.label, &rule.name)?,
        })
    });
    let of_terms = file.terms.iter().filter_map(|list| {
        let label = list.label.as_ref()?;
        let when = WhenFile { any: vec![list.name.clone()], ..WhenFile::default() };
        Some(RuleFile { name: format!("terms/{}", list.name), when, label: label.clone() })
    });
    let of_terms: Vec<_> = of_terms.collect();
    let of_terms = of_terms.iter().map(|rule| {
        Ok(Rule {
            name: rule.name.clone(),
            when: Condition::of_rule(&rule.when, scope, &rule.name)?,
            label: scope.label(&rule.label, &rule.name)?,
        })
    });
    own.chain(of_terms).collect()
}

fn ceilings(file: &PolicyFile, labels: &Labels) -> Result<Vec<Zone>, PolicyError> {
    for name in file.ceiling.keys() {
        labels.named(name)?;
    }
    let usual = |name: &str| match name {
        "public" | "internal" => Some(Zone::Cloud),
        "confidential" => Some(Zone::Premises),
        "restricted" => Some(Zone::Device),
        _ => None,
    };
    labels
        .all()
        .map(|label| {
            let name = labels.name(label);
            let zone = file.ceiling.get(name).copied().or_else(|| usual(name));
            zone.ok_or_else(|| PolicyError::NoCeiling { label: name.to_owned() })
        })
        .collect()
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
    twice("route", file.route.iter().map(|route| &route.name).collect())
}

/// Selects targets by what a policy writes.
fn select(catalogue: &Catalogue, selector: &Selector) -> Vec<Arc<Target>> {
    catalogue.iter().filter(|target| selector.takes(target)).cloned().collect()
}
