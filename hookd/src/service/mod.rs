//! The gRPC services. Each handler decodes its request, calls the domain, and encodes the
//! answer.
//!
//! Wire types are used here only: `from_proto` and `run_filter` decode requests, `to_proto`
//! encodes answers, `status` errors.

mod admin;
mod from_proto;
mod hooks;
mod journal_stream;
mod known_names;
mod output_search;
mod preview;
mod repair;
mod response_limits;
mod run_filter;
mod run_pages;
pub(crate) mod status;
pub(crate) mod to_proto;

use tokio::sync::Semaphore;
use tonic::{Response, Status};

use crate::limits::MAX_BLOCKING_CALLS;

type Answer<T> = Result<Response<T>, Status>;

/// Leaves most of the blocking threads to the store.
static BLOCKING_CALLS: Semaphore = Semaphore::const_new(MAX_BLOCKING_CALLS);

/// Runs work that may take seconds, such as rendering, on a blocking thread, after other such
/// work if there is much of it.
async fn on_blocking_thread<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, Status> {
    let permit = BLOCKING_CALLS.acquire().await;
    let permit = permit.map_err(|closed| Status::internal(closed.to_string()))?;
    // The thread holds the permit, even if the call is cancelled.
    let done = tokio::task::spawn_blocking(move || {
        let _permit = permit;
        work()
    })
    .await;
    done.map_err(|panic| Status::internal(panic.to_string()))
}

pub use admin::Admin;
pub use hooks::Hooks;
pub(crate) use journal_stream::deadline as call_deadline;
