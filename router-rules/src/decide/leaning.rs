//! What a decision leans on among the targets that a request may go to: how soon they answer, what the caller wishes,
//! and where the conversation has been.
//!
//! It orders targets and takes none away or in, so no leaning reaches further than the permit does without it. All of it
//! is finite: names of the catalogue, in an order or with a class.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use serde::Deserialize;

use crate::difficulty::Band;
use crate::target::Target;

/// How soon a target is expected to begin an answer, in classes. Ordered: the soonest first.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Pace {
    /// Within 100 ms.
    Ms100,
    /// Within 250 ms.
    Ms250,
    /// Within 500 ms.
    Ms500,
    /// Within a second.
    S1,
    /// Within 2 seconds.
    S2,
    /// Within 4 seconds.
    S4,
    /// Within 8 seconds.
    S8,
    /// Later.
    Slower,
}

impl Pace {
    /// Every class, the soonest first.
    pub const ALL: [Self; 8] =
        [Self::Ms100, Self::Ms250, Self::Ms500, Self::S1, Self::S2, Self::S4, Self::S8, Self::Slower];

    /// Its name in policy cases and records.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Ms100 => "100ms",
            Self::Ms250 => "250ms",
            Self::Ms500 => "500ms",
            Self::S1 => "1s",
            Self::S2 => "2s",
            Self::S4 => "4s",
            Self::S8 => "8s",
            Self::Slower => "slower",
        }
    }

    /// The class of this name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|pace| pace.as_str() == name)
    }

    /// The class of a time.
    #[must_use]
    pub fn of(time: Duration) -> Self {
        match time.as_millis() {
            0..=100 => Self::Ms100,
            101..=250 => Self::Ms250,
            251..=500 => Self::Ms500,
            501..=1000 => Self::S1,
            1001..=2000 => Self::S2,
            2001..=4000 => Self::S4,
            4001..=8000 => Self::S8,
            _ => Self::Slower,
        }
    }

    /// Whether this is slower by more than a class: times swing, and a conversation should not move with each swing.
    fn is_clearly_slower_than(self, other: Self) -> bool {
        self as u8 > other as u8 + 1
    }
}

/// How a route orders its targets.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Choose {
    /// As it names them.
    #[default]
    First,
    /// The soonest first: every one that it names is good enough for its requests.
    Fastest,
}

/// Where a conversation has been.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Follows {
    /// The name of the target that answered last.
    pub target: String,
    /// The band that its request was in.
    pub band: Band,
    /// The names of targets that would cost more than to go on there, where the beginning has been read and is cheap.
    pub saves: BTreeSet<String>,
}

/// What a decision leans on among the targets that a request may go to.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Leaning {
    /// The names of targets that are expected to begin later than the caller wishes, the soonest first.
    pub late: Vec<String>,
    /// The names of targets that are expected to cost more than the caller wishes, or of which that is not known: the
    /// cheapest first, and what is not known last.
    pub dear: Vec<String>,
    /// How soon targets are expected to begin; of those that are not named, nothing is known.
    pub pace: BTreeMap<String, Pace>,
    /// Where the conversation has been.
    pub follows: Option<Follows>,
}

/// Why a target goes before others.
pub(super) enum Lean {
    /// It is the soonest.
    Fastest,
    /// It answered the turn before.
    Follows,
    /// It answered the turn before, and to go on there costs less.
    Saves,
}

impl Leaning {
    /// Whether a target is expected later than is wished.
    #[must_use]
    pub fn is_late(&self, target: &str) -> bool {
        self.late.iter().any(|late| late == target)
    }

    /// Whether a target is expected to cost more than is wished, or is not known to cost less.
    #[must_use]
    pub fn is_dear(&self, target: &str) -> bool {
        self.dear.iter().any(|dear| dear == target)
    }

    /// Whether a target is not expected to keep to what is wished.
    #[must_use]
    pub fn is_beyond_wishes(&self, target: &str) -> bool {
        self.is_late(target) || self.is_dear(target)
    }

