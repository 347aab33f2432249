//! What a child does to itself between fork and exec.
//!
//! Only hooks that ask for privileges or limits need this: it turns `posix_spawn` into
//! `fork`, whose cost grows with the daemon's memory.

use std::ffi::CString;
use std::fs::File;
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use rustix::fs::Mode;

use super::account::Account;
use super::privileges::{Impossible, IoNice, Privileges};

/// The steps, prepared so that a child takes them without allocating.
#[derive(Debug, Default)]
pub(super) struct Setup {
    /// Files through which it moves itself into its cgroups.
    pub(super) doors: Vec<File>,
    nice: Option<i32>,
    io_nice: Option<IoNice>,
    umask: Option<Mode>,
    ids: Option<(u32, u32, Vec<u32>)>,
    /// Entered when it is its user already, who may not be able to.
    folder: Option<CString>,
    no_new_privileges: bool,
    /// Whether orphans among its descendants become its children.
    pub(super) adopts: bool,
}

/// The step in which a child failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Step {
    /// Moving into its cgroup.
    Cgroup,
    /// Setting `nice`.
    Nice,
    /// Setting `ioNice`.
    IoNice,
    /// Taking on its user and groups.
    User,
    /// Entering the working directory as that user.
    WorkingDirectory,
    /// Setting `noNewPrivileges`.
    NoNewPrivileges,
}

const STEPS: [Step; 6] = [
    Step::Cgroup,
    Step::Nice,
    Step::IoNice,
    Step::User,
    Step::WorkingDirectory,
    Step::NoNewPrivileges,
];

/// A child reports one number, which is its error's and, above this, its step's.
const STEP: i32 = 100_000;

impl Setup {
    /// What those privileges take; `None` if nothing.
    pub(super) fn new(
        privileges: &Privileges,
        account: Option<&Account>,
        working_directory: &Path,
    ) -> Option<Setup> {
        if privileges.is_empty() {
            return None;
        }
        let other = account.filter(|account| !account.is_own_user() || !account.is_own_group());
        Some(Setup {
            nice: privileges.nice,
            io_nice: privileges.io_nice,
            umask: privileges.umask.map(|mask| Mode::from_raw_mode(mask as _)),
            ids: other.map(|account| (account.uid, account.gid, account.groups.clone())),
            folder: other.and_then(|_| CString::new(working_directory.as_os_str().as_bytes()).ok()),
            no_new_privileges: privileges.no_new_privileges,
            ..Setup::default()
        })
    }

    /// Whether the working directory is entered here, not by the spawn.
    pub(super) fn enters_folder(&self) -> bool {
        self.folder.is_some()
    }

    /// Takes the steps. In the child: makes system calls, and nothing else.
    ///
    /// # Errors
    /// A number that [`failed_step`] understands.
    pub(super) fn apply(&self) -> io::Result<()> {
        for door in &self.doors {
            at(Step::Cgroup, rustix::io::write(door, b"0"))?;
        }
        if self.adopts {
            // Without it, orphans are found by their mark.
            adopt();
        }
        if let Some(nice) = self.nice {
            at(Step::Nice, rustix::process::setpriority_process(None, nice))?;
        }
        if let Some(io_nice) = self.io_nice {
            at(Step::IoNice, set_io_nice(io_nice))?;
        }
        if let Some(mask) = self.umask {
            rustix::process::umask(mask);
        }
        if let Some((uid, gid, groups)) = &self.ids {
            at(Step::User, super::sys::become_user(*uid, *gid, groups))?;
        }
        if let Some(folder) = &self.folder {
            let folder = folder.as_c_str();
            at(Step::WorkingDirectory, rustix::process::chdir(folder))?;
        }
        if self.no_new_privileges {
            at(Step::NoNewPrivileges, no_new_privileges())?;
        }
        Ok(())
    }
}

/// Adds the step to an error, without allocating.
fn at<T>(step: Step, result: rustix::io::Result<T>) -> io::Result<()> {
    match result {
        Ok(_) => Ok(()),
        Err(error) => Err(io::Error::from_raw_os_error(
            STEP * (step as i32 + 1) + error.raw_os_error(),
        )),
    }
}

/// Takes a child's error apart: in which step, and what the system said. `None` if it is
/// not from a step.
pub(super) fn failed_step(error: &io::Error) -> Option<(Step, io::Error)> {
    let number = error.raw_os_error()?;
    let step = usize::try_from(number / STEP).ok()?.checked_sub(1)?;
    let source = io::Error::from_raw_os_error(number % STEP);
    Some((*STEPS.get(step)?, source))
}

#[cfg(target_os = "linux")]
fn adopt() {
    let _ = rustix::process::set_child_subreaper(rustix::process::Pid::from_raw(1));
}

#[cfg(not(target_os = "linux"))]
fn adopt() {}

#[cfg(target_os = "linux")]
fn no_new_privileges() -> rustix::io::Result<()> {
    rustix::thread::set_no_new_privs(true)
}

