//! Removing runs: those that exceed the retention, and those that exceed the capacity of a
//! store in memory.

use hook_core::catalog::RunRetention;
use jiff::Timestamp;
use rusqlite::{Connection, Row};

use super::encoding::{self, UNFINISHED};
use super::tally::Tally;

/// The maximum number of runs removed in one transaction, and their approximate bytes.
const STEP_RUNS: usize = 100;
const STEP_BYTES: u64 = 4 << 20;
/// The most free pages given back to the file system in one transaction.
const STEP_PAGES: u32 = 500;
/// The part of the file that is left free for new runs.
const FREE_PART: u32 = 16;
/// The part of its capacity that a store in memory frees at once.
const ROOM_PART: u64 = 16;

/// Returns the id, the repository and the plan of all scopes.
pub(super) fn scopes(db: &Connection) -> rusqlite::Result<Vec<(i64, String, String)>> {
    let mut select = db.prepare_cached("SELECT id, repo, plan FROM scope ORDER BY repo, plan")?;
    let scopes = select.query_map([], |row| row.try_into())?;
    scopes.collect()
}

/// Returns the number of runs of a scope.
pub(super) fn runs_of(db: &Connection, scope: i64) -> rusqlite::Result<u64> {
    let under_way: u64 = db
        .prepare_cached(
            "SELECT count(*) FROM run INDEXED BY run_by_ended WHERE ended = ?1 AND scope = ?2",
        )?
        .query_row([UNFINISHED, scope], |row| row.get(0))?;
    Ok(Tally::RunsOfScope.count(db, &[scope])? + under_way)
}

/// A run that is to be removed.
#[derive(Clone, Copy, Debug)]
pub(super) struct Removable {
    id: [u8; 16],
    pub(super) bytes: u64,
}

impl Removable {
    fn of(row: &Row<'_>) -> rusqlite::Result<Removable> {
        let (id, bytes) = (row.get(0)?, row.get(1)?);
        Ok(Removable { id, bytes })
    }
}

/// Returns the runs of a scope that exceed a retention, oldest first.
pub(super) fn removable(
    db: &Connection,
    scope: i64,
    retention: RunRetention,
    now: Timestamp,
) -> rusqlite::Result<Vec<Removable>> {
    let age = retention.max_age.map(encoding::micros);
    let since = age.map_or(i64::MIN, |age| now.as_microsecond().saturating_sub(age));
    let mut left = Tally::RunsOfScope.count(db, &[scope])?;
    let mut left_bytes = Tally::BytesOfScope.count(db, &[scope])?;
    let mut removable = Vec::new();
    let mut select = db.prepare_cached(
        "SELECT id, bytes, began, ended_at FROM run WHERE scope = ?1 AND ended <> ?2 ORDER BY id",
    )?;
    let mut found = select.query([scope, UNFINISHED])?;
    while let Some(row) = found.next()? {
        let is_excess = retention.max_runs.is_some_and(|max| left > max)
            || retention.max_bytes.is_some_and(|max| left_bytes > max);
        // Runs that began later also ended later.
        if !is_excess && row.get::<_, i64>(2)? > since {
            break;
        }
        if is_excess || row.get::<_, i64>(3)? < since {
            let run = Removable::of(row)?;
            left = left.saturating_sub(1);
            left_bytes = left_bytes.saturating_sub(run.bytes);
            removable.push(run);
        }
    }
    Ok(removable)
}

/// Splits off the runs to remove in one transaction.
pub(super) fn split_step(runs: &[Removable]) -> (&[Removable], &[Removable]) {
    let mut bytes = 0;
    let step = runs.iter().take(STEP_RUNS).take_while(|run| {
        let has_room = bytes < STEP_BYTES;
        bytes += run.bytes;
        has_room
    });
    runs.split_at(step.count())
}

/// Removes runs, and gives free pages back to the file system. Returns whether there are
/// more pages to give back.
pub(super) fn remove(db: &Connection, runs: &[Removable]) -> rusqlite::Result<bool> {
    remove_runs(db, runs)?;
    give_pages_back(db)
}

/// Removes the runs of a store in memory that ended first, if the ended runs exceed its
/// capacity by number or by bytes. Never removes the last one.
pub(super) fn make_room(
    db: &Connection,
    (max_runs, max_bytes): (u64, u64),
) -> rusqlite::Result<()> {
    let mut runs = Tally::RunsOfScope.total(db)?;
    let mut bytes = Tally::BytesOfScope.total(db)?;
    if runs <= max_runs && bytes <= max_bytes {
        return Ok(());
    }
    let with_room = |max: u64| max - max / ROOM_PART;
    let mut removable = Vec::new();
    let mut select =
        db.prepare_cached("SELECT id, bytes FROM run WHERE ended <> ?1 ORDER BY archive")?;
    let mut found = select.query([UNFINISHED])?;
    while runs > 1
        && (runs > with_room(max_runs) || bytes > with_room(max_bytes))
        && let Some(row) = found.next()?
    {
        let run = Removable::of(row)?;
        runs -= 1;
        bytes = bytes.saturating_sub(run.bytes);
        removable.push(run);
    }
    drop(found);
    remove_runs(db, &removable)
}

/// Removes runs, and names that no other run uses. Ignores runs that do not exist.
fn remove_runs(db: &Connection, runs: &[Removable]) -> rusqlite::Result<()> {
    let mut delete_run =
        db.prepare_cached("DELETE FROM run WHERE id = ?1 RETURNING n, archive, hooks")?;
    let mut delete_journal =
        db.prepare_cached("DELETE FROM journal WHERE key BETWEEN ?1 AND ?2")?;
    let mut delete_archive = db.prepare_cached("DELETE FROM archive WHERE id = ?1")?;
    let mut delete_hooks = db.prepare_cached(
        "DELETE FROM hook_end WHERE run = ?1 AND hook IN (SELECT value FROM json_each(?2))",
    )?;
    for run in runs {
        let mut deleted = delete_run.query([run.id])?;
        let Some(row) = deleted.next()? else {
            continue;
        };
        delete_journal.execute(encoding::journal_keys(row.get(0)?))?;
        delete_archive.execute([row.get::<_, i64>(1)?])?;
        delete_hooks.execute((run.id, row.get::<_, Option<String>>(2)?))?;
    }
    db.execute_batch(
        "DELETE FROM hook WHERE id IN (SELECT value FROM tally WHERE kind = 5 AND count = 0);
         DELETE FROM scope WHERE id IN (SELECT value FROM tally WHERE kind = 1 AND count = 0)
             AND NOT EXISTS (SELECT 1 FROM run WHERE scope = scope.id);
         DELETE FROM tally WHERE count = 0;",
    )?;
    Ok(())
}

/// Gives free pages back to the file system. Returns whether there are more.
fn give_pages_back(db: &Connection) -> rusqlite::Result<bool> {
    let number = |pragma| db.pragma_query_value(None, pragma, |row| row.get::<_, u32>(0));
    let spare = number("page_count")? / FREE_PART;
    let surplus = number("freelist_count")?.saturating_sub(spare);
    let pages = surplus.min(STEP_PAGES);
    if pages > 0 {
        db.execute_batch(&format!("PRAGMA incremental_vacuum({pages})"))?;
    }
    // A file without `auto_vacuum`, such as one recovered by hand, frees no pages.
    let left = number("freelist_count")?.saturating_sub(spare);
    Ok(left > 0 && left < surplus)
}
