//! Statistics of hooks.

use std::time::Duration;

use bytes::Bytes;
use jiff::Timestamp;
use rusqlite::Connection;

use super::encoding;
use super::id_range::IdRange;
use super::list;
use super::{HookResult, HookStats, StatsFilter};
use crate::limits::{MAX_COUNTED_HOOK_RUNS, MAX_EXAMINED_HOOK_RUNS};

/// The longest time in milliseconds from the beginning of a run to that of a hook that a filter by
/// time finds: a day.
const MAX_DELAY: i64 = 24 * 60 * 60 * 1000;

/// Returns the statistics of each hook, by name.
pub(super) fn of_hooks(db: &Connection, filter: &StatsFilter) -> rusqlite::Result<Vec<HookStats>> {
    let mut select =
        db.prepare_cached("SELECT id, name FROM hook WHERE ?1 IS NULL OR name = ?1 ORDER BY name")?;
    let hooks = select.query_map([&filter.hook], |row| Ok((row.get(0)?, row.get(1)?)))?;
    let scopes = list::scopes(db, filter.repo.as_deref(), filter.plan.as_deref())?;
    let mut all = Vec::new();
    for hook in hooks {
        let (id, name) = hook?;
        let runs = newest(db, id, filter, scopes.as_deref())?;
        if !runs.is_empty() {
            all.push(of_runs(name, runs));
        }
    }
    Ok(all)
}

/// Returns the newest runs of a hook that pass the filter, oldest first.
fn newest(
    db: &Connection,
    hook: i64,
    filter: &StatsFilter,
    scopes: Option<&[i64]>,
) -> rusqlite::Result<Vec<HookRun>> {
    let [low, high] = IdRange::within(filter.since, filter.until, MAX_DELAY).values();
    let mut select = db.prepare_cached(
        "SELECT scope, at, elapsed, result, outcome FROM hook_end
         WHERE hook = ?1 AND run BETWEEN ?2 AND ?3 ORDER BY run DESC, nth DESC LIMIT ?4",
    )?;
    let mut found = select.query((hook, low, high, MAX_EXAMINED_HOOK_RUNS))?;
    let mut runs = Vec::new();
    while runs.len() < MAX_COUNTED_HOOK_RUNS
        && let Some(row) = found.next()?
    {
        let scope: i64 = row.get(0)?;
        let at = encoding::time(row.get(1)?);
        let result = encoding::result(row.get(3)?);
        let passes = result != HookResult::Skipped
            && scopes.is_none_or(|scopes| scopes.contains(&scope))
            && filter.since.is_none_or(|since| at >= since)
            && filter.until.is_none_or(|until| at < until);
        if passes {
            let outcome: Option<Vec<u8>> = row.get(4)?;
            runs.push(HookRun {
                at,
                elapsed: Duration::from_micros(row.get(2)?),
                result,
                outcome: Bytes::from(outcome.unwrap_or_default()),
            });
        }
    }
    runs.reverse();
    Ok(runs)
}

/// A run of a hook.
#[derive(Clone, Debug)]
struct HookRun {
    at: Timestamp,
    elapsed: Duration,
    result: HookResult,
    /// The encoded outcome; empty unless the hook failed.
    outcome: Bytes,
}

/// Returns the statistics of a hook's runs. Runs that began at the same moment keep their order.
fn of_runs(hook: String, mut runs: Vec<HookRun>) -> HookStats {
    runs.sort_by_key(|run| run.at);
    let mut stats = HookStats {
        hook,
        runs: runs.len() as u64,
        ..HookStats::default()
    };
    let mut failed_before = None;
    for run in &runs {
        let failed = match run.result {
            HookResult::Succeeded | HookResult::Skipped => false,
            HookResult::Warned => {
                stats.warnings += 1;
                false
            }
            HookResult::Ignored => {
                stats.ignored += 1;
                true
            }
            HookResult::Failed => true,
        };
        if failed {
            stats.failures += 1;
            stats.failures_in_a_row += 1;
            stats.failing_since.get_or_insert(run.at);
            stats.last_failure = Some(run.at);
            stats.last_failure_outcome = run.outcome.clone();
        } else {
            stats.failures_in_a_row = 0;
            stats.failing_since = None;
            stats.last_success = Some(run.at);
        }
        if failed_before.replace(failed).is_some_and(|f| f != failed) {
            stats.changes += 1;
        }
        stats.last_run = Some(run.at);
    }
    runs.sort_unstable_by_key(|run| run.elapsed);
    stats.p50 = percentile(&runs, 50);
    stats.p95 = percentile(&runs, 95);
    stats
}

/// Returns a percentile by nearest rank of the durations; `runs` are sorted by duration.
fn percentile(runs: &[HookRun], percent: usize) -> Duration {
    let rank = (runs.len() * percent).div_ceil(100);
    runs.get(rank.saturating_sub(1))
        .map(|run| run.elapsed)
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(second: i64, millis: u64, result: HookResult) -> HookRun {
        HookRun {
            at: Timestamp::from_second(second).unwrap(),
            elapsed: Duration::from_millis(millis),
            result,
            outcome: Bytes::from(second.to_string()),
        }
    }

    #[test]
    fn consecutive_failures_last_until_a_success() {
        use HookResult::{Failed, Ignored, Succeeded, Warned};
        let results = [Ignored, Succeeded, Warned, Failed, Ignored, Failed];
        let mut runs: Vec<_> = (1..).zip(results).map(|(at, r)| run(at, 5, r)).collect();
        runs.reverse();
        let stats = of_runs("h".into(), runs);
        let at = |second| Some(Timestamp::from_second(second).unwrap());
        assert_eq!((stats.runs, stats.failures, stats.ignored), (6, 4, 2));
        assert_eq!((stats.warnings, stats.changes), (1, 2));
        assert_eq!(
            (stats.failing_since, stats.failures_in_a_row),
            (at(4), 3),
            "{stats:?}"
        );
        assert_eq!((stats.last_success, stats.last_failure), (at(3), at(6)));
        assert_eq!(stats.last_failure_outcome, "6");
    }

    #[test]
    fn percentiles_are_by_nearest_rank() {
        let runs = |count: u64| (1..=count).map(|n| run(0, n, HookResult::Succeeded));
        let ms = Duration::from_millis;
        for (count, p50, p95) in [(0, 0, 0), (1, 1, 1), (2, 1, 2), (20, 10, 19), (100, 50, 95)] {
            let stats = of_runs("h".into(), runs(count).collect());
            assert_eq!((stats.p50, stats.p95), (ms(p50), ms(p95)), "of {count}");
        }
    }
}
