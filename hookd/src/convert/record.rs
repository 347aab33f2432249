//! Between entries on the wire and the records that a store keeps: a journal is kept as
//! clients see it, so that whatever the contract can still read, a store can, too.

use crate::settings::OnInterrupted;
use hook_core::event::Event;
use hookd_proto::v1;
use hookd_proto::v1::journal_entry::Entry;
use jiff::Timestamp;
use prost::Message as _;
use sha2::{Digest as _, Sha256};

use super::{duration, event_to_wire, timestamp};
use crate::limits::RETRY_DELAY;
use crate::store::Record;

/// The record of an entry.
#[must_use]
pub fn record(entry: &v1::JournalEntry) -> Record {
    Record {
        sequence: entry.sequence,
        bytes: entry.encode_to_vec().into(),
    }
}

/// The entry of a record. Of one that cannot be read, nothing but its place is left.
#[must_use]
pub fn recorded(record: &Record) -> v1::JournalEntry {
    v1::JournalEntry::decode(record.bytes.clone()).unwrap_or_else(|_| v1::JournalEntry {
        sequence: record.sequence,
        ..v1::JournalEntry::default()
    })
}

/// The last entry of a run that the death of the daemon cut off.
#[must_use]
pub fn interrupted(sequence: u64, advice: OnInterrupted) -> v1::JournalEntry {
    let (advice, retry_after, then) = match advice {
        OnInterrupted::Fail => (
            v1::DecisionKind::Fail,
            None,
            "count the operation as failed",
        ),
        OnInterrupted::Retry => {
            let then = "try the operation again, as a new request";
            (v1::DecisionKind::Retry, Some(duration(RETRY_DELAY)), then)
        }
    };
    let reason = format!("hookd died before the run ended, and has ended what it left: {then}");
    v1::JournalEntry {
        sequence,
        time: Some(timestamp(Timestamp::now())),
        entry: Some(Entry::RunInterrupted(v1::RunInterrupted {
            advice: advice.into(),
            reason,
            retry_after,
        })),
    }
}

/// A digest of an event as it was asked for: of two requests with the same id, it tells
/// whether they ask for the same.
#[must_use]
pub fn digest(event: &Event, timed: bool) -> [u8; 32] {
    let mut wire = event_to_wire(event);
    if !timed {
        wire.time = None;
    }
    // The one part whose encoding has no order of its own.
    let mut error = serde_json::Value::Null;
    if let (Some(wire), Some(stats)) = (&mut wire.snapshot_stats, &event.snapshot_stats) {
        wire.error = None;
        error = stats.error.clone();
        error.sort_all_objects();
    }
    let mut digest = Sha256::new();
    digest.update(wire.encode_length_delimited_to_vec());
    digest.update(error.to_string());
    digest.finalize().into()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::convert::event_from_wire;

    fn event(error: &str) -> Event {
        let wire = v1::Event {
            condition: v1::Condition::SnapshotSuccess.into(),
            labels: BTreeMap::from([("a".to_owned(), "b".to_owned())]),
            snapshot_stats: Some(v1::SnapshotStats::default()),
            ..v1::Event::default()
        };
        let mut event = event_from_wire(Some(wire)).expect("valid").event;
        if let Some(stats) = event
            .snapshot_stats
            .as_mut()
            .and_then(std::sync::Arc::get_mut)
        {
            stats.error = serde_json::from_str(error).expect("JSON");
        }
        event
    }

    #[test]
    fn a_digest_tells_events_apart_and_nothing_else() {
        let one = event(r#"{"a": 1, "b": {"c": 2, "d": 3}}"#);
        let same = event(r#"{"b": {"d": 3, "c": 2}, "a": 1}"#);
        let other = event(r#"{"a": 1, "b": {"c": 2, "d": 4}}"#);
        assert_eq!(digest(&one, false), digest(&same, false), "not the time");
        assert_ne!(digest(&one, false), digest(&other, false));
        let mut later = one.clone();
        later.time += std::time::Duration::from_secs(1);
        assert_ne!(
            digest(&one, true),
            digest(&later, true),
            "the time, if given"
        );
    }
}
