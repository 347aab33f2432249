//! The one connection that writes. A thread makes one transaction of all changes that wait,
//! and answers when it is committed. While only one run is under way, its task writes by
//! itself: to wake the thread takes half as long as the write.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, TryLockError};

use rusqlite::{Connection, ErrorCode, TransactionBehavior};
use tokio::sync::{mpsc, oneshot};
use tracing::warn;
use uuid::Uuid;

use super::bookkeeping::Bookkeeping;
use super::checkpoint::Checkpointer;
use super::fault::{Fault, explain};
use super::prune::{self, Removable};
use super::run::bytes_of;
use super::{Admitted, Durability, NewRun, Record, RunEnd, StoreError, database, files, write};
use crate::limits::{MAX_WRITES_AT_ONCE, MAX_WRITTEN_AT_ONCE};

/// Pages changed by one write, about.
const PAGES_OF_A_WRITE: usize = 4;

/// A request to the writer's thread, with a channel for the answer.
pub(super) enum WriterCommand {
    /// Is carried out together with other changes.
    Change(
        Box<RunChange>,
        oneshot::Sender<Result<Admitted, StoreError>>,
    ),
    /// Is carried out after the changes. Answers whether free pages are left to give back.
    Prune(Vec<Removable>, oneshot::Sender<Result<bool, StoreError>>),
    /// Is carried out last.
    Close(oneshot::Sender<Result<(), StoreError>>),
}

/// A change of one run. All but admissions answer with [`Admitted::New`].
pub(super) enum RunChange {
    Admit(NewRun),
    Append(Uuid, Vec<Record>),
    Finish(Uuid, Vec<Record>, RunEnd),
}

impl RunChange {
    /// Returns whether the change has to survive a power cut, if the store promises that.
    fn is_durable(&self) -> bool {
        !matches!(self, RunChange::Append(..))
    }

    fn bytes(&self) -> usize {
        match self {
            RunChange::Admit(new) => NewRun::OVERHEAD + new.first.bytes.len(),
            RunChange::Append(_, records) | RunChange::Finish(_, records, _) => bytes_of(records),
        }
    }

    fn apply(&self, db: &Connection, books: &mut Bookkeeping) -> Result<Admitted, Fault> {
        match self {
            RunChange::Admit(new) => return write::admit(db, books, new),
            RunChange::Append(run, records) => write::append(db, *run, records)?,
            RunChange::Finish(run, records, end) => write::finish(db, books, *run, records, end)?,
        }
        Ok(Admitted::New)
    }
}

/// The writer, used by one thread at a time; `None` once the store is closed.
#[derive(Clone, Debug)]
pub(super) struct SharedWriter(Arc<Mutex<Option<Writer>>>);

impl SharedWriter {
    pub(super) fn new(writer: Writer) -> SharedWriter {
        SharedWriter(Arc::new(Mutex::new(Some(writer))))
    }

    /// Carries out a change on this thread, unless the writer is in use or changes of
    /// several runs are better written together.
    pub(super) fn try_change(&self, change: &RunChange) -> Option<Result<Admitted, StoreError>> {
        let mut writer = match self.0.try_lock() {
            Ok(writer) => writer,
            Err(TryLockError::Poisoned(poisoned)) => poisoned.into_inner(),
            Err(TryLockError::WouldBlock) => return None,
        };
        let writer = writer.as_mut()?;
        if writer.runs_under_way > 1 && writer.durability != Durability::None {
            return None;
        }
        let change = std::slice::from_ref(change);
        let done = match writer.durability {
            Durability::Process | Durability::None => writer.commit(change),
            // Moves other tasks to other threads while this one waits for the disk.
            Durability::Power => tokio::task::block_in_place(|| writer.commit(change)),
        };
        done.into_iter().next()
    }

    /// Reads with the writer's connection.
    pub(super) fn read<T>(
        &self,
        read: impl FnOnce(&Connection) -> Result<T, Fault>,
    ) -> Result<T, StoreError> {
        let shared = self.lock();
        let writer = shared.as_ref().ok_or(StoreError::Closed)?;
        let transaction = writer.db.unchecked_transaction().map_err(Fault::from);
        transaction
            .and_then(|transaction| read(&transaction))
            .map_err(|fault| fault.explain(&writer.path))
    }

