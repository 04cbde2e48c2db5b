//! The stream of events that an upstream answers with. See `src/sse.rs`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| hearthgate_fuzz::sse::check(data));
