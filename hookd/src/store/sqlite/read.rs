//! Reading runs and their journals.

use bytes::Bytes;
use rusqlite::{Connection, OptionalExtension as _};
use uuid::Uuid;

use super::fault::Fault;
use super::rows;
use super::squeeze::inflate;
use crate::store::{Admitted, Kept, Record, RequestKey};

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
    let (id, ended, glance): ([u8; 16], Option<i64>, Vec<u8>) = db
        .prepare_cached("SELECT id, ended, glance FROM run WHERE n = ?1")?
        .query_row([n], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
    let last: Option<i64> = db
        .prepare_cached(
            "SELECT last FROM journal WHERE place BETWEEN ?1 AND ?2 ORDER BY place DESC LIMIT 1",
        )?
        .query_row(rows::places(n), |row| row.get(0))
        .optional()?;
    Ok(Kept {
        id: Uuid::from_bytes(id),
        ended: ended.map(rows::ended_of),
        glance: Bytes::from(glance),
        last_sequence: last.map_or(0, i64::unsigned_abs),
    })
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
    // The row that has the next record in it begins with it or with one before it.
    let (first, _) = rows::places(n);
    let from: Option<i64> = db
        .prepare_cached("SELECT max(place) FROM journal WHERE place BETWEEN ?1 AND ?2")?
        .query_row((first, next), |row| row.get(0))?;
    let mut found = Vec::new();
    let mut sum = 0;
    each_row(db, n, from.unwrap_or(first), |records| {
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

/// Goes over the rows of a journal from a place on, as long as it is told to.
fn each_row(
    db: &Connection,
    n: i64,
    from: i64,
    mut each: impl FnMut(Vec<Record>) -> bool,
) -> Result<(), Fault> {
    let mut select = db.prepare_cached(
        "SELECT place, records, inflated FROM journal WHERE place BETWEEN ?1 AND ?2 ORDER BY place",
    )?;
    let mut found = select.query((from, rows::places(n).1))?;
    while let Some(row) = found.next()? {
        let first = rows::first_at(row.get(0)?);
        let mut packed: Vec<u8> = row.get(1)?;
        if let Some(length) = row.get(2)? {
            packed = inflate(&packed, length)?;
        }
        if !each(rows::unpack(first, packed)?) {
            break;
        }
    }
    Ok(())
}
