//! The working memory of all slots, in which batches are decoded.

use std::ffi::c_void;
use std::ptr::{self, NonNull};
use std::sync::Arc;

use super::{ABORTED, Model, OK, REASON_BYTES, Sampler, TOO_COSTLY, raw, reason_of};

/// A token to be decoded. The layout is the shim's `hg_batch_token`.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub(in crate::local) struct BatchToken {
    pub(in crate::local) token: i32,
    pub(in crate::local) position: i32,
    pub(in crate::local) slot: i32,
    pub(in crate::local) output: i32,
}

/// What came of a batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::local) enum Decoded {
    /// Its outputs are there.
    Done,
    /// Nobody waited for it.
    Unwanted,
    /// It could not be done.
    Failed,
}

/// Why no token was chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::local) enum NoToken {
    /// None is possible.
    Impossible,
    /// To find one takes the grammar too long.
    TooCostly,
}

/// The working memory of all slots. Used by one thread at a time.
pub(in crate::local) struct Context {
    raw: NonNull<raw::Context>,
    model: Arc<Model>,
    slots: i32,
    per_slot: u32,
    batch: usize,
    outputs: Vec<bool>,
    /// Slots were copied since the last batch: their bytes are not there before the next.
    copying: bool,
}

// SAFETY: a context has no tie to the thread that made it, and every use of it needs `&mut self`.
unsafe impl Send for Context {}

impl Context {
    /// Memory for `slots` conversations of `per_slot` tokens, and batches of at most `batch`. An `exact` one computes as it
    /// would without neighbours, where that takes longer.
    pub(in crate::local) fn new(
        model: &Arc<Model>,
        slots: u32,
        per_slot: u32,
        batch: u32,
        threads: i32,
        cache: i32,
        exact: bool,
    ) -> Result<Self, String> {
        let exact = i32::from(exact);
        let params = raw::ContextParams { slots, context_per_slot: per_slot, batch, threads, cache, exact };
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
        Ok(Self {
            raw,
            model: Arc::clone(model),
            slots,
            per_slot,
            batch,
            outputs: Vec::new(),
            copying: false,
        })
    }

    /// Tokens that one slot holds.
    pub(in crate::local) fn per_slot(&self) -> u32 {
        self.per_slot
    }

    /// Decodes a batch, unless `unwanted` says on the way that nobody waits for it. Where it is not done, the slots in it
    /// hold nothing sure and must be cleared.
    pub(in crate::local) fn decode(
        &mut self,
        tokens: &[BatchToken],
        mut unwanted: &(dyn Fn() -> bool + Sync),
    ) -> Decoded {
        let end = i32::try_from(self.per_slot).unwrap_or(i32::MAX);
        let sound = |t: &BatchToken| {
            (0..self.model.vocab).contains(&t.token)
                && (0..self.slots).contains(&t.slot)
                && (0..end).contains(&t.position)
        };
        self.outputs.clear();
        if tokens.is_empty() || tokens.len() > self.batch || !tokens.iter().all(sound) {
            return Decoded::Failed;
        }
        // SAFETY: tokens, slots, positions and length have been checked against the context's bounds; what `asked` points
        // to outlives the call, and is asked on this thread or, while this one waits, on one of llama.cpp's.
        let code = unsafe {
            raw::hg_decode(
                self.raw.as_ptr(),
                tokens.as_ptr(),
                tokens.len(),
                Some(ask),
                (&raw mut unwanted).cast(),
            )
        };
        match code {
            OK => {
                self.copying = false;
                self.outputs.extend(tokens.iter().map(|token| token.output != 0));
                Decoded::Done
            }
            ABORTED => {
                self.copying = false;
                Decoded::Unwanted
            }
            _ => Decoded::Failed,
        }
    }

    /// Chooses a token from the output at this place of the last batch.
    pub(in crate::local) fn sample(&mut self, sampler: &mut Sampler, place: usize) -> Result<i32, NoToken> {
        // llama.cpp has logits only where the batch asked for them.
        let output = i32::try_from(place).ok().filter(|_| self.outputs.get(place) == Some(&true));
        let output = output.ok_or(NoToken::Impossible)?;
        let mut token = -1;
        // SAFETY: the last batch succeeded and has logits at `place`; sampler and context live.
        let code = unsafe { raw::hg_sample(sampler.raw.as_ptr(), self.raw.as_ptr(), output, &raw mut token) };
        match code {
            OK if (0..self.model.vocab).contains(&token) => Ok(token),
            TOO_COSTLY => Err(NoToken::TooCostly),
            _ => Err(NoToken::Impossible),
        }
    }

