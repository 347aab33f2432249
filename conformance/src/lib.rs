//! Agents in several languages, the stubs with which they call hookd, and the scenarios that test
//! all of them.
//!
//! An agent is a program that fulfils the contract in `conformance/README.md`, in any language.
//! [`suite`] runs each as a process against the real hookd, through a proxy where a connection has
//! to break, and against a scripted daemon for answers that the real one gives only in rare
//! failures. The results are the table in `docs/conformance.md`. [`stubs`] generates clients of the
//! API.
//!
//! Missing toolchains and tools are no failures: each is a [`skips::Skip`].
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

use std::thread;

use anyhow::{Result, anyhow};

/// Processes each item on a thread of its own; returns the results in the order of the items.
pub fn side_by_side<I: Sync, T: Send>(
    items: &[I],
    handle: impl Fn(&I) -> Result<T> + Sync,
) -> Result<Vec<T>> {
    thread::scope(|scope| {
        let handle = &handle;
        let threads = items.iter().map(|item| scope.spawn(move || handle(item)));
        let threads: Vec<_> = threads.collect();
        let results = threads.into_iter().map(|thread| {
            let result = thread.join();
            result.map_err(|_| anyhow!("a thread panicked"))?
        });
        results.collect()
    })
}
