//! Draws of the prompts, as many as there are and with repetition, from a seed: the bootstrap (Efron 1979).

use super::Interval;

/// A figure that fewer draws than this share can tell has no interval.
const TOLD_MIN: f64 = 0.9;

/// Draws, one after the other; the same count and seed give the same.
pub struct Draws {
    random: SplitMix,
    weights: Vec<u32>,
}

impl Draws {
    /// Draws of so many prompts.
    #[must_use]
    pub fn of(count: usize, seed: u64) -> Self {
        Self { random: SplitMix(seed), weights: vec![0; count] }
    }

    /// The next: how often each prompt is in it.
    pub fn draw(&mut self) -> &[u32] {
        self.weights.fill(0);
        for _ in 0..self.weights.len() {
            let index = self.random.below(self.weights.len());
            if let Some(weight) = self.weights.get_mut(index) {
                *weight += 1;
            }
        }
        &self.weights
    }
}

/// Where the middle 95 % of what so many draws told lie; none where too few of them told anything.
#[must_use]
pub fn interval(mut told: Vec<f64>, draws: u32) -> Option<Interval> {
    let count = u32::try_from(told.len()).ok()?;
    if count == 0 || f64::from(count) < TOLD_MIN * f64::from(draws) {
        return None;
    }
    told.sort_by(f64::total_cmp);
    Some((quantile(&told, 25), quantile(&told, 975)))
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
    use super::*;

    #[test]
    fn the_numbers_are_the_published_ones() {
        // The first three of seed 1234567, as the reference implementation prints them.
        let mut random = SplitMix(1_234_567);
        let expected = [6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423];
        assert_eq!([random.next(), random.next(), random.next()], expected);
    }

    #[test]
    fn every_place_is_drawn_about_as_often() {
        let mut draws = Draws::of(10, 3);
        let mut sum = [0; 10];
        for _ in 0..1000 {
            let weights = draws.draw();
            assert_eq!(weights.iter().sum::<u32>(), 10);
            sum.iter_mut().zip(weights).for_each(|(sum, weight)| *sum += weight);
        }
        assert!(sum.iter().all(|count| (850..1150).contains(count)), "{sum:?}");
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
    fn what_a_tenth_of_the_draws_cannot_tell_has_no_interval() {
        assert!(interval(vec![0.5; 90], 100).is_some());
        assert!(interval(vec![0.5; 89], 100).is_none());
        assert!(interval(Vec::new(), 0).is_none());
    }
}
