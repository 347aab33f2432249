//! An agent against an embedded hookd.
#![expect(
    clippy::expect_used,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

use std::time::Duration;

use hookd::embedded::Embedded;
use hookd_client::v1::journal_entry::Entry;
use hookd_client::v1::{Condition, Event, RunHooksRequest};
use hookd_client::{
    Address, Cause, Client, ConnectError, Decision, Reason, RunError, Source, Update, Updates,
    follow,
};
use tempfile::TempDir;
use uuid::Uuid;

/// Returns hookd with one hook for the start of a snapshot of the plan `home`.
async fn hookd(more: &str, script: &str) -> (Embedded, Client, TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let config = folder.path().join("hookd.yaml");
    let text = format!(
        "repos: [{{ id: nas, uri: /backup }}]\nplans:\n  - id: home\n    repo: nas\n    \
         paths: [/home]\n    hooks:\n      - name: h\n        \
         conditions: [CONDITION_SNAPSHOT_START]\n        {more}\n        \
         actionCommand:\n          command: |\n            {script}\n"
    );
    std::fs::write(&config, text).unwrap();
    let hookd = hookd::embedded::connect(&config).await.unwrap();
    let client = Client::over(hookd.channel.clone());
    (hookd, client, folder)
}

fn event() -> Event {
    Event {
        condition: Condition::SnapshotStart.into(),
        plan_id: "home".to_owned(),
        ..Event::default()
    }
}

/// Reads until a hook has written output.
async fn until_output(updates: &mut Updates) {
    loop {
        let update = updates.recv().await.expect("the run goes on").unwrap();
        if let Update::Entry(entry) = update
            && matches!(entry.entry, Some(Entry::HookOutput(_)))
        {
            return;
        }
    }
}

#[tokio::test]
async fn every_decision_comes_as_itself() {
    let cause = Cause {
        hook: "h".to_owned(),
        reason: "exit code 3".to_owned(),
    };
    let warnings = Vec::new;
    for (policy, expected) in [
        (
            "ON_ERROR_IGNORE",
            Decision::Proceed {
                warnings: warnings(),
            },
        ),
        (
            "ON_ERROR_CANCEL",
            Decision::Cancel {
                cause: cause.clone(),
                warnings: warnings(),
            },
        ),
        (
            "ON_ERROR_FATAL",
            Decision::Fail {
                cause: cause.clone(),
                warnings: warnings(),
            },
        ),
        (
            "ON_ERROR_RETRY_10MINUTES",
            Decision::Retry {
                after: Duration::from_secs(600),
                attempt: 1,
                cause: cause.clone(),
                warnings: warnings(),
            },
        ),
    ] {
        let (hookd, client, _folder) = hookd(&format!("onError: {policy}"), "exit 3").await;
        let decision = client.run(event()).decide().await.unwrap();
        assert_eq!(decision, expected);
        hookd.shutdown().await;
    }
    let (hookd, client, _folder) = hookd("exitCodes: { '3': WARN }", "exit 3").await;
    let decision = client.run(event()).decide().await.unwrap();
    assert_eq!(decision.warnings().len(), 1, "{decision:?}");
    hookd.shutdown().await;
}

#[tokio::test]
async fn an_observer_sees_the_journal_and_the_request_runs_once() {
    let (hookd, client, folder) = hookd("", "echo x >> \"$HOOK_LABEL_TRACE\"; echo hello").await;
    let trace = folder.path().join("trace");
    let mut event = event();
    event
        .labels
        .insert("trace".to_owned(), trace.display().to_string());
    let id = Uuid::new_v4();
    let mut seen = Vec::new();
    for _ in 0..2 {
        let run = client.run(event.clone()).request_id(id);
        let mut sequences = Vec::new();
        run.decide_observed(|update| {
            if let Update::Entry(entry) = update {
                sequences.push(entry.sequence);
            }
        })
        .await
        .unwrap();
        seen.push(sequences);
    }
    assert_eq!(seen[0], seen[1]);
    assert!(seen[0].iter().copied().eq(1..=seen[0].len() as u64));
    assert_eq!(std::fs::read_to_string(&trace).unwrap(), "x\n");

    event.plan_id.clear();
    let reused = client.run(event).request_id(id).decide().await;
    let Err(RunError::Refused(refusal)) = reused else {
        panic!("{reused:?}");
    };
    assert_eq!(refusal.reason(), &Reason::RequestIdReused);
    hookd.shutdown().await;
}

