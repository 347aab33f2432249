//! The capacity of a store in memory.

use std::sync::{Arc, Barrier};
use std::time::Duration;

use futures_util::FutureExt as _;
use futures_util::future::join_all;
use hookd::store::{OutputSearch, RunFilter, Store, StoreError};
use tokio::time::timeout;

use crate::store::support::{PROCEED, about, end, id, put, record, run};

async fn count(store: &Store) -> usize {
    let page = store.list(&RunFilter::default(), None, 1000).await;
    page.unwrap().runs.len()
}

#[tokio::test]
async fn the_runs_that_ended_first_make_room() {
    let store = Store::in_memory_of(16, 1 << 20).unwrap();
    // The first run to begin is the last to end.
    store.admit(run(0, about("plan"))).await.unwrap();
    for n in 1..=16 {
        put(&store, n, "plan").await;
    }
    assert_eq!(count(&store).await, 17);
    let ending = end(0, PROCEED, Vec::new());
    store.finish(id(0), &[], ending).await.unwrap();
    assert_eq!(count(&store).await, 15);
    for (n, is_there) in [(0, true), (1, false), (2, false), (3, true), (16, true)] {
        let found = store.get(id(n)).await.unwrap();
        assert_eq!(found.is_some(), is_there, "run {n}");
    }
    assert_eq!(store.info().await.unwrap().runs, 15);
}

#[tokio::test]
async fn runs_of_many_bytes_make_room_but_for_the_last() {
    let store = Store::in_memory_of(1000, 300_000).unwrap();
    let output = "x".repeat(100_000);
    for n in 0..9 {
        store.admit(run(n, about("plan"))).await.unwrap();
        let ending = end(n, PROCEED, Vec::new());
        let records = [record(2, &output)];
        store.finish(id(n), &records, ending).await.unwrap();
    }
    assert_eq!(count(&store).await, 2);
    store.admit(run(9, about("plan"))).await.unwrap();
    let records = [record(2, &output.repeat(5))];
    let ending = end(9, PROCEED, Vec::new());
    store.finish(id(9), &records, ending).await.unwrap();
    assert_eq!(count(&store).await, 1);
    assert_eq!(store.read(id(9), 1, 1).await.unwrap(), records);
}

#[tokio::test]
async fn there_is_no_file_to_copy() {
    let store = Store::in_memory().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let backup = store.backup(&folder.path().join("copy")).await;
    assert!(matches!(backup, Err(StoreError::Unsupported(_))));
}

/// Reads with a search that lasts until `during` is there, and then panics if it is to.
async fn read_during<T>(store: &Store, panics: bool, during: impl Future<Output = T>) -> T {
    put(store, 1000, "plan").await;
    let (begun, ends) = (Arc::new(Barrier::new(2)), Arc::new(Barrier::new(2)));
    let matches = {
        let (begun, ends) = (Arc::clone(&begun), Arc::clone(&ends));
        move |_: &[_]| {
            begun.wait();
            ends.wait();
            assert!(!panics, "on purpose");
            true
        }
    };
    let filter = RunFilter {
        output: Some(OutputSearch {
            matches: Arc::new(matches),
            budget: 10,
        }),
        ..RunFilter::default()
    };
    let mut read = Box::pin(store.list(&filter, None, 10));
    assert!(read.as_mut().now_or_never().is_none());
    begun.wait();
    let mut during = Box::pin(during);
    assert!(futures_util::poll!(during.as_mut()).is_pending());
    ends.wait();
    assert_eq!(read.await.is_err(), panics);
    let during = timeout(Duration::from_secs(20), during).await;
    during.expect("it does not wait for ever")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_panic_while_reading_fails_no_change_that_waits() {
    let store = Store::in_memory().unwrap();
    let admission = store.admit(run(1, about("plan")));
    read_during(&store, true, admission).await.unwrap();
    assert_eq!(count(&store).await, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn changes_that_one_thread_leaves_are_carried_out_by_another() {
    let store = Store::in_memory().unwrap();
    // Each fills a transaction.
    let large = "x".repeat(9 << 20);
    let admissions = (0..10).map(|n| {
        let mut new = run(n, about("plan"));
        new.first = record(1, &large);
        store.admit(new)
    });
    let admitted = read_during(&store, false, join_all(admissions)).await;
    assert!(admitted.iter().all(Result::is_ok), "{admitted:?}");
    assert_eq!(count(&store).await, 11);
}
