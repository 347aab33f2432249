//! Decisions of failures, by policy, exit code and attempt.

use super::*;

/// The decision, and whether the hook that follows and the hook for errors run.
type Row = (K, bool, bool);
/// Each policy, and its effect on a START condition and on any other.
const POLICIES: [(P, [Row; 2]); 6] = [
    (
        P::Ignore,
        [(K::Proceed, true, false), (K::Proceed, true, false)],
    ),
    (
        P::Cancel,
        [(K::Cancel, false, false), (K::Proceed, true, false)],
    ),
    (P::Fatal, [(K::Fail, false, true), (K::Fail, true, true)]),
    (
        P::Retry1Minute,
        [(K::Retry, false, false), (K::Proceed, true, false)],
    ),
    (
        P::Retry10Minutes,
        [(K::Retry, false, false), (K::Proceed, true, false)],
    ),
    (
        P::RetryExponentialBackoff,
        [(K::Retry, false, false), (K::Proceed, true, false)],
    ),
];

#[test]
fn each_policy_does_what_the_table_says_before_and_after_the_operation() {
    let failures = [
        exit(1),
        Outcome::Signaled {
            signal: "SIGSEGV".to_owned(),
        },
        Outcome::TimedOut {
            limit: TimeLimit::Hook,
        },
        Outcome::LockNotFree {
            message: "held by another".to_owned(),
        },
    ];
    follows_the_table(&failures, POLICIES);
}

#[test]
fn a_guard_whose_set_up_is_broken_fails_the_operation_unless_it_is_ignored() {
    let broken = [
        Outcome::FailedToStart {
            message: "no such program".to_owned(),
        },
        Outcome::FailedToRender {
            message: "no field".to_owned(),
            line: 1,
            column: 1,
        },
    ];
    let failed = (K::Fail, false, true);
    let table = POLICIES.map(|(policy, [before, after])| match policy {
        P::Ignore => (policy, [before, after]),
        _ => (policy, [failed, after]),
    });
    follows_the_table(&broken, table);
}

/// Checks the decision after each of these failures, before and after the operation.
fn follows_the_table(failures: &[Outcome], table: [(P, [Row; 2]); 6]) {
    let phases = [
        [
            C::SnapshotStart,
            C::PruneStart,
            C::CheckStart,
            C::ForgetStart,
        ],
        [
            C::SnapshotSuccess,
            C::PruneSuccess,
            C::CheckSuccess,
            C::ForgetSuccess,
        ],
    ];
    for (policy, expected) in table {
        for (conditions, (kind, next_runs, errors_run)) in phases.into_iter().zip(expected) {
            for condition in conditions {
                for failure in failures {
                    let hooks = vec![
                        hook("first", &[condition], policy),
                        hook("second", &[condition], P::Ignore),
                        hook("alarm", &[C::AnyError], P::Ignore),
                    ];
                    let (seen, decision) = drive(hooks, &event(condition, 1), |name, _| {
                        if name == "first" {
                            failure.clone()
                        } else {
                            exit(0)
                        }
                    });
                    let case = format!("{policy} on {condition} after {failure}: {seen:?}");
                    let ran = |name: &str| seen.iter().any(|s| s.starts_with(&format!("{name}@")));
                    assert_eq!(decision.kind, kind, "{case}");
                    assert_eq!(ran("second"), next_runs, "{case}");
                    assert_eq!(ran("alarm"), errors_run, "{case}");
                    assert_eq!(
                        decision.hook.as_str(),
                        if kind == K::Proceed { "" } else { "first" }
                    );
                    assert_eq!(decision.retry_after.is_some(), kind == K::Retry, "{case}");
                }
            }
        }
    }
}

#[test]
fn a_run_can_decide_if_some_failure_in_it_could() {
    let can_decide = |condition, hook: &Hook| {
        Course::new(vec![Arc::new(hook.clone())], &event(condition, 1)).can_decide()
    };
    let both = [C::SnapshotStart, C::SnapshotEnd];
    for (policy, before, after) in [
        (P::Ignore, false, false),
        (P::Cancel, true, false),
        (P::Retry1Minute, true, false),
        (P::Fatal, true, true),
    ] {
        let mut hook = hook("h", &both, policy);
        assert_eq!(can_decide(C::SnapshotStart, &hook), before, "{policy}");
        assert_eq!(can_decide(C::SnapshotSuccess, &hook), after, "{policy}");
        assert!(!can_decide(C::PruneStart, &hook), "it does not match");
        hook.enabled = false;
        assert!(!can_decide(C::SnapshotStart, &hook), "it does not run");
    }
    let mut by_code = hook("h", &both, P::Ignore);
    by_code.exit_codes = exit_codes(vec![(3..=3, Verdict::Warn)]);
    assert!(!can_decide(C::SnapshotStart, &by_code));
    by_code.exit_codes = exit_codes(vec![(3..=3, Verdict::Failed(P::Cancel))]);
    assert!(can_decide(C::SnapshotStart, &by_code));
}

