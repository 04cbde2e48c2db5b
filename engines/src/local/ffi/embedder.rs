//! Embeddings of texts, one at a time.

use std::ptr::{self, NonNull};
use std::sync::Arc;

use super::context::ask;
use super::{ABORTED, Decoded, Model, OK, REASON_BYTES, raw, reason_of};

/// The working memory in which texts are read for their embeddings. Used by one thread at a time.
pub(in crate::local) struct Embedder {
    raw: NonNull<raw::Embedder>,
    model: Arc<Model>,
    context: usize,
}

// SAFETY: it has no tie to the thread that made it, and every use of it needs `&mut self`.
unsafe impl Send for Embedder {}

impl Embedder {
    /// Memory for texts of at most `context` tokens.
    pub(in crate::local) fn new(model: &Arc<Model>, context: u32, threads: i32) -> Result<Self, String> {
        let mut raw = ptr::null_mut();
        let mut why = [0_u8; REASON_BYTES];
        // SAFETY: `why` has the length given, and `raw` is written before it is read.
        let code = unsafe {
            let why_bytes = why.as_mut_ptr().cast();
            raw::hg_embedder_new(model.raw.as_ptr(), context, threads, &raw mut raw, why_bytes, why.len())
        };
        let Some(raw) = NonNull::new(raw).filter(|_| code == OK) else {
            let reason = reason_of(&why);
            return Err(if reason.is_empty() { "it gives no embeddings".to_owned() } else { reason });
        };
        Ok(Self { raw, model: Arc::clone(model), context: usize::try_from(context).unwrap_or(usize::MAX) })
    }

    /// The embedding of a text, of length one, unless `unwanted` says on the way that nobody waits for it.
    pub(in crate::local) fn embed(
        &mut self,
        tokens: &[i32],
        mut unwanted: &(dyn Fn() -> bool + Sync),
    ) -> Result<Vec<f32>, Decoded> {
        if tokens.is_empty()
            || tokens.len() > self.context
            || !tokens.iter().all(|token| self.model.knows(*token))
        {
            return Err(Decoded::Failed);
        }
        let mut embedding = vec![0.0; self.model.embedding_size()];
        // SAFETY: tokens and their number have been checked, the list is given with its length, and what `asked` points to
        // outlives the call.
        let code = unsafe {
            raw::hg_embed(
                self.raw.as_ptr(),
                tokens.as_ptr(),
                tokens.len(),
                embedding.as_mut_ptr(),
                embedding.len(),
                Some(ask),
                (&raw mut unwanted).cast(),
            )
        };
        match code {
            OK => Ok(embedding),
            ABORTED => Err(Decoded::Unwanted),
            _ => Err(Decoded::Failed),
        }
    }
}

impl Drop for Embedder {
    fn drop(&mut self) {
        // SAFETY: made by `hg_embedder_new`, freed once, before its model.
        unsafe { raw::hg_embedder_free(self.raw.as_ptr()) }
    }
}
