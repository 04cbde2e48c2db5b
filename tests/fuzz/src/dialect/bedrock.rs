//! See `gateway/src/dialect/bedrock`.

#[path = "../../../../gateway/src/dialect/bedrock/answer.rs"]
pub mod answer;
#[path = "../../../../gateway/src/dialect/bedrock/frames.rs"]
pub mod frames;
