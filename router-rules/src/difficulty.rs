//! How hard a request is: a score in 0..1 and a band.
//!
//! It judges the demand that stands now: not the length of the conversation or of what is pasted, not the words for
//! themselves, not what a demand says of itself. The text is taken apart into sentences that ask and material that
//! is shown (`sentences.rs`), what asks is counted by signs in fifteen languages (`lexicon.rs`, `tally.rs`), and a
//! learned heads weigh the counts and some words (`head.rs`). It knows no model: how likely a model fails at a score is
//! for its calibration to say (`calibration.rs`). The arithmetic is the same on every machine.

mod calibration;
mod code;
mod demand;
mod fold;
mod head;
mod lexicon;
mod marks;
mod probe;
mod sentences;
mod shown;
mod tally;
mod trees;
mod trie;

use thiserror::Error;

pub use self::calibration::{Calibration, CalibrationError, Chance, POINTS_MAX};
pub use self::probe::{Method, Probe, Probed};

use self::demand::Demand;
use crate::chat::ChatRequest;

/// A band of difficulty. Ordered.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Band {
    /// A small local model will do.
    Easy,
    /// Between.
    Moderate,
    /// It takes the best model there is.
    Hard,
}

impl Band {
    /// Every band.
    pub const ALL: [Self; 3] = [Self::Easy, Self::Moderate, Self::Hard];

    /// Its name in policies, headers and records.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Easy => "easy",
            Self::Moderate => "moderate",
            Self::Hard => "hard",
        }
    }
}

/// Where the bands begin.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Thresholds {
    moderate: f32,
    hard: f32,
}

/// Bands in the wrong order.
#[derive(Debug, Clone, Copy, PartialEq, Error)]
#[error("`[difficulty]`: moderate ({moderate}) and hard ({hard}) must be in 0..1 and in this order")]
pub struct ThresholdError {
    moderate: f32,
    hard: f32,
}

impl Thresholds {
    /// Where moderate and hard begin.
    ///
    /// # Errors
    /// When they are not numbers in 0..1, moderate first.
    pub fn new(moderate: f32, hard: f32) -> Result<Self, ThresholdError> {
        let inside = (0.0..=1.0).contains(&moderate) && (0.0..=1.0).contains(&hard);
        if inside && moderate <= hard {
            Ok(Self { moderate, hard })
        } else {
            Err(ThresholdError { moderate, hard })
        }
    }

    /// Where moderate begins.
    #[must_use]
    pub fn moderate(self) -> f32 {
        self.moderate
    }

    /// Where hard begins.
    #[must_use]
    pub fn hard(self) -> f32 {
        self.hard
    }

    /// The band of a score, or of a chance to fail where one is known; what is no number is hard.
    #[must_use]
    pub fn band(self, score: f32) -> Band {
        if score < self.moderate {
            Band::Easy
        } else if score < self.hard {
            Band::Moderate
        } else {
            Band::Hard
        }
    }
}

/// How hard a request is.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Difficulty {
    /// In 0..1.
    pub score: f32,
    /// The band of the score; once decided, that of the chance that the model fails to which the request falls, where that is
    /// known, or as the device model's word has it.
    pub band: Band,
    /// Whether the demand speaks of code: it shows some, or names what only programs have.
    pub code: bool,
}

/// Says how hard a request is, from its current demand, and whether that speaks of code.
#[must_use]
pub fn assess(request: &ChatRequest, thresholds: Thresholds) -> Difficulty {
    let demand = demand::read(request);
    let score = score_of(&demand);
    Difficulty { score, band: thresholds.band(score), code: demand.speaks_of_code() }
}

/// Reads the lexicon and the weights, which the first request would wait for otherwise.
pub fn warm() {
    code::warm();
    lexicon::warm();
    let _ = head::bundled();
}

/// The demand itself in 0..1, whatever the thresholds; 1 if there are no weights to tell it by.
#[must_use]
pub fn score(request: &ChatRequest) -> f32 {
    score_of(&demand::read(request))
}

fn score_of(demand: &Demand) -> f32 {
    let values = demand.features().map(|(_, value)| value);
    head::bundled().map_or(1.0, |heads| heads.judge(&values, &demand.tally.grams, demand.closed()).score)
}

