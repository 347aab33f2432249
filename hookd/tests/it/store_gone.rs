//! Files of the store that are removed, renamed, replaced, overwritten or cut while hookd runs.
#![cfg(target_os = "linux")]

use std::fs;
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use hookd::store::{Durability, EndedBy, NewRun, Record, RunEnd, RunSubject, Store};
use hookd_proto::v1;
use hookd_test_support::*;
use jiff::{SignedDuration, Timestamp};
use rustix::process::{Pid, Resource, Rlimit, prlimit};
use uuid::Uuid;

use v1::Condition::{SnapshotStart, SnapshotSuccess};

/// Returns a check that can cancel the operation, and a notification that cannot. Both record
/// that they ran.
fn setup(more: &str) -> Setup {
    let setup = Setup::new("");
    let ran = setup.dir.path().join("ran");
    let script = |what: &str| format!("echo {what} >> {}", ran.display());
    let check = hook(
        "check",
        "SNAPSHOT_START",
        "onError: ON_ERROR_CANCEL",
        &script("check"),
    );
    let notify = hook("notify", "SNAPSHOT_END", "", &script("notify"));
    let yaml = config(&(check + &notify)) + more;
    fs::write(setup.dir.path().join("hookd.yaml"), yaml).expect("written");
    setup
}

fn ran(dir: &Path) -> String {
    fs::read_to_string(dir.join("ran")).unwrap_or_default()
}

fn file(dir: &Path, suffix: &str) -> PathBuf {
    dir.join(format!("state/runs.sqlite3{suffix}"))
}

fn asked(condition: v1::Condition) -> v1::RunHooksRequest {
    v1::RunHooksRequest {
        request_id: Uuid::new_v4().to_string(),
        ..request(event(condition))
    }
}

/// Writes bytes over those that a file of the store has at this place, without replacing it.
fn overwrite(dir: &Path, suffix: &str, bytes: &[u8], at: u64) {
    let file = fs::File::options().write(true).open(file(dir, suffix));
    let written = file.and_then(|file| file.write_all_at(bytes, at));
    written.expect("overwritten");
}

/// Cuts a file of the store to nothing, without replacing it.
fn cut(dir: &Path, suffix: &str) {
    let file = fs::File::options().write(true).open(file(dir, suffix));
    file.and_then(|file| file.set_len(0)).expect("cut");
}

/// A way in which a store may go.
struct Loss {
    go: fn(&Path),
    says: &'static str,
    /// The remedy without a restart.
    come_back: Option<fn(&Path)>,
    /// The runs that the store has after the remedy.
    left: u64,
}

const REMOVALS: [Loss; 5] = [
    Loss {
        go: |dir| fs::remove_file(file(dir, "")).expect("removed"),
        says: "was removed or renamed; move it back, or restart hookd to begin a new store",
        come_back: None,
        left: 0,
    },
    Loss {
        go: |dir| fs::rename(file(dir, ""), dir.join("away")).expect("renamed"),
        says: "runs.sqlite3 was removed or renamed; move it back",
        come_back: Some(|dir| fs::rename(dir.join("away"), file(dir, "")).expect("renamed")),
        left: 1,
    },
    Loss {
        go: |dir| fs::rename(dir.join("state"), dir.join("away")).expect("renamed"),
        says: "runs.sqlite3 was removed or renamed; move it back",
        come_back: Some(|dir| fs::rename(dir.join("away"), dir.join("state")).expect("renamed")),
        left: 1,
    },
    Loss {
        go: |dir| {
            fs::copy(file(dir, ""), dir.join("copy")).expect("copied");
            fs::rename(dir.join("copy"), file(dir, "")).expect("renamed");
        },
        says: "is another file than hookd opened; move the former one back, or restart hookd",
        come_back: None,
        left: 0,
    },
    Loss {
        go: |dir| fs::remove_file(file(dir, "-wal")).expect("removed"),
        says: "runs.sqlite3-wal was removed or renamed; move it back, or restart hookd, which",
        come_back: None,
        left: 1,
    },
];

const DAMAGES: [Loss; 5] = [
    Loss {
        go: |dir| overwrite(dir, "", &[0; 100], 0),
        says: "runs.sqlite3; restart hookd, which checks it and, if it cannot be used, sets it",
        come_back: None,
        left: 0,
    },
    Loss {
        go: |dir| {
            fs::copy(file(dir, ""), dir.join("copy")).expect("copied");
            overwrite(dir, "", &[0x55; 100], 0);
        },
        says: "the store is damaged: another program overwrote or cut",
        come_back: Some(|dir| {
            let copy = fs::read(dir.join("copy")).expect("it is there");
            overwrite(dir, "", &copy[..100], 0);
        }),
        left: 1,
    },
    Loss {
        go: |dir| cut(dir, ""),
        says: "runs.sqlite3; restart hookd, which",
        come_back: None,
        left: 0,
    },
    Loss {
        go: |dir| overwrite(dir, "-wal", &[0; 32], 0),
        says: "runs.sqlite3-wal; restart hookd, which",
        come_back: None,
        left: 1,
    },
    Loss {
        go: |dir| cut(dir, "-wal"),
        says: "runs.sqlite3-wal; restart hookd, which",
        come_back: None,
        left: 0,
    },
];

