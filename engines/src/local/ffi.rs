//! The only place where code without Rust's guarantees is called: the shim over llama.cpp, made safe.
//!
//! Every function of the shim catches every C++ exception. What it cannot catch is an assertion inside
//! llama.cpp, which ends the process; so nothing here passes on an input that one is known to watch:
//! model files are checked by [`crate::gguf`] first, tokens and slots are checked against their bounds
//! here, and logits are checked before they are sampled.
#![allow(unsafe_code, reason = "the one module that speaks to C++; each block says why it is sound")]

// Names no item, but links the libraries that the shim calls.
use llama_cpp_sys_2 as _;

use std::ffi::{CString, c_char, c_int};
use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;
use std::ptr::{self, NonNull};
use std::sync::Arc;

use crate::error::TemplateFault;
use crate::{EngineError, Sampling, Thinking};

mod raw {
    use super::{c_char, c_int};

    pub enum Model {}
    pub enum Context {}
    pub enum Prompt {}
    pub enum Parser {}
    pub enum Sampler {}

    #[repr(C)]
    #[derive(Clone, Copy)]
    pub struct Text {
        pub data: *const c_char,
        pub len: usize,
    }

    #[repr(C)]
    pub struct Chat {
        pub messages: Text,
        pub tools: Text,
        pub tool_choice: Text,
        pub parallel_tool_calls: c_int,
        pub thinking: c_int,
    }

    #[repr(C)]
    pub struct Delta {
        pub kind: c_int,
        pub index: usize,
        pub text: Text,
        pub id: Text,
        pub name: Text,
    }

    #[repr(C)]
    pub struct Bias {
        pub token: i32,
        pub bias: f32,
    }

    #[repr(C)]
    pub struct Sampling {
        pub seed: u32,
        pub top_k: i32,
        pub temperature: f32,
        pub top_p: f32,
        pub min_p: f32,
        pub repeat_penalty: f32,
        pub frequency_penalty: f32,
        pub presence_penalty: f32,
        pub penalty_window: i32,
        pub thinking_budget: i32,
        pub biases: *const Bias,
        pub n_biases: usize,
    }

    #[repr(C)]
    pub struct ContextParams {
        pub slots: u32,
        pub context_per_slot: u32,
        pub batch: u32,
        pub threads: i32,
    }

    unsafe extern "C" {
        pub fn hg_init();
        pub fn hg_model_load(
            path: *const c_char,
            out: *mut *mut Model,
            why: *mut c_char,
            len: usize,
        ) -> c_int;
        pub fn hg_model_free(model: *mut Model);
        pub fn hg_model_vocab(model: *const Model) -> i32;
        pub fn hg_model_context(model: *const Model) -> i32;
        pub fn hg_model_parameters(model: *const Model) -> u64;
        pub fn hg_model_can_generate(model: *const Model) -> c_int;
        pub fn hg_model_template(model: *const Model) -> Text;
        pub fn hg_model_thinks(model: *const Model) -> c_int;
        pub fn hg_token_ends_turn(model: *const Model, token: i32) -> c_int;
        pub fn hg_tokenize(model: *const Model, text: Text, special: c_int, out: *mut i32, cap: usize)
        -> i64;
        pub fn hg_render(model: *const Model, chat: *const Chat, out: *mut *mut Prompt) -> c_int;
        pub fn hg_prompt_free(prompt: *mut Prompt);
        pub fn hg_prompt_text(prompt: *const Prompt) -> Text;
        pub fn hg_prompt_stops(prompt: *const Prompt) -> usize;
        pub fn hg_prompt_stop(prompt: *const Prompt, index: usize) -> Text;
        pub fn hg_piece(p: *const Prompt, m: *const Model, token: i32, out: *mut c_char, cap: usize) -> i64;
        pub fn hg_parser_new(prompt: *const Prompt, out: *mut *mut Parser) -> c_int;
        pub fn hg_parser_free(parser: *mut Parser);
        pub fn hg_parser_read(parser: *mut Parser, answer: Text, partial: c_int) -> c_int;
        pub fn hg_parser_deltas(parser: *const Parser) -> usize;
        pub fn hg_parser_delta(parser: *const Parser, index: usize) -> Delta;
        pub fn hg_parser_plain(parser: *const Parser) -> c_int;
        pub fn hg_sampler_new(
            model: *const Model,
            prompt: *const Prompt,
            sampling: *const Sampling,
            out: *mut *mut Sampler,
        ) -> c_int;
        pub fn hg_sampler_free(sampler: *mut Sampler);
        pub fn hg_sample(s: *mut Sampler, context: *mut Context, output: i32, token: *mut i32) -> c_int;
        pub fn hg_context_new(
            model: *const Model,
            params: *const ContextParams,
            out: *mut *mut Context,
            why: *mut c_char,
            len: usize,
        ) -> c_int;
        pub fn hg_context_free(context: *mut Context);
        pub fn hg_context_per_slot(context: *const Context) -> u32;
        pub fn hg_decode(context: *mut Context, tokens: *const super::BatchToken, n: usize) -> c_int;
        pub fn hg_clear_slot(context: *mut Context, slot: i32) -> c_int;
    }
}

