//! Private files: what a hook is handed as a file, readable by its user alone, and gone
//! when the hook is.

use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use tempfile::{Builder, TempDir, TempPath};

use super::error::StartError;
use super::spec::Mark;

/// What names of files start with, so that leftovers are recognised.
pub(super) const PREFIX: &str = "hook-";

/// Where the private files of one hook are.
#[derive(Debug)]
pub(super) enum Folder {
    /// In the daemon's own folder, which only its user can look into; where that is full,
    /// beside others in the system's folder for temporary files, under names that begin so.
    Ours { folder: PathBuf, prefix: String },
    /// In a folder of the hook's user, who cannot look into the daemon's.
    Users { folder: TempDir, owner: (u32, u32) },
}

/// A private file. Dropping it removes it.
#[derive(Debug)]
pub(super) struct PrivateFile {
    path: TempPath,
    /// The file itself, for as long as nobody may open it.
    gate: Option<File>,
}

impl Folder {
    /// The folder for files that `owner` is to read: a user and a group, or nobody but us.
    ///
    /// # Errors
    /// If one has to be made and cannot be.
    pub(super) fn new(
        ours: &Path,
        mark: &Mark,
        owner: Option<(u32, u32)>,
    ) -> Result<Folder, StartError> {
        let Some(owner) = owner else {
            return Ok(Folder::Ours {
                folder: ours.to_owned(),
                prefix: users_prefix(&mark.instance),
            });
        };
        let make = || -> io::Result<Folder> {
            let mut builder = Builder::new();
            #[cfg(unix)]
            builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o700));
            let folder = builder.prefix(&users_prefix(&mark.instance)).tempdir()?;
            own(folder.path(), owner)?;
            Ok(Folder::Users { folder, owner })
        };
        make().map_err(|source| StartError::script_file(std::env::temp_dir(), source))
    }

    fn path(&self) -> &Path {
        match self {
            Folder::Ours { folder, .. } => folder,
            Folder::Users { folder, .. } => folder.path(),
        }
    }

    /// Writes a new file.
    ///
    /// On Linux nobody can open it until [`PrivateFile::open_gate`] is called, if `shut`.
    ///
    /// # Errors
    /// If the folder is missing or not ours, or no folder has room.
    pub(super) fn write(
        &self,
        content: &[u8],
        suffix: &str,
        shut: bool,
    ) -> Result<PrivateFile, StartError> {
        let write = |folder: &Path, prefix: &str| -> io::Result<PrivateFile> {
            let mut file = Builder::new()
                .prefix(prefix)
                .suffix(suffix)
                .tempfile_in(folder)?;
            file.write_all(content)?;
            if let Folder::Users { owner, .. } = self {
                own(file.path(), *owner)?;
            }
            let (file, path) = file.into_parts();
            let gate = Some(file).filter(|file| shut && lease(file));
            Ok(PrivateFile { path, gate })
        };
        let written = match (write(self.path(), PREFIX), self) {
            // A full disk is when a hook that tells somebody is needed most.
            (Err(error), Folder::Ours { prefix, .. }) if has_no_room(&error) => {
                write(&std::env::temp_dir(), prefix)
            }
            (written, _) => written,
        };
        written.map_err(|source| StartError::script_file(self.path().to_owned(), source))
    }
}

impl PrivateFile {
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Whether nobody can read the file yet.
    pub(super) fn is_shut(&self) -> bool {
        self.gate.is_some()
    }

    /// Lets the file be read.
    pub(super) fn open_gate(&mut self) {
        #[cfg(target_os = "linux")]
        if let Some(file) = &self.gate {
            // Another thread's child may hold the file open for a moment more, so that
            // dropping it is not enough.
            let _ = super::sys::unlease(file);
        }
        self.gate = None;
    }
}

/// Whether a folder takes nothing, though it is there and ours.
fn has_no_room(error: &io::Error) -> bool {
    use io::ErrorKind::{QuotaExceeded, ReadOnlyFilesystem, StorageFull};
    matches!(
        error.kind(),
        StorageFull | QuotaExceeded | ReadOnlyFilesystem
    )
}

/// What names of a user's folders, and of files for which ours has no room, start with.
pub(super) fn users_prefix(instance: &str) -> String {
    let safe = |c: &char| c.is_ascii_alphanumeric() || *c == '-';
    let instance: String = instance.chars().filter(safe).take(64).collect();
    format!("hookd.{instance}.")
}

/// Has whoever opens the file wait; `false` where that cannot be done.
#[cfg(target_os = "linux")]
fn lease(file: &File) -> bool {
    super::sys::lease(file).is_ok()
}

#[cfg(not(target_os = "linux"))]
fn lease(_file: &File) -> bool {
    false
}

#[cfg(unix)]
fn own(path: &Path, (user, group): (u32, u32)) -> io::Result<()> {
    std::os::unix::fs::chown(path, Some(user), Some(group))
}

#[cfg(not(unix))]
fn own(_: &Path, _: (u32, u32)) -> io::Result<()> {
    Ok(())
}
