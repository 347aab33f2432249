//! The data that the variables hold.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::json::{condition, duration, integer, shared, time};
use super::{CpuNice, Duration, IoNice, Time, Trigger};
use crate::condition::Condition;

/// Everything a template can see. The default is Go's zero value of each.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields, rename_all = "camelCase")]
pub struct Vars {
    /// What the agent is doing, in words.
    pub task: String,
    /// What happened; `None` prints as `CONDITION_UNKNOWN`.
    #[serde(with = "condition")]
    pub event: Option<Condition>,
    /// The repository, as configured.
    #[serde(with = "shared")]
    pub repo: Option<Arc<RepoVars>>,
    /// The plan, as configured.
    #[serde(with = "shared")]
    pub plan: Option<Arc<PlanVars>>,
    /// The snapshot that was made, if one was.
    pub snapshot_id: String,
    /// What the backup did, where the event says so.
    #[serde(with = "shared")]
    pub snapshot_stats: Option<Arc<SnapshotStats>>,
    /// When the event happened.
    #[serde(with = "time")]
    pub cur_time: Time,
    /// How long the operation took so far.
    #[serde(with = "duration")]
    pub duration: Duration,
    /// Why the operation failed, empty if it did not.
    pub error: String,
    /// What the agent says beyond that.
    pub labels: BTreeMap<String, String>,
    /// Which attempt at the operation this is, from 1.
    pub attempt: u32,
    /// What made the operation run.
    #[serde(skip_serializing_if = "Trigger::is_unknown")]
    pub trigger: Trigger,
    /// The agent's name for the operation.
    pub operation_id: String,
}

/// A repository, as templates see it.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields, rename_all = "camelCase")]
pub struct RepoVars {
    /// Its name.
    pub id: String,
    /// Where it is.
    pub uri: String,
    /// Its own id, the same for everyone who uses it.
    pub guid: String,
    /// The password. A secret.
    pub password: String,
    /// `KEY=value` pairs of the environment. Secrets.
    pub env: Vec<String>,
    /// Extra arguments.
    pub flags: Vec<String>,
    /// How much unused data a prune leaves.
    pub prune_policy: Option<PrunePolicy>,
    /// Whether stale locks are removed before an operation.
    pub auto_unlock: bool,
    /// Whether the repository is made when it is missing.
    pub auto_initialize: bool,
    /// Whether other instances use it too.
    pub shared: bool,
    /// The priorities that its commands run with.
    pub command_prefix: Option<CommandPrefix>,
    /// The instance that it was shared by.
    pub origin_instance_id: String,
}

/// How much unused data a prune leaves.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields, rename_all = "camelCase")]
pub struct PrunePolicy {
    /// In bytes.
    #[serde(deserialize_with = "integer")]
    pub max_unused_bytes: i64,
    /// In percent of the repository.
    pub max_unused_percent: f64,
}

/// The priorities that a repo's commands run with.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields, rename_all = "camelCase")]
pub struct CommandPrefix {
    /// Of the disk.
    pub io_nice: IoNice,
    /// Of the CPU.
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
    /// What is backed up.
    pub paths: Vec<String>,
    /// What is left out.
    pub excludes: Vec<String>,
    /// What is left out, whatever its case.
    pub iexcludes: Vec<String>,
    /// Extra arguments of a backup.
    pub backup_flags: Vec<String>,
    /// Whether no snapshot is made when nothing changed.
    pub skip_if_unchanged: bool,
}

/// What a backup did: restic's own summary.
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
