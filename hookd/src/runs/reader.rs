//! Reading a run's journal, live or from the store, at the pace of the reader.

use std::sync::Arc;

use bytes::Bytes;
use futures_util::{Stream, stream};
use hookd_proto::v1;
use tokio::sync::watch;
use uuid::Uuid;

use super::journal::{JournalRead, Progress};
use super::record::interrupted;
use super::registry::Run;
use super::summary::RunSummary;
use crate::connections::{Client, Held};
use crate::limits::READ_BYTES;
use crate::store::{EndedBy, Record, Store, StoreError, StoredRun};

/// A run that was found, under way or in the store.
#[derive(Clone, Debug)]
pub enum KnownRun {
    /// The run is under way.
    Live(Arc<Run>),
    /// The run is in the store alone.
    Stored(StoredRun),
}

impl KnownRun {
    /// Returns the run's id.
    #[must_use]
    pub fn id(&self) -> Uuid {
        match self {
            KnownRun::Live(run) => run.id,
            KnownRun::Stored(stored) => stored.id,
        }
    }

    /// Returns the run's summary.
    #[must_use]
    pub fn summary(&self) -> RunSummary {
        match self {
            KnownRun::Live(run) => run.summary(),
            KnownRun::Stored(stored) => {
                let mut summary = RunSummary::stored(stored);
                if stored.ended.is_none() {
                    summary.mark_interrupted();
                }
                summary
            }
        }
    }
}

/// Error of a journal that does not end with a decision.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// The daemon died before the run ended.
    #[error("{}", .0.reason)]
    Interrupted(v1::RunInterrupted),
    /// The end cannot be stored, and is therefore not shown.
    #[error("the run's decision cannot be stored: {0}")]
    Unstored(String),
    /// The run was removed from the store meanwhile.
    #[error("the run was removed meanwhile")]
    Removed,
    /// The store cannot be read.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Streams the records after a sequence number, as they come, until the run has ended. Those
/// that wait for the reader count as held for its connection.
pub(crate) fn read(
    run: KnownRun,
    reader: Option<Client>,
    store: Arc<Store>,
    after: u64,
) -> impl Stream<Item = Result<Record, ReadError>> + Send + 'static {
    let progress = match &run {
        KnownRun::Live(run) => Some(run.journal.progress()),
        KnownRun::Stored(_) => None,
    };
    let reader = JournalReader {
        run,
        reader,
        store,
        progress,
        position: after,
        page: Vec::new().into_iter(),
        held: None,
    };
    stream::try_unfold(reader, |mut reader| async move {
        let record = reader.next().await?;
        Ok(record.map(|record| (record, reader)))
    })
}

struct JournalReader {
    run: KnownRun,
    reader: Option<Client>,
    store: Arc<Store>,
    progress: Option<watch::Receiver<Progress>>,
    position: u64,
    page: std::vec::IntoIter<Record>,
    /// The memory of the page.
    held: Option<Held>,
}

impl JournalReader {
    async fn next(&mut self) -> Result<Option<Record>, ReadError> {
        loop {
            if let Some(record) = self.page.next() {
                self.position = record.sequence;
                return Ok(Some(record));
            }
            self.held = None;
            // Marked as seen before reading, so that records that are added in between wake
            // the reader.
            if let Some(progress) = &mut self.progress {
                progress.mark_unchanged();
            }
            match self.read() {
                JournalRead::Records(records) => self.take(records),
                JournalRead::InStore(visible) => {
                    let turn = match &self.reader {
                        Some(reader) => reader.page_turn().await,
                        None => None,
                    };
                    let read = self.store.read(self.run.id(), self.position, READ_BYTES);
                    let mut records = read.await?;
                    drop(turn);
                    records.retain(|record| record.sequence <= visible);
                    if records.is_empty() {
                        return Err(ReadError::Removed);
                    }
                    // Apart from the row that they were read from, which may be larger.
                    for record in &mut records {
                        record.bytes = Bytes::copy_from_slice(&record.bytes);
                    }
                    self.take(records);
                }
                // The client's position is beyond the end, because the machine died and later
                // records were lost. The client still has to learn the end of the run.
                JournalRead::Over(last) if self.position > last => self.position = last - 1,
                JournalRead::Over(last) => return self.check_end(last).await.map(|()| None),
                JournalRead::Failed(why) => return Err(ReadError::Unstored(why)),
                JournalRead::Wait => {
                    if let Some(progress) = &mut self.progress {
                        // The sender belongs to the run, which `self` keeps alive.
                        let _ = progress.changed().await;
                    }
                }
            }
        }
    }

    fn take(&mut self, records: Vec<Record>) {
        let bytes = records.iter().map(|record| record.bytes.len()).sum();
        self.held = self.reader.as_ref().map(|reader| reader.hold(bytes));
        self.page = records.into_iter();
    }

    fn read(&self) -> JournalRead {
        match &self.run {
            KnownRun::Live(run) => run.journal.lock().read(self.position),
            KnownRun::Stored(stored) if self.position < stored.last_sequence => {
                JournalRead::InStore(stored.last_sequence)
            }
            KnownRun::Stored(stored) => JournalRead::Over(stored.last_sequence.max(1)),
        }
    }

    /// Fails if the run ended without a decision.
    async fn check_end(&self, last: u64) -> Result<(), ReadError> {
        let KnownRun::Stored(stored) = &self.run else {
            return Ok(());
        };
        if matches!(stored.ended, Some(EndedBy::Decision(_))) {
            return Ok(());
        }
        let records = self.store.read(stored.id, last - 1, 1).await?;
        Err(ReadError::Interrupted(interrupted(records.last())))
    }
}
