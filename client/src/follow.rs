//! Reads a run's journal to its end, across lost connections.
//!
//! Reading is a task of its own, so that a caller can wait for other events at the same time
//! without losing an entry. After a lost connection, reading resumes after the last entry. Until
//! the run's id is known, the request is repeated with the same request id, which attaches to the
//! same run.

use std::pin::Pin;
use std::time::Duration;

use futures_util::{Stream, TryStreamExt as _};
use hookd_proto::v1::hook_service_client::HookServiceClient;
use hookd_proto::v1::journal_entry::Entry;
use hookd_proto::v1::{
    CancelRunRequest, GetRunRequest, JournalEntry, RunHooksRequest, RunState, WatchRunRequest,
};
use tokio::sync::{mpsc, watch};
use tokio::time::{Instant, sleep};
use tonic::transport::Channel;
use tonic::{Code, Status};
use uuid::Uuid;

use crate::client::answer;
use crate::decision::{Advice, Ending, Interrupted};
use crate::error::RunError;
use crate::refusal::{Reason, Refusal};
use crate::retries::Retries;

/// Default time for which a lost connection is retried.
pub const RETRY_FOR: Duration = Duration::from_secs(60);
/// Number of entries that are read ahead of the caller. The others stay in hookd.
const READ_AHEAD: usize = 64;

/// The run whose journal is read.
#[derive(Clone, Debug)]
pub enum Source {
    /// The run of this request. A request without an id gets one, because a repeated request
    /// without one would start another run.
    Request(Box<RunHooksRequest>),
    /// The run with this id.
    Run(String),
}

/// An update of a run.
#[derive(Debug)]
pub enum Update {
    /// The next entry. It has no content if a later version of hookd wrote one of a kind
    /// that this version does not know.
    Entry(Box<JournalEntry>),
    /// The connection is lost, or hookd is busy; the next try follows after a wait.
    Lost {
        /// The reason, in one line.
        why: String,
        /// The length of the wait.
        wait: Duration,
    },
}

/// The updates of a run. Dropping them ends the reading, not the run.
#[derive(Debug)]
pub struct Updates {
    updates: mpsc::Receiver<Result<Update, RunError>>,
    canceller: Canceller,
}

impl Updates {
    /// Waits for the next update; `None` after the entry that ends the run.
    ///
    /// # Errors
    /// Fails if the rest of the journal cannot be read. That is the last update.
    pub async fn recv(&mut self) -> Option<Result<Update, RunError>> {
        self.updates.recv().await
    }

    /// Returns a handle that stops the run.
    #[must_use]
    pub fn canceller(&self) -> Canceller {
        self.canceller.clone()
    }
}

/// Stops a run.
#[derive(Clone, Debug)]
pub struct Canceller {
    run_id: watch::Receiver<Option<String>>,
    client: HookServiceClient<Channel>,
}

impl Canceller {
    /// Asks hookd to stop the run, as soon as the run's id is known. The decision comes as
    /// usual. Returns false if the run is over, or no longer read.
    ///
    /// # Errors
    /// Fails if hookd refuses, or does not answer.
    pub async fn cancel(mut self) -> Result<bool, Refusal> {
        let run_id = match self.run_id.wait_for(Option::is_some).await {
            Ok(run_id) => run_id.clone().unwrap_or_default(),
            Err(_) => return Ok(false),
        };
        let cancelled = answer(self.client.cancel_run(CancelRunRequest { run_id })).await?;
        Ok(cancelled.cancelling)
    }
}

/// Starts to read. The last update is the end of the run, or the error that prevents it.
///
/// `retry_for` bounds the time for which a lost connection is retried, each time anew.
/// Needs the context of a Tokio runtime.
#[must_use]
pub fn follow(
    client: HookServiceClient<Channel>,
    mut source: Source,
    retry_for: Duration,
) -> Updates {
    let known = match &mut source {
        Source::Request(request) => {
            if request.request_id.is_empty() {
                request.request_id = Uuid::new_v4().to_string();
            }
            None
        }
        Source::Run(run_id) => Some(run_id.clone()),
    };
    let (updates, receiver) = mpsc::channel(READ_AHEAD);
    let (run_id, known_id) = watch::channel(known);
    let reader = JournalReader {
        client: client.clone(),
        source,
        last: 0,
        retries: Retries::new(retry_for),
        updates,
        run_id,
    };
    tokio::spawn(reader.read());
    Updates {
        updates: receiver,
        canceller: Canceller {
            run_id: known_id,
            client,
        },
    }
}

