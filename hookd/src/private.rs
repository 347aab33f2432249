//! Folders that only hookd's user can enter, and locks in them.
//!
//! On Windows the folders inherit the rights of their parent, which is in the user's profile by
//! default.

use std::fs::{self, File, TryLockError};
use std::io;
use std::path::Path;

/// Makes a private folder, and its missing parents.
pub(crate) fn folder(path: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.recursive(true).create(path)
}

/// Makes a folder private, which may have existed before.
pub(crate) fn close(folder: &Path) -> io::Result<()> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        fs::set_permissions(folder, fs::Permissions::from_mode(0o700))
    }
    #[cfg(not(unix))]
    fs::metadata(folder).map(drop)
}

/// Locks a file, which is created if it does not exist, until the returned file is dropped.
pub(crate) fn lock(path: &Path) -> Result<File, TryLockError> {
    let mut options = File::options();
    options.create(true).truncate(false).write(true);
    let file = options.open(path).map_err(TryLockError::Error)?;
    file.try_lock().map(|()| file)
}
