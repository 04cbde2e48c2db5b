//! What a predicate asks of findings beyond their kind: how sure they are, and how near one another they stand.

use std::fmt;

use crate::inspect::KindId;

/// How sure a finding is, in 0..1; what a predicate asks for at least.
///
/// Not a number is taken for certain: what cannot be weighed must not weigh too little.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Confidence(u32);

impl Confidence {
    /// As unsure as can be: every finding is at least so sure.
    pub const ANY: Self = Self(0);

    /// A confidence, held within 0..1.
    #[must_use]
    pub fn of(confidence: f32) -> Self {
        let held = if confidence.is_nan() { 1.0 } else { confidence.clamp(0.0, 1.0) };
        // The bits of positive numbers are ordered as the numbers are (IEEE 754); adding zero drops the sign of -0.
        Self((held + 0.0).to_bits())
    }

    /// As a number.
    #[must_use]
    pub fn value(self) -> f32 {
        f32::from_bits(self.0)
    }
}

impl fmt::Display for Confidence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.value().fmt(f)
    }
}

/// The furthest that findings may stand apart and still be near, in bytes.
pub const WITHIN_MAX: u32 = 10_000;

/// Findings of several kinds that stand together.
///
/// The texts of a request, its keys included, are laid end to end in reading order, as decoded UTF-8; the
/// dialect's own words take no room: keys such as `role` and `content`, and the values of `role` and `type`.
/// The distance of two findings is the bytes between them, 0 where they touch or overlap. So two texts that
/// follow one another are neighbours, and so are a key and its value. Findings of these kinds are near where
/// there is one of each, and no two of them are further apart than that.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Near {
    /// The kinds, in order and each once, with how sure the finding must be.
    pub kinds: Vec<(KindId, Confidence)>,
    /// The furthest that two of them may be apart, in bytes.
    pub within: u32,
}

impl Near {
    /// Whether findings that are near in this way are so in the other: as near, of the same kinds or more, as sure
    /// or surer.
    #[must_use]
    pub fn implies(&self, other: &Self) -> bool {
        let as_sure = |(kind, least): &(KindId, Confidence)| {
            self.kinds.iter().any(|(own, sure)| own == kind && sure >= least)
        };
        self.within <= other.within && other.kinds.iter().all(as_sure)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::inspect::Kinds;

    #[test]
    fn confidence_is_ordered_as_its_number() {
        let rising = [0.0, 0.001, 0.5, 0.8, 0.999, 1.0].map(Confidence::of);
        assert!(rising.is_sorted() && rising[0] == Confidence::ANY);
        assert_eq!(Confidence::of(-0.0), Confidence::ANY);
        assert_eq!(Confidence::of(-3.0), Confidence::ANY);
        assert_eq!(Confidence::of(f32::NAN), Confidence::of(1.0));
        assert_eq!(Confidence::of(0.8).to_string(), "0.8");
    }

    #[test]
    fn what_is_near_is_near_enough_for_less() {
        let kinds = Kinds::builtin();
        let near = |names: &[(&str, f32)], within| Near {
            kinds: names
                .iter()
                .map(|(name, sure)| (kinds.named(name).unwrap(), Confidence::of(*sure)))
                .collect(),
            within,
        };
        let strong = near(&[("email", 0.9), ("card", 0.0), ("health", 0.0)], 100);
        for weaker in [
            near(&[("email", 0.9), ("card", 0.0), ("health", 0.0)], 200),
            near(&[("email", 0.5), ("card", 0.0)], 100),
            near(&[("card", 0.0), ("health", 0.0)], 100),
        ] {
            assert!(strong.implies(&weaker) && !weaker.implies(&strong), "{weaker:?}");
        }
        assert!(!strong.implies(&near(&[("email", 0.0), ("card", 0.5)], 100)));
    }
}
