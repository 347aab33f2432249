//! What is asked of a store, and what it answers.

use std::fmt::Debug;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use hook_core::condition::Condition;
use jiff::Timestamp;
use uuid::Uuid;

use super::{Durability, Kept, Record};

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

/// Says whether a journal is wanted.
pub type Matches = Arc<dyn Fn(&[Record]) -> bool + Send + Sync>;

/// What is looked for in the output of hooks.
#[derive(Clone)]
pub struct Search {
    /// Says whether a journal with these records, in order, is wanted.
    pub matches: Matches,
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

/// A page of runs. A call looks at a bounded number of runs, and searches a bounded number
/// of journals: a page may have fewer runs than asked for, even none, and not be the last.
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

/// How a hook has done, from its newest [`MAX_COUNTED_HOOK_RUNS`] runs among those that
/// are asked about. Skipped hooks did not run and are not counted.
///
/// [`MAX_COUNTED_HOOK_RUNS`]: crate::limits::MAX_COUNTED_HOOK_RUNS
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
