//! Pages of a list of runs.

use hookd_client::{Client, answer};
use hookd_proto::v1::{ListRunsRequest, Run};

use crate::failure::Result;

/// Most runs on one page.
const LARGEST_PAGE: usize = 1000;

/// Pages of a list of runs, one after another.
#[derive(Debug)]
pub(crate) struct RunPages {
    client: Client,
    request: ListRunsRequest,
    left: usize,
}

impl RunPages {
    /// The pages of this list with at most `limit` runs.
    pub(crate) fn new(client: Client, request: ListRunsRequest, limit: usize) -> RunPages {
        RunPages {
            client,
            request,
            left: limit,
        }
    }

    /// Returns the next page, which may be empty even if more pages follow; `None` after the last.
    pub(crate) async fn next(&mut self) -> Result<Option<Vec<Run>>> {
        if self.left == 0 {
            return Ok(None);
        }
        let size = self.left.min(LARGEST_PAGE);
        self.request.page_size = u32::try_from(size).unwrap_or(u32::MAX);
        let mut page = answer(self.client.hooks().list_runs(self.request.clone())).await?;
        page.runs.truncate(self.left);
        self.left -= page.runs.len();
        if page.next_page_token.is_empty() {
            self.left = 0;
        }
        self.request.page_token = page.next_page_token;
        Ok(Some(page.runs))
    }
}
