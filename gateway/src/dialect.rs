//! The wire formats: pure translation, no state and no I/O.

pub mod openai;
pub mod sse;
