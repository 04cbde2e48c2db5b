//! The learned heads: a weight for each feature, and one for each of some thousand words and pairs of words.
//!
//! Three of them look at the same counts: whether a demand is more than easy, whether it is hard, and, for a
//! question that is to be answered by one of some options, whether a strong model knows what a weak one does not.
//!
//! The first two are sums of weights, and trees (`trees.rs`) look at the counts and at both sums once more.
//!
//! `weights.bin` is written by `router-rules/difficulty/train.py`: the letters `HGD3`, then little-endian the number
//! of features (u32); for each head its bias (f32), a weight for each feature (f32) and what one unit of a word's weight
//! is worth in log odds (f32); for each of the first two heads the log odds that its trees add to (f32), how many there are
//! (u32), and for each its nodes: how many (u32), and for each what it looks at (u32, all ones for a leaf), up to what
//! the lower side goes or what a leaf adds (f32), and where its sides are among the tree's (u32 each); the number of words (u32), their hashes in ascending order (u32 each), and for each word
//! its weights in the three heads (i8 each). Sums are taken in a fixed order and by addition and multiplication alone,
//! so that a score is the same on every machine.

use std::sync::LazyLock;

use super::demand::FEATURES;
use super::trees::{Seen, Trees};

/// What words may add to the log odds, or take away.
const WORDS_MAX: f32 = 2.5;

/// From these odds of being more than easy, and of being hard, a demand's score is that of the band.
const MODERATE: (f32, f32) = (0.5, 0.35);
const HARD: (f32, f32) = (0.35, 0.6);

/// Bits of a hash by which the words that it may be are found.
const START_BITS: u32 = 12;

/// One head.
struct Head {
    bias: f32,
    features: Vec<f32>,
    unit: f32,
}

/// The heads, and the words that they know.
pub(super) struct Heads {
    heads: [Head; 3],
    /// Of the first two heads.
    trees: [Trees; 2],
    /// In the order of their hashes.
    words: Vec<(u32, [i8; 3])>,
    /// Where among them each value of a hash's highest bits begins.
    starts: Vec<u16>,
}

static HEADS: LazyLock<Option<Heads>> = LazyLock::new(|| Heads::parse(include_bytes!("weights.bin")));

/// The heads that come with the product.
pub(super) fn bundled() -> Option<&'static Heads> {
    HEADS.as_ref()
}

/// What the heads say of a demand.
pub(super) struct Verdict {
    /// In 0..1.
    pub(super) score: f32,
    /// Which head gave the score.
    head: usize,
    /// What words added to that head's log odds.
    pub(super) words: f32,
}

impl Heads {
    fn parse(bytes: &[u8]) -> Option<Self> {
        let mut rest = bytes.strip_prefix(b"HGD3")?;
        let mut next = || {
            let (four, after) = rest.split_first_chunk::<4>()?;
            rest = after;
            Some(*four)
        };
        let features = u32::from_le_bytes(next()?);
        if usize::try_from(features).ok()? != FEATURES {
            return None;
        }
        let mut number = || next().map(f32::from_le_bytes).filter(|number| number.is_finite());
        let mut head = || {
            let bias = number()?;
            let features = (0..features).map(|_| number()).collect::<Option<_>>()?;
            Some(Head { bias, features, unit: number()? })
        };
        let heads = [head()?, head()?, head()?];
        let trees = [Trees::parse(&mut next)?, Trees::parse(&mut next)?];
        let count = u32::from_le_bytes(next()?);
        let keys: Vec<_> = (0..count).map(|_| next().map(u32::from_le_bytes)).collect::<Option<_>>()?;
        let (weights, []) = rest.as_chunks::<3>() else { return None };
        let whole = weights.len() == keys.len() && keys.is_sorted();
        let begins = |first: u32| keys.partition_point(|key| key >> (32 - START_BITS) < first);
        let starts =
            (0..=1 << START_BITS).map(|first| u16::try_from(begins(first)).ok()).collect::<Option<_>>()?;
        let words = keys.into_iter().zip(weights.iter().map(|three| three.map(u8::cast_signed))).collect();
        whole.then_some(Self { heads, trees, words, starts })
    }

    /// The score of a demand by its features, its words, and whether it is a question with options.
    pub(super) fn judge(&self, features: &[f32; FEATURES], grams: &[u32], closed: bool) -> Verdict {
        let words = self.words(grams);
        let [moderate, hard, gain] = [0, 1, 2].map(|at| self.sum(at, features, &words));
        let mut seen: Seen = [0.0; FEATURES + 2];
        let all = features.iter().chain([&moderate, &hard]);
        seen.iter_mut().zip(all).for_each(|(seen, value)| *seen = *value);
        // What cannot be told is hard.
        let [moderate, hard] = self.trees.each_ref().map(|trees| trees.odds(&seen).map_or(1.0, logistic));
        let hard = stretched(hard, HARD, 1.0);
        let (score, head) = if closed && hard < HARD.1 {
            (logistic(gain), 2)
        } else {
            let moderate = stretched(moderate, MODERATE, HARD.1 - 0.005);
            if hard > moderate { (hard, 1) } else { (moderate, 0) }
        };
        Verdict { score, head, words: words.get(head).copied().unwrap_or(0.0) }
    }

