//! `runRetention`: the retention of finished runs, of one plan or of all plans.

use std::ops::RangeInclusive;
use std::time::Duration;

use super::mapping::Mapping;
use crate::catalog::RunRetention;

/// The bounds of the age of stored runs: up to a hundred years.
const MAX_AGE: RangeInclusive<Duration> =
    Duration::from_secs(60)..=Duration::from_secs(36_500 * 86_400);

/// Reads the `runRetention` of a plan or of the daemon.
pub fn run_retention(parent: &mut Mapping<'_>) -> RunRetention {
    let section = parent.get("runRetention");
    let read = section.and_then(|section| {
        section.mapping("a retention of runs", |mapping| RunRetention {
            max_age: mapping.duration("maxAge", MAX_AGE),
            max_runs: mapping.integer("maxRuns", 1..=1_000_000_000),
            max_bytes: mapping.size("maxBytes", 1 << 20..=1 << 50),
        })
    });
    read.unwrap_or_default()
}