type Entries = Pin<Box<dyn Stream<Item = Result<JournalEntry, Status>> + Send>>;

struct JournalReader {
    client: HookServiceClient<Channel>,
    source: Source,
    /// The sequence number of the last entry that was sent to the caller.
    last: u64,
    retries: Retries,
    updates: mpsc::Sender<Result<Update, RunError>>,
    run_id: watch::Sender<Option<String>>,
}

impl JournalReader {
    async fn read(mut self) {
        let updates = self.updates.clone();
        tokio::select! {
            // Without this, the reading of a quiet run would go on after the caller is gone.
            () = updates.closed() => {}
            read = self.read_to_end() => if let Err(error) = read {
                // If the caller is gone, the error does not matter.
                let _ = updates.send(Err(error)).await;
            }
        }
    }

    async fn read_to_end(&mut self) -> Result<(), RunError> {
        while let Err(lost) = self.read_once().await {
            if !lost.may_pass() {
                return Err(self.final_error(lost));
            }
            let Some(wait) = self.retries.next(lost.retry_after(), Instant::now()) else {
                return Err(self.given_up(lost));
            };
            let why = lost.to_string();
            self.send(Update::Lost { why, wait }).await;
            sleep(wait).await;
        }
        Ok(())
    }

    /// Reads until the run ends, or the stream does.
    async fn read_once(&mut self) -> Result<(), Refusal> {
        let mut entries = self.open().await?;
        while let Some(entry) = entries.try_next().await? {
            // A repeated request is answered from the beginning.
            if entry.sequence <= self.last {
                continue;
            }
            self.last = entry.sequence;
            self.retries.progress();
            if let Some(Entry::RunStarted(started)) = &entry.entry {
                self.source = Source::Run(started.run_id.clone());
                self.run_id.send_replace(Some(started.run_id.clone()));
            }
            let ended = Ending::of(&entry).is_some();
            self.send(Update::Entry(Box::new(entry))).await;
            if ended {
                return Ok(());
            }
        }
        Err(self.early_end().await)
    }

    /// Sends an update to the caller. If the caller is gone, reading ends anyway.
    async fn send(&self, update: Update) {
        let _ = self.updates.send(Ok(update)).await;
    }

    async fn open(&mut self) -> Result<Entries, Status> {
        Ok(match &self.source {
            Source::Request(request) => {
                let responses = self.client.run_hooks(request.as_ref().clone()).await?;
                let responses = responses.into_inner();
                Box::pin(responses.map_ok(|response| response.entry.unwrap_or_default()))
            }
            Source::Run(run_id) => {
                let request = WatchRunRequest {
                    run_id: run_id.clone(),
                    after_sequence: self.last,
                };
                let responses = self.client.watch_run(request).await?.into_inner();
                Box::pin(responses.map_ok(|response| response.entry.unwrap_or_default()))
            }
        })
    }

    /// Returns the error for a stream that ends without an error before the run ends.
    async fn early_end(&mut self) -> Refusal {
        if let Source::Run(run_id) = &self.source {
            let run_id = run_id.clone();
            let found = answer(self.client.get_run(GetRunRequest { run_id })).await;
            if let Ok(Some(run)) = found.map(|found| found.run)
                && run.state() == RunState::Interrupted
            {
                return Refusal::interrupted("hookd died before it ended");
            }
        }
        Status::unavailable("hookd ended the stream before the run was over").into()
    }

    fn final_error(&self, refusal: Refusal) -> RunError {
        // The run was seen before, so hookd has lost its runs. The event must not be fired again,
        // or its hooks would run twice.
        if refusal.status().code() == Code::NotFound
            && self.last > 0
            && let Source::Run(run_id) = &self.source
        {
            let run_id = run_id.clone();
            return RunError::Forgotten { run_id };
        }
        if refusal.reason() == &Reason::RunInterrupted {
            // The entry with the advice was not received.
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
