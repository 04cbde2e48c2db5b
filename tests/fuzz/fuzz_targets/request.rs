//! The request tree: what is read is what is written. See `src/request.rs`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| hearthgate_fuzz::request::check(data));
