//! Answers of slots that lie apart, decoded as if they lay together.
//!
//! llama.cpp decodes neighbouring sequences at once and goes through all weights again for each further run of them; and its
//! kernels for 8-bit weights take two tokens at a time. A token more for an idle slot takes less than either, and is forgotten
//! afterwards.

use std::ops::Range;

use super::super::ffi::BatchToken;
use super::{Worker, batch_token, decode_fault};

/// A run is lengthened by fewer tokens than these.
const LONGER_MAX: usize = 4;

impl Worker {
    /// A batch of answers in the order of their slots, with tokens nobody asks for beside them where that takes less long.
    pub(super) fn bridged(&self, batch: Vec<BatchToken>) -> Vec<BatchToken> {
        let Some(any) = batch.first().map(|token| token.token) else { return batch };
        if self.alone || !self.reuse.rewinds {
            return batch;
        }
        let slots = batch.iter().filter_map(|token| usize::try_from(token.slot).ok()).collect();
        let plan = plan(slots, self.slots.len(), self.in_pairs, |slot| self.passed_over(slot, any).is_some());
        let mut answers = batch.into_iter().peekable();
        let token = |slot: usize| {
            let own = answers.next_if(|token| usize::try_from(token.slot) == Ok(slot));
            own.or_else(|| self.passed_over(slot, any))
        };
        plan.into_iter().flatten().filter_map(token).collect()
    }

    /// A token after what a slot holds, where there is room for one.
    fn passed_over(&self, slot: usize, token: i32) -> Option<BatchToken> {
        let position = self.slots.get(slot)?.held.tokens.len();
        let room = u32::try_from(position).is_ok_and(|position| position < self.context.per_slot());
        room.then(|| batch_token(token, position, slot, false))
    }

    /// Leaves a slot what it held before such a token. Where the batch failed nothing in it is sure.
    pub(super) fn forget_bridge(&mut self, index: usize, done: bool) {
        let Some(slot) = self.slots.get(index) else { return };
        if done && self.context.keep(index, slot.held.tokens.len()) {
            return;
        }
        if slot.running.is_some() {
            self.fail(index, decode_fault("a batch could not be decoded"));
        } else {
            self.cut(index, 0);
        }
    }
}

/// What a run of neighbours takes, a token alone being 10: as measured on two cores (docs/measurements.md).
fn cost(tokens: usize, in_pairs: bool) -> usize {
    match (tokens, in_pairs) {
        (0 | 1, _) => 10 * tokens,
        (_, true) => 20 + tokens / 2 + 5 * (tokens % 2),
        (_, false) => 7 + 3 * tokens,
    }
}

/// The runs to decode for these slots, in their order: joined over slots between them and lengthened by slots beside them
/// where that takes less long and there is `room` in those.
fn plan(slots: Vec<usize>, count: usize, in_pairs: bool, room: impl Fn(usize) -> bool) -> Vec<Range<usize>> {
    let lengths = |tokens: usize| tokens..(tokens + LONGER_MAX).min(count + 1);
    let best = |tokens: usize| lengths(tokens).min_by_key(|length| cost(*length, in_pairs)).unwrap_or(tokens);
    let least = |run: &Range<usize>| cost(best(run.len()), in_pairs);
    let mut runs: Vec<Range<usize>> = Vec::new();
    for slot in slots {
        match runs.last_mut() {
            Some(run) if run.end == slot => run.end += 1,
            _ => runs.push(slot..slot + 1),
        }
    }
    let mut joined: Vec<Range<usize>> = Vec::new();
    for run in runs {
        match joined.last_mut() {
            Some(before)
                if (before.end..run.start).all(&room)
                    && least(&(before.start..run.end)) <= least(before) + least(&run) =>
            {
                before.end = run.end;
            }
            _ => joined.push(run),
        }
    }
    let mut joined = joined.into_iter().peekable();
    let mut plan: Vec<Range<usize>> = Vec::new();
    while let Some(run) = joined.next() {
        let free = plan.last().map_or(0, |before| before.end)..joined.peek().map_or(count, |next| next.start);
        let (wanted, mut longer) = (best(run.len()), run.clone());
        while longer.len() < wanted && longer.end < free.end && room(longer.end) {
            longer.end += 1;
        }
        while longer.len() < wanted && longer.start > free.start && room(longer.start - 1) {
            longer.start -= 1;
        }
        plan.push(if longer.len() == wanted { longer } else { run });
    }
    plan
}

#[cfg(test)]
mod tests {
    use super::*;

    /// First slot and last of each run.
    fn ends(plan: Vec<Range<usize>>) -> Vec<(usize, usize)> {
        plan.into_iter().map(|run| (run.start, run.end - 1)).collect()
    }

    #[test]
    fn runs_are_joined_and_made_even_where_that_takes_less_long() {
        let planned = |slots: &[usize]| ends(plan(slots.to_vec(), 8, true, |_| true));
        assert_eq!(planned(&[3]), [(3, 3)]);
        assert_eq!(planned(&[3, 4]), [(3, 4)]);
        assert_eq!(planned(&[0, 1, 2]), [(0, 3)]);
        assert_eq!(planned(&[5, 6, 7]), [(4, 7)]);
        assert_eq!(planned(&[0, 1, 3, 4]), [(0, 5)]);
        assert_eq!(planned(&[0, 5, 6, 7]), [(0, 7)]);
        assert_eq!(planned(&[0, 7]), [(0, 0), (7, 7)]);
        assert_eq!(planned(&[0, 2]), [(0, 0), (2, 2)]);
        assert_eq!(ends(plan(vec![0, 1, 2], 3, true, |_| true)), [(0, 2)], "there is no fourth");
    }

    #[test]
    fn a_full_slot_is_not_passed_over() {
        let planned = |slots: &[usize], full: usize| ends(plan(slots.to_vec(), 8, true, |slot| slot != full));
        assert_eq!(planned(&[0, 5, 6, 7], 3), [(0, 0), (4, 7)]);
        assert_eq!(planned(&[4, 5, 6], 7), [(3, 6)]);
    }

    #[test]
    fn where_tokens_are_taken_one_by_one_only_short_gaps_are_joined() {
        let planned = |slots: &[usize]| ends(plan(slots.to_vec(), 8, false, |_| true));
        assert_eq!(planned(&[0, 1, 2]), [(0, 2)]);
        assert_eq!(planned(&[0, 3, 4]), [(0, 4)]);
        assert_eq!(planned(&[0, 4]), [(0, 0), (4, 4)]);
    }
}
