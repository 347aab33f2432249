//! How hooks have done, on the wire.

use hookd_proto::v1;
use prost::Message as _;

use super::{duration, timestamp};
use crate::limits::{FLAPPING_CHANGES, FLAPPING_SHARE};
use crate::store::HookStats;

/// How a hook has done.
#[must_use]
pub fn hook_stats(stats: &HookStats) -> v1::HookStats {
    // An outcome that cannot be read is as good as none.
    let outcome = Some(&stats.last_failure_outcome).filter(|bytes| !bytes.is_empty());
    let outcome = outcome.and_then(|bytes| v1::Outcome::decode(bytes.clone()).ok());
    v1::HookStats {
        hook: stats.hook.clone(),
        runs: stats.runs,
        failures: stats.failures,
        ignored_failures: stats.ignored,
        warnings: stats.warnings,
        p50: Some(duration(stats.p50)),
        p95: Some(duration(stats.p95)),
        last_success: stats.last_success.map(timestamp),
        last_failure: stats.last_failure.map(timestamp),
        last_run: stats.last_run.map(timestamp),
        failing_since: stats.failing_since.map(timestamp),
        failures_in_a_row: stats.failures_in_a_row,
        changes: stats.changes,
        flapping: is_flapping(stats),
        last_failure_outcome: outcome,
    }
}

fn is_flapping(stats: &HookStats) -> bool {
    stats.changes >= FLAPPING_CHANGES && stats.changes.saturating_mul(FLAPPING_SHARE) >= stats.runs
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flapping_needs_many_changes_among_the_runs() {
        for (runs, changes, flapping) in [
            (0, 0, false),
            (4, 3, false),
            (5, 4, true),
            (20, 4, true),
            (21, 4, false),
            (100, 20, true),
            (100, 19, false),
        ] {
            let stats = HookStats {
                runs,
                changes,
                ..HookStats::default()
            };
            assert_eq!(is_flapping(&stats), flapping, "{changes} of {runs}");
        }
    }

    #[test]
    fn a_hook_that_never_failed_has_no_outcome() {
        let wire = hook_stats(&HookStats::default());
        assert_eq!(wire.last_failure_outcome, None);
        let failed = v1::Outcome {
            outcome: Some(v1::outcome::Outcome::ExitCode(6)),
        };
        let stats = HookStats {
            last_failure_outcome: failed.encode_to_vec().into(),
            ..HookStats::default()
        };
        assert_eq!(hook_stats(&stats).last_failure_outcome, Some(failed));
    }
}