    /// The model's own probabilities at this place of the last batch: that of `token`, and the `count` greatest.
    pub(in crate::local) fn logprobs(
        &self,
        place: usize,
        token: i32,
        count: usize,
    ) -> Option<(f32, Vec<(i32, f32)>)> {
        if self.outputs.get(place) != Some(&true) {
            return None;
        }
        let (mut chosen, mut ids, mut values) = (0.0, vec![0; count], vec![0.0; count]);
        // SAFETY: the last batch has logits at `place`; both lists have room for `count`.
        let code = unsafe {
            raw::hg_logprobs(
                self.raw.as_ptr(),
                i32::try_from(place).ok()?,
                token,
                &raw mut chosen,
                ids.as_mut_ptr(),
                values.as_mut_ptr(),
                count,
            )
        };
        (code == OK).then(|| (chosen, ids.into_iter().zip(values).collect()))
    }

    /// Forgets what a slot holds beyond its first tokens. False where it cannot, or does not exist.
    #[must_use]
    pub(in crate::local) fn keep(&mut self, slot: usize, tokens: usize) -> bool {
        let Some(slot) = self.slot(slot) else { return false };
        let tokens = i32::try_from(tokens).unwrap_or(i32::MAX);
        // SAFETY: the slot is one of the context's.
        unsafe { raw::hg_keep_slot(self.raw.as_ptr(), slot, tokens) == OK }
    }

    /// Makes a slot hold all that another holds, however far it looks back, at the cost of a slot's whole memory. False
    /// where it could not: then it holds what it held.
    #[must_use]
    pub(in crate::local) fn copy(&mut self, from: usize, to: usize) -> bool {
        let (Some(from), Some(to)) = (self.slot(from), self.slot(to)) else { return false };
        // SAFETY: both slots are the context's.
        let copied = unsafe { raw::hg_copy_slot(self.raw.as_ptr(), from, to) == OK };
        self.copying |= copied;
        copied
    }

    /// What a slot holds, as bytes that [`load`](Self::load) understands: of layers with a window what is in it. None where
    /// they are more than `max`, and between a copy and the next batch.
    pub(in crate::local) fn save(&mut self, slot: usize, max: usize) -> Option<Vec<u8>> {
        self.bytes(slot, false, max)
    }

    /// Fills a slot with what another held. False where it could not: then it holds nothing sure.
    #[must_use]
    pub(in crate::local) fn load(&mut self, slot: usize, bytes: &[u8]) -> bool {
        self.fill(slot, false, bytes)
    }

    /// What the layers of a slot that keep a state have come to, and what those with a window have in it, without the keys
    /// and values of those that attend to everything.
    pub(in crate::local) fn save_state(&mut self, slot: usize, max: usize) -> Option<Vec<u8>> {
        self.bytes(slot, true, max)
    }

    /// Gives these layers the state again that they had after the slot's first tokens; the slot must then
    /// [`keep`](Self::keep) as many. False where it could not: then it holds nothing sure.
    #[must_use]
    pub(in crate::local) fn load_state(&mut self, slot: usize, bytes: &[u8]) -> bool {
        self.fill(slot, true, bytes)
    }

    fn bytes(&mut self, slot: usize, state: bool, max: usize) -> Option<Vec<u8>> {
        let slot = self.slot(slot).filter(|_| !self.copying)?;
        // SAFETY: the slot is one of the context's, and with no room nothing is written.
        let size = unsafe { raw::hg_save_slot(self.raw.as_ptr(), slot, state.into(), ptr::null_mut(), 0) };
        let mut bytes = vec![0_u8; usize::try_from(size).ok().filter(|size| (1..=max).contains(size))?];
        // SAFETY: as above, with a buffer of the length given.
        let written = unsafe {
            raw::hg_save_slot(self.raw.as_ptr(), slot, state.into(), bytes.as_mut_ptr(), bytes.len())
        };
        (written == size).then_some(bytes)
    }

    fn fill(&mut self, slot: usize, state: bool, bytes: &[u8]) -> bool {
        // What is written now would be read by a copy that is under way.
        let Some(slot) = self.slot(slot).filter(|_| !self.copying) else { return false };
        let (raw, len) = (self.raw.as_ptr(), bytes.len());
        // SAFETY: the slot is one of the context's; the bytes are this context's own, given with their length.
        unsafe { raw::hg_load_slot(raw, slot, state.into(), bytes.as_ptr(), len) == OK }
    }

    fn slot(&self, slot: usize) -> Option<i32> {
        i32::try_from(slot).ok().filter(|slot| (0..self.slots).contains(slot))
    }
}

/// Asks the closure that `asked` points to.
pub(super) unsafe extern "C" fn ask(asked: *mut c_void) -> bool {
    // SAFETY: `decode` passes a pointer to its own reference, which lives through the call.
    let unwanted = unsafe { &*asked.cast::<&(dyn Fn() -> bool + Sync)>() };
    unwanted()
}

impl Drop for Context {
    fn drop(&mut self) {
        // SAFETY: made by `hg_context_new`, freed once, before its model.
        unsafe { raw::hg_context_free(self.raw.as_ptr()) }
    }
}
