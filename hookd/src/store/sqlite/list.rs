//! A page of runs that pass a filter.
//!
//! Of the indices that a filter can use, the one that costs the least is walked, newest
//! first; what else the filter asks is asked of each run: first what the index says of it,
//! and only if that passes, what is in its row. If several values are wanted, a walk for
//! each is merged with the others.

use rusqlite::types::Value;
use rusqlite::{CachedStatement, Connection, OptionalExtension as _, Rows};
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
/// What looking at the row of a run costs, in runs of which the index says enough.
const ROW_COST: usize = 8;

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
        if examined >= MAX_EXAMINED_RUNS {
            page.next = last;
            break;
        }
        examined += 1;
        if !wanted.may_take(&run) {
            last = Some(run.id);
            continue;
        }
        let Some(row) = Row::of(db, run.id)?.filter(|row| wanted.takes(run.id, row)) else {
            examined += ROW_COST;
            last = Some(run.id);
            continue;
        };
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
            let records = read::all(db, row.n)?;
            searched += 1;
            searched_bytes += bytes_of(&records);
            passes = (search.matches)(&records);
        }
        last = Some(run.id);
        if passes {
            page.runs.push(read::kept(db, row.n)?);
        }
    }
    Ok(page)
}

/// A run that may be on the page, and what the index that is walked says of it.
pub(super) struct Candidate {
    pub(super) id: Uuid,
    pub(super) scope: Option<i64>,
    pub(super) condition: Option<i64>,
}

/// What the row of a run says.
pub(super) struct Row {
    pub(super) n: i64,
    pub(super) scope: i64,
    pub(super) condition: i64,
    pub(super) operation: Option<Value>,
    /// Microseconds after the time in its id.
    pub(super) began: i64,
    pub(super) ended: Option<i64>,
    pub(super) hooks: Option<Vec<u8>>,
}

impl Row {
    fn of(db: &Connection, id: Uuid) -> rusqlite::Result<Option<Row>> {
        let mut select = db.prepare_cached(
            "SELECT n, scope, condition, operation, began, ended, hooks FROM run WHERE id = ?1",
        )?;
        let row = select.query_row([id.as_bytes()], |row| {
            Ok(Row {
                n: row.get(0)?,
                scope: row.get(1)?,
                condition: row.get(2)?,
                operation: row.get(3)?,
                began: row.get(4)?,
                ended: row.get(5)?,
                hooks: row.get(6)?,
            })
        });
        row.optional()
    }
}

/// Names only what is in the index, so that no row is looked at.
macro_rules! walk {
    ($scope:literal, $condition:literal, $from:literal, $value:literal, $id:literal) => {
        concat!(
            "SELECT ",
            $id,
            ", ",
            $scope,
            ", ",
            $condition,
            " FROM ",
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

const ALL: &str = walk!("NULL", "NULL", "run INDEXED BY run_by_id", "NULL", "id");
const BY_SCOPE: &str = walk!(
    "scope",
    "condition",
    "run INDEXED BY run_by_scope",
    "scope",
    "id"
);
const BY_CONDITION: &str = walk!(
    "scope",
    "condition",
    "run INDEXED BY run_by_condition",
    "condition",
    "id"
);
const BY_ENDED: &str = walk!(
    "scope",
    "condition",
    "run INDEXED BY run_by_ended",
    "ended",
    "id"
);
const BY_OPERATION: &str = walk!(
    "NULL",
    "NULL",
    "run INDEXED BY run_by_operation",
    "operation IS NOT NULL AND operation",
    "id"
);
const BY_HOOK: &str = walk!("scope", "NULL", "hook_end", "hook", "run");

/// The walk that costs the least, and the values that it is made for.
fn walk(db: &Connection, wanted: &Wanted) -> rusqlite::Result<(&'static str, Vec<Value>)> {
    let numbers = |values: &[i64]| values.iter().copied().map(Value::from).collect();
    let by_row = wanted.operation.is_some() || wanted.hook.is_some();
    let ended = wanted.ended.is_some();
    let mut best = (u64::MAX, ALL, vec![Value::Null]);
    let mut consider = |runs: u64, by_row: bool, sql, values: Vec<Value>| {
        let cost = runs.saturating_mul(if by_row { ROW_COST as u64 } else { 1 });
        if cost < best.0 && values.len() <= MAX_WALKS {
            best = (cost, sql, values);
        }
    };
    let sum = |kind, values: &[i64]| {
        let counts = values.iter().map(|value| count(db, kind, *value));
        counts.sum::<rusqlite::Result<u64>>()
    };
    if let Some(scopes) = &wanted.scopes {
        let runs = sum(Kind::Ended, scopes)?;
        consider(runs, by_row || ended, BY_SCOPE, numbers(scopes));
    }
    if let Some(conditions) = &wanted.conditions {
        let runs = sum(Kind::Condition, conditions)?;
        consider(runs, by_row || ended, BY_CONDITION, numbers(conditions));
    }
    if let Some(ended) = &wanted.ended {
        // Those that are under way are few.
        let known: Vec<i64> = ended.iter().flatten().copied().collect();
        let values = ended.iter().copied().map(Value::from).collect();
        consider(sum(Kind::EndedAs, &known)?, by_row, BY_ENDED, values);
    }
    if let Some(hook) = wanted.hook {
        let by_row = ended || wanted.conditions.is_some();
        let runs = sum(Kind::Hook, &[hook])?;
        consider(runs, by_row, BY_HOOK, numbers(&[hook]));
    }
    if let Some(operation) = &wanted.operation {
        // An operation has a handful.
        consider(0, true, BY_OPERATION, vec![operation.clone()]);
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
        scope: row.get(1)?,
        condition: row.get(2)?,
    }))
}

#[cfg(test)]
mod tests {
    use super::super::schema;
    use super::*;

    #[test]
    fn no_walk_looks_at_rows_of_runs() {
        let db = Connection::open_in_memory().unwrap();
        schema::migrate(&db).unwrap();
        let walks = [ALL, BY_SCOPE, BY_CONDITION, BY_ENDED, BY_OPERATION, BY_HOOK];
        for walk in walks {
            let mut plan = db.prepare(&format!("EXPLAIN QUERY PLAN {walk}")).unwrap();
            let steps = plan.query_map([0; 3], |row| row.get::<_, String>(3));
            let steps: Vec<String> = steps.unwrap().map(Result::unwrap).collect();
            let alone = |step: &String| {
                step.contains("run USING COVERING INDEX")
                    || step.contains("hook_end USING PRIMARY KEY")
            };
            assert!(steps.len() == 1 && steps.iter().all(alone), "{steps:?}");
        }
    }
}
