//! Agents in several languages, the stubs that they call hookd with, and the scenarios that
//! all of them go through.
//!
//! An agent is a program that keeps the contract in `conformance/README.md`, whatever its
//! language. [`suite`] runs each as a process against the real hookd, through a proxy where a
//! connection has to break, and against a scripted daemon for answers that the real one gives
//! only in rare failures. `docs/conformance.md` is the resulting table. [`stubs`] generates
//! clients of the contract.
//!
//! Toolchains and tools that this machine lacks are no failures: each is a [`skips::Skip`].
#![expect(
    clippy::print_stdout,
    reason = "the output of the verbs `conformance` and `stubs`"
)]

mod agents;
mod page;
mod proxy;
pub mod repo;
mod scenarios;
mod scripted_daemon;
pub mod skips;
mod stage;
pub mod stubs;
pub mod suite;
pub mod tools;
mod transport;
