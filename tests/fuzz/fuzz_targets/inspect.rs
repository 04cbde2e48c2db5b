//! The inspection of any text. See `src/inspect.rs`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| hearthgate_fuzz::inspect::check(data));
