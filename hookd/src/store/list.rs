//! Pages of runs that pass a filter.
//!
//! One condition of the filter is looked up in an index, from the newest run to the oldest:
//! the most selective one. If it allows several values, SQLite merges the runs of each. The
//! other conditions are evaluated for each run found, on columns of the index first.

use rusqlite::types::Value;
use rusqlite::{Connection, OptionalExtension as _, params_from_iter};
use uuid::Uuid;

use super::encoding::{self, INTERRUPTED, UNFINISHED};
use super::fault::Fault;
use super::id_range::IdRange;
use super::run::bytes_of;
use super::tally::Tally;
use super::{HookResult, RunFilter, RunPage, StoredNames, StoredState, read};
use crate::limits::{MAX_EXAMINED_RUNS, MAX_PAGE, MAX_SEARCHED_BYTES};

/// The most values of a condition that are looked up in an index.
const MAX_MERGED: usize = 64;

/// Returns a page of runs, newest first, from the one after `before` on.
pub(super) fn page(
    db: &Connection,
    filter: &RunFilter,
    before: Option<Uuid>,
    limit: usize,
) -> Result<RunPage, Fault> {
    let mut page = RunPage::default();
    let limit = limit.clamp(1, MAX_PAGE as usize);
    let Some(range) = IdRange::of(filter, before) else {
        return Ok(page);
    };
    let Some(sql) = sql(db, filter)? else {
        return Ok(page);
    };
    let mut values = range.values().map(Value::Blob).to_vec();
    values.extend(operation(filter));
    let mut select = db.prepare(&sql)?;
    let mut found = select.query(params_from_iter(values))?;
    let mut last = None;
    let (mut examined, mut searched, mut searched_bytes) = (0, 0, 0);
    while let Some(row) = found.next()? {
        let id = Uuid::from_bytes(row.get(0)?);
        if last == Some(id) {
            // A hook that ran more than once in a run is found more than once.
            continue;
        }
        let mut passes = row.get(2)?;
        let is_cut = examined >= MAX_EXAMINED_RUNS || (passes && page.runs.len() == limit);
        if is_cut {
            page.next = last;
            break;
        }
        examined += 1;
        let n = row.get(1)?;
        if passes && let Some(search) = &filter.output {
            if searched >= search.budget || searched_bytes >= MAX_SEARCHED_BYTES {
                page.next = last;
                break;
            }
            let records = read::records_of(db, n, 0, usize::MAX)?;
            searched += 1;
            searched_bytes += bytes_of(&records);
            passes = (search.matches)(&records);
        }
        if passes {
            page.runs.push(read::stored(db, n)?);
        }
        last = Some(id);
    }
    Ok(page)
}

/// Returns the operation to look up, which is the third parameter of the SQL.
fn operation(filter: &RunFilter) -> Option<Value> {
    let operation = filter.operation.as_deref().map(encoding::operation);
    operation.filter(|value| *value != Value::Null)
}

/// An index to look runs up in, from the newest to the oldest.
struct Lookup {
    /// The tables, and the index to use.
    from: &'static str,
    /// The column with the run's id.
    id: &'static str,
    /// The condition for each value that is allowed.
    values: Vec<String>,
    /// The approximate number of runs found.
    runs: u64,
}

impl Lookup {
    fn sql(&self, conditions: &[String]) -> String {
        let Lookup { from, id, .. } = self;
        // Unlike the operands of a plain AND, those of a CASE are evaluated as needed.
        let passes = match conditions {
            [] => "TRUE".to_owned(),
            some => format!("CASE WHEN {} THEN TRUE ELSE FALSE END", some.join(" AND ")),
        };
        let select = |value: &String| {
            format!("SELECT {id}, n, {passes} FROM {from} WHERE {value} AND {id} BETWEEN ?1 AND ?2")
        };
        let selects: Vec<_> = self.values.iter().map(select).collect();
        selects.join(" UNION ALL ") + " ORDER BY 1 DESC"
    }
}

/// The conditions of a filter in SQL, and the indices that they can be looked up in.
struct Conditions {
    conditions: Vec<String>,
    lookups: Vec<Lookup>,
}

impl Conditions {
    /// Adds the condition that a column of the run has one of these values.
    fn among(&mut self, column: &str, from: &'static str, mut values: Vec<i64>, runs: u64) {
        values.sort_unstable();
        values.dedup();
        let condition = format!("run.{column} IN ({})", encoding::list(&values));
        self.conditions.push(condition);
        let equals = |value| format!("run.{column} = {value}");
        self.look_up(from, "run.id", values.iter().map(equals).collect(), runs);
    }

