//! The JSON reader. See `src/json.rs`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| hearthgate_fuzz::json::check(data));
