//! Answers of hookd stay the same after a crash or a shutdown and the next start.
#![cfg(target_os = "linux")]

use std::fs;
use std::path::Path;
use std::time::Duration;

use hookd_proto::v1;
use hookd_proto::v1::journal_entry::Entry;
use hookd_proto::v1::outcome::Outcome;
use hookd_test_support::*;
use tonic_types::StatusExt as _;
use uuid::Uuid;

use v1::Condition::{SnapshotEnd, SnapshotStart, SnapshotSuccess};
use v1::OutputStream::Stdout;

/// Returns two hooks: one ends and records its event, the other waits to be killed.
fn two_hooks(folder: &Path) -> String {
    let ran = folder.join("ran").display().to_string();
    let first = format!("echo \"$HOOK_LABEL_REQUEST\" >> {ran}; echo one; exit 3");
    let hooks = [
        hook("first", "SNAPSHOT_START", "", &first),
        hook(
            "second",
            "SNAPSHOT_START",
            "onError: ON_ERROR_CANCEL",
            "echo up; exec sleep 600",
        ),
    ];
    config(&hooks.concat())
}

fn asked(event: v1::Event) -> v1::RunHooksRequest {
    let id = Uuid::new_v4().to_string();
    let mut event = event;
    event.labels.insert("request".to_owned(), id.clone());
    v1::RunHooksRequest {
        request_id: id,
        ..request(event)
    }
}

/// Starts a daemon and a run of which one hook has ended and the other goes on. Returns the entries
/// seen so far.
async fn half_way(more: &[&str]) -> (TestDaemon, v1::RunHooksRequest, Vec<v1::JournalEntry>) {
    let setup = Setup::new("");
    let config = two_hooks(setup.dir.path());
    fs::write(setup.dir.path().join("hookd.yaml"), config).expect("written");
    let daemon = more
        .iter()
        .fold(setup, |setup, arg| setup.arg(*arg))
        .start();
    let asked = asked(event(SnapshotStart));
    let stream = daemon.hooks().await.run_hooks(asked.clone()).await;
    let mut stream = stream.expect("it starts").into_inner();
    let up = |entry: &Entry| matches!(entry, Entry::HookOutput(o) if o.data.starts_with(b"up"));
    let seen = read_until(&mut stream, up).await;
    (daemon, asked, seen)
}

#[tokio::test(flavor = "multi_thread")]
async fn history_is_the_same_after_a_restart() {
    let hooks = [
        hook("a", "SNAPSHOT_START", "", "echo a; echo b >&2; exit 7"),
        hook("b", "SNAPSHOT_START", "onError: ON_ERROR_CANCEL", "exit 4"),
    ];
    let daemon = TestDaemon::with(&config(&hooks.concat()));
    let mut client = daemon.hooks().await;
    let all = run(&mut client, request(event(SnapshotStart))).await;
    let empty = run(&mut client, request(event(SnapshotSuccess))).await;
    let id = run_id(&all);
    let before = run_summary(&mut client, &id).await;
    assert_eq!(before.state(), v1::RunState::Finished);

    let after_term = daemon.stopped().start();
    assert_eq!(
        after_term.log().matches("died").count(),
        0,
        "{}",
        after_term.log()
    );
    let after_kill = {
        let mut client = after_term.hooks().await;
        assert_eq!(run_summary(&mut client, &id).await, before);
        after_term.killed().start()
    };
    let mut client = after_kill.hooks().await;
    assert_eq!(run_summary(&mut client, &id).await, before);
    for position in 0..=all.len() + 1 {
        let (entries, end) = watch(&mut client, &id, position as u64).await;
        assert!(end.is_none());
        let from = if position > all.len() {
            all.len() - 1
        } else {
            position
        };
        assert_eq!(entries, all[from..], "after {position}");
    }
    let listed = client.list_runs(v1::ListRunsRequest::default()).await;
    let listed = listed.expect("it answers").into_inner().runs;
    let ids: Vec<String> = listed.into_iter().map(|run| run.run_id).collect();
    assert_eq!(ids, [run_id(&empty), id]);
    let info = store_info(&after_kill).await;
    assert_eq!(
        (info.kind.as_str(), info.durability.as_str()),
        ("sqlite", "power")
    );
    assert_eq!((info.runs, info.failure.as_str()), (2, ""));
}

