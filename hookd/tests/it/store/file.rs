//! Grouping of writes, checkpoints, backups and pruning of a store in a file.

use std::fs;
use std::future::Future;
use std::pin::pin;
use std::time::Duration;

use futures_util::future::join_all;
use futures_util::{FutureExt as _, StreamExt as _};
use hookd::store::{Admitted, Durability, RunFilter, Store, StoreError};
use rusqlite::Connection;
use tempfile::TempDir;

use crate::store::retention::{of, runs};
use crate::store::support::{PROCEED, about, asked_for, end, file, id, open, put, record, run};

/// Makes the writer wait for a lock, polls the futures in `asked` once, and releases the lock.
async fn at_once<T>(folder: &TempDir, asked: impl Future<Output = T>) -> T {
    let other = Connection::open(file(folder)).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let mut asked = pin!(asked);
    assert!(futures_util::poll!(asked.as_mut()).is_pending());
    other.execute_batch("ROLLBACK").unwrap();
    asked.await
}

#[tokio::test]
async fn waiting_changes_are_written_together() {
    let folder = TempDir::new().unwrap();
    let store = open(&folder);
    let admissions = (0..200).map(|n| store.admit(run(n, about("plan"))));
    let admitted = at_once(&folder, join_all(admissions)).await;
    assert!(admitted.iter().all(|a| matches!(a, Ok(Admitted::New))));
    // The first change may have a transaction of its own.
    assert!(store.commits() <= 2, "{} transactions", store.commits());
    assert_eq!(store.info().await.unwrap().runs, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_changes_of_a_lone_run_are_written_on_its_own_thread() {
    for durability in [Durability::Power, Durability::Process] {
        let folder = TempDir::new().unwrap();
        let (store, _) = Store::open(&file(&folder), durability).unwrap();
        let at_once = |write: Option<Result<Admitted, StoreError>>| write.unwrap().unwrap();
        at_once(store.admit(run(1, about("plan"))).now_or_never());
        let (output, last) = ([record(2, "a")], [record(3, "b")]);
        store
            .append(id(1), &output)
            .now_or_never()
            .unwrap()
            .unwrap();
        let ends = store.finish(id(1), &last, end(1, PROCEED, Vec::new()));
        ends.now_or_never().unwrap().unwrap();
        at_once(store.admit(run(2, about("plan"))).now_or_never());
        assert_eq!(store.commits(), 4);
        assert_eq!(store.info().await.unwrap().runs, 2);
    }
}

#[tokio::test]
async fn a_refused_change_affects_no_other() {
    let folder = TempDir::new().unwrap();
    let store = open(&folder);
    for n in 0..3 {
        store.admit(run(n, about("plan"))).await.unwrap();
    }
    let (first, hole, last) = ([record(2, "a")], [record(3, "b")], [record(2, "c")]);
    let asked = async {
        tokio::join!(
            store.append(id(0), &first),
            store.append(id(1), &hole),
            store.admit(run(1, about("plan"))),
            store.finish(id(2), &last, end(2, PROCEED, Vec::new())),
        )
    };
    let (first, hole, again, last) = at_once(&folder, asked).await;
    first.unwrap();
    last.unwrap();
    assert!(matches!(hole, Err(StoreError::Failed(_))), "{hole:?}");
    assert!(matches!(again, Err(StoreError::Failed(_))), "{again:?}");
    for (n, records) in [(0, 2), (1, 1), (2, 2)] {
        let kept = store.get(id(n)).await.unwrap().unwrap();
        assert_eq!(kept.last_sequence, records, "run {n}");
    }
}

#[tokio::test]
async fn readers_do_not_wait_for_the_writer() {
    let folder = TempDir::new().unwrap();
    let store = open(&folder);
    put(&store, 1, "plan").await;
    let other = Connection::open(file(&folder)).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let mut admission = pin!(store.admit(run(2, about("plan"))));
    assert!(futures_util::poll!(admission.as_mut()).is_pending());
    assert!(store.get(id(1)).await.unwrap().is_some());
    assert_eq!(store.read(id(1), 0, 1000).await.unwrap().len(), 2);
    let page = store.list(&RunFilter::default(), None, 10).await.unwrap();
    assert_eq!(page.runs.len(), 1);
    other.execute_batch("ROLLBACK").unwrap();
    admission.await.unwrap();
}

#[tokio::test]
async fn acknowledged_changes_survive_a_crash() {
    let folder = TempDir::new().unwrap();
    let store = open(&folder);
    let new = asked_for(run(1, about("plan")), 7, 1);
    store.admit(new.clone()).await.unwrap();
    store.append(id(1), &[record(2, "a")]).await.unwrap();
    // Leaves the files open, as a crash does.
    std::mem::forget(store);
    let store = open(&folder);
    assert_eq!(store.unfinished().await.unwrap(), [id(1)]);
    assert_eq!(store.admit(new).await.unwrap(), Admitted::Same(id(1)));
    assert_eq!(store.read(id(1), 1, 100).await.unwrap(), [record(2, "a")]);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_wal_is_checkpointed_while_more_is_written() {
    const RECORDS: u64 = 4000;
    let folder = TempDir::new().unwrap();
    let (store, _) = Store::open(&file(&folder), Durability::Process).unwrap();
    let log = folder.path().join("runs.sqlite3-wal");
    store.admit(run(1, about("plan"))).await.unwrap();
    let text = "x".repeat(32 << 10);
    let mut longest = 0;
    for sequence in 2..RECORDS {
        let records = [record(sequence, &text)];
        store.append(id(1), &records).await.unwrap();
        let length = fs::metadata(&log).unwrap().len();
        if length > longest && length > 20 << 20 {
            // The WAL was not restarted yet: gives a slow disk more time.
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        longest = longest.max(length);
    }
    let written = RECORDS * (32 << 10);
    assert!(longest < written / 2, "{longest} of {written} bytes");
    // Closing may have to wait for a checkpoint.
    store.close().await.unwrap();
    assert_eq!(fs::metadata(&log).map_or(0, |log| log.len()), 0);
    let store = open(&folder);
    assert_eq!(
        store.get(id(1)).await.unwrap().unwrap().last_sequence,
        RECORDS - 1
    );
}

#[tokio::test]
async fn the_wal_of_a_closed_store_is_empty() {
    let folder = TempDir::new().unwrap();
    let store = open(&folder);
    for n in 1..50 {
        put(&store, n, "plan").await;
    }
    store.close().await.unwrap();
    let log = fs::metadata(folder.path().join("runs.sqlite3-wal"));
    assert_eq!(log.map_or(0, |log| log.len()), 0);
}

#[cfg(unix)]
#[tokio::test]
async fn the_files_are_private_to_their_owner() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = TempDir::new().unwrap();
    let state = folder.path().join("a/state");
    let path = state.join("runs.sqlite3");
    let (store, _) = Store::open(&path, Durability::Power).unwrap();
    put(&store, 1, "plan").await;
    let mode = |path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(state.clone()), 0o700);
    for entry in fs::read_dir(&state).unwrap() {
        let path = entry.unwrap().path();
        assert_eq!(mode(path.clone()), 0o600, "{}", path.display());
    }
    let copy = state.join("copy");
    store.backup(&copy).await.unwrap();
    assert_eq!(mode(copy), 0o600);
}

#[tokio::test]
async fn a_backup_is_of_one_moment() {
    let folder = TempDir::new().unwrap();
    let store = open(&folder);
    for n in 0..300 {
        put(&store, n, "plan").await;
    }
    let copy = folder.path().join("copy.sqlite3");
    let more = async {
        for n in 300..600 {
            put(&store, n, "plan").await;
        }
    };
    let (copied, ()) = tokio::join!(store.backup(&copy), more);
    copied.unwrap();
    assert_consistent(&copy).await;
    assert_eq!(store.info().await.unwrap().runs, 600);

    let bytes = fs::read(&copy).unwrap();
    let again = store.backup(&copy).await;
    assert!(matches!(again, Err(StoreError::Failed(_))), "{again:?}");
    assert!(fs::read(&copy).unwrap() == bytes, "it was written over");
}

/// Checks that a backup has all runs up to the given one, and all records of each except the last
/// run.
async fn assert_consistent(copy: &std::path::Path) {
    let (store, aside) = Store::open(copy, Durability::Power).unwrap();
    assert_eq!(aside, None);
    let runs = store.info().await.unwrap().runs;
    assert!(runs >= 300);
    for n in 0..runs {
        let kept = store.get(id(n)).await.unwrap().unwrap();
        let complete = kept.ended == Some(PROCEED) && kept.last_sequence == 2;
        assert!(complete || n == runs - 1, "{kept:?}");
        let records = store.read(id(n), 0, 1000).await.unwrap();
        assert_eq!(records.len() as u64, kept.last_sequence);
    }
    store.close().await.unwrap();
    let db = Connection::open(copy).unwrap();
    let check = db.query_row("PRAGMA integrity_check", [], |row| row.get::<_, String>(0));
    assert_eq!(check.unwrap(), "ok");
}

#[tokio::test]
async fn pruned_pages_are_given_back() {
    async fn size(folder: &TempDir, store: &Store) -> u64 {
        store.close().await.unwrap();
        fs::metadata(file(folder)).unwrap().len()
    }
    let folder = TempDir::new().unwrap();
    let store = open(&folder);
    let output = "x".repeat(70_000);
    for n in 0..100 {
        store.admit(run(n, about("plan"))).await.unwrap();
        let records = [record(2, &output)];
        let ending = end(n, PROCEED, Vec::new());
        store.finish(id(n), &records, ending).await.unwrap();
    }
    let before = size(&folder, &store).await;
    let store = open(&folder);
    store.prune(of("plan", runs(0)), false).await.unwrap();
    assert_eq!(store.info().await.unwrap().runs, 0);
    let after = size(&folder, &store).await;
    assert!(after < before / 4, "{before} bytes, then {after}");
}

/// A change waits for at most one step of pruning.
#[tokio::test]
async fn writes_get_through_between_the_steps_of_pruning() {
    const RUNS: u64 = 2000;
    let folder = TempDir::new().unwrap();
    let store = open(&folder);
    futures_util::stream::iter(0..RUNS)
        .for_each_concurrent(200, |n| put(&store, n, "plan"))
        .await;
    let is_there = async |n| store.get(id(n)).await.unwrap().is_some();
    let write = async {
        let mut through = 0;
        for n in RUNS.. {
            let begun = !is_there(0).await;
            store.admit(run(n, about("other"))).await.unwrap();
            if !is_there(RUNS - 1).await {
                break;
            }
            through += u64::from(begun);
        }
        through
    };
    let rule = of("plan", runs(0));
    let (pruned, through) = tokio::join!(store.prune(rule, false), write);
    assert_eq!(pruned.unwrap()[0].runs, RUNS);
    assert!(through > 0, "nothing was written before all were gone");
}

#[tokio::test]
async fn a_file_that_gives_no_pages_back_is_pruned_to_an_end() {
    let folder = TempDir::new().unwrap();
    open(&folder).close().await.unwrap();
    // Like a file recovered by hand.
    let by_hand = Connection::open(file(&folder)).unwrap();
    by_hand
        .execute_batch("PRAGMA journal_mode = DELETE; PRAGMA auto_vacuum = NONE; VACUUM")
        .unwrap();
    drop(by_hand);
    let store = open(&folder);
    let long = "x".repeat(100_000);
    for n in 0..60 {
        store.admit(run(n, about("plan"))).await.unwrap();
        let records = [record(2, &long)];
        let end = end(n, PROCEED, Vec::new());
        store.finish(id(n), &records, end).await.unwrap();
    }
    let rule = of("plan", runs(1));
    let pruned = tokio::time::timeout(Duration::from_secs(60), store.prune(rule, false));
    let pruned = pruned.await.expect("it comes to an end").unwrap();
    assert_eq!((pruned[0].runs, pruned[0].left), (59, 1));
}

#[tokio::test]
async fn a_new_plan_keeps_its_runs_while_another_is_pruned() {
    let folder = TempDir::new().unwrap();
    let store = open(&folder);
    put(&store, 1, "gone").await;
    // Prunes all runs of the plan in question, and adds runs of another plan.
    let meanwhile = |_: &str, plan: &str| {
        assert_eq!(plan, "gone");
        let meanwhile = async {
            store.prune(of("gone", runs(0)), false).await.unwrap();
            put(&store, 2, "new").await;
            put(&store, 3, "new").await;
        };
        let elsewhere = || tokio::runtime::Runtime::new().unwrap().block_on(meanwhile);
        std::thread::scope(|scope| scope.spawn(elsewhere).join().unwrap());
        runs(1)
    };
    let pruned = store.prune(meanwhile, false).await.unwrap();
    assert_eq!(pruned, []);
    for n in [2, 3] {
        assert!(store.get(id(n)).await.unwrap().is_some(), "run {n}");
    }
}
