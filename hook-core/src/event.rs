//! What the agent said.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;

use crate::condition::Condition;
use crate::vars::{SnapshotStats, Trigger};

/// One report of an agent: the one thing that happened, and what it knows of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    /// What happened.
    pub condition: Condition,
    /// The repository's id; empty only where the plan names it.
    pub repo_id: String,
    /// The plan's id; empty for an operation on a repository alone.
    pub plan_id: String,
    /// What the agent calls its operation, for people.
    pub task: String,
    /// The snapshot made, if any.
    pub snapshot_id: String,
    /// The statistics of the snapshot, if the agent has any.
    pub snapshot_stats: Option<Arc<SnapshotStats>>,
    /// How long the operation took.
    pub duration: Duration,
    /// The operation's error; empty if there is none.
    pub error: String,
    /// When it happened.
    pub time: Timestamp,
    /// Which try of the operation this is, from 1.
    pub attempt: u32,
    /// What set the operation off.
    pub trigger: Trigger,
    /// The same on all events of one operation; empty if the agent has none.
    pub operation_id: String,
    /// Whatever else the agent wants hooks to know.
    pub labels: BTreeMap<String, String>,
}
