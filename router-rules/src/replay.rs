//! Decides anew what was decided before, under another policy, from what a record holds of it.
//!
//! A record holds no text. What is found is not looked for again: findings are taken as they were, and what the
//! other policy looks for besides cannot be found ([`Sight::blind`] names it). What a record does not tell is tried
//! both ways, and where that makes a difference the decision cannot be told. INVARIANT: nothing is guessed towards
//! outside: a decision that is told goes no further in than any that the record leaves open.

mod facts;
mod sight;

use std::collections::BTreeSet;
use std::fmt;

pub use sight::Sight;

use self::facts::{Assumed, Facts};
use crate::decide::Leaning;
use crate::difficulty::Probed;
use crate::policy::{Atom, BudgetState, Policy};
use crate::prove::CaseOutcome;
use crate::target::{Effort, Zone};

/// The most predicates of a decision that may be open; each is tried both ways.
const OPEN_MAX: usize = 3;

/// A decision of the past, as its record holds it.
#[derive(Clone, Debug, Default)]
pub struct Past {
    /// How many findings there were of each kind.
    pub counts: Vec<(String, u32)>,
    /// The findings of which more is known; not always all.
    pub findings: Vec<PastFinding>,
    /// The kinds of content that could not be read.
    pub opaque: Vec<String>,
    /// The names of texts that were not searched.
    pub unsearched: Vec<String>,
    /// The label that the request had at least, whatever was found: by its caller or its conversation.
    pub raised: Option<String>,
    /// How hard it was; none where that was not asked.
    pub score: Option<f32>,
    /// Whether it spoke of code; none where that was not asked, or in an older record.
    pub code: Option<bool>,
    /// The caller's tenant.
    pub tenant: Option<String>,
    /// The workflow.
    pub workflow: Given,
    /// That of the caller's key, where the request named another.
    pub key_workflow: Option<String>,
    /// The model asked for.
    pub model: Given,
    /// The surface.
    pub dialect: String,
    /// The outermost zone that the caller allowed.
    pub zone: Option<Zone>,
    /// The effort that the caller wished for.
    pub effort: Option<Effort>,
    /// The declassification that the caller asked for.
    pub declassify: Option<String>,
    /// The names of targets that were down.
    pub down: BTreeSet<String>,
    /// The name of the target that had begun the loop of tools, where it was one.
    pub stays: Option<String>,
    /// What the order of targets leant on.
    pub leaning: Leaning,
    /// The state of the budget.
    pub budget: BudgetState,
    /// What came of asking the device model how sure it was; none where it was not asked.
    pub probed: Option<Probed>,
    /// On which terms ([`Probe::terms`](crate::difficulty::Probe::terms)).
    pub probe: Option<String>,
}

/// A finding of the past.
#[derive(Clone, PartialEq, Debug)]
pub struct PastFinding {
    /// The name of its kind.
    pub kind: String,
    /// How sure it was.
    pub confidence: f32,
    /// Where it began and ended when all texts were laid end to end.
    pub place: (u32, u32),
}

/// A name that came with a request: recorded only where the configuration knew it, since a caller can write anything.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub enum Given {
    /// None came.
    #[default]
    Nothing,
    /// One that the configuration knew.
    Name(String),
    /// One that it did not know.
    Unlisted,
}

impl Given {
    fn is(&self, name: &str) -> bool {
        matches!(self, Self::Name(own) if own == name)
    }
}

/// How far out an outcome may reach.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Reach {
    /// The zone of the target that is tried first; none on refusal.
    pub first: Option<Zone>,
    /// The outermost zone among all targets of the permit; none on refusal.
    pub outermost: Option<Zone>,
}

impl Reach {
    /// That of an outcome.
    #[must_use]
    pub fn of(outcome: &CaseOutcome) -> Self {
        Self::of_zones(outcome.targets.iter().flatten().map(|target| target.zone()))
    }

    /// That of targets in these zones, in their order.
    #[must_use]
    pub fn of_zones(zones: impl Iterator<Item = Zone> + Clone) -> Self {
        Self { first: zones.clone().next(), outermost: zones.max() }
    }