    /// The log odds that a head adds up; what cannot be told is no number.
    fn sum(&self, at: usize, features: &[f32; FEATURES], words: &[f32; 3]) -> f32 {
        let (Some(head), Some(words)) = (self.heads.get(at), words.get(at)) else { return f32::NAN };
        let counted = features.iter().zip(&head.features);
        counted.fold(head.bias, |sum, (value, weight)| sum + weight * value) + words
    }

    /// The weights of the head that gave a verdict.
    pub(super) fn weights(&self, verdict: &Verdict) -> &[f32] {
        self.heads.get(verdict.head).map_or(&[], |head| &head.features)
    }

    /// Where a word stands, by its hash.
    fn place(&self, gram: u32) -> Option<usize> {
        let first = usize::try_from(gram >> (32 - START_BITS)).ok()?;
        let (start, end) = (usize::from(*self.starts.get(first)?), usize::from(*self.starts.get(first + 1)?));
        let at = self.words.get(start..end)?.iter().position(|(key, _)| *key == gram)?;
        Some(start + at)
    }

    /// What a demand's words add to the log odds of each head; each word counts once.
    fn words(&self, grams: &[u32]) -> [f32; 3] {
        let mut met = vec![false; self.words.len()];
        let mut sums = [0_i32; 3];
        for at in grams.iter().filter_map(|gram| self.place(*gram)) {
            let (Some(met), Some((_, weights))) = (met.get_mut(at), self.words.get(at)) else { continue };
            if !std::mem::replace(met, true) {
                for (sum, weight) in sums.iter_mut().zip(weights) {
                    *sum += i32::from(*weight);
                }
            }
        }
        let mut added = [0.0; 3];
        for ((added, sum), head) in added.iter_mut().zip(sums).zip(&self.heads) {
            // At most 512 words of at most 127 each: no more than an i16 and a bit holds, and f32 holds it exactly.
            let sum = i16::try_from(sum).unwrap_or(if sum < 0 { i16::MIN } else { i16::MAX });
            *added = (f32::from(sum) * head.unit).clamp(-WORDS_MAX, WORDS_MAX);
        }
        added
    }
}

/// A chance as a score: the chance `from.0` becomes the score `from.1`, and certainty becomes `top`.
fn stretched(chance: f32, from: (f32, f32), top: f32) -> f32 {
    let (cut, score) = from;
    if chance < cut { chance / cut * score } else { score + (chance - cut) / (1.0 - cut) * (top - score) }
}

/// The logistic function, by interpolation between 33 of its points: the same on every machine.
pub(super) fn logistic(odds: f32) -> f32 {
    if odds.is_nan() {
        return 1.0;
    }
    let bounded = odds.clamp(-8.0, 8.0);
    let size = bounded.abs() * 2.0;
    let points = POINTS.windows(2).zip(0_u8..);
    let inside = points.map(|(pair, at)| (pair, size - f32::from(at))).find(|(_, along)| *along <= 1.0);
    let high = match inside {
        Some((&[from, to], along)) => from + (to - from) * along,
        _ => 1.0,
    };
    if bounded < 0.0 { 1.0 - high } else { high }
}

/// The logistic function at 0, 0.5, 1 … 8.
const POINTS: [f32; 17] = [
    0.5,
    0.622_459_3,
    0.731_058_6,
    0.817_574_5,
    0.880_797_1,
    0.924_141_8,
    0.952_574_1,
    0.970_687_8,
    0.982_013_8,
    0.989_013_1,
    0.993_307_1,
    0.995_929_9,
    0.997_527_4,
    0.998_498_8,
    0.999_089,
    0.999_447_2,
    0.999_664_6,
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bundled_weights_can_be_read() {
        let heads = bundled().expect("weights");
        assert!(heads.words.len() < 60_000);
        assert_eq!(heads.words(&[]), [0.0; 3]);
    }

    #[test]
    fn weights_that_are_cut_or_foreign_are_none() {
        let whole = include_bytes!("weights.bin");
        assert!(Heads::parse(&whole[..whole.len() - 1]).is_none());
        assert!(Heads::parse(&whole[1..]).is_none());
        assert!(Heads::parse(b"HGD3").is_none());
    }

    #[test]
    fn the_greatest_chance_of_moderate_is_not_hard() {
        assert_eq!(stretched(0.5, MODERATE, 0.595), 0.35);
        assert!(stretched(1.0, MODERATE, HARD.1 - 0.005) < HARD.1);
        assert_eq!(stretched(0.35, HARD, 1.0), 0.6);
        assert_eq!((stretched(0.0, HARD, 1.0), stretched(1.0, HARD, 1.0)), (0.0, 1.0));
    }

    #[test]
    fn the_logistic_function_is_close_to_its_definition() {
        for tenth in -90_i16..=90 {
            let odds = f32::from(tenth) / 10.0;
            let exact = 1.0 / (1.0 + (-odds).exp());
            assert!((logistic(odds) - exact).abs() < 0.004, "{odds}");
        }
        assert_eq!(logistic(f32::NAN), 1.0);
    }
}
