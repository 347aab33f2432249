//! Why a process could not be started, and what to do.

use std::io;
use std::path::PathBuf;

use super::privileges::Impossible;
#[cfg(unix)]
use super::setup::{Step, failed_step};

/// Why a script could not be started. Each says what to do about it.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StartError {
    /// No such program.
    #[error(
        "interpreter `{program}` not found{}: install it, or give its full path",
        searched(path)
    )]
    NotFound {
        /// The program as it was named.
        program: String,
        /// The folders that were searched, if it was named without one.
        path: Option<String>,
    },
    /// The file is not a program that this user may run.
    #[error("interpreter `{}` is not executable: check its mode, its folders and `noexec` mounts", program.display())]
    NotExecutable {
        /// Its path.
        program: PathBuf,
    },
    /// The program's own loader or interpreter does not exist.
    #[error("interpreter `{}` needs a loader or interpreter that does not exist: reinstall it", program.display())]
    NoLoader {
        /// Its path.
        program: PathBuf,
    },
    /// The file is executable but nothing that the kernel can run.
    #[error("interpreter `{}` is no program for this machine: a script needs a `#!` line of its own to be one", program.display())]
    NotAProgram {
        /// Its path.
        program: PathBuf,
    },
    /// Somebody keeps writing to the program.
    #[error("interpreter `{}` is being written to: wait until its installation is over", program.display())]
    TextBusy {
        /// Its path.
        program: PathBuf,
    },
    /// The folder that it should run in cannot be entered.
    #[error("working directory `{}` cannot be entered: create it, or name another", path.display())]
    WorkingDirectory {
        /// The folder.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// There is no room for the script's file.
    #[error("no space for the script in `{}`: free some, or hand scripts over on stdin", folder.display())]
    DiskFull {
        /// The folder for script files.
        folder: PathBuf,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// The script's file could not be written.
    #[error("the script cannot be written to `{}`: check the folder's owner and mode", folder.display())]
    ScriptFile {
        /// The folder for script files.
        folder: PathBuf,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// The hook cannot have the privileges or limits that it asks for.
    #[error("not possible for this hook")]
    Impossible {
        /// The first thing that is not.
        #[source]
        source: Impossible,
    },
    /// The process could not take on what it should.
    #[cfg(unix)]
    #[error("{}", failed(*step))]
    SetUp {
        /// In which step.
        step: Step,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// Arguments and environment together are over the system's limit.
    #[error(
        "arguments and environment are too large together ({bytes} bytes): set fewer or shorter variables"
    )]
    TooLarge {
        /// Their size.
        bytes: usize,
    },
    /// A limit on processes was reached.
    #[error(
        "no more processes allowed: raise the limit of the user or the service (`ulimit -u`, `TasksMax`)"
    )]
    ProcessLimit {
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// A limit on open files was reached.
    #[error("no more open files allowed: raise the limit of the service (`LimitNOFILE`)")]
    FileLimit {
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// Memory ran out.
    #[error("not enough memory to start a process")]
    Memory {
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// Something else.
    #[error("interpreter `{}` cannot be started", program.display())]
    Other {
        /// Its path.
        program: PathBuf,
        /// What the system said.
        #[source]
        source: io::Error,
    },
}

impl StartError {
    /// The error and what the system said, in one line.
    #[must_use]
    pub fn with_cause(&self) -> String {
        match std::error::Error::source(self) {
            Some(source) => format!("{self} ({source})"),
            None => self.to_string(),
        }
    }

    /// An error in making the script's file.
    pub(super) fn script_file(folder: PathBuf, source: io::Error) -> StartError {
        match source.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
                StartError::DiskFull { folder, source }
            }
            _ => StartError::ScriptFile { folder, source },
        }
    }

    /// An error in spawning a program that was found.
    pub(super) fn spawn(program: PathBuf, source: io::Error, bytes: usize) -> StartError {
        use io::ErrorKind;
        #[cfg(unix)]
        if let Some((step, source)) = failed_step(&source) {
            return StartError::SetUp { step, source };
        }
        match source.kind() {
            ErrorKind::NotFound => StartError::NoLoader { program },
            ErrorKind::PermissionDenied => StartError::NotExecutable { program },
            ErrorKind::ExecutableFileBusy => StartError::TextBusy { program },
            ErrorKind::ArgumentListTooLong => StartError::TooLarge { bytes },
            ErrorKind::WouldBlock => StartError::ProcessLimit { source },
            ErrorKind::OutOfMemory => StartError::Memory { source },
            _ => match errno(&source) {
                Some(Errno::NotAProgram) => StartError::NotAProgram { program },
                Some(Errno::FileLimit) => StartError::FileLimit { source },
                None => StartError::Other { program, source },
            },
        }
    }
}

#[cfg(unix)]
fn failed(step: Step) -> &'static str {
    match step {
        Step::Cgroup => "the process cannot enter its cgroup",
        Step::Nice => "`nice` cannot be set",
        Step::IoNice => "`ioNice` cannot be set",
        Step::User => "the process cannot take on its user",
        Step::WorkingDirectory => {
            "the hook's user cannot enter its working directory: give it access, or name another"
        }
        Step::NoNewPrivileges => "`noNewPrivileges` cannot be set",
    }
}

/// Errors that `std` has no kind for.
enum Errno {
    NotAProgram,
    FileLimit,
}

#[cfg(unix)]
fn errno(error: &io::Error) -> Option<Errno> {
    let errno = rustix::io::Errno::from_io_error(error)?;
    if errno == rustix::io::Errno::NOEXEC {
        Some(Errno::NotAProgram)
    } else if errno == rustix::io::Errno::MFILE || errno == rustix::io::Errno::NFILE {
        Some(Errno::FileLimit)
    } else {
        None
    }
}

#[cfg(windows)]
fn errno(error: &io::Error) -> Option<Errno> {
    // ERROR_BAD_EXE_FORMAT and ERROR_TOO_MANY_OPEN_FILES.
    match error.raw_os_error() {
        Some(193) => Some(Errno::NotAProgram),
        Some(4) => Some(Errno::FileLimit),
        _ => None,
    }
}

fn searched(path: &Option<String>) -> String {
    path.as_ref()
        .map_or_else(String::new, |path| format!(" in PATH `{path}`"))
}
