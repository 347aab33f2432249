//! The `server` section: how hookd itself runs.

use std::path::PathBuf;
use std::time::Duration;

/// The `server` section. What is absent keeps hookd's default; flags win over all of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ServerSettings {
    /// Where to listen: `unix:///path`, `tcp://host:port`, `fd://`. Empty if not given.
    pub listen: Vec<String>,
    /// The folder for state.
    pub state: Option<PathBuf>,
    /// Where runs are kept.
    pub store: Option<StoreKind>,
    /// How many runs may run side by side.
    pub max_concurrent_runs: Option<u32>,
    /// How many more may wait.
    pub max_queued_runs: Option<u32>,
    /// How long running runs may go on at a shutdown.
    pub drain_timeout: Option<Duration>,
}

/// Where runs are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StoreKind {
    /// In a file below the state folder.
    Sqlite,
    /// In memory, lost at a restart.
    Memory,
}
