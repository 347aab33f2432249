//! Writes the variables as JSON.

use serde_json::{Map, Value, json};

use super::model::{PlanVars, RepoVars, SnapshotStats};
use super::time::write_duration;
use super::{Time, Trigger, Vars};

impl Vars {
    /// The variables as a JSON object that [`Vars::from_value`] reads back. What has its
    /// zero value is left out.
    #[must_use]
    pub fn to_json(&self) -> Value {
        object(json!({
            "task": self.task,
            "event": self.event.map(|e| e.name()),
            "repo": self.repo.as_deref().map(repo),
            "plan": self.plan.as_deref().map(plan),
            "snapshotId": self.snapshot_id,
            "snapshotStats": self.snapshot_stats.as_deref().map(stats),
            "curTime": (self.cur_time != Time::default()).then(|| self.cur_time.rfc3339_nano()),
            "duration": (self.duration.0 != 0).then(|| write_duration(self.duration)),
            "error": self.error,
            "labels": self.labels,
            "attempt": self.attempt,
            "trigger": (self.trigger != Trigger::Unknown).then(|| self.trigger.name()),
            "operationId": self.operation_id,
        }))
    }
}

/// Leaves out what is zero, except for objects, which are there even if nothing is in
/// them.
fn object(value: Value) -> Value {
    let Value::Object(map) = value else {
        return value;
    };
    let kept = map.into_iter().filter(|(key, value)| match value {
        Value::Null | Value::Bool(false) => false,
        Value::Number(n) => n.as_f64() != Some(0.0),
        Value::String(text) => !text.is_empty(),
        Value::Array(items) => !items.is_empty(),
        Value::Object(map) => key != "labels" || !map.is_empty(),
        Value::Bool(true) => true,
    });
    Value::Object(kept.collect::<Map<_, _>>())
}

fn repo(repo: &RepoVars) -> Value {
    object(json!({
        "id": repo.id,
        "uri": repo.uri,
        "guid": repo.guid,
        "password": repo.password,
        "env": repo.env,
        "flags": repo.flags,
        "prunePolicy": repo.prune_policy.as_ref().map(|p| object(json!({
            "maxUnusedBytes": p.max_unused_bytes,
            "maxUnusedPercent": p.max_unused_percent,
        }))),
        "autoUnlock": repo.auto_unlock,
        "autoInitialize": repo.auto_initialize,
        "shared": repo.shared,
        "commandPrefix": repo.command_prefix.as_ref().map(|p| json!({
            "ioNice": p.io_nice.name(),
            "cpuNice": p.cpu_nice.name(),
        })),
        "originInstanceId": repo.origin_instance_id,
    }))
}

fn plan(plan: &PlanVars) -> Value {
    object(json!({
        "id": plan.id,
        "repo": plan.repo,
        "paths": plan.paths,
        "excludes": plan.excludes,
        "iexcludes": plan.iexcludes,
        "backupFlags": plan.backup_flags,
        "skipIfUnchanged": plan.skip_if_unchanged,
    }))
}

fn stats(stats: &SnapshotStats) -> Value {
    let mut map = object(json!({
        "messageType": stats.message_type,
        "during": stats.during,
        "item": stats.item,
        "filesNew": stats.files_new,
        "filesChanged": stats.files_changed,
        "filesUnmodified": stats.files_unmodified,
        "dirsNew": stats.dirs_new,
        "dirsChanged": stats.dirs_changed,
        "dirsUnmodified": stats.dirs_unmodified,
        "dataBlobs": stats.data_blobs,
        "treeBlobs": stats.tree_blobs,
        "dataAdded": stats.data_added,
        "totalFilesProcessed": stats.total_files_processed,
        "totalBytesProcessed": stats.total_bytes_processed,
        "totalDuration": stats.total_duration,
        "snapshotId": stats.snapshot_id,
        "percentDone": stats.percent_done,
        "totalFiles": stats.total_files,
        "filesDone": stats.files_done,
        "totalBytes": stats.total_bytes,
        "bytesDone": stats.bytes_done,
        "currentFiles": stats.current_files,
        "action": stats.action,
        "exitError": stats.exit_error,
        "message": stats.message,
    }));
    // Any JSON value, of which zero and empty mean something.
    if !stats.error.is_null() {
        map["error"] = stats.error.clone();
    }
    map
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_and_back() {
        let text = r#"{"task":"t","event":"CONDITION_PRUNE_ERROR","repo":{"id":"r",
            "prunePolicy":{},"commandPrefix":{"ioNice":"IO_IDLE","cpuNice":"CPU_LOW"}},
            "plan":{"id":"p","paths":["/a"]},"snapshotStats":{"filesNew":3,"error":""},
            "curTime":"2025-11-30T23:59:58.5+01:00","duration":"-1.5s","attempt":2,
            "labels":{"a":"b"},"trigger":"MANUAL","operationId":"x"}"#;
        let vars = Vars::from_json(text).unwrap();
        assert_eq!(Vars::from_value(&vars.to_json()).unwrap(), vars);
        assert_eq!(Vars::default().to_json(), json!({}));
    }
}