    /// Orders targets that a route names; says why the first goes first, where it would not anyway.
    pub(super) fn arrange(&self, targets: &mut [Arc<Target>], choose: Choose, band: Band) -> Option<Lean> {
        let first = targets.first().cloned()?;
        if choose == Choose::Fastest {
            // Of which nothing is known goes first: it has to be tried to be known.
            targets.sort_by_key(|target| self.pace.get(target.name()).copied());
        }
        let moved = |targets: &[Arc<Target>]| targets.first().is_some_and(|now| *now != first);
        let fastest = moved(targets).then_some(Lean::Fastest);
        let Some(follows) = &self.follows else { return fastest };
        let Some(behind) = targets.iter().position(|target| target.name() == follows.target) else {
            return fastest;
        };
        let pace = |target: &Arc<Target>| self.pace.get(target.name()).copied();
        let before = targets.first()?;
        let slow = choose == Choose::Fastest
            && pace(before)
                .zip(targets.get(behind).and_then(pace))
                .is_some_and(|(soonest, own)| own.is_clearly_slower_than(soonest));
        let lean = match follows.band == band && !slow {
            true => Lean::Follows,
            false if follows.saves.contains(before.name()) && !slow => Lean::Saves,
            false => return fastest,
        };
        if behind == 0 {
            return fastest;
        }
        if let Some(turned) = targets.get_mut(..=behind) {
            turned.rotate_right(1);
        }
        moved(targets).then_some(lean)
    }

    /// How far down wishes put a target: those that keep to them all first.
    pub(super) fn rank(&self, target: &str) -> (bool, bool, usize) {
        let place = |list: &[String]| list.iter().position(|name| name == target);
        let (late, dear) = (place(&self.late), place(&self.dear));
        (dear.is_some(), late.is_some(), dear.or(late).unwrap_or(0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn classes_are_named_and_hold_their_times() {
        for pace in Pace::ALL {
            assert_eq!(Pace::named(pace.as_str()), Some(pace));
        }
        assert!(Pace::ALL.is_sorted());
        let of = |millis| Pace::of(Duration::from_millis(millis)).as_str();
        assert_eq!(
            [of(0), of(100), of(101), of(999), of(8000), of(8001)],
            ["100ms", "100ms", "250ms", "1s", "8s", "slower"]
        );
    }

    fn names(leaning: &Leaning, choose: Choose, band: Band) -> Vec<String> {
        let mut targets = ["a", "b", "c"].map(|name| Arc::new(Target::device(name)));
        leaning.arrange(&mut targets, choose, band);
        targets.iter().map(|target| target.model().to_owned()).collect()
    }

    fn paces(of: &[(&str, Pace)]) -> BTreeMap<String, Pace> {
        of.iter().map(|(name, pace)| (format!("device/{name}"), *pace)).collect()
    }

    fn follows(target: &str, band: Band, saves: &[&str]) -> Option<Follows> {
        let name = |name: &str| format!("device/{name}");
        Some(Follows { target: name(target), band, saves: saves.iter().map(|saved| name(saved)).collect() })
    }

    #[test]
    fn the_fastest_goes_first_where_the_route_says_so() {
        let pace = paces(&[("a", Pace::S2), ("b", Pace::Ms250), ("c", Pace::Ms250)]);
        let leaning = Leaning { pace, ..Leaning::default() };
        assert_eq!(names(&leaning, Choose::Fastest, Band::Hard), ["b", "c", "a"]);
        assert_eq!(names(&leaning, Choose::First, Band::Hard), ["a", "b", "c"]);
        let unknown = Leaning { pace: paces(&[("a", Pace::Ms100), ("b", Pace::S1)]), ..Leaning::default() };
        assert_eq!(names(&unknown, Choose::Fastest, Band::Hard), ["c", "a", "b"]);
    }

    #[test]
    fn a_conversation_stays_in_its_band_and_where_that_saves() {
        let stays = |target, band, saves: &[&str]| Leaning {
            follows: follows(target, band, saves),
            ..Leaning::default()
        };
        assert_eq!(names(&stays("c", Band::Hard, &[]), Choose::First, Band::Hard), ["c", "a", "b"]);
        assert_eq!(names(&stays("c", Band::Hard, &[]), Choose::First, Band::Easy), ["a", "b", "c"]);
        assert_eq!(names(&stays("c", Band::Hard, &["a"]), Choose::First, Band::Easy), ["c", "a", "b"]);
        assert_eq!(names(&stays("c", Band::Hard, &["b"]), Choose::First, Band::Easy), ["a", "b", "c"]);
        assert_eq!(names(&stays("z", Band::Hard, &["a"]), Choose::First, Band::Hard), ["a", "b", "c"]);
    }

    #[test]
    fn a_conversation_leaves_what_has_become_clearly_slower() {
        let leaning = |own| Leaning {
            pace: paces(&[("a", Pace::Ms250), ("b", own), ("c", Pace::S8)]),
            follows: follows("b", Band::Hard, &["a"]),
            ..Leaning::default()
        };
        assert_eq!(names(&leaning(Pace::Ms500), Choose::Fastest, Band::Hard), ["b", "a", "c"]);
        assert_eq!(names(&leaning(Pace::S1), Choose::Fastest, Band::Hard), ["a", "b", "c"]);
    }
}
