//! The runs under way: those that execute or wait, and those that are not stored yet.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, PoisonError};

use uuid::Uuid;

use super::run::{Run, State};
use crate::store::RequestKey;

/// Every run under way by its id, and by the id of the request that asked for it.
#[derive(Debug, Default)]
pub(super) struct Registry {
    inner: Mutex<Inner>,
}

#[derive(Debug, Default)]
struct Inner {
    /// Those that were admitted, in the order of their ids.
    runs: BTreeMap<Uuid, Arc<Run>>,
    /// Those that are being admitted: the store may have them before we hear of it, and
    /// they are none that a dead daemon left there.
    admitting: HashMap<Uuid, Arc<Run>>,
    /// Also those that are being admitted.
    requests: HashMap<Uuid, Arc<Run>>,
    total: u64,
}

/// What a request id says of the runs under way.
#[derive(Debug)]
pub(super) enum Asked {
    /// It asked for this run, with the same event.
    Same(Arc<Run>),
    /// It was used with another event.
    Other,
    /// Nothing.
    No,
}

/// How many runs are in which state.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Runs under way.
    pub running: u32,
    /// Runs that wait for their turn.
    pub queued: u32,
    /// Runs since the start.
    pub total: u64,
}

impl Registry {
    /// The run under way that a request asked for.
    pub(super) fn asked(&self, request: &RequestKey) -> Asked {
        self.lock().asked(request)
    }

    /// A run is about to be admitted, unless its request is taken. Both in one step, so
    /// that two equal requests at the same moment make one run.
    pub(super) fn reserve(&self, run: &Arc<Run>) -> Asked {
        let mut inner = self.lock();
        if let Some(request) = &run.request {
            let asked = inner.asked(request);
            if !matches!(asked, Asked::No) {
                return asked;
            }
            inner.requests.insert(request.id, Arc::clone(run));
        }
        inner.admitting.insert(run.id, Arc::clone(run));
        Asked::No
    }

    /// A run was admitted.
    pub(super) fn add(&self, run: &Arc<Run>) {
        let mut inner = self.lock();
        inner.total += 1;
        inner.admitting.remove(&run.id);
        inner.runs.insert(run.id, Arc::clone(run));
    }

    /// A run is over and stored, or was not admitted.
    pub(super) fn remove(&self, run: &Run) {
        let mut inner = self.lock();
        inner.admitting.remove(&run.id);
        inner.runs.remove(&run.id);
        if let Some(request) = &run.request {
            inner.requests.remove(&request.id);
        }
    }

    /// The run of that id, also while it is being admitted.
    #[must_use]
    pub(super) fn get(&self, id: Uuid) -> Option<Arc<Run>> {
        let inner = self.lock();
        inner
            .runs
            .get(&id)
            .or_else(|| inner.admitting.get(&id))
            .cloned()
    }

    /// All that were admitted, oldest first.
    #[must_use]
    pub(super) fn all(&self) -> Vec<Arc<Run>> {
        self.lock().runs.values().cloned().collect()
    }

    /// How many runs are in which state.
    #[must_use]
    pub(super) fn counts(&self) -> Counts {
        let inner = self.lock();
        let mut counts = Counts {
            total: inner.total,
            ..Counts::default()
        };
        for run in inner.runs.values() {
            match run.state() {
                State::Queued => counts.queued += 1,
                State::Running => counts.running += 1,
                State::Finished => {}
            }
        }
        counts
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Inner {
    fn asked(&self, request: &RequestKey) -> Asked {
        match self.requests.get(&request.id) {
            Some(run) if run.request.as_ref() == Some(request) => Asked::Same(Arc::clone(run)),
            Some(_) => Asked::Other,
            None => Asked::No,
        }
    }
}
