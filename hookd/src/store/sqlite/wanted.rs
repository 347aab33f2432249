//! What a filter asks for, in the numbers of the store.

use jiff::Timestamp;
use rusqlite::types::Value;
use rusqlite::{Connection, OptionalExtension as _};
use uuid::Uuid;

use super::list::{Candidate, Row};
use super::rows;
use super::write::Kind;
use crate::store::{Ended, Filter, KeptState};

/// How far the time in a run's id may be from that of its admission, in milliseconds.
const SLACK: i64 = 60_000;

/// Ids from one to another, both among them.
#[derive(Clone, Copy, Debug)]
pub(super) struct Range {
    pub(super) low: u128,
    pub(super) high: u128,
}

impl Range {
    /// In which ids the runs of a page are; nothing if there can be none.
    pub(super) fn of(filter: &Filter, before: Option<Uuid>) -> Option<Range> {
        let mut range = match &filter.id_prefix {
            Some(prefix) => Range::of_prefix(prefix)?,
            None => Range {
                low: 0,
                high: u128::MAX,
            },
        };
        range.limit(filter.since, filter.until, SLACK);
        if let Some(before) = before {
            range.high = range.high.min(before.as_u128().checked_sub(1)?);
        }
        (range.low <= range.high).then_some(range)
    }

    /// In which ids the runs are whose hooks began within a time, if none begins later
    /// than so many milliseconds after its run.
    pub(super) fn within(since: Option<Timestamp>, until: Option<Timestamp>, late: i64) -> Range {
        let mut range = Range {
            low: 0,
            high: u128::MAX,
        };
        range.limit(since, until, late);
        range
    }

    fn limit(&mut self, since: Option<Timestamp>, until: Option<Timestamp>, late: i64) {
        if let Some(since) = since {
            self.low = self.low.max(rows::lowest_id(since, -late));
        }
        if let Some(until) = until {
            self.high = self.high.min(rows::lowest_id(until, SLACK));
        }
    }

    fn of_prefix(prefix: &str) -> Option<Range> {
        const HYPHENS: [usize; 4] = [8, 13, 18, 23];
        let (mut low, mut high, mut bits) = (0, u128::MAX, 128u32);
        for (at, character) in prefix.chars().enumerate() {
            if HYPHENS.contains(&at) {
                if character != '-' {
                    return None;
                }
                continue;
            }
            if character.is_ascii_uppercase() {
                return None;
            }
            let digit = u128::from(character.to_digit(16)?);
            bits = bits.checked_sub(4)?;
            low |= digit << bits;
            high = low | ((1 << bits) - 1);
        }
        Some(Range { low, high })
    }
}

/// What a filter asks for besides ids and output. What is absent lets everything pass.
pub(super) struct Wanted {
    pub(super) scopes: Option<Vec<i64>>,
    pub(super) conditions: Option<Vec<i64>>,
    pub(super) ended: Option<Vec<Option<i64>>>,
    pub(super) operation: Option<Value>,
    pub(super) hook: Option<i64>,
    /// Those without an operation are asked for.
    no_operation: bool,
    since: Option<Timestamp>,
    until: Option<Timestamp>,
}

impl Wanted {
    /// Looks the names of a filter up; nothing if no run can pass it.
    pub(super) fn of(db: &Connection, filter: &Filter) -> rusqlite::Result<Option<Wanted>> {
        let scopes = scopes(db, filter.repo.as_deref(), filter.plan.as_deref())?;
        let ended = ended(db, filter)?;
        let hook = match &filter.hook {
            Some(name) => Some(hook(db, name)?),
            None => None,
        };
        let nothing = scopes.as_ref().is_some_and(Vec::is_empty)
            || ended.as_ref().is_some_and(Vec::is_empty)
            || hook == Some(None);
        if nothing {
            return Ok(None);
        }
        let mut conditions: Vec<i64> = filter
            .conditions
            .iter()
            .map(|condition| condition.number().into())
            .collect();
        conditions.sort_unstable();
        conditions.dedup();
        let operation = filter.operation.as_deref().map(rows::operation_value);
        let operation = operation.filter(|value| *value != Value::Null);
        Ok(Some(Wanted {
            scopes,
            conditions: (!conditions.is_empty()).then_some(conditions),
            ended,
            no_operation: filter.operation.as_ref().is_some_and(String::is_empty),
            operation,
            hook: hook.flatten(),
            since: filter.since,
            until: filter.until,
        }))
    }