#[tokio::test]
async fn what_is_not_configured_is_told_apart() {
    let (hookd, client, _folder) = hookd("", "true").await;
    let refused = async |event: Event| match client.run(event).decide().await {
        Err(RunError::Refused(refusal)) => refusal.reason().clone(),
        other => panic!("{other:?}"),
    };
    let mut unknown = event();
    unknown.plan_id = "hom".to_owned();
    assert_eq!(
        refused(unknown).await,
        Reason::PlanNotFound("hom".to_owned())
    );
    let mut unknown = event();
    unknown.plan_id.clear();
    unknown.repo_id = "nsa".to_owned();
    assert_eq!(
        refused(unknown).await,
        Reason::RepoNotFound("nsa".to_owned())
    );
    assert!(matches!(refused(Event::default()).await, Reason::Other(_)));
    let cancelled = client.cancel("no-such-run").await.unwrap_err();
    let reason = Reason::RunNotFound("no-such-run".to_owned());
    assert_eq!(cancelled.reason(), &reason);
    hookd.shutdown().await;
}

#[tokio::test]
async fn a_run_is_cancelled_and_its_decision_still_comes() {
    let more = "onError: ON_ERROR_CANCEL";
    let (hookd, client, _folder) = hookd(more, "echo here; exec sleep 300").await;
    let mut updates = client.run(event()).start();
    let canceller = updates.canceller();
    until_output(&mut updates).await;
    assert!(canceller.clone().cancel().await.unwrap());
    let mut last = None;
    while let Some(update) = updates.recv().await {
        if let Update::Entry(entry) = update.unwrap() {
            last = hookd_client::Ending::of(&entry);
        }
    }
    let decision = last.expect("an end").decision().unwrap();
    assert!(matches!(decision, Decision::Cancel { .. }), "{decision:?}");
    assert!(!canceller.cancel().await.unwrap(), "it is over");
    hookd.shutdown().await;
}

#[tokio::test]
async fn a_run_goes_on_when_nobody_reads_it_and_is_bounded_by_its_timeout() {
    let more = "onError: ON_ERROR_FATAL";
    let (hookd, client, _folder) = hookd(more, "echo here; exec sleep 300").await;
    let run = client.run(event()).timeout(Duration::from_millis(300));
    let mut updates = run.start();
    let run_id = loop {
        let update = updates.recv().await.expect("the run goes on").unwrap();
        if let Update::Entry(entry) = update
            && let Some(Entry::RunStarted(started)) = entry.entry
        {
            break started.run_id;
        }
    };
    drop(updates);
    let mut watched = client.watch(run_id);
    let mut last = None;
    while let Some(update) = watched.recv().await {
        if let Update::Entry(entry) = update.unwrap() {
            last = hookd_client::Ending::of(&entry);
        }
    }
    let decision = last.expect("an end").decision().unwrap();
    assert!(matches!(decision, Decision::Fail { .. }), "{decision:?}");
    hookd.shutdown().await;
}

#[tokio::test]
async fn a_hookd_that_is_not_there_is_told_or_waited_for() {
    let folder = tempfile::tempdir().unwrap();
    let socket = folder.path().join("none.sock");
    let address = Address::Unix(socket.clone());
    let refused = Client::connect(&address).await.unwrap_err();
    assert!(matches!(refused, ConnectError::Unreachable { .. }));
    let said = refused.to_string();
    assert!(said.ends_with("there is no such socket"), "{said}");
    // Leaves a socket without a listener.
    drop(std::os::unix::net::UnixListener::bind(&socket).unwrap());
    let said = Client::connect(&address).await.unwrap_err().to_string();
    assert!(said.ends_with("nobody listens there"), "{said}");

    let lazy = Client::connect_lazily(&address);
    let mut lost = 0;
    let limit = Duration::from_millis(500);
    let run = lazy.run(event()).retry_for(limit);
    let error = run
        .decide_observed(|update| lost += u32::from(matches!(update, Update::Lost { .. })))
        .await
        .unwrap_err();
    assert!(lost >= 2, "{lost}");
    let RunError::NotStarted { tried, cause, .. } = error else {
        panic!("{error:?}");
    };
    assert_eq!((tried, cause.reason()), (limit, &Reason::Connection));
}

#[tokio::test]
async fn a_request_that_is_made_again_has_an_id() {
    let folder = tempfile::tempdir().unwrap();
    let nowhere = Address::Unix(folder.path().join("hookd.sock"));
    let request = RunHooksRequest {
        event: Some(event()),
        ..RunHooksRequest::default()
    };
    let client = Client::connect_lazily(&nowhere).hooks();
    let source = Source::Request(Box::new(request));
    let mut updates = follow(client, source, Duration::ZERO);
    let error = updates.recv().await.unwrap().unwrap_err();
    let RunError::NotStarted { request_id, .. } = error else {
        panic!("{error:?}");
    };
    assert!(request_id.parse::<Uuid>().is_ok(), "{request_id:?}");
}
