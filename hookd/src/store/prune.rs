//! Removing runs: what retention does not keep, a few runs at a time, and what a store in
//! memory has no room for.

use jiff::Timestamp;
use rusqlite::{Connection, Row};

use super::Retention;
use super::bookkeeping::{Bookkeeping, Tally};
use super::encoding::{self, UNFINISHED};

/// The most runs, and about the most bytes, removed in one transaction.
const STEP_RUNS: u64 = 100;
const STEP_BYTES: u64 = 4 << 20;
/// The most free pages given back to the file system in one transaction.
const STEP_PAGES: u32 = 500;
/// The part of the file that is left free for new runs.
const FREE_PART: u32 = 16;
/// The part of its capacity that a store in memory makes free at once.
const ROOM_PART: u64 = 16;

/// What is kept of the ended runs of a scope. Unlimited bounds have extreme values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct KeepRule {
    /// Runs that ended at this time or later, in microseconds since 1970.
    since: i64,
    runs: u64,
    bytes: u64,
}

impl KeepRule {
    /// Returns the rule of a retention at this time; `None` if it keeps everything.
    pub(super) fn new(retention: Retention, now: Timestamp) -> Option<KeepRule> {
        let since = |age| now.as_microsecond().saturating_sub(encoding::micros(age));
        (retention != Retention::default()).then(|| KeepRule {
            since: retention.max_age.map_or(i64::MIN, since),
            runs: retention.max_runs.unwrap_or(u64::MAX),
            bytes: retention.max_bytes.unwrap_or(u64::MAX),
        })
    }
}

/// A plan in a repository.
#[derive(Clone, Debug)]
pub(super) struct Scope {
    pub(super) id: i64,
    pub(super) repo: String,
    pub(super) plan: String,
}

/// Returns all scopes.
pub(super) fn scopes(db: &Connection) -> rusqlite::Result<Vec<Scope>> {
    let mut select = db.prepare_cached("SELECT id, repo, plan FROM scope ORDER BY repo, plan")?;
    let scopes = select.query_map([], |row| {
        Ok(Scope {
            id: row.get(0)?,
            repo: row.get(1)?,
            plan: row.get(2)?,
        })
    })?;
    scopes.collect()
}

/// Returns the number of runs of a scope.
pub(super) fn runs_of(db: &Connection, scope: i64) -> rusqlite::Result<u64> {
    let under_way: u64 = db
        .prepare_cached("SELECT count(*) FROM run WHERE ended = ?1 AND scope = ?2")?
        .query_row([UNFINISHED, scope], |row| row.get(0))?;
    Ok(Tally::RunsOfScope.count(db, &[scope])? + under_way)
}

/// Removes some runs of a scope.
#[derive(Clone, Copy, Debug)]
pub(super) struct PruneStep {
    pub(super) scope: i64,
    pub(super) rule: KeepRule,
}

/// Runs that were removed, or would be.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Removed {
    pub(super) runs: u64,
    pub(super) bytes: u64,
    /// The same step has more to do: runs to remove, or pages to give back.
    pub(super) more: bool,
}

/// A run that has ended.
struct EndedRun {
    n: i64,
    id: [u8; 16],
    scope: i64,
    condition: i64,
    ended: i64,
    ended_at: i64,
    began: i64,
    bytes: i64,
    hooks: Option<String>,
    archive: i64,
}

impl EndedRun {
    const COLUMNS: &str = "n, id, scope, condition, ended, ended_at, began, bytes, hooks, archive";

    fn of(row: &Row<'_>) -> rusqlite::Result<EndedRun> {
        Ok(EndedRun {
            n: row.get(0)?,
            id: row.get(1)?,
            scope: row.get(2)?,
            condition: row.get(3)?,
            ended: row.get(4)?,
            ended_at: row.get(5)?,
            began: row.get(6)?,
            bytes: row.get(7)?,
            hooks: row.get(8)?,
            archive: row.get(9)?,
        })
    }

    fn remove(&self, db: &Connection, books: &mut Bookkeeping) -> rusqlite::Result<()> {
        if let Some(hooks) = &self.hooks {
            let mut delete = db.prepare_cached(
                "DELETE FROM hook_end WHERE run = ?1 AND hook IN
                     (SELECT value FROM json_each(?2)) RETURNING hook",
            )?;
            let mut deleted = delete.query((self.id, hooks))?;
            while let Some(row) = deleted.next()? {
                books.add(Tally::EndsOfHook, row.get(0)?, -1);
            }
        }
        db.prepare_cached("DELETE FROM journal WHERE key BETWEEN ?1 AND ?2")?
            .execute(encoding::journal_keys(self.n))?;
        db.prepare_cached("DELETE FROM archive WHERE id = ?1")?
            .execute([self.archive])?;
        db.prepare_cached("DELETE FROM run WHERE n = ?1")?
            .execute([self.n])?;
        books.add(Tally::RunsOfScope, self.scope, -1);
        books.add(Tally::BytesOfScope, self.scope, -self.bytes);
        books.add(Tally::RunsOfCondition, self.condition, -1);
        books.add(Tally::RunsByEnd, self.ended, -1);
        Ok(())
    }
}

