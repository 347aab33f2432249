//! Errors of the store.

use uuid::Uuid;

/// An operation of the store failed and has changed nothing.
#[derive(Clone, Debug, thiserror::Error)]
pub enum StoreError {
    /// The disk, a quota or the limit on the size of files is exhausted.
    #[error("the disk is full: {0}; free some space, or lower `runRetention`")]
    Full(String),
    /// The file cannot be written.
    #[error("the store cannot be written: {0}; see who owns it and how it is mounted")]
    ReadOnly(String),
    /// Its files were removed, renamed or replaced while they are in use.
    #[error("the store is gone: {0}")]
    Gone(String),
    /// The content is damaged.
    #[error(
        "the store is damaged: {0}; restart hookd, which checks it and, if it cannot be used, \
         sets it aside and begins a new one"
    )]
    Damaged(String),
    /// A store in memory cannot do this.
    #[error("{0}")]
    Unsupported(String),
    /// Any other failure to read or write.
    #[error("the store failed: {0}")]
    Failed(String),
    /// The store was closed, because the daemon is ending.
    #[error("the store is closed")]
    Closed,
}

impl StoreError {
    /// The run has ended, and nothing can be added to it.
    pub(super) fn has_ended(run: Uuid) -> StoreError {
        StoreError::Failed(format!("the run {run} has ended"))
    }
}
