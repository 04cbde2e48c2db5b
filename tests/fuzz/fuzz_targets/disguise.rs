//! The inspection of encoded text, bombs included. See `src/disguise.rs`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| hearthgate_fuzz::disguise::check(data));
