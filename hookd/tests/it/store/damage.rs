//! Damaged files, full disks, and folders that are not writable.

use std::fs;
use std::path::{Path, PathBuf};

use hookd::store::{Durability, OpenError, RunFilter, SetAside, Store, StoreError};
use tempfile::TempDir;

use crate::store::support::{file, open, put};

/// Returns the folder of a closed store with this many runs.
async fn filled(runs: u64) -> TempDir {
    let folder = TempDir::new().unwrap();
    let store = open(&folder);
    for n in 0..runs {
        put(&store, n, "plan").await;
    }
    store.close().await.unwrap();
    folder
}

/// Opens a damaged store, and checks that a new one takes its place.
async fn open_damaged(folder: &TempDir) -> (Store, SetAside) {
    let (store, aside) = Store::open(&file(folder), Durability::Power).unwrap();
    let aside = aside.expect("it is damaged");
    assert_eq!(aside.path, file(folder));
    assert_eq!(store.info().await.unwrap().runs, 0);
    put(&store, 1, "plan").await;
    (store, aside)
}

#[tokio::test]
async fn a_file_that_is_not_a_database_is_set_aside() {
    let folder = TempDir::new().unwrap();
    let mut names: Vec<PathBuf> = Vec::new();
    for n in 0..3 {
        let garbage = format!("no database {n}").repeat(1000);
        fs::write(file(&folder), &garbage).unwrap();
        let (store, aside) = open_damaged(&folder).await;
        store.close().await.unwrap();
        assert_eq!(fs::read_to_string(&aside.to).unwrap(), garbage);
        let name = aside.to.file_name().unwrap().to_str().unwrap();
        assert!(name.starts_with("runs.sqlite3.damaged-20"), "{name}");
        let said = aside.to_string();
        assert!(said.contains(".recover") && said.contains(name), "{said}");
        names.push(aside.to);
    }
    // No damaged store overwrites another, even within the same second.
    names.dedup();
    assert_eq!(names.len(), 3);
}

#[tokio::test]
async fn a_damaged_header_or_schema_is_seen_at_once() {
    type Damage = fn(&mut Vec<u8>);
    let damages: [(&str, Damage); 4] = [
        ("the page size", |bytes| bytes[16..18].fill(0x77)),
        ("the first table", |bytes| bytes[100..4096].fill(0xff)),
        ("cut within the first page", |bytes| bytes.truncate(70)),
        ("cut in the middle", |bytes| bytes.truncate(bytes.len() / 2)),
    ];
    for (name, damage) in damages {
        let folder = filled(100).await;
        let mut bytes = fs::read(file(&folder)).unwrap();
        damage(&mut bytes);
        fs::write(file(&folder), &bytes).unwrap();
        let (_, aside) = open_damaged(&folder).await;
        assert!(
            fs::read(&aside.to).unwrap() == bytes,
            "{name}: it was changed"
        );
    }
}

#[tokio::test]
async fn a_wal_without_its_database_is_set_aside() {
    let folder = TempDir::new().unwrap();
    let store = open(&folder);
    put(&store, 1, "plan").await;
    let log = fs::read(folder.path().join("runs.sqlite3-wal")).unwrap();
    store.close().await.unwrap();
    drop(store);
    assert!(!log.is_empty());
    fs::write(file(&folder), "").unwrap();
    fs::write(folder.path().join("runs.sqlite3-wal"), &log).unwrap();
    let (_, aside) = open_damaged(&folder).await;
    let mut kept = aside.to.into_os_string();
    kept.push("-wal");
    assert!(fs::read(kept).unwrap() == log);
}

