//! Folders and files that nobody but hookd's user can enter or open.
//!
//! Elsewhere than on Unix they have the rights of the folder that they are in, which is
//! the user's own unless somebody says otherwise.

use std::fs;
use std::io;
use std::path::Path;

/// Makes a folder, and those above it that are missing, private.
///
/// # Errors
/// If the system refuses.
pub(crate) fn folder(path: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.recursive(true).create(path)
}

/// Closes a folder to others that may have been made beforehand.
///
/// # Errors
/// If the system refuses.
pub(crate) fn close(folder: &Path) -> io::Result<()> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        fs::set_permissions(folder, fs::Permissions::from_mode(0o700))
    }
    #[cfg(not(unix))]
    fs::metadata(folder).map(drop)
}
