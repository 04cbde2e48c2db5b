//! What slots hold, and what of it the next job can use: the longest common beginning of two lists of tokens.
//!
//! A beginning is only ever used again for the owner that it was computed for. Sequences that lost their slot
//! are kept in the host's memory, bounded in bytes, and written over with zeros before that memory is free.

mod marks;

use std::collections::VecDeque;

use zeroize::Zeroizing;

use crate::Owner;
use marks::Marks;

/// A shorter beginning is computed again: to move it would cost as much.
pub(super) const REUSE_TOKENS_MIN: usize = 16;
/// A sequence this many times as long as what is wanted of it is not moved for it: reading anew costs less.
const MOVED_FOR_ONE_MAX: usize = 32;
/// A shorter sequence is not worth keeping beyond its slot.
const KEEP_TOKENS_MIN: usize = 64;
/// Where a slot cannot forget its last tokens alone, its state is marked this many tokens before a prompt's end: what comes
/// there begins the answer, and the next turn may say it otherwise.
const TAIL_TOKENS: usize = 32;
/// It is marked on the way as well, at multiples of this or a little more, for prompts that begin alike and go on otherwise.
const MARK_TOKENS: usize = 256;
/// Of all that may be kept, the older marks of one sequence take one part in so many at most.
const OLDER_MARKS_SHARE: usize = 8;

/// What a slot holds: the tokens whose keys and values are there, in order.
#[derive(Clone, Default)]
pub(super) struct Held {
    pub(super) owner: Option<Owner>,
    pub(super) tokens: Zeroizing<Vec<i32>>,
    /// Those of them that were read as a prompt, and not one by one as they were chosen.
    pub(super) prefilled: usize,
    /// Where it can go back to, if it cannot forget its last tokens alone.
    pub(super) marks: Marks,
    /// It cannot go back further than this otherwise: what was moved lacks what layers with a window had behind it.
    pub(super) floor: usize,
}

/// Which beginnings may be used again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Reuse {
    /// Only what was read as a prompt, cut where prompts are cut: then it is to the bit what it would be if it were
    /// computed anew.
    pub(super) exact_step: Option<usize>,
    /// Whether a slot can forget its last tokens alone; else a beginning is used up to a mark, or whole.
    pub(super) rewinds: bool,
    /// Tokens that some layers look back on at most, where slots can forget their last tokens alone. What is moved to another
    /// slot has what is within the window of its end, and can go on from there alone.
    pub(super) window: Option<usize>,
    /// Prompts are cut at multiples of it.
    pub(super) cut_step: usize,
}

impl Reuse {
    /// Where in a prompt of this length the state is marked next, once so many tokens are read.
    pub(super) fn next_mark(self, read: usize, prompt: usize) -> Option<usize> {
        let on_the_way = (read / self.mark_step() + 1) * self.mark_step();
        let last = self.last_mark(prompt)?;
        (read < last).then_some(last.min(on_the_way))
    }

    /// Where in a prompt of this length the last mark comes, for the turn after it.
    fn last_mark(self, prompt: usize) -> Option<usize> {
        let place = prompt.checked_sub(TAIL_TOKENS)?;
        // An exact beginning ends where prompts are cut.
        let place = self.exact_step.map_or(place, |step| place / step.max(1) * step.max(1));
        (!self.rewinds && place >= KEEP_TOKENS_MIN).then_some(place)
    }

    fn mark_step(self) -> usize {
        MARK_TOKENS.next_multiple_of(self.cut_step.max(1))
    }

    /// How many of the tokens that a prompt has in common with a longer one of this length can be used once that is read
    /// so far.
    pub(super) fn to_come(self, common: usize, prompt: usize) -> usize {
        let usable = self.usable(common);
        if self.rewinds {
            return usable;
        }
        let last = self.last_mark(prompt).unwrap_or(0);
        let marked = if last <= usable { last } else { usable / self.mark_step() * self.mark_step() };
        self.usable(marked)
    }

    /// How many of the first tokens that two sequences have in common can be used, as far as their number says.
    pub(super) fn usable(self, common: usize) -> usize {
        let usable = self.exact_step.map_or(common, |step| common / step.max(1) * step.max(1));
        if usable < REUSE_TOKENS_MIN { 0 } else { usable }
    }
}