    fn look_up(&mut self, from: &'static str, id: &'static str, values: Vec<String>, runs: u64) {
        if values.len() <= MAX_MERGED {
            self.lookups.push(Lookup {
                from,
                id,
                values,
                runs,
            });
        }
    }
}

const BY_ID: &str = "run INDEXED BY run_by_id";
const BY_SCOPE: &str = "run INDEXED BY run_by_scope";
const BY_CONDITION: &str = "run INDEXED BY run_by_condition";
const BY_END: &str = "run INDEXED BY run_by_ended";
const BY_OPERATION: &str = "run INDEXED BY run_by_operation";
/// The plus makes SQLite use a range of `hook_end.run` instead of one of `run.id`.
const BY_HOOK: &str = "hook_end CROSS JOIN run ON run.id = +hook_end.run";

/// Returns SQL that selects the id and `n` of runs, newest first, and whether they pass the
/// filter; `None` if no run can. Its parameters are the lowest id, the highest, and the
/// operation if one is looked up.
fn sql(db: &Connection, filter: &RunFilter) -> rusqlite::Result<Option<String>> {
    let mut all = Conditions {
        conditions: Vec::new(),
        lookups: Vec::new(),
    };
    all.look_up(BY_ID, "run.id", vec!["TRUE".into()], u64::MAX);
    if let Some(scopes) = scopes(db, filter.repo.as_deref(), filter.plan.as_deref())? {
        let runs = Tally::RunsOfScope.count(db, &scopes)?;
        all.among("scope", BY_SCOPE, scopes, runs);
    }
    if !filter.conditions.is_empty() {
        let numbers = filter.conditions.iter().map(|c| c.number().into());
        let numbers: Vec<i64> = numbers.collect();
        let runs = Tally::RunsOfCondition.count(db, &numbers)?;
        all.among("condition", BY_CONDITION, numbers, runs);
    }
    if !filter.states.is_empty() || !filter.decisions.is_empty() {
        let ended = ended(db, filter)?;
        let runs = Tally::RunsByEnd.count(db, &ended)?;
        all.among("ended", BY_END, ended, runs);
    }
    if let Some(since) = filter.since {
        let condition = format!("began >= {}", since.as_microsecond());
        all.conditions.push(condition);
    }
    if let Some(until) = filter.until {
        let condition = format!("began < {}", until.as_microsecond());
        all.conditions.push(condition);
    }
    if operation(filter).is_some() {
        all.conditions.push("operation = ?3".into());
        all.look_up(BY_OPERATION, "run.id", vec!["operation = ?3".into()], 0);
    } else if filter.operation.is_some() {
        all.conditions.push("operation IS NULL".into());
    }
    if let Some(name) = &filter.hook {
        let Some(hook) = hook(db, name)? else {
            return Ok(None);
        };
        all.conditions.push(format!(
            "EXISTS (SELECT 1 FROM hook_end WHERE hook = {hook} AND run = run.id)"
        ));
        let runs = Tally::EndsOfHook.count(db, &[hook])?;
        let values = vec![format!("hook_end.hook = {hook}")];
        all.look_up(BY_HOOK, "hook_end.run", values, runs);
    }
    if let Some(failure) = filter.failed {
        let results = encoding::list(&[HookResult::Ignored as i64, HookResult::Failed as i64]);
        all.conditions.push(format!(
            "(run.ended IN ({INTERRUPTED}, {failure}) OR EXISTS (SELECT 1
             FROM json_each(run.hooks) AS ran CROSS JOIN hook_end AS of_hook
             WHERE of_hook.hook = ran.value AND of_hook.run = run.id AND result IN ({results})))"
        ));
    }
    let least = all.lookups.iter().min_by_key(|lookup| lookup.runs);
    // A condition without allowed values matches no run.
    let least = least.filter(|lookup| !lookup.values.is_empty());
    Ok(least.map(|lookup| lookup.sql(&all.conditions)))
}

/// Returns the values of the column `ended` that a filter of states or decisions allows.
fn ended(db: &Connection, filter: &RunFilter) -> rusqlite::Result<Vec<i64>> {
    let is_allowed = |state| filter.states.is_empty() || filter.states.contains(&state);
    if !filter.decisions.is_empty() {
        let decisions = filter.decisions.iter().map(|decision| (*decision).into());
        let decided = is_allowed(StoredState::Decided);
        return Ok(decisions.filter(|_| decided).collect());
    }
    let mut ended = Vec::new();
    if is_allowed(StoredState::Decided) {
        ended = Tally::RunsByEnd.values(db)?;
        ended.retain(|ended| *ended != INTERRUPTED);
    }
    if is_allowed(StoredState::Interrupted) {
        ended.push(INTERRUPTED);
    }
    if is_allowed(StoredState::Unfinished) {
        ended.push(UNFINISHED);
    }
    Ok(ended)
}

