//! Setup that a child performs between fork and exec.
//!
//! Only scripts with privileges or limits need it, and all scripts on systems without cgroups: it
//! makes the spawn use `fork` instead of `posix_spawn`, and the cost of `fork` grows with this
//! process's memory.

use std::ffi::CString;
use std::fs::File;
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use rustix::fs::Mode;

use crate::account::Account;
use crate::{IoNice, Privileges, sys};

/// Steps of the setup, prepared so that the child can perform them without allocating.
#[derive(Debug, Default)]
pub(crate) struct ChildSetup {
    /// The files through which it moves itself into its cgroups.
    pub(crate) cgroup_procs: Vec<File>,
    nice: Option<i32>,
    io_nice: Option<IoNice>,
    umask: Option<Mode>,
    ids: Option<(u32, u32, Vec<u32>)>,
    /// The working directory, if the child enters it as another user.
    folder: Option<CString>,
    no_new_privileges: bool,
    /// True if orphans among its descendants become its children.
    pub(crate) adopts: bool,
}

/// Step of a child's setup. Its `Display` is the error message for its failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
pub enum SetupStep {
    /// Moving into its cgroup.
    #[error("the process cannot enter its cgroup")]
    Cgroup,
    /// Setting `nice`.
    #[error("`nice` cannot be set")]
    Nice,
    /// Setting `ioNice`.
    #[error("`ioNice` cannot be set")]
    IoNice,
    /// Taking on its user and groups.
    #[error("the process cannot take on its user")]
    User,
    /// Entering the working directory as that user.
    #[error(
        "the script's user cannot enter its working directory: give it access, or name another"
    )]
    WorkingDirectory,
    /// Setting `noNewPrivileges`.
    #[error("`noNewPrivileges` cannot be set")]
    NoNewPrivileges,
}

const STEPS: [SetupStep; 6] = [
    SetupStep::Cgroup,
    SetupStep::Nice,
    SetupStep::IoNice,
    SetupStep::User,
    SetupStep::WorkingDirectory,
    SetupStep::NoNewPrivileges,
];

/// A child reports one number: the error's number plus this factor times the step's number.
const STEP_FACTOR: i32 = 100_000;

impl ChildSetup {
    /// Prepares the steps for these privileges; `None` if they need none.
    pub(crate) fn new(
        privileges: &Privileges,
        account: Option<&Account>,
        working_directory: &Path,
    ) -> Option<ChildSetup> {
        if privileges.is_empty() {
            return None;
        }
        let other = account.filter(|account| !account.is_own_user() || !account.is_own_group());
        Some(ChildSetup {
            nice: privileges.nice,
            io_nice: privileges.io_nice,
            umask: privileges.umask.map(|mask| Mode::from_raw_mode(mask as _)),
            ids: other.map(|account| (account.uid, account.gid, account.groups.clone())),
            folder: other.and_then(|_| CString::new(working_directory.as_os_str().as_bytes()).ok()),
            no_new_privileges: privileges.no_new_privileges,
            ..ChildSetup::default()
        })
    }

    /// Returns whether the child enters its working directory in this setup instead of in the
    /// spawn.
    pub(crate) fn enters_folder(&self) -> bool {
        self.folder.is_some()
    }

    /// Performs the steps. Runs in the child, and makes only system calls.
    ///
    /// # Errors
    /// Returns a number that [`failed_step`] decodes.
    pub(crate) fn apply(&self) -> io::Result<()> {
        for file in &self.cgroup_procs {
            encode(SetupStep::Cgroup, rustix::io::write(file, b"0"))?;
        }
        if self.adopts {
            adopt_orphans();
        }
        if let Some(nice) = self.nice {
            let set = rustix::process::setpriority_process(None, nice);
            encode(SetupStep::Nice, set)?;
        }
        if let Some(io_nice) = self.io_nice {
            encode(SetupStep::IoNice, set_io_nice(io_nice))?;
        }
        if let Some(mask) = self.umask {
            rustix::process::umask(mask);
        }
        if let Some((uid, gid, groups)) = &self.ids {
            encode(SetupStep::User, sys::become_user(*uid, *gid, groups))?;
        }
        if let Some(folder) = &self.folder {
            let entered = rustix::process::chdir(folder.as_c_str());
            encode(SetupStep::WorkingDirectory, entered)?;
        }
        if self.no_new_privileges {
            encode(SetupStep::NoNewPrivileges, set_no_new_privileges())?;
        }
        Ok(())
    }
}

/// Combines an error with its step, without allocating.
fn encode<T>(step: SetupStep, result: rustix::io::Result<T>) -> io::Result<()> {
    match result {
        Ok(_) => Ok(()),
        Err(error) => Err(io::Error::from_raw_os_error(
            STEP_FACTOR * (step as i32 + 1) + error.raw_os_error(),
        )),
    }
}

/// Decodes a child's error into its step and the system's error; `None` if the error is not one of
/// a step.
pub(crate) fn failed_step(error: &io::Error) -> Option<(SetupStep, io::Error)> {
    let number = error.raw_os_error()?;
    let step = usize::try_from(number / STEP_FACTOR).ok()?.checked_sub(1)?;
    let source = io::Error::from_raw_os_error(number % STEP_FACTOR);
    Some((*STEPS.get(step)?, source))
}

#[cfg(target_os = "linux")]
fn adopt_orphans() {
    // If it fails, orphans are found by their mark.
    let _ = rustix::process::set_child_subreaper(rustix::process::Pid::from_raw(1));
}

#[cfg(target_os = "linux")]
fn set_no_new_privileges() -> rustix::io::Result<()> {
    rustix::thread::set_no_new_privs(true)
}

#[cfg(target_os = "linux")]
fn set_io_nice(io_nice: IoNice) -> rustix::io::Result<()> {
    let (class, level) = match io_nice {
        IoNice::Realtime(level) => (1, level),
        IoNice::BestEffort(level) => (2, level),
        IoNice::Idle => (3, 0),
    };
    sys::set_io_priority(class << 13 | i32::from(level))
}

#[cfg(not(target_os = "linux"))]
fn adopt_orphans() {}

// Both are refused before the child is created.
#[cfg(not(target_os = "linux"))]
fn set_no_new_privileges() -> rustix::io::Result<()> {
    Err(rustix::io::Errno::NOSYS)
}

#[cfg(not(target_os = "linux"))]
fn set_io_nice(_: IoNice) -> rustix::io::Result<()> {
    Err(rustix::io::Errno::NOSYS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_child_tells_its_step_and_error() {
        for step in STEPS {
            let error = encode(step, Err::<(), _>(rustix::io::Errno::PERM)).unwrap_err();
            let (told, source) = failed_step(&error).unwrap();
            assert_eq!(told, step);
            assert_eq!(source.kind(), io::ErrorKind::PermissionDenied);
        }
        assert!(failed_step(&io::Error::from_raw_os_error(2)).is_none());
    }
}
