//! Random operations on a store in a file, compared with a model: a list of records for
//! each run.

use std::fs;

use bytes::Bytes;
use hookd::store::{Durability, Record, RunFilter, Store};
use proptest::prelude::*;
use tempfile::TempDir;
use tokio::runtime::Runtime;

use crate::store::retention::{of, runs};
use crate::store::support::{PROCEED, about, end, file, id, run};

/// Opens the store in a folder, without syncing for power cuts.
fn open(folder: &TempDir) -> Store {
    let (store, aside) = Store::open(&file(folder), Durability::Process).unwrap();
    assert_eq!(aside, None);
    store
}

/// An operation on a store with a few runs.
#[derive(Clone, Debug)]
enum Step {
    Append {
        run: u64,
        sizes: Vec<usize>,
    },
    Finish {
        run: u64,
        sizes: Vec<usize>,
    },
    Read {
        run: u64,
        after: u64,
        bytes: usize,
    },
    Prune {
        keep: u64,
    },
    /// Opens a copy of the files, as after the death of the daemon.
    Crash,
    Reopen,
}

/// A run in the model.
#[derive(Clone, Debug, Default)]
struct Known {
    records: Vec<Record>,
    ended: bool,
}

const RUNS: u64 = 4;

fn step() -> impl Strategy<Value = Step> {
    let run = 0..RUNS;
    let size = prop_oneof![5 => 0usize..100, 1 => 0usize..100_000];
    let sizes = prop::collection::vec(size, 0..5);
    let append = (run.clone(), sizes.clone()).prop_map(|(run, sizes)| Step::Append { run, sizes });
    let finish = (run.clone(), sizes).prop_map(|(run, sizes)| Step::Finish { run, sizes });
    let read = (run, 0u64..20, 0usize..200_000).prop_map(|(run, after, bytes)| Step::Read {
        run,
        after,
        bytes,
    });
    prop_oneof![
        6 => append,
        2 => finish,
        4 => read,
        1 => (0..RUNS).prop_map(|keep| Step::Prune { keep }),
        1 => Just(Step::Crash),
        1 => Just(Step::Reopen),
    ]
}

/// A store beside its model.
struct Tested {
    runtime: Runtime,
    folder: TempDir,
    store: Store,
    /// `None` for a run that was not admitted, or was pruned.
    known: Vec<Option<Known>>,
}

impl Tested {
    fn new() -> Tested {
        let folder = TempDir::new().unwrap();
        Tested {
            runtime: tokio::runtime::Builder::new_current_thread()
                .build()
                .unwrap(),
            store: open(&folder),
            folder,
            known: vec![None; RUNS as usize],
        }
    }

    /// Returns a run of the model, after admitting it if it is `None`.
    fn known(&mut self, n: u64) -> &mut Known {
        let (store, known) = (&self.store, &mut self.known[n as usize]);
        known.get_or_insert_with(|| {
            let new = run(n, about("plan"));
            let records = vec![new.first.clone()];
            self.runtime.block_on(store.admit(new)).unwrap();
            Known {
                records,
                ended: false,
            }
        })
    }

    /// Returns the next records of a run, of these sizes.
    fn records(&mut self, n: u64, sizes: &[usize]) -> Vec<Record> {
        let next = self.known(n).records.len() as u64 + 1;
        let record = |(sequence, size): (u64, &usize)| Record {
            sequence,
            bytes: Bytes::from(vec![sequence as u8; *size]),
        };
        (next..).zip(sizes).map(record).collect()
    }

