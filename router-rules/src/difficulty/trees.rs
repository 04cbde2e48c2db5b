//! Trees over the counts and the odds of the linear heads: what a sum cannot say, as that proof counts for less where
//! nothing is asked.
//!
//! Each adds the number of one of its leaves. Which leaf is told by comparisons alone, and the numbers are added in a fixed
//! order, so that the sum is the same on every machine.

use super::demand::FEATURES;

/// What trees look at: the counts, then the log odds of the first two heads.
pub(super) type Seen = [f32; FEATURES + 2];

/// The trees of one head.
pub(super) struct Trees {
    base: f32,
    nodes: Vec<Node>,
    /// Where each tree begins among the nodes.
    roots: Vec<usize>,
}

enum Node {
    /// Goes on at `low` where what is seen at `at` is at most `most`, else at `high`: both lie behind this one.
    Fork {
        at: usize,
        most: f32,
        low: usize,
        high: usize,
    },
    Leaf(f32),
}

impl Trees {
    /// Reads them, one number of four bytes after another; none where they are cut or do not hold together.
    pub(super) fn parse(next: &mut impl FnMut() -> Option<[u8; 4]>) -> Option<Self> {
        let mut trees = Self { base: finite(next()?)?, nodes: Vec::new(), roots: Vec::new() };
        for _ in 0..count(next()?)? {
            let first = trees.nodes.len();
            trees.roots.push(first);
            let size = count(next()?)?;
            for own in 0..size {
                let node = match (next()?, finite(next()?)?, count(next()?)?, count(next()?)?) {
                    (LEAF, value, ..) => Node::Leaf(value),
                    (at, most, low, high) => {
                        let at = count(at)?;
                        let hold = at < FEATURES + 2 && own < low && low < size && own < high && high < size;
                        hold.then_some(Node::Fork { at, most, low: first + low, high: first + high })?
                    }
                };
                trees.nodes.push(node);
            }
            if size == 0 {
                return None;
            }
        }
        Some(trees)
    }

    /// The log odds of what is seen; none where some of that is no number.
    pub(super) fn odds(&self, seen: &Seen) -> Option<f32> {
        if seen.iter().any(|value| value.is_nan()) {
            return None;
        }
        self.roots.iter().try_fold(self.base, |sum, root| Some(sum + self.leaf(*root, seen)?))
    }

    fn leaf(&self, mut place: usize, seen: &Seen) -> Option<f32> {
        loop {
            match *self.nodes.get(place)? {
                Node::Leaf(value) => return Some(value),
                Node::Fork { at, most, low, high } => place = if *seen.get(at)? <= most { low } else { high },
            }
        }
    }
}

/// In the place of what a fork looks at.
const LEAF: [u8; 4] = [255; 4];

fn finite(bytes: [u8; 4]) -> Option<f32> {
    Some(f32::from_le_bytes(bytes)).filter(|number| number.is_finite())
}

fn count(bytes: [u8; 4]) -> Option<usize> {
    usize::try_from(u32::from_le_bytes(bytes)).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(words: &[[u8; 4]]) -> Option<Trees> {
        let mut words = words.iter().copied();
        Trees::parse(&mut || words.next())
    }

    /// One fork at the second count with a leaf on either side, after a base of a half.
    fn fork(low: u32, high: u32) -> Vec<[u8; 4]> {
        let number = |number: f32| number.to_le_bytes();
        let whole = |number: u32| number.to_le_bytes();
        let mut words = vec![number(0.5), whole(1), whole(3)];
        words.extend([whole(1), number(2.0), whole(low), whole(high)]);
        words.extend([LEAF, number(-1.0), whole(0), whole(0)]);
        words.extend([LEAF, number(4.0), whole(0), whole(0)]);
        words
    }

    #[test]
    fn a_fork_leads_to_one_of_its_leaves() {
        let trees = read(&fork(1, 2)).unwrap();
        let mut seen = [0.0; FEATURES + 2];
        seen[1] = 2.0;
        assert_eq!(trees.odds(&seen), Some(-0.5));
        seen[1] = 2.5;
        assert_eq!(trees.odds(&seen), Some(4.5));
        seen[1] = f32::NAN;
        assert_eq!(trees.odds(&seen), None);
    }

    #[test]
    fn what_is_cut_or_goes_in_circles_is_none() {
        let whole = fork(1, 2);
        assert!((0..whole.len()).all(|cut| read(&whole[..cut]).is_none()));
        for (low, high) in [(0, 2), (1, 0), (3, 1), (1, 3)] {
            assert!(read(&fork(low, high)).is_none(), "{low} {high}");
        }
        let mut wide = fork(1, 2);
        wide[3] = u32::try_from(FEATURES + 2).unwrap().to_le_bytes();
        assert!(read(&wide).is_none());
        wide[3] = [1, 0, 0, 0];
        wide[4] = f32::NAN.to_le_bytes();
        assert!(read(&wide).is_none());
    }
}
