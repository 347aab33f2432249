//! Pages of runs, bounded in size, and in time if output is searched.

use hookd_proto::v1;
use prost::Message as _;
use tokio::time::Instant;
use uuid::Uuid;

use super::response_limits::shown_run;
use super::run_filter::RunPageRequest;
use crate::daemon::Daemon;
use crate::limits::{MAX_PAGE_BYTES, PAGE_STEP, SEARCH_TIME};
use crate::store::StoreError;

/// Returns a page of the runs that pass a filter, both stored and under way.
pub(super) async fn page(
    daemon: &Daemon,
    filter: &RunPageRequest,
) -> Result<v1::ListRunsResponse, StoreError> {
    let begun = Instant::now();
    let mut page = PageBuilder::default();
    let mut next = filter.before;
    loop {
        let step = (filter.page_size - page.runs.len()).min(PAGE_STEP);
        let found = daemon
            .open_store
            .store
            .list(&filter.runs, next, step)
            .await?;
        let mut runs = Vec::with_capacity(found.runs.len());
        for stored in &found.runs {
            let run = daemon.runner.summary(stored).await?.into_wire();
            if filter.admits(&run) {
                runs.push((stored.id, run));
            }
        }
        live(daemon, filter, next, found.next, &mut runs);
        for (id, run) in runs {
            let run = shown_run(run);
            if page.runs.len() == filter.page_size || !page.has_room(&run) {
                return Ok(page.ends(next));
            }
            page.runs.push(run);
            next = Some(id);
        }
        next = found.next;
        let searched = filter.runs.output.is_some() && begun.elapsed() >= SEARCH_TIME;
        if next.is_none() || page.runs.len() == filter.page_size || searched {
            return Ok(page.ends(next));
        }
    }
}

/// Adds the runs under way between two ids that the store did not find: it stores their
/// outcome only at their end, or does not have them at all.
fn live(
    daemon: &Daemon,
    filter: &RunPageRequest,
    before: Option<Uuid>,
    after: Option<Uuid>,
    runs: &mut Vec<(Uuid, v1::Run)>,
) {
    for run in daemon.runner.registry.all() {
        let here = before.is_none_or(|id| run.id < id) && after.is_none_or(|id| run.id >= id);
        if here && !runs.iter().any(|(id, _)| *id == run.id) {
            let summary = run.summary().into_wire();
            if filter.finds(&summary) {
                runs.push((run.id, summary));
            }
        }
    }
    runs.sort_by(|(a, _), (b, _)| b.cmp(a));
}

#[derive(Default)]
struct PageBuilder {
    runs: Vec<v1::Run>,
    bytes: usize,
}

impl PageBuilder {
    fn has_room(&mut self, run: &v1::Run) -> bool {
        self.bytes += run.encoded_len();
        self.bytes <= MAX_PAGE_BYTES || self.runs.is_empty()
    }

    fn ends(self, next: Option<Uuid>) -> v1::ListRunsResponse {
        v1::ListRunsResponse {
            runs: self.runs,
            next_page_token: next.map(|id| id.to_string()).unwrap_or_default(),
        }
    }
}
