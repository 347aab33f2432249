//! Timelines as users see them.

use hookd_proto::v1::{
    Condition, DecisionKind, Effect, HookOutput, HookSkipped, HookStarted, Outcome, RunStarted,
    RunWaiting, WaitReason, outcome,
};
use hookd_proto::well_known;
use proptest::prelude::*;

use super::*;
use crate::output::plain;

fn at(seconds: i64) -> Option<Timestamp> {
    Some(Timestamp { seconds, nanos: 0 })
}

fn run(state: RunState) -> Run {
    Run {
        state: state.into(),
        started_at: at(100),
        finished_at: at(116),
        conditions: vec![Condition::SnapshotStart.into()],
        ..Run::default()
    }
}

fn of_journal(state: RunState, entries: Vec<(i64, Entry)>) -> String {
    let mut timeline = Timeline::new(&run(state));
    for (seconds, entry) in entries {
        timeline.entry(&JournalEntry {
            time: at(100 + seconds),
            entry: Some(entry),
            ..JournalEntry::default()
        });
    }
    plain(&timeline.show(None))
}

fn started(index: u32, hook: &str) -> Entry {
    Entry::HookStarted(HookStarted {
        index,
        hook: hook.to_owned(),
        condition: Condition::SnapshotStart.into(),
        attempt: 1,
        ..HookStarted::default()
    })
}

fn finished(index: u32, hook: &str, code: i32, seconds: i64) -> HookFinished {
    HookFinished {
        index,
        hook: hook.to_owned(),
        condition: Condition::SnapshotStart.into(),
        outcome: Some(Outcome {
            outcome: Some(outcome::Outcome::ExitCode(code)),
        }),
        elapsed: Some(well_known::Duration { seconds, nanos: 0 }),
        output_bytes: 2048,
        attempt: 1,
        ..HookFinished::default()
    }
}

#[test]
fn waits_and_every_try_have_their_place() {
    let shown = of_journal(
        RunState::Finished,
        vec![
            (0, Entry::RunStarted(RunStarted::default())),
            (
                0,
                Entry::RunWaiting(RunWaiting {
                    reason: WaitReason::Turn.into(),
                    ..RunWaiting::default()
                }),
            ),
            (4, started(0, "mount")),
            (
                8,
                Entry::HookFinished(HookFinished {
                    effect: Effect::Retried.into(),
                    retried_after: Some(well_known::Duration {
                        seconds: 2,
                        nanos: 0,
                    }),
                    ..finished(0, "mount", 3, 4)
                }),
            ),
            (10, started(0, "mount")),
            (
                15,
                Entry::HookFinished(HookFinished {
                    attempt: 2,
                    ..finished(0, "mount", 0, 5)
                }),
            ),
            (
                16,
                Entry::HookSkipped(HookSkipped {
                    index: 1,
                    hook: "next".to_owned(),
                    reason: SkipReason::Disabled.into(),
                }),
            ),
        ],
    );
    insta::assert_snapshot!(shown, @r"
    AFTER  TOOK  TIMELINE         HOOK   OUTPUT  OUTCOME
    0 s    4 s   ....             -      -       waits for its turn
    4 s    4 s       ====         mount  2 KiB   exit 3, runs again in 2 s
    10 s   5 s             =====  mount  2 KiB   exit 0 at try 2
    -      -                      next   -       skipped: it is disabled
    ");
    assert!(shown.lines().all(|line| line.len() <= 80));
}

#[test]
fn what_was_cut_off_is_said_to_be() {
    let shown = of_journal(
        RunState::Interrupted,
        vec![
            (0, Entry::RunStarted(RunStarted::default())),
            (0, started(0, "a")),
            (4, Entry::HookFinished(finished(0, "a", 0, 4))),
            (4, started(1, "b")),
            (
                8,
                Entry::HookOutput(HookOutput {
                    index: 1,
                    data: "x".into(),
                    ..HookOutput::default()
                }),
            ),
            (
                9000,
                Entry::RunInterrupted(RunInterrupted {
                    advice: DecisionKind::Fail.into(),
                    reason: "hookd died".to_owned(),
                    retry_after: None,
                }),
            ),
        ],
    );
    insta::assert_snapshot!(shown, @r"
    AFTER  TOOK  TIMELINE          HOOK  OUTPUT  OUTCOME
    0 s    4 s   ========          a     2 KiB   exit 0
    4 s    -             ========  b     1 B     cut off: hookd died

    INTERRUPTED: hookd died; the agent is told FAIL
    ");
}

#[test]
fn a_glance_is_enough_where_the_journal_is_not_at_hand() {
    let hook = |name: &str, started_at| HookRun {
        hook: name.to_owned(),
        condition: Condition::SnapshotEnd.into(),
        started_at,
        ..HookRun::default()
    };
    let mut seen = run(RunState::Finished);
    seen.conditions.push(Condition::SnapshotEnd.into());
    seen.hooks = vec![
        HookRun {
            elapsed: Some(well_known::Duration {
                seconds: 4,
                nanos: 0,
            }),
            outcome: finished(0, "", 3, 0).outcome,
            effect: Effect::Fails.into(),
            attempts: 2,
            ..hook("mount", at(104))
        },
        hook("next", None),
    ];
    let shown = plain(&Timeline::of_run(&seen).show(None));
    insta::assert_snapshot!(shown, @r"
    AFTER  TOOK  TIMELINE  HOOK   CONDITION     OUTPUT  OUTCOME
    4 s    4 s       ====  mount  SNAPSHOT_END  0 B     exit 3 at try 2, fails the operation
    -      -               next   SNAPSHOT_END  -       not started
    ");
}

proptest! {
    #[test]
    fn bars_stay_within_the_whole(from: u32, length: u32, total: u32) {
        let millis = |millis: u32| Duration::from_millis(millis.into());
        let bar = bar([millis(from), millis(from) + millis(length)], millis(total), RUNS, WIDTH);
        prop_assert!(bar.len() <= WIDTH);
        prop_assert!(bar.ends_with(RUNS));
    }
}

#[test]
fn what_every_try_remarks_is_said_once() {
    let noted = |attempt| {
        Entry::HookStarted(HookStarted {
            hook: "mount".to_owned(),
            attempt,
            notes: vec!["too large".to_owned()],
            ..HookStarted::default()
        })
    };
    let ended = |again: &str| {
        Entry::HookFinished(HookFinished {
            notes: vec!["too large".to_owned(), again.to_owned()],
            ..finished(0, "mount", 1, 1)
        })
    };
    let shown = of_journal(
        RunState::Finished,
        vec![
            (0, noted(1)),
            (1, ended("killed")),
            (2, noted(2)),
            (3, ended("killed")),
        ],
    );
    let notes: Vec<_> = shown.lines().filter(|line| line.contains("note")).collect();
    assert_eq!(notes, ["note: mount: too large", "note: mount: killed"]);
}