const OK: c_int = 0;
/// Bytes for the reason of a failed load.
const REASON_BYTES: usize = 512;

impl raw::Text {
    const NONE: Self = Self { data: ptr::null(), len: 0 };

    fn of(text: &str) -> Self {
        Self { data: text.as_ptr().cast(), len: text.len() }
    }

    /// SAFETY: `data` must be null or point to `len` bytes that live through the call.
    unsafe fn copy(self) -> String {
        if self.data.is_null() || self.len == 0 {
            return String::new();
        }
        // SAFETY: as this function asks of its caller.
        let bytes = unsafe { std::slice::from_raw_parts(self.data.cast::<u8>(), self.len) };
        String::from_utf8_lossy(bytes).into_owned()
    }
}

fn reason_of(bytes: &[u8]) -> String {
    let end = bytes.iter().position(|byte| *byte == 0).unwrap_or(bytes.len());
    let text = String::from_utf8_lossy(bytes.get(..end).unwrap_or_default());
    // llama.cpp puts the name of its function first, which says nothing to a reader.
    let text =
        text.split_once(": ").map_or(&*text, |(place, rest)| if place.contains('_') { rest } else { &text });
    text.trim().to_owned()
}

/// A loaded model with its vocabulary and template. Read only after loading, so shared between threads.
pub(super) struct Model {
    raw: NonNull<raw::Model>,
    vocab: i32,
}

// SAFETY: nothing changes a model after its load; llama.cpp and the template engine take it as const and
// keep no hidden state in it.
unsafe impl Send for Model {}
// SAFETY: as above.
unsafe impl Sync for Model {}

impl Model {
    /// Loads a file that [`crate::gguf`] has found sound.
    pub(super) fn load(path: &Path) -> Result<Self, String> {
        let name =
            CString::new(path.as_os_str().as_bytes()).map_err(|_| "its name holds a zero byte".to_owned())?;
        let mut raw = ptr::null_mut();
        let mut why = [0_u8; REASON_BYTES];
        // SAFETY: `name` ends in zero, `why` has the length given, and `raw` is written before it is read.
        let code = unsafe {
            raw::hg_init();
            raw::hg_model_load(name.as_ptr(), &raw mut raw, why.as_mut_ptr().cast(), why.len())
        };
        let Some(raw) = NonNull::new(raw).filter(|_| code == OK) else {
            let reason = reason_of(&why);
            return Err(if reason.is_empty() { "llama.cpp cannot load it".to_owned() } else { reason });
        };
        // SAFETY: `raw` is a loaded model.
        let vocab = unsafe { raw::hg_model_vocab(raw.as_ptr()) };
        Ok(Self { raw, vocab })
    }

    pub(super) fn can_generate(&self) -> bool {
        // SAFETY: the model lives as long as `self`.
        unsafe { raw::hg_model_can_generate(self.raw.as_ptr()) != 0 }
    }

    pub(super) fn context_trained(&self) -> u32 {
        // SAFETY: the model lives as long as `self`.
        u32::try_from(unsafe { raw::hg_model_context(self.raw.as_ptr()) }).unwrap_or(0)
    }

