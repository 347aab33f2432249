//! The place of a store: its files may be removed, renamed or replaced while they are in use.
//! What is written to them then is lost when they are closed.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::StoreError;
use super::files::with_suffix;

/// The database and its WAL as they were opened.
#[derive(Debug)]
pub(super) struct Place(Vec<(PathBuf, FileId)>);

impl Place {
    /// Returns the place of an open database.
    /// Fails if it cannot be looked at.
    pub(super) fn of(path: &Path) -> io::Result<Place> {
        let wal = with_suffix(&path.canonicalize()?, "-wal");
        let mut files = vec![(path.to_owned(), id_of(path)?)];
        files.extend(id_of(&wal).ok().map(|id| (wal, id)));
        Ok(Place(files))
    }

    /// Fails with [`StoreError::Gone`] if a file is no longer in its place.
    pub(super) fn check(&self) -> Result<(), StoreError> {
        for (path, opened) in &self.0 {
            let found = id_of(path);
            let path = path.display();
            let gone = match found {
                Ok(id) if id == *opened => continue,
                Ok(_) => format!(
                    "{path} is another file than hookd opened; move the former one back, or \
                     restart hookd to use this one"
                ),
                Err(error) if error.kind() == io::ErrorKind::NotFound => format!(
                    "{path} was removed or renamed; move it back, or restart hookd to begin \
                     a new store"
                ),
                Err(error) => format!("{path}: {error}; see who owns it and how it is mounted"),
            };
            return Err(StoreError::Gone(gone));
        }
        Ok(())
    }
}

/// Device and inode of a file.
#[cfg(unix)]
type FileId = (u64, u64);

#[cfg(unix)]
fn id_of(path: &Path) -> io::Result<FileId> {
    use std::os::unix::fs::MetadataExt as _;

    let file = fs::metadata(path)?;
    Ok((file.dev(), file.ino()))
}

/// Windows does not let go of the name of an open file.
#[cfg(not(unix))]
type FileId = ();

#[cfg(not(unix))]
fn id_of(path: &Path) -> io::Result<FileId> {
    fs::metadata(path).map(drop)
}
