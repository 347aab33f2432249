//! Admitting runs, their journals, and their ends.

use bytes::Bytes;
use futures_util::future::join_all;
use hookd::store::{Admitted, EndedBy, Record, Store, StoreError};
use uuid::Uuid;

use crate::store::support::{PROCEED, about, asked_for, end, id, record, run};

pub(crate) async fn records_come_back_in_order(store: &Store) {
    store.admit(run(1, about("plan"))).await.unwrap();
    let kept = store.get(id(1)).await.unwrap().unwrap();
    assert_eq!((kept.ended, kept.last_sequence), (None, 1));
    assert_eq!(kept.summary, "begins");

    store
        .append(id(1), &[record(2, "a"), record(3, "")])
        .await
        .unwrap();
    store.append(id(1), &[record(4, "b")]).await.unwrap();
    let kept = store.get(id(1)).await.unwrap().unwrap();
    assert_eq!((kept.ended, kept.last_sequence), (None, 4));
    let all = [
        record(1, "begins"),
        record(2, "a"),
        record(3, ""),
        record(4, "b"),
        record(5, "ends"),
    ];
    assert_eq!(store.read(id(1), 0, 1000).await.unwrap(), all[..4]);

    let ending = end(1, PROCEED, Vec::new());
    store
        .finish(id(1), &[record(5, "ends")], ending)
        .await
        .unwrap();
    let kept = store.get(id(1)).await.unwrap().unwrap();
    assert_eq!((kept.ended, kept.last_sequence), (Some(PROCEED), 5));
    assert_eq!(kept.summary, "run 1 ended");
    for after in 0..7 {
        let expected = &all[(after as usize).min(5)..];
        assert_eq!(store.read(id(1), after, 1000).await.unwrap(), expected);
    }
    assert!(store.read(id(1), u64::MAX, 1000).await.unwrap().is_empty());
}

pub(crate) async fn a_page_has_a_record_at_least(store: &Store) {
    store.admit(run(1, about("plan"))).await.unwrap();
    let large = Bytes::from(vec![b'x'; 100_000]);
    let records: Vec<_> = (2..8)
        .map(|sequence| Record {
            sequence,
            bytes: large.clone(),
        })
        .collect();
    store.append(id(1), &records).await.unwrap();
    store
        .finish(id(1), &[], end(1, PROCEED, Vec::new()))
        .await
        .unwrap();
    for (bytes, count) in [(0, 1), (1, 1), (100_000, 1), (250_000, 2), (1_000_000, 6)] {
        let page = store.read(id(1), 1, bytes).await.unwrap();
        assert_eq!(page, records[..count], "{bytes} bytes");
    }
    assert_eq!(store.read(id(1), 4, 1).await.unwrap(), records[3..4]);
}

pub(crate) async fn records_may_be_given_again(store: &Store) {
    store.admit(run(1, about("plan"))).await.unwrap();
    for records in [vec![record(2, "a")], vec![record(2, "a"), record(3, "b")]] {
        store.append(id(1), &records).await.unwrap();
        store.append(id(1), &records).await.unwrap();
    }
    for _ in 0..2 {
        let last = [record(3, "b"), record(4, "c")];
        store
            .finish(id(1), &last, end(1, PROCEED, Vec::new()))
            .await
            .unwrap();
    }
    let texts: Vec<_> = store.read(id(1), 1, 1000).await.unwrap();
    assert_eq!(texts, [record(2, "a"), record(3, "b"), record(4, "c")]);
}

pub(crate) async fn gaps_are_refused(store: &Store) {
    let mut first = run(1, about("plan"));
    first.first.sequence = 2;
    assert_fails(store.admit(first).await);
    assert_eq!(store.get(id(1)).await.unwrap().map(|run| run.id), None);

    store.admit(run(1, about("plan"))).await.unwrap();
    assert_fails(store.append(id(1), &[record(3, "a")]).await);
    assert_fails(store.append(id(1), &[record(2, "a"), record(4, "b")]).await);
    let ending = end(1, PROCEED, Vec::new());
    assert_fails(store.finish(id(1), &[record(3, "a")], ending).await);
    let kept = store.get(id(1)).await.unwrap().unwrap();
    assert_eq!((kept.ended, kept.last_sequence), (None, 1));
}

