//! What is counted and recorded, and that no text of a request is in either.

mod metrics;
mod record;
mod silence;
