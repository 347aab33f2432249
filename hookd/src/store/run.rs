//! A run as a store is given it, and as it gives it back.

use std::time::Duration;

use bytes::Bytes;
use hook_core::condition::Condition;
use jiff::Timestamp;
use uuid::Uuid;

use super::StoreError;

/// A run to be added.
#[derive(Clone, Debug)]
pub struct NewRun {
    /// Its id, of version 7 and made as the run is admitted, so that ids sort by the time
    /// at which their runs were admitted.
    pub id: Uuid,
    /// By what a repeated request for it is known.
    pub request: Option<RequestKey>,
    /// What it is about.
    pub about: About,
    /// When it was admitted.
    pub started_at: Timestamp,
    /// The first record of its journal.
    pub first: Record,
    /// The run at a glance as it begins.
    pub glance: Bytes,
}

/// A request by which a run may be asked for again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequestKey {
    /// Its id.
    pub id: Uuid,
    /// A digest of the event as it was asked for: the same id with another event is refused.
    pub event: [u8; 32],
}

/// What a run can be found by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct About {
    /// What the agent reported.
    pub condition: Condition,
    /// The repository's id, or nothing.
    pub repo: String,
    /// The plan's id, or nothing.
    pub plan: String,
    /// The operation's id, or nothing.
    pub operation: String,
}

/// What came of an admission.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Admitted {
    /// The run was added.
    New,
    /// The same request asked for this run before, with the same event.
    Same(Uuid),
    /// The request's id was used with another event.
    Other,
}

/// One entry of a journal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// 1, 2, 3 … without holes.
    pub sequence: u64,
    /// The entry, encoded.
    pub bytes: Bytes,
}

/// What a run came to.
#[derive(Clone, Debug)]
pub struct End {
    /// How it ended.
    pub state: Ended,
    /// When.
    pub at: Timestamp,
    /// The run at a glance.
    pub glance: Bytes,
    /// What its hooks came to, one for each that ran or was skipped.
    pub hooks: Vec<HookEnd>,
}

/// How a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    /// With a decision, by its number on the wire.
    Decided(i32),
    /// Not at all: the daemon died before.
    Interrupted,
}

/// What a hook of a run came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HookEnd {
    /// The hook's name.
    pub hook: String,
    /// When it started, or was skipped.
    pub at: Timestamp,
    /// How long it ran.
    pub elapsed: Duration,
    /// What it came to.
    pub result: HookResult,
    /// Its outcome, encoded; empty if it was skipped.
    pub outcome: Bytes,
}

/// What a hook of a run came to, for counting.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HookResult {
    /// It succeeded.
    Succeeded,
    /// It succeeded, and somebody should look.
    Warned,
    /// It failed, and that was ignored.
    Ignored,
    /// It failed, and that decided something.
    Failed,
    /// It did not run, or was cut off together with the daemon: it has no result.
    Skipped,
}

/// A run that is kept.
#[derive(Clone, Debug)]
pub struct Kept {
    /// Its id.
    pub id: Uuid,
    /// How it ended; nothing while it is under way.
    pub ended: Option<Ended>,
    /// The run at a glance; of one that is under way, as it began.
    pub glance: Bytes,
    /// The last sequence number on record.
    pub last_sequence: u64,
}

/// What the end of a hook takes besides its bytes, for the accounting of retention.
const HOOK_OVERHEAD: usize = 40;

/// How many bytes these records take.
pub(super) fn bytes_of(records: &[Record]) -> usize {
    records.iter().map(|record| record.bytes.len()).sum()
}

impl NewRun {
    /// What a run takes besides its bytes, for the accounting of retention.
    pub(super) const OVERHEAD: usize = 400;

    /// How many bytes it takes, for the accounting of retention.
    pub(super) fn bytes(&self) -> usize {
        NewRun::OVERHEAD + self.first.bytes.len()
    }
}

impl End {
    /// How many bytes it adds to its run.
    pub(super) fn bytes(&self) -> usize {
        self.glance.len() + self.bytes_of_hooks()
    }

    /// How many of them are those of its hooks.
    pub(super) fn bytes_of_hooks(&self) -> usize {
        let hooks = self.hooks.iter();
        hooks.map(|hook| HOOK_OVERHEAD + hook.outcome.len()).sum()
    }
}

/// Which of these records a journal that ends with `last` lacks. Records that it has may
/// be given again, after an answer that did not arrive.
///
/// # Errors
/// If there would be a hole.
pub(super) fn lacking(last: u64, records: &[Record]) -> Result<&[Record], StoreError> {
    let known = records.iter().take_while(|r| r.sequence <= last).count();
    let lacking = &records[known..];
    for (expected, record) in (last + 1..).zip(lacking) {
        if record.sequence != expected {
            return Err(StoreError::failed(format!(
                "record {} cannot follow record {}",
                record.sequence,
                expected - 1
            )));
        }
    }
    Ok(lacking)
}
