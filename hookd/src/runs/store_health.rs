//! The health of the store, judged by the calls that runs make.

use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use tracing::{error, info};

use crate::limits::MAX_UNSTORED_BYTES;
use crate::store::StoreError;

/// The present failure of the store, if any, and the memory that it costs.
#[derive(Debug, Default)]
pub struct StoreHealth {
    failure: Mutex<Option<String>>,
    /// True while the files of the store are not in their place, or damaged.
    gone: AtomicBool,
    /// The reason why a store in memory is used, if the one on disk could not be opened.
    pub(crate) at_start: Option<String>,
    /// The path of a damaged store that was set aside at the start.
    pub(crate) set_aside: Option<PathBuf>,
    unstored: AtomicU64,
    pending_bytes: AtomicUsize,
}

impl StoreHealth {
    /// Returns the present failure; `None` if the store works.
    #[must_use]
    pub fn failure(&self) -> Option<String> {
        let failure = self.failure.lock().unwrap_or_else(PoisonError::into_inner);
        failure.clone().or_else(|| self.at_start.clone())
    }

    /// Returns the number of runs whose journals are in memory alone.
    #[must_use]
    pub fn unstored(&self) -> u64 {
        self.unstored.load(Ordering::Relaxed)
    }

    /// Records a failed call.
    pub(crate) fn failed(&self, error: &StoreError) {
        let message = error.to_string();
        let mut failure = self.failure.lock().unwrap_or_else(PoisonError::into_inner);
        if failure.as_ref() != Some(&message) {
            error!(%error, "the store fails");
        }
        *failure = Some(message);
    }

    /// Records a call that succeeded.
    pub(crate) fn works(&self) {
        let mut failure = self.failure.lock().unwrap_or_else(PoisonError::into_inner);
        if failure.take().is_some() {
            info!("the store works again");
        }
    }

    /// Records whether the files of the store are in their place and undamaged.
    pub(crate) fn in_place(&self, found: &Result<(), StoreError>) {
        let was_gone = self.gone.swap(found.is_err(), Ordering::Relaxed);
        match found {
            Err(error) => self.failed(error),
            Ok(()) if was_gone => self.works(),
            Ok(()) => {}
        }
    }

    /// Records that the pending bytes of a journal changed from `before` to `now`.
    pub(super) fn pending(&self, before: usize, now: usize) {
        // A negative change wraps around, and so does the sum, back to the right value.
        let change = now.wrapping_sub(before);
        self.pending_bytes.fetch_add(change, Ordering::Relaxed);
    }

    /// Returns whether more output may be pending although the store fails.
    pub(super) fn has_room(&self) -> bool {
        self.pending_bytes.load(Ordering::Relaxed) < MAX_UNSTORED_BYTES
    }

    /// Counts a run whose journal is in memory alone, until the guard is dropped.
    pub(super) fn unstored_run(&self) -> Unstored<'_> {
        self.unstored.fetch_add(1, Ordering::Relaxed);
        Unstored(self)
    }
}

/// Guard that counts a run whose journal is in memory alone.
#[derive(Debug)]
pub(super) struct Unstored<'a>(&'a StoreHealth);

impl Drop for Unstored<'_> {
    fn drop(&mut self) {
        self.0.unstored.fetch_sub(1, Ordering::Relaxed);
    }
}
