//! Bounds that somebody asks for: they hold, or they are broken.

use hearthgate_rules::suggest::did_you_mean;
use serde_json::{Value, json};

use super::names::{key, rounded, shown};
use crate::calibrate::bootstrap::Measured;
use crate::calibrate::figures::Figure;

/// What counts as equal: sums of fractions are not exact.
const NEAR: f64 = 1e-9;

/// A figure, and how much of it.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(super) struct Wanted {
    figure: Figure,
    value: f64,
}

/// Which end of a figure is bound.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum End {
    AtLeast,
    AtMost,
}

/// A bound.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(super) struct Bound {
    wanted: Wanted,
    end: End,
    /// Whether the interval has to hold, not only the figure.
    sure: bool,
}

/// Reads `FIGURE=VALUE`.
pub(super) fn wanted(text: &str) -> Result<Wanted, String> {
    let (name, value) = text.split_once('=').ok_or("it must be FIGURE=VALUE, such as agreement=0.85")?;
    let keys = Figure::ALL.map(key);
    let known = Figure::ALL.into_iter().find(|figure| key(*figure) == name);
    let figure = known.ok_or_else(|| format!("unknown figure `{name}`{}", did_you_mean(name, keys)))?;
    let number: Option<f64> = value.parse().ok().filter(|number: &f64| number.is_finite() && *number >= 0.0);
    match (number, figure) {
        (Some(value), Figure::CostPerThousand(_)) => Ok(Wanted { figure, value }),
        (None, Figure::CostPerThousand(_)) => Err(format!("`{name}` is in dollars, 0 or more")),
        (Some(value), _) if value <= 1.0 => Ok(Wanted { figure, value }),
        _ => Err(format!("`{name}` is a number in 0..1, such as 0.85")),
    }
}

impl Bound {
    pub(super) fn new(wanted: Wanted, end: End, sure: bool) -> Self {
        Self { wanted, end, sure }
    }

    pub(super) fn figure(&self) -> Figure {
        self.wanted.figure
    }

    /// Whether it holds. What cannot be told is broken: nobody asks for a bound to be waved through.
    pub(super) fn holds(&self, measured: &Measured) -> bool {
        let wanted = self.wanted.value;
        self.held(measured).is_some_and(|value| match self.end {
            End::AtLeast => value >= wanted - NEAR,
            End::AtMost => value <= wanted + NEAR,
        })
    }

    /// What is held against it: the figure, or the end of its interval that is nearer to breaking.
    fn held(&self, measured: &Measured) -> Option<f64> {
        let value = measured.amount?.value;
        if !self.sure {
            return Some(value);
        }
        let (low, high) = measured.bounds.interval()?;
        Some(match self.end {
            End::AtLeast => low,
            End::AtMost => high,
        })
    }

    /// What is asked, and what there is. `why` is said where there is nothing.
    pub(super) fn told(&self, measured: &Measured, why: &str) -> String {
        let figure = self.figure();
        let asked = format!("{} {} {}", key(figure), self.words(), shown(figure, self.wanted.value));
        match (measured.amount, self.held(measured)) {
            (Some(_), Some(value)) if self.sure => {
                format!("{asked}: its interval ends at {}", shown(figure, value))
            }
            (Some(_), Some(value)) => format!("{asked}: it is {}", shown(figure, value)),
            (Some(amount), None) => {
                format!("{asked}: it is {}, without an interval", shown(figure, amount.value))
            }
            (None, _) => format!("{asked}: {why}"),
        }
    }

    pub(super) fn to_json(self, measured: &Measured) -> Value {
        let end = match self.end {
            End::AtLeast => "at_least",
            End::AtMost => "at_most",
        };
        let held = self.held(measured).map(rounded);
        let holds = self.holds(measured);
        json!({"figure": key(self.figure()), end: self.wanted.value, "sure": self.sure, "held": held, "holds": holds})
    }

    fn words(&self) -> &'static str {
        match self.end {
            End::AtLeast => "at least",
            End::AtMost => "at most",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::calibrate::bootstrap::Bounds;
    use crate::calibrate::figures::Amount;

    fn measured(value: Option<f64>, bounds: Bounds) -> Measured {
        let amount = value.map(|value| Amount { value, mean_of: None });
        Measured { figure: Figure::Agreement, amount, bounds }
    }

    fn bound(end: End, value: f64, sure: bool) -> Bound {
        Bound::new(Wanted { figure: Figure::Agreement, value }, end, sure)
    }

    #[test]
    fn a_bound_is_read_and_a_slip_is_named() {
        assert_eq!(wanted("agreement=0.85"), Ok(Wanted { figure: Figure::Agreement, value: 0.85 }));
        assert!(wanted("usd_per_thousand=12.5").is_ok());
        for (text, words) in [
            ("agreement", "FIGURE=VALUE"),
            ("agrement=0.85", "did you mean `agreement`?"),
            ("agreement=85", "0..1"),
            ("agreement=NaN", "0..1"),
            ("usd_per_thousand=-1", "dollars"),
            ("usd_per_thousand=inf", "dollars"),
        ] {
            assert!(wanted(text).is_err_and(|error| error.contains(words)), "{text}: {:?}", wanted(text));
        }
    }

    #[test]
    fn the_figure_decides_and_where_one_must_be_sure_its_interval() {
        let told = measured(Some(0.9), Bounds::Exact((0.7, 0.98)));
        for (end, value, sure, holds) in [
            (End::AtLeast, 0.85, false, true),
            (End::AtLeast, 0.9, false, true),
            (End::AtLeast, 0.91, false, false),
            (End::AtLeast, 0.85, true, false),
            (End::AtLeast, 0.7, true, true),
            (End::AtMost, 0.95, false, true),
            (End::AtMost, 0.95, true, false),
            (End::AtMost, 0.98, true, true),
            (End::AtMost, 0.89, false, false),
        ] {
            assert_eq!(bound(end, value, sure).holds(&told), holds, "{end:?} {value} {sure}");
        }
    }

    #[test]
    fn what_cannot_be_told_is_broken() {
        let unknown = measured(None, Bounds::SeldomTold);
        assert!(!bound(End::AtLeast, 0.0, false).holds(&unknown));
        assert!(!bound(End::AtMost, 1.0, false).holds(&unknown));
        let unsure = measured(Some(1.0), Bounds::AllAlike);
        assert!(bound(End::AtLeast, 0.9, false).holds(&unsure));
        assert!(!bound(End::AtLeast, 0.9, true).holds(&unsure));
    }
}
