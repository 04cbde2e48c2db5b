//! The policy loader and the proof. See `src/policy.rs`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| hearthgate_fuzz::policy::check(data));
