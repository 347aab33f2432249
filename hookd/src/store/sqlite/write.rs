//! What the writer does to rows, within a transaction.

use std::collections::HashMap;

use rusqlite::{Connection, ErrorCode, OptionalExtension as _, params};
use uuid::Uuid;

use super::fault::Fault;
use super::read;
use super::rows;
use super::squeeze::squeeze;
use crate::store::run::{bytes_of, lacking};
use crate::store::{Admitted, End, HookResult, NewRun, Record, StoreError};

/// What a row of the journal takes at most, unless one record is longer: what a reader of
/// a page has to fetch for it.
const MAX_ROW_BYTES: usize = 64 << 10;
/// After how many names those that are known are forgotten.
const MAX_NAMES: usize = 4096;

/// What is counted of runs that have ended, by the kinds of the table `tally`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(i64)]
pub(super) enum Kind {
    Ended = 2,
    Bytes = 3,
    Condition = 4,
    EndedAs = 5,
    Hook = 6,
}

/// The numbers of names, and what is to be added to the tallies, both as the transaction
/// under way has them.
#[derive(Debug, Default)]
pub(super) struct Pending {
    scopes: HashMap<String, HashMap<String, i64>>,
    hooks: HashMap<String, i64>,
    tallies: HashMap<(Kind, i64), i64>,
}

impl Pending {
    /// What it says is not so, or not any more.
    pub(super) fn forget(&mut self) {
        self.scopes.clear();
        self.hooks.clear();
        self.tallies.clear();
    }

    pub(super) fn tally(&mut self, kind: Kind, value: i64, add: i64) {
        *self.tallies.entry((kind, value)).or_default() += add;
    }

    /// Writes down the tallies.
    pub(super) fn flush(&mut self, db: &Connection) -> rusqlite::Result<()> {
        for ((kind, value), add) in self.tallies.drain().filter(|(_, add)| *add != 0) {
            let mut tally = db.prepare_cached(
                "INSERT INTO tally (kind, value, count) VALUES (?1, ?2, ?3)
                 ON CONFLICT DO UPDATE SET count = count + ?3",
            )?;
            tally.execute((kind as i64, value, add))?;
        }
        Ok(())
    }

    fn scope(&mut self, db: &Connection, repo: &str, plan: &str) -> rusqlite::Result<i64> {
        if let Some(id) = self.scopes.get(repo).and_then(|plans| plans.get(plan)) {
            return Ok(*id);
        }
        let known = db
            .prepare_cached("SELECT id FROM scope WHERE plan = ?1 AND repo = ?2")?
            .query_row((plan, repo), |row| row.get(0))
            .optional()?;
        let id = match known {
            Some(id) => id,
            None => {
                db.prepare_cached("INSERT INTO scope (plan, repo) VALUES (?1, ?2)")?
                    .execute((plan, repo))?;
                db.last_insert_rowid()
            }
        };
        if self.scopes.len() > MAX_NAMES {
            self.scopes.clear();
        }
        let plans = self.scopes.entry(repo.to_owned()).or_default();
        if plans.len() > MAX_NAMES {
            plans.clear();
        }
        plans.insert(plan.to_owned(), id);
        Ok(id)
    }

    fn hook(&mut self, db: &Connection, name: &str) -> rusqlite::Result<i64> {
        if let Some(id) = self.hooks.get(name) {
            return Ok(*id);
        }
        let known = db
            .prepare_cached("SELECT id FROM hook WHERE name = ?1")?
            .query_row([name], |row| row.get(0))
            .optional()?;
        let id = match known {
            Some(id) => id,
            None => {
                db.prepare_cached("INSERT INTO hook (name) VALUES (?1)")?
                    .execute([name])?;
                db.last_insert_rowid()
            }
        };
        if self.hooks.len() > MAX_NAMES {
            self.hooks.clear();
        }
        self.hooks.insert(name.to_owned(), id);
        Ok(id)
    }
}

