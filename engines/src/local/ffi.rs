//! The only place where code without Rust's guarantees is called: the shim over llama.cpp, made safe.
//!
//! Every function of the shim catches every C++ exception. What it cannot catch is an assertion inside
//! llama.cpp, which ends the process; so nothing here passes on an input that one is known to watch:
//! model files are checked by [`crate::gguf`] first, tokens and slots are checked against their bounds
//! here, and logits are checked before they are sampled.
#![allow(unsafe_code, reason = "the one module that speaks to C++; each block says why it is sound")]

mod card;
mod chat;
mod context;
mod embedder;
mod model;
mod raw;
mod sampler;

// Names no item, but links the libraries that the shim calls.
use llama_cpp_sys_2 as _;

use std::ffi::c_int;

pub(crate) use card::cards;
pub(super) use chat::{Chat, Delta, Parser, Prompt};
pub(super) use context::{BatchToken, Context, Decoded, NoToken};
pub(super) use embedder::Embedder;
pub(super) use model::{Model, Tokens};
pub(super) use sampler::Sampler;

const OK: c_int = 0;
const ABORTED: c_int = -10;
const TOO_COSTLY: c_int = -12;
/// Bytes for the reason of a failed load.
const REASON_BYTES: usize = 512;

fn reason_of(bytes: &[u8]) -> String {
    let end = bytes.iter().position(|byte| *byte == 0).unwrap_or(bytes.len());
    let text = String::from_utf8_lossy(bytes.get(..end).unwrap_or_default());
    // llama.cpp puts the name of its function first, which says nothing to a reader.
    let text =
        text.split_once(": ").map_or(&*text, |(place, rest)| if place.contains('_') { rest } else { &text });
    text.trim().to_owned()
}
