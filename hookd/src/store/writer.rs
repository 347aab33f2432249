//! The one connection that writes.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use rusqlite::{Connection, ErrorCode};
use uuid::Uuid;

use super::checkpoint::Checkpointer;
use super::fault::{Fault, explain};
use super::place::Place;
use super::prune::{self, Removable};
use super::run::bytes_of;
use super::{Admitted, Durability, NewRun, Record, RunEnd, StoreError, database, write};

/// Approximate number of pages that one write changes.
const PAGES_OF_A_WRITE: usize = 4;

/// A change of one run. All but admissions answer with [`Admitted::New`].
#[derive(Debug)]
pub(super) enum RunChange {
    Admit(NewRun),
    Append(Uuid, Vec<Record>),
    Finish(Uuid, Vec<Record>, RunEnd),
}

impl RunChange {
    /// Returns whether the change has to survive a power cut, under a durability that promises
    /// that.
    fn is_durable(&self) -> bool {
        !matches!(self, RunChange::Append(..))
    }

    pub(super) fn bytes(&self) -> usize {
        match self {
            RunChange::Admit(new) => NewRun::OVERHEAD + new.first.bytes.len(),
            RunChange::Append(_, records) | RunChange::Finish(_, records, _) => bytes_of(records),
        }
    }

    fn apply(&self, db: &Connection) -> Result<Admitted, Fault> {
        match self {
            RunChange::Admit(new) => return write::admit(db, new),
            RunChange::Append(run, records) => write::append(db, *run, records)?,
            RunChange::Finish(run, records, end) => write::finish(db, *run, records, end)?,
        }
        Ok(Admitted::New)
    }
}

