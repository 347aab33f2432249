//! Files that do not answer, hooks that do not end: others are served, and a signal ends hookd.

use std::fs;
use std::os::fd::{AsRawFd as _, OwnedFd};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use hookd_proto::v1;
use hookd_proto::v1::admin_service_client::AdminServiceClient;
use hookd_test_support::*;
use rustix::io::{FdFlags, fcntl_setfd};
use tokio::task::JoinSet;

use v1::Condition::{SnapshotEnd, SnapshotStart};
use v1::outcome::Outcome;

/// More than there are threads for async work.
const MANY: usize = 100;

fn fifo(folder: &Path, name: &str) -> PathBuf {
    let path = folder.join(name);
    let made = Command::new("mkfifo").arg(&path).status();
    assert!(made.expect("mkfifo runs").success());
    path
}

/// A mount whose file system never answers; unmounted when dropped.
struct DeadMount {
    at: PathBuf,
    _device: OwnedFd,
}

impl DeadMount {
    /// Mounts it over a folder; returns `None` if none can be mounted.
    fn mount(at: PathBuf) -> Option<DeadMount> {
        let device = fs::File::options().read(true).write(true).open("/dev/fuse");
        let mounted = device.ok().filter(|device| {
            fcntl_setfd(device, FdFlags::empty()).expect("inherited");
            let fd = device.as_raw_fd();
            let options = format!("fd={fd},rootmode=40000,user_id=0,group_id=0");
            let mut mount = Command::new("mount");
            mount.args(["-i", "-t", "fuse", "-o", &options, "none"]);
            let mounted = mount.arg(&at).stderr(Stdio::null()).status();
            fcntl_setfd(device, FdFlags::CLOEXEC).expect("private");
            mounted.is_ok_and(|status| status.success())
        });
        let Some(device) = mounted else {
            skip("dead-mount: no FUSE file system can be mounted");
            return None;
        };
        Some(DeadMount {
            at,
            _device: device.into(),
        })
    }
}

impl Drop for DeadMount {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(&self.at).status();
    }
}

/// Checks that hooks with these keys fail in time, while other calls are answered, and that the
/// daemon then ends as it should.
async fn fails_alone(setup: Setup, keys: &str, says: &str) {
    let hooks = [
        hook(
            "waits",
            "SNAPSHOT_START",
            &format!("timeout: 500ms\n{keys}"),
            "true",
        ),
        hook("goes-on", "SNAPSHOT_END", "", "true"),
    ];
    fs::write(setup.dir.path().join("hookd.yaml"), config(&hooks.concat())).expect("written");
    let mut daemon = setup.start();
    let mut client = daemon.hooks().await;
    let waiting: Vec<_> = (0..MANY)
        .map(|_| {
            let mut client = client.clone();
            tokio::spawn(async move { run(&mut client, request(event(SnapshotStart))).await })
        })
        .collect();
    let entries = run(&mut client, request(event(SnapshotEnd))).await;
    assert_eq!(decision(&entries).kind(), v1::DecisionKind::Proceed);
    for waiting in waiting {
        let entries = waiting.await.expect("no panic");
        let Outcome::FailedToStart(failed) = &outcomes(&entries)[0].1 else {
            panic!("{entries:?}");
        };
        assert!(failed.message.contains(says), "{failed:?}");
    }
    drop(client);
    daemon.signal("TERM");
    assert_eq!(daemon.ended(), 0);
}

#[tokio::test]
async fn a_value_in_a_fifo_fails_its_own_hook_in_time() {
    let setup = Setup::new("");
    let path = fifo(setup.dir.path(), "fifo");
    let keys = format!("env: {{ A: {{ fromFile: {} }} }}", path.display());
    fails_alone(setup, &keys, "no answer within 500ms").await;
}

#[tokio::test]
async fn a_mount_that_does_not_answer_fails_its_own_hook_in_time() {
    for key in [
        "env: { A: { fromFile: @/secret } }",
        "workingDirectory: @/folder",
    ] {
        let setup = Setup::new("");
        // Removed after the mount.
        let _folder = Arc::clone(&setup.dir);
        let dead = setup.dir.path().join("dead");
        fs::create_dir(&dead).expect("made");
        let Some(dead) = DeadMount::mount(dead) else {
            return;
        };
        let key = key.replace('@', &dead.at.display().to_string());
        fails_alone(setup, &key, "is its mount gone").await;
    }
}

