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
    CancelRunRequest, GetRunRequest, JournalEntry, RunHooksRequest, RunHooksResponse, RunState,
    WatchRunRequest, WatchRunResponse,
};
use tokio::sync::{mpsc, watch};
use tokio::time::{Instant, sleep};
use tonic::transport::Channel;
use tonic::{Code, Status, Streaming};
use uuid::Uuid;

use crate::client::answer;
use crate::decision::{Advice, Ending, Interrupted};
use crate::error::RunError;
use crate::refusal::{Reason, Refusal};
use crate::retries::Retries;

/// How long a lost connection is tried to be taken up, where nothing else is said.
pub const RETRY_FOR: Duration = Duration::from_secs(60);
/// Entries that wait to be shown; beyond them the reader waits, and hookd keeps the rest.
const AHEAD: usize = 64;

/// Whose journal to read.
#[derive(Clone, Debug)]
pub enum Source {
    /// That of the run which this request starts, or has started. One without a request
    /// id is given one, or it would start another run each time that the connection is
    /// lost.
    Request(Box<RunHooksRequest>),
    /// That of a run by its id.
    Run(String),
}

impl Source {
    fn repeatable(mut self) -> Source {
        if let Source::Request(request) = &mut self
            && request.request_id.is_empty()
        {
            request.request_id = Uuid::new_v4().to_string();
        }
        self
    }
}

/// What the reader has to say.
#[derive(Debug)]
pub enum Update {
    /// The next entry. Its content is absent if a later version of hookd wrote one that
    /// this version does not know.
    Entry(Box<JournalEntry>),
    /// The connection is lost, or hookd is busy; it is tried again after a wait.
    Lost {
        /// Why, in one line.
        why: String,
        /// How long it waits.
        wait: Duration,
    },
}

/// What comes in of a run's journal. Dropping it ends the reading, not the run.
#[derive(Debug)]
pub struct Updates {
    updates: mpsc::Receiver<Result<Update, RunError>>,
    run_id: watch::Receiver<Option<String>>,
    client: HookServiceClient<Channel>,
}

impl Updates {
    /// The next one; nothing after the entry that ends the run.
    ///
    /// # Errors
    /// If the rest of the journal cannot be had. Nothing follows.
    pub async fn recv(&mut self) -> Option<Result<Update, RunError>> {
        self.updates.recv().await
    }

    /// A way to end the run, for elsewhere.
    #[must_use]
    pub fn canceller(&self) -> Canceller {
        Canceller {
            run_id: self.run_id.clone(),
            client: self.client.clone(),
        }
    }
}

/// Ends a run.
#[derive(Clone, Debug)]
pub struct Canceller {
    run_id: watch::Receiver<Option<String>>,
    client: HookServiceClient<Channel>,
}

impl Canceller {
    /// Asks hookd to end the run, as soon as it is known which one that is. Its decision
    /// comes as that of any other run does. False if the run is over, or is no longer
    /// read.
    ///
    /// # Errors
    /// If hookd refuses, or does not answer.
    pub async fn cancel(mut self) -> Result<bool, Refusal> {
        let run_id = match self.run_id.wait_for(Option::is_some).await {
            Ok(run_id) => run_id.clone().unwrap_or_default(),
            Err(_) => return Ok(false),
        };
        let cancelled = answer(self.client.cancel_run(CancelRunRequest { run_id })).await?;
        Ok(cancelled.cancelling)
    }
}

/// Starts to read; the last update is the end of the run, or the failure to get there.
///
/// `retry_for` bounds how long a lost connection is tried to be taken up, each time anew.
/// Needs the context of a Tokio runtime.
#[must_use]
pub fn follow(client: HookServiceClient<Channel>, source: Source, retry_for: Duration) -> Updates {
    let source = source.repeatable();
    let (updates, receiver) = mpsc::channel(AHEAD);
    let known = match &source {
        Source::Request(_) => None,
        Source::Run(run_id) => Some(run_id.clone()),
    };
    let (know, run_id) = watch::channel(known);
    let reader = Reader {
        client: client.clone(),
        source,
        last: 0,
        retries: Retries::new(retry_for),
        updates,
        know,
    };
    tokio::spawn(reader.read());
    Updates {
        updates: receiver,
        run_id,
        client,
    }
}

