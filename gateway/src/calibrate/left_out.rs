//! How sure a choice of thresholds is, and what it gives to prompts that it was not made by.
//!
//! Thresholds that are chosen by some prompts do better on those than on others. So the choice is made anew on draws of the
//! prompts, and looked at on those that a draw left out, some 37 in a hundred (Efron 1983; the out-of-bag estimate).

use super::Interval;
use super::curve::{Curve, Point, Prompt, Target};
use super::draws::{Draws, interval};

/// What the draws say of a choice.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct LeftOut {
    /// Draws by which thresholds could be chosen.
    pub draws: u32,
    /// Where hard began in them, the middle 95 %; none where too few could be chosen by.
    pub hard: Option<Interval>,
    /// The mean share of the prompts left out that go to the cloud.
    pub share: f64,
    /// Their mean quality.
    pub quality: f64,
    /// The mean quality of those with everything in the cloud.
    pub cloud: f64,
    /// In which share of the draws the target is met on the prompts left out.
    pub met: f64,
}

/// Chooses anew, so many times; none where no draw can be chosen by.
#[must_use]
pub fn left_out(
    prompts: &[Prompt],
    ratio: f32,
    target: Target,
    resamples: u32,
    seed: u64,
) -> Option<LeftOut> {
    let mut draws = Draws::of(prompts.len(), seed);
    let mut hards = Vec::new();
    let mut sum = [0.0; 4];
    for _ in 0..resamples {
        let Some((point, cloud)) = once(prompts, draws.draw(), ratio, target) else { continue };
        hards.push(f64::from(point.hard));
        let met = if target.met(&point, cloud) == Some(true) { 1.0 } else { 0.0 };
        for (sum, value) in sum.iter_mut().zip([point.share, point.quality, cloud, met]) {
            *sum += value;
        }
    }
    let count = u32::try_from(hards.len()).ok().filter(|count| *count > 0)?;
    let [share, quality, cloud, met] = sum.map(|sum| sum / f64::from(count));
    Some(LeftOut { draws: count, hard: interval(hards, resamples), share, quality, cloud, met })
}

/// What one draw's choice gives to the prompts that it left out, and what the cloud would.
fn once(prompts: &[Prompt], weights: &[u32], ratio: f32, target: Target) -> Option<(Point, f64)> {
    let weighed = || prompts.iter().zip(weights);
    let times = |weight: u32| usize::try_from(weight).unwrap_or(0);
    let drawn = weighed().flat_map(|(prompt, weight)| std::iter::repeat_n(*prompt, times(*weight))).collect();
    let others: Vec<Prompt> =
        weighed().filter(|(_, weight)| **weight == 0).map(|(prompt, _)| *prompt).collect();
    let curve = Curve::of(drawn, ratio).ok()?;
    let chosen = curve.choose(target).ok()?;
    let Point { moderate, hard, .. } = *curve.points.get(chosen.index)?;
    Point::at((moderate, hard), &others)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::calibrate::{Costs, Place, Right};

    const BY_BAND: [Place; 3] = [Place::Home, Place::Home, Place::Cloud];

    fn prompt(score: f32, local: f64, places: [Place; 3]) -> Prompt {
        Prompt { right: Right { local, cloud: 1.0 }, costs: Costs::default(), score, places }
    }

    /// Half of them wrong at home: those with the highest scores, or every other one whatever its score.
    fn prompts(count: u16, telling: bool) -> Vec<Prompt> {
        let wrong = |index: u16| if telling { index < count / 2 } else { index.is_multiple_of(2) };
        let score = |index: u16| 1.0 - (f32::from(index) + 0.5) / f32::from(count);
        (0..count).map(|index| prompt(score(index), f64::from(u8::from(!wrong(index))), BY_BAND)).collect()
    }

    #[test]
    fn the_same_seed_gives_the_same_and_another_other_figures() {
        let of = |seed| left_out(&prompts(40, true), 0.5, Target::Recovered(0.8), 50, seed);
        assert_eq!(of(3), of(3));
        assert_ne!(of(3), of(4));
    }

    #[test]
    fn a_telling_score_keeps_its_promise_on_what_was_left_out() {
        let all = prompts(400, true);
        let told = left_out(&all, 0.5, Target::Quality(0.9), 200, 1).unwrap();
        // A fifth of the wrong half may stay: 0.4 of all are sent, and nothing but a wrong answer is.
        assert_eq!(told.draws, 200);
        assert!((told.quality - 0.9).abs() < 0.01, "{told:?}");
        assert!((told.share - 0.4).abs() < 0.02, "{told:?}");
        assert!((told.cloud - 1.0).abs() < 1e-9, "{told:?}");
        let (low, high) = told.hard.unwrap();
        assert!(low < 0.6 && 0.6 < high && high - low < 0.12, "{told:?}");
    }

    #[test]
    fn a_score_that_tells_nothing_is_seen_through() {
        // Of few prompts and by a score that is noise: what is chosen meets the target on them, and about half of the
        // time on others.
        let all = prompts(30, false);
        let curve = Curve::of(all.clone(), 0.5).unwrap();
        assert!(curve.choose(Target::Quality(0.75)).unwrap().met);
        let told = left_out(&all, 0.5, Target::Quality(0.75), 400, 1).unwrap();
        assert!((0.2..0.8).contains(&told.met), "{told:?}");
    }

    #[test]
    fn what_cannot_be_chosen_by_is_not_counted() {
        assert_eq!(left_out(&[], 0.5, Target::CloudShare(0.5), 100, 1), None);
        let same = vec![prompt(0.5, 1.0, [Place::Home; 3]); 5];
        assert_eq!(left_out(&same, 0.5, Target::CloudShare(0.5), 100, 1), None);
        // Of one prompt nothing is ever left out.
        assert_eq!(left_out(&prompts(1, true), 0.5, Target::CloudShare(0.5), 100, 1), None);
    }
}