#[tokio::test(flavor = "multi_thread")]
async fn memory_forgets_and_says_so() {
    let daemon = Setup::new(&config(&hook("a", "SNAPSHOT_START", "", "echo a")))
        .arg("--store=memory")
        .start();
    let all = run(&mut daemon.hooks().await, request(event(SnapshotStart))).await;
    let info = store_info(&daemon).await;
    assert_eq!(
        (info.kind.as_str(), info.durability.as_str()),
        ("memory", "none")
    );
    let daemon = daemon.stopped().arg("--store=memory").start();
    let request = v1::GetRunRequest {
        run_id: run_id(&all),
    };
    let status = daemon
        .hooks()
        .await
        .get_run(request)
        .await
        .expect_err("gone");
    assert_eq!(reason(&status), "RUN_NOT_FOUND");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_gets_its_run_after_a_restart_and_no_hook_runs_twice() {
    let setup = Setup::new("");
    let ran = setup.dir.path().join("ran");
    let script = format!("echo ran >> {}; exit 3", ran.display());
    let yaml = config(&hook(
        "h",
        "SNAPSHOT_START",
        "onError: ON_ERROR_CANCEL",
        &script,
    ));
    fs::write(setup.dir.path().join("hookd.yaml"), yaml).expect("written");
    let daemon = setup.start();
    let asked = asked(event(SnapshotStart));
    let first = run(&mut daemon.hooks().await, asked.clone()).await;

    let daemon = daemon.killed().start();
    let mut client = daemon.hooks().await;
    assert_eq!(run(&mut client, asked.clone()).await, first);
    let mut other = asked.clone();
    other.event.as_mut().expect("an event").task = "another".to_owned();
    let status = client.run_hooks(other).await.expect_err("refused");
    assert_eq!(status.code(), tonic::Code::InvalidArgument);
    assert_eq!(reason(&status), "REQUEST_ID_REUSED");

    // A stored decision is returned even if the plan is no longer in the config.
    let setup = daemon.stopped();
    fs::write(setup.dir.path().join("hookd.yaml"), "hooks: []\n").expect("written");
    let daemon = setup.start();
    assert_eq!(run(&mut daemon.hooks().await, asked).await, first);
    assert_eq!(fs::read_to_string(&ran).expect("it ran"), "ran\n");
}

#[tokio::test]
async fn equal_requests_at_the_same_moment_make_one_run() {
    let setup = Setup::new("");
    let config = two_hooks(setup.dir.path()).replace("exec sleep 600", "true");
    fs::write(setup.dir.path().join("hookd.yaml"), config).expect("written");
    let daemon = setup.start();
    for _ in 0..5 {
        let asked = asked(event(SnapshotStart));
        let mut calls = tokio::task::JoinSet::new();
        for _ in 0..8 {
            let (mut client, asked) = (daemon.hooks().await, asked.clone());
            calls.spawn(async move { run(&mut client, asked).await });
        }
        let journals = calls.join_all().await;
        assert!(journals.iter().all(|journal| *journal == journals[0]));
    }
    let ran = fs::read_to_string(daemon.dir.path().join("ran")).expect("they ran");
    assert_eq!(ran.lines().count(), 5, "{ran}");
}

#[tokio::test]
async fn a_run_that_was_cut_off_is_closed_and_its_agent_told() {
    let (daemon, asked, seen) = half_way(&[]).await;
    let id = run_id(&seen);
    let pid = seen.iter().rev().find_map(|entry| match &entry.entry {
        Some(Entry::HookStarted(started)) => Some(started.pid),
        _ => None,
    });
    let process = pid.expect("the second started").to_string();
    assert!(lives(&process));
    let daemon = daemon.killed().start();
    assert!(!lives(&process), "{}", daemon.log());

    let mut client = daemon.hooks().await;
    let run = run_summary(&mut client, &id).await;
    assert_eq!(run.state(), v1::RunState::Interrupted);
    assert!(run.decision.is_none() && run.finished_at.is_some());
    let outcomes: Vec<_> = run.hooks.iter().map(|h| h.outcome.clone()).collect();
    let exited = v1::Outcome {
        outcome: Some(Outcome::ExitCode(3)),
    };
    assert_eq!(
        outcomes,
        [Some(exited), None],
        "what had ended keeps its outcome"
    );

    // Every request for the run gets the entries seen before the crash, and the error that it
    // was cut off.
    let again = client.run_hooks(asked).await.expect("it is known");
    let (entries, end) = collect(again.into_inner(), |r: v1::RunHooksResponse| r.entry).await;
    assert_eq!(entries[..seen.len()], seen[..]);
    assert!(
        entries
            .iter()
            .map(|e| e.sequence)
            .eq(1..=entries.len() as u64)
    );
    let Some(Entry::RunInterrupted(last)) = &entries[entries.len() - 1].entry else {
        panic!("{entries:?}")
    };
    assert_eq!(last.advice(), v1::DecisionKind::Fail);
    assert_eq!(run.last_sequence, entries.len() as u64);
    for after in [0, 1, entries.len() as u64 - 1, entries.len() as u64] {
        let (_, end) = watch(&mut client, &id, after).await;
        let status = end.expect("it has no decision");
        assert_eq!(status.code(), tonic::Code::Aborted);
        assert_eq!(reason(&status), "RUN_INTERRUPTED");
    }
    let status = end.expect("it has no decision");
    let info = status.get_details_error_info().expect("an ErrorInfo");
    assert_eq!(info.metadata["run_id"], id);
    assert_eq!(info.metadata["advice"], "DECISION_KIND_FAIL");
    assert!(status.get_details_retry_info().is_none());
    let ran = fs::read_to_string(daemon.dir.path().join("ran")).expect("it ran");
    assert_eq!(ran.lines().count(), 1, "never again: {ran}");
    let interrupted = v1::ListRunsRequest {
        states: vec![v1::RunState::Interrupted.into()],
        ..v1::ListRunsRequest::default()
    };
    let listed = client.list_runs(interrupted).await.expect("it answers");
    assert_eq!(listed.into_inner().runs, [run]);
}

#[tokio::test]
async fn the_config_may_have_the_agent_try_again() {
    let (daemon, asked, _) = half_way(&[]).await;
    let setup = daemon.killed();
    let yaml = two_hooks(setup.dir.path()) + "server: { onInterrupted: RETRY }\n";
    fs::write(setup.dir.path().join("hookd.yaml"), yaml).expect("written");
    let daemon = setup.start();
    let again = daemon.hooks().await.run_hooks(asked).await;
    let stream = again.expect("it is known").into_inner();
    let (entries, end) = collect(stream, |r: v1::RunHooksResponse| r.entry).await;
    let Some(Entry::RunInterrupted(last)) = &entries[entries.len() - 1].entry else {
        panic!("{entries:?}")
    };
    assert_eq!(last.advice(), v1::DecisionKind::Retry);
    assert!(last.retry_after.is_some());
    let status = end.expect("it has no decision");
    let info = status.get_details_error_info().expect("an ErrorInfo");
    assert_eq!(info.metadata["advice"], "DECISION_KIND_RETRY");
    let retry = status
        .get_details_retry_info()
        .and_then(|info| info.retry_delay);
    assert!(retry.is_some_and(|delay| delay > Duration::ZERO));
}

#[tokio::test]
async fn a_run_that_waited_for_its_turn_is_closed_too() {
    let (daemon, _, _) = half_way(&["--max-concurrent-runs=1"]).await;
    let asked = asked(event(SnapshotStart));
    let stream = daemon.hooks().await.run_hooks(asked.clone()).await;
    let mut stream = stream.expect("it waits").into_inner();
    let waits = |entry: &Entry| matches!(entry, Entry::RunWaiting(_));
    let seen = read_until(&mut stream, waits).await;
    let daemon = daemon.killed().start();
    let again = daemon.hooks().await.run_hooks(asked).await;
    let stream = again.expect("it is known").into_inner();
    let (entries, end) = collect(stream, |r: v1::RunHooksResponse| r.entry).await;
    assert_eq!(entries[..seen.len()], seen[..]);
    assert_eq!(reason(&end.expect("it has no decision")), "RUN_INTERRUPTED");
}

#[tokio::test]
async fn what_a_hook_left_on_purpose_is_left_alone() {
    let script = "sleep 600 > /dev/null 2>&1 & echo $!";
    let daemon = TestDaemon::with(&config(&hook("leaves", "SNAPSHOT_END", "", script)));
    let entries = run(&mut daemon.hooks().await, request(event(SnapshotEnd))).await;
    let pid = String::from_utf8(output(&entries, 0, Stdout)).expect("a number");
    assert!(lives(pid.trim()), "{entries:?}");
    let daemon = daemon.killed().start();
    assert!(lives(pid.trim()), "{}", daemon.log());
    let ended = std::process::Command::new("kill").arg(pid.trim()).status();
    assert!(ended.expect("kill runs").success());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_longer_to_be_kept_is_removed() {
    let yaml = config(&hook("a", "SNAPSHOT_START", "", "echo a"))
        .replace("    paths:", "    runRetention: { maxRuns: 2 }\n    paths:");
    let daemon = Setup::new(&yaml).arg("--durability=process").start();
    assert_eq!(store_info(&daemon).await.durability, "process");
    let mut client = daemon.hooks().await;
    let mut all = Vec::new();
    for _ in 0..5 {
        all.push(run(&mut client, request(event(SnapshotStart))).await);
    }
    // Leftover copies are removed at intervals, and at every start.
    let daemon = daemon.stopped().start();
    until("only the newest are left", || async {
        store_info(&daemon).await.runs == 2
    })
    .await;
    let mut client = daemon.hooks().await;
    for kept in &all[3..] {
        assert_eq!(watch(&mut client, &run_id(kept), 0).await.0, *kept);
    }
    let request = v1::WatchRunRequest {
        run_id: run_id(&all[0]),
        after_sequence: 0,
    };
    let status = client.watch_run(request).await.expect_err("it is gone");
    assert_eq!(reason(&status), "RUN_NOT_FOUND");
}

#[tokio::test]
async fn many_runs_that_were_cut_off_are_closed_before_anybody_asks() {
    let hooks = hook("waits", "SNAPSHOT_START", "", "exec sleep 600");
    let daemon = Setup::new(&config(&hooks))
        .arg("--max-concurrent-runs=2")
        .arg("--max-queued-runs=1000")
        .start();
    let mut client = daemon.hooks().await;
    let mut streams = Vec::new();
    for number in 0..300 {
        // A connection has a limited number of calls.
        if number % 100 == 0 {
            client = daemon.hooks().await;
        }
        let stream = client.run_hooks(asked(event(SnapshotStart))).await;
        streams.push(stream.expect("it waits").into_inner());
    }
    let daemon = daemon.killed().start();
    let interrupted = v1::ListRunsRequest {
        states: vec![v1::RunState::Interrupted.into()],
        page_size: 1000,
        ..v1::ListRunsRequest::default()
    };
    let listed = daemon.hooks().await.list_runs(interrupted).await;
    assert_eq!(listed.expect("it answers").into_inner().runs.len(), 300);
}
