//! Pages of runs, and filters.

use std::sync::Arc;

use hook_core::condition::Condition;
use hookd::store::{EndedBy, HookResult, OutputSearch, RunFilter, RunSubject, Store, StoredState};
use uuid::Uuid;

use crate::store::support::{PROCEED, about, end, hook, id, put, record, run, second};

const CANCEL: i32 = 2;

pub(crate) async fn pages_go_from_the_newest_to_the_oldest(store: &Store) {
    // Admitted in another order than that of their ids.
    for n in [2, 1, 4, 3, 5, 7, 6] {
        put(store, n, "plan").await;
    }
    let all = RunFilter::default();
    let page = store.list(&all, None, 3).await.unwrap();
    let found: Vec<_> = page.runs.iter().map(|run| run.id).collect();
    assert_eq!(found, [id(7), id(6), id(5)]);
    assert_eq!(page.next, Some(id(5)));
    assert_eq!(page.runs[0].summary, "run 7 ended");
    assert_eq!(page.runs[0].last_sequence, 2);
    let page = store.list(&all, page.next, 4).await.unwrap();
    let found: Vec<_> = page.runs.iter().map(|run| run.id).collect();
    assert_eq!(found, [id(4), id(3), id(2), id(1)]);
    assert_eq!(page.next, None);
    assert!(
        store
            .list(&all, Some(id(1)), 4)
            .await
            .unwrap()
            .runs
            .is_empty()
    );
}

/// Adds twelve runs that differ in each field of a filter.
async fn fill(store: &Store) {
    for n in 1..=12 {
        let about = RunSubject {
            condition: match n % 3 {
                0 => Condition::SnapshotStart,
                1 => Condition::SnapshotError,
                _ => Condition::PruneStart,
            },
            repo: if n % 2 == 0 { "even" } else { "odd" }.into(),
            plan: ["", "home", "work", "home"][(n % 4) as usize].into(),
            operation: if n <= 2 {
                format!("op-{n}")
            } else {
                String::new()
            },
        };
        store.admit(run(n, about)).await.unwrap();
        let state = match n % 6 {
            0 => continue,
            1 => EndedBy::Interruption,
            2 => EndedBy::Decision(CANCEL),
            _ => PROCEED,
        };
        let at = second(n as i64);
        let mut hooks = vec![hook("always", at, 5, HookResult::Succeeded)];
        if n == 4 {
            hooks.push(hook("rarely", at, 5, HookResult::Skipped));
            hooks.push(hook("rarely", at, 5, HookResult::Failed));
        }
        let last = [record(2, &format!("output of {n}"))];
        store
            .finish(id(n), &last, end(n, state, hooks))
            .await
            .unwrap();
    }
}

async fn passes(store: &Store, filter: RunFilter) -> Vec<u64> {
    let page = store.list(&filter, None, 100).await.unwrap();
    assert_eq!(page.next, None);
    page.runs.iter().map(|run| number(run.id)).collect()
}

fn number(id: Uuid) -> u64 {
    (id.as_u128() & 0xffff) as u64
}

pub(crate) async fn every_field_of_a_filter_is_applied(store: &Store) {
    fill(store).await;
    let none = RunFilter::default;
    let text = |text: &str| Some(text.to_owned());
    let hook = |name| RunFilter {
        hook: text(name),
        ..none()
    };
    let state = |state| RunFilter {
        states: vec![state],
        ..none()
    };
    let prefix = |prefix| RunFilter {
        id_prefix: text(prefix),
        ..none()
    };
    let cases = [
        (none(), (1..=12).rev().collect()),
        (
            RunFilter {
                repo: text("odd"),
                ..none()
            },
            vec![11, 9, 7, 5, 3, 1],
        ),
        (
            RunFilter {
                repo: text("none"),
                ..none()
            },
            vec![],
        ),
        (
            RunFilter {
                plan: text("home"),
                ..none()
            },
            vec![11, 9, 7, 5, 3, 1],
        ),
        (
            RunFilter {
                plan: text("work"),
                ..none()
            },
            vec![10, 6, 2],
        ),
        (
            RunFilter {
                plan: text(""),
                ..none()
            },
            vec![12, 8, 4],
        ),
        (
            RunFilter {
                plan: text("work"),
                repo: text("odd"),
                ..none()
            },
            vec![],
        ),
        (
            RunFilter {
                operation: text("op-2"),
                ..none()
            },
            vec![2],
        ),
        (
            RunFilter {
                operation: text("op-3"),
                ..none()
            },
            vec![],
        ),
        (
            RunFilter {
                conditions: vec![Condition::PruneStart],
                ..none()
            },
            vec![11, 8, 5, 2],
        ),
        (
            RunFilter {
                decisions: vec![CANCEL],
                ..none()
            },
            vec![8, 2],
        ),
        (
            RunFilter {
                decisions: vec![CANCEL, 1],
                ..none()
            },
            vec![11, 10, 9, 8, 5, 4, 3, 2],
        ),
        (
            RunFilter {
                decisions: vec![4],
                ..none()
            },
            vec![],
        ),
        (state(StoredState::Unfinished), vec![12, 6]),
        (state(StoredState::Interrupted), vec![7, 1]),
        (state(StoredState::Decided), vec![11, 10, 9, 8, 5, 4, 3, 2]),
        (
            RunFilter {
                since: Some(second(9)),
                ..none()
            },
            vec![12, 11, 10, 9],
        ),
        (
            RunFilter {
                until: Some(second(3)),
                ..none()
            },
            vec![2, 1],
        ),
        (hook("rarely"), vec![4]),
        (hook("always"), vec![11, 10, 9, 8, 7, 5, 4, 3, 2, 1]),
        (hook("never"), vec![]),
        (prefix(&id(5).to_string()), vec![5]),
        (prefix(&id(5).to_string()[..8]), (1..=12).rev().collect()),
        (prefix("0"), (1..=12).rev().collect()),
        (prefix("1"), vec![]),
        (prefix("not an id"), vec![]),
        (prefix(&id(5).to_string().replace('-', "")), vec![]),
    ];
    for (filter, expected) in cases {
        assert_eq!(passes(store, filter.clone()).await, expected, "{filter:?}");
    }
}

