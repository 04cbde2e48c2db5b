//! Verifying what the device answers before the answer is given: when it counts as sure.
//!
//! Nothing is verified here, and nothing that this says moves a decision: the permit is the same, whether its further
//! targets are asked because the first failed, or because it was not sure.

use std::fmt;
use std::time::Duration;

use serde::Deserialize;

/// Which likelihood of an answer's tokens counts.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Measure {
    /// The geometric mean of all: one over the answer's perplexity.
    #[default]
    Mean,
    /// That of the least likely: what long answers are seldom sure by.
    Least,
}

impl Measure {
    /// Its name in policies.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Mean => "mean",
            Self::Least => "least",
        }
    }
}

/// How an answer of the device is verified.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Verify {
    /// Which likelihood counts.
    pub measure: Measure,
    /// From which on the answer is sure.
    pub sure: f32,
    /// How many tokens it may have.
    pub tokens: u32,
    /// How long it may take.
    pub timeout: Duration,
}

impl Verify {
    /// Whether a likelihood is sure; none where it is no number.
    #[must_use]
    pub fn is_sure(&self, likelihood: f32) -> Option<bool> {
        (!likelihood.is_nan()).then_some(likelihood >= self.sure)
    }
}

impl fmt::Display for Verify {
    /// What makes an answer unsure, for a person.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { measure, sure, tokens, timeout } = self;
        let measure = match measure {
            Measure::Mean => "the mean likelihood of its tokens",
            Measure::Least => "the likelihood of its least likely token",
        };
        let ms = timeout.as_millis();
        write!(
            f,
            "{measure} is under {sure}, it is a refusal or cut off, or it takes more than {tokens} tokens or {ms} ms"
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_number_says_nothing() {
        let verify =
            Verify { measure: Measure::Mean, sure: 0.6, tokens: 8, timeout: Duration::from_millis(10) };
        assert_eq!(verify.is_sure(0.6), Some(true));
        assert_eq!(verify.is_sure(0.59), Some(false));
        assert_eq!(verify.is_sure(f32::NAN), None);
    }
}
