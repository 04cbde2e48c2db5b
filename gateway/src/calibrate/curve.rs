//! What thresholds would give: share, quality and cost for each.
//!
//! Every prompt is decided three times beforehand, as if it were easy, moderate and hard; from there on where it goes for
//! any thresholds is exact, whatever the routes and ceilings of the policy.

mod target;
mod total;

use hearthgate_rules::difficulty::{Band, Thresholds};
use thiserror::Error;

pub use self::target::{Chosen, Target};
use self::total::{Sums, Total};
use super::exact;
use super::{Costs, Interval, Place, Right, recovered};

/// A prompt, and where it goes by its band.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Prompt {
    /// How right the answers were.
    pub right: Right,
    /// What they cost.
    pub costs: Costs,
    /// How hard it is, in 0..1.
    pub score: f32,
    /// Where it goes if it is easy, moderate, hard.
    pub places: [Place; 3],
}

/// One choice of thresholds, and what comes of it.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Point {
    /// Where hard begins.
    pub hard: f32,
    /// Where moderate begins.
    pub moderate: f32,
    /// The share of prompts that go to the cloud.
    pub share: f64,
    /// The mean quality.
    pub quality: f64,
    /// The share of the cloud's gain in quality; none where it has none.
    pub recovered: Option<f64>,
    /// USD per thousand requests; none where a cost is missing.
    pub cost_usd: Option<f64>,
}

/// Every choice that makes a difference, the highest threshold first.
#[derive(Clone, PartialEq, Debug)]
pub struct Curve {
    /// The choices; at least two.
    pub points: Vec<Point>,
    /// The mean quality with everything at home.
    pub local: f64,
    /// The mean quality with everything in the cloud.
    pub cloud: f64,
    /// How many prompts it is of.
    pub prompts: f64,
}

/// Why no threshold can be chosen.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Error)]
pub enum Hopeless {
    /// There is no prompt.
    #[error("there is no labelled prompt")]
    Empty,
    /// The policy sends the same prompts to the cloud whatever their band.
    #[error(
        "no threshold makes a difference: the policy sends the same prompts to the cloud however hard they are judged; \
         it needs a target in the zone cloud and a route such as `when = {{ band = \"hard\" }}` to it"
    )]
    Fixed,
    /// The cloud is no better.
    #[error(
        "there is no gap to recover: by these labels the cloud answers no better than the local model, so `--recovered` \
         means nothing; use `--quality`, `--cloud-share` or a budget"
    )]
    NoGap,
    /// Costs are missing.
    #[error("a budget needs `local_cost_usd` and `cloud_cost_usd` on every line")]
    NoCosts,
}

/// What counts as equal: sums of fractions are not exact.
const NEAR: f64 = 1e-9;

impl Curve {
    /// Goes over every threshold. Where moderate begins stays in the same ratio to where hard begins, `ratio` in 0..1.
    ///
    /// # Errors
    /// When there is no prompt, or no threshold changes where one goes.
    pub fn of(mut prompts: Vec<Prompt>, ratio: f32) -> Result<Self, Hopeless> {
        prompts.sort_by(|a, b| b.score.total_cmp(&a.score));
        let sums = Sums::of(&prompts);
        let Some(everything) = sums.last().copied().filter(|sums| sums.prompts > 0.0) else {
            return Err(Hopeless::Empty);
        };
        let reached = |from: f32| {
            let count = prompts.partition_point(|prompt| prompt.score >= from);
            sums.get(count).copied().unwrap_or(everything)
        };
        let point = |hard: f32| {
            let bands = (moderate(hard, ratio), hard);
            let total = everything.split(&reached(bands.0), &reached(hard));
            Point::of(bands, &total, &everything)
        };
        let points: Vec<_> = thresholds(&prompts).into_iter().map(point).collect();
        let differs = |points: &[Point]| {
            points.first().is_some_and(|first| points.iter().any(|p| (p.share - first.share).abs() > NEAR))
        };
        let (local, cloud) = everything.ends();
        let prompts = everything.prompts;
        if differs(&points) { Ok(Self { points, local, cloud, prompts }) } else { Err(Hopeless::Fixed) }
    }

