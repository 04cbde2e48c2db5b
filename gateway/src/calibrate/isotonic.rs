//! How often a model fails by how hard the demand is, from prompts of which that is known: never less often where it is harder.
//!
//! Scores that lie side by side are pooled until none fails more often than the next (pool adjacent violators: Ayer, Brunk,
//! Ewing, Reid and Silverman, "An empirical distribution function for sampling with incomplete information", 1955), and until
//! each pool has enough prompts to say anything. A pool's chance is the mean of Jeffreys' posterior, so that ten of ten that
//! went well do not mean that nothing ever fails; its bounds are exact.

use hearthgate_rules::difficulty::POINTS_MAX;
use thiserror::Error;

use super::{Interval, exact};

/// The fewest prompts of a pool.
const PROMPTS_MIN: f64 = 10.0;

/// The fewest prompts that a table is made of.
pub const OUTCOMES_MIN: usize = 20;

/// What became of one prompt.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Outcome {
    /// How hard it is, in 0..1.
    pub score: f32,
    /// How wrong the answer was, in 0..1.
    pub failed: f64,
}

/// Prompts of scores that lie side by side.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Pool {
    /// The lowest score.
    pub from: f32,
    /// The highest.
    pub to: f32,
    /// The mean score, rounded: the table's point.
    pub score: f32,
    /// How many there are.
    pub prompts: f64,
    /// How many of them failed.
    pub failed: f64,
    /// How often the model fails there, rounded: the table's point.
    pub chance: f32,
    /// The exact 95 % bounds of the share that failed.
    pub within: Interval,
}

/// Why no table can be made.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Error)]
pub enum TooFew {
    /// Not enough prompts.
    #[error("there are {0} prompts with outcomes, and a table takes {OUTCOMES_MIN} or more")]
    Prompts(usize),
}

#[derive(Clone, Copy)]
struct Sum {
    from: f32,
    to: f32,
    scores: f64,
    prompts: f64,
    failed: f64,
}

impl Sum {
    fn with(self, next: Self) -> Self {
        Self {
            from: self.from,
            to: next.to,
            scores: self.scores + next.scores,
            prompts: self.prompts + next.prompts,
            failed: self.failed + next.failed,
        }
    }

    fn share(&self) -> f64 {
        self.failed / self.prompts
    }

    /// The mean of the posterior under Jeffreys' prior.
    fn chance(&self) -> f64 {
        (self.failed + 0.5) / (self.prompts + 1.0)
    }

    fn score(&self) -> f32 {
        single(self.scores / self.prompts, 1e4)
    }
}

/// Pools the outcomes, the lowest scores first. Their points are a table of calibration.
///
/// # Errors
/// When there are too few.
pub fn pools(outcomes: &[Outcome]) -> Result<Vec<Pool>, TooFew> {
    if outcomes.len() < OUTCOMES_MIN {
        return Err(TooFew::Prompts(outcomes.len()));
    }
    let mut sums: Vec<Sum> = outcomes
        .iter()
        .map(|outcome| Sum {
            from: outcome.score,
            to: outcome.score,
            scores: f64::from(outcome.score),
            prompts: 1.0,
            failed: outcome.failed,
        })
        .collect();
    sums.sort_by(|one, other| one.from.total_cmp(&other.from));
    #[expect(clippy::cast_precision_loss, reason = "a file has a million lines at most")]
    let least = (outcomes.len() as f64 / POINTS_MAX as f64).max(PROMPTS_MIN);
    let sums = pooled(sums, |one, next| one.to >= next.from);
    let sums = pooled(sums, |one, next| one.share() >= next.share());
    let sums = enough(sums, least);
    // A small pool is drawn nearer to the middle than a large one, and rounding may make two points of one score.
    let sums = pooled(sums, |one, next| one.chance() > next.chance() || one.score() >= next.score());
    Ok(sums.into_iter().map(pool).collect())
}

/// Pools neighbours as long as some belong together.
fn pooled(sums: Vec<Sum>, together: impl Fn(&Sum, &Sum) -> bool) -> Vec<Sum> {
    let mut pools: Vec<Sum> = Vec::new();
    for mut next in sums {
        while let Some(last) = pools.pop() {
            if !together(&last, &next) {
                pools.push(last);
                break;
            }
            next = last.with(next);
        }
        pools.push(next);
    }
    pools
}

