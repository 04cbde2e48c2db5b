//! End to end: the real binary, real sockets, a cloud that keeps every byte.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests and their helpers: a step that fails is a test that fails"
)]

mod affinity;
mod auth;
mod balance;
mod choice;
mod cli;
mod clients;
mod code;
mod compatibility;
mod conversation;
mod declassify;
mod described;
mod device;
mod dialects;
mod exposition;
mod faults;
mod frameworks;
mod home;
mod leak;
mod local_only;
mod observe;
mod openai;
mod probe;
mod reload;
mod replayed;
mod server;
mod smoke;
mod starter;
mod store;
mod verify;
mod watchdog;
mod windows;
mod workflows;
