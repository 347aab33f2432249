//! Watching a run: a reader of its journal at its own pace.

use std::sync::Arc;

use futures_util::Stream;
use futures_util::stream;
use hook_core::run::journal::Entry;

use super::run::Run;

/// Every entry after a sequence number, as it comes, until the run has finished.
///
/// A reader that is never polled costs nothing but its place in the journal.
pub fn watch(run: Arc<Run>, after: u64) -> impl Stream<Item = Entry> + Send + 'static {
    let reader = Reader {
        changes: run.journal.changes(),
        run,
        position: after,
        page: Vec::new().into_iter(),
        complete: false,
    };
    stream::unfold(reader, |mut reader| async move {
        let entry = reader.next().await?;
        Some((entry, reader))
    })
}

struct Reader {
    run: Arc<Run>,
    changes: tokio::sync::watch::Receiver<u64>,
    position: u64,
    page: std::vec::IntoIter<Entry>,
    complete: bool,
}

impl Reader {
    async fn next(&mut self) -> Option<Entry> {
        loop {
            if let Some(entry) = self.page.next() {
                self.position = entry.sequence;
                return Some(entry);
            }
            if self.complete {
                return None;
            }
            // Seen before reading, so that an entry that comes in between wakes us.
            self.changes.mark_unchanged();
            let page = self.run.journal.read(self.position);
            self.complete = page.complete;
            let empty = page.entries.is_empty();
            self.page = page.entries.into_iter();
            if empty && !self.complete && self.changes.changed().await.is_err() {
                return None;
            }
        }
    }
}