    pub(super) fn parameters(&self) -> u64 {
        // SAFETY: the model lives as long as `self`.
        unsafe { raw::hg_model_parameters(self.raw.as_ptr()) }
    }

    pub(super) fn template(&self) -> String {
        // SAFETY: the text belongs to the model, which lives through the copy.
        unsafe { raw::hg_model_template(self.raw.as_ptr()).copy() }
    }

    pub(super) fn thinks(&self) -> bool {
        // SAFETY: the model lives as long as `self`.
        unsafe { raw::hg_model_thinks(self.raw.as_ptr()) != 0 }
    }

    pub(super) fn ends_turn(&self, token: i32) -> bool {
        // SAFETY: the model lives as long as `self`; any other number than a token's is not looked up.
        (0..self.vocab).contains(&token) && unsafe { raw::hg_token_ends_turn(self.raw.as_ptr(), token) != 0 }
    }

    /// The tokens of a text, or how many there are where they are more than `max`.
    pub(super) fn tokenize(&self, text: &str, special: bool, max: usize) -> Result<Vec<i32>, Tokens> {
        let mut tokens = vec![0_i32; max.min(text.len().saturating_add(8))];
        // SAFETY: text and buffer are given with their lengths and outlive the call.
        let n = unsafe {
            raw::hg_tokenize(
                self.raw.as_ptr(),
                raw::Text::of(text),
                c_int::from(special),
                tokens.as_mut_ptr(),
                tokens.len(),
            )
        };
        match usize::try_from(n) {
            Ok(n) => {
                tokens.truncate(n);
                Ok(tokens)
            }
            Err(_) if n <= -1000 => Err(Tokens::TooMany(n.unsigned_abs().saturating_sub(1000))),
            Err(_) => Err(Tokens::Failed),
        }
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
pub(super) enum Tokens {
    /// There are this many.
    TooMany(u64),
    /// The tokeniser failed.
    Failed,
}

/// The parts of a chat that a template renders.
pub(super) struct Chat<'a> {
    pub(super) messages: &'a str,
    pub(super) tools: Option<&'a str>,
    pub(super) tool_choice: Option<&'a str>,
    pub(super) parallel_tool_calls: bool,
    pub(super) thinking: Option<bool>,
}

/// A rendered chat, and what its format needs to read the answer.
pub(super) struct Prompt {
    raw: NonNull<raw::Prompt>,
    model: Arc<Model>,
}

// SAFETY: a prompt is plain data of its own; moving it to another thread moves all of it.
unsafe impl Send for Prompt {}

impl Prompt {
    pub(super) fn render(model: &Arc<Model>, chat: &Chat<'_>) -> Result<Self, TemplateFault> {
        let raw_chat = raw::Chat {
            messages: raw::Text::of(chat.messages),
            tools: chat.tools.map_or(raw::Text::NONE, raw::Text::of),
            tool_choice: chat.tool_choice.map_or(raw::Text::NONE, raw::Text::of),
            parallel_tool_calls: c_int::from(chat.parallel_tool_calls),
            thinking: chat.thinking.map_or(-1, c_int::from),
        };
        let mut raw = ptr::null_mut();
        // SAFETY: the texts of `chat` outlive the call, and `raw` is written before it is read.
        let code = unsafe { raw::hg_render(model.raw.as_ptr(), &raw const raw_chat, &raw mut raw) };
        NonNull::new(raw).filter(|_| code == OK).map(|raw| Self { raw, model: Arc::clone(model) }).ok_or(
            match code {
                -2 => TemplateFault::Messages,
                -3 => TemplateFault::Tools,
                -4 => TemplateFault::ToolChoice,
                _ => TemplateFault::Render,
            },
        )
    }

    pub(super) fn text(&self) -> String {
        // SAFETY: the text belongs to the prompt, which lives through the copy.
        unsafe { raw::hg_prompt_text(self.raw.as_ptr()).copy() }
    }

