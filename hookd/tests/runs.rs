//! Runs through the real daemon, seen by a plain client of the generated stub.

#[path = "support/mod.rs"]
mod support;

use hookd_proto::v1;
use hookd_proto::v1::outcome::Outcome;
use support::*;

use v1::Condition::{SnapshotEnd, SnapshotError, SnapshotStart, SnapshotSuccess};
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
    // The template's text stands in double quotes of the script, so the quotes around the
    // hook's name end them: what the shell makes of it is the script's own doing.
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
    // The hook still waits: only now is it let go.
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

#[tokio::test]
async fn a_request_id_runs_a_hook_once_and_serves_everybody() {
    let script = "echo ran >> \"$HOOK_LABEL_FILE\"";
    let daemon = TestDaemon::with(&config(&hook("count", "SNAPSHOT_END", "", script)));
    let file = daemon.dir.path().join("ran");
    let mut event = event(SnapshotSuccess);
    event
        .labels
        .insert("file".to_owned(), file.display().to_string());
    let id = "4be0643f-1d98-573b-97cd-ca98a65347dd".to_owned();
    let asked = v1::RunHooksRequest {
        request_id: id,
        ..request(event)
    };
    let mut client = daemon.hooks().await;
    let first = run(&mut client, asked.clone()).await;
    let second = run(&mut client, asked.clone()).await;
    assert_eq!(first, second, "the same journal");
    assert_eq!(std::fs::read_to_string(&file).expect("it ran"), "ran\n");

    let mut other = asked;
    other.event.as_mut().expect("an event").task = "another".to_owned();
    let status = client.run_hooks(other).await.expect_err("refused");
    assert_eq!(status.code(), tonic::Code::InvalidArgument);
    assert_eq!(reason(&status), "REQUEST_ID_REUSED");
}

#[tokio::test]
async fn many_watchers_see_the_same_from_wherever_they_begin() {
    let daemon = TestDaemon::with(&config(&hook("h", "SNAPSHOT_END", "", "echo a; echo b")));
    let mut client = daemon.hooks().await;
    let all = run(&mut client, request(event(SnapshotError))).await;
    let run_id = run_id(&all);
    for after in 0..all.len() as u64 + 2 {
        let request = v1::WatchRunRequest {
            run_id: run_id.clone(),
            after_sequence: after,
        };
        let stream = client
            .watch_run(request)
            .await
            .expect("it is there")
            .into_inner();
        let (entries, end) = collect(stream, |r: v1::WatchRunResponse| r.entry).await;
        assert!(end.is_none());
        let from = usize::try_from(after).expect("small");
        // Who saw more than there is still has to hear how it ended.
        let from = if from > all.len() {
            all.len() - 1
        } else {
            from
        };
        assert_eq!(entries, all[from..], "after {after}");
    }
}

#[tokio::test]
async fn cancelling_ends_the_hook_and_is_told_to_everybody() {
    let hooks = hook(
        "hung",
        "SNAPSHOT_START",
        "onError: ON_ERROR_CANCEL\ngrace: 0s",
        "echo up; exec sleep 600",
    );
    let daemon = TestDaemon::with(&config(&hooks));
    let mut client = daemon.hooks().await;
    let mut stream = client
        .run_hooks(request(event(SnapshotStart)))
        .await
        .expect("it starts")
        .into_inner();
    let first = stream
        .message()
        .await
        .expect("no error")
        .expect("an entry")
        .entry;
    let run_id = run_id(&[first.expect("an entry")]);
    let answer = client
        .cancel_run(v1::CancelRunRequest {
            run_id: run_id.clone(),
        })
        .await;
    assert!(answer.expect("it is known").into_inner().cancelling);
    let (entries, end) = collect(stream, |r: v1::RunHooksResponse| r.entry).await;
    assert!(end.is_none());
    assert_eq!(decision(&entries).kind(), v1::DecisionKind::Cancel);
    let answer = client
        .cancel_run(v1::CancelRunRequest { run_id })
        .await
        .expect("it is known");
    assert!(!answer.into_inner().cancelling, "it is over");
}

