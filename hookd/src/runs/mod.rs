//! Runs: starting them, carrying them out, storing, finding and reading them.
//!
//! [`start`] admits a run and [`carry_out`] takes it from there to its end. Both are methods
//! of the [`Runner`](runner::Runner).

mod carry_out;
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

pub use queue::QueueFull;
pub use reader::{KnownRun, ReadError, read};
pub use record::Interruption;
pub use recover::{CutOffRun, close, cut_off};
pub use registry::{Run, RunCounts, RunRegistry, StopOnDrop};
pub use runner::{OpenStore, Runner};
pub use start::{RunRequest, StartError};
pub use store_health::StoreHealth;
pub use summary::RunSummary;

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
        }
    }
}
