//! The thread that owns a model's context: ticks that decode every running answer by one token, then
//! prompts, a bounded number of their tokens per tick.
//!
//! Answers come first and prompts have a budget, so a long prompt cannot stall the answers under way. Short prompts that come
//! together are read together, some of them in a tick, and their answers go on together from then on.
//! A prompt is always cut at the same places, whatever its neighbours, and never shares a call with
//! them, so that the same seed gives the same answer under load.

mod bridge;
mod place;
mod turns;

use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::Instant;

use sha2::{Digest as _, Sha256};

use super::ffi::{BatchToken, Context, Decoded, Model, NoToken};
use super::prefix::{Held, Reuse, Saved};
use super::queue::{Queue, Ticket, Turn};
use crate::clock::{micros, now};
use crate::error::TemplateFault;
use crate::{ChatChunk, EngineError, FinishReason, Usage};
use turns::{Reading, Turns};

/// Budgets of prompts' tokens in a tick without an answer under way, which would wait for them, and in one with short prompts.
const TOGETHER_PARTS: usize = 4;

/// Runs a worker to its end, and turns a panic into a state that callers see.
pub(super) fn supervise(queue: &Queue, work: impl FnOnce()) {
    // Everything that the closure owns is dropped on the way out; callers share the queue alone.
    let reason = match catch_unwind(AssertUnwindSafe(work)) {
        Ok(()) => "it was shut down",
        Err(_) => "its worker panicked",
    };
    queue.fail(reason);
}

/// The worker's whole state.
pub(super) struct Worker {
    queue: Arc<Queue>,
    model: Arc<Model>,
    context: Context,
    slots: Vec<Slot>,
    saved: Saved,
    reuse: Reuse,
    /// Whether neighbours could change an answer's last bits, and must not: then each is decoded alone.
    alone: bool,
    /// Whether its weights are multiplied by two tokens at a time.
    in_pairs: bool,
    prefill_per_tick: usize,
    part_max: usize,
    turns: Turns,
    /// Jobs started so far.
    started: u64,
}

/// How a worker works.
pub(super) struct Ways {
    pub(super) slots: usize,
    pub(super) prefill_per_tick: usize,
    /// Tokens of one prompt that are read at once at most, where that is its end.
    pub(super) part_max: usize,
    pub(super) saved_bytes_max: usize,
    pub(super) reuse: Reuse,
    pub(super) alone: bool,
    pub(super) in_pairs: bool,
}

/// Room for one sequence, and the job that works in it.
#[derive(Default)]
struct Slot {
    held: Held,
    running: Option<Running>,
    /// The number of the last job in it: the lowest has been idle for longest.
    number: u64,
}

/// A job in a slot.
struct Running {
    ticket: Ticket,
    started: Instant,
    first_token: Option<Instant>,
    /// When a part of the prompt was read last, in the time of [`Turns`].
    read: u64,
    /// Of the prompt and the tokens chosen.
    digest: Sha256,
    /// Tokens of the prompt that had not to be read.
    cached: usize,
    /// The token that was chosen last and is not decoded yet; none while the prompt is not.
    next: Option<i32>,
    /// Chunks that the reader has no room for; while there are any, the slot stands still.
    unread: VecDeque<ChatChunk>,
    ended: bool,
}

impl Worker {
    pub(super) fn new(queue: Arc<Queue>, model: Arc<Model>, context: Context, ways: &Ways) -> Self {
        Self {
            queue,
            model,
            context,
            slots: (0..ways.slots).map(|_| Slot::default()).collect(),
            saved: Saved::new(ways.saved_bytes_max, ways.reuse),
            reuse: ways.reuse,
            alone: ways.alone,
            in_pairs: ways.in_pairs,
            prefill_per_tick: ways.prefill_per_tick,
            part_max: ways.part_max,
            turns: Turns::default(),
            started: 0,
        }
    }

    /// Ticks until the engine is dropped.
    pub(super) fn run(mut self) {
        let mut stalled = false;
        loop {
            let mut at_work: Vec<_> =
                self.at_work().map(|running| running.ticket.caller().cloned()).collect();
            self.queue.running(at_work.len());
            let free = self.slots.len() - at_work.len();
            match self.queue.turn(free, &mut at_work, stalled) {
                Turn::Work(tickets) => tickets.into_iter().for_each(|ticket| self.start(ticket)),
                Turn::End => break,
            }
            self.queue.running(self.at_work().count());
            self.sweep();
            let decoded = self.decode();
            // Prompts that come together are read together: to decode some answers before the others have begun takes
            // as long as to decode them all.
            let mut parts = 0;
            while parts < TOGETHER_PARTS && (!decoded || parts == 0 || self.short_waits()) && self.prefill() {
                parts += 1;
            }
            stalled = !decoded && parts == 0;
        }
        for running in self.at_work() {
            running.ticket.reader.fail(EngineError::Cancelled);
        }
    }

