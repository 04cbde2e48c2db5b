//! The wire formats: pure translation, no state and no I/O.
//!
//! A request whose dialect is the upstream's own is passed through; any other is read into a [`chat::Chat`] and written
//! anew. Answers that are not passed through are a stream of [`event::Event`]s, whoever makes them and whoever reads
//! them. What one side says and the other cannot is refused by its place, but for the few things that
//! `docs/dialects.md` lists.

pub mod anthropic;
pub mod bedrock;
pub mod carry;
pub mod chat;
pub mod effort;
pub mod event;
pub mod gemini;
pub mod left_out;
pub mod ollama;
pub mod openai;
pub mod responses;
pub mod schema;
pub mod split;
pub mod sse;
pub mod write;

#[cfg(test)]
mod tests;
