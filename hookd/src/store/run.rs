//! Types of runs that the store accepts and returns.

use std::time::Duration;

use bytes::Bytes;
use hook_core::condition::Condition;
use jiff::Timestamp;
use uuid::Uuid;

use super::StoreError;

/// A run to be added.
#[derive(Clone, Debug)]
pub struct NewRun {
    /// A UUID of version 7 made at admission, so that ids sort by the time of admission.
    pub id: Uuid,
    /// Identifies repetitions of the request; `None` if the agent gave no request id.
    pub request: Option<RequestKey>,
    /// The ids and the condition by which the run is found.
    pub subject: RunSubject,
    /// The time of admission.
    pub started_at: Timestamp,
    /// The first record of the journal.
    pub first: Record,
}

/// Identifies a request that an agent may repeat.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequestKey {
    /// The request's id.
    pub id: Uuid,
    /// A digest of the event, to refuse the same id with another event.
    pub event: [u8; 32],
}

/// The subject of an event. Ids are empty if the event has none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RunSubject {
    /// The condition that the agent reported.
    pub condition: Condition,
    /// The repository's id.
    pub repo: String,
    /// The plan's id.
    pub plan: String,
    /// The operation's id.
    pub operation: String,
}

/// The store's answer to an admission.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Admitted {
    /// No run has this request; an admission has added one.
    New,
    /// The same request, with the same event, began this run before.
    Same(Uuid),
    /// The request's id was used with another event.
    Other,
}

/// One entry of a journal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// The sequence number: 1, 2, 3 … without gaps.
    pub sequence: u64,
    /// The encoded entry.
    pub bytes: Bytes,
}

/// The end of a run.
#[derive(Clone, Debug)]
pub struct RunEnd {
    /// Decided or interrupted.
    pub by: EndedBy,
    /// The time of the end.
    pub at: Timestamp,
    /// The encoded summary of the whole run.
    pub summary: Bytes,
    /// One for each hook that ran or was skipped.
    pub hooks: Vec<HookEnd>,
}

/// The end of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EndedBy {
    /// With a decision, given as its number on the wire.
    Decision(i32),
    /// The daemon died before the run's end.
    Interruption,
}

/// The end of a hook within a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HookEnd {
    /// The hook's name.
    pub hook: String,
    /// The time at which it started or was skipped.
    pub at: Timestamp,
    /// The duration of the hook run.
    pub elapsed: Duration,
    /// The result for statistics.
    pub result: HookResult,
    /// The encoded outcome; empty if the hook was skipped.
    pub outcome: Bytes,
}

/// The result of a hook, as statistics count it. Its number is stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(i64)]
pub enum HookResult {
    /// The hook succeeded.
    Succeeded,
    /// The hook succeeded with a warning.
    Warned,
    /// The hook failed, and the failure was ignored.
    Ignored,
    /// The hook failed, which had an effect on its run.
    Failed,
    /// The hook did not run, or the daemon died while it ran.
    Skipped,
}

/// A stored run.
#[derive(Clone, Debug)]
pub struct StoredRun {
    /// The run's id.
    pub id: Uuid,
    /// `None` while the run is under way.
    pub ended: Option<EndedBy>,
    /// The encoded summary; for a run under way, its first record.
    pub summary: Bytes,
    /// The sequence number of the last stored record.
    pub last_sequence: u64,
}

/// Returns the length of all records together.
pub(super) fn bytes_of(records: &[Record]) -> usize {
    records.iter().map(|record| record.bytes.len()).sum()
}

impl NewRun {
    /// Bytes accounted to a run besides its content.
    pub(super) const OVERHEAD: usize = 400;
}

impl HookEnd {
    /// Bytes accounted to a hook's end besides its outcome.
    pub(super) const OVERHEAD: usize = 40;
}

/// Returns the records that a journal ending with `last` lacks. The caller may pass records again
/// if the answer to an earlier call was lost.
/// Fails if the records would leave a gap.
pub(super) fn missing(last: u64, records: &[Record]) -> Result<&[Record], StoreError> {
    let known = records.iter().take_while(|r| r.sequence <= last).count();
    let missing = &records[known..];
    for (expected, record) in (last + 1..).zip(missing) {
        if record.sequence != expected {
            return Err(StoreError::Failed(format!(
                "record {} cannot follow record {}",
                record.sequence,
                expected - 1
            )));
        }
    }
    Ok(missing)
}