    /// Texts that end an answer in this format.
    pub(super) fn stops(&self) -> Vec<String> {
        // SAFETY: the prompt lives as long as `self`.
        let count = unsafe { raw::hg_prompt_stops(self.raw.as_ptr()) };
        // SAFETY: the texts belong to the prompt, which lives through the copies.
        let stop = |index| unsafe { raw::hg_prompt_stop(self.raw.as_ptr(), index).copy() };
        (0..count).map(stop).collect()
    }

    /// The bytes that a token adds to the answer's text.
    pub(super) fn piece(&self, token: i32) -> Vec<u8> {
        if !(0..self.model.vocab).contains(&token) {
            return Vec::new();
        }
        let mut bytes = vec![0_u8; 64];
        loop {
            // SAFETY: the buffer is given with its length; prompt and model live through the call.
            let n = unsafe {
                raw::hg_piece(
                    self.raw.as_ptr(),
                    self.model.raw.as_ptr(),
                    token,
                    bytes.as_mut_ptr().cast(),
                    bytes.len(),
                )
            };
            match usize::try_from(n) {
                Ok(n) => {
                    bytes.truncate(n);
                    return bytes;
                }
                // The buffer was too small: once more with the room that it asks for.
                Err(_) => {
                    let need = usize::try_from(n.unsigned_abs()).unwrap_or(0);
                    if need <= bytes.len() || need > 1 << 20 {
                        return Vec::new();
                    }
                    bytes.resize(need, 0);
                }
            }
        }
    }
}

impl Drop for Prompt {
    fn drop(&mut self) {
        // SAFETY: made by `hg_render`, freed once.
        unsafe { raw::hg_prompt_free(self.raw.as_ptr()) }
    }
}

/// A part of an answer, as the format's parser reads it.
#[derive(Clone, PartialEq, Eq)]
pub(super) enum Delta {
    Content(String),
    Reasoning(String),
    ToolCall { index: usize, id: String, name: String, arguments: String },
}

/// Reads an answer in the format of its prompt.
pub(super) struct Parser {
    raw: NonNull<raw::Parser>,
}

// SAFETY: a parser is plain data of its own; moving it to another thread moves all of it.
unsafe impl Send for Parser {}

impl Parser {
    pub(super) fn new(prompt: &Prompt) -> Option<Self> {
        let mut raw = ptr::null_mut();
        // SAFETY: the prompt lives through the call, and the parser copies what it needs of it.
        let code = unsafe { raw::hg_parser_new(prompt.raw.as_ptr(), &raw mut raw) };
        NonNull::new(raw).filter(|_| code == OK).map(|raw| Self { raw })
    }

    /// What is new in the whole answer so far; `None` where it does not read in this format.
    pub(super) fn read(&mut self, answer: &str, partial: bool) -> Option<Vec<Delta>> {
        // SAFETY: the answer outlives the call.
        let code =
            unsafe { raw::hg_parser_read(self.raw.as_ptr(), raw::Text::of(answer), c_int::from(partial)) };
        if code != OK {
            return None;
        }
        // SAFETY: the parser lives, and its deltas hold until it reads again, which needs `&mut self`.
        let count = unsafe { raw::hg_parser_deltas(self.raw.as_ptr()) };
        let delta = |index| {
            // SAFETY: as above; an index out of range gives an empty delta.
            unsafe {
                let delta = raw::hg_parser_delta(self.raw.as_ptr(), index);
                match delta.kind {
                    1 => Delta::Reasoning(delta.text.copy()),
                    2 => Delta::ToolCall {
                        index: delta.index,
                        id: delta.id.copy(),
                        name: delta.name.copy(),
                        arguments: delta.text.copy(),
                    },
                    _ => Delta::Content(delta.text.copy()),
                }
            }
        };
        Some((0..count).map(delta).collect())
    }

