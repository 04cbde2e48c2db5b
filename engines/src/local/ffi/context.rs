//! The working memory of all slots, in which batches are decoded.

use std::ptr::{self, NonNull};
use std::sync::Arc;

use super::{Model, OK, REASON_BYTES, Sampler, raw, reason_of};

/// A token to be decoded. The layout is the shim's `hg_batch_token`.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub(in crate::local) struct BatchToken {
    pub(in crate::local) token: i32,
    pub(in crate::local) position: i32,
    pub(in crate::local) slot: i32,
    pub(in crate::local) output: i32,
}

/// The working memory of all slots. Used by one thread at a time.
pub(in crate::local) struct Context {
    raw: NonNull<raw::Context>,
    model: Arc<Model>,
    slots: i32,
    per_slot: u32,
    batch: usize,
    outputs: Vec<bool>,
}

// SAFETY: a context has no tie to the thread that made it, and every use of it needs `&mut self`.
unsafe impl Send for Context {}

impl Context {
    /// Memory for `slots` conversations of `per_slot` tokens, and batches of at most `batch`.
    pub(in crate::local) fn new(
        model: &Arc<Model>,
        slots: u32,
        per_slot: u32,
        batch: u32,
        threads: i32,
    ) -> Result<Self, String> {
        let params = raw::ContextParams { slots, context_per_slot: per_slot, batch, threads };
        let mut raw = ptr::null_mut();
        let mut why = [0_u8; REASON_BYTES];
        // SAFETY: `why` has the length given, and `raw` is written before it is read.
        let code = unsafe {
            raw::hg_context_new(
                model.raw.as_ptr(),
                &raw const params,
                &raw mut raw,
                why.as_mut_ptr().cast(),
                why.len(),
            )
        };
        let Some(raw) = NonNull::new(raw).filter(|_| code == OK) else {
            let reason = reason_of(&why);
            return Err(if reason.is_empty() { "no memory for its context".to_owned() } else { reason });
        };
        // SAFETY: `raw` is a context.
        let per_slot = unsafe { raw::hg_context_per_slot(raw.as_ptr()) };
        let slots = i32::try_from(slots).unwrap_or(i32::MAX);
        let batch = usize::try_from(batch).unwrap_or(usize::MAX);
        Ok(Self { raw, model: Arc::clone(model), slots, per_slot, batch, outputs: Vec::new() })
    }

    /// Tokens that one slot holds.
    pub(in crate::local) fn per_slot(&self) -> u32 {
        self.per_slot
    }

    /// Decodes a batch. False where it failed: then the slots in it hold nothing sure and must be cleared.
    #[must_use]
    pub(in crate::local) fn decode(&mut self, tokens: &[BatchToken]) -> bool {
        let end = i32::try_from(self.per_slot).unwrap_or(i32::MAX);
        let sound = |t: &BatchToken| {
            (0..self.model.vocab).contains(&t.token)
                && (0..self.slots).contains(&t.slot)
                && (0..end).contains(&t.position)
        };
        self.outputs.clear();
        if tokens.is_empty() || tokens.len() > self.batch || !tokens.iter().all(sound) {
            return false;
        }
        // SAFETY: tokens, slots, positions and length have been checked against the context's bounds.
        let code = unsafe { raw::hg_decode(self.raw.as_ptr(), tokens.as_ptr(), tokens.len()) };
        if code == OK {
            self.outputs.extend(tokens.iter().map(|token| token.output != 0));
        }
        code == OK
    }

    /// Chooses a token from the output at this place of the last batch; `None` where none is possible.
    pub(in crate::local) fn sample(&mut self, sampler: &mut Sampler, place: usize) -> Option<i32> {
        // llama.cpp has logits only where the batch asked for them.
        if self.outputs.get(place) != Some(&true) {
            return None;
        }
        let mut token = -1;
        // SAFETY: the last batch succeeded and has logits at `place`; sampler and context live.
        let code = unsafe {
            raw::hg_sample(
                sampler.raw.as_ptr(),
                self.raw.as_ptr(),
                i32::try_from(place).ok()?,
                &raw mut token,
            )
        };
        (code == OK && (0..self.model.vocab).contains(&token)).then_some(token)
    }

    /// Forgets all that a slot holds.
    pub(in crate::local) fn clear(&mut self, slot: i32) {
        if (0..self.slots).contains(&slot) {
            // SAFETY: the slot is one of the context's.
            let _ = unsafe { raw::hg_clear_slot(self.raw.as_ptr(), slot) };
        }
    }
}

impl Drop for Context {
    fn drop(&mut self) {
        // SAFETY: made by `hg_context_new`, freed once, before its model.
        unsafe { raw::hg_context_free(self.raw.as_ptr()) }
    }
}