pub(crate) async fn a_run_ends_once(store: &Store) {
    store.admit(run(1, about("plan"))).await.unwrap();
    assert_fails(store.admit(run(1, about("plan"))).await);
    let ending = |state| end(1, state, Vec::new());
    store
        .finish(id(1), &[record(2, "a")], ending(EndedBy::Interruption))
        .await
        .unwrap();
    assert_fails(
        store
            .finish(id(1), &[record(3, "b")], ending(PROCEED))
            .await,
    );
    assert_fails(store.finish(id(1), &[], ending(PROCEED)).await);
    assert_fails(store.append(id(1), &[record(3, "b")]).await);
    let kept = store.get(id(1)).await.unwrap().unwrap();
    assert_eq!(
        (kept.ended, kept.last_sequence),
        (Some(EndedBy::Interruption), 2)
    );
}

pub(crate) async fn unknown_runs_are_refused(store: &Store) {
    assert!(store.get(id(1)).await.unwrap().is_none());
    assert!(store.read(id(1), 0, 1000).await.unwrap().is_empty());
    assert_fails(store.append(id(1), &[record(1, "a")]).await);
    assert_fails(store.finish(id(1), &[], end(1, PROCEED, Vec::new())).await);
    let info = store.info().await.unwrap();
    assert_eq!((info.runs, info.oldest), (0, None));
}

pub(crate) async fn the_same_request_finds_its_run(store: &Store) {
    let ask = |n, request, event| store.admit(asked_for(run(n, about("plan")), request, event));
    assert_eq!(ask(1, 7, 1).await.unwrap(), Admitted::New);
    assert_eq!(ask(2, 7, 1).await.unwrap(), Admitted::Same(id(1)));
    assert_eq!(ask(3, 7, 2).await.unwrap(), Admitted::Other);
    assert_eq!(ask(4, 8, 1).await.unwrap(), Admitted::New);
    store
        .finish(id(1), &[], end(1, PROCEED, Vec::new()))
        .await
        .unwrap();
    assert_eq!(ask(5, 7, 1).await.unwrap(), Admitted::Same(id(1)));
    assert_eq!(ask(6, 7, 2).await.unwrap(), Admitted::Other);
    assert_eq!(store.info().await.unwrap().runs, 2);
}

pub(crate) async fn requests_at_the_same_moment_make_one_run(store: &Store) {
    let asked = (1..20).map(|n| store.admit(asked_for(run(n, about("plan")), 7, 1)));
    let admitted: Vec<_> = join_all(asked)
        .await
        .into_iter()
        .map(Result::unwrap)
        .collect();
    let mut runs: Vec<Uuid> = (1..20)
        .zip(&admitted)
        .map(|(n, admitted)| match admitted {
            Admitted::Same(run) => *run,
            _ => id(n),
        })
        .collect();
    runs.dedup();
    assert_eq!(runs.len(), 1);
    let new = admitted.iter().filter(|what| **what == Admitted::New);
    assert_eq!(new.count(), 1);
}

pub(crate) async fn a_closed_store_refuses_calls(store: &Store) {
    store.admit(run(1, about("plan"))).await.unwrap();
    store.close().await.unwrap();
    store.close().await.unwrap();
    let closed = |error| matches!(error, StoreError::Closed);
    assert!(store.admit(run(2, about("plan"))).await.is_err_and(closed));
    assert!(store.get(id(1)).await.is_err_and(closed));
    assert!(store.append(id(1), &[]).await.is_err_and(closed));
    assert!(store.info().await.is_err_and(closed));
}

fn assert_fails<T: std::fmt::Debug>(result: Result<T, StoreError>) {
    assert!(matches!(result, Err(StoreError::Failed(_))), "{result:?}");
}
