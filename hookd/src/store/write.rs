//! Changes of a run, within a transaction of the writer.

use rusqlite::{Connection, ErrorCode, OptionalExtension as _, Params, params};
use uuid::Uuid;

use super::compress::compress;
use super::encoding::{self, UNFINISHED};
use super::fault::Fault;
use super::run::{bytes_of, missing};
use super::{Admitted, HookEnd, HookResult, NewRun, Record, RunEnd, StoreError, read};

/// The maximum size of a row of the journal, unless a single record is longer. Reading a part of a
/// row fetches all of it.
const MAX_ROW_BYTES: usize = 64 << 10;

/// Adds a run, or returns the run that the same request started.
pub(super) fn admit(db: &Connection, new: &NewRun) -> Result<Admitted, Fault> {
    if let Some(request) = &new.request {
        match read::find(db, request)? {
            Admitted::New => {}
            known => return Ok(known),
        }
    }
    missing(0, std::slice::from_ref(&new.first))?;
    let subject = &new.subject;
    let added = db
        .prepare_cached(
            "INSERT INTO run
                 (id, scope, condition, operation, began, request, event, first)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
        )?
        .execute(params![
            new.id.as_bytes(),
            scope_id(db, &subject.repo, &subject.plan)?,
            i64::from(subject.condition.number()),
            encoding::operation(&subject.operation),
            new.started_at.as_microsecond(),
            new.request.as_ref().map(|request| request.id.as_bytes()),
            new.request.as_ref().map(|request| &request.event),
            encoding::pack(std::slice::from_ref(&new.first)),
        ]);
    match added {
        Err(error) if error.sqlite_error_code() == Some(ErrorCode::ConstraintViolation) => {
            Err(StoreError::Failed(format!("there is a run {}", new.id)).into())
        }
        Err(error) => Err(error.into()),
        Ok(_) => Ok(Admitted::New),
    }
}

/// Adds records to a run.
pub(super) fn append(db: &Connection, id: Uuid, records: &[Record]) -> Result<(), Fault> {
    let run = RunRow::find(db, id)?;
    let records = run.missing(records)?;
    if run.ended != UNFINISHED && !records.is_empty() {
        return Err(StoreError::has_ended(id).into());
    }
    insert_records(db, run.n, records)
}

/// Adds the last records of a run, and its end.
pub(super) fn finish(
    db: &Connection,
    id: Uuid,
    records: &[Record],
    end: &RunEnd,
) -> Result<(), Fault> {
    let run = RunRow::find(db, id)?;
    let records = run.missing(records)?;
    let ended = encoding::ended(end.by);
    if run.ended == ended && records.is_empty() {
        return Ok(());
    }
    if run.ended != UNFINISHED {
        return Err(StoreError::has_ended(id).into());
    }
    let (archive, bytes) = run.archive(db, records, &end.summary)?;
    let hooks = insert_hooks(db, id, run.scope, &end.hooks)?;
    let of_hook = |hook: &HookEnd| HookEnd::OVERHEAD + hook.outcome.len();
    let of_hooks: usize = end.hooks.iter().map(of_hook).sum();
    let bytes = i64::try_from(NewRun::OVERHEAD + bytes + of_hooks).unwrap_or(i64::MAX);
    db.prepare_cached(
        "UPDATE run SET ended = ?2, ended_at = ?3, bytes = ?4, hooks = ?5, archive = ?6,
             first = NULL
         WHERE n = ?1",
    )?
    .execute(params![
        run.n,
        ended,
        end.at.as_microsecond(),
        bytes,
        hooks,
        archive
    ])?;
    Ok(())
}

/// Adds the ends of hooks. Returns the column `hooks` of their run.
fn insert_hooks(
    db: &Connection,
    run: Uuid,
    scope: i64,
    ends: &[HookEnd],
) -> rusqlite::Result<Option<String>> {
    let mut ids = Vec::with_capacity(ends.len());
    for (nth, end) in (0i64..).zip(ends) {
        let hook = hook_id(db, &end.hook)?;
        ids.push(hook);
        let failed = matches!(end.result, HookResult::Ignored | HookResult::Failed);
        db.prepare_cached(
            "INSERT INTO hook_end (hook, run, nth, scope, at, elapsed, result, outcome)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
        )?
        .execute(params![
            hook,
            run.as_bytes(),
            nth,
            scope,
            end.at.as_microsecond(),
            encoding::micros(end.elapsed),
            end.result as i64,
            failed.then_some(&end.outcome[..]),
        ])?;
    }
    ids.sort_unstable();
    ids.dedup();
    Ok((!ids.is_empty()).then(|| format!("[{}]", encoding::list(&ids))))
}

/// Returns the id of a plan in a repository, which is added if it is new.
fn scope_id(db: &Connection, repo: &str, plan: &str) -> rusqlite::Result<i64> {
    let select = "SELECT id FROM scope WHERE repo = ?1 AND plan = ?2";
    let insert = "INSERT INTO scope (repo, plan) VALUES (?1, ?2)";
    id_of(db, select, insert, (repo, plan))
}

/// Returns the id of a hook, which is added if it is new.
fn hook_id(db: &Connection, name: &str) -> rusqlite::Result<i64> {
    let select = "SELECT id FROM hook WHERE name = ?1";
    id_of(db, select, "INSERT INTO hook (name) VALUES (?1)", [name])
}

