//! Whose turn it is: how many runs execute at once, and how many may wait.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Admits runs up to a limit and lets a bounded number wait, first come, first served.
#[derive(Clone, Debug)]
pub(super) struct Admission {
    turns: Arc<Semaphore>,
    /// Runs that wait or execute.
    present: Arc<AtomicUsize>,
    capacity: usize,
}

/// The queue is full.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{waiting} runs are waiting already")]
pub(super) struct QueueFull {
    /// How many runs wait.
    pub(super) waiting: usize,
}

/// A place among the runs that wait or execute; given back when dropped.
#[derive(Debug)]
pub(super) struct Place {
    turns: Arc<Semaphore>,
    present: Arc<AtomicUsize>,
}

impl Admission {
    /// Admits at most `concurrent` runs at once while `queued` more wait.
    #[must_use]
    pub(super) fn new(concurrent: usize, queued: usize) -> Admission {
        Admission {
            turns: Arc::new(Semaphore::new(concurrent)),
            present: Arc::default(),
            capacity: concurrent.saturating_add(queued),
        }
    }

    /// A place for one more run.
    ///
    /// # Errors
    /// If as many runs wait as may.
    pub(super) fn enter(&self) -> Result<Place, QueueFull> {
        let entered = self
            .present
            .fetch_update(Ordering::AcqRel, Ordering::Acquire, |present| {
                (present < self.capacity).then_some(present + 1)
            });
        match entered {
            Ok(_) => Ok(Place {
                turns: Arc::clone(&self.turns),
                present: Arc::clone(&self.present),
            }),
            Err(present) => Err(QueueFull {
                waiting: present.saturating_sub(self.turns.available_permits()),
            }),
        }
    }
}

impl Place {
    /// Waits for the run's turn, which lasts until the permit is dropped. `None` only if
    /// the daemon is gone.
    pub(super) async fn turn(&self) -> Option<OwnedSemaphorePermit> {
        Arc::clone(&self.turns).acquire_owned().await.ok()
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.present.fetch_sub(1, Ordering::AcqRel);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_queue_refuses_and_a_place_given_back_is_free_again() {
        let admission = Admission::new(1, 1);
        let first = admission.enter().expect("the first executes");
        let _second = admission.enter().expect("the second waits");
        assert!(admission.enter().is_err());
        drop(first);
        assert!(admission.enter().is_ok());
    }
}
