//! How much is kept.

use std::time::Duration;

/// How much is kept of the finished runs of one plan in one repository. What is absent is
/// not bounded.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Retention {
    /// For how long after their end.
    pub max_age: Option<Duration>,
    /// How many.
    pub max_runs: Option<u64>,
    /// How many bytes together.
    pub max_bytes: Option<u64>,
}

/// Says what is kept of each plan.
pub trait RetentionOf: Send + Sync {
    /// The retention of a plan's runs; of a run without a plan the plan's id is empty.
    fn retention(&self, repo: &str, plan: &str) -> Retention;
}

/// What was removed of a plan, or would be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pruned {
    /// The plan's id; empty for runs without one.
    pub plan: String,
    /// The repository's id; empty for runs without one.
    pub repo: String,
    /// How many runs.
    pub runs: u64,
    /// How many bytes.
    pub bytes: u64,
    /// How many runs are left, with those that have not ended.
    pub left: u64,
}