/// A start reads only parts of the file. Other damage is found by the first read, and makes the
/// next start check the whole file.
#[tokio::test]
async fn damage_found_later_makes_the_next_start_set_the_store_aside() {
    let folder = filled(2000).await;
    let mut bytes = fs::read(file(&folder)).unwrap();
    let pages = bytes.len() / 4096;
    assert!(pages > 60);
    for page in pages / 3..pages * 2 / 3 {
        bytes[page * 4096..(page + 1) * 4096].fill(0x5a);
    }
    fs::write(file(&folder), &bytes).unwrap();
    let (store, aside) = Store::open(&file(&folder), Durability::Power).unwrap();
    assert_eq!(aside, None);
    let error = read_all(&store).await.unwrap_err();
    assert!(matches!(error, StoreError::Damaged(_)), "{error:?}");
    let _ = store.close().await;
    drop(store);
    let (store, _) = open_damaged(&folder).await;
    store.close().await.unwrap();
    let (_, aside) = Store::open(&file(&folder), Durability::Power).unwrap();
    assert_eq!(aside, None);
}

async fn read_all(store: &Store) -> Result<(), StoreError> {
    let mut before = None;
    loop {
        let page = store.list(&RunFilter::default(), before, 100).await?;
        for run in &page.runs {
            store.read(run.id, 0, 1000).await?;
        }
        before = page.next;
        if before.is_none() {
            return Ok(());
        }
    }
}

#[tokio::test]
async fn a_path_that_cannot_be_created_is_named() {
    let folder = TempDir::new().unwrap();
    fs::write(folder.path().join("file"), "").unwrap();
    fs::create_dir(folder.path().join("folder")).unwrap();
    for path in ["file/runs.sqlite3", "folder"] {
        let path = folder.path().join(path);
        let error = Store::open(&path, Durability::Power).unwrap_err();
        assert!(matches!(error, OpenError::Unwritable { .. }), "{error:?}");
        let parent = path.parent().unwrap().display().to_string();
        assert!(error.to_string().contains(&parent), "{error}");
    }
}

/// Tests that need a process of their own, with a limit or as another user. Each of them starts
/// this program again to run a single test there.
#[cfg(unix)]
mod alone {
    use std::os::unix::process::CommandExt as _;
    use std::process::Command;

    use bytes::Bytes;
    use futures_util::future::join_all;
    use hookd::store::{Record, Store};
    use hookd_test_support::skip;
    use rustix::process::{Resource, Rlimit, getrlimit, getuid, setrlimit};

    use super::*;
    use crate::store::support::{about, id, record, run};

    /// The environment variable with the folder for the test in the other process.
    const FOLDER: &str = "HOOKD_TEST_STORE_FOLDER";
    /// The user id of `nobody`.
    const NOBODY: u32 = 65534;

    fn folder() -> Option<PathBuf> {
        std::env::var_os(FOLDER).map(PathBuf::from)
    }

    /// Runs one test in a process of its own, whose command `change` adjusts.
    fn alone(program: &Path, name: &str, folder: &Path, change: impl FnOnce(&mut Command)) {
        // Without SIGXFSZ, a write beyond the limit fails with an error.
        let mut command = Command::new("sh");
        command
            .args(["-c", "trap '' XFSZ; exec \"$@\"", "sh"])
            .arg(program)
            .args(["--exact", name, "--nocapture"])
            .env(FOLDER, folder);
        change(&mut command);
        let output = command.output().unwrap();
        let said = String::from_utf8_lossy(&output.stdout);
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{said}\n{errors}");
        assert!(said.contains("1 passed"), "{said}");
    }

    #[test]
    fn a_full_disk_loses_nothing_that_was_answered() {
        let folder = TempDir::new().unwrap();
        let this = std::env::current_exe().unwrap();
        alone(
            &this,
            "store::damage::alone::while_a_disk_is_full",
            folder.path(),
            |_| (),
        );
    }

