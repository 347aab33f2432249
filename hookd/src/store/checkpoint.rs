//! Checkpoints, which move the content of the WAL into the database.
//!
//! A large checkpoint takes hundredths of a second, in which the writer could not write. So a
//! thread makes it on a connection of its own while the writer goes on. SQLite restarts a WAL,
//! and so keeps it small, only after a complete checkpoint: pages written meanwhile are
//! checkpointed by the writer's next commit, once the WAL has [`AUTOCHECKPOINT_PAGES`].
//!
//! [`AUTOCHECKPOINT_PAGES`]: super::database::AUTOCHECKPOINT_PAGES

use std::io;
use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::{Builder, JoinHandle};

use tracing::warn;

use super::fault::explain;
use super::place::Place;
use super::{database, files};

/// The approximate number of written pages after which the WAL is checkpointed.
const CHECKPOINT_PAGES: usize = 4000;
const PAGE_BYTES: u64 = 4096;

/// The thread that makes checkpoints.
#[derive(Debug)]
pub(super) struct Checkpointer {
    /// The approximate number of pages written since the last checkpoint.
    pages: usize,
    due: SyncSender<()>,
    thread: JoinHandle<()>,
}

impl Checkpointer {
    /// Starts the thread. The WAL that a killed daemon left counts as written.
    pub(super) fn start(file: &Path, place: Arc<Place>) -> io::Result<Checkpointer> {
        let pages = files::wal_size(file) / PAGE_BYTES;
        // One further checkpoint can be queued while one is made.
        let (due, wait) = sync_channel(1);
        let file = file.to_owned();
        let thread = Builder::new().name("checkpoint".into());
        Ok(Checkpointer {
            pages: usize::try_from(pages).unwrap_or(CHECKPOINT_PAGES),
            due,
            thread: thread.spawn(move || work(&file, &place, &wait))?,
        })
    }

    /// Counts written pages, and begins a checkpoint after [`CHECKPOINT_PAGES`].
    pub(super) fn add_pages(&mut self, pages: usize) {
        self.pages += pages;
        if self.pages >= CHECKPOINT_PAGES {
            self.begin();
        }
    }

    /// Makes a checkpoint without waiting for it.
    pub(super) fn begin(&mut self) {
        self.pages = 0;
        // Fails if a checkpoint is queued already.
        let _ = self.due.try_send(());
    }

    /// Waits for the checkpoint that is being made.
    pub(super) fn stop(self) {
        drop(self.due);
        // Nothing in the thread panics.
        let _ = self.thread.join();
    }
}

fn work(file: &Path, place: &Place, due: &Receiver<()>) {
    // A failed checkpoint leaves the WAL to the next.
    while due.recv().is_ok() {
        if place.check().is_err() {
            continue;
        }
        let checkpoint =
            database::open_writable(file).and_then(|db| database::checkpoint(&db, "PASSIVE"));
        if let Err(error) = checkpoint {
            place.note_damage(&explain(&error, file));
            warn!(%error, "the WAL of the store was not checkpointed");
        }
    }
}
