//! What keeps runs, so that they can be looked up and no request runs a hook twice.
//!
//! A [`Store`] knows runs, the records of their journals and what hooks came to; it knows
//! nothing of what a record says: records, glances and outcomes are bytes to it, encoded
//! and read elsewhere. SQL stands in the folder of its engine and nowhere else.
//!
//! What an engine promises: a call that has returned is durable, as far as the engine's
//! [`Durability`] goes; records of a run are kept without holes, in order; a call that
//! fails has changed nothing. Calls of different runs may be made at the same time, and an
//! engine makes one write of as many as wait for it. Calls that change the same run are
//! made one after another.

use std::fmt::Debug;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use hook_core::condition::Condition;
use jiff::Timestamp;
use uuid::Uuid;

/// Keeps runs.
#[tonic::async_trait]
pub trait Store: Debug + Send + Sync {
    /// Adds a run with the first record of its journal, or finds the run that the same
    /// request asked for before: both in one step. Durable against what the store is said
    /// to survive, so that no script starts before its run is on record.
    ///
    /// # Errors
    /// If the run could not be kept; nothing may be started then.
    async fn admit(&self, run: NewRun) -> Result<Admitted, StoreError>;

    /// What an admission with this request would find: [`Admitted::New`] if nothing. Adds
    /// nothing, so that a request that asks again gets its run even where no new one can be
    /// kept.
    ///
    /// # Errors
    /// If the store cannot be read.
    async fn find(&self, request: &RequestKey) -> Result<Admitted, StoreError>;

    /// Adds records to the journal of a run. Survives the death of the daemon; what
    /// survives that of the machine is the end of the run, with all that came before it.
    ///
    /// # Errors
    /// If the records could not be kept; they may be given again.
    async fn append(&self, run: Uuid, records: &[Record]) -> Result<(), StoreError>;

    /// Adds the last records of a run, and what it came to. Durable as an admission is.
    ///
    /// # Errors
    /// If they could not be kept; they may be given again.
    async fn finish(&self, run: Uuid, records: &[Record], end: End) -> Result<(), StoreError>;

    /// The records of a run after a sequence number, in order: at least one if there is
    /// one, and no more than about so many bytes.
    ///
    /// # Errors
    /// If the store cannot be read.
    async fn read(&self, run: Uuid, after: u64, bytes: usize) -> Result<Vec<Record>, StoreError>;

    /// One run.
    ///
    /// # Errors
    /// If the store cannot be read.
    async fn get(&self, run: Uuid) -> Result<Option<Kept>, StoreError>;

    /// A page of runs, newest first, that pass a filter, from the one after `before` on.
    ///
    /// # Errors
    /// If the store cannot be read.
    async fn list(
        &self,
        filter: &Filter,
        before: Option<Uuid>,
        limit: usize,
    ) -> Result<Page, StoreError>;

    /// The runs that have no end on record, oldest first: at the start of a daemon those
    /// that the one before it did not see to their end.
    ///
    /// # Errors
    /// If the store cannot be read.
    async fn unfinished(&self) -> Result<Vec<Uuid>, StoreError>;

    /// How each hook has done, by name.
    ///
    /// # Errors
    /// If the store cannot be read.
    async fn hook_stats(&self, filter: &StatsFilter) -> Result<Vec<HookStats>, StoreError>;

    /// Removes finished runs that a plan's retention does not keep, in steps so small that
    /// no run waits for them; with `dry_run` only says what would go.
    ///
    /// # Errors
    /// If the store cannot be changed; what was removed before that is gone.
    async fn prune(
        &self,
        retention: &dyn RetentionOf,
        dry_run: bool,
    ) -> Result<Vec<Pruned>, StoreError>;

    /// Writes a consistent copy of everything to a file that is not there yet, while others
    /// go on.
    ///
    /// # Errors
    /// If this engine has no file, or the copy cannot be made.
    async fn backup(&self, to: &Path) -> Result<(), StoreError>;

    /// What it is, and what it holds.
    ///
    /// # Errors
    /// If the store cannot be read.
    async fn info(&self) -> Result<Info, StoreError>;

    /// Writes out all that was taken, and lets go of what it holds.
    ///
    /// # Errors
    /// If something could not be written.
    async fn close(&self) -> Result<(), StoreError>;
}

