//! Pages of runs, bounded in size and, for those who look for text, in time.

use std::sync::Arc;

use hookd_proto::v1;
use prost::Message as _;
use tokio::time::Instant;

use crate::convert::Filter;
use crate::limits::{MAX_PAGE_BYTES, PAGE_STEP, SEARCH_TIME};
use crate::store::{Kept, Store, StoreError};

/// A page of the runs that pass a filter; `glance` makes of a run that is kept what is
/// shown of it.
///
/// # Errors
/// If the store cannot be read.
pub(super) async fn page(
    store: &Arc<dyn Store>,
    filter: &Filter,
    glance: impl Fn(&Kept) -> v1::Run,
) -> Result<v1::ListRunsResponse, StoreError> {
    let begun = Instant::now();
    let mut runs: Vec<v1::Run> = Vec::new();
    let mut bytes = 0;
    let mut next = filter.before;
    loop {
        let step = (filter.page_size - runs.len()).min(PAGE_STEP);
        let found = store.list(&filter.runs, next, step).await?;
        for kept in &found.runs {
            let run = glance(kept);
            if filter.admits(&run) {
                bytes += run.encoded_len();
                if bytes > MAX_PAGE_BYTES && !runs.is_empty() {
                    return Ok(response(runs, next));
                }
                runs.push(run);
            }
            next = Some(kept.id);
        }
        next = found.next;
        let searched = filter.runs.output.is_some() && begun.elapsed() >= SEARCH_TIME;
        if next.is_none() || runs.len() >= filter.page_size || searched {
            return Ok(response(runs, next));
        }
    }
}

fn response(runs: Vec<v1::Run>, next: Option<uuid::Uuid>) -> v1::ListRunsResponse {
    v1::ListRunsResponse {
        runs,
        next_page_token: next.map(|id| id.to_string()).unwrap_or_default(),
    }
}