#[tokio::test]
async fn a_store_that_is_gone_is_said_and_no_decision_is_lost() {
    check_losses(REMOVALS).await;
}

#[tokio::test]
async fn a_store_that_is_overwritten_or_cut_is_said_and_no_decision_is_lost() {
    check_losses(DAMAGES).await;
}

async fn check_losses(losses: [Loss; 5]) {
    for Loss {
        go,
        says,
        come_back,
        left,
    } in losses
    {
        let daemon = setup("").start();
        let dir = daemon.dir.path().to_owned();
        let mut client = daemon.hooks().await;
        run(&mut client, asked(SnapshotStart)).await;
        go(&dir);
        until("it is noticed without a call", || async {
            daemon.log().contains(says)
        })
        .await;
        let failure = store_info(&daemon).await.failure;
        assert!(failure.contains(says), "{failure}");

        let refused = client.run_hooks(asked(SnapshotStart)).await;
        let refused = refused.expect_err("it could not be kept");
        assert_eq!(reason(&refused), "STORE_FAILED");
        assert!(refused.message().contains(says), "{refused:?}");
        assert_eq!(ran(&dir), "check\n", "nothing was run");
        let daemon = match come_back {
            Some(come_back) => {
                come_back(&dir);
                daemon
            }
            None => daemon.stopped().start(),
        };
        run(&mut daemon.hooks().await, asked(SnapshotStart)).await;
        let info = store_info(&daemon).await;
        assert_eq!((info.failure.as_str(), info.runs), ("", left + 1), "{says}");
    }
}

/// The writer goes on from its cache, and only a reader sees the damage.
#[tokio::test]
async fn damage_that_a_reader_sees_is_said_and_no_decision_is_lost() {
    let daemon = setup("").start();
    run(&mut daemon.hooks().await, asked(SnapshotStart)).await;
    // Moves the WAL into the database.
    let daemon = daemon.stopped().start();
    let dir = daemon.dir.path().to_owned();
    let mut client = daemon.hooks().await;
    let pages = fs::metadata(file(&dir, "")).expect("it is there").len() / 4096;
    for page in 1..pages {
        overwrite(&dir, "", &[0x5a; 4096], page * 4096);
    }
    let listed = client.list_runs(v1::ListRunsRequest::default()).await;
    let seen = listed.expect_err("it cannot be read");
    assert_eq!(reason(&seen), "STORE_FAILED");
    until("it is logged", || async {
        daemon.log().contains("the store is damaged")
    })
    .await;
    assert!(store_info(&daemon).await.failure.contains("malformed"));
    let refused = client.run_hooks(asked(SnapshotStart)).await;
    let refused = refused.expect_err("it could not be kept");
    assert_eq!(reason(&refused), "STORE_FAILED");
    assert_eq!(ran(&dir), "check\n", "nothing was run");

    let daemon = daemon.stopped().start();
    let info = store_info(&daemon).await;
    assert!(Path::new(&info.set_aside).exists(), "{info:?}");
    run(&mut daemon.hooks().await, asked(SnapshotStart)).await;
    assert_eq!(store_info(&daemon).await.failure, "");
}

#[tokio::test]
async fn where_the_config_says_so_hooks_run_though_the_store_is_gone() {
    let losses: [fn(&Path); 2] = [
        |dir| fs::remove_file(file(dir, "")).expect("removed"),
        |dir| overwrite(dir, "", &[0; 100], 0),
    ];
    let rows = [
        ("server: { onStoreFailure: RUN }\n", SnapshotStart),
        ("", SnapshotSuccess),
    ];
    for (go, (more, condition)) in losses.iter().flat_map(|go| rows.map(|row| (go, row))) {
        let daemon = setup(more).start();
        go(daemon.dir.path());
        let entries = run(&mut daemon.hooks().await, asked(condition)).await;
        let warnings = decision(&entries).warnings;
        let warned = warnings.iter().any(|w| w.contains("in memory alone"));
        assert!(warned, "{warnings:?}");
    }
}

