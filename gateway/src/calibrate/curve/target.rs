//! The choice that meets a target.

use super::{Curve, Hopeless, NEAR, Point};

/// What is wanted.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Target {
    /// At most this share to the cloud, and as near to it as can be.
    CloudShare(f64),
    /// At least this share of the quality of the cloud, with as little of the cloud as can be.
    Quality(f64),
    /// At least this share of the cloud's gain in quality, with as little of the cloud as can be.
    Recovered(f64),
    /// At most so many USD per thousand requests, with the best quality that they buy.
    BudgetUsd(f64),
}

impl Target {
    /// Whether a choice meets it; `cloud` is the quality with everything there. None where it cannot be told.
    #[must_use]
    pub fn met(self, point: &Point, cloud: f64) -> Option<bool> {
        Some(match self {
            Self::CloudShare(share) => point.share <= share + NEAR,
            Self::Quality(wanted) => point.quality >= wanted * cloud - NEAR,
            Self::Recovered(wanted) => point.recovered? >= wanted - NEAR,
            Self::BudgetUsd(budget) => point.cost_usd? <= budget + NEAR,
        })
    }
}

/// The choice for a target.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Chosen {
    /// Its place in the curve.
    pub index: usize,
    /// Whether it meets the target; else it is the nearest that there is.
    pub met: bool,
}

impl Curve {
    /// The choice for a target, or the nearest.
    ///
    /// # Errors
    /// When the labels cannot tell.
    pub fn choose(&self, target: Target) -> Result<Chosen, Hopeless> {
        let met = |point: &Point| target.met(point, self.cloud) == Some(true);
        let unknown = |point: &Point| target.met(point, self.cloud).is_none();
        if self.points.iter().any(unknown) {
            return Err(match target {
                Target::BudgetUsd(_) => Hopeless::NoCosts,
                _ => Hopeless::NoGap,
            });
        }
        match target {
            Target::CloudShare(share) => {
                let within = self.best(|point| met(point).then_some(point.share));
                // More than is ever sent is asked for, where even the most is less.
                let most = self.best(|point| Some(point.share));
                let enough = most.is_some_and(|most| self.share(most) >= share - NEAR);
                let least = || self.best(|point| Some(-point.share));
                Self::chosen(within.filter(|_| enough), || within.or_else(least))
            }
            Target::Quality(_) | Target::Recovered(_) => {
                let cheapest = self.best(|point| met(point).then_some(-point.share));
                Self::chosen(cheapest, || self.best(|point| Some(point.quality)))
            }
            Target::BudgetUsd(_) => {
                let best = self.best(|point| met(point).then_some(point.quality));
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
