//! Answers of slots that lie apart, decoded as if they lay together.
//!
//! llama.cpp decodes neighbouring sequences at once and goes through all weights again for each further run of them. A token
//! more for the slot between two runs takes less, and is forgotten afterwards.

use super::super::ffi::BatchToken;
use super::{Worker, batch_token, decode_fault};

/// Slots that lie between two answers at most, so that a token for each of them takes less than the weights once more.
const BRIDGE_MAX: usize = 3;

impl Worker {
    /// A batch of answers in the order of their slots, with tokens nobody asks for between those that lie apart a little.
    pub(super) fn bridged(&self, batch: Vec<BatchToken>) -> Vec<BatchToken> {
        if self.alone || !self.reuse.rewinds {
            return batch;
        }
        let mut bridged: Vec<BatchToken> = Vec::with_capacity(self.slots.len());
        for token in batch {
            let between = bridged.last().map_or(token.slot, |before| before.slot + 1)..token.slot;
            let bridge: Option<Vec<_>> = between.map(|slot| self.passed_over(slot, token.token)).collect();
            bridged.extend(bridge.filter(|bridge| bridge.len() <= BRIDGE_MAX).unwrap_or_default());
            bridged.push(token);
        }
        bridged
    }

    /// A token after what a slot holds, where there is room for one.
    fn passed_over(&self, slot: i32, token: i32) -> Option<BatchToken> {
        let index = usize::try_from(slot).ok()?;
        let position = self.slots.get(index)?.held.tokens.len();
        let room = u32::try_from(position).is_ok_and(|position| position < self.context.per_slot());
        room.then(|| batch_token(token, position, index, false))
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
