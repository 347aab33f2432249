//! The store of runs, in a SQLite database in a file or in memory: runs can be looked up,
//! and no repeated request runs a hook twice.
//!
//! The store knows runs, the records of their journals and the results of hooks. Records,
//! summaries and outcomes are bytes to it, encoded and decoded by its callers. All SQL is in
//! this module, and `schema.sql` explains the tables.
//!
//! - A call that has returned is durable, as far as the store's [`Durability`] goes.
//! - The records of a run are in order and without gaps.
//! - A call that fails has changed nothing.
//! - Changes of different runs may be made at the same time, and are written together.
//!   Changes of one run have to be made one after another.
//!
//! One connection writes all changes that wait for it in one transaction (`write_queue.rs`).
//! In a file, others read beside it (`readers.rs`), and one more moves the WAL into the
//! database (`checkpoint.rs`).

mod backup;
mod checkpoint;
mod compress;
mod database;
mod encoding;
mod error;
mod fault;
mod file_header;
mod files;
mod id_range;
mod list;
mod open;
mod place;
mod prune;
mod query;
mod read;
mod readers;
mod run;
mod stats;
mod tally;
mod wal;
mod write;
mod write_queue;
mod writer;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use hook_core::catalog::RunRetention;
use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension as _};
use uuid::Uuid;

use self::checkpoint::Checkpointer;
use self::place::Place;
use self::prune::Removable;
use self::readers::Readers;
use self::tally::Tally;
use self::write_queue::WriteQueue;
use self::writer::{RunChange, Writer};
use crate::limits::{MAX_BYTES_IN_MEMORY, MAX_RUNS_IN_MEMORY};

pub use self::error::StoreError;
pub use self::files::SetAside;
pub use self::open::OpenError;
pub use self::query::{
    HookStats, JournalMatcher, OutputSearch, PrunedPlan, RunFilter, RunPage, StatsFilter,
    StoreInfo, StoredNames, StoredState,
};
pub use self::run::{
    Admitted, EndedBy, HookEnd, HookResult, NewRun, Record, RequestKey, RunEnd, RunSubject,
    StoredRun,
};

/// The name of SQLite for a database in memory, used in errors.
const IN_MEMORY: &str = ":memory:";

/// The events that stored runs survive.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Durability {
    /// None: runs are in memory.
    #[value(skip)]
    None,
    /// The death of hookd, and that of the machine: runs are on the disk before their first
    /// script starts, decisions before they are sent to the agent.
    Power,
    /// The death of hookd; the death of the machine may lose the last moments.
    Process,
}

/// The store of runs.
///
/// Its methods fail if the database cannot be read or written. A failed change may be
/// repeated: records that are stored already are ignored.
#[derive(Debug)]
pub struct Store {
    /// `None` in memory.
    path: Option<PathBuf>,
    /// `None` in memory.
    place: Option<Arc<Place>>,
    durability: Durability,
    queue: Arc<WriteQueue>,
    readers: Arc<Readers>,
}

impl Store {
    /// Opens the store in a file, which is created, with its folder, if it does not exist. A
    /// damaged store is set aside, and a new one created.
    ///
    /// Blocks while it reads a little of the file, and longer if damage was found earlier.
    /// Fails if the file cannot be written, has another version of the schema, or is not
    /// hookd's.
    pub fn open(
        file: &Path,
        durability: Durability,
    ) -> Result<(Store, Option<SetAside>), OpenError> {
        let (db, aside) = open::open(file)?;
        let place = Place::of(file).map_err(|cause| OpenError::Unwritable {
            path: file.to_owned(),
            cause,
        })?;
        let place = Arc::new(place);
        let mut writer = Writer::new(db, file, durability);
        let checkpointer = Checkpointer::start(file, Arc::clone(&place));
        let checkpointer = checkpointer.map_err(|error| StoreError::Failed(error.to_string()))?;
        writer.checkpointer = Some(checkpointer);
        writer.place = Some(place);
        Ok((Store::new(writer), aside))
    }

