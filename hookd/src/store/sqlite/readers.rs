//! Connections that only read, a few at most, beside the writer and never in its way.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use rusqlite::{Connection, OpenFlags, Transaction};
use tokio::sync::Semaphore;

use super::fault::Fault;
use super::{copy, files, schema};
use crate::limits::MAX_READS_AT_ONCE;
use crate::store::StoreError;

/// The connections that nobody uses now, and leave to use one.
#[derive(Debug)]
pub(super) struct Readers {
    file: PathBuf,
    permits: Arc<Semaphore>,
    idle: Mutex<Vec<Connection>>,
    closed: AtomicBool,
}

impl Readers {
    pub(super) fn new(file: &Path) -> Readers {
        Readers {
            file: file.to_owned(),
            permits: Arc::new(Semaphore::new(MAX_READS_AT_ONCE)),
            idle: Mutex::default(),
            closed: AtomicBool::new(false),
        }
    }

    /// Reads what is in the store at one moment, on a thread that may block.
    pub(super) async fn read<T: Send + 'static>(
        self: &Arc<Self>,
        read: impl FnOnce(&Transaction<'_>) -> Result<T, Fault> + Send + 'static,
    ) -> Result<T, StoreError> {
        let permits = Arc::clone(&self.permits);
        let permit = permits.acquire_owned().await;
        let permit = permit.map_err(|_| StoreError::Closed)?;
        let readers = Arc::clone(self);
        let task = tokio::task::spawn_blocking(move || {
            let _permit = permit;
            readers.read_here(read)
        });
        task.await
            .map_err(|error| StoreError::failed(error.to_string()))?
    }

    /// Copies the store, on a thread that may block, while others read and write.
    pub(super) async fn copy(&self, to: PathBuf) -> Result<(), StoreError> {
        let file = self.file.clone();
        let task = tokio::task::spawn_blocking(move || copy::copy(&file, &to));
        task.await
            .map_err(|error| StoreError::failed(error.to_string()))?
    }

    fn read_here<T>(
        &self,
        read: impl FnOnce(&Transaction<'_>) -> Result<T, Fault>,
    ) -> Result<T, StoreError> {
        let found = self
            .try_read(read)
            .map_err(|fault| fault.explain(&self.file));
        if let Err(error) = &found {
            files::remember_damage(&self.file, error);
        }
        found
    }

    fn try_read<T>(
        &self,
        read: impl FnOnce(&Transaction<'_>) -> Result<T, Fault>,
    ) -> Result<T, Fault> {
        let idle = self.idle().pop();
        let mut db = match idle {
            Some(db) => db,
            None => open(&self.file)?,
        };
        let found = read(&db.transaction()?)?;
        if !self.closed.load(Ordering::Acquire) {
            self.idle().push(db);
        }
        Ok(found)
    }

    /// Lets go of all connections; those in use go when they are not any more.
    pub(super) fn close(&self) {
        self.closed.store(true, Ordering::Release);
        self.permits.close();
        self.idle().clear();
    }

    fn idle(&self) -> std::sync::MutexGuard<'_, Vec<Connection>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Opens a connection that cannot write.
pub(super) fn open(file: &Path) -> rusqlite::Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let db = Connection::open_with_flags(file, flags)?;
    schema::prepare_reader(&db)?;
    Ok(db)
}
