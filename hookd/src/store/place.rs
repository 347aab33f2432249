//! The place of a store: its files may be removed, renamed, replaced or overwritten while they are
//! in use. Runs that are written to them then are lost when they are closed.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use tokio::sync::Semaphore;
use tokio::time::timeout;

use super::StoreError;
use super::file_header::{FileHeader, OF_DATABASE, OF_WAL};
use super::files::{mark_damage, with_suffix};
use super::write_queue::on_blocking_thread;
use crate::limits::PLACE_LIMIT;

/// The index of the database among the files of a place.
const DATABASE: usize = 0;

/// The database and its WAL as they were opened.
#[derive(Debug)]
pub(super) struct Place {
    files: Vec<PlacedFile>,
    looking: Arc<Semaphore>,
    /// The first damage that SQLite reported.
    damage: OnceLock<StoreError>,
}

#[derive(Debug)]
struct PlacedFile {
    path: PathBuf,
    id: FileId,
    header: FileHeader,
}

impl Place {
    /// Returns the place of an open database.
    /// Fails if it cannot be looked at.
    pub(super) fn of(path: &Path) -> io::Result<Place> {
        let placed = |path: PathBuf, part| -> io::Result<PlacedFile> {
            let (id, header) = (id_of(&path)?, FileHeader::open(&path, part)?);
            Ok(PlacedFile { path, id, header })
        };
        let wal = with_suffix(&path.canonicalize()?, "-wal");
        let mut files = vec![placed(path.to_owned(), OF_DATABASE)?];
        files.extend(placed(wal, OF_WAL).ok());
        Ok(Place {
            files,
            looking: Arc::new(Semaphore::new(1)),
            damage: OnceLock::new(),
        })
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

    /// Like [`Place::check_files`], and fails with the damage that SQLite reported, if any: the
    /// next start would set the store aside, and lose runs that are written from now on.
    pub(super) fn check(&self) -> Result<(), StoreError> {
        self.check_files()?;
        self.damage.get().cloned().map_or(Ok(()), Err)
    }

    /// Remembers the damage, if SQLite's error reports one, for the checks of this daemon and the
    /// start of the next.
    pub(super) fn note_damage(&self, error: &StoreError) {
        if matches!(error, StoreError::Damaged(_)) {
            // A header that was overwritten may be restored, which ends that damage.
            if self.check_files().is_ok() {
                // Fails if there was damage before.
                let _ = self.damage.set(error.clone());
            }
            mark_damage(&self.files[DATABASE].path, error);
        }
    }

    /// Fails with [`StoreError::Gone`] if a file is no longer in its place, and with
    /// [`StoreError::Damaged`] if its header was overwritten.
    pub(super) fn check_files(&self) -> Result<(), StoreError> {
        for (n, file) in self.files.iter().enumerate() {
            // The content of the WAL goes into the database when hookd ends.
            let (anew, this_one) = match n {
                DATABASE => (
                    " to begin a new store",
                    ", or restart hookd to use this one",
                ),
                _ => (", which loses nothing", ""),
            };
            let found = id_of(&file.path).and_then(|id| Ok((id, file.header.is_unchanged()?)));
            let path = file.path.display();
            let gone = match found {
                Ok((id, true)) if id == file.id => continue,
                Ok((id, false)) if id == file.id => {
                    let message = format!("another program overwrote or cut {path}");
                    let error = StoreError::Damaged(message);
                    mark_damage(&self.files[DATABASE].path, &error);
                    return Err(error);
                }
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
