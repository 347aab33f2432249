//! Watching a run: a reader of its journal at its own pace, live or from the store.

use std::sync::Arc;

use futures_util::Stream;
use futures_util::stream;
use hookd_proto::v1;
use hookd_proto::v1::journal_entry::Entry;
use hookd_proto::well_known::Duration;
use uuid::Uuid;

use super::journal::Look;
use super::run::Run;
use crate::convert::{self, Glance};
use crate::limits::READ_BYTES;
use crate::store::{EndedBy, Record, Store, StoreError, StoredRun};

/// A run that hookd knows.
#[derive(Clone, Debug)]
pub enum Known {
    /// It is under way.
    Live(Arc<Run>),
    /// The store has all of it.
    Kept(StoredRun),
}

impl Known {
    /// The run's id.
    #[must_use]
    pub fn id(&self) -> Uuid {
        match self {
            Known::Live(run) => run.id,
            Known::Kept(kept) => kept.id,
        }
    }

    /// The run at a glance.
    #[must_use]
    pub fn glance(&self) -> v1::Run {
        match self {
            Known::Live(run) => run.glance(),
            Known::Kept(kept) => {
                let mut run = Glance::kept(kept).run().clone();
                // Nobody here carries it out.
                if kept.ended.is_none() {
                    run.state = v1::RunState::Interrupted.into();
                }
                run
            }
        }
    }
}

/// Why a run's journal cannot be read to its end with a decision.
#[derive(Debug, thiserror::Error)]
pub enum Broken {
    /// It has none: the daemon died before.
    #[error("{reason}")]
    Interrupted {
        /// What the agent is to do, by its number on the wire.
        advice: i32,
        /// What happened.
        reason: String,
        /// When to try again.
        retry_after: Option<Duration>,
    },
    /// It cannot be stored, and so must not be told.
    #[error("the run's decision cannot be stored: {0}")]
    Unstored(String),
    /// It was removed from the store meanwhile.
    #[error("the run was removed meanwhile")]
    Removed,
    /// The store cannot be read.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Every entry after a sequence number, as it comes, until the run has ended.
///
/// A reader that is never polled costs nothing but its place in the journal.
pub fn watch(
    run: Known,
    store: Arc<Store>,
    after: u64,
) -> impl Stream<Item = Result<v1::JournalEntry, Broken>> + Send + 'static {
    let changes = match &run {
        Known::Live(run) => Some(run.journal.changes()),
        Known::Kept(_) => None,
    };
    let reader = Reader {
        run,
        store,
        changes,
        position: after,
        page: Vec::new().into_iter(),
    };
    stream::unfold(Some(reader), |reader| async move {
        let mut reader = reader?;
        match reader.next().await {
            Ok(Some(entry)) => Some((Ok(entry), Some(reader))),
            Ok(None) => None,
            Err(broken) => Some((Err(broken), None)),
        }
    })
}

struct Reader {
    run: Known,
    store: Arc<Store>,
    changes: Option<tokio::sync::watch::Receiver<u64>>,
    position: u64,
    page: std::vec::IntoIter<Record>,
}

impl Reader {
    async fn next(&mut self) -> Result<Option<v1::JournalEntry>, Broken> {
        loop {
            if let Some(record) = self.page.next() {
                self.position = record.sequence;
                return Ok(Some(convert::recorded(&record)));
            }
            // Seen before looking, so that what comes in between wakes us.
            if let Some(changes) = &mut self.changes {
                changes.mark_unchanged();
            }
            match self.look() {
                Look::Records(records) => self.page = records.into_iter(),
                Look::InStore { visible } => {
                    let read = self.store.read(self.run.id(), self.position, READ_BYTES);
                    let mut records = read.await?;
                    records.retain(|record| record.sequence <= visible);
                    if records.is_empty() {
                        return Err(Broken::Removed);
                    }
                    self.page = records.into_iter();
                }
                // Who asks for what is beyond the end saw more than survived the death of
                // the machine, and still has to hear how it ended.
                Look::Over { last } if self.position > last => self.position = last - 1,
                Look::Over { last } => return self.end(last).await.map(|()| None),
                Look::Failed(why) => return Err(Broken::Unstored(why)),
                Look::Wait => {
                    if let Some(changes) = &mut self.changes {
                        // The sender lives as long as the run, which we hold.
                        let _ = changes.changed().await;
                    }
                }
            }
        }
    }

    fn look(&self) -> Look {
        match &self.run {
            Known::Live(run) => run.journal.look(self.position),
            Known::Kept(kept) if self.position < kept.last_sequence => Look::InStore {
                visible: kept.last_sequence,
            },
            Known::Kept(kept) => Look::Over {
                last: kept.last_sequence.max(1),
            },
        }
    }

    /// What the end of the journal means.
    async fn end(&self, last: u64) -> Result<(), Broken> {
        let Known::Kept(kept) = &self.run else {
            return Ok(());
        };
        if matches!(kept.ended, Some(EndedBy::Decision(_))) {
            return Ok(());
        }
        let records = self.store.read(kept.id, last - 1, 1).await?;
        let entry = records.last().map(convert::recorded);
        let interrupted = match entry.and_then(|entry| entry.entry) {
            Some(Entry::RunInterrupted(interrupted)) => interrupted,
            // It could not even be closed, because the store fails.
            _ => v1::RunInterrupted {
                advice: v1::DecisionKind::Fail.into(),
                reason: "hookd died before the run ended".to_owned(),
                retry_after: None,
            },
        };
        Err(Broken::Interrupted {
            advice: interrupted.advice,
            reason: interrupted.reason,
            retry_after: interrupted.retry_after,
        })
    }
}
