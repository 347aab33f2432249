//! All that the services share.

use std::sync::Arc;

use hook_core::catalog::RunRetention;
use jiff::Timestamp;
use tokio_util::sync::CancellationToken;

use crate::config::{Config, Retentions};
use crate::limits::Limits;
use crate::paths::DaemonPaths;
use crate::runs::{OpenStore, Runner};

/// A daemon, whoever reaches it and however.
#[derive(Debug)]
pub struct Daemon {
    /// The config in force.
    pub config: Arc<Config>,
    /// The runs.
    pub runner: Arc<Runner>,
    /// In what runs are kept.
    pub open_store: OpenStore,
    /// The bounds in force.
    pub limits: Limits,
    /// When it started.
    pub started_at: Timestamp,
    /// Where it listens, for people.
    pub listen: Vec<String>,
    /// Cancelled when those who only watch have to go.
    pub watching: CancellationToken,
    /// Cancelled when every stream has to end; nothing is left to be told by then.
    pub closing: CancellationToken,
}

impl Daemon {
    /// A daemon with this config, whose scripts have their place there.
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

    /// How much is kept of the runs of each plan by the config in force, and by who asks.
    #[must_use]
    pub fn retentions(&self, asked: RunRetention) -> Retentions {
        let catalog = self.config.current().catalog;
        Retentions::new(catalog, self.open_store.retention, asked)
    }
}
