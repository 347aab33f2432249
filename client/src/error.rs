//! Errors of a run whose decision is not known.

use std::time::Duration;

use crate::decision::{Interrupted, UnknownDecision};
use crate::refusal::Refusal;

/// Error of a run whose decision is not known. None of these is leave to proceed.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// hookd refused the event, or to show the run.
    #[error("{0}")]
    Refused(#[source] Refusal),
    /// hookd died during the run, and has an advice.
    #[error(transparent)]
    Interrupted(#[from] Interrupted),
    /// hookd was restarted and lost the run, whose hooks may have run.
    #[error("hookd was restarted and has forgotten the run")]
    Forgotten {
        /// The run's id.
        run_id: String,
    },
    /// The connection was lost and did not come back. The run may go on.
    #[error("no connection to hookd for {tried:?}: {cause}")]
    Lost {
        /// The run's id.
        run_id: String,
        /// The time for which it was retried.
        tried: Duration,
        /// The last error.
        cause: Refusal,
    },
    /// hookd could not be reached, or was busy all the time. The run may have begun; the
    /// same request id runs no hook twice.
    #[error("no connection to hookd for {tried:?}: {cause}")]
    NotStarted {
        /// The request's id.
        request_id: String,
        /// The time for which it was retried.
        tried: Duration,
        /// The last error.
        cause: Refusal,
    },
    /// hookd is newer, and its decision is of a kind that this version does not know.
    #[error(transparent)]
    UnknownDecision(#[from] UnknownDecision),
    /// The journal ended without a decision.
    #[error("the journal ended without a decision")]
    NoDecision,
}
