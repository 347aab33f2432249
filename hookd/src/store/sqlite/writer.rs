//! The one connection that writes, and the thread that uses it for those who wait: it takes
//! all that waits, makes one transaction of it, and answers when that is committed. Where
//! nobody waits, who has something to write uses it without the thread (`mod.rs`).

use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, TryLockError};

use rusqlite::Connection;
use tokio::sync::{mpsc, oneshot};
use tracing::warn;
use uuid::Uuid;

use super::fault::{Fault, explain};
use super::log::Log;
use super::prune::{self, Gone, Step};
use super::write::{self, Pending};
use super::{files, schema};
use crate::limits::{MAX_WRITES_AT_ONCE, MAX_WRITTEN_AT_ONCE};
use crate::store::{Admitted, Durability, End, NewRun, Record, StoreError};

/// How many pages one write changes, about.
const PAGES_OF_A_WRITE: usize = 4;

/// What the writer is asked for.
pub(super) enum Command {
    /// To be done with others in one transaction.
    Write(Write, oneshot::Sender<Result<Admitted, StoreError>>),
    /// To be done between two transactions.
    Prune(Step, oneshot::Sender<Result<Gone, StoreError>>),
    /// To see to the log, which somebody else has written to.
    CopyLog,
    /// To be done last.
    Close(oneshot::Sender<Result<(), StoreError>>),
}

/// A change of one run. What it comes to is that of an admission; others are always new.
pub(super) enum Write {
    Admit(NewRun),
    Append(Uuid, Vec<Record>),
    Finish(Uuid, Vec<Record>, End),
}

impl Write {
    /// Whether it has to survive the machine, if the store is said to do so.
    fn matters(&self) -> bool {
        !matches!(self, Write::Append(..))
    }

    fn bytes(&self) -> usize {
        let records = match self {
            Write::Admit(new) => return new.bytes(),
            Write::Append(_, records) | Write::Finish(_, records, _) => records,
        };
        crate::store::run::bytes_of(records)
    }

    fn carry_out(&self, db: &Connection, pending: &mut Pending) -> Result<Admitted, Fault> {
        match self {
            Write::Admit(new) => write::admit(db, pending, new),
            Write::Append(run, records) => write::append(db, *run, records).map(|()| Admitted::New),
            Write::Finish(run, records, end) => {
                write::finish(db, pending, *run, records, end).map(|()| Admitted::New)
            }
        }
    }
}

/// The connection, for one at a time; none once it is closed.
#[derive(Clone, Debug)]
pub(super) struct SharedWriter(Arc<Mutex<Option<Writer>>>);

impl SharedWriter {
    pub(super) fn new(writer: Writer) -> SharedWriter {
        SharedWriter(Arc::new(Mutex::new(Some(writer))))
    }

    /// Carries out a write at once, if nobody uses the connection and no other run is under
    /// way: the writes of several are cheaper together. Says also whether the log is due.
    pub(super) fn write(&self, write: &Write) -> Option<(Result<Admitted, StoreError>, bool)> {
        let mut writer = match self.0.try_lock() {
            Ok(writer) => writer,
            Err(TryLockError::Poisoned(poisoned)) => poisoned.into_inner(),
            Err(TryLockError::WouldBlock) => return None,
        };
        let writer = writer.as_mut().filter(|writer| writer.under_way <= 1)?;
        let write = std::slice::from_ref(write);
        let done = match writer.durability {
            Durability::Process | Durability::None => writer.commit(write),
            // Others go on without this thread as long as it waits for the disk.
            Durability::Power => tokio::task::block_in_place(|| writer.commit(write)),
        };
        Some((done.into_iter().next()?, writer.log.is_due()))
    }

    fn lock(&self) -> MutexGuard<'_, Option<Writer>> {
        // What panicked in between is rolled back before anything else is written.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Works until it is told to close, or nobody is left who could ask for anything.
    pub(super) fn work(self, mut commands: mpsc::Receiver<Command>) {
        while let Some(first) = commands.blocking_recv() {
            let mut shared = self.lock();
            let Some(writer) = shared.as_mut() else {
                return;
            };
            if let Some(answer) = writer.work_off(first, &mut commands) {
                let ended = writer.end();
                // Whoever closed it finds its files closed.
                *shared = None;
                let _ = answer.send(ended);
                return;
            }
            writer.log.copy(&writer.db);
        }
        if let Some(mut writer) = self.lock().take()
            && let Err(error) = writer.end()
        {
            warn!(%error, "the store was not closed in order; nothing is lost");
        }
    }
}

/// What writing takes.
#[derive(Debug)]
pub(super) struct Writer {
    pub(super) db: Connection,
    pub(super) file: PathBuf,
    pub(super) durability: Durability,
    /// How many transactions were committed.
    pub(super) commits: Arc<AtomicU64>,
    pub(super) pending: Pending,
    /// Whether a commit waits for the disk now.
    pub(super) synchronous: Option<bool>,
    pub(super) log: Log,
    /// How many runs were admitted and have not ended.
    pub(super) under_way: usize,
}