/// Adds a run, or finds the one that the same request asked for.
pub(super) fn admit(
    db: &Connection,
    pending: &mut Pending,
    new: &NewRun,
) -> Result<Admitted, Fault> {
    if let Some(request) = &new.request {
        match read::asked(db, request)? {
            Admitted::New => {}
            known => return Ok(known),
        }
    }
    lacking(0, std::slice::from_ref(&new.first))?;
    let about = &new.about;
    let scope = pending.scope(db, &about.repo, &about.plan)?;
    let added = db
        .prepare_cached(
            "INSERT INTO run (id, scope, condition, operation, began, request, event, glance, first)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
        )?
        .execute(params![
            new.id.as_bytes(),
            scope,
            i64::from(about.condition.number()),
            rows::operation_value(&about.operation),
            rows::after(new.id, new.started_at),
            new.request.as_ref().map(|request| request.id.as_bytes()),
            new.request.as_ref().map(|request| &request.event),
            &new.glance[..],
            rows::pack(std::slice::from_ref(&new.first)),
        ]);
    match added {
        Err(error) if error.sqlite_error_code() == Some(ErrorCode::ConstraintViolation) => {
            return Err(StoreError::failed(format!("there is a run {}", new.id)).into());
        }
        other => other?,
    };
    Ok(Admitted::New)
}

/// Adds records to a run.
pub(super) fn append(db: &Connection, id: Uuid, records: &[Record]) -> Result<(), Fault> {
    let run = Row::find(db, id)?;
    let records = run.lacking(records)?;
    if run.ended.is_some() && !records.is_empty() {
        return Err(StoreError::has_ended(id).into());
    }
    add(db, run.n, records)
}

/// Adds the last records of a run, and what it came to.
pub(super) fn finish(
    db: &Connection,
    pending: &mut Pending,
    id: Uuid,
    records: &[Record],
    end: &End,
) -> Result<(), Fault> {
    let run = Row::find(db, id)?;
    let records = run.lacking(records)?;
    let ended = rows::ended_number(end.state);
    if run.ended == Some(ended) && records.is_empty() {
        return Ok(());
    }
    if run.ended.is_some() {
        return Err(StoreError::has_ended(id).into());
    }
    let (past, bytes) = close(db, &run, records, &end.glance)?;
    let mut hooks = Vec::with_capacity(end.hooks.len());
    for (nth, hook) in (0i64..).zip(&end.hooks) {
        let number = pending.hook(db, &hook.hook)?;
        hooks.push(number);
        pending.tally(Kind::Hook, number, 1);
        let failed = matches!(hook.result, HookResult::Ignored | HookResult::Failed);
        db.prepare_cached(
            "INSERT INTO hook_end (hook, run, nth, scope, at, elapsed, result, outcome)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
        )?
        .execute(params![
            number,
            id.as_bytes(),
            nth,
            run.scope,
            rows::after(id, hook.at),
            rows::micros(hook.elapsed),
            rows::result_number(hook.result),
            failed.then_some(&hook.outcome[..]),
        ])?;
    }
    hooks.sort_unstable();
    hooks.dedup();
    let bytes = i64::try_from(NewRun::OVERHEAD + bytes + end.bytes_of_hooks()).unwrap_or(i64::MAX);
    db.prepare_cached(
        "UPDATE run SET ended = ?2, ended_after = ?3, bytes = ?4, hooks = ?5, past = ?6,
             glance = NULL, first = NULL
         WHERE n = ?1",
    )?
    .execute(params![
        run.n,
        ended,
        rows::after(id, end.at),
        bytes,
        (!hooks.is_empty()).then(|| rows::pack_numbers(hooks)),
        past,
    ])?;
    pending.tally(Kind::Ended, run.scope, 1);
    pending.tally(Kind::Bytes, run.scope, bytes);
    pending.tally(Kind::EndedAs, ended, 1);
    pending.tally(Kind::Condition, run.condition, 1);
    Ok(())
}

/// What has to be known of a run to change it.
struct Row {
    n: i64,
    scope: i64,
    condition: i64,
    ended: Option<i64>,
    /// Its first record, if it has not ended.
    first: Option<Vec<u8>>,
    /// Its last sequence number.
    last: u64,
}

