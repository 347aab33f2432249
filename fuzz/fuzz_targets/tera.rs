//! Fuzzes [`hookd_fuzz::tera`].
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| hookd_fuzz::tera(data));