    /// Whether it leaves to a zone to which the other does not: with its first target, or with one that it may fall
    /// back to.
    #[must_use]
    pub fn is_beyond(self, other: Self) -> bool {
        let beyond = |own: Option<Zone>, other| own > Some(Zone::Device) && own > other;
        beyond(self.first, other.first) || beyond(self.outermost, other.outermost)
    }
}

/// What a record does not tell, and the other policy asks for.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Lack {
    /// It was written before records told what a request asked for.
    Age,
    /// How sure the findings of a kind were, or how near others.
    Findings(String),
    /// How hard the request was.
    Difficulty,
    /// How sure the device model was of its answer.
    Sureness,
    /// Whether the request spoke of code.
    Code,
    /// A workflow that the policy of its time did not know.
    Workflow,
    /// A model that the configuration of its time did not know.
    Model,
    /// The request had a label that the other policy does not have.
    Label(String),
    /// A surface that is not known.
    Dialect,
    /// What stands in a text that is searched under one of the policies alone.
    Allowed(String),
    /// A kind that was not looked for, and that lets requests out.
    Unseen(String),
    /// Whether the caller may have its label lowered.
    Declassified(String),
    /// More than can be tried both ways.
    Much,
}

impl fmt::Display for Lack {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Age => f.write_str("what was asked for (an older record)"),
            Self::Findings(kind) => write!(f, "how sure or how near all findings of `{kind}` were"),
            Self::Difficulty => f.write_str("how hard it was"),
            Self::Sureness => f.write_str("how sure the device model was of its answer"),
            Self::Code => f.write_str("whether it spoke of code"),
            Self::Workflow => f.write_str("which workflow it named"),
            Self::Model => f.write_str("which model it asked for"),
            Self::Label(label) => write!(f, "what `{label}` is called in the new policy"),
            Self::Dialect => f.write_str("its dialect"),
            Self::Allowed(name) => write!(f, "what is found in the allowed text `{name}`"),
            Self::Unseen(kind) => write!(f, "whether there was any `{kind}`, which may let it out"),
            Self::Declassified(name) => write!(f, "whether its caller may use the declassification `{name}`"),
            Self::Much => f.write_str("too many things at once"),
        }
    }
}

impl Past {
    /// What a policy decides of it, given what could be told of requests at its time.
    ///
    /// What this policy looks for and that time did not is taken for absent, as long as its being there could let the
    /// request no further out.
    ///
    /// # Errors
    /// What the record lacks, where that makes a difference.
    pub fn under(&self, policy: &Policy, sight: &Sight) -> Result<CaseOutcome, BTreeSet<Lack>> {
        let facts = Facts::of(self, policy, sight)?;
        let open: Vec<&Atom> = facts.open_atoms();
        let bands = facts.bands();
        let mut lacks: BTreeSet<Lack> = open.iter().flat_map(|atom| facts.lacks_of(atom)).collect();
        lacks.extend((bands.len() > 1).then_some(Lack::Difficulty));
        if open.len() > OPEN_MAX {
            lacks.insert(Lack::Much);
            return Err(lacks);
        }
        let mut told: Option<CaseOutcome> = None;
        for choice in 0..1_u32 << open.len() {
            let holding = open.iter().zip(0_u32..).filter(|(_, place)| choice >> place & 1 == 1);
            let holding: BTreeSet<&Atom> = holding.map(|(atom, _)| *atom).collect();
            for &band in &bands {
                let assumed = Assumed { band, open: &holding, raised: None, unseen: false };
                let outcome = facts.end(&assumed).map_err(|lack| BTreeSet::from([lack]))?;
                facts.unseen(&assumed, &outcome)?;
                if told.as_ref().is_some_and(|told| !alike(told, &outcome)) {
                    return Err(lacks);
                }
                told.get_or_insert(outcome);
            }
        }
        // There is always one band and one choice.
        told.ok_or_else(|| BTreeSet::from([Lack::Much]))
    }
}

/// Whether two outcomes are the same for the request, whichever route they took.
fn alike(one: &CaseOutcome, other: &CaseOutcome) -> bool {
    one.label == other.label && one.targets == other.targets && one.effort == other.effort
}
