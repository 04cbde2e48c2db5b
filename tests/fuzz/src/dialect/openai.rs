//! See `gateway/src/dialect/openai`.

#[path = "../../../../gateway/src/dialect/openai/answer.rs"]
pub mod answer;
#[path = "../../../../gateway/src/dialect/openai/calls.rs"]
mod calls;
