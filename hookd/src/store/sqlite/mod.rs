//! Runs kept in a SQLite database.
//!
//! One connection writes, all that waits for it in one transaction (`writer.rs`).
//! Connections that only read work beside it (`readers.rs`). All SQL is in this folder, and
//! what its tables mean is in `schema/`.

mod copy;
mod fault;
mod files;
mod list;
mod log;
mod open;
mod prune;
mod read;
mod readers;
mod rows;
mod schema;
mod squeeze;
mod stats;
mod wanted;
mod write;
mod writer;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use jiff::Timestamp;
use rusqlite::OptionalExtension as _;
use tokio::runtime::{Handle, RuntimeFlavor};
use tokio::sync::{mpsc, oneshot};
use uuid::Uuid;

use self::log::Log;
pub use self::open::{OpenError, SetAside};
use self::prune::{Gone, Rule, Scope, Step};
use self::readers::Readers;
use self::write::{Kind, Pending};
use self::writer::{Command, SharedWriter, Write, Writer};
use super::{
    Admitted, Durability, End, Filter, HookStats, Info, Kept, NewRun, Page, Pruned, Record,
    RequestKey, RetentionOf, StatsFilter, Store, StoreError,
};
use crate::limits::MAX_WAITING_WRITES;

/// A store in a SQLite database.
#[derive(Debug)]
pub struct SqliteStore {
    file: PathBuf,
    durability: Durability,
    writer: SharedWriter,
    commands: mpsc::Sender<Command>,
    readers: Arc<Readers>,
    commits: Arc<AtomicU64>,
}

/// Opens the store in that file, and makes it, and the folder that it is in, if they are
/// not there. A damaged one is set aside, and a new one begun.
///
/// Blocks while it reads a little of the file; longer if the store is of an earlier version
/// of the schema, or damage was seen in it.
///
/// # Errors
/// If it cannot be written, is of a newer version, or is not hookd's.
pub fn open(
    file: &Path,
    durability: Durability,
) -> Result<(SqliteStore, Option<SetAside>), OpenError> {
    let (db, aside) = open::open(file)?;
    let (commands, waiting) = mpsc::channel(MAX_WAITING_WRITES);
    let commits = Arc::new(AtomicU64::new(0));
    let writer = SharedWriter::new(Writer {
        db,
        file: file.to_owned(),
        durability,
        commits: Arc::clone(&commits),
        pending: Pending::default(),
        synchronous: None,
        log: Log::of(file),
        under_way: 0,
    });
    let thread = writer.clone();
    std::thread::Builder::new()
        .name("store".into())
        .spawn(move || thread.work(waiting))
        .map_err(|error| StoreError::failed(error.to_string()))?;
    let store = SqliteStore {
        file: file.to_owned(),
        durability,
        writer,
        commands,
        readers: Arc::new(Readers::new(file)),
        commits,
    };
    Ok((store, aside))
}

impl SqliteStore {
    /// How many transactions were committed, for tests.
    #[doc(hidden)]
    #[must_use]
    pub fn commits(&self) -> u64 {
        self.commits.load(Ordering::Relaxed)
    }

    async fn ask<T>(
        &self,
        command: impl FnOnce(oneshot::Sender<Result<T, StoreError>>) -> Command,
    ) -> Result<T, StoreError> {
        let (answer, answered) = oneshot::channel();
        let sent = self.commands.send(command(answer)).await;
        sent.map_err(|_| StoreError::Closed)?;
        answered.await.map_err(|_| StoreError::Closed)?
    }

    async fn write(&self, write: Write) -> Result<Admitted, StoreError> {
        if let Some(done) = self.write_here(&write) {
            return done;
        }
        self.ask(|answer| Command::Write(write, answer)).await
    }

    /// Writes it on this thread, if nobody else writes or waits: to wake another thread and
    /// be woken by it takes about half as long as the write itself.
    fn write_here(&self, write: &Write) -> Option<Result<Admitted, StoreError>> {
        let waiting = self.commands.capacity() < self.commands.max_capacity();
        // Where there is but one thread, everybody would wait.
        let many = Handle::try_current()
            .is_ok_and(|runtime| runtime.runtime_flavor() == RuntimeFlavor::MultiThread);
        if waiting || !many || self.commands.is_closed() {
            return None;
        }
        let (done, due) = self.writer.write(write)?;
        if due {
            // If there is no room, the thread has work, and looks by itself.
            let _ = self.commands.try_send(Command::CopyLog);
        }
        Some(done)
    }

    async fn scopes(&self) -> Result<Vec<Scope>, StoreError> {
        let scopes = self.readers.read(|db| {
            let mut select = db.prepare_cached("SELECT id, repo, plan FROM scope ORDER BY 2, 3")?;
            let scopes = select.query_map([], |row| {
                Ok(Scope {
                    number: row.get(0)?,
                    repo: row.get(1)?,
                    plan: row.get(2)?,
                })
            })?;
            Ok(scopes.collect::<rusqlite::Result<_>>()?)
        });
        scopes.await
    }

