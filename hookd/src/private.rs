//! Folders that only hookd's user can enter.
//!
//! On Windows they inherit the rights of their parent, which is in the user's profile by
//! default.

use std::fs;
use std::io;
use std::path::Path;

/// Makes a private folder, and its missing parents.
///
/// # Errors
/// Fails if the system refuses.
pub(crate) fn folder(path: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.recursive(true).create(path)
}

/// Makes a folder private, which may have existed before.
///
/// # Errors
/// Fails if the system refuses.
pub(crate) fn close(folder: &Path) -> io::Result<()> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        fs::set_permissions(folder, fs::Permissions::from_mode(0o700))
    }
    #[cfg(not(unix))]
    fs::metadata(folder).map(drop)
}
