//! Connections to the database, its schema, and checks of its content.

use std::path::Path;
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags};

const SCHEMA: &str = include_str!("schema.sql");
/// The version of the schema.
pub(super) const VERSION: u32 = 3;
/// The application id that marks the file as hookd's: `hkd1`.
pub(super) const APPLICATION: u32 = 0x686b_6431;

/// Time for which a statement waits while another program has locked the file.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);
const CACHED_STATEMENTS: usize = 64;
/// The size in bytes to which the WAL is truncated when SQLite begins it anew.
const MAX_WAL_BYTES: i64 = 64 << 20;
/// The size of a connection's page cache. The system caches the rest of the file.
const CACHE_KIB: i64 = 512;
/// The number of pages in the WAL from which on each commit checkpoints the rest.
pub(super) const AUTOCHECKPOINT_PAGES: i64 = 8000;

/// Opens a connection that reads and writes a file that exists.
pub(super) fn open_writable(file: &Path) -> rusqlite::Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    open(file, flags)
}

/// Opens a connection that only reads.
pub(super) fn open_readable(file: &Path) -> rusqlite::Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    open(file, flags)
}

/// With SQLite's usual file system, the index of the WAL would be a file, and hookd would die of
/// SIGBUS if another program made that shorter. This one keeps it in memory that all
/// connections of the process share, and locks out other processes.
#[cfg(unix)]
const FILE_SYSTEM: &std::ffi::CStr = c"unix-excl";

#[cfg(unix)]
fn open(file: &Path, flags: OpenFlags) -> rusqlite::Result<Connection> {
    prepare(Connection::open_with_flags_and_vfs(
        file,
        flags,
        FILE_SYSTEM,
    )?)
}

#[cfg(not(unix))]
fn open(file: &Path, flags: OpenFlags) -> rusqlite::Result<Connection> {
    prepare(Connection::open_with_flags(file, flags)?)
}

/// Opens an empty database in memory, which only this connection has.
pub(super) fn open_in_memory() -> rusqlite::Result<Connection> {
    let db = prepare(Connection::open_in_memory()?)?;
    db.pragma_update(None, "auto_vacuum", "INCREMENTAL")?;
    create_schema(&db)?;
    Ok(db)
}

fn prepare(db: Connection) -> rusqlite::Result<Connection> {
    // Only the writer checkpoints at the end, and not if the store is damaged.
    db.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)?;
    db.busy_timeout(BUSY_TIMEOUT)?;
    db.set_prepared_statement_cache_capacity(CACHED_STATEMENTS);
    db.pragma_update(None, "cache_size", -CACHE_KIB)?;
    db.pragma_update(None, "cell_size_check", true)?;
    db.pragma_update(None, "trusted_schema", false)?;
    Ok(db)
}

/// Switches a writable file to a WAL and configures it. Returns `false` if its file system
/// has no shared memory for that.
pub(super) fn begin_wal(db: &Connection) -> rusqlite::Result<bool> {
    // Only has an effect before the first table is created.
    if db.pragma_query_value(None, "page_count", |row| row.get::<_, i64>(0))? == 0 {
        db.pragma_update(None, "auto_vacuum", "INCREMENTAL")?;
    }
    db.pragma_update(None, "temp_store", "MEMORY")?;
    db.pragma_update(None, "wal_autocheckpoint", AUTOCHECKPOINT_PAGES)?;
    db.pragma_update(None, "journal_size_limit", MAX_WAL_BYTES)?;
    let mode: String = db.pragma_update_and_check(None, "journal_mode", "WAL", |row| row.get(0))?;
    Ok(mode == "wal")
}

/// Creates the tables in an empty database.
pub(super) fn create_schema(db: &Connection) -> rusqlite::Result<()> {
    let transaction = db.unchecked_transaction()?;
    transaction.execute_batch(SCHEMA)?;
    transaction.pragma_update(None, "application_id", APPLICATION)?;
    transaction.pragma_update(None, "user_version", VERSION)?;
    transaction.commit()?;
    // Other programs find the version in the header of the file, and not in the WAL.
    checkpoint(db, "TRUNCATE")
}

/// Reads a little of every table, and so fails if the database is unusable.
pub(super) fn probe(db: &Connection) -> rusqlite::Result<()> {
    for some in [
        "SELECT * FROM scope LIMIT 1",
        "SELECT * FROM hook LIMIT 1",
        "SELECT * FROM tally LIMIT 1",
        "SELECT * FROM hook_end LIMIT 1",
        "SELECT * FROM run LIMIT 1",
        "SELECT hooks FROM run ORDER BY id DESC LIMIT 1",
        "SELECT id FROM run WHERE ended = -1 ORDER BY id LIMIT 1",
        "SELECT * FROM journal LIMIT 1",
        "SELECT records FROM journal ORDER BY key DESC LIMIT 1",
        "SELECT * FROM archive LIMIT 1",
        "SELECT content FROM archive ORDER BY id DESC LIMIT 1",
    ] {
        db.prepare(some)?.query([])?.next()?;
    }
    Ok(())
}

/// Checks the whole database, which is slow. Returns the first damage.
pub(super) fn check(db: &Connection) -> rusqlite::Result<Option<String>> {
    let answer: String = db.query_row("PRAGMA quick_check(1)", [], |row| row.get(0))?;
    Ok((answer != "ok").then_some(answer))
}

/// Checkpoints the WAL in one of SQLite's modes; does nothing in memory.
pub(super) fn checkpoint(db: &Connection, mode: &str) -> rusqlite::Result<()> {
    db.query_row(&format!("PRAGMA wal_checkpoint({mode})"), [], |_| Ok(()))
}
