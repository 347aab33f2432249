//! What retention removes, a few runs at a time.

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension as _};
use uuid::Uuid;

use super::rows;
use super::write::{Kind, Pending};
use crate::store::Retention;

/// How many runs go in one transaction at most, and about how many bytes.
const STEP_RUNS: u64 = 100;
const STEP_BYTES: u64 = 4 << 20;
/// How many free pages are given back to the file system in one transaction. A part of
/// the file is left free for what comes next.
const STEP_PAGES: u32 = 500;
const FREE_PART: u32 = 16;

/// What is kept of the ended runs of a scope.
#[derive(Clone, Copy, Debug)]
pub(super) struct Rule {
    /// Those that ended at this time or later, in microseconds since 1970.
    pub(super) since: Option<i64>,
    /// So many.
    pub(super) runs: Option<u64>,
    /// So many bytes.
    pub(super) bytes: Option<u64>,
}

impl Rule {
    /// What a retention keeps now.
    pub(super) fn of(retention: Retention, now: Timestamp) -> Rule {
        let since = |age| now.as_microsecond().saturating_sub(rows::micros(age));
        Rule {
            since: retention.max_age.map(since),
            runs: retention.max_runs,
            bytes: retention.max_bytes,
        }
    }

    pub(super) fn keeps_all(&self) -> bool {
        self.since.is_none() && self.runs.is_none() && self.bytes.is_none()
    }
}

/// Whose runs. Once the last of them is gone, another plan may get the number.
#[derive(Clone, Debug)]
pub(super) struct Scope {
    pub(super) number: i64,
    pub(super) repo: String,
    pub(super) plan: String,
}

impl Scope {
    /// How many runs it has.
    pub(super) fn runs(&self, db: &Connection) -> rusqlite::Result<u64> {
        match self.is_there(db)? {
            true => Ok(count(db, Kind::Ended, self.number)? + under_way(db, Some(self.number))?),
            false => Ok(0),
        }
    }

    fn is_there(&self, db: &Connection) -> rusqlite::Result<bool> {
        db.prepare_cached("SELECT 1 FROM scope WHERE id = ?1 AND repo = ?2 AND plan = ?3")?
            .exists((self.number, &self.repo, &self.plan))
    }
}

/// A few runs of a scope that are to go.
#[derive(Debug)]
pub(super) struct Step {
    pub(super) scope: Scope,
    pub(super) rule: Rule,
}

/// What went.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Gone {
    pub(super) runs: u64,
    pub(super) bytes: u64,
    /// Whether there is more to do: runs that go by the same rule, or pages to give back.
    pub(super) more: bool,
}

/// A run that goes.
struct Going {
    n: i64,
    id: Uuid,
    condition: i64,
    ended: i64,
    bytes: i64,
    hooks: Option<Vec<u8>>,
    past: Option<i64>,
}

/// How many there are of something.
pub(super) fn count(db: &Connection, kind: Kind, value: i64) -> rusqlite::Result<u64> {
    let count: Option<i64> = db
        .prepare_cached("SELECT count FROM tally WHERE kind = ?1 AND value = ?2")?
        .query_row((kind as i64, value), |row| row.get(0))
        .optional()?;
    Ok(count.map_or(0, |count| u64::try_from(count).unwrap_or(0)))
}

/// How many runs have not ended, of one scope or of all. They are few.
pub(super) fn under_way(db: &Connection, scope: Option<i64>) -> rusqlite::Result<u64> {
    db.prepare_cached(
        "SELECT count(*) FROM run WHERE ended IS NULL AND (?1 IS NULL OR scope = ?1)",
    )?
    .query_row([scope], |row| row.get(0))
}

fn forget(db: &Connection, kind: Kind, value: i64) -> rusqlite::Result<()> {
    db.prepare_cached("DELETE FROM tally WHERE kind = ?1 AND value = ?2")?
        .execute((kind as i64, value))?;
    Ok(())
}

/// Says what a rule removes of a scope, all of it.
pub(super) fn count_going(db: &Connection, step: &Step) -> rusqlite::Result<Gone> {
    going(db, step, (u64::MAX, u64::MAX), |_| ())
}

