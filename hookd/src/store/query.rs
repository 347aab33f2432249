//! Queries and their answers.

use std::fmt::{self, Debug};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use hook_core::condition::Condition;
use jiff::Timestamp;
use uuid::Uuid;

use super::{Durability, Record, StoredRun};

/// A filter of runs: all of its fields have to match. `None` and empty lists match any run.
#[derive(Clone, Debug, Default)]
pub struct RunFilter {
    /// The repository's id.
    pub repo: Option<String>,
    /// The plan's id.
    pub plan: Option<String>,
    /// The operation's id.
    pub operation: Option<String>,
    /// The reported condition is one of these.
    pub conditions: Vec<Condition>,
    /// The decision is one of these, given as numbers on the wire.
    pub decisions: Vec<i32>,
    /// A hook failed, ignored or not, or the run was interrupted, or it ended with this decision,
    /// given as its number on the wire.
    pub failed: Option<i32>,
    /// The run is in one of these states.
    pub states: Vec<StoredState>,
    /// The run began at this time or later.
    pub since: Option<Timestamp>,
    /// The run began before this time.
    pub until: Option<Timestamp>,
    /// A hook of this name ran or was skipped. Matches no run that is under way.
    pub hook: Option<String>,
    /// The id begins with this text: lowercase, with hyphens.
    pub id_prefix: Option<String>,
    /// The output of a hook matches this search.
    pub output: Option<OutputSearch>,
}

/// Returns whether a journal, given as all of its records in order, matches.
pub type JournalMatcher = Arc<dyn Fn(&[Record]) -> bool + Send + Sync>;

/// A search in the output of hooks.
#[derive(Clone)]
pub struct OutputSearch {
    /// Returns whether the journal of a run matches.
    pub matches: JournalMatcher,
    /// The number of journals that one call may search.
    pub budget: usize,
}

impl Debug for OutputSearch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OutputSearch").finish_non_exhaustive()
    }
}

/// The state of a stored run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StoredState {
    /// The run has no end yet.
    Unfinished,
    /// The run ended with a decision.
    Decided,
    /// The daemon died before the run's end.
    Interrupted,
}

/// A page of runs. Each call examines a bounded number of runs, so that a page may have
/// fewer runs than requested, even none, and not be the last.
#[derive(Clone, Debug, Default)]
pub struct RunPage {
    /// The runs, newest first.
    pub runs: Vec<StoredRun>,
    /// The id after which the next page begins; `None` on the last page.
    pub next: Option<Uuid>,
}

/// A filter of hook runs: all of its fields have to match. `None` matches any.
#[derive(Clone, Debug, Default)]
pub struct StatsFilter {
    /// The hook's name.
    pub hook: Option<String>,
    /// The id of the run's repository.
    pub repo: Option<String>,
    /// The id of the run's plan.
    pub plan: Option<String>,
    /// The hook started at this time or later.
    pub since: Option<Timestamp>,
    /// The hook started before this time.
    pub until: Option<Timestamp>,
}

/// Names that runs and their hooks have had, also by earlier configs.
#[derive(Clone, Debug, Default)]
pub struct StoredNames {
    /// The ids of repositories.
    pub repos: Vec<String>,
    /// The ids of plans.
    pub plans: Vec<String>,
    /// The names of hooks.
    pub hooks: Vec<String>,
}

/// Statistics of one hook over its newest [`MAX_COUNTED_HOOK_RUNS`] runs that match the
/// filter. Skipped hooks are not counted.
///
/// [`MAX_COUNTED_HOOK_RUNS`]: crate::limits::MAX_COUNTED_HOOK_RUNS
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HookStats {
    /// The hook's name.
    pub hook: String,
    /// The number of runs.
    pub runs: u64,
    /// The number of failures, ignored ones included.
    pub failures: u64,
    /// The number of ignored failures.
    pub ignored: u64,
    /// The number of warnings.
    pub warnings: u64,
    /// The median of its durations.
    pub p50: Duration,
    /// The 95th percentile of its durations.
    pub p95: Duration,
    /// The start of the last run that succeeded.
    pub last_success: Option<Timestamp>,
    /// The start of the last run that failed.
    pub last_failure: Option<Timestamp>,
    /// The start of the last run.
    pub last_run: Option<Timestamp>,
    /// The start of the first of the latest consecutive failures; `None` if the last run
    /// succeeded.
    pub failing_since: Option<Timestamp>,
    /// The number of the latest consecutive failures.
    pub failures_in_a_row: u64,
    /// The number of changes from success to failure or back.
    pub changes: u64,
    /// The encoded outcome of the last failure.
    pub last_failure_outcome: Bytes,
}

/// Facts about a store.
#[derive(Clone, Debug)]
pub struct StoreInfo {
    /// `memory` or `sqlite`.
    pub kind: &'static str,
    /// The database file; `None` in memory.
    pub path: Option<PathBuf>,
    /// The events that stored runs survive.
    pub durability: Durability,
    /// The version of the schema; 0 in memory.
    pub schema: u32,
    /// The size in bytes.
    pub bytes: u64,
    /// The number of runs.
    pub runs: u64,
    /// The start of the oldest run.
    pub oldest: Option<Timestamp>,
    /// The start of the newest run.
    pub newest: Option<Timestamp>,
}

/// The runs of a plan that pruning removed or would remove.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PrunedPlan {
    /// The plan's id; empty for runs without one.
    pub plan: String,
    /// The repository's id; empty for runs without one.
    pub repo: String,
    /// The number of runs.
    pub runs: u64,
    /// Their bytes.
    pub bytes: u64,
    /// The number of runs left, including those under way.
    pub left: u64,
}
