//! Stores, and runs to add to them.

use std::path::PathBuf;
use std::time::Duration;

use bytes::Bytes;
use hook_core::condition::Condition;
use hookd::store::{
    Durability, EndedBy, HookEnd, HookResult, NewRun, Record, RequestKey, RunEnd, RunSubject, Store,
};
use jiff::Timestamp;
use tempfile::TempDir;
use uuid::Uuid;

/// A store, and the folder that it is in.
pub(crate) struct Opened {
    store: Store,
    _folder: TempDir,
}

impl std::ops::Deref for Opened {
    type Target = Store;

    fn deref(&self) -> &Self::Target {
        &self.store
    }
}

pub(crate) fn in_memory() -> Store {
    Store::in_memory().unwrap()
}

pub(crate) fn in_file() -> Opened {
    let folder = TempDir::new().unwrap();
    Opened {
        store: open(&folder),
        _folder: folder,
    }
}

pub(crate) fn file(folder: &TempDir) -> PathBuf {
    folder.path().join("runs.sqlite3")
}

/// Opens the store in a folder, and checks that it is not damaged.
pub(crate) fn open(folder: &TempDir) -> Store {
    let (store, aside) = Store::open(&file(folder), Durability::Power).unwrap();
    assert_eq!(aside, None);
    store
}

/// The beginning of run 0, in seconds since 1970: a day in 2026.
pub(crate) const BEGIN: i64 = 1_780_000_000;

/// Returns the time at which run `n` begins, `n` seconds after run 0.
pub(crate) fn second(n: i64) -> Timestamp {
    Timestamp::from_second(BEGIN + n).unwrap()
}

/// Returns the id of run `n`.
pub(crate) fn id(n: u64) -> Uuid {
    let millis = u128::try_from(BEGIN * 1000).unwrap() + u128::from(n) * 1000;
    Uuid::from_u128(millis << 80 | 0x7 << 76 | 0x2 << 62 | u128::from(n))
}

pub(crate) fn about(plan: &str) -> RunSubject {
    RunSubject {
        condition: Condition::SnapshotStart,
        repo: "repo".into(),
        plan: plan.into(),
        operation: String::new(),
    }
}

/// Returns run `n`.
pub(crate) fn run(n: u64, about: RunSubject) -> NewRun {
    NewRun {
        id: id(n),
        request: None,
        subject: about,
        started_at: second(n.try_into().unwrap()),
        first: record(1, "begins"),
    }
}

pub(crate) fn asked_for(mut run: NewRun, request: u128, event: u8) -> NewRun {
    run.request = Some(RequestKey {
        id: Uuid::from_u128(request),
        event: [event; 32],
    });
    run
}

pub(crate) fn record(sequence: u64, text: &str) -> Record {
    Record {
        sequence,
        bytes: Bytes::copy_from_slice(text.as_bytes()),
    }
}

/// Returns the end of run `n`, half a second after its beginning.
pub(crate) fn end(n: u64, state: EndedBy, hooks: Vec<HookEnd>) -> RunEnd {
    RunEnd {
        by: state,
        at: second(n.try_into().unwrap()) + Duration::from_millis(500),
        summary: Bytes::from(format!("run {n} ended")),
        hooks,
    }
}

pub(crate) const PROCEED: EndedBy = EndedBy::Decision(1);

pub(crate) fn hook(name: &str, at: Timestamp, millis: u64, result: HookResult) -> HookEnd {
    HookEnd {
        hook: name.into(),
        at,
        elapsed: Duration::from_millis(millis),
        result,
        outcome: Bytes::from(format!("outcome of {name} at {at}")),
    }
}

/// Adds run `n`, which ends with the decision to proceed.
pub(crate) async fn put(store: &Store, n: u64, plan: &str) {
    store.admit(run(n, about(plan))).await.unwrap();
    store
        .finish(id(n), &[record(2, "ends")], end(n, PROCEED, Vec::new()))
        .await
        .unwrap();
}
