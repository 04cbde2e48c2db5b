//! How sure the figures are: the percentile bootstrap (Efron 1979).
//!
//! The prompts are drawn anew, as many as there are and with repetition; 95 % of the figures of such draws lie in the
//! interval. Draws come from a seed, so the same file, seed and count give the same interval, and two policies are measured
//! on the same draws.

use super::figures::{Decided, Figure, hardest_first, measure};

/// An interval, both ends included.
pub type Interval = (f64, f64);

/// A figure that fewer draws than this share can tell has no interval.
const TOLD_MIN: f64 = 0.9;

/// What is measured, and the 95 % interval of each where there is one.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Measured {
    /// What.
    pub figure: Figure,
    /// How much; none where it means nothing.
    pub value: Option<f64>,
    /// Its interval.
    pub interval: Option<Interval>,
}

/// Measures every figure with its interval.
#[must_use]
pub fn measured(decided: &[Decided], resamples: u32, seed: u64) -> Vec<Measured> {
    // INVARIANT: draws are made in the order that is given, whatever the scores.
    let mut places: Vec<(usize, Decided)> = decided.iter().copied().enumerate().collect();
    places.sort_by(|(_, a), (_, b)| hardest_first(a, b));
    let sorted: Vec<Decided> = places.iter().map(|(_, decided)| *decided).collect();
    let values = measure(&sorted, &vec![1; sorted.len()]);
    let mut drawn: Vec<Vec<f64>> = vec![Vec::new(); values.len()];
    let mut random = SplitMix(seed);
    let mut weights = vec![0; decided.len()];
    for _ in 0..resamples {
        draw(&mut weights, &mut random);
        let weights: Vec<u32> =
            places.iter().map(|(place, _)| weights.get(*place).copied().unwrap_or(0)).collect();
        for (drawn, value) in drawn.iter_mut().zip(measure(&sorted, &weights)) {
            drawn.extend(value);
        }
    }
    let told = |figure, value: Option<f64>, drawn: Vec<f64>| {
        let interval = value.and_then(|_| interval(drawn, resamples));
        Measured { figure, value, interval }
    };
    let all = Figure::ALL.into_iter().zip(values).zip(drawn);
    all.map(|((figure, value), drawn)| told(figure, value, drawn)).collect()
}

/// As many draws as there are weights; each says how often its prompt was drawn.
fn draw(weights: &mut [u32], random: &mut SplitMix) {
    weights.fill(0);
    for _ in 0..weights.len() {
        let index = random.below(weights.len());
        if let Some(weight) = weights.get_mut(index) {
            *weight += 1;
        }
    }
}

fn interval(mut drawn: Vec<f64>, resamples: u32) -> Option<Interval> {
    let told = u32::try_from(drawn.len()).ok()?;
    if told == 0 || f64::from(told) < TOLD_MIN * f64::from(resamples) {
        return None;
    }
    drawn.sort_by(f64::total_cmp);
    Some((quantile(&drawn, 25), quantile(&drawn, 975)))
}

/// Between the two nearest of sorted values, as R's type 7 (Hyndman and Fan 1996).
fn quantile(sorted: &[f64], thousandths: usize) -> f64 {
    let steps = sorted.len().saturating_sub(1) * thousandths;
    let (index, rest) = (steps / 1000, u32::try_from(steps % 1000).unwrap_or(0));
    let at = |index: usize| sorted.get(index).or(sorted.last()).copied().unwrap_or(0.0);
    let low = at(index);
    low + (at(index + 1) - low) * f64::from(rest) / 1000.0
}

/// SplitMix64 (Steele, Lea and Flood 2014): small, and good enough to draw by.
struct SplitMix(u64);

impl SplitMix {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// In `0..end`, by the high half of a product (Lemire 2019); the bias is below 2⁻⁴⁰ for any file that is read.
    fn below(&mut self, end: usize) -> usize {
        let product = u128::from(self.next()) * u128::try_from(end).unwrap_or(0);
        usize::try_from(product >> 64).unwrap_or(0)
    }
}

