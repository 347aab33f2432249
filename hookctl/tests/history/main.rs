//! Looking back at what happened, and housekeeping, through the real hookctl and the real
//! hookd, with every store.

#![expect(clippy::expect_used, reason = "a test fails by panicking")]

mod keeping;
mod looking;
mod pages;
mod past;
mod tool;
