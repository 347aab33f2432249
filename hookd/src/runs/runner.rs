//! Runs under way: whose turn it is, carrying them out, and where to find them.

use std::sync::Arc;
use std::time::Duration;

use hook_core::catalog::RunRetention;
use hook_core::config::OnStoreFailure;
use hook_core::run::execute::Execution;
use hook_core::run::journal::{Fact, WaitReason};
use hook_core::run::locks::Held;
use hook_core::run::stop::{CancelCause, StopReason};
use hookd_proto::v1;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tracing::{info, warn};
use uuid::Uuid;

use super::admission::{self, Admission};
use super::health::Health;
use super::registry::{Counts, Registry};
use super::run::Run;
use super::watch::Known;
use crate::config::Config;
use crate::limits::Limits;
use crate::setting;
use crate::store::{Store, StoreError, StoredRun};

/// Starts runs and knows them.
#[derive(Debug)]
pub struct Runner {
    pub(super) config: Arc<Config>,
    pub(super) store: Arc<Store>,
    pub(super) health: Arc<Health>,
    pub(super) on_store_failure: OnStoreFailure,
    pub(super) registry: Registry,
    pub(super) admission: Admission,
    pub(super) tasks: TaskTracker,
    /// No new runs are taken.
    pub(super) draining: CancellationToken,
    /// Runs are ended.
    pub(super) ending: CancellationToken,
    pub(super) place: setting::Place,
}

/// In what runs are kept, and what happens when that fails.
#[derive(Clone, Debug)]
pub struct Keeping {
    /// What keeps them.
    pub store: Arc<Store>,
    /// How it is doing.
    pub health: Arc<Health>,
    /// What becomes of runs that cannot be stored.
    pub on_store_failure: OnStoreFailure,
    /// How much is kept of the runs of each plan, where the plan does not say.
    pub retention: RunRetention,
}

impl Runner {
    /// A runner without runs, whose scripts have their place there.
    #[must_use]
    pub fn new(
        config: Arc<Config>,
        limits: &Limits,
        place: setting::Place,
        keeping: &Keeping,
    ) -> Runner {
        Runner {
            config,
            store: Arc::clone(&keeping.store),
            health: Arc::clone(&keeping.health),
            on_store_failure: keeping.on_store_failure,
            registry: Registry::default(),
            admission: Admission::new(limits.max_concurrent_runs, limits.max_queued_runs),
            tasks: TaskTracker::new(),
            draining: CancellationToken::new(),
            ending: CancellationToken::new(),
            place,
        }
    }

    pub(super) async fn carry_out(&self, run: &Run, execution: Execution, place: admission::Place) {
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
        let waits = async |reason| {
            let hook = String::new();
            run.journal.append(Fact::Waiting { hook, reason }).await;
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
                        })
                        .await;
                        self.place.locks.take(name, &me).await
                    }
                })
            }
        };
        let turn = match place.turn_now() {
            Some(turn) => turn,
            None => {
                waits(WaitReason::Turn).await;
                place.turn().await?
            }
        };
        Some((held, turn))
    }

    /// The run of that id: under way, or as the store has it.
    ///
    /// # Errors
    /// If the store cannot be read.
    pub async fn get(&self, id: Uuid) -> Result<Option<Known>, StoreError> {
        if let Some(run) = self.registry.get(id) {
            return Ok(Some(Known::Live(run)));
        }
        if let Some(kept) = self.store.get(id).await?
            && kept.ended.is_some()
        {
            return Ok(Some(Known::Kept(kept)));
        }
        // It may have begun or ended between the two looks.
        if let Some(run) = self.registry.get(id) {
            return Ok(Some(Known::Live(run)));
        }
        Ok(self.store.get(id).await?.map(Known::Kept))
    }

    /// A run at a glance that the store gave: of one under way as it is now.
    ///
    /// # Errors
    /// If the store cannot be read.
    pub async fn glance(&self, kept: &StoredRun) -> Result<v1::Run, StoreError> {
        if let Some(run) = self.registry.get(kept.id) {
            return Ok(run.glance());
        }
        // What was under way when it was read may have ended since.
        let now = match kept.ended {
            Some(_) => None,
            None => self.get(kept.id).await?,
        };
        Ok(now.unwrap_or_else(|| Known::Kept(kept.clone())).glance())
    }

    /// The runs under way and those that are not stored yet, oldest first; the store may
    /// have them or not.
    #[must_use]
    pub fn live(&self) -> Vec<Arc<Run>> {
        self.registry.all()
    }

    /// How many runs are in which state.
    #[must_use]
    pub fn counts(&self) -> Counts {
        self.registry.counts()
    }

    /// Refuses new runs, lets those under way finish within `limit`, then ends them.
    /// Returns when none is left, and all that could be stored is.
    pub async fn drain(&self, limit: Duration) {
        self.draining.cancel();
        self.tasks.close();
        if tokio::time::timeout(limit, self.tasks.wait()).await.is_ok() {
            return;
        }
        // One that is admitted at this moment sees it by itself.
        self.ending.cancel();
        let left = self.registry.all();
        warn!(
            runs = left.len(),
            "the drain limit is over, so runs are ended"
        );
        for run in left {
            run.stop(StopReason::Cancelled(CancelCause::Shutdown));
        }
        self.tasks.wait().await;
    }
}

/// Waits until the run is stopped.
async fn stopped(stops: &mut watch::Receiver<Option<StopReason>>) {
    // The sender lives as long as the run, which we hold.
    let _ = stops.wait_for(Option::is_some).await;
}