impl Row {
    fn find(db: &Connection, id: Uuid) -> Result<Row, Fault> {
        let row = db
            .prepare_cached(
                "SELECT n, scope, condition, ended, first, coalesce(
                     (SELECT last FROM past WHERE at = past),
                     (SELECT last FROM journal WHERE place BETWEEN n << ?2 AND (n + 1) << ?2
                      ORDER BY place DESC LIMIT 1),
                     1)
                 FROM run WHERE id = ?1",
            )?
            .query_row((id.as_bytes(), rows::SEQUENCE_BITS), |row| {
                Ok(Row {
                    n: row.get(0)?,
                    scope: row.get(1)?,
                    condition: row.get(2)?,
                    ended: row.get(3)?,
                    first: row.get(4)?,
                    last: row.get(5)?,
                })
            })
            .optional()?;
        row.ok_or_else(|| StoreError::no_run(id).into())
    }

    fn lacking<'r>(&self, records: &'r [Record]) -> Result<&'r [Record], Fault> {
        let records = lacking(self.last, records)?;
        if let Some(record) = records.last()
            && rows::place(self.n, record.sequence).is_none()
        {
            return Err(StoreError::failed("the run has too many records").into());
        }
        Ok(records)
    }
}

/// Adds records to the journal of a run, in rows of a bounded size.
fn add(db: &Connection, n: i64, records: &[Record]) -> Result<(), Fault> {
    let mut rest = records;
    while let Some(first) = rest.first() {
        let mut bytes = 0;
        let fit = rest.iter().take_while(|record| {
            bytes += record.bytes.len();
            bytes <= MAX_ROW_BYTES
        });
        let (row, others) = rest.split_at(fit.count().max(1));
        rest = others;
        let place = rows::place(n, first.sequence);
        insert(
            db,
            place,
            first.sequence + row.len() as u64 - 1,
            &rows::pack(row),
        )?;
    }
    Ok(())
}

fn insert(db: &Connection, place: Option<i64>, last: u64, packed: &[u8]) -> rusqlite::Result<()> {
    db.prepare_cached("INSERT INTO journal (place, last, records) VALUES (?1, ?2, ?3)")?
        .execute((place, last, packed))?;
    Ok(())
}

/// Puts a run among those that have ended: with its journal in one piece, if that is not too
/// long, and squeezed, if that makes it shorter. Returns its place there, and how many bytes
/// it takes.
fn close(
    db: &Connection,
    run: &Row,
    records: &[Record],
    glance: &[u8],
) -> Result<(i64, usize), Fault> {
    let (n, (first, last)) = (run.n, rows::places(run.n));
    let begins = run.first.as_deref().unwrap_or_default();
    let mut content = [glance, begins].concat();
    let mut journal = begins.len() + bytes_of(records);
    // Most runs are short: nothing of them is in the journal.
    let more = run.last > 1;
    if more {
        let mut select = db.prepare_cached(
            "SELECT records FROM journal WHERE place BETWEEN ?1 AND ?2 ORDER BY place",
        )?;
        let mut found = select.query((first, last))?;
        while let Some(row) = found.next()? {
            let packed = row.get_ref(0)?.as_blob().map_err(rusqlite::Error::from)?;
            journal += packed.len();
            if journal <= MAX_ROW_BYTES {
                content.extend_from_slice(packed);
            }
        }
    }
    let end = records.last().map_or(run.last, |record| record.sequence);
    if journal > MAX_ROW_BYTES {
        content.truncate(glance.len());
        insert(db, rows::place(n, 1), 1, begins)?;
        add(db, n, records)?;
    } else {
        journal = 0;
        content.extend(rows::pack(records));
        if more {
            db.prepare_cached("DELETE FROM journal WHERE place BETWEEN ?1 AND ?2")?
                .execute((first, last))?;
        }
    }
    let (unpacked, content) = match squeeze(&content) {
        Some(squeezed) => (Some(content.len()), squeezed),
        None => (None, content),
    };
    db.prepare_cached(
        "INSERT INTO past (last, glance, unpacked, content) VALUES (?1, ?2, ?3, ?4)",
    )?
    .execute((end, glance.len(), unpacked, &content))?;
    Ok((db.last_insert_rowid(), journal + content.len()))
}
