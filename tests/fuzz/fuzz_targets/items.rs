//! Items of a response that is kept. See `src/items.rs`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| hearthgate_fuzz::items::check(data));