#[test]
fn the_error_phase_is_matched_anew_and_names_the_hook() {
    let hooks = vec![
        hook("check", &[C::SnapshotStart], P::Fatal),
        hook("cleanup", &[C::SnapshotEnd], P::Fatal),
        hook("ping", &[C::SnapshotError], P::Fatal),
    ];
    let hooks: Vec<_> = hooks.into_iter().map(Arc::new).collect();
    let mut course = Course::new(hooks, &event(C::SnapshotStart, 1));
    assert_eq!(course.hook_names(), ["check"]);
    let CourseStep::Run(first) = course.next_step() else {
        panic!("the check runs")
    };
    assert_eq!((first.index, first.error.as_str()), (0, ""));
    course.hook_ended(&exit(3));
    let mut after = Vec::new();
    let decision = loop {
        match course.next_step() {
            CourseStep::Run(run) => {
                after.push((run.index, run.hook.name.clone(), run.condition));
                assert_eq!(run.error, "hook \"check\" failed: exit code 3");
                // A failure in the error phase is recorded and changes nothing more.
                assert_eq!(course.hook_ended(&exit(9)), Effect::Ignored);
            }
            CourseStep::Skip { hook, .. } => panic!("{} is skipped", hook.name),
            CourseStep::Finish(decision) => break decision,
        }
    };
    let expected = [
        (1, "cleanup", C::SnapshotEnd),
        (2, "ping", C::SnapshotError),
    ];
    assert_eq!(after, expected.map(|(i, n, c)| (i, n.to_owned(), c)));
    assert_eq!((decision.kind, decision.hook.as_str()), (K::Fail, "check"));
    assert_eq!(decision.reason, "exit code 3");
}

#[test]
fn a_fatal_failure_after_the_operation_skips_nothing() {
    let hooks = vec![
        hook("a", &[C::SnapshotSuccess], P::Fatal),
        hook("b", &[C::SnapshotEnd], P::Ignore),
        hook("c", &[C::SnapshotError], P::Ignore),
    ];
    let (seen, decision) = drive(hooks, &event(C::SnapshotSuccess, 1), |name, _| {
        exit((name == "a").into())
    });
    let expected = [
        "a@SNAPSHOT_SUCCESS fail",
        "b@SNAPSHOT_END ok",
        "b@SNAPSHOT_END ok",
        "c@SNAPSHOT_ERROR ok",
    ];
    assert_eq!(seen, expected);
    assert_eq!(decision.kind, K::Fail);
}

#[test]
fn exit_codes_win_over_the_policy() {
    let codes = || {
        exit_codes(vec![
            (75..=75, Verdict::Failed(P::Cancel)),
            (10..=10, Verdict::Warn),
            (20..=29, Verdict::Failed(P::Retry10Minutes)),
            (3..=3, Verdict::Ok),
            (99..=99, Verdict::Failed(P::Ignore)),
            (0..=0, Verdict::Warn),
        ])
    };
    for (outcome, kind, warnings) in [
        (exit(75), K::Cancel, 0),
        (exit(10), K::Proceed, 1),
        (exit(20), K::Retry, 0),
        (exit(29), K::Retry, 0),
        (exit(30), K::Fail, 0),
        (exit(3), K::Proceed, 0),
        (exit(99), K::Proceed, 0),
        (exit(0), K::Proceed, 1),
        (exit(256), K::Fail, 0),
        (
            Outcome::Signaled {
                signal: "SIGKILL".to_owned(),
            },
            K::Fail,
            0,
        ),
        (
            Outcome::TimedOut {
                limit: TimeLimit::Hook,
            },
            K::Fail,
            0,
        ),
        (
            Outcome::FailedToStart {
                message: String::new(),
            },
            K::Fail,
            0,
        ),
    ] {
        let check = Hook {
            exit_codes: codes(),
            ..hook("check", &[C::SnapshotStart], P::Fatal)
        };
        let (_, decision) = drive(vec![check], &event(C::SnapshotStart, 1), |_, _| {
            outcome.clone()
        });
        assert_eq!(decision.kind, kind, "{outcome}");
        assert_eq!(decision.warnings.len(), warnings, "{outcome}");
        if kind == K::Retry {
            assert_eq!(decision.retry_after, Some(Duration::from_secs(600)));
        }
    }
}