    #[tokio::test]
    async fn while_a_disk_is_full() {
        let Some(folder) = folder() else { return };
        let path = folder.join("runs.sqlite3");
        let (store, _) = Store::open(&path, Durability::Power).unwrap();
        let bound = |current| {
            let maximum = getrlimit(Resource::Fsize).maximum;
            setrlimit(Resource::Fsize, Rlimit { current, maximum }).unwrap();
        };
        bound(Some(1 << 20));
        for n in 0..4 {
            store.admit(run(n, about("plan"))).await.unwrap();
        }
        // One append that fits, between two that do not fit.
        let large = |sequence| Record {
            sequence,
            bytes: Bytes::from(vec![b'x'; 2 << 20]),
        };
        let (small, large) = ([record(2, "small")], [large(2)]);
        let asked = join_all([
            store.append(id(0), &large),
            store.append(id(1), &small),
            store.append(id(2), &large),
        ]);
        let [first, second, third] = asked.await.try_into().unwrap();
        second.unwrap();
        for full in [first, third] {
            assert!(matches!(full, Err(StoreError::Full(_))), "{full:?}");
        }
        // Fill the file up to the limit.
        let mut last = 1;
        let full = loop {
            let more = [Record {
                sequence: last + 1,
                bytes: Bytes::from(vec![b'y'; 20_000]),
            }];
            match store.append(id(3), &more).await {
                Ok(()) => last += 1,
                Err(error) => break error,
            }
        };
        assert!(matches!(full, StoreError::Full(_)), "{full:?}");
        assert!(last > 2);
        let last_of = async |n| store.get(id(n)).await.unwrap().unwrap().last_sequence;
        assert_eq!((last_of(0).await, last_of(1).await), (1, 2));
        assert_eq!(last_of(3).await, last);

        // With space again, the same store goes on, without a gap.
        bound(None);
        store.append(id(0), &large).await.unwrap();
        store
            .append(id(3), &[record(last + 1, "more")])
            .await
            .unwrap();
        store.close().await.unwrap();
        let (store, aside) = Store::open(&path, Durability::Power).unwrap();
        assert_eq!(aside, None);
        let records = store.read(id(3), 0, 100 << 20).await.unwrap();
        assert!(
            records
                .iter()
                .zip(1..)
                .all(|(record, n)| record.sequence == n)
        );
        assert_eq!(records.len() as u64, last + 1);
    }

    #[tokio::test]
    async fn a_read_only_store_says_so() {
        let folder = filled(3).await;
        mode(&file(&folder), 0o444);
        mode(folder.path(), 0o555);
        let place = TempDir::new().unwrap();
        let name = "store::damage::alone::where_nothing_may_be_written";
        let this = std::env::current_exe().unwrap();
        if !getuid().is_root() {
            alone(&this, name, folder.path(), |_| ());
        } else if let Some(program) = program_for_all(&place) {
            alone(&program, name, folder.path(), |command| {
                command.uid(NOBODY).gid(NOBODY);
            });
        } else {
            skip("read-only-store: root may write everywhere, and nobody cannot start a program");
        }
        mode(folder.path(), 0o755);
    }

    /// Copies this program to a folder from which any user may start it; `None` if `nobody` cannot.
    fn program_for_all(place: &TempDir) -> Option<PathBuf> {
        let program = place.path().join("program");
        fs::copy(std::env::current_exe().unwrap(), &program).unwrap();
        mode(place.path(), 0o755);
        mode(&program, 0o755);
        let mut list = Command::new(&program);
        list.arg("--list").uid(NOBODY).gid(NOBODY);
        let output = list.output().ok()?;
        output.status.success().then_some(program)
    }

    fn mode(path: &Path, mode: u32) {
        use std::os::unix::fs::PermissionsExt as _;
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    }

    #[tokio::test]
    async fn where_nothing_may_be_written() {
        let Some(folder) = folder() else { return };
        for path in [
            folder.join("runs.sqlite3"),
            folder.join("deeper/runs.sqlite3"),
        ] {
            let error = Store::open(&path, Durability::Power).unwrap_err();
            assert!(matches!(error, OpenError::Unwritable { .. }), "{error:?}");
            let said = error.to_string();
            assert!(said.contains(&folder.display().to_string()), "{said}");
        }
    }
}