    fn lock(&self) -> MutexGuard<'_, Option<Writer>> {
        // A transaction that panicked was rolled back.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Carries out commands until the store is closed or dropped.
    pub(super) fn serve(self, mut commands: mpsc::Receiver<WriterCommand>) {
        while let Some(first) = commands.blocking_recv() {
            let mut shared = self.lock();
            let Some(writer) = shared.as_mut() else {
                return;
            };
            if let Some(answer) = writer.carry_out(first, &mut commands) {
                let closed = writer.close();
                // The files are closed before the answer.
                *shared = None;
                let _ = answer.send(closed);
                return;
            }
        }
        if let Some(mut writer) = self.lock().take()
            && let Err(error) = writer.close()
        {
            warn!(%error, "the store was not closed in order; nothing is lost");
        }
    }
}

/// The connection that writes, and its state.
#[derive(Debug)]
pub(super) struct Writer {
    db: Connection,
    pub(super) path: PathBuf,
    pub(super) durability: Durability,
    /// The most runs that have ended, and their most bytes, for which older ones are
    /// removed.
    pub(super) capacity: Option<(u64, u64)>,
    /// The number of committed transactions.
    pub(super) commits: Arc<AtomicU64>,
    books: Bookkeeping,
    /// Whether commits wait for the disk at present; `None` before the first.
    syncs: Option<bool>,
    /// `None` in memory.
    pub(super) checkpointer: Option<Checkpointer>,
    /// The number of runs that were admitted and have not ended.
    runs_under_way: usize,
}

impl Writer {
    /// Returns the writer of an open database, without a checkpointer or a capacity.
    pub(super) fn new(db: Connection, path: &Path, durability: Durability) -> Writer {
        Writer {
            db,
            path: path.to_owned(),
            durability,
            capacity: None,
            commits: Arc::default(),
            books: Bookkeeping::default(),
            syncs: None,
            checkpointer: None,
            runs_under_way: 0,
        }
    }

    /// Carries out a command and those that wait by now. Returns the channel for the answer
    /// if one of them is to close the store.
    fn carry_out(
        &mut self,
        first: WriterCommand,
        commands: &mut mpsc::Receiver<WriterCommand>,
    ) -> Option<oneshot::Sender<Result<(), StoreError>>> {
        let (mut changes, mut answers) = (Vec::new(), Vec::new());
        let mut prunes = Vec::new();
        let mut close = None;
        let mut bytes = 0;
        let mut next = Some(first);
        while let Some(command) = next {
            match command {
                WriterCommand::Change(change, answer) => {
                    bytes += change.bytes();
                    changes.push(*change);
                    answers.push(answer);
                }
                WriterCommand::Prune(runs, answer) => prunes.push((runs, answer)),
                WriterCommand::Close(answer) => {
                    commands.close();
                    close = Some(answer);
                }
            }
            let is_full = changes.len() >= MAX_WRITES_AT_ONCE || bytes >= MAX_WRITTEN_AT_ONCE;
            next = if is_full {
                None
            } else {
                commands.try_recv().ok()
            };
        }
        // Nobody receives an answer if the call was dropped.
        for (done, answer) in self.commit(&changes).into_iter().zip(answers) {
            let _ = answer.send(done);
        }
        for (runs, answer) in prunes {
            let _ = answer.send(self.prune(&runs));
        }
        close
    }

    /// Carries out all changes in one transaction; if that fails, each in one of its own, so
    /// that none fails because of another.
    fn commit(&mut self, changes: &[RunChange]) -> Vec<Result<Admitted, StoreError>> {
        if changes.is_empty() {
            return Vec::new();
        }
        match self.change(changes) {
            Ok(done) => {
                self.count(changes, &done);
                done
            }
            // A lock on the file makes all of them fail alike.
            Err(error) if changes.len() == 1 || is_busy(&error) => {
                changes.iter().map(|_| Err(self.explain(&error))).collect()
            }
            Err(_) => changes
                .iter()
                .flat_map(|change| self.commit(std::slice::from_ref(change)))
                .collect(),
        }
    }