/// The connection that writes, and its state.
#[derive(Debug)]
pub(super) struct Writer {
    db: Connection,
    pub(super) path: PathBuf,
    pub(super) durability: Durability,
    /// The maximum number and bytes of ended runs, above which the oldest are removed.
    pub(super) capacity: Option<(u64, u64)>,
    /// The number of committed transactions.
    pub(super) commits: Arc<AtomicU64>,
    /// True while commits wait for the disk; `None` before the first commit.
    syncs: Option<bool>,
    /// `None` in memory.
    pub(super) checkpointer: Option<Checkpointer>,
    /// `None` in memory.
    pub(super) place: Option<Arc<Place>>,
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
            syncs: None,
            checkpointer: None,
            place: None,
            runs_under_way: 0,
        }
    }

    /// Returns whether more than one run is under way.
    pub(super) fn has_several_runs(&self) -> bool {
        self.runs_under_way > 1
    }

    /// Commits all changes in one transaction; if that fails, each in a transaction of its own, so
    /// that none fails because of another.
    pub(super) fn commit(&mut self, changes: &[RunChange]) -> Vec<Result<Admitted, StoreError>> {
        if let Err(gone) = self.check_place() {
            return changes.iter().map(|_| Err(gone.clone())).collect();
        }
        match self.change(changes) {
            Ok(done) => {
                self.count(changes, &done);
                done
            }
            // While another program locks the file, all of them would fail alike.
            Err(error) if changes.len() == 1 || is_busy(&error) => {
                changes.iter().map(|_| Err(self.explain(&error))).collect()
            }
            Err(_) => changes
                .iter()
                .flat_map(|change| self.commit(std::slice::from_ref(change)))
                .collect(),
        }
    }

    fn check_place(&self) -> Result<(), StoreError> {
        self.place.as_ref().map_or(Ok(()), |place| place.check())
    }

    /// Makes changes in one transaction, which errors of SQLite roll back.
    fn change(
        &mut self,
        changes: &[RunChange],
    ) -> rusqlite::Result<Vec<Result<Admitted, StoreError>>> {
        let durable = changes.iter().any(RunChange::is_durable);
        let capacity = self.capacity;
        self.in_transaction(durable, |db| {
            let apply = |change: &RunChange| match change.apply(db) {
                Ok(done) => Ok(Ok(done)),
                Err(Fault::Refused(error)) => Ok(Err(error)),
                Err(Fault::Sqlite(error)) => Err(error),
            };
            let done = changes.iter().map(apply).collect();
            if let Some(capacity) = capacity {
                prune::make_room(db, capacity)?;
            }
            done
        })
    }

    /// Updates the counts after a commit.
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

    /// Removes runs. Returns whether there are more free pages to give back.
    pub(super) fn prune(&mut self, runs: &[Removable]) -> Result<bool, StoreError> {
        self.check_place()?;
        // A removal that is undone by a power cut is repeated later.
        let removed = self.in_transaction(false, |db| prune::remove(db, runs));
        self.add_pages(runs.len() * PAGES_OF_A_WRITE);
        removed.map_err(|error| self.explain(&error))
    }

    fn add_pages(&mut self, pages: usize) {
        if let Some(checkpointer) = &mut self.checkpointer {
            checkpointer.add_pages(pages);
        }
    }

    /// Runs `work` in a transaction, which is rolled back on errors.
    fn in_transaction<T>(
        &mut self,
        durable: bool,
        work: impl FnOnce(&Connection) -> rusqlite::Result<T>,
    ) -> rusqlite::Result<T> {
        // Comes first, because SQLite refuses the pragma within a transaction.
        self.roll_back();
        // With `FULL`, a commit syncs the WAL, including earlier commits; with `NORMAL`, only
        // checkpoints sync.
        let syncs = durable && self.durability == Durability::Power;
        if self.syncs != Some(syncs) {
            let level = if syncs { "FULL" } else { "NORMAL" };
            self.db.pragma_update(None, "synchronous", level)?;
            self.syncs = Some(syncs);
        }
        self.db.prepare_cached("BEGIN IMMEDIATE")?.execute([])?;
        let commit = |done| {
            self.db.prepare_cached("COMMIT")?.execute([])?;
            Ok(done)
        };
        let done = work(&self.db).and_then(commit);
        match done {
            Ok(_) => {
                self.commits.fetch_add(1, Ordering::Relaxed);
            }
            Err(_) => self.roll_back(),
        }
        done
    }

    /// Rolls back a transaction that failed, or that a panic left open.
    fn roll_back(&self) {
        if !self.db.is_autocommit() {
            // If this fails, the next transaction fails too, and reports its error.
            let _ = self.db.execute_batch("ROLLBACK");
        }
    }

    /// Reads with this connection.
    pub(super) fn read<T>(
        &self,
        read: impl FnOnce(&Connection) -> Result<T, Fault>,
    ) -> Result<T, StoreError> {
        self.roll_back();
        let transaction = self.db.unchecked_transaction().map_err(Fault::from);
        transaction
            .and_then(|transaction| read(&transaction))
            .map_err(|fault| fault.explain(&self.path))
    }

    /// Checkpoints the whole WAL, and closes the files.
    pub(super) fn close(mut self) -> Result<(), StoreError> {
        if let Some(checkpointer) = self.checkpointer.take() {
            checkpointer.stop();
        }
        let checkpoint = database::checkpoint(&self.db, "TRUNCATE");
        checkpoint.map_err(|error| self.explain(&error))
    }

    fn explain(&mut self, error: &rusqlite::Error) -> StoreError {
        let error = explain(error, &self.path);
        if let (StoreError::Full(_), Some(checkpointer)) = (&error, &mut self.checkpointer) {
            // Lets SQLite restart the WAL, where it has no room to grow.
            checkpointer.begin();
        }
        if let Some(place) = &self.place {
            place.note_damage(&error);
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

#[cfg(test)]
mod tests {
    use std::panic::{AssertUnwindSafe, catch_unwind};

    use super::*;

    #[test]
    fn a_panic_in_a_transaction_fails_no_later_one() {
        let db = database::open_in_memory().expect("opened");
        let mut writer = Writer::new(db, Path::new(":memory:"), Durability::Power);
        for durable in [true, false] {
            let panics = |writer: &mut Writer| {
                writer.in_transaction(durable, |_| -> rusqlite::Result<()> {
                    panic!("on purpose")
                })
            };
            let panicked = catch_unwind(AssertUnwindSafe(|| panics(&mut writer)));
            assert!(panicked.is_err());
            let later = writer.in_transaction(!durable, |_| Ok(()));
            later.expect("the open transaction is rolled back");
        }
    }
}
