//! Cgroups, which processes cannot leave by forking.

mod limits;
mod mounts;

use std::collections::VecDeque;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use limits::CgroupLimit;
pub(crate) use limits::unavailable_limits;
use mounts::Mounts;

use super::proc_table::Process;
use crate::{Mark, Owner, PrivilegeError, Privileges};

/// Cgroup of one script. It is removed when dropped, or later when it is empty.
#[derive(Debug)]
pub(crate) struct Cgroup {
    folder: PathBuf,
    /// The cgroups of the same name in hierarchies of version 1, for the limits there.
    separate: Vec<PathBuf>,
    limits: Vec<CgroupLimit>,
}

/// Cgroups that were not empty when they were dropped, to be removed later.
static ABANDONED: Mutex<VecDeque<PathBuf>> = Mutex::new(VecDeque::new());

/// Number of abandoned cgroups whose removal is tried when a new one is created.
const REMOVALS: usize = 4;

impl Cgroup {
    /// Creates the cgroup of a script, with its limits; `None` if there can be none and no limit
    /// needs one. Without a mark, none is created.
    ///
    /// # Errors
    /// Fails if a limit cannot be enforced.
    pub(crate) fn for_script(
        privileges: &Privileges,
        mark: Option<&Mark>,
    ) -> Result<Option<Cgroup>, PrivilegeError> {
        let name = |mark: &Mark| prefix(&mark.owner) + &name_part(&mark.execution, ".-_");
        let (cgroup, refused) = Cgroup::with_limits(mark.map(name), privileges);
        refused.into_iter().next().map_or(Ok(cgroup), Err)
    }

    /// Creates a cgroup within that of this process.
    ///
    /// # Errors
    /// Fails if the kernel does not permit it.
    fn create(name: Option<String>) -> io::Result<Cgroup> {
        remove_abandoned();
        let name = name.ok_or_else(|| io::Error::other("cgroups are not to be used"))?;
        let parent = Mounts::get().unified.as_deref();
        let parent = parent.ok_or_else(|| io::Error::other("no unified hierarchy of cgroups"))?;
        let folder = parent.join(name);
        fs::create_dir(&folder)?;
        Ok(Cgroup {
            folder,
            separate: Vec::new(),
            limits: Vec::new(),
        })
    }

    /// Finds cgroups that earlier processes of the owner have left within that of this process, and
    /// their executions.
    pub(super) fn left_over(owner: &Owner) -> Vec<(String, Cgroup)> {
        let mounts = Mounts::get();
        let prefix = prefix(owner);
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
                    limits: Vec::new(),
                };
                Some((execution, cgroup))
            })
            .collect()
    }

    /// Moves a process into the cgroup, with the children that it has started meanwhile.
    ///
    /// # Errors
    /// Fails if the process may not be moved here. A process that has ended is no error.
    pub(super) fn take_in(&self, pid: u32) -> io::Result<()> {
        self.move_in(pid)?;
        // Its new children start in the cgroup, but earlier ones do not, and may fork while they
        // are moved.
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

    /// Opens the files through which a process moves itself into the cgroup.
    ///
    /// # Errors
    /// Fails if they cannot be opened.
    pub(crate) fn procs(&self) -> io::Result<Vec<File>> {
        let folders = std::iter::once(&self.folder).chain(&self.separate);
        folders
            .map(|folder| {
                OpenOptions::new()
                    .write(true)
                    .open(folder.join("cgroup.procs"))
            })
            .collect()
    }

    /// Returns all processes that run in it.
    pub(super) fn members(&self) -> Vec<Process> {
        let mut members = Vec::new();
        collect(&self.folder, &mut members);
        members
    }

    /// Kills all processes in it, including those that are being forked.
    ///
    /// # Errors
    /// Fails on kernels before 5.14.
    pub(super) fn kill(&self) -> io::Result<()> {
        self.write("cgroup.kill", "1")
    }

    /// Returns whether any process runs in it.
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

/// Returns the beginning of the names of an owner's cgroups.
fn prefix(owner: &Owner) -> String {
    format!(
        "{}.{}.",
        owner.application,
        name_part(&owner.instance, "-_")
    )
}

/// Returns a text as part of a name: its first 100 characters, with `_` for all except letters,
/// digits and `marks`.
fn name_part(text: &str, marks: &str) -> String {
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
    // A script may have created cgroups of its own.
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

/// Removes a cgroup and the cgroups in it; returns whether it is gone.
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
    for _ in 0..REMOVALS {
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
