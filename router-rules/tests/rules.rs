//! Tests of the crate from outside: what its public face promises, over generated requests and policies.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests may fail"
)]

#[path = "rules/support.rs"]
mod support;

#[path = "rules/broken.rs"]
mod broken;
#[path = "rules/brute_force.rs"]
mod brute_force;
#[path = "rules/calibration.rs"]
mod calibration;
#[path = "rules/cases.rs"]
mod cases;
#[path = "rules/code.rs"]
mod code;
#[path = "rules/counterexamples.rs"]
mod counterexamples;
#[path = "rules/decisions.rs"]
mod decisions;
#[path = "rules/declassify.rs"]
mod declassify;
#[path = "rules/difficulty.rs"]
mod difficulty;
#[path = "rules/evidence.rs"]
mod evidence;
#[path = "rules/golden.rs"]
mod golden;
#[path = "rules/invariants.rs"]
mod invariants;
#[path = "rules/json.rs"]
mod json;
#[path = "rules/language.rs"]
mod language;
#[path = "rules/memory.rs"]
mod memory;
#[path = "rules/own.rs"]
mod own;
#[path = "rules/packs.rs"]
mod packs;
#[path = "rules/policy.rs"]
mod policy;
#[path = "rules/probe.rs"]
mod probe;
#[path = "rules/requests.rs"]
mod requests;
#[path = "rules/table.rs"]
mod table;
#[path = "rules/verify.rs"]
mod verify;
