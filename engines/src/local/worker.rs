//! The thread that owns a model's context: ticks that decode every running answer by one token, then
//! prompts, a bounded number of their tokens per tick.
//!
//! Answers come first and prompts have a budget, so a long prompt cannot stall the answers under way.
//! A prompt is always cut at the same places, whatever its neighbours, and never shares a call with
//! them, so that the same seed gives the same answer under load.

use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::Instant;

use super::ffi::{BatchToken, Context, Model};
use super::queue::{Queue, Ticket, Turn};
use crate::clock::{micros, now};
use crate::{ChatChunk, EngineError, FinishReason, Usage};

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
    slots: Vec<Option<Running>>,
    prefill_per_tick: usize,
    /// The slot whose prompt goes first in the next tick.
    first: usize,
}

/// A job in a slot.
struct Running {
    ticket: Ticket,
    started: Instant,
    first_token: Option<Instant>,
    /// Tokens in the slot.
    held: usize,
    /// The token that was chosen last and is not decoded yet; none while the prompt is not.
    next: Option<i32>,
    /// Chunks that the reader has no room for; while there are any, the slot stands still.
    unread: VecDeque<ChatChunk>,
    ended: bool,
}

impl Worker {
    pub(super) fn new(
        queue: Arc<Queue>,
        model: Arc<Model>,
        context: Context,
        slots: usize,
        prefill_per_tick: usize,
    ) -> Self {
        let slots = (0..slots).map(|_| None).collect();
        Self { queue, model, context, slots, prefill_per_tick, first: 0 }
    }

    /// Ticks until the engine is dropped.
    pub(super) fn run(mut self) {
        let mut stalled = false;
        loop {
            let running = self.slots.iter().flatten().count();
            self.queue.running(running);
            match self.queue.turn(self.slots.len() - running, running > 0, stalled) {
                Turn::Work(tickets) => tickets.into_iter().for_each(|ticket| self.start(ticket)),
                Turn::End => break,
            }
            self.queue.running(self.slots.iter().flatten().count());
            self.sweep();
            let decoded = self.decode();
            let prefilled = self.prefill();
            stalled = !decoded && !prefilled;
        }
        for running in self.slots.iter_mut().filter_map(Option::take) {
            let _ = running.ticket.chunks.try_send(Err(EngineError::Cancelled));
        }
    }

    fn start(&mut self, ticket: Ticket) {
        let Some(slot) = self.slots.iter_mut().find(|slot| slot.is_none()) else { return };
        *slot = Some(Running {
            ticket,
            started: now(),
            first_token: None,
            held: 0,
            next: None,
            unread: VecDeque::new(),
            ended: false,
        });
    }

    /// Hands unread chunks on; frees the slots of answers that are whole or that nobody reads any more.
    fn sweep(&mut self) {
        for index in 0..self.slots.len() {
            let Some(Some(running)) = self.slots.get_mut(index) else { continue };
            let gone = running.ticket.chunks.is_closed();
            if gone || (running.flush() && running.ended) {
                self.free(index);
            }
        }
    }

    /// One token for every answer under way. False where there was none to decode.
    fn decode(&mut self) -> bool {
        let mut batch = Vec::new();
        let mut owners = Vec::new();
        for (index, slot) in self.slots.iter().enumerate() {
            let Some(running) = slot.as_ref().filter(|running| running.ready()) else { continue };
            let Some(token) = running.next else { continue };
            batch.push(batch_token(token, running.held, index, true));
            owners.push(index);
        }
        if batch.is_empty() {
            return false;
        }
        if !self.context.decode(&batch) {
            owners.iter().for_each(|index| self.fail(*index, "a batch could not be decoded"));
            return true;
        }
        for (place, index) in owners.into_iter().enumerate() {
            if let Some(Some(running)) = self.slots.get_mut(index) {
                running.held += 1;
            }
            self.choose(index, place);
        }
        true
    }

    /// Parts of prompts, up to the tick's budget. False where there was none to decode.
    fn prefill(&mut self) -> bool {
        let mut budget = self.prefill_per_tick;
        let count = self.slots.len();
        let mut worked = false;
        for step in 0..count {
            let index = (self.first + step) % count;
            let Some(Some(running)) = self.slots.get(index) else { continue };
            if running.next.is_some() || !running.ready() {
                continue;
            }
            let left = running.ticket.prompt.get(running.held..).unwrap_or_default();
            let part = left.len().min(self.prefill_per_tick);
            if part > budget {
                // It goes first next time, with a whole budget before it.
                self.first = index;
                return worked;
            }
            budget -= part;
            worked = true;
            let whole = part == left.len();
            let batch: Vec<BatchToken> = left
                .iter()
                .take(part)
                .enumerate()
                .map(|(n, token)| batch_token(*token, running.held + n, index, whole && n + 1 == part))
                .collect();
            if !self.context.decode(&batch) {
                self.fail(index, "the prompt could not be decoded");
                continue;
            }
            if let Some(Some(running)) = self.slots.get_mut(index) {
                running.held += part;
            }
            if whole {
                self.choose(index, part - 1);
            }
        }
        self.first = (self.first + 1) % count.max(1);
        worked
    }

    /// Chooses the slot's next token from the last batch, and says what it says.
    fn choose(&mut self, index: usize, place: usize) {
        let Some(Some(running)) = self.slots.get_mut(index) else { return };
        let Some(token) = self.context.sample(&mut running.ticket.sampler, place) else {
            return self.fail(index, "no token could be chosen");
        };
        let at = now();
        running.first_token.get_or_insert(at);
        running.next = Some(token);
        let answer = &mut running.ticket.answer;
        let reason = if self.model.ends_turn(token) {
            Some(FinishReason::Stop)
        } else {
            running.unread.extend(answer.push(token));
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

    fn fail(&mut self, index: usize, reason: &'static str) {
        if let Some(Some(running)) = self.slots.get_mut(index) {
            // With a full channel the reader sees the broken end instead, which is an error as well.
            let _ = running.ticket.chunks.try_send(Err(EngineError::Decode { reason }));
        }
        self.free(index);
    }

    fn free(&mut self, index: usize) {
        if let Some(slot) = self.slots.get_mut(index) {
            *slot = None;
        }
        self.context.clear(i32::try_from(index).unwrap_or(-1));
        self.queue.running(self.slots.iter().flatten().count());
    }
}

impl Running {
    /// Whether the slot may work: its reader has taken everything and wants more.
    fn ready(&self) -> bool {
        self.unread.is_empty() && !self.ended && !self.ticket.chunks.is_closed()
    }

    /// Hands chunks on while there is room. True when none is left.
    fn flush(&mut self) -> bool {
        while let Some(chunk) = self.unread.pop_front() {
            if let Err(full) = self.ticket.chunks.try_send(Ok(chunk)) {
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
            completion_tokens: answer.tokens(),
            reasoning_tokens: answer.reasoning_tokens(),
            queue_wait_us: micros(self.ticket.admitted, self.started),
            prefill_us: micros(self.started, first),
            decode_us: micros(first, at),
        };
        let reason = if calls { FinishReason::ToolCalls } else { reason };
        self.unread.push_back(ChatChunk::Finish { reason, usage });
        self.ended = true;
    }
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
        let queue = Queue::new(1, 1);
        supervise(&queue, || panic!("as a test of what callers see"));
        assert_eq!(queue.status(), EngineStatus::Failed { reason: "its worker panicked".to_owned() });
        assert_eq!(queue.load().running, 0);
    }
}