/// What of a store's promises holds when something dies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Durability {
    /// Nothing: runs are in memory.
    None,
    /// What was promised survives the death of the daemon.
    Process,
    /// Admissions and ends of runs survive the death of the machine, too.
    Power,
}

/// A run to be added.
#[derive(Clone, Debug)]
pub struct NewRun {
    /// Its id; ids sort by the time at which their runs were admitted.
    pub id: Uuid,
    /// By what a repeated request for it is known.
    pub request: Option<RequestKey>,
    /// What it is about.
    pub about: About,
    /// When it was admitted.
    pub started_at: Timestamp,
    /// The first record of its journal.
    pub first: Record,
    /// The run at a glance as it begins.
    pub glance: Bytes,
}

/// A request by which a run may be asked for again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequestKey {
    /// Its id.
    pub id: Uuid,
    /// A digest of the event as it was asked for: the same id with another event is refused.
    pub event: [u8; 32],
}

/// What a run can be found by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct About {
    /// What the agent reported.
    pub condition: Condition,
    /// The repository's id, or nothing.
    pub repo: String,
    /// The plan's id, or nothing.
    pub plan: String,
    /// The operation's id, or nothing.
    pub operation: String,
}

/// What came of an admission.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Admitted {
    /// The run was added.
    New,
    /// The same request asked for this run before, with the same event.
    Same(Uuid),
    /// The request's id was used with another event.
    Other,
}

/// One entry of a journal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// 1, 2, 3 … without holes.
    pub sequence: u64,
    /// The entry, encoded.
    pub bytes: Bytes,
}

/// What a run came to.
#[derive(Clone, Debug)]
pub struct End {
    /// How it ended.
    pub state: Ended,
    /// When.
    pub at: Timestamp,
    /// The run at a glance.
    pub glance: Bytes,
    /// What its hooks came to, one for each that ran or was skipped.
    pub hooks: Vec<HookEnd>,
}

/// How a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    /// With a decision, by its number on the wire.
    Decided(i32),
    /// Not at all: the daemon died before.
    Interrupted,
}

/// What a hook of a run came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HookEnd {
    /// The hook's name.
    pub hook: String,
    /// When it started, or was skipped.
    pub at: Timestamp,
    /// How long it ran.
    pub elapsed: Duration,
    /// What it came to.
    pub result: HookResult,
    /// Its outcome, encoded; empty if it was skipped.
    pub outcome: Bytes,
}

/// What a hook of a run came to, for counting.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HookResult {
    /// It succeeded.
    Succeeded,
    /// It succeeded, and somebody should look.
    Warned,
    /// It failed, and that was ignored.
    Ignored,
    /// It failed, and that decided something.
    Failed,
    /// It did not run, or was cut off together with the daemon: it has no result.
    Skipped,
}

/// A run that is kept.
#[derive(Clone, Debug)]
pub struct Kept {
    /// Its id.
    pub id: Uuid,
    /// How it ended; nothing while it is under way.
    pub ended: Option<Ended>,
    /// The run at a glance; of one that is under way, as it began.
    pub glance: Bytes,
    /// The last sequence number on record.
    pub last_sequence: u64,
}

/// Which runs are wanted. What is empty lets everything pass.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Of this repository.
    pub repo: Option<String>,
    /// Of this plan.
    pub plan: Option<String>,
    /// Of this operation.
    pub operation: Option<String>,
    /// Reported as one of these.
    pub conditions: Vec<Condition>,
    /// Ended with one of these decisions, by their numbers on the wire.
    pub decisions: Vec<i32>,
    /// In one of these states.
    pub states: Vec<KeptState>,
    /// Began then or later.
    pub since: Option<Timestamp>,
    /// Began before then.
    pub until: Option<Timestamp>,
    /// With this hook among those that ran or were skipped.
    pub hook: Option<String>,
    /// With an id that begins so: lower-case, hyphens where an id has them.
    pub id_prefix: Option<String>,
    /// With these bytes in what a hook wrote; see [`Page::next`].
    pub output: Option<Search>,
}

/// What is looked for in the output of hooks.
#[derive(Clone)]
pub struct Search {
    /// Says whether a journal with these records, in order, is wanted.
    pub matches: Arc<dyn Fn(&[Record]) -> bool + Send + Sync>,
    /// How many journals one call may search.
    pub budget: usize,
}

