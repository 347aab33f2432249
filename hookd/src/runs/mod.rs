//! Runs: starting, executing, storing, finding and reading them.
//!
//! `start` creates a run from a request, or finds the run that the same request started. The
//! `registry` holds all runs under way. In a task of its own, `carry_out` puts the run on
//! record, waits for its turn in the `queue`, and executes its hooks. Every fact becomes an
//! encoded `record` in the run's `journal`. A `journal_writer` stores the records, and
//! `reader`s follow them at their own pace. The `summary` of a run is computed from its
//! records.

mod carry_out;
mod failed_hook_log;
mod journal;
mod journal_writer;
mod queue;
mod reader;
pub(crate) mod record;
mod recover;
mod registry;
mod runner;
mod start;
mod store_health;
mod summary;

pub(crate) use reader::read;
pub use reader::{KnownRun, ReadError};
pub use recover::{CutOffRun, close, cut_off};
pub use registry::{Run, RunCounts, RunRegistry, StopOnDrop};
pub use runner::{OpenStore, Runner};
pub use start::{RunRequest, StartError};
pub use store_health::StoreHealth;
pub use summary::RunSummary;
pub(crate) use summary::hook_result;

#[cfg(test)]
mod tests {
    use hook_core::condition::Condition;
    use hook_core::event::Event;
    use hook_core::vars::Trigger;

    /// An event without anything but its condition.
    pub(super) fn event() -> Event {
        Event {
            condition: Condition::SnapshotEnd,
            repo_id: String::new(),
            plan_id: String::new(),
            task: String::new(),
            snapshot_id: String::new(),
            snapshot_stats: None,
            duration: Default::default(),
            error: String::new(),
            time: jiff::Timestamp::now(),
            attempt: 1,
            trigger: Trigger::Unknown,
            operation_id: String::new(),
            labels: Default::default(),
            warnings: Vec::new(),
        }
    }
}
