//! Scripts with real processes, and the parsing of scripts.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::allow_attributes,
    reason = "what fails here fails a test"
)]

#[cfg(target_os = "linux")]
mod behaves;
#[cfg(target_os = "linux")]
mod end;
#[cfg(target_os = "linux")]
mod leaks;
#[cfg(target_os = "linux")]
mod leftover;
#[cfg(target_os = "linux")]
mod output;
#[cfg(target_os = "linux")]
mod privileges;
mod script;
#[cfg(target_os = "linux")]
mod soak;
#[cfg(target_os = "linux")]
mod start;
#[cfg(target_os = "linux")]
mod support;
