//! Conditions that an event fires, and hooks that match.

use super::*;
use crate::run::variables::environment;
use crate::vars::Vars;
use crate::vars::is_own_variable;

#[test]
fn a_report_fires_what_the_table_says() {
    let table: [(C, &[C]); 16] = [
        (C::SnapshotStart, &[C::SnapshotStart]),
        (C::PruneStart, &[C::PruneStart]),
        (C::CheckStart, &[C::CheckStart]),
        (C::ForgetStart, &[C::ForgetStart]),
        (C::SnapshotSuccess, &[C::SnapshotSuccess, C::SnapshotEnd]),
        (C::SnapshotWarning, &[C::SnapshotWarning, C::SnapshotEnd]),
        (
            C::SnapshotSkipped,
            &[C::SnapshotSkipped, C::SnapshotSuccess, C::SnapshotEnd],
        ),
        (
            C::SnapshotError,
            &[C::SnapshotError, C::AnyError, C::SnapshotEnd],
        ),
        (C::PruneError, &[C::PruneError, C::AnyError]),
        (C::CheckError, &[C::CheckError, C::AnyError]),
        (C::ForgetError, &[C::ForgetError, C::AnyError]),
        (C::PruneSuccess, &[C::PruneSuccess]),
        (C::CheckSuccess, &[C::CheckSuccess]),
        (C::ForgetSuccess, &[C::ForgetSuccess]),
        (C::SnapshotEnd, &[C::SnapshotEnd]),
        (C::AnyError, &[C::AnyError]),
    ];
    for (reported, fires) in table {
        assert_eq!(reported.fires(), fires, "{reported}");
    }
}

#[test]
fn names_and_numbers_are_backrests() {
    let table = [
        (1, "ANY_ERROR"),
        (2, "SNAPSHOT_START"),
        (3, "SNAPSHOT_END"),
        (4, "SNAPSHOT_ERROR"),
        (5, "SNAPSHOT_WARNING"),
        (6, "SNAPSHOT_SUCCESS"),
        (7, "SNAPSHOT_SKIPPED"),
        (100, "PRUNE_START"),
        (101, "PRUNE_ERROR"),
        (102, "PRUNE_SUCCESS"),
        (200, "CHECK_START"),
        (201, "CHECK_ERROR"),
        (202, "CHECK_SUCCESS"),
        (300, "FORGET_START"),
        (301, "FORGET_ERROR"),
        (302, "FORGET_SUCCESS"),
    ];
    assert_eq!(table.len(), C::ALL.len());
    for (number, name) in table {
        let name = format!("CONDITION_{name}");
        let condition = C::from_name(&name).expect("a condition");
        assert_eq!(condition.number(), number, "{name}");
        assert_eq!(C::from_number(number), Some(condition));
        assert_eq!(condition.name(), name);
    }
    assert_eq!(C::from_name("CONDITION_UNKNOWN"), None);
    assert_eq!(C::from_number(0), None);
}

#[test]
fn a_failed_operation_fires_its_error_list() {
    for (operation, fires) in [
        (
            Operation::Snapshot,
            &[C::SnapshotError, C::AnyError, C::SnapshotEnd][..],
        ),
        (Operation::Prune, &[C::PruneError, C::AnyError]),
        (Operation::Check, &[C::CheckError, C::AnyError]),
        (Operation::Forget, &[C::ForgetError, C::AnyError]),
        (Operation::Other, &[C::AnyError]),
    ] {
        assert_eq!(operation.failure(), fires, "{operation:?}");
    }
    for (condition, operation) in [
        (C::SnapshotSkipped, Operation::Snapshot),
        (C::PruneStart, Operation::Prune),
        (C::CheckError, Operation::Check),
        (C::ForgetSuccess, Operation::Forget),
        (C::AnyError, Operation::Other),
    ] {
        assert_eq!(condition.operation(), operation, "{condition}");
    }
}

#[test]
fn hooks_are_walked_not_conditions_and_each_runs_once() {
    let hooks: Vec<Arc<Hook>> = [
        hook(
            "end-then-error",
            &[C::SnapshotEnd, C::SnapshotError],
            P::Ignore,
        ),
        hook("other", &[C::PruneStart], P::Ignore),
        hook("any", &[C::AnyError], P::Ignore),
    ]
    .into_iter()
    .map(Arc::new)
    .collect();
    let found: Vec<(String, C)> = matching(&hooks, C::SnapshotError.fires())
        .into_iter()
        .map(|m| (m.hook.name.clone(), m.condition))
        .collect();
    let expected = [("end-then-error", C::SnapshotError), ("any", C::AnyError)];
    assert_eq!(found, expected.map(|(name, c)| (name.to_owned(), c)));
    assert_eq!(
        triggered_by(&hooks[2]),
        [
            C::AnyError,
            C::SnapshotError,
            C::PruneError,
            C::CheckError,
            C::ForgetError
        ]
    );
}

#[test]
fn the_lint_knows_every_variable_that_a_hook_gets() {
    let hook = hook("h", &[C::SnapshotStart], P::Ignore);
    let mut event = event(C::SnapshotStart, 1);
    event.labels.insert("a.b".to_owned(), String::new());
    let mut course = Course::new(vec![Arc::new(hook)], &event);
    let CourseStep::Run(run) = course.next_step() else {
        panic!("the hook runs")
    };
    for (name, _) in environment("id", &event, &run, &Vars::default()) {
        assert!(is_own_variable(&name), "{name}");
    }
    assert!(!is_own_variable("HOOK_PLAN"));
}
