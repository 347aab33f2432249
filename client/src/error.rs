//! Errors of a run whose decision is not known.

use std::time::Duration;

use crate::decision::{Interrupted, UnknownDecision};
use crate::refusal::Refusal;

/// Error of a run whose decision is not known. After any of them the agent must not proceed.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// hookd refused the event, or refused to show the run.
    #[error("{0}")]
    Refused(#[source] Refusal),
    /// hookd died during the run, and returned advice.
    #[error(transparent)]
    Interrupted(#[from] Interrupted),
    /// hookd was restarted and lost the run, whose hooks may have run.
    #[error("hookd was restarted and has forgotten the run")]
    Forgotten {
        /// The run's id.
        run_id: String,
    },
    /// The connection was lost and could not be restored. The run may go on.
    #[error("no connection to hookd for {tried:?}: {cause}")]
    Lost {
        /// The run's id.
        run_id: String,
        /// The duration of the retries.
        tried: Duration,
        /// The last error.
        cause: Refusal,
    },
    /// hookd could not be reached, or was busy all the time. The run may have begun; repeating the
    /// request with the same id runs no hook twice.
    #[error("no connection to hookd for {tried:?}: {cause}")]
    NotStarted {
        /// The request's id.
        request_id: String,
        /// The duration of the retries.
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
