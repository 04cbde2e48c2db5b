//! The engine of this device against models with random weights.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::cast_possible_truncation,
    reason = "a test fails by panicking, in its helpers as well"
)]

mod engine {
    mod answers;
    mod apart;
    mod corrupt;
    mod costly;
    mod fleet;
    mod format;
    mod limits;
    mod parts;
    mod replay;
    mod reuse;
    mod split;
    mod states;
    mod support;
    mod templates;
    mod texts;
    mod windows;
}
