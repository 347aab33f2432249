//! Export, prune and backup of runs.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use hookd_proto::v1;
use hookd_test_support::{Setup, config, event, hook, reason, request, run, until};
use serde_json::Value;

use super::STORES;
use crate::hookd::{Ask as _, start};

fn hooks() -> String {
    hook("a", "SNAPSHOT_START", "", "echo said; exit 3")
}

#[test]
fn an_export_has_every_run_with_all_that_happened() {
    for store in STORES {
        let daemon = start(&config(&hooks()), store);
        for condition in ["snapshot-start", "prune-start", "snapshot-start"] {
            daemon.fire(&[condition, "--plan", "home"]);
        }
        let told = daemon.ask(&["runs", "export"]);
        assert_eq!((told.code, &*told.err), (Some(0), ""));
        let lines = told.objects();
        assert_eq!(lines.len(), 3);
        for line in &lines {
            let id = line["run"]["runId"].as_str().expect("an id");
            assert_eq!(line["run"], daemon.json(&["show", id]));
            let logs = daemon.ask(&["logs", id, "-o", "json"]);
            let journal = logs.objects();
            assert_eq!(line["journal"].as_array(), Some(&journal));
            let time = journal[0]["time"].as_str().expect("a time");
            assert!(time.ends_with('Z'), "{time}");
        }
        let dir = tempfile::tempdir().expect("a folder");
        let file = dir.path().join("runs.jsonl");
        let name = file.display().to_string();
        let args = [
            "runs",
            "export",
            "--condition",
            "prune-start",
            "--output-file",
            &name,
        ];
        for _ in 0..2 {
            let told = daemon.ask(&args);
            assert_eq!((told.code, &*told.out), (Some(0), ""), "{told:?}");
            let line = fs::read_to_string(&file).expect("a file");
            let line: Value = serde_json::from_str(&line).expect("one line");
            assert_eq!(line, lines[1]);
        }
        let mode = fs::metadata(&file).expect("a file").permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        assert_eq!(fs::read_dir(dir.path()).expect("a folder").count(), 1);
    }
}

#[test]
fn prune_says_what_goes_before_it_does() {
    for store in STORES {
        let daemon = start(&config(&hooks()), store);
        let mut fired: Vec<String> = (0..5)
            .map(|_| daemon.fire(&["snapshot-start", "--plan", "home"]))
            .collect();
        fired.reverse();
        let other = daemon.fire(&["check-start", "--repo", "nas"]);
        fired.insert(0, other);

        let nothing = daemon.ask(&["runs", "prune"]);
        assert_eq!(
            (nothing.code, &*nothing.out),
            (Some(0), "nothing to remove\n")
        );
        let args = ["runs", "prune", "--max-runs", "2"];
        let dry = daemon.json(&[&args[..], &["--dry-run"]].concat());
        let home = &dry.as_array().expect("a list is an array")[0];
        assert_eq!(
            (&home["planId"], &home["runs"]),
            (&"home".into(), &"3".into()),
            "{dry}"
        );
        assert_eq!(home["left"], "2");
        let told = daemon.ask(&[&args[..], &["--dry-run"]].concat());
        assert!(told.out.contains("would be removed\n"), "{told:?}");
        assert_eq!(daemon.listed(&[]), fired);

        let told = daemon.ask(&args);
        assert!(told.out.contains("plan home"), "{told:?}");
        assert!(told.out.contains("3 runs of "), "{told:?}");
        assert_eq!(daemon.listed(&[]), fired[..3]);
        let told = daemon.ask(&["runs", "prune", "--max-age", "0s"]);
        assert_eq!(told.code, Some(0), "{told:?}");
        assert_eq!(daemon.listed(&[]), Vec::<String>::new());
        assert_eq!(daemon.ask(&["show", &fired[5]]).code, Some(65));
    }
}

#[test]
fn a_copy_of_the_store_holds_everything_and_can_take_its_place() {
    let first = start(&config(&hooks()), "sqlite");
    for _ in 0..3 {
        first.fire(&["snapshot-start", "--plan", "home"]);
    }
    let dir = tempfile::tempdir().expect("a folder");
    let file = dir.path().join("copy.db");
    let name = file.display().to_string();
    let told = first.ask(&["store", "backup", &name]);
    assert_eq!((told.code, &*told.err), (Some(0), ""), "{told:?}");
    let info = first.json(&["info"]);
    let place = info["storeInfo"]["path"].as_str().expect("a path");
    assert!(told.out.contains(place), "{told:?}");
    assert_eq!(info["storeInfo"]["runs"], "3");
    let mode = fs::metadata(&file).expect("a file").permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    let left = fs::read_dir(first.dir.path().join("state")).expect("a folder");
    let left: Vec<_> = left.flatten().map(|entry| entry.file_name()).collect();
    let is_left = |name: &std::ffi::OsString| name.to_string_lossy().starts_with("backup");
    assert!(!left.iter().any(is_left), "{left:?}");

    let again = first.ask(&["store", "backup", &name]);
    assert_eq!(again.code, Some(2), "{again:?}");
    assert!(again.err.contains("--force"), "{again:?}");
    first.fire(&["snapshot-start", "--plan", "home"]);
    let again = first.ask(&["store", "backup", "--force", &name]);
    assert_eq!(again.code, Some(0), "{again:?}");

    for part in [place.to_owned(), format!("{place}-wal")] {
        for words in [
            ["store", "backup", "--force", &part],
            ["runs", "export", "--output-file", &part],
        ] {
            let itself = first.ask(&words);
            assert_eq!(itself.code, Some(2), "{itself:?}");
            assert!(itself.err.contains("is the store itself"), "{itself:?}");
        }
    }
    assert_eq!(first.json(&["runs"]).as_array().map(Vec::len), Some(4));

    let second = Setup::new(&config(&hooks())).arg("--store").arg("sqlite");
    let state = second.dir.path().join("state");
    fs::create_dir(&state).expect("made");
    let base = std::path::Path::new(place).file_name().expect("a name");
    fs::copy(&file, state.join(base)).expect("copied");
    let second = second.start();
    assert_eq!(second.json(&["runs"]), first.json(&["runs"]));
    let logs = ["logs", "last"];
    assert_eq!(second.ask(&logs).out, first.ask(&logs).out);
}