fn id_of(
    db: &Connection,
    select: &str,
    insert: &str,
    names: impl Params + Copy,
) -> rusqlite::Result<i64> {
    let known = db
        .prepare_cached(select)?
        .query_row(names, |row| row.get(0));
    match known.optional()? {
        Some(id) => Ok(id),
        None => db.prepare_cached(insert)?.insert(names),
    }
}

/// The columns of a run that are needed for changes.
struct RunRow {
    n: i64,
    scope: i64,
    ended: i64,
    /// The packed first record of a run under way.
    first: Option<Vec<u8>>,
    /// The sequence number of the last record.
    last: u64,
}

impl RunRow {
    fn find(db: &Connection, id: Uuid) -> Result<RunRow, Fault> {
        let row = db
            .prepare_cached(
                "SELECT n, scope, ended, first, coalesce(
                     (SELECT last FROM archive WHERE archive.id = run.archive),
                     (SELECT last FROM journal WHERE key BETWEEN n << ?2 AND (n + 1) << ?2
                      ORDER BY key DESC LIMIT 1),
                     1)
                 FROM run WHERE id = ?1",
            )?
            .query_row((id.as_bytes(), encoding::SEQUENCE_BITS), |row| {
                Ok(RunRow {
                    n: row.get(0)?,
                    scope: row.get(1)?,
                    ended: row.get(2)?,
                    first: row.get(3)?,
                    last: row.get(4)?,
                })
            })
            .optional()?;
        row.ok_or_else(|| StoreError::Failed(format!("there is no run {id}")).into())
    }

    /// Returns the records that the run lacks.
    fn missing<'r>(&self, records: &'r [Record]) -> Result<&'r [Record], Fault> {
        let records = missing(self.last, records)?;
        if let Some(record) = records.last()
            && encoding::journal_key(self.n, record.sequence).is_none()
        {
            return Err(StoreError::Failed("the run has too many records".into()).into());
        }
        Ok(records)
    }

    /// Adds the run to the archive: its summary, followed by its whole journal if that is short,
    /// compressed if that is smaller. Returns the number of the row in the archive, and the bytes
    /// that the run takes.
    fn archive(
        &self,
        db: &Connection,
        records: &[Record],
        summary: &[u8],
    ) -> Result<(i64, usize), Fault> {
        let first = self.first.as_deref().unwrap_or_default();
        let mut content = [summary, first].concat();
        let mut journal_bytes = first.len() + bytes_of(records);
        let keys = encoding::journal_keys(self.n);
        // Most runs are short and have nothing in the journal.
        let has_journal = self.last > 1;
        if has_journal {
            let mut select = db.prepare_cached(
                "SELECT records FROM journal WHERE key BETWEEN ?1 AND ?2 ORDER BY key",
            )?;
            let mut found = select.query(keys)?;
            while let Some(row) = found.next()? {
                let packed = row.get_ref(0)?.as_blob().map_err(rusqlite::Error::from)?;
                journal_bytes += packed.len();
                if journal_bytes <= MAX_ROW_BYTES {
                    content.extend_from_slice(packed);
                }
            }
        }
        if journal_bytes > MAX_ROW_BYTES {
            content.truncate(summary.len());
            insert_row(db, self.n, 1, 1, first)?;
            insert_records(db, self.n, records)?;
        } else {
            journal_bytes = 0;
            content.extend(encoding::pack(records));
            if has_journal {
                db.prepare_cached("DELETE FROM journal WHERE key BETWEEN ?1 AND ?2")?
                    .execute(keys)?;
            }
        }
        let last = records.last().map_or(self.last, |record| record.sequence);
        let (uncompressed_bytes, content) = match compress(&content) {
            Some(compressed) => (Some(content.len()), compressed),
            None => (None, content),
        };
        db.prepare_cached(
            "INSERT INTO archive (last, summary_bytes, uncompressed_bytes, content)
             VALUES (?1, ?2, ?3, ?4)",
        )?
        .execute((last, summary.len(), uncompressed_bytes, &content))?;
        Ok((db.last_insert_rowid(), journal_bytes + content.len()))
    }
}

/// Adds records to the journal of a run, in rows of a bounded size.
fn insert_records(db: &Connection, n: i64, records: &[Record]) -> Result<(), Fault> {
    let mut rest = records;
    while let Some(first) = rest.first() {
        let mut bytes = 0;
        let fit = rest.iter().take_while(|record| {
            bytes += record.bytes.len();
            bytes <= MAX_ROW_BYTES
        });
        let (row, others) = rest.split_at(fit.count().max(1));
        rest = others;
        let last = first.sequence + row.len() as u64 - 1;
        insert_row(db, n, first.sequence, last, &encoding::pack(row))?;
    }
    Ok(())
}

fn insert_row(
    db: &Connection,
    n: i64,
    first: u64,
    last: u64,
    packed: &[u8],
) -> rusqlite::Result<()> {
    db.prepare_cached("INSERT INTO journal (key, last, records) VALUES (?1, ?2, ?3)")?
        .execute((encoding::journal_key(n, first), last, packed))?;
    Ok(())
}
