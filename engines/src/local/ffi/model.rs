//! A loaded model: its vocabulary and its template.

use std::ffi::CString;
use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;
use std::ptr::{self, NonNull};

use super::{OK, REASON_BYTES, raw, reason_of};

/// A loaded model with its vocabulary and template. Read only after loading, so shared between threads.
pub(in crate::local) struct Model {
    pub(super) raw: NonNull<raw::Model>,
    /// How many tokens there are.
    pub(in crate::local) vocab: i32,
}

// SAFETY: nothing changes a model after its load; llama.cpp and the template engine take it as const and
// keep no hidden state in it.
unsafe impl Send for Model {}
// SAFETY: as above.
unsafe impl Sync for Model {}

impl Model {
    /// Loads a file that [`crate::gguf`] has found sound.
    pub(in crate::local) fn load(path: &Path, gpu_layers: u32) -> Result<Self, String> {
        Self::read(path, gpu_layers, false)
    }

    /// Loads only the vocabulary and the template of such a file.
    pub(in crate::local) fn load_words(path: &Path) -> Result<Self, String> {
        Self::read(path, 0, true)
    }

    fn read(path: &Path, gpu_layers: u32, words_only: bool) -> Result<Self, String> {
        let name =
            CString::new(path.as_os_str().as_bytes()).map_err(|_| "its name holds a zero byte".to_owned())?;
        let layers = i32::try_from(gpu_layers).unwrap_or(i32::MAX);
        let mut raw = ptr::null_mut();
        let mut why = [0_u8; REASON_BYTES];
        // SAFETY: `name` ends in zero, `why` has the length given, and `raw` is written before it is read.
        let code = unsafe {
            raw::hg_init();
            let (why, len) = (why.as_mut_ptr().cast(), why.len());
            raw::hg_model_load(name.as_ptr(), layers, words_only.into(), &raw mut raw, why, len)
        };
        let Some(raw) = NonNull::new(raw).filter(|_| code == OK) else {
            let reason = reason_of(&why);
            return Err(if reason.is_empty() { "llama.cpp cannot load it".to_owned() } else { reason });
        };
        // SAFETY: `raw` is a loaded model.
        let vocab = unsafe { raw::hg_model_vocab(raw.as_ptr()) };
        Ok(Self { raw, vocab })
    }

    pub(in crate::local) fn can_generate(&self) -> bool {
        // SAFETY: the model lives as long as `self`.
        unsafe { raw::hg_model_can_generate(self.raw.as_ptr()) != 0 }
    }

    /// Whether a slot can forget its last tokens alone.
    pub(in crate::local) fn rewinds(&self) -> bool {
        // SAFETY: the model lives as long as `self`.
        unsafe { raw::hg_model_rewinds(self.raw.as_ptr()) != 0 }
    }

    /// Tokens that some layers look back on at most; none where all layers look back on all.
    pub(in crate::local) fn window(&self) -> Option<usize> {
        // SAFETY: the model lives as long as `self`.
        let window = unsafe { raw::hg_model_window(self.raw.as_ptr()) };
        usize::try_from(window).ok().filter(|window| *window > 0)
    }

    pub(in crate::local) fn template(&self) -> String {
        // SAFETY: the text belongs to the model, which lives through the copy.
        unsafe { raw::hg_model_template(self.raw.as_ptr()).copy() }
    }

    pub(in crate::local) fn thinks(&self) -> bool {
        // SAFETY: the model lives as long as `self`.
        unsafe { raw::hg_model_thinks(self.raw.as_ptr()) != 0 }
    }

    pub(in crate::local) fn tells_tools(&self) -> bool {
        // SAFETY: the model lives as long as `self`.
        unsafe { raw::hg_model_tells_tools(self.raw.as_ptr()) != 0 }
    }

    /// Numbers of an embedding.
    pub(in crate::local) fn embedding_size(&self) -> usize {
        // SAFETY: the model lives as long as `self`.
        usize::try_from(unsafe { raw::hg_model_embedding_size(self.raw.as_ptr()) }).unwrap_or(0)
    }

    /// Whether a number is a token of the vocabulary.
    pub(in crate::local) fn knows(&self, token: i32) -> bool {
        (0..self.vocab).contains(&token)
    }

    /// The tokens of a text with the marks that the model was trained with.
    pub(in crate::local) fn tokenize_whole(&self, text: &str, max: usize) -> Result<Vec<i32>, Tokens> {
        Tokens::list(max.min(text.len().saturating_add(8)), |out, cap| {
            // SAFETY: text and buffer are given with their lengths and outlive the call.
            unsafe { raw::hg_embedder_tokenize(self.raw.as_ptr(), raw::Text::of(text), out, cap) }
        })
    }

    pub(in crate::local) fn ends_turn(&self, token: i32) -> bool {
        // SAFETY: the model lives as long as `self`; any other number than a token's is not looked up.
        (0..self.vocab).contains(&token) && unsafe { raw::hg_token_ends_turn(self.raw.as_ptr(), token) != 0 }
    }

    /// The tokens of a text, control tokens read as plain text; or how many there are where they are more than `max`.
    pub(in crate::local) fn tokenize(&self, text: &str, max: usize) -> Result<Vec<i32>, Tokens> {
        Tokens::list(max.min(text.len().saturating_add(8)), |out, cap| {
            // SAFETY: text and buffer are given with their lengths and outlive the call.
            unsafe { raw::hg_tokenize(self.raw.as_ptr(), raw::Text::of(text), out, cap) }
        })
    }
}

impl Drop for Model {
    fn drop(&mut self) {
        // SAFETY: made by `hg_model_load`, freed once; contexts and samplers hold an `Arc` of it.
        unsafe { raw::hg_model_free(self.raw.as_ptr()) }
    }
}

/// Why a text has no list of tokens.
#[derive(Debug)]
pub(in crate::local) enum Tokens {
    /// There are this many.
    TooMany(u64),
    /// The tokeniser failed.
    Failed,
}

impl Tokens {
    /// What the shim writes into a list with room for so many tokens.
    pub(super) fn list(room: usize, write: impl FnOnce(*mut i32, usize) -> i64) -> Result<Vec<i32>, Self> {
        let mut tokens = vec![0_i32; room];
        let written = write(tokens.as_mut_ptr(), tokens.len());
        match usize::try_from(written) {
            Ok(count) => {
                tokens.truncate(count);
                Ok(tokens)
            }
            Err(_) if written <= -1000 => Err(Self::TooMany(written.unsigned_abs().saturating_sub(1000))),
            Err(_) => Err(Self::Failed),
        }
    }
}
