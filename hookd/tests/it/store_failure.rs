//! Failures to read or write the store: no data is lost without an error.
#![cfg(target_os = "linux")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use hookd_proto::v1;
use hookd_proto::v1::journal_entry::Entry;
use hookd_test_support::*;
use tonic_types::StatusExt as _;
use uuid::Uuid;

use v1::Condition::{SnapshotEnd, SnapshotStart, SnapshotSuccess};

/// More bytes than the WAL holds when a test fills the disk.
const LARGE: usize = 500_000;

/// A small disk of its own, below the state folder.
struct Disk {
    at: PathBuf,
}

impl Disk {
    /// Returns `None` where no disk can be mounted.
    fn mount(setup: &Setup) -> Option<Disk> {
        let at = setup.dir.path().join("state");
        fs::create_dir(&at).expect("made");
        let mut mount = Command::new("mount");
        mount.args(["-t", "tmpfs", "-o", "size=16m,mode=0700", "tmpfs"]);
        let mounted = mount.arg(&at).stderr(Stdio::null()).status();
        if mounted.is_ok_and(|status| status.success()) {
            return Some(Disk { at });
        }
        skip("full-disk: no tmpfs can be mounted");
        None
    }

    /// Fills the disk completely.
    fn fill(&self) {
        use std::io::Write as _;
        let file = fs::File::create(self.at.join("filler"));
        let mut file = file.expect("made");
        while file.write(&[0; 4096]).is_ok_and(|n| n > 0) {}
    }

    fn empty(&self) {
        fs::remove_file(self.at.join("filler")).expect("removed");
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(&self.at).status();
    }
}

/// Returns a check that can cancel the operation, and a notification that cannot. Both record that
/// they ran.
fn hooks(folder: &Path) -> String {
    let ran = |what: &str| format!("echo {what} >> {}", folder.join("ran").display());
    let hooks = [
        hook(
            "check",
            "SNAPSHOT_START",
            "onError: ON_ERROR_CANCEL",
            &format!("{}; exit 4", ran("check")),
        ),
        hook(
            "notify",
            "SNAPSHOT_END",
            "",
            &(ran("notify") + "; echo told"),
        ),
    ];
    config(&hooks.concat())
}

fn ran(daemon: &TestDaemon) -> String {
    fs::read_to_string(daemon.dir.path().join("ran")).unwrap_or_default()
}

/// A daemon on a disk of its own.
fn on_a_disk(yaml: impl Fn(&Path) -> String) -> Option<(Disk, TestDaemon)> {
    let setup = Setup::new("");
    let disk = Disk::mount(&setup)?;
    let yaml = yaml(setup.dir.path());
    fs::write(setup.dir.path().join("hookd.yaml"), yaml).expect("written");
    Some((disk, setup.start()))
}

/// Returns a request that is larger than the room left in the WAL when the disk is full.
fn large(condition: v1::Condition) -> v1::RunHooksRequest {
    let mut asked = asked(condition);
    asked.event.as_mut().expect("an event").error = "x".repeat(LARGE);
    asked
}

fn asked(condition: v1::Condition) -> v1::RunHooksRequest {
    v1::RunHooksRequest {
        request_id: Uuid::new_v4().to_string(),
        ..request(event(condition))
    }
}

