//! Many watchers of one run, at different speeds.
#![cfg(target_os = "linux")]

use std::fs;

use hookd_proto::v1;
use hookd_proto::v1::journal_entry::Entry;
use hookd_test_support::*;
use tokio::task::JoinSet;

use v1::Condition::SnapshotEnd;
use v1::OutputStream::Stdout;

/// The default limit on the kept output of a hook, in bytes.
const BYTES: usize = 16 << 20;
/// Watchers that read.
const READERS: u64 = 6;
/// Watchers that do not read for a while.
const STALLED: u64 = 6;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_watchers_see_the_same_at_their_own_pace_and_cost_no_memory() {
    let script = format!("read _ < \"$HOOK_LABEL_FIFO\"; head -c {BYTES} /dev/zero");
    let daemon = TestDaemon::with(&config(&hook("flood", "SNAPSHOT_END", "", &script)));
    let fifo = daemon.dir.path().join("fifo");
    let made = std::process::Command::new("mkfifo").arg(&fifo).status();
    assert!(made.expect("mkfifo runs").success());
    let mut event = event(SnapshotEnd);
    let label = fifo.display().to_string();
    event.labels.insert("fifo".to_owned(), label);
    let stream = daemon.hooks().await.run_hooks(request(event)).await;
    let mut stream = stream.expect("it starts").into_inner();
    let started = |entry: &Entry| matches!(entry, Entry::HookStarted(_));
    let mut all = read_until(&mut stream, started).await;
    let id = run_id(&all);

    let mut stalled = Vec::new();
    for after_sequence in 0..STALLED {
        let run_id = id.clone();
        let request = v1::WatchRunRequest {
            run_id,
            after_sequence,
        };
        // Each watcher has a connection of its own, so that they share no flow-control window.
        let stream = daemon.hooks().await.watch_run(request).await;
        stalled.push((after_sequence, stream.expect("it is known").into_inner()));
    }
    let mut readers = JoinSet::new();
    for after in 0..READERS {
        let (mut client, id) = (daemon.hooks().await, id.clone());
        readers.spawn(async move { (after, watch(&mut client, &id, after).await) });
    }
    let before = memory_kib(daemon.pid(), "VmHWM");
    fs::write(&fifo, "go\n").expect("the hook reads");
    let (rest, end) = collect(stream, |r: v1::RunHooksResponse| r.entry).await;
    assert!(end.is_none(), "{end:?}");
    all.extend(rest);
    assert_eq!(output(&all, 0, Stdout).len(), BYTES, "no byte is lost");
    for (after, (entries, end)) in readers.join_all().await {
        assert!(end.is_none(), "{end:?}");
        let from = usize::try_from(after).expect("small");
        assert!(entries == all[from..], "after {after}, live");
    }
    // The run has ended by now; the stalled watchers continue to read from the store.
    let daemon_is_done = || async {
        run_summary(&mut daemon.hooks().await, &id)
            .await
            .finished_at
            .is_some()
    };
    until("the run is over", daemon_is_done).await;
    for (after, stream) in stalled {
        let (entries, end) = collect(stream, |r: v1::WatchRunResponse| r.entry).await;
        assert!(end.is_none(), "{end:?}");
        let from = usize::try_from(after).expect("small");
        assert!(entries == all[from..], "after {after}, late");
    }
    let (entries, _) = watch(&mut daemon.hooks().await, &id, 0).await;
    assert!(entries == all, "from the store alone");
    let grown = memory_kib(daemon.pid(), "VmHWM").saturating_sub(before) / 1024;
    assert!(
        grown < 48,
        "{grown} MiB more for {} readers of 16 MiB",
        READERS + STALLED
    );
}