#[cfg(test)]
mod tests {
    use hearthgate_rules::difficulty::Band;

    use super::*;
    use crate::calibrate::{Label, Place};

    fn prompts(count: u16) -> Vec<Decided> {
        let prompt = |index: u16| {
            let label = Label { local: f64::from(index % 3 % 2), cloud: 1.0, ..Label::default() };
            let score = 1.0 - f32::from(index) / f32::from(count);
            Decided { label, score, band: Band::Hard, place: Place::Home }
        };
        (0..count).map(prompt).collect()
    }

    #[test]
    fn the_same_seed_gives_the_same_intervals_and_another_others() {
        let prompts = prompts(30);
        assert_eq!(measured(&prompts, 200, 7), measured(&prompts, 200, 7));
        assert_ne!(measured(&prompts, 200, 7), measured(&prompts, 200, 8));
    }

    #[test]
    fn an_interval_holds_the_figure_and_is_as_wide_as_theory_says() {
        let all = measured(&prompts(300), 1000, 1);
        let local =
            all.iter().find(|m| m.figure == Figure::Quality(crate::calibrate::figures::Strategy::Local));
        let Some(Measured { value: Some(value), interval: Some((low, high)), .. }) = local.copied() else {
            panic!("{local:?}");
        };
        assert!(low < value && value < high);
        // The normal approximation: 2 × 1.96 × sqrt(p (1 - p) / n), p a third.
        let width = 2.0 * 1.96 * (value * (1.0 - value) / 300.0).sqrt();
        assert!((high - low - width).abs() < 0.15 * width, "{low} {high} {width}");
    }

    #[test]
    fn another_score_changes_no_draw() {
        let prompts = prompts(30);
        let turned: Vec<_> = prompts.iter().map(|p| Decided { score: 1.0 - p.score, ..*p }).collect();
        let (before, after) = (measured(&prompts, 100, 1), measured(&turned, 100, 1));
        for (before, after) in before.iter().zip(&after) {
            assert_eq!(before == after, before.figure != Figure::Area, "{before:?} {after:?}");
        }
    }

    #[test]
    fn what_is_unknown_or_seldom_known_has_no_interval() {
        let mut prompts = prompts(30);
        let unknown =
            |all: &[Measured], figure| all.iter().find(|m| m.figure == figure).unwrap().interval.is_none();
        let all = measured(&prompts, 100, 1);
        assert!(unknown(&all, Figure::Agreement));
        // Of thirty prompts one has a band: a third of the draws lack it.
        prompts[0].label.band = Some(Band::Hard);
        let all = measured(&prompts, 1000, 1);
        assert!(unknown(&all, Figure::Agreement));
        assert!(!unknown(&all, Figure::Recovered));
    }

    #[test]
    fn quantiles_lie_between_neighbours() {
        let sorted = [0.0, 1.0, 2.0, 3.0, 4.0];
        assert!((quantile(&sorted, 500) - 2.0).abs() < 1e-12);
        assert!((quantile(&sorted, 25) - 0.1).abs() < 1e-12);
        assert!((quantile(&sorted, 975) - 3.9).abs() < 1e-12);
        assert!((quantile(&[5.0], 975) - 5.0).abs() < 1e-12);
    }

    #[test]
    fn every_place_is_drawn_about_as_often() {
        let mut random = SplitMix(3);
        let mut weights = vec![0; 10];
        let mut sum = [0; 10];
        for _ in 0..1000 {
            draw(&mut weights, &mut random);
            assert_eq!(weights.iter().sum::<u32>(), 10);
            sum.iter_mut().zip(&weights).for_each(|(sum, weight)| *sum += weight);
        }
        assert!(sum.iter().all(|count| (850..1150).contains(count)), "{sum:?}");
    }
}
