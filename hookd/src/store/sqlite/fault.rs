//! How SQLite fails, in the words of a store.

use std::io;
use std::path::Path;

use rusqlite::{Error, ErrorCode, ffi};

use crate::store::StoreError;

/// Why something was not done.
#[derive(Debug)]
pub(super) enum Fault {
    /// It must not be done; nothing was changed.
    Refused(StoreError),
    /// SQLite could not; what was begun is to be rolled back.
    Sqlite(Error),
}

impl From<StoreError> for Fault {
    fn from(error: StoreError) -> Self {
        Fault::Refused(error)
    }
}

impl From<Error> for Fault {
    fn from(error: Error) -> Self {
        Fault::Sqlite(error)
    }
}

impl Fault {
    /// In the words of a store in that file.
    pub(super) fn explain(self, file: &Path) -> StoreError {
        match self {
            Fault::Refused(error) => error,
            Fault::Sqlite(error) => explain(&error, file),
        }
    }
}

/// What an error of SQLite means for a store in that file. To be asked on the thread that
/// it came to, before that asks anything else of the system.
pub(super) fn explain(error: &Error, file: &Path) -> StoreError {
    let cause = io::Error::last_os_error();
    let message = format!("{}: {error}", file.display());
    match error.sqlite_error_code() {
        Some(ErrorCode::DiskFull) => StoreError::Full { message },
        Some(ErrorCode::SystemIoFailure) if is_of_quota(error, &cause) => {
            StoreError::Full { message }
        }
        // What is said of a file that may not grow, too.
        Some(ErrorCode::SystemIoFailure) if is_write(error) && cannot_grow(file) => {
            StoreError::Full { message }
        }
        Some(ErrorCode::ReadOnly | ErrorCode::PermissionDenied | ErrorCode::CannotOpen) => {
            StoreError::ReadOnly { message }
        }
        Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => {
            StoreError::Damaged { message }
        }
        _ => StoreError::Failed { message },
    }
}

fn is_write(error: &Error) -> bool {
    let extended = error.sqlite_error().map(|error| error.extended_code);
    matches!(
        extended,
        Some(ffi::SQLITE_IOERR_WRITE | ffi::SQLITE_IOERR_SHMSIZE | ffi::SQLITE_IOERR_TRUNCATE)
    )
}

/// Whether its user has no more room, for which SQLite has no word of its own. Some file
/// systems only say so when they are waited for.
fn is_of_quota(error: &Error, cause: &io::Error) -> bool {
    let extended = error.sqlite_error().map(|error| error.extended_code);
    cause.kind() == io::ErrorKind::QuotaExceeded
        && (is_write(error) || extended == Some(ffi::SQLITE_IOERR_FSYNC))
}

/// Whether a file of the store is as large as the process may make it, or all but so. A
/// write that would have crossed the bound was larger than a page, but not by much.
#[cfg(unix)]
fn cannot_grow(file: &Path) -> bool {
    use rustix::process::{Resource, getrlimit};
    const NEAR: u64 = 64 << 10;
    let Some(bound) = getrlimit(Resource::Fsize).current else {
        return false;
    };
    let size = |suffix| super::files::size_of(&super::files::beside(file, suffix));
    ["", "-wal", "-shm"]
        .into_iter()
        .any(|suffix| size(suffix) + NEAR >= bound)
}

#[cfg(not(unix))]
fn cannot_grow(_file: &Path) -> bool {
    false
}

#[cfg(all(test, unix))]
mod tests {
    use rustix::io::Errno;

    use super::*;

    #[test]
    fn a_quota_that_is_used_up_is_a_full_disk() {
        let error = |code| Error::SqliteFailure(ffi::Error::new(code), None);
        let used_up = io::Error::from(Errno::DQUOT);
        for code in [ffi::SQLITE_IOERR_WRITE, ffi::SQLITE_IOERR_FSYNC] {
            assert!(is_of_quota(&error(code), &used_up));
            assert!(!is_of_quota(&error(code), &io::Error::from(Errno::IO)));
        }
        assert!(!is_of_quota(&error(ffi::SQLITE_IOERR_READ), &used_up));
    }
}
