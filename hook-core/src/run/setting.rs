//! Setting of a run: everything that it needs before it begins.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;

use crate::event::Event;
use crate::hook::Hook;
use crate::run::config_mask::ConfigMask;
use crate::run::locks::NamedLocks;
use crate::vars::{PlanVars, RepoVars};

/// Setting of a run.
#[derive(Clone, Debug)]
pub struct RunSetting {
    /// The run's id.
    pub run_id: String,
    /// The agent's report.
    pub event: Event,
    /// The hooks to match with the event, in the order global, repository, plan.
    pub hooks: Vec<Arc<Hook>>,
    /// The repository, as templates see it.
    pub repo: Option<Arc<RepoVars>>,
    /// The plan, as templates see it; with only its id if the config has none.
    pub plan: Arc<PlanVars>,
    /// The private folder for scripts and event files.
    pub script_dir: PathBuf,
    /// Environment variables of hookd that no script may see.
    pub withheld: BTreeSet<String>,
    /// The lock that the run holds while it executes, if its plan has one.
    pub plan_lock: Option<String>,
    /// The locks that hooks of all runs share.
    pub locks: NamedLocks,
    /// The mask over the secrets of the config.
    pub mask: Arc<ConfigMask>,
    /// The instance of the daemon, by which the run's processes are recognised.
    pub instance: String,
}
