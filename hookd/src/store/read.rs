//! Reading runs and their journals.

use bytes::Bytes;
use rusqlite::{Connection, OptionalExtension as _, Row};
use uuid::Uuid;

use super::compress::decompress;
use super::encoding::{self, UNFINISHED};
use super::fault::Fault;
use super::{Admitted, Record, RequestKey, StoreError, StoredRun};

/// Returns the run of an id.
pub(super) fn get(db: &Connection, id: Uuid) -> Result<Option<StoredRun>, Fault> {
    match number(db, id)? {
        Some(n) => stored(db, n).map(Some),
        None => Ok(None),
    }
}

/// Returns the result that an admission with this request would have.
pub(super) fn find(db: &Connection, request: &RequestKey) -> Result<Admitted, Fault> {
    let known: Option<([u8; 16], Vec<u8>)> = db
        .prepare_cached("SELECT id, event FROM run WHERE request = ?1")?
        .query_row([request.id.as_bytes()], |row| {
            Ok((row.get(0)?, row.get(1)?))
        })
        .optional()?;
    Ok(match known {
        None => Admitted::New,
        Some((id, event)) if event == request.event => Admitted::Same(Uuid::from_bytes(id)),
        Some(_) => Admitted::Other,
    })
}

/// Returns the run in row `n`.
pub(super) fn stored(db: &Connection, n: i64) -> Result<StoredRun, Fault> {
    let mut select = db.prepare_cached(
        "SELECT run.id, ended, last, summary_bytes, uncompressed_bytes, content, first,
             (SELECT last FROM journal WHERE key BETWEEN ?2 AND ?3 ORDER BY key DESC LIMIT 1)
         FROM run LEFT JOIN archive ON archive.id = run.archive WHERE n = ?1",
    )?;
    let (first, last) = encoding::journal_keys(n);
    let mut found = select.query((n, first, last))?;
    let row = found.next()?.ok_or(rusqlite::Error::QueryReturnedNoRows)?;
    let archived: Option<u64> = row.get(2)?;
    let (last_sequence, summary) = match archived {
        Some(last) => {
            let (mut content, length) = content(row, 3)?;
            content.truncate(length);
            (last, Bytes::from(content))
        }
        None => {
            let first = row.get::<_, Option<_>>(6)?.unwrap_or_default();
            let first = encoding::unpack(1, first)?.into_iter().next();
            let last = row.get::<_, Option<u64>>(7)?.unwrap_or(1);
            (last, first.map(|record| record.bytes).unwrap_or_default())
        }
    };
    Ok(StoredRun {
        id: Uuid::from_bytes(row.get(0)?),
        ended: encoding::ended_by(row.get(1)?),
        summary,
        last_sequence,
    })
}

/// Returns the records of a run after a sequence number: as many as fit into this number of
/// bytes, but at least one if there is one.
pub(super) fn records(
    db: &Connection,
    id: Uuid,
    after: u64,
    bytes: usize,
) -> Result<Vec<Record>, Fault> {
    match number(db, id)? {
        Some(n) => records_of(db, n, after, bytes),
        None => Ok(Vec::new()),
    }
}

/// Returns the runs that have not ended, oldest first.
pub(super) fn unfinished(db: &Connection) -> Result<Vec<Uuid>, Fault> {
    let mut select = db.prepare_cached("SELECT id FROM run WHERE ended = ?1 ORDER BY id")?;
    let ids = select.query_map([UNFINISHED], |row| row.get(0).map(Uuid::from_bytes))?;
    Ok(ids.collect::<rusqlite::Result<_>>()?)
}

fn number(db: &Connection, id: Uuid) -> rusqlite::Result<Option<i64>> {
    db.prepare_cached("SELECT n FROM run WHERE id = ?1")?
        .query_row([id.as_bytes()], |row| row.get(0))
        .optional()
}

/// Returns records of the run in row `n`, as [`records`] does.
pub(super) fn records_of(
    db: &Connection,
    n: i64,
    after: u64,
    bytes: usize,
) -> Result<Vec<Record>, Fault> {
    let next = after.checked_add(1);
    let Some(next) = next.and_then(|next| encoding::journal_key(n, next)) else {
        return Ok(Vec::new());
    };
    let mut found = Vec::new();
    let mut sum = 0usize;
    // Returns whether there is room for more.
    let mut take = |first, packed| {
        let records = encoding::unpack(first, packed)?.into_iter();
        for record in records.filter(|record| record.sequence > after) {
            sum = sum.saturating_add(record.bytes.len().max(1));
            if sum > bytes && !found.is_empty() {
                break;
            }
            found.push(record);
        }
        Ok::<_, StoreError>(sum < bytes)
    };
    let (first, last) = encoding::journal_keys(n);
    if let Some(begin) = begin(db, n, next == first + 1)?
        && (!take(1, begin.records)? || begin.is_all)
    {
        return Ok(found);
    }
    // Finds the last row that begins with this record or an earlier one; it contains the record.
    let mut select = db.prepare_cached(
        "SELECT key, records FROM journal WHERE key BETWEEN ?3 AND ?2 AND key >= coalesce(
             (SELECT max(key) FROM journal WHERE key BETWEEN ?3 AND ?1), ?3)
         ORDER BY key",
    )?;
    let mut rows = select.query((next, last, first))?;
    while let Some(row) = rows.next()?
        && take(encoding::first_sequence(row.get(0)?), row.get(1)?)?
    {}
    Ok(found)
}

/// Records at the beginning of a journal that are not in rows of the table `journal`.
struct Begin {
    records: Vec<u8>,
    is_all: bool,
}

/// Returns all records of an ended run, unless they are in rows of their own, or the first record
/// of a run under way, if `with_first`.
fn begin(db: &Connection, n: i64, with_first: bool) -> Result<Option<Begin>, Fault> {
    let mut select = db.prepare_cached(
        "SELECT archive.id, summary_bytes, uncompressed_bytes, content, first
         FROM run LEFT JOIN archive ON archive.id = run.archive WHERE n = ?1",
    )?;
    let mut found = select.query([n])?;
    let Some(row) = found.next()? else {
        return Ok(None);
    };
    let archived = row.get::<_, Option<i64>>(0)?.is_some();
    let records = if archived {
        let (mut content, summary_bytes) = content(row, 1)?;
        content.drain(..summary_bytes);
        Some(content).filter(|records| !records.is_empty())
    } else if with_first {
        row.get(4)?
    } else {
        None
    };
    Ok(records.map(|records| Begin {
        records,
        is_all: archived,
    }))
}

/// Returns a run that has ended as its summary followed by its records, and the length of
/// the summary, from the columns `summary_bytes`, `uncompressed_bytes` and `content`, of
/// which the first is in this column.
fn content(row: &Row<'_>, column: usize) -> Result<(Vec<u8>, usize), Fault> {
    let summary_bytes = row.get(column)?;
    let stored = row.get_ref(column + 2)?.as_blob();
    let stored = stored.map_err(rusqlite::Error::from)?;
    let content = decompress(stored, row.get(column + 1)?)?;
    if summary_bytes > content.len() {
        return Err(
            StoreError::Damaged("the content of a run ends within its summary".into()).into(),
        );
    }
    Ok((content, summary_bytes))
}
