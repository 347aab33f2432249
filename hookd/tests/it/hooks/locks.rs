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

/// Returns the part of a config that adds a plan with one hook.
fn other_plan(id: &str, keys: &str, script: &str) -> String {
    let hook = hook(&format!("of-{id}"), "SNAPSHOT_END", keys, script);
    let hook = hook.replace('\n', "\n      ");
    format!("  - id: {id}\n    repo: nas\n    hooks:\n      {hook}\n")
}

fn of_plan(plan: &str) -> v1::RunHooksRequest {
    request(v1::Event {
        plan_id: plan.to_owned(),
        ..event(SnapshotEnd)
    })
}

#[tokio::test]
async fn runs_that_wait_for_a_hooks_lock_keep_no_other_run_from_executing() {
    let holds = hook("holds", "SNAPSHOT_END", "lock: disk", "exec sleep 600");
    let yaml = config(&holds)
        + &other_plan("waits", "lock: disk", "echo had it")
        + &other_plan("free", "", "echo free");
    let daemon = Setup::new(&yaml).arg("--max-concurrent-runs=2").start();
    let mut client = daemon.hooks().await;
    let first = client.run_hooks(of_plan("home")).await;
    let mut first = first.expect("it starts").into_inner();
    let began = read_until(&mut first, |e| matches!(e, Entry::HookStarted(_))).await;
    let waits = client.run_hooks(of_plan("waits")).await;
    let mut waits = waits.expect("it starts").into_inner();
    read_until(&mut waits, |e| matches!(e, Entry::RunWaiting(_))).await;

    let entries = run(&mut client, of_plan("free")).await;
    assert_eq!(output(&entries, 0, v1::OutputStream::Stdout), b"free\n");

    let run_id = run_id(&began);
    let cancelled = client.cancel_run(v1::CancelRunRequest { run_id }).await;
    cancelled.expect("it is known");
    let (entries, end) = collect(waits, |r: v1::RunHooksResponse| r.entry).await;
    assert!(end.is_none(), "{end:?}");
    assert_eq!(output(&entries, 0, v1::OutputStream::Stdout), b"had it\n");
}

#[tokio::test]
async fn one_plan_takes_no_more_than_half_of_the_queue() {
    let hangs = hook("hangs", "SNAPSHOT_END", "", "exec sleep 600");
    let yaml = config(&hangs) + &other_plan("other", "", "echo ran");
    let setup = Setup::new(&yaml).arg("--max-concurrent-runs=2");
    let daemon = setup.arg("--max-queued-runs=4").start();
    let mut client = daemon.hooks().await;
    let mut streams = Vec::new();
    let refused = loop {
        match client.run_hooks(of_plan("home")).await {
            Ok(stream) => streams.push(stream),
            Err(status) => break status,
        }
        assert!(streams.len() < 6, "one plan has the whole queue");
    };
    assert_eq!(refused.code(), tonic::Code::ResourceExhausted);
    assert_eq!(reason(&refused), "QUEUE_FULL");
    let message = "plan \"home\" has 3 runs in the queue, the most that one plan or lock may have";
    assert_eq!(refused.message(), message);
    let entries = run(&mut client, of_plan("other")).await;
    assert_eq!(output(&entries, 0, v1::OutputStream::Stdout), b"ran\n");
}
