//! What the sample's misses were when they were last accepted, and whether they have become more.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::corpus::Half;
use crate::run::Outcome;
use crate::stats::Share;
use crate::tally::{Halves, by, group};

/// The misses of the sample.
#[derive(Clone, PartialEq, Eq, Default, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Baseline {
    /// The digest of the corpus that it was made of.
    pub corpus: String,
    /// Counts by group, of each half.
    pub groups: BTreeMap<String, Counts>,
    /// The names of the misses in the open half.
    pub open_misses: BTreeSet<String>,
}

/// The counts of a group.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Counts {
    /// Of the open half.
    pub open: Share,
    /// Of the sealed half.
    pub sealed: Share,
}

impl Baseline {
    /// The baseline that these outcomes make.
    #[must_use]
    pub fn of(corpus: &str, outcomes: &[Outcome<'_>]) -> Self {
        let counts = by(outcomes, |outcome| Some(group(outcome)));
        let counts = counts.into_iter().map(|(name, halves)| {
            let Halves { open, sealed } = halves;
            (name, Counts { open, sealed })
        });
        let misses = outcomes.iter().filter(|outcome| outcome.entry.half == Half::Open && outcome.missed());
        Self {
            corpus: corpus.to_owned(),
            groups: counts.collect(),
            open_misses: misses.map(Outcome::name).collect(),
        }
    }

    /// What has become worse since this baseline: a line each; none where nothing has.
    #[must_use]
    pub fn worse(&self, now: &Self) -> Vec<String> {
        if self.corpus != now.corpus {
            return vec!["the corpus has changed since the baseline was made: update it".to_owned()];
        }
        let mut worse = Vec::new();
        for (name, counts) in &now.groups {
            let before = self.groups.get(name).copied().unwrap_or_default();
            for (half, was, is) in
                [(Half::Open, before.open, counts.open), (Half::Sealed, before.sealed, counts.sealed)]
            {
                if is.hits > was.hits {
                    let half = half.name();
                    worse.push(format!("{name}, {half} half: {} of {}, was {}", is.hits, is.total, was.hits));
                }
            }
        }
        if !worse.is_empty() {
            let new = now.open_misses.difference(&self.open_misses);
            worse.extend(new.map(|name| format!("new in the open half: {name}")));
        }
        worse
    }

    /// Whether there is less to miss than this baseline allows.
    #[must_use]
    pub fn betters(&self, before: &Self) -> bool {
        self.corpus == before.corpus && self != before && before.worse(self).is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn baseline(hits: u32, misses: &[&str]) -> Baseline {
        let counts = Counts { open: Share { hits, total: 10 }, sealed: Share { hits: 1, total: 10 } };
        Baseline {
            corpus: "digest".to_owned(),
            groups: [("plain/contact".to_owned(), counts)].into(),
            open_misses: misses.iter().map(|&name| name.to_owned()).collect(),
        }
    }

    #[test]
    fn one_more_miss_is_worse_and_is_named() {
        let worse = baseline(1, &["a"]).worse(&baseline(2, &["a", "b"]));
        assert_eq!(worse.len(), 2);
        assert!(worse[0].contains("plain/contact, open half: 2 of 10, was 1"));
        assert!(worse[1].ends_with(": b"));
    }

    #[test]
    fn fewer_misses_are_better() {
        let (before, now) = (baseline(2, &["a", "b"]), baseline(1, &["b"]));
        assert!(before.worse(&now).is_empty());
        assert!(now.betters(&before) && !before.betters(&now) && !now.betters(&now));
    }

    #[test]
    fn another_corpus_needs_another_baseline() {
        let other = Baseline { corpus: "other".to_owned(), ..baseline(0, &[]) };
        assert_eq!(baseline(0, &[]).worse(&other).len(), 1);
    }
}