/// Returns the names that runs and their hooks have had.
pub(super) fn names(db: &Connection) -> rusqlite::Result<StoredNames> {
    let column = |sql| -> rusqlite::Result<Vec<String>> {
        db.prepare_cached(sql)?
            .query_map((), |row| row.get(0))?
            .collect()
    };
    Ok(StoredNames {
        repos: column("SELECT DISTINCT repo FROM scope")?,
        plans: column("SELECT DISTINCT plan FROM scope")?,
        hooks: column("SELECT name FROM hook")?,
    })
}

/// Returns the id of a hook, if there is one of this name.
fn hook(db: &Connection, name: &str) -> rusqlite::Result<Option<i64>> {
    db.prepare_cached("SELECT id FROM hook WHERE name = ?1")?
        .query_row([name], |row| row.get(0))
        .optional()
}

/// Returns the scopes of a repository, a plan, or both; `None` if neither is given.
pub(super) fn scopes(
    db: &Connection,
    repo: Option<&str>,
    plan: Option<&str>,
) -> rusqlite::Result<Option<Vec<i64>>> {
    if (repo, plan) == (None, None) {
        return Ok(None);
    }
    let mut select = db.prepare_cached(
        "SELECT id FROM scope WHERE (?1 IS NULL OR repo = ?1) AND (?2 IS NULL OR plan = ?2)",
    )?;
    let scopes = select.query_map((repo, plan), |row| row.get(0))?;
    scopes.collect::<rusqlite::Result<_>>().map(Some)
}

#[cfg(test)]
mod tests {
    use super::super::database;
    use super::*;

    #[test]
    fn every_lookup_is_in_the_order_of_an_index() {
        let db = database::open_in_memory().unwrap();
        for (from, id, value, uses) in [
            (BY_ID, "run.id", "TRUE", "(id>?"),
            (BY_SCOPE, "run.id", "run.scope = 1", "(scope=? AND id>?"),
            (
                BY_CONDITION,
                "run.id",
                "run.condition = 1",
                "(condition=? AND id>?",
            ),
            (BY_END, "run.id", "run.ended = 1", "(ended=? AND id>?"),
            (
                BY_OPERATION,
                "run.id",
                "operation = x'00'",
                "(operation=? AND id>?",
            ),
            (
                BY_HOOK,
                "hook_end.run",
                "hook_end.hook = 1",
                "(hook=? AND run>?",
            ),
        ] {
            let lookup = Lookup {
                from,
                id,
                values: vec![value.to_owned(), value.to_owned()],
                runs: 0,
            };
            let plan = plan(&db, &lookup.sql(&["condition IN (1, 2)".to_owned()]));
            assert!(plan.contains("MERGE (UNION ALL)"), "{plan}");
            assert!(plan.contains(uses), "{plan}");
            assert!(!plan.contains("TEMP B-TREE"), "{plan}");
        }
    }

    #[test]
    fn a_page_ends_after_a_bounded_number_of_runs() {
        let db = database::open_in_memory().unwrap();
        let count = MAX_EXAMINED_RUNS * 2 + 1;
        db.execute_batch(&format!(
            "INSERT INTO archive (last, summary_bytes, content) VALUES (1, 0, x'');
             WITH RECURSIVE runs (n) AS (VALUES (1) UNION ALL SELECT n + 1 FROM runs LIMIT {count})
             INSERT INTO run (id, scope, condition, operation, began, ended, archive)
             SELECT unhex(format('%032x', n)), 1, 1, nullif(n, 1), 0, 1, 1 FROM runs"
        ))
        .unwrap();
        let filter = RunFilter {
            operation: Some(String::new()),
            ..RunFilter::default()
        };
        let mut before = None;
        let mut found = Vec::new();
        for is_last in [false, false, true] {
            let page = page(&db, &filter, before, 50).unwrap();
            assert_eq!(page.next.is_none(), is_last);
            before = page.next;
            found.push(page.runs.len());
        }
        assert_eq!(found, [0, 0, 1]);
    }

    fn plan(db: &Connection, sql: &str) -> String {
        let mut plan = db.prepare(&format!("EXPLAIN QUERY PLAN {sql}")).unwrap();
        let low_and_high = [&[0u8; 16][..], &[255; 16]];
        let steps = plan.query_map(low_and_high, |row| row.get::<_, String>(3));
        steps.unwrap().map(|step| step.unwrap() + "\n").collect()
    }
}