    /// Opens an empty store in memory, which keeps the latest [`MAX_RUNS_IN_MEMORY`] ended
    /// runs, or fewer if those take more than [`MAX_BYTES_IN_MEMORY`].
    /// Fails if there is not enough memory, or no thread can be started.
    pub fn in_memory() -> Result<Store, StoreError> {
        Store::in_memory_of(MAX_RUNS_IN_MEMORY.into(), MAX_BYTES_IN_MEMORY as u64)
    }

    /// Opens an empty store in memory with another capacity.
    /// Fails if there is not enough memory, or no thread can be started.
    #[doc(hidden)]
    pub fn in_memory_of(max_runs: u64, max_bytes: u64) -> Result<Store, StoreError> {
        let path = Path::new(IN_MEMORY);
        let db = database::open_in_memory().map_err(|error| fault::explain(&error, path))?;
        let mut writer = Writer::new(db, path, Durability::None);
        writer.capacity = Some((max_runs, max_bytes));
        Ok(Store::new(writer))
    }

    fn new(writer: Writer) -> Store {
        let durability = writer.durability;
        let path = (durability != Durability::None).then(|| writer.path.clone());
        let place = writer.place.clone();
        let queue = Arc::new(WriteQueue::new(writer));
        let file = path.clone().zip(place.clone());
        Store {
            readers: Arc::new(Readers::new(file, Arc::clone(&queue))),
            path,
            place,
            durability,
            queue,
        }
    }

    /// Adds a run with the first record of its journal, or returns the run that the same
    /// request began before. No script of the run may start before this has succeeded.
    pub async fn admit(&self, run: NewRun) -> Result<Admitted, StoreError> {
        self.queue.change(RunChange::Admit(run)).await
    }

    /// Returns the result that an admission with this request would have, and adds nothing.
    pub async fn find(&self, request: &RequestKey) -> Result<Admitted, StoreError> {
        let request = request.clone();
        self.readers.read(move |db| read::find(db, &request)).await
    }

    /// Adds records to the journal of a run. They survive a power cut only together with
    /// the end of the run.
    pub async fn append(&self, run: Uuid, records: &[Record]) -> Result<(), StoreError> {
        let change = RunChange::Append(run, records.to_vec());
        self.queue.change(change).await.map(drop)
    }

    /// Adds the last records of a run, and its end.
    pub async fn finish(
        &self,
        run: Uuid,
        records: &[Record],
        end: RunEnd,
    ) -> Result<(), StoreError> {
        let change = RunChange::Finish(run, records.to_vec(), end);
        self.queue.change(change).await.map(drop)
    }

    /// Returns the records of a run after a sequence number, in order: as many as fit into
    /// this number of bytes, but at least one if there is one.
    pub async fn read(
        &self,
        run: Uuid,
        after: u64,
        bytes: usize,
    ) -> Result<Vec<Record>, StoreError> {
        let read = move |db: &_| read::records(db, run, after, bytes);
        self.readers.read(read).await
    }

    /// Returns one run, if the store has it.
    pub async fn get(&self, run: Uuid) -> Result<Option<StoredRun>, StoreError> {
        self.readers.read(move |db| read::get(db, run)).await
    }

    /// Returns a page of runs that pass a filter, newest first, from the one after `before`
    /// on.
    pub async fn list(
        &self,
        filter: &RunFilter,
        before: Option<Uuid>,
        limit: usize,
    ) -> Result<RunPage, StoreError> {
        let filter = filter.clone();
        let page = move |db: &_| list::page(db, &filter, before, limit);
        self.readers.read(page).await
    }

    /// Returns the runs without an end, oldest first: at the start of a daemon, those that
    /// the death of an earlier daemon interrupted.
    pub async fn unfinished(&self) -> Result<Vec<Uuid>, StoreError> {
        self.readers.read(read::unfinished).await
    }

    /// Returns the statistics of each hook, by name.
    pub async fn hook_stats(&self, filter: &StatsFilter) -> Result<Vec<HookStats>, StoreError> {
        let filter = filter.clone();
        let stats = move |db: &_| Ok(stats::of_hooks(db, &filter)?);
        self.readers.read(stats).await
    }

    /// Returns the names that runs and their hooks have had.
    pub async fn names(&self) -> Result<StoredNames, StoreError> {
        self.readers.read(|db| Ok(list::names(db)?)).await
    }

