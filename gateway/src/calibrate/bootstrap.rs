//! How sure the figures are.
//!
//! A share, and a mean of numbers in 0..1, has exact bounds. The others have those of the percentile bootstrap: the prompts
//! are drawn anew, and the middle 95 % of the figures of such draws is the interval. Draws come from a seed, so the same
//! file, seed and count give the same interval, and two policies are measured on the same draws.

use super::Interval;
use super::draws::{Draws, interval};
use super::exact;
use super::figures::{Amount, Decided, Figure, hardest_first, measure};

/// Of fewer prompts than this, draws say too little of what else might have come: a rule of thumb, not a theorem.
pub const DRAWN_FROM_MIN: usize = 30;

/// What is measured, and how sure it is.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Measured {
    /// What.
    pub figure: Figure,
    /// How much; none where it means nothing.
    pub amount: Option<Amount>,
    /// How sure that is.
    pub bounds: Bounds,
}

/// How sure a figure is, to 95 %.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Bounds {
    /// Exact bounds, as few prompts as there may be.
    Exact(Interval),
    /// What draws say.
    Drawn(Interval),
    /// Fewer than nine draws in ten have the figure at all.
    SeldomTold,
    /// Every draw says the same, which is no proof that nothing else can come.
    AllAlike,
}

impl Bounds {
    /// The interval, where there is one.
    #[must_use]
    pub fn interval(self) -> Option<Interval> {
        match self {
            Self::Exact(interval) | Self::Drawn(interval) => Some(interval),
            Self::SeldomTold | Self::AllAlike => None,
        }
    }
}

/// Measures every figure, with how sure it is.
#[must_use]
pub fn measured(decided: &[Decided], resamples: u32, seed: u64) -> Vec<Measured> {
    // INVARIANT: draws are made in the order that is given, whatever the scores.
    let mut places: Vec<(usize, Decided)> = decided.iter().copied().enumerate().collect();
    places.sort_by(|(_, a), (_, b)| hardest_first(a, b));
    let sorted: Vec<Decided> = places.iter().map(|(_, decided)| *decided).collect();
    let amounts = measure(&sorted, &vec![1; sorted.len()]);
    let mut drawn: Vec<Vec<f64>> = vec![Vec::new(); amounts.len()];
    let mut draws = Draws::of(decided.len(), seed);
    for _ in 0..resamples {
        let weights = draws.draw();
        let weights: Vec<u32> =
            places.iter().map(|(place, _)| weights.get(*place).copied().unwrap_or(0)).collect();
        for (drawn, amount) in drawn.iter_mut().zip(measure(&sorted, &weights)) {
            drawn.extend(amount.map(|amount| amount.value));
        }
    }
    let told = |(figure, amount): (Figure, Option<Amount>), drawn| Measured {
        figure,
        amount,
        bounds: bounds(amount, drawn, resamples),
    };
    let all = Figure::ALL.into_iter().zip(amounts).zip(drawn);
    all.map(|(measured, drawn)| told(measured, drawn)).collect()
}

fn bounds(amount: Option<Amount>, drawn: Vec<f64>, resamples: u32) -> Bounds {
    match amount {
        Some(Amount { value, mean_of: Some(count) }) => Bounds::Exact(exact::bounds(value * count, count)),
        _ => match interval(drawn, resamples) {
            None => Bounds::SeldomTold,
            Some((low, high)) if high - low <= f64::EPSILON * high.abs() => Bounds::AllAlike,
            Some(interval) => Bounds::Drawn(interval),
        },
    }
}

#[cfg(test)]
mod tests {
    use hearthgate_rules::difficulty::Band;

    use super::*;
    use crate::calibrate::figures::Strategy;
    use crate::calibrate::{Costs, Label, Place, Right};

    fn prompts(count: u16) -> Vec<Decided> {
        let prompt = |index: u16| {
            let right = Some(Right { local: f64::from(index % 3 % 2), cloud: 1.0 });
            let costs = Costs { local_usd: Some(f64::from(index % 3 % 2)), cloud_usd: None };
            let score = 1.0 - f32::from(index) / f32::from(count);
            let label = Label { right, costs, band: None };
            Decided { label, score, band: Band::Hard, place: Place::Home, may_leave: true }
        };
        (0..count).map(prompt).collect()
    }

    fn of(measured: &[Measured], figure: Figure) -> Measured {
        *measured.iter().find(|measured| measured.figure == figure).unwrap()
    }

    #[test]
    fn the_same_seed_gives_the_same_intervals_and_another_others() {
        let prompts = prompts(30);
        assert_eq!(measured(&prompts, 200, 7), measured(&prompts, 200, 7));
        assert_ne!(measured(&prompts, 200, 7), measured(&prompts, 200, 8));
    }

    #[test]
    fn an_interval_holds_the_figure_and_is_as_wide_as_theory_says() {
        let cost = of(&measured(&prompts(300), 1000, 1), Figure::CostPerThousand(Strategy::Local));
        let (Some(Amount { value, .. }), Bounds::Drawn((low, high))) = (cost.amount, cost.bounds) else {
            panic!("{cost:?}");
        };
        assert!(low < value && value < high);
        // The normal approximation: 2 × 1.96 × sqrt(p (1 - p) / n), p a third.
        let p = value / 1000.0;
        let width = 1000.0 * 2.0 * 1.96 * (p * (1.0 - p) / 300.0).sqrt();
        assert!((high - low - width).abs() < 0.15 * width, "{low} {high} {width}");
    }

    #[test]
    fn shares_and_qualities_have_exact_bounds() {
        let measured = measured(&prompts(30), 100, 1);
        let local = of(&measured, Figure::Quality(Strategy::Local));
        assert_eq!(local.bounds, Bounds::Exact(exact::bounds(10.0, 30.0)));
        // Nothing was sent out of thirty, which does not say that nothing ever is.
        let Bounds::Exact((low, high)) = of(&measured, Figure::SentToCloud).bounds else { panic!() };
        assert!(low == 0.0 && high > 0.1);
    }

    #[test]
    fn another_score_changes_no_draw() {
        let prompts = prompts(30);
        let turned: Vec<_> = prompts.iter().map(|p| Decided { score: 1.0 - p.score, ..*p }).collect();
        let (before, after) = (measured(&prompts, 100, 1), measured(&turned, 100, 1));
        for (before, after) in before.iter().zip(&after) {
            let ordered = matches!(before.figure, Figure::Area | Figure::Ranking);
            assert_eq!(before == after, !ordered, "{before:?} {after:?}");
        }
    }

    #[test]
    fn what_is_unknown_seldom_known_or_always_the_same_has_no_interval() {
        let mut prompts = prompts(30);
        let cost = Figure::CostPerThousand(Strategy::Cloud);
        assert_eq!(of(&measured(&prompts, 100, 1), cost).bounds, Bounds::SeldomTold);
        let recovered = of(&measured(&prompts, 100, 1), Figure::Recovered);
        // Everything stays at home, so nothing is ever recovered.
        assert_eq!(recovered.amount.map(|amount| amount.value), Some(0.0));
        assert_eq!(recovered.bounds, Bounds::AllAlike);
        // Of thirty prompts the local model gets one wrong: a third of the draws lack it.
        for (index, prompt) in prompts.iter_mut().enumerate() {
            prompt.label.right = Some(Right { local: if index == 7 { 0.0 } else { 1.0 }, cloud: 1.0 });
        }
        let ranking = of(&measured(&prompts, 1000, 1), Figure::Ranking);
        assert!(ranking.amount.is_some());
        assert_eq!(ranking.bounds, Bounds::SeldomTold);
    }
}
