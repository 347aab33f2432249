//! How a hook has done, from its runs one by one.

use std::time::Duration;

use bytes::Bytes;
use jiff::Timestamp;

use super::{HookResult, HookStats};

/// One time that a hook ran.
#[derive(Clone, Debug)]
pub(super) struct HookRun {
    /// When it started.
    pub(super) at: Timestamp,
    /// How long it ran.
    pub(super) elapsed: Duration,
    /// What it came to.
    pub(super) result: HookResult,
    /// Its outcome, if it failed.
    pub(super) outcome: Bytes,
}

/// Makes one of many; of runs that began at the same moment, the one that comes first
/// counts as the earlier.
pub(super) fn of(hook: String, mut runs: Vec<HookRun>) -> HookStats {
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

/// What so many of 100 took no longer than, of runs from the shortest to the longest.
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
    fn a_row_of_failures_lasts_until_a_success() {
        use HookResult::{Failed, Ignored, Succeeded, Warned};
        let results = [Ignored, Succeeded, Warned, Failed, Ignored, Failed];
        let mut runs: Vec<_> = (1..).zip(results).map(|(at, r)| run(at, 5, r)).collect();
        runs.reverse();
        let stats = of("h".into(), runs);
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
    fn percentiles_are_runs_that_there_were() {
        let runs = |count: u64| (1..=count).map(|n| run(0, n, HookResult::Succeeded));
        let ms = Duration::from_millis;
        for (count, p50, p95) in [(0, 0, 0), (1, 1, 1), (2, 1, 2), (20, 10, 19), (100, 50, 95)] {
            let stats = of("h".into(), runs(count).collect());
            assert_eq!((stats.p50, stats.p95), (ms(p50), ms(p95)), "of {count}");
        }
    }
}
