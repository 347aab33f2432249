//! Statistics of hooks.

use hookd::store::{HookResult, HookStats, StatsFilter, Store};
use std::time::Duration;

use crate::store::support::{PROCEED, about, end, hook, id, run, second};

/// Adds ten runs of two plans: `flaps` fails in each third, and `fails` from the eighth on.
async fn fill(store: &Store) {
    use HookResult::{Failed, Ignored, Skipped, Succeeded, Warned};
    for n in 1..=10 {
        let plan = if n % 2 == 0 { "even" } else { "odd" };
        store.admit(run(n, about(plan))).await.unwrap();
        let at = second(n as i64);
        let flaps = if n % 3 == 0 { Failed } else { Succeeded };
        let fails = if n >= 8 { Ignored } else { Warned };
        let hooks = vec![
            hook("flaps", at, n * 10, flaps),
            hook("fails", at, 5, fails),
            hook("off", at, 0, Skipped),
        ];
        store
            .finish(id(n), &[], end(n, PROCEED, hooks))
            .await
            .unwrap();
    }
}

pub(crate) async fn hooks_are_counted_by_name(store: &Store) {
    fill(store).await;
    let stats = store.hook_stats(&StatsFilter::default()).await.unwrap();
    let at = |n| Some(second(n));
    let fails = HookStats {
        hook: "fails".into(),
        runs: 10,
        failures: 3,
        ignored: 3,
        warnings: 7,
        p50: Duration::from_millis(5),
        p95: Duration::from_millis(5),
        last_success: at(7),
        last_failure: at(10),
        last_run: at(10),
        failing_since: at(8),
        failures_in_a_row: 3,
        changes: 1,
        last_failure_outcome: format!("outcome of fails at {}", second(10)).into(),
    };
    let flaps = HookStats {
        hook: "flaps".into(),
        runs: 10,
        failures: 3,
        ignored: 0,
        warnings: 0,
        p50: Duration::from_millis(50),
        p95: Duration::from_millis(100),
        last_success: at(10),
        last_failure: at(9),
        last_run: at(10),
        failing_since: None,
        failures_in_a_row: 0,
        changes: 6,
        last_failure_outcome: format!("outcome of flaps at {}", second(9)).into(),
    };
    assert_eq!(stats, [fails, flaps]);
}

pub(crate) async fn windows_and_plans_bound_what_counts(store: &Store) {
    fill(store).await;
    let none = StatsFilter::default;
    let text = |text: &str| Some(text.to_owned());
    let cases = [
        (
            StatsFilter {
                plan: text("even"),
                ..none()
            },
            5,
        ),
        (
            StatsFilter {
                plan: text("none"),
                ..none()
            },
            0,
        ),
        (
            StatsFilter {
                repo: text("repo"),
                ..none()
            },
            10,
        ),
        (
            StatsFilter {
                since: Some(second(8)),
                ..none()
            },
            3,
        ),
        (
            StatsFilter {
                until: Some(second(8)),
                ..none()
            },
            7,
        ),
        (
            StatsFilter {
                since: Some(second(3)),
                until: Some(second(6)),
                plan: text("odd"),
                ..none()
            },
            2,
        ),
    ];
    for (filter, runs) in cases {
        let filter = StatsFilter {
            hook: text("flaps"),
            ..filter
        };
        let stats = store.hook_stats(&filter).await.unwrap();
        let counted = stats.first().map_or(0, |stats| stats.runs);
        assert_eq!(counted, runs, "{filter:?}");
        assert!(stats.len() <= 1);
    }
    let filter = StatsFilter {
        hook: text("off"),
        ..none()
    };
    assert!(store.hook_stats(&filter).await.unwrap().is_empty());
}
