//! Stores to test, and runs to put into them.

use std::fs::OpenOptions;
use std::io::Write as _;
use std::path::PathBuf;
use std::time::Duration;

use bytes::Bytes;
use hook_core::condition::Condition;
use hookd::store::sqlite::{self, SqliteStore};
use hookd::store::{
    About, Durability, End, Ended, HookEnd, HookResult, MemoryStore, NewRun, Record, RequestKey,
    Store,
};
use jiff::Timestamp;
use tempfile::TempDir;
use uuid::Uuid;

/// A store, and the folder that it is in.
pub(crate) struct Opened {
    store: Box<dyn Store>,
    _folder: Option<TempDir>,
}

impl std::ops::Deref for Opened {
    type Target = dyn Store;

    fn deref(&self) -> &Self::Target {
        &*self.store
    }
}

pub(crate) fn memory() -> Opened {
    Opened {
        store: Box::new(MemoryStore::default()),
        _folder: None,
    }
}

pub(crate) fn sqlite() -> Opened {
    let folder = TempDir::new().unwrap();
    let store = open(&folder);
    Opened {
        store: Box::new(store),
        _folder: Some(folder),
    }
}

pub(crate) fn file(folder: &TempDir) -> PathBuf {
    folder.path().join("runs.sqlite3")
}

/// Opens the store in a folder, which must not be damaged.
pub(crate) fn open(folder: &TempDir) -> SqliteStore {
    let (store, aside) = sqlite::open(&file(folder), Durability::Power).unwrap();
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

pub(crate) fn about(plan: &str) -> About {
    About {
        condition: Condition::SnapshotStart,
        repo: "repo".into(),
        plan: plan.into(),
        operation: String::new(),
    }
}

/// The run that begins so many seconds after the first.
pub(crate) fn run(n: u64, about: About) -> NewRun {
    NewRun {
        id: id(n),
        request: None,
        about,
        started_at: second(n.try_into().unwrap()),
        first: record(1, "begins"),
        glance: Bytes::from(format!("run {n} begins")),
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
pub(crate) fn end(n: u64, state: Ended, hooks: Vec<HookEnd>) -> End {
    End {
        state,
        at: second(n.try_into().unwrap()) + Duration::from_millis(500),
        glance: Bytes::from(format!("run {n} ended")),
        hooks,
    }
}

pub(crate) const PROCEED: Ended = Ended::Decided(1);

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
pub(crate) async fn put(store: &dyn Store, n: u64, plan: &str) {
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