#[tokio::test]
async fn a_run_outlives_its_caller_unless_it_asked_otherwise() {
    let hooks = hook(
        "h",
        "SNAPSHOT_START",
        "grace: 0s",
        "echo up; read _ < \"$HOOK_LABEL_FIFO\"",
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
    for (cancel_on_disconnect, state_after) in [(false, "goes on"), (true, "ends")] {
        let asked = v1::RunHooksRequest {
            cancel_on_disconnect,
            ..request(event.clone())
        };
        let mut stream = client
            .run_hooks(asked)
            .await
            .expect("it starts")
            .into_inner();
        let first = stream
            .message()
            .await
            .expect("no error")
            .expect("an entry")
            .entry;
        let run_id = run_id(&[first.expect("an entry")]);
        drop(stream);
        if !cancel_on_disconnect {
            std::fs::write(&fifo, "go\n").expect("the hook still reads");
        }
        let look = || {
            let mut client = client.clone();
            let run_id = run_id.clone();
            async move {
                let answer = client
                    .get_run(v1::GetRunRequest { run_id })
                    .await
                    .expect("known");
                answer.into_inner().run.expect("a run")
            }
        };
        until(state_after, || async {
            look().await.state() == v1::RunState::Finished
        })
        .await;
        let last = look().await;
        let outcome = last.hooks[0].outcome.clone().and_then(|o| o.outcome);
        let cancelled = matches!(outcome, Some(Outcome::Cancelled(ref c))
            if c.cause() == v1::CancelCause::Disconnected);
        assert_eq!(cancelled, cancel_on_disconnect, "{outcome:?}");
    }
}

#[tokio::test]
async fn the_runs_timeout_bounds_all_its_hooks() {
    let hooks = [
        hook("hung", "SNAPSHOT_START", "grace: 0s", "sleep 600"),
        hook("check", "SNAPSHOT_START", "onError: ON_ERROR_FATAL", "true"),
    ];
    let daemon = TestDaemon::with(&config(&hooks.concat()));
    let timeout = Some(hookd_proto::well_known::Duration {
        seconds: 0,
        nanos: 200_000_000,
    });
    let asked = v1::RunHooksRequest {
        timeout,
        ..request(event(SnapshotStart))
    };
    let entries = run(&mut daemon.hooks().await, asked).await;
    assert!(
        matches!(&outcomes(&entries)[0].1, Outcome::TimedOut(t) if t.limit() == v1::TimeLimit::Run)
    );
    // A check that could not run is a check that failed.
    assert_eq!(decision(&entries).kind(), v1::DecisionKind::Fail);
    assert_eq!(decision(&entries).hook, "check");
}

#[tokio::test]
async fn secrets_do_not_reach_the_journal() {
    let script = "#!/bin/sh -s {{ .Repo.Password }}\n\
                  echo '{{ .Repo.Password }}'; printf correct-; printf horse";
    let hooks = hook("leaky", "SNAPSHOT_END", "", script);
    let daemon = TestDaemon::with(&config(&hooks));
    let entries = run(&mut daemon.hooks().await, request(event(SnapshotEnd))).await;
    let shown = format!("{entries:?}");
    assert!(!shown.contains("correct-horse"), "{shown}");
    assert_eq!(output(&entries, 0, Stdout), b"*************\n*************");
}

#[tokio::test]
async fn the_calls_own_deadline_ends_the_stream_and_not_the_run() {
    let hooks = hook("h", "SNAPSHOT_START", "grace: 0s", "sleep 600");
    let daemon = TestDaemon::with(&config(&hooks));
    let mut client = daemon.hooks().await;
    let mut asked = tonic::Request::new(request(event(SnapshotStart)));
    asked
        .metadata_mut()
        .insert("grpc-timeout", "300m".parse().expect("a value"));
    let stream = client
        .run_hooks(asked)
        .await
        .expect("it starts")
        .into_inner();
    let (entries, end) = collect(stream, |r: v1::RunHooksResponse| r.entry).await;
    assert_eq!(
        end.expect("it is cut").code(),
        tonic::Code::DeadlineExceeded
    );
    let run_id = run_id(&entries);
    let run = client
        .get_run(v1::GetRunRequest { run_id })
        .await
        .expect("known")
        .into_inner()
        .run;
    assert_eq!(run.expect("a run").state(), v1::RunState::Running);
}
