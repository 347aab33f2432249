//! Fuzzes [`hookd_fuzz::config`].
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| hookd_fuzz::config(data));
