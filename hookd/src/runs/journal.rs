//! The journal of a run under way.
//!
//! An appended fact becomes a record, which is pending until the [journal
//! writer](super::journal_writer) has stored it. Readers see only stored records, so that
//! everything they saw is still there after a crash, under the same sequence number. The
//! latest stored records stay in memory for readers that keep up; older ones are read from the
//! store. No lock is held across an await.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use hook_core::run::journal::{Fact, JournalEntry};
use jiff::Timestamp;
use tokio::sync::{Notify, watch};

use super::record;
use super::store_health::StoreHealth;
use super::summary::RunSummary;
use crate::limits::{BATCH_BYTES, MAX_PENDING_BYTES, READ_BYTES, TAIL_BYTES};
use crate::store::{Record, RunEnd};

/// Memory that a record takes besides its bytes.
const OVERHEAD: usize = 64;

/// The warning of a decision that is shown before it is stored.
const UNSTORED: &str = "hookd's store fails: the journal of this run is in memory alone, and lost if hookd ends before the store works again";

/// The warning of a decision whose run lost output; follows the number of lost bytes.
const LOST: &str = "bytes of output are not in the journal: hookd's store failed for longer than there was memory for them";

/// The journal of a run that has not ended, or whose end is not stored yet.
#[derive(Debug)]
pub(super) struct Journal {
    state: Mutex<JournalState>,
    /// Changes when readers may see more records, or when reading fails for good.
    progress: watch::Sender<Progress>,
    /// Signals every change of the state.
    changed: Notify,
    health: Arc<StoreHealth>,
}

/// The records to be stored next.
#[derive(Debug)]
pub(super) struct Batch {
    /// The records, in order.
    pub(super) records: Vec<Record>,
    /// The end of the run, if its last record is among them.
    pub(super) end: Option<RunEnd>,
}

/// The result of reading a journal.
#[derive(Debug, PartialEq)]
pub(super) enum JournalRead {
    /// The next records, in order.
    Records(Vec<Record>),
    /// The next records, up to this sequence number, are in the store alone.
    InStore(u64),
    /// There are no further records yet.
    Wait,
    /// The run has ended with the record of this sequence number.
    Over(u64),
    /// There are no further records as long as the store fails.
    Failed(String),
}

/// The last sequence number that readers may see, and whether reading has failed.
pub(super) type Progress = (u64, bool);

/// The state of a journal.
#[derive(Debug, Default)]
pub(super) struct JournalState {
    /// The end of the stored records, then all that are pending.
    records: VecDeque<Record>,
    /// The last sequence number that was assigned.
    last: u64,
    /// The last sequence number that is stored.
    stored: u64,
    /// Memory that the stored records take.
    tail_bytes: usize,
    /// Memory that the pending records take.
    pending_bytes: usize,
    /// Summary of the records that readers may see.
    pub(super) summary: RunSummary,
    /// The last entry of the run, once it is appended.
    pub(super) ended: Option<JournalEntry>,
    /// True while the store fails: more output may be pending than otherwise.
    pub(super) failing: bool,
    /// True if readers may see pending records.
    open: bool,
    /// The reason for which reading fails: the end of the run cannot be stored.
    pub(super) failure: Option<String>,
    /// Bytes of output that were dropped because memory was full while the store failed.
    lost_bytes: u64,
}

impl Journal {
    /// Begins a journal with its first fact. Also returns the record of that fact.
    pub(super) fn begin(first: Fact, at: Timestamp, health: Arc<StoreHealth>) -> (Journal, Record) {
        let journal = Journal {
            state: Mutex::default(),
            progress: watch::Sender::default(),
            changed: Notify::new(),
            health,
        };
        let first = journal.change(|state| {
            let first = state.push(first, at);
            state.summary.add(&first);
            first
        });
        (journal, first)
    }

    /// Appends a fact with the present time. Output waits while too much is pending; if the
    /// store fails until memory is full, output is dropped and counted.
    pub(super) async fn append(&self, fact: Fact) {
        if let Fact::HookOutput { chunk, .. } = &fact
            && !self.has_room().await
        {
            self.lock().lost_bytes += chunk.data.len() as u64;
            return;
        }
        self.change(|state| state.push(fact, Timestamp::now()));
    }

    /// Waits until output may be appended; returns false if it has to be dropped.
    async fn has_room(&self) -> bool {
        let has_room = |state: &JournalState| state.pending_bytes < MAX_PENDING_BYTES;
        self.until(|state| state.failing || has_room(state)).await;
        has_room(&self.lock()) || self.health.has_room()
    }

    /// Waits until the state of the journal fulfils a condition.
    pub(super) async fn until(&self, condition: impl Fn(&JournalState) -> bool) {
        loop {
            let changed = self.changed.notified();
            if condition(&self.lock()) {
                return;
            }
            changed.await;
        }
    }

    /// Returns a receiver that is notified when a reader may see more.
    pub(super) fn progress(&self) -> watch::Receiver<Progress> {
        self.progress.subscribe()
    }

    /// Changes the state, and wakes the tasks that wait for such a change.
    pub(super) fn change<T>(&self, change: impl FnOnce(&mut JournalState) -> T) -> T {
        let (result, now) = {
            let mut state = self.lock();
            let before = state.pending_bytes;
            let result = change(&mut state);
            self.health.pending(before, state.pending_bytes);
            (result, (state.visible(), state.failure.is_some()))
        };
        self.progress
            .send_if_modified(|told| std::mem::replace(told, now) != now);
        self.changed.notify_waiters();
        result
    }

