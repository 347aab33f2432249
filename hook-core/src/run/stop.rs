//! Reasons to stop a run before its end.

use tokio::sync::watch;

/// Reason to stop a run before its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum StopReason {
    /// The run reached its timeout.
    RunTimeLimit,
    /// The run was cancelled.
    Cancelled(CancelCause),
}

/// Cause of a cancellation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CancelCause {
    /// A client asked for it.
    Requested,
    /// The agent disconnected and had asked for a cancellation in that case.
    Disconnected,
    /// The daemon is shutting down.
    Shutdown,
}

/// Waits for a reason to stop; forever if the sender is gone.
pub async fn stopped(stop: &mut watch::Receiver<Option<StopReason>>) -> StopReason {
    // Copied out of its lock at once, so that the future can move between threads.
    let reason = stop.wait_for(Option::is_some).await.map(|reason| *reason);
    match reason {
        Ok(Some(reason)) => reason,
        _ => std::future::pending().await,
    }
}
