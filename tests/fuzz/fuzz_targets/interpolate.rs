//! The variables of a configuration. See `src/interpolate.rs`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| hearthgate_fuzz::interpolate::check(data));
