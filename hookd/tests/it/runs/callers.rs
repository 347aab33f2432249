//! Callers that start runs, watch them, cancel them and disconnect.

use hookd_proto::v1;
use hookd_proto::v1::outcome::Outcome;

use hookd_test_support::*;

use v1::Condition::{SnapshotEnd, SnapshotError, SnapshotStart, SnapshotSuccess};
use v1::OutputStream::Stdout;

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
        // A client with a position beyond the end still receives the end of the run.
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
        // The client disconnects after the hook has begun; before that, the hook would be skipped.
        let mut entries = Vec::new();
        while output(&entries, 0, Stdout).is_empty() {
            let answer = stream.message().await.expect("no error");
            entries.extend(answer.expect("an entry").entry);
        }
        let run_id = run_id(&entries);
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
    // A check that was skipped must not count as passed.
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
