//! Event: the report of an agent.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;

use crate::condition::Condition;
use crate::vars::{SnapshotStats, Trigger};

/// Report of an agent: one condition, and the details of its operation.
#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    /// The condition.
    pub condition: Condition,
    /// The repository's id; empty only where the plan names it.
    pub repo_id: String,
    /// The plan's id; empty for an operation on a repository alone.
    pub plan_id: String,
    /// The agent's name for its operation, for people.
    pub task: String,
    /// The snapshot that was made, if any.
    pub snapshot_id: String,
    /// The statistics of the snapshot, if the agent has any.
    pub snapshot_stats: Option<Arc<SnapshotStats>>,
    /// The duration of the operation.
    pub duration: Duration,
    /// The operation's error; empty if there is none.
    pub error: String,
    /// The time of the condition.
    pub time: Timestamp,
    /// The attempt of the operation, from 1.
    pub attempt: u32,
    /// The cause of the operation.
    pub trigger: Trigger,
    /// An id that all events of one operation share; empty if the agent has none.
    pub operation_id: String,
    /// Further values for hooks, by name.
    pub labels: BTreeMap<String, String>,
    /// What is wrong with the event although it is taken, for people.
    pub warnings: Vec<String>,
}
