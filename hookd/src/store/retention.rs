//! The retention of runs.

use std::time::Duration;

/// Bounds on the finished runs of one plan in one repository; `None` is unbounded.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Retention {
    /// The time since the end of a run.
    pub max_age: Option<Duration>,
    /// The number of runs.
    pub max_runs: Option<u64>,
    /// The bytes of all runs together.
    pub max_bytes: Option<u64>,
}

/// Provides the retention of each plan.
pub trait RetentionPolicy: Send + Sync {
    /// Returns the retention of a plan's runs; `plan` is empty for runs without one.
    fn retention(&self, repo: &str, plan: &str) -> Retention;
}

/// The runs of a plan that pruning removed or would remove.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PrunedPlan {
    /// The plan's id; empty for runs without one.
    pub plan: String,
    /// The repository's id; empty for runs without one.
    pub repo: String,
    /// The number of runs.
    pub runs: u64,
    /// Their bytes.
    pub bytes: u64,
    /// The number of runs left, including those under way.
    pub left: u64,
}