/// Whether the current demand speaks of code, on the same turns as the score: it shows some, or what is asked names
/// what only programs have.
#[must_use]
pub fn speaks_of_code(request: &ChatRequest) -> bool {
    demand::read(request).speaks_of_code()
}

/// What the score is made of, by name: for people who ask why, and for the script that learns the weights.
#[must_use]
pub fn features(request: &ChatRequest) -> Vec<Feature> {
    let demand = demand::read(request);
    let features = demand.features();
    let values = features.map(|(_, value)| value);
    let told =
        head::bundled().map(|heads| (heads, heads.judge(&values, &demand.tally.grams, demand.closed())));
    let (weights, words) =
        told.as_ref().map_or((&[][..], 0.0), |(heads, verdict)| (heads.weights(verdict), verdict.words));
    let weights = weights.iter().copied().chain(std::iter::repeat(0.0));
    let mut features: Vec<_> = features
        .into_iter()
        .zip(weights)
        .map(|((name, value), weight)| Feature { name, value, weight })
        .collect();
    features.push(Feature {
        name: "words",
        value: words.abs().min(1.0),
        weight: words / words.abs().clamp(f32::MIN_POSITIVE, 1.0),
    });
    features
}

/// Whether a request asks for one of some options: what is learned from exams speaks of these alone.
#[must_use]
pub fn is_closed(request: &ChatRequest) -> bool {
    demand::read(request).closed()
}

/// The hashes of the words and pairs of words that the heads would look up: for the script that learns the weights.
#[must_use]
pub fn grams(request: &ChatRequest) -> Vec<u32> {
    demand::read(request).tally.grams
}

/// One thing that makes a demand harder or easier.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Feature {
    /// What.
    pub name: &'static str,
    /// How much of it there is, in 0..1.
    pub value: f32,
    /// What a full measure adds to the log odds.
    pub weight: f32,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn band(messages: &[(&str, &str)]) -> Band {
        let messages: Vec<_> =
            messages.iter().map(|(role, text)| serde_json::json!({"role": role, "content": text})).collect();
        let body = serde_json::json!({"model": "auto", "messages": messages}).to_string();
        assess(&ChatRequest::openai(body).unwrap(), Thresholds::new(0.35, 0.6).unwrap()).band
    }

    #[test]
    fn small_demands_are_easy() {
        for text in [
            "hi",
            "What is the capital of France?",
            "Convert 5 miles to kilometers.",
            "Rewrite this sentence politely: give me the file.",
            "Translate 'good morning' into Spanish",
            "Fix the grammar: he go to school",
            "",
        ] {
            assert_eq!(band(&[("user", text)]), Band::Easy, "{text}");
        }
    }

    #[test]
    fn work_of_some_length_is_moderate() {
        for text in [
            "Compare renting and buying a flat for a family that moves every four years, with a table of costs.",
            "Write a SQL query that returns the top 5 customers by revenue per month.",
            "Plan a three-day trip to Rome for two people with a budget of 600 euros.",
        ] {
            assert_eq!(band(&[("user", text)]), Band::Moderate, "{text}");
        }
    }

    #[test]
    fn proofs_designs_and_hard_faults_are_hard() {
        let code =
            "let x = lock.lock(); queue.push(x); if queue.len() > 3 { cv.notify_one(); }\n".repeat(200);
        for text in [
            "Prove that there are infinitely many primes congruent to 3 mod 4.",
            "Design a distributed rate limiter with these constraints: it must tolerate partitions, never exceed the \
             limit by more than 1%, and add at most 2 ms. Justify the trade-offs.",
            &format!("Debug this race condition:\n```rust\n{code}```\nWhy does it deadlock under load?"),
        ] {
            assert_eq!(band(&[("user", text)]), Band::Hard, "{}", text.get(..60).unwrap());
        }
    }

    #[test]
    fn only_what_is_asked_now_is_judged() {
        let proof = "Prove that every finite integral domain is a field, and derive the general theorem.";
        assert_eq!(band(&[("user", proof), ("assistant", "Here it is."), ("user", "Thanks!")]), Band::Easy);
        assert_eq!(band(&[("user", "Thanks!"), ("assistant", "Sure."), ("user", proof)]), Band::Hard);
    }
}
