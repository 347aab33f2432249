//! Counts of ended runs, which triggers of the schema maintain.

use rusqlite::{Connection, OptionalExtension as _};

/// The kinds of counts in the table `tally`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(i64)]
pub(super) enum Tally {
    RunsOfScope = 1,
    BytesOfScope = 2,
    RunsOfCondition = 3,
    RunsByEnd = 4,
    EndsOfHook = 5,
}

impl Tally {
    /// Returns the sum of the counts of these values.
    pub(super) fn count(self, db: &Connection, values: &[i64]) -> rusqlite::Result<u64> {
        let mut select =
            db.prepare_cached("SELECT count FROM tally WHERE kind = ?1 AND value = ?2")?;
        let mut sum = 0;
        for value in values {
            let count = select.query_row((self as i64, value), |row| row.get(0));
            sum += count.optional()?.unwrap_or(0);
        }
        Ok(sum)
    }

    /// Returns all values that have been counted.
    pub(super) fn values(self, db: &Connection) -> rusqlite::Result<Vec<i64>> {
        let mut select = db.prepare_cached("SELECT value FROM tally WHERE kind = ?1")?;
        let values = select.query_map([self as i64], |row| row.get(0))?;
        values.collect()
    }

    /// Returns the counts of all values together.
    pub(super) fn total(self, db: &Connection) -> rusqlite::Result<u64> {
        db.prepare_cached("SELECT coalesce(sum(count), 0) FROM tally WHERE kind = ?1")?
            .query_row([self as i64], |row| row.get(0))
    }
}