    /// Whether all that follows is content, whatever it says.
    pub(super) fn plain(&self) -> bool {
        // SAFETY: the parser lives as long as `self`.
        unsafe { raw::hg_parser_plain(self.raw.as_ptr()) != 0 }
    }
}

impl Drop for Parser {
    fn drop(&mut self) {
        // SAFETY: made by `hg_parser_new`, freed once.
        unsafe { raw::hg_parser_free(self.raw.as_ptr()) }
    }
}

/// Chooses tokens for one answer.
pub(super) struct Sampler {
    raw: NonNull<raw::Sampler>,
    // The sampler looks into the vocabulary of its model.
    _model: Arc<Model>,
}

// SAFETY: a sampler is data of its own and const pointers into its model, which it keeps alive.
unsafe impl Send for Sampler {}

impl Sampler {
    /// A sampler for parameters that [`Sampling::check`] has passed.
    pub(super) fn new(
        model: &Arc<Model>,
        prompt: &Prompt,
        sampling: &Sampling,
        thinking: Thinking,
        seed: u64,
    ) -> Result<Self, EngineError> {
        if sampling.logit_bias.iter().any(|(token, _)| !(0..model.vocab).contains(token)) {
            return Err(EngineError::InvalidSampling {
                parameter: "logit_bias",
                range: "keyed by tokens of the device model's vocabulary",
            });
        }
        let bias = |(token, bias): &(i32, f32)| {
            // At the ends of its range a bias is a ban or a command, however far apart the logits are.
            let reach = if bias.abs() >= 100.0 { 1e9 } else { 1.0 };
            raw::Bias { token: *token, bias: bias * reach }
        };
        let biases: Vec<raw::Bias> = sampling.logit_bias.iter().map(bias).collect();
        let raw_sampling = raw::Sampling {
            seed: fold_seed(seed),
            top_k: i32::try_from(sampling.top_k.unwrap_or(40)).unwrap_or(40),
            temperature: sampling.temperature.unwrap_or(0.8),
            top_p: sampling.top_p.unwrap_or(0.95),
            min_p: sampling.min_p.unwrap_or(0.05),
            repeat_penalty: sampling.repeat_penalty.unwrap_or(1.0),
            frequency_penalty: sampling.frequency_penalty.unwrap_or(0.0),
            presence_penalty: sampling.presence_penalty.unwrap_or(0.0),
            penalty_window: 1024,
            thinking_budget: thinking.budget_tokens.map_or(-1, |n| i32::try_from(n).unwrap_or(i32::MAX)),
            biases: biases.as_ptr(),
            n_biases: biases.len(),
        };
        let mut raw = ptr::null_mut();
        // SAFETY: all pointers live through the call, and `raw` is written before it is read.
        let code = unsafe {
            raw::hg_sampler_new(
                model.raw.as_ptr(),
                prompt.raw.as_ptr(),
                &raw const raw_sampling,
                &raw mut raw,
            )
        };
        NonNull::new(raw).filter(|_| code == OK).map(|raw| Self { raw, _model: Arc::clone(model) }).ok_or(
            EngineError::UnsupportedField {
                field: "tool_choice",
                reason: "its grammar cannot be made for these tools",
            },
        )
    }
}

/// llama.cpp's seeds have 32 bits, and its highest one means "any".
fn fold_seed(seed: u64) -> u32 {
    let [a, b, c, d, e, f, g, h] = seed.to_le_bytes();
    let folded = u32::from_le_bytes([a, b, c, d]) ^ u32::from_le_bytes([e, f, g, h]);
    if folded == u32::MAX { 0x5eed } else { folded }
}

impl Drop for Sampler {
    fn drop(&mut self) {
        // SAFETY: made by `hg_sampler_new`, freed once, before its model.
        unsafe { raw::hg_sampler_free(self.raw.as_ptr()) }
    }
}

/// A token to be decoded. The layout is the shim's `hg_batch_token`.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub(super) struct BatchToken {
    pub(super) token: i32,
    pub(super) position: i32,
    pub(super) slot: i32,
    pub(super) output: i32,
}

/// The working memory of all slots. Used by one thread at a time.
pub(super) struct Context {
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
    pub(super) fn new(
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
    pub(super) fn per_slot(&self) -> u32 {
        self.per_slot
    }

    /// Decodes a batch. False where it failed: then the slots in it hold nothing sure and must be cleared.
    #[must_use]
    pub(super) fn decode(&mut self, tokens: &[BatchToken]) -> bool {
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
    pub(super) fn sample(&mut self, sampler: &mut Sampler, place: usize) -> Option<i32> {
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
    pub(super) fn clear(&mut self, slot: i32) {
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
