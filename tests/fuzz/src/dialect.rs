//! The gateway's readers of answers, as it has them.
#![allow(dead_code, missing_docs)]

#[path = "../../../gateway/src/dialect/event.rs"]
pub mod event;
#[path = "../../../gateway/src/dialect/sse.rs"]
pub mod sse;
#[path = "../../../gateway/src/dialect/write.rs"]
pub mod write;

pub mod anthropic;
pub mod bedrock;
pub mod gemini;
pub mod openai;
