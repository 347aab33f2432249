//! Limits on a cgroup: which controller there is, and where.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::{Cgroup, Mounts};
use crate::process::ended::Reached;
use crate::process::privileges::{CgroupLimits, Impossible};
use crate::process::spec::Mark;

/// The length of the time in which `cpuMax` is used up, in microseconds.
const PERIOD: u64 = 100_000;

/// One limit: what a config calls it, and the files that set it.
struct Limit {
    setting: &'static str,
    controller: &'static str,
    /// The file and its text in the unified hierarchy.
    unified: (&'static str, String),
    /// The same in a hierarchy of version 1.
    separate: Vec<(&'static str, String)>,
    /// The files, of the unified hierarchy and of version 1, and the word in them behind
    /// which stands how often the limit was reached.
    counter: Option<[&'static str; 3]>,
}

/// Where it stands how often a limit was reached.
#[derive(Debug)]
pub(super) struct Counter {
    setting: &'static str,
    file: PathBuf,
    word: &'static str,
}

fn wanted(limits: CgroupLimits) -> Vec<Limit> {
    let memory = limits.memory.map(|bytes| Limit {
        setting: "memoryMax",
        controller: "memory",
        unified: ("memory.max", bytes.to_string()),
        separate: vec![("memory.limit_in_bytes", bytes.to_string())],
        counter: Some(["memory.events", "memory.oom_control", "oom_kill"]),
    });
    let cpu = limits.cpu.map(|percent| {
        let quota = (u64::from(percent) * PERIOD / 100).to_string();
        Limit {
            setting: "cpuMax",
            controller: "cpu",
            unified: ("cpu.max", format!("{quota} {PERIOD}")),
            separate: vec![
                ("cpu.cfs_period_us", PERIOD.to_string()),
                ("cpu.cfs_quota_us", quota),
            ],
            // Waiting for processor time is what it is for.
            counter: None,
        }
    });
    let pids = limits.pids.map(|count| Limit {
        setting: "pidsMax",
        controller: "pids",
        unified: ("pids.max", count.to_string()),
        separate: vec![("pids.max", count.to_string())],
        counter: Some(["pids.events", "pids.events", "max"]),
    });
    [memory, cpu, pids].into_iter().flatten().collect()
}

impl Cgroup {
    /// Holds it to limits.
    ///
    /// # Errors
    /// Each that cannot be.
    pub(in crate::process) fn limit(
        &mut self,
        limits: CgroupLimits,
    ) -> Result<(), Vec<Impossible>> {
        let refused: Vec<Impossible> = wanted(limits)
            .iter()
            .filter_map(|limit| {
                let error = self.set(limit).err()?;
                Some(Impossible::NoController {
                    setting: limit.setting,
                    controller: limit.controller,
                    reason: error.to_string(),
                })
            })
            .collect();
        if refused.is_empty() {
            Ok(())
        } else {
            Err(refused)
        }
    }

    /// The limits that were reached, and how often.
    pub(in crate::process) fn reached(&self) -> Vec<Reached> {
        let times = |counter: &Counter| {
            let text = fs::read_to_string(&counter.file).unwrap_or_default();
            text.lines().find_map(|line| {
                let number = line.strip_prefix(counter.word)?.strip_prefix(' ')?;
                number.trim().parse().ok()
            })
        };
        let all = self.counters.iter().map(|counter| Reached {
            setting: counter.setting,
            times: times(counter).unwrap_or(0),
        });
        all.filter(|reached| reached.times > 0).collect()
    }

    fn set(&mut self, limit: &Limit) -> io::Result<()> {
        if let Some(parent) = Mounts::get().separate(limit.controller) {
            let folder = self.in_hierarchy(parent)?;
            for (file, text) in &limit.separate {
                fs::write(folder.join(file), text)?;
            }
            self.count(limit, |[_, separate, _]| folder.join(separate));
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
        fs::write(file, text)?;
        let folder = self.folder.clone();
        self.count(limit, |[unified, ..]| folder.join(unified));
        Ok(())
    }

    fn count(&mut self, limit: &Limit, file: impl Fn([&'static str; 3]) -> PathBuf) {
        self.counters.extend(limit.counter.map(|counter| Counter {
            setting: limit.setting,
            file: file(counter),
            word: counter[2],
        }));
    }

    /// The cgroup of the same name in a hierarchy of version 1.
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

/// Gives a controller to the cgroups in this one.
fn enable(parent: &Path, controller: &str) -> io::Result<()> {
    let available = fs::read_to_string(parent.join("cgroup.controllers"))?;
    if !available
        .split_ascii_whitespace()
        .any(|name| name == controller)
    {
        return Err(io::Error::other(
            "the kernel or whoever started hookd does not give it to us",
        ));
    }
    fs::write(
        parent.join("cgroup.subtree_control"),
        format!("+{controller}"),
    )
}

/// Which of these limits no cgroup here can have: tries it.
pub(in crate::process) fn impossible_limits(limits: CgroupLimits) -> Vec<Impossible> {
    use std::sync::atomic::{AtomicU32, Ordering};
    static COUNT: AtomicU32 = AtomicU32::new(0);
    if limits.is_empty() {
        return Vec::new();
    }
    let count = COUNT.fetch_add(1, Ordering::Relaxed);
    let mark = Mark {
        instance: format!("try-{}", std::process::id()),
        execution: count.to_string(),
    };
    match Cgroup::create(&mark) {
        Ok(mut cgroup) => cgroup.limit(limits).err().unwrap_or_default(),
        Err(error) => without_cgroup(limits, &error),
    }
}

/// Why none of these limits can be had without a cgroup.
pub(in crate::process) fn without_cgroup(
    limits: CgroupLimits,
    error: &io::Error,
) -> Vec<Impossible> {
    wanted(limits)
        .into_iter()
        .map(|limit| Impossible::NoController {
            setting: limit.setting,
            controller: limit.controller,
            reason: error.to_string(),
        })
        .collect()
}
