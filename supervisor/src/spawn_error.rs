//! Errors in starting a script, each with its remedy.

use std::io;
use std::path::PathBuf;

#[cfg(unix)]
use crate::child_setup::{SetupStep, failed_step};
use crate::{PrivilegeError, VariableFault};

/// Reason why a script could not be started. Each message contains the remedy.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SpawnError {
    /// There is no such program.
    #[error(
        "interpreter `{program}` not found{}: install it, or give its full path",
        searched(path)
    )]
    NotFound {
        /// The program as it was named.
        program: String,
        /// The PATH that was searched; `None` if the program was named with a folder.
        path: Option<String>,
    },
    /// The file is not a program that this user may run.
    #[error("interpreter `{}` is not executable: check its mode, its folders and `noexec` mounts", program.display())]
    NotExecutable {
        /// Its path.
        program: PathBuf,
    },
    /// The program's own dynamic loader or interpreter does not exist.
    #[error("interpreter `{}` needs a loader or interpreter that does not exist: reinstall it", program.display())]
    NoLoader {
        /// Its path.
        program: PathBuf,
    },
    /// The file is executable, but not in a format that the kernel knows.
    #[error("interpreter `{}` is no program for this machine: a script needs a `#!` line of its own to be one", program.display())]
    NotAProgram {
        /// Its path.
        program: PathBuf,
    },
    /// The program's file stays open for writing.
    #[error("interpreter `{}` is being written to: wait until its installation is over", program.display())]
    TextBusy {
        /// Its path.
        program: PathBuf,
    },
    /// The working directory cannot be entered.
    #[error("working directory `{}` cannot be entered: create it, or name another", path.display())]
    WorkingDirectory {
        /// The folder.
        path: PathBuf,
        /// The error of the system.
        #[source]
        source: io::Error,
    },
    /// There is no room for the script's file.
    #[error("no space for the script in `{}`: free some", folder.display())]
    DiskFull {
        /// The folder for script files.
        folder: PathBuf,
        /// The error of the system.
        #[source]
        source: io::Error,
    },
    /// The script's file could not be written.
    #[error("the script cannot be written to `{}`: check the folder's owner and mode", folder.display())]
    ScriptFile {
        /// The folder for script files.
        folder: PathBuf,
        /// The error of the system.
        #[source]
        source: io::Error,
    },
    /// A privilege or limit cannot be granted.
    #[error("the script cannot have the privileges and limits that it asks for")]
    Privilege {
        /// The first privilege that cannot be granted.
        #[from]
        source: PrivilegeError,
    },
    /// A step of the setup between fork and exec failed.
    #[cfg(unix)]
    #[error("{step}")]
    SetUp {
        /// The step.
        step: SetupStep,
        /// The error of the system.
        #[source]
        source: io::Error,
    },
    /// A variable with an exact value does not fit into an environment.
    #[error("variable {name}: {fault}")]
    Variable {
        /// Its name.
        name: String,
        /// The reason.
        fault: VariableFault,
    },
    /// Arguments and environment together exceed the system's limit.
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
        /// The error of the system.
        #[source]
        source: io::Error,
    },
    /// A limit on open files was reached.
    #[error("no more open files allowed: raise the limit of the service (`LimitNOFILE`)")]
    FileLimit {
        /// The error of the system.
        #[source]
        source: io::Error,
    },
    /// Any other error of the spawn.
    #[error("interpreter `{}` cannot be started", program.display())]
    Other {
        /// Its path.
        program: PathBuf,
        /// The error of the system.
        #[source]
        source: io::Error,
    },
}

impl SpawnError {
    /// Classifies an error in making the script's file.
    pub(crate) fn script_file(folder: PathBuf, source: io::Error) -> SpawnError {
        match source.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
                SpawnError::DiskFull { folder, source }
            }
            _ => SpawnError::ScriptFile { folder, source },
        }
    }

    /// Classifies an error in spawning a program that was found; `bytes` is the size of its
    /// arguments and environment.
    pub(crate) fn spawn(program: PathBuf, source: io::Error, bytes: usize) -> SpawnError {
        use io::ErrorKind;
        #[cfg(unix)]
        if let Some((step, source)) = failed_step(&source) {
            return SpawnError::SetUp { step, source };
        }
        match source.kind() {
            ErrorKind::NotFound => SpawnError::NoLoader { program },
            ErrorKind::PermissionDenied => SpawnError::NotExecutable { program },
            ErrorKind::ExecutableFileBusy => SpawnError::TextBusy { program },
            ErrorKind::ArgumentListTooLong => SpawnError::TooLarge { bytes },
            ErrorKind::WouldBlock => SpawnError::ProcessLimit { source },
            _ if source.raw_os_error() == Some(NOT_A_PROGRAM) => {
                SpawnError::NotAProgram { program }
            }
            _ if source
                .raw_os_error()
                .is_some_and(|error| FILE_LIMITS.contains(&error)) =>
            {
                SpawnError::FileLimit { source }
            }
            _ => SpawnError::Other { program, source },
        }
    }
}

// Errors without a kind in `std`.
#[cfg(unix)]
const NOT_A_PROGRAM: i32 = libc::ENOEXEC;
#[cfg(unix)]
const FILE_LIMITS: [i32; 2] = [libc::EMFILE, libc::ENFILE];
// ERROR_BAD_EXE_FORMAT and ERROR_TOO_MANY_OPEN_FILES.
#[cfg(windows)]
const NOT_A_PROGRAM: i32 = 193;
#[cfg(windows)]
const FILE_LIMITS: [i32; 1] = [4];

fn searched(path: &Option<String>) -> String {
    path.as_ref()
        .map_or_else(String::new, |path| format!(" in PATH `{path}`"))
}
