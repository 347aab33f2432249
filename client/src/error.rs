//! Why a run's decision did not become known.

use std::time::Duration;

use crate::decision::{Interrupted, UnknownDecision};
use crate::refusal::Refusal;

/// Why a run's decision did not become known. None of these is leave to proceed.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// hookd refused the event, or to show the run.
    #[error("{0}")]
    Refused(#[source] Refusal),
    /// hookd died during the run, and says what to do.
    #[error(transparent)]
    Interrupted(#[from] Interrupted),
    /// hookd was restarted and does not know the run any more. Its hooks may have run.
    #[error("hookd was restarted and has forgotten the run")]
    Forgotten {
        /// The run.
        run_id: String,
    },
    /// The connection was lost and did not come back. The run may go on.
    #[error("no connection to hookd for {tried:?}: {cause}")]
    Lost {
        /// The run.
        run_id: String,
        /// How long it was tried.
        tried: Duration,
        /// Why it did not come back.
        cause: Refusal,
    },
    /// hookd could not be reached, or was busy all the time. Whether the run has begun is
    /// not known; the same request id runs no hook twice.
    #[error("no connection to hookd for {tried:?}: {cause}")]
    NotStarted {
        /// The request's id.
        request_id: String,
        /// How long it was tried.
        tried: Duration,
        /// Why it did not succeed.
        cause: Refusal,
    },
    /// hookd is newer than this, and decided something that did not exist.
    #[error(transparent)]
    UnknownDecision(#[from] UnknownDecision),
    /// The journal ended, and nothing was decided.
    #[error("the journal ended without a decision")]
    NoDecision,
}
