//! How long a verdict takes.

use std::hint::black_box;
use std::time::{Duration, Instant};

use crate::body;
use crate::corpus::Corpus;
use crate::judge::Judge;

/// Times of judging each plain text of the corpus, parsing of its body included, on one core.
#[derive(Clone, Copy, Default, Debug)]
pub struct Speed {
    /// The median.
    pub p50: Duration,
    /// The time that one in a hundred exceeds.
    pub p99: Duration,
    /// The median of the texts' sizes, in bytes.
    pub bytes: usize,
}

/// Judges every plain text, each for the first time: what was read before would be remembered.
#[must_use]
pub fn measure(corpus: &Corpus, judge: &Judge) -> Speed {
    // The first of all loads what the others find loaded.
    let _ = black_box(judge.see(&body::user("Good morning.")));
    let mut times: Vec<Duration> = corpus.entries.iter().map(|entry| time(&entry.text, judge)).collect();
    let mut sizes: Vec<usize> = corpus.entries.iter().map(|entry| entry.text.len()).collect();
    times.sort_unstable();
    sizes.sort_unstable();
    let at = |share: usize| times.get(times.len() * share / 100).copied().unwrap_or_default();
    Speed { p50: at(50), p99: at(99), bytes: sizes.get(sizes.len() / 2).copied().unwrap_or_default() }
}

#[expect(clippy::disallowed_methods, reason = "this measures time; no verdict depends on it")]
fn time(text: &str, judge: &Judge) -> Duration {
    let body = body::user(text);
    let start = Instant::now();
    let _ = black_box(judge.see(black_box(&body)));
    start.elapsed()
}
