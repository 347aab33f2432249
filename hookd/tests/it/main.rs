//! Tests of hookd from outside: the real daemon on a real socket, and its store.
//!
//! One program with a module for each subject; `cargo test -p hookd --test it store::list`
//! runs those of one. Tests that load the whole machine are in `tests/stress`.
#![expect(
    clippy::expect_used,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

mod answers;
mod bounds;
mod broken_setup;
mod browser;
mod clients;
mod connect;
mod daemon;
mod durable;
mod ends;
mod exposed;
mod hand_over;
#[cfg(target_os = "linux")]
mod hanging;
mod hooks;
mod inherited;
mod leftovers;
mod loader;
mod node;
mod privileges;
mod racers;
mod reflection;
mod remedies;
mod requests;
mod runs;
mod starts;
mod state_folder;
mod store;
mod store_failure;
mod store_gone;
mod synced;
mod versions;
mod watchers;
mod web;
mod wrapped;
