//! A run's journal as a stream of a call: its deadline, and what its end means.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use futures_util::{Stream, StreamExt as _, stream};
use hook_core::run::stop::{CancelCause, StopReason};
use hookd_proto::v1::JournalEntry;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use tonic::Status;
use tonic::metadata::MetadataMap;

use crate::runs::{Broken, Known, Run, State, watch};
use crate::status;
use crate::store::Store;

/// A stream of journal entries.
pub(crate) type Entries = Pin<Box<dyn Stream<Item = Result<JournalEntry, Status>> + Send>>;

/// The journal of a run after a sequence number, until the run ends, the call's own
/// deadline passes, or the daemon closes.
pub(crate) fn entries(
    run: Known,
    store: Arc<Store>,
    after: u64,
    deadline: Option<Instant>,
    closing: CancellationToken,
) -> Entries {
    let id = run.id().to_string();
    let of = id.clone();
    let said = move |broken: Broken| status::broken(&of, &broken);
    let entries = watch(run, store, after).map(move |entry| entry.map_err(&said));
    let cut = async move {
        let late = async {
            match deadline {
                Some(deadline) => tokio::time::sleep_until(deadline).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            () = late => status::deadline_exceeded(&id),
            () = closing.cancelled() => status::closing(&id),
        }
    };
    let state = Some((Box::pin(entries), Box::pin(cut)));
    Box::pin(stream::unfold(state, |state| async {
        let (mut entries, mut cut) = state?;
        tokio::select! {
            // An entry that is there already is never cut off.
            biased;
            entry = entries.next() => {
                Some((entry?, Some((entries, cut))))
            }
            status = &mut cut => Some((Err(status), None)),
        }
    }))
}

/// The deadline that a call carries, by its `grpc-timeout`.
pub(crate) fn deadline(metadata: &MetadataMap) -> Option<Instant> {
    let text = metadata.get("grpc-timeout")?.to_str().ok()?;
    let (digits, unit) = text.split_at_checked(text.len().checked_sub(1)?)?;
    let amount: u64 = digits.parse().ok()?;
    let timeout = match unit {
        "H" => Duration::from_secs(amount.saturating_mul(3600)),
        "M" => Duration::from_secs(amount.saturating_mul(60)),
        "S" => Duration::from_secs(amount),
        "m" => Duration::from_millis(amount),
        "u" => Duration::from_micros(amount),
        "n" => Duration::from_nanos(amount),
        _ => return None,
    };
    Instant::now().checked_add(timeout)
}

/// A stream whose run ends when nobody reads it any more.
pub(crate) struct CancelOnDrop {
    entries: Entries,
    run: Arc<Run>,
}

impl CancelOnDrop {
    pub(crate) fn new(entries: Entries, run: Arc<Run>) -> CancelOnDrop {
        CancelOnDrop { entries, run }
    }
}

impl Stream for CancelOnDrop {
    type Item = Result<JournalEntry, Status>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.entries.as_mut().poll_next(cx)
    }
}

impl Drop for CancelOnDrop {
    fn drop(&mut self) {
        if self.run.state() != State::Finished {
            self.run
                .stop(StopReason::Cancelled(CancelCause::Disconnected));
        }
    }
}
