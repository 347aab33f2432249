//! All limits of the daemon, with their defaults.

use std::time::Duration;

/// Configurable limits of a daemon.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Number of runs that execute at once. One plan has at most half of them, rounded up,
    /// even if no other plan has runs.
    pub max_concurrent_runs: u32,
    /// Number of runs that wait for their turn.
    pub max_queued_runs: u32,
    /// Time that a shutdown gives runs to finish before it ends them.
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

/// Time for which a description of the daemon waits for the config file to be read.
pub const FILE_LIMIT: Duration = Duration::from_secs(1);
/// Bytes of a journal that may be pending before a script's output has to wait.
pub const MAX_PENDING_BYTES: usize = 1 << 20;
/// Approximate bytes that are stored with one call.
pub const BATCH_BYTES: usize = 1 << 20;
/// Time for which entries are collected before they are stored together. The end of a run is
/// stored without this delay.
pub const LINGER: Duration = Duration::from_millis(20);
/// Stored bytes of a live journal that stay in memory for its readers.
pub const TAIL_BYTES: usize = 256 << 10;
/// Approximate bytes of a journal that a reader takes at once.
pub const READ_BYTES: usize = 128 << 10;
/// Time for which a failing store is retried before clients see the failure. Then the stream
/// of a run that needs the store fails, and the journal of another run is shown unstored.
pub const STORE_PATIENCE: Duration = Duration::from_secs(10);
/// First and longest delay before a failed store is retried.
pub const STORE_RETRY: [Duration; 2] = [Duration::from_millis(100), Duration::from_secs(5)];
/// Bytes of all journals together that may be in memory because the store fails.
pub const MAX_UNSTORED_BYTES: usize = 256 << 20;
/// Number of finished runs that may be in memory because the store fails.
pub const MAX_UNSTORED_RUNS: usize = 1000;
/// Number of interrupted runs that are closed at once at the start.
pub const RECOVERIES: usize = 16;
/// Interval between removals of runs beyond the retention.
pub const PRUNE_INTERVAL: Duration = Duration::from_secs(600);
/// Interval between looks at the place of the store's files.
pub const PLACE_INTERVAL: Duration = Duration::from_secs(2);
/// Time for such a look.
pub const PLACE_LIMIT: Duration = Duration::from_secs(5);
/// Default age up to which runs are retained.
pub const KEPT_AGE: Duration = Duration::from_secs(90 * 86_400);
/// Default bytes up to which the runs of a plan are retained.
pub const KEPT_BYTES: u64 = 1 << 30;
/// The largest request, in bytes: an event with its labels and statistics, or a config
/// to check.
pub const MAX_REQUEST_BYTES: usize = 8 << 20;
/// The largest event, in bytes. It is one entry of the journal, and clients accept 4 MiB
/// unless they are configured for more.
pub const MAX_EVENT_BYTES: usize = 1 << 20;
/// The longest id, in bytes.
pub const MAX_ID_BYTES: usize = 1024;
/// Number of runs on a page of a list.
pub const MAX_PAGE: u32 = 1000;
/// Default number of runs on a page of a list.
pub const DEFAULT_PAGE: u32 = 50;
/// Number of connections at once; fewer if the process may open few files. Each listener has
/// an equal share of them.
pub const MAX_CONNECTIONS: usize = 512;
/// Number of connections at once with however few descriptors.
pub const MIN_CONNECTIONS: usize = 8;
/// Descriptors that are kept back for the store, the config and the daemon itself.
pub const DESCRIPTORS_OF_DAEMON: usize = 64;
/// Descriptors that are kept back for each concurrent run.
pub const DESCRIPTORS_OF_RUN: usize = 8;
/// Number of calls at once of one connection by HTTP/2; clients let further ones wait.
pub const MAX_STREAMS: u32 = 200;
/// Number of calls at once that each connection may make however many others make.
pub const OWN_CALLS: usize = 4;
/// Number of calls at once of all connections beyond these.
pub const MAX_CALLS: usize = 2048;
/// Number of readers that read a page of a journal from the store at once: half of
/// [`MAX_READS_AT_ONCE`], so that other calls never wait for readers.
pub const MAX_PAGES_AT_ONCE: usize = MAX_READS_AT_ONCE / 2;
/// Bytes of requests that are being received and of answers that clients have not taken, of
/// all connections. Beyond it, connections are closed: first those whose clients take
/// nothing, and of these first the one with the most bytes.
pub const MAX_HELD_BYTES: usize = 64 << 20;
/// Time after which a client that takes nothing counts as one that does not read.
pub const STALLED_AFTER: Duration = Duration::from_millis(500);
/// Time without calls after which a connection may be closed for a new one.
pub const UNUSED_AFTER: Duration = Duration::from_secs(5);
/// Bytes of a call that a client may send ahead of its handler.
pub const STREAM_WINDOW: u32 = 64 << 10;
/// Bytes of all calls of a connection that a client may send ahead.
pub const CONNECTION_WINDOW: u32 = 256 << 10;
/// Bytes of a call's answer that are encoded ahead of the client, give or take one message.
pub const SEND_BUFFER: usize = 32 << 10;
/// Bytes of the headers of a request.
pub const MAX_HEADER_BYTES: u32 = 16 << 10;
/// Time in which a client has to say by which protocol it speaks, and to send the headers of
/// a request by HTTP/1.1. Headers by HTTP/2 have as long as the answer to a probe.
pub const HANDSHAKE_TIMEOUT: Duration = Duration::from_secs(10);
/// Time in which a request has to be complete.
pub const REQUEST_TIMEOUT: Duration = Duration::from_secs(30);
/// Time after which a connection is closed on which nothing moves: it has no calls, or its
/// client takes no answers. One with a call that waits for hookd stays open.
pub const IDLE_TIMEOUT: Duration = Duration::from_secs(300);
/// Interval between checks of these times. A connection that was told to end is closed at the
/// next one.
pub const CONNECTION_CHECK: Duration = Duration::from_secs(5);
/// Time without new connections after one could not be accepted.
pub const ACCEPT_REST: Duration = Duration::from_millis(200);
/// Interval at which a warning is logged again.
pub const WARN_INTERVAL: Duration = Duration::from_secs(60);
/// The largest request of reflection, in bytes.
pub const MAX_REFLECTION_BYTES: usize = 16 << 10;
/// Bytes of all events together whose runs are under way, without small ones; one plan has
/// half of it.
pub const MAX_QUEUED_BYTES: usize = 16 << 20;
/// The largest event, in bytes, that does not count there.
pub const SMALL_EVENT_BYTES: usize = 4 << 10;
/// Delay after which a client that was refused may retry.
pub const RETRY_DELAY: Duration = Duration::from_secs(5);
/// Idle time after which free memory is returned to the system, at most twice that. Idle
/// threads for blocking calls end after half of it.
pub const REST: Duration = Duration::from_secs(5);
/// Interval between probes of a silent connection.
pub const KEEPALIVE_INTERVAL: Duration = Duration::from_secs(30);
/// Timeout of the answer to a probe.
pub const KEEPALIVE_TIMEOUT: Duration = Duration::from_secs(20);
/// Time that connections have to close once the last run is over.
pub const CLOSE_TIMEOUT: Duration = Duration::from_secs(5);
/// Time between TERM and KILL for processes that an earlier daemon left.
pub const LEFT_OVER_GRACE: Duration = Duration::from_secs(5);
/// Time after a second request to stop until the runs that have not ended are cut off, and then
/// connections.
pub const AT_ONCE: Duration = Duration::from_secs(2);
/// Time after a second request to stop until the process ends, whatever blocks it.
pub const EXIT_LIMIT: Duration = Duration::from_secs(6);
/// Number of calls at once that check or load a config or render scripts; further calls wait.
pub const MAX_BLOCKING_CALLS: usize = 32;
/// The largest answer, in bytes: the default limit of clients of every language.
pub const MAX_ANSWER_BYTES: usize = 4 << 20;
/// Size in bytes at which a page of runs ends early, and beyond which a single run is shown in
/// part.
pub const MAX_PAGE_BYTES: usize = 3 << 20;
/// Bytes of all scripts together in an answer. The rest of the answer has room for their
/// descriptions.
pub const MAX_SHOWN_BYTES: usize = 3 << 20;
/// Number of runs that are read from the store at once for a page.
pub const PAGE_STEP: usize = 100;
/// The longest text that can be searched in the output of hooks, in bytes.
pub const MAX_SEARCH_BYTES: usize = 4096;
/// Number of journals that are searched in one step.
pub const SEARCH_STEP: usize = 64;
/// Time after which a search ends its page early.
pub const SEARCH_TIME: Duration = Duration::from_secs(2);
/// Default age of the oldest runs in statistics.
pub const DEFAULT_STATS_AGE: Duration = Duration::from_secs(90 * 24 * 3600);
/// Least number of changes between success and failure of a flapping hook.
pub const FLAPPING_CHANGES: u64 = 4;
/// Largest number of runs per change between success and failure of a flapping hook.
pub const FLAPPING_SHARE: u64 = 5;
/// Bytes of a backup that are sent at once.
pub const BACKUP_PIECE: usize = 64 << 10;
/// Time after which a backup that nobody reads ends.
pub const BACKUP_STALL: Duration = Duration::from_secs(60);
/// Number of backups at the same time.
pub const MAX_BACKUPS: usize = 1;
/// Number of finished runs that a store in memory retains.
pub const MAX_RUNS_IN_MEMORY: u32 = 10_000;
/// Bytes that finished runs may take in a store in memory.
pub const MAX_BYTES_IN_MEMORY: usize = 256 << 20;
/// Number of runs of one hook, the newest, that statistics count.
pub const MAX_COUNTED_HOOK_RUNS: usize = 10_000;
/// Number of changes that wait for the store; further callers wait for room.
pub const MAX_WAITING_WRITES: usize = 1024;
/// Number of changes in one transaction.
pub const MAX_WRITES_AT_ONCE: usize = 512;
/// Bytes of changes after which a transaction takes no more.
pub const MAX_WRITTEN_AT_ONCE: usize = 8 << 20;
/// Number of calls that read from the store at once.
pub const MAX_READS_AT_ONCE: usize = 4;
/// Runs that one call for a page examines, so that it takes a few milliseconds at most, even
/// if few runs pass the filter.
pub const MAX_EXAMINED_RUNS: usize = 2500;
/// Bytes of journals that one call for a page searches.
pub const MAX_SEARCHED_BYTES: usize = 64 << 20;
/// Number of ends of one hook that its statistics examine.
pub const MAX_EXAMINED_HOOK_RUNS: usize = 200_000;
/// Age from which the folder of an embedded service that nothing has locked is left over. A
/// younger one may be locked in the next moment.
pub const LEFT_OVER_FOLDER_MIN_AGE: Duration = Duration::from_secs(60);
/// Age from which such a folder is removed even if processes of its hooks still run.
pub const LEFT_OVER_FOLDER_MAX_AGE: Duration = Duration::from_secs(24 * 3600);
