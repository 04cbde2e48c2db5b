//! Where a job works, and what it need not read again: what its slot holds, what another slot holds, and what is kept
//! in the host's memory.

use std::collections::VecDeque;

use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

use super::super::prefix::{self, Held, REUSE_TOKENS_MIN};
use super::super::queue::Ticket;
use super::{Running, Slot, Worker};
use crate::clock::now;

impl Worker {
    /// Gives a job the slot where least of its prompt is left to read.
    pub(super) fn start(&mut self, ticket: Ticket) {
        let started = now();
        let (owner, prompt) = (ticket.owner.as_ref(), ticket.prompt.as_slice());
        let shared = |slot: &Slot| slot.held.shared(owner, prompt, self.reuse);
        let idle = || self.slots.iter().enumerate().filter(|(_, slot)| slot.running.is_none());
        // The longest beginning in any slot; of equals an idle one.
        let best = self.slots.iter().enumerate();
        let best = best.max_by_key(|(_, slot)| (shared(slot), slot.running.is_none()));
        let Some((source, source_shared)) = best.map(|(index, slot)| (index, shared(slot))) else { return };
        let (saved_shared, saved_place) = self.saved.best(owner, prompt, self.reuse);
        // Where nothing is lost but an end that hardly counts, the slot goes on where it is.
        let in_place = self.slots.get(source).is_some_and(|slot| {
            source_shared > 0
                && source_shared >= saved_shared
                && slot.running.is_none()
                && (source_shared * 2 >= slot.held.tokens.len() || idle().count() == 1)
        });
        // What is to be copied is not thrown away for the copy.
        let spared = |index: &usize| source_shared > saved_shared && *index == source;
        let others = idle().map(|(index, _)| index).filter(|index| !spared(index)).collect();
        let Some(index) = (if in_place { Some(source) } else { self.emptiest(others) }) else { return };
        let owner = ticket.owner.clone();
        let mut digest = Sha256::new_with_prefix("hearthgate answer");
        ticket.prompt.iter().for_each(|token| digest.update(token.to_le_bytes()));
        digest.update(i32::MIN.to_le_bytes());
        let cached = if in_place {
            self.stash_unless(index, source_shared);
            self.cut(index, source_shared)
        } else {
            let restored = saved_shared > source_shared;
            if restored {
                self.saved.used(saved_place);
            }
            self.stash_unless(index, 0);
            self.cut(index, 0);
            if restored {
                self.restore(index, &ticket)
            } else if self.slots.get(source).is_some_and(|slot| self.worth_moving(&slot.held, source_shared))
            {
                self.copy(source, index, source_shared)
            } else {
                0
            }
        };
        self.started += 1;
        if let Some(slot) = self.slots.get_mut(index) {
            slot.held.owner = owner;
            slot.number = self.started;
            slot.running = Some(Running {
                ticket,
                started,
                first_token: None,
                read: self.turns.now(),
                digest,
                cached,
                next: None,
                unread: VecDeque::new(),
                ended: false,
            });
        }
    }

    /// Of these slots one for a job that begins anew: an empty one, else of the half that has been idle for longest. Of several
    /// the nearest to the answers under way, which are decoded together where they lie together.
    fn emptiest(&self, mut slots: Vec<usize>) -> Option<usize> {
        let age =
            |index: &usize| self.slots.get(*index).map(|slot| (!slot.held.tokens.is_empty(), slot.number));
        slots.sort_by_key(age);
        let empty = slots.iter().filter(|index| age(index).is_some_and(|(held, _)| !held)).count();
        slots.truncate(if empty > 0 { empty } else { slots.len().div_ceil(2) });
        let at_work = || self.slots.iter().enumerate().filter(|(_, slot)| slot.running.is_some());
        let away = |index: &usize| at_work().map(|(other, _)| other.abs_diff(*index)).min();
        slots.into_iter().min_by_key(away)
    }

    /// Keeps what a slot holds, where more than this of it is about to be lost.
    fn stash_unless(&mut self, index: usize, kept: usize) {
        if self.slots.get(index).is_some_and(|slot| kept * 2 < slot.held.tokens.len()) {
            self.stash(index, kept);
        }
    }

    /// Keeps what a slot holds, where that is worth it and not known already. Of the slot itself only so much is sure to stay.
    fn stash(&mut self, index: usize, kept: usize) {
        let Some(slot) = self.slots.get_mut(index).filter(|slot| self.saved.wants(&slot.held)) else {
            return;
        };
        let Some(state) = self.context.save(index, self.saved.bytes_max()) else { return };
        let mut held = slot.held.clone();
        let back = held.way_back(self.reuse).filter(|back| *back >= kept);
        if let Some(back) = back.filter(|back| self.context.keep(index, *back)) {
            slot.held.keep(back);
            if let Some(state) = self.context.save_state(index, self.saved.mark_bytes_max()) {
                held.marks.add(back, state, self.saved.older_marks_bytes_max());
            }
        }
        self.saved.put(held, state);
        self.queue.saved(self.saved.bytes());
    }

    /// Marks where a slot is, to go back to.
    pub(super) fn mark(&mut self, index: usize) {
        let Some(slot) = self.slots.get_mut(index).filter(|slot| slot.held.owner.is_some()) else { return };
        let Some(state) = self.context.save_state(index, self.saved.mark_bytes_max()) else { return };
        slot.held.marks.add(slot.held.tokens.len(), state, self.saved.older_marks_bytes_max());
        self.count_marks();
    }