/// Returns what a rule removes of a scope, in all steps together.
pub(super) fn count(db: &Connection, step: &PruneStep) -> rusqlite::Result<Removed> {
    each_removable(db, step, (u64::MAX, u64::MAX), |_| Ok(()))
}

/// Removes some of the runs that a rule removes of a scope.
pub(super) fn remove(
    db: &Connection,
    books: &mut Bookkeeping,
    step: &PruneStep,
) -> rusqlite::Result<Removed> {
    let mut runs = Vec::new();
    let mut removed = each_removable(db, step, (STEP_RUNS, STEP_BYTES), |run| {
        runs.push(run);
        Ok(())
    })?;
    remove_all(db, books, &runs)?;
    removed.more |= give_pages_back(db)?;
    Ok(removed)
}

/// Removes the runs of a store in memory that ended first, if it has more runs that have
/// ended, or more bytes of them, than its capacity. Never removes the last one.
pub(super) fn make_room(
    db: &Connection,
    books: &mut Bookkeeping,
    max_runs: u64,
    max_bytes: u64,
) -> rusqlite::Result<()> {
    books.flush(db)?;
    let mut runs = Tally::RunsOfScope.total(db)?;
    let mut bytes = Tally::BytesOfScope.total(db)?;
    if runs <= max_runs && bytes <= max_bytes {
        return Ok(());
    }
    let with_room = |max: u64| max - max / ROOM_PART;
    let sql = format!(
        "SELECT {} FROM run WHERE ended <> {UNFINISHED} ORDER BY archive",
        EndedRun::COLUMNS
    );
    let mut oldest = Vec::new();
    let mut select = db.prepare_cached(&sql)?;
    let mut found = select.query([])?;
    while runs > 1
        && (runs > with_room(max_runs) || bytes > with_room(max_bytes))
        && let Some(row) = found.next()?
    {
        let run = EndedRun::of(row)?;
        runs -= 1;
        bytes = bytes.saturating_sub(run.bytes.unsigned_abs());
        oldest.push(run);
    }
    drop(found);
    remove_all(db, books, &oldest)
}

/// Removes runs, and the names that no other run has.
fn remove_all(db: &Connection, books: &mut Bookkeeping, runs: &[EndedRun]) -> rusqlite::Result<()> {
    for run in runs {
        run.remove(db, books)?;
    }
    books.flush(db)?;
    db.execute_batch(
        "DELETE FROM hook WHERE id IN (SELECT value FROM tally WHERE kind = 5 AND count = 0);
         DELETE FROM scope WHERE id IN (SELECT value FROM tally WHERE kind = 1 AND count = 0)
             AND NOT EXISTS (SELECT 1 FROM run WHERE scope = scope.id);
         DELETE FROM tally WHERE count = 0;",
    )?;
    books.clear();
    Ok(())
}

/// Passes the runs of a scope that a rule removes to `each`, oldest first.
fn each_removable(
    db: &Connection,
    step: &PruneStep,
    (max_runs, max_bytes): (u64, u64),
    mut each: impl FnMut(EndedRun) -> rusqlite::Result<()>,
) -> rusqlite::Result<Removed> {
    let KeepRule { since, runs, bytes } = step.rule;
    let mut left = Tally::RunsOfScope.count(db, &[step.scope])?;
    let mut left_bytes = Tally::BytesOfScope.count(db, &[step.scope])?;
    let mut removed = Removed::default();
    let sql = format!(
        "SELECT {} FROM run WHERE scope = ?1 AND ended <> {UNFINISHED} ORDER BY id",
        EndedRun::COLUMNS
    );
    let mut select = db.prepare_cached(&sql)?;
    let mut found = select.query([step.scope])?;
    while let Some(row) = found.next()? {
        let run = EndedRun::of(row)?;
        if left <= runs && left_bytes <= bytes {
            // Runs that began later ended later, too.
            if run.began > since {
                break;
            }
            if run.ended_at >= since {
                continue;
            }
        }
        if removed.runs >= max_runs || removed.bytes >= max_bytes {
            removed.more = true;
            break;
        }
        let size = run.bytes.unsigned_abs();
        removed.runs += 1;
        removed.bytes += size;
        left = left.saturating_sub(1);
        left_bytes = left_bytes.saturating_sub(size);
        each(run)?;
    }
    Ok(removed)
}

/// Gives free pages back to the file system. Returns whether there are more.
fn give_pages_back(db: &Connection) -> rusqlite::Result<bool> {
    let number = |pragma| db.pragma_query_value(None, pragma, |row| row.get::<_, u32>(0));
    let spare = number("page_count")? / FREE_PART;
    let surplus = number("freelist_count")?.saturating_sub(spare);
    let pages = surplus.min(STEP_PAGES);
    let mut given = 0;
    if pages > 0 {
        // Frees one page for each row that is fetched.
        let mut vacuum = db.prepare(&format!("PRAGMA incremental_vacuum({pages})"))?;
        let mut rows = vacuum.query([])?;
        while rows.next()?.is_some() {
            given += 1;
        }
    }
    // A file created without `auto_vacuum`, such as one recovered by hand, gives none.
    Ok(given == pages && surplus > pages)
}