    /// Locks the state for reading it.
    pub(super) fn lock(&self) -> MutexGuard<'_, JournalState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Journal {
    fn drop(&mut self) {
        self.health.pending(self.lock().pending_bytes, 0);
    }
}

impl JournalState {
    /// Returns whether all records are stored.
    pub(super) fn is_stored(&self) -> bool {
        self.stored == self.last
    }

    /// The last sequence number that readers may see.
    fn visible(&self) -> u64 {
        if self.open { self.last } else { self.stored }
    }

    /// Returns whether readers may see the last entry.
    pub(super) fn is_over(&self) -> bool {
        self.ended.is_some() && self.visible() == self.last
    }

    /// Returns whether the pending records should be stored without waiting for more.
    pub(super) fn fills_batch(&self) -> bool {
        self.ended.is_some() || self.pending_bytes >= BATCH_BYTES / 4
    }

    fn pending(&self) -> impl Iterator<Item = &Record> {
        let pending = usize::try_from(self.last - self.stored).unwrap_or(usize::MAX);
        self.records
            .iter()
            .skip(self.records.len().saturating_sub(pending))
    }

    fn push(&mut self, fact: Fact, time: Timestamp) -> Record {
        self.last += 1;
        let entry = JournalEntry {
            sequence: self.last,
            time,
            fact,
        };
        if matches!(entry.fact, Fact::RunFinished { .. }) {
            self.ended = Some(entry.clone());
        }
        let record = self.encode(entry);
        self.pending_bytes += size(&record);
        self.records.push_back(record.clone());
        self.show();
        record
    }

    /// Encodes an entry. While the store fails, a decision gets warnings.
    fn encode(&self, mut entry: JournalEntry) -> Record {
        if let Fact::RunFinished { decision } = &mut entry.fact {
            if self.open {
                decision.warnings.push(UNSTORED.to_owned());
            }
            if self.lost_bytes > 0 {
                decision
                    .warnings
                    .push(format!("{} {LOST}", self.lost_bytes));
            }
        }
        record::encode(entry)
    }

    /// Returns the records to be stored next. They are pending until [`stored`](Self::stored).
    pub(super) fn batch(&self) -> Batch {
        let mut bytes = 0;
        let fits = |record: &&Record| {
            let fits = bytes < BATCH_BYTES;
            bytes += size(record);
            fits
        };
        let records: Vec<Record> = self.pending().take_while(fits).cloned().collect();
        let reached = records.last().map_or(self.stored, |record| record.sequence);
        let end = (self.ended.is_some() && reached == self.last).then(|| {
            let mut summary = self.summary.clone();
            let unseen = records.iter().filter(|r| r.sequence > self.visible());
            unseen.for_each(|record| summary.add(record));
            summary.end()
        });
        Batch { records, end }
    }

    /// Marks the first pending records as stored. Returns whether the whole journal is stored.
    pub(super) fn stored(&mut self, records: usize) -> bool {
        self.failing = false;
        self.failure = None;
        let stored: Vec<usize> = self.pending().take(records).map(size).collect();
        self.stored += stored.len() as u64;
        let bytes: usize = stored.into_iter().sum();
        self.pending_bytes -= bytes;
        self.tail_bytes += bytes;
        self.show();
        while self.tail_bytes > TAIL_BYTES
            && self.first() < self.stored
            && let Some(oldest) = self.records.pop_front()
        {
            self.tail_bytes -= size(&oldest);
        }
        self.open &= !self.is_stored();
        self.ended.is_some() && self.is_stored()
    }

    /// Shows pending records to readers; a decision among them gets a warning.
    pub(super) fn open(&mut self) {
        if self.open {
            return;
        }
        self.open = true;
        if !self.is_stored()
            && let Some(end) = self.ended.clone().map(|entry| self.encode(entry))
            && let Some(last) = self.records.back_mut()
        {
            self.pending_bytes += end.bytes.len() - last.bytes.len();
            *last = end;
        }
        self.show();
    }

    /// Reads on after a sequence number.
    pub(super) fn read(&self, after: u64) -> JournalRead {
        let visible = self.visible();
        if after >= visible {
            return match &self.failure {
                _ if self.is_over() => JournalRead::Over(self.last),
                Some(why) => JournalRead::Failed(why.clone()),
                None => JournalRead::Wait,
            };
        }
        let Some(seen) = (after + 1).checked_sub(self.first()) else {
            return JournalRead::InStore(visible);
        };
        let seen = usize::try_from(seen).unwrap_or(usize::MAX);
        let mut bytes = 0;
        let page = self.records.iter().skip(seen).take_while(|record| {
            let fits = bytes < READ_BYTES && record.sequence <= visible;
            bytes += record.bytes.len();
            fits
        });
        JournalRead::Records(page.cloned().collect())
    }

    /// The sequence number of the first record in memory.
    fn first(&self) -> u64 {
        self.last + 1 - self.records.len() as u64
    }

    /// Adds records to the summary that readers may see from now on.
    fn show(&mut self) {
        let shown = (self.summary.last_sequence() + 1).saturating_sub(self.first());
        let visible = self.visible();
        let shown = usize::try_from(shown).unwrap_or(usize::MAX);
        let unseen = self.records.iter().skip(shown);
        for record in unseen.take_while(|record| record.sequence <= visible) {
            self.summary.add(record);
        }
    }
}

/// Memory that a record takes.
fn size(record: &Record) -> usize {
    record.bytes.len() + OVERHEAD
}

#[cfg(test)]
mod tests;