    fn at_work(&self) -> impl Iterator<Item = &Running> {
        self.slots.iter().filter_map(|slot| slot.running.as_ref())
    }

    /// Hands unread chunks on; frees the slots of answers that are whole or that nobody waits for any more.
    fn sweep(&mut self) {
        for index in 0..self.slots.len() {
            let Some(running) = self.running(index) else { continue };
            if running.ticket.reader.gone() {
                running.ticket.reader.tell_late();
                self.free(index);
            } else if running.flush() && running.ended {
                self.free(index);
            }
        }
    }

    /// Whether a prompt waits that is read in one part.
    fn short_waits(&self) -> bool {
        let waiting = self.slots.iter().filter(|slot| slot.reads()).filter_map(|slot| slot.running.as_ref());
        waiting.into_iter().any(|running| running.ticket.prompt.len() - running.cached <= self.part_max)
    }

    fn running(&mut self, index: usize) -> Option<&mut Running> {
        self.slots.get_mut(index)?.running.as_mut()
    }

    /// One token for every answer under way. False where there was none to decode.
    fn decode(&mut self) -> bool {
        let mut batch = Vec::new();
        for (index, slot) in self.slots.iter().enumerate() {
            let Some(running) = slot.running.as_ref().filter(|running| running.ready()) else { continue };
            let Some(token) = running.next else { continue };
            batch.push(batch_token(token, slot.held.tokens.len(), index, true));
        }
        let decoded = !batch.is_empty();
        let batch = self.bridged(batch);
        let size = if self.alone { 1 } else { batch.len().max(1) };
        for part in batch.chunks(size) {
            let owners = part.iter().map(|token| usize::try_from(token.slot).unwrap_or(usize::MAX));
            // A single token is decoded before anybody could be asked.
            let done = self.context.decode(part, &|| false) == Decoded::Done;
            for (place, (index, token)) in owners.zip(part).enumerate() {
                if token.output == 0 {
                    self.forget_bridge(index, done);
                    continue;
                }
                if !done {
                    self.fail(index, decode_fault("a batch could not be decoded"));
                    continue;
                }
                if let Some(slot) = self.slots.get_mut(index) {
                    slot.held.tokens.push(token.token);
                }
                self.choose(index, place);
            }
        }
        decoded
    }

    /// Parts of prompts, up to the budget. False where there was none to decode.
    fn prefill(&mut self) -> bool {
        let mut budget = self.prefill_per_tick;
        let mut worked = false;
        let waiting = self.slots.iter().enumerate().filter(|(_, slot)| slot.reads());
        let readings = waiting.filter_map(|(slot, Slot { running, .. })| {
            let running = running.as_ref()?;
            let caller = running.ticket.caller().cloned();
            Some(Reading { slot, caller, last: running.read })
        });
        let order = readings.collect();
        for index in self.turns.order(order) {
            if self.follows(index) {
                continue;
            }
            let Some(Slot { held, running: Some(running), .. }) = self.slots.get(index) else { continue };
            let at = held.tokens.len();
            let left = running.ticket.prompt.get(at..).unwrap_or_default();
            // Where answers are exact, cut at the same places whatever was there before.
            let mark = self.reuse.next_mark(at, running.ticket.prompt.len());
            let to_cut = self.prefill_per_tick - at % self.prefill_per_tick;
            let part = if left.len() <= self.part_max { left.len() } else { to_cut };
            let part = if self.reuse.exact_step.is_some() { part.min(to_cut) } else { part };
            let part = part.min(mark.map_or(part, |mark| mark - at));
            if part > budget && worked {
                // It goes first next time, with a whole budget before it.
                return worked;
            }
            budget = budget.saturating_sub(part);
            worked = true;
            let read_at = self.turns.read(running.ticket.caller().cloned());
            let whole = part == left.len();
            let read: Vec<i32> = left.iter().take(part).copied().collect();
            let token =
                |(n, token): (usize, &i32)| batch_token(*token, at + n, index, whole && n + 1 == part);
            let batch: Vec<BatchToken> = read.iter().enumerate().map(token).collect();
            let reader = &running.ticket.reader;
            match self.context.decode(&batch, &|| reader.gone()) {
                Decoded::Done => {}
                Decoded::Unwanted => {
                    running.ticket.reader.tell_late();
                    self.free(index);
                    self.cut(index, 0);
                    continue;
                }
                Decoded::Failed => {
                    self.fail(index, decode_fault("the prompt could not be decoded"));
                    continue;
                }
            }
            if let Some(slot) = self.slots.get_mut(index) {
                slot.held.tokens.extend(read);
                slot.held.prefilled = slot.held.tokens.len();
                if let Some(running) = &mut slot.running {
                    running.read = read_at;
                }
            }
            if mark == Some(at + part) {
                self.mark(index);
            }
            if whole {
                self.choose(index, part - 1);
            }
        }
        worked
    }

