//! Pruning by retention.

use std::time::Duration;

use hook_core::catalog::RunRetention;
use hookd::store::{Admitted, PrunedPlan, RunFilter, Store};
use jiff::Timestamp;

use crate::store::support::{BEGIN, PROCEED, about, asked_for, end, id, put, run};

/// Returns a policy with a retention for one plan, and without bounds for others.
pub(crate) fn of(
    plan: &'static str,
    retention: RunRetention,
) -> impl Fn(&str, &str) -> RunRetention + Copy {
    move |repo: &str, other: &str| {
        assert_eq!(repo, "repo");
        match other == plan {
            true => retention,
            false => RunRetention::default(),
        }
    }
}

pub(crate) fn runs(count: u64) -> RunRetention {
    RunRetention {
        max_runs: Some(count),
        ..RunRetention::default()
    }
}

async fn left(store: &Store) -> Vec<u64> {
    let page = store.list(&RunFilter::default(), None, 1000).await.unwrap();
    let number = |id: uuid::Uuid| (id.as_u128() & 0xffff) as u64;
    page.runs.iter().map(|run| number(run.id)).collect()
}

pub(crate) async fn each_bound_removes_the_oldest(store: &Store) {
    for n in 1..=10 {
        put(store, n, if n <= 8 { "plan" } else { "other" }).await;
    }
    let pruned = store.prune(of("plan", runs(6)), false).await.unwrap();
    let [
        PrunedPlan {
            plan,
            repo,
            runs: 2,
            bytes,
            left: 6,
        },
    ] = &pruned[..]
    else {
        panic!("{pruned:?}");
    };
    assert_eq!((plan.as_str(), repo.as_str()), ("plan", "repo"));
    assert_eq!(left(store).await, [10, 9, 8, 7, 6, 5, 4, 3]);

    let a_run = bytes / 2;
    let of_bytes = RunRetention {
        max_bytes: Some(a_run * 4 + a_run / 2),
        ..RunRetention::default()
    };
    let pruned = store.prune(of("plan", of_bytes), false).await.unwrap();
    assert_eq!((pruned[0].runs, pruned[0].left), (2, 4));
    assert_eq!(left(store).await, [10, 9, 8, 7, 6, 5]);

    // The sixth run ended half a second after its beginning.
    let sixth = Timestamp::from_second(BEGIN + 6).unwrap() + Duration::from_millis(700);
    let age = Timestamp::now().duration_since(sixth).unsigned_abs();
    let of_age = RunRetention {
        max_age: Some(age),
        ..RunRetention::default()
    };
    // The test takes less than the rest of the second until the seventh.
    let pruned = store.prune(of("plan", of_age), false).await.unwrap();
    assert_eq!((pruned[0].runs, pruned[0].left), (2, 2));
    assert_eq!(left(store).await, [10, 9, 8, 7]);
    assert!(store.get(id(6)).await.unwrap().is_none());
    assert!(store.read(id(6), 0, 1000).await.unwrap().is_empty());

    assert!(
        store
            .prune(of("plan", RunRetention::default()), false)
            .await
            .unwrap()
            .is_empty()
    );
    let pruned = store.prune(of("plan", runs(0)), false).await.unwrap();
    assert_eq!((pruned[0].runs, pruned[0].left), (2, 0));
    assert_eq!(left(store).await, [10, 9]);
    put(store, 11, "plan").await;
    assert_eq!(left(store).await, [11, 10, 9]);
    assert_eq!(store.info().await.unwrap().runs, 3);
}

pub(crate) async fn a_dry_run_counts_what_pruning_removes(store: &Store) {
    for n in 1..=250 {
        put(store, n, "plan").await;
    }
    let rule = of("plan", runs(10));
    let trial = store.prune(rule, true).await.unwrap();
    assert_eq!(left(store).await.len(), 250);
    let pruned = store.prune(rule, false).await.unwrap();
    assert_eq!(trial, pruned);
    assert_eq!((pruned[0].runs, pruned[0].left), (240, 10));
    assert_eq!(left(store).await.len(), 10);
    assert!(store.prune(rule, true).await.unwrap().is_empty());
}

pub(crate) async fn runs_under_way_stay(store: &Store) {
    store.admit(run(1, about("plan"))).await.unwrap();
    put(store, 2, "plan").await;
    let nothing = RunRetention {
        max_age: Some(Duration::ZERO),
        max_runs: Some(0),
        max_bytes: Some(0),
    };
    let pruned = store.prune(of("plan", nothing), false).await.unwrap();
    assert_eq!((pruned[0].runs, pruned[0].left), (1, 1));
    assert_eq!(left(store).await, [1]);
    store
        .finish(id(1), &[], end(1, PROCEED, Vec::new()))
        .await
        .unwrap();
    store.prune(of("plan", nothing), false).await.unwrap();
    assert!(left(store).await.is_empty());
}

pub(crate) async fn a_pruned_request_may_come_again(store: &Store) {
    store
        .admit(asked_for(run(1, about("plan")), 7, 1))
        .await
        .unwrap();
    store
        .finish(id(1), &[], end(1, PROCEED, Vec::new()))
        .await
        .unwrap();
    store.prune(of("plan", runs(0)), false).await.unwrap();
    let again = store.admit(asked_for(run(2, about("plan")), 7, 2)).await;
    assert_eq!(again.unwrap(), Admitted::New);
}
