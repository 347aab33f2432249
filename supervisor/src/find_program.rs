//! Search for a program: from a name on a `#!` line to a path.
//!
//! The spawn could search, too. But then errors could not list the searched folders, and `std` uses
//! `posix_spawn` only for a path.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use crate::SpawnError;

/// PATH of a script whose environment has none.
const DEFAULT_PATH: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/// Returns the path of a program. A name with a slash is relative to the working directory; other
/// names are searched in `path`, the script's PATH.
///
/// # Errors
/// Fails if there is no such file, or only files that cannot be executed.
pub fn find_program(
    program: &str,
    path: Option<&OsStr>,
    working_directory: &Path,
) -> Result<PathBuf, SpawnError> {
    if Path::new(program).components().count() > 1 || program.contains('/') {
        let path = working_directory.join(program);
        return match check(&path) {
            Candidate::Program => Ok(path),
            Candidate::NotExecutable => Err(SpawnError::NotExecutable { program: path }),
            Candidate::Missing => Err(SpawnError::NotFound {
                program: program.to_owned(),
                path: None,
            }),
        };
    }
    let path = path.unwrap_or(OsStr::new(DEFAULT_PATH));
    let mut not_executable = None;
    for folder in std::env::split_paths(path) {
        let candidate = working_directory.join(folder).join(program);
        for candidate in with_suffixes(candidate) {
            match check(&candidate) {
                Candidate::Program => return Ok(candidate),
                Candidate::NotExecutable => not_executable = not_executable.or(Some(candidate)),
                Candidate::Missing => {}
            }
        }
    }
    Err(match not_executable {
        Some(program) => SpawnError::NotExecutable { program },
        None => SpawnError::NotFound {
            program: program.to_owned(),
            path: Some(path.to_string_lossy().into_owned()),
        },
    })
}

enum Candidate {
    Program,
    NotExecutable,
    Missing,
}

fn check(path: &Path) -> Candidate {
    match std::fs::metadata(path) {
        Ok(file) if file.is_file() && is_executable(path) => Candidate::Program,
        Ok(_) => Candidate::NotExecutable,
        Err(error) if error.kind() == std::io::ErrorKind::PermissionDenied => {
            Candidate::NotExecutable
        }
        Err(_) => Candidate::Missing,
    }
}

#[cfg(unix)]
fn is_executable(path: &Path) -> bool {
    rustix::fs::access(path, rustix::fs::Access::EXEC_OK).is_ok()
}

#[cfg(not(unix))]
fn is_executable(_: &Path) -> bool {
    true
}

fn with_suffixes(path: PathBuf) -> Vec<PathBuf> {
    if cfg!(windows) && path.extension().is_none() {
        vec![path.with_extension("exe"), path]
    } else {
        vec![path]
    }
}
