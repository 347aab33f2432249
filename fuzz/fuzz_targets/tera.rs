//! Fuzzes `checks::tera`.
#![no_main]

#[path = "../checks.rs"]
#[expect(
    dead_code,
    reason = "each target is a crate of its own and uses one check"
)]
mod checks;

libfuzzer_sys::fuzz_target!(|data: &[u8]| checks::tera(data));
