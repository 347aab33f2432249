//! Copying a store that is in use.

use std::fs::{self, OpenOptions};
use std::io;
use std::path::Path;
use std::time::Duration;

use rusqlite::backup::Backup;
use rusqlite::{Connection, OpenFlags};

use super::fault::explain;
use super::readers;
use crate::store::StoreError;

/// How many pages are copied at a time, and the rest between.
const STEP_PAGES: i32 = 1000;
const REST: Duration = Duration::ZERO;

/// Copies the store as it is at this moment to a file that is not there yet.
pub(super) fn copy(from: &Path, to: &Path) -> Result<(), StoreError> {
    let cannot = |error: io::Error| {
        let message = format!("cannot write {}: {error}", to.display());
        match error.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
                StoreError::Full { message }
            }
            _ => StoreError::Failed { message },
        }
    };
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    drop(options.open(to).map_err(cannot)?);
    let copied = fill(from, to).and_then(|()| {
        let file = OpenOptions::new().write(true).open(to);
        file.and_then(|file| file.sync_all()).map_err(cannot)
    });
    if copied.is_err() {
        // Half a copy is none.
        let _ = fs::remove_file(to);
    }
    copied
}

fn fill(from: &Path, to: &Path) -> Result<(), StoreError> {
    let source = readers::open(from).map_err(|error| explain(&error, from))?;
    let to_file = |error: rusqlite::Error| explain(&error, to);
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let mut target = Connection::open_with_flags(to, flags).map_err(to_file)?;
    // One moment for all of it: without this, a write between two steps begins it anew.
    let moment = source.unchecked_transaction();
    let moment = moment.map_err(|error| explain(&error, from))?;
    moment
        .query_row("SELECT count(*) FROM tally", [], |_| Ok(()))
        .map_err(|error| explain(&error, from))?;
    let backup = Backup::new(&moment, &mut target).map_err(to_file)?;
    backup
        .run_to_completion(STEP_PAGES, REST, None)
        .map_err(to_file)
}
