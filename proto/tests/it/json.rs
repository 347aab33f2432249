//! Messages of a later version in JSON: enum values without a name are numbers.

use hookd_proto::v1::journal_entry::Entry;
use hookd_proto::v1::{Condition, Decision, Event, JournalEntry, RunFinished, RunStarted, outcome};
use serde_json::json;

#[test]
fn values_without_a_name_are_numbers() {
    let entry = |entry| JournalEntry {
        sequence: 1,
        entry: Some(entry),
        ..JournalEntry::default()
    };
    let started = entry(Entry::RunStarted(RunStarted {
        event: Some(Event {
            condition: 400,
            trigger: 77,
            ..Event::default()
        }),
        conditions: vec![Condition::SnapshotStart.into(), 400, -1],
        ..RunStarted::default()
    }));
    assert_eq!(
        serde_json::to_value(started).unwrap(),
        json!({"sequence": "1", "runStarted": {
            "event": {"condition": 400, "trigger": 77},
            "conditions": ["CONDITION_SNAPSHOT_START", 400, -1],
        }})
    );
    let finished = entry(Entry::RunFinished(RunFinished {
        decision: Some(Decision {
            kind: 99,
            ..Decision::default()
        }),
    }));
    assert_eq!(
        serde_json::to_value(finished).unwrap(),
        json!({"sequence": "1", "runFinished": {"decision": {"kind": 99}}})
    );
    let ended = outcome::TimedOut { limit: 9 };
    assert_eq!(serde_json::to_value(ended).unwrap(), json!({"limit": 9}));
}
