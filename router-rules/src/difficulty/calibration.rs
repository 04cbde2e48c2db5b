//! How often one model of this process fails, by how hard the demand is: the score alone knows no model.
//!
//! A table of points, each a score and the share of prompts of that score which the model gets wrong. Between two points the
//! share lies on the straight line between theirs, and before the first and after the last it is theirs. It is measured, never
//! guessed: `hearthgate calibrate --table` writes one from labelled prompts.

use std::sync::Arc;

use thiserror::Error;

use crate::target::Target;

/// The most points of a table.
pub const POINTS_MAX: usize = 64;

/// Points of scores, rising, and how often the model fails there, never falling; all in 0..1.
#[derive(Clone, PartialEq, Debug)]
pub struct Calibration {
    points: Vec<(f32, f32)>,
}

// INVARIANT: every number in it is one, so what is equal to something is equal to itself.
impl Eq for Calibration {}

/// How likely a model fails.
#[derive(Clone, PartialEq, Debug)]
pub struct Chance {
    /// The model in this process.
    pub target: Arc<Target>,
    /// The chance that it fails, in 0..1.
    pub fails: f32,
}

/// Points that are no table.
#[derive(Debug, Clone, Copy, PartialEq, Error)]
pub enum CalibrationError {
    /// None, or too many.
    #[error("it has {0} points; write 1 to {POINTS_MAX}, each `[score, chance]`")]
    Count(usize),
    /// A number that is no share.
    #[error("point {place}: {number} does not lie in 0..1")]
    Outside {
        /// Which point, from 1 on.
        place: usize,
        /// The number.
        number: f32,
    },
    /// Scores out of order.
    #[error("point {place}: its score must be more than that of the point before it")]
    Scores {
        /// Which point, from 1 on.
        place: usize,
    },
    /// A chance that falls.
    #[error(
        "point {place}: its chance is less than that of the point before it, and what is harder fails no less often"
    )]
    Falls {
        /// Which point, from 1 on.
        place: usize,
    },
}

impl Calibration {
    /// A table of points, each a score and how often the model fails there.
    ///
    /// # Errors
    /// When there are none or too many, one lies outside 0..1, scores do not rise or chances fall.
    pub fn new(points: Vec<(f32, f32)>) -> Result<Self, CalibrationError> {
        if points.is_empty() || points.len() > POINTS_MAX {
            return Err(CalibrationError::Count(points.len()));
        }
        for (place, (score, chance)) in (1..).zip(&points) {
            let outside = [*score, *chance].into_iter().find(|number| !(0.0..=1.0).contains(number));
            if let Some(number) = outside {
                return Err(CalibrationError::Outside { place, number });
            }
        }
        for (place, (before, point)) in (2..).zip(points.iter().zip(points.iter().skip(1))) {
            if point.0 <= before.0 {
                return Err(CalibrationError::Scores { place });
            }
            if point.1 < before.1 {
                return Err(CalibrationError::Falls { place });
            }
        }
        Ok(Self { points })
    }

    /// Its points.
    #[must_use]
    pub fn points(&self) -> &[(f32, f32)] {
        &self.points
    }

    /// How often the model fails at a score, in 0..1; what is no number counts as the hardest.
    #[must_use]
    pub fn fails(&self, score: f32) -> f32 {
        let above = self.points.iter().position(|(from, _)| score <= *from).unwrap_or(self.points.len());
        let at = |place: usize| self.points.get(place).copied();
        match (above.checked_sub(1).and_then(at), at(above)) {
            (Some((low, from)), Some((high, to))) => {
                // The order keeps rounding from leading out of either end.
                (from + (to - from) * ((score - low) / (high - low))).clamp(from, to)
            }
            (Some((_, chance)), None) | (None, Some((_, chance))) => chance,
            // INVARIANT: there is a point.
            (None, None) => 1.0,
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn table(points: &[(f32, f32)]) -> Calibration {
        Calibration::new(points.to_vec()).unwrap()
    }

    #[test]
    fn between_points_lies_a_line_and_beyond_them_nothing_changes() {
        let table = table(&[(0.2, 0.1), (0.6, 0.3), (0.8, 0.3), (0.9, 1.0)]);
        for (score, chance) in
            [(0.0, 0.1), (0.2, 0.1), (0.4, 0.2), (0.6, 0.3), (0.7, 0.3), (0.85, 0.65), (0.9, 1.0), (1.0, 1.0)]
        {
            assert!((table.fails(score) - chance).abs() < 1e-6, "{score}: {}", table.fails(score));
        }
        assert_eq!(table.fails(f32::NAN), 1.0);
        assert_eq!(Calibration::new(vec![(0.5, 0.25)]).unwrap().fails(0.9), 0.25);
    }

    #[test]
    fn what_is_no_table_is_told_so_with_its_place() {
        for (points, words) in [
            (vec![], "it has 0 points"),
            (vec![(0.5, 0.5); 65], "it has 65 points"),
            (vec![(0.1, 0.1), (0.2, 1.5)], "point 2: 1.5 does not lie in 0..1"),
            (vec![(f32::NAN, 0.1)], "point 1: NaN"),
            (vec![(0.1, 0.1), (0.1, 0.2)], "point 2: its score must be more"),
            (vec![(0.1, 0.3), (0.2, 0.2)], "point 2: its chance is less"),
        ] {
            let told = Calibration::new(points).unwrap_err().to_string();
            assert!(told.contains(words), "{told}");
        }
    }

    proptest! {
        #[test]
        fn what_is_harder_never_fails_less_often(
            points in prop::collection::vec((0.0_f32..=1.0, 0.0_f32..=1.0), 1..20),
            scores in (0.0_f32..=1.0, 0.0_f32..=1.0),
        ) {
            let (mut xs, mut ys): (Vec<f32>, Vec<f32>) = points.into_iter().unzip();
            xs.sort_by(f32::total_cmp);
            xs.dedup();
            ys.sort_by(f32::total_cmp);
            let table = Calibration::new(xs.into_iter().zip(ys).collect()).unwrap();
            let (low, high) = (scores.0.min(scores.1), scores.0.max(scores.1));
            prop_assert!(table.fails(low) <= table.fails(high));
            prop_assert!((0.0..=1.0).contains(&table.fails(high)));
        }
    }
}
