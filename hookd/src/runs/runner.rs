//! The runner: starts runs, finds them, and drains them at a shutdown.

use std::sync::Arc;
use std::time::Duration;

use hook_core::catalog::RunRetention;
use hook_core::run::locks::NamedLocks;
use hook_core::run::stop::{CancelCause, StopReason};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tracing::warn;
use uuid::Uuid;

use super::queue::RunQueue;
use super::reader::KnownRun;
use super::registry::RunRegistry;
use super::store_health::StoreHealth;
use super::summary::RunSummary;
use crate::config::Config;
use crate::limits::Limits;
use crate::paths::DaemonPaths;
use crate::settings::OnStoreFailure;
use crate::store::{Store, StoreError, StoredRun};

/// Starts runs and finds them.
#[derive(Debug)]
pub struct Runner {
    pub(super) config: Arc<Config>,
    pub(super) store: Arc<Store>,
    pub(super) health: Arc<StoreHealth>,
    pub(super) on_store_failure: OnStoreFailure,
    /// The runs under way.
    pub registry: RunRegistry,
    pub(super) queue: RunQueue,
    pub(super) tasks: TaskTracker,
    /// Cancelled when new runs are refused.
    pub(super) draining: CancellationToken,
    /// Cancelled when runs under way are ended.
    pub(super) ending: CancellationToken,
    pub(super) paths: DaemonPaths,
    /// The locks that all runs share.
    pub(super) locks: NamedLocks,
}

/// The store of a daemon, with its settings.
#[derive(Clone, Debug)]
pub struct OpenStore {
    /// The store.
    pub store: Arc<Store>,
    /// The health of the store.
    pub health: Arc<StoreHealth>,
    /// The handling of runs that cannot be stored.
    pub on_store_failure: OnStoreFailure,
    /// Default retention of plans without their own.
    pub retention: RunRetention,
}

impl Runner {
    /// Creates a runner without runs.
    #[must_use]
    pub fn new(
        config: Arc<Config>,
        limits: &Limits,
        paths: DaemonPaths,
        open_store: &OpenStore,
    ) -> Runner {
        Runner {
            config,
            store: Arc::clone(&open_store.store),
            health: Arc::clone(&open_store.health),
            on_store_failure: open_store.on_store_failure,
            registry: RunRegistry::default(),
            queue: RunQueue::new(limits.max_concurrent_runs, limits.max_queued_runs),
            tasks: TaskTracker::new(),
            draining: CancellationToken::new(),
            ending: CancellationToken::new(),
            paths,
            locks: NamedLocks::default(),
        }
    }

    /// Returns a run by its id, under way or stored.
    /// Fails if the store cannot be read.
    pub async fn get(&self, id: Uuid) -> Result<Option<KnownRun>, StoreError> {
        let mut stored = None;
        // Twice, because the run may begin or end between the two reads.
        for _ in 0..2 {
            if let Some(run) = self.registry.get(id) {
                return Ok(Some(KnownRun::Live(run)));
            }
            stored = self.store.get(id).await?;
            if stored.as_ref().is_some_and(|run| run.ended.is_some()) {
                break;
            }
        }
        Ok(stored.map(KnownRun::Stored))
    }

    /// Returns the present summary of a run that was read from the store.
    /// Fails if the store cannot be read.
    pub async fn summary(&self, stored: &StoredRun) -> Result<RunSummary, StoreError> {
        // A run that was under way when it was read may have ended since.
        let now = match stored.ended {
            Some(_) => self.registry.get(stored.id).map(KnownRun::Live),
            None => self.get(stored.id).await?,
        };
        Ok(now.map_or_else(
            || KnownRun::Stored(stored.clone()).summary(),
            |run| run.summary(),
        ))
    }

    /// Refuses new runs, lets runs under way finish within `limit`, and ends the others.
    /// Returns when no run is left and everything that can be stored is stored.
    pub async fn drain(&self, limit: Duration) {
        self.draining.cancel();
        self.tasks.close();
        if tokio::time::timeout(limit, self.tasks.wait()).await.is_ok() {
            return;
        }
        // A run that is being admitted checks this token after its registration.
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
