//! Fuzzes [`go_template_fuzz::go_execute`].
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| go_template_fuzz::go_execute(data));
