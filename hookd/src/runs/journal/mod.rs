//! The journal of a run under way: what waits to be stored, and the end of what is.
//!
//! A fact becomes a record the moment that it is appended. Whoever keeps the run
//! (`keep.rs`) takes what is pending, stores it, and only then may readers see it: what
//! somebody saw is there after a crash, under the same number. Readers take copies from
//! behind a lock that is never held across an await, and what is older than the tail from
//! the store.

mod state;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use hook_core::event::Event;
use hook_core::run::journal::{Entry, Fact};
use hookd_proto::v1;
use jiff::Timestamp;
use tokio::sync::{Notify, watch};
use uuid::Uuid;

use self::state::State;
use super::health::Health;
use crate::convert::{self, Glance};
use crate::limits::{BATCH_BYTES, MAX_PENDING_BYTES};
use crate::store::{Record, RunEnd};

/// The journal of a run that has not ended, or whose end is not stored yet.
#[derive(Debug)]
pub(super) struct Journal {
    state: Mutex<State>,
    /// Counts how often readers had something new to look at.
    changes: watch::Sender<u64>,
    /// Something is to be stored.
    work: Notify,
    /// There may be room for output again.
    room: Notify,
    health: Arc<Health>,
}

/// What is to be stored next.
#[derive(Debug)]
pub(super) struct Batch {
    /// The records, in order.
    pub(super) records: Vec<Record>,
    /// What the run came to, if the last of all is among them.
    pub(super) end: Option<RunEnd>,
}

/// What a reader found.
#[derive(Debug, PartialEq)]
pub(super) enum Look {
    /// Records after the asked one, in order.
    Records(Vec<Record>),
    /// The next ones are in the store.
    InStore {
        /// The last that readers may see.
        visible: u64,
    },
    /// Nothing yet.
    Wait,
    /// Nothing more will come.
    Over {
        /// The last sequence number.
        last: u64,
    },
    /// Nothing will come as long as the store fails.
    Failed(String),
}

impl Journal {
    /// A journal that begins with a fact; gives its first record, and the run at a glance
    /// as it begins, for the store.
    pub(super) fn begin(
        id: Uuid,
        event: &Event,
        at: Timestamp,
        first: Fact,
        health: Arc<Health>,
    ) -> (Journal, Record, Bytes) {
        let glance = Glance::begun(id, event, at);
        let encoded = glance.encoded();
        let journal = Journal {
            state: Mutex::new(State::of(glance)),
            changes: watch::Sender::new(0),
            work: Notify::new(),
            room: Notify::new(),
            health,
        };
        let record = journal.push(first, at);
        (journal, record, encoded)
    }

    /// Writes down that this happened now. Output waits while too much is pending; where
    /// the store fails for longer than there is memory, it is left out and counted.
    pub(super) async fn append(&self, fact: Fact) {
        if let Fact::HookOutput { data, .. } = &fact
            && !self.has_room().await
        {
            self.lock().lost_bytes += data.len() as u64;
            return;
        }
        self.push(fact, Timestamp::now());
    }

    fn push(&self, fact: Fact, time: Timestamp) -> Record {
        let record = self.change(|state| {
            let sequence = state.last + 1;
            state.push(convert::entry(Entry {
                sequence,
                time,
                fact,
            }))
        });
        self.work.notify_one();
        record
    }

    /// Waits until output may be appended; false if it is to be left out.
    async fn has_room(&self) -> bool {
        loop {
            let freed = self.room.notified();
            {
                let state = self.lock();
                if state.pending_bytes() < MAX_PENDING_BYTES {
                    return true;
                }
                if state.failing {
                    return self.health.has_room();
                }
            }
            freed.await;
        }
    }

    /// Waits until something is to be stored.
    pub(super) async fn work(&self) {
        while self.lock().is_stored() {
            self.work.notified().await;
        }
    }

    /// Waits until what is pending should wait no longer for more.
    pub(super) async fn worth_storing(&self) {
        let worth = |state: &State| state.ended || state.pending_bytes() >= BATCH_BYTES / 4;
        while !worth(&self.lock()) {
            self.work.notified().await;
        }
    }

    /// What is to be stored next; it stays pending until it [`is stored`](Self::stored).
    pub(super) fn batch(&self) -> Batch {
        self.lock().batch()
    }

    /// So many of the pending records are stored. Gives whether the whole journal is.
    pub(super) fn stored(&self, records: usize) -> bool {
        let complete = self.change(|state| {
            state.stored(records);
            state.ended && state.is_stored()
        });
        self.room.notify_waiters();
        complete
    }

    /// The store fails: output may go beyond what else may be pending.
    pub(super) fn fails(&self) {
        self.lock().failing = true;
        self.room.notify_waiters();
    }

    /// Readers see from now on what is not stored; a decision among it says so.
    pub(super) fn open(&self) {
        self.change(State::open);
    }

    /// Whoever waits for the end is sent away, until it can be stored after all.
    pub(super) fn fail(&self, why: &str) {
        self.change(|state| state.failure = Some(why.to_owned()));
    }

    /// Whether the last entry was appended.
    pub(super) fn has_ended(&self) -> bool {
        self.lock().ended
    }

    /// Whether readers may see the last entry.
    pub(super) fn is_over(&self) -> bool {
        self.lock().is_over()
    }

    /// The run at a glance, as far as readers may see.
    pub(super) fn glance(&self) -> v1::Run {
        self.lock().glance.run().clone()
    }

    /// What there is to read after a sequence number.
    pub(super) fn look(&self, after: u64) -> Look {
        self.lock().look(after)
    }

    /// A receiver that changes whenever there may be something new to look at.
    pub(super) fn changes(&self) -> watch::Receiver<u64> {
        self.changes.subscribe()
    }

    /// Changes something, and wakes the readers if they may see more, or never will.
    fn change<T>(&self, change: impl FnOnce(&mut State) -> T) -> T {
        let (result, tell) = {
            let mut state = self.lock();
            let before = state.pending_bytes();
            let result = change(&mut state);
            self.health.pending(before, state.pending_bytes());
            (result, state.news())
        };
        if tell {
            self.changes.send_modify(|count| *count += 1);
        }
        result
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Journal {
    fn drop(&mut self) {
        self.health.pending(self.lock().pending_bytes(), 0);
    }
}

#[cfg(test)]
mod tests;