    /// Counts what the marks of slots take. Where that is too much, those used longest ago lose theirs: first the older
    /// ones of each sequence, then the last.
    pub(super) fn count_marks(&mut self) {
        loop {
            let bytes = self.slots.iter().map(|slot| slot.held.marks.bytes()).sum();
            if self.saved.marked(bytes) {
                break;
            }
            let marked = self.slots.iter_mut().filter(|slot| slot.held.marks.bytes() > 0);
            let Some(oldest) = marked.min_by_key(|slot| slot.number) else { break };
            oldest.held.marks.give_way();
        }
        self.queue.saved(self.saved.bytes());
    }

    /// Leaves a slot its first tokens; how many it has then.
    pub(super) fn cut(&mut self, index: usize, tokens: usize) -> usize {
        let Some(slot) = self.slots.get_mut(index) else { return 0 };
        if slot.held.tokens.len() > tokens {
            let back = slot.held.marks.at(tokens).is_none_or(|state| self.context.load_state(index, state));
            if !back || !self.context.keep(index, tokens) {
                // A sequence can always be forgotten whole.
                let _ = self.context.keep(index, 0);
                slot.held.keep(0);
            }
        }
        slot.held.keep(tokens);
        let left = slot.held.tokens.len();
        if !self.reuse.rewinds {
            self.count_marks();
        }
        left
    }

    /// Fills an empty slot with the beginning of another's sequence.
    fn copy(&mut self, source: usize, index: usize, tokens: usize) -> usize {
        let Some(held) = self.slots.get(source).map(|slot| slot.held.clone()) else { return 0 };
        if self.needs_all(&held, tokens) {
            let copied = self.context.copy(source, index);
            return self.filled(index, copied, held, tokens);
        }
        let Some(state) = self.context.save(source, usize::MAX).map(Zeroizing::new) else { return 0 };
        let loaded = self.context.load(index, &state);
        self.filled(index, loaded, held.moved(self.reuse), tokens)
    }

    /// Whether its beginning of this length is of use elsewhere only together with what no window is on any more.
    fn needs_all(&self, held: &Held, tokens: usize) -> bool {
        let on_from_the_end = self.reuse.exact_step.is_none() && tokens + 1 >= held.tokens.len();
        held.loses(self.reuse) && !on_from_the_end
    }

    /// Whether it is worth moving for its beginning of this length.
    fn worth_moving(&self, held: &Held, tokens: usize) -> bool {
        let per_slot = usize::try_from(self.context.per_slot()).unwrap_or(usize::MAX);
        let moved = if self.needs_all(held, tokens) { per_slot } else { held.tokens.len() };
        prefix::worth_moving(tokens, moved)
    }

    /// Fills an empty slot with the longest beginning that is kept now: what was kept before may have made room.
    fn restore(&mut self, index: usize, ticket: &Ticket) -> usize {
        let (tokens, place) = self.saved.best(ticket.owner.as_ref(), &ticket.prompt, self.reuse);
        let Some((held, state)) = self.saved.get(place).filter(|_| tokens > 0) else { return 0 };
        let held = held.clone();
        let loaded = self.context.load(index, state);
        self.filled(index, loaded, held, tokens)
    }

    fn filled(&mut self, index: usize, loaded: bool, held: Held, tokens: usize) -> usize {
        let Some(slot) = self.slots.get_mut(index) else { return 0 };
        slot.held = held;
        let left = self.cut(index, if loaded { tokens } else { 0 });
        if let Some(slot) = self.slots.get_mut(index).filter(|_| self.reuse.rewinds) {
            // From here on it can go back without.
            slot.held.marks.keep(0);
        }
        left
    }

    /// Whether a prompt waits for an earlier one of the same owner that begins alike; what that one has read by now is
    /// taken over.
    pub(super) fn follows(&mut self, index: usize) -> bool {
        let Some(slot) = self.slots.get(index) else { return false };
        let Some(running) = &slot.running else { return false };
        let (owner, prompt, held) =
            (running.ticket.owner.as_ref(), &running.ticket.prompt, slot.held.tokens.len());
        let mut ready = (0, 0);
        for (other, leader) in self.slots.iter().enumerate() {
            let Some(leads) = leader.running.as_ref().filter(|_| leader.number < slot.number) else {
                continue;
            };
            if owner.is_none() || leads.ticket.owner.as_ref() != owner {
                continue;
            }
            let by_now = leader.held.shared(owner, prompt, self.reuse);
            let by_now = if self.worth_moving(&leader.held, by_now) { by_now } else { 0 };
            let led = &leads.ticket.prompt;
            let coming = self.reuse.to_come(prefix::common(led, prompt), led.len());
            // What it has read already is not waited for.
            let coming = if leader.reads() && leader.held.tokens.len() < coming { coming } else { 0 };
            if coming >= by_now.max(held) + REUSE_TOKENS_MIN {
                return true;
            }
            ready = ready.max((by_now, other));
        }
        let (by_now, source) = ready;
        if by_now >= held + REUSE_TOKENS_MIN {
            self.cut(index, 0);
            let cached = self.copy(source, index, by_now);
            if let Some(slot) = self.slots.get_mut(index) {
                slot.held.owner = slot.running.as_ref().and_then(|running| running.ticket.owner.clone());
                if let Some(running) = &mut slot.running {
                    running.cached = cached;
                }
            }
        }
        false
    }
}