#[cfg(target_os = "linux")]
fn set_io_nice(io_nice: IoNice) -> rustix::io::Result<()> {
    let (class, level) = match io_nice {
        IoNice::Realtime(level) => (1, level),
        IoNice::BestEffort(level) => (2, level),
        IoNice::Idle => (3, 0),
    };
    super::sys::set_io_priority(class << 13 | i32::from(level))
}

// Refused before it comes to this.
#[cfg(not(target_os = "linux"))]
fn no_new_privileges() -> rustix::io::Result<()> {
    Err(rustix::io::Errno::NOSYS)
}

#[cfg(not(target_os = "linux"))]
fn set_io_nice(_: IoNice) -> rustix::io::Result<()> {
    Err(rustix::io::Errno::NOSYS)
}

/// What of these privileges this process cannot give.
pub(super) fn impossible(privileges: &Privileges) -> Vec<Impossible> {
    let mut impossible = Vec::new();
    let refuse = |setting, capability| Impossible::NotAllowed {
        setting,
        capability,
    };
    match Account::find(privileges) {
        Ok(None) => {}
        Ok(Some(account)) => {
            if !account.is_own_user() && !is_capable(Capability::SetUser) {
                impossible.push(refuse("user", "CAP_SETUID"));
            }
            if !account.is_own_group() && !is_capable(Capability::SetGroup) {
                impossible.push(refuse("group", "CAP_SETGID"));
            }
        }
        Err(error) => impossible.push(error),
    }
    let own = rustix::process::getpriority_process(None).unwrap_or(0);
    if privileges.nice.is_some_and(|nice| nice < own) && !is_capable(Capability::Nice) {
        impossible.push(refuse("nice", "CAP_SYS_NICE"));
    }
    if matches!(privileges.io_nice, Some(IoNice::Realtime(_))) && !is_capable(Capability::Admin) {
        impossible.push(refuse("ioNice", "CAP_SYS_ADMIN"));
    }
    #[cfg(target_os = "linux")]
    impossible.extend(super::tree::impossible_limits(privileges.cgroup_limits()));
    #[cfg(not(target_os = "linux"))]
    impossible.extend(not_here(privileges));
    impossible
}

/// What of these privileges only Linux can give.
#[cfg(not(target_os = "linux"))]
pub(super) fn not_here(privileges: &Privileges) -> impl Iterator<Item = Impossible> {
    privileges
        .asked_for()
        .filter(|setting| !matches!(*setting, "user" | "group" | "umask" | "nice"))
        .map(|setting| Impossible::NotHere { setting })
}

/// Rights that root has and others may; with their numbers on Linux.
#[derive(Clone, Copy)]
enum Capability {
    SetGroup = 6,
    SetUser = 7,
    Admin = 21,
    Nice = 23,
}

fn is_capable(capability: Capability) -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let effective = status
        .lines()
        .find_map(|line| u64::from_str_radix(line.strip_prefix("CapEff:")?.trim(), 16).ok());
    match effective {
        Some(effective) => effective & (1 << capability as u32) != 0,
        None => nix::unistd::Uid::effective().is_root(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_child_tells_its_step_and_error() {
        for step in STEPS {
            let error = at(step, Err::<(), _>(rustix::io::Errno::PERM)).unwrap_err();
            let (told, source) = failed_step(&error).unwrap();
            assert_eq!(told, step);
            assert_eq!(source.kind(), io::ErrorKind::PermissionDenied);
        }
        assert!(failed_step(&io::Error::from_raw_os_error(2)).is_none());
    }

    #[test]
    fn what_means_nothing_is_refused_at_once() {
        let privileges = Privileges {
            user: Some("no such user".to_owned()),
            group: Some("no such group".to_owned()),
            umask: Some(0o1000),
            nice: Some(20),
            io_nice: Some(IoNice::BestEffort(8)),
            memory_max: Some(0),
            cpu_max: Some(0),
            pids_max: Some(0),
            no_new_privileges: true,
        };
        let impossible = privileges.ensure_possible().unwrap_err();
        for setting in ["umask", "nice", "ioNice", "memoryMax", "cpuMax", "pidsMax"] {
            assert!(
                impossible.iter().any(
                    |i| matches!(i, Impossible::OutOfRange { setting: s, .. } if *s == setting)
                ),
                "{setting}"
            );
        }
        assert!(impossible.contains(&Impossible::UnknownUser {
            name: "no such user".to_owned()
        }));
        let group = Privileges {
            group: Some("no such group".to_owned()),
            ..Privileges::default()
        };
        assert_eq!(
            group.ensure_possible(),
            Err(vec![Impossible::UnknownGroup {
                name: "no such group".to_owned()
            }])
        );
    }

    #[test]
    fn asking_for_nothing_is_possible() {
        assert_eq!(Privileges::default().ensure_possible(), Ok(()));
    }
}
