//! Reads the variables from JSON, and says precisely what is wrong with it.

use std::collections::BTreeMap;
use std::str::FromStr;
use std::sync::Arc;

use serde_json::{Map, Value};

use super::model::{CommandPrefix, PlanVars, PrunePolicy, RepoVars, SnapshotStats};
use super::time::{read_duration, read_time};
use super::{CpuNice, IoNice, Trigger, Vars, VarsError};
use crate::condition::Condition;
use crate::template::go::nearest;

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

fn wrong(path: String, message: impl Into<String>) -> VarsError {
    VarsError {
        path,
        message: message.into(),
        suggestion: None,
    }
}

/// The keys of one object, and which of them were asked for.
struct Keys<'j> {
    path: String,
    map: &'j Map<String, Value>,
    asked: std::cell::RefCell<Vec<&'static str>>,
}

impl<'j> Keys<'j> {
    fn of(path: String, value: &'j Value) -> Result<Self, VarsError> {
        match value {
            Value::Object(map) => Ok(Keys {
                path,
                map,
                asked: Vec::new().into(),
            }),
            _ => Err(wrong(
                path,
                format!("expected an object, found {}", kind(value)),
            )),
        }
    }

    fn path_to(&self, key: &str) -> String {
        if self.path.is_empty() {
            key.to_owned()
        } else {
            format!("{}.{key}", self.path)
        }
    }

    /// The value of a key; a null counts as missing.
    fn get(&self, key: &'static str) -> Option<&'j Value> {
        self.asked.borrow_mut().push(key);
        self.map.get(key).filter(|v| !v.is_null())
    }

    fn expected<T>(&self, key: &str, what: &str, found: &Value) -> Result<T, VarsError> {
        let shown = match found {
            Value::String(text) => format!("{text:?}"),
            _ => kind(found).to_owned(),
        };
        Err(wrong(
            self.path_to(key),
            format!("expected {what}, found {shown}"),
        ))
    }

    /// Fails if the object has a key that nothing asked for.
    fn no_others(&self) -> Result<(), VarsError> {
        let asked = self.asked.borrow();
        match self.map.keys().find(|k| !asked.contains(&k.as_str())) {
            None => Ok(()),
            Some(key) => Err(VarsError {
                path: self.path_to(key),
                message: "unknown key".to_owned(),
                suggestion: nearest(key, asked.iter().copied()),
            }),
        }
    }

    fn object<T>(
        &self,
        key: &'static str,
        read: impl Fn(&Keys<'_>) -> Result<T, VarsError>,
    ) -> Result<Option<T>, VarsError> {
        let Some(value) = self.get(key) else {
            return Ok(None);
        };
        let keys = Keys::of(self.path_to(key), value)?;
        let object = read(&keys)?;
        keys.no_others()?;
        Ok(Some(object))
    }

    fn text(&self, key: &'static str) -> Result<String, VarsError> {
        match self.get(key) {
            None => Ok(String::new()),
            Some(Value::String(text)) => Ok(text.clone()),
            Some(other) => self.expected(key, "a string", other),
        }
    }

    fn truth(&self, key: &'static str) -> Result<bool, VarsError> {
        match self.get(key) {
            None => Ok(false),
            Some(Value::Bool(truth)) => Ok(*truth),
            Some(other) => self.expected(key, "true or false", other),
        }
    }

    fn number(&self, key: &'static str) -> Result<f64, VarsError> {
        match self.get(key) {
            None => Ok(0.0),
            Some(Value::Number(n)) => Ok(n.as_f64().unwrap_or_default()),
            Some(other) => self.expected(key, "a number", other),
        }
    }

    /// An integer of 64 bits, which JSON may also give as a string.
    fn integer(&self, key: &'static str) -> Result<i64, VarsError> {
        let Some(value) = self.get(key) else {
            return Ok(0);
        };
        let number = match value {
            Value::Number(n) => n.as_i64(),
            Value::String(text) => text.parse().ok(),
            _ => None,
        };
        number.map_or_else(|| self.expected(key, "an integer of 64 bits", value), Ok)
    }

    fn attempt(&self, key: &'static str) -> Result<u32, VarsError> {
        let number = self.integer(key)?;
        let too_large = || wrong(self.path_to(key), format!("{number} is out of range"));
        u32::try_from(number).map_err(|_| too_large())
    }

    fn list(&self, key: &'static str) -> Result<Vec<String>, VarsError> {
        let items = match self.get(key) {
            None => return Ok(Vec::new()),
            Some(Value::Array(items)) => items,
            Some(other) => return self.expected(key, "a list of strings", other),
        };
        let item = |(i, item): (usize, &Value)| match item {
            Value::String(text) => Ok(text.clone()),
            _ => {
                let path = format!("{}[{i}]", self.path_to(key));
                Err(wrong(
                    path,
                    format!("expected a string, found {}", kind(item)),
                ))
            }
        };
        items.iter().enumerate().map(item).collect()
    }

    fn labels(&self, key: &'static str) -> Result<BTreeMap<String, String>, VarsError> {
        let Some(value) = self.get(key) else {
            return Ok(BTreeMap::new());
        };
        let labels = Keys::of(self.path_to(key), value)?;
        let entry = |(name, value): (&String, &Value)| match value {
            Value::String(text) => Ok((name.clone(), text.clone())),
            _ => labels.expected(name, "a string", value),
        };
        labels.map.iter().map(entry).collect()
    }

    fn parsed<T: Default>(
        &self,
        key: &'static str,
        what: &str,
        parse: impl Fn(&str) -> Option<T>,
    ) -> Result<T, VarsError> {
        match self.get(key) {
            None => Ok(T::default()),
            Some(value) => value
                .as_str()
                .and_then(parse)
                .map_or_else(|| self.expected(key, what, value), Ok),
        }
    }

    fn name<T: FromStr + Default>(
        &self,
        key: &'static str,
        names: impl Iterator<Item = &'static str>,
    ) -> Result<T, VarsError> {
        let Some(value) = self.get(key) else {
            return Ok(T::default());
        };
        let text = value.as_str().unwrap_or_default();
        text.parse().or_else(|_| {
            let names: Vec<_> = names.collect();
            let what = format!("one of {}", names.join(", "));
            self.expected(key, &what, value)
                .map_err(|e: VarsError| VarsError {
                    suggestion: nearest(text, names),
                    ..e
                })
        })
    }

    fn event(&self, key: &'static str) -> Result<Option<Condition>, VarsError> {
        match self.get(key) {
            None => Ok(None),
            Some(Value::String(name)) if name == "CONDITION_UNKNOWN" => Ok(None),
            Some(value) => {
                let text = value.as_str().unwrap_or_default();
                text.parse().map(Some).or_else(|_| {
                    self.expected(key, "the name of a condition", value)
                        .map_err(|e: VarsError| VarsError {
                            suggestion: nearest(text, Condition::ALL.iter().map(|c| c.name())),
                            ..e
                        })
                })
            }
        }
    }
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a truth value",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
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
