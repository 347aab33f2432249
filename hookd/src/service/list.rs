//! Pages of runs, bounded in size and, for those who look for text, in time.

use hookd_proto::v1;
use prost::Message as _;
use tokio::time::Instant;
use uuid::Uuid;

use super::fit;
use crate::convert::Filter;
use crate::daemon::Daemon;
use crate::limits::{MAX_PAGE_BYTES, PAGE_STEP, SEARCH_TIME};
use crate::store::StoreError;

/// A page of the runs that pass a filter: those of the store, and those under way.
///
/// # Errors
/// If the store cannot be read.
pub(super) async fn page(
    daemon: &Daemon,
    filter: &Filter,
) -> Result<v1::ListRunsResponse, StoreError> {
    let begun = Instant::now();
    let mut page = Page::default();
    let mut next = filter.before;
    loop {
        let step = (filter.page_size - page.runs.len()).min(PAGE_STEP);
        let found = daemon.keeping.store.list(&filter.runs, next, step).await?;
        let mut runs = Vec::with_capacity(found.runs.len());
        for kept in &found.runs {
            let run = daemon.runner.glance(kept).await?;
            if filter.admits(&run) {
                runs.push((kept.id, run));
            }
        }
        live(daemon, filter, next, found.next, &mut runs);
        for (id, run) in runs {
            let run = fit::run(run);
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

/// Adds runs under way that belong between two ids and that the store did not find: it
/// knows what became of a run when the run has ended, and one that it did not take not at
/// all.
fn live(
    daemon: &Daemon,
    filter: &Filter,
    before: Option<Uuid>,
    after: Option<Uuid>,
    runs: &mut Vec<(Uuid, v1::Run)>,
) {
    for run in daemon.runner.live() {
        let here = before.is_none_or(|id| run.id < id) && after.is_none_or(|id| run.id >= id);
        if here && !runs.iter().any(|(id, _)| *id == run.id) {
            let glance = run.glance();
            if filter.finds(&glance) {
                runs.push((run.id, glance));
            }
        }
    }
    runs.sort_by(|(a, _), (b, _)| b.cmp(a));
}

#[derive(Default)]
struct Page {
    runs: Vec<v1::Run>,
    bytes: usize,
}

impl Page {
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
