//! From a request to a run on record: what begins, and what was begun before.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt as _;
use hook_core::config::OnStoreFailure;
use hook_core::event::Event;
use hook_core::on_error::DecisionKind;
use hook_core::run::execute::Execution;
use hook_core::run::journal::{Decision, Fact};
use hook_core::run::stop::{CancelCause, StopReason};
use jiff::Timestamp;
use tracing::{Instrument as _, error, info_span};
use uuid::Uuid;

use super::admission::Place;
use super::journal::Journal;
use super::keep::Keeper;
use super::registry::Asked;
use super::run::{Admission, Run};
use super::runner::Runner;
use super::watch::Known;
use crate::convert;
use crate::setting::{self, UnknownTarget};
use crate::store::{Admitted, NewRun, RequestKey, RunSubject, StoreError};

/// What an agent asks for.
#[derive(Clone, Debug)]
pub struct Request {
    /// By what a repeated request is known.
    pub id: Option<Uuid>,
    /// What happened; `time` as the agent gave it, or when hookd heard of it.
    pub event: Event,
    /// Whether the time was the agent's.
    pub timed: bool,
    /// Bounds the whole run.
    pub timeout: Option<Duration>,
    /// Whether the run ends if nobody waits for its start any more.
    pub cancel_on_disconnect: bool,
}

/// Why a run was not started.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The event's repository or plan is not in the config.
    #[error(transparent)]
    UnknownTarget(#[from] UnknownTarget),
    /// Too many runs wait already.
    #[error("{waiting} runs are waiting already")]
    QueueFull {
        /// How many.
        waiting: usize,
    },
    /// hookd is shutting down.
    #[error("hookd is shutting down")]
    Draining,
    /// The request's id was used for another event.
    #[error("the request id was used for another event")]
    RequestIdReused,
    /// The run could not be put on record.
    #[error("no hook was run, because the run could not be put on record: {0}")]
    Store(Arc<StoreError>),
}

/// A run that is ready to be put on record.
struct Ready {
    run: Arc<Run>,
    execution: Execution,
    place: Place,
    new: NewRun,
    timeout: Option<Duration>,
}

/// What an agent is told of a run that a fault of hookd's own ended.
fn failed_by_us(attempt: u32) -> Decision {
    Decision {
        kind: DecisionKind::Fail,
        hook: String::new(),
        reason: "a fault in hookd ended the run; hookd's log says more".to_owned(),
        retry_after: None,
        attempt: attempt.max(1),
        warnings: Vec::new(),
    }
}

/// Who waits for the start of a run, and has it ended by going away, if asked for.
struct Caller(Option<Arc<Run>>);

impl Caller {
    /// From now on somebody else looks after the run.
    fn go_on(mut self) {
        self.0 = None;
    }
}

impl Drop for Caller {
    fn drop(&mut self) {
        if let Some(run) = &self.0 {
            run.stop(StopReason::Cancelled(CancelCause::Disconnected));
        }
    }
}

impl Runner {
    /// Starts a run in a task of its own, or finds the one that the same request started
    /// before. A run that is given is on record, or may begin without.
    ///
    /// # Errors
    /// If the run was not started; nothing has happened then.
    pub async fn start(self: &Arc<Self>, request: Request) -> Result<Known, StartError> {
        // Who drains waits for what has seen that it may begin, and has no task yet.
        let _begins = self.tasks.token();
        let key = request.id.map(|id| RequestKey {
            id,
            event: convert::digest(&request.event, request.timed),
        });
        if let Some(key) = &key {
            match self.registry.asked(key) {
                Asked::Same(run) => return self.admission_of(run).await,
                Asked::Other => return Err(StartError::RequestIdReused),
                Asked::No => {}
            }
        }
        let cancels = request.cancel_on_disconnect;
        let ready = match self.ready_for(request, key.clone()) {
            Ok(ready) => ready,
            // What was begun before can still be told.
            Err(error) => return self.begun_before(key.as_ref()).await?.ok_or(error),
        };
        match self.registry.reserve(&ready.run) {
            Asked::Same(run) => return self.admission_of(run).await,
            Asked::Other => return Err(StartError::RequestIdReused),
            Asked::No => {}
        }
        let run = Arc::clone(&ready.run);
        let caller = Caller(cancels.then(|| Arc::clone(&run)));
        let span = info_span!("run", id = %run.id, condition = %run.event.condition,
            plan = %run.event.plan_id, repo = %run.event.repo_id);
        // In a task of its own from here on: a call may be dropped at any time, and a run
        // that is on record has to be carried out.
        let runner = Arc::clone(self);
        self.tasks
            .spawn(async move { runner.carry_through(ready).await }.instrument(span));
        let known = self.admission_of(run).await;
        caller.go_on();
        known
    }

