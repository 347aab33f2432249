//! How hooks have done.

use bytes::Bytes;
use rusqlite::Connection;
use uuid::Uuid;

use super::fault::Fault;
use super::rows;
use super::wanted::{self, Range};
use crate::limits::{MAX_COUNTED_HOOK_RUNS, MAX_EXAMINED_HOOK_RUNS};
use crate::store::stats::{self, HookRun};
use crate::store::{HookStats, StatsFilter};

/// How long after its run a hook may begin to be found by the time at which it began, in
/// milliseconds: a day.
const LATE: i64 = 24 * 60 * 60 * 1000;

/// How each hook has done, by name.
pub(super) fn of(db: &Connection, filter: &StatsFilter) -> Result<Vec<HookStats>, Fault> {
    let hooks: Vec<(i64, String)> = match &filter.hook {
        Some(name) => {
            let number = wanted::hook(db, name)?;
            number
                .map(|number| (number, name.clone()))
                .into_iter()
                .collect()
        }
        None => {
            let mut select = db.prepare_cached("SELECT id, name FROM hook ORDER BY name")?;
            let hooks = select.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
            hooks.collect::<rusqlite::Result<_>>()?
        }
    };
    let scopes = wanted::scopes(db, filter.repo.as_deref(), filter.plan.as_deref())?;
    let mut all = Vec::new();
    for (number, name) in hooks {
        let runs = newest(db, number, filter, scopes.as_deref())?;
        if !runs.is_empty() {
            all.push(stats::of(name, runs));
        }
    }
    Ok(all)
}

/// The newest runs of a hook that are to be counted, oldest first.
fn newest(
    db: &Connection,
    hook: i64,
    filter: &StatsFilter,
    scopes: Option<&[i64]>,
) -> rusqlite::Result<Vec<HookRun>> {
    let range = Range::within(filter.since, filter.until, LATE);
    let mut select = db.prepare_cached(
        "SELECT run, scope, at, elapsed, result, outcome FROM hook_end
         WHERE hook = ?1 AND run BETWEEN ?2 AND ?3 ORDER BY run DESC, nth DESC LIMIT ?4",
    )?;
    let mut found = select.query((
        hook,
        range.low.to_be_bytes(),
        range.high.to_be_bytes(),
        i64::try_from(MAX_EXAMINED_HOOK_RUNS).unwrap_or(i64::MAX),
    ))?;
    let mut runs = Vec::new();
    while runs.len() < MAX_COUNTED_HOOK_RUNS
        && let Some(row) = found.next()?
    {
        let scope: i64 = row.get(1)?;
        let result: i64 = row.get(4)?;
        let at = rows::at(Uuid::from_bytes(row.get(0)?), row.get(2)?);
        let counts = result != rows::SKIPPED
            && scopes.is_none_or(|scopes| scopes.contains(&scope))
            && filter.since.is_none_or(|since| at >= since)
            && filter.until.is_none_or(|until| at < until);
        if !counts {
            continue;
        }
        let outcome: Option<Vec<u8>> = row.get(5)?;
        runs.push(HookRun {
            at,
            elapsed: rows::duration(row.get(3)?),
            result: rows::result_of(result),
            outcome: Bytes::from(outcome.unwrap_or_default()),
        });
    }
    runs.reverse();
    Ok(runs)
}
