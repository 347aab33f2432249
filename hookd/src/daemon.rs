//! The state that all services share.

use std::sync::Arc;

use hook_core::catalog::RunRetention;
use jiff::Timestamp;
use tokio_util::sync::CancellationToken;

use crate::config::{Config, Retentions};
use crate::limits::Limits;
use crate::paths::DaemonPaths;
use crate::runs::{OpenStore, Runner};

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

    /// Returns the retention of each plan by the config in force; that of the request wins.
    #[must_use]
    pub fn retentions(&self, asked: RunRetention) -> Retentions {
        let catalog = self.config.current().catalog;
        Retentions::new(catalog, self.open_store.retention, asked)
    }
}
