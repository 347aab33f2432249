//! The course of a run, its decision and its journal.

use hookd_proto::v1;
use hookd_proto::v1::outcome::Outcome;

use hookd_test_support::*;

use v1::Condition::SnapshotStart;
use v1::OutputStream::{Stderr, Stdout};

#[tokio::test]
async fn a_run_streams_its_journal_and_ends_with_the_decision() {
    let hooks = [
        hook(
            "one",
            "SNAPSHOT_START",
            "",
            "echo out; echo err >&2; exit 3",
        ),
        hook(
            "two",
            "SNAPSHOT_START",
            "onError: ON_ERROR_CANCEL",
            "echo \"{{ .Task }}\"; exit 4",
        ),
        hook("three", "SNAPSHOT_START", "", "echo never"),
    ];
    let daemon = TestDaemon::with(&config(&hooks.concat()));
    let entries = run(&mut daemon.hooks().await, request(event(SnapshotStart))).await;
    assert_eq!(output(&entries, 0, Stdout), b"out\n");
    assert_eq!(output(&entries, 0, Stderr), b"err\n");
    assert_eq!(output(&entries, 1, Stdout), b"nightly\n");
    assert_eq!(
        outcomes(&entries),
        [
            ("one".to_owned(), Outcome::ExitCode(3)),
            ("two".to_owned(), Outcome::ExitCode(4))
        ]
    );
    let decision = decision(&entries);
    assert_eq!(decision.kind(), v1::DecisionKind::Cancel);
    assert_eq!(
        (decision.hook.as_str(), decision.reason.as_str()),
        ("two", "exit code 4")
    );
    assert!(entries.iter().any(|e| matches!(
        &e.entry,
        Some(v1::journal_entry::Entry::HookSkipped(s))
            if s.hook == "three" && s.reason() == v1::SkipReason::Stopped
    )));
}

#[tokio::test]
async fn a_fatal_check_sets_off_the_hooks_for_failures_in_the_same_stream() {
    let hooks = [
        hook(
            "check",
            "SNAPSHOT_START",
            "onError: ON_ERROR_FATAL",
            "exit 9",
        ),
        hook(
            "cleanup",
            "SNAPSHOT_END",
            "",
            "printf %s \"$HOOK_ERROR|{{ .Error }}\"",
        ),
    ];
    let daemon = TestDaemon::with(&config(&hooks.concat()));
    let entries = run(&mut daemon.hooks().await, request(event(SnapshotStart))).await;
    let error = "hook \"check\" failed: exit code 9";
    // The template's text is within double quotes of the script, so the quotes around the hook's
    // name end them. Go templates do not escape text for the shell.
    let said = String::from_utf8(output(&entries, 1, Stdout)).expect("text");
    assert!(said.starts_with(&format!("{error}|")), "{said}");
    assert_eq!(decision(&entries).kind(), v1::DecisionKind::Fail);
}

#[tokio::test]
async fn output_arrives_while_the_hook_runs() {
    let hooks = hook(
        "slow",
        "SNAPSHOT_START",
        "",
        "echo begun; read _ < \"$HOOK_LABEL_FIFO\"",
    );
    let daemon = TestDaemon::with(&config(&hooks));
    let fifo = daemon.dir.path().join("fifo");
    let made = std::process::Command::new("mkfifo")
        .arg(&fifo)
        .status()
        .expect("mkfifo runs");
    assert!(made.success());
    let mut event = event(SnapshotStart);
    event
        .labels
        .insert("fifo".to_owned(), fifo.display().to_string());
    let mut client = daemon.hooks().await;
    let mut stream = client
        .run_hooks(request(event))
        .await
        .expect("it starts")
        .into_inner();
    loop {
        let message = tokio::time::timeout(PATIENCE, stream.message())
            .await
            .expect("in time");
        let entry = message
            .expect("no error")
            .expect("not over")
            .entry
            .expect("an entry");
        if let Some(v1::journal_entry::Entry::HookOutput(output)) = entry.entry {
            assert_eq!(&output.data[..], b"begun\n");
            break;
        }
    }
    // The hook still waits, and is released only now.
    std::fs::write(&fifo, "go\n").expect("the hook reads");
    let (entries, end) = collect(stream, |r: v1::RunHooksResponse| r.entry).await;
    assert!(end.is_none());
    assert_eq!(decision(&entries).kind(), v1::DecisionKind::Proceed);
}

#[tokio::test]
async fn no_byte_of_a_flood_is_lost_below_the_limit_and_the_rest_is_counted() {
    let megabytes = 64;
    let script = format!("head -c {} /dev/zero", megabytes << 20);
    let hooks = [
        hook("flood", "SNAPSHOT_START", "maxOutput: 1MiB", &script),
        hook(
            "whole",
            "SNAPSHOT_START",
            "",
            "head -c 3000000 /dev/zero; printf '\\377\\000x' >&2",
        ),
    ];
    let daemon = TestDaemon::with(&config(&hooks.concat()));
    let entries = run(&mut daemon.hooks().await, request(event(SnapshotStart))).await;
    let finished: Vec<v1::HookFinished> = entries
        .iter()
        .filter_map(|e| match &e.entry {
            Some(v1::journal_entry::Entry::HookFinished(f)) => Some(f.clone()),
            _ => None,
        })
        .collect();
    assert_eq!(finished[0].output_bytes, megabytes << 20);
    assert_eq!(finished[0].dropped_bytes, (megabytes << 20) - (1 << 20));
    assert_eq!(outcomes(&entries)[0].1, Outcome::ExitCode(0));
    assert_eq!(output(&entries, 1, Stdout).len(), 3_000_000);
    assert_eq!(output(&entries, 1, Stderr), b"\xff\0x");
}

#[tokio::test]
async fn a_hung_hook_is_ended_at_its_limit_with_all_it_started() {
    let script = "sleep 600 & echo $!; trap '' TERM; wait; sleep 600";
    let hooks = hook(
        "hung",
        "SNAPSHOT_START",
        "timeout: 200ms\ngrace: 100ms\nonError: ON_ERROR_FATAL",
        script,
    );
    let daemon = TestDaemon::with(&config(&hooks));
    let entries = run(&mut daemon.hooks().await, request(event(SnapshotStart))).await;
    assert!(
        matches!(outcomes(&entries)[0].1, Outcome::TimedOut(_)),
        "{entries:?}"
    );
    assert_eq!(decision(&entries).kind(), v1::DecisionKind::Fail);
    let child = String::from_utf8(output(&entries, 0, Stdout)).expect("a number");
    let proc = std::path::Path::new("/proc").join(child.trim());
    until("the child is gone", || async { !proc.exists() }).await;
}

#[tokio::test]
async fn the_run_of_a_plan_that_hangs_delays_no_other() {
    let yaml = config(&hook("hung", "SNAPSHOT_START", "grace: 0s", "sleep 600"))
        + "  - id: other\n    repo: nas\n    paths: [/srv]\n";
    let daemon = TestDaemon::with(&yaml);
    let mut client = daemon.hooks().await;
    let hung = client
        .run_hooks(request(event(SnapshotStart)))
        .await
        .expect("it starts")
        .into_inner();
    let other = v1::Event {
        plan_id: "other".to_owned(),
        ..event(SnapshotStart)
    };
    let entries = run(&mut client, request(other)).await;
    assert_eq!(decision(&entries).kind(), v1::DecisionKind::Proceed);
    drop(hung);
}
