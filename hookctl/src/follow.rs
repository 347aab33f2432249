//! Reads a run's journal to its end, across lost connections.
//!
//! A task of its own reads, so that whoever shows the entries can wait for other
//! things at the same time without losing one. A lost connection is taken up again
//! after the last entry that was seen; as long as the run's id is not known, the same
//! request with the same request id attaches to the same run.

use std::time::Duration;

use hookd_proto::v1::hook_service_client::HookServiceClient;
use hookd_proto::v1::journal_entry::Entry;
use hookd_proto::v1::{
    GetRunRequest, JournalEntry, RunHooksRequest, RunHooksResponse, RunState, WatchRunRequest,
    WatchRunResponse,
};
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep};
use tonic::transport::Channel;
use tonic::{Code, Status, Streaming};

use crate::connect;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::{status, times};

/// Entries that wait to be shown; beyond them the reader waits, and hookd keeps the rest.
const AHEAD: usize = 64;
/// The first wait before a lost connection is taken up again; each further one is
/// twice as long.
const FIRST_WAIT: Duration = Duration::from_millis(200);
/// The longest wait between two tries.
const LONGEST_WAIT: Duration = Duration::from_secs(5);

/// Whose journal to read.
#[derive(Clone, Debug)]
pub(crate) enum Source {
    /// That of the run which this request starts, or has started.
    Request(Box<RunHooksRequest>),
    /// That of a run by its id.
    Run(String),
}

/// What the reader has to say.
#[derive(Debug)]
pub(crate) enum Update {
    /// The next entry.
    Entry(Box<JournalEntry>),
    /// The connection is lost, or hookd is busy; it is tried again after a wait.
    Lost {
        /// Why.
        why: String,
        /// How long it waits.
        wait: Duration,
    },
}

/// Starts to read; the last update is the end of the run, or the failure to get there.
#[must_use]
pub(crate) fn follow(
    client: HookServiceClient<Channel>,
    source: Source,
    retry_for: Duration,
) -> mpsc::Receiver<Result<Update, Failure>> {
    let (updates, receiver) = mpsc::channel(AHEAD);
    let reader = Reader {
        client,
        source,
        last: 0,
        retries: Retries::new(retry_for),
        updates,
    };
    tokio::spawn(reader.read());
    receiver
}

struct Reader {
    client: HookServiceClient<Channel>,
    source: Source,
    /// The last sequence number that was handed on.
    last: u64,
    retries: Retries,
    updates: mpsc::Sender<Result<Update, Failure>>,
}

/// Why a stream is no longer read.
enum End {
    /// The run is finished, or nobody listens any more.
    Done,
    /// The stream broke off, or could not be opened.
    Status(Status),
}

impl Reader {
    async fn read(mut self) {
        if let Err(failure) = self.read_on().await {
            // If nobody listens any more, the failure does not matter to anybody.
            let _ = self.updates.send(Err(failure)).await;
        }
    }

    async fn read_on(&mut self) -> Result<(), Failure> {
        loop {
            let lost = match self.read_once().await {
                End::Done => return Ok(()),
                End::Status(lost) => lost,
            };
            if !status::may_pass(&lost) {
                return Err(self.hopeless(&lost));
            }
            let asked = status::retry_after(&lost);
            let Some(wait) = self.retries.next(asked, Instant::now()) else {
                return Err(self.given_up(&lost));
            };
            let why = status::cause(&lost);
            if self
                .updates
                .send(Ok(Update::Lost { why, wait }))
                .await
                .is_err()
            {
                return Ok(());
            }
            sleep(wait).await;
        }
    }

    async fn read_once(&mut self) -> End {
        let mut stream = match self.open().await {
            Ok(stream) => stream,
            Err(status) => return End::Status(status),
        };
        loop {
            let entry = match stream.next().await {
                Ok(Some(entry)) => entry,
                Ok(None) => return End::Status(self.broken_off().await),
                Err(status) => return End::Status(status),
            };
            // A request that attaches anew is answered from the beginning.
            if entry.sequence <= self.last {
                continue;
            }
            self.last = entry.sequence;
            self.retries.progress();
            if let Some(Entry::RunStarted(started)) = &entry.entry {
                self.source = Source::Run(started.run_id.clone());
            }
            let finished = matches!(entry.entry, Some(Entry::RunFinished(_)));
            if self
                .updates
                .send(Ok(Update::Entry(Box::new(entry))))
                .await
                .is_err()
                || finished
            {
                return End::Done;
            }
        }
    }

