//! Hooks and runs that never overlap.

use hookd_proto::v1;
use hookd_proto::v1::journal_entry::Entry;
use hookd_proto::v1::outcome::Outcome;

use hookd_test_support::*;

use v1::Condition::SnapshotEnd;
use v1::DecisionKind::Proceed;

#[tokio::test]
async fn hooks_with_the_same_lock_never_overlap_and_say_what_they_wait_for() {
    let script = "mkdir \"$HOOK_LABEL_DIR/busy\" || exit 9; read _ < \"$HOOK_LABEL_FIFO\"; rmdir \"$HOOK_LABEL_DIR/busy\"";
    let free = "mkdir \"$HOOK_LABEL_DIR/busy\" || exit 9; rmdir \"$HOOK_LABEL_DIR/busy\"";
    let yaml = config(&hook("first", "SNAPSHOT_END", "lock: disk", script))
        + "  - id: other\n    repo: nas\n    hooks:\n      "
        + &hook("second", "SNAPSHOT_END", "lock: disk", free).replace('\n', "\n      ");
    let daemon = TestDaemon::with(&yaml);
    let dir = daemon.dir.path();
    let fifo = dir.join("fifo");
    assert!(
        std::process::Command::new("mkfifo")
            .arg(&fifo)
            .status()
            .expect("mkfifo")
            .success()
    );
    let about = |plan: &str| {
        let mut event = v1::Event {
            plan_id: plan.to_owned(),
            ..event(SnapshotEnd)
        };
        event
            .labels
            .insert("dir".to_owned(), dir.display().to_string());
        event
            .labels
            .insert("fifo".to_owned(), fifo.display().to_string());
        request(event)
    };
    let mut client = daemon.hooks().await;
    let first = client
        .run_hooks(about("home"))
        .await
        .expect("it starts")
        .into_inner();
    until("the first holds the lock", || async {
        dir.join("busy").exists()
    })
    .await;
    let mut second = client
        .run_hooks(about("other"))
        .await
        .expect("it starts")
        .into_inner();
    let waiting = loop {
        let entry = second
            .message()
            .await
            .expect("no error")
            .expect("not over")
            .entry;
        if let Some(Entry::RunWaiting(waiting)) = entry.and_then(|e| e.entry) {
            break waiting;
        }
    };
    assert_eq!(
        (waiting.reason(), waiting.lock.as_str()),
        (v1::WaitReason::Lock, "disk")
    );
    assert_eq!(waiting.hook, "second");
    assert!(waiting.held_by.contains("first"), "{}", waiting.held_by);
    std::fs::write(&fifo, "go\n").expect("the hook reads");
    for stream in [first, second] {
        let (entries, end) = collect(stream, |r: v1::RunHooksResponse| r.entry).await;
        assert!(end.is_none());
        assert_eq!(outcomes(&entries)[0].1, Outcome::ExitCode(0), "{entries:?}");
    }
}

#[tokio::test]
async fn a_plans_lock_holds_up_its_whole_run() {
    let yaml = config(&hook(
        "first",
        "SNAPSHOT_END",
        "",
        "read _ < \"$HOOK_LABEL_FIFO\"",
    ))
    .replace(
        "    paths: [/home]\n",
        "    paths: [/home]\n    lock: disk\n",
    ) + "  - id: other\n    repo: nas\n    lock: disk\n    hooks:\n      "
        + &hook("second", "SNAPSHOT_END", "", "true").replace('\n', "\n      ");
    let daemon = TestDaemon::with(&yaml);
    let fifo = daemon.dir.path().join("fifo");
    assert!(
        std::process::Command::new("mkfifo")
            .arg(&fifo)
            .status()
            .expect("mkfifo")
            .success()
    );
    let about = |plan: &str| {
        let mut event = v1::Event {
            plan_id: plan.to_owned(),
            ..event(SnapshotEnd)
        };
        event
            .labels
            .insert("fifo".to_owned(), fifo.display().to_string());
        request(event)
    };
    let mut client = daemon.hooks().await;
    let mut first = client
        .run_hooks(about("home"))
        .await
        .expect("it starts")
        .into_inner();
    while !matches!(
        first
            .message()
            .await
            .expect("no error")
            .expect("not over")
            .entry
            .and_then(|e| e.entry),
        Some(Entry::HookStarted(_))
    ) {}
    let mut second = client
        .run_hooks(about("other"))
        .await
        .expect("it starts")
        .into_inner();
    let started = second
        .message()
        .await
        .expect("no error")
        .expect("an entry")
        .entry;
    let waits = second
        .message()
        .await
        .expect("no error")
        .expect("an entry")
        .entry;
    let Some(Entry::RunWaiting(waiting)) = waits.and_then(|e| e.entry) else {
        panic!("it waits")
    };
    assert_eq!((waiting.lock.as_str(), waiting.hook.as_str()), ("disk", ""));
    // A run that waits can be cancelled, and its hooks do not run.
    let run_id = run_id(&[started.expect("an entry")]);
    client
        .cancel_run(v1::CancelRunRequest { run_id })
        .await
        .expect("it is known");
    let (entries, _) = collect(second, |r: v1::RunHooksResponse| r.entry).await;
    assert!(matches!(&entries[0].entry,
        Some(Entry::HookSkipped(s)) if s.reason() == v1::SkipReason::RunEnded));
    std::fs::write(&fifo, "go\n").expect("the hook reads");
    let (entries, _) = collect(first, |r: v1::RunHooksResponse| r.entry).await;
    assert_eq!(decision(&entries).kind(), Proceed);
}
