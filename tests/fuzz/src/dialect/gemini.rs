//! See `gateway/src/dialect/gemini`.

#[path = "../../../../gateway/src/dialect/gemini/answer.rs"]
pub mod answer;
