//! Ends the processes that a killed daemon left behind, at the start of the next daemon.

use std::path::Path;

use hook_core::run::launch::process_owner;
use process_supervisor::{Termination, find_leftovers, remove_leftover_files};
use tokio::task::JoinSet;
use tracing::{error, info, warn};

use crate::limits::LEFT_OVER_GRACE;

/// Ends all processes that daemons of that instance have left running, and removes the private
/// files of their hooks.
///
/// Processes of a hook that had ended were left running on purpose, and stay. All others were cut
/// off, and are ended.
pub(crate) async fn end(instance: &str, scripts: &Path) {
    let owner = process_owner(instance);
    let mut endings = JoinSet::new();
    for left in find_leftovers(&owner) {
        let execution = left.execution().to_owned();
        if left.had_ended(scripts) {
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
