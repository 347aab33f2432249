//! What an earlier daemon that was killed has left behind, ended at the start of the next.

use std::path::Path;

use hook_core::process::{Ending, left_over, remove_left_over_files};
use tokio::task::JoinSet;
use tracing::{error, warn};

use crate::limits::LEFT_OVER_GRACE;

/// Ends all processes that daemons of that instance have left running, and removes the
/// private files of their hooks.
///
/// Runs are kept in memory alone, so nobody can tell a hook that was cut off from one that
/// ended and left a process behind on purpose: both are ended.
pub(crate) async fn end(instance: &str, scripts: &Path) {
    let mut endings = JoinSet::new();
    for left in left_over(instance) {
        let execution = left.execution().to_owned();
        warn!(
            execution,
            "an earlier hookd left processes of this hook running, perhaps on purpose; they are ended"
        );
        endings.spawn(async move { (execution, left.end(LEFT_OVER_GRACE).await) });
    }
    while let Some(ended) = endings.join_next().await {
        match ended {
            Ok((execution, Ending::Survived)) => error!(
                execution,
                "processes of this hook are still there after KILL: see what they wait for"
            ),
            Ok((execution, ending)) => warn!(execution, ?ending, "they have ended"),
            Err(error) => error!(%error, "processes that were left running could not be ended"),
        }
    }
    // Last, so that nothing that still runs makes any more.
    remove_left_over_files(instance, scripts);
}
