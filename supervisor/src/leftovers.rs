//! Leftovers: processes and files of a supervisor that was killed, found by their mark.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::private_files::{
    FILE_PREFIX, is_own, name_in_files, temporary_folder, temporary_prefix,
};
use crate::supervise::end_tree;
use crate::tree::Tree;
use crate::{Mark, Owner, Termination};

/// Processes of one execution that an earlier process of the owner has left running.
///
/// A script that exits by itself may leave processes behind on purpose, so
/// [`had_ended`](Self::had_ended) tells whether it did. Dropping a leftover does not end its
/// processes.
#[derive(Debug)]
pub struct Leftover {
    tree: Tree,
    mark: Mark,
}

impl Leftover {
    /// Returns the execution of its [`Mark`](crate::Mark). Characters other than ASCII letters,
    /// digits, `-`, `_` and `.` may be replaced by `_`.
    #[must_use]
    pub fn execution(&self) -> &str {
        &self.mark.execution
    }

    /// Returns whether the script had ended when its supervisor was killed: the private files of
    /// a script, of which it needs one at least in its environment, are removed at its end.
    #[must_use]
    pub fn had_ended(&self, script_dir: &Path) -> bool {
        let name = name_in_files(&self.mark);
        let in_folder =
            |folder: &Path| !own_entries(folder, &(FILE_PREFIX.to_owned() + &name)).is_empty();
        let temporary = temporary_prefix(&self.mark.owner);
        let elsewhere = |folder: PathBuf| {
            let folders = own_entries(&folder, &temporary);
            !own_entries(&folder, &(temporary.clone() + &name)).is_empty()
                || folders.iter().any(|folder| in_folder(folder))
        };
        !in_folder(script_dir) && !temporary_folder().is_ok_and(elsewhere)
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
    let leftover = |(execution, tree)| Leftover {
        tree,
        mark: Mark {
            owner: owner.clone(),
            execution,
        },
    };
    trees.map(leftover).collect()
}

/// Removes private files that earlier processes of the owner have left, in their folder for
/// scripts and in the system's folder for temporary files. Files of other users stay.
pub fn remove_leftover_files(owner: &Owner, script_dir: &Path) {
    for entry in own_entries(script_dir, FILE_PREFIX) {
        // Errors are ignored: a file that stays is still private. A folder is none of ours.
        let _ = fs::remove_file(entry);
    }
    let Ok(temporary) = temporary_folder() else {
        return;
    };
    for entry in own_entries(&temporary, &temporary_prefix(owner)) {
        let _ = fs::remove_dir_all(&entry).or_else(|_| fs::remove_file(entry));
    }
}

/// Returns the entries of a folder that belong to this process's user and have names with this
/// beginning.
pub fn own_entries(folder: &Path, prefix: &str) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    entries
        .filter(|entry| {
            let name = entry.file_name();
            name.as_encoded_bytes().starts_with(prefix.as_bytes())
                && entry.metadata().is_ok_and(|found| is_own(&found))
        })
        .map(|entry| entry.path())
        .collect()
}
