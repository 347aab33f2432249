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

mod error;
mod memory;
mod query;
mod retention;
mod run;
pub mod sqlite;
mod stats;

use std::fmt::Debug;
use std::path::Path;

use uuid::Uuid;

pub use error::StoreError;
pub use memory::MemoryStore;
pub use query::{Filter, HookStats, Info, KeptState, Matches, Page, Search, StatsFilter};
pub use retention::{Pruned, Retention, RetentionOf};
pub use run::{About, Admitted, End, Ended, HookEnd, HookResult, Kept, NewRun, Record, RequestKey};

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

/// The events that the promises of a store survive.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Durability {
    /// None: runs are in memory.
    #[value(skip)]
    None,
    /// The death of hookd, and that of the machine: runs are on the disk before their
    /// first script starts, decisions before the agent hears them.
    Power,
    /// The death of hookd; that of the machine may take the last moments along.
    Process,
}
