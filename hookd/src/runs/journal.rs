//! The journal of one run, in memory: appended by its run, read by anybody at their
//! own pace.

use std::sync::{Mutex, PoisonError};

use hook_core::run::journal::{Decision, Entry, Fact};
use tokio::sync::watch;

/// A journal that grows until its run has finished.
///
/// Readers take copies from behind a lock that is never held across an await, so that
/// no reader, however slow, is ever in the way of a script.
#[derive(Debug)]
pub struct Journal {
    entries: Mutex<Entries>,
    /// The last sequence number, for readers to wait on.
    last: watch::Sender<u64>,
}

#[derive(Debug, Default)]
struct Entries {
    list: Vec<Entry>,
    bytes: usize,
    decision: Option<Decision>,
}

/// What a reader found.
#[derive(Debug)]
pub struct Page {
    /// The entries after the asked one, in order.
    pub entries: Vec<Entry>,
    /// Whether the journal ends with them.
    pub complete: bool,
}

/// How many entries a reader takes at once.
const PAGE: usize = 64;
/// What an entry takes besides its output, for the accounting of memory.
const ENTRY_OVERHEAD: usize = 160;

impl Default for Journal {
    fn default() -> Self {
        Journal {
            entries: Mutex::default(),
            last: watch::Sender::new(0),
        }
    }
}

impl Journal {
    /// Writes down that this happened now.
    pub fn append(&self, fact: Fact) {
        let sequence = {
            let mut entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
            if let Fact::RunFinished { decision } = &fact {
                entries.decision = Some(decision.clone());
            }
            entries.bytes += ENTRY_OVERHEAD + payload(&fact);
            let sequence = entries.list.len() as u64 + 1;
            entries.list.push(Entry {
                sequence,
                time: jiff::Timestamp::now(),
                fact,
            });
            sequence
        };
        self.last.send_replace(sequence);
    }

    /// The next entries after a sequence number, as many as are there, up to a page.
    #[must_use]
    pub fn read(&self, after: u64) -> Page {
        let entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        let from = usize::try_from(after)
            .unwrap_or(usize::MAX)
            .min(entries.list.len());
        let to = (from + PAGE).min(entries.list.len());
        Page {
            entries: entries.list[from..to].to_vec(),
            complete: entries.decision.is_some() && to == entries.list.len(),
        }
    }

    /// Looks at all entries so far.
    pub fn inspect<T>(&self, look: impl FnOnce(&[Entry]) -> T) -> T {
        look(
            &self
                .entries
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .list,
        )
    }

    /// A receiver that changes whenever an entry is appended.
    #[must_use]
    pub fn changes(&self) -> watch::Receiver<u64> {
        self.last.subscribe()
    }

    /// What the run came to, if it has finished.
    #[must_use]
    pub fn decision(&self) -> Option<Decision> {
        self.entries
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .decision
            .clone()
    }

    /// About how much memory it takes, in bytes.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.entries
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .bytes
    }
}

fn payload(fact: &Fact) -> usize {
    match fact {
        Fact::HookOutput { data, .. } => data.len(),
        Fact::HookStarted { script, .. } => script.len(),
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use hook_core::run::journal::Stream;
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn readers_see_every_entry_once_in_order_wherever_they_begin(
            count in 0usize..300, after in 0u64..320
        ) {
            let journal = Journal::default();
            for offset in 0..count as u64 {
                let data = Bytes::from_static(b"x");
                journal.append(Fact::HookOutput { index: 0, stream: Stream::Stdout, offset, data });
            }
            let mut seen = Vec::new();
            let mut position = after;
            loop {
                let page = journal.read(position);
                let Some(last) = page.entries.last() else { break };
                position = last.sequence;
                seen.extend(page.entries.iter().map(|entry| entry.sequence));
            }
            let expected: Vec<u64> = (after + 1..=count as u64).collect();
            prop_assert_eq!(seen, expected);
        }
    }
}
