//! Traces of hooks: processes, descriptors, files, cgroups.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};

use super::driver::SoakTarget;

/// The places where a daemon's hooks can leave traces.
#[derive(Debug)]
pub(crate) struct Traces {
    pid: u32,
    store: String,
    scripts: PathBuf,
    instance: String,
    mess: String,
}

impl Traces {
    /// Returns the places of this daemon.
    pub(crate) fn new(target: &SoakTarget) -> Result<Traces> {
        let instance = fs::read_to_string(target.state.join("instance"));
        let instance = instance.context("the daemon has no name")?;
        Ok(Traces {
            pid: target.pid,
            store: target.state.join("runs.sqlite3").display().to_string(),
            scripts: target.state.join("scripts"),
            instance: instance.trim().to_owned(),
            mess: target.mess.display().to_string(),
        })
    }

    /// Returns all traces, in words; `idle` open descriptors are allowed.
    pub(crate) fn left(&self, idle: usize) -> Result<Vec<String>> {
        let mut left = self.processes()?;
        let descriptors = self.descriptors()?;
        if descriptors > idle {
            left.push(format!("{descriptors} descriptors instead of {idle}"));
        }
        left.extend(names(&self.scripts, ""));
        let prefix = format!("hookd.{}.", self.instance);
        left.extend(names(&std::env::temp_dir(), &prefix));
        for cgroup in cgroup_folders() {
            left.extend(names(&cgroup, &prefix));
        }
        Ok(left)
    }

    /// Returns the number of open descriptors, except those of the store, which vary with the
    /// number of readers.
    pub(crate) fn descriptors(&self) -> Result<usize> {
        let open = fs::read_dir(format!("/proc/{}/fd", self.pid));
        let open = open.context("the daemon is gone")?.flatten();
        let of_store = |entry: &fs::DirEntry| {
            let file = fs::read_link(entry.path()).unwrap_or_default();
            file.to_string_lossy().starts_with(&self.store)
        };
        Ok(open.filter(|entry| !of_store(entry)).count())
    }

    /// Returns the daemon's children, the processes with its hooks' mark, and processes without a
    /// mark that use the folder for files of hooks.
    fn processes(&self) -> Result<Vec<String>> {
        let mark = format!("HOOKD_RUN={}:", self.instance);
        let daemon = self.pid.to_string();
        let mut found = Vec::new();
        for entry in fs::read_dir("/proc")?.flatten() {
            let name = entry.file_name().to_string_lossy().into_owned();
            if !name.bytes().all(|b| b.is_ascii_digit()) || name == daemon {
                continue;
            }
            // A process that ends meanwhile is no trace.
            let text = |file| {
                let content = fs::read(entry.path().join(file)).unwrap_or_default();
                String::from_utf8_lossy(&content).into_owned()
            };
            let stat = text("stat");
            let parent = stat.rsplit(") ").next().and_then(|s| s.split(' ').nth(1));
            let line = text("cmdline").replace('\0', " ");
            if parent == Some(&daemon)
                || line.contains(&self.mess)
                || text("environ").contains(&mark)
            {
                found.push(format!("process {name}: {line} ({})", stat.trim()));
            }
        }
        Ok(found)
    }
}

/// Returns the entries of a folder whose names have this prefix.
fn names(folder: &Path, prefix: &str) -> Vec<String> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    entries
        .filter(|entry| entry.file_name().to_string_lossy().starts_with(prefix))
        .map(|entry| entry.path().display().to_string())
        .collect()
}

/// Returns the folders of this process's cgroup, which the daemon shares, in every mounted
/// hierarchy.
fn cgroup_folders() -> Vec<PathBuf> {
    let mounts = fs::read_to_string("/proc/self/mountinfo").unwrap_or_default();
    let own = fs::read_to_string("/proc/self/cgroup").unwrap_or_default();
    let paths: Vec<&str> = own
        .lines()
        .filter_map(|l| l.splitn(3, ':').nth(2))
        .collect();
    let mounts = mounts.lines().filter(|line| line.contains(" - cgroup"));
    mounts
        .filter_map(|line| line.split(' ').nth(4))
        .flat_map(|mount| {
            paths
                .iter()
                .map(move |path| format!("{mount}{path}").into())
        })
        .collect()
}
