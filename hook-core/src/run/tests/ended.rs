//! Hooks that do not run: disabled, or of a run that was ended.

use super::*;

#[test]
fn a_disabled_hook_is_shown_as_skipped() {
    let off = Hook {
        enabled: false,
        ..hook("off", &[C::SnapshotStart], P::Fatal)
    };
    let hooks = vec![off, hook("on", &[C::SnapshotStart], P::Ignore)];
    let (seen, decision) = drive(hooks, &event(C::SnapshotStart, 1), |_, _| exit(0));
    assert_eq!(seen, ["off Disabled", "on@SNAPSHOT_START ok"]);
    assert_eq!(decision.kind, K::Proceed);
}

/// Returns the decision of a course whose first hook is stopped, with a second hook of the
/// given policy.
fn stopped(condition: C, first: P, second: P, stop: StopReason) -> Decision {
    let hooks = [
        hook("first", &[condition], first),
        hook("second", &[condition], second),
        hook("alarm", &[C::AnyError], P::Ignore),
    ];
    let hooks = hooks.into_iter().map(Arc::new).collect();
    let mut course = Course::new(hooks, &event(condition, 1));
    assert!(matches!(course.next_step(), CourseStep::Run(_)));
    course.hook_ended(&Outcome::from(EndReason::Stopped(stop)));
    let mut skipped = Vec::new();
    loop {
        course.stop(stop);
        match course.next_step() {
            CourseStep::Run(run) => panic!("{} runs after the end", run.hook.name),
            CourseStep::Skip { hook, reason, .. } => skipped.push((hook.name.clone(), reason)),
            CourseStep::Finish(decision) => {
                assert_eq!(skipped[0], ("second".to_owned(), SkipReason::RunEnded));
                assert!(decision.warnings.iter().any(|w| w.contains("second")));
                return decision;
            }
        }
    }
}

#[test]
fn a_hook_that_could_not_run_because_the_time_was_up_counts_as_failed() {
    for (condition, policy, kind) in [
        (C::SnapshotStart, P::Ignore, K::Proceed),
        (C::SnapshotStart, P::Cancel, K::Cancel),
        (C::SnapshotStart, P::Fatal, K::Fail),
        (C::SnapshotStart, P::Retry1Minute, K::Retry),
        (C::SnapshotEnd, P::Cancel, K::Proceed),
        (C::SnapshotEnd, P::Fatal, K::Fail),
    ] {
        let decision = stopped(condition, P::Ignore, policy, StopReason::RunTimeLimit);
        assert_eq!(decision.kind, kind, "{policy} on {condition}");
        let named = if kind == K::Proceed { "" } else { "second" };
        assert_eq!(decision.hook, named, "{policy} on {condition}");
    }
}

#[test]
fn a_cancelled_run_never_lets_an_operation_begin() {
    let causes = [
        (CancelCause::Requested, "the run was cancelled"),
        (CancelCause::Disconnected, "because the caller went away"),
        (CancelCause::Shutdown, "because hookd shut down"),
    ];
    for (cause, why) in causes {
        let stop = StopReason::Cancelled(cause);
        for (condition, first, second, kind, named) in [
            (C::SnapshotStart, P::Ignore, P::Ignore, K::Cancel, ""),
            (C::PruneStart, P::Ignore, P::Retry1Minute, K::Cancel, ""),
            (C::CheckStart, P::Retry1Minute, P::Ignore, K::Cancel, ""),
            (C::ForgetStart, P::Cancel, P::Ignore, K::Cancel, "first"),
            // A worse decision stays, and so does one where there is no operation to stop.
            (C::SnapshotStart, P::Ignore, P::Fatal, K::Fail, "second"),
            (C::SnapshotStart, P::Fatal, P::Ignore, K::Fail, "first"),
            (C::SnapshotEnd, P::Ignore, P::Cancel, K::Proceed, ""),
            (C::SnapshotSuccess, P::Ignore, P::Fatal, K::Fail, "second"),
            (C::AnyError, P::Ignore, P::Ignore, K::Proceed, ""),
        ] {
            let decision = stopped(condition, first, second, stop);
            let shown = format!("{first}, {second} on {condition}: {decision:?}");
            assert_eq!(decision.kind, kind, "{shown}");
            assert_eq!(decision.hook, named, "{shown}");
            assert_eq!(decision.retry_after, None, "{shown}");
            if kind == K::Cancel && named.is_empty() {
                assert!(decision.reason.contains(why), "{shown}");
            }
        }
    }
}

#[test]
fn a_run_that_is_cancelled_before_its_first_hook_or_after_its_last_is_cancelled() {
    for after in [false, true] {
        let check = hook("check", &[C::SnapshotStart], P::Ignore);
        let mut course = Course::new(vec![Arc::new(check)], &event(C::SnapshotStart, 1));
        if after {
            assert!(matches!(course.next_step(), CourseStep::Run(_)));
            course.hook_ended(&exit(0));
        }
        course.stop(StopReason::Cancelled(CancelCause::Requested));
        let decision = loop {
            match course.next_step() {
                CourseStep::Run(run) => panic!("{} runs after the end", run.hook.name),
                CourseStep::Skip { .. } => assert!(!after),
                CourseStep::Finish(decision) => break decision,
            }
        };
        assert_eq!(decision.kind, K::Cancel);
    }
}
