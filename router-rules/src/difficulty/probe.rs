//! Asking the device model how sure it is of its own answer, where a score alone does not tell two bands apart.
//!
//! Nothing is asked here: this says when it is worth asking, and what an answer comes to. Whoever asks gives the answer
//! back as a signal, so that a decision stays a function of what it is given.

use std::sync::Arc;
use std::time::Duration;

use serde::Deserialize;

use super::{Band, Thresholds};
use crate::target::Target;

/// What came of asking.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Probed {
    /// The model is sure of how its answer begins.
    Sure,
    /// It is not.
    Unsure,
    /// It could not say in time: the score counts.
    Untold,
}

impl Probed {
    /// Every outcome.
    pub const ALL: [Self; 3] = [Self::Sure, Self::Unsure, Self::Untold];

    /// The outcome of this name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|probed| probed.as_str() == name)
    }

    /// Its name in policies, records and metrics.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Sure => "sure",
            Self::Unsure => "unsure",
            Self::Untold => "untold",
        }
    }
}

/// How the device model is asked how sure it is.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Method {
    /// By how likely the least likely of the first tokens of its answer is.
    #[default]
    Likelihood,
    /// By how far two short attempts at an answer agree.
    Agreement,
}

impl Method {
    /// Its name in policies.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Likelihood => "likelihood",
            Self::Agreement => "agreement",
        }
    }

    /// What it measures, in words.
    #[must_use]
    pub fn in_words(self) -> &'static str {
        match self {
            Self::Likelihood => "how likely the beginning of its answer is",
            Self::Agreement => "how far two short attempts at an answer agree",
        }
    }
}

/// When the device model is asked, and how.
#[derive(Clone, PartialEq, Debug)]
pub struct Probe {
    /// The model in this process that is asked.
    pub target: Arc<Target>,
    /// How it is asked.
    pub method: Method,
    /// How near to where a band begins a score leaves it open.
    pub grey: f32,
    /// How many tokens of its answer the model says, at each attempt.
    pub tokens: u32,
    /// How long it may take.
    pub timeout: Duration,
    /// From which likelihood of the least likely of those tokens, or agreement, it is sure.
    pub sure: f32,
}

impl Probe {
    /// The two bands that a score leaves open, the lower first; none where it is clear.
    #[must_use]
    pub fn between(&self, score: f32, thresholds: Thresholds) -> Option<(Band, Band)> {
        let (moderate, hard) = (thresholds.moderate(), thresholds.hard());
        let below_hard = if moderate < hard { Band::Moderate } else { Band::Easy };
        let bounds = [(moderate, Band::Easy), (hard, below_hard)];
        // Below a bound of 0 there is nothing.
        let near = bounds.into_iter().filter(|(bound, _)| *bound > 0.0 && (score - bound).abs() <= self.grey);
        let nearest = near.min_by(|one, other| (score - one.0).abs().total_cmp(&(score - other.0).abs()));
        nearest.map(|(bound, below)| (below, thresholds.band(bound)))
    }

    /// The band of a score, with what came of asking.
    #[must_use]
    pub fn band(&self, score: f32, thresholds: Thresholds, probed: Probed) -> Band {
        match (self.between(score, thresholds), probed) {
            (Some((lower, _)), Probed::Sure) => lower,
            (Some((_, upper)), Probed::Unsure) => upper,
            _ => thresholds.band(score),
        }
    }

    /// What is asked of whom, and what counts as sure: an outcome under other terms says nothing under these.
    #[must_use]
    pub fn terms(&self) -> String {
        let terms = format!("{} {} {}", self.target.name(), self.tokens, self.sure);
        match self.method {
            // As records have it since before there was another.
            Method::Likelihood => terms,
            Method::Agreement => format!("{terms} {}", self.method.as_str()),
        }
    }

    /// What a likelihood or an agreement comes to; what is no number is nothing.
    #[must_use]
    pub fn outcome(&self, measured: f32) -> Probed {
        if measured.is_nan() {
            Probed::Untold
        } else if measured >= self.sure {
            Probed::Sure
        } else {
            Probed::Unsure
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn probe(grey: f32) -> Probe {
        let target = Arc::new(Target::device("small"));
        let (method, timeout) = (Method::Likelihood, Duration::from_millis(100));
        Probe { target, method, grey, tokens: 8, timeout, sure: 0.8 }
    }

    #[test]
    fn only_what_lies_near_a_bound_is_open() {
        let thresholds = Thresholds::new(0.35, 0.6).unwrap();
        let between = |score| probe(0.05).between(score, thresholds);
        assert_eq!(between(0.1), None);
        assert_eq!(between(0.31), Some((Band::Easy, Band::Moderate)));
        assert_eq!(between(0.39), Some((Band::Easy, Band::Moderate)));
        assert_eq!(between(0.45), None);
        assert_eq!(between(0.64), Some((Band::Moderate, Band::Hard)));
        assert_eq!(between(f32::NAN), None);
        // Of two bounds within reach the nearer.
        assert_eq!(probe(0.3).between(0.45, thresholds), Some((Band::Easy, Band::Moderate)));
        assert_eq!(probe(0.3).between(0.55, thresholds), Some((Band::Moderate, Band::Hard)));
    }

    #[test]
    fn what_one_method_says_counts_nothing_for_the_other() {
        let likelihood = probe(0.1);
        assert_eq!(likelihood.terms(), "device/small 8 0.8");
        assert_ne!(Probe { method: Method::Agreement, ..likelihood.clone() }.terms(), likelihood.terms());
    }

    #[test]
    fn bands_that_are_empty_are_passed_over() {
        let one = Thresholds::new(0.5, 0.5).unwrap();
        assert_eq!(probe(0.1).between(0.5, one), Some((Band::Easy, Band::Hard)));
        let never_easy = Thresholds::new(0.0, 0.5).unwrap();
        assert_eq!(probe(0.1).between(0.05, never_easy), None);
    }

    #[test]
    fn what_is_sure_is_the_lower_band_and_what_is_clear_is_not_moved() {
        let thresholds = Thresholds::new(0.35, 0.6).unwrap();
        let band = |score, probed| probe(0.05).band(score, thresholds, probed);
        assert_eq!(band(0.36, Probed::Sure), Band::Easy);
        assert_eq!(band(0.34, Probed::Unsure), Band::Moderate);
        assert_eq!(band(0.34, Probed::Untold), Band::Easy);
        for probed in Probed::ALL {
            assert_eq!(band(0.1, probed), Band::Easy);
            assert_eq!(band(0.9, probed), Band::Hard);
        }
        assert_eq!(probe(0.1).outcome(0.8), Probed::Sure);
        assert_eq!(probe(0.1).outcome(0.79), Probed::Unsure);
        assert_eq!(probe(0.1).outcome(f32::NAN), Probed::Untold);
    }
}