impl Writer {
    /// Does what it is asked for first, and what else waits by now. Returns who waits for
    /// the end, if that was asked for.
    fn work_off(
        &mut self,
        first: Command,
        commands: &mut mpsc::Receiver<Command>,
    ) -> Option<oneshot::Sender<Result<(), StoreError>>> {
        let mut writes = Vec::new();
        let mut answers = Vec::new();
        let mut steps = Vec::new();
        let mut close = None;
        let mut bytes = 0;
        let mut next = Some(first);
        while let Some(command) = next {
            match command {
                Command::Write(write, answer) => {
                    bytes += write.bytes();
                    writes.push(write);
                    answers.push(answer);
                }
                Command::Prune(step, answer) => steps.push((step, answer)),
                Command::CopyLog => {}
                Command::Close(answer) => {
                    commands.close();
                    close = Some(answer);
                }
            }
            let full = writes.len() >= MAX_WRITES_AT_ONCE || bytes >= MAX_WRITTEN_AT_ONCE;
            next = match full {
                true => None,
                false => commands.try_recv().ok(),
            };
        }
        for (done, answer) in self.commit(&writes).into_iter().zip(answers) {
            // Whoever does not wait any more does not want to know.
            let _ = answer.send(done);
        }
        for (step, answer) in steps {
            let _ = answer.send(self.prune(&step));
        }
        close
    }

    /// Carries out all of them in one transaction; if that fails, each in one of its own,
    /// so that none fails because of another.
    fn commit(&mut self, writes: &[Write]) -> Vec<Result<Admitted, StoreError>> {
        if writes.is_empty() {
            return Vec::new();
        }
        match self.transaction(writes) {
            Ok(done) => {
                let bytes: usize = writes.iter().map(Write::bytes).sum();
                self.log
                    .grow(writes.len() * PAGES_OF_A_WRITE + bytes / 4096);
                for (write, done) in writes.iter().zip(&done) {
                    match (write, done) {
                        (Write::Admit(_), Ok(Admitted::New)) => self.under_way += 1,
                        // One that was cut off was admitted by an earlier daemon.
                        (Write::Finish(..), Ok(_)) => {
                            self.under_way = self.under_way.saturating_sub(1);
                        }
                        _ => {}
                    }
                }
                done
            }
            // Who has locked the file has locked it for each of them.
            Err(error) if writes.len() == 1 || is_busy(&error) => {
                writes.iter().map(|_| Err(self.explain(&error))).collect()
            }
            Err(_) => writes
                .iter()
                .flat_map(|write| self.commit(std::slice::from_ref(write)))
                .collect(),
        }
    }

    /// What SQLite says failed all of them, and all of them are rolled back.
    fn transaction(
        &mut self,
        writes: &[Write],
    ) -> rusqlite::Result<Vec<Result<Admitted, StoreError>>> {
        let matters = writes.iter().any(Write::matters);
        self.within(matters, |db, pending| {
            let carry_out = |write: &Write| match write.carry_out(db, pending) {
                Ok(done) => Ok(Ok(done)),
                Err(Fault::Refused(error)) => Ok(Err(error)),
                Err(Fault::Sqlite(error)) => Err(error),
            };
            writes.iter().map(carry_out).collect()
        })
    }

    fn prune(&mut self, step: &Step) -> Result<Gone, StoreError> {
        // What a deletion that is lost with the machine leaves is deleted again.
        let gone = self.within(false, |db, pending| prune::carry_out(db, pending, step));
        // It may have removed names.
        self.pending.forget();
        let gone = gone.map_err(|error| self.explain(&error))?;
        let runs = usize::try_from(gone.runs).unwrap_or(0);
        self.log.grow(runs * PAGES_OF_A_WRITE);
        Ok(gone)
    }

    /// Runs something in a transaction that is rolled back if anything fails.
    fn within<T>(
        &mut self,
        matters: bool,
        work: impl FnOnce(&Connection, &mut Pending) -> rusqlite::Result<T>,
    ) -> rusqlite::Result<T> {
        // Something may have panicked in the middle of the one before.
        self.roll_back_what_is_open();
        let done = self.try_within(matters, work);
        if done.is_err() {
            self.pending.forget();
            self.roll_back_what_is_open();
        }
        done
    }

    fn roll_back_what_is_open(&mut self) {
        if !self.db.is_autocommit() {
            self.pending.forget();
            // If this fails, so does the next transaction, and says why.
            let _ = self.db.execute_batch("ROLLBACK");
        }
    }

    fn try_within<T>(
        &mut self,
        matters: bool,
        work: impl FnOnce(&Connection, &mut Pending) -> rusqlite::Result<T>,
    ) -> rusqlite::Result<T> {
        // FULL waits for the disk at each commit, for all that was written before as well;
        // NORMAL leaves it to the system when the log gets there.
        let synchronous = matters && self.durability == Durability::Power;
        if self.synchronous != Some(synchronous) {
            let level = if synchronous { "FULL" } else { "NORMAL" };
            self.db.pragma_update(None, "synchronous", level)?;
            self.synchronous = Some(synchronous);
        }
        self.db.prepare_cached("BEGIN IMMEDIATE")?.execute([])?;
        let done = work(&self.db, &mut self.pending)?;
        self.pending.flush(&self.db)?;
        self.db.prepare_cached("COMMIT")?.execute([])?;
        self.commits.fetch_add(1, Ordering::Relaxed);
        Ok(done)
    }

    fn end(&mut self) -> Result<(), StoreError> {
        self.log.settle();
        self.roll_back_what_is_open();
        let copied = schema::checkpoint(&self.db, "TRUNCATE");
        copied.map_err(|error| self.explain(&error))
    }

    fn explain(&mut self, error: &rusqlite::Error) -> StoreError {
        let error = explain(error, &self.file);
        if matches!(error, StoreError::Full { .. }) {
            self.log.is_full();
        }
        files::remember_damage(&self.file, &error);
        error
    }
}

fn is_busy(error: &rusqlite::Error) -> bool {
    use rusqlite::ErrorCode::{DatabaseBusy, DatabaseLocked};
    matches!(
        error.sqlite_error_code(),
        Some(DatabaseBusy | DatabaseLocked)
    )
}
