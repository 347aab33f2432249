//! Reads the variables from JSON, and says precisely what is wrong with it.

use std::sync::Arc;

use serde_json::Value;

use super::keys::{Keys, wrong};
use super::model::{CommandPrefix, PlanVars, PrunePolicy, RepoVars, SnapshotStats};
use super::time::{read_duration, read_time};
use super::{CpuNice, IoNice, Trigger, Vars, VarsError};

impl Vars {
    /// Reads the variables from JSON text. Keys that are missing keep their zero value.
    pub fn from_json(text: &str) -> Result<Vars, VarsError> {
        let value: Value = serde_json::from_str(text)
            .map_err(|e| wrong(String::new(), format!("not valid JSON: {e}")))?;
        Vars::from_value(&value)
    }

    /// Reads the variables from a JSON object. Keys that are missing keep their zero
    /// value.
    pub fn from_value(value: &Value) -> Result<Vars, VarsError> {
        let keys = Keys::of(String::new(), value)?;
        let vars = Vars {
            task: keys.text("task")?,
            event: keys.event("event")?,
            repo: keys.object("repo", repo)?.map(Arc::new),
            plan: keys.object("plan", plan)?.map(Arc::new),
            snapshot_id: keys.text("snapshotId")?,
            snapshot_stats: keys.object("snapshotStats", stats)?.map(Arc::new),
            cur_time: keys.parsed("curTime", "an RFC 3339 time with an offset", read_time)?,
            duration: keys.parsed("duration", "seconds such as \"42.751s\"", read_duration)?,
            error: keys.text("error")?,
            labels: keys.labels("labels")?,
            attempt: keys.attempt("attempt")?,
            trigger: keys.name::<Trigger>("trigger", Trigger::ALL.iter().map(|t| t.name()))?,
            operation_id: keys.text("operationId")?,
        };
        keys.no_others()?;
        Ok(vars)
    }
}

fn repo(keys: &Keys<'_>) -> Result<RepoVars, VarsError> {
    Ok(RepoVars {
        id: keys.text("id")?,
        uri: keys.text("uri")?,
        guid: keys.text("guid")?,
        password: keys.text("password")?,
        env: keys.list("env")?,
        flags: keys.list("flags")?,
        prune_policy: keys.object("prunePolicy", |keys| {
            Ok(PrunePolicy {
                max_unused_bytes: keys.integer("maxUnusedBytes")?,
                max_unused_percent: keys.number("maxUnusedPercent")?,
            })
        })?,
        auto_unlock: keys.truth("autoUnlock")?,
        auto_initialize: keys.truth("autoInitialize")?,
        shared: keys.truth("shared")?,
        command_prefix: keys.object("commandPrefix", |keys| {
            Ok(CommandPrefix {
                io_nice: keys.name("ioNice", IoNice::ALL.iter().map(|n| n.name()))?,
                cpu_nice: keys.name("cpuNice", CpuNice::ALL.iter().map(|n| n.name()))?,
            })
        })?,
        origin_instance_id: keys.text("originInstanceId")?,
    })
}

fn plan(keys: &Keys<'_>) -> Result<PlanVars, VarsError> {
    Ok(PlanVars {
        id: keys.text("id")?,
        repo: keys.text("repo")?,
        paths: keys.list("paths")?,
        excludes: keys.list("excludes")?,
        iexcludes: keys.list("iexcludes")?,
        backup_flags: keys.list("backupFlags")?,
        skip_if_unchanged: keys.truth("skipIfUnchanged")?,
    })
}

fn stats(keys: &Keys<'_>) -> Result<SnapshotStats, VarsError> {
    Ok(SnapshotStats {
        message_type: keys.text("messageType")?,
        error: keys.get("error").cloned().unwrap_or_default(),
        during: keys.text("during")?,
        item: keys.text("item")?,
        files_new: keys.integer("filesNew")?,
        files_changed: keys.integer("filesChanged")?,
        files_unmodified: keys.integer("filesUnmodified")?,
        dirs_new: keys.integer("dirsNew")?,
        dirs_changed: keys.integer("dirsChanged")?,
        dirs_unmodified: keys.integer("dirsUnmodified")?,
        data_blobs: keys.integer("dataBlobs")?,
        tree_blobs: keys.integer("treeBlobs")?,
        data_added: keys.integer("dataAdded")?,
        total_files_processed: keys.integer("totalFilesProcessed")?,
        total_bytes_processed: keys.integer("totalBytesProcessed")?,
        total_duration: keys.number("totalDuration")?,
        snapshot_id: keys.text("snapshotId")?,
        percent_done: keys.number("percentDone")?,
        total_files: keys.integer("totalFiles")?,
        files_done: keys.integer("filesDone")?,
        total_bytes: keys.integer("totalBytes")?,
        bytes_done: keys.integer("bytesDone")?,
        current_files: keys.list("currentFiles")?,
        action: keys.text("action")?,
        exit_error: keys.text("exitError")?,
        message: keys.text("message")?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors() {
        let check = |json: &str, expect: &str| {
            assert_eq!(
                Vars::from_json(json).unwrap_err().to_string(),
                expect,
                "{json}"
            );
        };
        check(
            r#"{"repo": {"prunePolicy": {"maxUnusedByte": 1}}}"#,
            "`repo.prunePolicy.maxUnusedByte`: unknown key, did you mean `maxUnusedBytes`?",
        );
        check(
            r#"{"task": 1}"#,
            "`task`: expected a string, found a number",
        );
        check(
            r#"{"plan": {"paths": ["a", 2]}}"#,
            "`plan.paths[1]`: expected a string, found a number",
        );
        check(
            r#"{"duration": "1m"}"#,
            "`duration`: expected seconds such as \"42.751s\", found \"1m\"",
        );
        check(
            r#"{"event": "CONDITION_SNAPSHOT_STRAT"}"#,
            "`event`: expected the name of a condition, found \"CONDITION_SNAPSHOT_STRAT\", \
             did you mean `CONDITION_SNAPSHOT_START`?",
        );
        check("[]", "expected an object, found a list");
    }

    #[test]
    fn integers_as_strings() {
        let vars = Vars::from_json(r#"{"snapshotStats": {"dataAdded": "9007199254740993"}}"#);
        assert_eq!(
            vars.unwrap().snapshot_stats.unwrap().data_added,
            9_007_199_254_740_993
        );
    }
}