    /// Carries out changes in one transaction, which SQLite's errors roll back.
    fn change(
        &mut self,
        changes: &[RunChange],
    ) -> rusqlite::Result<Vec<Result<Admitted, StoreError>>> {
        let durable = changes.iter().any(RunChange::is_durable);
        let capacity = self.capacity;
        self.in_transaction(durable, |db, books| {
            let apply = |change: &RunChange| match change.apply(db, books) {
                Ok(done) => Ok(Ok(done)),
                Err(Fault::Refused(error)) => Ok(Err(error)),
                Err(Fault::Sqlite(error)) => Err(error),
            };
            let done = changes.iter().map(apply).collect();
            if let Some(capacity) = capacity {
                prune::make_room(db, books, capacity)?;
            }
            done
        })
    }

    /// Counts what was committed.
    fn count(&mut self, changes: &[RunChange], done: &[Result<Admitted, StoreError>]) {
        let bytes: usize = changes.iter().map(RunChange::bytes).sum();
        self.add_pages(changes.len() * PAGES_OF_A_WRITE + bytes / 4096);
        for change in changes.iter().zip(done) {
            match change {
                (RunChange::Admit(_), Ok(Admitted::New)) => self.runs_under_way += 1,
                // An interrupted run was admitted by an earlier daemon.
                (RunChange::Finish(..), Ok(_)) => {
                    self.runs_under_way = self.runs_under_way.saturating_sub(1);
                }
                _ => {}
            }
        }
    }

    fn prune(&mut self, runs: &[Removable]) -> Result<bool, StoreError> {
        // A removal that a power cut undoes is repeated.
        let removed = self.in_transaction(false, |db, books| prune::remove(db, books, runs));
        self.add_pages(runs.len() * PAGES_OF_A_WRITE);
        removed.map_err(|error| self.explain(&error))
    }

    fn add_pages(&mut self, pages: usize) {
        if let Some(checkpointer) = &mut self.checkpointer {
            checkpointer.add_pages(pages);
        }
    }

    /// Runs `work` in a transaction, which is rolled back if anything fails or panics.
    fn in_transaction<T>(
        &mut self,
        durable: bool,
        work: impl FnOnce(&Connection, &mut Bookkeeping) -> rusqlite::Result<T>,
    ) -> rusqlite::Result<T> {
        // With FULL, a commit syncs the WAL, with all that was written to it before; with
        // NORMAL, only checkpoints do.
        let syncs = durable && self.durability == Durability::Power;
        if self.syncs != Some(syncs) {
            let level = if syncs { "FULL" } else { "NORMAL" };
            self.db.pragma_update(None, "synchronous", level)?;
            self.syncs = Some(syncs);
        }
        // Kept only if what it knows was committed.
        let mut books = std::mem::take(&mut self.books);
        let transaction = self
            .db
            .transaction_with_behavior(TransactionBehavior::Immediate)?;
        let done = work(&transaction, &mut books)?;
        books.flush(&transaction)?;
        transaction.commit()?;
        self.books = books;
        self.commits.fetch_add(1, Ordering::Relaxed);
        Ok(done)
    }

    fn close(&mut self) -> Result<(), StoreError> {
        if let Some(checkpointer) = self.checkpointer.take() {
            checkpointer.stop();
        }
        let checkpoint = database::checkpoint(&self.db, "TRUNCATE");
        checkpoint.map_err(|error| self.explain(&error))
    }

    fn explain(&mut self, error: &rusqlite::Error) -> StoreError {
        let error = explain(error, &self.path);
        if let (StoreError::Full(_), Some(checkpointer)) = (&error, &mut self.checkpointer) {
            // Lets the WAL begin anew, where it cannot grow.
            checkpointer.begin();
        }
        if self.durability != Durability::None {
            files::mark_damage(&self.path, &error);
        }
        error
    }
}

fn is_busy(error: &rusqlite::Error) -> bool {
    matches!(
        error.sqlite_error_code(),
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked)
    )
}
