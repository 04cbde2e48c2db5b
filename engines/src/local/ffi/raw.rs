//! The shim's functions and structures, as `shim.h` has them.

use std::ffi::{c_char, c_int, c_void};
use std::ptr;

use super::BatchToken;

pub enum Model {}
pub enum Context {}
pub enum Prompt {}
pub enum Parser {}
pub enum Sampler {}
pub enum Embedder {}

#[repr(C)]
#[derive(Clone, Copy)]
pub struct Text {
    pub data: *const c_char,
    pub len: usize,
}

#[repr(C)]
#[derive(Clone, Copy)]
pub struct Card {
    pub name: Text,
    pub title: Text,
    pub free_bytes: u64,
    pub memory_bytes: u64,
    pub integrated: c_int,
}

#[repr(C)]
pub struct Chat {
    pub messages: Text,
    pub tools: Text,
    pub tool_choice: Text,
    pub schema: Text,
    pub effort: Text,
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
    pub cache: i32,
    pub exact: i32,
}

unsafe extern "C" {
    pub fn hg_init();
    pub fn hg_cards(out: *mut Card, cap: usize) -> usize;
    pub fn hg_model_load(
        path: *const c_char,
        gpu_layers: i32,
        words_only: c_int,
        out: *mut *mut Model,
        why: *mut c_char,
        len: usize,
    ) -> c_int;
    pub fn hg_model_free(model: *mut Model);
    pub fn hg_model_vocab(model: *const Model) -> i32;
    pub fn hg_model_can_generate(model: *const Model) -> c_int;
    pub fn hg_model_window(model: *const Model) -> i32;
    pub fn hg_model_rewinds(model: *const Model) -> c_int;
    pub fn hg_model_template(model: *const Model) -> Text;
    pub fn hg_model_thinks(model: *const Model) -> c_int;
    pub fn hg_model_tells_tools(model: *const Model) -> c_int;
    pub fn hg_token_ends_turn(model: *const Model, token: i32) -> c_int;
    pub fn hg_tokenize(model: *const Model, text: Text, out: *mut i32, cap: usize) -> i64;
    pub fn hg_prompt_tokenize(p: *const Prompt, m: *const Model, out: *mut i32, cap: usize) -> i64;
    pub fn hg_render(model: *const Model, chat: *const Chat, out: *mut *mut Prompt) -> c_int;
    pub fn hg_prompt_plain(model: *const Model, text: Text, out: *mut *mut Prompt) -> c_int;
    pub fn hg_prompt_free(prompt: *mut Prompt);
    pub fn hg_model_embedding_size(model: *const Model) -> i32;
    pub fn hg_embedder_new(
        model: *const Model,
        context: u32,
        threads: i32,
        out: *mut *mut Embedder,
        why: *mut c_char,
        len: usize,
    ) -> c_int;
    pub fn hg_embedder_free(embedder: *mut Embedder);
    pub fn hg_embedder_tokenize(model: *const Model, text: Text, out: *mut i32, cap: usize) -> i64;
    pub fn hg_embed(
        embedder: *mut Embedder,
        tokens: *const i32,
        n: usize,
        out: *mut f32,
        size: usize,
        unwanted: Option<unsafe extern "C" fn(*mut c_void) -> bool>,
        asked: *mut c_void,
    ) -> c_int;
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
    pub fn hg_logprobs(
        context: *const Context,
        output: i32,
        token: i32,
        chosen: *mut f32,
        ids: *mut i32,
        values: *mut f32,
        n: usize,
    ) -> c_int;
    pub fn hg_context_new(
        model: *const Model,
        params: *const ContextParams,
        out: *mut *mut Context,
        why: *mut c_char,
        len: usize,
    ) -> c_int;
    pub fn hg_context_free(context: *mut Context);
    pub fn hg_context_per_slot(context: *const Context) -> u32;
    pub fn hg_decode(
        context: *mut Context,
        tokens: *const BatchToken,
        n: usize,
        unwanted: Option<unsafe extern "C" fn(*mut c_void) -> bool>,
        asked: *mut c_void,
    ) -> c_int;
    pub fn hg_keep_slot(context: *mut Context, slot: i32, tokens: i32) -> c_int;
    pub fn hg_copy_slot(context: *mut Context, from: i32, to: i32) -> c_int;
    pub fn hg_save_slot(context: *mut Context, slot: i32, state: c_int, out: *mut u8, cap: usize) -> i64;
    pub fn hg_load_slot(context: *mut Context, slot: i32, state: c_int, data: *const u8, len: usize)
    -> c_int;
}

impl Text {
    pub const NONE: Self = Self { data: ptr::null(), len: 0 };

    pub fn of(text: &str) -> Self {
        Self { data: text.as_ptr().cast(), len: text.len() }
    }

    /// SAFETY: `data` must be null or point to `len` bytes that live through the call.
    pub unsafe fn copy(self) -> String {
        if self.data.is_null() || self.len == 0 {
            return String::new();
        }
        // SAFETY: as this function asks of its caller.
        let bytes = unsafe { std::slice::from_raw_parts(self.data.cast::<u8>(), self.len) };
        String::from_utf8_lossy(bytes).into_owned()
    }
}