    async fn prune_scope(
        &self,
        scope: &Scope,
        rule: Rule,
        dry_run: bool,
    ) -> Result<Gone, StoreError> {
        let step = || Step {
            scope: scope.clone(),
            rule,
        };
        if dry_run {
            let step = step();
            let count = move |db: &rusqlite::Transaction<'_>| Ok(prune::count_going(db, &step)?);
            return self.readers.read(count).await;
        }
        let mut gone = Gone::default();
        loop {
            let step = step();
            let some = self.ask(|answer| Command::Prune(step, answer)).await?;
            gone.runs += some.runs;
            gone.bytes += some.bytes;
            if !some.more {
                return Ok(gone);
            }
        }
    }

    async fn runs_of(&self, scope: Scope) -> Result<u64, StoreError> {
        let count = move |db: &rusqlite::Transaction<'_>| Ok(scope.runs(db)?);
        self.readers.read(count).await
    }
}

#[tonic::async_trait]
impl Store for SqliteStore {
    async fn admit(&self, run: NewRun) -> Result<Admitted, StoreError> {
        self.write(Write::Admit(run)).await
    }

    async fn find(&self, request: &RequestKey) -> Result<Admitted, StoreError> {
        let request = request.clone();
        self.readers.read(move |db| read::asked(db, &request)).await
    }

    async fn append(&self, run: Uuid, records: &[Record]) -> Result<(), StoreError> {
        let write = Write::Append(run, records.to_vec());
        self.write(write).await.map(drop)
    }

    async fn finish(&self, run: Uuid, records: &[Record], end: End) -> Result<(), StoreError> {
        let write = Write::Finish(run, records.to_vec(), end);
        self.write(write).await.map(drop)
    }

    async fn read(&self, run: Uuid, after: u64, bytes: usize) -> Result<Vec<Record>, StoreError> {
        let read = self
            .readers
            .read(move |db| read::records(db, run, after, bytes));
        read.await
    }

    async fn get(&self, run: Uuid) -> Result<Option<Kept>, StoreError> {
        self.readers.read(move |db| read::get(db, run)).await
    }

    async fn list(
        &self,
        filter: &Filter,
        before: Option<Uuid>,
        limit: usize,
    ) -> Result<Page, StoreError> {
        let filter = filter.clone();
        let page = self
            .readers
            .read(move |db| list::page(db, &filter, before, limit));
        page.await
    }

    async fn unfinished(&self) -> Result<Vec<Uuid>, StoreError> {
        self.readers.read(|db| read::unfinished(db)).await
    }

    async fn hook_stats(&self, filter: &StatsFilter) -> Result<Vec<HookStats>, StoreError> {
        let filter = filter.clone();
        self.readers.read(move |db| stats::of(db, &filter)).await
    }

    async fn prune(
        &self,
        retention: &dyn RetentionOf,
        dry_run: bool,
    ) -> Result<Vec<Pruned>, StoreError> {
        let now = Timestamp::now();
        let mut pruned = Vec::new();
        for scope in self.scopes().await? {
            let rule = Rule::of(retention.retention(&scope.repo, &scope.plan), now);
            if rule.keeps_all() {
                continue;
            }
            let gone = self.prune_scope(&scope, rule, dry_run).await?;
            if gone.runs == 0 {
                continue;
            }
            let left = self.runs_of(scope.clone()).await?;
            pruned.push(Pruned {
                plan: scope.plan,
                repo: scope.repo,
                runs: gone.runs,
                bytes: gone.bytes,
                left: left - if dry_run { gone.runs.min(left) } else { 0 },
            });
        }
        Ok(pruned)
    }

    async fn backup(&self, to: &Path) -> Result<(), StoreError> {
        let to = to.to_owned();
        self.readers.copy(to).await
    }

    async fn info(&self) -> Result<Info, StoreError> {
        let log = files::size_of(&files::beside(&self.file, "-wal"));
        let bytes = files::size_of(&self.file) + log;
        let (path, durability) = (Some(self.file.clone()), self.durability);
        let info = self.readers.read(move |db| {
            let ended: Option<i64> = db
                .prepare_cached("SELECT sum(count) FROM tally WHERE kind = ?1")?
                .query_row([Kind::Ended as i64], |row| row.get(0))?;
            let oldest: Option<([u8; 16], i64)> = db
                .prepare_cached("SELECT id, began FROM run ORDER BY id LIMIT 1")?
                .query_row([], |row| Ok((row.get(0)?, row.get(1)?)))
                .optional()?;
            Ok(Info {
                kind: "sqlite",
                path,
                durability,
                schema: schema::VERSION,
                bytes,
                runs: ended.map_or(0, i64::unsigned_abs) + prune::under_way(db, None)?,
                oldest: oldest.map(|(id, began)| rows::at(Uuid::from_bytes(id), began)),
            })
        });
        info.await
    }

    async fn close(&self) -> Result<(), StoreError> {
        self.readers.close();
        match self.ask(Command::Close).await {
            // It was closed before.
            Err(StoreError::Closed) => Ok(()),
            other => other,
        }
    }
}
