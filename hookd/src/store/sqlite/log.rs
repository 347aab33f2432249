//! The log that SQLite writes changes to first, and how it gets into the database.
//!
//! To copy much of it takes a disk some hundredths of a second, in which nobody could write.
//! So another connection copies what there is while the writer goes on, and the writer then
//! copies what came meanwhile: only a log that was copied to its end is begun anew, and so
//! stays small.

use std::path::{Path, PathBuf};
use std::thread::{Builder, JoinHandle};

use rusqlite::{Connection, OpenFlags};
use tracing::warn;

use super::files::{beside, size_of};
use super::schema;

/// After how many pages that were written, about, the log is copied.
const COPY_PAGES: usize = 4000;
/// About how long a page is in the log.
const PAGE_BYTES: u64 = 4096;

#[derive(Debug)]
pub(super) struct Log {
    file: PathBuf,
    /// How many pages wait in it, about.
    pages: usize,
    copying: Option<JoinHandle<rusqlite::Result<()>>>,
    /// Nothing can be written, so that nobody need be spared to wait for the disk.
    full: bool,
}

impl Log {
    /// The log of the database in that file. What one that was killed has left is copied as
    /// well: each start reads all of the log.
    pub(super) fn of(file: &Path) -> Log {
        let bytes = size_of(&beside(file, "-wal"));
        Log {
            file: file.to_owned(),
            pages: usize::try_from(bytes / PAGE_BYTES).unwrap_or(COPY_PAGES),
            copying: None,
            full: false,
        }
    }

    /// So many pages were written to it.
    pub(super) fn grow(&mut self, pages: usize) {
        self.pages += pages;
    }

    /// There is no room for it to grow.
    pub(super) fn is_full(&mut self) {
        self.full = true;
    }

    /// Whether there is something to be done about it.
    pub(super) fn is_due(&self) -> bool {
        match &self.copying {
            Some(copying) => copying.is_finished(),
            None => self.full || self.pages >= COPY_PAGES,
        }
    }

    /// Does what is due: begins to copy it, or copies the rest with the writer's connection.
    /// What readers still need stays, so that this waits for nobody.
    pub(super) fn copy(&mut self, writer: &Connection) {
        if !self.is_due() {
            return;
        }
        self.pages = 0;
        match self.copying.take() {
            Some(copying) => told(wait(copying)),
            None if !std::mem::take(&mut self.full) => {
                self.copying = self.begin().ok();
                if self.copying.is_some() {
                    return;
                }
            }
            None => {}
        }
        told(schema::checkpoint(writer, "PASSIVE"));
    }

    /// Waits until nobody copies it.
    pub(super) fn settle(&mut self) {
        if let Some(copying) = self.copying.take() {
            // Whoever waits copies all of it anew.
            let _ = wait(copying);
        }
    }

    fn begin(&self) -> std::io::Result<JoinHandle<rusqlite::Result<()>>> {
        let file = self.file.clone();
        Builder::new().name("store-log".into()).spawn(move || {
            let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
            let db = Connection::open_with_flags(file, flags)?;
            schema::prepare_copier(&db)?;
            schema::checkpoint(&db, "PASSIVE")
        })
    }
}

/// What was not copied stays in the log, which goes on growing until the next try.
fn told(copied: rusqlite::Result<()>) {
    if let Err(error) = copied {
        warn!(%error, "the log of the store was not copied");
    }
}

fn wait(copying: JoinHandle<rusqlite::Result<()>>) -> rusqlite::Result<()> {
    // It has nothing that could panic; if it did, nothing is copied yet.
    copying.join().unwrap_or(Ok(()))
}