/// All combinations of eight fields: one is looked up in an index, and the others are checked.
pub(crate) async fn fields_of_a_filter_can_be_combined(store: &Store) {
    fill(store).await;
    let text = |text: &str| Some(text.to_owned());
    let parts: [fn(&mut RunFilter); 8] = [
        |filter| filter.repo = Some("even".into()),
        |filter| filter.plan = Some("work".into()),
        |filter| filter.conditions = vec![Condition::PruneStart, Condition::SnapshotError],
        |filter| filter.decisions = vec![CANCEL, 1],
        |filter| filter.states = vec![StoredState::Decided, StoredState::Unfinished],
        |filter| filter.since = Some(second(2)),
        |filter| filter.until = Some(second(11)),
        |filter| filter.hook = Some("always".into()),
    ];
    let mut alone = Vec::new();
    for part in parts {
        let mut filter = RunFilter::default();
        part(&mut filter);
        alone.push(passes(store, filter).await);
    }
    for chosen in 0u32..256 {
        let mut filter = RunFilter::default();
        let mut expected: Vec<u64> = (1..=12).rev().collect();
        for (n, part) in parts
            .iter()
            .enumerate()
            .filter(|(n, _)| chosen >> n & 1 == 1)
        {
            part(&mut filter);
            expected.retain(|run| alone[n].contains(run));
        }
        assert_eq!(passes(store, filter.clone()).await, expected, "{filter:?}");
        // The same query, page by page.
        let mut paged = Vec::new();
        let mut before = None;
        loop {
            let page = store.list(&filter, before, 2).await.unwrap();
            paged.extend(page.runs.iter().map(|run| number(run.id)));
            before = page.next;
            if before.is_none() {
                break;
            }
        }
        assert_eq!(paged, expected, "{filter:?}");
    }
    let filter = RunFilter {
        operation: text("op-2"),
        plan: text("home"),
        ..RunFilter::default()
    };
    assert!(passes(store, filter).await.is_empty());
}

pub(crate) async fn output_is_searched_as_far_as_the_budget_goes(store: &Store) {
    fill(store).await;
    let searched = |text: &'static str, budget| RunFilter {
        output: Some(OutputSearch {
            matches: Arc::new(move |records| {
                assert!(records.iter().zip(1..).all(|(r, n)| r.sequence == n));
                records.iter().any(|record| record.bytes == text)
            }),
            budget,
        }),
        plan: Some("home".into()),
        ..RunFilter::default()
    };
    assert_eq!(passes(store, searched("output of 3", 100)).await, [3]);
    // The first page searches 11, 9 and 7, the second 5, 3 and 1.
    let filter = searched("output of 3", 3);
    let page = store.list(&filter, None, 100).await.unwrap();
    assert!(page.runs.is_empty());
    assert_eq!(page.next, Some(id(7)));
    let page = store.list(&filter, page.next, 100).await.unwrap();
    assert_eq!(
        page.runs.iter().map(|run| run.id).collect::<Vec<_>>(),
        [id(3)]
    );
    assert_eq!(page.next, None);
    assert!(
        passes(store, searched("nothing like it", 100))
            .await
            .is_empty()
    );
}

pub(crate) async fn unfinished_runs_are_found(store: &Store) {
    fill(store).await;
    assert_eq!(store.unfinished().await.unwrap(), [id(6), id(12)]);
    let ending = end(6, EndedBy::Interruption, Vec::new());
    store.finish(id(6), &[], ending).await.unwrap();
    assert_eq!(store.unfinished().await.unwrap(), [id(12)]);
    let info = store.info().await.unwrap();
    assert_eq!((info.runs, info.oldest), (12, Some(second(1))));
    assert!(info.bytes > 0);
    store.admit(run(13, about("x"))).await.unwrap();
    assert_eq!(store.unfinished().await.unwrap(), [id(12), id(13)]);
}
