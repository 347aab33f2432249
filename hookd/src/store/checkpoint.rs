//! Checkpoints: moving what was written to the WAL into the database.
//!
//! A large checkpoint takes hundredths of a second, in which the writer could not write. So
//! a second connection checkpoints while the writer goes on, and the writer then adds what
//! came meanwhile: SQLite begins a WAL anew, and so keeps it small, only after a checkpoint
//! to its end.

use std::path::{Path, PathBuf};
use std::thread::{Builder, JoinHandle};

use rusqlite::Connection;
use tracing::warn;

use super::{database, files};

/// The number of pages in the WAL, about, from which on it is checkpointed.
const CHECKPOINT_PAGES: usize = 4000;
const PAGE_BYTES: u64 = 4096;

/// Decides when the WAL is checkpointed.
#[derive(Debug)]
pub(super) struct Checkpointer {
    file: PathBuf,
    /// The pages in the WAL since the last checkpoint, about.
    pages: usize,
    running: Option<JoinHandle<rusqlite::Result<()>>>,
    disk_is_full: bool,
}

impl Checkpointer {
    /// Returns the checkpointer of a database. The WAL that a killed daemon left counts as
    /// well.
    pub(super) fn new(file: &Path) -> Checkpointer {
        let pages = files::wal_size(file) / PAGE_BYTES;
        Checkpointer {
            file: file.to_owned(),
            pages: usize::try_from(pages).unwrap_or(CHECKPOINT_PAGES),
            running: None,
            disk_is_full: false,
        }
    }

    /// Adds to the pages written since the last checkpoint.
    pub(super) fn add_pages(&mut self, pages: usize) {
        self.pages += pages;
    }

    /// Makes a checkpoint due, to let the WAL begin anew where it cannot grow.
    pub(super) fn set_disk_is_full(&mut self) {
        self.disk_is_full = true;
    }

    /// Returns whether [`Checkpointer::advance`] has something to do.
    pub(super) fn is_due(&self) -> bool {
        match &self.running {
            Some(running) => running.is_finished(),
            None => self.disk_is_full || self.pages >= CHECKPOINT_PAGES,
        }
    }

    /// Begins a checkpoint on a second connection, or completes it with the writer's. Leaves
    /// in the WAL what readers still need, and so waits for none of them.
    pub(super) fn advance(&mut self, writer: &Connection) {
        if !self.is_due() {
            return;
        }
        self.pages = 0;
        match self.running.take() {
            Some(running) => warn_of(join(running)),
            // Nothing can be written anyway, so that the writer may as well wait.
            None if std::mem::take(&mut self.disk_is_full) => {}
            None => {
                self.running = self.begin().ok();
                if self.running.is_some() {
                    return;
                }
            }
        }
        warn_of(database::checkpoint(writer, "PASSIVE"));
    }

    /// Waits for the checkpoint on the second connection, if there is one.
    pub(super) fn wait(&mut self) {
        if let Some(running) = self.running.take() {
            // The caller checkpoints all of the WAL next.
            let _ = join(running);
        }
    }

    fn begin(&self) -> std::io::Result<JoinHandle<rusqlite::Result<()>>> {
        let file = self.file.clone();
        let checkpoint = move || {
            let db = database::open_writable(&file)?;
            database::checkpoint(&db, "PASSIVE")
        };
        Builder::new().name("checkpoint".into()).spawn(checkpoint)
    }
}

/// A failed checkpoint leaves the WAL as it is, which goes on growing until the next.
fn warn_of(checkpoint: rusqlite::Result<()>) {
    if let Err(error) = checkpoint {
        warn!(%error, "the WAL of the store was not checkpointed");
    }
}

fn join(running: JoinHandle<rusqlite::Result<()>>) -> rusqlite::Result<()> {
    // Has nothing that could panic; if it did, nothing was moved.
    running.join().unwrap_or(Ok(()))
}