impl Debug for Search {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Search").finish_non_exhaustive()
    }
}

/// Where a kept run stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeptState {
    /// It has no end yet.
    Unfinished,
    /// It ended with a decision.
    Decided,
    /// The daemon died before its end.
    Interrupted,
}

/// A page of runs.
#[derive(Clone, Debug, Default)]
pub struct Page {
    /// The runs, newest first.
    pub runs: Vec<Kept>,
    /// After which run the next page begins; nothing on the last.
    pub next: Option<Uuid>,
}

/// Which hook runs are counted.
#[derive(Clone, Debug, Default)]
pub struct StatsFilter {
    /// Of this hook.
    pub hook: Option<String>,
    /// Of runs of this repository.
    pub repo: Option<String>,
    /// Of runs of this plan.
    pub plan: Option<String>,
    /// Began then or later.
    pub since: Option<Timestamp>,
    /// Began before then.
    pub until: Option<Timestamp>,
}

/// How a hook has done. Skipped hooks did not run and are not counted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HookStats {
    /// The hook's name.
    pub hook: String,
    /// How often it ran.
    pub runs: u64,
    /// How often it failed, ignored or not.
    pub failures: u64,
    /// How often its failure was ignored.
    pub ignored: u64,
    /// How often it gave a warning.
    pub warnings: u64,
    /// Half of its runs took no longer.
    pub p50: Duration,
    /// 95 of 100 of its runs took no longer.
    pub p95: Duration,
    /// When it last began a run that ended well.
    pub last_success: Option<Timestamp>,
    /// When it last began one that failed.
    pub last_failure: Option<Timestamp>,
    /// When it last ran.
    pub last_run: Option<Timestamp>,
    /// Where the row of failures that lasts until now begins.
    pub failing_since: Option<Timestamp>,
    /// How many failures that row has.
    pub failures_in_a_row: u64,
    /// How often it changed from success to failure or back.
    pub changes: u64,
    /// The outcome of its last failure, encoded.
    pub last_failure_outcome: Bytes,
}

/// How much is kept of the runs of one plan. What is absent is not bounded.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Retention {
    /// For how long after their end.
    pub max_age: Option<Duration>,
    /// How many.
    pub max_runs: Option<u64>,
    /// How many bytes together.
    pub max_bytes: Option<u64>,
}

/// Says what is kept of each plan.
pub trait RetentionOf: Send + Sync {
    /// The retention of a plan's runs; of a run without a plan the plan's id is empty.
    fn retention(&self, repo: &str, plan: &str) -> Retention;
}

/// What was removed of a plan, or would be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pruned {
    /// The plan's id; empty for runs without one.
    pub plan: String,
    /// The repository's id, where there is no plan.
    pub repo: String,
    /// How many runs.
    pub runs: u64,
    /// How many bytes.
    pub bytes: u64,
    /// How many runs are left.
    pub left: u64,
}

/// What a store is, and what it holds.
#[derive(Clone, Debug)]
pub struct Info {
    /// `memory` or `sqlite`.
    pub kind: &'static str,
    /// Where it is.
    pub path: Option<PathBuf>,
    /// What it survives.
    pub durability: Durability,
    /// The version of its schema; 0 for memory.
    pub schema: u32,
    /// How many bytes it takes.
    pub bytes: u64,
    /// How many runs it holds.
    pub runs: u64,
    /// When the oldest of them began.
    pub oldest: Option<Timestamp>,
}

/// Why a store did not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The disk, or what the file may grow to, is full.
    #[error("the disk is full: {message}; free some space, or lower `retention`")]
    Full {
        /// What the engine says.
        message: String,
    },
    /// It may not be written.
    #[error("the store cannot be written: {message}; see who owns it and how it is mounted")]
    ReadOnly {
        /// What the engine says.
        message: String,
    },
    /// Its content is damaged.
    #[error("the store is damaged: {message}; the next start sets it aside and begins a new one")]
    Damaged {
        /// What the engine says.
        message: String,
    },
    /// This engine cannot do that.
    #[error("{message}")]
    Unsupported {
        /// What, and why not.
        message: String,
    },
    /// Anything else that went wrong in reading or writing.
    #[error("the store failed: {message}")]
    Failed {
        /// What the engine says.
        message: String,
    },
    /// It was closed: the daemon is ending.
    #[error("the store is closed")]
    Closed,
}