impl Held {
    /// How many tokens of a prompt need not be read again. At least one is left, for the answer to begin from.
    pub(super) fn shared(&self, owner: Option<&Owner>, prompt: &[i32], reuse: Reuse) -> usize {
        if owner.is_none() || self.owner.as_ref() != owner {
            return 0;
        }
        let most = prompt.len().saturating_sub(1);
        let common = common(&self.tokens, prompt).min(most);
        let usable =
            reuse.usable(if reuse.exact_step.is_some() { common.min(self.prefilled) } else { common });
        if (reuse.rewinds && usable >= self.floor) || usable == self.tokens.len() {
            return usable;
        }
        self.marks.within(usable).filter(|place| *place >= REUSE_TOKENS_MIN).unwrap_or(0)
    }

    /// Whether it loses something when it is moved as bytes: what layers with a window do not look back on any more.
    pub(super) fn loses(&self, reuse: Reuse) -> bool {
        reuse.window.is_some_and(|window| self.tokens.len() > window)
    }

    /// Where it is marked before it is kept, for a next turn that says the answer otherwise: at its prompt's end.
    pub(super) fn way_back(&self, reuse: Reuse) -> Option<usize> {
        let back = self.prefilled.saturating_sub(TAIL_TOKENS);
        let within = back >= KEEP_TOKENS_MIN.max(self.floor) && back + 1 < self.tokens.len();
        (self.loses(reuse) && within).then_some(back)
    }

    /// Notes that it was moved as bytes.
    pub(super) fn moved(mut self, reuse: Reuse) -> Self {
        if self.loses(reuse) {
            // The token before the last still sees its whole window.
            self.floor = self.tokens.len().saturating_sub(1);
        }
        self
    }

    /// Forgets all but the first tokens.
    pub(super) fn keep(&mut self, tokens: usize) {
        self.tokens.truncate(tokens);
        self.prefilled = self.prefilled.min(tokens);
        self.floor = self.floor.min(tokens);
        self.marks.keep(tokens);
        if tokens == 0 {
            self.owner = None;
        }
    }
}

/// Whether a beginning of this length is worth moving so many tokens for.
pub(super) fn worth_moving(shared: usize, tokens: usize) -> bool {
    shared > 0 && tokens <= shared.saturating_mul(MOVED_FOR_ONE_MAX)
}

/// Tokens that two lists have in common at their beginning.
pub(super) fn common(one: &[i32], other: &[i32]) -> usize {
    one.iter().zip(other).take_while(|(one, other)| one == other).count()
}

/// Sequences that lost their slot, the one used last at the end.
pub(super) struct Saved {
    entries: VecDeque<Entry>,
    bytes: usize,
    bytes_max: usize,
    /// Bytes of the same budget that the marks of slots take.
    marked: usize,
    reuse: Reuse,
}

struct Entry {
    held: Held,
    state: Zeroizing<Vec<u8>>,
}

impl Entry {
    fn bytes(&self) -> usize {
        self.state.len() + self.held.marks.bytes()
    }
}

impl Saved {
    pub(super) fn new(bytes_max: usize, reuse: Reuse) -> Self {
        Self { entries: VecDeque::new(), bytes: 0, bytes_max, marked: 0, reuse }
    }

    /// Whether what is kept of one sequence serves for another.
    fn covers(&self, kept: &Held, other: &Held) -> bool {
        let ends = || kept.tokens.len() == other.tokens.len() || kept.marks.at(other.tokens.len()).is_some();
        kept.owner == other.owner
            && kept.tokens.starts_with(&other.tokens)
            && ((self.reuse.rewinds && kept.floor <= other.floor)
                || (ends() && kept.marks.contain(&other.marks)))
    }

    /// Whether a slot's content is worth keeping: long enough, somebody's, and not known already. An exact one must not lose
    /// anything by it either: what attends to less sums in another order.
    pub(super) fn wants(&self, held: &Held) -> bool {
        self.bytes_max > 0
            && held.owner.is_some()
            && held.tokens.len() >= KEEP_TOKENS_MIN
            && !(self.reuse.exact_step.is_some() && held.loses(self.reuse))
            && !self.entries.iter().any(|entry| self.covers(&entry.held, held))
    }

