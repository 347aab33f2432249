//! Errors of SQLite as errors of the store.

use std::io;
use std::path::Path;

use rusqlite::{Error, ErrorCode, ffi};

use super::StoreError;

/// A failure within a transaction.
#[derive(Debug, thiserror::Error)]
pub(super) enum Fault {
    /// The change is not allowed, and nothing was changed.
    #[error(transparent)]
    Refused(#[from] StoreError),
    /// SQLite failed, and the transaction has to be rolled back.
    #[error(transparent)]
    Sqlite(#[from] Error),
}

impl Fault {
    /// Returns the error of the store in this file.
    pub(super) fn explain(self, file: &Path) -> StoreError {
        match self {
            Fault::Refused(error) => error,
            Fault::Sqlite(error) => explain(&error, file),
        }
    }
}

/// Returns an error of SQLite as that of the store in this file. Has to be called on the
/// thread of the error, before another system call, because it reads `errno`.
pub(super) fn explain(error: &Error, file: &Path) -> StoreError {
    let cause = io::Error::last_os_error();
    let message = format!("{}: {error}", file.display());
    match error.sqlite_error_code() {
        Some(ErrorCode::DiskFull) => StoreError::Full(message),
        Some(ErrorCode::SystemIoFailure) if is_of_quota(error, &cause) => StoreError::Full(message),
        // Also returned for a file at the limit of the process.
        Some(ErrorCode::SystemIoFailure) if is_write(error) && cannot_grow(file) => {
            let limit = "the limit on the size of files (`ulimit -f`, or `LimitFSIZE=` of a unit)";
            StoreError::Full(format!("{message}: {limit} is reached"))
        }
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => {
            StoreError::Failed(format!("{message}: end the other program that has it open"))
        }
        Some(ErrorCode::ReadOnly | ErrorCode::PermissionDenied | ErrorCode::CannotOpen) => {
            StoreError::ReadOnly(message)
        }
        Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => StoreError::Damaged(message),
        _ => StoreError::Failed(message),
    }
}

fn is_write(error: &Error) -> bool {
    let extended = error.sqlite_error().map(|error| error.extended_code);
    matches!(
        extended,
        Some(ffi::SQLITE_IOERR_WRITE | ffi::SQLITE_IOERR_SHMSIZE | ffi::SQLITE_IOERR_TRUNCATE)
    )
}

/// Returns whether the user's quota is exhausted, for which SQLite has no code of its own.
/// Some file systems report it only when they are synced.
fn is_of_quota(error: &Error, cause: &io::Error) -> bool {
    let extended = error.sqlite_error().map(|error| error.extended_code);
    cause.kind() == io::ErrorKind::QuotaExceeded
        && (is_write(error) || extended == Some(ffi::SQLITE_IOERR_FSYNC))
}

/// Returns whether a file of the store is about as large as the process may make it. The
/// write that would have crossed the limit was a little larger than a page.
#[cfg(unix)]
fn cannot_grow(file: &Path) -> bool {
    use super::files::{size_of, with_suffix};
    use rustix::process::{Resource, getrlimit};

    const NEAR: u64 = 64 << 10;
    let Some(limit) = getrlimit(Resource::Fsize).current else {
        return false;
    };
    let size = |suffix| size_of(&with_suffix(file, suffix));
    ["", "-wal", "-shm"]
        .into_iter()
        .any(|suffix| size(suffix) + NEAR >= limit)
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
    fn an_exhausted_quota_is_a_full_disk() {
        let error = |code| Error::SqliteFailure(ffi::Error::new(code), None);
        let exhausted = io::Error::from(Errno::DQUOT);
        for code in [ffi::SQLITE_IOERR_WRITE, ffi::SQLITE_IOERR_FSYNC] {
            assert!(is_of_quota(&error(code), &exhausted));
            assert!(!is_of_quota(&error(code), &io::Error::from(Errno::IO)));
        }
        assert!(!is_of_quota(&error(ffi::SQLITE_IOERR_READ), &exhausted));
    }
}
