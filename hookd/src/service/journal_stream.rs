//! The journal of a run as the stream of a call.

use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use futures_util::{Stream, StreamExt as _, stream};
use hookd_proto::v1::JournalEntry;
use http::HeaderMap;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use tonic::Status;

use super::status;
use crate::connections::Client;
use crate::runs::{KnownRun, read, record};
use crate::store::Store;

/// A stream of journal entries.
pub(super) type Entries = Pin<Box<dyn Stream<Item = Result<JournalEntry, Status>> + Send>>;

/// Streams the journal of a run after a sequence number. Ends with the run, at the
/// deadline of the call, or when `closing` is cancelled. What is read ahead counts as held for
/// the reader.
pub(super) fn entries(
    run: KnownRun,
    reader: Option<Client>,
    store: Arc<Store>,
    after: u64,
    deadline: Option<Instant>,
    closing: CancellationToken,
) -> Entries {
    let id = run.id().to_string();
    let records = read(run, reader, store, after).map({
        let id = id.clone();
        move |record| match record {
            Ok(record) => Ok(record::decode(&record)),
            Err(error) => Err(status::read_error(&id, &error)),
        }
    });
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
    let state = Some((Box::pin(records), Box::pin(cut)));
    Box::pin(stream::unfold(state, |state| async {
        let (mut entries, mut cut) = state?;
        tokio::select! {
            // Entries that are available already are sent before the stream ends.
            biased;
            entry = entries.next() => {
                Some((entry?, Some((entries, cut))))
            }
            status = &mut cut => Some((Err(status), None)),
        }
    }))
}

/// Returns the deadline of a call, from its `grpc-timeout`.
pub(crate) fn deadline(headers: &HeaderMap) -> Option<Instant> {
    let text = headers.get("grpc-timeout")?.to_str().ok()?;
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