#[tokio::test]
async fn on_a_full_disk_hooks_that_steer_are_refused_and_others_run() {
    let Some((disk, daemon)) = on_a_disk(hooks) else {
        return;
    };
    let mut client = daemon.hooks().await;
    let before = asked(SnapshotStart);
    let told = run(&mut client, before.clone()).await;
    assert_eq!(ran(&daemon), "check\n");

    disk.fill();
    let refused = large(SnapshotStart);
    let status = client
        .run_hooks(refused.clone())
        .await
        .expect_err("refused");
    assert_eq!(status.code(), tonic::Code::Unavailable);
    assert_eq!(reason(&status), "STORE_FAILED");
    assert!(status.message().contains("free some space"), "{status:?}");
    assert!(status.get_details_retry_info().is_none(), "{status:?}");
    assert_eq!(ran(&daemon), "check\n", "no script was started");
    // An earlier decision is still returned.
    assert_eq!(run(&mut client, before).await, told);

    let notify = large(SnapshotSuccess);
    let entries = run(&mut client, notify.clone()).await;
    assert_eq!(ran(&daemon), "check\nnotify\n");
    let warnings = decision(&entries).warnings;
    assert!(
        warnings.iter().any(|w| w.contains("in memory alone")),
        "{warnings:?}"
    );
    let info = store_info(&daemon).await;
    assert!(info.failure.contains("full"), "{info:?}");
    assert_eq!(info.unstored_runs, 1);
    assert!(daemon.log().contains("ERROR"), "{}", daemon.log());
    // Meanwhile the run can be looked up, and the request repeated.
    let id = run_id(&entries);
    assert_eq!(
        run_summary(&mut client, &id).await.state(),
        v1::RunState::Finished
    );
    assert_eq!(run(&mut client, notify.clone()).await, entries);
    let newest = v1::ListRunsRequest {
        page_size: 1,
        ..v1::ListRunsRequest::default()
    };
    let listed = client.list_runs(newest).await.expect("a page").into_inner();
    assert_eq!(listed.runs[0].run_id, id, "it is listed though not stored");

    disk.empty();
    until("the run is stored after all", || async {
        store_info(&daemon).await.unstored_runs == 0
    })
    .await;
    let daemon = daemon.killed().start();
    let mut client = daemon.hooks().await;
    assert_eq!(watch(&mut client, &id, 0).await.0, entries);
    assert_eq!(run(&mut client, notify).await, entries);
    assert_eq!(
        decision(&run(&mut client, refused).await).kind(),
        v1::DecisionKind::Cancel
    );
    assert_eq!(ran(&daemon), "check\nnotify\ncheck\n", "once each");
}