#[tokio::test]
async fn no_index_of_the_wal_can_be_cut() {
    let daemon = setup("").start();
    let mut client = daemon.hooks().await;
    run(&mut client, asked(SnapshotStart)).await;
    let index = fs::File::options()
        .write(true)
        .open(file(daemon.dir.path(), "-shm"));
    if let Ok(index) = index {
        index.set_len(0).expect("cut");
    }
    run(&mut client, asked(SnapshotStart)).await;
    assert_eq!(store_info(&daemon).await.runs, 2);
}

#[tokio::test]
async fn the_limit_on_the_size_of_files_fails_the_store_alone() {
    let daemon = setup("").start();
    let mut client = daemon.hooks().await;
    run(&mut client, asked(SnapshotStart)).await;
    let bound = |current| {
        let pid = Pid::from_raw(daemon.pid().cast_signed());
        let limit = Rlimit {
            current,
            maximum: None,
        };
        prlimit(pid, Resource::Fsize, limit).expect("the limit is set");
    };
    bound(Some(300_000));
    let mut large = asked(SnapshotStart);
    large.event.as_mut().expect("an event").error = "x".repeat(500_000);
    let refused = client.run_hooks(large.clone()).await.expect_err("refused");
    assert_eq!(reason(&refused), "STORE_FAILED");
    assert!(refused.message().contains("LimitFSIZE"), "{refused:?}");
    bound(None);
    run(&mut client, large).await;
    assert_eq!(store_info(&daemon).await.failure, "");
}

#[tokio::test]
async fn a_damaged_wal_is_said_and_kept() {
    let daemon = setup("").start();
    let mut client = daemon.hooks().await;
    let mut first = Vec::new();
    for n in 0..6 {
        let entries = run(&mut client, asked(SnapshotStart)).await;
        if n == 0 {
            first = entries;
        }
    }
    let dir = daemon.dir.path().to_owned();
    let setup = daemon.killed();
    let wal = file(&dir, "-wal");
    let mut bytes = fs::read(&wal).expect("it is there");
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(&wal, &bytes).expect("written");

    let daemon = setup.start();
    let info = store_info(&daemon).await;
    assert!((1..6).contains(&info.runs), "{info:?}");
    assert!(fs::read(&info.set_aside).expect("it is kept") == bytes);
    let log = daemon.log();
    for word in [
        "is damaged",
        "transactions",
        "may be missing",
        &info.set_aside,
    ] {
        assert!(log.contains(word), "{word}: {log}");
    }
    let mut client = daemon.hooks().await;
    assert_eq!(watch(&mut client, &run_id(&first), 0).await.0, first);
    // It is said once.
    let daemon = daemon.killed().start();
    assert_eq!(store_info(&daemon).await.set_aside, "");
}

#[tokio::test]
async fn a_clock_that_jumped_removes_nothing() {
    let setup = setup("");
    fs::create_dir(setup.dir.path().join("state")).expect("made");
    private(&setup.dir.path().join("state"));
    let (store, _) = Store::open(&file(setup.dir.path(), ""), Durability::Power).expect("opened");
    // Older than runs are kept, as all of them would be by a clock that is far ahead.
    let started_at = Timestamp::now() - SignedDuration::from_hours(24 * 400);
    let run = NewRun {
        id: Uuid::now_v7(),
        request: None,
        subject: RunSubject {
            condition: hook_core::condition::Condition::SnapshotEnd,
            repo: String::new(),
            plan: "home".to_owned(),
            operation: String::new(),
        },
        started_at,
        first: Record {
            sequence: 1,
            bytes: Vec::new().into(),
        },
    };
    let id = run.id;
    store.admit(run).await.expect("admitted");
    let end = RunEnd {
        by: EndedBy::Decision(1),
        at: started_at,
        summary: Vec::new().into(),
        hooks: Vec::new(),
    };
    store.finish(id, &[], end).await.expect("finished");
    store.close().await.expect("closed");
    drop(store);

    let daemon = setup.start();
    until("it is said", || async {
        daemon.log().contains("until it has been so for an hour")
    })
    .await;
    assert_eq!(store_info(&daemon).await.runs, 1);
    // An admin may remove it.
    let asked = v1::PruneRunsRequest {
        max_age: Some(Duration::from_secs(90 * 24 * 3600).into()),
        ..v1::PruneRunsRequest::default()
    };
    let pruned = daemon.admin().await.prune_runs(asked).await;
    assert_eq!(pruned.expect("an answer").into_inner().plans[0].runs, 1);
}

fn private(folder: &Path) {
    use std::os::unix::fs::PermissionsExt as _;
    fs::set_permissions(folder, fs::Permissions::from_mode(0o700)).expect("changed");
}
