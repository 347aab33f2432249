//! The runs under way: from the request that starts one until its end is stored.

use std::collections::{BTreeMap, HashMap};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use hook_core::run::stop::{CancelCause, StopReason};
use tokio::sync::{SetOnce, watch};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::journal::Journal;
use super::reader::KnownRun;
use super::start::StartError;
use super::summary::RunSummary;
use crate::store::RequestKey;

/// A run under way.
#[derive(Debug)]
pub struct Run {
    /// The run's id; ids sort by the time of admission.
    pub id: Uuid,
    /// The key by which a repeated request is recognised.
    pub(super) request: Option<RequestKey>,
    /// The run's journal.
    pub(super) journal: Journal,
    /// The outcome of the admission. The run's first script starts after it is set.
    pub(super) admission: SetOnce<Result<AdmissionOutcome, StartError>>,
    /// Cancelled when all hooks of the run have ended.
    pub(super) executed: CancellationToken,
    stop: watch::Sender<Option<StopReason>>,
    has_turn: AtomicBool,
}

/// Outcome of the admission of a run.
#[derive(Clone, Debug)]
pub(super) enum AdmissionOutcome {
    /// The run is on record, and may begin.
    OnRecord,
    /// The store failed, and the run may begin without being on record.
    Unstored,
    /// The same request started this run before.
    Earlier(KnownRun),
}

impl Run {
    pub(super) fn new(id: Uuid, request: Option<RequestKey>, journal: Journal) -> Run {
        Run {
            id,
            request,
            journal,
            admission: SetOnce::new(),
            executed: CancellationToken::new(),
            stop: watch::Sender::new(None),
            has_turn: AtomicBool::new(false),
        }
    }

    /// Returns whether the run has ended and its decision is visible to readers.
    #[must_use]
    pub fn is_over(&self) -> bool {
        self.journal.lock().is_over()
    }

    fn is_admitted(&self) -> bool {
        self.admission.get().is_some()
    }

    /// Returns the summary at this moment.
    #[must_use]
    pub fn summary(&self) -> RunSummary {
        let mut summary = self.journal.lock().summary.clone();
        if self.has_turn.load(Ordering::Acquire) {
            summary.mark_running();
        }
        summary
    }

    /// Stops the run. If it is stopped again, the first reason stays.
    pub fn stop(&self, stop: StopReason) {
        self.stop.send_if_modified(|current| {
            let first = current.is_none();
            current.get_or_insert(stop);
            first
        });
    }

    pub(super) fn begin(&self) {
        self.has_turn.store(true, Ordering::Release);
    }

    pub(super) fn stops(&self) -> watch::Receiver<Option<StopReason>> {
        self.stop.subscribe()
    }
}

/// Guard for the caller that started a run: dropping it stops the run.
#[derive(Debug)]
pub struct StopOnDrop(pub(super) Arc<Run>);

impl Drop for StopOnDrop {
    fn drop(&mut self) {
        self.0
            .stop(StopReason::Cancelled(CancelCause::Disconnected));
    }
}

/// All runs under way, by their ids and by the ids of their requests.
#[derive(Debug, Default)]
pub struct RunRegistry {
    inner: Mutex<Inner>,
}

#[derive(Debug, Default)]
struct Inner {
    /// Runs in the order of their ids, including those that are being admitted: the store may
    /// have these already, and without this entry they would look like runs of an earlier
    /// daemon.
    runs: BTreeMap<Uuid, Arc<Run>>,
    /// The same runs by the id of their request, if it has one.
    requests: HashMap<Uuid, Arc<Run>>,
    total: u64,
}

/// Number of runs by state.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RunCounts {
    /// Runs that execute.
    pub running: u32,
    /// Runs that wait for their turn.
    pub queued: u32,
    /// Runs since the daemon started.
    pub total: u64,
}

impl RunRegistry {
    /// Returns the run that the same request started, if it is under way.
    /// Fails if the request's id was used for another event.
    pub(super) fn find(&self, request: &RequestKey) -> Result<Option<Arc<Run>>, StartError> {
        self.lock().find(request)
    }

    /// Adds a run that is being admitted, or returns the one that the same request started.
    /// Both in one step, so that two equal requests at the same moment make one run.
    /// Fails if the request's id was used for another event.
    pub(super) fn reserve(&self, run: &Arc<Run>) -> Result<Option<Arc<Run>>, StartError> {
        let mut inner = self.lock();
        if let Some(request) = &run.request {
            if let Some(earlier) = inner.find(request)? {
                return Ok(Some(earlier));
            }
            inner.requests.insert(request.id, Arc::clone(run));
        }
        inner.runs.insert(run.id, Arc::clone(run));
        Ok(None)
    }

    /// Counts a run that was admitted.
    pub(super) fn count(&self) {
        self.lock().total += 1;
    }

    /// Removes a run that is stored, or was not admitted.
    pub(super) fn remove(&self, run: &Run) {
        let mut inner = self.lock();
        inner.runs.remove(&run.id);
        if let Some(request) = &run.request {
            inner.requests.remove(&request.id);
        }
    }

    /// Returns a run by its id, also while it is being admitted.
    pub(super) fn get(&self, id: Uuid) -> Option<Arc<Run>> {
        self.lock().runs.get(&id).cloned()
    }

    /// Returns the admitted runs that are under way or not stored yet, oldest first. The
    /// store may have them, too.
    #[must_use]
    pub fn all(&self) -> Vec<Arc<Run>> {
        let inner = self.lock();
        let admitted = inner.runs.values().filter(|run| run.is_admitted());
        admitted.cloned().collect()
    }

    /// Counts the admitted runs.
    #[must_use]
    pub fn counts(&self) -> RunCounts {
        let inner = self.lock();
        let mut counts = RunCounts {
            total: inner.total,
            ..RunCounts::default()
        };
        for run in inner.runs.values().filter(|run| run.is_admitted()) {
            if !run.has_turn.load(Ordering::Acquire) {
                counts.queued += 1;
            } else if !run.is_over() {
                counts.running += 1;
            }
        }
        counts
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Inner {
    fn find(&self, request: &RequestKey) -> Result<Option<Arc<Run>>, StartError> {
        match self.requests.get(&request.id) {
            Some(run) if run.request.as_ref() != Some(request) => Err(StartError::RequestIdReused),
            run => Ok(run.cloned()),
        }
    }
}
