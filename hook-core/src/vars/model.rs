//! The data of the variables.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::json::{attempt, condition, duration, shared, time};
use super::template_struct::template_struct;
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

template_struct! {
    /// A repository, as templates see it.
    RepoVars, omit_empty: true {
        /// Its name.
        id "Id": String,
        /// Its address.
        uri "Uri": String,
        /// Its globally unique id.
        guid "Guid": String,
        /// The password. A secret.
        password "Password": String,
        /// `KEY=value` pairs of the environment. Secrets.
        env "Env": Vec<String>,
        /// Extra arguments.
        flags "Flags": Vec<String>,
        /// The limit on unused data that a prune may leave.
        prune_policy "PrunePolicy": Option<PrunePolicy>,
        /// True if stale locks are removed before an operation.
        auto_unlock "AutoUnlock": bool,
        /// True if the repository is made when it is missing.
        auto_initialize "AutoInitialize": bool,
        /// True if other instances use it, too.
        shared "Shared": bool,
        /// The priorities that its commands run with.
        command_prefix "CommandPrefix": Option<CommandPrefix>,
        /// The id of the instance that shares it.
        origin_instance_id "OriginInstanceId": String,
    }
}

template_struct! {
    /// The limit on unused data that a prune may leave.
    PrunePolicy, omit_empty: true {
        /// The limit in bytes.
        max_unused_bytes "MaxUnusedBytes": i64,
        /// The limit in percent of the repository.
        max_unused_percent "MaxUnusedPercent": f64,
    }
}

template_struct! {
    /// The priorities that a repo's commands run with.
    CommandPrefix, omit_empty: true {
        /// The I/O priority.
        io_nice "IoNice": IoNice,
        /// The CPU priority.
        cpu_nice "CpuNice": CpuNice,
    }
}

template_struct! {
    /// A plan, as templates see it.
    PlanVars, omit_empty: true {
        /// Its name.
        id "Id": String,
        /// The name of its repo.
        repo "Repo": String,
        /// The paths that are backed up.
        paths "Paths": Vec<String>,
        /// The excluded patterns.
        excludes "Excludes": Vec<String>,
        /// The excluded patterns, matched without regard to case.
        iexcludes "Iexcludes": Vec<String>,
        /// Extra arguments of a backup.
        backup_flags "BackupFlags": Vec<String>,
        /// True if no snapshot is made when nothing changed.
        skip_if_unchanged "SkipIfUnchanged": bool,
    }
}

template_struct! {
    /// The statistics of a backup: restic's own summary.
    #[expect(missing_docs, reason = "the names are restic's own")]
    SnapshotStats, omit_empty: false {
        message_type "MessageType": String,
        error "Error": serde_json::Value,
        during "During": String,
        item "Item": String,
        files_new "FilesNew": i64,
        files_changed "FilesChanged": i64,
        files_unmodified "FilesUnmodified": i64,
        dirs_new "DirsNew": i64,
        dirs_changed "DirsChanged": i64,
        dirs_unmodified "DirsUnmodified": i64,
        data_blobs "DataBlobs": i64,
        tree_blobs "TreeBlobs": i64,
        data_added "DataAdded": i64,
        total_files_processed "TotalFilesProcessed": i64,
        total_bytes_processed "TotalBytesProcessed": i64,
        total_duration "TotalDuration": f64,
        snapshot_id "SnapshotId": String,
        percent_done "PercentDone": f64,
        total_files "TotalFiles": i64,
        files_done "FilesDone": i64,
        total_bytes "TotalBytes": i64,
        bytes_done "BytesDone": i64,
        current_files "CurrentFiles": Vec<String>,
        action "Action": String,
        exit_error "ExitError": String,
        message "Message": String,
    }
}
