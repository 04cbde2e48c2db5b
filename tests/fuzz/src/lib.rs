//! What must hold whatever is read. Each module has one `check`, which a target of the same name runs on inputs that
//! libFuzzer makes up; it panics where something does not hold.
//!
//! The oracle is an independent reader where there is one (`json`, `sse`, `interpolate`), else what the architecture
//! promises (`request`, `inspect`, `judge`, `policy`, `answers`, `frames`, `items`).

// What is taken in of the gateway by path asks the engines' crate for a few plain types, and that would bring llama.cpp along.
extern crate self as hearthgate_engines;

#[doc(hidden)]
pub use stand_ins::{ChatChunk, FinishReason, TokenLogprob, Usage};

pub mod answers;
mod dialect;
pub mod disguise;
mod exchange;
pub mod frames;
pub mod inspect;
pub mod interpolate;
pub mod items;
pub mod json;
pub mod judge;
pub mod policy;
pub mod request;
pub mod sse;

mod responses;
mod site;
mod stand_ins;