    /// Whether a run may pass, by what is known of it without its row.
    pub(super) fn may_take(&self, run: &Candidate) -> bool {
        let may = |wanted, value: Option<i64>| value.is_none_or(|value| among(wanted, value));
        may(&self.scopes, run.scope) && may(&self.conditions, run.condition)
    }

    /// Whether a run passes.
    pub(super) fn takes(&self, id: Uuid, run: &Row) -> bool {
        let began = rows::at(id, run.began);
        among(&self.scopes, run.scope)
            && among(&self.conditions, run.condition)
            && self
                .ended
                .as_ref()
                .is_none_or(|wanted| wanted.contains(&run.ended))
            && (self.operation.is_none() || self.operation == run.operation)
            && !(self.no_operation && run.operation.is_some())
            && self.since.is_none_or(|since| began >= since)
            && self.until.is_none_or(|until| began < until)
            && self.hook.is_none_or(|hook| {
                let hooks = run.hooks.as_deref().unwrap_or_default();
                rows::unpack_numbers(hooks).contains(&hook)
            })
    }
}

fn among(wanted: &Option<Vec<i64>>, value: i64) -> bool {
    wanted.as_ref().is_none_or(|wanted| wanted.contains(&value))
}

/// The number of a hook, if there is one of that name.
pub(super) fn hook(db: &Connection, name: &str) -> rusqlite::Result<Option<i64>> {
    db.prepare_cached("SELECT id FROM hook WHERE name = ?1")?
        .query_row([name], |row| row.get(0))
        .optional()
}

/// The scopes of a repository, a plan, or both.
pub(super) fn scopes(
    db: &Connection,
    repo: Option<&str>,
    plan: Option<&str>,
) -> rusqlite::Result<Option<Vec<i64>>> {
    let wanted = match (repo, plan) {
        (None, None) => return Ok(None),
        (Some(_), None) => "repo = ?1",
        (None, Some(_)) => "plan = ?2",
        (Some(_), Some(_)) => "repo = ?1 AND plan = ?2",
    };
    let sql = format!("SELECT id FROM scope WHERE {wanted} AND ?1 IS ?1 AND ?2 IS ?2");
    let mut select = db.prepare_cached(&sql)?;
    let scopes = select.query_map((repo, plan), |row| row.get(0))?;
    scopes.collect::<rusqlite::Result<_>>().map(Some)
}

/// The ways of having ended that a filter asks for.
fn ended(db: &Connection, filter: &Filter) -> rusqlite::Result<Option<Vec<Option<i64>>>> {
    let Filter {
        states, decisions, ..
    } = filter;
    if states.is_empty() && decisions.is_empty() {
        return Ok(None);
    }
    let mut ended: Vec<Option<i64>> = Vec::new();
    let state = |state| states.is_empty() || states.contains(&state);
    if state(KeptState::Decided) {
        if decisions.is_empty() {
            let mut select = db.prepare_cached("SELECT value FROM tally WHERE kind = ?1")?;
            let known = select.query_map([Kind::EndedAs as i64], |row| row.get(0))?;
            let known = known.collect::<rusqlite::Result<Vec<i64>>>()?;
            let decided = |number: &i64| rows::ended_of(*number) != Ended::Interrupted;
            ended.extend(known.into_iter().filter(decided).map(Some));
        } else {
            ended.extend(decisions.iter().map(|number| Some(i64::from(*number))));
        }
    }
    if decisions.is_empty() {
        if state(KeptState::Interrupted) {
            ended.push(Some(rows::ended_number(Ended::Interrupted)));
        }
        if state(KeptState::Unfinished) {
            ended.push(None);
        }
    }
    ended.sort_unstable();
    ended.dedup();
    Ok(Some(ended))
}
