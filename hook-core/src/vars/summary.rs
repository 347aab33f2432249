//! A short text about an event, for scripts that do not write their own.

use std::fmt::Write;

use super::Vars;
use super::methods::{event_name, format_duration, format_size_bytes};
use crate::condition::{Condition, Operation};

impl Vars {
    /// Returns a short text about the event: task, time, duration and error, and after a snapshot
    /// its statistics.
    #[must_use]
    pub fn summary(&self) -> String {
        let mut out = String::new();
        let name = event_name(self.event);
        // Writing to a string cannot fail.
        let _ = match self.event {
            Some(event) if event.is_start() => writeln!(out, "Starting: {}", self.task),
            Some(_) => writeln!(out, "{}: {}", capitalized(&name), self.task),
            None => writeln!(out, "{}", self.task),
        };
        let _ = writeln!(out, "Time: {}", self.cur_time.rfc3339());
        if !self.event.is_some_and(Condition::is_start) && self.duration.0 != 0 {
            let _ = writeln!(out, "Duration: {}", format_duration(self.duration));
        }
        if !self.error.is_empty() {
            let _ = writeln!(out, "Error: {}", self.error);
        }
        if self
            .event
            .is_some_and(|e| e.operation() == Operation::Snapshot && !e.is_start())
        {
            self.push_statistics(&mut out);
        }
        out
    }

    fn push_statistics(&self, out: &mut String) {
        if !self.snapshot_id.is_empty() {
            let _ = writeln!(out, "Snapshot: {}", self.snapshot_id);
        }
        let Some(stats) = &self.snapshot_stats else {
            return;
        };
        let size = |bytes| format_size_bytes(bytes).unwrap_or_else(|_| format!("{bytes} B"));
        let files = [stats.files_new, stats.files_changed, stats.files_unmodified];
        let dirs = [stats.dirs_new, stats.dirs_changed, stats.dirs_unmodified];
        // borg does not compare with an earlier snapshot.
        let is_compared =
            stats.total_files_processed == 0 || files.iter().chain(&dirs).any(|n| *n != 0);
        for (what, [new, changed, same]) in [("Files", files), ("Directories", dirs)] {
            if is_compared {
                let _ = writeln!(
                    out,
                    "{what}: {new} new, {changed} changed, {same} unchanged"
                );
            }
        }
        let _ = writeln!(
            out,
            "Data: {} added, {} read in {} files",
            size(stats.data_added),
            size(stats.total_bytes_processed),
            stats.total_files_processed
        );
    }
}

fn capitalized(words: &str) -> String {
    let mut chars = words.chars();
    chars
        .next()
        .map_or_else(String::new, |c| c.to_uppercase().chain(chars).collect())
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::vars::SnapshotStats;

    #[test]
    fn a_start() {
        let vars = Vars {
            task: "backup of nas".into(),
            event: Some(Condition::SnapshotStart),
            ..Vars::default()
        };
        assert_eq!(
            vars.summary(),
            "Starting: backup of nas\nTime: 0001-01-01T00:00:00Z\n"
        );
    }

    #[test]
    fn statistics_without_a_comparison() {
        let mut vars = Vars {
            event: Some(Condition::SnapshotSuccess),
            snapshot_stats: Some(Arc::new(SnapshotStats {
                data_added: 5000,
                total_files_processed: 7,
                ..SnapshotStats::default()
            })),
            ..Vars::default()
        };
        let data = "Data: 5.000 KB added, 0.000 B read in 7 files\n";
        let has = |vars: &Vars, text: &str| vars.summary().contains(text);
        assert!(has(&vars, data) && !has(&vars, "Files:") && !has(&vars, "Directories:"));
        vars.snapshot_stats = Some(Arc::default());
        assert!(has(
            &vars,
            "Files: 0 new, 0 changed, 0 unchanged\nDirectories: 0 new"
        ));
    }

    #[test]
    fn a_failure() {
        let vars = Vars {
            task: "prune of b2".into(),
            event: Some(Condition::PruneError),
            error: "no space".into(),
            duration: super::super::Duration(1_500_000_000),
            ..Vars::default()
        };
        let expect = "Prune error: prune of b2\nTime: 0001-01-01T00:00:00Z\n\
                      Duration: 1.5s\nError: no space\n";
        assert_eq!(vars.summary(), expect);
    }
}
