//! What thresholds would give: share, quality and cost for each, and the one that meets a target.
//!
//! Every prompt is decided three times beforehand, as if it were easy, moderate and hard; from there on where it goes for
//! any thresholds is exact, whatever the routes and ceilings of the policy.

use hearthgate_rules::difficulty::{Band, Thresholds};
use thiserror::Error;

use super::{Label, Place, recovered};

/// A prompt, and where it goes by its band.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Prompt {
    /// What is known of it.
    pub label: Label,
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
}

/// What is wanted.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Target {
    /// At most this share to the cloud, and as near to it as can be.
    CloudShare(f64),
    /// At least this share of the cloud's gain in quality, with as little of the cloud as can be.
    Quality(f64),
    /// At most so many USD per thousand requests, with the best quality that they buy.
    BudgetUsd(f64),
}

/// The choice for a target.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Chosen {
    /// Its place in the curve.
    pub index: usize,
    /// Whether it meets the target; else it is the nearest that there is.
    pub met: bool,
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
        "there is no gap to recover: by these labels the cloud answers no better than the local model, so `--quality` \
         means nothing; use `--cloud-share` or `--budget-usd`"
    )]
    NoGap,
    /// Costs are missing.
    #[error("`--budget-usd` needs `local_cost_usd` and `cloud_cost_usd` on every line")]
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
        let local = everything.local / everything.prompts;
        let cloud = everything.cloud / everything.prompts;
        let point = |hard: f32| {
            let moderate = moderate(hard, ratio);
            let reached = |from: f32| prompts.partition_point(|prompt| prompt.score >= from);
            let at = |count: usize| sums.get(count).copied().unwrap_or(everything);
            let (hards, above_easy) = (at(reached(hard)), at(reached(moderate)));
            let total = |band: fn(&Sums) -> Total, from: &Sums, to: &Sums| band(to).less(band(from));
            let total = total(|sums| sums.easy, &above_easy, &everything)
                .and(total(|sums| sums.moderate, &hards, &above_easy))
                .and(hards.hard);
            let quality = total.quality / everything.prompts;
            let known = total.costs_missing < 0.5;
            Point {
                hard,
                moderate,
                share: total.sent / everything.prompts,
                quality,
                recovered: recovered(quality, local, cloud),
                cost_usd: known.then(|| 1000.0 * total.cost_usd / everything.prompts),
            }
        };
        let points: Vec<_> = thresholds(&prompts).into_iter().map(point).collect();
        let differs = |points: &[Point]| {
            points.first().is_some_and(|first| points.iter().any(|p| (p.share - first.share).abs() > NEAR))
        };
        if differs(&points) { Ok(Self { points, local, cloud }) } else { Err(Hopeless::Fixed) }
    }

    /// The choice for a target, or the nearest.
    ///
    /// # Errors
    /// When the labels cannot tell.
    pub fn choose(&self, target: Target) -> Result<Chosen, Hopeless> {
        match target {
            Target::CloudShare(share) => {
                let within = self.best(|p| (p.share <= share + NEAR).then_some(p.share));
                // More than is ever sent is asked for, where even the most is less.
                let most = self.best(|point| Some(point.share));
                let enough = most.is_some_and(|most| self.share(most) >= share - NEAR);
                let least = || self.best(|point| Some(-point.share));
                Self::chosen(within.filter(|_| enough), || within.or_else(least))
            }
            Target::Quality(wanted) => {
                if self.points.iter().any(|point| point.recovered.is_none()) {
                    return Err(Hopeless::NoGap);
                }
                let enough = |point: &Point| point.recovered.is_some_and(|share| share >= wanted - NEAR);
                let cheapest = self.best(|point| enough(point).then_some(-point.share));
                Self::chosen(cheapest, || self.best(|point| point.recovered))
            }
            Target::BudgetUsd(budget) => {
                if self.points.iter().any(|point| point.cost_usd.is_none()) {
                    return Err(Hopeless::NoCosts);
                }
                let affordable = |point: &Point| point.cost_usd.is_some_and(|cost| cost <= budget + NEAR);
                let best = self.best(|point| affordable(point).then_some(point.quality));
                Self::chosen(best, || self.best(|point| point.cost_usd.map(|cost| -cost)))
            }
        }
    }

    fn chosen(met: Option<usize>, nearest: impl FnOnce() -> Option<usize>) -> Result<Chosen, Hopeless> {
        let found = met.map(|index| Chosen { index, met: true });
        found.or_else(|| nearest().map(|index| Chosen { index, met: false })).ok_or(Hopeless::Empty)
    }

    /// The first point that is worth most, among those that are worth something.
    fn best(&self, worth: impl Fn(&Point) -> Option<f64>) -> Option<usize> {
        let worths = self.points.iter().enumerate().filter_map(|(index, p)| Some((index, worth(p)?)));
        let best = worths.reduce(|best, next| if next.1 > best.1 + NEAR { next } else { best });
        best.map(|(index, _)| index)
    }

    fn share(&self, index: usize) -> f64 {
        self.points.get(index).map_or(0.0, |point| point.share)
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

/// Sums over the first so many prompts, the hardest first.
#[derive(Clone, Copy, Default)]
struct Sums {
    prompts: f64,
    local: f64,
    cloud: f64,
    easy: Total,
    moderate: Total,
    hard: Total,
}

impl Sums {
    /// Over none, the first, the first two, and so on.
    fn of(prompts: &[Prompt]) -> Vec<Self> {
        let mut sums = Self::default();
        let mut all = vec![sums];
        for Prompt { label, places: [easy, moderate, hard], .. } in prompts {
            sums = Self {
                prompts: sums.prompts + 1.0,
                local: sums.local + label.local,
                cloud: sums.cloud + label.cloud,
                easy: sums.easy.and(Total::of(label, *easy)),
                moderate: sums.moderate.and(Total::of(label, *moderate)),
                hard: sums.hard.and(Total::of(label, *hard)),
            };
            all.push(sums);
        }
        all
    }
}

/// What comes of some prompts, all of one band.
#[derive(Clone, Copy, Default)]
struct Total {
    sent: f64,
    quality: f64,
    cost_usd: f64,
    costs_missing: f64,
}

impl Total {
    fn of(label: &Label, place: Place) -> Self {
        let cost = label.cost_usd(place);
        Self {
            sent: if place == Place::Cloud { 1.0 } else { 0.0 },
            quality: label.quality(place),
            cost_usd: cost.unwrap_or(0.0),
            costs_missing: if cost.is_none() { 1.0 } else { 0.0 },
        }
    }

    fn and(self, other: Self) -> Self {
        Self {
            sent: self.sent + other.sent,
            quality: self.quality + other.quality,
            cost_usd: self.cost_usd + other.cost_usd,
            costs_missing: self.costs_missing + other.costs_missing,
        }
    }

    fn less(self, other: Self) -> Self {
        Self {
            sent: self.sent - other.sent,
            quality: self.quality - other.quality,
            cost_usd: self.cost_usd - other.cost_usd,
            costs_missing: self.costs_missing - other.costs_missing,
        }
    }
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