struct Reader {
    client: HookServiceClient<Channel>,
    source: Source,
    /// The last sequence number that was handed on.
    last: u64,
    retries: Retries,
    updates: mpsc::Sender<Result<Update, RunError>>,
    know: watch::Sender<Option<String>>,
}

/// Why a stream is no longer read.
enum End {
    /// The run is finished, or nobody listens any more.
    Done,
    /// The stream broke off, or could not be opened.
    Refused(Refusal),
}

impl Reader {
    async fn read(mut self) {
        let updates = self.updates.clone();
        tokio::select! {
            // A quiet run would otherwise be watched for nobody.
            () = updates.closed() => {}
            read = self.read_on() => if let Err(error) = read {
                // If nobody listens any more, the failure does not matter to anybody.
                let _ = updates.send(Err(error)).await;
            }
        }
    }

    async fn read_on(&mut self) -> Result<(), RunError> {
        loop {
            let lost = match self.read_once().await {
                End::Done => return Ok(()),
                End::Refused(lost) => lost,
            };
            if !lost.may_pass() {
                return Err(self.hopeless(lost));
            }
            let Some(wait) = self.retries.next(lost.retry_after(), Instant::now()) else {
                return Err(self.given_up(lost));
            };
            let why = lost.to_string();
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
            Err(status) => return End::Refused(status.into()),
        };
        loop {
            let entry = match stream.next().await {
                Ok(Some(entry)) => entry,
                Ok(None) => return End::Refused(self.broken_off().await),
                Err(status) => return End::Refused(status.into()),
            };
            // A request that attaches anew is answered from the beginning.
            if entry.sequence <= self.last {
                continue;
            }
            self.last = entry.sequence;
            self.retries.progress();
            if let Some(Entry::RunStarted(started)) = &entry.entry {
                self.source = Source::Run(started.run_id.clone());
                self.know.send_replace(Some(started.run_id.clone()));
            }
            let ended = Ending::of(&entry).is_some();
            if self
                .updates
                .send(Ok(Update::Entry(Box::new(entry))))
                .await
                .is_err()
                || ended
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
    async fn broken_off(&mut self) -> Refusal {
        if let Source::Run(run_id) = &self.source {
            let request = GetRunRequest {
                run_id: run_id.clone(),
            };
            let found = answer(self.client.get_run(request)).await;
            if let Ok(Some(run)) = found.map(|found| found.run)
                && run.state() == RunState::Interrupted
            {
                return Refusal::interrupted("hookd died before it ended");
            }
        }
        Status::unavailable("hookd ended the stream before the run was over").into()
    }

    fn hopeless(&self, refusal: Refusal) -> RunError {
        // Unknown after it was seen: only a daemon that forgot can say so. The event must
        // not be fired again, or its hooks would run twice.
        if refusal.status().code() == Code::NotFound
            && self.last > 0
            && let Source::Run(run_id) = &self.source
        {
            let run_id = run_id.clone();
            return RunError::Forgotten { run_id };
        }
        if refusal.reason() == &Reason::RunInterrupted {
            // The entry that says more did not come.
            return RunError::Interrupted(Interrupted {
                advice: match refusal.retry_after() {
                    Some(after) => Advice::Retry { after },
                    None => Advice::Fail,
                },
                reason: refusal.to_string(),
            });
        }
        RunError::Refused(refusal)
    }

    fn given_up(&self, cause: Refusal) -> RunError {
        let tried = self.retries.limit();
        match &self.source {
            Source::Run(run_id) => RunError::Lost {
                run_id: run_id.clone(),
                tried,
                cause,
            },
            Source::Request(request) => RunError::NotStarted {
                request_id: request.request_id.clone(),
                tried,
                cause,
            },
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