    /// Keeps what a slot held. What it begins with needs no entry of its own any more; what was used longest ago goes
    /// when there is no room.
    pub(super) fn put(&mut self, held: Held, state: Vec<u8>) {
        let entry = Entry { held: held.moved(self.reuse), state: Zeroizing::new(state) };
        if entry.bytes() > self.bytes_max() {
            return;
        }
        let entries = std::mem::take(&mut self.entries);
        self.entries = entries.into_iter().filter(|other| !self.covers(&entry.held, &other.held)).collect();
        self.bytes = self.entries.iter().map(Entry::bytes).sum();
        self.shrink(self.bytes_max().saturating_sub(entry.bytes()));
        self.bytes += entry.bytes();
        self.entries.push_back(entry);
    }

    /// Tells what the marks of slots take now. False where that alone is too much.
    pub(super) fn marked(&mut self, bytes: usize) -> bool {
        self.marked = bytes;
        self.shrink(self.bytes_max());
        bytes <= self.bytes_max
    }

    /// What was used longest ago goes until the rest fits.
    fn shrink(&mut self, room: usize) {
        while self.bytes > room {
            let Some(oldest) = self.entries.pop_front() else { break };
            self.bytes -= oldest.bytes();
        }
    }

    /// The longest beginning that is kept: its length and its place.
    pub(super) fn best(&self, owner: Option<&Owner>, prompt: &[i32], reuse: Reuse) -> (usize, usize) {
        let shared = |(place, entry): (usize, &Entry)| (entry.held.shared(owner, prompt, reuse), place);
        self.entries.iter().enumerate().map(shared).max().unwrap_or((0, 0))
    }

    /// Makes the sequence at a place the last to go. Places are others after this, and after every `put`.
    pub(super) fn used(&mut self, place: usize) {
        if let Some(entry) = self.entries.remove(place) {
            self.entries.push_back(entry);
        }
    }

    /// The sequence at a place.
    pub(super) fn get(&self, place: usize) -> Option<(&Held, &[u8])> {
        self.entries.get(place).map(|entry| (&entry.held, entry.state.as_slice()))
    }

    /// The most bytes that a sequence may have: what the marks of slots leave.
    pub(super) fn bytes_max(&self) -> usize {
        self.bytes_max.saturating_sub(self.marked)
    }

    /// The most bytes that a mark may have.
    pub(super) fn mark_bytes_max(&self) -> usize {
        self.bytes_max
    }

    /// The most bytes that the marks of a sequence before its last may have.
    pub(super) fn older_marks_bytes_max(&self) -> usize {
        self.bytes_max / OLDER_MARKS_SHARE
    }

