//! Tests that load the whole machine: hookd killed repeatedly, and hundreds of misbehaving hooks.
//!
//! They are a program of their own, because cargo runs one test program at a time: in parallel with
//! these, other tests would exceed their time limits. `cargo xtask crash` and `cargo xtask soak`
//! run them for longer.
#![cfg(target_os = "linux")]
#![expect(clippy::expect_used, reason = "a test fails by panicking")]

mod crash;
mod soak;

/// Held by each test: one beside another would starve its processes beyond their time limits.
static ALONE: tokio::sync::Mutex<()> = tokio::sync::Mutex::const_new(());

/// Returns the number in an environment variable by which a test can be made longer.
fn size(variable: &str, default: u32) -> u32 {
    match std::env::var(variable) {
        Ok(number) => number.parse().expect(variable),
        Err(_) => default,
    }
}