    async fn open(&mut self) -> Result<Entries, Status> {
        match &self.source {
            Source::Request(request) => {
                let call = self.client.run_hooks(request.as_ref().clone());
                Ok(Entries::Requested(call.await?.into_inner()))
            }
            Source::Run(run_id) => {
                let call = self.client.watch_run(WatchRunRequest {
                    run_id: run_id.clone(),
                    after_sequence: self.last,
                });
                Ok(Entries::Watched(call.await?.into_inner()))
            }
        }
    }

    /// What it means that a stream ended in peace before the run did.
    async fn broken_off(&mut self) -> Status {
        let ended = "hookd ended the stream before the run was over";
        if let Source::Run(run_id) = &self.source {
            let request = GetRunRequest {
                run_id: run_id.clone(),
            };
            let answer = connect::answer_status(self.client.get_run(request)).await;
            if let Ok(Some(run)) = answer.map(|answer| answer.run)
                && run.state() == RunState::Interrupted
            {
                return Status::aborted("the run was interrupted: hookd died before it ended");
            }
        }
        Status::unavailable(ended)
    }

    fn hopeless(&self, lost: &Status) -> Failure {
        // Unknown after it was seen: only a daemon that forgot can say so. The event must
        // not be fired again, or its hooks would run twice.
        if lost.code() == Code::NotFound && self.last > 0 {
            let what = "hookd was restarted and has forgotten the run";
            return Failure::new(Exit::Unavailable, what)
                .help("a store on disk keeps runs across restarts: `hookd serve --store sqlite`");
        }
        status::failure(lost)
    }

    fn given_up(&self, lost: &Status) -> Failure {
        let limit = times::human(self.retries.limit);
        let what = format!(
            "no connection to hookd for {limit}: {}",
            status::cause(lost)
        );
        let failure = Failure::new(Exit::Unavailable, what);
        match &self.source {
            Source::Run(run_id) => {
                failure.help(format!("the run may go on: `hookctl logs -f {run_id}`"))
            }
            Source::Request(request) => failure.help(format!(
                "the same command with `--request-id {}` runs no hook twice",
                request.request_id
            )),
        }
    }
}

/// The two calls that stream a journal.
enum Entries {
    Requested(Streaming<RunHooksResponse>),
    Watched(Streaming<WatchRunResponse>),
}

impl Entries {
    async fn next(&mut self) -> Result<Option<JournalEntry>, Status> {
        match self {
            Entries::Requested(stream) => Ok(stream
                .message()
                .await?
                .map(|answer| answer.entry.unwrap_or_default())),
            Entries::Watched(stream) => Ok(stream
                .message()
                .await?
                .map(|answer| answer.entry.unwrap_or_default())),
        }
    }
}

/// When to try again, and until when.
struct Retries {
    limit: Duration,
    /// When the first of the tries in a row failed.
    since: Option<Instant>,
    wait: Duration,
}

impl Retries {
    fn new(limit: Duration) -> Retries {
        Retries {
            limit,
            since: None,
            wait: FIRST_WAIT,
        }
    }

    /// Something came through: the next loss is a new one.
    fn progress(&mut self) {
        self.since = None;
        self.wait = FIRST_WAIT;
    }

    /// How long to wait before the next try, or nothing if it is time to give up.
    fn next(&mut self, asked: Option<Duration>, now: Instant) -> Option<Duration> {
        let since = *self.since.get_or_insert(now);
        let left = self.limit.checked_sub(now.duration_since(since))?;
        let wait = asked.unwrap_or(self.wait);
        self.wait = (self.wait * 2).min(LONGEST_WAIT);
        // The last try takes place just before the limit, however long the wait was to be.
        (!left.is_zero()).then(|| wait.min(left))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_up_to_the_limit() {
        let start = Instant::now();
        let at = |seconds| start + Duration::from_secs(seconds);
        let mut retries = Retries::new(Duration::from_secs(60));
        let waits: Vec<_> = (0..6).map(|_| retries.next(None, start)).collect();
        let millis = |millis| Some(Duration::from_millis(millis));
        assert_eq!(waits, [200, 400, 800, 1600, 3200, 5000].map(millis));
        assert_eq!(
            retries.next(Some(Duration::from_secs(9)), at(10)),
            millis(9_000)
        );
        assert_eq!(retries.next(None, at(58)), millis(2_000));
        assert_eq!(retries.next(None, at(60)), None);
        assert_eq!(retries.next(None, at(600)), None);
        retries.progress();
        assert_eq!(retries.next(None, at(600)), millis(200));
        assert_eq!(Retries::new(Duration::ZERO).next(None, start), None);
    }
}
