//! hookd killed in the middle of a hook: the next daemon ends the remaining processes.
#![cfg(target_os = "linux")]

use std::fs;
use std::path::Path;

use hookd_proto::v1;
use hookd_proto::v1::journal_entry::Entry;
use hookd_test_support::*;

use v1::Condition::SnapshotEnd;

/// A hook that ignores TERM, as does its grandchild in a session of its own.
const SCRIPT: &str = "MISBEHAVE daemon \"$HOOK_LABEL_FILE\" deaf; exec MISBEHAVE deaf";

/// Starts a daemon and this hook in it. Returns the ids of the processes of the hook and its
/// grandchild.
async fn hook_under_way() -> (TestDaemon, [String; 2]) {
    let program = misbehave::program().display().to_string();
    let script = SCRIPT.replace("MISBEHAVE", &program);
    let daemon = TestDaemon::with(&config(&hook("deaf", "SNAPSHOT_END", "", &script)));
    let file = daemon.dir.path().join("grandchild");
    let mut event = event(SnapshotEnd);
    let label = file.display().to_string();
    event.labels.insert("file".to_owned(), label);
    let mut client = daemon.hooks().await;
    let started = client.run_hooks(request(event)).await;
    let mut stream = started.expect("it starts").into_inner();
    let mut pid = String::new();
    loop {
        let message = stream.message().await.expect("no error");
        match message.expect("not over").entry.and_then(|e| e.entry) {
            Some(Entry::HookStarted(started)) => pid = started.pid.to_string(),
            Some(Entry::HookOutput(output)) if output.data.ends_with(b"ready\n") => break,
            _ => {}
        }
    }
    until("the grandchild is there", || async { file.exists() }).await;
    let grandchild = fs::read_to_string(file).expect("its id");
    (daemon, [pid, grandchild])
}

fn scripts(folder: &Path) -> usize {
    let scripts = fs::read_dir(folder.join("state/scripts"));
    scripts.expect("the folder").count()
}

#[tokio::test]
async fn what_a_killed_daemon_left_is_ended_at_the_next_start() {
    let (daemon, processes) = hook_under_way().await;
    let setup = daemon.killed();
    for pid in &processes {
        assert!(lives(pid), "nobody was there to end it");
    }
    assert!(scripts(setup.dir.path()) > 0);

    let daemon = setup.start();
    // The processes are gone before the daemon accepts its first call.
    for pid in &processes {
        assert!(!lives(pid), "{}", daemon.log());
    }
    assert_eq!(scripts(daemon.dir.path()), 0);
    let log = daemon.log();
    assert!(log.contains("left processes of this hook"), "{log}");
    assert!(log.contains("Kill"), "how they ended is said: {log}");
}

#[tokio::test]
async fn a_second_daemon_in_the_same_folder_ends_nothing_of_the_first() {
    let (daemon, processes) = hook_under_way().await;
    let (code, log) = Setup::new(&config(&hook("h", "SNAPSHOT_END", "", "true")))
        .arg("--state")
        .arg(daemon.dir.path().join("state"))
        .fails();
    assert_eq!(code, 69, "{log}");
    assert!(log.contains("in use by another hookd"), "{log}");
    for pid in &processes {
        assert!(lives(pid));
    }
    assert!(scripts(daemon.dir.path()) > 0);
    // The first signal lets runs finish, the second ends them.
    daemon.signal("TERM");
    drop(daemon);
    for pid in &processes {
        assert!(!lives(pid));
    }
}

#[tokio::test]
async fn what_an_ended_hook_left_on_purpose_stays_whatever_the_store_knows() {
    let program = misbehave::program().display().to_string();
    let script = format!("{program} daemon \"$HOOK_LABEL_FILE\" quiet");
    for kept in ["--store=memory", "--store=sqlite"] {
        let yaml = config(&hook("leaves", "SNAPSHOT_END", "", &script))
            + "server: { runRetention: { maxRuns: 1 } }\n";
        let daemon = Setup::new(&yaml).arg(kept).start();
        let file = daemon.dir.path().join("left");
        let mut asked = event(SnapshotEnd);
        let label = file.display().to_string();
        asked.labels.insert("file".to_owned(), label);
        run(&mut daemon.hooks().await, request(asked.clone())).await;
        until("it is there", || async { file.exists() }).await;
        let pid = fs::read_to_string(&file).expect("its id");
        // The run that left it is no longer on record.
        asked.labels.insert(
            "file".to_owned(),
            file.with_extension("other").display().to_string(),
        );
        run(&mut daemon.hooks().await, request(asked)).await;
        let prune = v1::PruneRunsRequest {
            max_runs: 1,
            ..v1::PruneRunsRequest::default()
        };
        daemon
            .admin()
            .await
            .prune_runs(prune)
            .await
            .expect("pruned");

        let daemon = daemon.killed().arg(kept).start();
        assert!(lives(&pid), "{}", daemon.log());
        let kill = std::process::Command::new("kill").arg(&pid).status();
        assert!(kill.expect("kill runs").success());
    }
}
