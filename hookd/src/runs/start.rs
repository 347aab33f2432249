//! The start of a run: from the request to a run on record.

use std::sync::Arc;
use std::time::Duration;

use hook_core::event::Event;
use hook_core::run::execute::Execution;
use jiff::Timestamp;
use tracing::{Instrument as _, error_span};
use uuid::Uuid;

use super::journal::Journal;
use super::queue::{EventRoom, QueueKey, QueueSlot};
use super::reader::KnownRun;
use super::registry::{AdmissionOutcome, Run, StopOnDrop};
use super::runner::Runner;
use crate::limits::MAX_QUEUED_BYTES;
use crate::run_setting::{UnknownTarget, run_setting};
use crate::store::{Admitted, NewRun, RequestKey, RunSubject, StoreError};

/// The request of an agent.
#[derive(Clone, Debug)]
pub struct RunRequest {
    /// The key by which a repeated request is recognised.
    pub key: Option<RequestKey>,
    /// The event.
    pub event: Event,
    /// The time limit of the whole run.
    pub timeout: Option<Duration>,
    /// Stops the run when its caller goes away.
    pub cancel_on_disconnect: bool,
}

/// Error of a run that was not started.
#[derive(Clone, Debug, thiserror::Error)]
pub enum StartError {
    /// The event's repository or plan is not in the config.
    #[error(transparent)]
    UnknownTarget(#[from] UnknownTarget),
    /// The queue is full, with this number of waiting runs.
    #[error("{0} runs are waiting already")]
    QueueFull(usize),
    /// The events of the runs under way take all memory that is for them, or that is for the
    /// plan.
    #[error(
        "the events of the runs under way are too large together: {MAX_QUEUED_BYTES} bytes of them are kept, and half of that for one plan"
    )]
    EventsTooLarge,
    /// The plan's share of the queue is full.
    #[error("{holder} has {most} runs in the queue, the most that one plan or lock may have")]
    PlanQueueFull {
        /// The plan, or the lock of several plans.
        holder: String,
        /// The number of its runs in the queue.
        most: u32,
    },
    /// The daemon is shutting down.
    #[error("hookd is shutting down")]
    Draining,
    /// The request's id was used for another event.
    #[error("the request id was used for another event")]
    RequestIdReused,
    /// The store failed, and the run must not begin without it.
    #[error("no hook was run, because the run could not be put on record: {0}")]
    Store(#[source] Arc<StoreError>),
}

impl From<StoreError> for StartError {
    fn from(error: StoreError) -> StartError {
        StartError::Store(Arc::new(error))
    }
}

/// A run that can be put on record.
pub(super) struct PreparedRun {
    pub(super) run: Arc<Run>,
    pub(super) execution: Execution,
    pub(super) slot: QueueSlot,
    pub(super) room: EventRoom,
    pub(super) new: NewRun,
    pub(super) attempt: u32,
    pub(super) timeout: Option<Duration>,
}

impl Runner {
    /// Starts a run in a task of its own, or finds the run that the same request started. A
    /// new run is on record when this returns, unless it may begin without. Dropping the guard
    /// stops the run if the request asks for that.
    /// Fails if the run was not started; nothing was executed then.
    pub async fn start(
        self: &Arc<Self>,
        request: RunRequest,
    ) -> Result<(KnownRun, Option<StopOnDrop>), StartError> {
        // The token makes a drain wait for a request that passed the check and has no task
        // yet.
        let _token = self.tasks.token();
        let key = request.key.clone();
        let cancel_on_disconnect = request.cancel_on_disconnect;
        let stop_on_drop =
            |run: &Arc<Run>| cancel_on_disconnect.then(|| StopOnDrop(Arc::clone(run)));
        let catalog = self.config.current().catalog;
        catalog.mask().up_to_date().await;
        let prepared = match self.prepare(request) {
            Ok(prepared) => prepared,
            // A request that cannot start a run may still name an earlier one.
            Err(error) => {
                let earlier = self.earlier_run(key.as_ref()).await?.ok_or(error)?;
                let guard = match &earlier {
                    KnownRun::Live(run) => stop_on_drop(run),
                    KnownRun::Stored(_) => None,
                };
                return Ok((earlier, guard));
            }
        };
        let run = match self.registry.reserve(&prepared.run)? {
            Some(earlier) => {
                // Its slot is free again before the admission of the earlier run.
                drop(prepared);
                earlier
            }
            None => {
                let run = Arc::clone(&prepared.run);
                let subject = &prepared.new.subject;
                // Of this level, so that a log of errors alone names the run, too.
                let span = error_span!("run", id = %run.id, condition = %subject.condition,
                    plan = %subject.plan, repo = %subject.repo);
                // In a task of its own: a call may be dropped at any time, and a run that
                // is on record has to be carried out.
                let task = Arc::clone(self).carry_through(prepared);
                self.tasks.spawn(task.instrument(span));
                run
            }
        };
        let guard = stop_on_drop(&run);
        Ok((admitted(run).await?, guard))
    }