/// Removes some of what a rule removes of a scope.
pub(super) fn carry_out(
    db: &Connection,
    pending: &mut Pending,
    step: &Step,
) -> rusqlite::Result<Gone> {
    let mut runs = Vec::new();
    let mut gone = going(db, step, (STEP_RUNS, STEP_BYTES), |run| runs.push(run))?;
    let mut hooks = Vec::new();
    for run in &runs {
        let numbers = rows::unpack_numbers(run.hooks.as_deref().unwrap_or_default());
        for hook in numbers {
            let ends = db
                .prepare_cached("DELETE FROM hook_end WHERE hook = ?1 AND run = ?2")?
                .execute((hook, run.id.as_bytes()))?;
            pending.tally(Kind::Hook, hook, -i64::try_from(ends).unwrap_or(0));
            hooks.push(hook);
        }
        db.prepare_cached("DELETE FROM journal WHERE place BETWEEN ?1 AND ?2")?
            .execute(rows::places(run.n))?;
        db.prepare_cached("DELETE FROM past WHERE at = ?1")?
            .execute([run.past])?;
        db.prepare_cached("DELETE FROM run WHERE n = ?1")?
            .execute([run.n])?;
        pending.tally(Kind::Ended, step.scope.number, -1);
        pending.tally(Kind::Bytes, step.scope.number, -run.bytes);
        pending.tally(Kind::Condition, run.condition, -1);
        pending.tally(Kind::EndedAs, run.ended, -1);
    }
    pending.flush(db)?;
    hooks.sort_unstable();
    hooks.dedup();
    for hook in hooks {
        if count(db, Kind::Hook, hook)? == 0 {
            db.execute("DELETE FROM hook WHERE id = ?1", [hook])?;
            forget(db, Kind::Hook, hook)?;
        }
    }
    if step.scope.runs(db)? == 0 {
        db.execute("DELETE FROM scope WHERE id = ?1", [step.scope.number])?;
        for kind in [Kind::Ended, Kind::Bytes] {
            forget(db, kind, step.scope.number)?;
        }
    }
    gone.more |= give_back(db)?;
    Ok(gone)
}

/// Walks over the runs of a scope from the oldest on, as long as there may be some that go.
fn going(
    db: &Connection,
    step: &Step,
    (max_runs, max_bytes): (u64, u64),
    mut each: impl FnMut(Going),
) -> rusqlite::Result<Gone> {
    let Rule { since, runs, bytes } = step.rule;
    if !step.scope.is_there(db)? {
        return Ok(Gone::default());
    }
    let mut left = count(db, Kind::Ended, step.scope.number)?;
    let mut left_bytes = count(db, Kind::Bytes, step.scope.number)?;
    let mut gone = Gone::default();
    let mut select = db.prepare_cached(
        "SELECT id, n, condition, ended, ended_after, bytes, hooks, past FROM run
         WHERE scope = ?1 ORDER BY id",
    )?;
    let mut found = select.query([step.scope.number])?;
    while let Some(row) = found.next()? {
        let id = Uuid::from_bytes(row.get(0)?);
        let excess =
            runs.is_some_and(|max| left > max) || bytes.is_some_and(|max| left_bytes > max);
        // What began later ended later.
        if !excess && since.is_none_or(|since| rows::micros_in(id) > since) {
            break;
        }
        let (Some(ended), Some(after)) = (row.get(3)?, row.get::<_, Option<i64>>(4)?) else {
            continue;
        };
        let ended_at = rows::micros_in(id).saturating_add(after);
        if !excess && since.is_none_or(|since| ended_at >= since) {
            continue;
        }
        if gone.runs >= max_runs || gone.bytes >= max_bytes {
            gone.more = true;
            break;
        }
        let run = Going {
            n: row.get(1)?,
            id,
            condition: row.get(2)?,
            ended,
            bytes: row.get(5)?,
            hooks: row.get(6)?,
            past: row.get(7)?,
        };
        let size = u64::try_from(run.bytes).unwrap_or(0);
        gone.runs += 1;
        gone.bytes += size;
        left = left.saturating_sub(1);
        left_bytes = left_bytes.saturating_sub(size);
        each(run);
    }
    Ok(gone)
}

/// Gives free pages back to the file system. Says whether there are more.
fn give_back(db: &Connection) -> rusqlite::Result<bool> {
    let number = |pragma| db.pragma_query_value(None, pragma, |row| row.get::<_, u32>(0));
    let spare = number("page_count")? / FREE_PART;
    let surplus = number("freelist_count")?.saturating_sub(spare);
    let pages = surplus.min(STEP_PAGES);
    let mut given = 0;
    if pages > 0 {
        // It frees a page for each row that it is asked for.
        let mut vacuum = db.prepare(&format!("PRAGMA incremental_vacuum({pages})"))?;
        let mut rows = vacuum.query([])?;
        while rows.next()?.is_some() {
            given += 1;
        }
    }
    // A file that was not made for it, such as one recovered by hand, gives none back.
    Ok(given == pages && surplus > pages)
}
