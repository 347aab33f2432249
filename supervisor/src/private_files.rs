//! Private files: files for a script, readable only by its user and removed at its end.
//!
//! A script's user owns its files, and never their folder: the owner of a folder can replace each
//! file by a link to a file of this process.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use tempfile::{Builder, TempDir, TempPath};

use crate::{Mark, Owner, SpawnError};

/// Beginning of the files' names, by which remaining files are recognised.
pub(crate) const FILE_PREFIX: &str = "script-";

/// Returns the part of a file's name that tells its execution.
pub(crate) fn name_in_files(mark: &Mark) -> String {
    // As in the names of cgroups, by which an execution may be known.
    let safe = |c: char| c.is_ascii_alphanumeric() || ".-_".contains(c);
    let safe = |c| if safe(c) { c } else { '_' };
    let name = mark.execution.chars().take(100).map(safe);
    name.chain(['-']).collect()
}

/// Folder of the private files of one script.
#[derive(Debug)]
pub(crate) struct PrivateFolder {
    path: PathBuf,
    /// Beginning of names among the system's temporary files.
    temporary_prefix: String,
    /// A folder that the script's user can pass through, with that user's ids, if it is another user
    /// than this process's, as it cannot enter this process's folders.
    for_user: Option<(TempDir, (u32, u32))>,
}

/// Private file. Dropping it removes it.
#[derive(Debug)]
pub(crate) struct PrivateFile {
    path: TempPath,
    /// The file, while it is leased.
    leased: Option<File>,
}

impl PrivateFolder {
    /// Returns the folder for files that `user` (a user and a group) has to read; the owner's own
    /// folder if that is `None`.
    ///
    /// # Errors
    /// Fails if a folder has to be created and cannot be.
    pub(crate) fn new(
        script_dir: &Path,
        owner: &Owner,
        user: Option<(u32, u32)>,
    ) -> Result<PrivateFolder, SpawnError> {
        let temporary_prefix = temporary_prefix(owner);
        let make = |user: (u32, u32)| {
            let folder = new_private_folder(&temporary_prefix, None)?;
            let_through(folder.path(), user.1)?;
            Ok((folder, user))
        };
        let for_user = user.map(make).transpose();
        let for_user = for_user.map_err(|e| SpawnError::script_file(std::env::temp_dir(), e))?;
        Ok(PrivateFolder {
            path: for_user
                .as_ref()
                .map_or(script_dir, |(folder, _)| folder.path())
                .to_owned(),
            temporary_prefix,
            for_user,
        })
    }

    /// Writes a new file, whose name contains `name`. With `lease`, on Linux, no process can open it until
    /// [`PrivateFile::end_lease`] is called.
    ///
    /// # Errors
    /// Fails if the folder is missing or belongs to another user, or no folder has room.
    pub(crate) fn write(
        &self,
        name: &str,
        content: &[u8],
        suffix: &str,
        lease: bool,
    ) -> Result<PrivateFile, SpawnError> {
        let write = |folder: &Path, prefix: &str| -> io::Result<PrivateFile> {
            let prefix = [prefix, name].concat();
            let mut file = Builder::new()
                .prefix(&prefix)
                .suffix(suffix)
                .tempfile_in(folder)?;
            file.write_all(content)?;
            if let Some((_, user)) = &self.for_user {
                change_owner(file.as_file(), *user)?;
            }
            let (file, path) = file.into_parts();
            let leased = Some(file).filter(|file| lease && take_lease(file));
            Ok(PrivateFile { path, leased })
        };
        let written = match write(&self.path, FILE_PREFIX) {
            // Scripts that report problems are needed most when the disk is full, so another folder
            // is tried.
            Err(error) if self.for_user.is_none() && has_no_room(&error) => {
                temporary_folder().and_then(|folder| write(&folder, &self.temporary_prefix))
            }
            written => written,
        };
        written.map_err(|source| SpawnError::script_file(self.path.clone(), source))
    }
}

impl PrivateFile {
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Returns whether the lease still keeps processes from opening the file.
    pub(crate) fn is_leased(&self) -> bool {
        self.leased.is_some()
    }

