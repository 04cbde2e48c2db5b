//! Sums over prompts, from which every point of the curve is taken.

use super::Prompt;
use crate::calibrate::Place;

/// Sums over some prompts.
#[derive(Clone, Copy, Default)]
pub(super) struct Sums {
    pub(super) prompts: f64,
    local: f64,
    cloud: f64,
    easy: Total,
    moderate: Total,
    hard: Total,
}

impl Sums {
    /// Over none, the first, the first two, and so on.
    pub(super) fn of(prompts: &[Prompt]) -> Vec<Self> {
        let mut sums = Self::default();
        let mut all = vec![sums];
        for prompt in prompts {
            sums = sums.and(prompt);
            all.push(sums);
        }
        all
    }

    pub(super) fn and(self, prompt: &Prompt) -> Self {
        let [easy, moderate, hard] = prompt.places;
        Self {
            prompts: self.prompts + 1.0,
            local: self.local + prompt.right.local,
            cloud: self.cloud + prompt.right.cloud,
            easy: self.easy.and(Total::of(prompt, easy)),
            moderate: self.moderate.and(Total::of(prompt, moderate)),
            hard: self.hard.and(Total::of(prompt, hard)),
        }
    }

    /// What comes of all of these where some are hard, and some at least moderate; both are the first of these.
    pub(super) fn split(&self, moderates: &Self, hards: &Self) -> Total {
        let easy = self.easy.less(moderates.easy);
        easy.and(moderates.moderate.less(hards.moderate)).and(hards.hard)
    }

    /// The mean quality with everything at home, and with everything in the cloud.
    pub(super) fn ends(&self) -> (f64, f64) {
        (self.local / self.prompts, self.cloud / self.prompts)
    }
}

/// What comes of some prompts, all of one band.
#[derive(Clone, Copy, Default)]
pub(super) struct Total {
    pub(super) sent: f64,
    pub(super) quality: f64,
    pub(super) cost_usd: f64,
    pub(super) costs_missing: f64,
}

impl Total {
    pub(super) fn of(prompt: &Prompt, place: Place) -> Self {
        let cost = prompt.costs.at(place);
        Self {
            sent: if place == Place::Cloud { 1.0 } else { 0.0 },
            quality: prompt.right.at(place),
            cost_usd: cost.unwrap_or(0.0),
            costs_missing: if cost.is_none() { 1.0 } else { 0.0 },
        }
    }

    pub(super) fn and(self, other: Self) -> Self {
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
