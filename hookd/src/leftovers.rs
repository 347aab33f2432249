//! Ends the processes that a killed daemon left behind, at the start of the next daemon.

use std::path::Path;

use hook_core::run::launch::process_owner;
use process_supervisor::{Termination, find_leftovers, remove_leftover_files};
use tokio::task::JoinSet;
use tracing::{error, info, warn};
use uuid::Uuid;

use crate::limits::LEFT_OVER_GRACE;
use crate::runs::{CutOffRun, RunSummary};
use crate::store::Store;

/// Ends all processes that daemons of that instance have left running, and removes the private
/// files of their hooks.
///
/// Processes of a hook that has ended on record were left running on purpose, and stay. All
/// others may have been cut off, and are ended.
pub(crate) async fn end(instance: &str, scripts: &Path, store: &Store, cut_off: &[CutOffRun]) {
    let owner = process_owner(instance);
    let mut endings = JoinSet::new();
    for left in find_leftovers(&owner) {
        let execution = left.execution().to_owned();
        if had_ended(&execution, store, cut_off).await {
            info!(
                execution,
                "this hook left processes behind when it ended; they are left alone"
            );
            continue;
        }
        warn!(
            execution,
            "an earlier hookd left processes of this hook running; they are ended"
        );
        endings.spawn(async move { (execution, left.end(LEFT_OVER_GRACE).await) });
    }
    while let Some(ended) = endings.join_next().await {
        match ended {
            Ok((execution, Termination::Survived)) => error!(
                execution,
                "processes of this hook are still there after KILL: see what they wait for"
            ),
            Ok((execution, ending)) => warn!(execution, ?ending, "they have ended"),
            Err(error) => error!(%error, "processes that were left running could not be ended"),
        }
    }
    // Last, because processes that still run may create more files.
    remove_leftover_files(&owner, scripts);
}

/// Returns whether an execution, named by its run, hook run and try, ended on record.
async fn had_ended(execution: &str, store: &Store, cut_off: &[CutOffRun]) -> bool {
    let mut parts = execution.split('.');
    let id = parts.next().and_then(|id| Uuid::try_parse(id).ok());
    let mut number = || parts.next().and_then(|n| n.parse::<u32>().ok());
    let (Some(id), Some(index), Some(attempt)) = (id, number(), number()) else {
        return false;
    };
    if let Some(run) = cut_off.iter().find(|run| run.id == id) {
        return run.summary.hook_ended(index, attempt);
    }
    match store.get(id).await {
        Ok(Some(stored)) => RunSummary::stored(&stored).hook_ended(index, attempt),
        Ok(None) | Err(_) => false,
    }
}
