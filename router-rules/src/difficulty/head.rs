//! The learned head: a weight for each feature, and one for each of some thousand words and pairs of words.
//!
//! `weights.bin` is written by `router-rules/difficulty/train.py`: the letters `HGD1`, then little-endian the number
//! of features (u32), the bias (f32), a weight for each feature (f32), what one unit of a word's weight is worth in log odds
//! (f32), the number of words (u32), their hashes in ascending order (u32 each), their weights (i8 each). Sums are taken
//! in a fixed order and by addition and multiplication alone, so that a score is the same on every machine.

use std::sync::LazyLock;

use super::demand::FEATURES;

/// What words may add to the log odds, or take away.
const WORDS_MAX: f32 = 1.5;

/// Weights by feature and by word.
pub(super) struct Head {
    pub(super) bias: f32,
    pub(super) features: Vec<f32>,
    unit: f32,
    words: Vec<(u32, i8)>,
}

static HEAD: LazyLock<Option<Head>> = LazyLock::new(|| Head::parse(include_bytes!("weights.bin")));

/// The head that comes with the product.
pub(super) fn bundled() -> Option<&'static Head> {
    HEAD.as_ref()
}

impl Head {
    fn parse(bytes: &[u8]) -> Option<Self> {
        let mut rest = bytes.strip_prefix(b"HGD1")?;
        let mut next = || {
            let (four, after) = rest.split_first_chunk::<4>()?;
            rest = after;
            Some(*four)
        };
        let features = u32::from_le_bytes(next()?);
        let bias = f32::from_le_bytes(next()?);
        let features: Vec<_> =
            (0..features).map(|_| next().map(f32::from_le_bytes)).collect::<Option<_>>()?;
        let unit = f32::from_le_bytes(next()?);
        let count = u32::from_le_bytes(next()?);
        let keys: Vec<_> = (0..count).map(|_| next().map(u32::from_le_bytes)).collect::<Option<_>>()?;
        let finite = features.iter().chain([&bias, &unit]).all(|number| number.is_finite());
        let fits = features.len() == FEATURES && rest.len() == keys.len() && keys.is_sorted();
        let words = keys.into_iter().zip(rest.iter().map(|byte| byte.cast_signed())).collect();
        (finite && fits).then_some(Self { bias, features, unit, words })
    }

    /// What a demand's words add to the log odds; each word counts once.
    pub(super) fn words(&self, grams: &[u32]) -> f32 {
        let mut known: Vec<_> = grams
            .iter()
            .filter_map(|gram| self.words.binary_search_by_key(gram, |(key, _)| *key).ok())
            .collect();
        known.sort_unstable();
        known.dedup();
        let weights = known.iter().filter_map(|at| self.words.get(*at)).map(|(_, weight)| i16::from(*weight));
        let sum = weights.fold(0_i16, i16::saturating_add);
        (f32::from(sum) * self.unit).clamp(-WORDS_MAX, WORDS_MAX)
    }
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
        let head = bundled().expect("weights");
        assert!(head.words.len() < 60_000);
        assert_eq!(head.words(&[]), 0.0);
    }

    #[test]
    fn weights_that_are_cut_or_foreign_are_none() {
        let whole = include_bytes!("weights.bin");
        assert!(Head::parse(&whole[..whole.len() - 1]).is_none());
        assert!(Head::parse(&whole[1..]).is_none());
        assert!(Head::parse(b"HGD1").is_none());
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
