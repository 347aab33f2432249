//! Opening the database of a store: a new one, the one that is there, or a new one in place
//! of a damaged one.

use std::fs::{self, File};
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use rusqlite::Connection;

use super::fault::explain;
use super::files::{self, SetAside, set_aside, wal_size};
use super::{StoreError, database, wal};
use crate::private;

/// A store could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The folder or the file cannot be created or written.
    #[error("cannot write the store {}: {cause}; see who owns it and how it is mounted", path.display())]
    Unwritable {
        /// The folder or the file.
        path: PathBuf,
        /// The system's error.
        cause: io::Error,
    },
    /// Another version of hookd wrote it.
    #[error(
        "the store {} has version {found} of the schema, and this hookd reads version {known}: \
         start the hookd that wrote it, or name another state directory", path.display()
    )]
    OtherVersion {
        /// The file.
        path: PathBuf,
        /// The version of its schema.
        found: u32,
        /// The version that this hookd reads and writes.
        known: u32,
    },
    /// The file is the database of another program.
    #[error("{} is the database of another program: name another state directory", .0.display())]
    Foreign(PathBuf),
    /// Any other failure that is not damage.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Opens the connection that writes, and creates the file and its folder if they do not
/// exist. A damaged store is set aside, and a new one created.
pub(super) fn open(path: &Path) -> Result<(Connection, Option<SetAside>), OpenError> {
    let unwritable = |path: &Path, cause| OpenError::Unwritable {
        path: path.to_owned(),
        cause,
    };
    let folder = path.parent().unwrap_or(Path::new("."));
    private::folder(folder).map_err(|cause| unwritable(folder, cause))?;
    let mut aside = None;
    // Before SQLite opens it, and begins it anew.
    if let Some(why) = wal::damage(path).map_err(|cause| unwritable(path, cause))? {
        let kept = files::keep_damaged_wal(path, why);
        aside = Some(kept.map_err(|cause| unwritable(path, cause))?);
    }
    loop {
        match try_open(path) {
            Ok(db) => {
                if aside.as_ref().is_some_and(|aside| aside.is_wal) {
                    // SQLite would leave damaged frames behind the new ones.
                    let begun = database::checkpoint(&db, "TRUNCATE");
                    begun.map_err(|error| explain(&error, path))?;
                }
                files::sync_folder(folder).map_err(|cause| unwritable(folder, cause))?;
                return Ok((db, aside));
            }
            // A new file that is damaged at once points to a fault of the disk or file system.
            Err(OpenError::Store(StoreError::Damaged(message)))
                if aside.as_ref().is_none_or(|aside| aside.is_wal) =>
            {
                let moved = set_aside(path, message).map_err(|cause| unwritable(path, cause))?;
                aside = Some(moved);
            }
            Err(error) => return Err(error),
        }
    }
}

fn try_open(path: &Path) -> Result<Connection, OpenError> {
    let unwritable = |cause| OpenError::Unwritable {
        path: path.to_owned(),
        cause,
    };
    let sqlite = |error: rusqlite::Error| OpenError::from(explain(&error, path));
    let size = files::create(path).map_err(unwritable)?;
    if size == 0 && wal_size(path) > 0 {
        return Err(StoreError::Damaged("it is empty, and its WAL is not".into()).into());
    }
    if size > 0 {
        let marks = read_marks(path).map_err(unwritable)?;
        let marks = marks.ok_or_else(|| StoreError::Damaged("it is not a database".into()))?;
        check_marks(marks, path)?;
    }
    let db = database::open_writable(path).map_err(sqlite)?;
    if !database::begin_wal(&db).map_err(sqlite)? {
        let message = "its file system does not let processes share memory: is it a network's?";
        return Err(StoreError::Failed(format!("{}: {message}", path.display())).into());
    }
    // The WAL may hold a later application id and version than the file.
    let mark = |pragma| db.pragma_query_value(None, pragma, |row| row.get::<_, u32>(0));
    let marks = (
        mark("application_id").map_err(sqlite)?,
        mark("user_version").map_err(sqlite)?,
    );
    check_marks(marks, path)?;
    if marks == NO_MARKS {
        database::create_schema(&db).map_err(sqlite)?;
    }
    database::probe(&db).map_err(sqlite)?;
    let marker = files::damage_marker(path);
    if marker.exists() {
        if let Some(damage) = database::check(&db).map_err(sqlite)? {
            return Err(StoreError::Damaged(damage).into());
        }
        fs::remove_file(&marker).map_err(unwritable)?;
    }
    Ok(db)
}

/// The application id and the schema version of a database without tables.
const NO_MARKS: (u32, u32) = (0, 0);

/// Fails unless this hookd can use a file with this application id and version.
fn check_marks(marks: (u32, u32), path: &Path) -> Result<(), OpenError> {
    let path = path.to_owned();
    match marks {
        NO_MARKS | (database::APPLICATION, database::VERSION) => Ok(()),
        (database::APPLICATION, found) => Err(OpenError::OtherVersion {
            path,
            found,
            known: database::VERSION,
        }),
        _ => Err(OpenError::Foreign(path)),
    }
}

/// Reads the application id and the version in the header of a file, without opening it as
/// a database, which would change it. Returns `None` if it is not a database.
fn read_marks(path: &Path) -> io::Result<Option<(u32, u32)>> {
    let mut header = Vec::new();
    File::open(path)?.take(100).read_to_end(&mut header)?;
    if header.len() < 100 || !header.starts_with(b"SQLite format 3\0") {
        return Ok(None);
    }
    let number = |at: usize| {
        let bytes = header[at..at + 4].iter();
        bytes.fold(0, |number, byte| number << 8 | u32::from(*byte))
    };
    Ok(Some((number(68), number(60))))
}
