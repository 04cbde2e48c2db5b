//! Counts of misses by kind, category, language and evasion, for each half.

use std::collections::{BTreeMap, BTreeSet};

use crate::corpus::{Half, Side};
use crate::draw::Draw;
use crate::evasion::EVASIONS;
use crate::run::Outcome;
use crate::stats::Share;

/// Categories of clean texts that tempt a detector; code stands apart, and the others are ordinary.
const TEMPTING: [&str; 12] = [
    "health_general",
    "legal_general",
    "finance_general",
    "hr_general",
    "public_figure",
    "fiction",
    "exercise",
    "template_letter",
    "documentation",
    "config",
    "logs",
    "data",
];

/// What a rate is about.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Class {
    /// Private texts as they are: judged open.
    Plain,
    /// Private texts in a disguise: judged open.
    Evasive,
    /// Clean texts that tempt: held back.
    Tempting,
    /// Other clean texts: held back.
    Ordinary,
    /// Code: held back.
    Code,
}

impl Class {
    /// Every class.
    pub const ALL: [Self; 5] = [Self::Plain, Self::Evasive, Self::Tempting, Self::Ordinary, Self::Code];

    /// The class of an outcome.
    #[must_use]
    pub fn of(outcome: &Outcome<'_>) -> Self {
        match (outcome.entry.side, outcome.evasion) {
            (Side::Private, None) => Self::Plain,
            (Side::Private, Some(_)) => Self::Evasive,
            (Side::Clean, _) if outcome.entry.group == "code" => Self::Code,
            (Side::Clean, _) if TEMPTING.contains(&outcome.entry.group.as_str()) => Self::Tempting,
            (Side::Clean, _) => Self::Ordinary,
        }
    }

    /// Its name in baselines and on the command line.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Plain => "plain",
            Self::Evasive => "evasive",
            Self::Tempting => "tempting",
            Self::Ordinary => "ordinary",
            Self::Code => "code",
        }
    }

    /// What is counted, in words.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Self::Plain => "private, plain: judged open",
            Self::Evasive => "private, in every disguise: judged open",
            Self::Tempting => "clean but tempting: held back",
            Self::Ordinary => "clean, ordinary: held back",
            Self::Code => "clean, code: held back",
        }
    }

    /// The share that it is meant to stay under.
    #[must_use]
    pub fn aim(self) -> &'static str {
        match self {
            Self::Plain | Self::Ordinary => "1%",
            Self::Evasive => "3%",
            Self::Tempting => "5%",
            Self::Code => "2%",
        }
    }
}

/// The counts of both halves.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct Halves {
    /// Of the open half.
    pub open: Share,
    /// Of the sealed half.
    pub sealed: Share,
}

impl Halves {
    /// Counts an outcome.
    pub fn add(&mut self, outcome: &Outcome<'_>) {
        let share = match outcome.entry.half {
            Half::Open => &mut self.open,
            Half::Sealed => &mut self.sealed,
        };
        share.add(outcome.missed());
    }

    /// Both together.
    #[must_use]
    pub fn both(self) -> Share {
        self.open.and(self.sealed)
    }
}

/// Counts of outcomes by a key; those without one are left out.
pub fn by<'a, K: Ord>(
    outcomes: impl IntoIterator<Item = &'a Outcome<'a>>,
    key: impl Fn(&'a Outcome<'a>) -> Option<K>,
) -> BTreeMap<K, Halves> {
    let mut counts: BTreeMap<K, Halves> = BTreeMap::new();
    for outcome in outcomes {
        if let Some(key) = key(outcome) {
            counts.entry(key).or_default().add(outcome);
        }
    }
    counts
}

/// Whether this disguise is the one that is drawn for its text: one each, so that texts count once and bounds
/// that suppose independent draws are right.
#[must_use]
pub fn drawn(outcome: &Outcome<'_>) -> bool {
    let names = EVASIONS.map(|evasion| evasion.name);
    let of_text = Draw::of(&["disguise", &outcome.entry.id]).pick(&names);
    outcome.evasion.map(|evasion| evasion.name) == of_text
}

/// The ids of the private texts that are held back when nothing hides them.
#[must_use]
pub fn held_plain<'a>(outcomes: &'a [Outcome<'a>]) -> BTreeSet<&'a str> {
    let held = outcomes.iter().filter(|outcome| Class::of(outcome) == Class::Plain && !outcome.missed());
    held.map(|outcome| outcome.entry.id.as_str()).collect()
}

/// The group of an outcome in a baseline: its class, and the kind, evasion or category within it.
#[must_use]
pub fn group(outcome: &Outcome<'_>) -> String {
    let class = Class::of(outcome);
    let within = outcome.evasion.map_or(outcome.entry.group.as_str(), |evasion| evasion.name);
    format!("{}/{within}", class.name())
}