    fn carry_out(&mut self, step: Step) {
        match step {
            Step::Append { run, sizes } => {
                let records = self.records(run, &sizes);
                let done = self.runtime.block_on(self.store.append(id(run), &records));
                let known = self.known(run);
                assert_eq!(done.is_ok(), !known.ended || records.is_empty());
                if done.is_ok() {
                    known.records.extend(records);
                }
            }
            Step::Finish { run, sizes } => {
                let records = self.records(run, &sizes);
                let ending = end(run, PROCEED, Vec::new());
                let finish = self.store.finish(id(run), &records, ending);
                let done = self.runtime.block_on(finish);
                let known = self.known(run);
                assert_eq!(done.is_ok(), !known.ended || records.is_empty());
                if done.is_ok() {
                    known.records.extend(records);
                    known.ended = true;
                }
            }
            Step::Read { run, after, bytes } => {
                let read = self
                    .runtime
                    .block_on(self.store.read(id(run), after, bytes));
                let known = self.known[run as usize].clone().unwrap_or_default();
                let mut sum = 0;
                let rest = known.records.into_iter().skip(after as usize);
                let fits = |record: &Record| {
                    let first = sum == 0;
                    sum += record.bytes.len().max(1);
                    first || sum <= bytes
                };
                let expected: Vec<_> = rest.take_while(fits).collect();
                assert_eq!(read.unwrap(), expected);
            }
            Step::Prune { keep } => {
                self.runtime
                    .block_on(self.store.prune(of("plan", runs(keep)), false))
                    .unwrap();
                let ended = |known: &&mut Option<Known>| known.as_ref().is_some_and(|k| k.ended);
                let ended = self.known.iter_mut().filter(ended);
                for oldest in ended.rev().skip(keep as usize) {
                    *oldest = None;
                }
            }
            Step::Crash => self.crash(),
            Step::Reopen => {
                self.runtime.block_on(self.store.close()).unwrap();
                self.store = open(&self.folder);
            }
        }
        self.compare();
    }

    /// Opens a copy of the files. The WAL is copied last, so that pages that a checkpoint moves
    /// meanwhile are in one of the copies at least.
    fn crash(&mut self) {
        let folder = TempDir::new().unwrap();
        for suffix in ["", "-wal"] {
            let name = format!("runs.sqlite3{suffix}");
            let _ = fs::copy(self.folder.path().join(&name), folder.path().join(&name));
        }
        self.store = open(&folder);
        self.folder = folder;
    }

    fn compare(&self) {
        for (n, known) in (0..).zip(&self.known) {
            let (kept, records) = self.look(n);
            let known = known.as_ref();
            assert_eq!(kept, known.map(|known| known.ended));
            assert_eq!(records, known.map_or(&[][..], |known| &known.records));
        }
        let all = RunFilter::default();
        let list = self.store.list(&all, None, 100);
        let listed = self.runtime.block_on(list).unwrap().runs;
        let there = self.known.iter().filter(|known| known.is_some());
        assert_eq!(listed.len(), there.count());
        let info = self.runtime.block_on(self.store.info()).unwrap();
        assert_eq!(info.runs, listed.len() as u64);
    }

    /// Returns whether a run has ended, `None` if it does not exist, and its records.
    fn look(&self, n: u64) -> (Option<bool>, Vec<Record>) {
        let kept = self.runtime.block_on(self.store.get(id(n))).unwrap();
        let mut records: Vec<Record> = Vec::new();
        loop {
            let read = self.store.read(id(n), records.len() as u64, 50_000);
            let page = self.runtime.block_on(read).unwrap();
            if page.is_empty() {
                break;
            }
            records.extend(page);
        }
        if let Some(kept) = &kept {
            assert_eq!(kept.last_sequence, records.len() as u64);
        }
        (kept.map(|kept| kept.ended.is_some()), records)
    }

    /// Truncates the WAL, as a power cut may, and checks that the store opens with prefixes
    /// of its journals.
    fn cut(mut self, part: f64) {
        // The steps have no pruning, so that no run was replaced by another.
        let log = self.folder.path().join("runs.sqlite3-wal");
        let bytes = fs::read(&log).unwrap_or_default();
        self.crash_with(&bytes[..(bytes.len() as f64 * part) as usize]);
        for (n, known) in (0..).zip(self.known.clone()) {
            let (_, records) = self.look(n);
            let known = known.unwrap_or_default();
            if let Some(last) = records.len().checked_sub(1) {
                assert!(records[..=last] == known.records[..=last.min(known.records.len() - 1)]);
            }
        }
    }

    fn crash_with(&mut self, log: &[u8]) {
        let folder = TempDir::new().unwrap();
        fs::copy(file(&self.folder), file(&folder)).unwrap();
        fs::write(folder.path().join("runs.sqlite3-wal"), log).unwrap();
        self.store = open(&folder);
        self.folder = folder;
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn the_store_behaves_like_its_model(steps in prop::collection::vec(step(), 1..30)) {
        let mut tested = Tested::new();
        for step in steps {
            tested.carry_out(step);
        }
    }

    #[test]
    fn any_prefix_of_the_wal_is_a_store(
        steps in prop::collection::vec(step(), 1..30), part in 0.0..1.0
    ) {
        let mut tested = Tested::new();
        for step in steps.into_iter().filter(|step| !matches!(step, Step::Prune { .. })) {
            tested.carry_out(step);
        }
        tested.cut(part);
    }
}