#[tokio::test]
async fn nothing_is_left_of_a_copy_whose_reader_goes_away() {
    // The remains of a daemon that was killed during a backup.
    let setup = Setup::new(&config(&hooks())).arg("--store").arg("sqlite");
    let state = setup.dir.path().join("state");
    fs::create_dir_all(state.join(".hookd-copy-x")).expect("made");
    fs::write(state.join(".hookd-copy-x/copy.db"), "unfinished").expect("written");
    let first = setup.start();
    let copies = || {
        let entries = fs::read_dir(&state).expect("a folder").flatten();
        let is_copy = |name: &std::ffi::OsStr| name.to_string_lossy().starts_with(".hookd-copy-");
        entries.filter(|entry| is_copy(&entry.file_name())).count()
    };
    assert_eq!(copies(), 0);

    let mut client = first.hooks().await;
    for _ in 0..8 {
        let large = v1::Event {
            error: "x".repeat(900_000),
            ..event(v1::Condition::PruneStart)
        };
        run(&mut client, request(large)).await;
    }
    let mut admin = first.admin().await;
    let copy = admin.backup_store(v1::BackupStoreRequest {}).await;
    let mut copy = copy.expect("a copy").into_inner();
    let piece = copy.message().await.expect("a piece").expect("the first");
    assert_eq!(piece.data.len(), 64 << 10);
    let other = admin.backup_store(v1::BackupStoreRequest {}).await;
    let status = other.expect_err("one at a time");
    assert_eq!(reason(&status), "BACKUP_UNDER_WAY");
    assert_eq!(copies(), 0, "it has no name any more");
    drop(copy);
    until("another copy can be made", || {
        let mut admin = admin.clone();
        async move {
            let copy = admin.backup_store(v1::BackupStoreRequest {}).await;
            copy.is_ok()
        }
    })
    .await;
    assert_eq!(copies(), 0);
}

#[test]
fn a_store_that_was_set_aside_is_said() {
    let first = start(&config(&hooks()), "sqlite");
    first.fire(&["snapshot-start", "--plan", "home"]);
    let info = first.json(&["info"]);
    let place = info["storeInfo"]["path"]
        .as_str()
        .expect("a path")
        .to_owned();
    let setup = first.stopped();
    let mut bytes = fs::read(&place).expect("it is there");
    bytes[..100].fill(0x55);
    fs::write(&place, bytes).expect("written");
    let second = setup.arg("--store").arg("sqlite").start();
    let info = second.ask(&["info"]);
    assert!(info.out.contains("set aside     "), "{info:?}");
    assert!(info.out.contains("store has     no runs, "), "{info:?}");
}

#[test]
fn a_store_in_memory_has_nothing_to_copy_and_says_so() {
    let daemon = start(&config(&hooks()), "memory");
    let dir = tempfile::tempdir().expect("a folder");
    let file = dir.path().join("copy.db").display().to_string();
    let told = daemon.ask(&["store", "backup", &file]);
    assert_eq!(told.code, Some(65), "{told:?}");
    assert!(
        told.err.contains("memory") && told.err.contains("--store sqlite"),
        "{told:?}"
    );
    assert_eq!(fs::read_dir(dir.path()).expect("a folder").count(), 0);
}

#[test]
fn info_says_what_keeps_the_runs() {
    for (store, said) in [
        ("memory", "memory, lost when hookd ends\n"),
        ("sqlite", ", survives a power cut\n"),
    ] {
        let daemon = start(&config(&hooks()), store);
        daemon.fire(&["snapshot-start", "--plan", "home"]);
        let info = daemon.ask(&["info"]);
        assert!(info.out.contains(said), "{info:?}");
        assert!(info.out.contains("store has     1 run since "), "{info:?}");
        let info = daemon.json(&["info"]);
        assert_eq!(info["storeInfo"]["kind"], store);
        assert!(info["storeInfo"].get("failure").is_none());
        assert!(info["storeInfo"]["oldest"].is_string());
    }
}
