//! Leftovers: what a daemon that was killed has left running, found by its mark.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::time::Duration;

use tokio::time::timeout;

use super::bounds::KILL_WAIT;
use super::ended::Ending;
use super::private::{PREFIX, users_prefix};
use super::supervise::{asked, emptied};
use super::tree::Tree;

/// Processes of one execution that a daemon of this instance has left.
///
/// They may have been left on purpose: a script that ended may leave a process behind.
/// Whose run was cut off is known to the caller, who [`end`](Self::end)s those. Dropping it
/// leaves them alone.
#[derive(Debug)]
pub struct LeftOver {
    execution: String,
    tree: Tree,
}

impl LeftOver {
    /// Which execution they belong to, as its [`Mark`](super::Mark) said; what is neither a
    /// letter of ASCII nor a digit, `-`, `_` or `.` may be `_` here.
    #[must_use]
    pub fn execution(&self) -> &str {
        &self.execution
    }

    /// Ends them: TERM, that grace, KILL.
    pub async fn end(mut self, grace: Duration) -> Ending {
        asked(&mut self.tree).await;
        if timeout(grace, emptied(&mut self.tree, false)).await.is_ok() {
            return Ending::Term;
        }
        self.tree.kill();
        match timeout(KILL_WAIT, emptied(&mut self.tree, true)).await {
            Ok(()) => Ending::Kill,
            Err(_) => Ending::Survived,
        }
    }
}

/// Finds what earlier daemons of that instance have left running.
///
/// For the start of a daemon, when none of its own scripts run yet and no other daemon of
/// the instance does. Cgroups that nothing runs in any more are removed.
#[must_use]
pub fn left_over(instance: &str) -> Vec<LeftOver> {
    let trees: BTreeMap<String, Tree> = super::tree::left_over(instance);
    trees
        .into_iter()
        .map(|(execution, tree)| LeftOver { execution, tree })
        .collect()
}

/// Removes the private files that earlier daemons of that instance have left, in their
/// folder for scripts and in the system's folder for temporary files.
pub fn remove_left_over_files(instance: &str, script_dir: &Path) {
    for (folder, prefix) in [
        (script_dir, PREFIX.to_owned()),
        (&std::env::temp_dir(), users_prefix(instance)),
    ] {
        for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
            if !entry.file_name().to_string_lossy().starts_with(&prefix) {
                continue;
            }
            // Nothing depends on their being gone: an error leaves a private file where
            // it was.
            let _ = match entry.file_type() {
                Ok(kind) if kind.is_dir() => fs::remove_dir_all(entry.path()),
                Ok(_) => fs::remove_file(entry.path()),
                Err(error) => Err(error),
            };
        }
    }
}
