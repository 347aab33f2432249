//! The private folder of an embedded hookd, and the removal of those that killed ones left.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use hook_core::run::launch::process_owner;
use process_supervisor::{
    find_leftovers, new_private_folder, own_entries, remove_leftover_files, temporary_folder,
};
use tempfile::TempDir;
use uuid::Uuid;

use crate::limits::{LEFT_OVER_FOLDER_MAX_AGE, LEFT_OVER_FOLDER_MIN_AGE};
use crate::paths::DaemonPaths;
use crate::private;

/// Prefix of the folders' names; the name of the instance follows.
const PREFIX: &str = "hookd-embedded-";

/// Private folder among the system's temporary files: locked while it is in use, removed when
/// dropped.
#[derive(Debug)]
pub(crate) struct EmbeddedFolder {
    /// Closed first, because Windows removes no open file.
    _lock: File,
    _folder: TempDir,
}

impl EmbeddedFolder {
    /// Makes a new folder; returns it with the paths of a daemon that uses it.
    pub(crate) fn create() -> io::Result<(EmbeddedFolder, DaemonPaths)> {
        let instance = Uuid::new_v4().to_string();
        let folder = new_private_folder(PREFIX, Some(&instance))?;
        let lock = private::lock(&lock_file(folder.path())).map_err(io::Error::other)?;
        let scripts = folder.path().to_owned();
        let paths = DaemonPaths { scripts, instance };
        let folder = EmbeddedFolder {
            _lock: lock,
            _folder: folder,
        };
        Ok((folder, paths))
    }
}

fn lock_file(folder: &Path) -> PathBuf {
    folder.join("lock")
}

/// Removes the folders of embedded services of this user that were killed, and the private files
/// that their hooks have elsewhere. Files of hooks that still run stay for a day.
pub(crate) fn remove_left_over() {
    let temporary = temporary_folder();
    for folder in temporary.map_or_else(|_| Vec::new(), |path| own_entries(&path, PREFIX)) {
        let Some(age) = age(&folder).filter(|age| *age >= LEFT_OVER_FOLDER_MIN_AGE) else {
            continue;
        };
        let Ok(_lock) = private::lock(&lock_file(&folder)) else {
            continue;
        };
        let name = folder.file_name().unwrap_or_default().to_string_lossy();
        let owner = process_owner(name.trim_start_matches(PREFIX));
        if age >= LEFT_OVER_FOLDER_MAX_AGE || find_leftovers(&owner).is_empty() {
            remove_leftover_files(&owner, &folder);
            // A folder that stays is still private, and is tried again.
            let _ = fs::remove_dir_all(folder);
        }
    }
}

/// Returns the time since a file was changed or made in the folder; `None` if it is unknown.
fn age(folder: &Path) -> Option<Duration> {
    let changed = fs::metadata(folder).and_then(|found| found.modified());
    changed.ok()?.elapsed().ok()
}
