//! Requests that are refused, and their errors.

use hookd_proto::v1;
use tonic::Code;
use tonic_types::StatusExt as _;

use hookd_test_support::*;

use v1::Condition::SnapshotStart;

#[tokio::test]
async fn malformed_events_are_refused_with_every_field_named() {
    let daemon = TestDaemon::with(&config(&hook("h", "SNAPSHOT_START", "", "true")));
    let mut client = daemon.hooks().await;
    let good = || event(SnapshotStart);
    let unknown = v1::Event {
        condition: 0,
        ..good()
    };
    let strange = v1::Event {
        condition: 4711,
        ..good()
    };
    let injected = v1::Event {
        snapshot_id: "1; rm x".to_owned(),
        ..good()
    };
    let nul = v1::Event {
        operation_id: "a\0b".to_owned(),
        ..good()
    };
    let mut colliding = good();
    for label in ["host.name", "Host-Name"] {
        colliding.labels.insert(label.to_owned(), String::new());
    }
    let long = v1::Event {
        error: "x".repeat(2 << 20),
        ..good()
    };
    let negative = hookd_proto::well_known::Duration {
        seconds: -1,
        nanos: 0,
    };
    let duration = v1::Event {
        duration: Some(negative),
        ..good()
    };
    let far = hookd_proto::well_known::Timestamp {
        seconds: i64::MAX,
        nanos: 0,
    };
    let time = v1::Event {
        time: Some(far),
        ..good()
    };
    let mut large = good();
    for number in 0..20 {
        let value = "x".repeat(100_000);
        large.labels.insert(format!("l{number}"), value);
    }
    for (event, field) in [
        (None, "event"),
        (Some(large), "event"),
        (Some(unknown), "event.condition"),
        (Some(strange), "event.condition"),
        (Some(injected), "event.snapshot_id"),
        (Some(nul), "event.operation_id"),
        (Some(colliding), "event.labels"),
        (Some(long), "event.error"),
        (Some(duration), "event.duration"),
        (Some(time), "event.time"),
    ] {
        let asked = v1::RunHooksRequest {
            event,
            ..v1::RunHooksRequest::default()
        };
        let status = client.run_hooks(asked).await.expect_err(field);
        assert_eq!(status.code(), Code::InvalidArgument, "{field}");
        assert_eq!(reason(&status), "INVALID_EVENT", "{field}");
        let fields = status
            .get_details_bad_request()
            .expect("the fields")
            .field_violations;
        assert_eq!(fields[0].field, field);
    }
    let asked = v1::RunHooksRequest {
        request_id: "seven".to_owned(),
        ..request(good())
    };
    let status = client.run_hooks(asked).await.expect_err("no UUID");
    assert_eq!(reason(&status), "INVALID_REQUEST_ID");
    let asked = v1::RunHooksRequest {
        timeout: Some(negative),
        ..request(good())
    };
    let status = client.run_hooks(asked).await.expect_err("no time");
    assert_eq!(reason(&status), "INVALID_TIMEOUT");
    let entries = run(&mut client, request(good())).await;
    assert_eq!(
        decision(&entries).kind(),
        v1::DecisionKind::Proceed,
        "the daemon goes on"
    );
}

#[tokio::test]
async fn unknown_targets_are_named() {
    let daemon = TestDaemon::with(&config(&hook("h", "SNAPSHOT_START", "", "true")));
    let mut client = daemon.hooks().await;
    let targets = [
        (
            v1::Event {
                plan_id: "hone".to_owned(),
                ..event(SnapshotStart)
            },
            "PLAN_NOT_FOUND",
        ),
        (
            v1::Event {
                plan_id: String::new(),
                repo_id: "nass".to_owned(),
                ..event(SnapshotStart)
            },
            "REPO_NOT_FOUND",
        ),
    ];
    for (event, expected) in targets {
        let status = client.run_hooks(request(event)).await.expect_err(expected);
        assert_eq!(
            (status.code(), reason(&status).as_str()),
            (Code::NotFound, expected)
        );
    }
    let run_id = "nothing".to_owned();
    let status = client
        .get_run(v1::GetRunRequest {
            run_id: run_id.clone(),
        })
        .await
        .expect_err("no");
    assert_eq!(
        (status.code(), reason(&status).as_str()),
        (Code::NotFound, "RUN_NOT_FOUND")
    );
    let asked = v1::WatchRunRequest {
        run_id: run_id.clone(),
        after_sequence: 0,
    };
    assert_eq!(
        reason(&client.watch_run(asked).await.expect_err("no")),
        "RUN_NOT_FOUND"
    );
    let status = client
        .cancel_run(v1::CancelRunRequest { run_id })
        .await
        .expect_err("no");
    assert_eq!(reason(&status), "RUN_NOT_FOUND");
}

#[tokio::test]
async fn unknown_names_in_filters_are_named_and_known_ones_match_nothing() {
    let daemon = TestDaemon::with(&config(&hook("battery", "SNAPSHOT_START", "", "true")));
    let mut hooks = daemon.hooks().await;
    let filter = |plan: &str, repo: &str, hook: &str| v1::ListRunsRequest {
        plan_id: plan.to_owned(),
        repo_id: repo.to_owned(),
        hook: hook.to_owned(),
        ..v1::ListRunsRequest::default()
    };
    let known = hooks.list_runs(filter("home", "nas", "battery")).await;
    assert_eq!(known.expect("all are known").into_inner().runs, []);
    for (request, expect) in [
        (filter("hoem", "", ""), "PLAN_NOT_FOUND"),
        (filter("home", "nsa", ""), "REPO_NOT_FOUND"),
        (filter("", "", "batery"), "HOOK_NOT_FOUND"),
    ] {
        let status = hooks.list_runs(request.clone()).await.expect_err("unknown");
        assert_eq!((status.code(), &*reason(&status)), (Code::NotFound, expect));
        assert!(status.message().contains("did you mean"), "{status}");
        let stats = v1::ListHookStatsRequest {
            plan_id: request.plan_id,
            repo_id: request.repo_id,
            hook: request.hook,
            ..v1::ListHookStatsRequest::default()
        };
        let status = hooks.list_hook_stats(stats).await.expect_err("unknown");
        assert_eq!((status.code(), &*reason(&status)), (Code::NotFound, expect));
    }
}

#[tokio::test]
async fn a_full_queue_refuses_with_a_time_to_try_again() {
    let hooks = hook("hung", "SNAPSHOT_START", "grace: 0s", "sleep 600");
    let daemon = Setup::new(&config(&hooks))
        .arg("--max-concurrent-runs=1")
        .arg("--max-queued-runs=1")
        .start();
    let mut client = daemon.hooks().await;
    let mut streams = Vec::new();
    for _ in 0..2 {
        streams.push(
            client
                .run_hooks(request(event(SnapshotStart)))
                .await
                .expect("there is room"),
        );
    }
    let status = client
        .run_hooks(request(event(SnapshotStart)))
        .await
        .expect_err("full");
    assert_eq!(
        (status.code(), reason(&status).as_str()),
        (Code::ResourceExhausted, "QUEUE_FULL")
    );
    assert!(
        status
            .get_details_retry_info()
            .expect("when")
            .retry_delay
            .is_some()
    );
}
