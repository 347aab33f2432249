//! Fuzzes [`go_template_fuzz::go_check`].
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| go_template_fuzz::go_check(data));
