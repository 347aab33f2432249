//! All that the services share.

use std::sync::Arc;

use jiff::Timestamp;
use tokio_util::sync::CancellationToken;

use crate::config::Config;
use crate::limits::Limits;
use crate::runs::Runner;
use crate::setting::Place;

/// A daemon, whoever reaches it and however.
#[derive(Debug)]
pub struct Daemon {
    /// The config in force.
    pub config: Arc<Config>,
    /// The runs.
    pub runner: Arc<Runner>,
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
    pub fn new(config: Config, limits: Limits, place: Place, listen: Vec<String>) -> Daemon {
        let config = Arc::new(config);
        Daemon {
            runner: Arc::new(Runner::new(Arc::clone(&config), &limits, place)),
            config,
            limits,
            started_at: Timestamp::now(),
            listen,
            watching: CancellationToken::new(),
            closing: CancellationToken::new(),
        }
    }
}
