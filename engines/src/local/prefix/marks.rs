//! Places in a sequence that a slot can go back to, for models whose layers keep a state instead of every token: from the
//! state after the last token nobody can tell the one before.
//!
//! A mark holds the state alone. Keys and values of layers that attend stay where they are, and lose their end as those of
//! other models do. Like all that is kept, a mark is bounded in bytes and written over with zeros before its memory is free.

use std::sync::Arc;

use zeroize::Zeroizing;

/// Older marks of one sequence at most.
const OLDER_MAX: usize = 16;

/// The marks of one sequence, in order. Copies share their bytes, and each counts them.
#[derive(Clone, Default)]
pub(in crate::local) struct Marks(Vec<Mark>);

#[derive(Clone)]
struct Mark {
    tokens: usize,
    state: Arc<Zeroizing<Vec<u8>>>,
}

impl Marks {
    /// The last place within so many first tokens.
    pub(in crate::local) fn within(&self, tokens: usize) -> Option<usize> {
        self.0.iter().map(|mark| mark.tokens).rfind(|place| *place <= tokens)
    }

    /// The state at a place.
    pub(in crate::local) fn at(&self, tokens: usize) -> Option<&[u8]> {
        self.0.iter().find(|mark| mark.tokens == tokens).map(|mark| mark.state.as_slice())
    }

    /// Marks the end of what was read. Of the marks before it those go without which the way back to the next is shortest,
    /// until they take no more than `older_bytes_max`.
    pub(in crate::local) fn add(&mut self, tokens: usize, state: Vec<u8>, older_bytes_max: usize) {
        self.keep(tokens.saturating_sub(1));
        while self.0.len() > OLDER_MAX || self.bytes() > older_bytes_max {
            let Some(least) = self.least() else { break };
            self.0.remove(least);
        }
        self.0.push(Mark { tokens, state: Arc::new(Zeroizing::new(state)) });
    }

    /// The mark whose neighbours are nearest to each other.
    fn least(&self) -> Option<usize> {
        let place = |at: usize| self.0.get(at).map(|mark| mark.tokens);
        let before = |at: usize| at.checked_sub(1).and_then(place).unwrap_or(0);
        // To the last of them a further one comes at once; its own place stands for that.
        let after = |at: usize| place(at + 1).or_else(|| place(at)).unwrap_or(0);
        (0..self.0.len()).min_by_key(|at| after(*at).saturating_sub(before(*at)))
    }

    /// Forgets the marks beyond the first tokens.
    pub(in crate::local) fn keep(&mut self, tokens: usize) {
        self.0.retain(|mark| mark.tokens <= tokens);
    }

    /// Forgets all but the last; all where there is but one.
    pub(in crate::local) fn give_way(&mut self) {
        let last = self.0.pop().filter(|_| !self.0.is_empty());
        self.0.clear();
        self.0.extend(last);
    }

    /// Whether every place of the other is one of these.
    pub(in crate::local) fn contain(&self, other: &Self) -> bool {
        other.0.iter().all(|mark| self.at(mark.tokens).is_some())
    }

    /// Bytes in use.
    pub(in crate::local) fn bytes(&self) -> usize {
        self.0.iter().map(|mark| mark.state.len()).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn places(marks: &Marks) -> Vec<usize> {
        marks.0.iter().map(|mark| mark.tokens).collect()
    }

    #[test]
    fn the_last_mark_within_a_beginning_is_found_with_its_state() {
        let mut marks = Marks::default();
        for place in [100, 200, 250] {
            marks.add(place, vec![u8::try_from(place).unwrap(); 10], 1000);
        }
        assert_eq!(
            [99, 100, 240, 999].map(|tokens| marks.within(tokens)),
            [None, Some(100), Some(200), Some(250)]
        );
        assert_eq!((marks.at(200), marks.at(240)), (Some([200; 10].as_slice()), None));
        marks.keep(220);
        assert_eq!(places(&marks), [100, 200]);
        assert!(marks.contain(&marks.clone()) && !Marks::default().contain(&marks));
    }

    #[test]
    fn marks_stay_within_their_bounds_and_spread_over_what_was_read() {
        let mut marks = Marks::default();
        for place in 1..=200 {
            marks.add(place * 10, vec![1; 10], 40);
            assert!(marks.bytes() <= 50, "the newest comes on top");
        }
        let spread = places(&marks);
        assert_eq!((spread.len(), spread.last()), (5, Some(&2000)));
        assert!(spread[0] <= 1000, "some of the beginning stays: {spread:?}");
        for place in 201..=300 {
            marks.add(place * 10, vec![1; 10], usize::MAX);
        }
        assert_eq!(places(&marks).len(), OLDER_MAX + 1);
        marks.give_way();
        assert_eq!(places(&marks), [3000]);
        marks.give_way();
        assert_eq!(marks.bytes(), 0);
    }

    #[test]
    fn what_was_marked_before_is_marked_anew() {
        let mut marks = Marks::default();
        marks.add(100, vec![1; 10], 1000);
        marks.add(100, vec![2; 10], 1000);
        assert_eq!((places(&marks), marks.at(100)), (vec![100], Some([2; 10].as_slice())));
    }
}
