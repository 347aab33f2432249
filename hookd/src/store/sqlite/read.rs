//! Reading runs and their journals.

use bytes::Bytes;
use rusqlite::{Connection, OptionalExtension as _, Row};
use uuid::Uuid;

use super::fault::Fault;
use super::rows;
use super::squeeze::Form;
use crate::store::{Admitted, Kept, Record, RequestKey, StoreError};

/// One run by its id.
pub(super) fn get(db: &Connection, id: Uuid) -> Result<Option<Kept>, Fault> {
    match number(db, id)? {
        Some(n) => kept(db, n).map(Some),
        None => Ok(None),
    }
}

/// The run that a request asked for.
pub(super) fn asked(db: &Connection, request: &RequestKey) -> Result<Admitted, Fault> {
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

/// One run that is there.
pub(super) fn kept(db: &Connection, n: i64) -> Result<Kept, Fault> {
    let mut select = db.prepare_cached(
        "SELECT id, ended, last, past.glance, inflated, unpacked, content, run.glance
         FROM run LEFT JOIN past ON at = past WHERE n = ?1",
    )?;
    let mut found = select.query([n])?;
    let row = found.next()?.ok_or(rusqlite::Error::QueryReturnedNoRows)?;
    let (last_sequence, glance) = match row.get(2)? {
        Some(last) => {
            let (mut content, length) = content(row, 3)?;
            content.truncate(length);
            (last, content)
        }
        None => (
            last_of(db, n)?,
            row.get::<_, Option<_>>(7)?.unwrap_or_default(),
        ),
    };
    let ended: Option<i64> = row.get(1)?;
    Ok(Kept {
        id: Uuid::from_bytes(row.get(0)?),
        ended: ended.map(rows::ended_of),
        glance: Bytes::from(glance),
        last_sequence,
    })
}

/// The last sequence number of a run that is under way, which has its first record.
fn last_of(db: &Connection, n: i64) -> rusqlite::Result<u64> {
    let last = db
        .prepare_cached(
            "SELECT last FROM journal WHERE place BETWEEN ?1 AND ?2 ORDER BY place DESC LIMIT 1",
        )?
        .query_row(rows::places(n), |row| row.get(0))
        .optional()?;
    Ok(last.unwrap_or(1))
}

/// Records after a sequence number, at least one if there is one, and no more than so many
/// bytes.
pub(super) fn records(
    db: &Connection,
    id: Uuid,
    after: u64,
    bytes: usize,
) -> Result<Vec<Record>, Fault> {
    let Some(n) = number(db, id)? else {
        return Ok(Vec::new());
    };
    let Some(next) = after.checked_add(1).and_then(|next| rows::place(n, next)) else {
        return Ok(Vec::new());
    };
    let mut found = Vec::new();
    let mut sum = 0;
    each_row(db, n, next, |records| {
        for record in records.into_iter().filter(|r| r.sequence > after) {
            sum += record.bytes.len().max(1);
            if sum > bytes && !found.is_empty() {
                return false;
            }
            found.push(record);
        }
        sum < bytes
    })?;
    Ok(found)
}

/// All records of a run.
pub(super) fn all(db: &Connection, n: i64) -> Result<Vec<Record>, Fault> {
    let mut found = Vec::new();
    each_row(db, n, rows::places(n).0, |records| {
        found.extend(records);
        true
    })?;
    Ok(found)
}

/// Those that have not ended, oldest first.
pub(super) fn unfinished(db: &Connection) -> Result<Vec<Uuid>, Fault> {
    let mut select = db.prepare_cached("SELECT id FROM run WHERE ended IS NULL ORDER BY id")?;
    let ids = select.query_map([], |row| row.get(0).map(Uuid::from_bytes))?;
    Ok(ids.collect::<rusqlite::Result<_>>()?)
}

fn number(db: &Connection, id: Uuid) -> rusqlite::Result<Option<i64>> {
    db.prepare_cached("SELECT n FROM run WHERE id = ?1")?
        .query_row([id.as_bytes()], |row| row.get(0))
        .optional()
}

/// Goes over a journal row by row, from the one with the record of that place on, as long as
/// it is told to.
fn each_row(
    db: &Connection,
    n: i64,
    from: i64,
    mut each: impl FnMut(Vec<Record>) -> bool,
) -> Result<(), Fault> {
    if let Some(packed) = past(db, n)? {
        each(rows::unpack(1, packed)?);
        return Ok(());
    }
    if from <= rows::places(n).0 + 1
        && let Some(first) = first(db, n)?
        && !each(rows::unpack(1, first)?)
    {
        return Ok(());
    }
    // The row that has the record in it begins with it or with one before it.
    let (first, last) = rows::places(n);
    let begin: Option<i64> = db
        .prepare_cached("SELECT max(place) FROM journal WHERE place BETWEEN ?1 AND ?2")?
        .query_row((first, from), |row| row.get(0))?;
    let mut select = db.prepare_cached(
        "SELECT place, records FROM journal WHERE place BETWEEN ?1 AND ?2 ORDER BY place",
    )?;
    let mut found = select.query((begin.unwrap_or(first), last))?;
    while let Some(row) = found.next()? {
        let first = rows::first_at(row.get(0)?);
        if !each(rows::unpack(first, row.get(1)?)?) {
            break;
        }
    }
    Ok(())
}

/// The first record of a run that is under way.
fn first(db: &Connection, n: i64) -> rusqlite::Result<Option<Vec<u8>>> {
    db.prepare_cached("SELECT first FROM run WHERE n = ?1")?
        .query_row([n], |row| row.get(0))
}

/// The records of a run that has ended, if they are in one piece.
fn past(db: &Connection, n: i64) -> Result<Option<Vec<u8>>, Fault> {
    let mut select = db.prepare_cached(
        "SELECT past.glance, inflated, unpacked, content
         FROM run JOIN past ON at = past WHERE n = ?1",
    )?;
    let mut found = select.query([n])?;
    let Some(row) = found.next()? else {
        return Ok(None);
    };
    let (mut content, glance) = content(row, 0)?;
    content.drain(..glance);
    Ok((!content.is_empty()).then_some(content))
}

/// A run that has ended at a glance, followed by its records, and how many bytes are the
/// former: from the columns `glance`, `inflated`, `unpacked` and `content`, of which the
/// first has that number.
fn content(row: &Row<'_>, column: usize) -> Result<(Vec<u8>, usize), Fault> {
    let glance = row.get(column)?;
    let content = row.get_ref(column + 3)?;
    let content = content.as_blob().map_err(rusqlite::Error::from)?;
    let content = Form::of(row, column + 1)?.restore(content)?;
    if glance > content.len() {
        let message = "a run that has ended ends within what it is at a glance".into();
        return Err(StoreError::Damaged { message }.into());
    }
    Ok((content, glance))
}
