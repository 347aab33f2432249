//! What a journal under way consists of: three parts, one behind the other.
//!
//! The oldest records are in the store alone; the tail is there, too, and in memory for
//! those who read along; what is pending is not stored yet. Readers may see as far as
//! `visible`: to the end of the tail, or, once the journal is open, of what is pending.

use std::collections::VecDeque;

use hookd_proto::v1;
use hookd_proto::v1::journal_entry::Entry as WireFact;

use super::{Batch, Look};
use crate::convert::{self, Glance};
use crate::limits::{BATCH_BYTES, READ_BYTES, TAIL_BYTES};
use crate::store::Record;

/// What a record takes in memory besides its bytes.
const OVERHEAD: usize = 64;

/// What a decision says of a journal that was shown before it was stored.
const UNSTORED: &str = "hookd's store fails: the journal of this run is in memory alone, and lost if hookd ends before the store works again";

#[derive(Debug, Default)]
pub(super) struct State {
    /// Of what readers may see.
    pub(super) glance: Glance,
    tail: VecDeque<Record>,
    tail_bytes: usize,
    pending: VecDeque<Pending>,
    pending_bytes: usize,
    /// The sequence number that was given last.
    pub(super) last: u64,
    /// How far readers may see.
    visible: u64,
    /// The last entry was given.
    pub(super) ended: bool,
    /// The store fails at this moment.
    pub(super) failing: bool,
    /// Readers may see what is not stored.
    pub(super) open: bool,
    /// Why readers are sent away: what they wait for cannot be stored.
    pub(super) failure: Option<String>,
    /// Output that found no room while the store failed.
    pub(super) lost_bytes: u64,
    /// What readers were told of last.
    told: (u64, bool, bool),
}

#[derive(Debug)]
struct Pending {
    record: Record,
    /// What it adds to the glance once readers may see it; output adds nothing.
    entry: Option<v1::JournalEntry>,
}

impl Pending {
    fn bytes(&self) -> usize {
        self.record.bytes.len() + OVERHEAD
    }
}

impl State {
    /// Nothing yet but the run at a glance as it begins.
    pub(super) fn of(glance: Glance) -> State {
        State {
            glance,
            ..State::default()
        }
    }

    /// Whether readers have something new to look at since this was last asked.
    pub(super) fn news(&mut self) -> bool {
        let now = (self.visible, self.is_over(), self.failure.is_some());
        std::mem::replace(&mut self.told, now) != now
    }

    /// How many bytes are not stored yet.
    pub(super) fn pending_bytes(&self) -> usize {
        self.pending_bytes
    }

    /// Whether everything is stored.
    pub(super) fn is_stored(&self) -> bool {
        self.pending.is_empty()
    }

    /// Whether readers may see the last entry.
    pub(super) fn is_over(&self) -> bool {
        self.ended && self.visible == self.last
    }

    /// Takes the next entry.
    pub(super) fn push(&mut self, mut entry: v1::JournalEntry) -> Record {
        if matches!(entry.entry, Some(WireFact::RunFinished(_))) {
            self.ended = true;
            warn_of(&mut entry, self.open, self.lost_bytes);
        }
        self.last = entry.sequence;
        let record = convert::record(&entry);
        let output = matches!(entry.entry, Some(WireFact::HookOutput(_)));
        let pending = Pending {
            record: record.clone(),
            entry: (!output).then_some(entry),
        };
        self.pending_bytes += pending.bytes();
        self.pending.push_back(pending);
        if self.open {
            self.show(self.last);
        }
        record
    }

    /// What is to be stored next.
    pub(super) fn batch(&self) -> Batch {
        let mut bytes = 0;
        let fits = |pending: &&Pending| {
            let fits = bytes < BATCH_BYTES;
            bytes += pending.bytes();
            fits
        };
        let records = self.pending.iter().take_while(fits);
        let records: Vec<Record> = records.map(|pending| pending.record.clone()).collect();
        let end = (self.ended && records.len() == self.pending.len()).then(|| {
            let mut glance = self.glance.clone();
            let entries = self.pending.iter().filter_map(|p| p.entry.as_ref());
            entries.for_each(|entry| glance.add(entry));
            glance.end()
        });
        Batch { records, end }
    }

    /// So many of the pending records are stored: they become the end of the tail.
    pub(super) fn stored(&mut self, records: usize) {
        self.failing = false;
        self.failure = None;
        for _ in 0..records {
            let Some(first) = self.pending.front() else {
                break;
            };
            self.show(first.record.sequence);
            let Some(first) = self.pending.pop_front() else {
                break;
            };
            self.pending_bytes -= first.bytes();
            self.tail_bytes += first.bytes();
            self.tail.push_back(first.record);
        }
        while self.tail_bytes > TAIL_BYTES
            && self.tail.len() > 1
            && let Some(oldest) = self.tail.pop_front()
        {
            self.tail_bytes -= oldest.bytes.len() + OVERHEAD;
        }
        self.open &= !self.pending.is_empty();
    }

    /// Readers may see everything from now on.
    pub(super) fn open(&mut self) {
        if self.open {
            return;
        }
        self.open = true;
        if let Some(last) = self.pending.back_mut() {
            let before = last.bytes();
            if let Some(entry) = &mut last.entry {
                warn_of(entry, true, 0);
                last.record = convert::record(entry);
            }
            self.pending_bytes += last.bytes() - before;
        }
        self.show(self.last);
    }

    /// What there is to read after a sequence number.
    pub(super) fn look(&self, after: u64) -> Look {
        if after >= self.visible {
            return match &self.failure {
                _ if self.is_over() => Look::Over { last: self.last },
                Some(why) => Look::Failed(why.clone()),
                None => Look::Wait,
            };
        }
        let pending = self.pending.iter().map(|pending| &pending.record);
        let mut records = self.tail.iter().chain(pending).peekable();
        let first = records.peek().map_or(u64::MAX, |record| record.sequence);
        if after + 1 < first {
            return Look::InStore {
                visible: self.visible,
            };
        }
        let mut bytes = 0;
        let seen = usize::try_from(after + 1 - first).unwrap_or(usize::MAX);
        let page = records.skip(seen).take_while(|record| {
            let fits = bytes < READ_BYTES && record.sequence <= self.visible;
            bytes += record.bytes.len();
            fits
        });
        Look::Records(page.cloned().collect())
    }

    /// Readers may see everything up to a sequence number.
    fn show(&mut self, sequence: u64) {
        let first = self.pending.front().map_or(0, |p| p.record.sequence);
        let seen = usize::try_from((self.visible + 1).saturating_sub(first));
        for pending in self.pending.iter_mut().skip(seen.unwrap_or(usize::MAX)) {
            if pending.record.sequence > sequence {
                break;
            }
            match pending.entry.take() {
                Some(entry) => self.glance.add(&entry),
                None => self.glance.pass(pending.record.sequence),
            }
        }
        self.visible = self.visible.max(sequence);
    }
}

/// Adds what went wrong in keeping the run to its decision, if the entry holds it.
fn warn_of(entry: &mut v1::JournalEntry, unstored: bool, lost_bytes: u64) {
    let Some(WireFact::RunFinished(finished)) = &mut entry.entry else {
        return;
    };
    let Some(decision) = &mut finished.decision else {
        return;
    };
    if unstored {
        decision.warnings.push(UNSTORED.to_owned());
    }
    if lost_bytes > 0 {
        decision.warnings.push(format!(
            "{lost_bytes} bytes of output are not in the journal: hookd's store failed for longer than there was memory for them"
        ));
    }
}
