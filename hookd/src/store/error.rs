//! How a store fails.

use uuid::Uuid;

/// Why a store did not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The disk, or what the file may grow to, is full.
    #[error("the disk is full: {message}; free some space, or lower `runRetention`")]
    Full {
        /// What the engine says.
        message: String,
    },
    /// It may not be written.
    #[error("the store cannot be written: {message}; see who owns it and how it is mounted")]
    ReadOnly {
        /// What the engine says.
        message: String,
    },
    /// Its content is damaged.
    #[error("the store is damaged: {message}; the next start sets it aside and begins a new one")]
    Damaged {
        /// What the engine says.
        message: String,
    },
    /// This engine cannot do that.
    #[error("{message}")]
    Unsupported {
        /// What, and why not.
        message: String,
    },
    /// Anything else that went wrong in reading or writing.
    #[error("the store failed: {message}")]
    Failed {
        /// What the engine says.
        message: String,
    },
    /// It was closed: the daemon is ending.
    #[error("the store is closed")]
    Closed,
}

impl StoreError {
    pub(super) fn failed(message: impl Into<String>) -> StoreError {
        let message = message.into();
        StoreError::Failed { message }
    }

    /// Something was asked of a run that is not there.
    pub(super) fn no_run(run: Uuid) -> StoreError {
        StoreError::failed(format!("there is no run {run}"))
    }

    /// Something was to be added to a run that has ended.
    pub(super) fn has_ended(run: Uuid) -> StoreError {
        StoreError::failed(format!("the run {run} has ended"))
    }
}
