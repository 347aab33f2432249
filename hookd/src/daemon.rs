//! The state that all services share.

use std::sync::Arc;

use hook_core::catalog::RunRetention;
use jiff::Timestamp;
use tokio_util::sync::CancellationToken;

use crate::config::Config;
use crate::limits::Limits;
use crate::paths::DaemonPaths;
use crate::runs::{OpenStore, Runner};
use crate::store::{PrunedPlan, StoreError};

/// A daemon or an embedded hookd.
#[derive(Debug)]
pub struct Daemon {
    /// The config in force.
    pub config: Arc<Config>,
    /// The runs.
    pub runner: Arc<Runner>,
    /// The store of runs.
    pub open_store: OpenStore,
    /// The bounds in force.
    pub limits: Limits,
    /// The time of its start.
    pub started_at: Timestamp,
    /// The addresses that it listens on, for people.
    pub listen: Vec<String>,
    /// Cancelled when streams of watchers have to end.
    pub watching: CancellationToken,
    /// Cancelled when every stream has to end, after the last run.
    pub closing: CancellationToken,
}

impl Daemon {
    /// Returns a daemon without runs.
    #[must_use]
    pub fn new(
        config: Config,
        limits: Limits,
        paths: DaemonPaths,
        open_store: OpenStore,
        listen: Vec<String>,
    ) -> Daemon {
        let config = Arc::new(config);
        Daemon {
            runner: Arc::new(Runner::new(
                Arc::clone(&config),
                &limits,
                paths,
                &open_store,
            )),
            config,
            open_store,
            limits,
            started_at: Timestamp::now(),
            listen,
            watching: CancellationToken::new(),
            closing: CancellationToken::new(),
        }
    }

    /// Removes runs beyond the retention of the request, of their plan, or of the daemon: the
    /// first of these that has a bound. With `dry_run`, only counts them.
    pub(crate) async fn prune(
        &self,
        asked: RunRetention,
        dry_run: bool,
    ) -> Result<Vec<PrunedPlan>, StoreError> {
        let (catalog, store) = (self.config.current().catalog, &self.open_store);
        let retention = |_: &str, plan: &str| {
            let of_plan = catalog.run_retention(plan);
            asked.or(of_plan).or(store.retention)
        };
        store.store.prune(retention, dry_run).await
    }
}
