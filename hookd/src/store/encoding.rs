//! Encoding of values in columns.

use std::time::Duration;

use bytes::Bytes;
use jiff::Timestamp;
use rusqlite::types::Value;
use uuid::Uuid;

use super::{EndedBy, HookResult, Record, StoreError};

/// The column `ended` of a run under way, and of an interrupted run. Decisions are positive.
pub(super) const UNFINISHED: i64 = -1;
pub(super) const INTERRUPTED: i64 = -2;
/// The low bits of a journal's key, which hold the sequence number.
pub(super) const SEQUENCE_BITS: u32 = 24;

/// Returns the column `ended` of a run that has ended.
pub(super) fn ended(by: EndedBy) -> i64 {
    match by {
        EndedBy::Decision(decision) => decision.into(),
        EndedBy::Interruption => INTERRUPTED,
    }
}

/// Reads the column `ended`.
pub(super) fn ended_by(ended: i64) -> Option<EndedBy> {
    match (ended, i32::try_from(ended)) {
        (UNFINISHED, _) => None,
        (INTERRUPTED, _) | (_, Err(_)) => Some(EndedBy::Interruption),
        (_, Ok(decision)) => Some(EndedBy::Decision(decision)),
    }
}

/// The results in the order of their numbers.
const RESULTS: [HookResult; 5] = [
    HookResult::Succeeded,
    HookResult::Warned,
    HookResult::Ignored,
    HookResult::Failed,
    HookResult::Skipped,
];

/// Reads the column `result` of a hook's end.
pub(super) fn result(number: i64) -> HookResult {
    let result = usize::try_from(number).ok().and_then(|n| RESULTS.get(n));
    result.copied().unwrap_or(HookResult::Skipped)
}

/// Returns the id of an operation as its column has it: null if empty.
pub(super) fn operation(id: &str) -> Value {
    match Uuid::try_parse(id) {
        _ if id.is_empty() => Value::Null,
        // A UUID in another spelling stays text, so that it is found by its spelling.
        Ok(uuid) if uuid.to_string() == id => Value::Blob(uuid.as_bytes().to_vec()),
        _ => Value::Text(id.to_owned()),
    }
}

/// Returns ids as a list in SQL or JSON.
pub(super) fn list(ids: &[i64]) -> String {
    let ids: Vec<_> = ids.iter().map(i64::to_string).collect();
    ids.join(",")
}

/// Reads a time in microseconds.
pub(super) fn time(micros: i64) -> Timestamp {
    Timestamp::from_microsecond(micros).unwrap_or(Timestamp::UNIX_EPOCH)
}

/// Returns a duration in microseconds.
pub(super) fn micros(duration: Duration) -> i64 {
    i64::try_from(duration.as_micros()).unwrap_or(i64::MAX)
}

/// Returns the key of a journal's row whose first record has this sequence number; `None`
/// if a run cannot have as many records.
pub(super) fn journal_key(n: i64, sequence: u64) -> Option<i64> {
    let sequence = i64::try_from(sequence).ok()?;
    (sequence < 1 << SEQUENCE_BITS && n < 1 << (63 - SEQUENCE_BITS))
        .then_some((n << SEQUENCE_BITS) | sequence)
}

/// Returns the first and the last key that rows of a run's journal can have.
pub(super) fn journal_keys(n: i64) -> (i64, i64) {
    let first = n << SEQUENCE_BITS;
    (first, first | ((1 << SEQUENCE_BITS) - 1))
}

/// Returns the sequence number of the first record in a row of a journal.
pub(super) fn first_sequence(key: i64) -> u64 {
    (key & ((1 << SEQUENCE_BITS) - 1)).unsigned_abs()
}

/// Writes records one after another, each after its length. Packed records can be
/// concatenated.
pub(super) fn pack(records: &[Record]) -> Vec<u8> {
    let bytes: usize = records.iter().map(|record| record.bytes.len() + 4).sum();
    let mut packed = Vec::with_capacity(bytes);
    for record in records {
        // Cannot fail: the buffer grows.
        let _ = prost::encode_length_delimiter(record.bytes.len(), &mut packed);
        packed.extend_from_slice(&record.bytes);
    }
    packed
}

/// Reads packed records; the first has this sequence number.
/// Fails if they were not written by [`pack`].
pub(super) fn unpack(first: u64, packed: Vec<u8>) -> Result<Vec<Record>, StoreError> {
    let mut rest = Bytes::from(packed);
    let mut records = Vec::new();
    for sequence in first.. {
        if rest.is_empty() {
            break;
        }
        let bytes = prost::decode_length_delimiter(&mut rest)
            .ok()
            .filter(|length| *length <= rest.len())
            .map(|length| rest.split_to(length))
            .ok_or_else(|| StoreError::Damaged("a row of a journal ends within a record".into()))?;
        records.push(Record { sequence, bytes });
    }
    Ok(records)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn packed_records_can_be_concatenated(
            texts in prop::collection::vec(".{0,200}", 0..20), cut in 0usize..20
        ) {
            let records: Vec<_> = (1..)
                .zip(&texts)
                .map(|(sequence, text)| Record { sequence, bytes: Bytes::from(text.clone()) })
                .collect();
            let (left, right) = records.split_at(cut.min(records.len()));
            let mut packed = pack(left);
            packed.extend(pack(right));
            prop_assert_eq!(unpack(1, packed).unwrap(), records);
        }

        #[test]
        fn no_row_makes_unpacking_panic(row in prop::collection::vec(any::<u8>(), 0..100)) {
            let _ = unpack(1, row);
        }
    }

    #[test]
    fn numbers_are_read_as_they_were_written() {
        for by in [
            EndedBy::Decision(0),
            EndedBy::Decision(4),
            EndedBy::Interruption,
        ] {
            assert_eq!(ended_by(ended(by)), Some(by));
        }
        assert_eq!(ended_by(UNFINISHED), None);
        for known in RESULTS {
            assert_eq!(result(known as i64), known);
        }
    }
}