    /// Bytes in use, with the marks of slots.
    pub(super) fn bytes(&self) -> usize {
        self.bytes + self.marked
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ANY: Reuse = Reuse { exact_step: None, rewinds: true, window: None, cut_step: 128 };
    const RIGID: Reuse = Reuse { rewinds: false, ..ANY };

    fn owner(caller: &str, label: &str) -> Option<Owner> {
        Some(Owner { caller: caller.into(), tenant: None, label: label.into() })
    }

    fn held(owner: Option<Owner>, tokens: std::ops::Range<i32>) -> Held {
        let tokens: Vec<i32> = tokens.collect();
        Held { owner, prefilled: tokens.len(), tokens: Zeroizing::new(tokens), ..Held::default() }
    }

    #[test]
    fn a_beginning_is_used_for_its_owner_alone_and_never_whole() {
        let held = held(owner("a", "public"), 0..100);
        let prompt: Vec<i32> = (0..100).collect();
        assert_eq!(held.shared(owner("a", "public").as_ref(), &prompt, ANY), 99);
        let of_a_tenant = owner("a", "public").map(|owner| Owner { tenant: Some("t".into()), ..owner });
        for other in [None, owner("b", "public"), owner("a", "restricted"), of_a_tenant] {
            assert_eq!(held.shared(other.as_ref(), &prompt, ANY), 0);
        }
        assert_eq!(Held::default().shared(None, &prompt, ANY), 0);
        assert_eq!(held.shared(owner("a", "public").as_ref(), &[0, 1, 2, 9], ANY), 0, "too short to matter");
    }

    #[test]
    fn an_exact_beginning_is_cut_where_prompts_are_and_was_read_as_one() {
        let mut held = held(owner("a", "x"), 0..300);
        held.prefilled = 200;
        let prompt: Vec<i32> = (0..400).collect();
        let shared = |held: &Held, step| {
            held.shared(owner("a", "x").as_ref(), &prompt, Reuse { exact_step: step, ..ANY })
        };
        assert_eq!(shared(&held, Some(128)), 128);
        assert_eq!(shared(&held, None), 300);
        held.keep(150);
        assert_eq!((shared(&held, Some(64)), held.prefilled), (128, 150));
        held.keep(0);
        assert_eq!(shared(&held, None), 0);
    }

    #[test]
    fn what_was_moved_goes_on_from_its_end_alone_where_layers_have_a_window() {
        let windowed = Reuse { window: Some(50), ..ANY };
        let exact = Reuse { exact_step: Some(16), ..windowed };
        let own = held(owner("a", "x"), 0..100);
        let shared = |held: &Held, end: i32| {
            held.shared(owner("a", "x").as_ref(), &(0..end).collect::<Vec<_>>(), windowed)
        };
        let all = |held: &Held| [101, 100, 90, 60].map(|end| shared(held, end));
        assert_eq!(all(&own), [100, 99, 89, 59]);
        assert_eq!(all(&own.clone().moved(ANY)), [100, 99, 89, 59]);
        let mut moved = own.clone().moved(windowed);
        assert_eq!(all(&moved), [100, 99, 0, 0]);
        assert_eq!((own.way_back(windowed), own.way_back(ANY)), (Some(68), None));
        moved.marks.add(68, vec![1; 10], 1000);
        assert_eq!(all(&moved), [100, 99, 68, 0]);
        moved.keep(68);
        assert_eq!(moved.floor, 68);
        let short = held(owner("a", "x"), 0..50).moved(windowed);
        assert_eq!(short.floor, 0, "all of it is within the window");
        let wants = |reuse| Saved::new(1000, reuse).wants(&own);
        assert_eq!((wants(windowed), wants(exact)), (true, false));
    }

    #[test]
    fn a_model_that_cannot_forget_uses_a_beginning_whole_or_up_to_a_mark() {
        let mut held = held(owner("a", "x"), 0..100);
        let shared = |held: &Held, prompt: std::ops::Range<i32>, reuse| {
            held.shared(owner("a", "x").as_ref(), &prompt.collect::<Vec<_>>(), reuse)
        };
        let all = |held: &Held| [101, 100, 90, 60].map(|end| shared(held, 0..end, RIGID));
        assert_eq!(all(&held), [100, 0, 0, 0]);
        held.marks.add(32, vec![1; 10], 1000);
        held.marks.add(80, vec![1; 10], 1000);
        assert_eq!(all(&held), [100, 80, 80, 32]);
        assert_eq!(
            shared(&held, 0..101, Reuse { exact_step: Some(32), ..RIGID }),
            80,
            "marked, but not cut, there"
        );
        assert_eq!(shared(&held, 0..60, Reuse { exact_step: Some(32), ..RIGID }), 32);
        held.keep(70);
        assert_eq!((shared(&held, 0..100, RIGID), held.marks.bytes()), (70, 10));
        held.keep(0);
        assert_eq!(held.marks.bytes(), 0);
    }

    #[test]
    fn a_prompt_is_marked_on_its_way_and_before_its_end() {
        let marks = |reuse: Reuse, prompt| {
            std::iter::successors(reuse.next_mark(0, prompt), |read| reuse.next_mark(*read, prompt))
                .collect::<Vec<_>>()
        };
        assert_eq!([90, 96, 500].map(|prompt| marks(RIGID, prompt)), [vec![], vec![64], vec![256, 468]]);
        assert_eq!(marks(Reuse { exact_step: Some(128), ..RIGID }, 700), [256, 512, 640]);
        assert_eq!(marks(Reuse { cut_step: 96, ..RIGID }, 700), [288, 576, 668]);
        assert_eq!(marks(Reuse { cut_step: 4096, ..RIGID }, 700), [668]);
        assert_eq!(marks(ANY, 500), []);
    }

    #[test]
    fn what_is_to_come_of_a_prompt_under_way_ends_at_a_mark() {
        assert_eq!(
            (ANY.to_come(300, 500), RIGID.to_come(300, 500), RIGID.to_come(490, 500)),
            (300, 256, 468)
        );
        assert_eq!(RIGID.to_come(200, 500), 0);
    }

    #[test]
    fn what_cannot_forget_is_kept_beside_what_it_began_with_unless_it_can_go_back_there() {
        let mut saved = Saved::new(1000, RIGID);
        saved.put(held(owner("a", "x"), 0..100), vec![1; 100]);
        saved.put(held(owner("a", "x"), 0..150), vec![1; 100]);
        assert_eq!(saved.bytes(), 200);
        assert!(saved.wants(&held(owner("a", "x"), 0..120)) && !saved.wants(&held(owner("a", "x"), 0..100)));
        let prompt: Vec<i32> = (0..130).collect();
        assert_eq!(saved.best(owner("a", "x").as_ref(), &prompt, RIGID).0, 100);
        let mut longer = held(owner("a", "x"), 0..200);
        longer.marks.add(100, vec![1; 30], 1000);
        longer.marks.add(150, vec![1; 30], 1000);
        saved.put(longer, vec![1; 100]);
        assert_eq!(saved.bytes(), 160, "it serves for both, and its marks count");
        assert_eq!(saved.best(owner("a", "x").as_ref(), &prompt, RIGID).0, 100);
    }

    #[test]
    fn marks_of_slots_take_of_the_same_room() {
        let mut saved = Saved::new(1000, RIGID);
        for caller in ["a", "b"] {
            saved.put(held(owner(caller, "x"), 0..100), vec![1; 400]);
        }
        assert!(saved.marked(300));
        assert_eq!((saved.bytes(), saved.bytes_max()), (700, 700), "the older one made room");
        saved.put(held(owner("c", "x"), 0..100), vec![1; 701]);
        assert_eq!(saved.bytes(), 700, "there is no room for so much");
        assert!(!saved.marked(1001) && saved.bytes() == 1001);
    }

    #[test]
    fn what_is_kept_stays_within_its_bound_and_the_oldest_goes() {
        let mut saved = Saved::new(1000, ANY);
        let prompt: Vec<i32> = (0..200).collect();
        assert!(!saved.wants(&held(None, 0..100)));
        assert!(!saved.wants(&held(owner("a", "x"), 0..10)));
        for (caller, range) in [("a", 0..100), ("b", 0..120), ("c", 0..90)] {
            let held = held(owner(caller, "x"), range);
            assert!(saved.wants(&held));
            saved.put(held, vec![1; 400]);
            assert!(saved.bytes() <= 1000);
        }
        let best = |saved: &Saved, caller| saved.best(owner(caller, "x").as_ref(), &prompt, ANY).0;
        assert_eq!([best(&saved, "a"), best(&saved, "b"), best(&saved, "c")], [0, 120, 90]);
        assert!(!saved.wants(&held(owner("b", "x"), 0..80)), "known already");
        saved.put(held(owner("b", "x"), 0..150), vec![1; 500]);
        assert_eq!(
            (best(&saved, "b"), saved.bytes()),
            (150, 900),
            "the longer one takes the place of the shorter"
        );
        let place = saved.best(owner("c", "x").as_ref(), &prompt, ANY).1;
        saved.used(place);
        let place = saved.best(owner("c", "x").as_ref(), &prompt, ANY).1;
        assert_eq!(saved.get(place).map(|(held, state)| (held.tokens.len(), state.len())), Some((90, 400)));
        saved.put(held(owner("d", "x"), 0..100), vec![1; 600]);
        assert_eq!([best(&saved, "b"), best(&saved, "c"), best(&saved, "d")], [0, 90, 100]);
        saved.put(held(owner("e", "x"), 0..100), vec![1; 2000]);
        assert_eq!(best(&saved, "e"), 0, "larger than all the room");
    }
}
