//! Read transactions, on a few connections beside the writer's.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rusqlite::Connection;
use tokio::sync::Semaphore;

use super::fault::Fault;
use super::place::Place;
use super::write_queue::{WriteQueue, on_blocking_thread};
use super::writer::Writer;
use super::{StoreError, backup, database, files};
use crate::limits::MAX_READS_AT_ONCE;

/// The connections that read.
#[derive(Debug)]
pub(super) struct Readers {
    /// `None` for a database in memory, which has no other connection than the writer's.
    file: Option<(PathBuf, Arc<Place>)>,
    queue: Arc<WriteQueue>,
    permits: Arc<Semaphore>,
    /// Connections that are not in use.
    idle: Mutex<Vec<Connection>>,
}

impl Readers {
    /// Returns the readers of a file, or of the writer's database in memory.
    pub(super) fn new(file: Option<(PathBuf, Arc<Place>)>, queue: Arc<WriteQueue>) -> Readers {
        Readers {
            file,
            queue,
            permits: Arc::new(Semaphore::new(MAX_READS_AT_ONCE)),
            idle: Mutex::default(),
        }
    }

    /// Runs a read transaction, which sees one state of the store, on a blocking thread.
    pub(super) async fn read<T: Send + 'static>(
        self: &Arc<Self>,
        read: impl FnOnce(&Connection) -> Result<T, Fault> + Send + 'static,
    ) -> Result<T, StoreError> {
        let permit = Arc::clone(&self.permits).acquire_owned().await;
        let permit = permit.map_err(|_| StoreError::Closed)?;
        let Some((path, place)) = self.file.clone() else {
            let read_here = move |writer: &mut Writer| {
                let _permit = permit;
                writer.read(read)
            };
            return self.queue.with_writer(read_here).await;
        };
        let readers = Arc::clone(self);
        on_blocking_thread(move || {
            let _permit = permit;
            readers.read_file(&path, &place, read)
        })
        .await
    }

    /// Copies the store to a file that does not exist yet, while others read and write.
    pub(super) async fn backup(&self, to: PathBuf) -> Result<(), StoreError> {
        let (path, place) = self.file.clone().ok_or_else(|| {
            StoreError::Unsupported("runs are kept in memory: there is no file to copy".into())
        })?;
        on_blocking_thread(move || backup::copy(&path, &place, &to)).await
    }

    fn read_file<T>(
        &self,
        path: &Path,
        place: &Place,
        read: impl FnOnce(&Connection) -> Result<T, Fault>,
    ) -> Result<T, StoreError> {
        let try_read = || {
            let idle = self.idle().pop();
            let db = match idle {
                Some(db) => db,
                None => open_in_place(path, place)?,
            };
            let transaction = db.unchecked_transaction()?;
            let found = read(&transaction)?;
            drop(transaction);
            let mut idle = self.idle();
            if !self.permits.is_closed() {
                idle.push(db);
            }
            Ok(found)
        };
        try_read().map_err(|fault: Fault| {
            // Damage within one run is no reason to refuse others.
            let is_of_one_run = matches!(fault, Fault::Refused(_));
            let error = fault.explain(path);
            match is_of_one_run {
                true => files::mark_damage(path, &error),
                false => place.note_damage(&error),
            }
            error
        })
    }

    /// Refuses further reads, and closes idle connections. Those in use close after it.
    pub(super) fn close(&self) {
        self.permits.close();
        self.idle().clear();
    }

    fn idle(&self) -> MutexGuard<'_, Vec<Connection>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Opens a connection that only reads. Fails if the file is no longer that of the store.
pub(super) fn open_in_place(path: &Path, place: &Place) -> Result<Connection, Fault> {
    let db = database::open_readable(path);
    // First, because it says why a file that is gone cannot be opened.
    place.check_files()?;
    Ok(db?)
}
