//! Stores of other versions.

use std::fs;
use std::path::Path;

use hookd::store::sqlite::{self, OpenError};
use hookd::store::{
    Admitted, Durability, Ended, Filter, HookResult, KeptState, StatsFilter, Store,
};
use rusqlite::Connection;
use tempfile::TempDir;

use crate::store::support::{
    PROCEED, about, asked_for, end, file, hook, id, open, put, record, run, second,
};

/// The runs that the store of each version has, put in by this function when the version was
/// the newest, and written out by `sqlite3 runs.sqlite3 .dump`.
async fn fill(store: &dyn Store) {
    let mut first = asked_for(run(1, about("plan")), 7, 1);
    first.about.operation = "operation".into();
    store.admit(first).await.unwrap();
    store.append(id(1), &[record(2, "a")]).await.unwrap();
    let hooks = vec![
        hook("first", second(1), 5, HookResult::Succeeded),
        hook("second", second(1), 5, HookResult::Failed),
    ];
    let ending = end(1, Ended::Decided(2), hooks);
    store
        .finish(id(1), &[record(3, &"b".repeat(1000))], ending)
        .await
        .unwrap();
    store.admit(run(2, about(""))).await.unwrap();
    let ending = end(2, Ended::Interrupted, Vec::new());
    store
        .finish(id(2), &[record(2, "c")], ending)
        .await
        .unwrap();
    store.admit(run(3, about("other"))).await.unwrap();
    store.append(id(3), &[record(2, "d")]).await.unwrap();
}

/// Holds a store against what [`fill`] puts into it.
async fn assert_filled(store: &dyn Store) {
    let page = store.list(&Filter::default(), None, 10).await.unwrap();
    let found: Vec<_> = page.runs.iter().map(|run| (run.id, run.ended)).collect();
    let ends = [None, Some(Ended::Interrupted), Some(Ended::Decided(2))];
    let expected: Vec<_> = [id(3), id(2), id(1)].into_iter().zip(ends).collect();
    assert_eq!(found, expected);
    let records = store.read(id(1), 0, 10_000).await.unwrap();
    assert_eq!(
        records,
        [
            record(1, "begins"),
            record(2, "a"),
            record(3, &"b".repeat(1000))
        ]
    );
    assert_eq!(store.unfinished().await.unwrap(), [id(3)]);
    let filters = [
        Filter {
            operation: Some("operation".into()),
            ..Filter::default()
        },
        Filter {
            hook: Some("second".into()),
            ..Filter::default()
        },
        Filter {
            decisions: vec![2],
            ..Filter::default()
        },
        Filter {
            plan: Some("plan".into()),
            ..Filter::default()
        },
        Filter {
            states: vec![KeptState::Decided],
            ..Filter::default()
        },
    ];
    for filter in filters {
        let page = store.list(&filter, None, 10).await.unwrap();
        let found: Vec<_> = page.runs.iter().map(|run| run.id).collect();
        assert_eq!(found, [id(1)], "{filter:?}");
    }
    let again = store.admit(asked_for(run(9, about("plan")), 7, 1)).await;
    assert_eq!(again.unwrap(), Admitted::Same(id(1)));
    let stats = store.hook_stats(&StatsFilter::default()).await.unwrap();
    assert_eq!(stats[1].failing_since, Some(second(1)));
    let info = store.info().await.unwrap();
    assert_eq!((info.runs, info.oldest), (3, Some(second(1))));

    // It goes on from there.
    store
        .finish(id(3), &[record(3, "e")], end(3, PROCEED, Vec::new()))
        .await
        .unwrap();
    put(store, 4, "plan").await;
    assert_eq!(store.info().await.unwrap().runs, 4);
}

#[tokio::test]
async fn every_earlier_version_is_opened() {
    let folder = TempDir::new().unwrap();
    let newest = open(&folder);
    fill(&newest).await;
    let version = newest.info().await.unwrap().schema;
    assert_filled(&newest).await;
    for version in 1..=version {
        let dump = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join(format!("tests/it/store/versions/v{version}.sql"));
        let dump =
            fs::read_to_string(&dump).unwrap_or_else(|error| panic!("{}: {error}", dump.display()));
        let folder = TempDir::new().unwrap();
        let db = Connection::open(file(&folder)).unwrap();
        db.execute_batch(&dump).unwrap();
        drop(db);
        assert_filled(&open(&folder)).await;
    }
}

#[tokio::test]
async fn a_newer_version_is_left_alone() {
    let folder = TempDir::new().unwrap();
    let store = open(&folder);
    put(&store, 1, "plan").await;
    let version = store.info().await.unwrap().schema;
    store.close().await.unwrap();
    let db = Connection::open(file(&folder)).unwrap();
    db.pragma_update(None, "user_version", version + 7).unwrap();
    db.close().unwrap();
    let before = files(&folder);

    let error = sqlite::open(&file(&folder), Durability::Power).unwrap_err();
    assert!(matches!(error, OpenError::Newer { .. }), "{error:?}");
    let said = error.to_string();
    let names = |version: u32| said.contains(&version.to_string());
    assert!(names(version) && names(version + 7), "{said}");
    assert!(files(&folder) == before, "files were changed");
}

#[tokio::test]
async fn the_database_of_another_program_is_left_alone() {
    let folder = TempDir::new().unwrap();
    let db = Connection::open(file(&folder)).unwrap();
    db.execute_batch("PRAGMA user_version = 1; CREATE TABLE recipes (name)")
        .unwrap();
    db.close().unwrap();
    let before = files(&folder);
    let error = sqlite::open(&file(&folder), Durability::Power).unwrap_err();
    assert!(matches!(error, OpenError::Foreign { .. }), "{error:?}");
    assert!(files(&folder) == before, "files were changed");
}

/// All files of a folder, with their content.
fn files(folder: &TempDir) -> Vec<(std::ffi::OsString, Vec<u8>)> {
    let mut files: Vec<_> = fs::read_dir(folder.path())
        .unwrap()
        .map(|entry| entry.unwrap())
        .map(|entry| (entry.file_name(), fs::read(entry.path()).unwrap()))
        .collect();
    files.sort();
    files
}
