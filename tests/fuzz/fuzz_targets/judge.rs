//! Judging and deciding: labels only rise. See `src/judge.rs`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| hearthgate_fuzz::judge::check(data));
