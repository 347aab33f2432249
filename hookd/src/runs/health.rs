//! How the store is doing, as far as the runs can tell.

use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use tracing::{error, info};

use crate::limits::MAX_UNSTORED_BYTES;
use crate::store::StoreError;

/// What is wrong with the store, and what is in memory because of it.
#[derive(Debug, Default)]
pub struct Health {
    failure: Mutex<Option<String>>,
    at_start: Option<String>,
    set_aside: Option<PathBuf>,
    unstored: AtomicU64,
    pending_bytes: AtomicUsize,
}

impl Health {
    /// Of a store that took the place of one that could not be read.
    #[must_use]
    pub fn set_aside_at(path: PathBuf) -> Health {
        Health {
            set_aside: Some(path),
            ..Health::default()
        }
    }

    /// Of memory that stands in for a store that could not be opened.
    #[must_use]
    pub fn failed_at_start(why: String) -> Health {
        Health {
            at_start: Some(why),
            ..Health::default()
        }
    }

    /// What is wrong with the store at this moment, if anything is.
    #[must_use]
    pub fn failure(&self) -> Option<String> {
        let failure = self.failure.lock().unwrap_or_else(PoisonError::into_inner);
        failure.clone().or_else(|| self.at_start.clone())
    }

    /// How many runs have their journals in memory alone because the store failed.
    #[must_use]
    pub fn unstored(&self) -> u64 {
        self.unstored.load(Ordering::Relaxed)
    }

    /// Where a store that could not be read was set aside at the start.
    #[must_use]
    pub fn set_aside(&self) -> Option<&std::path::Path> {
        self.set_aside.as_deref()
    }

    /// The store did not take something.
    pub(crate) fn failed(&self, error: &StoreError) {
        let message = error.to_string();
        let mut failure = self.failure.lock().unwrap_or_else(PoisonError::into_inner);
        if failure.as_ref() != Some(&message) {
            error!(%error, "the store fails");
        }
        *failure = Some(message);
    }

    /// The store took something.
    pub(crate) fn works(&self) {
        let mut failure = self.failure.lock().unwrap_or_else(PoisonError::into_inner);
        if failure.take().is_some() {
            info!("the store works again");
        }
    }

    /// So many bytes of a journal wait now to be stored, instead of so many before.
    pub(super) fn pending(&self, before: usize, now: usize) {
        if now >= before {
            self.pending_bytes
                .fetch_add(now - before, Ordering::Relaxed);
        } else {
            self.pending_bytes
                .fetch_sub(before - now, Ordering::Relaxed);
        }
    }

    /// Whether output may be held although the store fails.
    pub(super) fn has_room(&self) -> bool {
        self.pending_bytes.load(Ordering::Relaxed) < MAX_UNSTORED_BYTES
    }

    /// A run is in memory alone until what this gives is dropped.
    pub(super) fn unstored_run(&self) -> Unstored<'_> {
        self.unstored.fetch_add(1, Ordering::Relaxed);
        Unstored(self)
    }
}

/// A run whose journal is in memory alone.
#[derive(Debug)]
pub(super) struct Unstored<'a>(&'a Health);

impl Drop for Unstored<'_> {
    fn drop(&mut self) {
        self.0.unstored.fetch_sub(1, Ordering::Relaxed);
    }
}
