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
mod response_limits;
mod run_filter;
mod run_pages;
mod status;
pub(crate) mod to_proto;

use tonic::{Response, Status};

type Answer<T> = Result<Response<T>, Status>;

/// Runs work that may take seconds, such as rendering, on a blocking thread.
async fn on_blocking_thread<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, Status> {
    let done = tokio::task::spawn_blocking(work).await;
    done.map_err(|panic| Status::internal(panic.to_string()))
}

pub use admin::Admin;
pub use hooks::Hooks;
