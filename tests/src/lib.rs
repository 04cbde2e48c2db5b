//! What the end-to-end tests stand on: a fake cloud that keeps every byte it receives, the gateway as a
//! process, and a client that can be as rude as the network is.
//!
//! It never links the gateway or the engines, so a test here sees what a user sees.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "helpers of tests: a step that fails is a test that fails, and says where"
)]

pub mod anthropic;
pub mod bedrock;
pub mod client;
pub mod configs;
pub mod connection;
pub mod fake_cloud;
pub mod fake_hub;
pub mod gateway;
pub mod gemini;
pub mod golden;
pub mod openai;
pub mod sse;

use std::time::Duration;

/// The longest that any single wait lasts before the test is failed. A bound, never a way to order events.
pub const WAIT_MAX: Duration = Duration::from_secs(30);

/// Waits for `future` within [`WAIT_MAX`].
///
/// # Panics
/// When the bound is reached: `what` then names what was waited for.
pub async fn bounded<T>(what: &str, future: impl Future<Output = T>) -> T {
    match tokio::time::timeout(WAIT_MAX, future).await {
        Ok(value) => value,
        Err(_) => panic!("waited {} s for {what}", WAIT_MAX.as_secs()),
    }
}
