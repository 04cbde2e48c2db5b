//! See `gateway/src/dialect/anthropic`.

#[path = "../../../../gateway/src/dialect/anthropic/answer.rs"]
pub mod answer;
