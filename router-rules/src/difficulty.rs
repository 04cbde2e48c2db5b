//! How hard a request is: a score in 0..1 and a band.
//!
//! A first judgement: features that are counted in one bounded reading of the current demand, weighed by hand
//! and put through a logistic function. It judges what is asked now, never the length of the conversation.

mod demand;
mod lexicon;

use thiserror::Error;

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

    /// The band of a score; what is no number is hard.
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
    /// The band of the score.
    pub band: Band,
}

/// Says how hard a request is, from its current demand.
#[must_use]
pub fn assess(request: &ChatRequest, thresholds: Thresholds) -> Difficulty {
    let features = demand::read(request).features();
    let sum = features.iter().fold(BIAS, |sum, feature| sum + feature.weight * feature.value);
    // The logistic of a finite sum is in 0..1; every feature is bounded, so the sum is finite.
    let score = 1.0 / (1.0 + (-sum).exp());
    Difficulty { score, band: thresholds.band(score) }
}

/// What the score is made of, by name: for people who ask why.
#[must_use]
pub fn features(request: &ChatRequest) -> Vec<Feature> {
    demand::read(request).features().to_vec()
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

/// The log odds of a demand that shows nothing.
const BIAS: f32 = -2.2;

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
            "Explain how photosynthesis works.",
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
