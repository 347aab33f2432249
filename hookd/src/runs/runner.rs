//! From a request to a run under way: the only place where runs begin and end.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use hook_core::event::Event;
use hook_core::process::Stop;
use hook_core::run::execute::Execution;
use hook_core::run::journal::{CancelCause, Fact, WaitReason};
use hook_core::run::locks::Held;
use tokio::sync::watch;
use tokio_util::task::TaskTracker;
use tracing::{Instrument as _, info, info_span, warn};
use uuid::Uuid;

use super::admission::{self, Admission};
use super::registry::{Counts, Known, Registry};
use super::run::Run;
use crate::config::Config;
use crate::limits::Limits;
use crate::setting::{self, UnknownTarget};

/// Starts runs and knows them.
#[derive(Debug)]
pub struct Runner {
    config: Arc<Config>,
    registry: Registry,
    admission: Admission,
    tasks: TaskTracker,
    draining: AtomicBool,
    place: setting::Place,
}

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
}

impl Runner {
    /// A runner without runs, whose scripts have their place there.
    #[must_use]
    pub fn new(config: Arc<Config>, limits: &Limits, place: setting::Place) -> Runner {
        Runner {
            config,
            registry: Registry::default(),
            admission: Admission::new(limits.max_concurrent_runs, limits.max_queued_runs),
            tasks: TaskTracker::new(),
            draining: AtomicBool::new(false),
            place,
        }
    }

    /// Starts a run in a task of its own, or finds the one that the same request
    /// started before.
    ///
    /// # Errors
    /// If the run was not started; nothing has happened then.
    pub fn start(self: &Arc<Self>, request: Request) -> Result<Arc<Run>, StartError> {
        let mut known_as = request.event.clone();
        if !request.timed {
            known_as.time = jiff::Timestamp::UNIX_EPOCH;
        }
        let mut admitted = None;
        let known = self.registry.add(request.id, &known_as, || {
            let (run, execution, place) = self.admit(request.id, request.event.clone())?;
            admitted = Some((Arc::clone(&run), execution, place));
            Ok::<_, StartError>(run)
        })?;
        match (known, admitted) {
            (Known::Same(run), _) => Ok(run),
            (Known::No, Some((run, execution, place))) => {
                self.spawn(&run, execution, place, request.timeout);
                Ok(run)
            }
            (Known::Other | Known::No, _) => Err(StartError::RequestIdReused),
        }
    }

    fn admit(
        &self,
        request: Option<Uuid>,
        event: Event,
    ) -> Result<(Arc<Run>, Execution, admission::Place), StartError> {
        if self.draining.load(Ordering::Acquire) {
            return Err(StartError::Draining);
        }
        let catalog = self.config.current().catalog;
        let id = Uuid::now_v7().to_string();
        let setting = setting::of_event(&catalog, event, id.clone(), &self.place)?;
        let place = self
            .admission
            .enter(&setting.event.plan_id)
            .map_err(|full| StartError::QueueFull {
                waiting: full.waiting,
            })?;
        let run = Arc::new(Run::new(id, request, setting.event.clone()));
        let execution = Execution::new(setting);
        run.journal.append(execution.started());
        Ok((run, execution, place))
    }

    fn spawn(
        self: &Arc<Self>,
        run: &Arc<Run>,
        execution: Execution,
        place: admission::Place,
        timeout: Option<Duration>,
    ) {
        let span = info_span!("run", id = %run.id, condition = %run.event.condition,
            plan = %run.event.plan_id, repo = %run.event.repo_id);
        if let Some(timeout) = timeout {
            let run = Arc::clone(run);
            self.tasks.spawn(async move {
                let mut changes = run.journal.changes();
                let finished = changes.wait_for(|_| run.journal.decision().is_some());
                if tokio::time::timeout(timeout, finished).await.is_err() {
                    run.stop(Stop::RunTimeLimit);
                }
            });
        }
        let runner = Arc::clone(self);
        let run = Arc::clone(run);
        let task = async move {
            runner.carry_out(&run, execution, place).await;
            runner.registry.finished(&run);
        };
        self.tasks.spawn(task.instrument(span));
    }

    async fn carry_out(&self, run: &Run, execution: Execution, place: admission::Place) {
        let mut stops = run.stops();
        let _ready = if execution.is_empty() {
            None
        } else {
            tokio::select! {
                biased;
                // A stopped run goes its course without its turn: it only skips.
                () = stopped(&mut stops) => None,
                ready = self.ready(run, &execution, &place) => ready,
            }
        };
        run.begins();
        let decision = execution.run(run, run.stops()).await;
        if decision.warnings.is_empty() {
            info!(decision = %decision.kind, hook = decision.hook, reason = decision.reason, "run finished");
        } else {
            warn!(decision = %decision.kind, hook = decision.hook, reason = decision.reason,
                warnings = ?decision.warnings, "run finished");
        }
    }

    /// Waits until a run may execute: first for its plan's lock, then for its turn, so
    /// that no turn is spent on waiting.
    async fn ready(
        &self,
        run: &Run,
        execution: &Execution,
        place: &admission::Place,
    ) -> Option<(Option<Held>, admission::Turn)> {
        let waits = |reason| {
            run.journal.append(Fact::Waiting {
                hook: String::new(),
                reason,
            })
        };
        let held = match execution.plan_lock() {
            None => None,
            Some(name) => {
                let me = format!("run {}", run.id);
                Some(match self.place.locks.try_take(name, &me) {
                    Ok(held) => held,
                    Err(holder) => {
                        waits(WaitReason::Lock {
                            name: name.to_owned(),
                            holder,
                        });
                        self.place.locks.take(name, &me).await
                    }
                })
            }
        };
        let turn = match place.turn_now() {
            Some(turn) => turn,
            None => {
                waits(WaitReason::Turn);
                place.turn().await?
            }
        };
        Some((held, turn))
    }

    /// The run of that id.
    #[must_use]
    pub fn get(&self, id: &str) -> Option<Arc<Run>> {
        self.registry.get(id)
    }

    /// All runs, newest first, from the one after `before` on.
    #[must_use]
    pub fn newest_first(&self, before: Option<&str>) -> Vec<Arc<Run>> {
        self.registry.newest_first(before)
    }

    /// How many runs are in which state.
    #[must_use]
    pub fn counts(&self) -> Counts {
        self.registry.counts()
    }

    /// Refuses new runs, lets those under way finish within `limit`, then ends them.
    /// Returns when none is left.
    pub async fn drain(&self, limit: Duration) {
        self.draining.store(true, Ordering::Release);
        self.tasks.close();
        if tokio::time::timeout(limit, self.tasks.wait()).await.is_ok() {
            return;
        }
        let left = self.registry.under_way();
        warn!(
            runs = left.len(),
            "the drain limit is over, so runs are ended"
        );
        for run in left {
            run.stop(Stop::Cancel(CancelCause::Shutdown));
        }
        self.tasks.wait().await;
    }
}

/// Waits until the run is stopped.
async fn stopped(stops: &mut watch::Receiver<Option<Stop>>) {
    // The sender lives as long as the run, which we hold.
    let _ = stops.wait_for(Option::is_some).await;
}