#[tokio::test]
async fn a_run_that_waits_for_a_file_is_drained() {
    let setup = Setup::new("");
    let path = fifo(setup.dir.path(), "fifo");
    let keys = format!("env: {{ A: {{ fromFile: {} }} }}", path.display());
    let hooks = hook("waits", "SNAPSHOT_START", &keys, "echo \"$A\"");
    fs::write(setup.dir.path().join("hookd.yaml"), config(&hooks)).expect("written");
    let mut daemon = setup.start();
    let mut client = daemon.hooks().await;
    let stream = client.run_hooks(request(event(SnapshotStart))).await;
    daemon.signal("TERM");
    until("it drains", || async {
        daemon.log().contains("shutting down")
    })
    .await;
    fs::write(&path, "a value\n").expect("hookd reads it");
    let stream = stream.expect("it starts").into_inner();
    let (entries, end) = collect(stream, |r: v1::RunHooksResponse| r.entry).await;
    assert!(end.is_none(), "{end:?}");
    // The value is masked.
    assert_eq!(output(&entries, 0, v1::OutputStream::Stdout), b"*******\n");
    assert_eq!(daemon.ended(), 0);
}

#[tokio::test]
async fn a_config_that_became_a_fifo_holds_up_nobody() {
    let hooks = config(&hook("h", "SNAPSHOT_END", "", "true"));
    let mut daemon = TestDaemon::with(&hooks);
    fs::remove_file(&daemon.config).expect("removed");
    fifo(daemon.dir.path(), "hookd.yaml");
    let (channel, mut client) = (daemon.channel().await, daemon.hooks().await);
    let mut reloads = JoinSet::new();
    for _ in 0..MANY {
        daemon.signal("HUP");
        let mut admin = AdminServiceClient::new(channel.clone());
        reloads.spawn(async move { admin.reload_config(v1::ReloadConfigRequest {}).await });
    }
    let entries = run(&mut client, request(event(SnapshotEnd))).await;
    assert_eq!(decision(&entries).kind(), v1::DecisionKind::Proceed);
    drop((reloads, channel, client));
    daemon.signal("TERM");
    assert_eq!(daemon.ended(), 0);
}

#[tokio::test]
async fn a_second_signal_ends_hookd_and_hooks_that_refuse_to_end() {
    let script = "trap '' TERM; echo $$; while :; do sleep 600; done";
    let hooks = hook("stubborn", "SNAPSHOT_START", "grace: 1h", script);
    let mut daemon = TestDaemon::with(&config(&hooks));
    let mut client = daemon.hooks().await;
    let stream = client.run_hooks(request(event(SnapshotStart))).await;
    let mut stream = stream.expect("it starts").into_inner();
    let is_output = |e: &_| matches!(e, v1::journal_entry::Entry::HookOutput(_));
    let entries = read_until(&mut stream, is_output).await;
    let pid = output(&entries, 0, v1::OutputStream::Stdout);
    let pid = String::from_utf8(pid).expect("digits");
    daemon.signal("TERM");
    until("it drains", || async {
        daemon.log().contains("shutting down")
    })
    .await;
    let told = Instant::now();
    daemon.signal("TERM");
    assert_eq!(daemon.ended(), 0);
    assert!(
        told.elapsed() < Duration::from_secs(15),
        "{:?}",
        told.elapsed()
    );
    let process = Path::new("/proc").join(pid.trim());
    until("its process is gone", || async { !process.exists() }).await;
}

#[tokio::test]
async fn a_second_signal_ends_hookd_though_the_disk_of_its_store_does_not_answer() {
    let hooks = hook("h", "SNAPSHOT_START", "onError: ON_ERROR_CANCEL", "true");
    let mut daemon = TestDaemon::with(&config(&hooks));
    let _folder = Arc::clone(&daemon.dir);
    let mut client = daemon.hooks().await;
    run(&mut client, request(event(SnapshotStart))).await;
    let Some(_dead) = DeadMount::mount(daemon.dir.path().join("state")) else {
        return;
    };
    // Waits for its admission while the info is waited for.
    let waits = tokio::spawn(async move { client.run_hooks(request(event(SnapshotStart))).await });
    let info = store_info(&daemon).await;
    assert!(info.failure.contains("disk does not answer"), "{info:?}");
    daemon.signal("TERM");
    until("it drains", || async {
        daemon.log().contains("shutting down")
    })
    .await;
    let told = Instant::now();
    daemon.signal("TERM");
    // Nothing could be closed.
    assert_eq!(daemon.ended(), 1);
    assert!(
        told.elapsed() < Duration::from_secs(20),
        "{:?}",
        told.elapsed()
    );
    assert!(waits.await.expect("no panic").is_err());
}
