//! Stores to test, and runs to put into them.

use std::fs::OpenOptions;
use std::io::Write as _;
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

/// Opens the store in a folder, which must not be damaged.
pub(crate) fn open(folder: &TempDir) -> Store {
    let (store, aside) = Store::open(&file(folder), Durability::Power).unwrap();
    assert_eq!(aside, None);
    store
}

/// When the first run of a test begins, in seconds since 1970: some day in 2026.
pub(crate) const BEGIN: i64 = 1_780_000_000;

/// So many seconds after the first run.
pub(crate) fn second(n: i64) -> Timestamp {
    Timestamp::from_second(BEGIN + n).unwrap()
}

/// The id of the run that begins so many seconds after the first.
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

/// The run that begins so many seconds after the first.
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

/// The end of the run that begins so many seconds after the first: half a second later.
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

/// Puts a run into a store that ended with a decision to go on.
pub(crate) async fn put(store: &Store, n: u64, plan: &str) {
    store.admit(run(n, about(plan))).await.unwrap();
    store
        .finish(id(n), &[record(2, "ends")], end(n, PROCEED, Vec::new()))
        .await
        .unwrap();
}

/// Writes down that something was not tested, in one write.
#[expect(
    clippy::print_stderr,
    reason = "whoever runs the test alone has to see it"
)]
pub(crate) fn skip(line: &str) {
    let Some(path) = std::env::var_os("HOOKD_TEST_SKIPS") else {
        eprintln!("SKIPPED: {line}");
        return;
    };
    let file = OpenOptions::new().append(true).create(true).open(&path);
    file.and_then(|mut file| file.write_all(format!("{line}\n").as_bytes()))
        .unwrap();
}