    /// Chooses the slot's next token from the last batch, and says what it says.
    fn choose(&mut self, index: usize, place: usize) {
        let Some(Slot { running: Some(running), .. }) = self.slots.get_mut(index) else { return };
        let token = match self.context.sample(&mut running.ticket.sampler, place) {
            Ok(token) => token,
            Err(NoToken::Impossible) => return self.fail(index, decode_fault("no token could be chosen")),
            Err(NoToken::TooCostly) => {
                return self.fail(index, EngineError::Template { fault: TemplateFault::SchemaCost });
            }
        };
        let at = now();
        running.first_token.get_or_insert(at);
        running.next = Some(token);
        running.digest.update(token.to_le_bytes());
        let answer = &mut running.ticket.answer;
        let reason = if self.model.ends_turn(token) {
            Some(FinishReason::Stop)
        } else {
            let top = running.ticket.logprobs;
            let told = top.and_then(|top| self.context.logprobs(place, token, usize::from(top)));
            let told = told.map(|(logprob, top)| answer.logprob(token, logprob, top));
            running.unread.extend(answer.push(token, told));
            if answer.stopped() {
                Some(FinishReason::Stop)
            } else {
                (answer.tokens() >= running.ticket.limit).then_some(FinishReason::Length)
            }
        };
        if let Some(reason) = reason {
            running.finish(reason, at);
            self.queue.job_took(at.saturating_duration_since(running.started));
        }
        if running.flush() && running.ended {
            self.free(index);
        }
    }

    /// Ends a job whose slot holds nothing sure any more.
    fn fail(&mut self, index: usize, error: EngineError) {
        if let Some(running) = self.running(index) {
            running.ticket.reader.fail(error);
        }
        self.free(index);
        self.cut(index, 0);
    }

    /// Takes a slot's job out; what it holds stays for the next job of its owner.
    fn free(&mut self, index: usize) {
        if let Some(slot) = self.slots.get_mut(index) {
            slot.running = None;
            if slot.held.owner.is_none() {
                self.cut(index, 0);
            }
        }
        self.queue.running(self.at_work().count());
    }
}

impl Slot {
    /// Whether it has a prompt to read.
    fn reads(&self) -> bool {
        self.running.as_ref().is_some_and(|running| running.next.is_none() && running.ready())
    }
}

impl Running {
    /// Whether the slot may work: its reader has taken everything and wants more.
    fn ready(&self) -> bool {
        self.unread.is_empty() && !self.ended && !self.ticket.reader.chunks.is_closed()
    }

    /// Hands chunks on while there is room. True when none is left.
    fn flush(&mut self) -> bool {
        while let Some(chunk) = self.unread.pop_front() {
            if let Err(full) = self.ticket.reader.chunks.try_send(Ok(chunk)) {
                if let tokio::sync::mpsc::error::TrySendError::Full(Ok(chunk)) = full {
                    self.unread.push_front(chunk);
                }
                return false;
            }
        }
        true
    }

    fn finish(&mut self, reason: FinishReason, at: Instant) {
        let answer = &mut self.ticket.answer;
        self.unread.extend(answer.finish());
        let calls = answer.calls_tools() && reason == FinishReason::Stop;
        let first = self.first_token.unwrap_or(at);
        let usage = Usage {
            prompt_tokens: u64::try_from(self.ticket.prompt.len()).unwrap_or(u64::MAX),
            cached_tokens: u64::try_from(self.cached).unwrap_or(u64::MAX),
            completion_tokens: answer.tokens(),
            reasoning_tokens: answer.reasoning_tokens(),
            queue_wait_us: micros(self.ticket.admitted, self.started),
            prefill_us: micros(self.started, first),
            decode_us: micros(first, at),
            answer_digest: self.digest.clone().finalize().into(),
        };
        let reason = if calls { FinishReason::ToolCalls } else { reason };
        self.unread.push_back(ChatChunk::Finish { reason, usage });
        self.ended = true;
    }
}

fn decode_fault(reason: &'static str) -> EngineError {
    EngineError::Decode { reason }
}

fn batch_token(token: i32, position: usize, slot: usize, output: bool) -> BatchToken {
    // Positions and slots are bounded by the context; a number beyond i32 would be refused there.
    let bounded = |n: usize| i32::try_from(n).unwrap_or(i32::MAX);
    BatchToken { token, position: bounded(position), slot: bounded(slot), output: i32::from(output) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::EngineStatus;

    #[test]
    fn a_panic_of_the_worker_is_a_state_that_callers_see() {
        let queue = Queue::new(1, 1, std::time::Duration::from_secs(60));
        supervise(&queue, || panic!("as a test of what callers see"));
        assert_eq!(queue.status(), EngineStatus::Failed { reason: "its worker panicked".to_owned() });
        assert_eq!(queue.load().running, 0);
    }
}
