//! Folders and files that are hookd's alone, in places where other users may write.
//!
//! No link is followed and no FIFO waited for, and nothing that belongs to another user is changed.
//! On Windows the folders inherit the rights of their parent, which is in the user's profile by
//! default.

use std::fs::{self, DirBuilder, File, Metadata, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

use hook_core::vars::shell_escape;
#[cfg(unix)]
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _, OpenOptionsExt as _};

/// Error of a folder or file that hookd does not use; its message contains the remedy.
#[derive(Debug, thiserror::Error)]
pub enum PrivateError {
    /// It belongs to another user.
    #[error("{} belongs to user {owner}: chown {own} {}", path.display(), word(path))]
    OtherOwner {
        /// The folder or file.
        path: PathBuf,
        /// The user id of its owner.
        owner: u32,
        /// The user id of hookd.
        own: u32,
    },
    /// Other users can write in the folder.
    #[error("others can write in {}: chmod go-w {}", .0.display(), word(.0))]
    Writable(PathBuf),
    /// Other users can replace what is in the folder.
    #[error("others can replace files in {}: chmod +t {}", .0.display(), word(.0))]
    Replaceable(PathBuf),
    /// It is a link, a FIFO or something else.
    #[error("{} is no {expected}: rm {}", path.display(), word(path))]
    OtherKind {
        /// The path.
        path: PathBuf,
        /// The kind of file that belongs there.
        expected: &'static str,
    },
    /// It holds files that are not of hookd's making.
    #[error("{} is there, and hookd did not make it: move it away", .0.display())]
    OtherUse(PathBuf),
    /// Another process has locked the file.
    #[error("it is in use by another hookd")]
    InUse,
    /// The system refused.
    #[error("{}: {source}", path.display())]
    System {
        /// The folder or file.
        path: PathBuf,
        /// The cause.
        source: io::Error,
    },
}

/// Makes a private folder, and its missing parents.
pub(crate) fn folder(path: &Path) -> io::Result<()> {
    builder().recursive(true).create(path)
}

#[cfg(unix)]
fn builder() -> DirBuilder {
    let mut builder = DirBuilder::new();
    builder.mode(0o700);
    builder
}

#[cfg(not(unix))]
fn builder() -> DirBuilder {
    DirBuilder::new()
}

/// Makes a private folder, unless it exists.
/// Fails if other users can write in it or replace it, or if it belongs to another user.
pub(crate) fn own_folder(path: &Path) -> Result<(), PrivateError> {
    folder(path).map_err(|source| system(path, source))?;
    let real = fs::canonicalize(path).map_err(|source| system(path, source))?;
    let found = fs::metadata(&real).map_err(|source| system(path, source))?;
    check_owner(path, &found)?;
    #[cfg(unix)]
    {
        // A link may be the admin's.
        let link = fs::symlink_metadata(path).map_err(|source| system(path, source))?;
        if link.is_symlink() && link.uid() != 0 {
            check_owner(path, &link).map_err(|_| other_kind(path, "folder"))?;
        }
        if found.mode() & 0o022 != 0 {
            return Err(PrivateError::Writable(path.to_owned()));
        }
        if let Some(parent) = real.parent() {
            check_irreplaceable(parent)?;
        }
    }
    Ok(())
}

/// Fails if other users can replace files in a folder or in one above it, which must exist.
#[cfg(unix)]
pub(crate) fn check_irreplaceable(folder: &Path) -> Result<(), PrivateError> {
    let real = fs::canonicalize(folder).map_err(|source| system(folder, source))?;
    for folder in real.ancestors() {
        let found = fs::metadata(folder).map_err(|source| system(folder, source))?;
        if found.mode() & 0o1002 == 0o002 {
            return Err(PrivateError::Replaceable(folder.to_owned()));
        }
    }
    Ok(())
}

/// Makes a private folder in one of hookd's own, or one that exists there private.
/// Fails if it belongs to another user, or is a link.
pub(crate) fn subfolder(path: &Path) -> Result<(), PrivateError> {
    match builder().create(path) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
        made => return made.map_err(|source| system(path, source)),
    }
    let found = fs::symlink_metadata(path).map_err(|source| system(path, source))?;
    if !found.is_dir() {
        return Err(other_kind(path, "folder"));
    }
    check_owner(path, &found)?;
    #[cfg(unix)]
    close(path).map_err(|source| system(path, source))?;
    Ok(())
}

#[cfg(unix)]
fn close(folder: &Path) -> io::Result<()> {
    use rustix::fs::{Mode, OFlags, fchmod, open};
    let flags = OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let folder = open(folder, flags, Mode::empty())?;
    Ok(fchmod(folder, Mode::RWXU)?)
}

/// Opens a private file, which is created if it does not exist.
/// Fails if it is no regular file or belongs to another user.
pub(crate) fn file(path: &Path) -> Result<File, PrivateError> {
    let mut options = File::options();
    options.create(true).truncate(false).read(true).write(true);
    #[cfg(unix)]
    {
        use rustix::fs::OFlags;
        let flags = OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::NOCTTY;
        options.mode(0o600).custom_flags(flags.bits().cast_signed());
    }
    let file = options.open(path).map_err(|source| {
        let found = fs::symlink_metadata(path);
        match found.is_ok_and(|found| !found.is_file()) {
            true => other_kind(path, "regular file"),
            false => system(path, source),
        }
    })?;
    let found = file.metadata().map_err(|source| system(path, source))?;
    if !found.is_file() {
        return Err(other_kind(path, "regular file"));
    }
    check_owner(path, &found)?;
    #[cfg(unix)]
    rustix::fs::fchmod(&file, rustix::fs::Mode::RUSR | rustix::fs::Mode::WUSR)
        .map_err(|error| system(path, error.into()))?;
    Ok(file)
}

/// Locks a private file, which is created if it does not exist, until the returned file is
/// dropped.
pub(crate) fn lock(path: &Path) -> Result<File, PrivateError> {
    let file = file(path)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(PrivateError::InUse),
        Err(TryLockError::Error(source)) => Err(system(path, source)),
    }
}

/// Fails if a file belongs to another user than hookd's.
#[cfg(unix)]
pub(crate) fn check_owner(path: &Path, found: &Metadata) -> Result<(), PrivateError> {
    let own = rustix::process::geteuid().as_raw();
    match found.uid() {
        owner if owner == own => Ok(()),
        owner => Err(PrivateError::OtherOwner {
            path: path.to_owned(),
            owner,
            own,
        }),
    }
}

#[cfg(not(unix))]
fn check_owner(_: &Path, _: &Metadata) -> Result<(), PrivateError> {
    Ok(())
}

fn other_kind(path: &Path, expected: &'static str) -> PrivateError {
    PrivateError::OtherKind {
        path: path.to_owned(),
        expected,
    }
}

fn system(path: &Path, source: io::Error) -> PrivateError {
    PrivateError::System {
        path: path.to_owned(),
        source,
    }
}

/// Returns a path as a word of a shell.
fn word(path: &Path) -> String {
    let word = shell_escape(path.as_os_str().as_encoded_bytes());
    String::from_utf8_lossy(&word).into_owned()
}
