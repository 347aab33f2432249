//! The place of a store: its files may be removed, renamed or replaced while they are in use.
//! What is written to them then is lost when they are closed.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use tokio::sync::Semaphore;
use tokio::time::timeout;

use super::StoreError;
use super::files::with_suffix;
use super::write_queue::on_blocking_thread;
use crate::limits::PLACE_LIMIT;

/// The index of the database among the files of a place.
const DATABASE: usize = 0;

/// The database and its WAL as they were opened.
#[derive(Debug)]
pub(super) struct Place {
    files: Vec<(PathBuf, FileId)>,
    looking: Arc<Semaphore>,
}

impl Place {
    /// Returns the place of an open database.
    /// Fails if it cannot be looked at.
    pub(super) fn of(path: &Path) -> io::Result<Place> {
        let wal = with_suffix(&path.canonicalize()?, "-wal");
        let mut files = vec![(path.to_owned(), id_of(path)?)];
        files.extend(id_of(&wal).ok().map(|id| (wal, id)));
        let looking = Arc::new(Semaphore::new(1));
        Ok(Place { files, looking })
    }

    /// Like [`Place::check`], on a blocking thread, and fails if the files cannot be looked at
    /// within [`PLACE_LIMIT`].
    pub(super) async fn look(self: &Arc<Self>) -> Result<(), StoreError> {
        let this = Arc::clone(self);
        let look = async {
            // A look that hangs holds the permit, so that no other begins.
            let permit = Arc::clone(&self.looking).acquire_owned().await;
            on_blocking_thread(move || {
                let _permit = permit;
                this.check()
            })
            .await
        };
        timeout(PLACE_LIMIT, look).await.unwrap_or_else(|_| {
            let message = "its disk does not answer; see how it is mounted";
            Err(StoreError::Gone(message.to_owned()))
        })
    }

    /// Fails with [`StoreError::Gone`] if a file is no longer in its place.
    pub(super) fn check(&self) -> Result<(), StoreError> {
        for (n, (path, opened)) in self.files.iter().enumerate() {
            // The content of the WAL goes into the database when hookd ends.
            let (anew, this_one) = match n {
                DATABASE => (
                    " to begin a new store",
                    ", or restart hookd to use this one",
                ),
                _ => (", which loses nothing", ""),
            };
            let found = id_of(path);
            let path = path.display();
            let gone = match found {
                Ok(id) if id == *opened => continue,
                Ok(_) => format!(
                    "{path} is another file than hookd opened; move the former one back{this_one}"
                ),
                Err(error) if error.kind() == io::ErrorKind::NotFound => {
                    format!("{path} was removed or renamed; move it back, or restart hookd{anew}")
                }
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