    /// The exact 95 % bounds of the quality of one choice, taken alone: not of the best of many.
    #[must_use]
    pub fn quality_within(&self, point: &Point) -> Interval {
        exact::bounds(point.quality * self.prompts, self.prompts)
    }
}

impl Point {
    /// What comes of bands that begin there, moderate first, and the quality with everything in the cloud; none where
    /// there is no prompt.
    #[must_use]
    pub fn at(bands: (f32, f32), prompts: &[Prompt]) -> Option<(Self, f64)> {
        let everything = prompts.iter().fold(Sums::default(), |sums, prompt| sums.and(prompt));
        if everything.prompts <= 0.0 {
            return None;
        }
        let total = |prompt: &Prompt| {
            let [easy, medium, hard] = prompt.places;
            let place = match prompt.score {
                score if score >= bands.1 => hard,
                score if score >= bands.0 => medium,
                _ => easy,
            };
            Total::of(prompt, place)
        };
        let total = prompts.iter().fold(Total::default(), |sum, prompt| sum.and(total(prompt)));
        Some((Self::of(bands, &total, &everything), everything.ends().1))
    }

    fn of((moderate, hard): (f32, f32), total: &Total, everything: &Sums) -> Self {
        let prompts = everything.prompts;
        let quality = total.quality / prompts;
        let (local, cloud) = everything.ends();
        // Counts are whole, so half of one is none.
        let known = total.costs_missing < 0.5;
        Self {
            hard,
            moderate,
            share: total.sent / prompts,
            quality,
            recovered: recovered(quality, local, cloud),
            cost_usd: known.then(|| 1000.0 * total.cost_usd / prompts),
        }
    }
}

/// Thresholds, falling: above every score, between each two that differ, and at 0.
///
/// One that is hard from 1 on is always hard, so nothing lies above a score of 1.
fn thresholds(prompts: &[Prompt]) -> Vec<f32> {
    let mut scores: Vec<f32> = prompts.iter().map(|prompt| prompt.score).collect();
    scores.dedup();
    let above = scores.first().is_some_and(|highest| *highest < 1.0).then_some(1.0);
    let between = scores.iter().zip(scores.iter().skip(1)).map(|(high, low)| between(*low, *high));
    above.into_iter().chain(between).chain([0.0]).collect()
}

/// The shortest decimal near the middle that is above `low` and not above `high`: from there on `high` is reached.
fn between(low: f32, high: f32) -> f32 {
    let middle = low + (high - low) / 2.0;
    // Whole numbers to 10⁷ and their quotients by powers of ten are exact to the last bit of an `f32`.
    let rounded = [1e2_f32, 1e3, 1e4, 1e5, 1e6, 1e7].map(|power| (middle * power).round() / power);
    rounded.into_iter().find(|decimal| low < *decimal && *decimal <= high).unwrap_or(high)
}

/// Where moderate begins, rounded to four decimals and never above hard.
fn moderate(hard: f32, ratio: f32) -> f32 {
    let rounded = (hard * ratio * 1e4).round() / 1e4;
    rounded.clamp(0.0, hard)
}

/// In which ratio a policy's moderate stands to its hard; 0 where hard begins at 0.
#[must_use]
pub fn ratio(thresholds: Thresholds) -> f32 {
    let (moderate, hard) = (thresholds.moderate(), thresholds.hard());
    if hard > 0.0 { (moderate / hard).clamp(0.0, 1.0) } else { 0.0 }
}

/// The thresholds under which every prompt is of a band; a score of 1 is hard under any.
#[must_use]
pub fn as_if(band: Band) -> (f32, f32) {
    match band {
        Band::Easy => (1.0, 1.0),
        Band::Moderate => (0.0, 1.0),
        Band::Hard => (0.0, 0.0),
    }
}

#[cfg(test)]
mod tests;