#[tokio::test]
async fn the_config_may_have_all_run_though_nothing_can_be_stored() {
    let yaml = |folder: &Path| hooks(folder) + "server: { onStoreFailure: RUN }\n";
    let Some((disk, daemon)) = on_a_disk(yaml) else {
        return;
    };
    disk.fill();
    let mut client = daemon.hooks().await;
    let entries = run(&mut client, large(SnapshotStart)).await;
    let decision = decision(&entries);
    assert_eq!(decision.kind(), v1::DecisionKind::Cancel);
    let warned = decision
        .warnings
        .iter()
        .any(|w| w.contains("in memory alone"));
    assert!(warned, "{decision:?}");
    assert_eq!(ran(&daemon), "check\n");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_decision_that_cannot_be_stored_is_not_told_until_it_can() {
    let Some((_, end)) = ends_on_a_full_disk(SnapshotStart).await else {
        return;
    };
    let status = end.expect("nothing is told");
    assert_eq!(status.code(), tonic::Code::Unavailable);
    assert_eq!(reason(&status), "STORE_FAILED");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_end_of_hooks_that_decide_nothing_is_told_though_it_cannot_be_stored() {
    let Some((rest, end)) = ends_on_a_full_disk(SnapshotEnd).await else {
        return;
    };
    assert!(end.is_none(), "{end:?}");
    let warnings = decision(&rest).warnings;
    assert!(
        warnings.iter().any(|w| w.contains("in memory alone")),
        "{warnings:?}"
    );
}

/// Fills the disk while a hook of this condition is running. Returns the entries that follow and
/// the error of the stream, once the run is stored after all and the same after a restart. `None`
/// where no disk can be mounted.
async fn ends_on_a_full_disk(
    condition: v1::Condition,
) -> Option<(Vec<v1::JournalEntry>, Option<tonic::Status>)> {
    let yaml = |folder: &Path| {
        let fifo = folder.join("fifo").display().to_string();
        let script = format!("echo up; read _ < {fifo}; head -c {LARGE} /dev/zero; exit 4");
        let check = hook(
            "check",
            "SNAPSHOT_START",
            "onError: ON_ERROR_CANCEL",
            &script,
        );
        config(&(check + &hook("notify", "SNAPSHOT_END", "", &script)))
    };
    let (disk, daemon) = on_a_disk(yaml)?;
    let fifo = daemon.dir.path().join("fifo");
    let made = Command::new("mkfifo").arg(&fifo).status();
    assert!(made.expect("mkfifo runs").success());
    let asked = asked(condition);
    let mut client = daemon.hooks().await;
    let stream = client.run_hooks(asked.clone()).await.expect("it starts");
    let mut stream = stream.into_inner();
    let seen = read_until(&mut stream, |e| matches!(e, Entry::HookOutput(_))).await;
    disk.fill();
    fs::write(&fifo, "go\n").expect("the hook reads");
    let result = collect(stream, |r: v1::RunHooksResponse| r.entry).await;
    disk.empty();
    // The repeated request attaches to the same run, and nothing is lost.
    let id = run_id(&seen);
    until("it is stored", || async {
        let run = run_summary(&mut daemon.hooks().await, &id).await;
        run.decision.is_some() && store_info(&daemon).await.unstored_runs == 0
    })
    .await;
    let entries = run(&mut client, asked.clone()).await;
    assert_eq!(entries[..seen.len()], seen[..]);
    let daemon = daemon.killed().start();
    assert_eq!(run(&mut daemon.hooks().await, asked).await, entries);
    Some(result)
}

#[tokio::test]
async fn a_store_that_cannot_be_written_at_the_start_is_said() {
    let setup = Setup::new("");
    let yaml = hooks(setup.dir.path());
    fs::write(setup.dir.path().join("hookd.yaml"), yaml).expect("written");
    let file = setup.dir.path().join("state/runs.sqlite3");
    // A folder in place of the file makes every write fail.
    fs::create_dir_all(&file).expect("made");
    let again = |setup: Setup, args: &[&str]| {
        let setup = args.iter().fold(setup, |setup, arg| setup.arg(*arg));
        let mut child = setup.command().spawn().expect("it starts");
        let code = wait(&mut child).code();
        let log = fs::read_to_string(setup.dir.path().join("hookd.log")).expect("a log");
        (setup, code, log)
    };
    let (mut setup, code, log) = again(setup, &[]);
    assert_eq!(code, Some(69), "{log}");
    for word in ["cannot write the store", "runs.sqlite3", "--store memory"] {
        assert!(log.contains(word), "{log}");
    }
    setup.args.clear();
    let daemon = setup.arg("--on-store-failure=run").start();
    run(&mut daemon.hooks().await, asked(SnapshotStart)).await;
    let info = store_info(&daemon).await;
    assert_eq!(info.kind, "memory");
    assert!(info.failure.contains("cannot write the store"), "{info:?}");
    assert!(daemon.log().contains("in memory alone"), "{}", daemon.log());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_damaged_store_is_set_aside_and_said() {
    let setup = Setup::new("");
    let yaml = hooks(setup.dir.path());
    fs::write(setup.dir.path().join("hookd.yaml"), yaml).expect("written");
    let daemon = setup.start();
    run(&mut daemon.hooks().await, asked(SnapshotStart)).await;
    let setup = daemon.stopped();
    let file = setup.dir.path().join("state/runs.sqlite3");
    let mut bytes = fs::read(&file).expect("it is there");
    bytes[..100].fill(0x55);
    fs::write(&file, &bytes).expect("written");

    let daemon = setup.start();
    let info = store_info(&daemon).await;
    assert_eq!(fs::read(&info.set_aside).expect("it is kept"), bytes);
    let log = daemon.log();
    for word in ["damaged", &info.set_aside, ".recover"] {
        assert!(log.contains(word), "{log}");
    }
    assert_eq!(info.runs, 0);
    run(&mut daemon.hooks().await, asked(SnapshotStart)).await;
    assert_eq!(store_info(&daemon).await.runs, 1);
}
