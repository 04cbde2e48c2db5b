//! Figures of the order that the scores make, the hardest first.

use super::Decided;
use crate::calibrate::GAP_MIN;

/// What the order is worth.
pub(super) struct Ranks {
    /// See [`super::Figure::Area`].
    pub area: Option<f64>,
    /// See [`super::Figure::Ranking`].
    pub ranking: Option<f64>,
}

/// Goes over prompts that are sorted, each with its weight; those whose outcomes are unknown count for nothing.
///
/// Prompts of equal score are taken together: half of them is then before and half behind, the mean of all their orders.
pub(super) fn ranks<'a>(weighed: impl Iterator<Item = (&'a Decided, &'a u32)>) -> Ranks {
    let mut gone = Gone::default();
    let mut group = Group::default();
    let mut score = None;
    for (prompt, weight) in weighed {
        let Some(right) = prompt.label.right else { continue };
        if score != Some(prompt.score) {
            gone.pass(std::mem::take(&mut group));
            score = Some(prompt.score);
        }
        let weight = f64::from(*weight);
        group.prompts += weight;
        group.gain += weight * (right.cloud - right.local);
        group.wrong += weight * (1.0 - right.local);
        group.right += weight * right.local;
    }
    gone.pass(group);
    gone.ranks()
}

/// Sums over prompts of equal score.
#[derive(Default)]
struct Group {
    prompts: f64,
    /// What the cloud answers better.
    gain: f64,
    /// What the local model gets wrong.
    wrong: f64,
    /// What it gets right.
    right: f64,
}

/// Sums over what is gone by, and the areas over it.
#[derive(Default)]
struct Gone {
    sums: Group,
    under_gain: f64,
    under_wrong: f64,
}

impl Gone {
    /// One trapezoid each.
    fn pass(&mut self, group: Group) {
        self.under_gain += group.prompts * (self.sums.gain + group.gain / 2.0);
        self.under_wrong += group.right * (self.sums.wrong + group.wrong / 2.0);
        self.sums.prompts += group.prompts;
        self.sums.gain += group.gain;
        self.sums.wrong += group.wrong;
        self.sums.right += group.right;
    }

    fn ranks(&self) -> Ranks {
        let Group { prompts, gain, wrong, right } = self.sums;
        let gap = prompts > 0.0 && gain / prompts > GAP_MIN;
        let both = wrong > GAP_MIN && right > GAP_MIN;
        Ranks {
            area: gap.then(|| self.under_gain / (prompts * gain)),
            ranking: both.then(|| self.under_wrong / (wrong * right)),
        }
    }
}
