//! Errors of the store.

use uuid::Uuid;

/// An operation of the store failed and has changed nothing.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The disk, a quota or the limit on the size of files is exhausted.
    #[error("the disk is full: {message}; free some space, or lower `runRetention`")]
    Full {
        /// SQLite's message and the file.
        message: String,
    },
    /// The file cannot be written.
    #[error("the store cannot be written: {message}; see who owns it and how it is mounted")]
    ReadOnly {
        /// SQLite's message and the file.
        message: String,
    },
    /// The content is damaged.
    #[error("the store is damaged: {message}; the next start sets it aside and begins a new one")]
    Damaged {
        /// SQLite's message and the file.
        message: String,
    },
    /// A store in memory cannot do this.
    #[error("{message}")]
    Unsupported {
        /// The operation, and the reason.
        message: String,
    },
    /// Any other failure to read or write.
    #[error("the store failed: {message}")]
    Failed {
        /// SQLite's message and the file.
        message: String,
    },
    /// The store was closed, because the daemon is ending.
    #[error("the store is closed")]
    Closed,
}

impl StoreError {
    pub(super) fn failed(message: impl Into<String>) -> StoreError {
        let message = message.into();
        StoreError::Failed { message }
    }

    pub(super) fn damaged(message: impl Into<String>) -> StoreError {
        let message = message.into();
        StoreError::Damaged { message }
    }

    /// The run does not exist.
    pub(super) fn no_run(run: Uuid) -> StoreError {
        StoreError::failed(format!("there is no run {run}"))
    }

    /// The run has ended, and nothing can be added to it.
    pub(super) fn has_ended(run: Uuid) -> StoreError {
        StoreError::failed(format!("the run {run} has ended"))
    }
}
