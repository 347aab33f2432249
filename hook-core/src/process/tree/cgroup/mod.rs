//! Cgroups: what a process starts cannot leave them, whatever it forks.

mod limits;
mod mounts;

use std::collections::VecDeque;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use limits::Counter;
pub(in crate::process) use limits::{impossible_limits, without_cgroup};
use mounts::Mounts;

use super::table::Process;
use crate::process::spec::Mark;

/// A cgroup of one hook run. Dropping it removes it, at once or when it is empty.
#[derive(Debug)]
pub(in crate::process) struct Cgroup {
    folder: PathBuf,
    /// Its namesakes in hierarchies of version 1, for the limits there.
    separate: Vec<PathBuf>,
    /// Of its limits.
    counters: Vec<Counter>,
}

/// Cgroups that something was left in, to be removed when it has ended.
static ABANDONED: Mutex<VecDeque<PathBuf>> = Mutex::new(VecDeque::new());

/// How many abandoned cgroups are looked at when a new one is made.
const LOOKS: usize = 4;

impl Cgroup {
    /// Makes one in the cgroup of this process.
    ///
    /// # Errors
    /// Where the kernel does not let us.
    pub(in crate::process) fn create(mark: &Mark) -> io::Result<Cgroup> {
        remove_abandoned();
        let parent = Mounts::get().unified.as_deref().ok_or_else(|| {
            io::Error::new(
                io::ErrorKind::NotFound,
                "no unified hierarchy of cgroups here",
            )
        })?;
        let folder = parent.join(format!(
            "{}{}",
            prefix(&mark.instance),
            part(&mark.execution, ".-_")
        ));
        fs::create_dir(&folder)?;
        Ok(Cgroup {
            folder,
            separate: Vec::new(),
            counters: Vec::new(),
        })
    }

    /// Those in the cgroup of this process that daemons of that instance made, with the
    /// executions they made them for.
    pub(super) fn left_over(instance: &str) -> Vec<(String, Cgroup)> {
        let mounts = Mounts::get();
        let prefix = prefix(instance);
        let unified = mounts.unified.as_deref().map_or_else(Vec::new, subfolders);
        unified
            .into_iter()
            .filter_map(|folder| {
                let name = folder.file_name()?.to_str()?.to_owned();
                let execution = name.strip_prefix(&prefix)?.to_owned();
                let separate = mounts.separate.iter().map(|(_, parent)| parent.join(&name));
                let cgroup = Cgroup {
                    separate: separate.filter(|folder| folder.exists()).collect(),
                    folder,
                    counters: Vec::new(),
                };
                Some((execution, cgroup))
            })
            .collect()
    }

    /// Takes a process in, and what it has started meanwhile.
    ///
    /// # Errors
    /// If the process may not be moved here. One that has ended is none.
    pub(in crate::process) fn take_in(&self, pid: u32) -> io::Result<()> {
        self.move_in(pid)?;
        // Children are born here from now on, but there may be some already, which may
        // fork while they are moved.
        let mut outside = children(pid);
        for _ in 0..16 {
            if outside.is_empty() {
                break;
            }
            let mut next = Vec::new();
            for child in outside {
                self.move_in(child)?;
                next.extend(children(child));
            }
            outside = next;
        }
        Ok(())
    }

    fn move_in(&self, pid: u32) -> io::Result<()> {
        match self.write("cgroup.procs", &pid.to_string()) {
            Err(error) if error.raw_os_error() == Some(rustix::io::Errno::SRCH.raw_os_error()) => {
                Ok(())
            }
            result => result,
        }
    }

    /// The files through which a process moves itself in.
    ///
    /// # Errors
    /// If they cannot be opened.
    pub(in crate::process) fn doors(&self) -> io::Result<Vec<File>> {
        let folders = std::iter::once(&self.folder).chain(&self.separate);
        folders
            .map(|folder| {
                OpenOptions::new()
                    .write(true)
                    .open(folder.join("cgroup.procs"))
            })
            .collect()
    }

    /// All that runs in it.
    pub(super) fn members(&self) -> Vec<Process> {
        let mut members = Vec::new();
        collect(&self.folder, &mut members);
        members
    }

    /// Kills all that is in it, and what is being forked. Kernels before 5.14 cannot.
    pub(super) fn kill(&self) -> io::Result<()> {
        self.write("cgroup.kill", "1")
    }

    /// Whether anything runs in it.
    pub(super) fn lives(&self) -> bool {
        fs::read_to_string(self.folder.join("cgroup.events"))
            .is_ok_and(|events| events.lines().any(|line| line == "populated 1"))
    }

    fn write(&self, file: &str, text: &str) -> io::Result<()> {
        let mut file = OpenOptions::new()
            .write(true)
            .open(self.folder.join(file))?;
        file.write_all(text.as_bytes())
    }
}

impl Drop for Cgroup {
    fn drop(&mut self) {
        let unified = std::mem::take(&mut self.folder);
        for folder in self.separate.drain(..).chain([unified]) {
            if !remove(&folder) {
                abandoned().push_back(folder);
            }
        }
    }
}

/// What the names of an instance's cgroups start with.
fn prefix(instance: &str) -> String {
    format!("hookd.{}.", part(instance, "-_"))
}

/// A part of a name, with `_` for what a name cannot hold, or this part of it.
fn part(text: &str, marks: &str) -> String {
    let safe = |c: char| c.is_ascii_alphanumeric() || marks.contains(c);
    text.chars()
        .take(100)
        .map(|c| if safe(c) { c } else { '_' })
        .collect()
}

fn children(pid: u32) -> Vec<u32> {
    fs::read_to_string(format!("/proc/{pid}/task/{pid}/children"))
        .unwrap_or_default()
        .split_ascii_whitespace()
        .filter_map(|pid| pid.parse().ok())
        .collect()
}

fn collect(folder: &Path, members: &mut Vec<Process>) {
    let processes = fs::read_to_string(folder.join("cgroup.procs")).unwrap_or_default();
    let pids = processes.lines().filter_map(|pid| pid.parse().ok());
    members.extend(
        pids.filter_map(Process::read)
            .filter(|process| !process.zombie),
    );
    // A script may have made cgroups of its own.
    for folder in subfolders(folder) {
        collect(&folder, members);
    }
}

fn subfolders(folder: &Path) -> Vec<PathBuf> {
    fs::read_dir(folder)
        .into_iter()
        .flatten()
        .flatten()
        .filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_dir()))
        .map(|entry| entry.path())
        .collect()
}

/// Removes a cgroup and those in it; returns whether it is gone.
fn remove(folder: &Path) -> bool {
    match fs::remove_dir(folder) {
        Ok(()) => true,
        Err(error) if error.kind() == io::ErrorKind::NotFound => true,
        Err(_) => {
            let inner = subfolders(folder);
            !inner.is_empty()
                && inner.iter().all(|folder| remove(folder))
                && fs::remove_dir(folder).is_ok()
        }
    }
}

fn remove_abandoned() {
    for _ in 0..LOOKS {
        let Some(folder) = abandoned().pop_front() else {
            return;
        };
        if !remove(&folder) {
            abandoned().push_back(folder);
        }
    }
}

fn abandoned() -> std::sync::MutexGuard<'static, VecDeque<PathBuf>> {
    ABANDONED.lock().unwrap_or_else(PoisonError::into_inner)
}
