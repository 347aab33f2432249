//! Read transactions, on a few connections beside the writer's.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rusqlite::Connection;
use tokio::sync::Semaphore;

use super::fault::Fault;
use super::writer::SharedWriter;
use super::{StoreError, backup, database, files};
use crate::limits::MAX_READS_AT_ONCE;

/// The connections that read.
#[derive(Debug)]
pub(super) struct Readers {
    source: ReadSource,
    permits: Arc<Semaphore>,
    closed: AtomicBool,
}

#[derive(Debug)]
enum ReadSource {
    File {
        path: PathBuf,
        idle: Mutex<Vec<Connection>>,
    },
    /// A database in memory has one connection, which reads and writes take turns with.
    Memory(SharedWriter),
}

impl Readers {
    /// Returns the readers of a file.
    pub(super) fn of_file(path: &Path) -> Readers {
        let path = path.to_owned();
        let idle = Mutex::default();
        Readers::new(ReadSource::File { path, idle })
    }

    /// Returns the readers of a database in memory.
    pub(super) fn of_memory(writer: SharedWriter) -> Readers {
        Readers::new(ReadSource::Memory(writer))
    }

    fn new(source: ReadSource) -> Readers {
        Readers {
            source,
            permits: Arc::new(Semaphore::new(MAX_READS_AT_ONCE)),
            closed: AtomicBool::new(false),
        }
    }

    /// Reads the store as it is at one moment, on a thread that may block.
    pub(super) async fn read<T: Send + 'static>(
        self: &Arc<Self>,
        read: impl FnOnce(&Connection) -> Result<T, Fault> + Send + 'static,
    ) -> Result<T, StoreError> {
        let permit = Arc::clone(&self.permits).acquire_owned().await;
        let permit = permit.map_err(|_| StoreError::Closed)?;
        let readers = Arc::clone(self);
        on_blocking_thread(move || {
            let _permit = permit;
            match &readers.source {
                ReadSource::File { path, idle } => readers.read_file(path, idle, read),
                ReadSource::Memory(writer) => writer.read(read),
            }
        })
        .await
    }

    /// Copies the store to a file that does not exist yet, while others read and write.
    pub(super) async fn backup(&self, to: PathBuf) -> Result<(), StoreError> {
        let ReadSource::File { path, .. } = &self.source else {
            return Err(StoreError::Unsupported {
                message: "runs are kept in memory: there is no file to copy".into(),
            });
        };
        let path = path.clone();
        on_blocking_thread(move || backup::copy(&path, &to)).await
    }

    fn read_file<T>(
        &self,
        path: &Path,
        idle: &Mutex<Vec<Connection>>,
        read: impl FnOnce(&Connection) -> Result<T, Fault>,
    ) -> Result<T, StoreError> {
        let try_read = || {
            let known = lock(idle).pop();
            let mut db = match known {
                Some(db) => db,
                None => database::open_readable(path)?,
            };
            let transaction = db.transaction()?;
            let found = read(&transaction)?;
            drop(transaction);
            if !self.closed.load(Ordering::Acquire) {
                lock(idle).push(db);
            }
            Ok(found)
        };
        try_read().map_err(|fault: Fault| {
            let error = fault.explain(path);
            files::mark_damage(path, &error);
            error
        })
    }

    /// Refuses further reads, and closes idle connections; those in use close after it.
    pub(super) fn close(&self) {
        self.closed.store(true, Ordering::Release);
        self.permits.close();
        if let ReadSource::File { idle, .. } = &self.source {
            lock(idle).clear();
        }
    }
}

fn lock(idle: &Mutex<Vec<Connection>>) -> MutexGuard<'_, Vec<Connection>> {
    idle.lock().unwrap_or_else(PoisonError::into_inner)
}

async fn on_blocking_thread<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, StoreError> + Send + 'static,
) -> Result<T, StoreError> {
    let done = tokio::task::spawn_blocking(work).await;
    done.map_err(|panic| StoreError::failed(panic.to_string()))?
}
