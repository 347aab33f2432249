//! Copies of a store in use.

use std::fs::{self, OpenOptions};
use std::io;
use std::path::Path;
use std::time::Duration;

use rusqlite::backup::Backup;

use super::fault::explain;
use super::place::Place;
use super::readers::open_in_place;
use super::{StoreError, database};

/// Pages copied at a time.
const STEP_PAGES: i32 = 1000;

/// Copies the store as it is at this moment to a file that does not exist yet.
pub(super) fn copy(from: &Path, place: &Place, to: &Path) -> Result<(), StoreError> {
    let cannot = |error: io::Error| {
        let message = format!("cannot write {}: {error}", to.display());
        match error.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => StoreError::Full(message),
            _ => StoreError::Failed(message),
        }
    };
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    drop(options.open(to).map_err(cannot)?);
    let copied = fill(from, place, to).and_then(|()| {
        let file = OpenOptions::new().write(true).open(to);
        file.and_then(|file| file.sync_all()).map_err(cannot)
    });
    if copied.is_err() {
        let _ = fs::remove_file(to);
    }
    copied
}

fn fill(from: &Path, place: &Place, to: &Path) -> Result<(), StoreError> {
    let reading = |error: rusqlite::Error| {
        let error = explain(&error, from);
        place.note_damage(&error);
        error
    };
    let writing = |error: rusqlite::Error| explain(&error, to);
    let source = open_in_place(from, place).map_err(|fault| fault.explain(from))?;
    let mut target = database::open_writable(to).map_err(writing)?;
    // A read transaction over all steps, begun by its first read. Without it, a write between
    // two steps would restart the copy.
    let snapshot = source.unchecked_transaction().map_err(reading)?;
    snapshot
        .query_row("SELECT count(*) FROM tally", [], |_| Ok(()))
        .map_err(reading)?;
    let backup = Backup::new(&snapshot, &mut target).map_err(writing)?;
    backup
        .run_to_completion(STEP_PAGES, Duration::ZERO, None)
        .map_err(writing)
}