/// Joins what has too few prompts with the neighbour that fails most like it.
fn enough(mut sums: Vec<Sum>, least: f64) -> Vec<Sum> {
    while sums.len() > 1 {
        let Some(small) = sums.iter().position(|sum| sum.prompts < least) else { break };
        let share = |at: usize| sums.get(at).map_or(f64::NAN, Sum::share);
        let off = |at: usize| (share(at) - share(small)).abs();
        let down = small > 0 && (small + 1 == sums.len() || off(small - 1) <= off(small + 1));
        let first = if down { small - 1 } else { small };
        let second = sums.remove(first + 1);
        if let Some(joined) = sums.get_mut(first) {
            *joined = joined.with(second);
        }
    }
    sums
}

fn pool(sum: Sum) -> Pool {
    let Sum { from, to, prompts, failed, .. } = sum;
    let within = exact::bounds(failed, prompts);
    Pool { from, to, score: sum.score(), prompts, failed, chance: single(sum.chance(), 1e3), within }
}

/// Rounded to so many parts of one.
#[expect(clippy::cast_possible_truncation, reason = "a share has no more digits than that")]
fn single(number: f64, parts: f64) -> f32 {
    ((number * parts).round() / parts) as f32
}

#[cfg(test)]
mod tests {
    use hearthgate_rules::difficulty::Calibration;
    use proptest::prelude::*;

    use super::*;

    fn outcome(score: f32, failed: f64) -> Outcome {
        Outcome { score, failed }
    }

    fn table(pools: &[Pool]) -> Calibration {
        Calibration::new(pools.iter().map(|pool| (pool.score, pool.chance)).collect()).unwrap()
    }

    #[test]
    fn what_rises_is_kept_and_what_falls_is_pooled() {
        // Of three scores the middle one fails most often by chance alone.
        let mut outcomes = Vec::new();
        for (score, right, wrong) in [(0.2, 27, 3), (0.5, 10, 20), (0.6, 14, 16), (0.9, 3, 27)] {
            outcomes.extend((0..right).map(|_| outcome(score, 0.0)));
            outcomes.extend((0..wrong).map(|_| outcome(score, 1.0)));
        }
        let pools = pools(&outcomes).unwrap();
        let told: Vec<_> = pools.iter().map(|pool| (pool.from, pool.to, pool.prompts, pool.failed)).collect();
        assert_eq!(told, [(0.2, 0.2, 30.0, 3.0), (0.5, 0.6, 60.0, 36.0), (0.9, 0.9, 30.0, 27.0)]);
        let points: Vec<_> = pools.iter().map(|pool| (pool.score, pool.chance)).collect();
        assert_eq!(points, [(0.2, 0.113), (0.55, 0.598), (0.9, 0.887)]);
        assert_eq!(pools[0].within, exact::bounds(3.0, 30.0));
        assert!((table(&pools).fails(0.55) - 0.598).abs() < 1e-6);
    }

    #[test]
    fn what_never_failed_may_yet_fail_and_too_few_make_no_table() {
        let all_well: Vec<_> = (0..20_u8).map(|at| outcome(f32::from(at) / 20.0, 0.0)).collect();
        let pools = pools(&all_well).unwrap();
        assert_eq!(pools.iter().map(|pool| pool.chance).collect::<Vec<_>>(), [0.024]);
        assert_eq!(super::pools(&all_well[1..]), Err(TooFew::Prompts(19)));
    }

    proptest! {
        #[test]
        fn whatever_the_outcomes_they_make_a_table(
            outcomes in prop::collection::vec((0.0_f32..=1.0, 0.0_f64..=1.0), 20..900),
        ) {
            let outcomes: Vec<_> = outcomes.into_iter().map(|(score, failed)| outcome(score, failed)).collect();
            let pools = pools(&outcomes).unwrap();
            let prompts: f64 = pools.iter().map(|pool| pool.prompts).sum();
            let failed: f64 = pools.iter().map(|pool| pool.failed).sum();
            prop_assert!((prompts - f64::from(u32::try_from(outcomes.len()).unwrap())).abs() < 1e-6);
            prop_assert!((failed - outcomes.iter().map(|outcome| outcome.failed).sum::<f64>()).abs() < 1e-6);
            prop_assert!(pools.len() == 1 || pools.iter().all(|pool| pool.prompts >= 10.0));
            let _is_one = table(&pools);
        }
    }
}