    pub(super) fn prepare(&self, request: RunRequest) -> Result<PreparedRun, StartError> {
        if self.draining.is_cancelled() {
            return Err(StartError::Draining);
        }
        let catalog = self.config.current().catalog;
        let id = Uuid::now_v7();
        let id_text = id.to_string();
        let setting = run_setting(&catalog, request.event, id_text, &self.paths, &self.locks)?;
        let event = &setting.event;
        let plan = event.plan_id.clone();
        let subject = RunSubject {
            condition: event.condition,
            repo: event.repo_id.clone(),
            plan: event.plan_id.clone(),
            operation: event.operation_id.clone(),
        };
        let attempt = event.attempt;
        let execution = Execution::new(setting);
        let key = QueueKey {
            plan,
            plan_lock: execution.plan_lock().map(str::to_owned),
            has_locks: execution.has_locks(),
        };
        let slot = self.queue.enter(&key)?;
        // In the precision of the store, so that a list of runs since this time includes this
        // run.
        let now = Timestamp::now();
        let started_at = Timestamp::from_microsecond(now.as_microsecond()).unwrap_or(now);
        let health = Arc::clone(&self.health);
        let (journal, first) = Journal::begin(execution.started(), started_at, health);
        let room = self.queue.room(&key, first.bytes.len())?;
        let new = NewRun {
            id,
            request: request.key.clone(),
            subject,
            started_at,
            first,
        };
        Ok(PreparedRun {
            run: Arc::new(Run::new(id, request.key, journal)),
            execution,
            slot,
            room,
            new,
            attempt,
            timeout: request.timeout,
        })
    }

    /// Finds the run that a request started earlier, under way or stored.
    async fn earlier_run(&self, key: Option<&RequestKey>) -> Result<Option<KnownRun>, StartError> {
        let Some(key) = key else { return Ok(None) };
        if let Some(run) = self.registry.find(key)? {
            return admitted(run).await.map(Some);
        }
        match self.store.find(key).await {
            Ok(found) => self.known_run(found).await,
            // The caller reports the request's own error.
            Err(_) => Ok(None),
        }
    }

    /// Puts a run on record, or finds the run that the same request started earlier.
    /// Fails if the run is not on record and may not begin without.
    pub(super) async fn put_on_record(
        &self,
        new: &NewRun,
        may_begin_unstored: bool,
    ) -> Result<AdmissionOutcome, StartError> {
        let error = match self.store.admit(new.clone()).await {
            Ok(found) => {
                self.health.works();
                let earlier = self.known_run(found).await?;
                return Ok(earlier.map_or(AdmissionOutcome::OnRecord, AdmissionOutcome::Earlier));
            }
            Err(error) => error,
        };
        self.health.failed(&error);
        // A store that cannot be read reports no earlier run.
        if let Some(key) = &new.request
            && let Ok(found) = self.store.find(key).await
            && let Some(earlier) = self.known_run(found).await?
        {
            return Ok(AdmissionOutcome::Earlier(earlier));
        }
        if may_begin_unstored && !matches!(error, StoreError::Closed) {
            return Ok(AdmissionOutcome::Unstored);
        }
        Err(error.into())
    }

    /// Returns the run that the store found for a request; `None` if the request is new.
    async fn known_run(&self, found: Admitted) -> Result<Option<KnownRun>, StartError> {
        let id = match found {
            Admitted::New => return Ok(None),
            Admitted::Other => return Err(StartError::RequestIdReused),
            Admitted::Same(id) => id,
        };
        let message = "the run was removed at this moment".to_owned();
        let run = self.get(id).await?;
        run.map(Some)
            .ok_or_else(|| StoreError::Failed(message).into())
    }
}

/// Waits for the admission of a run. Returns that run, or the earlier one.
async fn admitted(run: Arc<Run>) -> Result<KnownRun, StartError> {
    match run.admission.wait().await.clone()? {
        AdmissionOutcome::Earlier(earlier) => Ok(earlier),
        AdmissionOutcome::OnRecord | AdmissionOutcome::Unstored => Ok(KnownRun::Live(run)),
    }
}

#[cfg(test)]
mod tests;