    fn ready_for(&self, request: Request, key: Option<RequestKey>) -> Result<Ready, StartError> {
        if self.draining.is_cancelled() {
            return Err(StartError::Draining);
        }
        let catalog = self.config.current().catalog;
        let id = Uuid::now_v7();
        let setting = setting::of_event(&catalog, request.event, id.to_string(), &self.place)?;
        let place = self
            .admission
            .enter(&setting.event.plan_id)
            .map_err(|full| StartError::QueueFull {
                waiting: full.waiting,
            })?;
        let event = setting.event.clone();
        let subject = RunSubject {
            condition: event.condition,
            repo: event.repo_id.clone(),
            plan: event.plan_id.clone(),
            operation: event.operation_id.clone(),
        };
        let execution = Execution::new(setting);
        // As precise as every store keeps it: who asks for runs since then means this, too.
        let now = Timestamp::now();
        let started_at = Timestamp::from_microsecond(now.as_microsecond()).unwrap_or(now);
        let health = Arc::clone(&self.health);
        let (journal, first, summary) =
            Journal::begin(id, &event, started_at, execution.started(), health);
        let new = NewRun {
            id,
            request: key.clone(),
            subject,
            started_at,
            first,
            summary,
        };
        Ok(Ready {
            run: Arc::new(Run::new(id, key, event, journal)),
            execution,
            place,
            new,
            timeout: request.timeout,
        })
    }

    /// The whole life of a run: it is put on record, carried out and kept.
    async fn carry_through(self: Arc<Self>, ready: Ready) {
        let Ready {
            run,
            execution,
            place,
            new,
            timeout,
        } = ready;
        let lenient = self.on_store_failure == OnStoreFailure::Run || !execution.steers();
        let unadmitted = match self.admit(&new, lenient).await {
            Ok(unadmitted) => unadmitted.then_some(new),
            Err(refused) => {
                self.registry.remove(&run);
                // Whoever found it, in a store that took it and failed all the same, is
                // sent away.
                run.journal.fail("the run was not put on record");
                run.admitted(refused);
                return;
            }
        };
        if unadmitted.is_none() {
            run.journal.stored(1);
        }
        self.registry.add(&run);
        if self.ending.is_cancelled() {
            run.stop(StopReason::Cancelled(CancelCause::Shutdown));
        }
        let keeper = Keeper {
            run: &run,
            store: &self.store,
            health: &self.health,
            lenient,
            draining: &self.draining,
        };
        if let Some(limit) = timeout {
            let run = Arc::clone(&run);
            self.tasks.spawn(async move {
                if tokio::time::timeout(limit, run.executed.cancelled())
                    .await
                    .is_err()
                {
                    run.stop(StopReason::RunTimeLimit);
                }
            });
        }
        let course = async {
            let carried_out = AssertUnwindSafe(self.carry_out(&run, execution, place));
            if carried_out.catch_unwind().await.is_err() && !run.journal.has_ended() {
                // Nobody is to wait for a decision that a fault of our own took away.
                error!("a fault in hookd ended this run: what panicked is said above");
                let decision = failed_by_us(run.event.attempt);
                run.journal.append(Fact::RunFinished { decision }).await;
            }
            run.executed.cancel();
        };
        let keeping = keeper.keep(unadmitted);
        // What it begins with can be read before anybody hears of it.
        run.admitted(Admission::Admitted);
        tokio::join!(course, keeping);
        self.registry.remove(&run);
    }

    /// Puts a run on record; true if it may begin although that failed.
    async fn admit(&self, new: &NewRun, lenient: bool) -> Result<bool, Admission> {
        let error = match self.store.admit(new.clone()).await {
            Ok(Admitted::New) => {
                self.health.works();
                return Ok(false);
            }
            Ok(Admitted::Same(before)) => return Err(Admission::Before(before)),
            Ok(Admitted::Other) => return Err(Admission::Reused),
            Err(error) => error,
        };
        self.health.failed(&error);
        if let Some(request) = &new.request {
            match self.store.find(request).await {
                Ok(Admitted::Same(before)) => return Err(Admission::Before(before)),
                Ok(Admitted::Other) => return Err(Admission::Reused),
                // A store that cannot even be read has nothing that could be told.
                Ok(Admitted::New) | Err(_) => {}
            }
        }
        if lenient && !matches!(error, StoreError::Closed) {
            return Ok(true);
        }
        Err(Admission::Failed(Arc::new(error)))
    }

    /// A run once it is admitted, or why it was not.
    async fn admission_of(&self, run: Arc<Run>) -> Result<Known, StartError> {
        match run.admission().await {
            Admission::Admitted | Admission::Pending => Ok(Known::Live(run)),
            Admission::Before(id) => self.kept(id).await,
            Admission::Reused => Err(StartError::RequestIdReused),
            Admission::Failed(error) => Err(StartError::Store(error)),
        }
    }

    /// The run that a request began before, if the store has it.
    async fn begun_before(&self, key: Option<&RequestKey>) -> Result<Option<Known>, StartError> {
        let Some(key) = key else { return Ok(None) };
        match self.store.find(key).await {
            Ok(Admitted::Same(id)) => self.kept(id).await.map(Some),
            Ok(Admitted::Other) => Err(StartError::RequestIdReused),
            // Whatever else was wrong with the request is what is said.
            Ok(Admitted::New) | Err(_) => Ok(None),
        }
    }

    async fn kept(&self, id: Uuid) -> Result<Known, StartError> {
        let failed = |error| StartError::Store(Arc::new(error));
        let run = self.get(id).await.map_err(failed)?;
        run.ok_or_else(|| {
            failed(StoreError::Failed {
                message: "the run was removed at this moment".to_owned(),
            })
        })
    }
}

#[cfg(test)]
mod tests;
