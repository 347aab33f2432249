//! Limits on a cgroup, by controllers of the unified hierarchy or of version 1.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

use super::{Cgroup, Mounts};
use crate::{LimitHit, PrivilegeError, Privileges};

/// Period of the CPU quota, in microseconds.
const CPU_PERIOD: u64 = 100_000;

/// Limit, with the files that configure it.
#[derive(Debug)]
pub(super) struct CgroupLimit {
    setting: &'static str,
    controller: &'static str,
    /// The file and its content in the unified hierarchy.
    unified: (&'static str, String),
    /// The same for hierarchies of version 1.
    separate: Vec<(&'static str, String)>,
    /// The files, in the unified hierarchy and in version 1, with the number of times that the
    /// limit was reached, and the word before the number.
    counter: Option<[&'static str; 3]>,
}

/// Returns the limits among the privileges.
fn wanted(privileges: &Privileges) -> Vec<CgroupLimit> {
    let memory = privileges.memory_max.map(|bytes| CgroupLimit {
        setting: "memoryMax",
        controller: "memory",
        unified: ("memory.max", bytes.to_string()),
        separate: vec![("memory.limit_in_bytes", bytes.to_string())],
        counter: Some(["memory.events", "memory.oom_control", "oom_kill"]),
    });
    let cpu = privileges.cpu_max.map(|percent| {
        let quota = (u64::from(percent) * CPU_PERIOD / 100).to_string();
        CgroupLimit {
            setting: "cpuMax",
            controller: "cpu",
            unified: ("cpu.max", format!("{quota} {CPU_PERIOD}")),
            separate: vec![
                ("cpu.cfs_period_us", CPU_PERIOD.to_string()),
                ("cpu.cfs_quota_us", quota),
            ],
            // Waiting for CPU time is the purpose of this limit and needs no report.
            counter: None,
        }
    });
    let pids = privileges.pids_max.map(|count| CgroupLimit {
        setting: "pidsMax",
        controller: "pids",
        unified: ("pids.max", count.to_string()),
        separate: vec![("pids.max", count.to_string())],
        counter: Some(["pids.events", "pids.events", "max"]),
    });
    [memory, cpu, pids].into_iter().flatten().collect()
}

/// Tests limits; returns those that no cgroup can enforce here.
pub(crate) fn unavailable_limits(privileges: &Privileges) -> Vec<PrivilegeError> {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    if wanted(privileges).is_empty() {
        return Vec::new();
    }
    let (process, count) = (std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
    let name = format!("process-supervisor.try-{process}.{count}");
    Cgroup::with_limits(Some(name), privileges).1
}

impl Cgroup {
    /// Creates a cgroup with the limits of these privileges. Returns it, if it can be created, and
    /// the limits that it cannot enforce.
    pub(super) fn with_limits(
        name: Option<String>,
        privileges: &Privileges,
    ) -> (Option<Cgroup>, Vec<PrivilegeError>) {
        let mut cgroup = Cgroup::create(name);
        let mut refused = Vec::new();
        for limit in wanted(privileges) {
            let error = match &mut cgroup {
                Ok(cgroup) => match cgroup.set(&limit) {
                    Ok(()) => {
                        cgroup.limits.push(limit);
                        continue;
                    }
                    Err(error) => error.to_string(),
                },
                Err(error) => error.to_string(),
            };
            refused.push(PrivilegeError::NoController {
                setting: limit.setting,
                controller: limit.controller,
                reason: error,
            });
        }
        (cgroup.ok(), refused)
    }

    /// Returns the limits that were reached.
    pub(crate) fn limit_hits(&self) -> Vec<LimitHit> {
        let hits = self.limits.iter().filter_map(|limit| {
            let [unified, separate, word] = limit.counter?;
            let separate = self.separate.iter().map(|folder| folder.join(separate));
            let mut files = std::iter::once(self.folder.join(unified)).chain(separate);
            let times = files.find_map(|file| counted(&file, word))?;
            (times > 0).then_some(LimitHit {
                setting: limit.setting,
                times,
            })
        });
        hits.collect()
    }

    fn set(&mut self, limit: &CgroupLimit) -> io::Result<()> {
        if let Some(parent) = Mounts::get().separate(limit.controller) {
            let folder = self.in_hierarchy(parent)?;
            for (file, text) in &limit.separate {
                fs::write(folder.join(file), text)?;
            }
            return Ok(());
        }
        let (file, text) = &limit.unified;
        let file = self.folder.join(file);
        if !file.exists() {
            enable(
                self.folder.parent().unwrap_or(&self.folder),
                limit.controller,
            )?;
        }
        fs::write(file, text)
    }

    /// Creates the cgroup of the same name in a hierarchy of version 1, unless it exists.
    fn in_hierarchy(&mut self, parent: &Path) -> io::Result<PathBuf> {
        let name = self.folder.file_name().unwrap_or_default();
        let folder = parent.join(name);
        if !self.separate.contains(&folder) {
            fs::create_dir(&folder)?;
            self.separate.push(folder.clone());
        }
        Ok(folder)
    }
}

/// Returns the number after a word at the beginning of a line of a file.
fn counted(file: &Path, word: &str) -> Option<u64> {
    let text = fs::read_to_string(file).ok()?;
    text.lines().find_map(|line| {
        let number = line.strip_prefix(word)?.strip_prefix(' ')?;
        number.trim().parse().ok()
    })
}

/// Enables a controller for the child cgroups of this one.
fn enable(parent: &Path, controller: &str) -> io::Result<()> {
    let available = fs::read_to_string(parent.join("cgroup.controllers"))?;
    if !available
        .split_ascii_whitespace()
        .any(|name| name == controller)
    {
        return Err(io::Error::other(
            "neither the kernel nor the service manager delegates it to this process",
        ));
    }
    fs::write(
        parent.join("cgroup.subtree_control"),
        format!("+{controller}"),
    )
}
