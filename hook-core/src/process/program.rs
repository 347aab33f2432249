//! Programs: from a name on a `#!` line to a path.
//!
//! The search is ours, and not left to the spawn, for two reasons: an error can say
//! what was searched, and the spawn gets a path, which it needs for its fast way.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use super::error::StartError;

/// What is searched if the script's environment has no PATH.
const DEFAULT_PATH: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/// The path of a program: as it is if it names a folder, which is relative to the working
/// directory, else from the script's PATH.
///
/// # Errors
/// If there is none, or only files that are not executable.
pub(super) fn find(
    program: &str,
    path: Option<&OsStr>,
    working_directory: &Path,
) -> Result<PathBuf, StartError> {
    if Path::new(program).components().count() > 1 || program.contains('/') {
        let path = working_directory.join(program);
        return match kind(&path) {
            Kind::Program => Ok(path),
            Kind::NotExecutable => Err(StartError::NotExecutable { program: path }),
            Kind::Missing => Err(StartError::NotFound {
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
            match kind(&candidate) {
                Kind::Program => return Ok(candidate),
                Kind::NotExecutable => not_executable = not_executable.or(Some(candidate)),
                Kind::Missing => {}
            }
        }
    }
    Err(match not_executable {
        Some(program) => StartError::NotExecutable { program },
        None => StartError::NotFound {
            program: program.to_owned(),
            path: Some(path.to_string_lossy().into_owned()),
        },
    })
}

enum Kind {
    Program,
    NotExecutable,
    Missing,
}

#[cfg(unix)]
fn kind(path: &Path) -> Kind {
    use rustix::fs::Access;
    match std::fs::metadata(path) {
        Ok(file) if file.is_file() => match rustix::fs::access(path, Access::EXEC_OK) {
            Ok(()) => Kind::Program,
            Err(_) => Kind::NotExecutable,
        },
        Ok(_) => Kind::NotExecutable,
        Err(error) if error.kind() == std::io::ErrorKind::PermissionDenied => Kind::NotExecutable,
        Err(_) => Kind::Missing,
    }
}

#[cfg(not(unix))]
fn kind(path: &Path) -> Kind {
    match std::fs::metadata(path) {
        Ok(file) if file.is_file() => Kind::Program,
        Ok(_) => Kind::NotExecutable,
        Err(_) => Kind::Missing,
    }
}

fn with_suffixes(path: PathBuf) -> Vec<PathBuf> {
    if cfg!(windows) && path.extension().is_none() {
        vec![path.with_extension("exe"), path]
    } else {
        vec![path]
    }
}