    /// Removes finished runs that exceed the retention of their repository and plan, in steps so
    /// small that other changes hardly wait. With `dry_run`, only counts them. A failure does not undo
    /// completed steps.
    pub async fn prune(
        &self,
        retention: impl Fn(&str, &str) -> RunRetention,
        dry_run: bool,
    ) -> Result<Vec<PrunedPlan>, StoreError> {
        let now = Timestamp::now();
        let mut pruned = Vec::new();
        for (id, repo, plan) in self.readers.read(|db| Ok(prune::scopes(db)?)).await? {
            let retention = retention(&repo, &plan);
            if retention == RunRetention::default() {
                continue;
            }
            let runs = move |db: &_| Ok(prune::removable(db, id, retention, now)?);
            let runs = self.readers.read(runs).await?;
            if runs.is_empty() {
                continue;
            }
            if !dry_run {
                self.remove(&runs).await?;
            }
            let left = self.readers.read(move |db| Ok(prune::runs_of(db, id)?));
            let not_removed = if dry_run { runs.len() as u64 } else { 0 };
            pruned.push(PrunedPlan {
                plan,
                repo,
                runs: runs.len() as u64,
                bytes: runs.iter().map(|run| run.bytes).sum(),
                left: left.await?.saturating_sub(not_removed),
            });
        }
        Ok(pruned)
    }

    async fn remove(&self, mut runs: &[Removable]) -> Result<(), StoreError> {
        loop {
            let (step, rest) = prune::split_step(runs);
            let step = step.to_vec();
            let prune = move |writer: &mut Writer| writer.prune(&step);
            let pages_left = self.queue.with_writer(prune).await?;
            if rest.is_empty() && !pages_left {
                return Ok(());
            }
            runs = rest;
        }
    }

    /// Writes a consistent copy of the store to a file that does not exist yet, while others
    /// read and write. Fails for a store in memory.
    pub async fn backup(&self, to: &Path) -> Result<(), StoreError> {
        self.readers.backup(to.to_owned()).await
    }

    /// Fails with [`StoreError::Gone`] if the files of the store were removed, renamed or
    /// replaced, and with [`StoreError::Damaged`] if damage of them was seen.
    pub async fn in_place(&self) -> Result<(), StoreError> {
        match &self.place {
            Some(place) => place.look().await,
            None => Ok(()),
        }
    }

    /// Returns facts about the store: its kind, size and content.
    pub async fn info(&self) -> Result<StoreInfo, StoreError> {
        let (path, durability) = (self.path.clone(), self.durability);
        let info = move |db: &Connection| {
            let number = |pragma| db.pragma_query_value(None, pragma, |row| row.get::<_, u64>(0));
            let bytes = match &path {
                Some(path) => files::size_of(path) + files::wal_size(path),
                None => number("page_count")? * number("page_size")?,
            };
            let under_way: u64 = db
                .prepare_cached("SELECT count(*) FROM run WHERE ended = ?1")?
                .query_row([encoding::UNFINISHED], |row| row.get(0))?;
            let began = |select: &str| {
                let began = db.prepare_cached(select)?.query_row([], |row| row.get(0));
                began.optional().map(|began| began.map(encoding::time))
            };
            Ok(StoreInfo {
                kind: path.as_ref().map_or("memory", |_| "sqlite"),
                schema: path.as_ref().map_or(0, |_| database::VERSION),
                path,
                durability,
                bytes,
                runs: Tally::RunsOfScope.total(db)? + under_way,
                oldest: began("SELECT began FROM run ORDER BY id LIMIT 1")?,
                newest: began("SELECT began FROM run ORDER BY id DESC LIMIT 1")?,
            })
        };
        self.readers.read(info).await
    }

    /// Writes everything to the database, and closes its files. Later calls fail with
    /// [`StoreError::Closed`], except for this method.
    pub async fn close(&self) -> Result<(), StoreError> {
        self.readers.close();
        self.queue.close().await
    }

    /// Returns the number of committed transactions, for tests.
    #[doc(hidden)]
    #[must_use]
    pub fn commits(&self) -> u64 {
        self.queue.commits()
    }
}
