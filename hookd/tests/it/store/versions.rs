//! Files of other versions and of other programs.

use std::fs;

use hookd::store::{Durability, OpenError, Store};
use rusqlite::Connection;
use tempfile::TempDir;

use crate::store::support::{file, open, put};

#[tokio::test]
async fn another_version_is_left_alone() {
    let folder = TempDir::new().unwrap();
    let store = open(&folder);
    put(&store, 1, "plan").await;
    let known = store.info().await.unwrap().schema;
    store.close().await.unwrap();
    drop(store);
    for other in [1, known + 7] {
        let db = Connection::open(file(&folder)).unwrap();
        db.pragma_update(None, "user_version", other).unwrap();
        db.close().unwrap();
        let before = files(&folder);

        let error = Store::open(&file(&folder), Durability::Power).unwrap_err();
        assert!(matches!(error, OpenError::OtherVersion { .. }), "{error:?}");
        let text = error.to_string();
        let names = |version: u32| text.contains(&format!("version {version}"));
        assert!(names(known) && names(other), "{text}");
        assert!(files(&folder) == before, "files were changed");
    }
}

#[tokio::test]
async fn the_database_of_another_program_is_left_alone() {
    let folder = TempDir::new().unwrap();
    let db = Connection::open(file(&folder)).unwrap();
    db.execute_batch("PRAGMA user_version = 1; CREATE TABLE recipes (name)")
        .unwrap();
    db.close().unwrap();
    let before = files(&folder);
    let error = Store::open(&file(&folder), Durability::Power).unwrap_err();
    assert!(matches!(error, OpenError::Foreign(_)), "{error:?}");
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
