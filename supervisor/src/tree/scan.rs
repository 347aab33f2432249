//! Scans of the process table, one for all trees that end at the same time, on a thread of their
//! own.
//!
//! A scan reads two files for each process of the machine. If each of many trees scanned alone,
//! and on a thread of the runtime, all calls would wait for them.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;

use tokio::sync::oneshot;

use super::descent::{Descent, FoundMembers, ScanAction};
use super::proc_table;

/// Membership of one tree, shared with the thread that scans.
#[derive(Clone, Debug)]
pub(super) struct SharedDescent(Arc<Mutex<Descent>>);

/// A request to scan for one tree.
type ScanRequest = (SharedDescent, ScanAction, oneshot::Sender<FoundMembers>);

/// Requests for the next scan; `None` while no thread scans.
static REQUESTS: Mutex<Option<Vec<ScanRequest>>> = Mutex::new(None);

/// Maximum number of scans until one finds no new process to kill.
const KILL_SCANS: usize = 16;

impl SharedDescent {
    pub(super) fn new(descent: Descent) -> SharedDescent {
        SharedDescent(Arc::new(Mutex::new(descent)))
    }

    pub(super) fn lock(&self) -> MutexGuard<'_, Descent> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Scans the process table, from after this call on, together with all other trees that wait
    /// for a scan. Cancel safe.
    pub(super) async fn scan(&self, action: ScanAction) -> FoundMembers {
        let (result, answer) = oneshot::channel();
        request((self.clone(), action, result));
        match answer.await {
            Ok(found) => found,
            // The thread has panicked.
            Err(_) => self.scan_now(action),
        }
    }

    /// Kills all processes, each as soon as it is found, the leader last.
    pub(super) async fn kill(&self) {
        for _ in 0..KILL_SCANS {
            if !self.scan(ScanAction::Kill).await.killed_more {
                break;
            }
        }
        self.lock().kill_group();
    }

    /// Kills all processes, as [`kill`](Self::kill) does, on the caller's thread.
    pub(super) fn kill_now(&self) {
        for _ in 0..KILL_SCANS {
            if !self.scan_now(ScanAction::Kill).killed_more {
                break;
            }
        }
        self.lock().kill_group();
    }

    /// Scans the process table for this tree alone, on the caller's thread.
    pub(super) fn scan_now(&self, action: ScanAction) -> FoundMembers {
        let found = scan_for(&mut [(self.lock(), action)]);
        found.into_iter().next().unwrap_or_default()
    }
}

fn request(request: ScanRequest) {
    let mut requests = requests();
    if let Some(waiting) = &mut *requests {
        waiting.push(request);
        return;
    }
    *requests = Some(vec![request]);
    drop(requests);
    let thread = thread::Builder::new().name("process-table".to_owned());
    if thread.spawn(scan_until_done).is_err() {
        scan_until_done();
    }
}

/// Answers requests until none is left.
fn scan_until_done() {
    while let Some(batch) = next_batch() {
        let jobs = batch.iter().map(|(tree, action, _)| (tree.lock(), *action));
        let mut jobs: Vec<_> = jobs.collect();
        // After a panic the requests are dropped, and those that wait scan for themselves.
        let found = catch_unwind(AssertUnwindSafe(|| scan_for(&mut jobs)));
        drop(jobs);
        let found = found.unwrap_or_default();
        for ((.., result), found) in batch.into_iter().zip(found) {
            // The tree may be gone.
            let _ = result.send(found);
        }
    }
}

/// Takes all requests, except for second ones of the same tree, whose first was dropped; `None`
/// if no thread needs to scan any more.
fn next_batch() -> Option<Vec<ScanRequest>> {
    let mut requests = requests();
    let waiting = requests.take().filter(|waiting| !waiting.is_empty())?;
    let mut batch: Vec<ScanRequest> = Vec::new();
    let mut later = Vec::new();
    for request in waiting {
        let is_second = batch
            .iter()
            .any(|(tree, ..)| Arc::ptr_eq(&tree.0, &request.0.0));
        let list = if is_second { &mut later } else { &mut batch };
        list.push(request);
    }
    *requests = Some(later);
    Some(batch)
}

/// Scans the process table once for all these trees; returns a result for each.
fn scan_for(trees: &mut [(MutexGuard<'_, Descent>, ScanAction)]) -> Vec<FoundMembers> {
    let ancestors = proc_table::ancestors();
    for (tree, action) in &mut *trees {
        tree.begin(*action);
    }
    // Each process is read while the list may still grow: if it ends later, its children are on
    // the list.
    let all = proc_table::all(|process| {
        if ancestors.contains(&process.id.pid) {
            return None;
        }
        let mut environment = None;
        for (tree, _) in &mut *trees {
            tree.examine(&process, |variable| {
                let environment = environment.get_or_insert_with(|| process.environment());
                environment.split(|b| *b == 0).any(|v| v == variable)
            });
        }
        Some(process)
    });
    let all: Vec<_> = all.into_iter().flatten().collect();
    let found = trees.iter_mut().map(|(tree, _)| tree.finish(&all));
    found.collect()
}

fn requests() -> MutexGuard<'static, Option<Vec<ScanRequest>>> {
    REQUESTS.lock().unwrap_or_else(PoisonError::into_inner)
}
