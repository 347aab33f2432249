//! Every bound of the daemon and its default, in one place.

use std::time::Duration;

/// The bounds of a daemon.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Runs that execute at once; of one plan half of them at most, rounded up, whether or
    /// not others have runs that wait.
    pub max_concurrent_runs: usize,
    /// Runs that wait for their turn.
    pub max_queued_runs: usize,
    /// How long a shutdown lets runs finish before it ends them.
    pub drain_timeout: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Limits {
            max_concurrent_runs: 64,
            max_queued_runs: 1024,
            drain_timeout: Duration::from_secs(60),
        }
    }
}

/// How many bytes of a journal may wait to be stored before a script's output has to wait.
pub const MAX_PENDING_BYTES: usize = 1 << 20;
/// How many bytes are stored with one call, about.
pub const BATCH_BYTES: usize = 1 << 20;
/// For how long entries may be held back so that more are stored with them; never the end
/// of a run.
pub const LINGER: Duration = Duration::from_millis(20);
/// How many bytes of a live journal are kept in memory for those who read along.
pub const TAIL_BYTES: usize = 256 << 10;
/// How many bytes of a journal a reader takes at once, about.
pub const READ_BYTES: usize = 256 << 10;
/// How long a failing store is tried before somebody hears of it: the decision of a run
/// that needs it, or what a run that does not need it has written.
pub const STORE_PATIENCE: Duration = Duration::from_secs(10);
/// After how long a failed store is tried again, at first and at most.
pub const STORE_RETRY: [Duration; 2] = [Duration::from_millis(100), Duration::from_secs(5)];
/// How many bytes of all journals together may be in memory because the store fails.
pub const MAX_UNSTORED_BYTES: usize = 256 << 20;
/// How many finished runs may be in memory because the store fails.
pub const MAX_UNSTORED_RUNS: usize = 1000;
/// How many runs that were cut off are closed at once at the start.
pub const RECOVERIES: usize = 16;
/// How often runs are removed that are no longer to be kept.
pub const PRUNE_INTERVAL: Duration = Duration::from_secs(600);
/// For how long runs are kept, if nobody says otherwise.
pub const KEPT_AGE: Duration = Duration::from_secs(90 * 86_400);
/// How many bytes the runs of a plan may take, if nobody says otherwise.
pub const KEPT_BYTES: u64 = 1 << 30;
/// The largest request, in bytes: an event with its labels and statistics, or a config
/// to check.
pub const MAX_REQUEST_BYTES: usize = 8 << 20;
/// The largest event, in bytes. It is one entry of the journal, which must fit
/// what clients take: 4 MiB, unless they ask for more.
pub const MAX_EVENT_BYTES: usize = 1 << 20;
/// The longest id, in bytes.
pub const MAX_ID_BYTES: usize = 1024;
/// Labels of one event.
pub const MAX_LABELS: usize = 256;
/// Runs on one page of a list.
pub const MAX_PAGE: u32 = 1000;
/// Runs on a page of a list whose size is not given.
pub const DEFAULT_PAGE: u32 = 50;
/// After how long a client that was refused may try again.
pub const RETRY_DELAY: Duration = Duration::from_secs(5);
/// For how long, and at most twice as long, no run is under way before free memory is given
/// back. Threads for calls that block wait half as long for the next.
pub const REST: Duration = Duration::from_secs(5);
/// How often a silent connection is asked whether anybody is there.
pub const KEEPALIVE_INTERVAL: Duration = Duration::from_secs(30);
/// How long the answer to that may take.
pub const KEEPALIVE_TIMEOUT: Duration = Duration::from_secs(20);
/// How long connections may take to close once the last run is over.
pub const CLOSE_TIMEOUT: Duration = Duration::from_secs(5);
/// How long what an earlier daemon left running has between TERM and KILL.
pub const LEFT_OVER_GRACE: Duration = Duration::from_secs(5);
/// The largest answer, in bytes: what clients of every language take unless they are told
/// otherwise.
pub const MAX_ANSWER_BYTES: usize = 4 << 20;
/// How large a page of runs may get before it is cut short, and a run before it is shown
/// in part, in bytes.
pub const MAX_PAGE_BYTES: usize = 3 << 20;
/// How much of all its scripts together an answer shows, in bytes; the rest of the answer
/// is for what comes with them.
pub const MAX_SHOWN_BYTES: usize = 3 << 20;
/// How many runs are taken from the store at once for a page.
pub const PAGE_STEP: usize = 100;
/// The longest text that can be looked for in what hooks wrote, in bytes.
pub const MAX_SEARCH_BYTES: usize = 4096;
/// How many journals are searched before anything else is looked at.
pub const SEARCH_STEP: usize = 64;
/// For how long one call searches; its page is short then.
pub const SEARCH_TIME: Duration = Duration::from_secs(2);
/// How far statistics look back where nobody says it.
pub const DEFAULT_STATS_AGE: Duration = Duration::from_secs(90 * 24 * 3600);
/// A hook that changes between success and failure less often is not flapping.
pub const FLAPPING_CHANGES: u64 = 4;
/// A hook is flapping if it changes at least once in so many runs.
pub const FLAPPING_SHARE: u64 = 5;
/// How many bytes of a copy of the store are sent at once.
pub const BACKUP_PIECE: usize = 64 << 10;
/// How many copies of the store are made and sent at the same time.
pub const MAX_BACKUPS: usize = 1;
/// Finished runs that a store in memory keeps.
pub const MAX_RUNS_IN_MEMORY: usize = 10_000;
/// How many bytes the finished runs of a store in memory may take together.
pub const MAX_BYTES_IN_MEMORY: usize = 256 << 20;
/// Of how many runs of one hook, the newest, statistics are made.
pub const MAX_COUNTED_HOOK_RUNS: usize = 10_000;
/// Changes of runs that wait for the store; whoever comes then waits to be let in.
pub const MAX_WAITING_WRITES: usize = 1024;
/// Changes of runs that the store makes one transaction of.
pub const MAX_WRITES_AT_ONCE: usize = 512;
/// After how many bytes it takes no more into the same transaction.
pub const MAX_WRITTEN_AT_ONCE: usize = 8 << 20;
/// Calls that read from the store at once.
pub const MAX_READS_AT_ONCE: usize = 4;
/// Runs that one call for a page of them examines, so that it takes no more than a few
/// milliseconds, however few pass the filter.
pub const MAX_EXAMINED_RUNS: usize = 2500;
/// How many bytes of journals one call for a page of runs searches.
pub const MAX_SEARCHED_BYTES: usize = 64 << 20;
/// How many ends of one hook are looked at for its statistics.
pub const MAX_EXAMINED_HOOK_RUNS: usize = 200_000;
