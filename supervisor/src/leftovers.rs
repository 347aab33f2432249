//! Leftovers: processes and files of a supervisor that was killed, found by their mark.

use std::fs;
use std::path::Path;
use std::time::Duration;

use crate::private_files::{FILE_PREFIX, temporary_prefix};
use crate::supervise::end_tree;
use crate::tree::Tree;
use crate::{Owner, Termination};

/// Processes of one execution that an earlier process of the owner has left running.
///
/// A script that exits by itself may leave processes behind on purpose. Only the caller knows which
/// executions were cut off, and [`end`](Self::end)s those. Dropping a leftover does not end its
/// processes.
#[derive(Debug)]
pub struct Leftover {
    execution: String,
    tree: Tree,
}

impl Leftover {
    /// Returns the execution of its [`Mark`](crate::Mark). Characters other than ASCII letters,
    /// digits, `-`, `_` and `.` may be replaced by `_`.
    #[must_use]
    pub fn execution(&self) -> &str {
        &self.execution
    }

    /// Ends the processes: TERM, then KILL after `grace`.
    pub async fn end(mut self, grace: Duration) -> Termination {
        end_tree(&mut self.tree, None, grace).await
    }
}

/// Finds processes that earlier processes of the owner have left running.
///
/// To be called before this process starts its first script, and while no other process of
/// the same owner runs. Cgroups that are empty by now are removed.
#[must_use]
pub fn find_leftovers(owner: &Owner) -> Vec<Leftover> {
    let trees = crate::tree::left_over(owner).into_iter();
    trees
        .map(|(execution, tree)| Leftover { execution, tree })
        .collect()
}

/// Removes private files that earlier processes of the owner have left, in their folder for
/// scripts and in the system's folder for temporary files.
pub fn remove_leftover_files(owner: &Owner, script_dir: &Path) {
    for (folder, prefix) in [
        (script_dir, FILE_PREFIX.to_owned()),
        (&std::env::temp_dir(), temporary_prefix(owner)),
    ] {
        for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
            if !entry.file_name().to_string_lossy().starts_with(&prefix) {
                continue;
            }
            // Errors are ignored: a file that stays is still private.
            let _ = match entry.file_type() {
                Ok(kind) if kind.is_dir() => fs::remove_dir_all(entry.path()),
                Ok(_) => fs::remove_file(entry.path()),
                Err(error) => Err(error),
            };
        }
    }
}