#[test]
fn the_worst_decision_wins_and_its_first_hook_is_named() {
    let codes = exit_codes(vec![(5..=5, Verdict::Failed(P::Fatal))]);
    let hooks = vec![
        Hook {
            exit_codes: codes,
            ..hook("a", &[C::SnapshotEnd], P::Ignore)
        },
        hook("b", &[C::SnapshotEnd], P::Fatal),
    ];
    let (_, decision) = drive(hooks, &event(C::SnapshotEnd, 1), |_, _| exit(5));
    assert_eq!((decision.kind, decision.hook.as_str()), (K::Fail, "a"));
}

#[test]
fn a_retry_policy_whose_attempts_are_used_up_is_fatal() {
    for (attempt, kind) in [(1, K::Retry), (2, K::Retry), (3, K::Fail), (4, K::Fail)] {
        let check = Hook {
            max_attempts: NonZeroU32::new(3),
            ..hook("check", &[C::SnapshotStart], P::RetryExponentialBackoff)
        };
        let hooks = vec![check, hook("alarm", &[C::AnyError], P::Ignore)];
        let (seen, decision) = drive(hooks, &event(C::SnapshotStart, attempt), |name, _| {
            exit((name == "check").into())
        });
        assert_eq!(decision.kind, kind, "attempt {attempt}");
        assert_eq!(decision.attempt, attempt);
        let delay = (kind == K::Retry).then(|| Duration::from_secs(10 << (attempt - 1)));
        assert_eq!(decision.retry_after, delay);
        assert_eq!(seen.len(), if kind == K::Fail { 2 } else { 1 }, "{seen:?}");
    }
}

#[test]
fn a_hook_is_tried_again_before_its_policy_applies() {
    let retries = Retries {
        times: 3,
        delay: Duration::from_secs(10),
        factor: 2.0,
        max_delay: Duration::from_secs(15),
    };
    let check = || Hook {
        retries: Some(retries),
        ..hook("check", &[C::SnapshotStart], P::Cancel)
    };
    let (seen, decision) = drive(vec![check()], &event(C::SnapshotStart, 1), |_, attempt| {
        exit((attempt < 3).into())
    });
    assert_eq!(
        seen,
        [
            "check@SNAPSHOT_START again in 10s",
            "check@SNAPSHOT_START again in 15s",
            "check@SNAPSHOT_START ok"
        ]
    );
    assert_eq!(decision.kind, K::Proceed);
    let (seen, decision) = drive(vec![check()], &event(C::SnapshotStart, 1), |_, _| exit(1));
    assert_eq!((seen.len(), decision.kind), (4, K::Cancel));
    let render = Outcome::FailedToRender {
        message: String::new(),
        line: 1,
        column: 1,
    };
    let (seen, _) = drive(vec![check()], &event(C::SnapshotStart, 1), |_, _| {
        render.clone()
    });
    assert_eq!(seen.len(), 1, "rendering again gives the same");
}

#[test]
fn a_command_that_a_shell_could_not_run_is_warned_of() {
    let decision_after = |code, hook: Hook| {
        let (_, decision) = drive(vec![hook], &event(C::SnapshotStart, 1), |_, _| exit(code));
        (decision.kind, decision.warnings)
    };
    let not_found = "hook \"check\": exit code 127: a command in it was not found";
    let not_run = "hook \"check\": exit code 126: a command in it could not be executed";
    for (code, policy, kind, warnings) in [
        (127, P::Cancel, K::Cancel, vec![not_found]),
        (127, P::Ignore, K::Proceed, vec![not_found]),
        (127, P::Fatal, K::Fail, vec![not_found]),
        (126, P::Retry1Minute, K::Retry, vec![not_run]),
        (125, P::Cancel, K::Cancel, vec![]),
        (128, P::Cancel, K::Cancel, vec![]),
    ] {
        let told = decision_after(code, hook("check", &[C::SnapshotStart], policy));
        let warnings = warnings.into_iter().map(str::to_owned).collect();
        assert_eq!(told, (kind, warnings), "{code}, {policy}");
    }
    for (verdict, warnings) in [
        (Verdict::Ok, 0),
        (Verdict::Warn, 1),
        (Verdict::Failed(P::Cancel), 1),
    ] {
        let codes = exit_codes(vec![(127..=127, verdict)]);
        let hook = Hook {
            exit_codes: codes,
            ..hook("check", &[C::SnapshotStart], P::Fatal)
        };
        assert_eq!(decision_after(127, hook).1.len(), warnings, "{verdict:?}");
    }
}
