//! The data of the variables.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::json::{attempt, condition, duration, integer, shared, time};
use super::{CpuNice, Duration, IoNice, Time, Trigger};
use crate::condition::Condition;

/// All variables of a template. The default is Go's zero value of each.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields, rename_all = "camelCase")]
pub struct Vars {
    /// The agent's operation in words.
    pub task: String,
    /// The condition that the hook matched; `None` prints as `CONDITION_UNKNOWN`.
    #[serde(with = "condition")]
    pub event: Option<Condition>,
    /// The repository, as configured.
    #[serde(with = "shared")]
    pub repo: Option<Arc<RepoVars>>,
    /// The plan, as configured.
    #[serde(with = "shared")]
    pub plan: Option<Arc<PlanVars>>,
    /// The id of the snapshot that was made; empty if there is none.
    pub snapshot_id: String,
    /// The statistics of the backup, if the agent reported any.
    #[serde(with = "shared")]
    pub snapshot_stats: Option<Arc<SnapshotStats>>,
    /// The time of the event.
    #[serde(with = "time")]
    pub cur_time: Time,
    /// The time that the operation took so far.
    #[serde(with = "duration")]
    pub duration: Duration,
    /// The reason of a failure; empty if the operation did not fail.
    pub error: String,
    /// Further facts from the agent, by name.
    pub labels: BTreeMap<String, String>,
    /// The number of the attempt at the operation, from 1.
    #[serde(deserialize_with = "attempt")]
    pub attempt: u32,
    /// The cause of the operation.
    #[serde(skip_serializing_if = "Trigger::is_unknown")]
    pub trigger: Trigger,
    /// The agent's id of the operation.
    pub operation_id: String,
}

/// A repository, as templates see it.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields, rename_all = "camelCase")]
pub struct RepoVars {
    /// Its name.
    pub id: String,
    /// Its address.
    pub uri: String,
    /// Its globally unique id.
    pub guid: String,
    /// The password. A secret.
    pub password: String,
    /// `KEY=value` pairs of the environment. Secrets.
    pub env: Vec<String>,
    /// Extra arguments.
    pub flags: Vec<String>,
    /// The limit on unused data that a prune may leave.
    pub prune_policy: Option<PrunePolicy>,
    /// True if stale locks are removed before an operation.
    pub auto_unlock: bool,
    /// True if the repository is made when it is missing.
    pub auto_initialize: bool,
    /// True if other instances use it, too.
    pub shared: bool,
    /// The priorities that its commands run with.
    pub command_prefix: Option<CommandPrefix>,
    /// The id of the instance that shares it.
    pub origin_instance_id: String,
}

/// The limit on unused data that a prune may leave.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields, rename_all = "camelCase")]
pub struct PrunePolicy {
    /// The limit in bytes.
    #[serde(deserialize_with = "integer")]
    pub max_unused_bytes: i64,
    /// The limit in percent of the repository.
    pub max_unused_percent: f64,
}

/// The priorities that a repo's commands run with.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields, rename_all = "camelCase")]
pub struct CommandPrefix {
    /// The I/O priority.
    pub io_nice: IoNice,
    /// The CPU priority.
    pub cpu_nice: CpuNice,
}

/// A plan, as templates see it.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields, rename_all = "camelCase")]
pub struct PlanVars {
    /// Its name.
    pub id: String,
    /// The name of its repo.
    pub repo: String,
    /// The paths that are backed up.
    pub paths: Vec<String>,
    /// The excluded patterns.
    pub excludes: Vec<String>,
    /// The excluded patterns, matched without regard to case.
    pub iexcludes: Vec<String>,
    /// Extra arguments of a backup.
    pub backup_flags: Vec<String>,
    /// True if no snapshot is made when nothing changed.
    pub skip_if_unchanged: bool,
}

/// The statistics of a backup: restic's own summary.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields, rename_all = "camelCase")]
#[expect(missing_docs, reason = "the names are restic's own")]
pub struct SnapshotStats {
    pub message_type: String,
    pub error: serde_json::Value,
    pub during: String,
    pub item: String,
    #[serde(deserialize_with = "integer")]
    pub files_new: i64,
    #[serde(deserialize_with = "integer")]
    pub files_changed: i64,
    #[serde(deserialize_with = "integer")]
    pub files_unmodified: i64,
    #[serde(deserialize_with = "integer")]
    pub dirs_new: i64,
    #[serde(deserialize_with = "integer")]
    pub dirs_changed: i64,
    #[serde(deserialize_with = "integer")]
    pub dirs_unmodified: i64,
    #[serde(deserialize_with = "integer")]
    pub data_blobs: i64,
    #[serde(deserialize_with = "integer")]
    pub tree_blobs: i64,
    #[serde(deserialize_with = "integer")]
    pub data_added: i64,
    #[serde(deserialize_with = "integer")]
    pub total_files_processed: i64,
    #[serde(deserialize_with = "integer")]
    pub total_bytes_processed: i64,
    pub total_duration: f64,
    pub snapshot_id: String,
    pub percent_done: f64,
    #[serde(deserialize_with = "integer")]
    pub total_files: i64,
    #[serde(deserialize_with = "integer")]
    pub files_done: i64,
    #[serde(deserialize_with = "integer")]
    pub total_bytes: i64,
    #[serde(deserialize_with = "integer")]
    pub bytes_done: i64,
    pub current_files: Vec<String>,
    pub action: String,
    pub exit_error: String,
    pub message: String,
}
