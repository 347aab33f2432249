//! Ids of names, and counts of runs, as the transaction under way has them.

use std::collections::HashMap;

use rusqlite::{Connection, Params};

/// The number of names after which those known are forgotten.
const MAX_NAMES: usize = 4096;

/// The counts in the table `tally`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(i64)]
pub(super) enum Tally {
    RunsOfScope = 1,
    BytesOfScope = 2,
    RunsOfCondition = 3,
    RunsByEnd = 4,
    EndsOfHook = 5,
}

impl Tally {
    /// Returns the counts of these values together.
    pub(super) fn count(self, db: &Connection, values: &[i64]) -> rusqlite::Result<u64> {
        let mut select =
            db.prepare_cached("SELECT count FROM tally WHERE kind = ?1 AND value = ?2")?;
        let mut sum = 0;
        for value in values {
            let mut found = select.query((self as i64, value))?;
            while let Some(row) = found.next()? {
                sum += row.get::<_, u64>(0)?;
            }
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

/// Caches ids of names, and collects changes of tallies, to write each once a transaction.
#[derive(Debug, Default)]
pub(super) struct Bookkeeping {
    scopes: HashMap<String, i64>,
    hooks: HashMap<String, i64>,
    tallies: HashMap<(Tally, i64), i64>,
}

impl Bookkeeping {
    /// Forgets everything, because the transaction failed or names were removed.
    pub(super) fn clear(&mut self) {
        *self = Bookkeeping::default();
    }

    /// Adds to a tally.
    pub(super) fn add(&mut self, tally: Tally, value: i64, add: i64) {
        *self.tallies.entry((tally, value)).or_default() += add;
    }

    /// Writes the tallies to the database.
    pub(super) fn flush(&mut self, db: &Connection) -> rusqlite::Result<()> {
        for ((tally, value), add) in self.tallies.drain().filter(|(_, add)| *add != 0) {
            db.prepare_cached(
                "INSERT INTO tally (kind, value, count) VALUES (?1, ?2, ?3)
                 ON CONFLICT DO UPDATE SET count = count + ?3",
            )?
            .execute((tally as i64, value, add))?;
        }
        Ok(())
    }

    /// Returns the id of a plan in a repository, which is added if it is new.
    pub(super) fn scope(
        &mut self,
        db: &Connection,
        repo: &str,
        plan: &str,
    ) -> rusqlite::Result<i64> {
        let key = format!("{}:{repo}{plan}", repo.len());
        let insert = "INSERT INTO scope (repo, plan) VALUES (?1, ?2)
             ON CONFLICT DO UPDATE SET plan = plan RETURNING id";
        id(&mut self.scopes, &key, db, insert, (repo, plan))
    }

    /// Returns the id of a hook, which is added if it is new.
    pub(super) fn hook(&mut self, db: &Connection, name: &str) -> rusqlite::Result<i64> {
        let insert = "INSERT INTO hook (name) VALUES (?1)
             ON CONFLICT DO UPDATE SET name = name RETURNING id";
        id(&mut self.hooks, name, db, insert, [name])
    }
}

fn id(
    known: &mut HashMap<String, i64>,
    key: &str,
    db: &Connection,
    insert: &str,
    values: impl Params,
) -> rusqlite::Result<i64> {
    if let Some(id) = known.get(key) {
        return Ok(*id);
    }
    let id = db
        .prepare_cached(insert)?
        .query_row(values, |row| row.get(0))?;
    if known.len() >= MAX_NAMES {
        known.clear();
    }
    known.insert(key.to_owned(), id);
    Ok(id)
}
