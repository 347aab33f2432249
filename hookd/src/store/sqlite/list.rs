//! A page of runs that pass a filter.
//!
//! Of the indices that a filter can use, the one that has the fewest runs is walked, newest
//! first; what else the filter asks is asked of each run. If several values are wanted, a
//! walk for each is merged with the others.

use rusqlite::types::Value;
use rusqlite::{CachedStatement, Connection, Rows};
use uuid::Uuid;

use super::fault::Fault;
use super::prune::count;
use super::read;
use super::wanted::{Range, Wanted};
use super::write::Kind;
use crate::limits::{MAX_EXAMINED_RUNS, MAX_PAGE, MAX_SEARCHED_BYTES};
use crate::store::run::bytes_of;
use crate::store::{Filter, Page};

/// How many walks are merged at most.
const MAX_WALKS: usize = 64;

/// A page of runs, newest first, from the one after `before` on.
pub(super) fn page(
    db: &Connection,
    filter: &Filter,
    before: Option<Uuid>,
    limit: usize,
) -> Result<Page, Fault> {
    let mut page = Page::default();
    let Some(range) = Range::of(filter, before) else {
        return Ok(page);
    };
    let Some(wanted) = Wanted::of(db, filter)? else {
        return Ok(page);
    };
    let limit = limit.clamp(1, MAX_PAGE as usize);
    let (sql, values) = walk(db, &wanted)?;
    let mut statements = Vec::with_capacity(values.len());
    for _ in &values {
        statements.push(db.prepare_cached(sql)?);
    }
    let mut walks = Walks::begin(&mut statements, values, range)?;
    let mut examined = 0;
    let mut searched = 0;
    let mut searched_bytes = 0;
    let mut last = None;
    while let Some(run) = walks.next()? {
        if examined == MAX_EXAMINED_RUNS {
            page.next = last;
            break;
        }
        examined += 1;
        if !wanted.takes(&run) {
            last = Some(run.id);
            continue;
        }
        if page.runs.len() == limit {
            page.next = last;
            break;
        }
        let mut passes = true;
        if let Some(search) = &filter.output {
            if searched >= search.budget || searched_bytes >= MAX_SEARCHED_BYTES {
                page.next = last;
                break;
            }
            let records = read::all(db, run.n)?;
            searched += 1;
            searched_bytes += bytes_of(&records);
            passes = (search.matches)(&records);
        }
        last = Some(run.id);
        if passes {
            page.runs.push(read::kept(db, run.n)?);
        }
    }
    Ok(page)
}

/// A run that may be on the page.
pub(super) struct Candidate {
    pub(super) id: Uuid,
    pub(super) n: i64,
    pub(super) scope: i64,
    pub(super) condition: i64,
    pub(super) operation: Option<Value>,
    /// Microseconds after the time in its id.
    pub(super) began: i64,
    pub(super) ended: Option<i64>,
    pub(super) hooks: Option<Vec<u8>>,
}

macro_rules! walk {
    ($from:literal, $value:literal, $id:literal) => {
        concat!(
            "SELECT run.id, n, run.scope, condition, operation, began, ended, hooks FROM ",
            $from,
            " WHERE ",
            $value,
            " IS ?1 AND ",
            $id,
            " BETWEEN ?2 AND ?3 ORDER BY ",
            $id,
            " DESC"
        )
    };
}

const ALL: &str = walk!("run INDEXED BY run_by_id", "NULL", "id");
const BY_SCOPE: &str = walk!("run INDEXED BY run_by_scope", "scope", "id");
const BY_CONDITION: &str = walk!("run INDEXED BY run_by_condition", "condition", "id");
const BY_ENDED: &str = walk!("run INDEXED BY run_by_ended", "ended", "id");
const BY_OPERATION: &str = walk!(
    "run INDEXED BY run_by_operation",
    "operation IS NOT NULL AND operation",
    "id"
);
const BY_HOOK: &str = walk!(
    "hook_end CROSS JOIN run ON run.id = hook_end.run",
    "hook",
    "hook_end.run"
);

/// The walk that meets the fewest runs, and the values that it is made for.
fn walk(db: &Connection, wanted: &Wanted) -> rusqlite::Result<(&'static str, Vec<Value>)> {
    let numbers = |values: &[i64]| values.iter().copied().map(Value::from).collect();
    let mut best = (u64::MAX, ALL, vec![Value::Null]);
    let mut consider = |runs: u64, sql, values: Vec<Value>| {
        if runs < best.0 && values.len() <= MAX_WALKS {
            best = (runs, sql, values);
        }
    };
    let sum = |kind, values: &[i64]| {
        let counts = values.iter().map(|value| count(db, kind, *value));
        counts.sum::<rusqlite::Result<u64>>()
    };
    if let Some(scopes) = &wanted.scopes {
        consider(sum(Kind::Runs, scopes)?, BY_SCOPE, numbers(scopes));
    }
    if let Some(conditions) = &wanted.conditions {
        let runs = sum(Kind::Condition, conditions)?;
        consider(runs, BY_CONDITION, numbers(conditions));
    }
    if let Some(ended) = &wanted.ended {
        // Those that are under way are few.
        let known: Vec<i64> = ended.iter().flatten().copied().collect();
        let values = ended.iter().copied().map(Value::from).collect();
        consider(sum(Kind::EndedAs, &known)?, BY_ENDED, values);
    }
    if let Some(hook) = wanted.hook {
        consider(sum(Kind::Hook, &[hook])?, BY_HOOK, numbers(&[hook]));
    }
    if let Some(operation) = &wanted.operation {
        // An operation has a handful.
        consider(1, BY_OPERATION, vec![operation.clone()]);
    }
    Ok((best.1, best.2))
}

/// Walks over one index, merged.
struct Walks<'s> {
    walks: Vec<(Rows<'s>, Option<Candidate>)>,
    last: Option<Uuid>,
}

impl<'s> Walks<'s> {
    fn begin(
        statements: &'s mut [CachedStatement<'_>],
        values: Vec<Value>,
        range: Range,
    ) -> rusqlite::Result<Walks<'s>> {
        let mut walks = Vec::with_capacity(values.len());
        let (low, high) = (range.low.to_be_bytes(), range.high.to_be_bytes());
        for (statement, value) in statements.iter_mut().zip(values) {
            let mut rows = statement.query((value, low, high))?;
            let first = candidate(&mut rows)?;
            walks.push((rows, first));
        }
        Ok(Walks { walks, last: None })
    }

    /// The newest run that none of them has given yet.
    fn next(&mut self) -> rusqlite::Result<Option<Candidate>> {
        loop {
            let heads = self.walks.iter_mut().filter(|(_, head)| head.is_some());
            let newest = heads.max_by_key(|(_, head)| head.as_ref().map(|run| run.id));
            let Some((rows, head)) = newest else {
                return Ok(None);
            };
            let next = candidate(rows)?;
            let Some(run) = std::mem::replace(head, next) else {
                return Ok(None);
            };
            // A hook may have run more than once in a run.
            if self.last.replace(run.id) != Some(run.id) {
                return Ok(Some(run));
            }
        }
    }
}

fn candidate(rows: &mut Rows<'_>) -> rusqlite::Result<Option<Candidate>> {
    let Some(row) = rows.next()? else {
        return Ok(None);
    };
    Ok(Some(Candidate {
        id: Uuid::from_bytes(row.get(0)?),
        n: row.get(1)?,
        scope: row.get(2)?,
        condition: row.get(3)?,
        operation: row.get(4)?,
        began: row.get(5)?,
        ended: row.get(6)?,
        hooks: row.get(7)?,
    }))
}
