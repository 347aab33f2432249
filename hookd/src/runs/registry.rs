//! The runs that hookd knows: those under way, and the latest that have finished.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::ops::Bound;
use std::sync::{Arc, Mutex, PoisonError};

use hook_core::event::Event;
use uuid::Uuid;

use super::run::{Run, State};

/// How many finished runs are kept at most.
pub const MAX_KEPT_RUNS: usize = 10_000;
/// How many bytes the journals of finished runs may take together.
pub(super) const MAX_KEPT_BYTES: usize = 256 << 20;

/// Every run by its id, and by the id of the request that asked for it.
#[derive(Debug, Default)]
pub(super) struct Registry {
    inner: Mutex<Inner>,
}

#[derive(Debug, Default)]
struct Inner {
    /// In the order in which they were admitted.
    runs: BTreeMap<String, Arc<Run>>,
    requests: HashMap<Uuid, Request>,
    /// The finished ones in the order in which they finished.
    finished: VecDeque<Finished>,
    finished_bytes: usize,
    total: u64,
}

#[derive(Debug)]
struct Finished {
    run_id: String,
    request: Option<Uuid>,
    bytes: usize,
}

#[derive(Debug)]
struct Request {
    /// The event as it was asked for, before hookd filled in what was left out.
    event: Event,
    run_id: String,
}

/// What a request id says of a run.
#[derive(Debug)]
pub(super) enum Known {
    /// It asked for this run before, with the same event.
    Same(Arc<Run>),
    /// It was used with another event.
    Other,
    /// It is new.
    No,
}

/// How many runs are in which state.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Runs under way.
    pub running: u32,
    /// Runs that wait for their turn.
    pub queued: u32,
    /// Finished runs that are kept.
    pub kept: u32,
    /// Runs since the start.
    pub total: u64,
}

impl Registry {
    /// Adds a run, or finds the one that the same request asked for before. Both in one
    /// step, so that two equal requests at the same moment make one run.
    ///
    /// # Errors
    /// Whatever `admit` says, which is asked only if the run would be new.
    pub(super) fn add<E>(
        &self,
        request: Option<Uuid>,
        event: &Event,
        admit: impl FnOnce() -> Result<Arc<Run>, E>,
    ) -> Result<Known, E> {
        let mut inner = self.lock();
        if let Some(request) = request.and_then(|id| inner.requests.get(&id)) {
            return Ok(match inner.runs.get(&request.run_id) {
                Some(run) if request.event == *event => Known::Same(Arc::clone(run)),
                _ => Known::Other,
            });
        }
        let run = admit()?;
        if let Some(id) = request {
            let request = Request {
                event: event.clone(),
                run_id: run.id.clone(),
            };
            inner.requests.insert(id, request);
        }
        inner.total += 1;
        inner.runs.insert(run.id.clone(), run);
        Ok(Known::No)
    }

    /// The run of that id.
    #[must_use]
    pub(super) fn get(&self, id: &str) -> Option<Arc<Run>> {
        self.lock().runs.get(id).cloned()
    }

    /// All runs, newest first, from the one after `before` on.
    #[must_use]
    pub(super) fn newest_first(&self, before: Option<&str>) -> Vec<Arc<Run>> {
        let inner = self.lock();
        match before {
            Some(id) => inner
                .runs
                .range::<str, _>((Bound::Unbounded, Bound::Excluded(id)))
                .rev()
                .map(|(_, r)| Arc::clone(r))
                .collect(),
            None => inner.runs.values().rev().cloned().collect(),
        }
    }

    /// Those that have not finished.
    #[must_use]
    pub(super) fn under_way(&self) -> Vec<Arc<Run>> {
        let unfinished = |run: &&Arc<Run>| run.state() != State::Finished;
        self.lock()
            .runs
            .values()
            .filter(unfinished)
            .cloned()
            .collect()
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
                State::Finished => counts.kept += 1,
            }
        }
        counts
    }

    /// A run has finished; the oldest finished ones that are more than may be kept are
    /// forgotten.
    pub(super) fn finished(&self, run: &Run) {
        let bytes = run.journal.bytes();
        let mut inner = self.lock();
        inner.finished_bytes += bytes;
        let (run_id, request) = (run.id.clone(), run.request);
        inner.finished.push_back(Finished {
            run_id,
            request,
            bytes,
        });
        while inner.finished.len() > MAX_KEPT_RUNS || inner.finished_bytes > MAX_KEPT_BYTES {
            let Some(oldest) = inner.finished.pop_front() else {
                break;
            };
            inner.finished_bytes -= oldest.bytes;
            inner.runs.remove(&oldest.run_id);
            if let Some(request) = oldest.request {
                inner.requests.remove(&request);
            }
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
