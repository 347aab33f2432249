//! The versions of the schema, and how a store gets from one to the next.

use std::time::Duration;

use rusqlite::Connection;
use rusqlite::config::DbConfig;

/// What each version of the schema does to the one before it; the first is made of nothing.
const STEPS: [&str; 2] = [include_str!("schema/v1.sql"), include_str!("schema/v2.sql")];

/// The version that this hookd writes.
pub(super) const VERSION: u32 = STEPS.len() as u32;
/// What marks the file as hookd's: `hkd1`.
pub(super) const APPLICATION: u32 = 0x686b_6431;

/// How long a statement waits for another program that has locked the file.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);
const CACHED_STATEMENTS: usize = 64;
/// To what the log is cut when it is begun anew, in bytes.
const LOG_BYTES: i64 = 64 << 20;
/// The pages that each connection keeps in memory, in KiB. The system has the rest of the
/// file in its own cache.
const CACHE_KIB: i64 = 512;
/// After how many pages SQLite copies the log by itself, should the writer not get to it.
const LOG_PAGES: i64 = 32_000;

/// Makes a connection fit to write.
pub(super) fn prepare_writer(db: &Connection) -> rusqlite::Result<()> {
    prepare(db)?;
    // It is copied when the store is closed in order, and not when damage is found in it.
    db.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)?;
    // It has to be said before there are tables, and would write something if said again.
    if db.pragma_query_value(None, "page_count", |row| row.get::<_, i64>(0))? == 0 {
        db.pragma_update(None, "auto_vacuum", "INCREMENTAL")?;
    }
    db.pragma_update(None, "temp_store", "MEMORY")?;
    db.pragma_update(None, "wal_autocheckpoint", LOG_PAGES)?;
    db.pragma_update(None, "journal_size_limit", LOG_BYTES)
}

/// Makes a connection fit to copy the log, and for nothing else.
pub(super) fn prepare_copier(db: &Connection) -> rusqlite::Result<()> {
    db.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)?;
    prepare(db)
}

/// Makes a connection fit to read.
pub(super) fn prepare_reader(db: &Connection) -> rusqlite::Result<()> {
    prepare(db)?;
    db.pragma_update(None, "query_only", true)
}

fn prepare(db: &Connection) -> rusqlite::Result<()> {
    db.busy_timeout(BUSY_TIMEOUT)?;
    db.set_prepared_statement_cache_capacity(CACHED_STATEMENTS);
    db.pragma_update(None, "cache_size", -CACHE_KIB)?;
    db.pragma_update(None, "cell_size_check", true)?;
    db.pragma_update(None, "trusted_schema", false)
}

/// Keeps changes in a log beside the file, where readers do not wait for the writer. Says
/// whether it can.
pub(super) fn begin_log(db: &Connection) -> rusqlite::Result<bool> {
    let mode: String = db.pragma_update_and_check(None, "journal_mode", "WAL", |row| row.get(0))?;
    Ok(mode == "wal")
}

/// The application that a file is marked with, and its version of the schema.
pub(super) fn marks(db: &Connection) -> rusqlite::Result<(u32, u32)> {
    let number = |pragma| db.pragma_query_value(None, pragma, |row| row.get(0));
    Ok((number("application_id")?, number("user_version")?))
}

/// Brings a store to the current version, each step in a transaction of its own.
pub(super) fn migrate(db: &Connection) -> rusqlite::Result<()> {
    let (_, version) = marks(db)?;
    for (step, to) in STEPS.iter().zip(1u32..).skip(version as usize) {
        let transaction = db.unchecked_transaction()?;
        transaction.execute_batch(step)?;
        transaction.pragma_update(None, "application_id", APPLICATION)?;
        transaction.pragma_update(None, "user_version", to)?;
        transaction.commit()?;
    }
    if version < VERSION {
        // So that the file itself says its version to whoever looks before opening it.
        checkpoint(db, "TRUNCATE")?;
    }
    Ok(())
}

/// Reads a little of every table: what is damaged so that nothing works shows here.
pub(super) fn probe(db: &Connection) -> rusqlite::Result<()> {
    for table in [
        "scope", "hook", "tally", "run", "journal", "past", "hook_end",
    ] {
        let mut select = db.prepare(&format!("SELECT * FROM {table} LIMIT 1"))?;
        select.query([])?.next()?;
    }
    for newest in [
        "SELECT hooks FROM run ORDER BY id DESC LIMIT 1",
        "SELECT records FROM journal ORDER BY place DESC LIMIT 1",
        "SELECT content FROM past ORDER BY at DESC LIMIT 1",
        "SELECT id FROM run WHERE ended IS NULL ORDER BY id LIMIT 1",
    ] {
        db.prepare(newest)?.query([])?.next()?;
    }
    Ok(())
}

/// Looks at all of a store. Takes its time.
///
/// Returns what is wrong with it, if anything is.
pub(super) fn check(db: &Connection) -> rusqlite::Result<Option<String>> {
    let said: String = db.query_row("PRAGMA quick_check(1)", [], |row| row.get(0))?;
    Ok((said != "ok").then_some(said))
}

/// Copies the log into the database, in one of SQLite's modes.
pub(super) fn checkpoint(db: &Connection, mode: &str) -> rusqlite::Result<()> {
    db.query_row(&format!("PRAGMA wal_checkpoint({mode})"), [], |_| Ok(()))
}