    /// Ends the lease, so that processes can open the file.
    pub(crate) fn end_lease(&mut self) {
        #[cfg(target_os = "linux")]
        if let Some(file) = &self.leased {
            // Dropping the file is not enough: another thread's child may hold it open for
            // a moment more.
            let _ = crate::sys::unlease(file);
        }
        self.leased = None;
    }
}

/// Returns whether the error means that a folder has no room for a file.
fn has_no_room(error: &io::Error) -> bool {
    use io::ErrorKind::{QuotaExceeded, ReadOnlyFilesystem, StorageFull};
    matches!(
        error.kind(),
        StorageFull | QuotaExceeded | ReadOnlyFilesystem
    )
}

/// Returns the beginning of the names of an owner's files and folders among the system's
/// temporary files.
pub(crate) fn temporary_prefix(owner: &Owner) -> String {
    let safe = |c: &char| c.is_ascii_alphanumeric() || *c == '-';
    let instance: String = owner.instance.chars().filter(safe).take(64).collect();
    format!("{}.{instance}.", owner.application)
}

/// Takes a lease on a file; returns `false` where that is not possible.
#[cfg(target_os = "linux")]
fn take_lease(file: &File) -> bool {
    crate::sys::lease(file).is_ok()
}

#[cfg(not(target_os = "linux"))]
fn take_lease(_file: &File) -> bool {
    false
}

/// Makes a new folder among the system's temporary files that only this process's user can enter.
/// Its name is `prefix` and `name`, or random characters if that is `None`.
///
/// # Errors
/// Fails if other users could replace the folder, or the system refuses.
pub fn new_private_folder(prefix: &str, name: Option<&str>) -> io::Result<TempDir> {
    let prefix = [prefix, name.unwrap_or_default()].concat();
    let mut builder = Builder::new();
    builder.prefix(&prefix);
    if name.is_some() {
        builder.rand_bytes(0);
    }
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o700));
    builder.tempdir_in(temporary_folder()?)
}

/// Returns the system's folder for temporary files.
///
/// # Errors
/// Fails if other users can replace the files of this process's user in it.
pub fn temporary_folder() -> io::Result<PathBuf> {
    let folder = std::env::temp_dir();
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt as _;
        let found = fs::metadata(&folder)?;
        let is_sticky = found.mode() & 0o1000 != 0;
        if found.mode() & 0o022 != 0 && !is_sticky {
            let shown = folder.to_string_lossy();
            let word = shlex::try_quote(&shown).unwrap_or_default();
            let fault = format!("others can replace files in {shown}: chmod +t {word}");
            return Err(io::Error::other(fault));
        }
    }
    Ok(folder)
}

/// Returns whether a file belongs to this process's user, as all do where there are no owners.
pub(crate) fn is_own(found: &fs::Metadata) -> bool {
    #[cfg(unix)]
    return std::os::unix::fs::MetadataExt::uid(found) == rustix::process::geteuid().as_raw();
    #[cfg(not(unix))]
    return found.is_dir() || found.is_file();
}

/// Lets a group pass through a folder of this process's user, and neither list nor change it.
#[cfg(unix)]
fn let_through(folder: &Path, group: u32) -> io::Result<()> {
    use rustix::fs::{Gid, Mode, OFlags, fchmod, fchown, open};
    let flags = OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let folder = open(folder, flags, Mode::empty())?;
    fchown(&folder, None, Some(Gid::from_raw(group)))?;
    fchmod(&folder, Mode::from_raw_mode(0o710))?;
    Ok(())
}

#[cfg(unix)]
fn change_owner(file: &File, (user, group): (u32, u32)) -> io::Result<()> {
    std::os::unix::fs::fchown(file, Some(user), Some(group))
}

#[cfg(not(unix))]
fn let_through(_: &Path, _: u32) -> io::Result<()> {
    Ok(())
}

#[cfg(not(unix))]
fn change_owner(_: &File, _: (u32, u32)) -> io::Result<()> {
    Ok(())
}
