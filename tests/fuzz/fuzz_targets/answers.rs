//! What providers answer, in each dialect. See `src/answers.rs`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| hearthgate_fuzz::answers::check(data));
